"""A history in real engines: VictoriaMetrics, and Prometheus as a remote write receiver.

What is read from them is held against what `history.db` reads of the same points.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import http.server
import os
import random
import signal
import struct
import threading
import time

import certificates
import pandas as pd
import pytest
import servers
import timeseries

from exporters.history import HistoryError, Point, sqlite, unique_id
from exporters.history.days import Calendar
from exporters.history.importing import import_csv
from exporters.history.prometheus import spool as spool_module
from exporters.history.prometheus.asking import Client, EngineError
from exporters.history.prometheus.encoding import Encoder, Series, encode
from exporters.history.prometheus.gathering import gather, mappings, ours
from exporters.history.prometheus.importing import Days
from exporters.history.prometheus.reading import Reader
from exporters.history.prometheus.writing import Writer
from exporters.history.writing import Queue
from inventory.credentials import Http
from inventory.estate import Engine
from inventory.metrics import labels

pytestmark = [pytest.mark.xdist_group("engines"), pytest.mark.timeout(600)]

USED = "jauge_storage_used_bytes"
STORES = [labels(store=f"s{number}", kind="volume") for number in range(40)]
PROVED = [pytest.mark.proof, pytest.mark.timeout(3600)]
ROUNDS = [10, pytest.param(300, marks=[pytest.mark.proof, pytest.mark.timeout(3600)])]


def _until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _send(client, points):
    for request in Encoder(client.engine.name).requests(points):
        client.write(request.body)


def _batch(at, value, target="nas-01"):
    return [Point(target, USED, pairs, at, value) for pairs in STORES]


# --- reading ---------------------------------------------------------------------------------------------

CHANGES = [
    ("Europe/Paris", "2025-10-26"),
    ("Europe/Paris", "2026-03-29"),
    ("Australia/Lord_Howe", "2025-10-05"),  # by half an hour
    ("Asia/Beirut", "2025-10-26"),  # at midnight
    ("Africa/Cairo", "2026-04-24"),  # a day that has no midnight
    ("Asia/Kolkata", "2026-01-10"),  # never, half an hour beside
    ("Pacific/Apia", "2011-12-30"),  # a day that never was
]


def _points(zone, day, target):
    """Points of three stores around a day: at random, on the hour, and a millisecond before it."""
    dice = random.Random(f"{zone} {day}")
    middle = dt.datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp()
    found = {}
    for store in ("a", 'b "é"\\\n', "c|d.*"):
        for _ in range(150):
            reach = dice.choice([30 * 3600, 20 * 86_400])
            at = round(middle + dice.uniform(-reach, reach), 3)
            at = dice.choice([at, at // 3600 * 3600, at // 3600 * 3600 - 0.001, at // 1800 * 1800])
            point = Point(
                target, USED, labels(store=store, kind="volume"), at, float(dice.randrange(1 << 50))
            )
            found[store, round(at * 1000)] = point
    return sorted(found.values(), key=lambda point: point.at), middle


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_an_engine_gives_the_frames_that_the_file_gives(server, tmp_path, zone, day):
    target = f"{zone.replace('/', '-')}-{day}"
    points, middle = _points(zone, day, target)
    now = middle + 25 * 86_400
    embedded = sqlite.Writer(tmp_path / "history.db", zone, clock=lambda: now)
    embedded.append(points)
    embedded.close()
    client = server.client()
    _send(client, points)
    server.flush()
    file, engine = sqlite.Reader(tmp_path / "history.db"), Reader(client, zone, clock=lambda: now)
    names = {unique_id(one.target, one.metric, one.labels) for one in points}
    for start, end in [(middle - 30 * 86_400, now), (middle - 1.3 * 86_400, middle + 2.4 * 86_400)]:
        for resolution in ("raw", "hour", "day"):
            expected = file.read(names, start, end, resolution)
            assert len(expected) > 30 or resolution == "day"
            pd.testing.assert_frame_equal(engine.read([*names, "no name"], start, end, resolution), expected)
    assert engine.last(names, middle - 20 * 86_400) == file.last(names, middle - 20 * 86_400)
    calendar = Calendar(zone)
    for one, other in zip(engine.series(USED, target), file.series(USED, target), strict=True):
        assert one[:4] == other[:4]
        assert calendar.day(one.last) == calendar.day(other.last)
        assert one.first <= other.first


def test_a_value_that_is_minutes_old_is_told_with_its_instant(server):
    client, now = server.client(name="fresh"), round(time.time() - 20, 3)
    _send(client, [Point("nas-01", USED, STORES[0], now, 7.0)])
    server.flush()
    reader = Reader(client, "Europe/Paris")
    (known,) = reader.series(USED)
    assert (known.target, known.labels, known.last) == ("nas-01", STORES[0], pytest.approx(now, abs=0.001))
    assert reader.last([known.unique_id], now - 3600) == {known.unique_id: 7.0}
    assert [one.unique_id for one in reader.series()] == [known.unique_id]
    assert reader.series(USED, "nas-02") == []


def test_histories_of_two_estates_in_one_engine_do_not_mix(server):
    now = time.time()
    for name, value in (("north", 1.0), ("south", 2.0)):
        _send(server.client(name=name), [Point("nas-01", USED, STORES[0], now, value)])
    server.flush()
    for name, value in (("north", 1.0), ("south", 2.0)):
        reader = Reader(server.client(name=name), "Europe/Paris")
        (known,) = reader.series(USED)
        assert reader.read([known.unique_id])["y"].tolist() == [value]


def test_a_former_name_of_a_target_is_read_as_its_own(server):
    """1 to 3 March under the old name, 3 to 5 March under the new: of the day of the change the new one stands."""
    client = server.client(name="renamed")
    noon = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC).timestamp()
    _send(client, [Point("old", USED, STORES[0], noon + day * 86_400, 10.0 + day) for day in range(3)])
    _send(
        client, [Point("new", USED, STORES[0], noon + day * 86_400 + 3600, 20.0 + day) for day in range(2, 5)]
    )
    server.flush()
    reader = Reader(client, "Europe/Paris", {"new": ["old"]}, clock=lambda: noon + 10 * 86_400)
    (known,) = reader.series(USED)
    assert known.target == "new"
    frame = reader.read([known.unique_id])
    assert frame["ds"].dt.day.tolist() == [1, 2, 3, 4, 5]
    assert frame["y"].tolist() == [10, 11, 22, 23, 24]


def test_a_fleet_is_read_in_pieces_that_the_engine_allows():
    """A Prometheus that loads 3,000 samples for a query, and is asked for 60 series of 100 days with 24 values each."""
    now = dt.datetime(2026, 6, 1, tzinfo=dt.UTC).timestamp()
    with timeseries.prometheus("10y", "--query.max-samples=3000") as server:
        client = server.client()
        stores = [labels(store=f"s{n}", kind="volume") for n in range(60)]
        hours = range(0, 100 * 24, 4)
        ago = [(hour, now - (100 * 24 - hour) * 3600) for hour in hours]
        _send(client, [Point("nas-01", USED, pairs, at, hour) for hour, at in ago for pairs in stores])
        reader = Reader(client, "UTC", clock=lambda: now)
        names = [unique_id("nas-01", USED, pairs) for pairs in stores]
        frame = reader.read(names, now - 99.5 * 86_400, now)
    assert len(frame) == 60 * 100
    assert set(frame.groupby("unique_id")["y"].apply(tuple)) == {tuple(24.0 * day + 20 for day in range(100))}


# --- writing ---------------------------------------------------------------------------------------------


def test_what_is_appended_arrives(server, tmp_path):
    writer = Writer(tmp_path / "queue", server.client(name="arrives"))
    now = time.time()
    writer.append([*_batch(now - 1, 1.0), *_batch(now, 2.0)])
    writer.append(_batch(now - 1, 1.0)[:0])
    _until(lambda: writer.standing.pending == 0)
    assert writer.standing.sent == 80
    writer.close()
    assert server.count('{history="arrives"}', now + 60) == 80


def test_values_that_no_history_keeps_are_refused_and_counted(victoria, tmp_path):
    writer, now = Writer(tmp_path / "queue", victoria.client()), time.time()
    bad = [
        (now, float("nan"), "a"),
        (now, float("inf"), "a"),
        (now + 90_000, 1.0, "a"),
        (-5.0, 1.0, "a"),
        (now, 1.0, "\udcff"),
    ]
    writer.append([Point("nas-01", USED, labels(store=store), at, value) for at, value, store in bad])
    assert writer.refused == {"not a number": 2, "future": 1, "too old": 1, "not text": 1}
    assert writer.standing.pending == 0
    writer.close()


def test_one_collector_writes_a_queue(victoria, tmp_path):
    writer = Writer(tmp_path / "queue", victoria.client())
    with pytest.raises(
        HistoryError, match=rf"queue is being written by process {os.getpid()} \(lock file queue.lock\)"
    ):
        Writer(tmp_path / "queue", victoria.client())
    writer.close()
    Writer(tmp_path / "queue", victoria.client()).close()


@pytest.mark.parametrize(
    "kind", ["victoria", "prometheus in order", pytest.param("prometheus", marks=PROVED)]
)
def test_an_hour_without_the_engine_is_sent_afterwards_in_order_and_nothing_is_lost(
    tmp_path, kind, monkeypatch
):
    """60 polls of 40 stores by a clock that runs ahead. A Prometheus that takes nothing late takes it, so it was in order."""
    monkeypatch.setattr(spool_module, "SEGMENT_BYTES", 3_000)
    start = time.time() - 3600
    clock = [start]
    made = (
        timeseries.victoria()
        if kind == "victoria"
        else timeseries.prometheus("" if "order" in kind else "1d")
    )
    with made as server:
        writer = Writer(tmp_path / "queue", server.client(), clock=lambda: clock[0])
        writer.append(_batch(start, 0))
        _until(lambda: writer.standing.pending == 0)
        server.stop()
        for minute in range(1, 61):
            clock[0] = start + minute * 60
            writer.append(_batch(clock[0], minute))
        _until(lambda: writer.failed is not None)
        standing = writer.standing
        assert standing.pending == 60 * 40
        assert clock[0] - standing.oldest == pytest.approx(59 * 60)
        assert standing.failures["unreachable"] >= 1
        assert len(list((tmp_path / "queue").glob("*.queue"))) > 5
        server.start()
        _until(lambda: writer.standing.pending == 0 and writer.failed is None)
        assert set(writer.standing.dropped.values()) <= {0}
        server.flush()
        reader = Reader(server.client(), "Europe/Paris")
        names = [unique_id("nas-01", USED, pairs) for pairs in STORES]
        frame = reader.read(names, start - 60, start + 3700, "raw")
        assert frame.groupby("unique_id")["y"].apply(list).tolist() == [[*map(float, range(61))]] * 40
        writer.close()


@pytest.mark.parametrize("kind", ["victoria", pytest.param("prometheus", marks=PROVED)])
def test_what_an_engine_lost_when_it_was_killed_is_sent_again(tmp_path, kind):
    """It is killed in the middle of a stream and back before the next value: no request fails meanwhile."""
    with timeseries.victoria() if kind == "victoria" else timeseries.prometheus("") as server:
        writer = Writer(tmp_path / "queue", server.client())
        times = []
        for _ in range(3):
            for _ in range(15):
                times.append(round(time.time(), 3))
                writer.append(_batch(times[-1], len(times)))
                time.sleep(0.1)
            _until(lambda: writer.standing.pending == 0)
            assert writer.failed is None
            server.kill()
            server.start()
        times.append(round(time.time(), 3))
        writer.append(_batch(times[-1], len(times)))
        _until(lambda: writer.standing.again > 0 and writer.standing.pending == 0)
        assert set(writer.standing.dropped.values()) <= {0}
        server.flush()
        reader = Reader(server.client(), "Europe/Paris")
        frame = reader.read([unique_id("nas-01", USED, STORES[7])], times[0] - 60, resolution="raw")
        assert frame["y"].tolist() == [float(number + 1) for number in range(len(times))]
        writer.close()


def _collect(folder, engine, first, acknowledged):
    """A collector that appends batch after batch, says each that returned, and sends meanwhile."""
    spool_module.SEGMENT_BYTES = 20_000
    writer = Writer(folder, Client(engine))
    number = first
    while True:
        writer.append(_batch(BEGIN + number, number))
        os.write(acknowledged, struct.pack("q", number))
        number += 1


BEGIN = 1_790_000_000.0


def _killed_collector(folder, engine, first, seconds):
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _collect(folder, engine, first, writing)
        finally:
            os._exit(1)
    os.close(writing)
    received = os.read(reading, 8)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    while chunk := os.read(reading, 65536):
        received += chunk
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    return struct.unpack("q", received[-8:])[0]


@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("kind", ["victoria", pytest.param("prometheus", marks=PROVED)])
def test_a_collector_killed_at_any_moment_loses_nothing_acknowledged(request, tmp_path, tell, kind, rounds):
    tell(f"{rounds} kills")
    server, dice, first = request.getfixturevalue(kind), random.Random(20261126), 0
    name = f"killed{rounds}"
    for _ in range(rounds):
        first = (
            _killed_collector(tmp_path / "queue", server.engine(name=name), first, dice.uniform(0, 0.1)) + 1
        )
    client = server.client(name=name)
    writer = Writer(tmp_path / "queue", client)
    _until(lambda: writer.standing.pending == 0, 300)
    assert set(writer.standing.dropped.values()) <= {0}
    writer.close()
    server.flush()
    now = BEGIN + first + 60
    reader = Reader(client, "Europe/Paris", clock=lambda: now)
    frame = reader.read([unique_id("nas-01", USED, STORES[3])], BEGIN - 60, now, "raw")
    # Perhaps one more: on disk, and killed before it could be said.
    assert frame["y"].tolist() in ([*map(float, range(first))], [*map(float, range(first + 1))])
    assert server.count(f'{{history="{name}",store="s9"}}', now) >= first


def test_samples_that_the_engine_refuses_are_dropped_by_reason_and_all_others_arrive(tmp_path):
    """A Prometheus that takes nothing late: five values are older than what it has, one is another than it has, one
    is hours old."""
    now = round(time.time()) - 10.0
    with timeseries.prometheus("") as server:
        writer = Writer(tmp_path / "queue", server.client())
        stores = [labels(store=f"s{n}", kind="volume") for n in range(100)]
        writer.append([Point("nas-01", USED, pairs, now, 1.0) for pairs in stores[:6]])
        _until(lambda: writer.standing.pending == 0)
        late = [Point("nas-01", USED, pairs, now - 1, 2.0) for pairs in stores[:5]]
        twice = [Point("nas-01", USED, stores[5], now, 1.5)]
        other = [Point("nas-01", USED, pairs, now + 1, 3.0) for pairs in stores[6:]]
        far = [Point("nas-02", USED, stores[0], now - 7200, 4.0)]
        writer.append([*late[:3], *other, *twice, *late[3:], *far])
        _until(lambda: writer.standing.pending == 0)
        dropped = {reason: count for reason, count in writer.standing.dropped.items() if count}
        writer.close()
        assert dropped == {"out of order": 5, "another value of that time": 1, "too old for the engine": 1}
        assert writer.standing.sent == 6 + 94
        assert server.count("jauge_storage_used_bytes", now + 60) == 6 + 94


class _Busy(http.server.BaseHTTPRequestHandler):
    """Says 429 with Retry-After twice, then 503, then takes what comes. It stands for a tenant's limit, as no engine
    that runs here has one."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        answers = [(429, "1"), (429, "Wed, 21 Oct 2015 07:28:00 GMT"), (503, None), (204, None)]
        status, wait = answers[min(len(self.server.times), 3)]
        self.server.times.append(time.monotonic())
        self.send_response(status)
        if wait:
            self.send_header("Retry-After", wait)
        self.server.tenant = self.headers["X-Scope-OrgID"]
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.close_connection = self.protocol_version == "HTTP/1.0" or self.path == "/rude"

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def _busy(protocol="HTTP/1.1"):
    class Busy(_Busy):
        protocol_version = protocol

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        server.times, server.tenant, server.daemon_threads = [], None, True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_an_engine_that_asks_for_time_is_given_it(tmp_path):
    with _busy() as busy:
        url = f"http://127.0.0.1:{busy.server_port}"
        client = Client(Engine.model_validate({"url": url, "headers": {"X-Scope-OrgID": "chu"}}))
        writer = Writer(tmp_path / "queue", client)
        writer.append(_batch(time.time(), 1.0))
        _until(lambda: writer.standing.pending == 0)
        failed = {reason: count for reason, count in writer.standing.failures.items() if count}
        assert failed == {"throttled": 2, "server": 1}
        assert set(writer.standing.dropped.values()) == {0}
        assert writer.standing.again == 40  # once, after the trouble
        assert busy.times[1] - busy.times[0] >= 1
        assert busy.tenant == "chu"
        writer.close()


