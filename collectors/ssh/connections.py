"""The logins that are kept between polls, and the threads that wait for them."""

from __future__ import annotations

import asyncio
import hashlib
import math
import resource
import secrets
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Final, NamedTuple, TypeVar

from collectors.poll import PollError
from collectors.ssh.session import RejectedError, Session
from inventory import credentials
from inventory.credentials import SecretMissingError, SshLogin

THREADS: Final = 1024
"""A poll that waits holds one thread, made when it is needed: so many hosts may hang before they delay others."""

GRACE: Final = 0.25
"""Seconds after its end at which a poll's connection is cut, where nothing else ended it."""

PAUSES: Final = (300.0, 600.0, 900.0)
"""Seconds until a host that refused the login is asked again: at most two refusals in any quarter of an hour."""

WINDOW: Final = 900.0
"""Seconds in which a host that hangs up or falls silent at the login is told twice at most who we are."""

SPARE: Final = 16
"""Files that no kept login takes from those who ask and from what is written: such a login is made for each poll."""

T = TypeVar("T")


class Login(NamedTuple):
    """Where a target is logged in to, and how."""

    host: str
    port: int
    proof: SshLogin


class Connections:
    """Logins by target: those that are kept, and those that were refused. For one event loop."""

    def __init__(self) -> None:
        self.refusals = Refusals()
        self._kept: dict[str, tuple[Login, Session]] = {}
        self._wanted: frozenset[str] | None = None
        self._closed = False
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="ssh")

    @property
    def executor(self) -> Executor:
        """Threads for what blocks."""
        return self._threads

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


class _Refused(NamedTuple):
    """A proof that did not let us in, how often in a row, when last, and until when it is not given again."""

    proof: bytes
    times: int
    at: float
    until: float


_NEVER: Final = _Refused(b"", 0, -math.inf, -math.inf)


class Refusals:
    """Who refused the login, and until when it is not tried again: so that no account is locked out.

    Another credential, or another secret behind it, is tried at once. Of secrets only a keyed hash is kept.
    """

    def __init__(self) -> None:
        self._refused: dict[str, _Refused] = {}
        self._key = secrets.token_bytes(16)

    def check(self, name: str, login: Login) -> None:
        """Raise PollError while a target is not to be asked."""
        former = self._refused.get(name, _NEVER)
        left = former.until - time.monotonic()
        if left <= 0 or former.proof != self._digest(login):
            return
        times = "" if former.times == 1 else f" {former.times} times"
        raise PollError(
            "auth_failed",
            f"{login.proof.user} was not let in{times}: not tried again for {left / 60:.0f} min, lest the "
            "account is locked; change the credential, or ask at once with `jauge poll`",
        )

    def note(self, name: str, login: Login, refusal: RejectedError) -> None:
        """Remember a refusal, and say in it how long the pause is.

        A host that hangs up or falls silent may be in trouble of its own: once that makes no pause.
        """
        now, digest, former = time.monotonic(), self._digest(login), self._refused.get(name, _NEVER)
        if former.proof != digest:
            former = _NEVER
        times = former.times + 1
        pause = PAUSES[min(times, len(PAUSES)) - 1] if refusal.answered else 0.0
        pause = max(pause, former.at + WINDOW - now)
        self._refused[name] = _Refused(digest, times, now, now + pause)
        if pause:
            refusal.detail += f"; tried again in {pause / 60:.0f} min, or once the credential has changed"

    def pardon(self, name: str) -> None:
        """Let a target be asked once: a person wants to know."""
        if name in self._refused:
            self._refused[name] = self._refused[name]._replace(at=-math.inf, until=-math.inf)

    def forget(self, name: str) -> None:
        """A target let us in, or is gone."""
        self._refused.pop(name, None)

    def _digest(self, login: Login) -> bytes:
        digest = hashlib.blake2b(repr((login.host, login.port, login.proof.user)).encode(), key=self._key)
        for name, secret in sorted(credentials.secrets(login.proof).items()):
            try:
                text = secret.reveal()
            except SecretMissingError:
                text = ""
            digest.update(f"\0{name}\0{text}".encode())
        return digest.digest()
