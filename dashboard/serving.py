"""Serving the dashboard: gunicorn, loaded once and forked, with threads."""

from __future__ import annotations

import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from dashboard.app import create
from dashboard.data import STATE, Data
from dashboard.declared import Declared
from dashboard.patience import READERS, Worker
from exporters.manager import Manager
from inventory.state import open_state

log = structlog.get_logger(__name__)

_WORKERS: Final = 2

_ANSWER_SECONDS: Final = 5.0
"""That an answer may take which shows that pages are answered: workers that end meanwhile wait as long to be started again."""

_TURN: Final = 0.0005
"""Seconds after which a thread that computes lets another one have its turn. Each look at a file gives the turn away, and an
answer of ten milliseconds that waits the interpreter's own five for it each time takes a hundred beside one that is made anew."""


def build(
    data_dir: Path, estate_path: Path, demo: bool = False, secure: bool = False, hosts: tuple[str, ...] = ()
) -> Flask:
    """The application of an estate and its files, ready to answer. Raises EstateError and StateError."""
    data = Data(Declared.read(estate_path), data_dir)
    server: Flask = create(data, open_state(data_dir / STATE), demo, secure, hosts).server
    # Dash registers its script paths on its first request, and says so before it has: without this one, the
    # parallel requests of a browser that come first are answered 500.
    server.test_client().get("/login")
    if data.estate.history is None:  # files of this machine; an engine elsewhere may not answer
        data.warm()
    return server


def serve(
    data_dir: Path,
    estate_path: Path,
    host: str = "127.0.0.1",
    port: int = 8050,
    demo: bool = False,
    urls: Sequence[str] = (),
    workers: int = _WORKERS,
    manager: Manager | None = None,
) -> None:
    """Serve until a signal ends it, and tell the service manager how that goes. Raises as `build` does.

    `urls` are addresses by which browsers know the pages: their names are answered, beside those of this machine, and where one
    is https, browsers come over TLS.
    """
    known = [urlsplit(url) for url in urls]
    hosts = (host, socket.gethostname(), *(one.netloc for one in known))
    server = build(data_dir, estate_path, demo, any(one.scheme == "https" for one in known), hosts)
    sys.setswitchinterval(_TURN)
    log.info("dashboard", url=f"http://{host}:{port}/")
    _Server(server, host, port, workers, manager or Manager({})).run()


def _let_through(_arbiter: object) -> None:
    """Let SIGHUP through, which the entry point of the program holds back: gunicorn handles it from now on."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})


class _Logger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's own lines go where all others go: in our form, and without secrets."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, configured here and not by files or the environment."""

    def __init__(self, server: Flask, host: str, port: int, workers: int, manager: Manager) -> None:
        self._flask = server
        self._manager = manager
        self._settings: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": workers,
            "worker_class": Worker,
            "threads": READERS,
            "keepalive": 30,
            # Seconds that answers under way have when it is told to end; browsers ask again.
            "graceful_timeout": 10,
            "preload_app": True,
            "control_socket_disable": True,
            # A name of a thing in an address may be long, and is three times as long there.
            "limit_request_line": 8190,
            # What a proxy says of who asks is said by whoever gets past it as well: nobody is believed.
            "forwarded_allow_ips": "",
            "loglevel": "warning",
            "logger_class": _Logger,
            "proc_name": "jauge-dashboard",
            "when_ready": _let_through,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._flask

    def run(self) -> None:
        _Arbiter(self, self._manager).run()


class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """The process that keeps the workers: each second it looks after them, and so lives where it tells that they answer.

    It asks as a browser does, by their own port. While nobody answers nothing is told, and a service manager that watches ends all
    of it and starts it again.
    """

    def __init__(self, server: _Server, manager: Manager) -> None:
        self._manager = manager
        super().__init__(server)

    def manage_workers(self) -> None:
        super().manage_workers()
        if self._manager.due:
            if self.LISTENERS and _answers(self.LISTENERS[0].sock.getsockname()):
                self._manager.lives(f"pages are answered by {len(self.WORKERS)} processes")
            else:
                self._manager.ails("no page is answered")

    def stop(self, graceful: bool = True) -> None:
        self._manager.stops()
        super().stop(graceful)


def _answers(place: tuple[Any, ...]) -> bool:
    """Whether a page is answered, whatever it says, at an address that is listened on."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(place[0], place[0])
    try:
        with socket.create_connection((host, place[1]), _ANSWER_SECONDS) as wire:
            wire.sendall(b"GET /login HTTP/1.0\r\n\r\n")
            return wire.recv(5) == b"HTTP/"
    except OSError:
        return False
