"""A file as a failing disk would leave it, or somebody who has it in their hands."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


@contextlib.contextmanager
def unguarded(path: Path) -> Iterator[sqlite3.Connection]:
    """A file without its triggers, which are put back at the end: nobody sees that they were gone."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        guards = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            db.execute(f"DROP TRIGGER {name}")
        yield db
        for _, sql in guards:
            db.execute(sql)
        db.commit()


def tamper(path: Path, sql: str, *given: Any) -> None:
    """Change a file without asking its triggers."""
    with unguarded(path) as db:
        db.execute(sql, given)


EACH_STEP = pytest.mark.parametrize(
    "stride", [4, pytest.param(1, marks=[pytest.mark.proof, pytest.mark.timeout(3600)])]
)
"""Of the moments at which a program is killed each fourth, and all of them as a proof. The first is `begin(stride)`."""


def begin(stride: int) -> int:
    """The first moment, by the seed of the run."""
    return int(os.environ.get("JAUGE_SEED", "20261127")) % stride


def killed_at(step: int, work: Callable[[], object], *, files: bool = False) -> bool:
    """Do some work in a process that is killed at its statement of that number, counted from 0; whether it was.

    With `files`, what it does with names of files, and each time that it waits for the disk, counts as a statement.
    """
    pid = os.fork()
    if pid == 0:
        left, real = [step], sqlite3.connect

        def count(_: object = None) -> None:
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        if files:
            for owner, name in ((Path, "replace"), (Path, "unlink"), (os, "fsync")):
                setattr(owner, name, _counted(getattr(owner, name), count))

        def connect(*args: Any, **named: Any) -> sqlite3.Connection:
            connection: sqlite3.Connection = real(*args, **named)
            connection.set_trace_callback(count)
            return connection

        sqlite3.connect = connect  # type: ignore[assignment]
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _counted(real: Callable[..., Any], count: Callable[[], None]) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:
        count()
        return real(*args, **named)

    return call
