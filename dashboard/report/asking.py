"""What the committee is asked for, each with its number; and what it answered before, which is not asked again in silence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from dashboard.data import Data
from dashboard.report import decisions
from dashboard.report.document import Block, Prose, Section, Table, columns
from dashboard.texts import LANGUAGES, Texts, plain
from inventory.committee import File, Placed, Question, Wish, place


class Asking(NamedTuple):
    """One decision as a file asks for it: `by` is None where no day is set, `cost` where it costs nothing that is known."""

    number: str
    what: str
    why: str
    by: dt.date | None
    cost: float | None


def wishes(data: Data) -> list[Wish]:
    """Every decision that there is to take, the one with the nearest day first, said in every language."""
    said = {name: decisions.wanted(data, Texts(name, data.zone)) for name in LANGUAGES}
    told = {name: {one.topic: (one.what, one.why) for one in found} for name, found in said.items()}
    first = next(iter(said.values()))
    return [
        Wish(one.topic, {name: each[one.topic] for name, each in told.items()}, one.by, one.cost, one.made)
        for one in first
    ]


def placed(data: Data, since: dt.date) -> list[Placed]:
    """The same with the numbers that they have, or would be given by a file of today. Nothing is kept."""
    return place(data.committee(), wishes(data), File(data.today, since))


def asked(found: Sequence[Placed], t: Texts) -> list[Asking]:
    """What this meeting is asked for, with what is to be said of earlier ones."""
    return [
        Asking(one.number, what, " ".join([why, *_before(one, t)]), one.wish.due, one.wish.cost)
        for one in found
        if one.standing == "asked"
        for what, why in [one.wish.said[t.language]]
    ]


def section(found: Sequence[Placed], data: Data, t: Texts) -> Section:
    """The decisions that this meeting has to take, and those that were answered and are wanted all the same."""
    return Section("asked", t("report.asked"), tuple(_blocks(found, data, t)))


def _blocks(found: Sequence[Placed], data: Data, t: Texts) -> Iterator[Block]:
    now, answered = asked(found, t), [one for one in found if one.standing != "asked"]
    if now:
        yield Prose(f"{t.count('report.asked.lead', len(now))} {t('report.asked.numbers')}")
        heads = columns(
            t, data.estate.currency, ("report.asked.number", "text"), ("report.asked.what", "text"), ("column.why", "text"),
            ("report.asked.by", "day"), ("report.asked.cost", "money"),
        )  # fmt: skip
        rows = tuple(
            (one.number, one.what, one.why, one.by or "", "" if one.cost is None else one.cost) for one in now
        )
        yield Table(t("report.asked.table"), heads, rows, is_whole=True)
    else:
        yield Prose(t("report.asked.none.answered" if answered else "report.asked.none"))
    if answered:
        yield _settled(answered, data, t)


def _settled(found: Sequence[Placed], data: Data, t: Texts) -> Table:
    """What was refused, postponed or accepted before, and still stands in the plans."""
    heads = columns(
        t, data.estate.currency, ("report.asked.number", "text"), ("report.asked.what", "text"), ("report.answers.answer", "text"),
        ("report.answers.why", "text"), ("report.asked.by", "day"), ("report.asked.cost", "money"),
    )  # fmt: skip
    rows = []
    for one in found:
        if one.question is not None and one.question.answer is not None:
            cost = "" if one.wish.cost is None else one.wish.cost
            what = one.wish.said[t.language][0]
            why = plain(one.question.answer.why, 400)
            rows.append((one.number, what, answered(one.question, t), why, one.wish.due or "", cost))
    return Table(t("report.asked.settled"), heads, tuple(rows))


def _before(one: Placed, t: Texts) -> Iterator[str]:
    """What is to be said of a decision that was asked for, or answered, before."""
    if one.question is not None and one.question.answer is not None:
        yield f"{answered(one.question, t)}{t('colon')}{plain(one.question.answer.why, 400)}"
    elif one.question is not None and one.times > 1:
        first = t.day(one.question.asked[0].file)
        key = "report.asked.second" if one.times == 2 else "report.asked.again"
        yield t(key, times=t.number(one.times), day=first)
    elif one.earlier is not None and one.earlier.answer is not None:
        yield t("report.asked.earlier", number=one.earlier.number, answer=answered(one.earlier, t))


def answered(one: Question, t: Texts) -> str:
    """The answer that counts, as "Refused on 3 November 2026 by the committee"."""
    answer = one.answer
    if answer is None:
        return t("report.answers.none")
    who = plain(answer.who) if answer.who else t("report.answers.committee")
    until = t.day(answer.until) if answer.until else ""
    return t(f"report.answers.{answer.outcome}", day=t.day(answer.day), who=who, until=until)
