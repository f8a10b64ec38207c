"""The text that Prometheus reads, checked by its own tools and by independent parsers."""

from __future__ import annotations

import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
import servers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import Metric as Family
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as read_text

from collectors.board import Standing
from collectors.poll import Poll, Series, Table
from exporters import exposition, lines
from inventory.estate import Target
from inventory.harmless import LABEL_BYTES, clean
from inventory.metrics import METRICS, Sample

NOW = 1_780_000_000.0
Found = dict[tuple[str, tuple[tuple[str, str], ...]], float]

HOSTILE = [
    "a\nb",
    'say "hi"',
    "back\\slash",
    "nul\x00byte",
    "\x1b[2J\x1b]0;owned\x07",
    "\u202egnp.exe",
    '"} 1\nfake 1',
    '\\"} 1',
    "lone \ud800 half \udfff",
    "é" * 500_000,
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "# EOF\n",
    "\r\nX: y",
    "\x85\u2028",
]


def read_openmetrics(text: str) -> list[Family]:
    return list(text_string_to_metric_families(text))  # type: ignore[no-untyped-call]  # theirs has no types


def a_target(name: str = "nas-01", **more: Any) -> Target:
    return Target.model_validate({"name": name, **more})


def a_table(
    name: str, *samples: tuple[str, dict[str, str], float], at: float = NOW - 3, **more: Any
) -> Table:
    series: tuple[Series, ...] = tuple((metric, tuple(sorted(pairs.items()))) for metric, pairs, _ in samples)
    return Table(name, at, 0.5, series, tuple(value for _, _, value in samples), rows=len(samples), **more)


def a_standing(*tables: Table, at: float = NOW - 3, **more: Any) -> Standing:
    standing = Standing(a_target(**more))
    standing.record(Poll("nas-01", at, 1.5, tables, family="netapp", product="FAS", version="9.1"))
    return standing


def used(store: str, value: float = 1.0) -> tuple[str, dict[str, str], float]:
    return ("jauge_storage_used_bytes", {"store": store, "kind": "volume"}, value)


def text_of(standing: Standing, *extra: Sample, openmetrics: bool = False, named: bool = False) -> str:
    chunks = exposition.render(standing, extra, NOW)
    return exposition.body(chunks, NOW, openmetrics, standing.target.name if named else None).decode()


def parsed(text: str, openmetrics: bool = False) -> Found:
    """Values by series, as prometheus_client reads them; fails on any series that comes twice."""
    families = list((read_openmetrics if openmetrics else read_text)(text))
    keys = [(s.name, tuple(sorted(s.labels.items()))) for family in families for s in family.samples]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    return dict(zip(keys, (s.value for family in families for s in family.samples), strict=True))


def both(standing: Standing, *extra: Sample) -> Found:
    plain = parsed(text_of(standing, *extra))
    assert str(parsed(text_of(standing, *extra, openmetrics=True), openmetrics=True)) == str(plain)
    return plain


def promtool(text: str) -> subprocess.CompletedProcess[str]:
    program = servers.program("promtool", "prometheus")
    return subprocess.run(
        [program, "check", "metrics"], input=text, capture_output=True, text=True, timeout=30, check=False
    )


def everything() -> Standing:
    """A standing in which every metric of the vocabulary that devices give occurs, with all its labels."""
    rows = [
        (row.name, dict.fromkeys(row.labels, "x"), 1.0 if row.kind == "info" else 1.5)
        for row in METRICS.values()
        if not row.name.startswith(("jauge_target_", "jauge_table_")) and row.source != "jauge plan"
    ]
    place: dict[str, Any] = {"site": "north", "role": "storage", "service": "imaging", "directorate": "IT"}
    failed = Table("broken", NOW - 3, 2.0, reason="timeout", detail="no answer")
    return a_standing(a_table("all", *rows), failed, **place)


def test_every_metric_of_the_vocabulary_leaves_in_both_formats() -> None:
    planned = [
        Sample(row.name, 1.5, tuple((name, "x") for name in sorted(row.labels)))
        for row in METRICS.values()
        if row.source == "jauge plan"
    ]
    found = both(everything(), *planned)
    assert {name for name, _ in found} == set(METRICS)


