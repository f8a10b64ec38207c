"""A client of one base address that trusts nothing it receives: bounded in time and size (httpx).

Neither redirects nor proxies are followed. What is secret stays out of every trace and error.
"""

from __future__ import annotations

import asyncio
import errno
import ssl
import time
import zlib
from typing import Any, Final, NamedTuple, Self

import httpx

from collectors import documents, tls
from collectors.http.secrets import HIDDEN, Secrets
from collectors.poll import PollError, StatusError, Step, Trace, exhausted
from inventory.estate import HttpAccess

BODY_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of one answer, unpacked."""

POLL_LIMIT: Final = 8 * BODY_LIMIT
"""Bytes of all answers of one poll, unpacked."""

_SESSION: Final = 16
"""Characters of the shortest cookie that is taken for a session."""

_SHOWN: Final = 16 * 1024
"""Bytes of an answer in which secrets are looked for before the beginning of it is shown: no token is longer."""


_READING: Final = ("GET", "HEAD")


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    headers: httpx.Headers
    body: bytes


class Client:
    """Asks one base address. A context: its connections are closed with it.

    `end` is when answers are no longer waited for (monotonic clock), `headers` go with every request, and
    `secrets` are what no trace may show.
    """

    def __init__(self, access: HttpAccess, end: float, trace: Trace) -> None:
        self._access, self.end, self._trace = access, end, trace
        self._http: httpx.AsyncClient | None = None
        self._left = POLL_LIMIT
        self.certificate: float | None = None
        """When the certificate of the server ends, UTC epoch seconds; None until it showed one."""
        self._kept = False  # whether a connection may be one that the server kept
        self.headers = httpx.Headers(
            {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "jauge"}
        )  # they keep the case in which they are written: some servers mind it
        self.secrets = Secrets()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http is not None:
            await self._http.aclose()

    async def ask(
        self, method: str, path: str, *, private: str = "", quiet: bool = False, **parts: Any
    ) -> Answer:
        """The answer to a request of a path below the base address. Raises PollError.

        `private` is the end of the path that no trace shows; of a `quiet` request the answer is not shown either.
        """
        base, start, outcome = self._access.url.rstrip("/"), time.monotonic(), "no answer"
        try:
            answer = await self._fetch(method, base + path + private, parts)
            said = "" if quiet else self.clean(_beginning(answer.body))
            outcome = f"{answer.status}: {documents.legible(said, 280)}"
            _judge(answer.status)
            return answer
        except PollError as error:
            error.detail = self.clean(error.detail)
            outcome = str(error) if outcome == "no answer" else outcome
            raise
        finally:
            asked = f"{method} {base}{path}{HIDDEN if private else ''}"
            self._trace(Step(self.clean(asked), documents.legible(outcome), time.monotonic() - start))

    def clean(self, text: str) -> str:
        """A text for people without the secrets that a server may have repeated."""
        return self.secrets.hide_all(text)

    def local(self, address: str) -> str:
        """The path below the base address of what an answer refers to: on this server, whatever the answer says."""
        try:
            path = httpx.URL(address).raw_path.decode("ascii")
        except (httpx.InvalidURL, UnicodeError):
            path = ""
        base = httpx.URL(self._access.url).raw_path.decode("ascii").rstrip("/")
        if not path.startswith("/"):
            raise PollError("unparsed", f"no path of a server: {documents.legible(self.clean(address), 120)}")
        return path.removeprefix(base) if path.startswith(f"{base}/") else path

    async def _fetch(self, method: str, url: str, parts: dict[str, Any]) -> Answer:
        headers = self.headers.copy()
        headers.update(parts.pop("headers", {}))
        try:
            return await self._send(method, url, headers, parts)
        except (httpx.TimeoutException, TimeoutError):
            raise PollError("timeout", "no answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
            raise _broken(error) from None

    async def _send(self, method: str, url: str, headers: httpx.Headers, parts: dict[str, Any]) -> Answer:
        left = max(0.05, self.end - time.monotonic())
        if self._http is None:
            self._http = httpx.AsyncClient(verify=self._trust(), trust_env=False)
        kept, self._kept, begun = self._kept, False, False
        request = self._http.stream(method, url, headers=headers, timeout=left, **parts)
        try:
            # each chunk has its own time in httpx: an answer in drops would never end
            async with asyncio.timeout(left), request as response:
                begun = True
                self._look(response)
                self.secrets.update(value for value in response.cookies.values() if len(value) >= _SESSION)
                body = await _body(response, min(BODY_LIMIT, self._left))
                self._left -= len(body)
                self._kept = True
                return Answer(response.status_code, response.headers, body)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
            # A server may end a connection that it kept while the next request is on its way. What only reads is asked once more
            # then, on a new one (RFC 9112, 9.3.1); who hangs up on a new one would again.
            if begun or not kept or method not in _READING:
                raise
        return await self._send(method, url, headers, parts)

    def _look(self, response: httpx.Response) -> None:
        """Note when the certificate ends that the server showed."""
        stream = response.extensions.get("network_stream")
        if self.certificate is None and stream is not None:
            self.certificate = tls.end(stream.get_extra_info("ssl_object"))

    def _trust(self) -> ssl.SSLContext | bool:
        if not self._access.url.startswith("https:") or not self._access.verify:
            return False
        try:
            return ssl.create_default_context(cafile=self._access.ca)
        except (OSError, ssl.SSLError) as error:
            why = getattr(error, "strerror", None) or "no certificate in it"
            raise PollError("tls", f"cannot use the authority {self._access.ca}: {why}") from None


def _beginning(body: bytes) -> str:
    """The beginning of an answer."""
    return body[:_SHOWN].decode("utf-8", "replace") + ("…" if len(body) > _SHOWN else "")


async def _body(response: httpx.Response, limit: int) -> bytes:
    """The body, unpacked here so that a small answer cannot grow beyond the limit in memory."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", "deflate", ""):
        raise PollError("unparsed", f"the answer is encoded as {documents.legible(encoding, 40)}")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32) if encoding not in ("identity", "") else None
    body = bytearray()
    async for chunk in response.aiter_raw():
        try:
            body += unpack.decompress(chunk, limit + 1 - len(body)) if unpack else chunk
        except zlib.error:
            raise PollError("unparsed", f"the answer is no valid {encoding}") from None
        if len(body) > limit:
            raise PollError("truncated", _too_much(limit))
    if unpack and body and not unpack.eof:
        raise PollError("truncated", "the answer ends before its end")
    return bytes(body)


def _too_much(limit: int) -> str:
    many = BODY_LIMIT if limit == BODY_LIMIT else POLL_LIMIT
    return f"more than {many // 1024**2} MiB in one {'answer' if limit == BODY_LIMIT else 'poll'}"


def _judge(status: int) -> None:
    if status in (401, 403):
        raise StatusError(status, "auth_failed", f"HTTP {status}: the credential is not accepted")
    if 300 <= status < 400:
        raise StatusError(
            status, "unparsed", f"HTTP {status}: redirects are not followed, write the final address"
        )
    if not 200 <= status < 300:
        raise StatusError(status, "unparsed", f"HTTP {status}")


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
