"""Orthanc's REST interface, and HTTP servers that misbehave."""

from __future__ import annotations

import contextlib
import gzip
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import servers

from collectors import http
from collectors.http.client import Client
from collectors.poll import PollError, Step, Table
from inventory.estate import Estate, HttpAccess


async def poll(
    url: str, password: str = "orthanc-secret", steps: list[Step] | None = None, **access: Any
) -> tuple[dict[str, Table], dict[str, str]]:
    estate = Estate.model_validate(
        {
            "credentials": {"rest": {"http": {"user": "mon", "password": password}}},
            "targets": [
                {"name": "pacs-01", "timeout": 3,
                 "http": {"family": "orthanc", "url": url, "credential": "rest", **access}}
            ],
        }
    )  # fmt: skip
    trace = (steps if steps is not None else []).append
    tables, facts = await http.poll(estate.targets[0], estate, trace)
    return {table.name: table for table in tables}, facts


async def test_orthanc_says_what_it_keeps(orthanc: servers.Orthanc) -> None:
    steps: list[Step] = []
    tables, facts = await poll(orthanc.url, steps=steps)
    told = orthanc.get("/statistics")
    read = {sample.metric: sample.value for sample in tables["statistics"]}
    assert read["jauge_pacs_patients"] == 2
    assert read["jauge_pacs_instances"] == 10
    assert read["jauge_pacs_stored_bytes"] == int(told["TotalDiskSize"])
    assert facts == {"family": "orthanc", "product": "Orthanc", "version": orthanc.get("/system")["Version"]}
    assert "orthanc-secret" not in repr(steps)


async def test_a_wrong_password_is_auth_failed(orthanc: servers.Orthanc) -> None:
    tables, _ = await poll(orthanc.url, "wrong")
    assert {table.reason for table in tables.values()} == {"auth_failed"}


async def test_a_closed_port_is_refused() -> None:
    tables, _ = await poll(f"http://{servers.LOOPBACK}:{servers.free_port()}")
    assert {table.reason for table in tables.values()} == {"refused"}


async def test_a_plain_server_under_https_is_a_tls_failure(orthanc: servers.Orthanc) -> None:
    tables, _ = await poll(orthanc.url.replace("http:", "https:"))
    assert {table.reason for table in tables.values()} == {"tls"}


@contextlib.contextmanager
def answering(answer: bytes) -> Iterator[str]:
    """A server that gives these bytes to whoever asks. Yields its address."""
    with socket.create_server((servers.LOOPBACK, 0)) as server:

        def serve() -> None:
            while True:
                try:
                    sock, _ = server.accept()
                except OSError:
                    return
                with sock, contextlib.suppress(OSError):
                    sock.recv(65536)
                    sock.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://{servers.LOOPBACK}:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def reply(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return "\r\n".join(head).encode() + body


HOSTILE: dict[str, tuple[bytes | None, str]] = {
    "a bomb": (None, "truncated"),  # made for its test alone: it takes a second
    "no gzip": (reply(b"{}", "Content-Encoding: gzip"), "unparsed"),
    "too much": (reply(b" " * 5_000_000), "truncated"),
    "depth": (reply(b"[" * 200_000), "unparsed"),
    "no number": (reply(b'{"Version": "1", "CountPatients": NaN}'), "unparsed"),
    "infinity": (reply(b'{"CountPatients": 1e400}'), "unparsed"),
    "many digits": (reply(b'{"CountPatients": ' + b"9" * 10_000 + b"}"), "unparsed"),
    "a list": (reply(b"[]"), "unparsed"),
    "a page": (reply(b"<html>"), "unparsed"),
    "elsewhere": (reply(b"", "Location: http://127.0.0.1:1/", status="302 Found"), "unparsed"),
    "an error": (reply(b"", status="500 Internal Server Error"), "unparsed"),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", "unparsed"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_answer_fails_its_table_with_a_reason(name: str) -> None:
    answer, reason = HOSTILE[name]
    bomb = b"" if answer else reply(gzip.compress(b"0" * 200_000_000, 9), "Content-Encoding: gzip")
    with answering(answer or bomb) as url:
        tables, _ = await poll(url)
    assert tables["statistics"].reason == reason, tables["statistics"].detail


@contextlib.contextmanager
def hanging_up(each: int) -> Iterator[tuple[str, list[str]]]:
    """A server that answers `each` requests of a connection, then takes one more and hangs up. Yields its address and what was asked.

    It says that it keeps connections: a client that believes it meets the end amid its next request.
    """
    asked: list[str] = []

    def talk(sock: socket.socket) -> None:
        for _ in range(each):
            if not hear(sock):
                return
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        hear(sock)

    def hear(sock: socket.socket) -> bool:
        request = sock.recv(65536)
        asked.append(request.split(b"\r\n")[0].decode())
        return bool(request)

    with socket.create_server((servers.LOOPBACK, 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = server.accept()
                    with sock, contextlib.suppress(OSError):
                        talk(sock)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://{servers.LOOPBACK}:{server.getsockname()[1]}", asked


async def test_a_server_that_ends_a_kept_connection_amid_a_request_is_asked_once_more() -> None:
    with hanging_up(1) as (url, asked):
        async with client(url) as one:
            assert [(await one.ask("GET", f"/{n}")).status for n in range(3)] == [200, 200, 200]
        assert asked[:5] == [f"GET /{n} HTTP/1.1" for n in (0, 1, 1, 2, 2)]


async def test_what_writes_is_never_sent_twice() -> None:
    with hanging_up(1) as (url, asked):
        async with client(url) as one:
            await one.ask("GET", "/login")
            with pytest.raises(PollError):
                await one.ask("POST", "/session")
        assert asked[:2] == ["GET /login HTTP/1.1", "POST /session HTTP/1.1"]
        assert len([line for line in asked if line.startswith("POST")]) == 1


async def test_a_server_that_hangs_up_on_a_new_connection_is_not_asked_again() -> None:
    with hanging_up(0) as (url, asked):
        async with client(url) as one:
            with pytest.raises(PollError):
                await one.ask("GET", "/")
        assert asked == ["GET / HTTP/1.1"]


def client(url: str) -> Client:
    access = HttpAccess.model_validate({"family": "orthanc", "url": url, "credential": "rest"})
    return Client(access, time.monotonic() + 10, lambda _: None)
