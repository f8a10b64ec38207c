"""The logins that are kept between polls, and the threads that wait for them."""

from __future__ import annotations

import asyncio
import gc
import resource
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Final, NamedTuple, TypeVar

from collectors.refusals import Refusals
from collectors.ssh.session import Session
from inventory.credentials import SshLogin

THREADS: Final = 1024
"""A poll that waits holds one thread, made when it is needed: so many hosts may hang before they delay others."""

RINGS: Final = 50
"""New logins until what ended ones left is looked for.

A transport of paramiko and its parts hold one another, and the bytes that came last. Garbage is looked for after so many
objects, however large: hosts that break off again and again would make that some 100 MB.
"""

GRACE: Final = 0.25
"""Seconds after its end at which a poll's connection is cut, where nothing else ended it."""

SPARE: Final = 16
"""Files that no kept login takes from those who ask and from what is written: such a login is made for each poll."""

T = TypeVar("T")


class Login(NamedTuple):
    """Where a target is logged in to, and how."""

    host: str
    port: int
    proof: SshLogin

    @property
    def where(self) -> str:
        """What is logged in to."""
        return f"{self.host} {self.port}"

    @property
    def who(self) -> str:
        """Whom the proof is of."""
        return self.proof.user


class Connections:
    """Logins by target: those that are kept, and those that were refused. For one event loop."""

    def __init__(self) -> None:
        self.refusals = Refusals()
        self._kept: dict[str, tuple[Login, Session]] = {}
        self._wanted: frozenset[str] | None = None
        self._closed = False
        self._begun = 0
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="ssh")

    @property
    def executor(self) -> Executor:
        """Threads for what blocks."""
        return self._threads

    def count(self) -> None:
        """Note that a new login begins, and free what so many before it left."""
        self._begun += 1
        if self._begun % RINGS == 0:
            gc.collect()

    def take(self, name: str, login: Login) -> Session | None:
        """The kept session of a target, if it lives and is still the one that the estate wants."""
        kept, session = self._kept.pop(name, (None, None))
        if session is None or (kept == login and session.alive):
            return session
        session.close()
        return None

    def keep(self, name: str, login: Login, session: Session) -> None:
        """Keep a session for the next poll."""
        unwanted = self._wanted is not None and name not in self._wanted
        if self._closed or unwanted or _last(session.file) or not session.alive:
            session.close()
            return
        self._end(name)
        session.rest()
        self._kept[name] = (login, session)

    def keep_only(self, names: Iterable[str]) -> None:
        """End the sessions of all other targets, now and where a poll that is still running would keep one."""
        self._wanted = frozenset(names)
        for name in set(self._kept) - self._wanted:
            self._end(name)
            self.refusals.forget(name)

    def _end(self, name: str) -> None:
        _, session = self._kept.pop(name, (None, None))
        if session is not None:
            session.close()

    async def work(self, session: Session, end: float, work: Callable[[], T]) -> T:
        """What `work` returns, in a thread. The session is cut where that lasts beyond `end` or is given up."""
        loop = asyncio.get_running_loop()
        guard = loop.call_later(max(0.0, end - time.monotonic()) + GRACE, session.close)
        try:
            return await loop.run_in_executor(self._threads, work)
        except BaseException:
            session.close()
            raise
        finally:
            guard.cancel()

    def close(self) -> None:
        """End every session."""
        self._closed = True
        for name in list(self._kept):
            self._end(name)
        self._threads.shutdown(wait=False, cancel_futures=True)


def _last(file: int) -> bool:
    """Whether a file is one of the last that this process may open: a new one gets the lowest number that is free."""
    return file >= resource.getrlimit(resource.RLIMIT_NOFILE)[0] - SPARE
