"""Rolls up hours and days in an engine (see `rollups` for what that is, and for the two rules that it lives by).

Nothing is kept of how far it came: what is not marked in the engine is due, the newest first, so it may be killed
anywhere, run in several processes at once, and has all of the past done some time after its first start. A run is
first written and later marked: once it is as old as what an engine may lose when it is killed, and once the engine
shows it.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import structlog

from exporters.history import HistoryError
from exporters.history.days import DAY, Calendar
from exporters.history.prometheus.asking import Client, EngineError
from exporters.history.prometheus.encoding import MARK, Series, encode
from exporters.history.prometheus.lasts import Lasts, Places
from exporters.history.prometheus.periods import Period, days, halves, hours, runs
from exporters.history.prometheus.rollups import (
    DUE_SECONDS,
    RESOLUTION,
    Layer,
    Rolled,
    deliver,
    rolled,
)
from exporters.history.prometheus.samples import Asked, batches, identity, listed, text
from exporters.history.rolling import HOUR_DAYS, KEPT_DAYS
from inventory.metrics import kept

log = structlog.get_logger(__name__)

MOST: Final[Mapping[Rolled, int]] = {"hour": 48, "day": 31}
"""Periods of one run: engines list the series of a month by its days."""

KEPT: Final[Mapping[Rolled, int]] = {"hour": HOUR_DAYS, "day": KEPT_DAYS}
"""Days back that are rolled up: as far as the embedded history keeps them."""

AGAIN: Final = DAY
"""Seconds before what the engine did not take is tried again."""

SHOWN: Final = 30.0
"""Seconds after which an engine shows all that it took. VictoriaMetrics keeps for ten which series there are: a mark, whose
series is an old one, is seen before a copy whose series is new, and days would be made of hours that seem empty."""

FIRST_PAUSE: Final = 60.0
PAUSE: Final = 30.0
"""Seconds between two turns: less than engines keep a silent connection, whose end would look like a restart."""


class _Written(NamedTuple):
    """A run that was written at a time (monotonic), over a connection that had been made anew so many times."""

    resolution: Rolled
    run: Sequence[Period]
    at: float
    restarts: int


class Roller:
    """Rolls up the history of one estate. Speaks over `client` alone, which is to be its own."""

    def __init__(
        self,
        client: Client,
        timezone: str,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._clock, self._monotonic = client, clock, monotonic
        self._calendar = Calendar(timezone)
        self._lasts = Lasts(client)
        self._written: list[_Written] = []
        self._doubted: dict[tuple[Rolled, int], float] = {}
        """Periods that were written at a time, before the engine was started again perhaps."""
        self._floors: dict[Rolled, tuple[int, float]] = {}
        """Of each resolution the last millisecond of the newest period that the engine does not take, and until when."""
        self._tried: dict[tuple[Rolled, int], float] = {}
        """Periods that were marked, and until when they are not looked at if the engine shows no mark."""
        self._plan: list[tuple[Rolled, list[Period]]] = []
        self._reached: int | None = None
        """The hour up to which that is the plan."""
        self._settled = False
        """Whether nothing was due when last looked at."""

    @property
    def waiting(self) -> int:
        """Periods that were written and are not marked yet."""
        return sum(len(one.run) for one in self._written) + len(self._doubted)

    def turn(self) -> list[Period]:
        """Roll up the newest run that is due, and mark what was written long enough ago: the periods of that run.

        Nothing where nothing is due. Raises HistoryError.
        """
        over = self._calendar.hour(self._earliest() - DUE_SECONDS)
        if over != self._reached or not self._plan:
            if self._reached == over and self._settled and not self._written:
                return []
            self._plan, self._reached = list(self._due()), over
            self._settled = not self._plan
            due = {(resolution, period.last) for resolution, run in self._plan for period in run}
            self._doubted = {key: at for key, at in self._doubted.items() if key in due}
        run: list[Period] = []
        if self._plan:
            resolution, run = self._plan[0]
            self._roll(resolution, run)
            self._plan.pop(0)
        self._mark()
        return run

    def _earliest(self) -> float:
        """The time by our clock or the engine's, whichever is earlier: one that runs ahead ends no period."""
        return self._clock() + min(0.0, self._client.skew)

    @property
    def _settles(self) -> float:
        """Seconds before what was written is sure to stay, and to be seen."""
        return max(self._client.engine.resend, SHOWN)

    # --- what is due --------------------------------------------------------------------------------

    def _due(self) -> Iterator[tuple[Rolled, list[Period]]]:
        """Runs that are due: hours first, as days are made of them; of each the newest first."""
        written = {(one.resolution, period.last) for one in self._written for period in one.run}
        for resolution, periods in self._over(self._earliest() - DUE_SECONDS):
            first = self._floor(resolution)
            known = rolled(self._client, self._layer(resolution), periods[0].first, periods[-1].last)
            left = [
                one
                for one in periods
                if one.last > first
                and one.last not in known
                and (resolution, one.last) not in written
                and self._tried.get((resolution, one.last), -math.inf) <= self._monotonic()
            ]
            for run in reversed(list(_backwards(left, MOST[resolution]))):
                yield resolution, run

    def _over(self, now: float) -> Iterator[tuple[Rolled, list[Period]]]:
        """All hours and days that are kept and were over at that time."""
        for resolution in KEPT:
            within = hours if resolution == "hour" else days
            start = max(self._calendar.start(self._calendar.day(now) - KEPT[resolution]), 0.0)
            periods = [one for one in within(self._calendar, start, now) if one.last < now * 1000]
            if periods:
                yield resolution, periods

    # --- rolling up ---------------------------------------------------------------------------------

    def _roll(self, resolution: Rolled, run: Sequence[Period]) -> None:
        """Write what the roll-ups of these periods lack. What is too much at once is done in parts, the newest first."""
        if run[-1].last <= self._floor(resolution):
            return
        restarts, count = self._client.restarts, 0
        try:
            source = self._source(resolution, run)
            for group in batches(self._listed(run)):
                missing = self._missing(source, self._layer(resolution), group, run)
                deliver(self._client, missing)
                count += len(missing)
        except EngineError as error:
            if error.kind not in ("refused", "too_much", "timeout"):
                raise
            if len(run) == 1:
                self._give_up(resolution, run[0], error)
                return
            for half in reversed(halves(run)):
                self._roll(resolution, half)
            return
        whole = _Written(resolution, run, self._monotonic(), restarts)
        if not count and self._stood(whole):
            self._put_marks(whole)
        else:
            self._written.append(whole)

    def _stood(self, one: _Written) -> bool:
        """Whether all of a run was there before, and long enough ago."""
        before = one.at - self._settles
        return all(self._doubted.get((one.resolution, period.last), math.inf) <= before for period in one.run)

    def _source(self, resolution: Rolled, run: Sequence[Period]) -> Layer:
        """Where last samples are read: of days in their hours, where all of these are rolled up."""
        if resolution == "hour":
            return self._layer(None)
        known = rolled(self._client, self._layer("hour"), run[0].first, run[-1].last)
        within = hours(self._calendar, run[0].first / 1000, run[-1].last / 1000)
        return self._layer("hour" if all(one.last in known for one in within) else None)

    def _layer(self, of: Rolled | None) -> Layer:
        return Layer(self._client.engine.name, of, "" if of is None else self._calendar.name)

    def _listed(self, run: Sequence[Period]) -> set[Asked]:
        """The raw series that have samples in that time, and perhaps some more."""
        try:
            return self._list("", run)
        except EngineError as error:
            if error.kind not in ("refused", "too_much"):
                raise
            return set().union(*(self._list(metric, run) for metric in sorted(kept())))

    def _list(self, metric: str, run: Sequence[Period]) -> set[Asked]:
        span = {"start": f"{run[0].first / 1000:.3f}", "end": f"{run[-1].last / 1000:.3f}"}
        found = f'{metric}{{{MARK}={text(self._client.engine.name)},{RESOLUTION}=""}}'
        answer = listed(self._client.ask("series", **{"match[]": found}, **span))
        return {one for one in map(identity, answer) if one.target}

    def _missing(self, source: Layer, into: Layer, group: list[Asked], run: Sequence[Period]) -> list[Series]:
        """The last samples that the roll-ups of some series lack."""
        found, known = self._lasts.find(source, group, run), self._lasts.find(into, group, run)
        lacking = ((one, _newer(places, known.get(one, {}))) for one, places in found.items())
        return [Series(into.labels(one), samples) for one, samples in lacking if samples]

    def _floor(self, resolution: Rolled) -> int:
        """The last millisecond of the newest period that is left alone, and all older ones with it."""
        floor, until = self._floors.get(resolution, (-1, 0.0))
        return floor if self._monotonic() < until else -1

    def _give_up(self, resolution: Rolled, period: Period, error: EngineError) -> None:
        """What the engine does not take of that time it takes of no older one: its age is why, as a rule."""
        if resolution not in self._floors:
            log.warning("history not rolled up so far back", resolution=resolution, why=str(error))
        self._floors[resolution] = (max(self._floor(resolution), period.last), self._monotonic() + AGAIN)

    # --- marking ------------------------------------------------------------------------------------

    def _mark(self) -> None:
        """Mark what an engine shows, and would still have if it were killed now; what it may have lost is due again."""
        for one in tuple(self._written):
            if one.restarts != self._client.restarts:
                self._doubted |= {(one.resolution, period.last): one.at for period in one.run}
                self._reached = None
            elif self._monotonic() - one.at < self._settles:
                continue
            else:
                self._put_marks(one)
            self._written.remove(one)

    def _put_marks(self, one: _Written) -> None:
        for run in (one.run, *([period] for period in reversed(one.run))):
            try:
                self._client.write(encode([self._marks(one.resolution, run)]))
            except EngineError as error:
                if error.kind not in ("refused", "too_much"):
                    raise
                if len(run) == 1:
                    self._give_up(one.resolution, run[0], error)
                    break
            else:
                # An engine drops in silence what its retention does not reach: that is not written again at once.
                until = self._monotonic() + AGAIN
                self._tried |= {(one.resolution, period.last): until for period in run}
                self._doubted = {key: at for key, at in self._doubted.items() if key not in self._tried}
                if len(run) == len(one.run):
                    break

    def _marks(self, resolution: Rolled, run: Sequence[Period]) -> Series:
        return Series(self._layer(resolution).marker(), tuple((period.last, 1.0) for period in run))


