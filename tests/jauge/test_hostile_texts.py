"""Texts that devices choose, from their real sockets to every place where the program shows them.

Each device says one hostile text wherever SNMP lets it say one. It must come out bounded, on one line, and without
anything that steers a terminal or breaks a scrape; and nothing that was measured may be lost for it.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import pty
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import servers
from collecting import Collector, collecting, until
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text
from responder import Agent, Oid, Responder, Value, encode, pack, server, wrap
from within import jauge

pytestmark = pytest.mark.xdist_group("hostile texts")

SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
PORTS: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
MORE_OF_PORTS: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
STORE_NAME: Oid = (1, 3, 6, 1, 2, 1, 25, 2, 3, 1, 3, 1)

TEXTS = {
    "invalid-utf-8": b"/srv\xff\xfe\x80\xc3",
    "nul": b"/srv\0x\0",
    "lines": b"/srv\r\nfake 1\n# EOF\n\x0b\x0c\x1c\x85",
    "escapes": b"\x1b[2J\x1b]0;owned\x07\x1bPq\x9b31m\x08\x08",
    "bidi": "\u202egnp.exe\u2066\u200b\u2028\u061c\ufeff".encode(),
    "tags": "\U000e0041\ufdd0".encode() + b"\xed\xa0\x80",
    "script": b"<script>alert(1)</script><img src=x onerror=alert(1)>",
    "formula": b"=cmd|' /C calc'!A0",
    "series": b'"} 1\nfake 1\n# HELP fake x',
    "backslash": b'\\"} 1\\n\\',
    "markup": b"[bold red]x[/] [link=http://x]y[/link] :skull: \\[",
    "format": b"100 %s %a %% {} {0} ${HOME} $(id)",
    "huge": b"A" * 60_000,
    "huge-lines": b"fake 1\n" * 8_500,
    "huge-wide": "é\u202e".encode() * 12_000,
}
STEERING = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
"""What no output may hold: beyond line breaks, which are looked at apart, all that steers a screen or hides text."""

LONGEST = 1024
"""Bytes of a label value."""


def saying(text: bytes) -> Agent:
    """A server and switch that says this text wherever it says one."""
    said = wrap(0x04, text)
    table: dict[Oid, Value] = server() | {(*SYSTEM, 3, 0): 360_000, STORE_NAME: said}
    table |= {
        (*SYSTEM, scalar, 0): said for scalar in (1, 4, 5, 6)
    }  # sysDescr, sysContact, sysName, sysLocation
    table |= {(*PORTS, 2, 1): said, (*PORTS, 8, 1): 1}  # ifDescr, ifOperStatus
    table |= {(*MORE_OF_PORTS, column, 1): said for column in (1, 18)}  # ifName, ifAlias
    table |= {(*MORE_OF_PORTS, 15, 1): 1000}
    return Agent(table, limit=65_000)


@dataclasses.dataclass(frozen=True)
class Running:
    """A collector of a device for each text, at its most talkative; `traps` is where it hears them."""

    collector: Collector
    traps: int

    def shown(self, verb: str, *words: str) -> str:
        """What a command says on a terminal of its own."""
        return on_a_terminal("-m", "jauge", verb, str(self.collector.estate), *words)

    def piped(self, verb: str, *words: str) -> str:
        """What it says into a pipe, where lines are longer."""
        done = jauge(verb, self.collector.estate, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    place, port = tmp_path_factory.mktemp("hostile"), servers.free_port(socket.SOCK_DGRAM)
    with Responder([saying(text) for text in TEXTS.values()]) as agents:
        targets = "".join(
            f"  - {{name: {name}, address: 127.0.0.1, port: {port}}}\n"
            for name, port in zip(TEXTS, agents.ports, strict=True)
        )
        (place / "estate.yml").write_text(
            "credentials: {all: {snmp: v2c, community: public}}\n"
            f"traps: {{listen: 127.0.0.1, port: {port}}}\n"
            f"defaults: {{interval: 3s, timeout: 3s, credential: all}}\ntargets:\n{targets}"
        )
        with collecting(place / "estate.yml", more=("--log.level", "debug")) as collector:
            yield Running(collector, port)


EACH = """
import json, sys
from jauge.cli import app
for place, words in enumerate(json.loads(sys.argv[1])):
    if place:
        print(sys.argv[2])
    if status := app(words, standalone_mode=False):
        sys.exit(status)
