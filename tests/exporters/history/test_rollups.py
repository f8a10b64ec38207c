"""Roll-ups in real engines: what is read of them is what `history.db` reads of the same points, whatever comes when.

Where it matters that roll-ups are read and not raw values, these are deleted from the engine first.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import time

import pandas as pd
import pytest
import timeseries

from exporters.history import Point, sqlite, unique_id
from exporters.history.importing import import_csv
from exporters.history.prometheus import rolling
from exporters.history.prometheus.asking import Client
from exporters.history.prometheus.encoding import Encoder
from exporters.history.prometheus.importing import Days
from exporters.history.prometheus.reading import Reader
from exporters.history.prometheus.rolling import Roller
from exporters.history.prometheus.writing import Writer
from inventory.metrics import labels

pytestmark = [pytest.mark.xdist_group("engines"), pytest.mark.timeout(600)]

USED = "jauge_storage_used_bytes"
DAY = 86_400
PARIS = "Europe/Paris"


@pytest.fixture(autouse=True)
def _some_days(monkeypatch):
    """Hours of the last 4 days and the last 25 days: more would only take longer."""
    monkeypatch.setattr(rolling, "KEPT", {"hour": 4, "day": 25})


def _instant(text):
    return dt.datetime.fromisoformat(text).timestamp()


def _send(client, points):
    for request in Encoder(client.engine.name).requests(points):
        client.write(request.body)


def _forget_raw(server, name):
    """Delete the raw series of a history from the engine."""
    raw = f'{{history="{name}",resolution=""}}'
    server.get("/api/v1/admin/tsdb/delete_series", **{"match[]": raw}).raise_for_status()
    assert server.count(raw, time.time()) == 0


def _turns(server, *rollers):
    """Turns of rollers that have the same `_Hand` for a clock, until nothing is due and all is marked; how many."""
    turns = 0
    while sum(bool(roller.turn() or roller.waiting) for roller in rollers):
        server.flush()
        rollers[0]._monotonic.moved += rolling.SHOWN
        turns += 1
        assert turns < 500
    server.flush()
    return turns


class _Hand:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self):
        self.moved = 0.0

    def __call__(self):
        return self.moved


def _roll(server, client, zone, now):
    """All that is due, written and marked."""
    return _turns(server, Roller(client, zone, clock=lambda: now, monotonic=_Hand()))


def _file(path, points, zone, now):
    writer = sqlite.Writer(path, zone, clock=lambda: now)
    writer.append(points)
    writer.close()
    return sqlite.Reader(path)


def _until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def _assert_same(engine, file, names, start, now):
    for resolution in ("day", "hour"):
        expected = file.read(names, start, now, resolution)
        assert len(expected) > len(names)
        pd.testing.assert_frame_equal(engine.read(names, start, now, resolution), expected)
    one, other = engine.daily(names, start, now), file.daily(names, start, now)
    held = ~pd.isna(other.values).all(axis=0)
    first, last = held.argmax(), len(held) - held[::-1].argmax()
    assert (one.days == other.days[first:last]).all()
    assert pd.DataFrame(one.values).equals(pd.DataFrame(other.values[:, first:last]))
    assert engine.last(names, start) == file.last(names, start)


# --- what is read ----------------------------------------------------------------------------------------


def _points(zone, middle, now, target):
    """Points of three stores around a change of the clocks: at random, on the hour, and a millisecond before it."""
    dice = random.Random(f"{zone} {middle}")
    found = {}
    for store in ("a", 'b "é"\\\n', "c|d.*"):
        for _ in range(200):
            at = round(middle + dice.uniform(-dice.choice([1.5, 20]) * DAY, now - middle), 3)
            at = dice.choice([at, at // 3600 * 3600, at // 3600 * 3600 - 0.001, at // 1800 * 1800])
            pairs = labels(store=store, kind="volume")
            found[store, round(at * 1000)] = Point(target, USED, pairs, at, float(dice.randrange(1 << 50)))
    return sorted(found.values(), key=lambda point: point.at)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        (PARIS, "2025-10-26"),
        ("Australia/Lord_Howe", "2025-10-05"),  # by half an hour
        pytest.param("Africa/Cairo", "2026-04-24", marks=pytest.mark.proof),  # a day that has no midnight
        ("Pacific/Apia", "2011-12-30"),  # a day that never was
    ],
)
def test_what_is_rolled_up_reads_as_the_file_keeps_it(server, tmp_path, zone, day):
    name = f"{zone.split('/')[1]}-{day}"
    middle = _instant(f"{day}T00:00:00+00:00")
    now = middle + 1.6 * DAY
    points = _points(zone, middle, now, "nas-01")
    client = server.client(name=name, resend=0)
    _send(client, points)
    server.flush()
    _roll(server, client, zone, now)
    file = _file(tmp_path / "history.db", points, zone, now)
    names = sorted({unique_id(one.target, one.metric, one.labels) for one in points})
    _assert_same(Reader(client, zone, clock=lambda: now), file, names, middle - 19 * DAY, now)
    assert _roll(server, client, zone, now) == 0
    # A day that another timezone has is not in these roll-ups.
    other = _file(tmp_path / "other.db", points, "Asia/Kolkata", now)
    reader = Reader(client, "Asia/Kolkata", clock=lambda: now)
    pd.testing.assert_frame_equal(
        reader.read(names, middle - 9 * DAY, now), other.read(names, middle - 9 * DAY, now)
    )


def test_days_and_hours_that_are_over_are_read_without_a_raw_value(victoria, tmp_path):
    """A value every 20 minutes until noon: without the raw ones the day ends with the last hour that is over."""
    now = _instant("2026-03-30T12:05:00+02:00")
    pairs = labels(store="a", kind="volume")
    times = [now - 300 - 1200 * ago for ago in range(20 * 72)]
    points = [Point("nas-01", USED, pairs, at, float(round(at))) for at in reversed(times)]
    client = victoria.client(name="alone", resend=0)
    _send(client, points)
    victoria.flush()
    _roll(victoria, client, PARIS, now)
    _forget_raw(victoria, "alone")
    over = [one for one in points if one.at < _instant("2026-03-30T11:00:00+02:00")]
    file = _file(tmp_path / "history.db", over, PARIS, now)
    name, reader = unique_id("nas-01", USED, pairs), Reader(client, PARIS, clock=lambda: now)
    start = now - 18 * DAY
    pd.testing.assert_frame_equal(reader.read([name], start), file.read([name], start))
    start = now - 2 * DAY
    pd.testing.assert_frame_equal(
        reader.read([name], start, resolution="hour"), file.read([name], start, resolution="hour")
    )


def test_a_collector_rolls_up_beside_its_polls(victoria, tmp_path, monkeypatch):
    """By a clock that goes over midnight while it runs: nothing of the day that ends is missing in its roll-up."""
    monkeypatch.setattr(rolling, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(rolling, "PAUSE", 0.02)
    monkeypatch.setattr(rolling, "SHOWN", 10.0)
    now = [_instant("2026-10-25T23:00:00+01:00")]
    client = victoria.client(name="beside", resend=0)
    writer = Writer(tmp_path / "queue", client, PARIS, clock=lambda: now[0])
    points = []
    while now[0] < _instant("2026-10-26T00:40:00+01:00"):
        points.append(Point("nas-01", USED, labels(store="a", kind="volume"), now[0], now[0]))
        writer.append(points[-1:])
        _until(lambda: writer.standing.pending == 0)
        victoria.flush()
        now[0] += 300
    midnight = _instant("2026-10-26T00:00:00+01:00")
    rolled = 'count_over_time(jauge_history_rolled{history="beside",resolution="day"}[1h])'
    ask = {"query": rolled, "time": f"{midnight:.0f}", "nocache": "1"}

    def marked():
        victoria.flush()
        return victoria.get("/api/v1/query", **ask).json()["data"]["result"]

    _until(marked, 300)
    writer.close()
    victoria.flush()
    _forget_raw(victoria, "beside")
    name = unique_id("nas-01", USED, labels(store="a", kind="volume"))
    frame = Reader(client, PARIS, clock=lambda: now[0]).read([name], midnight - DAY, now[0])
    assert frame["y"].tolist() == [midnight - 300]
    assert [str(day.date()) for day in frame["ds"]] == ["2026-10-25"]


# --- what comes late -------------------------------------------------------------------------------------


def test_what_comes_after_a_day_was_rolled_up_is_in_it(server, tmp_path):
    """Through the queue: a value later than the day's last, one earlier, one of a day that had none, and an hour of
    polls, of which the last alone is copied."""
    now = _instant("2026-03-30T12:05:00+02:00")
    pairs = [labels(store=store, kind="volume") for store in ("a", "b")]
    points = [
        Point("nas-01", USED, of, now - ago * 3600, float(ago))
        for ago in range(400, 0, -3)
        for of in pairs
        if not 71 < ago < 100
    ]
    client = server.client(name="late", resend=0)
    _send(client, points)
    server.flush()
    _roll(server, client, PARIS, now)
    evening, morning, none, polls = (
        _instant(f"2026-03-{text}+02:00" if text > "29T03" else f"2026-03-{text}+01:00")
        for text in ("28T23:59:59.999", "28T00:00", "27T10:00", "25T08:00")
    )
    late = [Point("nas-01", USED, pairs[0], at, 1e6 + at) for at in (evening, morning, none)]
    late += [Point("nas-01", USED, pairs[1], polls + minute, minute) for minute in range(0, 3600, 60)]
    writer = Writer(tmp_path / "queue", server.client(name="late"), PARIS, clock=lambda: now)
    for point in late:
        writer.append([point])
    _until(lambda: writer.standing.pending == 0 and not writer._sender._late)
    assert set(writer.standing.dropped.values()) == {0}
    assert writer.standing.sent == len(late)
    writer.close()
    server.flush()
    file = _file(tmp_path / "history.db", sorted([*points, *late], key=lambda one: one.at), PARIS, now)
    names = [unique_id("nas-01", USED, of) for of in pairs]
    _assert_same(Reader(client, PARIS, clock=lambda: now), file, names, now - 16 * DAY, now)
    copied = f'{USED}:last{{history="late",resolution="hour",store="b"}}'
    inside = server.get("/api/v1/query", query=f"count_over_time({copied}[1h])", time=f"{polls + 3599}")
    assert inside.json()["data"]["result"][0]["value"][1] == "1"


def test_days_that_are_imported_after_they_were_rolled_up_are_read(prometheus, tmp_path):
    now = _instant("2026-06-01T12:00:00+02:00")
    client = prometheus.client(name="taken", resend=0)
    measured = Point("nas-01", USED, labels(store="a"), _instant("2026-05-29T03:00:00+02:00"), 5.0)
    _send(client, [measured])
    prometheus.flush()
    _roll(prometheus, client, PARIS, now)
    csv = tmp_path / "days.csv"
    csv.write_text(
        f"target,metric,ds,value,store\nnas-01,{USED},2026-05-28,1,a\nnas-01,{USED},2026-05-29,2,a\n"
    )
    for changed in (1, 0):
        assert import_csv(csv, Days(client, PARIS, clock=lambda: now)).changed == changed
    frame = Reader(client, PARIS, clock=lambda: now).read([unique_id("nas-01", USED, labels(store="a"))])
    assert [str(day.date()) for day in frame["ds"]] == ["2026-05-28", "2026-05-29"]
    assert frame["y"].tolist() == [1, 5]


def test_a_clock_that_runs_ahead_rolls_up_nothing_that_is_not_over(victoria, monkeypatch):
    """By two days: the engine's own clock is heard. What is measured in these two days is read later on."""
    real = time.time
    client = victoria.client(name="ahead", resend=0)
    monkeypatch.setattr(time, "time", lambda: real() + 2 * DAY)
    roller = Roller(client, "UTC", clock=time.time, monotonic=_Hand())
    client.ask("query", query="1")
    assert client.skew == pytest.approx(-2 * DAY, abs=30)
    _turns(victoria, roller)
    rolled = 'jauge_history_rolled{history="ahead",resolution="hour"}'
    newest = victoria.get("/api/v1/query", query=f"tlast_over_time({rolled}[10d])", time=f"{real() + DAY}")
    (found,) = newest.json()["data"]["result"]
    assert 600 < real() - float(found["value"][1]) < 600 + 2 * 3600


