"""SSH against OpenSSH's own server, a restic repository, and servers that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paramiko
import pytest
import servers

from collectors import ssh
from collectors.commands import COMMANDS
from collectors.poll import Step, Table, forget
from collectors.ssh import batch
from inventory.estate import Estate
from inventory.metrics import describe


def an_estate(
    port: int, known_hosts: Path, key: Path, user: str = "jauge", timeout: float = 5, **access: Any
) -> Estate:
    return Estate.model_validate(
        {
            "credentials": {
                "servers": {"ssh": {"user": user, "key": f"file:{key}", "known_hosts": str(known_hosts)}}
            },
            "targets": [
                {
                    "name": "srv-01",
                    "address": servers.LOOPBACK,
                    "timeout": timeout,
                    "ssh": {"credential": "servers", "port": port, **access},
                }
            ],
        }
    )


def of(server: servers.Sshd, **access: Any) -> Estate:
    return an_estate(server.port, server.known_hosts, server.key, server.user, **access)


@pytest.fixture
def pool() -> Iterator[ssh.Connections]:
    connections = ssh.Connections()
    yield connections
    connections.close()


async def poll(
    estate: Estate, pool: ssh.Connections, trace: Callable[[Step], None] = forget
) -> tuple[dict[str, Table], dict[str, str]]:
    tables, facts = await ssh.poll(estate.targets[0], estate, trace, pool)
    return {table.name: table for table in tables}, facts


def values(table: Table) -> dict[tuple[str, str], float]:
    return {
        (sample.metric, dict(sample.labels).get("store") or dict(sample.labels).get("job", "")): sample.value
        for sample in table
    }


async def test_a_linux_server_is_read_as_its_kernel_says(sshd: servers.Sshd, pool: ssh.Connections) -> None:
    tables, facts = await poll(of(sshd, commands=("df", "memory", "load", "cpu")), pool)

    assert {name: table.detail for name, table in tables.items() if not table.up} == {}
    assert [wrong for table in tables.values() for sample in table if (wrong := describe(sample))] == []
    memory = values(tables["memory"])
    assert memory["jauge_memory_size_bytes", ""] == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for (metric, store), value in values(tables["df"]).items():
        if metric == "jauge_storage_size_bytes":
            usage = os.statvfs(store)
            assert value == usage.f_blocks * usage.f_frsize
    assert 0 <= values(tables["cpu"])["jauge_cpu_used_ratio", ""] <= 1
    assert facts["product"] in Path("/etc/os-release").read_text()


async def test_the_login_is_kept_between_polls_and_made_anew_when_it_died(pool: ssh.Connections) -> None:
    with servers.sshd() as server:
        estate = of(server, commands=("load",))
        for _ in range(3):
            tables, _ = await poll(estate, pool)
            assert tables["load"].up
        assert server.log.count("Accepted publickey") == 1
        pool._kept["srv-01"][1]._wire.shutdown(socket.SHUT_RDWR)  # the network cuts it
        tables, _ = await poll(estate, pool)
        assert tables["load"].up, tables["load"].detail
        assert server.log.count("Accepted publickey") == 2


async def test_a_host_with_several_keys_is_not_changed(pool: ssh.Connections) -> None:
    for kinds in (("rsa", "ed25519", "ecdsa"), ("ecdsa", "ed25519")):
        with servers.sshd(kinds=kinds) as server:
            tables, _ = await poll(of(server, commands=("load",)), pool)
            assert tables["load"].up, tables["load"].detail


async def test_an_unknown_host_key_is_shown_and_refused(
    sshd: servers.Sshd, pool: ssh.Connections, tmp_path: Path
) -> None:
    empty = tmp_path / "known_hosts"
    # the same key under the bare name must not stand for another port
    empty.write_text(sshd.known_hosts.read_text().replace(f"[127.0.0.1]:{sshd.port}", "127.0.0.1"))
    tables, _ = await poll(an_estate(sshd.port, empty, sshd.key, sshd.user), pool)
    assert {table.reason for table in tables.values()} == {"host_key_unknown"}
    assert "SHA256:" in tables["df"].detail


async def test_a_hashed_known_host_is_found(
    sshd: servers.Sshd, pool: ssh.Connections, tmp_path: Path
) -> None:
    hashed = tmp_path / "known_hosts"
    shutil.copy(sshd.known_hosts, hashed)
    servers.subprocess.run(
        [servers.program("ssh-keygen", "openssh-client"), "-H", "-f", str(hashed)],
        check=True,
        capture_output=True,
    )
    assert "127.0.0.1" not in hashed.read_text()
    tables, _ = await poll(an_estate(sshd.port, hashed, sshd.key, sshd.user, commands=("load",)), pool)
    assert tables["load"].up


async def test_a_key_that_is_not_let_in_is_auth_failed(
    sshd: servers.Sshd, pool: ssh.Connections, tmp_path: Path
) -> None:
    other = servers.key_pair(tmp_path / "other")
    tables, _ = await poll(an_estate(sshd.port, sshd.known_hosts, other, sshd.user), pool)
    assert {table.reason for table in tables.values()} == {"auth_failed"}
    tables, _ = await poll(an_estate(sshd.port, sshd.known_hosts, tmp_path / "absent", sshd.user), pool)
    assert {table.reason for table in tables.values()} == {"auth_failed"}
    assert str(tmp_path / "absent") in tables["df"].detail


async def test_a_key_with_a_passphrase_logs_in(
    sshd: servers.Sshd, pool: ssh.Connections, tmp_path: Path
) -> None:
    locked = tmp_path / "locked"
    shutil.copy(sshd.key, locked)
    keygen = servers.program("ssh-keygen", "openssh-client")
    servers.subprocess.run(
        [keygen, "-q", "-p", "-N", "pass phrase", "-f", str(locked)], check=True, capture_output=True
    )
    for passphrase, reason in (("pass phrase", None), ("wrong-words", "auth_failed")):
        data = an_estate(sshd.port, sshd.known_hosts, locked, sshd.user, commands=("load",)).model_dump()
        data["credentials"]["servers"]["ssh"]["passphrase"] = passphrase
        estate = Estate.model_validate(data)
        tables, _ = await poll(estate, pool)
        assert tables["load"].reason == reason, tables["load"].detail
        assert passphrase not in tables["load"].detail


def test_a_batch_played_prints_what_a_shell_prints() -> None:
    commands = [command.text for command in COMMANDS.values()]
    played = batch.play(batch.script(commands, "0123abcd"), lambda command: (f"of {command}\n", "oh\n", 3))
    assert played is not None
    output, errors = batch.Transcript("0123abcd", 10_000), batch.Transcript("0123abcd", 10_000)
    output.feed(played[0].encode())
    errors.feed(played[1].encode())
    assert output.parts == [(f"of {command}\n".encode(), 3) for command in commands]
    assert errors.parts == [(b"oh\n", 3)] * len(commands)
    assert batch.play("uname -a", lambda _command: ("", "", 0)) is None


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_a_transcript_is_the_same_however_it_is_cut(step: int) -> None:
    whole = b"welcome\n\nmark 0 0\none\n\nmark 1 0\n\nmark 2 7\nhalf a li"
    found = batch.Transcript("mark", 100)
    for start in range(0, len(whole), step):
        found.feed(whole[start : start + step])
    assert found.parts == [(b"one\n", 0), (b"", 7)]
    assert (bytes(found.rest), found.size) == (b"half a li", len(whole))


async def test_dead_hosts_do_not_delay_live_ones(sshd: servers.Sshd, pool: ssh.Connections) -> None:
    live = of(sshd, commands=("load",))
    with listening(lambda _sock: time.sleep(20)) as port:
        dead = an_estate(port, sshd.known_hosts, sshd.key, timeout=4)
        waiting = [asyncio.create_task(poll(dead, pool)) for _ in range(20)]
        await asyncio.sleep(0.2)
        start = time.monotonic()
        tables, _ = await poll(live, pool)
        assert tables["load"].up
        assert time.monotonic() - start < 2
        for outcome in await asyncio.gather(*waiting):
            assert outcome[0]["df"].reason == "timeout"


async def test_a_closed_port_is_refused(sshd: servers.Sshd, pool: ssh.Connections) -> None:
    estate = an_estate(servers.free_port(), sshd.known_hosts, sshd.key)
    tables, _ = await poll(estate, pool)
    assert {table.reason for table in tables.values()} == {"refused"}


async def test_a_command_that_is_not_there_leaves_the_others(pool: ssh.Connections) -> None:
    with servers.sshd() as server:
        restic = [{"repository": "/nowhere", "password_file": "/nowhere"}]
        (server.folder / "bin").mkdir()
        estate = of(server, commands=("load", "nonsense"), restic=restic)
        tables, _ = await poll(estate, pool)
        assert tables["load"].up
        assert tables["nonsense"].reason == "empty_answer"
        assert tables["restic-snapshots"].reason in ("empty_answer", "unparsed")
        assert "exit status" in tables["restic-snapshots"].detail


async def test_a_restic_repository_is_read_over_ssh(
    sshd: servers.Sshd, restic: servers.Restic, pool: ssh.Connections
) -> None:
    steps: list[Step] = []
    place = {"repository": str(restic.repository), "password_file": str(restic.password_file)}
    tables, _ = await poll(of(sshd, restic=[place], timeout=20, commands=()), pool, steps.append)

    points = values(tables["restic-snapshots"])
    assert points["jauge_backup_restore_points", "pacs-01:nightly"] == len(restic.times)
    last = time.mktime(time.strptime(max(restic.times), "%Y-%m-%d %H:%M:%S"))
    assert points["jauge_backup_last_timestamp_seconds", "pacs-01:nightly"] == last
    told = json.loads(restic.ask("stats", "--json", "--mode", "raw-data", "--no-lock"))
    stored = values(tables["restic-stats"])
    assert stored["jauge_storage_used_bytes", str(restic.repository)] == told["total_size"]
    assert "restic-secret" not in repr(steps)


# --- servers that misbehave -----------------------------------------------------------------------------


class Recorder(paramiko.ServerInterface):
    """Notes every attempt to log in; lets everybody in, and answers commands by `behave`."""

    def __init__(self, behave: Callable[[paramiko.Channel, str], None] | None = None) -> None:
        self.attempts: list[str] = []
        self.behave = behave

    def get_allowed_auths(self, username: str) -> str:
        return "publickey,password"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self.attempts.append(username)
        return paramiko.AUTH_SUCCESSFUL

    def check_auth_password(self, username: str, password: str) -> int:
        self.attempts.append(username)
        return paramiko.AUTH_SUCCESSFUL

    def check_auth_none(self, username: str) -> int:
        self.attempts.append(username)
        return paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        assert self.behave is not None
        threading.Thread(target=self.behave, args=(channel, command.decode()), daemon=True).start()
        return True


@contextlib.contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A TCP server whose connections `serve` handles, each in a thread."""
    with socket.create_server((servers.LOOPBACK, 0)) as server:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = server.accept()
                    threading.Thread(target=quietly, args=(sock,), daemon=True).start()

        def quietly(sock: socket.socket) -> None:
            with contextlib.suppress(Exception):
                serve(sock)

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def a_server(place: Path, recorder: Recorder) -> Iterator[tuple[int, Path, Path]]:
    """A paramiko server: port, its known_hosts, a key to log in with."""
    host_key = paramiko.PKey.from_path(servers.key_pair(place / "host"))
    login = servers.key_pair(place / "login")
    transports = []

    def serve(sock: socket.socket) -> None:
        transport = paramiko.Transport(sock)
        transports.append(transport)
        transport.add_server_key(host_key)
        transport.start_server(server=recorder)

    with listening(serve) as port:
        known = place / "known_hosts"
        known.write_text(f"[{servers.LOOPBACK}]:{port} {servers.public(place / 'host')}\n")
        yield port, known, login
        for transport in transports:
            transport.close()


