"""Callers that mean harm: addresses instead of names, requests that never end, answers that nobody reads."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import pytest
import responder
import servers
from collecting import until
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text
from yarl import URL

from collectors.board import Board
from collectors.poll import Poll, Table
from collectors.polling import Poller
from exporters import http as exporter
from exporters import serving
from inventory.estate import Estate
from inventory.metrics import Sample

pytestmark = pytest.mark.xdist_group("hostile scrapes")

MIB = 1 << 20
SYSTEM = (1, 3, 6, 1, 2, 1, 1)
HOSTILE = [
    "a\nb", 'say "hi"', "back\\slash", "nul\x00byte", "marks \x01\x02", "\x1b[2J\x1b]0;owned\x07", "\u202egnp.exe",
    '"} 1\nfake 1', '\\"} 1', "lone \ud800 half \udfff", "é" * 500_000, "<script>alert(1)</script>", "# EOF\n",
    "=cmd|' /C calc'!A0", "100 %s %a %%", "{}", "\x85\u2028", b"\xff\xfe\x80 latin".decode("latin-1"),
]  # fmt: skip


class Polling:
    """What the exporter needs, with real polls."""

    ready = True

    def __init__(self, *targets: dict[str, Any], **credentials: Any) -> None:
        self.estate = Estate.model_validate({"credentials": credentials, "targets": list(targets)})
        self.board = Board(self.estate.targets)
        self._poller = Poller(self.estate)

    async def poll_now(self, name: str, deadline_seconds: float) -> Poll:
        poll = await self._poller.poll(self.board[name].target, patience=deadline_seconds)
        self.board[name].record(poll)
        return poll

    def extra(self, name: str) -> Sequence[Sample]:
        return ()


@contextlib.asynccontextmanager
async def serve(service: exporter.Service) -> AsyncIterator[int]:
    """A running exporter; gives its port."""
    runner = serving.runner(exporter.create(service))
    await runner.setup()
    await serving.Site(runner, servers.LOOPBACK, 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    url = URL(f"http://{servers.LOOPBACK}:{port}{path}", encoded=True)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with aiohttp.ClientSession() as session, session.get(url, headers=named) as answer:
        return answer.status, await answer.text()


# --- which packets leave ----------------------------------------------------------------------------------


class Ear:
    """A port of 127.0.0.1 that listens over UDP and TCP."""

    def __init__(self) -> None:
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.tcp, self.port = self._listen()
        for each in (self.tcp, self.udp):
            each.setblocking(False)

    def _listen(self) -> tuple[socket.socket, int]:
        """A TCP port whose number nobody else has over UDP."""
        while True:
            listener = socket.create_server((servers.LOOPBACK, 0))
            port = int(listener.getsockname()[1])
            try:
                self.udp.bind((servers.LOOPBACK, port))
            except OSError:
                listener.close()
            else:
                return listener, port

    def heard(self) -> list[str]:
        """Which of the two something came to."""
        found = []
        with contextlib.suppress(BlockingIOError):
            self.udp.recvfrom(65_535)
            found.append("udp")
        with contextlib.suppress(BlockingIOError):
            self.tcp.accept()[0].close()
            found.append("tcp")
        return found

    def close(self) -> None:
        self.tcp.close()
        self.udp.close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    listening = Ear()
    yield listening
    listening.close()


CHOSEN = [
    "127.0.0.1", "localhost", "a.name.that.is.rebound.example", "127.0.0.1:{port}", "0x7f000001", "0x7f000001:{port}", "2130706433:{port}", "127.1:{port}",
    "localhost:{port}", "[::ffff:127.0.0.1]:{port}", "[::ffff:169.254.169.254]", "x@127.0.0.1:{port}", "x@y", "a:22",
    "nas-01@127.0.0.1:{port}", "nas-01:{port}", "nas-01%0a", "nas-01%00", "%0a", "http://127.0.0.1:{port}/", "nas-01.",
    "nas-01&target=127.0.0.1:{port}", "127.0.0.1:{port}&module=if_mib&credential=read&auth=public_v2",
]  # fmt: skip


async def test_no_packet_leaves_for_what_is_no_name_of_the_estate(
    ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Polling({"name": "nas-01", "address": servers.LOOPBACK, "snmp": {"credential": "read", "port": ear.port}, "timeout": 0.5},
                      read={"snmp": "v2c", "community": "public"})  # fmt: skip
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def look_up(host: Any, *more: Any, **named: Any) -> Any:
        looked_up.append(str(host))
        return real(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    async with serve(service) as port:
        for chosen in CHOSEN:
            status, text = await get(port, f"/probe?target={chosen.format(port=ear.port)}&fresh=1")
            assert (status, "estate" in text) == (400, True), chosen
            assert ear.heard() == [], chosen
        assert set(looked_up) <= {servers.LOOPBACK}
        status, _ = await get(port, "/probe?target=nas-01&address=127.0.0.2&community=other")
        assert (status, ear.heard()) == (200, ["udp"])  # and the ear is not deaf


async def test_a_table_that_hangs_leaves_the_others_in_time(ear: Ear) -> None:
    agent = responder.Agent(
        {(*SYSTEM, 1, 0): "Linux", (*SYSTEM, 2, 0): (1, 3, 6, 1, 4, 1, 8072), (*SYSTEM, 3, 0): 4200}
    )
    with responder.Responder([agent]) as agents:
        service = Polling(
            {"name": "nas-01", "address": servers.LOOPBACK, "snmp": {"credential": "read", "port": agents.ports[0]},
             "http": {"family": "orthanc", "url": f"http://{servers.LOOPBACK}:{ear.port}"}},
            read={"snmp": "v2c", "community": "public"},
        )  # fmt: skip
        async with serve(service) as port:
            took = []
            for _ in range(3):  # a busy machine may delay one answer, not all of them
                start = time.monotonic()
                status, text = await get(
                    port, "/probe?target=nas-01&fresh=1", **{exporter.TIMEOUT_HEADER: "0.9"}
                )
                took.append(time.monotonic() - start)
    found = {(s.name, s.labels.get("table")): s.value for family in read_text(text) for s in family.samples}
    assert status == 200
    assert min(took) <= 0.85
    assert found["jauge_target_up", None] == 1.0
    assert found["jauge_table_up", "system"] == 1.0
    assert [value for (name, _), value in found.items() if name == "jauge_table_up"].count(0.0) >= 1


# --- names that devices choose ----------------------------------------------------------------------------


async def test_hostile_names_pass_strict_parsers_on_every_way_out() -> None:
    service = Polling({"name": "nas-01", "host": True}, {"name": "nas-02", "host": True})
    series = tuple(
        ("jauge_storage_used_bytes", (("kind", "volume"), ("store", each))) for each in sorted(set(HOSTILE))
    )
    at = time.time()
    for name in ("nas-01", "nas-02"):
        table = Table('"} 1\nfake 1', at, 0.1, series, tuple(range(len(series))), rows=len(series))
        service.board[name].record(
            Poll(name, at, 0.1, (table,), family="a\nb", product='"} 1', version="\x1b[2J")
        )
    async with serve(service) as port:
        for path, targets in (("/probe?target=nas-01", 1), ("/metrics/estate", 2)):
            for accept, read in (
                ("text/plain", read_text),
                ("application/openmetrics-text", read_openmetrics),
            ):
                for encoding in ("identity", "gzip"):
                    status, text = await get(port, path, Accept=accept, Accept_Encoding=encoding)
                    assert status == 200
                    keys = [(s.name, tuple(sorted(s.labels.items()))) for f in read(text) for s in f.samples]
                    assert len(keys) == len(set(keys))
                    assert sum(name == "jauge_storage_used_bytes" for name, _ in keys) == targets * len(
                        series
                    )
                    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text)
            text = (await get(port, path))[1]
            promtool = servers.program("promtool", "prometheus")
            done = subprocess.run(
                [promtool, "check", "metrics"],
                input=text,
                capture_output=True,
                text=True,
                timeout=30,
                check=False,
            )
            assert (done.returncode, done.stdout + done.stderr) == (0, "")


RAW = [
    b"\xff\xfe\x80 latin", b"nul\x00byte", b"a\nb", b"\x1b[2J\x1b]0;owned\x07", "\u202egnp.exe".encode(), b'"} 1\nfake 1', b'\\"} 1',
    b"<script>alert(1)</script>", b"=cmd|' /C calc'!A0", b"# EOF\n", b"\xed\xa0\x80 half", "a\x85\u2028b".encode(), b"x" * 10_000,
    b"", b"%s %a", b"\x01\x02",
]  # fmt: skip


async def test_hostile_names_of_a_real_agent_pass_promtool_and_strict_parsers() -> None:
    storage = (*responder.HOST, 2, 3, 1)
    rows = responder.server()
    for place, raw in enumerate(RAW, start=2):
        name, kind = responder.wrap(0x04, raw), (*responder.HOST, 2, 1, 4)
        cells = {2: kind, 3: name, 4: 4096, 5: 1_000_000, 6: place}
        rows |= {(*storage, column, place): value for column, value in cells.items()}
    for place in (1, 4, 5, 6):  # sysDescr, sysContact, sysName, sysLocation
        rows[*SYSTEM, place, 0] = responder.wrap(0x04, b"".join(RAW))
    with responder.Responder([responder.Agent(rows)]) as agents:
        service = Polling(
            {
                "name": "nas-01",
                "address": servers.LOOPBACK,
                "snmp": {"credential": "read", "port": agents.ports[0]},
            },
            read={"snmp": "v2c", "community": "public"},
        )
        async with serve(service) as port:
            text = (await get(port, "/probe?target=nas-01&fresh=1"))[1]
            whole = (await get(port, "/metrics/estate", Accept="application/openmetrics-text"))[1]
    assert 'jauge_table_rows_withheld{table="hr-storage"} 1\n' in text  # the one without a name
    for body, read in ((text, read_text), (whole, read_openmetrics)):
        keys = [(s.name, tuple(sorted(s.labels.items()))) for f in read(body) for s in f.samples]
        assert len(keys) == len(set(keys))
        assert "fake" not in {name for name, _ in keys}
        # beside /srv, each of the others under a name of its own
        assert sum(name == "jauge_storage_used_bytes" for name, _ in keys) == len(RAW)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\ud800-\udfff]", body)
        assert max(len(value.encode()) for _, pairs in keys for _, value in pairs) <= 1024
    promtool = servers.program("promtool", "prometheus")
    done = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


async def test_of_a_hundred_thousand_interfaces_the_same_five_thousand_values_are_served_each_time() -> None:
    entry, extended, one = (
        (1, 3, 6, 1, 2, 1, 2, 2, 1),
        (1, 3, 6, 1, 2, 1, 31, 1, 1, 1),
        responder.wrap(0x46, b"\x01"),
    )
    rows = responder.server() | {(*entry, 1, 1): 1}
    for number in range(1, 100_001):
        rows[*extended, 1, number] = f"Gi{number:06}"
        rows[*extended, 6, number] = one  # ifHCInOctets
    with responder.Responder([responder.Agent(rows), responder.Agent(responder.server())]) as agents:
        targets = [
            {"name": name, "address": servers.LOOPBACK, "timeout": 100, "interval": 600,
             "snmp": {"credential": "read", "port": port}}
            for name, port in zip(("switch", "server"), agents.ports, strict=True)
        ]  # fmt: skip
        service = Polling(*targets, read={"snmp": "v2c", "community": "public"})
        async with serve(service) as port:
            bodies = [(await get(port, "/probe?target=switch&fresh=1"))[1] for _ in range(2)]
            other = (await get(port, "/probe?target=server&fresh=1"))[1]
    for text in bodies:
        found = [s for family in read_text(text) for s in family.samples]
        own = ("jauge_target_", "jauge_table_")
        served = [s for s in found if not s.name.startswith(own)]
        told = {s.name: s.value for s in found if s.name.startswith("jauge_target_")}
        kept = [s.labels["interface"] for s in served if s.name == "jauge_interface_receive_bytes_total"]
        listed = next(
            s.value
            for s in found
            if s.name == "jauge_table_rows" and s.labels["table"] == "interface-counters"
        )
        assert len(served) == 5000
        assert kept == [f"Gi{number:06}" for number in range(1, len(kept) + 1)]
        assert told["jauge_target_samples_dropped"] == listed - len(kept) > 10_000
        assert len(kept) > 4900
    assert "jauge_storage_used_bytes" in other


# --- what clients hold, of the real program ---------------------------------------------------------------


class Program:
    """A running `jauge run` with one target: this machine."""

    def __init__(self, process: servers.Process, port: int) -> None:
        self.port = port
        self.process = psutil.Process(process.pid)

    def connect(self) -> socket.socket:
        return socket.create_connection((servers.LOOPBACK, self.port), timeout=10)

    def ask(self, request: bytes) -> bytes:
        """The first bytes of the answer to what may be no request at all."""
        with self.connect() as connection:
            with contextlib.suppress(ConnectionError):  # it may be cut off while it still speaks
                connection.sendall(request)
            with contextlib.suppress(ConnectionError):
                return connection.recv(4096)
        return b""

    def scrape(self) -> float:
        """Seconds that a normal scrape takes."""
        start = time.monotonic()
        answer = servers.get(f"http://{servers.LOOPBACK}:{self.port}/probe?target=here", timeout=10)
        took = time.monotonic() - start
        assert "jauge_target_up 1" in answer.raise_for_status().text
        return took

    def memory(self) -> int:
        return int(self.process.memory_info().rss)

    def connections(self) -> int:
        return sum(each.status == psutil.CONN_ESTABLISHED for each in self.process.net_connections("tcp"))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "estate.yml").write_text("targets: [{name: here, host: true}]\n")
    port = servers.free_port()
    argv = [
        sys.executable,
        "-m",
        "jauge",
        "run",
        "estate.yml",
        "--web.listen-address",
        f"{servers.LOOPBACK}:{port}",
    ]

    def ready() -> bool:
        return servers.get(f"http://{servers.LOOPBACK}:{port}/-/ready").status_code == 200

    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with servers.running(argv, ready, folder / "log", drop=False, cwd=folder, env=environment) as process:
        running = Program(process, port)
        for _ in range(20):
            running.scrape()
        yield running
    log = (folder / "log").read_text()
    assert "Traceback" not in log
    assert len(log) < 20_000


@contextlib.contextmanager
def held(program: Program, count: int, begin: bytes) -> Iterator[list[socket.socket]]:
    """So many connections that each sent the beginning of a request."""
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(count):
            connection = stack.enter_context(program.connect())
            with contextlib.suppress(ConnectionError):
                connection.sendall(begin)
            found.append(connection)
        yield found


def test_two_hundred_requests_that_never_end_delay_no_scrape(program: Program) -> None:
    before = program.memory()
    with held(program, 200, b"GET /probe?target=here HTTP/1.1\r\nHost: x\r\nX-Slow: ") as slow:
        for _ in range(3):
            for connection in slow:
                connection.sendall(b"a")
            assert program.scrape() < 5  # and not once they are given up
        assert program.connections() >= 200
    assert program.memory() - before < 20 * MIB


def test_connections_are_bounded_and_those_held_longest_give_way(program: Program) -> None:
    with held(program, serving.CONNECTIONS + 150, b"GET / HTTP/1.1\r\n") as slow:
        assert program.scrape() < 5  # at once, and not when one of them is given up
        until(lambda: program.connections() <= serving.CONNECTIONS)  # all have been accepted by then
        slow[0].settimeout(5)
        with contextlib.suppress(ConnectionResetError):
            assert slow[0].recv(1) == b""
        slow[-1].sendall(b"Host: x\r\n\r\n")
        assert slow[-1].recv(4096).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "head",
    [b"X-Long: " + b"a" * 65_536, b"".join(b"X-%d: a\r\n" % number for number in range(8_000)),
     b"Cookie: " + b"a=b; " * 13_000, b"a" * 65_536],
    ids=["one header", "many headers", "a cookie", "a name"],
)  # fmt: skip
def test_a_head_of_64_kilobytes_is_refused(program: Program, head: bytes) -> None:
    before = program.memory()
    for _ in range(50):
        answer = program.ask(b"GET /probe?target=here HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
        assert answer[9:12] in (b"", b"400")
    assert program.memory() - before < 20 * MIB
    assert program.scrape() < 5


def test_a_head_without_an_end_is_bounded(program: Program) -> None:
    before = program.memory()
    endless = b"GET / HTTP/1.1\r\n" + b"X-Long: " + b"a" * 4_000_000
    for _ in range(5):
        assert program.ask(endless)[9:12] in (b"", b"400")
    assert program.memory() - before < 20 * MIB


def test_thousands_of_requests_at_once_delay_no_scrape(program: Program) -> None:
    request = b"GET /probe?target=here HTTP/1.1\r\nHost: x\r\n\r\n"
    before = program.memory()
    with held(program, 40, request * 50):
        assert min(program.scrape() for _ in range(3)) < 1  # a busy machine may delay one answer, not all
    assert program.memory() - before < 40 * MIB
    assert min(program.scrape() for _ in range(3)) < 1


def test_ten_thousand_requests_at_once_are_all_answered_and_delay_no_scrape(program: Program) -> None:
    request = b"GET /probe?target=here HTTP/1.1\r\nHost: x\r\n\r\n"
    before = program.memory()
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(program.connect()) for _ in range(50)]
        readers = [stack.enter_context(contextlib.closing(Answers(each))) for each in connections]
        for each in connections:
            each.sendall(request * 200)
        took = min(program.scrape() for _ in range(3))  # a busy machine may delay one answer, not all of them
        growth = program.memory() - before
        assert sum(reader.count for reader in readers) < 10_000  # they are still being answered
        assert took < 1
        assert growth < 40 * MIB
        assert [reader.wait() for reader in readers] == [200] * 50
    assert min(program.scrape() for _ in range(3)) < 1


class Answers:
    """Reads a connection in a thread, and counts the answers that say 200."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._thread = threading.Thread(target=self._read, daemon=True)
        self.count = 0
        self._thread.start()

    def wait(self) -> int:
        """How many there are once all have come, or none came for half a minute."""
        self._thread.join(120)
        return self.count

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def _read(self) -> None:
        head, rest = b"HTTP/1.1 200 OK", b""
        with contextlib.suppress(OSError):
            self._connection.settimeout(30)
            while self.count < 200 and (more := self._connection.recv(1 << 16)):
                text = rest + more
                self.count += text.count(head)
                rest = text[1 - len(head) :]  # too short to hold one: none is counted twice


