"""`jauge doctor`: what is wrong with a machine, its files and the ways to its targets, and what to do about it."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import servers
import within
from collecting import collecting, until

from jauge.doctor import clock
from jauge.files import Files

CANARY = "cNry-of-the-doctor"
NOW = 1_790_000_000.0


def doctor(place: Path, *more: object) -> tuple[int, list[dict[str, str]]]:
    """How it ends, and what it finds, on free ports."""
    ports = ("--exporter", f"127.0.0.1:{servers.free_port()}", "--pages", f"127.0.0.1:{servers.free_port()}")
    said = within.jauge("doctor", place / "estate.yml", "--format", "json", *ports, *more)
    assert CANARY not in said.stdout + said.stderr
    found: dict[str, Any] = json.loads(said.stdout)
    assert sum(found["counts"].values()) == len(found["findings"])
    return said.returncode, found["findings"]


def of(found: list[dict[str, str]], area: str, severity: str = "") -> list[dict[str, str]]:
    return [one for one in found if one["area"] == area and severity in ("", one["severity"])]


def troubles(found: list[dict[str, str]], *but: str) -> list[dict[str, str]]:
    """What is worse than advice, the clock of the machine that tests aside."""
    return [one for one in found if one["severity"] in ("warning", "error") and one["area"] not in ("clock", "disk", *but)]  # fmt: skip


def test_a_sound_machine_is_told_to_be_sound(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text("targets: [{name: here, host: true}]\n")
    with collecting(tmp_path / "estate.yml") as collector:
        until((collector.data / "collector.json").exists)
        code, found = doctor(tmp_path, "--exporter", f"127.0.0.1:{collector.port}")
        assert troubles(found) == []
        assert code == int(any(one["severity"] in ("warning", "error") for one in found))
        held = next(one for one in of(found, "ports") if str(collector.port) in one["where"])
        assert f"process {collector.process.pid}" in held["what"]
        assert f"process {collector.process.pid} polls 1 targets" in of(found, "collector", "fine")[0]["what"]
    whole = [one["where"] for one in of(found, "files", "fine")]
    assert str(tmp_path / "data" / "history.db") in whole
    assert "1 of 1 targets answered whole" in of(found, "targets", "fine")[0]["what"]
    assert {one["area"] for one in found} >= {"clock", "disk", "rights", "parts", "locale", "names"}
    text = within.jauge("doctor", tmp_path / "estate.yml", "--no-targets")
    assert f"{tmp_path}/data/history.db: whole, schema 3" in text.stdout
    assert text.returncode in (0, 1)


def test_each_target_that_refuses_or_is_silent_is_told_with_its_reason_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(CANARY)
    (tmp_path / "secret").chmod(0o600)
    with (
        servers.snmpd() as agent,
        servers.sshd() as shell,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute,
    ):
        mute.bind((servers.LOOPBACK, 0))
        (tmp_path / "estate.yml").write_text(
            f"history: 'http://127.0.0.1:{servers.free_port()}'\n"
            "credentials:\n"
            "  good: {snmp: v2c, community: public}\n"
            "  wrong: {snmp: v3, user: u2, auth: SHA-256, auth_password: 'file:secret'}\n"
            f"  shell: {{ssh: {{user: {shell.user}, password: 'file:secret', known_hosts: '{shell.known_hosts}'}}}}\n"
            "  gone: {http: {token: 'file:not-there'}}\n"
            "defaults: {timeout: 2s}\n"
            "targets:\n"
            f"  - {{name: well, address: 127.0.0.1, port: {agent.port}, credential: good}}\n"
            f"  - {{name: wrong, address: 127.0.0.1, port: {agent.port}, credential: wrong}}\n"
            f"  - {{name: mute, address: 127.0.0.1, port: {mute.getsockname()[1]}, credential: good}}\n"
            f"  - {{name: shell, address: 127.0.0.1, ssh: {{credential: shell, port: {shell.port}}}}}\n"
            f"  - {{name: web, http: {{family: orthanc, url: 'http://127.0.0.1:{servers.free_port()}'}}}}\n"
            "  - {name: nowhere, address: no-such-host.invalid, credential: good}\n"
        )
        code, found = doctor(tmp_path)
    assert code == 1
    told = {one["where"]: one for one in of(found, "targets")}
    for name, reason in (
        ("wrong", "auth_failed"),
        ("mute", "timeout"),
        ("shell", "auth_failed"),
        ("web", "refused"),
    ):
        assert told[name]["severity"] == "error", told[name]
        assert reason in told[name]["what"]
        assert told[name]["do"]
    assert "well" not in told
    assert [one["where"] for one in of(found, "names", "error")] == ["no-such-host.invalid (nowhere)"]
    (engine,) = of(found, "files", "error")  # nobody listens there
    assert engine["where"].startswith("http://127.0.0.1:")
    assert CANARY not in json.dumps(found)
    missing = of(found, "secrets", "error")
    assert [one["where"] for one in missing] == ["gone.http.token"]
    assert "not-there" in missing[0]["what"]
    assert "good.community" in [one["where"] for one in of(found, "secrets", "advice")]  # fmt: skip


def test_files_that_are_damaged_exposed_foreign_or_of_tomorrow_are_told(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text(
        "credentials: {c: {http: {token: 'file:token'}}}\ntargets: [{name: here, host: true}]\n"
    )
    (tmp_path / "token").write_text(CANARY)
    (tmp_path / "token").chmod(0o644)
    with collecting(tmp_path / "estate.yml") as collector:
        until((collector.data / "collector.json").exists)
    data = tmp_path / "data"
    _damage(data / "history.db")
    (data / "events.db").write_bytes(b"no database at all" * 100)
    (data / "events.db").chmod(0o640)
    with sqlite3.connect(data / "plan.db") as other:
        other.execute("CREATE TABLE somebody (elses INTEGER)")
    (data / "plan.db").chmod(0o600)
    ahead = time.time() + 7200
    os.utime(data / "status.json", (ahead, ahead))
    code, found = doctor(tmp_path, "--no-targets")
    assert code == 1
    wrong = {Path(one["where"]).name: one for one in of(found, "files", "error")}
    assert wrong.keys() >= {"history.db", "events.db", "plan.db"}
    assert "is not a plan of Jauge" in wrong["plan.db"]["what"]
    assert all(one["do"] for one in wrong.values())
    assert [one["where"] for one in of(found, "clock", "warning") if "status.json" in one["where"]]
    assert any("events.db" in one["do"] for one in of(found, "rights", "warning"))
    assert [one["where"] for one in of(found, "secrets", "warning")] == ["c.http.token"]


def _damage(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    connection.close()
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    for start in range(size, len(content), size):  # the head of each page but the first
        content[start : start + 8] = b"\xff" * 8
    path.write_bytes(content)


def test_a_port_that_somebody_else_holds_is_told_with_who_it_is(tmp_path: Path) -> None:
    traps = servers.free_port(socket.SOCK_DGRAM)
    (tmp_path / "estate.yml").write_text(f"traps: {{listen: 127.0.0.1, port: {traps}}}\n")
    port = servers.free_port()
    argv = [sys.executable, "-m", "http.server", "--bind", servers.LOOPBACK, str(port)]
    with servers.running(argv, lambda: servers.answers(port), tmp_path / "log", drop=False) as process:
        code, found = doctor(tmp_path, "--pages", f"127.0.0.1:{port}")
    assert code == 1
    (held,) = of(found, "ports", "error")
    assert f"process {process.pid} ({Path(sys.executable).name})" in held["what"]
    assert len(of(found, "ports", "fine")) == 2  # the exporter's, and that of traps


def test_what_the_kernel_says_of_the_clock_is_what_others_read_of_it() -> None:
    told = clock.kernel()
    if told is None:
        pytest.skip("this system has no adjtimex")
    shown = subprocess.run(["timedatectl", "show", "-p", "NTPSynchronized", "--value"], capture_output=True, text=True, check=False)  # fmt: skip
    if shown.returncode == 0:
        assert told.kept == (shown.stdout.strip() == "yes")
    assert told.within >= 0


@pytest.mark.parametrize(
    ("skews", "severity"),
    [([120.0, 121.0, 119.0, 3.0], "warning"), ([0.4, -0.3, 900.0], "fine"), ([500.0, 501.0], "")],
)
def test_devices_that_agree_on_another_time_point_at_our_clock(skews: list[float], severity: str) -> None:
    from collectors.poll import Poll, Table
    from inventory.estate import Estate

    tables = [Table("clock", 0.0, 0.0, series=((clock.SKEW, ()),), values=(skew,)) for skew in skews]
    polls = [Poll(f"t{place}", 0.0, 0.0, (table,)) for place, table in enumerate(tables)]
    found = list(clock.examine(Estate(), Files(Path("/nonexistent")), polls, time.time()))
    assert [one.severity for one in found if one.where == "devices"] == ([severity] if severity else [])


def test_a_history_that_ends_in_the_future_is_told_and_one_that_ends_now_is_not() -> None:
    ahead = clock.stamped(NOW + 7200, NOW)
    assert ahead is not None
    assert (ahead.severity, "7200 s from now" in ahead.what) == ("warning", True)
    assert clock.stamped(NOW + 30, NOW) is None
    assert clock.stamped(None, NOW) is None
