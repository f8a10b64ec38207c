from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import pandas as pd
import plotly.graph_objects as go
import pytest

from dashboard import theme
from dashboard.data import Data
from dashboard.figures import accuracy, ages, renewal, storage, walls
from dashboard.figures.storage import Told
from dashboard.texts import Language, Texts
from exporters.plan.outlooks import Event
from forecasting.runway import Wall

TODAY = dt.date(2026, 3, 10)
DAYS = pd.date_range("2026-03-01", "2026-03-10")
HISTORY = pd.DataFrame({"ds": DAYS, "y": [1e12 * (10 + i) for i in range(10)]})
SIZE = pd.DataFrame({"ds": DAYS, "y": [30e12] * 10})
AHEAD = pd.DataFrame({
    "ds": pd.date_range("2026-03-11", periods=5), "mean": [20e12, 21e12, 22e12, 23e12, 24e12],
    "lo80": [19e12] * 5, "hi80": [25e12] * 5, "lo95": [18e12] * 5, "hi95": [26e12] * 5,
})  # fmt: skip


WALLS = (
    Wall("a", "nas-01", "storage", "full", "late", dt.date(2026, 4, 1), dt.date(2026, 5, 1), dt.date(2026, 6, 1)),
    Wall("b", "nas-02", "storage", "full", "possible", dt.date(2026, 7, 1), None, None),
)  # fmt: skip


def _texts(language: Language = "en") -> Texts:
    return Texts(language, ZoneInfo("Europe/Paris"))


def _by_name(figure: dict) -> dict:
    return {trace["name"]: trace for trace in figure["data"]}


def test_growth_draws_what_the_frames_hold_in_one_unit() -> None:
    figure = storage.growth(
        HISTORY, AHEAD, SIZE, 0.9, Told([Event(dt.date(2026, 3, 5), -4e12)]), TODAY, _texts()
    )
    traces = _by_name(figure)
    assert (traces["used"]["x"][0], traces["used"]["y"][0], traces["used"]["y"][-1]) == ("2026-03-01", 10, 19)
    assert (traces["forecast (central)"]["x"][0], traces["forecast (central)"]["y"][-1]) == ("2026-03-11", 24)
    assert traces["8 chances in 10"]["y"] == [25] * 5
    assert traces["8 chances in 10"]["fill"] == "tonexty"
    assert traces["usable size"]["x"][-1] == "2026-03-15"
    assert traces["ceiling"]["y"][-1] == 27
    assert traces["jump of the level"]["marker"]["symbol"] == ["triangle-down"]
    assert figure["layout"]["yaxis"]["title"]["text"] == "used, TB"
    assert figure["layout"]["shapes"][0]["x0"] == "2026-03-10"


def test_growth_without_outlook_or_size_draws_the_history_alone() -> None:
    nothing = AHEAD.iloc[:0]
    figure = storage.growth(HISTORY, nothing, SIZE.iloc[:0], 1.0, Told(), TODAY, _texts("fr"))
    assert [trace["name"] for trace in figure["data"]] == ["occupé"]
    assert figure["layout"]["yaxis"]["title"]["text"] == "occupé, To"


