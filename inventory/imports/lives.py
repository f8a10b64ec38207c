"""What became of each machine between imports: how long it was there, how it ended, and where it moved.

Failures and retirements are what the inventory itself says in its state; a machine that is gone without a word has vanished.
A day is the one of the import that showed it: what happens between two imports is known no better. Of a machine whose state no
import tells nobody knows whether it failed: its life is known, and it was not watched.
"""

from __future__ import annotations

import bisect
import datetime
import itertools
import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final, Literal, NamedTuple

import pandas as pd

from inventory.imports.snapshots import KIND
from inventory.state import State

End = Literal["failure", "retirement", "vanished", ""]

_ENDS: Final[dict[str, End]] = {"failed": "failure", "retired": "retirement"}
_TOLD: Final = ("name", "maker", "model", "kind", "site", "service", "purchased")
_WATCHED: Final = ("watched_from", "watched_until")
_PLACES: Final = ("site", "service", "place")


class Span(NamedTuple):
    """What a machine was from one moment (UTC epoch seconds) to another; None where it still is."""

    row: dict[str, Any]
    since: float
    until: float | None


class Telling(NamedTuple):
    """Which imports could say that a machine failed, by their moments (UTC epoch seconds), and whether `silence` says that it did not.

    Where some machine is said to be in use, one of which nothing is said is one whose state nobody keeps. Where none ever is,
    states are written down of exceptions alone, and silence is the rule.
    """

    moments: Sequence[float]
    silence: bool


def lives(state: State, timezone: datetime.tzinfo = datetime.UTC) -> pd.DataFrame:
    """One row for each machine ever seen: `key, name, maker, model, kind, site, service, purchased, entered, left, end`, and
    `watched_from, watched_until`.

    Days are datetime64[s]. `entered` is the day of the import that showed it first, `left` that of its end, or of the newest
    whole import where it is still there: one that only completes another says nothing of the machines that it does not name. `end`
    is "failure", "retirement", "vanished", or empty. A machine that was mended, or came back after it had vanished, has one life.
    One that was first seen when it had ended already has left when it entered. Where another purchase is told than before, of a
    day after the machine was first seen, another one bears its key from then on: both have a row. It was watched from the first to
    the last import that could have said that it failed, up to the newest whole one; NaT where there was none.
    """
    with state.read() as connection:
        last = connection.execute(
            "SELECT max(at) FROM snapshot WHERE kind = ? AND NOT part", (KIND,)
        ).fetchone()[0]
        telling = _telling(connection)
        rows = [
            _life(key, part, last or 0.0, telling)
            for key, spans in machines(connection)
            for part in _bearers(spans, timezone)
        ]
    columns = ["key", *_TOLD, "entered", "left", "end", *_WATCHED]
    frame = pd.DataFrame(rows, columns=columns, dtype="object")
    for day in ("entered", "left", *_WATCHED):
        moments = pd.to_datetime(frame[day].astype("float64"), unit="s", utc=True)
        frame[day] = (
            moments.dt.tz_convert(timezone).dt.tz_localize(None).dt.normalize().astype("datetime64[s]")
        )
    frame["purchased"] = pd.to_datetime(frame["purchased"], format="%Y-%m-%d").astype("datetime64[s]")
    texts = {name: "string" for name in columns if frame[name].dtype == object}
    return frame.astype(texts).sort_values(["key", "entered"], ignore_index=True)


def watched(known: pd.DataFrame) -> pd.DataFrame:
    """Lives as far as they were watched, `entered` and `left` being NaT where one never was, and `seen_from, seen_until`: what an
    inventory without states showed says nothing of failures. An end beyond counts for none: it was told by an import of some machines
    alone, which would not have told of the others that they still were."""
    began, ended = known["watched_from"], known["watched_until"]
    seen = {"seen_from": known["entered"], "seen_until": known["left"]}
    end = known["end"].where(~(known["left"] > ended), "")
    return known.assign(**seen, entered=began, left=ended, end=end).drop(columns=list(_WATCHED))