@pytest.mark.parametrize(("protocol", "path"), [("HTTP/1.0", "/"), ("HTTP/1.1", "/rude")])
def test_an_engine_that_ends_each_connection_is_not_sent_everything_for_ever(tmp_path, protocol, path):
    with _busy(protocol) as busy:
        busy.times += [0.0] * 3  # it takes everything from the start
        client = Client(
            Engine.model_validate({"url": f"http://127.0.0.1:{busy.server_port}", "write_path": path})
        )
        writer = Writer(tmp_path / "queue", client)
        for number in range(10):
            writer.append(_batch(BEGIN + number, number))
        _until(lambda: writer.standing.pending == 0 and writer.standing.sent >= 400)
        assert writer.standing.again <= 800
        writer.close()


def test_an_engine_that_ended_long_before_the_next_value_is_sent_what_it_lost(tmp_path):
    """Polls are minutes apart: nothing tells that the engine was killed in between but the next connection."""
    now = [0.0]
    with timeseries.victoria() as server:
        writer = Writer(tmp_path / "queue", server.client())
        writer._spool._monotonic = lambda: now[0]
        writer.append(_batch(time.time() - 600, 1.0))
        _until(lambda: writer.standing.pending == 0)
        server.kill()
        now[0] = 600.0
        time.sleep(1.5)  # it looks whether there is something to do
        server.start()
        writer.append(_batch(time.time(), 2.0))
        _until(lambda: writer.standing.again == 80 and writer.standing.pending == 0)
        assert server.count("jauge_storage_used_bytes", time.time() + 60) >= 80
        reader = Reader(server.client(), "UTC")
        frame = reader.read([unique_id("nas-01", USED, STORES[1])], time.time() - 900, resolution="raw")
        assert frame["y"].tolist() == [1, 2]
        writer.close()


