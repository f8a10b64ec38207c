"""The committee's file as other programs read it: poppler's text and pages, and figures that the data has."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from servers import program
from within import jauge

from dashboard import theme
from dashboard.data import Data
from dashboard.report import capacity, making, pdf
from dashboard.report.document import Report, Table
from dashboard.report.drawing import svg
from dashboard.standing import Outlined
from dashboard.texts import LANGUAGES, Language, Texts
from inventory.checking import load

SECTIONS = {
    "en": ("Summary", "Runway and first wall", "Capacity by system"),
    "fr": ("L'essentiel", "Échéances et première butée", "Capacité par système"),
}


def _texts(language: Language, data: Data) -> Texts:
    return Texts(language, data.zone)


def _made(data: Data, language: Language) -> Report:
    return making.make(data, _texts(language, data), data.today - dt.timedelta(days=60))


def _read(content: bytes, folder: Path, *options: str) -> str:
    """The text of a PDF, as poppler reads it, with plain spaces."""
    path = folder / "read.pdf"
    path.write_bytes(content)
    told = subprocess.run(
        [program("pdftotext", "poppler-utils"), *options, path, "-"], check=True, capture_output=True, text=True, timeout=60
    ).stdout  # fmt: skip
    return told.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


@pytest.fixture(scope="module")
def old(hospital: Path) -> Data:
    """The hospital of the pages, as it was when its files were written."""
    found = Data(load(hospital / "estate.yml"), hospital)
    written = found.status().at
    assert written is not None
    found.clock = lambda: written + 1
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_poppler_reads_every_section_in_the_language_that_was_asked_for(
    language: Language, old: Data, tmp_path: Path
) -> None:
    content = pdf.content(_made(old, language), _texts(language, old))
    told = _read(content, tmp_path)
    for place, title in enumerate(SECTIONS[language], 1):
        assert f"{place}. {title}" in told
    info = subprocess.run(
        [program("pdfinfo", "poppler-utils"), tmp_path / "read.pdf"], check=True, capture_output=True, text=True, timeout=60
    ).stdout  # fmt: skip
    assert {"Tagged: yes", "JavaScript: no"} <= {" ".join(line.split()) for line in info.splitlines()}


def test_each_page_bears_the_title_the_day_and_its_number(old: Data, tmp_path: Path) -> None:
    told = _read(pdf.content(_made(old, "fr"), _texts("fr", old)), tmp_path, "-layout")
    pages = [page for page in told.split("\f") if page.strip()]
    day = old.today
    for number, page in enumerate(pages, 1):
        head, foot = page.strip().splitlines()[0], page.strip().splitlines()[-1]
        assert "Dossier du comité de pilotage" in head
        assert str(day.year) in head
        assert foot.replace(" ", "").endswith(f"{number}/{len(pages)}")


def test_the_sizes_of_the_paper_are_those_that_were_written_into_the_history(
    old: Data, tmp_path: Path
) -> None:
    """60 TB, 10 TB twice: the history of the fixture; the young store has no size, and none is invented."""
    report = _made(old, "fr")
    listed = next(table for table in report.tables() if table.title == "Les premiers pleins")
    names = [column.title for column in listed.columns]
    rows = {str(row[0])[:8]: dict(zip(names, row, strict=True)) for row in listed.rows}
    assert rows["/imaging"]["Taille utile"] == 60e12
    assert rows["full"]["Taille utile"] == 10e12
    assert rows["/young"]["Taille utile"] is None
    told = _read(pdf.content(report, _texts("fr", old)), tmp_path, "-layout")
    young = next(line for line in told.splitlines() if "/young" in line)
    assert "5,00 Go" in young
    assert young.count("inconnu") == 2


def test_what_a_device_calls_itself_is_shown_as_text_and_never_as_markup(old: Data, tmp_path: Path) -> None:
    told = _read(pdf.content(_made(old, "en"), _texts("en", old)), tmp_path)
    assert "<script>alert(1)</script>" in told.replace("\n", "")
    assert "\\u202e" in told.replace("\n", "")
    assert "\u202e" not in told


def test_a_week_without_measurements_is_a_gap_of_the_chart_and_is_counted(old: Data, tmp_path: Path) -> None:
    days = pd.date_range(end=pd.Timestamp(old.today), periods=120, freq="D")
    history = pd.DataFrame({"ds": days, "y": np.linspace(10e12, 12e12, 120)})
    history = history[(history.index < 71) | (history.index >= 92)]  # three weeks
    size = pd.DataFrame({"ds": days, "y": 20e12})
    store = next(one for one in old.stores() if one.name == "/imaging")
    drawn = capacity.growth(Outlined(store, history, size, pd.DataFrame()), old.today, _texts("en", old))
    assert drawn.unit == "TB"
    blank = [
        day for day, value in zip(drawn.days, drawn.used, strict=True) if value is None and day <= old.today
    ]
    assert len(blank) == 3
    assert all(days[71].date() <= day < days[92].date() for day in blank)
    assert "21 days without a measurement are left blank" in drawn.said
    picture = ElementTree.fromstring(svg(drawn, _texts("en", old)))
    lines = [
        one for one in picture.iter("{http://www.w3.org/2000/svg}polyline") if one.get("stroke") == theme.BLUE
    ]
    assert len(lines) == 2, "one line before the gap, one after it"


def test_an_empty_estate_gives_a_short_honest_file(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text("title: Leer\ntimezone: Europe/Paris\nlanguage: fr\n")
    ended = jauge("report", "estate.yml", "--output", "out", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    (file,) = (tmp_path / "out").glob("*.pdf")
    told = _read(file.read_bytes(), tmp_path)
    assert "Rien n'a encore été mesuré" in " ".join(told.split())
    assert told.count("\f") == 1
    assert not any(
        character.isdigit() and "0 " in told for character in told.split("Sommaire")[0].split("\n")[3:4]
    )


def test_a_file_is_called_by_its_day_whatever_the_estate_is_called(hospital: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(hospital, folder)
    estate = (folder / "estate.yml").read_text().replace("title: Test hospital", 'title: "../../outside"')
    (folder / "estate.yml").write_text(estate)
    ended = jauge("report", "estate.yml", "--data", ".", "--lang", "en", "--output", "deep/out", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    written = [Path(line) for line in ended.stdout.split()]
    today = dt.datetime.fromtimestamp(time.time(), Data(load(folder / "estate.yml"), folder).zone).date()
    assert [one.name for one in written] == [f"jauge-committee-{today.isoformat()}.pdf"]
    assert all((folder / one).parent == folder / "deep" / "out" for one in written)
    assert all((folder / one).stat().st_mode & 0o077 == 0 for one in written)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--lang", "de"), "en or fr"),
        (("--since", "15/09/2026"), "write a day"),
        (("--since", "2999-01-01"), "before today"),
        (("--format", "doc"), "one of"),
    ],
)
def test_what_cannot_be_asked_is_said_before_anything_is_written(
    words: tuple[str, str], said: str, hospital: Path, tmp_path: Path
) -> None:
    ended = jauge("report", hospital / "estate.yml", "--data", hospital, "--output", tmp_path / "out", *words)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert not (tmp_path / "out").exists()


def test_a_table_on_paper_ends_with_how_many_rows_the_workbook_has_more(old: Data, tmp_path: Path) -> None:
    report = _made(old, "en")
    section = report.sections[0]
    long = Table("Long", next(report.tables()).columns[:1], tuple((f"row {n}",) for n in range(33)), most=20)
    told = _read(
        pdf.content(report._replace(sections=(section._replace(blocks=(long,)),)), _texts("en", old)),
        tmp_path,
    )
    assert "row 19" in told
    assert "row 20" not in told
    assert "And 13 more rows" in told


def test_every_character_that_is_let_through_can_be_set(old: Data) -> None:
    """PDF/UA refuses a character without a glyph: were one let through, no file would be made."""
    every = "".join(chr(code) for span in pdf.PRINTABLE for code in span)
    report = _made(old, "fr")._replace(subtitle=every, sections=())
    assert pdf.content(report, _texts("fr", old)).startswith(b"%PDF")
