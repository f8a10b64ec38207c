"""SSH against servers that mean harm, or are broken: each is contained, and named."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import paramiko
import psutil
import pytest
import servers
from collecting import collecting, until
from logins import LOAD, Behave, Recorder, a_server, an_estate, listening, poll, printed, values

from collectors import limits, ssh
from collectors.poll import Step, Table
from exporters.events import Events
from inventory.estate import Estate
from inventory.metrics import REASONS

GREETING: Final = b"SSH-2.0-OpenSSH_9.2\r\n"
CANARY: Final = "canary-1b9c"
SLACK: Final = 2.5
"""Seconds that a poll may last beyond its time on a machine that does other things too."""


@pytest.fixture
def pool(caplog: pytest.LogCaptureFixture) -> Iterator[ssh.Connections]:
    connections = ssh.Connections()
    yield connections
    connections.close()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def contained(estate: Estate, pool: ssh.Connections, seconds: float | None = None) -> dict[str, Table]:
    """The tables of a poll that kept to its time and told no secret."""
    steps: list[Step] = []
    start = time.monotonic()
    tables, _ = await poll(estate, pool, steps.append)
    assert time.monotonic() - start < (seconds or estate.targets[0].patience) + SLACK
    assert "internal" not in {table.reason for table in tables.values()}
    assert CANARY not in repr((tables, steps))
    return tables


def reasons(tables: dict[str, Table]) -> set[str | None]:
    return {table.reason for table in tables.values()}


# --- before the login -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
async def test_no_secret_goes_to_a_host_whose_key_changed(
    tmp_path: Path, pool: ssh.Connections, kind: str
) -> None:
    recorder = Recorder()
    with a_server(tmp_path, recorder) as host:
        other = servers.key_pair(tmp_path / "other", kind)
        host.known_hosts.write_text(f"[{servers.LOOPBACK}]:{host.port} {servers.public(other)}\n")
        for estate in (host.estate(), an_estate(host.port, host.known_hosts, None, password=CANARY)):
            tables = await contained(estate, pool)
            assert reasons(tables) == {"host_key_changed"}
            assert ("SHA256:" if kind == "ed25519" else "no key of the kind") in tables["df"].detail
    assert recorder.attempts == []


async def test_no_secret_goes_to_a_host_that_nobody_knows(tmp_path: Path, pool: ssh.Connections) -> None:
    recorder = Recorder()
    with a_server(tmp_path, recorder) as host:
        host.known_hosts.write_text("")
        tables = await contained(an_estate(host.port, host.known_hosts, None, password=CANARY), pool)
    assert reasons(tables) == {"host_key_unknown"}
    assert recorder.attempts == []


async def test_no_secret_goes_to_a_host_that_shows_a_revoked_key(
    tmp_path: Path, pool: ssh.Connections
) -> None:
    recorder = Recorder()
    with a_server(tmp_path, recorder) as host:
        line = host.known_hosts.read_text()
        host.known_hosts.write_text(line + f"@revoked * {line.split(' ', 1)[1]}")
        tables = await contained(an_estate(host.port, host.known_hosts, None, password=CANARY), pool)
    assert reasons(tables) == {"host_key_changed"}
    assert "revoked" in tables["df"].detail
    assert recorder.attempts == []


def say(text: bytes, every: float = 0.0) -> Callable[[socket.socket], None]:
    """A server that says that again and again, and reads nothing."""

    def serve(sock: socket.socket) -> None:
        while True:
            sock.sendall(text)
            time.sleep(every)

    return serve


def drip(text: bytes) -> Callable[[socket.socket], None]:
    """A server that says a text, one byte a second."""

    def serve(sock: socket.socket) -> None:
        for byte in text:
            sock.sendall(bytes([byte]))
            time.sleep(1)

    return serve


def then(first: bytes, serve: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    """A server that says something before the rest."""

    def begin(sock: socket.socket) -> None:
        sock.sendall(first)
        serve(sock)

    return begin


def lie(sock: socket.socket) -> None:
    """A server that announces a packet of two gigabytes, and goes on sending it."""
    sock.sendall(GREETING + struct.pack(">IB", 0x7FFFFFFC, 4))
    say(b"\0" * 65536)(sock)


def silence(_sock: socket.socket) -> None:
    time.sleep(60)


STRANGERS = {
    "silence": (silence, "timeout", "says nothing"),
    "a flood of lines": (say(b"welcome to the ward\r\n" * 50), "refused", "welcome to the ward"),
    "a line without end": (say(b"x" * 4096), "refused", "does not greet"),
    "one byte a second": (drip(b"SSH-2.0-OpenSSH_9.2\r\n"), "timeout", "does not greet"),
    "another protocol": (then(b"220 mail ESMTP\r\n", silence), "timeout", "220 mail ESMTP"),
    "an end at once": (lambda sock: sock.close(), "refused", "without a word"),
    "silence after the greeting": (then(GREETING, silence), "timeout", "in time"),
    "keys, one byte a second": (then(GREETING, drip(b"\0\0\3\x14\6\x14" * 40)), "timeout", "in time"),
    "a packet that lies about its length": (lie, "truncated", "more than any answer"),
    "packets that say nothing": (
        then(GREETING, say(struct.pack(">IBBI", 12, 4, 2, 2) + b"ab\0\0\0\0")),
        "truncated",
        "more than any answer",
    ),
    "noise": (then(GREETING, say(os.urandom(4096))), None, ""),
}


@pytest.mark.parametrize("name", STRANGERS)
async def test_what_greets_otherwise_is_named_and_left(
    sshd: servers.Sshd, pool: ssh.Connections, name: str
) -> None:
    serve, reason, said = STRANGERS[name]
    with listening(serve) as port:
        # what is ended by its size has to come in first, on a busy machine too
        patience = 20.0 if reason == "truncated" else 1.5
        tables = await contained(
            an_estate(port, sshd.known_hosts, None, password=CANARY, timeout=patience), pool
        )
    assert reasons(tables) <= ({reason} if reason else {"refused", "timeout", "truncated"})
    assert said in tables["df"].detail


async def test_a_host_with_old_algorithms_only_is_refused_by_name(pool: ssh.Connections) -> None:
    with servers.sshd(lines=["KexAlgorithms diffie-hellman-group1-sha1"]) as server:
        estate = an_estate(server.port, server.known_hosts, server.key, server.user)
        tables = await contained(estate, pool)
    assert reasons(tables) == {"refused"}
    assert "no common algorithm" in tables["df"].detail


async def test_silent_hosts_hold_no_thread(sshd: servers.Sshd, pool: ssh.Connections) -> None:
    before = threading.active_count()
    live = an_estate(sshd.port, sshd.known_hosts, sshd.key, sshd.user, commands=("load",))
    with socket.create_server((servers.LOOPBACK, 0), backlog=200) as silent:
        port = silent.getsockname()[1]
        dead = an_estate(port, sshd.known_hosts, sshd.key, timeout=3)
        waiting = [asyncio.create_task(poll(dead, pool)) for _ in range(100)]
        await asyncio.sleep(0.5)
        held = threading.active_count() - before
        tables = await contained(live, pool, seconds=1)
        assert tables["load"].up
        for outcome in await asyncio.gather(*waiting):
            assert reasons(outcome[0]) == {"timeout"}
    assert held < 25  # looking up an address takes one, for a moment


async def test_hosts_that_hang_do_not_delay_others(
    sshd: servers.Sshd, tmp_path: Path, pool: ssh.Connections
) -> None:
    live = an_estate(sshd.port, sshd.known_hosts, sshd.key, sshd.user, commands=("load",))
    with listening(then(GREETING, silence)) as port:
        dead = an_estate(port, sshd.known_hosts, sshd.key, timeout=3)
        waiting = [asyncio.create_task(poll(dead, pool)) for _ in range(100)]
        await asyncio.sleep(1)
        assert (await contained(live, pool, seconds=1))["load"].up
        for outcome in await asyncio.gather(*waiting):
            assert reasons(outcome[0]) == {"timeout"}


# --- the login ------------------------------------------------------------------------------------------


async def test_a_login_that_is_refused_is_not_tried_each_minute(
    tmp_path: Path, pool: ssh.Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "password"
    secret.write_text(CANARY)
    open_door = threading.Event()
    recorder = Recorder(lambda c, line: c.sendall(printed(line, LOAD, "ID=x\n")), open_door.is_set)
    with a_server(tmp_path, recorder) as host:
        estate = an_estate(
            host.port, host.known_hosts, None, password=f"file:{secret}", commands=("load",), timeout=10
        )
        for _ in range(5):
            tables = await contained(estate, pool)
            assert reasons(tables) == {"auth_failed"}
        assert "not tried again for 5 min" in tables["load"].detail
        assert recorder.attempts == [f"jauge:{CANARY}"]

        pool.refusals.pardon("srv-01")  # a person asks
        await contained(estate, pool)
        assert len(recorder.attempts) == 2
        assert "not tried again for 10 min" in (await contained(estate, pool))["load"].detail

        secret.write_text(f"{CANARY}-new")  # the secret was changed
        assert reasons(await contained(estate, pool)) == {"auth_failed"}
        assert recorder.attempts[2:] == [f"jauge:{CANARY}-new"]

        now = time.monotonic()
        monkeypatch.setattr("collectors.ssh.connections.time.monotonic", lambda: now + 301)
        open_door.set()  # the account was mended over there, and the pause is over
        assert (await contained(estate, pool))["load"].up
        assert len(recorder.attempts) == 4


async def test_a_server_that_is_slow_to_refuse_is_no_refusal(tmp_path: Path, pool: ssh.Connections) -> None:
    def slow() -> bool:
        time.sleep(3)
        return False

    with a_server(tmp_path, Recorder(allowed=slow)) as host:
        assert reasons(await contained(host.estate(timeout=1), pool)) == {"timeout"}
        assert reasons(await contained(host.estate(timeout=1), pool)) == {"timeout"}


class Talker(Recorder):
    """Answers a proof with banners, for ever."""

    def _judge(self, said: str) -> int:
        self.attempts.append(said)
        message = paramiko.Message()
        message.add_byte(bytes([53]))  # SSH_MSG_USERAUTH_BANNER (RFC 4252, 5.4)
        message.add_string("Authorised use only.\n" * 100)
        message.add_string("en")
        while True:
            self.transport._send_message(message)

    def meet(self, transport: paramiko.Transport) -> None:
        self.transport = transport


async def test_banners_without_end_are_left_and_hear_of_us_twice_at_most(
    tmp_path: Path, pool: ssh.Connections
) -> None:
    talker = Talker()
    with a_server(tmp_path, talker, talker.meet) as host:
        found = [await contained(host.estate(timeout=20), pool) for _ in range(4)]
    assert [reasons(tables) for tables in found] == [{"truncated"}] * 2 + [{"auth_failed"}] * 2
    assert len(talker.attempts) == 2


# --- after the login ------------------------------------------------------------------------------------


def flood(channel: paramiko.Channel, line: str) -> None:
    channel.sendall(printed(line, LOAD))
    while True:
        channel.sendall(b"y\n" * 16384)


def complain(channel: paramiko.Channel, line: str) -> None:
    channel.sendall(printed(line, LOAD))
    while True:
        channel.sendall_stderr(b"y\n" * 16384)


def hang(channel: paramiko.Channel, line: str) -> None:
    channel.sendall(printed(line, LOAD))
    time.sleep(60)


def stop(channel: paramiko.Channel, line: str) -> None:
    """The exit status comes, an end of the output never."""
    channel.sendall(printed(line, LOAD))
    channel.send_exit_status(0)


def leave(channel: paramiko.Channel, line: str) -> None:
    channel.sendall(printed(line, LOAD))
    channel.get_transport().close()


def exchange(channel: paramiko.Channel, line: str) -> None:
    """New keys, again and again."""
    channel.sendall(printed(line, LOAD))
    while True:
        channel.get_transport().renegotiate_keys()


def number(channel: paramiko.Channel, line: str) -> None:
    """Marks of commands that nobody sent."""
    mark = printed(line).decode().split()[0]
    channel.sendall(printed(line, LOAD))
    channel.sendall("".join(f"\n{mark} {n} 0\n" for n in range(9, 5000)).encode())
    time.sleep(60)


BROKEN: dict[str, tuple[Behave, str]] = {
    "output without end": (flood, "truncated"),
    "complaints without end": (complain, "truncated"),
    "a command that hangs": (hang, "deadline"),
    "an exit without an end of output": (stop, "truncated"),
    "a connection that ends": (leave, "truncated"),
    "new keys without end": (exchange, "deadline"),
    "marks out of turn": (number, "deadline"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_came_before_a_break_is_kept_and_the_break_is_named(
    tmp_path: Path, pool: ssh.Connections, name: str
) -> None:
    behave, reason = BROKEN[name]
    with a_server(tmp_path, Recorder(behave)) as host:
        patience = 2 if reason == "deadline" else 20
        tables = await contained(host.estate(timeout=patience, commands=("load", "memory")), pool)
    assert tables["load"].up, tables["load"].detail
    assert values(tables["load"])["jauge_load1", ""] == 0.5
    assert tables["memory"].reason == reason
    assert tables["memory"].series == ()


@pytest.mark.parametrize("cut", [1, 77, 78, 140, 145, 146, 147, 200])
async def test_an_output_that_is_cut_gives_no_half_row(
    tmp_path: Path, pool: ssh.Connections, cut: int
) -> None:
    text = (
        "Filesystem     Type     1-blocks        Used   Available Capacity Mounted on\n"
        "/dev/sda1      ext4  21003583488  5203902464 14711734272      27% /\n"
        "/dev/sdb1      ext4  31003583488  5203902464 14711734272      27% /srv\n"
    )

    def behave(channel: paramiko.Channel, line: str) -> None:
        channel.sendall(printed(line) + text[:cut].encode())
        channel.get_transport().close()

    with a_server(tmp_path, Recorder(behave)) as host:
        table = (await contained(host.estate(timeout=20, commands=("df",)), pool))["df"]
    assert table.reason == "truncated"
    sizes = {store: v for (name, store), v in values(table).items() if name == "jauge_storage_size_bytes"}
    assert sizes == ({"/": 21003583488.0} if text[:cut].count("\n") == 2 else {})


async def test_json_that_is_cut_gives_nothing(tmp_path: Path, pool: ssh.Connections) -> None:
    rows = [{"time": "2026-01-05T02:00:00Z", "hostname": "pacs-01", "paths": ["/srv"]}] * 3

    def behave(channel: paramiko.Channel, line: str) -> None:
        channel.sendall(printed(line, "ID=x\n") + json.dumps(rows)[:-20].encode())
        channel.get_transport().close()

    place = {"repository": "/r", "password_file": "/p"}
    with a_server(tmp_path, Recorder(behave)) as host:
        tables = await contained(host.estate(timeout=20, commands=(), restic=[place]), pool)
    assert tables["restic-snapshots"].reason == "truncated"
    assert tables["restic-snapshots"].series == ()


async def test_an_error_that_ends_well_is_no_answer(tmp_path: Path, pool: ssh.Connections) -> None:
    def behave(channel: paramiko.Channel, line: str) -> None:
        channel.sendall_stderr(b"df: cannot allocate memory\n")
        channel.sendall(printed(line, "% Invalid input detected at '^' marker.\n", "", "--More-- ", "ID=x\n"))

    with a_server(tmp_path, Recorder(behave)) as host:
        tables = await contained(host.estate(timeout=10, commands=("df", "load", "memory")), pool)
    assert {name: table.reason for name, table in tables.items()} == {
        "df": "unparsed",
        "load": "empty_answer",
        "memory": "unparsed",
    }


@pytest.mark.parametrize("translate", [b"\r\n", b"\n"])
async def test_other_line_ends_and_greetings_before_the_shell_change_nothing(
    tmp_path: Path, pool: ssh.Connections, translate: bytes
) -> None:
    def behave(channel: paramiko.Channel, line: str) -> None:
        text = b"Authorised use only!\n0.10 no load\n" + printed(line, LOAD, "ID=x\n")
        channel.sendall(text.replace(b"\n", translate))

    with a_server(tmp_path, Recorder(behave)) as host:
        tables = await contained(host.estate(timeout=10, commands=("load",)), pool)
    assert values(tables["load"])["jauge_load1", ""] == 0.5


async def test_no_terminal_is_asked_for_and_no_poll_logs_in_anew(
    tmp_path: Path, pool: ssh.Connections
) -> None:
    recorder = Recorder(lambda channel, line: channel.sendall(printed(line, LOAD, "ID=x\n")))
    with a_server(tmp_path, recorder) as host:
        for _ in range(3):
            assert (await contained(host.estate(commands=("load",)), pool))["load"].up
    assert recorder.requests == ["exec"] * 3
    assert recorder.attempts == ["jauge"]


async def test_a_batch_is_one_line_and_its_mark_is_new_in_each_poll(
    tmp_path: Path, pool: ssh.Connections
) -> None:
    """What a host has learnt from one poll helps it to forge nothing in the next."""
    lines: list[str] = []

    def behave(channel: paramiko.Channel, line: str) -> None:
        lines.append(line)
        former = printed(lines[-2], "9 9 9 9/9 9\n9 9\n9\n") if len(lines) > 1 else b""
        channel.sendall(former + printed(line, LOAD, "", "ID=x\n"))

    with a_server(tmp_path, Recorder(behave)) as host:
        for _ in range(4):
            tables = await contained(host.estate(commands=("load", "memory")), pool)
            assert values(tables["load"])["jauge_load1", ""] == 0.5
    assert len(lines) == len({printed(line).split()[0] for line in lines}) == 4


async def test_hosts_that_hang_hold_so_many_threads_and_no_more(
    sshd: servers.Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collectors.ssh.connections.THREADS", 8)
    before, most = threading.active_count(), 0
    with contextlib.closing(ssh.Connections()) as pool, socket.socket() as server:
        server.bind((servers.LOOPBACK, 0))
        server.listen(100)
        dead = an_estate(server.getsockname()[1], sshd.known_hosts, sshd.key, timeout=3)
        waiting = [asyncio.create_task(contained(dead, pool)) for _ in range(40)]
        await asyncio.sleep(0.5)
        hosts = [server.accept()[0] for _ in waiting]
        for host in hosts:
            host.sendall(GREETING)
        while not all(one.done() for one in waiting):
            most = max(most, threading.active_count() - before)
            await asyncio.sleep(0.02)
        assert [reasons(one.result()) for one in waiting] == [{"timeout"}] * 40
        for host in hosts:
            host.close()
    # one that waits, one that paramiko reads with, and those of paramiko's that are just ending; not two for each of 40
    assert 8 < most <= 4 * 8


class Deaf(Recorder):
    """Answers a request for a channel, or for a command, far too late."""

    def __init__(self, which: str) -> None:
        super().__init__(lambda *_: None)
        self.which = which

    def check_channel_request(self, kind: str, chanid: int) -> int:
        if self.which == "channel":
            time.sleep(4)
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        time.sleep(4)
        return True


@pytest.mark.parametrize("which", ["channel", "command"])
async def test_a_server_that_does_not_answer_a_request_times_out(
    tmp_path: Path, pool: ssh.Connections, which: str
) -> None:
    with a_server(tmp_path, Deaf(which)) as host:
        assert reasons(await contained(host.estate(timeout=1), pool)) == {"timeout"}


async def test_a_kept_login_that_is_dead_without_a_sign_leaves_time_for_a_new_one(
    tmp_path: Path, pool: ssh.Connections
) -> None:
    recorder = Recorder(lambda channel, line: channel.sendall(printed(line, LOAD, "ID=x\n")))
    with a_server(tmp_path, recorder) as host:
        estate = host.estate(commands=("load",), timeout=4)
        assert (await contained(estate, pool))["load"].up
        dead = host.transports[0]
        dead.packetizer.send_message = lambda _message: None  # what it says is lost on its way
        assert (await contained(estate, pool))["load"].up
    assert len(recorder.attempts) == 2


async def test_logins_that_ended_are_not_held(
    tmp_path: Path, pool: ssh.Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts of a transport hold one another, and a collector looks for garbage seldom."""

    def held() -> int:
        return sum(type(one) is paramiko.Transport and not one.server_mode for one in gc.get_objects())

    monkeypatch.setattr("collectors.ssh.connections.RINGS", 5)
    before, usual = held(), gc.get_threshold()
    gc.set_threshold(limits.COLLECT_AFTER)
    try:
        with a_server(tmp_path, Recorder(leave)) as host:
            for _ in range(20):
                await contained(host.estate(), pool)
            assert held() - before < 10
    finally:
        gc.set_threshold(*usual)


