"""Who refused a login, and until when it is not tried again: accounts get locked."""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from collections.abc import Iterable
from typing import Final, NamedTuple, Protocol

from collectors.poll import PollError
from inventory import credentials
from inventory.credentials import Model, SecretMissingError

PAUSES: Final = (300.0, 600.0, 900.0)
"""Seconds until a host that refused the login is asked again: at most two refusals in any quarter of an hour."""

WINDOW: Final = 900.0
"""Seconds in which a host that hangs up or falls silent at the login is told twice at most who we are."""


class Login(Protocol):
    """A login that may be refused: where, who, and the credential that proves it."""

    @property
    def where(self) -> str: ...

    @property
    def who(self) -> str: ...

    @property
    def proof(self) -> Model: ...


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
            f"{login.who} was not let in{times}: not tried again for {left / 60:.0f} min, lest the "
            "account is locked; change the credential, or ask at once with `jauge poll`",
        )

    def note(self, name: str, login: Login, refusal: PollError, *, answered: bool = True) -> None:
        """Remember a refusal, and say in it how long the pause is.

        A host that hangs up or falls silent may be in trouble of its own: once that makes no pause.
        """
        now, digest, former = time.monotonic(), self._digest(login), self._refused.get(name, _NEVER)
        if former.proof != digest:
            former = _NEVER
        times = former.times + 1
        pause = PAUSES[min(times, len(PAUSES)) - 1] if answered else 0.0
        pause = max(pause, former.at + WINDOW - now)
        self._refused[name] = _Refused(digest, times, now, now + pause)
        if pause:
            refusal.detail += f"; tried again in {pause / 60:.0f} min, or once the credential has changed"

    def pardon(self, name: str) -> None:
        """Let a target be asked once: a person wants to know."""
        if name in self._refused:
            self._refused[name] = self._refused[name]._replace(at=-math.inf, until=-math.inf)

    def keep_only(self, names: Iterable[str]) -> None:
        """Forget all other targets."""
        self._refused = {name: self._refused[name] for name in self._refused.keys() & {*names}}

    def forget(self, name: str) -> None:
        """A target let us in, or is gone."""
        self._refused.pop(name, None)

    def _digest(self, login: Login) -> bytes:
        digest = hashlib.blake2b(repr((login.where, login.who)).encode(), key=self._key)
        for name, secret in sorted(credentials.secrets(login.proof).items()):
            try:
                text = secret.reveal()
            except SecretMissingError:
                text = ""
            digest.update(f"\0{name}\0{text}".encode())
        return digest.digest()