def test_the_pyramid_tells_old_from_young_without_colour() -> None:
    figure = ages.pyramid(pd.DataFrame({"age": [0, 4, 5], "count": [3, 2, 7]}), _texts())
    bars = figure["data"][0]
    assert (bars["y"], bars["x"]) == ([0, 4, 5], [3, 2, 7])
    assert bars["marker"]["pattern"]["shape"] == ["", "", "/"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_figures_are_what_plotly_takes_and_json_carries(language: Language) -> None:
    t = _texts(language)
    for figure in (
        storage.growth(HISTORY, AHEAD, SIZE, 0.9, Told([Event(dt.date(2026, 3, 5), 4e12)]), TODAY, t),
        ages.pyramid(pd.DataFrame({"age": [0], "count": [3]}), t),
        walls.line(WALLS, ["1", "2"], TODAY, t),
    ):
        drawn = go.Figure(figure)
        assert [trace.type for trace in drawn.data] == [trace["type"] for trace in figure["data"]]
        assert json.loads(json.dumps(figure, allow_nan=False)) == figure


def test_the_runway_draws_each_wall_from_early_to_late_and_leaves_open_what_has_no_end() -> None:
    figure = walls.line(WALLS, ["1", "2"], TODAY, _texts())
    first, second, marks = figure["data"]
    assert (first["x"], first["y"]) == (["2026-04-01", "2026-06-01"], ["1", "1"])
    assert (second["x"], second["line"]["dash"]) == (["2026-07-01", "2026-07-01"], "dot")
    assert (marks["x"], marks["y"]) == (["2026-05-01"], ["1"])
    assert figure["layout"]["yaxis"]["categoryarray"] == ["2", "1"]  # Plotly draws from below


def test_no_text_of_a_device_enters_a_figure(data: Data) -> None:
    for store in data.stores():
        found = data.store(store.unique_id)
        assert found is not None
        figure = storage.growth(
            found.history, found.path, found.capacity, store.ceiling, Told(store.events), data.today, _texts()
        )
        assert "<" not in json.dumps(figure)


def test_growth_marks_what_happened_and_what_was_decided_each_with_its_shape_and_word() -> None:
    told = Told(
        jumps=[Event(dt.date(2026, 3, 5), 4e12), Event(dt.date(2020, 1, 1), 4e12)],
        extended=[Event(dt.date(2026, 3, 4), 2e12)],
        ordered=[Event(dt.date(2026, 3, 14), 5e12), Event(dt.date(2027, 1, 1), 5e12)],
        decided=[dt.date(2020, 1, 1), dt.date(2026, 3, 2)],
        versions=[dt.date(2026, 3, 6), dt.date(2026, 3, 3), dt.date(2020, 1, 1)],
        changed=[dt.date(2026, 3, 12), dt.date(2031, 1, 1)],
    )
    figure = storage.growth(HISTORY, AHEAD, SIZE, 0.9, told, TODAY, _texts("fr"))
    marks = {
        trace["name"]: (trace["x"], trace["y"], trace["text"], trace["marker"]["symbol"])
        for trace in figure["data"]
        if trace["mode"] == "markers"
    }
    assert {name: (x, y, symbol) for name, (x, y, _, symbol) in marks.items()} == {
        "variation brusque": (["2026-03-05"], [14], ["triangle-up"]),
        "changement de taille": (["2026-03-04"], [30], ["square"]),
        "extension attendue": (["2026-03-14"], [30], ["square-open"]),
        "autre version": (["2026-03-06", "2026-03-03"], [0, 0], ["diamond", "diamond"]),
        "décision": (["2026-03-02"], [0], ["star"]),
        "début d'un changement": (["2026-03-12"], [0], ["pentagon"]),
    }
    assert marks["extension attendue"][2] == ["+5,00\u00a0To"]
    assert marks["décision"][2] == ["2"]  # the second of the list below the chart


WEEKS = pd.DataFrame({"week": DAYS[:2], "planned": [1.0, 2.0], "deployed": [1.0, None]})


def test_every_chart_that_looks_ahead_has_the_line_of_today_and_a_legend_that_covers_nothing() -> None:
    drawn = (
        storage.growth(HISTORY, AHEAD, SIZE, 0.9, Told(), TODAY, _texts("fr")),
        walls.line(WALLS, ["1", "2"], TODAY, _texts("fr")),
        renewal.rollout(WEEKS, TODAY, _texts("fr")),
    )
    for figure in drawn:
        layout = go.Figure(figure).layout
        assert [(one.x0, one.x1) for one in layout.shapes] == [("2026-03-10", "2026-03-10")]
        assert [(one.x, one.text) for one in layout.annotations] == [("2026-03-10", "aujourd'hui")]
        assert (layout.legend.yanchor, layout.legend.y > 1) == ("bottom", True)
        assert layout.separators[0] == ","


def _luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_what_charts_draw_stands_out_on_a_light_and_on_a_dark_ground() -> None:
    """At 3:1 at least (WCAG 2.2, 1.4.11), on the panels of `assets/jauge.css`."""
    for colour in (
        theme.BLUE, theme.SKY, theme.GREEN, theme.ORANGE, theme.VERMILION, theme.PURPLE, theme.GREY
    ):  # fmt: skip
        for ground in ("#ffffff", "#1f2225"):
            light, dark = sorted((_luminance(colour), _luminance(ground)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 3, (colour, ground)


def test_horizons_are_told_apart_without_colour() -> None:
    looks = list(accuracy._LINES.values())
    assert len({symbol for _, symbol, _ in looks}) == len({dash for *_, dash in looks}) == len(looks)
