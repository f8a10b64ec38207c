"""The files under `--data DIR`: what is asked of them is remembered for a moment, and what cannot be read is told."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar, cast
from zoneinfo import ZoneInfo

import structlog

from dashboard.data.renewing import Renewer
from dashboard.declared import Declared
from exporters.events import EventError
from exporters.history import HistoryError, Known, Reader, opening
from exporters.plan.schema import PlanError
from exporters.status import StatusError
from inventory.estate import Estate
from inventory.state import State, StateError, audit

log = structlog.get_logger(__name__)

HISTORY, PLAN, STATE, STATUS, EVENTS = "history.db", "plan.db", "state.db", "status.json", "events.db"
"""Names of the files under `--data DIR`."""

DAY: Final = 86_400.0

GONE: Final = 30.0
"""Days after its last value from which a store is not listed any more, as for the planner."""

SLOW: Final = 600.0
"""Seconds that an answer is remembered which takes seconds to compute."""

_FRESH: Final = 5.0
"""The same for an answer from files."""

_FRESH_ENGINE: Final = 30.0
"""The same for one which an engine had a part in."""

_DEAR: Final = 0.1
"""Seconds from which an answer is dear: it is shown for longer, though more has been measured meanwhile."""

_SPARED: Final = 20.0
"""For how many times what it took a dear answer holds: it takes a twentieth of a thread at most."""

_LINGERS: Final = 60.0
"""Seconds beyond that for which a dear answer is given while it is made anew: nobody waits for what others look at."""

_MEASURED: Final = frozenset({HISTORY, STATUS, EVENTS})
"""Files that the collector writes all the time; whatever people change is seen at once."""

_COMPUTED: Final = frozenset({PLAN})
"""Files that the planner writes once a night."""

_TICK: Final = 1.0
"""Seconds after which what was written into a file surely has another time than what follows."""

Answer = TypeVar("Answer")


class Fault(NamedTuple):
    """A file that cannot be read, what its reader said, and when it was last written."""

    file: str
    why: str
    stamp: float


class _Kept(NamedTuple):
    """An answer: when it was asked for (monotonic), the stamps of its files, and the seconds that it took: of a thread, or by
    the clock where an engine elsewhere worked."""

    at: float
    stamps: tuple[float, ...]
    answer: Any
    took: float

    @property
    def is_dear(self) -> bool:
        return self.took >= _DEAR

    @property
    def spared(self) -> float:
        """Seconds for which it holds although more has been measured."""
        return self.took * _SPARED if self.is_dear else 0.0


def _holds(kept: _Kept, changed: set[str], fresh: float) -> bool:
    """Whether an answer is still given, of whose files some have changed; never where `fresh` is 0."""
    age = time.monotonic() - kept.at
    if not fresh or not changed <= _MEASURED:
        return False
    return age < (kept.spared if changed else max(fresh, kept.spared))


def _lingers(kept: _Kept, changed: set[str], fresh: float) -> bool:
    """Whether an answer that does not hold is given while another thread makes it anew."""
    if not fresh or not kept.is_dear or not changed <= _MEASURED | _COMPUTED:
        return False
    return time.monotonic() - kept.at < max(fresh, kept.spared) + _LINGERS


_FILES: Final[dict[type[Exception], str]] = {
    EventError: EVENTS,
    HistoryError: HISTORY,
    PlanError: PLAN,
    StateError: STATE,
    StatusError: STATUS,
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
        self.zone = ZoneInfo(self.estate.timezone)
        self._memory: dict[Hashable, _Kept] = {}
        self._turns: dict[Hashable, threading.Lock] = {}
        self._faults: dict[Hashable, Fault] = {}
        self._changed: tuple[float, float] | None = None
        self._mutex = threading.Lock()
        self._readers = threading.local()
        self._renewer = Renewer()

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
        return self.reader().last(ids, self.clock() - days * DAY)

    def _remember(
        self,
        key: Hashable,
        files: tuple[str, ...],
        absent: Answer,
        ask: Callable[[], Answer],
        fresh: float = _FRESH,
    ) -> Answer:
        """An answer from files, remembered for a moment; `absent` where they cannot be read, said in the log."""
        stamps = tuple(self._stamp(name) for name in files)
        if HISTORY in files and self.estate.history:
            fresh = max(fresh, _FRESH_ENGINE)
        with self._mutex:
            turn = self._turns.setdefault(key, threading.Lock())
        with turn:  # who asks the same meanwhile waits for the answer of the first
            with self._mutex:
                kept = self._memory.get(key)
            if kept is not None:
                changed = {
                    name
                    for name, before, now in zip(files, kept.stamps, stamps, strict=True)
                    if before != now
                }
                if _holds(kept, changed, fresh):
                    return cast(Answer, kept.answer)
                if _lingers(kept, changed, fresh) and self._renewer.begin(
                    key, lambda: self._answer(key, stamps, absent, ask)
                ):
                    return cast(Answer, kept.answer)
            return self._answer(key, stamps, absent, ask)

    def _answer(
        self, key: Hashable, stamps: tuple[float, ...], absent: Answer, ask: Callable[[], Answer]
    ) -> Answer:
        now, worked = time.monotonic(), time.thread_time()
        try:
            answer = ask()
        except tuple(_FILES) as error:
            log.warning("cannot answer", question=str(key)[:120], why=str(error))
            with self._mutex:
                if len(self._faults) > 100:
                    self._faults.clear()
                file = next(name for kind, name in _FILES.items() if isinstance(error, kind))
                if file == HISTORY and self.estate.history:
                    file = self.estate.history.url
                self._faults[key] = Fault(file, str(error), self._written(file))
            return absent
        with self._mutex:
            self._faults.pop(key, None)
            if len(self._memory) > 500:
                self._memory.clear()
                self._turns.clear()
            lasted = time.monotonic() - now if self.estate.history else time.thread_time() - worked
            self._memory[key] = _Kept(now, stamps, answer, lasted)
        return answer

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
    """What is known of a file; None where there is none, as of a log that its last reader folds in just now."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
