"""The files under `--data DIR`: what is asked of them is remembered for a moment, and what cannot be read is told."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import Final, NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo

import structlog

from dashboard.data.memory import Memory, Unanswered
from dashboard.declared import Declared
from exporters.digested import FILE as DIGEST
from exporters.digested import DigestError
from exporters.events import EventError
from exporters.history import HistoryError, Known, Reader, opening
from exporters.plan.schema import PlanError
from exporters.pulse import FILE as COLLECTOR
from exporters.pulse import PulseError
from exporters.status import StatusError
from exporters.supervision import FILE as SUPERVISOR
from exporters.supervision import SupervisionError
from forecasting import kept_purchase
from forecasting.renewal import kept as kept_renewal
from inventory.estate import Estate
from inventory.state import State, StateError, audit

log = structlog.get_logger(__name__)

HISTORY, PLAN, STATE, STATUS, EVENTS = "history.db", "plan.db", "state.db", "status.json", "events.db"
"""Names of the files under `--data DIR`."""

_EVERY: Final = (HISTORY, PLAN, STATE, STATUS, EVENTS, kept_purchase.FILE, kept_renewal.FOLDER)
"""Whatever a page may show something of. A folder is written when a file in it is replaced."""

DAY: Final = 86_400.0

GONE: Final = 30.0
"""Days after its last value from which a store is not listed any more, as for the planner."""

SLOW: Final = 600.0
"""Seconds that an answer is remembered which takes seconds to compute."""

_FRESH: Final = 20.0
"""The same for an answer from files."""

_FRESH_ENGINE: Final = 30.0
"""The same for one which an engine had a part in."""

_MEASURED: Final = frozenset({HISTORY, STATUS, EVENTS})
"""Files that the collector writes all the time; whatever people change is seen at once."""

_MADE: Final = frozenset({PLAN})
"""Files that the planner writes once a night."""

_ANSWERS, _PAGES = 500, 64
"""How many are remembered: a page of a long list takes a megabyte."""

_DEAR: Final = 0.1
"""Seconds from which an answer is dear."""

_LINGERS: Final = 30.0
"""Seconds for which a dear answer is given while it is made anew: until browsers look again."""

_DEAR_PAGE: Final = 0.005
"""The same for a page that many look at."""

_BEHIND: Final = 5.0
"""Seconds by which such a page is behind what is measured before it is drawn anew, at most."""

_FRESH_PAGE, _LINGERS_PAGE = 10.0, 10.0
"""The same as for answers. Together they are less than the time after which browsers look again: a page that one person
watches is drawn of that moment, one that many ask for at once is given as it was, and says of what moment it is."""

_FRESH_STILL: Final = 60.0
"""The same for a page that shows nothing of what is measured: what people change is seen at once."""

_LONGEST: Final = 30.0
"""Seconds for which an answer is given though files changed, at most: until browsers look again."""

_TICK: Final = 1.0
"""Seconds after which what was written into a file surely has another time than what follows."""

Answer = TypeVar("Answer")


class Fault(NamedTuple):
    """A file that cannot be read, what its reader said, and when it was last written."""

    file: str
    why: str
    stamp: float


_FILES: Final[dict[type[Exception], str]] = {
    DigestError: DIGEST,
    EventError: EVENTS,
    HistoryError: HISTORY,
    PlanError: PLAN,
    PulseError: COLLECTOR,
    StateError: STATE,
    StatusError: STATUS,
    SupervisionError: SUPERVISOR,
}
"""Which file each error speaks of."""


class Files:
    """The estate and its files. `clock` gives UTC epoch seconds. An absent file leaves its answers empty."""

    def __init__(
        self,
        estate: Estate | Declared,
        data_dir: Path,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._declared = estate if isinstance(estate, Declared) else Declared(estate)
        self.folder = data_dir
        self.clock = clock
        self.started = clock()
        self.zone = ZoneInfo(self.estate.timezone)
        self._memory = Memory(_ANSWERS, _DEAR, _MEASURED, _MEASURED | _MADE, _LINGERS, spared=_LONGEST)
        self._pages = Memory(_PAGES, _DEAR_PAGE, _MEASURED, _MEASURED | _MADE, _LINGERS_PAGE, spared=_BEHIND)
        self._faults: dict[Hashable, Fault] = {}
        self._changed: tuple[float, float] | None = None
        self._mutex = threading.Lock()
        self._readers = threading.local()

    @property
    def estate(self) -> Estate:
        """The estate as its file declares it."""
        return self._declared.estate

    @property
    def home(self) -> Path | None:
        """The folder of the estate, where its file is known."""
        return self._declared.home

    @property
    def mistake(self) -> str:
        """The first mistake of the estate's file, where it is an earlier one that is shown."""
        return self._declared.mistake

    @property
    def today(self) -> dt.date:
        """The civil day of the estate."""
        return self.day(self.clock())

    def day(self, at: float) -> dt.date:
        """The civil day of UTC epoch seconds, in the estate's timezone."""
        return dt.datetime.fromtimestamp(at, self.zone).date()

    def faults(self) -> list[Fault]:
        """The files that could not be read when they were last asked, each once."""
        with self._mutex:
            found = {fault.file: fault for fault in self._faults.values()}
        # A file that was mended or taken away since is at fault no more.
        return [found[name] for name in sorted(found) if self._written(name) == found[name].stamp]

    def reader(self) -> Reader:
        """The history; one connection to an engine for each thread, as answers are long and processes fork."""
        estate = self.estate
        if estate.history is None:
            return opening.reader(estate, self.folder / HISTORY)
        kept = getattr(self._readers, "one", None)
        if kept is None or kept[0] != os.getpid() or kept[1] is not estate:
            kept = self._readers.one = (os.getpid(), estate, opening.reader(estate, self.folder / HISTORY))
        return cast(Reader, kept[2])

    def _series(self, metric: str) -> list[Known]:
        if self.estate.history is None and not (self.folder / HISTORY).is_file():
            return []
        return self._remember(("series", metric), (HISTORY,), [], lambda: self.reader().series(metric=metric))

    def _last(self, ids: list[str], days: float) -> dict[str, float]:
        """The last value of each series, not older than that many days."""
        if not ids:
            return {}
        now = self.clock()
        return self.reader().last(
            ids, now - days * DAY, now
        )  # what a wrong clock dated ahead is not the present

    def _remember(
        self,
        key: Hashable,
        files: tuple[str, ...],
        absent: Answer,
        ask: Callable[[], Answer],
        fresh: float = _FRESH,
    ) -> Answer:
        """An answer from files, remembered for a moment; `absent` where they cannot be read, said in the log."""
        stamps, by_clock = self._stamps(files), HISTORY in files and bool(self.estate.history)
        fresh = max(fresh, _FRESH_ENGINE) if by_clock else fresh
        try:
            return self._memory.answer(key, stamps, lambda: self._ask(key, ask), fresh, by_clock=by_clock)
        except Unanswered:
            return absent

    def drawn(self, key: Hashable, draw: Callable[[], Answer], *, measured: bool = True) -> Answer:
        """What is drawn of all files and of nothing else, `key` apart: many look at the same.

        Of all but those that the collector writes, where nothing in it is `measured`.
        """
        files = _EVERY if measured else [name for name in _EVERY if name not in _MEASURED]
        fresh = _FRESH_PAGE if measured else _FRESH_STILL
        return self._pages.answer((key, self.today, id(self.estate)), self._stamps(files), draw, fresh)

    def _ask(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """An answer. Raises Unanswered where a file cannot be read: it is noted."""
        try:
            answer = ask()
        except tuple(_FILES) as error:
            log.warning("cannot answer", question=str(key)[:120], why=str(error))
            file = next(name for kind, name in _FILES.items() if isinstance(error, kind))
            if file == HISTORY and self.estate.history:
                file = self.estate.history.url
            with self._mutex:
                if len(self._faults) > 100:
                    self._faults.clear()
                self._faults[key] = Fault(file, str(error), self._written(file))
            raise Unanswered from error
        with self._mutex:
            self._faults.pop(key, None)
        return answer

    def _stamps(self, files: Iterable[str]) -> dict[str, float]:
        return {name: self._stamp(name) for name in files}

    def _stamp(self, name: str) -> float:
        """What tells two contents of a file apart; 0 where there is none.

        Of the state it is the newest entry of its audit log which changed something: sessions are written down all day,
        and what was judged of ten thousand machines is not judged again for them.
        """
        written = self._written(name)
        if name != STATE or not written:
            return written
        kept = self._changed
        if kept is not None and kept[0] == written:
            return kept[1]
        try:
            changed = float(audit.newest_change(State(self.folder / STATE)))
        except StateError:
            return written
        # A clock ticks some hundred times a second: what is written within the same tick would not be seen.
        self._changed = (written, changed) if time.time() - written > _TICK else None
        return changed

    def _written(self, name: str) -> float:
        """When a file, or its write-ahead log, was last written; 0 where there is none."""
        file, wal = _stat(self.folder / name), _stat(self.folder / f"{name}-wal")
        times = [file.st_mtime] if file else []
        if wal and wal.st_size:  # one of nothing is made by whoever reads
            times.append(wal.st_mtime)
        return max(times, default=0.0)


def _stat(path: Path) -> os.stat_result | None:
    """What is known of a file; None where there is none, as of a log that its last reader folds in just now, or where nobody is
    let through to it: whoever reads it says so."""
    try:
        return path.stat()
    except OSError:
        return None
