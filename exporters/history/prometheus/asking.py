"""Requests to an engine: remote write, and its query API. Bounded in time and size; no secret in an error.

Neither redirects nor proxies are followed. https://prometheus.io/docs/prometheus/latest/querying/api/
"""

from __future__ import annotations

import base64
import contextlib
import email.utils
import json
import math
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal, TypeVar

import httpx

from collectors.documents import legible
from collectors.http.secrets import Secrets
from exporters.history import HistoryError
from inventory.credentials import Http, SecretMissingError
from inventory.estate import Engine

Failure = Literal[
    "unreachable", "timeout", "tls", "auth_failed", "throttled", "server", "refused", "too_much"
]
"""Why a request came to nothing. `refused` is what would be refused again; `too_much` asks for too much at once."""

T = TypeVar("T")

WRITE_SECONDS: Final = 30.0
ASK_SECONDS: Final = 120.0
ANSWER_LIMIT: Final = 256 * 1024 * 1024
"""Bytes of an answer, unpacked."""

_LONGEST_WAIT: Final = 3600.0
_SAID: Final = 16 * 1024
_KEPT_ALIVE: Final = 600.0
_AS_PROMETHEUS: Final = {"nocache": "1", "max_lookback": "5m"}
"""VictoriaMetrics would move steps to where its cache has them, and fill gaps with values of hours ago."""
_CLOSING: Final = 0.2
_AT_ONCE: Final = 5.0
_HABIT: Final = 4
"""Requests in a row, each on a connection of its own, from which that is how the engine does it."""


