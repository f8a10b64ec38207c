"""Pages of an estate with more of everything than a page should hold: what is shown is bounded, and the rest is a link away."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from asking import ask, words
from dash import Dash
from wrote import Wrote

from dashboard.app import create
from dashboard.data import Data
from dashboard.pages import platforms, purchase, runway
from dashboard.texts import Language, Texts
from forecasting.runway import Runway, Wall
from inventory.checking import load
from inventory.metrics import labels
from inventory.state import open_state

ESTATE = """timezone: Europe/Paris
language: en
credentials: {c: {snmp: v2c, community: file:/etc/hostname}}
defaults: {credential: c}
targets: [{name: eai-01, address: 127.0.0.1}, {name: db-01, address: 127.0.0.1}]
"""
CHANNELS = 130


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    folder: Path = tmp_path_factory.mktemp("long")
    (folder / "estate.yml").write_text(ESTATE)
    wrote = Wrote(folder)
    for number in range(CHANNELS):
        wrote.last("eai-01", "jauge_hl7_queue_depth", labels(channel=f"channel {number:03d}"), number)
    wrote.last("db-01", "jauge_database_connections", (), 4)
    wrote.writer.close()
    data = Data(load(folder / "estate.yml"), folder)
    data.clock = lambda: wrote.now
    return create(data, open_state(folder / "state.db"), demo=True)


def page(app: Dash, search: str = "") -> str:
    return re.sub(r"\s+", " ", words(ask(app, "/platforms", search)))


def test_platforms_show_the_worst_of_each_kind_and_one_kind_in_full(app: Dash) -> None:
    shown = page(app)
    assert len(re.findall(r"channel \d{3}", shown)) == platforms.SHOWN
    assert "Show all" in shown
    assert "connections" in shown
    found: list[str] = []
    for number in ("1", "2", "3"):
        part = page(app, f"?kind=messages&page={number}")
        found += re.findall(r"channel \d{3}", part)
        assert "connections" not in part
        assert "All platforms" in part
    assert sorted(found) == [f"channel {number:03d}" for number in range(CHANNELS)]
    assert "connections" in page(app, "?kind=nonsense")


def wall(place: int, severity: str) -> Wall:
    """A wall of a store, with no more than a list needs."""
    day = dt.date(2027, 1, 1) + dt.timedelta(days=place)
    given = {
        "what": f"store {place}", "target": "array", "quantity": "storage", "cause": "full", "severity": severity,
        "central": day, "early": day, "late": day,
    }  # fmt: skip
    fields = {one.name: given.get(one.name) for one in dataclasses.fields(Wall)}
    return Wall(**{**fields, "facts": {}})  # type: ignore[arg-type]  # what is not looked at is None


def test_the_line_of_the_runway_shows_what_is_to_come_before_what_is_reached() -> None:
    reached, ahead = (
        [wall(place, "over") for place in range(1, 41)],
        [wall(place, "soon") for place in range(41, 51)],
    )
    drawn = runway._drawn(list(enumerate((*reached, *ahead), 1)))
    assert [place for place, _ in drawn] == [*range(1, 16), *range(41, 51)]
    assert [place for place, _ in runway._drawn(list(enumerate(reached, 1)))] == [*range(1, 26)]


def test_a_runway_of_hundreds_is_left_to_those_of_one_state_with_the_numbers_that_they_have_among_all(
    tmp_path: Path,
) -> None:
    (tmp_path / "estate.yml").write_text(ESTATE)
    data = Data(load(tmp_path / "estate.yml"), tmp_path)
    walls = [
        wall(place, "over" if place <= 100 else "late" if place % 2 else "later") for place in range(1, 161)
    ]
    data.runway = lambda: Runway(dt.date(2026, 12, 1), tuple(walls), ())  # type: ignore[method-assign]
    app = create(data, open_state(tmp_path / "state.db"), demo=True)

    def shown(search: str) -> str:
        return re.sub(r"\s+", " ", words(ask(app, "/runway", search)))

    everything, late = shown(""), shown("?state=late")
    for choice in ("all (160)", "reached (100)", "order overdue (30)", "later (30)"):
        assert choice in everything
        assert choice in late
    assert "within 6 months" not in everything
    assert "25 of 160 are drawn" in everything
    assert re.findall(r"store (\d+)\b", late[late.index("Walls, worst first") :]) == [
        str(place) for place in range(101, 151, 2)
    ]
    assert "1 to 25 of 30" in late
    assert "25 of 30 are drawn" in late
    assert "No wall is in that state." in shown("?state=possible")
    assert shown("?state=nonsense") == everything


@pytest.mark.parametrize(("language", "more"), [("en", "and 4460 more"), ("fr", "et 4460 de plus")])
def test_what_was_assumed_of_thousands_names_a_dozen_and_counts_the_others(
    language: Language, more: str
) -> None:
    t = Texts(language, ZoneInfo("Europe/Paris"))
    said = purchase._some([f"vol {place}" for place in range(4472)], t)
    assert re.sub(r"[\s,]", "", said.rpartition("vol 11")[2]) == more.replace(" ", "")
    assert said.startswith("vol 0, vol 1, ")
    assert purchase._some(["a", "b"], t) == "a, b"