def moves(state: State, timezone: datetime.tzinfo = datetime.UTC) -> pd.DataFrame:
    """Every change of a machine's site, service or place: `key, name, day, field, before, after`, by day."""
    with state.read() as connection:
        rows = [
            (key, after.row["name"], after.since, field, before.row.get(field), after.row.get(field))
            for key, spans in machines(connection)
            for part in _bearers(spans, timezone)
            for before, after in itertools.pairwise(part)
            for field in _PLACES
            if before.row.get(field) != after.row.get(field)
        ]
    columns = ["key", "name", "day", "field", "before", "after"]
    frame = pd.DataFrame(rows, columns=columns, dtype="object")
    moments = pd.to_datetime(frame["day"].astype("float64"), unit="s", utc=True)
    frame["day"] = moments.dt.tz_convert(timezone).dt.tz_localize(None).dt.normalize().astype("datetime64[s]")
    texts = {name: "string" for name in columns if name != "day"}
    return frame.astype(texts).sort_values(["day", "key", "field"], ignore_index=True)


def _life(key: str, spans: list[Span], last: float, telling: Telling) -> tuple[object, ...]:
    row, (left, end) = spans[-1].row, _end(spans, last)
    return (
        key, *(row.get(name) for name in _TOLD), spans[0].since, left, end, *_watched(spans, left, telling),
    )  # fmt: skip


def _telling(connection: sqlite3.Connection) -> Telling:
    """The imports that could tell failures: none where no state was ever told, whatever their columns are called."""
    found = connection.execute(
        """SELECT DISTINCT json_extract(row, '$.state') FROM workstation_now
        UNION SELECT json_extract(fields, '$.state') FROM workstation_before"""
    )
    states = {state for (state,) in found if state}
    moments = connection.execute(
        """SELECT at FROM snapshot WHERE kind = ?1 AND failures
        AND at <= (SELECT max(at) FROM snapshot WHERE kind = ?1 AND NOT part) ORDER BY id""",
        (KIND,),
    )
    return Telling([at for (at,) in moments] if states else [], "used" not in states)


def _watched(spans: list[Span], left: float, telling: Telling) -> tuple[float | None, float | None]:
    """The first and the last moment at which it would have been said of a machine that it failed."""
    first = last = None
    for span in spans:
        if not (span.row.get("state") or telling.silence):
            continue
        begun = bisect.bisect_left(telling.moments, span.since)
        until = left if span.until is None else min(span.until, left)
        ended = bisect.bisect_right(telling.moments, until)
        if begun < ended:
            first = telling.moments[begun] if first is None else first
            last = telling.moments[ended - 1]
    return first, last


def _bearers(spans: list[Span], timezone: datetime.tzinfo) -> Iterator[list[Span]]:
    """What each of the machines was that bore one key after another, oldest first."""
    first = 0
    for place in range(1, len(spans)):
        before, after = (spans[at].row.get("purchased") for at in (place - 1, place))
        seen = datetime.datetime.fromtimestamp(spans[first].since, timezone).date().isoformat()
        if before and after and before < after and after > seen:
            yield spans[first:place]
            first = place
    yield spans[first:]


def _end(spans: list[Span], last: float) -> tuple[float, End]:
    """When a life ended, and how: by the first of the states that it ended with."""
    ended = None
    for span in reversed(spans):
        if span.row.get("state") not in _ENDS:
            break
        ended = span
    if ended is not None:
        return ended.since, _ENDS[ended.row["state"]]
    gone = spans[-1].until
    return (max(last, spans[-1].since), "") if gone is None else (gone, "vanished")


def machines(connection: sqlite3.Connection) -> Iterator[tuple[str, list[Span]]]:
    """Each machine's key, and what it was, oldest first."""
    at = dict(connection.execute("SELECT id, at FROM snapshot WHERE kind = ?", (KIND,)))
    before = connection.execute(
        "SELECT workstation, since, until, fields FROM workstation_before ORDER BY workstation, since DESC"
    )
    older = next(before, None)
    for number, key, since, until, text in connection.execute(
        "SELECT id, key, since, until, row FROM workstation_now ORDER BY id"
    ):
        row = json.loads(text)
        spans = [Span(row, at[since], at[until] if until is not None else None)]
        while older is not None and older[0] == number:
            row = {**row, **json.loads(older[3])}
            spans.append(Span(row, at[older[1]], at[older[2]]))
            older = next(before, None)
        yield key, spans[::-1]
