"""The nightly job: everything that fills, in batches over processes, into one issue."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import datetime as dt
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol
from zoneinfo import ZoneInfo

from exporters.history import HistoryError, Reader
from exporters.history.lock import Lock
from exporters.plan.outlooks import Outlook, Outlooks
from exporters.plan.schema import PlanError
from forecasting.capacity import Rules
from forecasting.engine.frames import drawn
from forecasting.plan import batch
from forecasting.plan.batch import Committed, Context, Correction
from forecasting.plan.pools import decide, within
from forecasting.plan.processes import Processes
from forecasting.planned import Held, cut_out
from forecasting.quantities import Planned, find

if TYPE_CHECKING:
    from forecasting.engine.bands import Fleet
    from forecasting.engine.frames import Floats

BATCH: Final = 128
"""Things that are looked at together: one panel of the engine."""

Progress = Callable[[int, int], None]
"""Told after each batch: how many things are done, of how many."""


class Ledger(Protocol):
    """Who keeps the forecasts of a night to score them later."""

    def watch(self, outlooks: Iterable[Outlook]) -> Iterable[Outlook]:
        """The outlooks, passed on one by one."""

    def write(self, db: sqlite3.Connection) -> None:
        """Keep what has passed, in the transaction of the issue."""


@dataclasses.dataclass(frozen=True, slots=True)
class Summary:
    """What a run of the planner did: things with an outlook, those with a central date of being full, reasons of the others."""

    issued_at: float
    stores: int
    dated: int
    reasons: Mapping[str, int]
    stale: int
    seconds: float
    day: dt.date | None = None
    quantities: Mapping[str, int] = dataclasses.field(default_factory=dict)
    first: dt.date | None = None
    """The earliest central date of being full: the day itself where something is full already."""

    def full_within(self, days: int) -> bool:
        """Whether anything is full by then, more likely than not."""
        return self.first is not None and self.day is not None and (self.first - self.day).days <= days


def plan(
    reader: Reader,
    outlooks: Outlooks,
    now: float,
    ceilings: Mapping[str, float] | None = None,
    *,
    rules: Rules | None = None,
    committed: Committed | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    ledger: Ledger | None = None,
    correct: Correction | None = None,
) -> Summary:
    """Forecast everything that fills as of `now` (UTC epoch seconds), and issue the outlooks: one issue a civil day.

    `rules` say how much of a size may be planned with; `ceilings` is the short form of rules that are ceilings of
    targets alone. `committed` is what people decided. What has no value for STALE days is left out. A history that is
    read from other processes (`workers` above 1) has to be one that can be sent there. Raises HistoryError and
    PlanError, the latter too where another planner is at work; nothing is issued then.
    """
    chosen = rules if rules is not None else Rules.ceiled(ceilings or {})
    context = Context(reader, now, reader.timezone, chosen, committed or Committed(), correct=correct)
    with alone(outlooks):
        return issue(context, outlooks, workers, progress, ledger)


@contextlib.contextmanager
def alone(outlooks: Outlooks) -> Iterator[None]:
    """Be the only planner of these outlooks until the block ends. Raises PlanError where another one is at work."""
    try:
        lock = Lock(outlooks.file.with_name(f"{outlooks.file.stem}.lock"))
    except HistoryError as error:
        raise PlanError(str(error)) from error
    with lock:
        yield


def issue(
    context: Context,
    outlooks: Outlooks,
    workers: int = 1,
    progress: Progress | None = None,
    ledger: Ledger | None = None,
) -> Summary:
    """What `plan` does once it is `alone`."""
    started = time.monotonic()
    day = dt.datetime.fromtimestamp(context.now, ZoneInfo(context.zone)).date()
    found = find(context.reader, context.now)
    tally = _Tally()
    few = len(found.planned) <= 2 * BATCH  # done before other processes have begun
    with Processes(1 if few else workers) as processes:
        made = tally.count(_outlooks(context, found.planned, processes, progress))
        seen = ledger.watch(made) if ledger is not None else made
        outlooks.issue(seen, context.now, ledger.write if ledger is not None else None, day)
    return tally.summary(context.now, day, found.stale, time.monotonic() - started)


def project_stores(
    reader: Reader,
    unique_ids: Iterable[str],
    now: float,
    rules: Rules,
    additions: Mapping[str, Floats] | None = None,
    capacities: Mapping[str, Floats] | None = None,
    fleets: Mapping[str, Fleet] | None = None,
    planned: Sequence[Planned] | None = None,
    correct: Correction | None = None,
) -> list[Outlook]:
    """The outlooks of some things, by name, with what is asked added to what they hold and to their size.

    `additions` are (days, 3): low, likely and high of what will have been added by each day, `capacities` (days,):
    the usable size that will have arrived by then; a row counts from the day after a store's own last one. Pools that
    decide over them are looked at too, and not told. `fleets` (see `learn_fleets`) and `planned` (see `find`) are those
    of an earlier call, to be spared learning and listing them again. `correct` is what the night's bands were corrected by,
    without which its dates are others. Raises HistoryError.
    """
    wanted = set(unique_ids)
    found = find(reader, now).planned if planned is None else planned
    pools = within(found)
    needed = wanted | {name for store in wanted for name in pools.get(store, ())}
    moves = Committed(additions or {}, capacities or {})
    context = Context(reader, now, reader.timezone, rules, moves, correct=correct)
    if fleets is None:
        names = {one.quantity.name for one in found if one.unique_id in needed}
        fleets = learn_fleets(context, [one for one in found if one.quantity.name in names])
    context = dataclasses.replace(context, fleets=fleets)
    with Processes(1) as processes:
        some = [one for one in found if one.unique_id in needed]
        made = _batches(context, some, pools, _leads(rules, found), processes, None)
        return sorted((one for one in made if one.unique_id in wanted), key=lambda one: one.unique_id)


def learn_fleets_of(
    reader: Reader, quantities: Collection[str], now: float, found: Sequence[Planned] | None = None
) -> dict[str, Fleet]:
    """What the things of some quantities have in common; `found` is what `find` gave, where that is known. Raises HistoryError."""
    context = Context(reader, now, reader.timezone, Rules.ceiled({}))
    listed = find(reader, now).planned if found is None else found
    return learn_fleets(context, [one for one in listed if one.quantity.name in quantities])


def learn_fleets(context: Context, planned: Sequence[Planned]) -> dict[str, Fleet]:
    """What the things of each quantity have in common, in this process. Raises HistoryError."""
    with Processes(1) as processes:
        return _learn(context, planned, processes)


def _outlooks(
    context: Context, planned: Sequence[Planned], processes: Processes, progress: Progress | None
) -> Iterator[Outlook]:
    whole = dataclasses.replace(context, fleets=_learn(context, planned, processes))
    leads = _leads(context.rules, planned)
    yield from _batches(whole, planned, within(planned), leads, processes, progress)


def _leads(rules: Rules, planned: Sequence[Planned]) -> dict[str, float | None]:
    """Seconds from order to use; None where nobody tells, and of what is cut out of a pool, for which nothing is ordered."""
    inside = cut_out(Held(one.unique_id, one.target, one.quantity.name, one.labels) for one in planned)
    return {one.unique_id: None if one.unique_id in inside else rules.lead(one.target) for one in planned}


def _learn(context: Context, planned: Sequence[Planned], processes: Processes) -> dict[str, Fleet]:
    samples = {
        name: [things[place] for place in drawn([one.unique_id for one in things])]
        for name, things in _by_quantity(planned).items()
    }
    learnt = {name: batch.learn(context, sample, processes.each) for name, sample in samples.items()}
    return {name: fleet for name, fleet in learnt.items() if fleet is not None}


def _batches(
    context: Context,
    planned: Sequence[Planned],
    pools: Mapping[str, tuple[str, ...]],
    leads: Mapping[str, float | None],
    processes: Processes,
    progress: Progress | None,
) -> Iterator[Outlook]:
    """The outlooks as they are made: never all in memory. What decides over others comes before them."""
    tasks = list(_tasks(planned, pools))
    looked = processes.each(batch.look, ((context.narrow(task), task) for task in tasks))
    made = _counted(looked, tasks, progress)
    yield from decide(made, pools, leads)


def _counted(
    answers: Iterator[list[Outlook]], tasks: Sequence[Sequence[Planned]], progress: Progress | None
) -> Iterator[Outlook]:
    total, done = sum(map(len, tasks)), 0
    for answer, task in zip(answers, tasks, strict=True):
        yield from answer
        done += len(task)
        if progress is not None:
            progress(done, total)


def _tasks(planned: Sequence[Planned], pools: Mapping[str, tuple[str, ...]]) -> Iterator[list[Planned]]:
    """Batches of one quantity each, in waves: a pool's metadata, then pools, then what is in them."""
    depth = {one.unique_id: _depth(one.unique_id, pools) for one in planned}
    for wave in range(max(depth.values(), default=-1) + 1):
        for things in _by_quantity([one for one in planned if depth[one.unique_id] == wave]).values():
            for first in range(0, len(things), BATCH):
                yield things[first : first + BATCH]


