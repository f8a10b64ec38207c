"""What became of the decisions that the last meeting was asked for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from dashboard.data import Data
from dashboard.report.asking import answered
from dashboard.report.decisions import scenario_topic
from dashboard.report.document import Block, Prose, Section, Table, columns
from dashboard.texts import Texts, plain
from inventory.committee import Placed, Question
from inventory.scenarios.reading import ScenarioError


def section(data: Data, placed: Sequence[Placed], t: Texts, since: dt.date) -> Section:
    """Each decision that was asked for, its answer, and how it stands today."""
    return Section("answers", t("report.answers"), tuple(_blocks(data, placed, t, since)))


def _blocks(data: Data, placed: Sequence[Placed], t: Texts, since: dt.date) -> Iterator[Block]:
    found = data.committee().before(since, data.today)
    if not found:
        yield Prose(t("report.answers.unasked"))
        return
    bare = sum(one.answer is None for one in found)
    unanswered = t.count("report.answers.bare", bare) if bare else t("report.answers.all")
    yield Prose(f"{t.count('report.answers.lead', len(found))} {unanswered}")
    heads = columns(
        t, data.estate.currency, ("report.asked.number", "text"), ("report.asked.what", "text"), ("report.answers.file", "day"),
        ("report.answers.answer", "text"), ("report.answers.why", "text"), ("report.answers.since", "text"),
    )  # fmt: skip
    wanted = {one.number: one for one in placed}
    rows = tuple(
        (
            one.number, said(one, t), one.last.file, answered(one, t), plain(one.answer.why, 400) if one.answer else "",
            became(one, wanted, data, t),
        )
        for one in found
    )  # fmt: skip
    yield Table(t("report.answers.table"), heads, rows)


def said(one: Question, t: Texts) -> str:
    """What was asked last, in the language of the reader, or else as it was written."""
    texts = one.last.said
    return plain(texts.get(t.language, next(iter(texts.values())))[0], 400)


def became(one: Question, wanted: Mapping[str, Placed], data: Data, t: Texts) -> str:
    """How a matter stands today: whether it is still wanted, and of a committed scenario what was measured."""
    scenario = _scenario(one, data, t)
    if scenario:
        return scenario
    now = wanted.get(one.number)
    if now is None:
        return t("report.became.gone")
    if now.standing == "asked":
        return t("report.became.asked")
    return t("report.became.still", day=t.day(now.wish.due)) if now.wish.due else t("report.became.wanted")


def _scenario(one: Question, data: Data, t: Texts) -> str:
    """How a scenario stands that was decided, and what was measured of it, in one line."""
    found = next((each for each in data.scenarios() if scenario_topic(each.name) == one.topic), None)
    if found is None or found.standing == "saved":
        return ""
    told = f"{t(f'scenarios.standing.{found.standing}').capitalize()}, {t.day(data.day(found.at))}"
    try:
        counts = Counter(each.answer for each in data.effects(found.name))
    except ScenarioError:
        return told
    measured = t("semicolon").join(
        f"{t.number(count)} × {t(f'scenarios.answer.{answer}')}" for answer, count in counts.items()
    )
    return f"{told}{t('colon')}{measured}" if measured else told