async def test_a_host_that_talks_between_polls_is_left(tmp_path: Path, pool: ssh.Connections) -> None:
    recorder = Recorder(lambda channel, line: channel.sendall(printed(line, LOAD, "ID=x\n")))
    with a_server(tmp_path, recorder) as host:
        estate = host.estate(commands=("load",))
        assert (await contained(estate, pool))["load"].up
        with contextlib.suppress(OSError, EOFError):
            for _ in range(100):
                host.transports[0].send_ignore(30_000)
        kept = pool._kept["srv-01"][1]
        end = time.monotonic() + 5
        while kept.alive and time.monotonic() < end:
            await asyncio.sleep(0.02)
        assert not kept.alive
        assert (await contained(estate, pool))["load"].up


MEMORY = """
import asyncio, json, resource, sys
from collectors import limits, ssh
from collectors.poll import forget
from inventory.estate import Estate

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

async def main(estate, before=0.0):
    pool = ssh.Connections()
    for number in range(4):
        tables, _ = await ssh.poll(estate.targets[0], estate, forget, pool)
        if number == 0:
            before = now()
    print(json.dumps({"grown": now() - before, "peak": peak() - began, "reasons": [t.reason for t in tables]}))

def now():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1024**2

began = peak()
asyncio.run(main(Estate.model_validate_json(sys.stdin.read())))
"""