# --- several, killed, refused ----------------------------------------------------------------------------


def test_two_collectors_roll_up_one_history_and_say_everything_twice(server, tmp_path):
    now = _instant("2026-03-30T12:05:00+02:00")
    points = [
        Point(target, USED, labels(store="a", kind="volume"), now - ago * 1800.0, float(ago))
        for ago in range(800, 0, -1)
        for target in ("nas-01", "nas-02")
    ]
    client = server.client(name="two", resend=0)
    for _ in range(2):
        _send(client, points)
    server.flush()
    hand = _Hand()
    _turns(
        server,
        *(
            Roller(server.client(name="two", resend=0), PARIS, clock=lambda: now, monotonic=hand)
            for _ in range(2)
        ),
    )
    file = _file(tmp_path / "history.db", points, PARIS, now)
    names = [unique_id(target, USED, labels(store="a", kind="volume")) for target in ("nas-01", "nas-02")]
    _assert_same(Reader(client, PARIS, clock=lambda: now), file, names, now - 16 * DAY, now)


def _killed(engine, now, seconds):
    """A roller that is killed after a while; whether it had come to its end by then."""
    pid = os.fork()
    if pid == 0:
        roller = Roller(Client(engine), PARIS, clock=lambda: now)
        while roller.turn() or roller.waiting:
            pass
        os._exit(0)
    time.sleep(seconds)
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return not os.WIFSIGNALED(status)


