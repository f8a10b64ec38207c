"""How much there is to plan with: sizes that flap, steps of a size, node loss, copies, reserves and ceilings."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.capacity import Piece, Rule, Rules, Sized, Step, Told, plannable, steady, told
from forecasting.quantities import NODE_RAW, QUANTITIES, Days, Planned
from inventory.checking import load
from inventory.metrics import labels

TB = 1e12
STORAGE = next(one for one in QUANTITIES if one.name == "storage")
RAW = next(one for one in QUANTITIES if one.name == "raw_storage")
CLUSTER_MEMORY = next(one for one in QUANTITIES if one.name == "memory" and one.across)
CLUSTER_PROCESSORS = next(one for one in QUANTITIES if one.name == "processors" and one.across)


def sizes(*values, first=0):
    return Days(first + np.arange(len(values)), np.array(values, dtype=float))


def planned(quantity=STORAGE, target="hci-01", store="p0", kind="pool", **more):
    pairs = labels(store=store, kind=kind)
    return Planned("id", target, quantity.used, pairs, quantity, ("id",), ("size",), 0.0, **more)


def rules_of(tmp_path, text):
    file = tmp_path / "estate.yml"
    file.write_text(f"credentials: {{c: {{snmp: v2c, community: file:/etc/hostname}}}}\n{text}")
    return Rules.of(load(file))


# --- sizes as they are told ---------------------------------------------------------------------------


def test_a_size_of_zero_for_a_day_is_no_wall():
    assert steady(sizes(60, 60, 60, 60, 0, 60, 60)) == Sized(60, ())
    assert steady(sizes(60, 60, 60, 60, 60, 0)) == Sized(60, ())


def test_a_size_that_is_nonsense_for_two_days_is_no_wall():
    assert steady(sizes(60, 60, 60, 60, 60, 6, 6)) == Sized(60, ())
    assert steady(sizes(60, 60, 60, 6, 6, 60, 60, 60)) == Sized(60, ())


def test_a_size_that_flaps_between_two_values_stays_what_it_was():
    assert steady(sizes(60, 60, 60, *[40, 60] * 20)) == Sized(60, ())
    assert steady(sizes(60, 60, 60, *[40, 60] * 20, 40)) == Sized(60, ())


def test_an_extension_is_a_step_of_the_first_day_on_which_it_stood():
    assert steady(sizes(60, 60, 60, 60, 80, 80, 80, first=100)) == Sized(80, (Step(104, 20),))


def test_a_size_is_believed_on_its_third_day():
    assert steady(sizes(60, 60, 60, 80, 80)).value == 60
    assert steady(sizes(60, 60, 60, 80, 80, 80)).value == 80


def test_a_shrinking_is_a_step_down():
    assert steady(sizes(60, 60, 60, 50, 50, 50, 50)) == Sized(50, (Step(3, -10),))


def test_nonsense_on_the_first_days_is_no_step():
    assert steady(sizes(6, 60, 60, 60, 60)) == Sized(60, ())
    assert steady(sizes(80, 60, 60, *[60] * 400, 60)) == Sized(60, ())


def test_a_size_that_never_stands_still_is_the_middle_of_its_last_days():
    values = [100 + 7 * (day % 5) + day for day in range(60)]
    found = steady(sizes(*values))
    assert 140 <= found.value <= 200
    assert found.steps == ()


def test_a_size_that_creeps_is_followed_without_events():
    values = 100 * 1.0005 ** np.arange(200)
    found = steady(sizes(*values))
    assert found.value == pytest.approx(values[-1])
    assert found.steps == ()


def test_nobody_tells_a_size_that_is_always_zero():
    assert steady(sizes(0, 0, 0)) is None


@given(
    st.floats(1, 1e15),
    st.lists(
        st.tuples(st.integers(6, 300), st.floats(0, 1e16)), max_size=8, unique_by=lambda pair: pair[0] // 6
    ),
)
def test_no_lone_day_moves_a_size(level, faults):
    values = np.full(310, level)
    for day, value in faults:
        values[day] = value
    assert steady(sizes(*values)) == Sized(level, ())


@given(st.floats(1, 1e12), st.floats(1.05, 10), st.integers(10, 190), st.booleans())
def test_a_step_scales_with_its_unit_and_is_found_on_its_day(level, factor, day, up):
    after = level * factor if up else level / factor
    values = np.where(np.arange(200) < day, level, after)
    (step,) = steady(sizes(*values)).steps
    assert step.day == day
    assert step.size == pytest.approx(after - level)
    (scaled,) = steady(sizes(*(values * 8))).steps
    assert scaled == Step(day, 8 * step.size)


# --- what is left -------------------------------------------------------------------------------------


def test_the_pieces_lead_from_the_size_to_what_may_be_filled():
    """230 TB on four nodes: 172.5 without one, 163.875 beside a reserve of 5 %, 131.1 under a ceiling of 80 %."""
    found = plannable(planned(), Told(Sized(230 * TB, ())), Rule(nodes=4, reserve=0.05, ceiling=0.8))
    assert [piece.rule for piece in found.pieces] == ["size", "node", "reserve", "ceiling"]
    assert [piece.value / TB for piece in found.pieces] == pytest.approx([230, 172.5, 163.875, 131.1])
    assert found.limit == found.pieces[-1].value
    assert found.ceiling == pytest.approx(0.8)


def test_what_the_cluster_says_is_left_counts_before_what_is_declared():
    found = plannable(planned(), Told(Sized(100, ()), without_node=60), Rule(nodes=4))
    assert found.pieces == (Piece("size", 100), Piece("node", 60))


def test_node_loss_is_planned_with_where_it_is_told_unless_refused():
    held = Told(Sized(100, ()), without_node=60)
    assert plannable(planned(), held, Rule()).limit == 60
    assert plannable(planned(), held, Rule(node_loss=False)).limit == 100


def test_a_node_loss_that_is_asked_for_and_that_nobody_tells_leaves_the_size_unknown():
    assert math.isnan(plannable(planned(), Told(Sized(100, ())), Rule(node_loss=True)).limit)


def test_the_largest_node_is_the_one_that_fails():
    """Nodes of 40, 30 and 30 raw: 60 % is left."""
    found = plannable(planned(), Told(Sized(50, ()), parts=(30, 40, 30)), Rule())
    assert found.limit == pytest.approx(30)


def test_copies_divide_a_raw_size_where_nobody_tells_the_usable_one():
    found = plannable(planned(), Told(raw=Sized(300, ()), copies=3), Rule())
    assert found.pieces == (Piece("raw", 300), Piece("copies", 100))
    assert plannable(planned(), Told(raw=Sized(300, ())), Rule(copies=2)).limit == 150
    assert plannable(planned(), Told(raw=Sized(300, ())), Rule()).pieces == ()


def test_the_reserve_for_repairs_is_in_raw_bytes_and_gives_way_to_node_loss():
    """20 raw of 200 raw are 10 usable of 100."""
    held = Told(Sized(100, ()), raw=Sized(200, ()), repair=20)
    assert plannable(planned(), held, Rule()).limit == pytest.approx(90)
    assert plannable(planned(), held._replace(without_node=75), Rule()).limit == pytest.approx(75)
    assert plannable(planned(), Told(Sized(100, ()), copies=2, repair=20), Rule()).limit == pytest.approx(90)
    assert plannable(planned(), Told(Sized(100, ()), repair=20), Rule()).limit == 100


def test_raw_bytes_are_planned_as_such():
    found = plannable(planned(RAW), Told(raw=Sized(200, ()), repair=20), Rule(ceiling=0.5))
    assert [piece.rule for piece in found.pieces] == ["raw", "repair", "ceiling"]
    assert found.limit == pytest.approx(90)


def test_a_cluster_without_its_largest_node_has_the_memory_of_the_others():
    one = planned(CLUSTER_MEMORY)._replace(sizes=("a", "b", "c"))
    days = {"a": sizes(64, 64, 64), "b": sizes(64, 64, 64), "c": sizes(128, 128, 128)}
    assert plannable(one, told(one, days, 2), Rule()).limit == pytest.approx(128)


def test_a_cluster_of_four_loses_a_quarter_of_its_processors():
    one = planned(CLUSTER_PROCESSORS)._replace(used=("a", "b", "c", "d"), sizes=())
    assert plannable(one, told(one, {}, 0), Rule()).limit == pytest.approx(0.75)


def test_the_size_of_a_cluster_is_unknown_while_one_node_does_not_tell_its_own():
    one = planned(CLUSTER_MEMORY)._replace(sizes=("a", "b"))
    assert told(one, {"a": sizes(64, 64)}, 1) == Told()


def test_a_size_that_nobody_has_told_for_a_month_is_unknown():
    one = planned()
    assert told(one, {"size": sizes(60, 60, 60)}, 2 + 30).size == Sized(60, ())
    assert told(one, {"size": sizes(60, 60, 60)}, 2 + 31).size is None


def test_raw_sizes_of_nodes_are_heard_beside_a_pool():
    one = planned(beside=((NODE_RAW, ("n1", "n2")),))
    days = {"size": sizes(100, 100, 100), "n1": sizes(50, 50, 50), "n2": sizes(150, 150, 150)}
    assert plannable(one, told(one, days, 2), Rule()).limit == pytest.approx(25)


@given(st.floats(1, 1e15), st.integers(2, 50), st.floats(0.01, 0.9), st.floats(0.1, 1), st.floats(1.5, 4))
def test_no_rule_ever_adds_to_a_size(size, nodes, reserve, ceiling, copies):
    rule = Rule(nodes=nodes, copies=copies, reserve=reserve, ceiling=ceiling)
    values = [piece.value for piece in plannable(planned(), Told(Sized(size, ())), rule).pieces]
    assert values == sorted(values, reverse=True)
    assert values[-1] == pytest.approx(size / copies * (nodes - 1) / nodes * (1 - reserve) * ceiling)


# --- what is declared ---------------------------------------------------------------------------------


def test_the_nearest_word_about_a_ceiling_counts(tmp_path):
    rules = rules_of(
        tmp_path,
        """