def test_an_engine_over_tls_is_trusted_by_its_authority_alone(tmp_path):
    with servers.folder() as place:
        authority, other = (
            certificates.Authority(place),
            certificates.Authority(tmp_path, "another authority"),
        )
        made = authority.sign()
        made.key.chmod(0o644)
        with timeseries.victoria(
            "-tls", f"-tlsCertFile={made.certificate}", f"-tlsKeyFile={made.key}"
        ) as server:
            _send(server.client(ca=str(authority.file)), _batch(time.time(), 1.0))
            _send(server.client(verify=False), _batch(time.time(), 1.0))
            for ca in (None, str(other.file), str(tmp_path / "none.pem")):
                with pytest.raises(
                    EngineError, match=r"no safe connection|cannot use the authority .*none\.pem"
                ) as caught:
                    _send(server.client(ca=ca), _batch(time.time(), 1.0))
                assert caught.value.kind == "tls"


def test_a_slow_engine_holds_neither_the_poller_nor_its_end(tmp_path):
    with timeseries.victoria() as server:
        writer = Writer(tmp_path / "queue", server.client())
        queue = Queue(writer, seconds=0.05)
        server._process.send_signal(signal.SIGSTOP)
        try:
            for number in range(10):
                queue.submit(_batch(BEGIN + number, number))
            _until(lambda: queue.written == 400)
            assert queue.failed is None
            assert writer.standing.pending == 400
            begun = time.monotonic()
            assert queue.close()
            assert time.monotonic() - begun < 15  # a request to an engine that is silent lasts 30 s
        finally:
            server._process.send_signal(signal.SIGCONT)
        writer = Writer(tmp_path / "queue", server.client())
        _until(lambda: writer.standing.pending == 0)
        writer.close()
        assert server.count("jauge_storage_used_bytes", BEGIN + 60) >= 400
        reader = Reader(server.client(), "UTC", clock=lambda: BEGIN + 60)
        frame = reader.read(
            [unique_id("nas-01", USED, pairs) for pairs in STORES], BEGIN - 60, BEGIN + 60, "raw"
        )
        assert frame.groupby("unique_id")["y"].apply(list).tolist() == [[*map(float, range(10))]] * 40


