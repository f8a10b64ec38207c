"""A trap that reaches a running collector: its target is looked at, and it is told what happened."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
import servers
from collecting import Collector, collecting, until
from responder import Agent, Counting, Responder, server
from within import jauge

from collectors.traps.rates import BURST
from exporters.events import Events
from inventory.sharding import Shard

MIB = 1 << 20
LINK_DOWN, AUTHENTICATION_FAILURE = "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.5"


def write(place: Path, agent: int, traps: str) -> Path:
    path = place / "estate.yml"
    path.write_text(
        "credentials: {all: {snmp: v2c, community: public}}\n"
        f"{traps}"
        "defaults: {interval: 1h, timeout: 0.5s, credential: all}\n"
        f"targets: [{{name: box, address: 127.0.0.1, port: {agent}}}]\n"
    )
    return path


def section(port: int) -> str:
    return f"traps: {{listen: 127.0.0.1, port: {port}}}\n"


def trap(port: int, oid: str, *words: str) -> None:
    assert tell("snmptrap", port, oid, *words)


def tell(program: str, port: int, oid: str, *words: str, source: str = servers.LOOPBACK) -> bool:
    """Whether net-snmp's program sent it from that address; of an inform, whether it was acknowledged."""
    options = ["-v2c", "-c", "public", "-r0", "-t1", f"--clientaddr={source}"]
    argv = [servers.program(program, "snmp"), *options, f"127.0.0.1:{port}", "", oid, *words]
    environment = os.environ | {"MIBS": "", "SNMP_PERSISTENT_DIR": "/tmp/jauge-test-snmp"}
    return subprocess.run(argv, check=False, timeout=20, env=environment).returncode == 0


def told(collector: Collector) -> list[dict[str, Any]]:
    said = jauge("events", collector.estate, "--json")
    said.check_returncode()
    return [json.loads(row) for row in said.stdout.splitlines()]


def received(collector: Collector) -> dict[str, float]:
    return {key[0]: value for key, value in collector.samples("/metrics", "jauge_traps_total").items()}


@pytest.mark.parametrize("program", ["snmptrap", "snmpinform"])
def test_a_trap_is_an_event_and_its_target_is_polled_at_once(tmp_path: Path, program: str) -> None:
    agent, port = Counting(server()), servers.free_port(socket.SOCK_DGRAM)
    with Responder([agent]) as responder:
        estate = write(tmp_path, responder.ports[0], section(port))
        with collecting(estate) as collector:
            assert collector.value("jauge_traps_listening") == 1
            time.sleep(5)  # polls that something asks for keep their distance from the one before
            asked, start = agent.asked, time.monotonic()
            assert tell(program, port, LINK_DOWN, "1.3.6.1.2.1.2.2.1.1.2", "i", "2")
            until(lambda: agent.asked > asked)
            assert time.monotonic() - start < 20  # the interval is an hour
            until(lambda: Events(collector.data / "events.db").latest())
            (event,) = told(collector)
            assert (event["target"], event["kind"]) == ("box", "trap")
            assert event["text"] == "linkDown: 1.3.6.1.2.1.2.2.1.1.2 = 2"
            assert received(collector)["accepted"] == 1
            assert collector.samples("/metrics", "jauge_events_total")["trap",] == 1


