"""What an archive may delete, by year: worked out by hand from the text of article R. 1112-7."""

from __future__ import annotations

import datetime as dt
import math
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outlining import outlook

from exporters.history import Point
from exporters.history.sqlite import Reader, Writer
from forecasting import retention
from forecasting.retention import CASES, Archive, deletable, effect, ledger, released
from inventory.estate import Estate
from inventory.metrics import labels
from inventory.retention import Retention

TB = 1e12


def rule(**shares: object) -> Retention:
    return Retention.model_validate({"returned": 0, **shares})


def test_twenty_years_after_a_year_its_last_day_is_over_on_the_first_of_january_after_the_twentieth() -> None:
    """Stays of 2006 end between January 1 and December 31; twenty years after the last one is 2026-12-31."""
    frame = deletable(
        Archive("pacs", {2006: 3 * TB, 2005: 2 * TB, 1999: 1 * TB, 2007: 5 * TB}), rule(), 2026, 4
    )
    assert frame["year"].tolist() == [2026, 2027, 2028, 2029]
    # 2026: 1999 and 2005; 2027: 2006; 2028: 2007.
    assert frame["likely"].tolist() == [3 * TB, 3 * TB, 5 * TB, 0]
    assert frame["total_likely"].tolist() == [3 * TB, 6 * TB, 11 * TB, 11 * TB]


def test_those_who_came_again_are_never_counted() -> None:
    shares = {"low": "20 %", "likely": "30 %", "high": "40 %"}
    frame = deletable(Archive("pacs", {2000: 10 * TB}), rule(returned=shares), 2026, 1)
    assert [frame[case].iloc[0] for case in CASES] == pytest.approx([6 * TB, 7 * TB, 8 * TB])


def test_the_youngest_wait_for_their_birthday_one_to_eight_years_more() -> None:
    """Of 8 TB a tenth is of children below eight: those of seven turn 28 a year after the twenty years, newborns eight."""
    frame = deletable(Archive("pacs", {2006: 8 * TB}), rule(minors="10 %"), 2027, 9)
    likely = [7.2, *[0.1] * 8]
    assert frame["likely"].tolist() == pytest.approx([x * TB for x in likely])
    assert frame["total_low"].tolist() == pytest.approx([7.2 * TB] * 8 + [8 * TB])
    assert frame["total_high"].tolist() == pytest.approx([7.2 * TB] + [8 * TB] * 8)


def test_the_dead_are_released_ten_years_after_their_death() -> None:
    """Of 10 TB of 2010 two fifths are of patients who died within ten years: a tenth of them each year from 2021 on."""
    frame = deletable(Archive("pacs", {2010: 10 * TB}), rule(deaths="40 %"), 2021, 11)
    assert frame["likely"].tolist() == pytest.approx([0.4 * TB] * 10 + [6 * TB])
    assert frame["high"].tolist() == pytest.approx([4 * TB] + [0] * 9 + [6 * TB])
    assert frame["low"].tolist() == pytest.approx([0] * 10 + [10 * TB])


def test_without_the_share_of_those_who_came_again_only_the_most_that_may_go_is_known() -> None:
    archive = Archive("pacs", {2000: 10 * TB})
    found = ledger(archive, Retention(), dt.date(2026, 6, 1), 1)
    row = found.frame.iloc[0]
    assert (row["low"], row["high"]) == (0, 10 * TB)
    assert math.isnan(row["likely"])
    assert found.undeclared == ("returned", "minors", "deaths")


def test_a_modality_that_is_kept_longer_is_taken_to_be_the_same_share_of_every_year() -> None:
    """A quarter of the archive is mammography, which is kept for thirty years: 2.5 of the 10 TB of 2000 until 2031."""
    archive = Archive("pacs", {2000: 10 * TB}, {"MG": 5 * TB, "CT": 15 * TB})
    found = ledger(archive, rule(modalities={"MG": 30}), dt.date(2026, 6, 1), 6)
    assert found.crossed
    assert found.frame["likely"].tolist() == pytest.approx([7.5 * TB, 0, 0, 0, 0, 2.5 * TB])
    assert not ledger(archive, rule(modalities={"XA": 30}), dt.date(2026, 6, 1), 1).crossed