@pytest.mark.parametrize("name", ["output without end", "complaints without end", "lies"])
def test_a_hostile_server_costs_little_memory(tmp_path: Path, name: str) -> None:
    behave = BROKEN.get(name, (flood, ""))[0]
    with a_server(tmp_path, Recorder(behave)) as host, listening(lie) as liar:
        port = liar if name == "lies" else host.port
        estate = an_estate(port, host.known_hosts, host.key, timeout=10, commands=("load", "memory"))
        answer = subprocess.run(
            [sys.executable, "-c", MEMORY],
            input=json.dumps(estate.model_dump(mode="json", exclude_none=True)),
            capture_output=True,
            text=True,
            check=True,
            timeout=100,
            cwd=Path(__file__).parents[2],
        )
    found = json.loads(answer.stdout)
    assert "truncated" in found["reasons"]
    assert found["grown"] < 20
    assert found["peak"] < 40
    assert answer.stderr == ""


# --- all of them at once ------------------------------------------------------------------------------------

NEVER_UP: Final = {"changed", "unknown", "old", *(name for name in STRANGERS)}
TURN: Final = 4
"""Seconds from one poll of a host to the next; whoever hangs does so for all of them but one."""


@contextlib.contextmanager
def a_ward(place: Path, sshd: servers.Sshd) -> Iterator[Path]:
    """An estate of one host in order, and of every kind that is not."""
    with contextlib.ExitStack() as stack:
        other = servers.public(servers.key_pair(place / "other"))
        old = stack.enter_context(servers.sshd(lines=["KexAlgorithms diffie-hellman-group1-sha1"]))
        known = [sshd.known_hosts.read_text(), old.known_hosts.read_text()]
        hosts = {"good": (sshd.port, sshd.user), "old": (old.port, old.user)}
        for name in ("changed", "unknown"):
            server = stack.enter_context(servers.sshd())
            hosts[name] = (server.port, server.user)
            known += [f"[{servers.LOOPBACK}]:{server.port} {other}\n"] if name == "changed" else []
        for name, (serve, _, _) in STRANGERS.items():
            hosts[name] = (stack.enter_context(listening(serve)), "jauge")
        for name, (behave, _) in BROKEN.items():
            folder = place / name.replace(" ", "-")
            folder.mkdir()
            host = stack.enter_context(a_server(folder, Recorder(behave)))
            hosts[name] = (host.port, "jauge")
            known.append(host.known_hosts.read_text())
        (place / "known_hosts").write_text("".join(known))
        (place / "estate.yml").write_text(json.dumps(ward(place, sshd, hosts)))
        yield place / "estate.yml"


