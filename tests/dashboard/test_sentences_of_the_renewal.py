"""What the renewal plan says of itself is what it holds, in both languages."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dashboard.sentences import renewal
from dashboard.texts import LANGUAGES, Texts
from dashboard.words import WORDS
from forecasting.deploying import Followed
from forecasting.renewal.explaining import Late, Pushed, Why
from forecasting.rollouts import Progress
from inventory.rollouts import Rollout
from jauge.verbs import fleet as verb

PARIS = ZoneInfo("Europe/Paris")
TEXTS = {language: Texts(language, PARIS) for language in LANGUAGES}


def _wave(**given: Any) -> dict[str, Any]:
    return {
        "why": "deadline", "pushed": "", "wanted": "2027-01-01", "deadline": None, "quarter": "2027-04-01", "again": False,
        "fails": 0.1234, "waiting": 87.4, "saved": 120.6, **given,
    }  # fmt: skip


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", get_args(Why))
@pytest.mark.parametrize("pushed", get_args(Pushed))
def test_each_reason_has_its_sentence(language: Any, why: str, pushed: str) -> None:
    said = renewal.why(_wave(why=why, pushed=pushed, deadline="2027-10-12"), "EUR", TEXTS[language])
    assert said
    assert "{" not in said


def test_each_reason_of_being_late_has_its_words() -> None:
    assert all(f"renewal.late.{one}" in WORDS for one in get_args(Late))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "A year more of waiting would cost €87 for each in failures and support, and save €121."),
        (
            "fr",
            "Une année d'attente de plus coûterait 87 € par poste en pannes et en support, et en épargnerait 121 €.",
        ),
    ],
)
def test_that_waiting_is_dearer_is_told_with_both_amounts(language: Any, expected: str) -> None:
    assert _plain(renewal.why(_wave(why="cost"), "EUR", TEXTS[language])) == expected


@pytest.mark.parametrize(("language", "share"), [("en", "12.3%"), ("fr", "12,3 %")])
def test_a_risk_is_told_as_the_share_that_would_fail(language: Any, share: str) -> None:
    assert share in _plain(renewal.why(_wave(why="risk"), "EUR", TEXTS[language]))


@pytest.mark.parametrize(
    ("quarter", "deadline", "late"),
    [
        ("2027-07-01", "2027-10-12", False),  # over on 30 September
        ("2027-07-01", "2027-09-30", False),
        ("2027-07-01", "2027-09-29", True),
        ("2027-10-01", "2027-12-31", False),
        ("2027-10-01", "2027-12-30", True),
        ("2027-10-01", None, False),
    ],
)
def test_machines_that_may_stay_to_the_last_day_of_a_quarter_are_late_after_their_deadline(
    quarter: str, deadline: str | None, late: bool
) -> None:
    assert renewal.late(_wave(quarter=quarter, deadline=deadline)) is late


@pytest.mark.parametrize(
    ("language", "kept", "missed"),
    [
        ("en", "They must be gone by 12th", "they stay past it"),
        ("fr", "Ils doivent être partis le", "ils la dépassent"),
    ],
)
def test_a_deadline_that_is_missed_is_not_told_as_kept(language: Any, kept: str, missed: str) -> None:
    t = TEXTS[language]
    in_time = renewal.why(_wave(quarter="2027-07-01", deadline="2027-10-12"), "EUR", t)
    after = renewal.why(_wave(quarter="2027-10-01", deadline="2027-10-12"), "EUR", t)
    assert kept.removesuffix(" 12th") in in_time
    assert t.day(dt.date(2027, 10, 12)) in in_time
    assert missed in after
    assert missed not in in_time


@pytest.mark.parametrize(("language", "wanted"), [("en", "Q1 2027"), ("fr", "T1 2027")])
@pytest.mark.parametrize("pushed", ["cap", "hands", "evenness"])
def test_what_was_moved_names_the_quarter_that_was_best_for_it_alone(
    language: Any, wanted: str, pushed: str
) -> None:
    assert wanted in _plain(renewal.why(_wave(pushed=pushed), "EUR", TEXTS[language]))


def test_what_fifty_thousand_buy_is_counted_between_the_plan_and_the_next_step() -> None:
    """From 200,000 to 300,000 there are two lumps: 30 machines fewer are 15 for each, 25 machine-months fewer are 12.5, 5
    failures fewer are 2.5."""
    points = [
        {"share": 0.0, "budget": 200_000.0, "late": 100, "lateness": 400.0, "failures": 50.0, "lump": None},
        {
            "share": 0.5,
            "budget": 300_000.0,
            "late": 70,
            "lateness": 375.0,
            "failures": 45.0,
            "lump": 12_345.6,
        },
    ]
    said = renewal.lump(points, "EUR", TEXTS["en"])
    assert "spares 15.0 machines past a deadline, 12.5 machine-months of that and 2.5 failures" in said
    assert "€12,346" in said
    french = _plain(renewal.lump(points, "EUR", TEXTS["fr"]))
    assert "évite 15,0 postes hors échéance, 12,5 mois-postes de retard et 2,5 pannes" in french
    assert "12 346 €" in french


def test_more_money_that_leaves_more_machines_late_is_told_with_what_it_buys() -> None:
    """Three machines more but nine machine-months fewer, then the reverse; what is weighed falls by 4,000 and by 500."""
    rows = [
        (-0.1, 100, 60.0, 9_000.0),
        (0.0, 103, 51.0, 5_000.0),
        (0.1, 101, 52.0, 4_500.0),
        (0.2, 90, 40.0, 4_000.0),
    ]
    names = ("share", "late", "lateness", "worth")
    points = [
        {"budget": 1e5 * (1 + row[0]), "failures": 1.0, "lump": 1.0, **dict(zip(names, row, strict=True))}
        for row in rows
    ]
    english, french = (
        [_plain(said) for said in renewal.rises(points, "EUR", TEXTS[language])] for language in ("en", "fr")
    )
    assert [len(english), len(french)] == [2, 2]
    assert (
        "With ±0% instead of −10%, machines past a deadline change by +3 and machine-months of that by −9.0"
        in english[0]
    )
    assert "still falls by €4,000" in english[0]
    assert "de −2 et leurs mois-postes de retard de +1,0" in french[1]
    other = renewal.lump(points, "EUR", TEXTS["en"])
    assert (
        "changes machines past a deadline by −10.0, machine-months of that by +5.0 and failures by ±0.0"
        in other
    )


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "9 workstations are out of support today: 4 to be replaced for it, 3 to be upgraded alone, 2 neither.",
        ),
        (
            "fr",
            "9 postes sont hors support aujourd'hui : 4 à remplacer pour cela, 3 à mettre à niveau seulement, 2 ni l'un ni l'autre.",
        ),
    ],
)
def test_what_is_out_of_support_is_told_by_what_it_needs(language: Any, said: str) -> None:
    counts = {"replacement": 4, "upgrade": 2, "stock": 2, "update": 1}
    found = {
        "out_of_support": [{"needs": need, "machines": many, "replaced": 0} for need, many in counts.items()]
    }
    assert _plain(renewal.ended(found, TEXTS[language])) == said


@pytest.mark.parametrize(
    ("language", "less", "more"), [("en", "−€2,000", "+€2,500"), ("fr", "−2 000 €", "+2 500 €")]
)
def test_a_scenario_is_told_by_what_it_changes(language: Any, less: str, more: str) -> None:
    outline = {
        "spent": 10_000.0,
        "total": 15_000.0,
        "overdue": 4,
        "lateness": 24.0,
        "failures": 20.0,
        "currency": "EUR",
    }
    found = {
        "without": outline,
        "with": {**outline, "spent": 8_000.0, "total": 17_500.0, "overdue": 9, "lateness": 36.5},
    }
    said = _plain(renewal.beside(found, TEXTS[language]))
    assert less in said
    assert more in said
    assert "+5" in said
    assert re.search(r"\+12[.,]5", said)
    assert "±0" in said


@pytest.mark.parametrize(
    ("language", "said"), [("en", "by 22 Sept 2027"), ("fr", "le 22 sept. 2027 au plus tard")]
)
def test_what_a_project_needs_is_there_by_its_day(language: Any, said: str) -> None:
    row = _wave(why="project", deadline="2027-09-22")
    assert said in _plain(renewal.why(row, "EUR", TEXTS[language]))


@pytest.mark.parametrize(
    ("language", "of_project", "of_support"),
    [
        ("en", "22 Sept 2027, for a project", "22 Sept 2027"),
        ("fr", "22 sept. 2027, pour un projet", "22 sept. 2027"),
    ],
)
def test_the_day_of_a_project_is_told_as_one(language: Any, of_project: str, of_support: str) -> None:
    said = [
        _plain(renewal.due({"deadline": "2027-09-22", "reason": reason}, TEXTS[language]))
        for reason in ("project", "support")
    ]
    assert said == [of_project, of_support]


@pytest.mark.parametrize(
    ("language", "clock", "contract", "fill", "ask"),
    [
        (
            "en", "ended by the clock", "pc: its contract is taken to go on after 30 Jun 2027",
            "which system 1 machine runs", "no date for the system of 2 machines",
        ),
        (
            "fr", "arrêtée par l'horloge", "pc : son contrat est supposé continuer après le 30 juin 2027",
            "quel système utilise 1 poste", "pas de date pour le système de 2 postes",
        ),
    ],
)  # fmt: skip
def test_what_a_plan_takes_for_granted_names_the_clock_and_the_contracts_that_end_and_tells_apart_what_is_not_known(
    language: Any, clock: str, contract: str, fill: str, ask: str
) -> None:
    calm = {
        "survival": {"known": "assumed"}, "ages_assumed": 0, "support_unknown": [], "left_alone": [], "spares": [], "late_search": False,
        "going_on": [],
    }  # fmt: skip
    found = {**calm, "late_search": True, "going_on": [{"offer": "pc", "until": "2027-06-30"}]}
    said = _plain(" ".join(renewal.assumed(found, TEXTS[language])))
    assert clock in said
    assert contract in said
    assert len(renewal.assumed(calm, TEXTS[language])) == 1
    unsure = [
        {"name": name, "why": why} for name, why in (("a", "untold"), ("b", "unlisted"), ("c", "unlisted"))
    ]
    _, untold, unlisted = map(_plain, renewal.assumed({**calm, "support_unknown": unsure}, TEXTS[language]))
    assert fill in untold
    assert ask in unlisted


@pytest.mark.parametrize(
    ("value", "text", "said"),
    [(0.2, "0", "±0"), (-0.4, "0", "±0"), (0.0, "0.0", "±0.0"), (3.0, "3", "+3"), (-0.2, "0.2", "−0.2")],
)
def test_what_reads_as_nothing_is_neither_more_nor_less(value: float, text: str, said: str) -> None:
    assert renewal.signed(value, text) == said


@pytest.mark.parametrize(
    ("pace", "en", "fr"), [(0.4, "0.4", "0,4"), (-2.4, "0.0", "0,0"), (12.0, "12.0", "12,0")]
)
def test_the_page_tells_the_pace_of_a_roll_out_as_the_command_does(pace: float, en: str, fr: str) -> None:
    """With one decimal, and none where fewer were counted than before."""
    progress = Progress(100, 30.0, pd.DataFrame(), None, None, None, "slow", pace, None)
    rollout = Rollout.model_validate(
        {"counted": {"kind": "os", "os": "Windows 11"}, "start": "2026-01-05", "end": "2027-01-05"}
    )
    one = Followed("w11", rollout, progress, None, "")
    today = dt.date(2026, 11, 26)
    assert f" {en} " in f" {_plain(' '.join(renewal.rollout(one, today, TEXTS['en'])))} "
    assert f" {fr} " in f" {_plain(' '.join(renewal.rollout(one, today, TEXTS['fr'])))} "
    assert en in verb._rollout_row(one, today)
