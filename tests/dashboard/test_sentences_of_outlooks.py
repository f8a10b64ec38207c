"""The sentences of outlooks, read back: each number is a figure of the outlook, and each claim is one that it makes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
import random
import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.sentences.outlooks import explain
from dashboard.texts import Texts
from exporters.plan.outlooks import Event, Outlook

ENGLISH, FRENCH = (Texts(language, ZoneInfo("Europe/Paris")) for language in ("en", "fr"))
LAST = dt.date(2026, 3, 1)
UNITS = {unit: 1000.0**power for units in (("B", "kB", "MB", "GB", "TB", "PB", "EB"), ("o", "ko", "Mo", "Go", "To", "Po", "Eo"))
         for power, unit in enumerate(units)}  # fmt: skip
MONTHS = {name: number for names in (
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sept", "Oct", "Nov", "Dec"),
    ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
) for number, name in enumerate(names, 1)}  # fmt: skip

NUMBER = r"-?\d{1,3}(?:[,\u202f]\d{3})*(?:[.,]\d+)?"
SIZE = re.compile(rf"({NUMBER})\u00a0({'|'.join(sorted(UNITS, key=len, reverse=True))})(?![\w])")
DATE = re.compile(rf"(\d{{1,2}})\s({'|'.join(map(re.escape, MONTHS))})\s(\d{{4}})")
SHARE = re.compile(rf"({NUMBER})[\s\u00a0]?%")


def number(text, language):
    text = text.strip().replace("\u202f", "").replace(" ", "")
    return float(text.replace(",", ".") if language == "fr" else text.replace(",", ""))


def sizes(text, language="en"):
    return [number(value, language) * UNITS[unit] for value, unit in SIZE.findall(text)]


def days(text):
    return [dt.date(int(year), MONTHS[month], int(day)) for day, month, year in DATE.findall(text)]


def shares(text, language="en"):
    return [number(value, language) / 100 for value in SHARE.findall(text)]


def near(found, figures):
    """Whether it is one of them in three figures."""
    return any(math.isclose(found, abs(figure), rel_tol=0.0051, abs_tol=1e-9) for figure in figures)


SEEDS = st.integers(0, 2**32)


def figures(chance):
    """The figures of an outlook, each as the planner would give it or not at all."""
    low, middle, high = sorted(amounts(chance, 3))
    found = {"days": 700.0, "span": float(chance.randint(2, 365)), "grown": signed(chance)}
    found |= {"month_lo80": low, "month": middle, "month_hi80": high}
    found |= maybe(chance, {"jumped": signed(chance), "jumps": float(chance.randint(1, 9))})
    found |= maybe(chance, {"swing": amounts(chance, 1)[0]})
    found |= maybe(chance, {"cycle": float(chance.choice((1, 3))), "cycle_swing": amounts(chance, 1)[0]})
    found |= maybe(chance, {"altered": float(chance.randint(1, 9))})
    low, middle, high = sorted(signed(chance) for _ in range(3))
    found |= maybe(chance, {"added_low": low, "added": middle, "added_high": high})
    found |= maybe(chance, {"peak": amounts(chance, 1)[0], "peak_date": float(chance.randint(0, 900))})
    more = {"more": amounts(chance, 1)[0]}
    return found | maybe(chance, more | maybe(chance, {"more_date": float(chance.randint(1, 1096))}))


def amounts(chance, count):
    return [10 ** chance.uniform(9, 15) for _ in range(count)]


def signed(chance):
    return chance.choice((-1, 1)) * amounts(chance, 1)[0]


def maybe(chance, given):
    return given if chance.random() < 0.5 else {}


def events(chance, sign):
    return tuple(
        Event(LAST + dt.timedelta(days=chance.randint(-700, 700)), sign() * amounts(chance, 1)[0])
        for _ in range(chance.randint(0, 3))
    )


def dated(chance, reason):
    dates = dict.fromkeys([(1.0, 0.1), (1.0, 0.5), (1.0, 0.9)])
    ahead = [LAST + dt.timedelta(days=day) for day in sorted(chance.randint(1, 1096) for _ in range(3))]
    if reason is None:
        return {**dates, (1.0, 0.1): ahead[0], (1.0, 0.5): ahead[1], **maybe(chance, {(1.0, 0.9): ahead[2]})}
    return (
        dates
        if reason in ("already over", "no trend: noise")
        else {**dates, **maybe(chance, {(1.0, 0.1): ahead[0]})}
    )


def outlook_of(seed):
    """An outlook as the planner may give it: of a number, for shrinking would say no more than the sentence does."""
    chance = random.Random(seed)
    size = amounts(chance, 1)[0]
    rules = [("size", size)]
    for rule in ("copies", "node", "reserve", "ceiling"):
        if chance.random() < 0.5:
            rules.append((rule, rules[-1][1] * chance.uniform(0.1, 0.99)))
    reason = chance.choice([None, None, "no crossing within 3 years", "no trend: noise", "already over"])
    ordered = LAST + dt.timedelta(days=chance.randint(-400, 700))
    return Outlook(
        unique_id="id", target="nas", metric="m", labels=(("kind", "pool"), ("pool", "giver"), ("store", "p")),
        issued_at=0.0, first=dt.date(2024, 1, 1), last=LAST, used=amounts(chance, 1)[0], capacity=size,
        rate=chance.choice((0.0, 1e6, signed(chance))), dates=dated(chance, reason), reasons={1.0: reason},
        figures=figures(chance), limit=rules[-1][1], rules=tuple(rules),
        extensions=events(chance, lambda: chance.choice((-1, 1))), ordered=events(chance, lambda: 1),
        chances={1.0: {days: chance.choice((0.0, 1.0, chance.random(), chance.random())) for days in (90, 1096)}},
        order_by=ordered if reason in (None, "already over") and chance.random() < 0.8 else None,
        cause=chance.choice(("", "", "pool-id")) if reason is None else "",
    )  # fmt: skip


def all_sizes(outlook):
    figured = (
        "grown",
        "jumped",
        "swing",
        "cycle_swing",
        "added",
        "added_low",
        "added_high",
        "peak",
        "more",
        "month",
        "month_lo80",
        "month_hi80",
    )
    events = [event.size for event in (*outlook.extensions, *outlook.ordered)]
    told = [outlook.used, outlook.capacity, outlook.rate, *(left for _, left in outlook.rules), *events]
    return [*told, *(outlook.figures[name] for name in figured if name in outlook.figures)]


def all_days(outlook):
    moved = [
        LAST + dt.timedelta(days=int(outlook.figures[name]))
        for name in ("peak_date", "more_date")
        if name in outlook.figures
    ]
    events = [event.day for event in (*outlook.extensions, *outlook.ordered)]
    return {LAST, outlook.order_by, *outlook.dates.values(), *moved, *events}


def all_shares(outlook):
    kept = [after / before for (_, before), (_, after) in zip(outlook.rules, outlook.rules[1:], strict=False)]
    grown = outlook.figures["grown"]
    jumped = [outlook.figures["jumped"] / grown] if "jumped" in outlook.figures and grown else []
    chances = [round(outlook.chances[1.0][days], 2) for days in (90, 1096)]
    return [outlook.used / outlook.capacity, *chances, *kept, *jumped]


@given(SEEDS, st.sampled_from([ENGLISH, FRENCH]), st.integers(0, 400))
def test_no_sentence_holds_a_number_that_the_outlook_does_not(seed, t, passed):
    outlook = outlook_of(seed)
    said = explain(outlook, t, LAST + dt.timedelta(days=passed))
    for found in sizes(said, t.language):
        assert near(abs(found), all_sizes(outlook)), (found, said)
    for day in days(said):
        assert day in all_days(outlook), (day, said)
    for share in shares(said, t.language):
        assert near(share, all_shares(outlook)), (share, said)


PIECES = {
    r"grows by about (.*?) a day": lambda o: o.rate if o.rate > 2e-5 * o.used else None,
    r"shrinks by about (.*?) a day": lambda o: -o.rate if o.rate < -2e-5 * o.used else None,
    r"days it grew by ([^ ]+)": lambda o: o.figures["grown"] if o.figures["grown"] >= 0 else None,
    r"days it shrank by ([^ ]+)": lambda o: -o.figures["grown"] if o.figures["grown"] < 0 else None,
    r"Within a week it swings by about ([^ ]+)": lambda o: o.figures.get("swing"),
    r"Within a month, by the calendar, it swings by about ([^ ]+)": lambda o: (
        o.figures.get("cycle_swing") if o.figures.get("cycle") == 1 else None
    ),
    r"Within a quarter, by the calendar, it swings by about ([^ ]+)": lambda o: (
        o.figures.get("cycle_swing") if o.figures.get("cycle") == 3 else None
    ),
    r"last quarter \((.*?)\)": lambda o: o.figures.get("peak") if o.date and not o.cause else None,
    r"([^ ]*) more of what may be filled": lambda o: (
        o.figures.get("more") if o.date and not o.cause else None
    ),
    r"Decided projects add (.*?) within": lambda o: o.figures.get("added"),
    r"In 30 days it should take (.*?), 8": lambda o: o.figures["month"],
    r"([^ ]*) when the largest node has failed": lambda o: dict(o.rules).get("node"),
    r"([^ ]*) beside the reserve": lambda o: dict(o.rules).get("reserve"),
    r"([^ ]*) under the ceiling": lambda o: dict(o.rules).get("ceiling"),
    r"([^ ]*) once all copies": lambda o: dict(o.rules).get("copies"),
}
"""Each claim of a size, and the figure that it rests on: said where there is one, and nowhere else."""


@given(SEEDS)
def test_each_claim_is_made_where_its_figure_is_there_and_says_that_figure(seed):
    outlook = outlook_of(seed)
    said = explain(outlook, ENGLISH, LAST)
    for pattern, figure in PIECES.items():
        value, match = figure(outlook), re.search(pattern, said)
        assert (match is not None) == (value is not None), (pattern, said)
        if match is not None:
            (found,) = sizes(match.group(1))
            assert near(abs(found), [value]), (pattern, value, said)


@given(SEEDS, st.integers(0, 900))
def test_dates_orders_and_chances_are_those_of_the_outlook(seed, passed):
    outlook = outlook_of(seed)
    today = LAST + dt.timedelta(days=passed)
    said = explain(outlook, ENGLISH, today)
    full = re.search(r"It should be full (?:about|since about) (.*?)(?:[:.]|, in)", said)
    assert (full is not None) == (outlook.date is not None)
    if full is not None:
        assert days(full.group(1)) == [outlook.date]
    late = re.search(r"late by ([\d,]+) day", said)
    overdue = (today - outlook.order_by).days if outlook.order_by else 0
    assert (late is not None) == (overdue > 0)
    if late is not None:
        assert number(late.group(1), "en") == overdue
    if outlook.order_by is not None:
        assert outlook.order_by in days(said)
    chance = re.search(r"within 90 days is (.*?)%", said)
    if chance is not None:
        assert number(chance.group(1), "en") / 100 == pytest.approx(outlook.chances[1.0][90], abs=0.0051)
    told = outlook.chances[1.0]
    for ahead, within in ((90, "90 days"), (1096, "three years")):
        assert f"certain that it is full within {within}" not in said or told[ahead] >= 0.995
        assert f"certain that it is not full within {within}" not in said or told[ahead] <= 0.005
    within = re.search(r"within three years is (.*?)%", said)
    assert within is None or number(within.group(1), "en") / 100 == pytest.approx(told[1096], abs=0.0051)
    dateless = outlook.date is None and not outlook.is_over and outlook.dates[1.0, 0.1] is None
    assert bool(re.search(r"that it is (not )?full within three years", said)) == dateless
    assert ("reached its limit already" in said) == (outlook.reason == "already over")
    assert ("cannot be told from chance" in said) == (outlook.reason == "no trend: noise")
    assert ("Its pool" in said) == bool(outlook.cause)


@given(st.floats(1e-9, 1e9), st.sampled_from(["ratio", ""]))
@example(0.0003, "ratio")
@example(0.9995, "ratio")
def test_shares_and_counts_are_read_back_too(value, unit):
    from dashboard.sentences.outlooks import amount

    for t in (ENGLISH, FRENCH):
        text = amount(value, unit, t).replace("\u00a0", " ")
        assert text.endswith("%") == (unit == "ratio")
        found = number(text.rstrip("% "), t.language) / (100 if unit == "ratio" else 1)
        assert found == pytest.approx(value, rel=0.0051, abs=1e-8)


def test_a_licence_and_processors_are_told_in_their_own_unit():
    licence = Outlook(
        "id", "pbx", "m", (("license", "lines"),), 0.0, LAST, LAST, 45.0, 50.0, 0.02,
        {(1.0, 0.1): None, (1.0, 0.5): dt.date(2026, 11, 6), (1.0, 0.9): None}, {1.0: None},
        figures={"grown": 7.0, "span": 365.0, "more": 5.0, "more_date": 480.0}, quantity="licences", unit="",
        limit=50.0, rules=(("size", 50.0),),
    )  # fmt: skip
    assert explain(licence, ENGLISH, LAST) == (
        "lines on pbx (licences) takes 45 of 50 (90%) on 1 Mar 2026. It grows by about 0.02 a day. "
        "In the last 365 days it grew by 7. It should be full about 6 Nov 2026, in 250\u00a0days. "
        "5 more of what may be filled would move the date to 24 Jun 2027."
    ).replace("\u00a0", " ")
    still = dataclasses.replace(licence, figures={**licence.figures, "grown": 0.0})
    assert "In the last 365 days it neither grew nor shrank." in explain(still, ENGLISH, LAST)
    processors = Outlook(
        "id", "hci", "m", (), 0.0, LAST, LAST, 0.632, 1.0, 0.0003,
        {}, {1.0: "no crossing within 3 years"}, quantity="processors", unit="ratio", limit=0.75,
        rules=(("size", 1.0), ("node", 0.75)),
    )  # fmt: skip
    said = explain(processors, FRENCH, LAST).replace("\u00a0", " ")
    assert "utilise 63,2 %" in said
    assert "75 % quand le plus grand nœud est en panne" in said
    assert "augmente d'environ 0,03 % par jour" in said


def test_hostile_names_stay_on_their_line():
    store = Outlook(
        "id", "nas", "m", (("store", "a\n\u202eb{used}"),), 0.0, LAST, LAST, 1e9, None, None, {}, {1.0: "capacity unknown"}
    )  # fmt: skip
    said = explain(store, ENGLISH, LAST)
    assert said.startswith("a\\u000a\\u202eb{used} on nas (storage) takes 1.00\u00a0GB")
    assert "\n" not in said


def test_what_is_all_of_its_target_is_named_once():
    memory = Outlook(
        "id", "backup-01", "m", (), 0.0, LAST, LAST, 3.2e10, 6.4e10, 0.0, {}, {1.0: "no crossing within 3 years"},
        quantity="memory", limit=6.4e10, rules=(("size", 6.4e10),),
    )  # fmt: skip
    assert explain(memory, ENGLISH, LAST).startswith(
        "backup-01 (memory) takes 32.0\u00a0GB of 64.0\u00a0GB (50%)"
    )
    assert explain(memory, FRENCH, LAST).startswith("backup-01 (mémoire) utilise")
    licence = dataclasses.replace(memory, labels=(("license", "lines"),), quantity="licences", unit="")
    assert explain(licence, FRENCH, LAST).startswith("lines sur backup-01 (licences)")
