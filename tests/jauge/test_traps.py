"""A trap that reaches a running collector: its target is looked at, and it is told what happened."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import servers
from collecting import Collector, collecting, until
from responder import Agent, Responder, server

from exporters.events import Events

LINK_DOWN, AUTHENTICATION_FAILURE = "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.5"


class Counting(Agent):
    """An agent that counts what it is asked."""

    asked = 0

    def answer(self, request: bytes) -> bytes | None:
        self.asked += 1
        return super().answer(request)


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
    argv = [servers.program("snmptrap", "snmp"), "-v2c", "-c", "public", f"127.0.0.1:{port}", "", oid, *words]
    environment = os.environ | {"MIBS": "", "SNMP_PERSISTENT_DIR": "/tmp/jauge-test-snmp"}
    subprocess.run(argv, check=True, timeout=20, env=environment)


def told(collector: Collector) -> list[dict[str, Any]]:
    argv = [sys.executable, "-m", "jauge", "events", str(collector.estate), "--json"]
    said = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True).stdout
    return [json.loads(row) for row in said.splitlines()]


def received(collector: Collector) -> dict[str, float]:
    return {key[0]: value for key, value in collector.samples("/metrics", "jauge_traps_total").items()}


def test_a_trap_is_an_event_and_its_target_is_polled_at_once(tmp_path: Path) -> None:
    agent, port = Counting(server()), servers.free_port(socket.SOCK_DGRAM)
    with Responder([agent]) as responder:
        estate = write(tmp_path, responder.ports[0], section(port))
        with collecting(estate) as collector:
            assert collector.value("jauge_traps_listening") == 1
            time.sleep(5)  # polls that something asks for keep their distance from the one before
            asked, start = agent.asked, time.monotonic()
            trap(port, LINK_DOWN, "1.3.6.1.2.1.2.2.1.1.2", "i", "2")
            until(lambda: agent.asked > asked)
            assert time.monotonic() - start < 2  # the interval is an hour
            until(lambda: Events(collector.data / "events.db").latest())
            (event,) = told(collector)
            assert (event["target"], event["kind"]) == ("box", "trap")
            assert event["text"] == "linkDown: 1.3.6.1.2.1.2.2.1.1.2 = 2"
            assert received(collector)["accepted"] == 1
            assert collector.samples("/metrics", "jauge_events_total")["trap",] == 1


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
