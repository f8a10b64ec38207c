"""How requests show who asks: Basic, a token, or a session that is opened for a poll and ended with it.

A login that is refused is tried once in a poll, and then rests (`collectors.refusals`): accounts get locked.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import time
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Self
from urllib.parse import quote

from collectors import answers, documents
from collectors.api import ApiFile, Part
from collectors.api import Login as Opening
from collectors.http.client import Answer, Client
from collectors.poll import PollError, StatusError
from collectors.refusals import Refusals
from inventory.credentials import HttpLogin, SecretMissingError

ENDING: Final = 1.0
"""Seconds that are left at the end of a poll to end its session."""

TOKEN_LIMIT: Final = 8192
"""Characters of a session's token."""

_REFUSED: Final = (400, 401, 403, 422)
"""Statuses by which a login is refused: others tell of a wrong address, or of a server in trouble."""


class Account(NamedTuple):
    """Whom a target is asked as: see `collectors.refusals`."""

    name: str
    where: str
    proof: HttpLogin
    refusals: Refusals

    @property
    def who(self) -> str:
        """Whom the proof is of."""
        return self.proof.user or "the token"


class Session:
    """Asks as somebody. A context: a session that was opened is ended with it."""

    def __init__(self, client: Client, family: ApiFile | None, account: Account | None) -> None:
        self._client, self._family, self._account = client, family, account
        self._login = family.login if family is not None else None
        self._ready: bool | PollError = False
        self._below = ""
        self._end: _Ending | None = None
        if family is not None:
            client.headers.update(family.headers)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._end is not None:
            method, path, private, sent = self._end
            self._client.end = max(self._client.end, time.monotonic() + ENDING)
            with contextlib.suppress(PollError, TimeoutError):
                async with asyncio.timeout(ENDING):
                    await self._client.ask(
                        method, path, private=private, quiet=True, **({"json": sent} if sent else {})
                    )

    @property
    def reserve(self) -> float:
        """Seconds of a poll that ending its session may take."""
        return ENDING if self._login is not None and self._login.end is not None else 0.0

    def local(self, address: str) -> str:
        """What `ask` takes to get what an answer refers to."""
        path = self._client.local(address)
        return path.removeprefix(self._below) if path.startswith(f"{self._below}/") else path

    @property
    def end(self) -> float:
        """When answers are no longer waited for (monotonic clock)."""
        return self._client.end

    async def ask(
        self, path: str, accept: str | None = None, *, quiet: bool = False, document: Any = None
    ) -> Answer:
        """The answer at a path, to a POST where there is a document. Raises PollError, also once the login was
        refused in this poll. No trace shows a `quiet` answer.
        """
        if self._ready is not True:
            await self._prepare()
        method, parts = ("GET", {}) if document is None else ("POST", {"json": document})
        if accept:
            parts = parts | {"headers": {"Accept": accept}}
        try:
            answer = await self._client.ask(method, self._below + path, quiet=quiet, **parts)
        except StatusError as error:
            if error.status == 401 and self._login is None:
                self._refuse(error)
            raise
        self._admit()
        return answer

    def _admit(self) -> None:
        if self._account is not None:
            self._account.refusals.forget(self._account.name)

    async def _prepare(self) -> None:
        if isinstance(self._ready, PollError):
            raise PollError(self._ready.reason, self._ready.detail)
        try:
            if self._account is not None:
                self._account.refusals.check(self._account.name, self._account)
            if self._login is not None:
                await self._open(self._login)
            elif self._account is not None:
                self._authorize(self._account.proof)
        except PollError as error:
            self._ready = error
            raise
        self._ready = True

    def _refuse(self, error: PollError) -> None:
        """Note that the credential was not accepted: it is not shown again in this poll, nor in the next ones."""
        if self._account is not None:
            self._account.refusals.note(self._account.name, self._account, error)
            self._ready = error

    def _authorize(self, proof: HttpLogin) -> None:
        """Basic authentication, or a token in a header, from now on."""
        way = self._family.authorization if self._family else None
        if proof.token is None and way is None:
            self._client.headers["Authorization"] = self._basic()
            return
        name, prefix = (way.header, way.prefix) if way else ("Authorization", "Bearer ")
        self._client.headers[name] = prefix + _sendable(self._part("token"))

    def _basic(self) -> str:
        pair = f"{self._part('user')}:{self._part('password')}"
        told = base64.b64encode(pair.encode()).decode()
        self._client.secrets.add(told)
        return f"Basic {told}"

    def _part(self, part: Part) -> str:
        """A part of the credential. Raises PollError where it has none."""
        if part in ("domain", "name"):
            return self._of_user(part)
        found = getattr(self._account.proof, part) if self._account is not None else None
        if found is None:
            raise PollError("auth_failed", f"the target's HTTP credential gives no {part}")
        try:
            told = found if isinstance(found, str) else str(found.reveal())
        except SecretMissingError as error:
            raise PollError("auth_failed", str(error)) from None
        if part != "user":
            self._client.secrets.add(told)
        return told

    def _of_user(self, part: Part) -> str:
        """The domain or the name of a user that is written DOMAIN\\NAME."""
        domain, _, name = self._part("user").partition("\\")
        if not domain or not name:
            raise PollError(
                "auth_failed", "the user of the target's HTTP credential is not written DOMAIN\\NAME"
            )
        return domain if part == "domain" else name

    # --- sessions of their own ------------------------------------------------------------------------

    async def _open(self, login: Opening) -> None:
        """Open a session, and learn from the answer how it is used and ended."""
        try:
            answer = await self._client.ask(login.method, login.path, quiet=True, **self._parts(login))
            self._learn(login, answer)
        except StatusError as error:
            if error.status in _REFUSED:
                error.reason = "auth_failed"
                self._refuse(error)
            raise
        except _RefusedError as error:
            self._refuse(error)
            raise
        self._admit()

    def _parts(self, login: Opening) -> dict[str, Any]:
        """What is sent to open a session."""
        given = login.fixed | {place: self._part(part) for place, part in login.send.items()}
        parts: dict[str, Any] = {"headers": {"Authorization": self._basic()} if login.basic else {}}
        if login.form == "headers":
            parts["headers"] |= {name: _sendable(str(value)) for name, value in given.items()}
        elif given:
            parts["json" if login.form == "json" else "data"] = (
                _placed(given) if login.form == "json" else given
            )
        return parts

    def _learn(self, login: Opening, answer: Answer) -> None:
        """Take from the answer what goes with the requests of the session, and how it is ended."""
        places = (login.token, login.below, login.end.last if login.end else None)
        asked = login.refused or any(place is not None for place in places) or (login.end and login.end.send)
        document = documents.load(answer.body) if asked else None
        if any(re.search(pattern, answers.find(document, at)) for at, pattern in login.refused.items()):
            raise _RefusedError("auth_failed", "the answer to the login is a refusal")
        token = answers.find(document, login.token) if login.token is not None else None
        if login.token_header is not None:
            token = answer.headers.get(login.token_header, "")
        if token is not None:
            if not token:
                raise _RefusedError("auth_failed", "the answer to the login has no token")
            self._client.secrets.add(token)
            self._client.headers[login.header] = login.prefix + _sendable(token)
        if login.below is not None:
            self._below = f"/{segment_of(answers.find(document, login.below))}"
            if self._below == "/":
                raise PollError("unparsed", "the answer to the login names no folder")
        if login.end is not None:
            self._end = self._ending(login, answer, document)

    def _ending(self, login: Opening, answer: Answer, document: Any) -> _Ending | None:
        end = login.end
        if end is None:
            return None
        if end.header is not None:
            named = answer.headers.get(end.header, "")
            return _Ending(end.method, self._client.local(named)) if named else None
        last = segment_of(answers.find(document, end.last)) if end.last is not None else ""
        told: dict[str, Any] = {place: answers.find(document, at) for place, at in end.send.items()}
        if (end.last is not None and not last) or not all(told.values()):
            return None
        self._client.secrets.update(told.values())
        return _Ending(end.method, f"{self._below}{end.path}", f"/{last}" if last else "", _placed(told))


class _Ending(NamedTuple):
    """The request that ends a session: its method, path, the end of the path that is a secret, and what is sent."""

    method: str
    path: str
    private: str = ""
    sent: Any = None


class _RefusedError(PollError):
    """The answer to a login says that it is refused, under a status of success."""


def _sendable(text: str) -> str:
    """A text that can stand in a header. Raises PollError."""
    if not text.isascii() or not text.isprintable() or len(text) > TOKEN_LIMIT:
        raise _RefusedError(
            "auth_failed", "a token of the session, or of the credential, cannot be sent in a header"
        )
    return text


def segment_of(text: str) -> str:
    """A text as it stands in a path, between two slashes; empty where it cannot."""
    return "" if len(text) > TOKEN_LIMIT or set(text) <= {"."} else quote(text, safe="", errors="replace")


def _placed(given: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON object with these values at their pointers.

    >>> _placed({"/data/username": "mon", "/scope": 0})
    {'data': {'username': 'mon'}, 'scope': 0}
    """
    document: dict[str, Any] = {}
    for pointer, value in given.items():
        *way, last = pointer.removeprefix("/").split("/")
        place = document
        for step in way:
            place = place.setdefault(step, {})
        place[last] = value
    return document