@pytest.mark.parametrize("named", [False, True])
def test_promtool_accepts_the_text(named: bool) -> None:
    done = promtool(text_of(everything(), named=named))
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_units_and_kinds_are_told_in_openmetrics() -> None:
    families = {family.name: family for family in read_openmetrics(text_of(everything(), openmetrics=True))}
    assert families["jauge_storage_used_bytes"].unit == "bytes"
    assert families["jauge_cpu_used_ratio"].unit == "ratio"
    assert families["jauge_ups_battery_celsius"].unit == "celsius"
    assert families["jauge_load1"].unit == ""
    assert (families["jauge_target"].type, families["jauge_target"].unit) == ("info", "")
    counter = families["jauge_interface_receive_bytes"]
    assert (counter.type, counter.unit) == ("counter", "bytes")
    assert [sample.name for sample in counter.samples] == ["jauge_interface_receive_bytes_total"]
    assert all(family.documentation for family in families.values())


def test_the_help_names_the_source_object() -> None:
    assert "ifHCInOctets" in next(
        text for text in text_of(everything()).splitlines() if "HELP jauge_interface_receive" in text
    )


def test_only_openmetrics_ends_with_eof() -> None:
    standing = a_standing(a_table("t", used("/")))
    assert text_of(standing, openmetrics=True).endswith("\n# EOF\n")
    assert "EOF" not in text_of(standing)


def test_a_target_that_never_answered_is_down_and_has_no_values() -> None:
    found = both(Standing(a_target(site="north")))
    assert found == {
        ("jauge_target_up", ()): 0.0,
        ("jauge_target_samples_dropped", ()): 0.0,
        ("jauge_target_info", (("site", "north"),)): 1.0,
    }


def test_what_jauge_says_of_a_target() -> None:
    failed = Table("memory", NOW - 3, 2.0, reason="auth_failed")
    found = both(a_standing(a_table("storage", used("/", 7.0), withheld=2), failed, role="pacs"))
    assert found["jauge_storage_used_bytes", (("kind", "volume"), ("store", "/"))] == 7.0
    assert found["jauge_target_up", ()] == 1.0
    assert found["jauge_target_poll_seconds", ()] == 1.5
    assert found["jauge_target_age_seconds", ()] == 3.0
    assert found["jauge_target_last_success_timestamp_seconds", ()] == NOW - 3
    assert found["jauge_target_errors_total", (("reason", "auth_failed"),)] == 1.0
    info = (("family", "netapp"), ("product", "FAS"), ("role", "pacs"), ("version", "9.1"))
    assert found["jauge_target_info", info] == 1.0
    storage, memory = (("table", "storage"),), (("table", "memory"),)
    assert (found["jauge_table_up", storage], found["jauge_table_up", memory]) == (1.0, 0.0)
    assert found["jauge_table_poll_seconds", memory] == 2.0
    assert found["jauge_table_rows_withheld", storage] == 2.0
    assert found["jauge_table_age_seconds", storage] == 0.0
    assert ("jauge_table_age_seconds", memory) not in found


def test_the_first_table_takes_precedence() -> None:
    found = both(a_standing(a_table("one", used("/", 1.0)), a_table("two", used("/", 2.0), used("/b", 3.0))))
    stores = {dict(pairs)["store"]: value for (name, pairs), value in found.items() if "storage" in name}
    assert stores == {"/": 1.0, "/b": 3.0}
    assert found["jauge_target_samples_dropped", ()] == 0.0


def test_what_is_not_in_the_vocabulary_is_dropped_and_counted() -> None:
    table = a_table(
        "t",
        used("/"),
        ("evil 1\nfake", {}, 1.0),
        ("jauge_memory_size_bytes", {"target": "other"}, 1.0),
        ("jauge_storage_used_bytes", {"store": "/", 'x="': "y"}, 1.0),
        ("jauge_target_up", {}, 0.0),
        ("jauge_interface_receive_bytes_total", {"interface": "eth0"}, math.nan),
        ("jauge_interface_receive_bytes_total", {"interface": "eth1"}, -1.0),
        ("jauge_interface_receive_bytes_total", {"interface": "eth2"}, 5.0),
    )
    found = both(a_standing(table))
    assert found["jauge_target_samples_dropped", ()] == 6.0
    assert found["jauge_target_up", ()] == 1.0
    assert found["jauge_interface_receive_bytes_total", (("interface", "eth2"),)] == 5.0
    assert not any("evil" in name or name.startswith("jauge_memory") for name, _ in found)


def test_an_empty_label_is_no_label() -> None:
    found = both(a_standing(a_table("t", ("jauge_storage_used_bytes", {"store": "/", "pool": ""}, 1.0))))
    assert ("jauge_storage_used_bytes", (("store", "/"),)) in found