class EngineError(HistoryError):
    """An engine did not do what was asked. `kind` is why, `wait` the seconds that it wants to be left alone."""

    def __init__(self, kind: Failure, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.kind, self.wait = kind, wait


class Client:
    """Speaks to one engine. Its methods may be called from any thread, one request at a time."""

    def __init__(self, engine: Engine, credential: Http | None = None) -> None:
        self.engine = engine
        self._base = engine.url.rstrip("/")
        self._credential = credential
        self._mutex = threading.Lock()
        self._http: httpx.Client | None = None
        self._wire: Any = None
        self._connected = 0
        self._row = 0
        self._asked = -math.inf
        self._announced = True
        self.skew = 0.0
        """Seconds that the engine's clock was ahead of ours when it answered last."""
        self.restarts = 0
        """How often a connection had ended unannounced when the next request came: the engine may have restarted."""

    def __repr__(self) -> str:
        return f"Client({self._base})"

    def __reduce__(self) -> tuple[type[Client], tuple[Engine, Http | None]]:
        """Sent to another process, it speaks there over connections of its own."""
        return Client, (self.engine, self._credential)

    def write(self, body: bytes) -> None:
        """Hand over a WriteRequest, packed. Raises EngineError."""
        headers = {
            "Content-Type": "application/x-protobuf",
            "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
        }
        self._fetch(self.engine.write_path, WRITE_SECONDS, headers=headers, content=body)

    def ask(self, path: str, **asked: Any) -> Any:
        """The `data` of an answer of the query API: `ask("query", query="up", time="0")`. Raises EngineError."""
        return self.read(_data, path, **asked)

    def read(self, take: Callable[[bytes], T], path: str, **asked: Any) -> T:
        """What `take` makes of an answer, ValueError or KeyError where it cannot. Raises EngineError."""
        where = f"{self.engine.read_path}/api/v1/{path}"
        body = self._fetch(where, ASK_SECONDS, data={**asked, **_AS_PROMETHEUS})
        try:
            return take(body)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise EngineError(
                "refused",
                f"{self._base}{where} does not answer as the query API of Prometheus does: "
                "look at url and read_path of the estate's history",
            ) from None

    def close(self) -> None:
        """Let go of the connection; not of one that waits for an answer just now."""
        if not self._mutex.acquire(timeout=_CLOSING):
            return
        try:
            if self._http is not None:
                self._http.close()
                self._http = None
        finally:
            self._mutex.release()

    def _fetch(
        self, path: str, seconds: float, headers: Mapping[str, str] | None = None, **parts: Any
    ) -> bytes:
        url, secrets, end = self._base + path, Secrets(), time.monotonic() + seconds
        with self._mutex:
            connected = self._connected
            try:
                sent = {
                    "User-Agent": "jauge",
                    "Accept-Encoding": "gzip",
                    **self.engine.headers,
                    **self._login(secrets),
                    **(headers or {}),
                }
                with self._within(end):
                    response, body = self._exchange(url, end, headers=sent, **parts)
            except (httpx.TimeoutException, TimeoutError):
                self._announced = False
                raise EngineError("timeout", f"{self._base} did not answer in {seconds:.0f} s") from None
            except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
                self._announced = False
                if time.monotonic() >= end:
                    raise EngineError("timeout", f"{self._base} did not answer in {seconds:.0f} s") from None
                raise self._broken(error, secrets) from None
            self._notice(response, self._connected > connected)
        _judge(response, secrets.hide_all(body[:_SAID].decode("utf-8", "replace")), url, "data" in parts)
        return body

    def _exchange(self, url: str, end: float, **parts: Any) -> tuple[httpx.Response, bytes]:
        """One request and its answer, on the connection that is there or on a new one."""
        if self._http is None:
            limits = httpx.Limits(max_connections=1, keepalive_expiry=_KEPT_ALIVE)
            self._http = httpx.Client(verify=self._trust(), trust_env=False, limits=limits)
        parts |= {"timeout": max(0.1, end - time.monotonic()), "extensions": {"trace": self._trace}}
        connected = self._connected
        try:
            return self._stream(self._http, url, end, **parts)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            if self._connected > connected or time.monotonic() >= end:
                raise
            # The engine ended the connection while the request was on its way: no failure yet.
            return self._stream(self._http, url, end, **parts)

    def _stream(self, http: httpx.Client, url: str, end: float, **parts: Any) -> tuple[httpx.Response, bytes]:
        with http.stream("POST", url, **parts) as response:
            said = _instant(response.headers.get("date", ""))
            self.skew = 0.0 if said is None else said - time.time()
            return response, _body(response, end)

    @contextlib.contextmanager
    def _within(self, end: float) -> Iterator[None]:
        """Hang up at the end of the time: what sends its head byte by byte is late for no single wait of httpx."""
        timer = threading.Timer(max(0.0, end - time.monotonic()), self._hang_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            self._wire.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def _notice(self, response: httpx.Response, connected: bool) -> None:
        """Count a connection that the engine had ended without a word; not where it ends all of them at once."""
        before, self._asked = self._asked, time.monotonic()
        if not connected:
            self._row = 0
        elif self._asked - before < _AT_ONCE:
            self._row += 1
        if connected and not self._announced and self._row < _HABIT:
            self.restarts += 1
        said = response.headers.get("connection", "").lower()
        self._announced = said == "close" or (response.http_version == "HTTP/1.0" and said != "keep-alive")

    def _trace(self, name: str, info: Mapping[str, Any]) -> None:
        if name in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._wire = info["return_value"]
        if name == "connection.connect_tcp.complete":
            self._connected += 1

    def _login(self, secrets: Secrets) -> dict[str, str]:
        """The header of the credential: read each time, as a secret in a file may change."""
        if self._credential is None:
            return {}
        login = self._credential.http
        try:
            if login.token is not None:
                secrets.add(token := login.token.reveal())
                return {"Authorization": f"Bearer {_sendable(token)}"}
            assert login.password is not None  # noqa: S101 - one of the two: see HttpLogin
            secrets.add(password := login.password.reveal())
            secrets.add(pair := base64.b64encode(f"{login.user}:{password}".encode()).decode())
            return {"Authorization": f"Basic {pair}"}
        except SecretMissingError as error:
            raise EngineError("auth_failed", f"cannot log in to {self._base}: {error}") from None

    def _trust(self) -> ssl.SSLContext | bool:
        if not self._base.startswith("https:") or not self.engine.verify:
            return False
        try:
            return ssl.create_default_context(cafile=self.engine.ca)
        except OSError as error:
            why = error.strerror or "no certificate in it"
            raise EngineError("tls", f"cannot use the authority {self.engine.ca}: {why}") from None

    def _broken(self, error: Exception, secrets: Secrets) -> EngineError:
        causes: list[BaseException] = [error]
        while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
            causes.append(cause)
        said = legible(secrets.hide_all(str(error)), 200)
        if any(isinstance(cause, ssl.SSLError) for cause in causes):
            return EngineError("tls", f"no safe connection to {self._base}: {said}")
        return EngineError("unreachable", f"{self._base} cannot be reached: {said}")


def _data(body: bytes) -> Any:
    answer = json.loads(body)
    if not isinstance(answer, dict) or answer.get("status") != "success":
        raise ValueError
    return answer["data"]


def _sendable(token: str) -> str:
    if not token.isascii() or not token.isprintable():
        raise EngineError(
            "auth_failed", "a token is printable ASCII, and that of the history's engine is not"
        )
    return token


def _body(response: httpx.Response, end: float) -> bytes:
    """The body, unpacked here so that a small answer cannot grow beyond the limit in memory."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower() or "identity"
    if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
        raise EngineError(
            "refused", f"an answer is encoded as {legible(encoding, 40)}: only gzip is asked for"
        )
    unpack = None if encoding == "identity" else zlib.decompressobj(zlib.MAX_WBITS | 32)
    body = bytearray()
    for chunk in response.iter_raw():
        try:
            body += unpack.decompress(chunk, ANSWER_LIMIT + 1 - len(body)) if unpack else chunk
        except zlib.error:
            raise EngineError("refused", f"an answer is no valid {encoding}") from None
        if len(body) > ANSWER_LIMIT:
            body.clear()  # who asks for less then holds on to this error, and with it to all that is here
            raise EngineError("too_much", f"more than {ANSWER_LIMIT // 1024**2} MiB in one answer")
        if time.monotonic() > end:
            raise TimeoutError
    return bytes(body)


def _judge(response: httpx.Response, said: str, url: str, asked: bool) -> None:
    status = response.status_code
    if 200 <= status < 300:
        return
    if asked and status == 503 and "timed out" in said:
        status = 422  # Prometheus says so of a query that took too long
    kind, what = _kind(status)
    raise EngineError(kind, f"{url}: HTTP {status}, {what}: {legible(said, 280)}", _wait(response))


def _kind(status: int) -> tuple[Failure, str]:
    if status in (401, 403):
        return "auth_failed", "the credential is not accepted"
    if status == 429:
        return "throttled", "too many requests"
    if status in (413, 422):
        return "too_much", "too much at once, or a query that it does not know"
    if status >= 500:
        return "server", "the engine is in trouble"
    if status == 400:
        return "refused", "refused; look at the address and its paths where it does not know the path"
    return "unreachable", "nothing of the kind is there: look at the address and its paths"


def _wait(response: httpx.Response) -> float | None:
    """Seconds of Retry-After, which is a number or a date (RFC 9110, 10.2.3)."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdigit():
        wait = float(text)
    elif (at := _instant(text)) is not None:
        wait = at - time.time()
    else:
        return None
    return min(max(wait, 0.0), _LONGEST_WAIT)


def _instant(text: str) -> float | None:
    """A date of a header (UTC epoch seconds), None where it is none."""
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