SECRET = "s3cret-of-the-engine"


def test_a_wrong_credential_is_said_without_the_secret_and_its_values_wait(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("ENGINE_PASSWORD", SECRET + "-wrong")
    login = Http.model_validate({"http": {"user": "mon", "password": "env:ENGINE_PASSWORD"}})
    with timeseries.victoria("-httpAuth.username=mon", f"-httpAuth.password={SECRET}") as server:
        client = Client(server.engine(), login)
        writer = Writer(tmp_path / "queue", client)
        writer._sender._first = 0.02
        writer.append(_batch(time.time(), 1.0))
        _until(lambda: writer.failed is not None)
        assert "HTTP 401, the credential is not accepted" in writer.failed
        with pytest.raises(HistoryError, match="the credential is not accepted") as caught:
            Reader(client, "Europe/Paris").series(USED)
        assert writer.standing.pending == 40
        monkeypatch.setenv("ENGINE_PASSWORD", SECRET)  # as a file that was mended
        _until(lambda: writer.standing.pending == 0)
        server_knows = 'count(jauge_storage_used_bytes{history="jauge"})'
        _until(lambda: client.ask("query", query=server_knows, time=str(time.time()))["result"])
        writer.close()
    said = "".join([writer.failed or "", str(caught.value), repr(client), repr(login), *capfd.readouterr()])
    assert SECRET not in said


def test_where_no_engine_answers_nothing_is_dropped_and_the_address_is_said(tmp_path, victoria):
    client = Client(Engine.model_validate({"url": victoria.url, "write_path": "/nothing/here"}))
    writer = Writer(tmp_path / "queue", client)
    writer.append(_batch(time.time(), 1.0))
    _until(lambda: writer.failed is not None)
    assert "/nothing/here" in writer.failed
    assert writer.standing.pending == 40
    assert set(writer.standing.dropped.values()) == {0}
    writer.close()
    with pytest.raises(HistoryError, match="look at"):
        Reader(Client(Engine.model_validate({"url": victoria.url, "read_path": "/nothing"})), "UTC").series(
            USED
        )


def test_a_queue_that_is_full_drops_the_oldest_and_says_how_many(tmp_path, monkeypatch):
    monkeypatch.setattr(spool_module, "SEGMENT_BYTES", 4_000)
    client = Client(Engine.model_validate({"url": "http://127.0.0.1:9"}))
    writer = Writer(tmp_path / "queue", client)
    writer._spool._limit = 20_000
    for number in range(100):
        writer.append(_batch(BEGIN + number, number))
    standing = writer.standing
    assert standing.size <= 20_000
    assert standing.dropped["queue full"] + standing.pending == 4_000
    assert standing.dropped["queue full"] > 0
    writer.close()


# --- importing -------------------------------------------------------------------------------------------


def test_a_csv_is_imported_into_an_engine_once(server, tmp_path):
    now = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC).timestamp()
    client = server.client(name="imported")
    file = tmp_path / "days.csv"
    file.write_text(
        f"target,metric,ds,value,store\nnas-01,{USED},2026-03-28,1,a\nnas-01,{USED},2026-03-29,2,a\n"
    )
    days = Days(client, "Europe/Paris", clock=lambda: now)
    assert import_csv(file, days).changed == 2
    assert import_csv(file, days).changed == 0
    measured = dt.datetime(2026, 3, 29, 3, tzinfo=dt.UTC).timestamp()
    name = unique_id("nas-01", USED, labels(store="a"))
    _send(client, [Point("nas-01", USED, labels(store="a"), measured, 5.0)])
    server.flush()
    frame = Reader(client, "Europe/Paris", clock=lambda: now).read([name])
    assert frame["y"].tolist() == [1, 5]
    assert [str(day.date()) for day in frame["ds"]] == ["2026-03-28", "2026-03-29"]


