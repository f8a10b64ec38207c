"""What is said of how long machines last: from how many failures, since when, and whose the curves are."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from dashboard.figures import lives as figures
from dashboard.sentences import lives
from dashboard.texts import Language, Texts
from forecasting.renewal import knowledge

LEARNT = {
    "known": "learnt", "few": True, "failures": 3, "machines": 1204, "years": 3102.44, "since": "2025-02-01", "until": "2026-11-26",
    "models": {"own": 1, "maker": 4, "all": 0},
}  # fmt: skip
MODEL = {
    "failures": 3, "few": True, "watched": 120, "machine_years": 240.0, "own": 0.4, "rests_on": "maker", "watched_from_age": 2.5,
    "watched_until_age": 4.5, "watched_from_new": False,
    "curve": [{"age": 3.0, "share": 0.9, "low": 0.8, "high": 0.95}, {"age": 4.0, "share": None, "low": None, "high": None}],
    "fitted": [{"age": 2.5, "share": 1.0, "low": 1.0, "high": 1.0}, {"age": 8.0, "share": 0.55, "low": 0.32, "high": 0.8}],
}  # fmt: skip


def _texts(language: Language) -> Texts:
    return Texts(language, ZoneInfo("Europe/Paris"))


def _said(found: Any) -> str:
    return " ".join(found).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("language", "parts"),
    [
        ("en", ("of 1 Feb 2025 to 26 Nov 2026: 3 failures of 1,204 machines (3,102.4 machine-years watched).", "So few failures",
                "For 1 model the curve is mostly its own.", "For 4 models the curve is mostly that of their maker.")),
        ("fr", ("du 1er févr. 2025 au 26 nov. 2026 : 3 pannes sur 1 204 postes (3 102,4 années-postes de suivi).", "Si peu de pannes",
                "Pour 1 modèle, la courbe est surtout la sienne.", "Pour 4 modèles, la courbe est surtout celle de leur fabricant.")),
    ],
)  # fmt: skip
def test_what_was_learnt_is_said_with_its_failures_and_since_when(
    language: Language, parts: tuple[str, ...]
) -> None:
    said = _said(lives.learnt(LEARNT, _texts(language)))
    for part in parts:
        assert part in said
    assert "all makers" not in said
    many = _said(lives.learnt({**LEARNT, "failures": 200, "few": False}, _texts(language)))
    assert parts[1] not in many


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_was_not_watched_is_told_apart_from_what_was(language: Language) -> None:
    """The curve goes to 8 years, and the oldest machine that was watched was 4.5 years old."""
    t = _texts(language)
    age = {"en": "older than 4.5 years", "fr": "au-delà de 4,5 ans"}[language]
    assert age in _said(lives.model(MODEL, t))
    assert age not in _said(lives.model({**MODEL, "watched_until_age": 8.0}, t))


@pytest.mark.parametrize(("last", "is_told"), [(2028, False), (2029, True), (2034, True)])
def test_years_further_ahead_than_what_was_watched_are_said_to_be_surer_than_they_are(
    last: int, is_told: bool
) -> None:
    """Watched for 731 days up to the end of 2026, and as long again is the end of 2028."""
    found = {**LEARNT, "since": "2024-12-30", "until": "2026-12-31"}
    said = _said([lives.ahead(found, last, _texts("en"))])
    assert ("731 days" in said and "too narrow" in said) is is_told
    assert lives.ahead({**found, "known": "assumed"}, last, _texts("en")) == ""


def test_no_failure_is_said_to_be_none_and_not_few() -> None:
    said = _said(lives.learnt({**LEARNT, "failures": 0}, _texts("en")))
    assert "0 failures of 1,204 machines" in said
    assert "No failure was told" in said
    assert "So few" not in said


@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_is_assumed_is_said_as_it_is_counted_with(language: Language) -> None:
    (said,) = lives.learnt({"known": "assumed"}, _texts(language))
    nobody = np.array([""], dtype=object)
    for age in (1.0, 5.0):
        chance = float(knowledge.assumed(nobody, nobody, np.array([age]), np.array([age + 1]))[0])
        assert f"{100 * chance:.0f} " in said


def test_a_model_of_few_failures_is_said_to_lean_and_from_which_age_it_was_seen() -> None:
    said = _said(lives.model(MODEL, _texts("en")))
    assert said == (
        "3 failures of 120 machines that were watched (240.0 machine-years). The curve is mostly that of its maker: these failures weigh "
        "40%. So few failures tell little: see how wide the bands are. Shares are of the machines that were 2.5 years old: nobody saw "
        "younger ones. None was watched that was older than 4.5 years: from there on the curve goes by its shape, and its band knows of no "
        "wear that begins later."
    )
    unwatched = {**MODEL, "failures": None, "few": False, "watched_from_age": None, "watched_until_age": None}
    assert "No machine of this model was watched." in _said(lives.model(unwatched, _texts("en")))


def test_reasons_for_leaving_lives_out_are_said_in_one_sentence() -> None:
    found = {"left_out": {"untold": 12, "undated": 0, "brief": 3}}
    assert lives.left_out(found, _texts("en")) == (
        "Left out: 12 of which no import could say that they failed; 3 seen on one day only."
    )
    assert lives.left_out({"left_out": {"undated": 0}}, _texts("en")) == ""


def test_the_figure_draws_steps_until_they_tell_and_the_band_around_the_curve() -> None:
    drawn = figures.curve(MODEL, _texts("en"))
    traces = {trace["name"]: trace for trace in drawn["data"]}
    seen = traces["seen (Kaplan-Meier)"]
    assert (seen["x"], seen["y"], seen["line"]["shape"]) == ([2.5, 3.0], [100.0, 90.0], "hv")
    fitted = traces["counted with: mostly its maker's"]
    assert (fitted["y"], fitted["line"]["dash"]) == ([100.0, 55.0], "dot")
    assert (traces["low"]["y"], traces["8 chances in 10"]["y"]) == ([100.0, 32.0], [100.0, 80.0])
    assert drawn["layout"]["xaxis"]["range"] == [2, 8.0]
    assert drawn["layout"]["yaxis"]["range"] == [30, 101]
    assert drawn["layout"]["shapes"][0]["x0"] == 4.5
    whole = {**MODEL, "curve": MODEL["curve"][:1], "rests_on": "own"}
    traces = {trace["name"]: trace for trace in figures.curve(whole, _texts("en"))["data"]}
    assert traces["seen (Kaplan-Meier)"]["x"] == [2.5, 3.0, 4.5], (
        "it lives on as it was until nobody is watched"
    )
    alone = {**MODEL, "curve": [], "watched_from_age": None, "watched_until_age": None}
    assert "seen (Kaplan-Meier)" not in {
        trace["name"] for trace in figures.curve(alone, _texts("en"))["data"]
    }
