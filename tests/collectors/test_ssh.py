"""SSH against OpenSSH's own server and a restic repository."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import servers
from logins import an_estate, listening, of, poll, values

from collectors import ssh
from collectors.poll import Step
from inventory.estate import Estate
from inventory.metrics import describe


@pytest.fixture
def pool() -> Iterator[ssh.Connections]:
    connections = ssh.Connections()
    yield connections
    connections.close()


@pytest.mark.proves("SSH", "cpu", "openssh-server")
@pytest.mark.proves("SSH", "df", "openssh-server")
@pytest.mark.proves("SSH", "memory", "openssh-server")
@pytest.mark.proves("SSH", "os", "openssh-server")
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


async def test_dead_hosts_do_not_delay_live_ones(sshd: servers.Sshd, pool: ssh.Connections) -> None:
    live = of(sshd, commands=("load",))
    with listening(lambda _sock: time.sleep(20)) as port:
        dead = an_estate(port, sshd.known_hosts, sshd.key, timeout=8)
        waiting = [asyncio.create_task(poll(dead, pool)) for _ in range(20)]
        await asyncio.sleep(0.2)
        start = time.monotonic()
        tables, _ = await poll(live, pool)
        assert tables["load"].up
        assert time.monotonic() - start < 6  # they hang on
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
