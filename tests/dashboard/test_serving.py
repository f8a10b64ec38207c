"""The server as gunicorn is given it, and as `jauge dashboard` starts it."""

from __future__ import annotations

import contextlib
import logging
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from collecting import until
from servers import free_port
from within import jauge

from dashboard.access import users
from dashboard.components.document import CHARTS
from dashboard.serving import build
from inventory.state import open_state


@pytest.mark.parametrize("demo", [True, False])
def test_the_server_is_ready_before_the_first_request(
    demo: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Dash finishes its set-up in the first request: one that fails would leave scripts unregistered."""
    estate = tmp_path / "estate.yml"
    estate.write_text("targets:\n  - {name: here, host: true}\n")
    with caplog.at_level(logging.WARNING):
        server = build(tmp_path, estate, demo=demo)
    assert [record.getMessage() for record in caplog.records] == []
    answer = server.test_client().get("/login")
    assert answer.status_code == (303 if demo else 200)


def test_what_solves_a_plan_is_not_loaded_to_show_pages() -> None:
    """To load it is a third of the start of a server; plans are made by processes of their own."""
    code = "import dashboard.serving, sys; print([m for m in sys.modules if m in ('scipy.optimize', 'scipy.sparse')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


pytestmark = pytest.mark.xdist_group("served")

LISTENS = 90.0
"""Seconds until a server answers, on a machine that may be busy."""


@contextlib.contextmanager
def started(folder: Path, estate: str, *more: str) -> Iterator[int]:
    """`jauge dashboard` of a folder, as it is started for people; its port."""
    folder.mkdir()
    (folder / "estate.yml").write_text(estate)
    port = free_port()
    words = ["dashboard", str(folder / "estate.yml"), "--data", str(folder), "--web.listen-address"]
    command = [sys.executable, "-m", "jauge", *words, f"127.0.0.1:{port}", *more]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            until(
                lambda: process.poll() is None and said(port, "localhost", "HEAD /login").startswith("HTTP"),
                LISTENS,
            )
            yield port
        finally:
            process.send_signal(signal.SIGTERM)


def said(port: int, host: str | None, asked: str, body: str = "", *more: str) -> str:
    """What the server says over a socket of our own: a method and path, with that Host, or of HTTP/1.0 with none."""
    lines = [f"{asked} HTTP/1.{0 if host is None else 1}", "Connection: close", *more]
    lines += [f"Host: {host}"] if host is not None else []
    if body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    try:
        with socket.create_connection(("127.0.0.1", port), 60) as wire:
            wire.sendall(("\r\n".join(lines) + f"\r\n\r\n{body}").encode())
            return b"".join(iter(lambda: wire.recv(65_536), b"")).decode("utf-8", "replace")
    except ConnectionRefusedError:
        return ""


def status(answer: str) -> int:
    return int(answer.split(maxsplit=2)[1])


PLAIN = "targets:\n  - {name: here, host: true}\n"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """The pages of an estate, which browsers know by another name over TLS."""
    folder = tmp_path_factory.mktemp("served") / "real"
    with started(folder, PLAIN, "--web.external-url", "https://jauge.hospital.example") as port:
        yield port, folder


def test_a_page_of_a_stranger_that_leads_its_own_name_here_is_told_nothing(
    real: tuple[int, Path], tmp_path: Path
) -> None:
    """DNS rebinding, over real HTTP: a demo is open without a login, and production shows its login page."""
    served, _ = real
    with started(tmp_path / "demo", f"demo: true\n{PLAIN}") as demo:
        for port, open_path in ((demo, "/"), (served, "/login")):
            assert status(said(port, f"127.0.0.1:{port}", f"GET {open_path}")) == 200
            assert status(said(port, None, f"GET {open_path}")) == 200, (
                "a health check of HTTP/1.0 names no host"
            )
            for host in ("rebound.example", f"rebound.example:{port}", "127.0.0.1.rebound.example", ""):
                for asked in (
                    f"GET {open_path}",
                    "GET /_dash-layout",
                    "GET /assets/jauge.css",
                    "HEAD /nowhere",
                ):
                    answer = said(port, host, asked)
                    assert status(answer) == 421, (host, asked)
                    assert "Set-Cookie" not in answer
                posted = said(port, host, "POST /_dash-update-component", "{}", f"Origin: http://{host}")
                assert status(posted) == 421
            twice = said(port, "localhost", f"GET {open_path}", "", "Host: rebound.example")
            assert status(twice) in (400, 421)
        assert status(said(demo, "jauge.hospital.example", "GET /")) == 421
    assert status(said(served, "jauge.hospital.example", "GET /login")) == 200
    assert status(said(served, f"{socket.gethostname()}:{served}", "GET /login")) == 200


def test_who_comes_over_tls_has_cookies_and_a_policy_for_tls_alone(real: tuple[int, Path]) -> None:
    port, folder = real
    users.add(open_state(folder / "state.db"), "ada", "viewer", "correct horse battery")
    origin = "Origin: https://jauge.hospital.example"
    form = "name=ada&password=correct+horse+battery"
    answer = said(port, "jauge.hospital.example", "POST /login", form, origin)
    assert status(answer) == 303
    (cookie,) = re.findall(r"(?im)^set-cookie: (.*?)\r?$", answer)
    parts = {one.strip().casefold() for one in cookie.split(";")[1:]}
    assert cookie.startswith("__Host-jauge=")
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
    assert re.search(r"(?im)^strict-transport-security: max-age=\d{6,}", answer)


@pytest.mark.parametrize(
    "url", ["jauge.hospital.example", "https://jauge.hospital.example/jauge", "ftp://x", "https://"]
)
def test_an_address_of_the_pages_that_is_none_is_said(tmp_path: Path, url: str) -> None:
    (tmp_path / "estate.yml").write_text("targets: []\n")
    ended = jauge("dashboard", tmp_path / "estate.yml", "--web.external-url", url)
    assert ended.returncode == 2
    assert "write it without a path" in ended.stderr


FORM = "POST /login HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
HALVES = (
    "GET /login HTTP/1.1\r\nHost: localhost\r\nX-",
    f"{FORM}Content-Length: 100\r\n\r\nname=a",
    f"{FORM}Content-Length: 100\r\nExpect: 100-continue\r\n\r\n",
    f"{FORM}Content-Length: 900000\r\n\r\nname=a",
    f"{FORM}Transfer-Encoding: chunked\r\n\r\n6\r\nname=a\r\n",
)


def test_a_form_whose_sender_waits_to_be_told_to_send_it_is_taken_and_one_without_a_length_is_not(
    real: tuple[int, Path],
) -> None:
    port, _ = real
    form = "name=nobody&password=wrong"
    with socket.create_connection(("127.0.0.1", port), 60) as wire:
        wire.sendall(
            f"{FORM}Connection: close\r\nContent-Length: {len(form)}\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        assert wire.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(form.encode())
        answer = b"".join(iter(lambda: wire.recv(65_536), b"")).decode()
    assert status(answer) == 401
    assert "100 Continue" not in answer
    assert status(said(port, "localhost", "POST /login", "", "Transfer-Encoding: chunked")) == 501


def test_readers_who_do_not_read_their_answers_keep_nobody_else_out(tmp_path: Path) -> None:
    with started(tmp_path / "demo", f"demo: true\n{PLAIN}") as port, contextlib.ExitStack() as held:
        for _ in range(40):
            wire = held.enter_context(socket.socket())
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            wire.connect(("127.0.0.1", port))
            wire.sendall(f"GET /assets/{CHARTS} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 8)
        time.sleep(3)  # what the kernel takes over for them is full by then
        for _ in range(5):
            assert status(said(port, "localhost", "GET /")) == 200


def test_connections_on_which_nothing_is_asked_keep_nobody_else_out(real: tuple[int, Path]) -> None:
    port, _ = real
    with contextlib.ExitStack() as held:
        for _ in range(2300):  # more than the two processes take
            held.enter_context(socket.create_connection(("127.0.0.1", port), 60))
        start = time.monotonic()
        assert status(said(port, "localhost", "GET /login")) == 200
        assert time.monotonic() - start < 15  # not as long as a browser may keep one


def test_halves_of_requests_that_are_kept_open_keep_nobody_else_out(real: tuple[int, Path]) -> None:
    port, _ = real
    with contextlib.ExitStack() as held:
        for half in HALVES * 40:
            wire = held.enter_context(socket.create_connection(("127.0.0.1", port), 60))
            wire.sendall(half.encode())
        for _ in range(5):
            assert status(said(port, "localhost", "GET /login")) == 200
        wire.settimeout(60)
        with contextlib.suppress(ConnectionResetError):
            while wire.recv(65_536):  # in the end it is let go, with an answer or without
                pass
    assert status(said(port, "localhost", "GET /login")) == 200
