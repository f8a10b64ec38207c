"""What a running collector says that happened: in its file, in `jauge events` and at /metrics."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from collecting import Collector, collecting, until
from responder import SYSTEM, Agent, Responder, Switch, server
from within import jauge

from exporters.events import Event, Events


def write(place: Path, port: int) -> Path:
    path = place / "estate.yml"
    path.write_text(
        "credentials: {all: {snmp: v2c, community: public}}\n"
        "defaults: {interval: 1s, timeout: 0.5s, credential: all}\n"
        f"targets: [{{name: box, address: 127.0.0.1, port: {port}}}]\n"
    )
    return path


def run(estate: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return jauge("events", estate, *words)


def told(estate: Path, *words: str) -> list[dict[str, Any]]:
    """The events as `jauge events --json` gives them, oldest first."""
    said = run(estate, "--json", *words)
    assert said.returncode == 0, said.stderr
    return [json.loads(row) for row in reversed(said.stdout.splitlines())]


def kinds(collector: Collector) -> list[str]:
    return [event.kind for event in reversed(Events(collector.data / "events.db").latest())]


def test_a_target_that_stops_and_answers_again_is_two_events(tmp_path: Path) -> None:
    switch, start = Switch(server()), time.time()
    with Responder([switch]) as agent, collecting(write(tmp_path, agent.ports[0])) as collector:
        until(lambda: collector.value("jauge_target_up", "/probe", target="box") == 1)
        assert collector.samples("/metrics", "jauge_events_total")["target_down",] == 0
        switch.silent = True
        until(lambda: kinds(collector) == ["target_down"])
        switch.silent = False
        until(lambda: kinds(collector) == ["target_down", "target_up"])
        down, up = told(collector.estate)
        assert (down["target"], down["kind"], up["kind"]) == ("box", "target_down", "target_up")
        assert start < down["at"] < up["at"] < time.time()
        assert down["text"].startswith("timeout: no answer from 127.0.0.1")
        counts = collector.samples("/metrics", "jauge_events_total")
        assert (counts["target_down",], counts["target_up",], counts["trap",]) == (1, 1, 0)
        assert collector.value("jauge_events_waiting") == 0


def test_a_target_that_is_still_down_after_a_restart_is_no_second_event(tmp_path: Path) -> None:
    switch = Switch(server())
    switch.silent = True
    with Responder([switch]) as agent:
        estate = write(tmp_path, agent.ports[0])
        with collecting(estate) as collector:
            until(lambda: kinds(collector) == ["target_down"])
        with collecting(estate) as collector:
            until(
                lambda: sum(collector.samples("/probe", "jauge_target_errors_total", target="box").values())
            )
            switch.silent = False
            until(lambda: "target_up" in kinds(collector))
            assert kinds(collector) == ["target_down", "target_up"]


def test_what_was_told_last_is_in_the_file_when_the_collector_ends(tmp_path: Path) -> None:
    with Responder([], silent=1) as agent, collecting(write(tmp_path, agent.ports[0])) as collector:
        until(lambda: collector.samples("/probe", "jauge_target_errors_total", target="box"))
        collector.process.send_signal(signal.SIGTERM)
        assert collector.process.wait(10) == 0
        assert kinds(collector) == ["target_down"]


def test_a_system_that_is_updated_is_an_event_also_while_the_collector_is_stopped(tmp_path: Path) -> None:
    switch = Switch(server())

    def updated(to: str) -> None:
        vars(switch).update(vars(Switch({**server(), (*SYSTEM, 1, 0): f"Linux canned {to}"})))

    with Responder([switch]) as agent:
        estate = write(tmp_path, agent.ports[0])
        with collecting(estate) as collector:
            until(lambda: version(collector) == "6.1.0")
            updated("6.6.0")
            until(lambda: version(collector) == "6.6.0")
            until(lambda: kinds(collector) == ["version_changed"])
        updated("6.12.0")
        with collecting(estate) as collector:
            until(lambda: kinds(collector) == ["version_changed"] * 2)
            polled = sum(collector.samples("/metrics", "jauge_polls_total").values())
            until(lambda: sum(collector.samples("/metrics", "jauge_polls_total").values()) > polled + 2)
    first, second = told(estate)
    assert (first["target"], first["text"]) == ("box", "Linux 6.1.0 → 6.6.0")
    assert second["text"] == "Linux 6.6.0 → 6.12.0"


def version(collector: Collector) -> str:
    """What the status says of the target."""
    return str(collector.status()["box"]["version"])


def test_estates_that_are_read_again_or_refused_are_events(tmp_path: Path) -> None:
    with Responder([Agent(server())]) as agent:
        estate = write(tmp_path, agent.ports[0])
        with collecting(estate) as collector:
            good = estate.read_text()
            estate.write_text(good + "colour: red\n")
            collector.process.send_signal(signal.SIGHUP)
            until(lambda: kinds(collector) == ["estate_refused"])
            estate.write_text(good)
            collector.process.send_signal(signal.SIGHUP)
            until(lambda: kinds(collector) == ["estate_refused", "estate_reloaded"])
            refused, reloaded = told(estate)
            assert f"{estate}:4:1" in refused["text"]
            assert (refused["target"], reloaded["target"]) == ("", "")
            assert reloaded["text"].startswith("targets 1")


@pytest.mark.parametrize("damage", ["this is no database" * 100, ""])
def test_a_file_of_events_that_is_damaged_or_a_folder_hurts_no_poll(tmp_path: Path, damage: str) -> None:
    broken = tmp_path / "data" / "events.db"
    broken.parent.mkdir(mode=0o700)
    broken.write_text(damage) if damage else broken.mkdir()
    with Responder([], silent=1) as agent, collecting(write(tmp_path, agent.ports[0])) as collector:
        until(lambda: collector.value("jauge_events_waiting") == 1)
        until(lambda: "events cannot be written" in collector.said())
        polled = sum(collector.samples("/metrics", "jauge_polls_total").values())
        until(lambda: sum(collector.samples("/metrics", "jauge_polls_total").values()) > polled)
        assert collector.said().count("events cannot be written") == 1
        assert "Traceback" not in collector.said()
        said = run(collector.estate)
        assert (said.returncode, str(broken) in said.stderr, "Traceback" in said.stderr) == (1, True, False)


def test_the_table_of_events_is_for_people_and_harmless(tmp_path: Path) -> None:
    estate = write(tmp_path, 161)
    (tmp_path / "data").mkdir()
    now = time.time()
    Events(tmp_path / "data" / "events.db").append([
        Event(now - 90_000, "box", "target_down", "timeout"),
        Event(now - 60, "box", "trap", "[bold red]\x1b[31m\u202e<script>\n=cmd"),
        Event(now - 30, "former", "target_up"),
    ])  # fmt: skip
    shown = run(estate).stdout
    assert shown.index("target_up") < shown.index("[bold red]") < shown.index("target_down")
    assert not set(shown) & set("\x1b\u202e")
    assert re.search(
        r"^ *20\d\d-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d +box +trap +\[bold red\]", shown, re.MULTILINE
    )
    assert [event["kind"] for event in told(estate, "--since", "1h")] == ["trap", "target_up"]
    assert [event["kind"] for event in told(estate, "--target", "box")] == ["target_down", "trap"]
    assert [event["kind"] for event in told(estate, "--limit", "1")] == ["target_up"]
    assert [event["kind"] for event in told(estate, "--target", "former")] == ["target_up"]


def test_what_is_asked_wrongly_of_events_is_said(tmp_path: Path) -> None:
    estate = write(tmp_path, 161)
    assert (run(estate).returncode, told(estate)) == (0, [])
    assert not (tmp_path / "data").exists()
    nobody, when = run(estate, "--target", "bax"), run(estate, "--since", "yesterday")
    assert (nobody.returncode, "no target bax" in nobody.stderr) == (1, True)
    assert (when.returncode, "write 30s, 5m, 24h" in when.stderr) == (2, True)