shares = st.floats(0, 1).flatmap(lambda a: st.floats(0, 1).flatmap(lambda b: st.floats(0, 1).map(
    lambda c: dict(zip(("low", "likely", "high"), sorted((a, b, c)), strict=True)))))  # fmt: skip


@given(
    st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), shares, shares, shares, st.integers(-5, 100)
)
def test_what_may_go_never_falls_with_time_and_low_likely_and_high_are_in_order(
    years: int, until: int, death: int, returned: dict[str, float], minors: dict[str, float], deaths: dict[str, float], age: int
) -> None:  # fmt: skip
    own = rule(
        years=years, minors_until=until, after_death=death, returned=returned, minors=minors, deaths=deaths
    )
    now = [released(own, age, case) for case in CASES]
    then = [released(own, age + 1, case) for case in CASES]
    assert 0 <= now[0] <= now[1] + 1e-12 <= now[2] + 2e-12 <= 1 + 3e-12
    assert all(after >= before - 1e-12 for before, after in zip(now, then, strict=True))


def test_a_purge_moves_the_wall_of_the_store_that_the_archive_fills() -> None:
    """90 of 100 TB on 2027-01-15 and 0.1 more a day: full after 100 days, on 2027-04-25. With 5 TB gone at once 50 days
    later, on 2027-06-14; the 20 TB of 2028 come too late for that."""
    today = dt.date(2027, 1, 15)
    store = outlook("pacs", "/srv", today, 90 * TB, 100 * TB, 0.1 * TB, kind="filesystem")
    small = outlook("pacs", "/", today, 1 * TB, 2 * TB, 0)
    archive = Archive("pacs", {2006: 5 * TB, 2007: 20 * TB})
    assert retention.store_of([small, store], "pacs", rule()) is store
    assert retention.store_of([small, store], "pacs", rule(store="/")) is small
    assert store.path is not None
    found = effect(deletable(archive, rule(returned=0), 2027), store, store.path, today)
    assert found is not None
    assert found.without == dt.date(2027, 4, 25)
    assert found.dates["likely"] == dt.date(2027, 6, 14)
    unknown = effect(deletable(archive, Retention(), 2027), store, store.path, today)
    assert unknown is not None
    assert "likely" not in unknown.dates
    assert unknown.dates["low"] == found.without


def test_a_targets_rule_stands_before_the_estates() -> None:
    estate = Estate.model_validate(
        {"retention": {"years": 30}, "targets": [{"name": "a", "retention": {"years": 5}}, {"name": "b"}]}
    )
    found = [retention.rule_of(estate, estate.target(name)) for name in ("a", "b", "c")]
    assert [one.years for one in found if one] == [5, 30, 30]
    assert retention.rule_of(Estate(), None) is None


def test_archives_are_read_from_the_history_with_what_has_no_date_apart(tmp_path: Path) -> None:
    now = time.time()
    writer = Writer(tmp_path / "history.db", "Europe/Paris")
    by_year, by_modality = retention.BY_YEAR, retention.BY_MODALITY
    writer.append([
        Point("pacs", by_year, labels(year="2004"), now - 60, 3e12),
        Point("pacs", by_year, labels(year="unknown"), now - 60, 1e9),
        Point("pacs", by_modality, labels(modality="CT"), now - 60, 2e12),
        Point("other", by_modality, labels(modality="CT"), now - 60, 2e12),
    ])  # fmt: skip
    writer.close()
    assert retention.read(Reader(tmp_path / "history.db"), now) == [
        Archive("pacs", {2004: 3e12}, {"CT": 2e12}, 1e9)
    ]