def test_hostile_text_of_a_trap_is_harmless_wherever_it_is_shown(tmp_path: Path) -> None:
    port = servers.free_port(socket.SOCK_DGRAM)
    hostile = (
        "\x1b[2J\x1b]0;owned\x07\u202e<script>alert(1)</script>[red]\n\"} 1\nfake 1=cmd|' /C calc'!A0"
        + "x" * 900
    )
    with Responder([Agent(server())]) as responder:
        estate = write(tmp_path, responder.ports[0], section(port))
        with collecting(estate) as collector:
            trap(
                port,
                "1.3.6.1.4.1.4294967295.0.1",
                "1.3.6.1.2.1.1.5.0",
                "s",
                hostile,
                "1.3.6.1.2.1.1.6.0",
                "x",
                "00ff80c3280a1b",
            )
            until(lambda: Events(collector.data / "events.db").latest(kinds=["trap"]))
            argv = [sys.executable, "-m", "jauge", "events", str(estate)]
            shown = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True).stdout
            (event,) = told(collector)
            assert event["text"].startswith("1.3.6.1.4.1.4294967295.0.1: 1.3.6.1.2.1.1.5.0 = ")
            assert "00 ff 80 c3 28 0a 1b" in event["text"]
            assert len(event["text"]) < 1000
            assert "owned" in shown
            for text in (event["text"], shown.replace("\n", ""), collector.said().replace("\n", "")):
                assert not [
                    one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")
                ]
            assert received(collector)["accepted"] == 1  # what a strict parser of the exposition reads
            assert "fake" not in collector.ask("/metrics").text + collector.ask("/metrics/estate").text


def test_a_trap_that_tells_of_a_wrong_login_polls_nobody(tmp_path: Path) -> None:
    agent, port = Counting(server()), servers.free_port(socket.SOCK_DGRAM)
    with (
        Responder([agent]) as responder,
        collecting(write(tmp_path, responder.ports[0], section(port))) as collector,
    ):
        time.sleep(5)
        asked = agent.asked
        trap(port, AUTHENTICATION_FAILURE)
        until(lambda: Events(collector.data / "events.db").latest())
        time.sleep(1)
        assert agent.asked == asked
        assert [event["text"] for event in told(collector)] == ["authenticationFailure"]


def test_a_reload_begins_and_ends_to_listen(tmp_path: Path) -> None:
    port = servers.free_port(socket.SOCK_DGRAM)
    with Responder([Agent(server())]) as responder:
        estate = write(tmp_path, responder.ports[0], "")
        with collecting(estate) as collector:
            assert collector.value("jauge_traps_listening") == 0
            write(tmp_path, responder.ports[0], section(port))
            collector.process.send_signal(signal.SIGHUP)
            until(lambda: collector.value("jauge_traps_listening") == 1)
            trap(port, LINK_DOWN)
            until(lambda: received(collector)["accepted"] == 1)
            write(tmp_path, responder.ports[0], "")
            collector.process.send_signal(signal.SIGHUP)
            until(lambda: collector.value("jauge_traps_listening") == 0)


STORM = 6.0


def storm(port: int, datagrams: Sequence[bytes], sources: Sequence[str]) -> int:
    """Send as fast as this process can for STORM seconds: how many."""
    sent, end = 0, time.monotonic() + STORM
    with contextlib.ExitStack() as stack:
        senders = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in sources]
        for each, source in zip(senders, sources, strict=True):
            each.bind((source, 0))
        while time.monotonic() < end:
            for each, datagram in itertools.product(senders, datagrams):
                each.sendto(datagram, (servers.LOOPBACK, port))
                sent += 1
    return sent


