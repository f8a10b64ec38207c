from __future__ import annotations

import datetime as dt
import gzip
import os
import string
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.history import HistoryError, unique_id
from exporters.history.importing import ImportRefusedError, import_csv
from exporters.history.naming import parse
from exporters.history.sqlite import Reader
from inventory.metrics import labels

USED = 'jauge_storage_used_bytes{target="srv",kind="volume",store="data"}'
SIZE = 'jauge_storage_size_bytes{target="srv",kind="volume",store="data"}'


@pytest.fixture
def load(tmp_path, writer):
    """Import a text (or bytes) as a file; the report."""

    def run(content, name="past.csv"):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return import_csv(file, writer)

    return run


def held(path):
    reader = Reader(path)
    frame = reader.read([known.unique_id for known in reader.series()])
    return {(row.unique_id, str(row.ds.date())): row.y for row in frame.itertuples()}


def faults(load, content):
    with pytest.raises(ImportRefusedError) as caught:
        load(content)
    assert str(caught.value).endswith("nothing was imported")
    return [(fault.line, fault.column, fault.what) for fault in caught.value.faults]


def test_a_frame_of_stores_is_imported_with_its_capacity(load, path):
    report = load("unique_id,ds,y,capacity\nsrv/data,2026-01-01,10,100\nsrv/data,2026-01-02,11.5,\n")
    assert held(path) == {(SIZE, "2026-01-01"): 100, (USED, "2026-01-01"): 10, (USED, "2026-01-02"): 11.5}
    assert (report.rows, report.series, report.days, report.changed) == (2, 2, 3, 3)
    assert (report.first, report.last) == (dt.date(2026, 1, 1), dt.date(2026, 1, 2))


def test_any_metric_of_the_vocabulary_is_imported_with_its_labels(load, path):
    load(
        "target,metric,time,value,store,kind,pool,job\n"
        "nas,jauge_storage_used_bytes,2026-01-01,5,vol1,volume,p0,\n"
        "srv,jauge_cpu_used_ratio,2026-01-01,0.5,,,,\n"
        "srv,jauge_backup_restore_points,2026-01-01,7,,,,nightly\n"
    )
    assert held(path) == {
        ('jauge_storage_used_bytes{target="nas",kind="volume",pool="p0",store="vol1"}', "2026-01-01"): 5,
        ('jauge_cpu_used_ratio{target="srv"}', "2026-01-01"): 0.5,
        ('jauge_backup_restore_points{target="srv",job="nightly"}', "2026-01-01"): 7,
    }


def test_a_unique_id_in_our_own_notation_keeps_its_labels(load, path):
    name = 'jauge_storage_used_bytes{target="nas",kind="pool",store="C:\\\\ \\"Label\\""}'
    quoted = name.replace('"', '""')
    load(f'unique_id,ds,y\n"{quoted}",2026-01-01,5\n')
    assert held(path) == {(name, "2026-01-01"): 5}


def test_a_unique_id_without_a_slash_names_target_and_store(load, path):
    load("unique_id,ds,y\narchive.live,2026-01-01,5\nsrv//export/a,2026-01-01,6\n")
    assert held(path) == {
        (
            'jauge_storage_used_bytes{target="archive.live",kind="volume",store="archive.live"}',
            "2026-01-01",
        ): 5,
        ('jauge_storage_used_bytes{target="srv",kind="volume",store="/export/a"}', "2026-01-01"): 6,
    }


def test_importing_twice_changes_nothing(load, path):
    text = "unique_id,ds,y,capacity\nsrv/data,2026-01-01,10,100\nsrv/data,2026-01-02,11,100\n"
    load(text)
    before = held(path)
    assert load(text).changed == 0
    assert held(path) == before
    assert load(text.replace(",11,", ",12,")).changed == 1
    assert held(path)[USED, "2026-01-02"] == 12


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffunique_id,ds,y\r\nsrv/data,2026-01-01,1234.5\r\n".encode(),
        b"unique_id;ds;y\nsrv/data;2026-01-01;1234,5\n",
        b"unique_id;ds;y\nsrv/data;2026-01-01;1234.5\n",
        b"unique_id\tds\ty\nsrv/data\t2026-01-01\t1.2345e3\n",
        b'"ds","unique_id","y"\n\n"2026-01-01","srv/data","1234.5"\n\n',
        gzip.compress(b"unique_id,ds,y\nsrv/data,2026-01-01,1234.5\n"),
    ],
    ids=["bom", "semicolons", "points", "tabs", "quoted", "gzip"],
)
def test_the_ways_to_write_a_csv_are_understood(load, path, content):
    load(content)
    assert held(path) == {(USED, "2026-01-01"): 1234.5}