def test_an_engine_that_takes_no_past_says_so_in_words(tmp_path):
    now = time.time()
    with timeseries.prometheus("") as server:
        _send(server.client(), [Point("nas-09", USED, STORES[0], now, 1.0)])
        today = dt.datetime.fromtimestamp(now, dt.UTC).date()
        file = tmp_path / "days.csv"
        file.write_text(f"target,metric,ds,value,store\nnas-01,{USED},{today - dt.timedelta(days=40)},1,a\n")
        with pytest.raises(
            HistoryError, match=r"out_of_order_time_window as long as the past.*nothing was imported"
        ):
            import_csv(file, Days(server.client(), "UTC"))


def _scraped(client, at, job, pairs, value, metric="node_filesystem_size_bytes"):
    """A sample as Prometheus would have scraped it: with labels of its own, and no mark of ours."""
    labels_of_it = tuple(sorted({"__name__": metric, "job": job, **pairs}.items()))
    client.write(encode([Series(labels_of_it, ((round(at * 1000), value),))]))


@pytest.mark.parametrize("into", ["file", "engine"])
def test_filesystems_of_node_exporter_become_stores_by_a_mapping(server, tmp_path, into):
    """Two days around a change of the clocks: size 100 and 100, free 40, 30, and 20 at noon of the last day."""
    noon = dt.datetime(2026, 3, 28, 11, tzinfo=dt.UTC).timestamp()
    source = server.client()
    pairs = {"instance": "nas-01:9100", "mountpoint": f"/data {into}", "fstype": "xfs"}
    for day, free in enumerate((40.0, 30.0, 20.0)):
        for metric, value in (("node_filesystem_size_bytes", 100.0), ("node_filesystem_avail_bytes", free)):
            at = noon + day * 86_400 + (3600 if day == 0 else 0)
            _scraped(source, at, into, pairs, value, metric)
    server.flush()
    file = tmp_path / "map.yml"
    file.write_text(
        f"- query: node_filesystem_size_bytes{{job='{into}'}} - node_filesystem_avail_bytes\n"
        f"  metric: {USED}\n  target: $instance\n  labels: {{kind: filesystem, store: $mountpoint}}\n"
    )
    now = noon + 2.5 * 86_400
    if into == "file":
        taker = sqlite.Writer(tmp_path / "history.db", "Europe/Paris", clock=lambda: now)
    else:
        taker = Days(server.client(name="mapped"), "Europe/Paris", clock=lambda: now)
    for changed in (3, 0):
        found = gather(source, taker.calendar, mappings(file), now - 5 * 86_400, now)
        assert taker.keep_days(found) == changed
    taker.close()
    reader = sqlite.Reader(tmp_path / "history.db") if into == "file" else taker._reader
    name = unique_id("nas-01", USED, labels(kind="filesystem", store=f"/data {into}"))
    frame = reader.read([name], noon - 86_400, now)
    assert [str(day.date()) for day in frame["ds"]] == ["2026-03-28", "2026-03-29", "2026-03-30"]
    assert frame["y"].tolist() == [60, 70, 80]