def _depth(name: str, pools: Mapping[str, tuple[str, ...]], seen: tuple[str, ...] = ()) -> int:
    """How many decide over it, one over the other; a pool that would be inside itself counts once."""
    return max(
        (1 + _depth(pool, pools, (*seen, name)) for pool in pools.get(name, ()) if pool not in seen),
        default=0,
    )


def _by_quantity(planned: Sequence[Planned]) -> dict[str, list[Planned]]:
    found: dict[str, list[Planned]] = {}
    for one in planned:
        found.setdefault(one.quantity.name, []).append(one)
    return found


class _Tally:
    """Counts outlooks as they pass."""

    def __init__(self) -> None:
        self._reasons: collections.Counter[str | None] = collections.Counter()
        self._quantities: collections.Counter[str] = collections.Counter()
        self._first: dt.date | None = None

    def count(self, made: Iterable[Outlook]) -> Iterator[Outlook]:
        for outlook in made:
            self._reasons[outlook.reason] += 1
            self._quantities[outlook.quantity] += 1
            date = outlook.last if outlook.is_over else outlook.date
            if date is not None and (self._first is None or date < self._first):
                self._first = date
            yield outlook

    def summary(self, now: float, day: dt.date, stale: int, seconds: float) -> Summary:
        why = {reason: count for reason, count in self._reasons.items() if reason}
        return Summary(
            now,
            self._reasons.total(),
            self._reasons[None],
            why,
            stale,
            seconds,
            day,
            dict(self._quantities),
            self._first,
        )