def test_an_instant_is_put_on_its_civil_day_and_the_last_of_a_day_stands(load, path):
    load(
        "unique_id,ds,y\n"
        "srv/data,2026-07-01T23:30:00+02:00,2\n"
        "srv/data,2026-07-01 08:00:00,1\n"
        "srv/data,2026-07-01T22:30:00Z,3\n"
    )
    assert held(path) == {(USED, "2026-07-01"): 2, (USED, "2026-07-02"): 3}


def test_an_empty_value_is_an_absent_one(load, path):
    report = load("unique_id,ds,y\nsrv/data,2026-01-01,\nsrv/data,2026-01-02,1\n")
    assert held(path) == {(USED, "2026-01-02"): 1}
    assert report.empty == 1


def test_days_older_than_the_history_keeps_are_counted(load, path):
    report = load("unique_id,ds,y\nsrv/data,2001-01-01,1\nsrv/data,2026-01-02,1\n")
    assert held(path) == {(USED, "2026-01-02"): 1}
    assert report.too_old == 1


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("srv/data,01/02/2026,1", "ds", "not a day"),
        ("srv/data,2026-02-30,1", "ds", "not a day"),
        ("srv/data,1767225600,1", "ds", "not a day"),
        ("srv/data,2027-02-28,1", "ds", "in the future"),
        ("srv/data,2026-01-01,1 GB", "y", "not a number"),
        ("srv/data,2026-01-01,nan", "y", "not a number"),
        ("srv/data,2026-01-01,1e999", "y", "too large"),
        ('srv/data,2026-01-01,"1,234"', "y", "decimal comma or thousands"),
        ("srv/data,2026-01-01,-1", "y", "cannot be negative"),
        ("bad host/data,2026-01-01,1", "unique_id", "not the name of a target"),
        ('"jauge_cpu{target=""srv""}",2026-01-01,1', "unique_id", "not in the vocabulary"),
        ('"jauge_cpu_used_ratio{target=""srv"",store=""a""}",2026-01-01,1', "unique_id", "no label store"),
        ('"jauge_cpu_used_ratio{target=""srv}",2026-01-01,1', "unique_id", "cannot read a label"),
        ('"jauge_uptime_seconds{target=""srv""}",2026-01-01,1', "unique_id", "no history is kept"),
        ("srv/,2026-01-01,1", "unique_id", "needs a store"),
        ("srv/data,2026-01-01", "unique_id", "2 cells, the header has 3"),
    ],
)
def test_what_is_wrong_is_named_by_line_and_column_and_nothing_comes_in(load, path, row, column, words):
    found = faults(load, f"unique_id,ds,y\nsrv/data,2026-01-05,1\n{row}\n")
    assert [(line, where) for line, where, _ in found] == [(3, column)]
    assert words in found[0][2]
    assert held(path) == {}


def test_all_faults_are_shown_at_once_up_to_a_bound(load):
    rows = "".join(f"srv/data,2026-13-{n:02},1\n" for n in range(1, 31))
    with pytest.raises(ImportRefusedError, match="and 10 more") as caught:
        load("unique_id,ds,y\n" + rows)
    assert [fault.line for fault in caught.value.faults] == list(range(2, 22))


def test_two_values_for_one_time_are_refused(load):
    found = faults(
        load, "unique_id,ds,y\nsrv/data,2026-01-05,1\nsrv/data,2026-01-05,1\nsrv/data,2026-01-05,2\n"
    )
    assert found == [(4, "y", "line 2 holds another value of the same series and time")]


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f"])
def test_thousands_may_stand_apart_as_in_french(load, path, space):
    load(f"unique_id;ds;y\nsrv/data;2026-01-05;1{space}234{space}500,5\n")
    assert held(path) == {(USED, "2026-01-05"): 1_234_500.5}


