"""How far a roll-out is, by day: counted in the imports that were kept, or written down by people."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from inventory.fleet.judging import texts_of
from inventory.imports import lives, machines
from inventory.renewal import Renewal
from inventory.rollouts import Days, Rollout, Software, System
from inventory.state import State
from inventory.workstations import OUT, Workstation

Uncounted = Literal["no import", "software", "nobody"]

_SENTENCES: Final[dict[Uncounted, str]] = {
    "no import": "no inventory was imported yet: jauge inventory import",
    "software": "the inventories that were imported do not tell what software is installed: write the numbers down (kind: days)",
    "nobody": "there is no workstation in use that it is for: look at its section among",
}


class TallyError(Exception):
    """What was deployed cannot be counted: the message says why and what to do, `why` is for those who say it in other words."""

    def __init__(self, why: Uncounted) -> None:
        self.why = why
        super().__init__(_SENTENCES[why])


class Tally(NamedTuple):
    """How many are deployed in all: frame `day` (datetime64[s]), `count` (int64), by day.

    `total` is how many there will be: as declared, else the workstations in use that it is for, in the newest import.
    `unknown` of them do not tell whether it runs on them: None where they are not asked.
    """

    history: pd.DataFrame
    total: int
    unknown: int | None


def tally(rollout: Rollout, renewal: Renewal, state: State | None, timezone: dt.tzinfo) -> Tally:
    """The tally of a roll-out. Raises CountsError for a file of counts that cannot be read, and TallyError: there are no
    workstations that it is for, or it is software, which no inventory tells."""
    if isinstance(rollout.counted, Days):
        return Tally(rollout.counted.counts(), rollout.total or 0, None)
    if isinstance(rollout.counted, Software):
        raise TallyError("software")
    if state is None:
        raise TallyError("no import")
    return _counted(rollout, rollout.counted, renewal, state, timezone)


class _Steps(NamedTuple):
    """What each import adds and takes away (S): of machines that are meant, that tell, and on which it runs."""

    meant: np.ndarray[Any, np.dtype[np.int64]]
    told: np.ndarray[Any, np.dtype[np.int64]]
    done: np.ndarray[Any, np.dtype[np.int64]]


def _counted(rollout: Rollout, wanted: System, renewal: Renewal, state: State, timezone: dt.tzinfo) -> Tally:
    with state.read() as connection:
        times = [at for (at,) in connection.execute("SELECT at FROM snapshot ORDER BY id")]
        if not times:
            raise TallyError("no import")
        place = {at: number for number, at in enumerate(times)}
        steps = _Steps(*(np.zeros(len(times) + 1, dtype=np.int64) for _ in _Steps._fields))
        for _, spans in lives.machines(connection):
            for span in spans:
                first = place[span.since]
                last = len(times) if span.until is None else place[span.until]
                _step(steps, _meaning(machines.revive(span.row), rollout, wanted, renewal), first, last)
    meant, told, done = (np.cumsum(each)[:-1] for each in steps)
    if rollout.total is None and not meant[-1]:
        raise TallyError("nobody")
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
