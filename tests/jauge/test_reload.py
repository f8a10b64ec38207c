"""SIGHUP to a running collector: a new estate, and nothing lost of what stays."""

from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import servers
from collecting import Collector, collecting, until
from responder import Agent, Counting, Responder, server

UP, ERRORS = "jauge_target_up", "jauge_target_errors_total"
USED = "jauge_storage_used_bytes"


class Closed(Agent):
    """An agent that answers the community that stands in a file, and nobody else."""

    def __init__(self, community: Path, units: int) -> None:
        super().__init__(server(units))
        self.community = community
        self.systems = 0

    def answer(self, request: bytes) -> bytes | None:
        return super().answer(request) if self.community.read_bytes() in request else None


@pytest.fixture
def agents() -> Iterator[Responder]:
    """Three canned agents with 1000, 2000 and 3000 units in use, and a fourth port that never answers."""
    with Responder([Agent(server(units)) for units in (1000, 2000, 3000)], silent=1) as responder:
        yield responder


def write(place: Path, *targets: str, credential: str = "{snmp: v2c, community: public}") -> Path:
    path = place / "estate.yml"
    listed = "".join(f"  - {{{target}}}\n" for target in targets)
    text = f"credentials: {{all: {credential}}}\ndefaults: {{interval: 1s, timeout: 0.5s, credential: all}}\ntargets:\n{listed}"
    path.write_text(text)
    return path


def target(name: str, port: int, more: str = "") -> str:
    return f"name: {name}, address: 127.0.0.1, port: {port}{more}"


def reload(collector: Collector, lines: int = 1) -> None:
    """Send SIGHUP and wait until the log says how it went."""
    before = len(re.findall("event=.estate (not )?reloaded", collector.said()))
    collector.process.send_signal(signal.SIGHUP)
    until(lambda: len(re.findall("event=.estate (not )?reloaded", collector.said())) >= before + lines)


def names(collector: Collector) -> set[str]:
    return {name for group in collector.ask("/sd").json() for name in group["targets"]}


def used(collector: Collector, name: str) -> float | None:
    return collector.value(USED, "/probe", target=name)


def test_new_targets_start_and_removed_ones_leave_at_once(agents: Responder, tmp_path: Path) -> None:
    one, two, three, dead = agents.ports
    write(tmp_path, target("stays", one), target("leaves", two), target("silent", dead))
    with collecting(tmp_path / "estate.yml") as collector:
        until(lambda: sum(collector.samples("/probe", ERRORS, target="silent").values()) >= 2)
        write(tmp_path, target("stays", one, ", role: pacs"), target("comes", three), target("silent", dead))
        reload(collector)
        assert names(collector) == {"stays", "comes", "silent"}
        gone = collector.ask("/probe", target="leaves")
        assert (gone.status_code, "no target is named" in gone.text) == (400, True)
        assert 'target="leaves"' not in collector.ask("/metrics/estate").text
        # what stays goes on: its values at once, its failures counted on, what is declared of it new
        assert used(collector, "stays") == 1000 * 4096
        assert sum(collector.samples("/probe", ERRORS, target="silent").values()) >= 2
        assert 'role="pacs"' in collector.ask("/probe", target="stays").text
        until(lambda: used(collector, "comes") == 3000 * 4096)
        until(lambda: set(collector.status()) == {"stays", "comes", "silent"})
        assert collector.value("jauge_estate_reload_successful") == 1
        assert sum(collector.samples("/metrics", "jauge_targets").values()) == 3


@pytest.mark.parametrize("more", [(), ("--workers", "2")], ids=["one process", "workers"])
def test_no_packet_leaves_for_what_left_the_estate(tmp_path: Path, more: tuple[str, ...]) -> None:
    leaves, stays = Counting(server()), Counting(server())
    with Responder([leaves, stays]) as responder:
        one, two = responder.ports
        estate = write(tmp_path, target("leaves", one), target("stays", two))
        with collecting(estate, more=more) as collector:
            until(lambda: leaves.asked)
            write(tmp_path, target("stays", two))
            reload(collector)
            time.sleep(1)  # what was under way has ended
            asked, others = leaves.asked, stays.asked
            assert collector.ask("/probe", target="leaves", fresh="1").status_code == 400
            until(lambda: stays.asked >= others + 6)  # some turns later
            assert leaves.asked == asked


def test_a_target_at_another_address_starts_anew(agents: Responder, tmp_path: Path) -> None:
    one, two, _, dead = agents.ports
    write(tmp_path, target("moves", one), target("wakes", dead))
    with collecting(tmp_path / "estate.yml") as collector:
        assert used(collector, "moves") == 1000 * 4096
        until(lambda: collector.samples("/probe", ERRORS, target="wakes"))
        write(tmp_path, target("moves", two), target("wakes", one))
        reload(collector)
        # never the values of the former machine under the name of the new one
        assert used(collector, "moves") in (None, 2000 * 4096)
        until(lambda: used(collector, "moves") == 2000 * 4096)
        until(lambda: collector.value(UP, "/probe", target="wakes") == 1)
        assert not collector.samples("/probe", ERRORS, target="wakes")