def ward(place: Path, sshd: servers.Sshd, hosts: dict[str, tuple[int, str]]) -> dict[str, object]:
    login = {"known_hosts": str(place / "known_hosts")}
    key, password = {"key": f"file:{sshd.key}"}, {"password": "env:CANARY"}
    return {
        "credentials": {
            "root": {"ssh": {"user": sshd.user} | key | login},
            "jauge": {"ssh": {"user": "jauge"} | password | login},
        },
        "defaults": {"interval": f"{TURN}s", "timeout": f"{TURN - 1}s"},
        "targets": [
            {
                "name": name.replace(" ", "-").replace(",", ""),
                "address": servers.LOOPBACK,
                "ssh": {
                    "credential": "jauge" if user == "jauge" else "root",
                    "port": port,
                    "commands": ["load", "memory"],
                },
            }
            for name, (port, user) in hosts.items()
        ],
    }


@pytest.mark.timeout(300)
def test_a_ward_of_hostile_hosts_costs_the_good_one_nothing(tmp_path: Path) -> None:
    """Every value of the good host is of this turn, nothing grows, nothing is left open, nothing is told."""
    with (
        servers.sshd(lines=["SetEnv HOME=/nonexistent"]) as sshd,
        a_ward(tmp_path, sshd) as estate,
        collecting(estate, {"CANARY": CANARY}, ready="/-/healthy") as collector,
    ):
        process = psutil.Process(collector.process.pid)

        def rounds(count: int) -> int:
            """Let the good host be polled so many times more: the least memory held after one of them."""
            least = []
            for _ in range(count):
                last = collector.status()["good"]["at"]
                until(lambda last=last: (collector.status()["good"]["at"] or 0) > (last or 0), 40)
                least.append(process.memory_info().rss)
            return min(least)  # at any moment, what some of the others sent is held beside it

        until(lambda: all(one["at"] for one in collector.status().values()), 60)
        before = rounds(4)  # every kind of trouble has been met
        files = process.num_fds()
        start = time.monotonic()
        grown = rounds(4) - before
        taken = time.monotonic() - start
        status = collector.status()
        until(lambda: process.num_fds() <= files + 5, 20)
        told = Events(collector.data / "events.db").latest()
        shown = json.dumps(status) + collector.ask("/metrics/estate").text + repr(told)
        stopped = time.monotonic()
        process.terminate()
        collector.process.wait(20)
        assert time.monotonic() - stopped < 5 + SLACK
        said = collector.said()
    assert status["good"]["up"]
    assert {table["reason"] for table in status["good"]["tables"]} == {None}
    assert 3 * TURN <= taken < 5 * TURN + SLACK  # no turn of it fell out
    bad = {
        name: {table["reason"] for table in one["tables"]} for name, one in status.items() if name != "good"
    }
    assert set.union(*bad.values()) <= {*REASONS, None} - {"internal"}
    never = {name.replace(" ", "-").replace(",", "") for name in NEVER_UP}
    assert {name for name in never if status[name]["up"]} == set()
    assert (bad["changed"], bad["unknown"]) == ({"host_key_changed"}, {"host_key_unknown"})
    assert [event.target for event in told if event.kind == "host_key_changed"] == ["changed"]
    assert grown < 20 * 1024**2
    assert "Traceback" not in said
    assert "level=error" not in said
    assert CANARY not in said + shown