def test_a_roller_that_is_killed_anywhere_is_taken_up_by_the_next(server, tmp_path):
    now, dice = _instant("2026-03-30T12:05:00+02:00"), random.Random(20261126)
    points = [
        Point("nas-01", USED, labels(store=f"s{store}", kind="volume"), now - ago * 3600.0, float(ago))
        for ago in range(400, 0, -1)
        for store in range(10)
    ]
    client = server.client(name="killed", resend=0)
    _send(client, points)
    server.flush()
    names = sorted({unique_id(one.target, one.metric, one.labels) for one in points})
    file = _file(tmp_path / "history.db", points, PARIS, now)
    reader = Reader(client, PARIS, clock=lambda: now)
    for _ in range(4):
        if _killed(client.engine, now, dice.uniform(0, 0.3)):
            break
        server.flush()
        expected = file.read(names, now - 16 * DAY, now)
        pd.testing.assert_frame_equal(reader.read(names, now - 16 * DAY, now), expected)
    _roll(server, client, PARIS, now)
    _assert_same(reader, file, names, now - 16 * DAY, now)


def _killed_collector(folder, engine, points, now, acknowledged):
    """A collector that appends late values one by one, says how many returned, and is killed after some."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        writer = Writer(folder, Client(engine), PARIS, clock=lambda: now)
        for point in points:
            writer.append([point])
            os.write(writing, b".")
        os._exit(1)
    os.close(writing)
    received = 0
    while received < acknowledged and (chunk := os.read(reading, acknowledged - received)):
        received += len(chunk)
    os.kill(pid, signal.SIGKILL)
    while chunk := os.read(reading, 65536):
        received += len(chunk)
    os.close(reading)
    os.waitpid(pid, 0)
    return received


def test_late_values_of_a_collector_that_is_killed_reach_the_days_they_are_of(victoria, tmp_path):
    """Days that are rolled up already, and values of theirs in the queue of a collector that is killed again and again."""
    now, dice = _instant("2026-03-30T12:05:00+02:00"), random.Random(20261127)
    pairs = labels(store="a", kind="volume")
    early = [Point("nas-01", USED, pairs, now - ago * 7200.0, float(ago)) for ago in range(200, 0, -1)]
    client = victoria.client(name="mid", resend=0)
    _send(client, early)
    victoria.flush()
    _roll(victoria, client, PARIS, now)
    late = [one._replace(at=one.at + 3000, value=one.value + 0.5) for one in early[:150]]
    done = 0
    while done < len(late):
        done += _killed_collector(
            tmp_path / "queue", victoria.engine(name="mid"), late[done:], now, dice.randrange(10, 40)
        )
    writer = Writer(tmp_path / "queue", victoria.client(name="mid"), PARIS, clock=lambda: now)
    _until(lambda: writer.standing.pending == 0 and not writer._sender._late)
    assert set(writer.standing.dropped.values()) == {0}
    writer.close()
    victoria.flush()
    everything = sorted([*early, *late], key=lambda one: one.at)
    file = _file(tmp_path / "history.db", everything, PARIS, now)
    name = unique_id("nas-01", USED, pairs)
    _assert_same(Reader(client, PARIS, clock=lambda: now), file, [name], now - 16 * DAY, now)


def test_what_an_engine_may_have_lost_is_not_marked(tmp_path):
    """It is killed after roll-ups were written, and what it had in memory is gone: they are written again."""
    now = _instant("2026-03-30T12:05:00+02:00")
    clock = [0.0]
    points = [
        Point("nas-01", USED, labels(store="a", kind="volume"), now - ago * 3600.0, float(ago))
        for ago in range(400, 0, -1)
    ]
    with timeseries.victoria() as server:
        client = server.client()
        _send(client, points)
        roller = Roller(client, PARIS, clock=lambda: now, monotonic=lambda: clock[0])
        while roller.turn():
            server.flush()
        marks = 'jauge_history_rolled{history="jauge"}'
        assert roller.waiting > 25
        assert server.count(marks, now) == 0
        server.kill()
        server.start()
        _send(server.client(), points)  # as the queue does
        server.flush()
        clock[0] += 61
        assert roller.turn() == []  # it notices
        assert server.count(marks, now) == 0
        while roller.turn() or roller.waiting:
            server.flush()
            clock[0] += 61
        file = _file(tmp_path / "history.db", points, PARIS, now)
        name = unique_id("nas-01", USED, labels(store="a", kind="volume"))
        _assert_same(Reader(client, PARIS, clock=lambda: now), file, [name], now - 16 * DAY, now)


def test_days_are_not_made_of_hours_whose_copies_the_engine_does_not_show_yet(tmp_path):
    """Nobody flushes: for seconds VictoriaMetrics shows marks, whose series it knows, and no copy of a series that is new."""
    now = [_instant("2026-03-30T00:05:00+02:00")]
    with timeseries.victoria() as server:
        client = server.client(resend=0)
        hand = _Hand()
        roller = Roller(client, PARIS, clock=lambda: now[0], monotonic=hand)
        _turns(server, roller)  # of a past without values: the marks have series from now on
        point = Point("nas-01", USED, labels(store="a", kind="volume"), now[0] - 1800, 7.0)
        _send(client, [point])
        server.flush()
        now[0] += 660
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            roller.turn()
            time.sleep(0.1)
        _turns(server, roller)
        _forget_raw(server, "jauge")
        name = unique_id("nas-01", USED, labels(store="a", kind="volume"))
        reader = Reader(client, PARIS, clock=lambda: now[0])
        assert reader.read([name], now[0] - 2 * DAY, now[0])["y"].tolist() == [7.0]


def test_an_engine_that_takes_nothing_late_is_rolled_up_from_now_on(tmp_path):
    """A Prometheus without a window refuses roll-ups of the past: it is asked once, and raw values are read there."""
    now = time.time()
    hour = now // 3600 * 3600
    pairs = labels(store="a", kind="volume")
    points = [Point("nas-01", USED, pairs, hour - 1800 - ago, ago) for ago in (7000.0, 6000.0, 1500.0, 60.0)]
    points.append(Point("nas-01", USED, pairs, hour - 30, 1.0))
    with timeseries.prometheus("") as server:
        client = server.client(resend=0)
        for point in points:
            _send(client, [point])
        roller = Roller(client, "UTC", clock=lambda: hour + 660, monotonic=_Hand())
        assert _turns(server, roller) < 100
        assert server.count('jauge_history_rolled{resolution="hour"}', now + 60) >= 1
        assert not roller.turn()
        file = _file(tmp_path / "history.db", points, "UTC", hour + 660)
        name = unique_id("nas-01", USED, pairs)
        reader = Reader(client, "UTC", clock=lambda: hour + 660)
        for resolution in ("hour", "day"):
            expected = file.read([name], hour - 3 * DAY, hour + 660, resolution)
            pd.testing.assert_frame_equal(
                reader.read([name], hour - 3 * DAY, hour + 660, resolution), expected
            )