def test_whatever_is_asked_the_labels_of_answers_are_few(program: Program) -> None:
    for start in (b"FOO /probe", b"\xff\xfe / ", b"PROPFIND /probe?target=here", b"GET /" + os.urandom(20).hex().encode(),
                  b"GET /probe?target=here", b"M-SEARCH *", b"get /", b"GET http://127.0.0.2/probe"):  # fmt: skip
        answer = program.ask(start + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        assert re.match(rb"HTTP/1\.[01] (200|400|404|405) ", answer), (start, answer)
        assert b"Traceback" not in answer
    text = servers.get(f"http://{servers.LOOPBACK}:{program.port}/metrics").text
    labels = [
        s.labels for family in read_text(text) if family.name == "jauge_http_answers" for s in family.samples
    ]
    routes = {"/", "/probe", "/metrics", "/metrics/estate", "/sd", "/-/healthy", "/-/ready", "other"}
    assert {label["path"] for label in labels} <= routes
    assert {label["status"] for label in labels} <= {"200", "400", "404", "405", "503"}
    assert all(set(label) == {"path", "status"} for label in labels)


def test_a_body_that_is_sent_along_is_not_read(program: Program) -> None:
    connection = http.client.HTTPConnection(servers.LOOPBACK, program.port, timeout=10)
    connection.putrequest("GET", "/-/healthy")
    connection.putheader("Content-Length", str(1 << 40))
    connection.endheaders(b"x" * 1000)
    assert connection.getresponse().status == 200
    connection.close()
    assert program.scrape() < 5


# --- answers that nobody reads ----------------------------------------------------------------------------


def large(targets: int, rows: int) -> Polling:
    service = Polling(*({"name": f"nas-{number:03}", "host": True} for number in range(targets)))
    series = tuple(
        ("jauge_interface_receive_bytes_total", (("interface", f"Gi1/0/{row} " + "x" * 400),))
        for row in range(rows)
    )
    at = time.time()
    for standing in service.board:
        table = Table("interfaces", at, 0.1, series, tuple(range(rows)), rows=rows)
        standing.record(Poll(standing.target.name, at, 0.1, (table,)))
    return service


async def test_who_does_not_read_the_estate_holds_a_piece_of_it_only() -> None:
    request = b"GET /metrics/estate HTTP/1.1\r\nHost: x\r\n\r\n"
    async with serve(large(100, 500)) as port:
        size = len((await get(port, "/metrics/estate"))[1])
        assert size > 20 * MIB
        before = psutil.Process().memory_info().rss
        readers = []
        for _ in range(40):
            each = socket.socket()
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            each.setblocking(False)
            await asyncio.get_running_loop().sock_connect(each, (servers.LOOPBACK, port))
            await asyncio.get_running_loop().sock_sendall(each, request)
            readers.append(each)
        await asyncio.sleep(0.5)
        start = time.monotonic()
        assert (await get(port, "/probe?target=nas-001"))[0] == 200
        assert time.monotonic() - start < 5  # and not when the readers are given up
        assert (
            psutil.Process().memory_info().rss - before < 6 * size
        )  # 40 whole bodies would be 40 times that
        for each in readers:
            each.close()


async def test_who_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "READING_SECONDS", 0.3)
    async with serve(large(20, 500)) as port:
        reader, writer = await asyncio.open_connection(servers.LOOPBACK, port, limit=1024)
        writer.write(b"GET /metrics/estate HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(1)
        found = b""
        with contextlib.suppress(ConnectionResetError):
            while more := await reader.read(65_536):
                found = found[-10:] + more
        assert found
        assert not found.endswith(b"0\r\n\r\n")  # what is left out does not pass for the end
        writer.close()
        _, text = await get(port, "/metrics")
    assert 'jauge_http_answers_total{path="/metrics/estate",status="200"} 1.0' in text


async def test_a_request_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "IDLE_SECONDS", 0.3)
    async with serve(large(1, 1)) as port:
        for begin in (b"", b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "):
            reader, writer = await asyncio.open_connection(servers.LOOPBACK, port)
            writer.write(begin)
            assert await asyncio.wait_for(reader.read(), 5) == b""
            writer.close()


async def test_the_estate_leaves_whole_in_pieces_and_zipped() -> None:
    async with serve(large(20, 500)) as port:
        plain = (await get(port, "/metrics/estate", Accept_Encoding="identity"))[1]
        async with aiohttp.ClientSession(auto_decompress=False) as session:
            url = f"http://{servers.LOOPBACK}:{port}/metrics/estate"
            found = await asyncio.gather(*(_read(session, url) for _ in range(3)))
            async with session.head(url) as answer:
                assert (answer.status, await answer.read()) == (200, b"")
    ages = re.compile(r"^jauge_target_age_seconds.*$", re.MULTILINE)
    assert {ages.sub("", gzip.decompress(each).decode()) for each in found} == {ages.sub("", plain)}
    assert sum(line.startswith("jauge_interface") for line in plain.splitlines()) == 10_000


async def _read(session: aiohttp.ClientSession, url: str) -> bytes:
    async with session.get(url, headers={"Accept-Encoding": "gzip"}) as answer:
        return await answer.read()