def test_two_labels_that_look_alike_once_made_harmless_are_both_withheld() -> None:
    found = both(a_standing(a_table("t", used("a\u202e"), used("a\u202d"), used("b"))))
    assert [dict(pairs)["store"] for name, pairs in found if name.startswith("jauge_storage")] == ["b"]
    assert found["jauge_target_samples_dropped", ()] == 2.0


def test_two_tables_of_one_name_do_not_break_the_body() -> None:
    found = both(a_standing(a_table("t", used("/a")), a_table("t", used("/b"))))
    assert {dict(pairs)["store"] for name, pairs in found if name.startswith("jauge_storage")} == {"/a", "/b"}


def test_at_most_five_thousand_values_leave_and_always_the_same() -> None:
    rows = [used(f"/{number:05}", float(number)) for number in range(6_000)]
    forwards = both(a_standing(a_table("t", *rows)))
    backwards = both(a_standing(a_table("t", *reversed(rows))))
    stores = [dict(pairs)["store"] for name, pairs in forwards if name == "jauge_storage_used_bytes"]
    assert stores == [f"/{number:05}" for number in range(5_000)]
    assert forwards["jauge_target_samples_dropped", ()] == 1_000.0
    assert forwards == backwards


def test_values_of_two_intervals_ago_are_not_served() -> None:
    old, young = a_table("old", used("/old"), at=NOW - 121), a_table("young", used("/young"), at=NOW - 119)
    found = both(a_standing(old, young, at=NOW - 1, interval=60))
    stores = [dict(pairs)["store"] for name, pairs in found if name.startswith("jauge_storage")]
    assert stores == ["/young"]


def test_a_poll_of_two_intervals_ago_says_nothing_of_the_present() -> None:
    found = both(a_standing(a_table("t", used("/"), at=NOW - 121), at=NOW - 121, interval=60))
    assert found["jauge_target_up", ()] == 0.0
    assert found["jauge_target_age_seconds", ()] == 121.0
    assert found["jauge_target_last_success_timestamp_seconds", ()] == NOW - 121
    assert not any(name.startswith(("jauge_storage", "jauge_table")) for name, _ in found)


def test_chunks_say_until_when_they_hold() -> None:
    young = a_standing(a_table("t", used("/"), at=NOW), at=NOW, interval=60)
    assert exposition.render(young, (), NOW).until == NOW + 60
    carried = a_standing(a_table("t", used("/"), at=NOW - 100), at=NOW, interval=60)
    assert exposition.render(carried, (), NOW).until == NOW + 20


def test_ages_grow_until_they_are_served() -> None:
    standing = a_standing(a_table("t", used("/")))
    chunks = exposition.render(standing, [Sample("jauge_forecast_age_seconds", 100.0)], NOW)
    found = parsed(exposition.body(chunks, NOW + 7, openmetrics=False).decode())
    assert found["jauge_target_age_seconds", ()] == 10.0
    assert found["jauge_forecast_age_seconds", ()] == 107.0


def test_outlooks_leave_as_dates() -> None:
    pairs = (("kind", "volume"), ("probability", "0.5"), ("store", "/"), ("threshold", "0.9"))
    found = both(a_standing(), Sample("jauge_storage_full_timestamp_seconds", 1.9e9, pairs))
    assert found["jauge_storage_full_timestamp_seconds", pairs] == 1.9e9


def test_a_body_with_targets_has_the_target_on_every_line() -> None:
    lines = text_of(everything(), named=True).splitlines()
    assert all('{target="nas-01"' in each for each in lines if not each.startswith("#"))
    plain = parsed(text_of(everything()))
    named = parsed("\n".join(lines) + "\n")
    assert len(named) == len(plain)


def test_a_body_is_never_given_under_another_targets_name() -> None:
    chunks = exposition.render(a_standing(), (), NOW)
    with pytest.raises(ValueError, match="nas-01, not of pacs-01"):
        exposition.body(chunks, NOW, openmetrics=False, target="pacs-01")


@pytest.mark.parametrize("openmetrics", [False, True])
def test_the_estate_has_each_family_once(openmetrics: bool) -> None:
    estate = []
    for name in ("a", "b", "c"):
        standing = Standing(a_target(name))
        if name != "c":
            standing.record(Poll(name, NOW - 3, 1.0, (a_table("t", used("/"), ("jauge_cpus", {}, 4.0)),)))
        estate.append((name, exposition.render(standing, (), NOW)))
    text = exposition.estate_body(estate, NOW, openmetrics).decode()
    families = [each.split()[2] for each in text.splitlines() if each.startswith("# TYPE")]
    assert len(families) == len(set(families))
    found = parsed(text, openmetrics)
    assert {dict(pairs)["target"] for name, pairs in found if name == "jauge_target_up"} == {"a", "b", "c"}
    assert all("target" in dict(pairs) for _, pairs in found)
    if not openmetrics:
        assert promtool(text).returncode == 0


