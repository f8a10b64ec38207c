"""The collector's process where things go badly: its end, its limits, and a clock that is set."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import hostile
import httpx
import psutil
import pytest
import servers
from collecting import Collector, collecting, until
from responder import HOST, Agent, Responder, encode, server, wrap

from collectors.schedule import KNOCK_SECONDS
from exporters.history import unique_id
from exporters.history.sqlite import Reader

UP, AGE, ERRORS = "jauge_target_up", "jauge_target_age_seconds", "jauge_target_errors_total"
USED, SKEW = "jauge_storage_used_bytes", "jauge_clock_skew_seconds"
HOUR, DAY = 3600, 86_400

DATE = (*HOST, 1, 2, 0)  # hrSystemDate
ROWS = server() | {DATE: wrap(0x04, bytes.fromhex("07d001010000" + "0000" + "2b0000"))}
"""A server with one disk, and a clock that stands at midnight of 1 January 2000."""


class Switch(Agent):
    """An agent that can be told to be silent, or not to have its disks any more."""

    silent = False
    diskless = False
    heard = 0

    def answer(self, request: bytes) -> bytes | None:
        self.heard += 1
        about_disks = bytes((0x2B, 6, 1, 2, 1, 25, 2, 3)) in request
        return None if self.silent or (self.diskless and about_disks) else super().answer(request)


@pytest.fixture
def hole() -> Iterator[int]:
    """A TCP port that takes connections and never says a word."""
    with socket.create_server((servers.LOOPBACK, 0), backlog=1024) as listener:
        yield int(listener.getsockname()[1])


def hanging(
    place: Path, port: int, udp: int, count: int = 1, times: str = "interval: 60s, timeout: 60s"
) -> Path:
    """An estate of `count` machines for each protocol, none of which ever answers, and this machine."""
    key = servers.key_pair(place / "key")
    (place / "known").write_text(f"[127.0.0.1]:{port} {servers.public(key)}\n")
    targets = ["name: here, host: true"]
    for number in range(count):
        targets += [
            f"name: http-{number}, http: {{family: orthanc, url: 'http://127.0.0.1:{port}'}}",
            f"name: ssh-{number}, address: 127.0.0.1, ssh: {{credential: login, port: {port}}}",
            f"name: dicom-{number}, address: 127.0.0.1, dicom: {{aet: HOLE, port: {port}}}",
            f"name: snmp-{number}, address: 127.0.0.1, snmp: {{credential: agent, port: {udp}}}",
        ]
    path = place / "estate.yml"
    path.write_text(
        "credentials:\n  agent: {snmp: v2c, community: public}\n"
        "  login: {ssh: {user: nobody, key: 'file:key', known_hosts: known}}\n"
        f"defaults: {{{times}}}\ntargets:\n" + "".join(f"  - {{{target}}}\n" for target in targets)
    )
    return path


def stop(collector: Collector, sign: signal.Signals = signal.SIGTERM) -> float:
    """End a collector in order: the seconds that it took."""
    start = time.monotonic()
    collector.process.send_signal(sign)
    assert collector.process.wait(20) == 0
    return time.monotonic() - start


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_targets_that_hang_do_not_hold_the_end(hole: int, tmp_path: Path, sign: signal.Signals) -> None:
    with Responder([], silent=1) as silent:
        estate = hanging(tmp_path, hole, silent.ports[0], count=10)
        with collecting(estate, ready="/-/healthy") as collector:
            until(lambda: collector.status()["here"]["at"])
            time.sleep(3)  # all first polls are under way, and none is over
            assert {one["at"] for name, one in collector.status().items() if name != "here"} == {None}
            assert stop(collector, sign) < 5
    assert "Traceback" not in collector.said()
    # closed in order: nothing waits in a write-ahead log, and what was polled is there
    assert not (collector.data / "history.db-wal").exists()
    with sqlite3.connect(collector.data / "history.db") as history:
        assert history.execute("SELECT count(*) FROM series WHERE target = 'here'").fetchone()[0] > 0
        assert history.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_too_few_files_are_a_reason_and_not_a_crash(hole: int, tmp_path: Path) -> None:
    with Responder([], silent=1) as silent:
        estate = hanging(tmp_path, hole, silent.ports[0], 30, "interval: 4s, timeout: 3s")
        with collecting(estate, limit="ulimit -n 64", ready="/-/healthy") as collector:

            def reasons() -> set[str]:
                return {table["detail"] for one in collector.status().values() for table in one["tables"]}

            until(lambda: any("too many open files: raise" in reason for reason in reasons()), 20)

            def polls() -> float:
                with contextlib.suppress(httpx.HTTPError):  # a scrape wants files, too
                    return collector.samples("/metrics", "jauge_polls_total")[("down",)]
                return 0

            # between two rounds there are files again, for pages and for this machine
            until(lambda: polls() > 60, 30)
            assert collector.process.poll() is None
            assert stop(collector) < 5
    assert "Traceback" not in collector.said()
    assert len(collector.said().splitlines()) < 40


@pytest.mark.parametrize("what", ["d", "v"], ids=["data", "addresses"])
def test_a_quarter_of_a_gigabyte_is_enough_for_a_hundred_targets_that_hang(
    hole: int, tmp_path: Path, what: str
) -> None:
    with Responder([], silent=1) as silent:
        estate = hanging(tmp_path, hole, silent.ports[0], 30, "interval: 4s, timeout: 3s")
        with collecting(estate, limit=f"ulimit -{what} 262144", ready="/-/healthy") as collector:
            until(lambda: collector.samples("/metrics", "jauge_polls_total").get(("down",), 0) > 120, 30)
            assert collector.value(UP, "/probe", target="here") == 1
            resident = collector.value("process_resident_memory_bytes")
            assert resident is not None
            assert resident < 256 * 1024**2
            assert stop(collector) < 5
    assert "Traceback" not in collector.said()


@pytest.mark.parametrize("kilobytes", [30_000, 50_000, 70_000, 80_000])
def test_a_collector_that_cannot_have_the_memory_to_start_says_so_in_one_line(
    hole: int, tmp_path: Path, kilobytes: int
) -> None:
    """At whatever point of its start that is: while it loads, or where its first thread begins."""
    estate = hanging(tmp_path, hole, 9, count=1)
    start = f'ulimit -v {kilobytes}; exec "$@"'
    said = subprocess.run(
        ["bash", "-c", start, "bash", sys.executable, "-m", "jauge", "run", str(estate)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert said.returncode == 1
    assert re.fullmatch(r"jauge: out of memory or threads: raise this process's limit .*\n", said.stderr)


GREEDY = """
import resource, sys, threading, types
kept = []