"""
"""Runs Jauge once with each of some lists of words, and prints a line between them."""

NEXT = "---- what comes now is the next one's ----"


@pytest.fixture(scope="module")
def explained(running: Running) -> dict[str, str]:
    """What a terminal is sent where each device is explained, by its name."""
    every = json.dumps([["explain", str(running.collector.estate), name] for name in TEXTS])
    return dict(zip(TEXTS, on_a_terminal("-c", EACH, every, NEXT).split(f"{NEXT}\n"), strict=True))


def on_a_terminal(*words: str) -> str:
    """All that a terminal is sent by Python with these words; one without colours, so that every ESC is the device's."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, *words], stdin=subprocess.DEVNULL, stdout=its, stderr=its,
        env=os.environ | {"TERM": "dumb", "COLUMNS": "200", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    os.close(its)
    said = bytearray()
    try:
        while piece := os.read(ours, 65_536):
            said += piece
    except OSError as error:
        if error.errno != errno.EIO:  # as Linux says that the other end is closed
            raise
    finally:
        os.close(ours)
    assert process.wait(60) == 0, said.decode(errors="replace")[-2000:]
    return said.decode().replace("\r\n", "\n")


def harmless(said: str) -> None:
    """Nothing steers the screen, nothing broke out of its line, and no line is without end."""
    assert STEERING.findall(said) == []
    assert "\r" not in said
    assert not any(row.lstrip().startswith(("fake", "# EOF", "# HELP fake")) for row in said.splitlines())


def series(families: list[Metric]) -> dict[str, list[dict[str, str]]]:
    """The labels of each metric. Fails on a series that comes twice."""
    found: dict[str, list[dict[str, str]]] = {}
    for family in families:
        for sample in family.samples:
            assert sample.labels not in found.setdefault(sample.name, [])
            found[sample.name].append(sample.labels)
    return found


@pytest.mark.parametrize("accept", ["text/plain", "application/openmetrics-text"])
def test_every_scrape_is_read_by_strict_parsers_and_holds_what_was_measured(
    running: Running, accept: str
) -> None:
    def get(path: str) -> str:
        url = f"http://127.0.0.1:{running.collector.port}{path}"
        answer = servers.get(url, headers={"Accept": accept}, timeout=20)
        return answer.raise_for_status().text

    read = read_text if accept == "text/plain" else read_openmetrics
    whole = get("/metrics/estate")
    texts = {name: get(f"/probe?target={name}") for name in TEXTS}
    for text in (whole, *texts.values()):
        assert STEERING.findall(text) == []
        found = series(list(read(text)))  # type: ignore[no-untyped-call]
        assert set(found) & {"fake", "fake_total"} == set()
        values = [value for labels in found.values() for each in labels for value in each.values()]
        assert max(len(value.encode()) for value in values) <= LONGEST
        assert all("\n" not in value for value in values)
        assert all(set(each) <= {"site", "role", "target", "family", "product", "store", "kind", "interface", "table", "reason"} for labels in found.values() for each in labels)  # fmt: skip
    found = series(list(read(whole)))  # type: ignore[no-untyped-call]
    for metric in ("jauge_storage_used_bytes", "jauge_interface_up", "jauge_interface_speed_bytes"):
        assert {each["target"] for each in found[metric]} == set(TEXTS)


@pytest.mark.parametrize(
    "path", ["/metrics/estate", "/probe?target=series", "/probe?target=huge-lines", "/metrics"]
)
def test_promtool_finds_no_fault(running: Running, path: str) -> None:
    program = servers.program("promtool", "prometheus")
    name, _, query = path.partition("?target=")
    text = running.collector.ask(name, **({"target": query} if query else {})).text
    said = subprocess.run(
        [program, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60, check=False
    )
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


@pytest.mark.parametrize("form", ["table", "json", "prometheus"])
def test_a_poll_that_is_printed_steers_no_terminal(running: Running, form: str) -> None:
    harmless(running.shown("poll", "--format", form))
    said = running.piped("poll", "--format", form)
    harmless(said)
    assert said.count("jauge_storage_used_bytes") >= len(TEXTS)
    for plain in ("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "[bold red]x[/]", "100 %s %a %%"):
        assert plain in said  # as it is: it steers nothing here
    if form == "json":
        polls = {one["target"]: one for one in json.loads(said)["targets"]}
        assert set(polls) == set(TEXTS)
        labels = [
            text for one in polls.values() for each in one["samples"] for text in each["labels"].values()
        ]
        assert max(len(text.encode()) for text in labels) <= LONGEST
        assert max(len(one["product"].encode()) for one in polls.values()) <= LONGEST


@pytest.mark.parametrize("target", TEXTS)
def test_what_is_explained_steers_no_terminal(explained: dict[str, str], target: str) -> None:
    said = explained[target]
    harmless(said)
    assert "FAILED" not in said
    if target in ("script", "formula", "markup", "format"):  # steers nothing here: as it is
        assert TEXTS[target].decode() in said
    assert "jauge_storage_used_bytes" in said
    assert max(len(row.encode()) for row in said.splitlines()) <= 3 * LONGEST


def trap(text: bytes) -> bytes:
    """An SNMPv2-Trap whose objects are this text."""
    objects: list[tuple[Oid, bytes]] = [
        ((*SYSTEM, 3, 0), wrap(0x43, b"\x01")),
        ((1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0), encode((1, 3, 6, 1, 6, 3, 1, 1, 5, 3))),
        ((*SYSTEM, 5, 0), wrap(0x04, text)),
    ]
    binds = b"".join(wrap(0x30, wrap(0x06, pack(name)) + value) for name, value in objects)
    pdu = wrap(0x02, b"\x01") + wrap(0x02, b"\0") * 2 + wrap(0x30, binds)
    return wrap(0x30, wrap(0x02, b"\x01") + wrap(0x04, b"public") + wrap(0xA7, pdu))


def test_events_that_devices_tell_steer_no_terminal(running: Running) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for text in TEXTS.values():  # not more than an address may send at once
            sender.sendto(trap(text[:2000]), ("127.0.0.1", running.traps))
    accepted = ("accepted",)
    until(lambda: running.collector.samples("/metrics", "jauge_traps_total").get(accepted) == len(TEXTS), 20)

    def told() -> list[dict[str, Any]]:
        rows = running.piped("events", "--json", "--target", "nul").splitlines()
        return [event for event in map(json.loads, rows) if event["kind"] == "trap"]

    until(lambda: len(told()) == len(TEXTS), 20)
    assert max(len(event["text"].encode()) for event in told()) <= LONGEST
    for more in ((), ("--json",)):
        said = running.piped("events", "--target", "nul", *more)
        assert "=cmd|' /C calc'!A0" in said
        harmless(said)
        harmless(running.shown("events", *more))


def test_what_is_kept_is_bounded_and_harmless(running: Running) -> None:
    until((running.collector.data / "status.json").exists)
    for one in running.collector.status().values():
        said = json.dumps(one, ensure_ascii=False)
        assert STEERING.findall(said) == []
        assert len(one["product"].encode()) <= LONGEST
    with sqlite3.connect(running.collector.data / "history.db") as history:
        rows = history.execute(
            "SELECT target, labels FROM series WHERE metric = 'jauge_storage_used_bytes'"
        ).fetchall()
    assert {target for target, _ in rows} == set(TEXTS)
    for _, labels in rows:
        store = dict(json.loads(labels))["store"]
        assert STEERING.findall(store) == []
        assert "\n" not in store
        assert len(store.encode()) <= LONGEST


def test_the_log_is_one_line_an_event_at_its_most_talkative(running: Running) -> None:
    running.collector.samples("/metrics", "jauge_polls_total")
    said = running.collector.said()
    harmless(said)
    assert "Traceback" not in said
    assert all(row.startswith(("ts=", "level=")) for row in said.splitlines())
    assert max(len(row) for row in said.splitlines()) <= 3 * LONGEST


SAYING = """import logging, sys, structlog
from jauge.logs import configure
said = bytes.fromhex(sys.argv[2]).decode('utf-8', 'surrogateescape').encode('utf-8', 'replace').decode()
configure('info', sys.argv[1])
structlog.get_logger('ours').warning('told', detail=said, **{'target': said})
logging.getLogger('a.library').error('told %s', said)
try:
    raise ValueError(said)
except ValueError:
    structlog.get_logger('ours').exception('broken')
"""


@pytest.mark.parametrize("style", ["logfmt", "json"])
@pytest.mark.parametrize("name", ["nul", "lines", "escapes", "bidi", "huge-lines"])
def test_a_line_of_the_log_is_one_line_and_steers_no_screen_whatever_is_told_in_it(
    style: str, name: str
) -> None:
    """Texts are made harmless where they enter; the log does not rely on it, as errors of libraries bring theirs along."""
    ran = subprocess.run(
        [sys.executable, "-c", SAYING, style, TEXTS[name].hex()], capture_output=True, timeout=60, check=True
    )
    text = ran.stderr.decode()
    assert len(text.splitlines()) == 3, text  # as many as Python, and what ships logs, takes for lines
    assert not STEERING.search(text.replace("\n", ""))
    assert max(map(len, text.splitlines())) < 100_000
    if style == "json":
        assert {json.loads(one)["level"] for one in text.splitlines()} == {"warning", "error"}