def test_a_broken_file_leaves_the_estate_in_force_and_is_told_with_its_place(
    agents: Responder, tmp_path: Path
) -> None:
    estate = write(tmp_path, target("stays", agents.ports[0]))
    good = estate.read_text()
    with collecting(estate) as collector:
        read_at = collector.value("jauge_estate_reload_timestamp_seconds")
        assert collector.value("jauge_estate_reload_successful") == 1
        assert read_at == pytest.approx(time.time(), abs=60)
        for broken, line in ((good + "  - {name: [}\n", 5), (good + "colour: red\n", 5), ("", 1)):
            estate.write_text(broken) if broken else estate.unlink()
            reload(collector)
            said = collector.said()
            assert f"{estate}:{line}:" in said.splitlines()[-1], said
            assert collector.value("jauge_estate_reload_successful") == 0
            assert collector.value("jauge_estate_reload_timestamp_seconds") == read_at
            assert names(collector) == {"stays"}
            assert used(collector, "stays") == 1000 * 4096
        polled_at = collector.status()["stays"]["at"]
        until(lambda: collector.status()["stays"]["at"] > polled_at)
        estate.write_text(good)
        reload(collector)
        assert collector.value("jauge_estate_reload_successful") == 1
        assert "Traceback" not in collector.said()


def test_many_signals_at_once_leave_one_estate_and_a_running_collector(
    agents: Responder, tmp_path: Path
) -> None:
    one, two, three, _ = agents.ports
    with collecting(write(tmp_path, target("a", one))) as collector:
        for turn in range(20):
            write(tmp_path, target("a", (one, two, three)[turn % 3]), target(f"b{turn}", two))
            collector.process.send_signal(signal.SIGHUP)
        reload(collector)
        until(lambda: names(collector) == {"a", "b19"})
        until(lambda: used(collector, "a") == 2000 * 4096)
        assert sum(collector.samples("/metrics", "jauge_targets").values()) == 2
        assert "Traceback" not in collector.said()


def test_a_community_that_changed_in_its_file_is_used_at_the_next_poll(tmp_path: Path) -> None:
    secret, accepted = tmp_path / "community", tmp_path / "accepted"
    secret.write_text("first-secret\n")
    secret.chmod(0o600)
    accepted.write_text("first-secret")
    with Responder([Closed(accepted, 500)]) as agent:
        estate = write(
            tmp_path, target("a", agent.ports[0]), credential="{snmp: v2c, community: 'file:community'}"
        )
        with collecting(estate) as collector:
            until(lambda: used(collector, "a") == 500 * 4096)
            accepted.write_text("second-secret")
            until(lambda: collector.value(UP, "/probe", target="a") == 0)
            secret.write_text("second-secret\n")
            until(lambda: collector.value(UP, "/probe", target="a") == 1)  # without a signal
            assert "secret" not in collector.said()


@pytest.mark.parametrize("more", [(), ("--workers", "2")], ids=["one process", "workers"])
def test_a_secret_that_changed_is_used_after_a_reload_and_nothing_is_forgotten(
    agents: Responder, tmp_path: Path, more: tuple[str, ...]
) -> None:
    secret, accepted = tmp_path / "community", tmp_path / "accepted"
    secret.write_text("first-secret\n")
    secret.chmod(0o600)
    accepted.write_text("first-secret")

    def kept() -> set[tuple[int, str, str]]:
        with sqlite3.connect(f"file:{tmp_path}/data/history.db?mode=ro", uri=True) as history:
            return set(history.execute("SELECT id, target, metric FROM series"))

    with Responder([Closed(accepted, 500)]) as agent:
        estate = write(
            tmp_path,
            target("a", agent.ports[0]),
            target("stays", agents.ports[0]).replace("127.0.0.1", "127.0.0.1, credential: open"),
            target("silent", agents.ports[3]),
            credential="{snmp: v2c, community: 'file:community'}, open: {snmp: v2c, community: public}",
        )
        with collecting(estate, more=more) as collector:
            until(lambda: used(collector, "a") == 500 * 4096 and used(collector, "stays") == 1000 * 4096)
            until(lambda: sum(collector.samples("/probe", ERRORS, target="silent").values()) >= 2)
            until(lambda: {name for _, name, _ in kept()} >= {"a", "stays"}, 15)
            failures, series = sum(collector.samples("/probe", ERRORS, target="silent").values()), kept()
            accepted.write_text("second-secret")
            until(lambda: collector.value(UP, "/probe", target="a") == 0)
            secret.write_text("second-secret\n")
            reload(collector)
            assert used(collector, "stays") == 1000 * 4096
            assert sum(collector.samples("/probe", ERRORS, target="silent").values()) >= failures
            assert sum(collector.samples("/probe", ERRORS, target="a").values()) >= 1
            until(lambda: collector.value(UP, "/probe", target="a") == 1)
            assert used(collector, "a") == 500 * 4096
            assert kept() >= series
            assert "secret" not in collector.said()


