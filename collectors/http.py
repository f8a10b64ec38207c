"""Polling over HTTP: a client that trusts nothing it receives, and the families that read with it (httpx)."""

from __future__ import annotations

import contextlib
import errno
import functools
import ssl
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Self

import httpx

from collectors import answers, documents, orthanc
from collectors.api import ApiFile, ApiTable, Part, interfaces
from collectors.memory import Memory
from collectors.poll import PollError, Reading, Step, Table, Trace, attempt, exhausted
from inventory.credentials import Http, SecretMissingError
from inventory.estate import Estate, HttpAccess, Target

BODY_LIMIT: Final = 4 * 1024 * 1024

PAGES: Final = 100
"""Pages of one table."""

Reader = Callable[["Client"], Awaitable[Reading]]


class Client:
    """Asks one base address for JSON: bounded in time and size, without redirects or proxies.

    A context: its session is ended with it. What was asked once in a poll is not asked again.
    """

    def __init__(
        self,
        access: HttpAccess,
        login: Http | None,
        end: float,
        trace: Trace,
        family: ApiFile | None = None,
        memory: Memory | None = None,
    ) -> None:
        self._access, self._login, self.end, self._trace = access, login, end, trace
        self.access, self.memory = access, memory or Memory()
        self._family = family
        self._http: httpx.AsyncClient | None = None
        self._headers = {"accept": "application/json", "accept-encoding": "gzip", "user-agent": "jauge"}
        self._headers |= {name.lower(): value for name, value in family.headers.items()} if family else {}
        self._documents: dict[str, Any] = {}
        self._opened: PollError | bool = family is None or family.login is None
        self.facts: dict[str, str] = {"family": access.family}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http is not None:
            await self._close()
            await self._http.aclose()

    async def get(self, path: str) -> Any:
        """The JSON document at a path below the base address. Raises PollError."""
        if path not in self._documents:
            await self._open()
            self._documents[path] = documents.load(await self._ask("GET", path))
        return self._documents[path]

    async def look(self, path: str) -> Any:
        """The JSON document at a path: not kept for the poll, and shown only where it fails: it may tell of people."""
        await self._open()
        return documents.load(await self._ask("GET", path, quiet=True))

    async def text(self, path: str) -> str:
        """The text at a path, where an interface answers no JSON: as for `look`."""
        await self._open()
        return (await self._ask("GET", path, quiet=True)).decode("utf-8", "replace")

    async def post(self, path: str, document: Any) -> None:
        """Ask for something to be done, such as an echo. Raises PollError."""
        await self._open()
        await self._ask("POST", path, json=document)

    async def _ask(self, method: str, path: str, quiet: bool = False, **parts: Any) -> bytes:
        """The body of an answer. Raises PollError."""
        url, start, outcome = self._access.url.rstrip("/") + path, time.monotonic(), "no answer"
        try:
            response, body = await self._fetch(method, url, parts)
            secret = parts and method != "GET"  # a session's token may be in it
            said = "" if secret else documents.legible(body[:1200].decode("utf-8", "replace"), 280)
            outcome = f"{response.status_code}: {'' if quiet else said}"
            _judge(response.status_code)
            self._learn(response, body, path)
            if quiet:
                return body
        except PollError as error:
            outcome = outcome if outcome != "no answer" else str(error)
            self._trace(Step(f"{method} {url}", documents.legible(outcome), time.monotonic() - start))
            raise
        self._trace(Step(f"{method} {url}", documents.legible(outcome), time.monotonic() - start))
        return body

    async def _fetch(self, method: str, url: str, parts: dict[str, Any]) -> tuple[httpx.Response, bytes]:
        left = max(0.05, self.end - time.monotonic())
        headers = self._headers | parts.pop("headers", {})
        auth = parts.pop("auth", None) or self._authorize(headers)
        try:
            if self._http is None:
                self._http = httpx.AsyncClient(verify=self._trust(), trust_env=False)
            request = self._http.stream(method, url, headers=headers, auth=auth, timeout=left, **parts)
            async with request as response:
                return response, await _body(response)
        except httpx.TimeoutException:
            raise PollError("timeout", "no answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise _broken(error) from None

    def _trust(self) -> ssl.SSLContext | bool:
        if not self._access.url.startswith("https:") or not self._access.verify:
            return False
        try:
            return ssl.create_default_context(cafile=self._access.ca)
        except (OSError, ssl.SSLError) as error:
            why = getattr(error, "strerror", None) or "no certificate in it"
            raise PollError("tls", f"cannot use the authority {self._access.ca}: {why}") from None

    def _authorize(self, headers: dict[str, str]) -> httpx.BasicAuth | None:
        """Basic authentication, or a token in the headers, where no session stands for them."""
        if self._login is None or (self._family is not None and self._family.login is not None):
            return None
        if self._login.http.token is not None:
            way = self._family.authorization if self._family else None
            name, prefix = (way.header, way.prefix) if way else ("authorization", "Bearer ")
            headers[name.lower()] = prefix + self._part("token")
            return None
        return httpx.BasicAuth(self._part("user"), self._part("password"))

    def _part(self, part: Part) -> str:
        """A part of the credential. Raises PollError where it has none."""
        login = self._login.http if self._login is not None else None
        found = getattr(login, part, None)
        if found is None:
            raise PollError("auth_failed", f"the target's HTTP credential gives no {part}")
        try:
            return found if isinstance(found, str) else str(found.reveal())
        except SecretMissingError as error:
            raise PollError("auth_failed", str(error)) from None

    # --- sessions -------------------------------------------------------------------------------------

    async def _open(self) -> None:
        """Open a session, once in a poll: a refused login is not tried again, as accounts are locked."""
        if isinstance(self._opened, PollError):
            raise self._opened
        if self._opened or self._family is None or self._family.login is None:
            return
        login = self._family.login
        try:
            given = login.fixed | {place: self._part(part) for place, part in login.send.items()}
            parts: dict[str, Any] = {}
            if login.form == "headers":
                parts["headers"] = {name.lower(): str(value) for name, value in given.items()}
            elif given:
                parts["json" if login.form == "json" else "data"] = (
                    _placed(given) if login.form == "json" else given
                )
            if login.basic:
                parts["auth"] = httpx.BasicAuth(self._part("user"), self._part("password"))
            await self._ask(login.method, login.path, **parts)
        except PollError as error:
            self._opened = error
            raise
        self._opened = True

    def _learn(self, response: httpx.Response, body: bytes, path: str) -> None:
        """Take the token of a session from the answer that opened it."""
        login = self._family.login if self._family is not None else None
        if login is None or self._opened is not False or path != login.path:
            return
        token = None
        if login.token is not None:
            token = answers.find(documents.load(body), login.token)
        elif login.token_header is not None:
            token = response.headers.get(login.token_header, "")
        if token == "" or (token and not token.isprintable()):
            raise PollError("auth_failed", "the answer to the login has no token")
        if token:
            self._headers[login.header.lower()] = login.prefix + token

    async def _close(self) -> None:
        login = self._family.login if self._family is not None else None
        if login is not None and login.end is not None and self._opened is True:
            with contextlib.suppress(PollError):
                await self._ask("DELETE", login.end)


async def poll(
    target: Target, estate: Estate, trace: Trace, memory: Memory | None = None
) -> tuple[list[Table], dict[str, str]]:
    """Read the tables of a target's HTTP family. Never raises."""
    access = target.http
    if access is None:
        return [], {}
    credential = estate.credentials.get(access.credential) if access.credential else None
    login = credential if isinstance(credential, Http) else None
    readers = orthanc.wanted(access) if access.family == "orthanc" else FAMILIES.get(access.family)
    if readers is None:
        return [await attempt(access.family, functools.partial(_unknown, access.family))], {}
    family = INTERFACES.get(access.family)
    end = time.monotonic() + target.patience
    async with Client(access, login, end, trace, family, memory) as client:
        tables = [
            await attempt(name, functools.partial(read, client), max(0.05, client.end - time.monotonic()))
            for name, read in readers.items()
        ]
        if family is not None and any(table.up for table in tables):
            await _facts(family, client)
    return tables, client.facts


async def _read(table: ApiTable, client: Client) -> Reading:
    """The reading of a table, over all its pages."""
    readings, path = [], table.get
    for _ in range(PAGES):
        document = await client.get(path)
        readings.append(answers.read(table, document))
        following = answers.find(document, table.next) if table.next is not None else ""
        if not following:
            return Reading.join(readings)
        path = _local(following)
    raise PollError("capped", f"stopped after {PAGES} pages of {table.get}")


def _local(address: str) -> str:
    """The path of the next page: on the same server, whatever the answer says."""
    url = httpx.URL(address)
    path = url.raw_path.decode()
    if not path.startswith("/"):
        raise PollError("unparsed", f"no path of a next page: {documents.legible(address, 120)}")
    return path


async def _facts(family: ApiFile, client: Client) -> None:
    """Note product and version."""
    for name, fact in (("product", family.product), ("version", family.version)):
        if isinstance(fact, str):
            client.facts[name] = fact
        elif fact is not None:
            with contextlib.suppress(PollError):
                client.facts[name] = fact.read(await client.get(fact.get))


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


INTERFACES: Final = interfaces()

_ORTHANC: Final[Mapping[str, Reader]] = orthanc.TABLES

FAMILIES: Final[Mapping[str, Mapping[str, Reader]]] = {"orthanc": _ORTHANC} | {
    name: {table.name: functools.partial(_read, table) for table in family.tables}
    for name, family in INTERFACES.items()
}
"""Readers of each family by the names of their tables; they ask the client, and may note `facts`."""


async def _unknown(name: str) -> Reading:
    raise PollError("empty_answer", f"no HTTP family is called {name}; there are {', '.join(FAMILIES)}")


async def _body(response: httpx.Response) -> bytes:
    """The body, unpacked here so that a small answer cannot grow beyond the limit in memory."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", "deflate", ""):
        raise PollError("unparsed", f"the answer is encoded as {documents.legible(encoding, 40)}")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if encoding not in ("identity", "") else None
    body = bytearray()
    async for chunk in response.aiter_raw():
        try:
            body += unpack.decompress(chunk, BODY_LIMIT + 1 - len(body)) if unpack else chunk
        except zlib.error:
            raise PollError("unparsed", f"the answer is no valid {encoding}") from None
        if len(body) > BODY_LIMIT:
            raise PollError("truncated", f"more than {BODY_LIMIT // 1024**2} MiB in one answer")
    if unpack and not unpack.eof:
        raise PollError("truncated", "the answer ends before its end")
    return bytes(body)


def _judge(status: int) -> None:
    if status in (401, 403):
        raise PollError("auth_failed", f"HTTP {status}: the credential is not accepted")
    if 300 <= status < 400:
        raise PollError("unparsed", f"HTTP {status}: redirects are not followed, write the final address")
    if status != 200:
        raise PollError("unparsed", f"HTTP {status}")


def _broken(error: BaseException) -> PollError:
    causes = list(_causes(error))
    if ours := next(filter(None, map(exhausted, causes)), None):
        return ours
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        said = next(str(cause) for cause in causes if isinstance(cause, ssl.SSLError))
        return PollError("tls", documents.legible(said, 200))
    numbers = {getattr(cause, "errno", None) for cause in causes}
    if numbers & {errno.ETIMEDOUT, errno.EHOSTUNREACH}:
        return PollError("timeout", "no answer")
    if isinstance(error, httpx.ConnectError):
        return PollError("refused", documents.legible(str(error), 200))
    if isinstance(error, httpx.NetworkError):
        return PollError("truncated", "the connection broke")
    return PollError("unparsed", documents.legible(str(error), 200))


def _causes(error: BaseException | None) -> list[BaseException]:
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
