"""Workbooks: what another program reads in them is what was written, whatever a text begins with."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
import string
import zipfile
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from exporters import workbooks
from exporters.workbooks import Column, Sheet

MADE = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
BYTES = '[>=1000000000000000]#,##0.0,,,,," %s";[>=1000000000000]#,##0.0,,,," %s";#,##0.0,,," %s"'
HOSTILE = (
    "=1+1", "=cmd|' /C calc'!A0", "+33 1 44 00 00 00", "-5", "@SUM(A1)", "\t=1+1", "\r=1+1", " =1+1", "=HYPERLINK(\"http://x\")",
    "<r><t>mine</t></r>", "<r>", "_x0041_", "_x000D_", "http://example.org", "internal:Sheet1!A1", "007", "1e5", "2026-11-26", "TRUE",
    "'quoted", "{=1+1}", "&amp; <b>", "é 'œ' 漢 🏥", "a\nb",
)  # fmt: skip


def read(content: bytes) -> dict[str, Worksheet]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {name: book[name] for name in book.sheetnames}


def midnight(year: int, month: int, day: int) -> dt.datetime:
    """A day as openpyxl reads it."""
    return dt.datetime.combine(dt.date(year, month, day), dt.time())


def texts(*values: object) -> list[Any]:
    """The cells of a column, as openpyxl reads them."""
    content = workbooks.content([Sheet("one", [Column("text")], [[value] for value in values])], made=MADE)
    return list(read(content)["one"]["A"][1:])


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_is_a_text_whatever_it_begins_with(text: str) -> None:
    (cell,) = texts(text)
    assert cell.data_type == "s"
    # Excel reads _xHHHH_ as a character, so that a text which looks so is written with _x005F_, which openpyxl shows.
    assert cell.value.replace("_x005F_", "_").strip() == text.replace("\t", "␉").replace("\r", "␍").strip()


@pytest.mark.parametrize("text", ["=1+1", "+33 1", "-5", "@x", "\t=1"])
def test_a_text_that_begins_like_a_formula_stays_a_text_where_somebody_edits_its_cell(text: str) -> None:
    (cell,) = texts(text)
    assert cell.quotePrefix
    assert not texts("plain")[0].quotePrefix


def test_no_file_holds_a_formula_or_a_link() -> None:
    content = workbooks.content([Sheet("one", [Column(text) for text in HOSTILE], [HOSTILE])])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        whole = b"".join(archive.read(name) for name in archive.namelist() if "worksheets" in name)
    assert b"<f>" not in whole
    assert b"hyperlink" not in whole


def test_what_steers_a_screen_is_shown_instead() -> None:
    cells = texts("a\x1b[31mb", "a\u202eb", "\ud800", "\x00")
    assert [cell.value for cell in cells] == ["a␛[31mb", "a\ufffdb", "\ufffd", "␀"]


def test_a_text_that_is_longer_than_a_cell_is_cut_and_says_so() -> None:
    (cell,) = texts("x" * 40_000)
    assert len(cell.value) <= 32_767
    assert re.search(r"…~[0-9a-f]{8}$", cell.value)


def test_a_long_text_is_broken_and_its_row_is_as_high_as_its_lines() -> None:
    day = dt.date(2026, 11, 27)
    sheet = Sheet(
        "Said", [Column("Day", "day"), Column("Text")], [(day, "short"), (day, "a word " * 50), (day, "wide")]
    )
    page = openpyxl.load_workbook(io.BytesIO(workbooks.content([sheet])))["Said"]
    assert page["B3"].alignment.wrap_text
    width = page.column_dimensions["B"].width
    assert page.row_dimensions[3].height >= 15 * 350 / width
    assert [page.row_dimensions[row].height for row in (2, 4)] == [None, None]


def test_what_is_unknown_is_an_empty_cell_and_never_0() -> None:
    columns = [Column("text"), Column("n", "number"), Column("d", "day"), Column("m", "money")]
    rows = [[None] * 4, [pd.NA, math.nan, pd.NaT, math.inf], ["", 0, dt.date(2027, 1, 31), 0.0]]
    (sheet,) = read(workbooks.content([Sheet("one", columns, rows)])).values()
    found = list(sheet.iter_rows(min_row=2, values_only=True))
    assert found[:2] == [(None,) * 4] * 2
    assert found[2][1:] == (0, midnight(2027, 1, 31), 0)


def test_numbers_days_and_money_are_numbers_with_a_format() -> None:
    columns = [Column("n", "number"), Column("d", "day"), Column("m", "money", "CHF"), Column("s", "share"), Column("b", "bytes")]  # fmt: skip
    row = [1234, dt.date(2026, 2, 28), 960.5, 0.125, 16e9]
    (sheet,) = read(workbooks.content([Sheet("one", columns, [row])])).values()
    cells = sheet[2]
    assert [cell.value for cell in cells] == [1234, midnight(2026, 2, 28), 960.5, 0.125, 16e9]
    formats = ["#,##0", "yyyy-mm-dd", '#,##0 "CHF"', "0.0%", BYTES % ("PB", "TB", "GB")]
    assert [cell.number_format for cell in cells] == formats


def test_units_and_days_are_in_the_language_of_the_workbook() -> None:
    columns = [Column("b", "bytes"), Column("d", "day"), Column("t"), Column("i", "instant")]
    paris = dt.datetime(2026, 2, 28, 14, 30, tzinfo=ZoneInfo("Europe/Paris"))
    rows = [[16e9, dt.date(2026, 2, 28), dt.date(2026, 2, 28), paris]]
    (sheet,) = read(workbooks.content([Sheet("one", columns, rows)], language="fr")).values()
    assert [cell.number_format for cell in sheet[2]] == [
        BYTES % ("Po", "To", "Go"),
        *["[$-40C]d mmm yyyy"] * 2,
        "[$-40C]d mmm yyyy hh:mm",
    ]
    assert sheet["D2"].value == dt.datetime(2026, 2, 28, 14, 30)  # noqa: DTZ001 - a spreadsheet has no zones
    assert sheet["B2"].value == sheet["C2"].value == midnight(2026, 2, 28)


def test_a_day_that_excel_cannot_count_is_a_text() -> None:
    columns = [Column("d", "day")]
    rows = [[dt.date(1899, 12, 31)], [dt.date(1900, 2, 28)], [dt.date(1900, 3, 1)]]
    (sheet,) = read(workbooks.content([Sheet("one", columns, rows)])).values()
    assert [cell.value for cell in sheet["A"][1:]] == ["1899-12-31", "1900-02-28", midnight(1900, 3, 1)]


def test_titles_stay_in_sight_and_filter() -> None:
    rows = [["PC-1", 3], ["PC-2", 4]]
    (sheet,) = read(workbooks.content([Sheet("Postes", [Column("Poste"), Column("Âge", "number")], rows)])).values()  # fmt: skip
    assert [cell.value for cell in sheet[1]] == ["Poste", "Âge"]
    assert [cell.alignment.horizontal for cell in sheet[1]] == ["left", "right"], "as what stands below"
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:B3"


def test_a_frame_becomes_the_sheet_of_its_named_columns() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": ["=x", None], "c": [1, 1]})
    frame["day"] = pd.to_datetime(["2027-01-31", None]).astype("datetime64[s]")
    columns = {"b": Column("B"), "a": Column("A", "number"), "day": Column("Day", "day")}
    (sheet,) = read(workbooks.content([workbooks.of_frame("one", columns, frame)])).values()
    assert list(sheet.iter_rows(values_only=True)) == [
        ("B", "A", "Day"), ("=x", 1, midnight(2027, 1, 31)), (None, 2, None)
    ]  # fmt: skip


def test_rows_that_excel_cannot_hold_go_on_in_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "ROWS", 3)
    rows = [[number] for number in range(7)]
    found = read(workbooks.content([Sheet("many", [Column("n", "number")], rows)]))
    assert list(found) == ["many", "many (2)", "many (3)"]
    assert [cell.value for sheet in found.values() for cell in sheet["A"][1:]] == list(range(7))


def test_a_table_without_rows_is_a_sheet_with_its_titles() -> None:
    found = read(workbooks.content([Sheet("none", [Column("n")], [])]))
    assert [[cell.value for cell in row] for row in found["none"].iter_rows()] == [["n"]]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Site: principal / bât. [A]*?", "Site principal bât. A"),
        ("'quoted'", "quoted"),
        ("History", "History."),
        ("history", "history."),
        ("", "-"),
        ("///", "-"),
        ("x" * 40, "x" * 31),
        ("🏥" * 20, "🏥" * 15),
        ("=1+1", "=1+1"),
        ("À décider, la date la plus proche d'abord", "À décider, la date la plus…"),
    ],
)
def test_a_sheet_is_called_as_excel_allows(title: str, name: str) -> None:
    assert workbooks.name(title, set()) == name


@given(
    st.lists(
        st.text(
            st.characters(codec="utf-16") | st.sampled_from("[]:*?/\\'" + string.ascii_letters), max_size=40
        ),
        max_size=6,
    )
)
@settings(max_examples=60, deadline=None)
def test_sheets_of_any_titles_open_with_names_of_their_own(titles: list[str]) -> None:
    sheets = [Sheet(title, [Column("a")], [[title]]) for title in titles or ["one"]]
    found = read(workbooks.content(sheets))
    assert len({name.casefold() for name in found}) == len(sheets)
    for name in found:
        assert 0 < len(name.encode("utf-16-le")) <= 62
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")


@given(st.lists(st.text(max_size=30), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back_as_a_text(values: list[str]) -> None:
    for cell, value in zip(texts(*values), values, strict=True):
        if value:
            assert cell.data_type == "s" or cell.value is None
            if value.isprintable() and "_x" not in value:
                assert cell.value in {value, f"{value} "}


def test_the_same_sheets_give_the_same_bytes() -> None:
    sheets = [Sheet("one", [Column("a"), Column("d", "day")], [["=x", dt.date(2026, 1, 1)], ["b", None]])]
    assert workbooks.content(sheets, "T", made=MADE) == workbooks.content(sheets, "T", made=MADE)


def test_a_file_is_its_owners_alone_and_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_text("before")
    workbooks.save(path, [Sheet("one", [Column("a")], [["b"]])])
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(read(path.read_bytes())) == ["one"]

    def fails() -> Any:
        yield ["b"]
        raise RuntimeError

    before = path.read_bytes()
    with pytest.raises(RuntimeError):
        workbooks.save(path, [Sheet("one", [Column("a")], fails())])
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["plan.xlsx"]
