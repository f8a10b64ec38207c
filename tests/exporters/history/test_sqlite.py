from __future__ import annotations

import datetime as dt
import math
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.poll import Poll, Table
from exporters.history import HistoryError, Point, unique_id
from exporters.history.days import number
from exporters.history.keeping import points
from exporters.history.sqlite import Day, Reader, Writer
from inventory.metrics import labels

USED = "jauge_storage_used_bytes"
LABELS = labels(store="data", kind="volume")
NAME = 'jauge_storage_used_bytes{target="nas-01",kind="volume",store="data"}'


def days(path, name=NAME, **span):
    frame = Reader(path).read([name], **span)
    return {str(day.date()): value for day, value in zip(frame["ds"], frame["y"], strict=True)}


def hours(path, name=NAME):
    frame = Reader(path).read([name], resolution="hour")
    return {when.isoformat(): value for when, value in zip(frame["ds"], frame["y"], strict=True)}


# --- what a day and an hour are -------------------------------------------------------------------------------


def test_a_day_is_the_civil_day_of_the_estate(writer, path, clock, point):
    clock.set("2026-07-10T12:00:00Z")
    writer.append(
        [point("2026-07-08T21:59:59Z", 1), point("2026-07-08T22:00:00Z", 2), point("2026-07-09T21:00:00Z", 3)]
    )
    assert days(path) == {"2026-07-08": 1, "2026-07-09": 3}  # Paris is two hours ahead in July


@pytest.mark.parametrize(
    ("begins", "ends", "day", "length"),
    [
        ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-29", 23),
        ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", "2026-10-25", 25),
    ],
)
def test_the_days_when_the_clocks_change_have_23_and_25_hours(path, instant, begins, ends, day, length):
    first, last = instant(begins), instant(ends)
    writer = Writer(path, "Europe/Paris", clock=lambda: last + 3600)
    quarters = range(int(first) - 900, int(last) + 900, 900)
    writer.append([Point("nas-01", USED, LABELS, at, at) for at in quarters])
    for _ in range(2):  # read from the raw rows, then from the rolled-up ones
        found = days(path)
        assert found[day] == last - 900
        assert list(found) == [str(dt.date.fromisoformat(day) + dt.timedelta(days=n)) for n in (-1, 0, 1)]
        assert sum(instant(begins) <= instant(hour) < instant(ends) for hour in hours(path)) == length
        writer.roll(last + 7200)
    writer.close()


def test_an_hour_of_a_half_hour_offset_lies_in_one_day(path, instant, point):
    writer = Writer(path, "Asia/Kolkata", clock=lambda: instant("2026-05-03T00:00:00Z"))
    # 18:30 UTC is midnight in India.
    writer.append([point("2026-05-01T18:29:00Z", 1), point("2026-05-01T18:30:00Z", 2)])
    writer.roll(instant("2026-05-05T00:00:00Z"))
    assert days(path) == {"2026-05-01": 1, "2026-05-02": 2}
    assert hours(path) == {"2026-05-01T17:30:00+00:00": 1, "2026-05-01T18:30:00+00:00": 2}
    writer.close()


def test_a_day_without_midnight_begins_when_the_clocks_change(instant):
    from exporters.history.days import Calendar

    chile = Calendar("America/Santiago")  # on 2026-09-06 the clocks went from 00:00 to 01:00 (IANA tzdata)
    assert chile.start(number(dt.date(2026, 9, 6))) == instant("2026-09-06T04:00:00Z")
    assert chile.day(instant("2026-09-06T04:00:00Z")) == number(dt.date(2026, 9, 6))
    assert chile.day(instant("2026-09-06T03:59:59Z")) == number(dt.date(2026, 9, 5))


# --- what is kept, and how long -------------------------------------------------------------------------------


def test_today_is_seen_without_waiting_for_a_roll_up(writer, path, point):
    writer.append([point("2026-11-02T09:00:00Z", 1), point("2026-11-02T11:59:00Z", 2)])
    assert days(path) == {"2026-11-02": 2}
    assert hours(path) == {"2026-11-02T09:00:00+00:00": 1, "2026-11-02T11:00:00+00:00": 2}
    (series,) = Reader(path).series()
    assert series.unique_id == NAME
    assert (series.first, series.last) == (
        pd.Timestamp("2026-11-02", tz="Europe/Paris").timestamp(),
        pd.Timestamp("2026-11-02T11:59:00Z").timestamp(),
    )


