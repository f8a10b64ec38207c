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

_HEAVY: Final = 0.5
"""Seconds of a processor from which an answer is remembered for so many times what it took, though polls were written meanwhile."""
_TIMES: Final = 15.0

_POLLED: Final = (HISTORY, STATUS)
"""Files that are written all the time. What people change, and what the planner says, is seen at once."""

_TICK: Final = 1.0
"""Seconds after which what was written into a file surely has another time than what follows."""

Answer = TypeVar("Answer")


class Fault(NamedTuple):
    """A file that cannot be read, what its reader said, and when it was last written."""

    file: str
    why: str
    stamp: float


class _Kept(NamedTuple):
    """An answer of a moment (monotonic clock), the stamps of its files, and for how many seconds it stays though polls are written."""

    at: float
    stamps: tuple[float, ...]
    answer: Any
    stays: float


def _stands(kept: _Kept, files: tuple[str, ...], stamps: tuple[float, ...], now: float, fresh: float) -> bool:
    """Whether an answer may be given again."""
    age = now - kept.at
    if kept.stamps == stamps:
        return age < max(fresh, kept.stays)
    changed = {name for name, a, b in zip(files, kept.stamps, stamps, strict=True) if a != b}
    return age < kept.stays and changed <= set(_POLLED)


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
        return dt.datetime.fromtimestamp(self.clock(), self.zone).date()

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
        """An answer from files, remembered for a moment; `absent` where they cannot be read, said in the log.

        Of ten thousand stores, whose history is written all the time, an answer takes seconds: it stays for longer then,
        so that readers do not wait for the same again and again.
        """
        now = time.monotonic()
        stamps = tuple(self._stamp(name) for name in files)
        with self._mutex:
            kept = self._memory.get(key)
        if HISTORY in files and self.estate.history:
            fresh = max(fresh, _FRESH_ENGINE)
        if kept is not None and _stands(kept, files, stamps, now, fresh):
            return cast(Answer, kept.answer)
        began = time.thread_time()
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
            took = time.thread_time() - began
            self._memory[key] = _Kept(now, stamps, answer, _TIMES * took if took > _HEAVY else 0.0)
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
        paths = (self.folder / name, self.folder / f"{name}-wal")
        return max((path.stat().st_mtime for path in paths if path.exists()), default=0.0)
