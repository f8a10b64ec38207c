"""Who is let in to the exporter, by a web configuration that is read again whenever it changes.

A new file that cannot be used changes nothing: the former one stays in force, the log says why, and
`jauge_web_config_reload_successful` is 0.
"""

from __future__ import annotations

import asyncio
import dataclasses
import ssl
import stat
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web

from exporters.web import tls
from exporters.web.config import RateLimit, WebConfig, WebConfigError, load
from exporters.web.passwords import BusyError, Passwords
from exporters.web.standing import Failure, Standing
from exporters.web.tls import TlsError
from inventory.places import Place, Problem

log = structlog.get_logger(__name__)

WATCH_SECONDS: Final = 1.0
"""Between two looks at the files."""

_REASONS: Final[dict[str, Failure]] = {
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "no certificate",
    "CERTIFICATE_VERIFY_FAILED": "untrusted certificate",
    "UNSUPPORTED_PROTOCOL": "old version",
    "UNKNOWN_PROTOCOL": "old version",
    "WRONG_VERSION_NUMBER": "not TLS",
    "HTTP_REQUEST": "not TLS",
    "NO_SHARED_CIPHER": "no common cipher",
}

Stamp = tuple[tuple[str, int, int, int, int] | tuple[str], ...]
"""What tells one state of some files from another."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rules:
    """A configuration in force, and what was made of it. `ends` is when the certificate does, UTC epoch seconds."""

    config: WebConfig
    watched: tuple[Path, ...]
    stamp: Stamp
    material: tls.Material | None
    context: ssl.SSLContext | None
    ends: float | None


def rules(file: Path) -> Rules:
    """Read a web configuration and what it names. Raises WebConfigError."""
    config = load(file)
    section = config.tls_server_config
    watched = (file, *tls.files(section, file.parent))
    stamp = stamps(watched)  # before they are read: what changes meanwhile is seen at the next look
    if not section.enabled:
        return Rules(config, watched, stamp, None, None, None)
    try:
        material = tls.gather(section, file.parent)
        return Rules(config, watched, stamp, material, tls.context(section, material), tls.ends(material))
    except (TlsError, OSError) as error:  # the latter where there are no files left to open
        raise WebConfigError([Problem(Place(str(file), 1, 1), f"tls_server_config: {error}")]) from None


def readable(config: WebConfig, folder: Path) -> Path | None:
    """The file of the key, where every account of this machine may read it."""
    name = config.tls_server_config.key_file
    if name is None:
        return None
    try:
        return folder / name if (folder / name).stat().st_mode & stat.S_IROTH else None
    except OSError:
        return None


def stamps(files: tuple[Path, ...]) -> Stamp:
    """The present state of files, as far as it can be told without reading them."""

    def one(file: Path) -> tuple[str, int, int, int, int] | tuple[str]:
        try:
            found = file.stat()
        except OSError:
            return (str(file),)
        return str(file), found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns

    return tuple(map(one, files))


class Bucket:
    """Tokens for requests: one comes back each `interval` seconds, up to `burst`."""

    def __init__(self, limit: RateLimit, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = limit
        self._clock = clock
        self._tokens = float(limit.burst)
        self._at = clock()

    def take(self) -> bool:
        """Take a token; False where there is none."""
        if not self.limit.interval:
            return True
        now = self._clock()
        self._tokens = min(self.limit.burst, self._tokens + (now - self._at) / self.limit.interval)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Door:
    """The web configuration in force, and what it lets in. Raises WebConfigError where the file cannot be used at the start."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._rules = rules(file)
        self._passwords = _passwords(self._rules.config)
        self._bucket = Bucket(self._rules.config.rate_limit)
        self._told = ""
        self.read_at = time.time()
        self.failures = 0
        self.handshakes: Counter[Failure] = Counter()
        self.on_new_context: list[Callable[[], None]] = []
        if (key := readable(self._rules.config, file.parent)) is not None:
            log.warning("every account of this machine may read the key: take that right away", file=str(key))

    @property
    def context(self) -> ssl.SSLContext | None:
        """With what a new connection speaks TLS; None where it does not."""
        return self._rules.context

    @property
    def standing(self) -> Standing:
        """How it stands, for metrics."""
        return Standing(not self._told, self.read_at, self.failures, self._rules.ends, self.handshakes)

    @property
    def scheme(self) -> str:
        return "https" if self.context is not None else "http"

    @property
    def open(self) -> bool:
        """Whether anybody who reaches the port is let in."""
        return not self._passwords and not self._rules.config.tls_server_config.verifies

    async def refusal(self, request: web.Request) -> web.Response | None:
        """The answer to whoever is not let in; None for all others."""
        if not self._bucket.take():
            return web.Response(
                status=429, text="too many requests: rate_limit of the web configuration bounds them\n"
            )
        if not self._named(request):
            return web.Response(status=403, text="this certificate bears no name of client_allowed_sans\n")
        if not self._passwords:
            return None
        try:
            if await self._passwords.right(request.headers.get("Authorization")):
                return None
        except BusyError:
            return web.Response(status=429, text="too many passwords are being checked at once\n")
        return web.Response(
            status=401,
            text="a user and a password of basic_auth_users are needed\n",
            headers={"WWW-Authenticate": 'Basic realm="jauge", charset="UTF-8"'},
        )

    async def dress(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Send the headers along that the configuration names."""
        for name, value in self._rules.config.http_server_config.headers.items():
            if value:
                response.headers[name] = value

    def failed(self, error: BaseException) -> None:
        """Count a handshake that came to nothing."""
        reason: Failure = "other"
        if isinstance(error, ssl.SSLError):
            reason = _REASONS.get(error.reason or "", "other")
        elif isinstance(error, ConnectionAbortedError | TimeoutError):  # asyncio's word for its own time-out
            reason = "timeout"
        self.handshakes[reason] += 1
        log.debug("no TLS with a client", reason=reason)

    async def watch(self, in_thread: Callable[[Callable[[], Any]], Awaitable[Any]]) -> None:
        """Read the files again whenever they have changed."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            try:
                if self._told or await in_thread(lambda: stamps(self._rules.watched)) != self._rules.stamp:
                    await self.reload(in_thread)
            except Exception:  # a fault of ours: what is in force goes on
                log.exception("web configuration not looked at")

    async def reload(self, in_thread: Callable[[Callable[[], Any]], Awaitable[Any]]) -> None:
        """Read the files now. Where they cannot be used, go on with what is in force, and say so once."""
        try:
            found: Rules = await in_thread(lambda: rules(self._file))
        except WebConfigError as error:
            if str(error) != self._told:
                self._told = str(error)
                self.failures += 1
                for problem in error.problems:
                    log.error(
                        "web configuration not reloaded, the former one stays in force", problem=str(problem)
                    )
            return
        self._told = ""
        self._adopt(found)

    def _adopt(self, found: Rules) -> None:
        before, self._rules = self._rules, found
        self.read_at = time.time()
        if found.config.basic_auth_users != before.config.basic_auth_users:
            self._passwords.close()
            self._passwords = _passwords(found.config)
        if found.config.rate_limit != before.config.rate_limit:
            self._bucket = Bucket(found.config.rate_limit)
        same = found.config.tls_server_config == before.config.tls_server_config
        if same and found.material == before.material:
            self._rules = dataclasses.replace(found, context=before.context)
        else:
            for tell in self.on_new_context:
                tell()
        log.info(
            "web configuration reloaded",
            tls=self.context is not None,
            users=len(found.config.basic_auth_users),
        )

    def _named(self, request: web.Request) -> bool:
        allowed = self._rules.config.tls_server_config.client_allowed_sans
        if allowed is None:
            return True
        transport = request.transport
        peer = transport.get_extra_info("peercert") if transport is not None else None
        return not tls.names(peer).isdisjoint(allowed)


def _passwords(config: WebConfig) -> Passwords:
    return Passwords({name: hashed.get_secret_value() for name, hashed in config.basic_auth_users.items()})
