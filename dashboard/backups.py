"""Backups as they are taken away: records in plain values for CSV and JSON, and a workbook in the reader's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from dashboard.sentences import backups as sentences
from dashboard.standing import Backup, Backups
from dashboard.texts import Texts, bare
from exporters.protection import Protection
from exporters.workbooks import Column, Kind, Sheet, of_records
from inventory.state.restores import Entry

_HOUR: Final = 3600.0
_JOBS: Final[Mapping[str, Kind]] = {
    "state": "text", "target": "text", "job": "text", "machine": "text", "listed_by": "text", "last": "instant",
    "age_hours": "decimal", "rpo_hours": "decimal", "says": "text", "not_believed": "text", "restore_tested": "instant",
    "test_every_days": "number", "next": "text",
}  # fmt: skip
_RULE: Final[Mapping[str, Kind]] = {
    "target": "text", "service": "text", "rule": "text", "state": "text", "why": "text",
}  # fmt: skip
_ALONE: Final[Mapping[str, Kind]] = {"machine": "text", "target": "text"}
_TESTS: Final[Mapping[str, Kind]] = {
    "number": "number", "ended": "instant", "target": "text", "job": "text", "what": "text", "point": "instant",
    "minutes": "decimal", "result": "text", "size": "bytes", "evidence": "text", "remark": "text", "who": "text",
    "corrected": "text",
}  # fmt: skip


def workbook(known: Backups, t: Texts) -> Iterator[Sheet]:
    """A sheet for jobs, the rule, machines in no job where that is known, and restore tests."""
    yield _sheet("points", _JOBS, (_worded(one, t) for one in known.found), t)
    yield _sheet("rule", _RULE, _rules(known.judged, t), t)
    if known.sure:
        yield _sheet("alone", _ALONE, (one._asdict() for one in known.alone), t)
    yield _sheet("tests", _TESTS, (_tested(one, t) for one in known.ledger), t)


def records(known: Backups, zone: ZoneInfo) -> list[dict[str, Any]]:
    """Each backup in plain values: times in the estate's timezone, spans in hours and days, words as metrics have them."""
    return [record(one, zone) for one in known.found]


def record(one: Backup, zone: ZoneInfo) -> dict[str, Any]:
    """One backup in plain values; what is unknown is None."""
    told = one.told
    return {
        "state": one.state,
        "target": one.target,
        "job": one.job or None,
        "machine": one.machine or None,
        "listed_by": told.by if told else None,
        "last": _iso(one.last, zone),
        "age_hours": None if one.age is None else round(one.age / _HOUR, 2),
        "rpo_hours": None if one.rpo is None else one.rpo / _HOUR,
        "says": (told.result or None) if told else None,
        "not_believed": " ".join(told.reasons) if told and one.doubted else None,
        "restore_tested": _iso(one.tested.at if one.tested else None, zone),
        "test_every_days": round(one.every / (24 * _HOUR), 2),
    }


def document(known: Backups, at: float, zone: ZoneInfo) -> dict[str, Any]:
    """All that is known, for programs. `in_no_job` is None where nobody can tell."""
    return {
        "at": _iso(at, zone),
        "backups": records(known, zone),
        "rule": [
            {
                "target": one.target.name,
                "rule": part.rule,
                "met": part.met,
                "why": part.why,
                "names": part.names,
            }
            for one in known.judged
            if one.target.protect is not None
            for part in one.score()
        ],
        "in_no_job": [one._asdict() for one in known.alone] if known.sure else None,
        "unheard": known.unheard,
        "restore_tests": [_entry(one, zone) for one in known.ledger],
    }


def _entry(one: Entry, zone: ZoneInfo) -> dict[str, Any]:
    test, told = one.test, one.correction
    corrected = None if told is None else {**told._asdict(), "at": _iso(told.at, zone)}
    return {
        "number": one.id, "ended": _iso(test.at, zone), "target": test.target, "job": test.job or None, "what": test.what,
        "point": _iso(test.point, zone), "minutes": test.seconds / 60, "result": test.result, "size": test.size,
        "evidence": test.evidence, "remark": test.remark or None, "who": test.who, "corrected": corrected,
    }  # fmt: skip


def _sheet(name: str, fields: Mapping[str, Kind], rows: Iterable[Mapping[str, Any]], t: Texts) -> Sheet:
    columns = {field: Column(t(f"backups.sheet.{field}"), kind) for field, kind in fields.items()}
    return of_records(t(f"backups.sheet.{name}"), columns, rows)


def _worded(one: Backup, t: Texts) -> dict[str, Any]:
    row = record(one, t.zone)
    return {
        **row, "state": t(f"state.{one.state}"), "says": sentences.says(row["says"] or "", t),
        "last": _moment(one.last, t.zone), "restore_tested": _moment(one.tested.at if one.tested else None, t.zone),
        "not_believed": bare(sentences.why(one, t)) or None, "next": bare(sentences.todo(one, t)) or None,
    }  # fmt: skip


def _rules(judged: Sequence[Protection], t: Texts) -> Iterator[dict[str, Any]]:
    words = {True: "state.met", False: "state.unmet", None: "state.unknown"}
    for one in judged:
        for part in one.score() if one.target.protect is not None else ():
            yield {
                "target": one.target.name, "service": one.target.service, "rule": t(f"rule.{part.rule}"),
                "state": t(words[part.met]), "why": sentences.part(part, t),
            }  # fmt: skip


def _tested(one: Entry, t: Texts) -> dict[str, Any]:
    row = _entry(one, t.zone)
    told = one.correction
    return {
        **row, "ended": _moment(one.test.at, t.zone), "point": _moment(one.test.point, t.zone),
        "result": t(f"result.{one.test.result}"), "corrected": told.why if told else None,
    }  # fmt: skip


def _moment(at: float | None, zone: ZoneInfo) -> dt.datetime | None:
    """A time in the estate's timezone, to the minute."""
    return None if at is None else dt.datetime.fromtimestamp(at, zone).replace(second=0, microsecond=0)


def _iso(at: float | None, zone: ZoneInfo) -> str | None:
    """The same as people and programs read it."""
    moment = _moment(at, zone)
    return None if moment is None else moment.isoformat(" ", "minutes")