def datagram(words: Sequence[str]) -> bytes:
    """The trap that net-snmp sends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind((servers.LOOPBACK, 0))
        found.settimeout(10)
        trap(found.getsockname()[1], LINK_DOWN, *words)
        return found.recv(65_535)


def test_a_storm_of_traps_holds_little_of_the_collector_and_delays_no_poll(tmp_path: Path) -> None:
    port = servers.free_port(socket.SOCK_DGRAM)
    objects = [word for row in range(1, 1001) for word in (f"1.3.6.1.2.1.2.2.1.1.{row}", "i", str(row))]
    datagrams = [datagram(objects), datagram(objects[:3])]
    stormy = Counting(server())
    with Responder([stormy, Agent(server()), Agent(server())]) as responder:
        estate = write(tmp_path, responder.ports[0], section(port))
        others = "".join(
            f", {{name: other-{place}, address: 127.0.0.1, port: {each}, interval: 1s, credential: quiet}}"
            for place, each in enumerate(responder.ports[1:])
        )
        text = (
            estate.read_text()
            .replace("}]", f"}}{others}]")
            .replace("{all:", "{quiet: {snmp: v2c, community: other}, all:")
        )
        estate.write_text(text)
        with collecting(estate) as collector:
            until(lambda: polls(collector) >= 7)  # all have been polled, and two of them some turns more
            process = psutil.Process(collector.process.pid)
            memory, asked, polled = process.memory_info().rss, stormy.asked, polls(collector)
            start, spent = time.monotonic(), sum(process.cpu_times()[:2])
            sent = storm(port, datagrams, (servers.LOOPBACK, "127.0.0.9"))
            seconds, spent = time.monotonic() - start, sum(process.cpu_times()[:2]) - spent
            counts = received(collector)
            assert sent > 10_000
            assert 1 <= counts["accepted"] <= BURST + 2 * seconds
            assert counts["limited"] > 100
            assert counts["unknown_sender"] > 100
            assert process.memory_info().rss - memory < 20 * MIB
            assert spent < 0.75 * seconds  # of one core: the storm itself takes another
            assert polls(collector) - polled >= seconds  # half of those that were due
            assert 1 <= stormy.asked - asked < 50  # a few polls, not one for each trap
            assert "Traceback" not in collector.said()
            assert len(collector.said()) < 20_000


def polls(collector: Collector) -> float:
    """How many polls brought something."""
    return collector.samples("/metrics", "jauge_polls_total")["up",]


def test_what_is_sent_to_the_collector_of_another_shard_is_counted_as_that(tmp_path: Path) -> None:
    port = servers.free_port(socket.SOCK_DGRAM)
    every = [f"box-{number}" for number in range(100)]
    here = next(name for name in every if Shard(1, 2).holds(name))
    there = next(name for name in every if Shard(2, 2).holds(name))
    path = tmp_path / "estate.yml"
    with Responder([Agent(server())]) as responder:
        path.write_text(
            "credentials: {all: {snmp: v2c, community: public}}\n"
            f"{section(port)}"
            "defaults: {interval: 1s, timeout: 0.5s, credential: all}\ntargets:\n"
            f"  - {{name: {here}, address: 127.0.0.1, port: {responder.ports[0]}}}\n"
            f"  - {{name: {there}, address: 127.0.0.2, port: {responder.ports[0]}}}\n"
        )
        with collecting(path, more=["--shard", "1/2"]) as collector:
            for turn in (1, 2):
                for source, acknowledged in (("127.0.0.1", True), ("127.0.0.2", False), ("127.0.0.3", False)):
                    assert tell("snmpinform", port, LINK_DOWN, source=source) is acknowledged, source
                counts = {key: value for key, value in received(collector).items() if value}
                assert counts == {"accepted": turn, "other_shard": turn, "unknown_sender": turn}
                collector.process.send_signal(signal.SIGHUP)
                until(lambda: "estate reloaded" in collector.said())
            until(lambda: Events(collector.data / "events.db").latest(kinds=["trap"]))
            assert {
                event.target for event in Events(collector.data / "events.db").latest(kinds=["trap"])
            } == {here}


@pytest.mark.parametrize("bound", ["-net_bind_service", "+net_bind_service"])
def test_a_port_that_only_the_mighty_may_have_stops_no_poll(tmp_path: Path, bound: str) -> None:
    """Without the capability it is as for an account that is not root, whose folders a test cannot enter."""
    if os.geteuid() != 0:
        servers.missing("only root can give up the right to low ports, and keep the others")
    lowest = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if lowest <= 1:
        servers.missing("everybody may have every port here: net.ipv4.ip_unprivileged_port_start")
    port = free_below(min(lowest, 1024))
    limit = f'set -- setpriv --inh-caps={bound} --bounding-set={bound} "$@"'
    with Responder([Agent(server())]) as responder:
        estate = write(tmp_path, responder.ports[0], section(port))
        with collecting(estate, limit=limit) as collector:
            heard = bound.startswith("+")
            assert collector.value("jauge_traps_listening") == heard
            told = (
                f"127.0.0.1 port {port}: Permission denied; ports below 1024 need CAP_NET_BIND_SERVICE: "
                "give it to the service, or choose another port"
            )
            assert (told in collector.said()) is not heard
            assert collector.value("jauge_target_up", "/probe", target="box") == 1
            assert "Traceback" not in collector.said()


def free_below(end: int) -> int:
    """The highest UDP port of loopback below `end` that is free."""
    for port in range(end - 1, 0, -1):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
            probe.bind((servers.LOOPBACK, port))
            return port
    raise LookupError("no low port is free")


def hear_of_a_wrong_login(collector: Collector, agent: servers.Snmpd) -> None:
    """Ask the agent with a wrong community, and wait until it has told the collector."""
    before = received(collector)["accepted"]
    with contextlib.suppress(subprocess.CalledProcessError):
        servers.snmpget(agent.port, "wrong", "1.3.6.1.2.1.1.5.0")
    until(lambda: received(collector)["accepted"] > before, 15)


def test_a_device_is_heard_again_after_a_restart_by_a_clock_that_was_set_back(tmp_path: Path) -> None:
    port, clock = servers.free_port(socket.SOCK_DGRAM), tmp_path / "clock"
    login = f"-u watcher -l authPriv -a SHA-256 -A {servers.AUTH} -x AES -X {servers.PRIVACY}"
    credential = (
        f"{{snmp: v3, user: watcher, auth: SHA-256, auth_password: {servers.AUTH}, "
        f"privacy: AES, privacy_password: {servers.PRIVACY}}}"
    )
    estate = tmp_path / "estate.yml"
    estate.write_text(
        f"credentials: {{all: {credential}}}\ntraps: {{listen: 127.0.0.1, port: {port}}}\n"
        "targets: [{name: box, address: 127.0.0.1, port: 9, interval: 1h, timeout: 0.5s, credential: all}]\n"
    )
    with contextlib.ExitStack() as stack:
        agent: servers.Snmpd | None = None
        for ago in (0, 86_400, 3 * 86_400):
            clock.write_text(f"-{ago}")
            with collecting(estate, clock=clock) as collector:
                if agent is None:  # it asks once who we are, when it starts, and remembers it
                    sends = f"trapsess -Ci -r 3 -t 1 -v3 {login} {servers.LOOPBACK}:{port}"
                    agent = stack.enter_context(servers.snmpd([sends, "authtrapenable 1"]))
                hear_of_a_wrong_login(collector, agent)
                assert received(collector)["refused"] == 0
    texts = [event.text for event in Events(tmp_path / "data" / "events.db").latest() if event.kind == "trap"]
    assert sum(text.startswith("authenticationFailure") for text in texts) >= 3
    assert sum(text.startswith("coldStart") for text in texts) <= 1  # it was one agent, all the time


def test_a_port_that_is_taken_stops_no_poll(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken, Responder([Agent(server())]) as responder:
        taken.bind((servers.LOOPBACK, 0))
        estate = write(tmp_path, responder.ports[0], section(taken.getsockname()[1]))
        with collecting(estate) as collector:
            assert collector.value("jauge_traps_listening") == 0
            assert "Address already in use; does snmptrapd listen there" in collector.said()
            assert collector.value("jauge_target_up", "/probe", target="box") == 1
            assert "Traceback" not in collector.said()


def test_who_hears_no_traps_looks_up_no_names_for_them(tmp_path: Path) -> None:
    estate = tmp_path / "estate.yml"
    url = f"http://127.0.0.1:{servers.free_port()}"
    estate.write_text(f"targets: [{{name: no-such-host.invalid, http: {{family: orthanc, url: '{url}'}}}}]\n")
    with collecting(estate) as collector:
        time.sleep(2)
        assert "address not known" not in collector.said()
    estate.write_text(f"{section(servers.free_port(socket.SOCK_DGRAM))}{estate.read_text()}")
    with collecting(estate) as collector:
        until(lambda: "address not known" in collector.said())