def test_a_late_value_of_a_rolled_up_hour_is_seen_at_once(writer, path, clock, point):
    writer.append([point("2026-11-01T20:00:00Z", 1), point("2026-11-01T21:10:00Z", 2)])
    writer.roll()
    assert days(path) == {"2026-11-01": 2}
    writer.append([point("2026-11-01T21:20:00Z", 3)])
    assert days(path) == {"2026-11-01": 3}
    writer.append([point("2026-11-01T20:30:00Z", 9)])
    assert days(path) == {"2026-11-01": 3}
    writer.roll()
    assert days(path) == {"2026-11-01": 3}


def test_raw_is_kept_3_days_hourly_90_and_daily_10_years(writer, path, clock, instant, point):
    writer.append([point("2026-11-02T10:00:00Z", 1)])
    clock.set("2026-11-05T09:00:00Z")
    writer.roll()
    assert len(Reader(path).read([NAME], resolution="raw")) == 1
    clock.set("2026-11-05T11:30:00Z")
    writer.roll()
    assert len(Reader(path).read([NAME], resolution="raw")) == 0
    assert hours(path) == {"2026-11-02T10:00:00+00:00": 1}
    clock.set("2027-01-31T12:00:00Z")
    writer.roll()
    assert len(hours(path)) == 1
    clock.set("2027-02-02T12:00:00Z")
    writer.roll()
    assert hours(path) == {}
    clock.set("2036-11-02T12:00:00Z")
    writer.roll()
    assert days(path) == {"2026-11-02": 1}
    clock.set("2036-11-06T12:00:00Z")
    writer.roll()
    assert days(path) == {}
    assert Reader(path).series() == []


def test_what_comes_after_its_raw_rows_are_gone_fills_gaps_and_replaces_nothing(writer, path, clock, point):
    writer.append([point("2026-11-02T10:50:00Z", 1)])
    clock.set("2026-11-10T12:00:00Z")
    writer.roll()
    writer.append(
        [point("2026-11-02T10:40:00Z", 7), point("2026-11-03T10:00:00Z", 8), point("2026-05-01T10:00:00Z", 9)]
    )
    for _ in range(2):
        assert days(path) == {"2026-05-01": 9, "2026-11-02": 1, "2026-11-03": 8}
        writer.roll()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_is_refused_and_the_others_stay(writer, path, point, value):
    writer.append([point("2026-11-02T10:00:00Z", value), point("2026-11-02T10:01:00Z", 5)])
    assert writer.refused == {"not a number": 1}
    assert days(path) == {"2026-11-02": 5}


def test_a_sample_from_the_future_is_refused(writer, path, point):
    writer.append(
        [point("2026-11-03T11:59:00Z", 1), point("2026-11-03T12:00:01Z", 2), point("2100-01-01T00:00:00Z", 3)]
    )
    assert writer.refused == {"future": 2}
    assert days(path) == {"2026-11-03": 1}


def test_a_label_that_is_no_text_does_not_take_the_batch_with_it(writer, path, point):
    writer.append([point("2026-11-02T10:00:00Z", 1, store="\udcff"), point("2026-11-02T10:00:00Z", 2)])
    assert writer.refused == {"not text": 1}
    assert days(path) == {"2026-11-02": 2}


@pytest.mark.parametrize("store", ['C:\\ "Label" \n', "données 数据 🏥", "'; DROP TABLE day; --", "\0"])
def test_hostile_labels_come_back_as_they_were(writer, path, point, store):
    writer.append([point("2026-11-02T10:00:00Z", 1, store=store)])
    (series,) = Reader(path).series(target="nas-01", metric=USED)
    assert series.labels == (("kind", "volume"), ("store", store))
    assert len(Reader(path).read([series.unique_id])) == 1


def test_a_poll_gives_the_kept_values_at_the_time_of_their_table(writer, path, clock):
    size = (USED, LABELS)
    tables = (
        Table(
            "storage",
            clock.now - 600,
            0.1,
            (size, ("jauge_uptime_seconds", ())),
            (5.0, 9.0),
            reason="timeout",
        ),
        Table("again", clock.now, 0.1, (size,), (6.0,)),
    )
    found = points(Poll("nas-01", clock.now, 1.0, tables), up=True)
    assert found == [
        Point("nas-01", "jauge_target_up", (), clock.now, 1.0),
        Point("nas-01", USED, LABELS, clock.now - 600, 5.0),
    ]
    writer.append(found)
    writer.append(points(Poll("nas-01", clock.now + 60, 1.0, tables), up=False))
    assert len(Reader(path).read([NAME], resolution="raw")) == 1
    assert Reader(path).read(['jauge_target_up{target="nas-01"}'])["y"].tolist() == [0.0]


