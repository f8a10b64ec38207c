"""`jauge forecast`, file in and file out."""

from __future__ import annotations

import gzip
import io

import pandas as pd
import pytest

from forecasting.tables import TableError, run

HEADER = "unique_id,ds,y\n"


def rows(name, days, value=lambda day: 1000 + day):
    dates = pd.date_range("2024-01-01", periods=days).strftime("%Y-%m-%d")
    return "".join(f"{name},{ds},{value(day)}\n" for day, ds in enumerate(dates))


@pytest.fixture
def history(tmp_path):
    def write(text, name="history.csv"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return write


def test_every_series_with_a_value_gets_a_forecast(history, tmp_path, capsys):
    text = HEADER + rows("long", 200) + rows("young", 5) + rows("single", 1) + rows("flat", 100, lambda _: 7)
    output = tmp_path / "out.csv"
    report = run(history(text + "mute,2024-01-01,\n"), 30, output)
    ahead = pd.read_csv(output)
    assert list(ahead.columns) == ["unique_id", "ds", "mean", "lo80", "hi80", "lo95", "hi95"]
    assert ahead.groupby("unique_id").size().to_dict() == dict.fromkeys(
        ["long", "young", "single", "flat"], 30
    )
    assert report.series == 4
    assert report.refused == (("mute", "no value at all"),)
    assert {name for name, _ in report.short} == {"young", "single"}
    assert "mute: no value at all" in capsys.readouterr().err


def test_without_an_output_the_forecast_is_printed(history, capsys):
    run(history(HEADER + rows("a", 50)), 3)
    printed = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert printed["ds"].tolist() == ["2024-02-20", "2024-02-21", "2024-02-22"]


def test_gz_is_read_and_written(history, tmp_path):
    output = tmp_path / "out.csv.gz"
    run(history(HEADER + rows("a", 50), "history.csv.gz"), 3, output)
    assert gzip.decompress(output.read_bytes()).startswith(b"unique_id,ds,mean,lo80,hi80,lo95,hi95\n")


def test_other_columns_blank_lines_and_a_byte_order_mark_are_no_obstacle(history):
    text = "\ufeffsite,unique_id,ds,y\n" + "".join(f"x,{line}\n\n" for line in rows("NA", 40).splitlines())
    assert run(history(text), 3).series == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("unique_id,ds\na,2024-01-01\n", "line 1: column y is missing"),
        (HEADER + "a,2024-01-01,1\n\na,2024-01-02,twelve\n", "line 4, column y: 'twelve' is not a number"),
        (HEADER + "a,2024-01-01,1\na,2024-13-45,1\n", "line 3, column ds: '2024-13-45' is not a date"),
        (HEADER + ",2024-01-01,1\n", "line 2, column unique_id"),
        ("", "is not a CSV"),
    ],
)
def test_what_cannot_be_read_is_named_by_file_line_and_column(history, text, words):
    path = history(text)
    with pytest.raises(TableError) as caught:
        run(path, 10)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(TableError, match=r"none\.csv: cannot be read"):
        run(tmp_path / "none.csv", 10)


def test_an_older_output_stays_when_the_run_fails(history, tmp_path):
    output = tmp_path / "out.csv"
    output.write_text("before")
    with pytest.raises(TableError):
        run(history(HEADER + "a,yesterday,1\n"), 10, output)
    assert output.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["history.csv", "out.csv"]


def test_a_horizon_of_nothing_is_refused(history):
    with pytest.raises(TableError, match="horizon"):
        run(history(HEADER + rows("a", 50)), 0)