defaults: {credential: c, ceiling: 0.95}
capacity: {ceilings: {pool: 80 %, memory: 85 %}}
targets:
  - {name: plain, address: 127.0.0.1}
  - {name: own, address: 127.0.0.1, ceiling: 0.7}
  - name: parts
    address: 127.0.0.1
    capacity: {ceiling: 0.6, stores: {"scratch*": {ceiling: 0.99}}}
""",
    )

    def ceiling(target, **more):
        return rules.rule(planned(target=target, **more)).ceiling

    assert ceiling("plain") == 0.8
    assert ceiling("plain", kind="volume") == 0.95
    assert ceiling("own") == 0.7
    assert ceiling("parts") == 0.6
    assert ceiling("parts", store="scratch-2") == 0.99
    assert ceiling("plain", quantity=CLUSTER_MEMORY) == 0.85
    assert ceiling("own", quantity=CLUSTER_PROCESSORS) is None


def test_what_a_target_says_of_nodes_holds_for_its_pools_alone(tmp_path):
    rules = rules_of(
        tmp_path,
        """
targets:
  - name: hci-01
    address: 127.0.0.1
    credential: c
    capacity: {node_loss: true, nodes: 4, stores: {"own": {nodes: 3}}}
""",
    )
    assert rules.rule(planned()) == Rule(node_loss=True, nodes=4)
    assert rules.rule(planned(kind="volume")) == Rule()
    assert rules.rule(planned(kind="volume", store="own")).nodes == 3


def test_a_mistyped_kind_is_refused_with_its_place(tmp_path):
    with pytest.raises(Exception, match="no kind of store"):
        rules_of(tmp_path, "capacity: {ceilings: {poool: 0.8}}\ntargets: []\n")


def test_the_lead_time_is_that_of_the_target(tmp_path):
    rules = rules_of(
        tmp_path,
        "targets: [{name: a, address: 127.0.0.1, credential: c, lead_time: 12w}, {name: b, address: 127.0.0.1, credential: c}]\n",
    )
    assert rules.lead("a") == 84 * 86400
    assert rules.lead("b") is None
    assert rules.lead("nobody") is None