def test_decimal_marks_are_not_mixed(load):
    found = faults(load, "unique_id;ds;y\nsrv/data;2026-01-05;1,5\nsrv/data;2026-01-06;1.500\n")
    assert [(line, column) for line, column, _ in found] == [(3, "y")]


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("unique_id,ds,y,colour", "colour"),
        ("unique_id,ds", "y"),
        ("target,metric,value", "ds"),
        ("target,metric,value,ds,time", "ds"),
        ("target,metric,ds,value,ds", "ds"),
        ("", "metric"),
        ("unique_id,ds,y,", "(unnamed)"),
    ],
)
def test_a_wrong_header_is_named(load, header, column):
    found = faults(load, f"{header}\n")
    assert [(line, where) for line, where, _ in found] == [(1, column)]


@pytest.mark.parametrize(
    "content",
    ["unique_id,ds,y\nsrv/données,2026-01-01,1\n".encode("cp1252"), "unique_id,ds,y\n".encode("utf-16")],
)
def test_a_file_that_is_not_utf_8_is_said(load, content):
    assert any("UTF-8" in what for _, _, what in faults(load, content))


def test_a_file_that_is_cut_or_missing_is_said(load, tmp_path, writer):
    with pytest.raises(HistoryError, match=r"cannot read .*past.csv"):
        load(gzip.compress(b"unique_id,ds,y\n" * 1000)[:-20])
    with pytest.raises(HistoryError, match="No such file"):
        import_csv(tmp_path / "absent.csv", writer)


def test_real_series_come_back_as_they_are_in_their_file(writer, path):
    corpus = os.environ.get("JAUGE_CORPUS")
    if not corpus:
        assert os.environ.get("CI") != "true", "CI must set JAUGE_CORPUS"
        pytest.skip("JAUGE_CORPUS is not set: no real series here")
    file = Path(corpus) / "series" / "real_stores.csv.gz"
    import_csv(file, writer)
    expected = pd.read_csv(file, parse_dates=["ds"])
    reader = Reader(path)
    frame = reader.read([known.unique_id for known in reader.series()])
    frame["unique_id"] = frame["unique_id"].str.extract('target="([^"]+)"')
    order = ["unique_id", "ds"]
    pd.testing.assert_frame_equal(
        frame.sort_values(order, ignore_index=True),
        expected.sort_values(order, ignore_index=True),
        check_dtype=False,
    )


NAMES = st.text(string.ascii_letters + string.digits + "_", min_size=1).map(lambda text: "l" + text)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(TEXTS, NAMES, st.dictionaries(NAMES.filter(lambda name: name != "target"), TEXTS))
def test_a_name_of_a_series_is_read_back(target, metric, pairs):
    assert parse(unique_id(target, metric, labels(**pairs))) == (target, metric, labels(**pairs))


@given(st.text('a{}="\\,n\n ', max_size=30))
def test_any_text_is_a_name_or_an_error_in_words(text):
    words = ""
    try:
        name = parse(f"m{{{text}}}")
    except ValueError as error:
        words = str(error)
    assert words or parse(unique_id(*name)) == name


@given(st.binary(max_size=200))
def test_any_bytes_are_imported_or_refused_in_words(tmp_path_factory, content):
    from exporters.history.days import Calendar
    from exporters.history.importing import _Rows

    file = tmp_path_factory.mktemp("any") / "past.csv"
    file.write_bytes(b"unique_id,ds,y\n" + content)
    rows = _Rows(file, Calendar("Europe/Paris"), 1_793_600_000.0)
    for line, row in rows.read():
        rows.keep(line, row)
    assert rows.count or not [day for day in rows.days() if day.day < 0]


def test_text_that_steers_a_screen_is_neither_kept_nor_shown(load, path):
    evil = "vol\x1b[31m\u202e\x00" + "a" * 100_000
    load(f'target,metric,ds,value,store\nsrv,jauge_storage_used_bytes,2026-01-01,5,"{evil}"\n')
    ((name, _),) = held(path)
    store = dict(parse(name).labels)["store"]
    assert store.startswith("vol␛[31m\ufffd␀aaa")
    assert len(store.encode()) <= 1024
    with pytest.raises(ImportRefusedError) as caught:
        load("target,metric,ds,value,\x1b[31mevil\n")
    assert "column ␛[31mevil: unknown column" in str(caught.value)
