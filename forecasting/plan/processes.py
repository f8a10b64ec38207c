"""Batches over processes: each runs its own numpy, one thread wide, and leaves when the one that asked is gone."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import forkserver
from multiprocessing.connection import wait
from typing import Final, TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")
Given = TypeVar("Given")

AHEAD: Final = 2
"""Tasks for each process that wait or are done, beyond the one it works on."""

_NICE: Final = 10

THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Processes:
    """`count` processes; with one, everything is done in this one.

    Raises whatever a task raises; a process that is killed is a BrokenProcessPool.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Processes:
        if self._count > 1:
            for (
                name
            ) in THREADS:  # before numpy is loaded there: its threads would fight for the same processors
                os.environ.setdefault(name, "1")
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(["forecasting.plan.batch", "exporters.history.sqlite"])
            forkserver.ensure_running()  # what it loads takes half a second, while a sample is read here
            self._pool = ProcessPoolExecutor(self._count, context, initializer=attend)
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def each(
        self, do: Callable[[Given, Task], Answer], tasks: Iterable[tuple[Given, Task]]
    ) -> Iterator[Answer]:
        """The answers to `do(*task)`, in the order of the tasks."""
        if self._pool is None:
            for task in tasks:
                yield do(*task)
            return
        waiting: deque[Future[Answer]] = deque()
        for task in tasks:
            waiting.append(self._pool.submit(do, *task))
            if len(waiting) > AHEAD * self._count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def give_way() -> None:
    """Let others have the processors first, and end with the parent: for what a server has made beside its answers."""
    attend()
    with contextlib.suppress(OSError):
        os.nice(_NICE)


def attend() -> None:
    """End this process when its parent has, however that ended: a pool's queue is never closed by a parent that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_leave, args=(parent.sentinel,), daemon=True).start()


def _leave(sentinel: int) -> None:
    with contextlib.suppress(OSError):
        wait([sentinel])
    os._exit(1)