def test_an_empty_estate_is_an_empty_body() -> None:
    assert exposition.estate_body([], NOW, openmetrics=False) == b""
    assert read_openmetrics(exposition.estate_body([], NOW, openmetrics=True).decode()) == []


def test_heads_are_kept_while_the_series_stay_the_same() -> None:
    first = exposition.render(a_standing(a_table("t", used("/", 1.0))), (), NOW)
    again = exposition.render(a_standing(a_table("t", used("/", 2.0))), (), NOW, first)
    other = exposition.render(a_standing(a_table("t", used("/b", 2.0))), (), NOW, again)
    assert [part.layout for part in again.parts] == [part.layout for part in first.parts]
    assert again.parts[0].layout is first.parts[0].layout
    assert b'store="/"} 2.0\n' in exposition.body(again, NOW, openmetrics=False)
    assert b'store="/b"} 2.0\n' in exposition.body(other, NOW, openmetrics=False)
    assert other.parts[0].layout is not first.parts[0].layout


def test_a_failed_table_gives_way_to_the_next() -> None:
    standing = a_standing(a_table("one", used("/", 1.0)), a_table("two", used("/", 2.0)))
    first = exposition.render(standing, (), NOW)
    gone = a_standing(Table("one", NOW, 0.1, reason="timeout"), a_table("two", used("/", 2.0)))
    again = exposition.render(gone, (), NOW, first)
    assert b'store="/"} 2.0\n' in exposition.body(again, NOW, openmetrics=False)


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_label_is_harmless(hostile: str) -> None:
    assert stores_shown([hostile]) == [clean(hostile)]


def test_hostile_labels_stay_apart() -> None:
    assert stores_shown(HOSTILE) == distinct(HOSTILE)


def test_hostile_text_in_every_place_of_a_poll_is_harmless() -> None:
    for hostile in HOSTILE:
        standing = Standing(a_target())
        table = a_table(hostile, used(hostile))
        standing.record(Poll("nas-01", NOW, 1.0, (table,), family=hostile, product=hostile, version=hostile))
        text = text_of(standing)
        parsed(text)
        assert_visible(text)


def distinct(values: Iterable[str]) -> list[str]:
    """The names of which there is one only, as they may be shown: of two alike neither is."""
    return sorted(value for value, count in Counter(map(clean, values)).items() if count == 1)


def stores_shown(values: Iterable[str]) -> list[str]:
    """The stores that are shown of these; in both formats the same, and harmless whatever they are called."""
    shown = []
    standing = a_standing(a_table("t", *(used(value, float(place)) for place, value in enumerate(values))))
    for openmetrics in (False, True):
        text = text_of(standing, openmetrics=openmetrics)
        found = parsed(text, openmetrics)
        assert_visible(text)
        assert "fake" not in {name for name, _ in found}
        for name, pairs in found:
            assert name in METRICS
            assert all(len(value.encode()) <= LABEL_BYTES for _, value in pairs)
        used_by = [dict(pairs) for name, pairs in found if name == "jauge_storage_used_bytes"]
        shown.append(sorted(labels.get("store", "") for labels in used_by))
    assert shown[0] == shown[1]
    return shown[0]


def assert_visible(text: str) -> None:
    """No character that steers a terminal or a page: only lines of what can be seen."""
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", text)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.text(st.characters(), max_size=40) | st.sampled_from(HOSTILE[:9]), unique=True, max_size=8)
)
def test_any_label_gives_a_body_that_strict_parsers_accept(values: list[str]) -> None:
    assert stores_shown(values) == distinct(values)


@settings(max_examples=300, deadline=None)
@given(st.floats())
def test_every_float_reads_back_as_itself(value: float) -> None:
    found = both(a_standing(a_table("t", used("/", value))))
    read = found["jauge_storage_used_bytes", (("kind", "volume"), ("store", "/"))]
    assert (
        math.isnan(read)
        if math.isnan(value)
        else (read == value and math.copysign(1, read) == math.copysign(1, value))
    )


def test_odd_floats_are_written_as_both_formats_want_them() -> None:
    assert [lines.number(value) for value in (math.inf, -math.inf, math.nan, 2**53)] == [
        "+Inf",
        "-Inf",
        "NaN",
        "9007199254740992",
    ]