async def test_nothing_secret_goes_to_a_host_whose_key_changed(tmp_path: Path, pool: ssh.Connections) -> None:
    recorder = Recorder()
    with a_server(tmp_path, recorder) as (port, known, login):
        other = servers.key_pair(tmp_path / "other")
        rsa = servers.key_pair(tmp_path / "rsa", "rsa")
        for key, said in ((other, "SHA256:"), (rsa, "no key of the kind")):
            known.write_text(f"[{servers.LOOPBACK}]:{port} {servers.public(key)}\n")
            tables, _ = await poll(an_estate(port, known, login), pool)
            assert {table.reason for table in tables.values()} == {"host_key_changed"}
            assert said in tables["df"].detail
        known.write_text("")
        tables, _ = await poll(an_estate(port, known, login), pool)
        assert {table.reason for table in tables.values()} == {"host_key_unknown"}
    assert recorder.attempts == []


async def test_a_server_that_says_nothing_times_out(sshd: servers.Sshd, pool: ssh.Connections) -> None:
    with listening(lambda _sock: time.sleep(20)) as port:
        start = time.monotonic()
        tables, _ = await poll(an_estate(port, sshd.known_hosts, sshd.key, timeout=1), pool)
        assert {table.reason for table in tables.values()} == {"timeout"}
        assert time.monotonic() - start < 2.5