class Rolling:
    """A thread that takes turns with a Roller of its own, with pauses as long as they last, until it is closed."""

    def __init__(self, client: Client, timezone: str, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._roller = Roller(client, timezone, clock)
        self._failed: str | None = None
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="history roller", daemon=True)
        self._thread.start()

    def close(self, seconds: float) -> None:
        """Stop: what is due stays so."""
        self._end.set()
        self._thread.join(seconds)
        self._client.close()

    def _run(self) -> None:
        # Collectors that are started together do not all do the same.
        pause = FIRST_PAUSE * random.uniform(1, 3)  # noqa: S311 - no secret
        while not self._end.wait(pause):
            pause = self._turn()

    def _turn(self) -> float:
        """One turn; the seconds until the next."""
        begin = time.monotonic()
        try:
            done, said = self._roller.turn(), None
        except HistoryError as error:
            done, said = [], str(error)
        except Exception as error:  # a fault of ours: the thread stays, and says so
            log.exception("history not rolled up")
            done, said = [], f"internal: {type(error).__name__}, see the log"
        if said is not None and said != self._failed:
            log.error("history not rolled up; raw values are read", why=said)
        self._failed = said
        return min(PAUSE, time.monotonic() - begin) if done else PAUSE


def _backwards(periods: Sequence[Period], most: int) -> Iterator[list[Period]]:
    """Runs that are counted from the newest, in the order of time."""
    for run in runs(periods, max(len(periods), 1)):
        first = len(run) % most
        yield from (part for part in (run[:first], *_parts(run[first:], most)) if part)


def _parts(run: Sequence[Period], most: int) -> Iterator[list[Period]]:
    return (list(run[place : place + most]) for place in range(0, len(run), most))


def _newer(found: Places, known: Places) -> tuple[tuple[int, float], ...]:
    """The samples that are later than what is known of their period."""
    return tuple(
        sorted(pair for place, pair in found.items() if place not in known or known[place][0] < pair[0])
    )