def test_what_prometheus_scraped_of_ours_is_taken_without_a_mapping(server, tmp_path):
    noon = dt.datetime(2026, 5, 3, 11, tzinfo=dt.UTC).timestamp()
    pairs = {"instance": "pacs-01", "target": "pacs-01", "site": "north", "store": "x", "kind": "tier"}
    for day in range(3):
        _scraped(server.client(), noon + day * 86_400, "jauge", pairs, 10.0 + day, USED)
    server.flush()
    writer = sqlite.Writer(tmp_path / "history.db", "Europe/Paris", clock=lambda: noon + 3 * 86_400)
    found = gather(server.client(), writer.calendar, ours(), noon - 86_400, noon + 3 * 86_400)
    found = [one for one in found if one.target == "pacs-01"]  # others' tests write to this engine too
    assert writer.keep_days(found) == 3
    writer.close()
    (known,) = sqlite.Reader(tmp_path / "history.db").series()
    assert (known.target, known.labels) == ("pacs-01", labels(store="x", kind="tier"))


def test_two_series_that_would_become_one_store_are_refused(server, tmp_path):
    noon = dt.datetime(2026, 6, 3, 11, tzinfo=dt.UTC).timestamp()
    for device, value in (("sda", 1.0), ("sdb", 2.0)):
        _scraped(
            server.client(),
            noon,
            "twice",
            {"instance": "nas-01:9100", "mountpoint": "/", "device": device},
            value,
        )
    server.flush()
    file = tmp_path / "map.yml"
    file.write_text(
        f"- query: node_filesystem_size_bytes{{job='twice'}}\n  metric: {USED}\n  target: $instance\n"
        "  labels: {store: $mountpoint}\n"
    )
    calendar = Calendar("Europe/Paris")
    with pytest.raises(
        HistoryError, match=r'two series are jauge_storage_used_bytes\{target="nas-01",store="/"\}'
    ) as caught:
        gather(server.client(), calendar, mappings(file), noon - 86_400, noon + 86_400)
    assert str(caught.value).endswith("nothing was imported")
    file.write_text(file.read_text().replace("$instance", "$device of it"))
    with pytest.raises(HistoryError, match="'' is no name of a target"):
        gather(server.client(), calendar, mappings(file), noon - 86_400, noon + 86_400)


