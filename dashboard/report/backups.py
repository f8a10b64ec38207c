"""What backups keep of what was promised, and which restores were tested."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.data import Data
from dashboard.report.document import Block, Prose, Section, Table, columns
from dashboard.sentences import backups as sentences
from dashboard.standing import Backup, Backups
from dashboard.texts import Texts, bare, plain
from exporters.protection import RULES
from inventory.state.restores import Entry

_MET = {True: "state.met", False: "state.unmet", None: "state.unknown"}


def section(data: Data, t: Texts) -> Section:
    """Promises first, then machines in no job, the rule by system, and restore tests."""
    return Section("backups", t("report.backups"), tuple(_blocks(data.protection(), data, t)))


def is_known(known: Backups) -> bool:
    """Whether anybody tells, or promises, anything of backups."""
    return bool(known.found or known.judged or known.makers)


def promised(known: Backups) -> tuple[int, int]:
    """How many promises are broken, and of how many."""
    mine = [one for one in known.found if one.rpo is not None]
    return sum(one.overdue for one in mine), len(mine)


def alone(known: Backups, t: Texts) -> str:
    """How many machines stand in no job, or why nobody can tell."""
    if known.sure:
        return t("backups.alone.lead", alone=t.number(len(known.alone)), all=t.number(known.machines))
    if known.unheard:
        return t("report.backups.alone.unheard", names=", ".join(plain(name) for name in known.unheard[:5]))
    return t("report.backups.alone.unknown")


def _blocks(known: Backups, data: Data, t: Texts) -> Iterator[Block]:
    if not is_known(known):
        yield Prose(t("report.backups.none"))
        return
    overdue, every = promised(known)
    lies = sum(one.lying for one in known.found)
    said = [
        t("backups.lead", overdue=t.number(overdue), promised=t.number(every))
        if every
        else t("report.backups.unpromised")
    ]
    said += [t.count("report.backups.lies", lies)] if lies else []
    yield Prose(" ".join((*said, alone(known, t))))
    yield _points(known, data, t)
    yield from _rule(known, data, t)
    yield _tests(known, data, t)


def _points(known: Backups, data: Data, t: Texts) -> Table:
    """What is not as it should be; what keeps its promise is counted above."""
    heads = columns(
        t, data.estate.currency, ("column.target", "text"), ("column.job", "text"), ("column.state", "text"),
        ("report.backups.age", "text"), ("column.rpo", "text"), ("report.backups.tested", "day"), ("column.next", "text"),
    )  # fmt: skip
    wrong = [one for one in known.found if one.state in ("late", "doubted", "unknown")]
    rows = tuple(
        (
            plain(one.subject), plain(one.job), t("state.unprotected") if one.overdue else t(f"state.{one.state}"),
            t("backups.never") if one.age is None else t.span(one.age), t("none") if one.rpo is None else t.span(one.rpo),
            _tested(one, data, t), bare(sentences.todo(one, t)),
        )
        for one in wrong
    )  # fmt: skip
    return Table(t("report.backups.wrong"), heads, rows, t("report.backups.wrong.none"), most=12, under=(1,))


def _tested(one: Backup, data: Data, t: Texts) -> object:
    return data.day(one.tested.at) if one.tested else t("never")


def _rule(known: Backups, data: Data, t: Texts) -> Iterator[Table]:
    judged = [one for one in known.judged if one.target.protect is not None]
    if not judged:
        return
    heads = columns(
        t, data.estate.currency, ("column.target", "text"), ("column.service", "text"),
        *((f"rule.{rule}", "text") for rule in RULES),
    )  # fmt: skip
    rows = []
    for one in judged:
        met = {part.rule: part.met for part in one.score()}
        told = (t(_MET[met.get(rule)]) for rule in RULES)
        rows.append((plain(one.target.name), plain(one.target.service) or t.unknown, *told))
    yield Table(t("backups.rule"), heads, tuple(rows), under=(1,))


def _tests(known: Backups, data: Data, t: Texts) -> Table:
    heads = columns(
        t, data.estate.currency, ("column.testended", "day"), ("column.target", "text"), ("column.restored", "text"),
        ("column.result", "text"), ("report.backups.took", "text"), ("column.evidence", "text"),
    )  # fmt: skip
    rtos = {one.target.name: one.rto for one in known.judged}
    rows = tuple(
        _row(one, rtos.get(one.test.target), data, t) for one in known.ledger if one.correction is None
    )
    return Table(t("backups.tests"), heads, rows, t("report.backups.tests.none"), most=10)


def _row(one: Entry, rto: float | None, data: Data, t: Texts) -> tuple[object, ...]:
    test = one.test
    took = sentences.took(test.seconds, rto, t)
    return (
        data.day(test.at),
        plain(test.target),
        plain(test.what, 120),
        t(f"result.{test.result}"),
        took,
        plain(test.evidence),
    )