def test_a_community_that_changed_in_the_estate_is_used_after_a_reload(tmp_path: Path) -> None:
    accepted = tmp_path / "accepted"
    accepted.write_text("second-secret")
    with Responder([Closed(accepted, 500)]) as agent:
        target_a = target("a", agent.ports[0])
        estate = write(tmp_path, target_a, credential="{snmp: v2c, community: first-secret}")
        with collecting(estate) as collector:
            assert collector.value(UP, "/probe", target="a") == 0
            write(tmp_path, target_a, credential="{snmp: v2c, community: second-secret}")
            reload(collector)
            until(lambda: used(collector, "a") == 500 * 4096)
            assert "-secret" not in collector.said()


def test_a_password_of_snmpv3_that_was_refused_is_read_again(snmpd: servers.Snmpd, tmp_path: Path) -> None:
    secret, privacy = tmp_path / "auth", tmp_path / "privacy"
    secret.write_text("wrong-secret\n")
    privacy.write_text(servers.PRIVACY)
    user = (
        f"{{snmp: v3, user: {snmpd.users['SHA-256', 'AES']}, auth: SHA-256, auth_password: 'file:auth', "
        "privacy: AES, privacy_password: 'file:privacy'}"
    )
    estate = write(tmp_path, f"name: a, address: 127.0.0.1, port: {snmpd.port}, timeout: 3s", credential=user)
    with collecting(estate) as collector:
        assert ("auth_failed",) in collector.samples("/probe", ERRORS, target="a")
        secret.write_text(f"{servers.AUTH}\n")
        until(lambda: collector.value(UP, "/probe", target="a") == 1)
        assert "secret" not in collector.said()


def test_a_login_over_ssh_outlives_a_reload_and_ends_with_its_target(
    sshd: servers.Sshd, tmp_path: Path
) -> None:
    login = f"{{ssh: {{user: {sshd.user}, key: 'file:{sshd.key}', known_hosts: {sshd.known_hosts}}}}}"
    by_ssh = f"name: box, address: 127.0.0.1, ssh: {{credential: all, port: {sshd.port}, commands: [load]}}"
    estate = tmp_path / "estate.yml"
    estate.write_text(
        f"credentials: {{all: {login}}}\ndefaults: {{interval: 1s, timeout: 20s}}\ntargets:\n  - {{{by_ssh}}}\n"
    )
    former = sshd.log.count("Accepted publickey")

    def connections() -> int:
        listed = psutil.Process(collector.process.pid).net_connections("tcp")
        return sum(bool(one.raddr) and one.raddr.port == sshd.port for one in listed)

    with collecting(estate) as collector:
        estate.write_text(estate.read_text() + "  - {name: here, host: true}\n")
        reload(collector)
        polled_at = collector.status()["box"]["at"]
        until(lambda: collector.status()["box"]["at"] > polled_at + 1, 20)
        assert collector.value(UP, "/probe", target="box") == 1
        assert sshd.log.count("Accepted publickey") == former + 1
        assert connections() == 1
        estate.write_text("targets: [{name: here, host: true}]\n")
        reload(collector)
        until(lambda: connections() == 0)


def test_a_history_moves_with_a_target_that_is_renamed_by_a_reload(agents: Responder, tmp_path: Path) -> None:
    port = agents.ports[0]

    def kept(name: str) -> int:
        with sqlite3.connect(f"file:{tmp_path}/data/history.db?mode=ro", uri=True) as history:
            return int(history.execute("SELECT count(*) FROM series WHERE target = ?", (name,)).fetchone()[0])

    with collecting(write(tmp_path, target("old", port))) as collector:
        until(lambda: kept("old"), 15)
        write(tmp_path, target("new", port, ", formerly: [old]"))
        reload(collector)
        until(lambda: kept("new") and not kept("old"))
        assert (kept("new") > 0, kept("old")) == (True, 0)


def held_back(pid: int) -> bool:
    """Whether a process blocks SIGHUP (proc(5), SigBlk)."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return bool(int(status["SigBlk"], 16) & 1 << (signal.SIGHUP - 1))


@pytest.mark.parametrize("later", [0.0, 0.3, 0.8])
def test_a_signal_while_the_program_still_loads_neither_ends_it_nor_is_lost(
    tmp_path: Path, later: float
) -> None:
    (tmp_path / "estate.yml").write_text("targets: [{name: here, host: true}]\n")
    port, data, log = servers.free_port(), tmp_path / "data", tmp_path / "log"
    with log.open("wb") as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "jauge", "run", "estate.yml", "--web.listen-address", f"127.0.0.1:{port}"],
            cwd=tmp_path,
            stderr=told,
        )
    try:
        until(lambda: held_back(process.pid))
        time.sleep(later)
        process.send_signal(signal.SIGHUP)
        until(lambda: process.poll() is not None or b"estate reloaded" in log.read_bytes(), 20)
        assert process.poll() is None
        assert data.exists()
    finally:
        process.terminate()
        process.wait(10)