def take_all():
    with open("/proc/self/statm") as file:
        size = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    for length in (1 << 20, 1 << 16, 4096, 256, 64, 33):
        try:
            while True:
                kept.append(bytes(length))
        except MemoryError:
            pass
    while True:
        kept[0] = (kept[0],)

threading.Thread(target=threading.Event().wait).start()
sys.modules["jauge.cli"] = types.ModuleType("jauge.cli")
sys.modules["jauge.cli"].app = take_all
from jauge.__main__ import main
main()
"""
"""Runs Jauge with a command that takes all memory there is, down to the smallest object, and a thread that never ends."""


def test_the_last_line_is_said_where_there_is_no_memory_for_anything() -> None:
    said = subprocess.run(
        [sys.executable, "-c", GREEDY], capture_output=True, text=True, timeout=60, check=False
    )
    assert said.returncode == 1
    assert re.fullmatch(r"jauge: out of memory or threads: raise this process's limit .*\n", said.stderr)


def test_a_collector_whose_memory_is_taken_away_does_not_end_without_a_word(
    hole: int, tmp_path: Path
) -> None:
    """It goes on once it has memory again, or ends and says why: a service manager starts it anew.

    Where even the words of the interpreter find no memory, its own last ones stand in the log; a library that does not
    look whether it got what it asked for ends it by a signal, and the log says where.
    """
    with Responder([], silent=1) as silent:
        estate = hanging(tmp_path, hole, silent.ports[0], 10, "interval: 2s, timeout: 1s")
        with collecting(estate, ready="/-/healthy") as collector:
            process = psutil.Process(collector.process.pid)
            process.rlimit(psutil.RLIMIT_AS, (process.memory_info().vms, psutil.RLIM_INFINITY))
            with contextlib.suppress(subprocess.TimeoutExpired):
                collector.process.wait(15)
            if collector.process.poll() is None:
                process.rlimit(psutil.RLIMIT_AS, (psutil.RLIM_INFINITY, psutil.RLIM_INFINITY))
                polled = sum(collector.samples("/metrics", "jauge_polls_total").values())
                until(lambda: sum(collector.samples("/metrics", "jauge_polls_total").values()) > polled, 20)
                assert stop(collector) < 5
            else:
                words = ("out of memory", "MemoryError", "Fatal Python error")
                assert collector.process.returncode != 0
                assert any(word in collector.said() for word in words)


@pytest.mark.parametrize("seconds", [-HOUR, DAY])
def test_a_clock_that_is_set_leaves_no_hole_no_double_and_nothing_for_ever(
    tmp_path: Path, seconds: int
) -> None:
    clock, agent = tmp_path / "clock", Switch(ROWS)
    clock.write_text("0")
    with Responder([agent]) as responder:
        estate = tmp_path / "estate.yml"
        estate.write_text(
            "credentials: {all: {snmp: v2c, community: public}}\ntargets:\n"
            f"  - {{name: a, address: 127.0.0.1, port: {responder.ports[0]}, credential: all, interval: 4s, timeout: 1s}}\n"
        )
        with collecting(estate, clock=clock) as collector:

            def polls() -> float:
                return sum(collector.samples("/metrics", "jauge_polls_total").values())

            until(lambda: polls() >= 2)
            agent.diskless = True  # its last values are carried over from here on
            until(lambda: ("timeout",) in collector.samples("/probe", ERRORS, target="a") or polls() > 4)
            before, start = polls(), time.monotonic()
            clock.write_text(str(seconds))
            # at once: young values stay, and their age is no hour
            assert collector.value(USED, "/probe", target="a") == 1000 * 4096
            age = collector.value(AGE, "/probe", target="a")
            assert age is not None
            assert 0 <= age < 10
            # and then: they leave in their time, although the clock says that it is long past or long before it
            until(lambda: collector.value(USED, "/probe", target="a") is None, 30)
            assert polls() - before <= (time.monotonic() - start) / 4 + 1.5
            agent.diskless = False
            until(lambda: collector.value(USED, "/probe", target="a") == 1000 * 4096)
            until(lambda: abs(collector.status()["a"]["at"] - time.time() - seconds) < 5)
            assert "the clock was set" in collector.said()


@pytest.mark.parametrize("switch", ["2026-03-29T01:00:00+00:00", "2026-10-25T01:00:00+00:00"])
def test_the_nights_of_summer_and_winter_time_move_nothing(tmp_path: Path, switch: str) -> None:
    begin = dt.datetime.fromisoformat(switch).timestamp()  # 2 or 3 o'clock in Paris
    clock = tmp_path / "clock"
    with Responder([Switch(ROWS)]) as responder:
        estate = tmp_path / "estate.yml"
        estate.write_text(
            "timezone: Europe/Paris\ncredentials: {all: {snmp: v2c, community: public}}\ntargets:\n"
            f"  - {{name: a, address: 127.0.0.1, port: {responder.ports[0]}, credential: all, interval: 1s}}\n"
        )
        offset = begin - time.time() - 20  # what a busy machine takes to start it
        clock.write_text(str(offset))
        with collecting(estate, {"TZ": "Europe/Paris"}, clock=clock) as collector:
            assert time.time() + offset < begin - 1, "the collector took too long to start"
            ages = []
            while time.time() + offset < begin + 4:
                ages.append(collector.value(AGE, "/probe", target="a"))
                time.sleep(0.2)
            assert collector.value("jauge_polls_skipped_total") == 0
            assert "the clock was set" not in collector.said()
            stop(collector)
    assert all(age is not None and 0 <= age < 2.5 for age in ages)
    name = unique_id("a", USED, (("kind", "filesystem"), ("store", "/srv")))
    kept = Reader(tmp_path / "data" / "history.db").read([name], resolution="raw")["ds"]
    stamps = [moment.timestamp() for moment in kept]
    assert stamps == sorted(stamps)
    assert stamps[0] < begin < stamps[-1]
    assert all(0.5 < after - before < 2.5 for before, after in itertools.pairwise(stamps))


@pytest.mark.parametrize("hours", [-2, 2])
def test_the_clock_of_a_device_dates_nothing_and_how_far_it_is_off_is_told(
    tmp_path: Path, hours: int
) -> None:
    off = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)
    told = off.year.to_bytes(2) + bytes((off.month, off.day, off.hour, off.minute, off.second, 0)) + b"+\0\0"
    with Responder([Switch(ROWS | {DATE: wrap(0x04, told)})]) as responder:
        estate = tmp_path / "estate.yml"
        estate.write_text(
            "credentials: {all: {snmp: v2c, community: public}}\ntargets:\n"
            f"  - {{name: a, address: 127.0.0.1, port: {responder.ports[0]}, credential: all, interval: 1s}}\n"
        )
        with collecting(estate) as collector:
            one = collector.status()["a"]
            assert collector.value(SKEW, "/probe", target="a") == pytest.approx(hours * HOUR, abs=60)
            stop(collector)
        assert {abs(table["at"] - time.time()) < 20 for table in one["tables"]} == {True}
        name = unique_id("a", USED, (("kind", "filesystem"), ("store", "/srv")))
        kept = Reader(collector.data / "history.db").read([name], resolution="raw")["ds"]
        assert len(kept)
        now = dt.datetime.now(dt.UTC)
        assert max(abs((moment - now).total_seconds()) for moment in kept) < 30


def test_a_silent_target_is_knocked_at_and_back_within_an_interval(tmp_path: Path) -> None:
    agent = Switch(ROWS)
    agent.silent = True
    with Responder([agent]) as responder:
        estate = tmp_path / "estate.yml"
        estate.write_text(
            "credentials: {all: {snmp: v2c, community: public}}\ntargets:\n"
            f"  - {{name: a, address: 127.0.0.1, port: {responder.ports[0]}, credential: all, interval: 4s, timeout: 3s}}\n"
        )
        with collecting(estate) as collector:
            whole = collector.value("jauge_target_poll_seconds", "/probe", target="a")
            assert whole is not None
            until(lambda: collector.samples("/metrics", "jauge_polls_total")[("down",)] == 2)
            knock = collector.value("jauge_target_poll_seconds", "/probe", target="a")
            assert knock is not None
            assert knock == pytest.approx(whole * KNOCK_SECONDS / 3, rel=0.15)
            agent.silent = False
            until(lambda: collector.value(USED, "/probe", target="a") == 1000 * 4096, 5)


class Slow(Agent):
    """An agent that takes its time for each answer."""

    def answer(self, request: bytes) -> bytes | None:
        time.sleep(0.6)
        return super().answer(request)


def test_polls_that_outlast_their_interval_are_left_out_and_counted_not_piled_up(tmp_path: Path) -> None:
    with Responder([Slow(ROWS)]) as slow, Responder([Agent(ROWS)]) as quick:
        estate = tmp_path / "estate.yml"
        estate.write_text(
            "credentials: {all: {snmp: v2c, community: public}}\n"
            "defaults: {interval: 1s, timeout: 10s, credential: all}\ntargets:\n"
            f"  - {{name: slow, address: 127.0.0.1, port: {slow.ports[0]}}}\n"
            f"  - {{name: quick, address: 127.0.0.1, port: {quick.ports[0]}}}\n"
        )
        with collecting(estate) as collector:
            start, polled = time.monotonic(), collector.samples("/metrics", "jauge_polls_total")[("up",)]
            until(lambda: (collector.value("jauge_polls_skipped_total") or 0) >= 4, 30)
            took = collector.value("jauge_target_poll_seconds", "/probe", target="slow")
            polls = collector.samples("/metrics", "jauge_polls_total")[("up",)] - polled
            passed = time.monotonic() - start
            assert took is not None
            assert took > 1
            assert polls <= passed + passed / took + 3  # the quick one each second, the slow one back to back
            # On a busy machine a poll outlasts its interval so far that its values have expired when it is asked.
            until(lambda: collector.value(USED, "/probe", target="slow") == 1000 * 4096, 30)
            assert collector.value(USED, "/probe", target="quick") == 1000 * 4096
            assert collector.samples("/probe", ERRORS, target="quick") == {}


def test_a_walk_that_comes_back_to_where_it_was_is_marked_and_counted_in_the_scrape(tmp_path: Path) -> None:
    honest, store = Agent(ROWS), (*HOST, 2, 3, 1, 6, 1)

    def lie(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> bytes | None:
        asked = hostile.Request(request)
        if not asked.of_a_walk:
            return honest.answer(request)
        return asked.reply(*[hostile.bind(store, encode(1000))] * 3)

    with hostile.agent(lie) as liar, Responder([honest]) as other:
        estate = tmp_path / "estate.yml"
        estate.write_text(
            "credentials: {all: {snmp: v2c, community: public}}\n"
            "defaults: {interval: 1s, credential: all}\ntargets:\n"
            f"  - {{name: liar, address: 127.0.0.1, port: {liar}}}\n"
            f"  - {{name: other, address: 127.0.0.1, port: {other.ports[0]}}}\n"
        )
        with collecting(estate) as collector:

            def counted() -> float:
                return collector.samples("/probe", ERRORS, target="liar").get(("not_increasing",), 0)

            until(counted)
            first = counted()
            until(lambda: counted() > first)
            tables = collector.samples("/probe", "jauge_table_up", target="liar")
            assert (tables["hr-storage",], tables["system",]) == (0, 1)
            assert collector.value(USED, "/probe", target="other") == 1000 * 4096
            assert collector.samples("/probe", ERRORS, target="other") == {}
        assert "Traceback" not in collector.said()
