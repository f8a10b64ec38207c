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


def test_a_column_of_sizes_gives_dates_too(history, tmp_path):
    """1,499 of 1,800 at 1 a day: full after 301 days; a size that is told for the last day alone is the one."""
    lines = [f"{line},1800" for line in rows("a", 500).splitlines()]
    lines += [f"{line}," for line in rows("unsized", 500).splitlines()]
    lines += [f"{line},1100" for line in rows("over", 500).splitlines()]
    lines += [f"{line},1800" for line in rows("young", 5).splitlines()]
    dates = tmp_path / "dates.csv"
    run(history("unique_id,ds,y,capacity\n" + "\n".join(lines) + "\n"), 30, tmp_path / "out.csv", dates)
    found = pd.read_csv(dates).set_index(["unique_id", "threshold", "quantile"])
    full = found.loc[("a", 1.0, 0.5)]
    assert abs((pd.Timestamp(full["ds"]) - pd.Timestamp("2025-05-14")).days - 301) <= 10
    assert found.loc[("unsized", 1.0, 0.5), "reason"] == "capacity unknown"
    assert found.loc[("over", 1.0, 0.5), "reason"] == "already over"
    assert found.loc[("young", 1.0, 0.5), "reason"] == "not enough history (< 14 days)"
    assert len(found) == 4 * 3 * 3


def test_dates_without_sizes_are_refused_before_anything_is_written(history, tmp_path):
    with pytest.raises(TableError, match="line 1: column capacity is missing"):
        run(history(HEADER + rows("a", 50)), 30, tmp_path / "out.csv", tmp_path / "dates.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_name_that_steers_a_screen_is_shown_harmless(history, tmp_path, capsys):
    run(history(HEADER + rows("\x1b[31mevil", 3)), 3, tmp_path / "out.csv")
    assert "␛[31mevil: not enough history" in capsys.readouterr().err