async def test_an_endless_banner_ends_the_poll(sshd: servers.Sshd, pool: ssh.Connections) -> None:
    def flood(sock: socket.socket) -> None:
        while True:
            sock.sendall(b"welcome to the ward\r\n" * 50)

    with listening(flood) as port:
        start = time.monotonic()
        tables, _ = await poll(an_estate(port, sshd.known_hosts, sshd.key, timeout=2), pool)
        assert {table.reason for table in tables.values()} <= {"refused", "timeout"}
        assert time.monotonic() - start < 3.5


def _printed(command: str, text: str) -> bytes:
    """The first command of a batch answered with `text`."""
    mark = command.split("%s %s %s")[1].split()[1]
    return f"\n{mark} 0 0\n{text}\n{mark} 1 0\n".encode()


async def test_an_endless_output_is_truncated_and_what_came_before_kept(
    tmp_path: Path, pool: ssh.Connections
) -> None:
    def behave(channel: paramiko.Channel, command: str) -> None:
        with contextlib.suppress(OSError, EOFError):
            channel.sendall(_printed(command, "0.50 0.01 0.03 2/111 2039\n1.0 1.0\n2\n"))
            while True:
                channel.sendall(b"y\n" * 16384)

    with a_server(tmp_path, Recorder(behave)) as (port, known, login):
        tables, _ = await poll(an_estate(port, known, login, timeout=20, commands=("load", "memory")), pool)
        assert tables["load"].up
        assert values(tables["load"])["jauge_load1", ""] == 0.5
        assert tables["memory"].reason == "truncated"


async def test_a_command_that_hangs_meets_the_deadline_alone(tmp_path: Path, pool: ssh.Connections) -> None:
    def behave(channel: paramiko.Channel, command: str) -> None:
        channel.sendall(_printed(command, "0.50 0.01 0.03 2/111 2039\n1.0 1.0\n2\n"))

    with a_server(tmp_path, Recorder(behave)) as (port, known, login):
        tables, _ = await poll(an_estate(port, known, login, timeout=1, commands=("load", "memory")), pool)
        assert tables["load"].up
        assert tables["memory"].reason == "deadline"


async def test_an_exit_without_an_end_of_output_does_not_wait(tmp_path: Path, pool: ssh.Connections) -> None:
    def behave(channel: paramiko.Channel, command: str) -> None:
        channel.sendall(_printed(command, "0.50 0.01 0.03 2/111 2039\n1.0 1.0\n2\n"))
        channel.send_exit_status(0)

    with a_server(tmp_path, Recorder(behave)) as (port, known, login):
        start = time.monotonic()
        tables, _ = await poll(an_estate(port, known, login, timeout=10, commands=("load", "memory")), pool)
        assert tables["load"].up
        assert tables["memory"].reason == "truncated"
        assert time.monotonic() - start < 4