# --- reading --------------------------------------------------------------------------------------------------


def test_a_frame_is_sorted_by_series_and_day_and_cut_to_the_span(writer, path, instant):
    writer.keep_days(
        Day("nas-01", USED, labels(store=store, kind="volume"), number(dt.date(2026, 1, day)), day)
        for store in ("b", "a")
        for day in (3, 1, 2)
    )
    names = [unique_id("nas-01", USED, labels(store=store, kind="volume")) for store in ("b", "a", "unknown")]
    frame = Reader(path).read([*names, *names], start=instant("2026-01-02T15:00:00Z"))
    assert frame["unique_id"].tolist() == [names[1]] * 2 + [names[0]] * 2
    assert frame["ds"].tolist() == [pd.Timestamp("2026-01-02"), pd.Timestamp("2026-01-03")] * 2
    assert frame["y"].tolist() == [2, 3, 2, 3]
    assert frame["ds"].dt.tz is None
    assert days(path, names[0], end=instant("2026-01-01T22:59:00Z")) == {"2026-01-01": 1}


def test_hours_and_raw_values_are_aware_instants(writer, path, point):
    writer.append([point("2026-11-02T10:15:30Z", 1)])
    assert Reader(path).read([NAME], resolution="hour")["ds"].tolist() == [
        pd.Timestamp("2026-11-02T10:00:00Z")
    ]
    assert Reader(path).read([NAME], resolution="raw")["ds"].tolist() == [
        pd.Timestamp("2026-11-02T10:15:30Z")
    ]


def test_an_empty_answer_is_a_frame_of_the_same_form(writer, path):
    frame = Reader(path).read(["no such series"])
    assert list(frame.columns) == ["unique_id", "ds", "y"]
    assert str(frame["ds"].dtype) == "datetime64[ns]"
    assert frame.empty


def test_a_missing_file_is_said_in_words(path):
    with pytest.raises(HistoryError, match=r"there is no history at .*history.db: `jauge run` makes it"):
        Reader(path)


