"""Polling over HTTP: a client that trusts nothing it receives, and the families that read with it (httpx)."""

from __future__ import annotations

import errno
import functools
import ssl
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import httpx

from collectors import documents, orthanc
from collectors.poll import PollError, Reading, Step, Table, Trace, attempt, exhausted
from inventory.credentials import Http, SecretMissingError
from inventory.estate import Estate, HttpAccess, Target

BODY_LIMIT: Final = 4 * 1024 * 1024

Family = Mapping[str, Callable[[orthanc.Client], Awaitable[Reading]]]

FAMILIES: Final[dict[str, Family]] = {"orthanc": orthanc.TABLES}
"""Tables of each family, by name; a reader asks the client and may note `facts`."""


class Client:
    """Asks one base address for JSON: bounded in time and size, without redirects or proxies."""

    def __init__(self, access: HttpAccess, login: Http | None, end: float, trace: Trace) -> None:
        self._access, self._login, self.end, self._trace = access, login, end, trace
        self.facts: dict[str, str] = {"family": access.family}

    async def get(self, path: str) -> Any:
        """The JSON document at a path below the base address. Raises PollError."""
        url, start, outcome = self._access.url.rstrip("/") + path, time.monotonic(), "no answer"
        try:
            status, body = await self._fetch(url)
            outcome = f"{status}: {documents.legible(body[:1200].decode('utf-8', 'replace'), 280)}"
            _judge(status)
            return documents.load(body)
        except PollError as error:
            outcome = outcome if outcome != "no answer" else str(error)
            raise
        finally:
            self._trace(Step(f"GET {url}", documents.legible(outcome), time.monotonic() - start))

    async def _fetch(self, url: str) -> tuple[int, bytes]:
        headers = {"accept": "application/json", "accept-encoding": "gzip", "user-agent": "jauge"}
        left = max(0.05, self.end - time.monotonic())
        auth = self._authorize(headers)
        try:
            async with (
                httpx.AsyncClient(verify=self._trust(), trust_env=False, timeout=left) as client,
                client.stream("GET", url, headers=headers, auth=auth) as response,
            ):
                return response.status_code, await _body(response)
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
        if self._login is None:
            return None
        login = self._login.http
        try:
            if login.token is not None:
                headers["authorization"] = f"Bearer {login.token.reveal()}"
            elif login.user is not None and login.password is not None:
                return httpx.BasicAuth(login.user, login.password.reveal())
        except SecretMissingError as error:
            raise PollError("auth_failed", str(error)) from None
        return None


async def poll(target: Target, estate: Estate, trace: Trace) -> tuple[list[Table], dict[str, str]]:
    """Read the tables of a target's HTTP family. Never raises."""
    access = target.http
    if access is None:
        return [], {}
    credential = estate.credentials.get(access.credential) if access.credential else None
    login = credential if isinstance(credential, Http) else None
    client = Client(access, login, time.monotonic() + target.patience, trace)
    family = FAMILIES.get(access.family)
    if family is None:
        return [await attempt(access.family, functools.partial(_unknown, access.family))], {}
    tables = [
        await attempt(name, functools.partial(read, client), max(0.05, client.end - time.monotonic()))
        for name, read in family.items()
    ]
    return tables, client.facts


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
