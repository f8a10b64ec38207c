"""Answers that are made anew behind whoever asks: one after another, by a thread of this process."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Hashable

import structlog

log = structlog.get_logger(__name__)

Work = Callable[[], object]


class Renewer:
    """A thread that begins with the first work, and again in each process that is forked: threads are not."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._pid = 0
        self._waiting: queue.SimpleQueue[tuple[Hashable, Work]] = queue.SimpleQueue()
        self._known: set[Hashable] = set()
        self._thread: threading.Thread | None = None

    def begin(self, key: Hashable, work: Work) -> bool:
        """Have some work done, where the same is not waiting; False in the work itself, which waits for its parts."""
        with self._mutex:
            self._is_here()
            if threading.current_thread() is self._thread:
                return False
            if key not in self._known:
                self._known.add(key)
                self._waiting.put((key, work))
            return True

    def _is_here(self) -> None:
        """Begin the thread in this process, where it was not."""
        if self._pid == os.getpid():
            return
        self._pid, self._known, self._waiting = os.getpid(), set(), queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, args=(self._waiting,), daemon=True, name="renewer")
        self._thread.start()

    def _run(self, waiting: queue.SimpleQueue[tuple[Hashable, Work]]) -> None:
        while True:
            key, work = waiting.get()
            try:
                work()
            except Exception:  # whoever asks next, later on, is told
                log.exception("answer not made anew", question=str(key)[:120])
            with self._mutex:
                self._known.discard(key)