def test_another_process_reads_while_this_one_writes(writer, path, clock):
    program = (
        "import sys, pathlib\nfrom exporters.history.sqlite import Reader\n"
        "before = seen = 0\n"
        "Reader(pathlib.Path(sys.argv[1])).read([sys.argv[2]])\n"
        "print(flush=True)\n"
        "while before < 200:\n"
        "    values = Reader(pathlib.Path(sys.argv[1])).read([sys.argv[2]], resolution='raw')['y'].tolist()\n"
        "    assert values == [float(n) for n in range(len(values))] and len(values) >= before, values\n"
        "    seen += len(values) > before\n"
        "    before = len(values)\n"
        "print(seen)"
    )
    writer.append([])
    reader = subprocess.Popen(
        [sys.executable, "-c", program, str(path), NAME], stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout.readline() == "\n"  # it has loaded, and begins
    for n in range(200):
        writer.append([Point("nas-01", USED, LABELS, clock.now - 5000 + n, n)])
        if n % 20 == 0:
            writer.roll()
        time.sleep(0.012)
    output, _ = reader.communicate(timeout=20)
    assert reader.returncode == 0
    assert int(output) > 2


# --- retries --------------------------------------------------------------------------------------------------

BATCHES = st.lists(
    st.tuples(
        st.lists(
            st.tuples(st.sampled_from(["a", "b"]), st.integers(-40 * 4, 4 * 4)), max_size=8
        ),  # store, quarters of an hour from now
        st.integers(1, 3),  # how often it is sent
        st.booleans(),  # rolled up after it
    ),
    max_size=8,
)


@settings(max_examples=40, deadline=None)
@given(BATCHES)
def test_a_batch_sent_again_changes_nothing(batches):
    now = pd.Timestamp("2026-10-26T01:20:00Z")  # the day after the clocks changed
    sent = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        writer = Writer(path, "Europe/Paris", clock=now.timestamp)
        for batch, times, rolled in batches:
            rows = [(store, now + pd.Timedelta(minutes=15 * quarter)) for store, quarter in batch]
            sent |= {
                (store, at): float(ord(store) * 1000 + at.day * 24 * 4 + at.hour * 4 + at.minute // 15)
                for store, at in rows
            }
            for _ in range(times):
                writer.append(
                    [
                        Point("t", USED, labels(store=store), at.timestamp(), sent[store, at])
                        for store, at in rows
                    ]
                )
                if rolled:
                    writer.roll()
        for _ in range(2):
            for resolution, floor in (
                ("day", _civil_day),
                ("hour", lambda at: at.floor("h")),
                ("raw", lambda at: at),
            ):
                expected = {}
                for store, at in sorted(sent, key=lambda row: row[1]):
                    expected[unique_id("t", USED, labels(store=store)), floor(at)] = sent[store, at]
                frame = Reader(path).read({name for name, _ in expected}, resolution=resolution)
                found = {(row.unique_id, row.ds): row.y for row in frame.itertuples()}
                assert len(frame) == len(found)
                assert found == expected
            writer.roll()
        writer.close()


def _civil_day(at):
    return at.tz_convert("Europe/Paris").tz_localize(None).normalize()


# --- the file and its lock ------------------------------------------------------------------------------------


def test_the_files_are_for_their_owner_only(writer, path, point):
    writer.append([point("2026-11-02T10:00:00Z", 1)])
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert set(modes) >= {"history.db", "history.db-wal", "history.lock"}
    assert set(modes.values()) == {0o600}


def test_commits_are_on_the_disk_when_they_return(writer):
    settings = (
        writer._connection.execute("PRAGMA journal_mode").fetchone()
        + writer._connection.execute("PRAGMA synchronous").fetchone()
    )
    assert settings == ("wal", 2)


def test_a_second_writer_is_refused_at_once_with_the_pid_of_the_first(path):
    program = (
        "import sys, pathlib, time\nfrom exporters.history.sqlite import Writer\n"
        "writer = Writer(pathlib.Path(sys.argv[1]), 'Europe/Paris')\nprint('open', flush=True)\ntime.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "open\n"
    start = time.monotonic()
    with pytest.raises(
        HistoryError, match=f"being written by process {holder.pid} .*one process writes at a time"
    ):
        Writer(path, "Europe/Paris")
    assert time.monotonic() - start < 10  # the holder keeps it for a minute
    holder.kill()
    holder.communicate()
    Writer(path, "Europe/Paris").close()  # the lock of a dead holder is void


def test_another_timezone_is_refused(writer, path):
    writer.close()
    with pytest.raises(
        HistoryError, match="keeps the civil days of Europe/Paris, the estate says Europe/London"
    ):
        Writer(path, "Europe/London")
    with pytest.raises(HistoryError, match="'Europe/Lutetia' is not an IANA timezone"):
        Writer(path, "Europe/Lutetia")
    Writer(path, "Europe/Paris").close()
    assert Reader(path).timezone == "Europe/Paris"


def test_a_newer_schema_is_refused(writer, path):
    writer.close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    for opened in (Reader, lambda file: Writer(file, "Europe/Paris")):
        with pytest.raises(HistoryError, match=r"written by a newer Jauge .schema 99.*update the program"):
            opened(path)


def test_a_file_that_is_something_else_is_refused_and_left_alone(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE patients (name TEXT)")
    connection.close()
    before = path.read_bytes()
    for opened in (Reader, lambda file: Writer(file, "Europe/Paris")):
        with pytest.raises(HistoryError, match="is not a history of Jauge"):
            opened(path)
    assert path.read_bytes() == before
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(HistoryError, match="not a history"):
        Writer(path, "Europe/Paris")


def _use(path):
    """Open, read and write: what the day holds, or the words of the refusal."""
    try:
        found = days(path)
        writer = Writer(path, "Europe/Paris", clock=lambda: 1793620800.0)
        try:
            writer.append([Point("nas-01", USED, LABELS, 1793620801.0, 4.0)])
            writer.roll()
        finally:
            writer.close()
        days(path)
    except HistoryError as error:
        return str(error)
    return found


def test_a_flipped_byte_in_the_header_is_said_in_words_or_does_no_harm(writer, path, tmp_path, point):
    writer.append([point("2026-11-02T10:00:00Z", 1)])
    writer.close()
    whole = path.read_bytes()
    damaged = tmp_path / "damaged" / "history.db"
    damaged.parent.mkdir()
    refused = 0
    for place in range(100):
        for flip in (0x01, 0xFF):
            for left in damaged.parent.iterdir():
                left.unlink()
            damaged.write_bytes(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :])
            answer = _use(damaged)
            refused += isinstance(answer, str)
            assert answer == {"2026-11-02": 1} or str(damaged) in answer
    assert refused > 60


def test_a_flipped_byte_anywhere_never_ends_in_a_traceback(writer, path, tmp_path, instant):
    import random

    at = instant("2026-11-02T10:00:00Z")
    writer.append([Point("nas-01", USED, labels(store=f"s{n}", kind="volume"), at, n) for n in range(300)])
    writer.close()
    whole = path.read_bytes()
    damaged = tmp_path / "damaged" / "history.db"
    damaged.parent.mkdir()
    dice = random.Random(7)
    for _ in range(150):
        place = dice.randrange(len(whole))
        for left in damaged.parent.iterdir():
            left.unlink()
        damaged.write_bytes(whole[:place] + bytes([dice.randrange(256)]) + whole[place + 1 :])
        answer = _use(damaged)
        assert isinstance(answer, dict) or str(damaged) in answer


# --- renames --------------------------------------------------------------------------------------------------


def test_a_rename_keeps_history(writer, path, point):
    writer.append(
        [point("2026-11-01T10:00:00Z", 1, target="old"), point("2026-11-02T10:00:00Z", 2, target="old")]
    )
    writer.roll()
    assert writer.rename("old", "nas-01") == 1
    assert days(path) == {"2026-11-01": 1, "2026-11-02": 2}
    assert Reader(path).series(target="old") == []
    assert writer.rename("old", "nas-01") == 0
    writer.append([point("2026-11-02T11:00:00Z", 3)])
    assert days(path) == {"2026-11-01": 1, "2026-11-02": 3}


def test_a_rename_onto_a_target_that_exists_merges_and_the_new_one_stands(writer, path, point):
    writer.append(
        [point("2026-10-31T10:00:00Z", 1, target="old"), point("2026-11-01T10:00:00Z", 2, target="old")]
    )
    writer.append([point("2026-11-01T10:00:00Z", 3), point("2026-11-02T10:00:00Z", 4)])
    writer.roll()
    assert writer.rename("old", "nas-01") == 1
    for _ in range(2):
        assert days(path) == {"2026-10-31": 1, "2026-11-01": 3, "2026-11-02": 4}
        assert len(Reader(path).series()) == 1
        writer.roll()


# --- measured and imported ------------------------------------------------------------------------------------


def test_an_imported_day_never_replaces_a_measured_one(writer, path, point):
    writer.append([point("2026-11-01T10:00:00Z", 1)])
    writer.roll()
    past = [Day("nas-01", USED, LABELS, number(dt.date(2026, month, 1)), 50.0) for month in (10, 11)]
    assert writer.keep_days(past) == 1
    assert days(path) == {"2026-10-01": 50, "2026-11-01": 1}
    assert writer.keep_days(past) == 0
    assert writer.keep_days([past[0]._replace(value=60.0)]) == 1
    assert days(path) == {"2026-10-01": 60, "2026-11-01": 1}


def test_a_measure_replaces_what_was_imported_for_its_day(writer, path, point):
    writer.keep_days([Day("nas-01", USED, LABELS, number(dt.date(2026, 11, 1)), 50.0)])
    writer.append([point("2026-11-01T10:00:00Z", 1)])
    for _ in range(2):
        assert days(path) == {"2026-11-01": 1}
        writer.roll()


def test_an_import_that_fails_midway_leaves_nothing(writer, path):
    def broken():
        yield Day("nas-01", USED, LABELS, number(dt.date(2026, 11, 1)), 50.0)
        raise ValueError("midway")

    with pytest.raises(HistoryError, match="midway"):
        writer.keep_days(broken())
    assert Reader(path).series() == []
    assert writer.keep_days([Day("nas-01", USED, LABELS, number(dt.date(2026, 11, 1)), 50.0)]) == 1
    assert days(path) == {"2026-11-01": 50}