def test_long_text_is_cut_within_its_bound_and_keeps_apart() -> None:
    one, two = clean("é" * 600 + "a"), clean("é" * 600 + "b")
    assert one != two
    assert max(len(one.encode()), len(two.encode())) <= LABEL_BYTES
    assert clean("é" * 512) == "é" * 512


def test_counts_of_the_vocabulary_keep_all_their_digits() -> None:
    text = text_of(a_standing(a_table("t", used("/", 2**64 - 1), ("jauge_cpus", {}, 64))))
    assert 'store="/"} 18446744073709551615\n' in text
    assert "\njauge_cpus 64\n" in text


@pytest.mark.parametrize("odd", [10**400, -(10**400)])
def test_a_number_beyond_all_floats_is_dropped_and_counted(odd: int) -> None:
    found = both(a_standing(a_table("t", used("/a", odd), used("/b", 1), used("/c", math.inf))))
    assert found["jauge_target_samples_dropped", ()] == 1.0
    stores = {dict(pairs)["store"]: value for (name, pairs), value in found.items() if "storage" in name}
    assert stores == {"/b": 1.0, "/c": math.inf}


def test_a_counter_below_zero_is_dropped_and_counted_and_a_gauge_is_served() -> None:
    octets = "jauge_interface_receive_bytes_total"
    rows = [(octets, {"interface": "a"}, -1.0), (octets, {"interface": "b"}, 7.0)]
    found = both(a_standing(a_table("t", *rows, ("jauge_clock_skew_seconds", {}, -7200.5))))
    assert {
        key: value for key, value in found.items() if "target" not in key[0] and "table" not in key[0]
    } == {
        (octets, (("interface", "b"),)): 7.0,
        ("jauge_clock_skew_seconds", ()): -7200.5,
    }
    assert found["jauge_target_samples_dropped", ()] == 1.0


def comparable(found: Found) -> dict[Any, Any]:
    return {key: "NaN" if math.isnan(value) else value for key, value in found.items()}


NUMBERS = st.floats() | st.integers(-(2**70), 2**70) | st.booleans() | st.just(10**400)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(NUMBERS, min_size=4, max_size=4), min_size=2, max_size=4))
def test_lines_made_from_earlier_lines_are_those_made_anew(polls: list[list[float]]) -> None:
    earlier = None
    for values in polls:
        rows = [
            used("/a", values[0]),
            used("/100%s", values[1]),
            ("jauge_interface_receive_bytes_total", {"interface": "eth0"}, values[2]),
            ("jauge_cpus", {}, values[3]),
        ]
        standing = a_standing(a_table("t", *rows))
        earlier = exposition.render(standing, (), NOW, earlier)
        for target in (None, "nas-01"):
            found = parsed(exposition.body(earlier, NOW, openmetrics=False, target=target).decode())
            anew = exposition.body(
                exposition.render(standing, (), NOW), NOW, openmetrics=False, target=target
            )
            assert comparable(found) == comparable(parsed(anew.decode()))


def test_a_table_says_what_was_listed_sent_again_and_dropped() -> None:
    storage = a_table("storage", used("/"), retries=2, bad=5)
    failed = Table("memory", NOW - 3, 2.0, reason="timeout", retries=3)
    found = both(a_standing(storage, failed))
    of = {
        name: (found.get((name, (("table", "storage"),))), found.get((name, (("table", "memory"),))))
        for name in ("jauge_table_rows", "jauge_table_retries", "jauge_table_malformed")
    }
    assert of == {
        "jauge_table_rows": (1.0, None),
        "jauge_table_retries": (2.0, 3.0),
        "jauge_table_malformed": (5.0, 0.0),
    }


def test_a_hundred_thousand_interfaces_leave_five_thousand_values_the_same_ones() -> None:
    names = ("jauge_interface_receive_bytes_total", "jauge_interface_transmit_bytes_total")
    rows = [
        (name, {"interface": f"Gi{number:06}"}, float(number)) for number in range(100_000) for name in names
    ]
    bodies = [text_of(a_standing(a_table("t", *order))) for order in (rows, rows[::-1])]
    assert bodies[0] == bodies[1]
    found = parsed(bodies[0])
    kept = [dict(pairs)["interface"] for name, pairs in found if name == names[0]]
    assert kept == [f"Gi{number:06}" for number in range(5_000)]
    assert found["jauge_target_samples_dropped", ()] == 195_000.0