def test_mistakes_of_a_mapping_are_said_with_their_place(tmp_path):
    file = tmp_path / "map.yml"
    file.write_text(
        "- query: up\n  metric: jauge_nothing\n- metric: jauge_storage_used_bytes\n  labels: {mount: /}\n"
        "- {query: up, metric: jauge_storage_used_bytes, labels: {mount: /}}\n- {query: up, metric: jauge_build, kid: 1}\n"
    )
    with pytest.raises(HistoryError) as caught:
        mappings(file)
    said = str(caught.value).replace(f"{file}:", "").splitlines()
    assert "2:11: jauge_nothing is not in the vocabulary" in said
    assert "3:3: query: Field required" in said
    assert "5:65: jauge_storage_used_bytes has no label mount" in said
    assert "5:57: jauge_storage_used_bytes needs a store" in said
    assert any(line.startswith("6:") and "kid" in line for line in said)
    assert said[-1] == "nothing was imported"
    file.write_text("query: up\n")
    with pytest.raises(HistoryError, match=r"map.yml:1:1: a mapping is a list: start with - query:"):
        mappings(file)


def test_an_engine_that_refuses_a_query_says_why(server, tmp_path):
    file = tmp_path / "map.yml"
    file.write_text(f"- {{query: 'sum(', metric: {USED}, labels: {{store: a}}}}\n")
    with pytest.raises(HistoryError, match=r"HTTP 4.*pars"):
        gather(server.client(), Calendar("UTC"), mappings(file), 1.79e9, 1.79e9 + 86_400)


def test_a_stale_marker_is_no_value(server):
    """The NaN by which Prometheus says that a series ended (0x7ff0000000000002)."""
    client, noon = server.client(name="stale"), dt.datetime(2026, 2, 3, 12, tzinfo=dt.UTC).timestamp()
    _send(client, [Point("nas-01", USED, STORES[0], noon, 7.0)])
    pairs = {"__name__": USED, "target": "nas-01", "history": "stale", **dict(STORES[0])}
    (marker,) = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))
    client.write(encode([Series(tuple(sorted(pairs.items())), ((round(noon * 1000) + 60_000, marker),))]))
    server.flush()
    reader = Reader(client, "Europe/Paris", clock=lambda: noon + 86_400)
    for resolution in ("raw", "hour", "day"):
        frame = reader.read([unique_id("nas-01", USED, STORES[0])], noon - 86_400, noon + 86_400, resolution)
        assert frame["y"].tolist() == [7.0]
