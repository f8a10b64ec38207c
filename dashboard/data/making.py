"""What takes longer than a page may wait for: processes make it, and pages show the one that was kept until then."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import structlog

from dashboard.data.files import Files
from forecasting.renewal.hindrances import Hindrance

log = structlog.get_logger(__name__)

_AGAIN: Final = 60.0
"""Seconds after which something is tried again whose process died."""

_SOON: Final = 2.0
"""The same for something that was made."""

_AT_ONCE: Final = 2


class Issued(NamedTuple):
    """Something that was computed: `at` is UTC epoch seconds, `stale` says that it is being made anew.

    `content` is None where there is none yet (`at` is None), or none can be made: `problem` says why.
    """

    content: Any
    at: float | None
    stale: bool
    problem: Hindrance | None = None


class Making(Files):
    """The processes that make what is kept."""

    @property
    def _jobs(self) -> Jobs:
        """Processes that this one has begun; its own, as servers fork."""
        found: Jobs | None = self.__dict__.get("_begun")
        if found is None or found.pid != os.getpid():
            found = self.__dict__["_begun"] = Jobs(os.getpid())
        return found

    def begin_file(self, name: str, work: Callable[..., None], *given: object) -> bool:
        """Begin to make a file that somebody ordered; whether a process could be begun."""
        return self._jobs.start(name, work, *given)


class Jobs:
    """Processes, one for each thing that is made, few at once, each begun and awaited by a thread: nobody waits for its start."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._mutex = threading.Lock()
        self._begun: dict[str, _Job] = {}

    def start(self, name: str, work: Callable[..., None], *given: object) -> bool:
        """Begin `work(*given)` in a process of its own, where nobody is at what is called so; whether it was begun."""
        with self._mutex:
            before = self._begun.get(name)
            if before is not None and not before.may_follow():
                return False
            if sum(one.is_alive() for one in self._begun.values()) >= _AT_ONCE:
                return False
            self._begun[name] = _Job(work, given)
            self._begun[name].start()
            log.info("plan begun", plan=name)
            return True


class _Job(threading.Thread):
    """One process, from its start to its end."""

    def __init__(self, work: Callable[..., None], given: tuple[object, ...]) -> None:
        super().__init__(daemon=True)
        self._process = multiprocessing.get_context("spawn").Process(target=work, args=given, daemon=True)
        self._since = time.monotonic()
        self._is_done = False

    def run(self) -> None:
        self._process.start()
        self._process.join()
        self._is_done = self._process.exitcode == 0

    def may_follow(self) -> bool:
        """Whether the next one may begin: at once after one that did its work, as something has changed since."""
        return not self.is_alive() and time.monotonic() - self._since >= (_SOON if self._is_done else _AGAIN)
