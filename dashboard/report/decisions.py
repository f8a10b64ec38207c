"""What may be decided, what is asked for, and what came of what was decided."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np

from dashboard import comparisons
from dashboard.data import Data
from dashboard.report import purchases
from dashboard.report.document import Block, Points, Prose, Section, Table, columns
from dashboard.sentences import renewal, walls
from dashboard.sentences import scenarios as sentences
from dashboard.sentences.outlooks import named
from dashboard.texts import Texts, plain
from forecasting.scenarios.comparing import Case, Comparison
from forecasting.scenarios.deciding import Effect
from inventory.scenarios.reading import ScenarioError
from inventory.state.scenarios import Decision, Saved

AHEAD: Final = dt.timedelta(days=61)
"""What has to be ordered before the next meeting is decided at this one."""

_EACH: Final = 8
"""Orders that are asked for one by one; the others are one decision."""

_MOST: Final = 8
"""Scenarios that are compared."""


# --- scenarios ----------------------------------------------------------------------------------------


def compared(data: Data, t: Texts) -> Section:
    """Each scenario that stands open or is committed, beside what is to be expected without it."""
    return Section("scenarios", t("report.scenarios"), tuple(_compared(data, t)))


def _compared(data: Data, t: Texts) -> Iterator[Block]:
    chosen = [one for one in data.scenarios() if one.standing != "withdrawn"][:_MOST]
    if not chosen:
        yield Prose(t("report.scenarios.none"))
        return
    yield Points(tuple(_described(one, t) for one in chosen))
    of_stores = [one for one in chosen if not _is_of_fleet(one)]
    found = data.comparison(of_stores) if of_stores else None
    if found is not None and found.comparison is not None:
        yield _dates(found.comparison, data.estate.currency, t)
        for case in found.comparison.cases:
            yield from _follows(case, data.estate.currency, t)
    elif found is not None:
        yield Prose(" ".join(part for part in (t("scenarios.wrong"), plain(found.mistake, 600)) if part))
    yield from _fleets(data, chosen, t)


def _is_of_fleet(one: Saved) -> bool:
    try:
        return one.scenario.renews_alone
    except ScenarioError:
        return False


def _described(one: Saved, t: Texts) -> str:
    try:
        said = [sentences.described(change, t) for change in one.scenario.changes]
        changes = t("semicolon").join(each[:1].lower() + each[1:] for each in said)
    except ScenarioError:
        changes = t("report.scenarios.unreadable")
    return f"{plain(one.title)} ({t(f'scenarios.standing.{one.standing}')}){t('colon')}{changes}"


def _dates(found: Comparison, currency: str, t: Texts) -> Table:
    """As on their page: what is moved, as it is and with each scenario."""
    heads = columns(
        t, currency, ("column.store", "text"), ("column.case", "text"), ("report.early", "day"), ("column.full", "day"),
        ("report.late", "day"), ("column.order", "day"),
    )  # fmt: skip
    rows = []
    for name in found.names:
        for case in (found.base, *found.cases):
            if case.scenario is None or name in case.added or name in found.moved(case):
                one = case.prospects[name]
                title = plain(case.scenario.heading) if case.scenario else t("scenarios.base")
                full = one.central or sentences.untold(one, t)
                rows.append(
                    (
                        sentences.place(one, t),
                        title,
                        one.early or "",
                        full,
                        one.late or "",
                        one.order_by or "",
                    )
                )
    return Table(t("scenarios.moves"), heads, tuple(rows), t("report.scenarios.still"))


def _follows(case: Case, currency: str, t: Texts) -> Iterator[Block]:
    """What a scenario rests on, and what follows from it."""
    said = tuple(sentences.follows(case, currency, t))
    if case.scenario and said:
        yield Prose(f"{plain(case.scenario.heading)}{t('colon')}{t('scenarios.follows').lower()}")
        yield Points(said)


def _fleets(data: Data, chosen: Sequence[Saved], t: Texts) -> Iterator[Block]:
    cases = data.compared(chosen)
    if not cases:
        return
    plans = comparisons.plans(cases, t)
    heads = columns(
        t, str(plans[0][1]["currency"]), ("column.case", "text"), ("column.spent", "money"), ("column.costs", "money"),
        ("column.count", "number"), ("column.late", "number"), ("column.lateness", "decimal"), ("column.failures", "number"),
    )  # fmt: skip
    rows = tuple(
        (
            plain(name, 120), one["spent"], one["total"], comparisons.total(one, "machines"), one["overdue"], one["lateness"],
            one["failures"],
        )
        for name, one in plans
    )  # fmt: skip
    yield Table(t("scenarios.fleets"), heads, rows)
    told = ({"without": one.without, "with": one.included} for one in cases)
    yield Points(
        tuple(
            f"{plain(one.title)}{t('colon')}{renewal.beside(each, t)}"
            for one, each in zip(cases, told, strict=True)
        )
    )


# --- what is asked for --------------------------------------------------------------------------------


class Asked(NamedTuple):
    """One decision that the committee is asked for. `by` is None where no day is set, `cost` where it costs nothing that is known.

    `topic` tells decisions apart from file to file, `made` is when what is asked was made anew (UTC epoch seconds), None where it never is.
    """

    topic: str
    what: str
    why: str
    by: dt.date | None = None
    cost: float | None = None
    made: float | None = None


def wanted(data: Data, t: Texts) -> list[Asked]:
    """Every decision that there is to take, whatever was answered before."""
    every = [*_orders(data, t), *_lacking(data, t), *_open(data, t), *_care(data, t), *_restores(data, t)]
    found, met = list[Asked](), Counter[str]()
    for one in every:  # two orders of one item for one thing are two decisions
        met[one.topic] += 1
        found.append(one if met[one.topic] == 1 else one._replace(topic=f"{one.topic} {met[one.topic]}"))
    return sorted(found, key=lambda one: (one.by is None, one.by or dt.date.max))


def _orders(data: Data, t: Texts) -> Iterator[Asked]:
    """What has to be ordered before the next meeting: by the purchase plan, else by the walls; the nearest one by one."""
    made, until = purchases.planned(data), data.today + AHEAD
    if made is not None and made.lines:
        lines = sorted(
            (one for one in made.lines if one.order_by <= until), key=lambda one: (one.order_by, -one.price)
        )
        for one in lines[:_EACH]:
            thing = named(one.what, one.target, t)
            why = t("report.asked.order.why", day=t.month(one.ready))
            yield Asked(
                _topic("order", one.contract, one.item, one.target, one.what),
                t("report.asked.order", item=purchases.item(one, t), thing=thing),
                why,
                one.order_by,
                one.price,
            )
        if rest := lines[_EACH:]:
            more = t.count("report.asked.orders", len(rest))
            topic = _topic(
                "orders", *sorted(f"{one.contract} {one.item} {one.target} {one.what}" for one in rest)
            )
            yield Asked(
                topic, more, t("report.asked.orders.why"), rest[0].order_by, sum(one.price for one in rest)
            )
        return
    near = [
        (wall.order_by, wall) for wall in data.runway().walls
        if wall.order_by is not None and wall.order_by <= until and wall.severity != "possible"
    ]  # fmt: skip
    near.sort(key=lambda pair: pair[0])
    for day, wall in near[:_EACH]:
        topic = _topic("extend", wall.target, wall.what, wall.cause)
        yield Asked(topic, t("report.asked.extend", thing=walls.thing(wall, t)), walls.cause(wall, t), day)
    if left := near[_EACH:]:
        topic = _topic("extend", *sorted(f"{wall.target} {wall.what} {wall.cause}" for _, wall in left))
        yield Asked(
            topic, t.count("report.asked.extend.more", len(left)), t("report.asked.extend.why"), left[0][0]
        )


def _lacking(data: Data, t: Texts) -> Iterator[Asked]:
    """Needs that the money does not reach: somebody has to find it, or to accept the lack."""
    made = purchases.planned(data)
    short = [one for one in made.unmet if one.why == "budget"] if made else []
    for one in short[:5]:
        lack = walls.lacking(one.quantity, one.amount, t)
        yield Asked(
            _topic("money", one.target, one.what),
            t("report.asked.money", thing=named(one.what, one.target, t)),
            t("report.asked.money.why", lack=lack, day=t.month(one.first)),
            one.first,
        )


def _open(data: Data, t: Texts) -> Iterator[Asked]:
    for one in data.scenarios():
        if one.standing == "saved":
            try:
                why = one.scenario.why or ""
            except ScenarioError:
                why = ""
            yield Asked(
                scenario_topic(one.name),
                t("report.asked.scenario", title=plain(one.title)),
                plain(why, 300) or t("report.asked.scenario.why", day=t.day(data.day(one.at))),
                made=one.at,
            )


def _care(data: Data, t: Texts) -> Iterator[Asked]:
    fleet = data.fleet()
    bare = len(fleet.care.uncovered) if fleet and fleet.care.declared else 0
    if bare:
        yield Asked("care", t.count("report.asked.care", bare), t("report.asked.care.why"))


def _restores(data: Data, t: Texts) -> Iterator[Asked]:
    untested = {one.subject for one in data.backups() if one.rpo is not None and one.untested}
    if untested:
        names = ", ".join(sorted(plain(name) for name in untested)[:6]) + ("…" if len(untested) > 6 else "")
        yield Asked(
            "restores",
            t("report.asked.restore"),
            t.count("report.asked.restore.why", len(untested), names=names),
        )


def scenario_topic(name: str) -> str:
    """What tells the decision on a scenario apart."""
    return _topic("scenario", name)


def _topic(kind: str, *names: str) -> str:
    """What tells decisions of a kind apart: the same for the same names, and short, whatever a device calls itself."""
    whole = "\0".join(names).encode("utf-8", "surrogatepass")
    return f"{kind} {hashlib.blake2b(whole, digest_size=8).hexdigest()}"


# --- what was decided ---------------------------------------------------------------------------------


def taken(data: Data, t: Texts) -> Section:
    """Decisions, the newest first, and the effect that was measured of each that was committed."""
    return Section("decided", t("report.decided"), tuple(_taken(data, t)))


def decided(data: Data) -> list[tuple[Saved, Decision]]:
    """Every commitment and withdrawal, the newest first."""
    found = [
        (one, each) for one in data.scenarios() for each in data.decisions(one.name) if each.action != "saved"
    ]
    return sorted(found, key=lambda pair: -pair[1].at)


def _taken(data: Data, t: Texts) -> Iterator[Block]:
    found = decided(data)
    if not found:
        yield Prose(t("report.decided.none"))
        return
    heads = columns(
        t,
        data.estate.currency,
        ("column.day", "day"),
        ("column.scenario", "text"),
        ("column.standing", "text"),
        ("column.who", "text"),
        ("column.why", "text"),
    )
    rows = tuple(
        (data.day(each.at), plain(one.title), t(f"scenarios.standing.{each.action}"), plain(each.who), plain(each.why, 400)) for one, each in found
    )  # fmt: skip
    yield Table(t("scenarios.decisions"), heads, rows)
    yield _effects(data, list(dict.fromkeys(one.name for one, _ in found)), t)


def _effects(data: Data, names: Sequence[str], t: Texts) -> Table:
    titles = {one.name: one.title for one in data.scenarios()}
    heads = columns(
        t, data.estate.currency, ("column.scenario", "text"), ("column.store", "text"), ("column.since", "day"), ("column.expected", "text"),
        ("column.measured", "text"), ("column.answer", "text"),
    )  # fmt: skip
    rows = []
    for name in names:
        try:
            rows += [(plain(titles[name]), *_effect(one, t)) for one in data.effects(name)]
        except ScenarioError:  # what was expected of it is damaged: the others are told all the same
            rows.append((plain(titles[name]), "", "", None, None, t("report.scenarios.unreadable")))
    return Table(t("scenarios.effect"), heads, tuple(rows), t("report.decided.unmeasured"))


def _effect(one: Effect, t: Texts) -> tuple[object, ...]:
    made = t.size if one.unique_id.partition("{")[0].endswith("_bytes") else lambda value: t.number(value, 2)
    known = one.measured is not None and not np.isnan(one.measured[1])
    measured = sentences.between(one.measured, made) if one.measured is not None and known else ""
    return (
        plain(one.place, 160),
        one.start,
        sentences.between(one.expected, made),
        measured,
        t(f"scenarios.answer.{one.answer}"),
    )
