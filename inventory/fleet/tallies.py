"""How far a roll-out is, by day: counted in the imports that were kept, or written down by people."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from inventory.fleet.judging import OUT, texts_of
from inventory.imports import lives, machines
from inventory.renewal import Renewal
from inventory.rollouts import Days, Rollout, Software, System
from inventory.state import State
from inventory.workstations import Workstation

_SIZE: Final = 1024 * 1024
"""Bytes of a file of counts: two centuries of days."""

_MOST: Final = 10_000_000


class TallyError(Exception):
    """What was deployed cannot be counted: the message says why, where, and what to do."""


class Tally(NamedTuple):
    """How many are deployed in all: frame `day` (datetime64[s]), `count` (int64), by day.

    `total` is how many there will be: as declared, else the workstations in use that it is for, in the newest import.
    `unknown` of them do not tell whether it runs on them: None where they are not asked.
    """

    history: pd.DataFrame
    total: int
    unknown: int | None


def tally(rollout: Rollout, renewal: Renewal, state: State | None, timezone: dt.tzinfo) -> Tally:
    """The tally of a roll-out. Raises TallyError: a file of counts cannot be read, no workstations that it is for, or software,
    which no inventory tells."""
    if isinstance(rollout.counted, Days):
        return Tally(_written(rollout.counted), rollout.total or 0, None)
    if isinstance(rollout.counted, Software):
        raise TallyError(
            "the inventories that were imported do not tell what software is installed: write the numbers down (kind: days)"
        )
    if state is None:
        raise TallyError("no inventory was imported yet: jauge inventory import")
    return _counted(rollout, rollout.counted, renewal, state, timezone)


# --- in the imports -----------------------------------------------------------------------------------


class _Steps(NamedTuple):
    """What each import adds and takes away (S): of machines that are meant, that tell, and on which it runs."""

    meant: np.ndarray[Any, np.dtype[np.int64]]
    told: np.ndarray[Any, np.dtype[np.int64]]
    done: np.ndarray[Any, np.dtype[np.int64]]


def _counted(rollout: Rollout, wanted: System, renewal: Renewal, state: State, timezone: dt.tzinfo) -> Tally:
    with state.read() as connection:
        times = [at for (at,) in connection.execute("SELECT at FROM snapshot ORDER BY id")]
        if not times:
            raise TallyError("no inventory was imported yet: jauge inventory import")
        place = {at: number for number, at in enumerate(times)}
        steps = _Steps(*(np.zeros(len(times) + 1, dtype=np.int64) for _ in _Steps._fields))
        for _, spans in lives.machines(connection):
            for span in spans:
                first = place[span.since]
                last = len(times) if span.until is None else place[span.until]
                _step(steps, _meaning(machines.revive(span.row), rollout, wanted, renewal), first, last)
    meant, told, done = (np.cumsum(each)[:-1] for each in steps)
    if rollout.total is None and not meant[-1]:
        raise TallyError("there is no workstation in use that it is for: look at its section among")
    known = told > 0  # an import that does not tell what runs counts nothing: that is not 0
    history = pd.DataFrame({"day": _days(times, timezone)[known], "count": done[known]})
    history = history.drop_duplicates("day", keep="last", ignore_index=True)
    return Tally(history, rollout.total or int(meant[-1]), int(meant[-1] - told[-1]))


def _step(steps: _Steps, meaning: tuple[bool, bool, bool], first: int, last: int) -> None:
    for counts, holds in zip(steps, meaning, strict=True):
        counts[first] += holds
        counts[last] -= holds


def _meaning(one: Workstation, rollout: Rollout, wanted: System, renewal: Renewal) -> tuple[bool, bool, bool]:
    """Whether a machine is meant, whether it tells, and whether it is done."""
    use = texts_of(one, renewal)["class"] if rollout.among.classes else None
    if one.state in OUT or one.state == "stock" or not rollout.among.holds(one.site, one.service, use):
        return False, False, False
    runs = wanted.fits(one)
    return True, runs is not None, runs is True


def _days(times: list[float], timezone: dt.tzinfo) -> Any:
    moments = pd.to_datetime(pd.Series(times, dtype="float64"), unit="s", utc=True).dt.tz_convert(timezone)
    return moments.dt.tz_localize(None).dt.normalize().astype("datetime64[s]").to_numpy()


# --- as people write it down --------------------------------------------------------------------------


def _written(days: Days) -> pd.DataFrame:
    """Days of the file, and those of the estate, which count where both have one."""
    counts = dict(_read(Path(days.file))) if days.file else {}
    counts |= days.days
    rows = sorted(counts.items())
    frame = pd.DataFrame(rows, columns=["day", "count"]).astype({"count": "int64"})
    return frame.assign(day=pd.to_datetime(frame["day"]).astype("datetime64[s]"))


def _read(path: Path) -> Iterator[tuple[dt.date, int]]:
    """The rows of a CSV file with the columns day and count. Raises TallyError with line and column."""
    try:
        if path.stat().st_size > _SIZE:
            raise TallyError(f"{path}: larger than {_SIZE // 1024} KiB: it is no file of counts")
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise TallyError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise TallyError(f"{path}: no UTF-8 at byte {error.start}") from None
    head = text.split("\n", 1)[0]
    rows = csv.reader(text.splitlines(), delimiter=";" if ";" in head else ",")
    titles = [cell.strip().casefold() for cell in next(rows, [])]
    if "day" not in titles or "count" not in titles:
        raise TallyError(f"{path}:1: the columns day and count are needed, there are: {', '.join(titles)}")
    places = titles.index("day"), titles.index("count")
    for cells in rows:
        if any(cell.strip() for cell in cells):
            yield _row(cells, places, f"{path}:{rows.line_num}")


def _row(cells: list[str], places: tuple[int, int], where: str) -> tuple[dt.date, int]:
    day, count = (cells[place].strip() if place < len(cells) else "" for place in places)
    try:
        found = dt.date.fromisoformat(day)
    except ValueError:
        raise TallyError(f"{where}: column day: {day[:40]!r} is no day: write 2026-10-05") from None
    if not count.isascii() or not count.isdecimal() or len(count) > 8 or int(count) > _MOST:
        raise TallyError(f"{where}: column count: {count[:40]!r} is no number of deployed things")
    return found, int(count)
