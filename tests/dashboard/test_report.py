"""The committee's file as other programs read it: poppler's text and pages, and figures that the data has."""

from __future__ import annotations

import datetime as dt
import html
import io
import json
import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import exported
import numpy as np
import openpyxl
import pandas as pd
import pytest
from asking import ask, words
from browsing import CHROMIUM, needs_chromium, violations
from dash import Dash
from foreseeing import pairs, write
from playwright.sync_api import sync_playwright
from pptx import Presentation
from servers import program
from within import jauge

from dashboard import theme
from dashboard.app import create
from dashboard.data import Data
from dashboard.report import asking, capacity, hypertext, making, pdf, slides, walls, workbook
from dashboard.report.document import Bars, Block, Growth, Points, Prose, Report, Section, Table
from dashboard.report.drawing import svg
from dashboard.report.issuing import Order, issue
from dashboard.standing import Outlined
from dashboard.texts import LANGUAGES, Language, Texts
from exporters import workbooks
from exporters.history import unique_id
from exporters.history.sqlite import Reader
from exporters.plan.frozen import HORIZONS, Night
from exporters.plan.ledger import number_of, put
from exporters.plan.outlooks import Outlooks
from exporters.plan.schema import create as create_plan
from exporters.plan.schema import open_plan
from exporters.workbooks import Column
from forecasting import kept_purchase
from forecasting.capacity import Rules
from forecasting.plan import plan
from forecasting.renewal import issuing
from forecasting.scenarios.deciding import commit
from inventory.checking import load
from inventory.committee import Answer, File
from inventory.imports import reading, snapshots
from inventory.scenarios.reading import open_scenario
from inventory.state import State, committee, open_state, restores, scenarios
from inventory.state.restores import Restore

pytestmark = pytest.mark.xdist_group("report")

CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
SECTIONS = {
    "en": (
        "Summary", "What became of the decisions asked for", "What changed since", "Runway and first wall", "Capacity by system", "Backups and restore tests",
        "Workstations and deadlines", "Security: in care without support", "Purchase plan and budget", "Scenarios compared",
        "Decisions asked for", "Decisions taken, and their measured effect", "Share of each directorate",
        "Accuracy of past forecasts", "Method and limits",
    ),
    "fr": (
        "L'essentiel", "Suites données aux décisions demandées", "Ce qui a changé depuis le", "Échéances et première butée", "Capacité par système",
        "Sauvegardes et tests de restauration", "Postes de travail et échéances", "Sécurité : en soins et hors support",
        "Plan d'achat et budget", "Scénarios comparés", "Décisions demandées", "Décisions prises et effet mesuré",
        "Part de chaque direction", "Justesse des prévisions passées", "Méthode et limites",
    ),
}  # fmt: skip


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


MEETING = 60
"""Days since the last meeting of the hospital that plans and decides."""

MORE = """
  - {name: archive-01, directorate: Imaging}
contracts: {ugap: {title: UGAP, items: {shelf: {title: Shelf, gives: {storage: 10 TB}, price: 4000, targets: [pacs-01]}}}}
budgets: {%d: {amount: 90000}, %d: {amount: 90000}}
workstations:
  years: 3
  age_limit: 7
  directorates: {Surgery: {services: [Chirurgie]}}
  classes: [{name: bloc, title: Theatre, criticality: critical, care: true, fits: {services: [Chirurgie]}}]
  offers: {pc: {title: Mini PC, contract: ugap, price: 600}}
  budgets: {%d: {amount: 9000}}
"""


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """A hospital with every plan, a committed scenario, restore tests, and what was forecast before its last meeting."""
    folder, now = tmp_path_factory.mktemp("decided"), time.time()
    write(folder, now)
    today = dt.datetime.fromtimestamp(now, ZoneInfo("Europe/Paris")).date()
    text = (
        (folder / "estate.yml")
        .read_text()
        .replace("targets:\n", "targets:\n  - {name: lost-01, directorate: Nobody}\n", 1)
    )
    text = text.replace("protect: {rto: 4h,", "protect: {rpo: 24h, rto: 4h,")
    (folder / "estate.yml").write_text(text.rstrip() + MORE % (today.year, today.year + 1, today.year))
    estate = load(folder / "estate.yml")
    outlooks, source = Outlooks(folder / "plan.db"), Reader(folder / "history.db")
    _freeze(folder / "plan.db", (today - dt.date(1970, 1, 1)).days - MEETING - 3)
    plan(source, outlooks, now, rules=Rules.of(estate))
    state = open_state(folder / "state.db")
    (folder / "glpi.csv").write_text(exported.text(exported.fleet(30, today)))
    with reading.read(state, folder / "glpi.csv", today, reading.Asked("glpi")) as found:
        snapshots.commit(state, found, "tests")
    for name, title in (("ct", "One CT more"), ("later", "Ask later")):
        change = f"{{kind: step, amount: 1 TB, target: nas-01, start: {today + dt.timedelta(days=20)}}}"
        (folder / f"{name}.yml").write_text(
            f"name: {name}\ntitle: {title}\nwhy: because\nchanges: [{change}]\n"
        )
        scenario = open_scenario(folder / f"{name}.yml")
        assert scenario.scenario is not None, scenario.problems
        scenarios.save(state, scenario.scenario, scenario.text, "anna", now - 3600)
    commit(state, source, estate, scenarios.need(state, "ct"), "anna", "agreed on in June", now - 60)
    restores.record(
        state,
        Restore(
            now - 86_400,
            "pacs-01",
            "one study",
            "",
            now - 2 * 86_400,
            5400,
            "ok",
            "CHG-1",
            "anna",
            now - 80_000,
        ),
        "anna",
    )
    kept_purchase.issue(estate, folder / "plan.db", folder, now)
    issuing.issue(state, estate, folder, now, issuing.PLAN)
    return making.Asked(estate, folder, lambda: now)


@pytest.fixture(scope="module")
def pages(decided: Data) -> Dash:
    return create(decided, open_state(decided.folder / "state.db"), demo=True)


def _freeze(path: Path, day: int) -> None:
    """A night that said that pacs-01 is full in 2000 days (too late), nas-01 never, viewer-01 already."""
    create_plan(path)
    names = [(unique_id(target, "jauge_storage_used_bytes", pairs(store)), target, "jauge_storage_used_bytes", pairs(store))
             for target, store in (("pacs-01", "/srv/pacs"), ("nas-01", "/vol/x"), ("viewer-01", "/"))]  # fmt: skip
    with open_plan(path) as db:
        db.execute("BEGIN IMMEDIATE")
        numbers = [number_of(db, one) for one in names]
        none = np.zeros(3, np.uint16)
        night = Night(
            series=np.array(numbers, np.uint32), ago=np.ones(3, np.uint8), age=none + 400, level=np.array([30e12, 9e12, 4e12]),
            size=np.array([60e12, 30e12, 4e12]), limit=np.array([60e12, 30e12, 4e12]), move=np.ones(3, np.float32), early=none,
            central=np.array([2000, 0, 0], np.uint16), late=none, moves=np.zeros((3, len(HORIZONS), 5), np.float32),
        )  # fmt: skip
        put(db, day, float(day * 86_400), night, ())
        db.execute("COMMIT")


def _table(report: Report, title: str) -> list[dict[str, object]]:
    found = next(table for table in report.tables() if table.title == title)
    return [dict(zip([column.title for column in found.columns], row, strict=True)) for row in found.rows]


def _prose(report: Report, name: str) -> str:
    section = next(one for one in report.sections if one.name == name)
    parts = [one.text for one in section.blocks if isinstance(one, Prose)]
    return " ".join(
        [*parts, *(item for one in section.blocks if isinstance(one, Points) for item in one.items)]
    )


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


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("path", "section", "begins"),
    [
        ("/runway", "runway", {"en": "First wall to come", "fr": "Première butée à venir"}),
        ("/purchase", "purchases", {"en": "orders? for", "fr": "commandes? pour"}),
        ("/backups", "backups", {"en": "Backups older than promised", "fr": "Sauvegardes plus anciennes"}),
        ("/workstations/deadlines", "workstations", {"en": "On ", "fr": "Le "}),
        ("/workstations/care", "security", {"en": "On ", "fr": "Le "}),
        ("/renewal", "workstations", {"en": "machines", "fr": "postes"}),
    ],
)
def test_the_sentences_of_the_file_stand_on_the_pages(
    path: str, section: str, begins: Mapping[str, str], language: Language, decided: Data, pages: Dash
) -> None:
    """Word for word, and so figure for figure."""
    page = " ".join(words(ask(pages, path, language=language)).split())
    said = " ".join(_prose(_made(decided, language), section).split())
    shared = [
        one for one in re.split(r"(?<=[.]) (?=[A-ZÀ-Ü0-9])", said) if one in page and re.search(r"\d", one)
    ]
    assert any(re.search(begins[language], one) for one in shared), (said, page[:2000])


def test_what_moved_since_the_meeting_is_held_against_the_forecast_of_then(decided: Data) -> None:
    report = making.make(decided, _texts("en", decided), decided.today - dt.timedelta(days=MEETING))
    rows = {str(row["What"]): row for row in _table(report, "Dates that moved")}
    assert set(rows) >= {"/srv/pacs on pacs-01", "/ on viewer-01"}
    pacs, viewer = rows["/srv/pacs on pacs-01"], rows["/ on viewer-01"]
    frozen = decided.today - dt.timedelta(days=MEETING + 3)
    assert pacs["Full, said then"] == frozen + dt.timedelta(days=1999), (
        "2000 days after the last value, a day before"
    )
    now = next(one for one in decided.stores() if one.name == "/srv/pacs").full
    assert pacs["Full, said now"] == now
    assert str(pacs["What happened"]).endswith("days sooner")
    assert viewer["What happened"] == "has room again"
    assert "1 decision was taken: One CT more (committed)." in _prose(report, "changes")
    assert "1 restore was tested; 1 brought everything back." in _prose(report, "changes")


def test_without_a_forecast_of_then_nobody_knows_what_moved(decided: Data) -> None:
    early = making.make(decided, _texts("en", decided), decided.today - dt.timedelta(days=MEETING + 10))
    assert "is not known" in _prose(early, "changes")
    assert not any(table.title == "Dates that moved" for table in early.tables())


def test_the_orders_and_their_money_are_those_of_the_plan_that_was_kept(decided: Data) -> None:
    kept = json.loads((decided.folder / "purchase.json").read_text())[2]
    rows = _table(_made(decided, "en"), "What to order, by quarter")
    assert sum(float(str(row["Price"])) for row in rows) == pytest.approx(kept["cost"])
    assert kept["lines"]
    assert ("uncovered all the same" in _prose(_made(decided, "en"), "summary")) is bool(kept["unmet"])
    money = _table(_made(decided, "en"), "Money by year, of all plans")
    planned = {row["Year"]: row["Planned"] for row in money if row["For"] == "storage and servers"}
    assert planned == {year: pytest.approx(spent) for year, purse, spent, _ in kept["money"] if not purse}


def test_decisions_that_are_asked_for_are_those_that_nobody_took(decided: Data) -> None:
    asked = [str(row["Decision"]) for row in _table(_made(decided, "en"), "To decide, the nearest day first")]
    assert any("“Ask later”" in one for one in asked)
    assert not any("One CT more" in one for one in asked)
    assert any("in care" in one for one in asked), "old machines of surgery, and no measure"
    taken = _table(_made(decided, "en"), "Decisions")
    assert [(row["Scenario"], row["By"], row["Why"]) for row in taken] == [
        ("One CT more", "anna", "agreed on in June")
    ]
    effects = _table(_made(decided, "en"), "Expected and measured")
    assert {(row["What it says"], row["Measured"]) for row in effects} == {("it has not begun", "")}


def test_the_next_file_opens_with_what_became_of_the_decisions_and_asks_nothing_again_in_silence(
    decided: Data, tmp_path: Path
) -> None:
    shutil.copytree(decided.folder, tmp_path / "copy")
    data = making.Asked(decided.estate, tmp_path / "copy", decided.clock)
    state, now, met = State(tmp_path / "copy" / "state.db"), data.clock(), data.today - dt.timedelta(days=30)
    first = File(met - dt.timedelta(days=3), met - dt.timedelta(days=60))
    (tmp_path / "more.yml").write_text(
        f"name: more\ntitle: Ask again\nchanges: [{{kind: step, amount: 1 TB, target: nas-01, start: {data.today}}}]\n"
    )
    more = open_scenario(tmp_path / "more.yml")
    assert more.scenario is not None
    scenarios.save(state, more.scenario, more.text, "anna", now - 3600)
    placed = committee.keep(state, asking.wishes(data), first, "anna", now)
    numbers = {one.wish.said["en"][0]: one.number for one in placed}
    refused = next(number for what, number in numbers.items() if what.startswith("Decide on"))
    late = next(number for what, number in numbers.items() if "Ask later" in what)
    open_one = next(number for number in numbers.values() if number not in (refused, late))
    for number, outcome, until in (
        (refused, "refused", None),
        (late, "postponed", data.today + dt.timedelta(days=50)),
    ):
        told = Answer(outcome, met, until, "Dr Roux" if until else None, "no money", now)  # type: ignore[arg-type]
        committee.answer(state, number, told, "mana")
    data = making.Asked(decided.estate, tmp_path / "copy", decided.clock)
    report = making.make(data, _texts("en", data), met)
    assert [one.name for one in report.sections[:3]] == ["summary", "answers", "changes"]
    became = {str(row["Number"]): row for row in _table(report, "Asked for, and answered")}
    assert became.keys() == set(numbers.values())
    day = _texts("en", data).day
    assert became[refused]["Answer"] == f"Refused on {day(met)} by the committee"
    assert became[refused]["Reason"] == "no money"
    assert str(became[late]["Answer"]).startswith(f"Postponed on {day(met)} by Dr Roux, until ")
    assert (became[open_one]["Answer"], became[open_one]["How it stands today"]) == (
        "Not answered",
        "Asked again in this file.",
    )
    again = {
        str(row["Number"]): str(row["Why"]) for row in _table(report, "To decide, the nearest day first")
    }
    assert again.keys() == set(numbers.values()) - {refused, late}
    assert "Asked for the second time" in again[open_one]
    settled = {row["Number"]: row for row in _table(report, "Answered before, and not asked again")}
    assert settled.keys() == {refused, late}
    assert settled[refused]["Answer"] == became[refused]["Answer"]
    assert f"{len(again)} decision" in _prose(report, "summary")


def test_a_draft_keeps_nothing_and_a_file_that_is_made_twice_has_the_same_numbers(
    decided: Data, tmp_path: Path
) -> None:
    shutil.copytree(decided.folder, tmp_path / "copy")
    state, order = State(tmp_path / "copy" / "state.db"), Order("fr", forms=("html", "xlsx"))

    def numbers(order: Order) -> set[str]:
        made = issue(decided.estate, tmp_path / "copy", order, "anna", "tests", decided.clock())
        assert (len(made.files), made.warnings) == (len(order.forms), ())
        return set(re.findall(r"D-\d{4}-\d{2}-\d+", made.files[f"jauge-committee-{made.day}.html"].decode()))

    drafted = numbers(order._replace(is_draft=True, forms=("html",)))
    assert drafted
    assert committee.read(state).questions == ()
    assert numbers(order) == drafted
    asked = committee.read(state)
    assert {one.number for one in asked.questions} == drafted
    assert numbers(order._replace(language="en")) == drafted
    assert committee.read(state) == asked
    assert [one.said.keys() for one in asked.questions[0].asked] == [{"en", "fr"}]


@pytest.fixture(scope="module")
def book(decided: Data) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook.content(_made(decided, "en"), _texts("en", decided))))


def test_openpyxl_finds_every_row_of_every_table_as_numbers_and_days(
    book: openpyxl.Workbook, decided: Data
) -> None:
    sheets = {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}
    tables = [table for table in _made(decided, "en").tables() if table.rows]
    assert len(tables) > 10
    for table in tables:
        heads, *rows = sheets[workbooks.name(table.title, set())]
        assert heads == [column.title for column in table.columns]
        assert [[_plain(cell) for cell in row] for row in rows] == [
            [_plain(cell) for cell in row] for row in table.rows
        ]


def _plain(cell: object) -> object:
    """A cell without what a spreadsheet cannot hold: an empty text, a time of day, the sixteenth figure."""
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(f"{cell:.12g}")
    return None if cell == "" else cell


def test_each_chart_of_the_file_is_a_native_one_of_its_own_figures(
    book: openpyxl.Workbook, decided: Data
) -> None:
    charts = list(_made(decided, "en").charts())
    drawn = [sheet for sheet in book if sheet._charts]
    assert len(drawn) == len(charts) > 4
    growth = next(one for one in charts if isinstance(one, Growth))
    sheet = book[workbooks.name(growth.title, set())]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [_plain(row[1]) for row in rows] == [_plain(value) for value in growth.used]
    assert all(
        row[4] is None and row[5] is None
        for row in rows
        if row[0].date() <= decided.today - dt.timedelta(days=2)
    )


def test_python_pptx_reads_charts_that_can_be_edited_with_the_figures_of_the_file(decided: Data) -> None:
    report, t = _made(decided, "fr"), _texts("fr", decided)
    deck = Presentation(io.BytesIO(slides.content(report, t)))
    shapes = [shape for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    charts = list(report.charts())
    assert [shape._element.nvGraphicFramePr.cNvPr.get("descr") for shape in shapes] == [
        one.said for one in charts
    ]
    for shape, one in zip(shapes, charts, strict=True):
        values = [tuple(series.values) for plot in shape.chart.plots for series in plot.series]
        if isinstance(one, Bars):
            assert values == [values_of for _, values_of in one.series]
        elif isinstance(one, Growth):
            assert [values[0], *values[2:]] == [one.low, one.used, one.mean, one.limit]
            assert shape.chart._chartSpace.chart.find(f"{CHART}dispBlanksAs").get("val") == "gap"
            (sheet,) = openpyxl.load_workbook(io.BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob))
            written = [row[3] for row in sheet.iter_rows(min_row=2, values_only=True)]
            assert [_plain(cell) for cell in written] == [_plain(value) for value in one.used], (
                "what is edited is what is drawn"
            )
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert titles[0] == "Dossier du comité de pilotage"
    assert {one.partition(".")[0] for one in titles[1:]} == {str(number) for number in range(1, 16)}


def test_all_that_is_to_be_decided_stands_on_slides_and_on_paper(decided: Data, tmp_path: Path) -> None:
    t = _texts("en", decided)
    table = next(
        one for one in _made(decided, "en").tables() if one.title == "To decide, the nearest day first"
    )
    many = tuple(
        (f"D-2026-11-{number}", "Order it", "It has to be there. " * 5, "", "") for number in range(1, 31)
    )
    report = _made(decided, "en")
    section = Section("asked", "Decisions", (Prose("Thirty."), table._replace(rows=many)))
    report = report._replace(sections=(section,))
    deck = Presentation(io.BytesIO(slides.content(report, t)))
    tables = [shape.table for slide in deck.slides for shape in slide.shapes if shape.has_table]
    told = [row.cells[0].text for each in tables for row in list(each.rows)[1:]]
    assert told == [row[0] for row in many]
    for each in tables:
        assert sum(row.height for row in each.rows) < deck.slide_height
    read = _read(pdf.content(report, t), tmp_path)
    assert all(f"D-2026-11-{number}\n" in read for number in range(1, 31))
    assert "more row" not in read


def test_libreoffice_opens_the_workbook_and_the_slides(decided: Data, tmp_path: Path) -> None:
    """Both at once: its start is what takes long."""
    soffice = program("soffice", "libreoffice-calc-nogui libreoffice-impress-nogui")
    report, t = _made(decided, "fr"), _texts("fr", decided)
    (tmp_path / "book.xlsx").write_bytes(workbook.content(report, t))
    (tmp_path / "deck.pptx").write_bytes(slides.content(report, t))
    heads = [Column("Occupé", "bytes"), Column("Jour", "day")]
    rows = [(size, dt.date(2026, 11, 27)) for size in (9.16e16, 5.18e12, 42e9)]
    (tmp_path / "large.xlsx").write_bytes(
        workbooks.content([workbooks.Sheet("Grand", heads, rows)], language="fr")
    )
    subprocess.run(
        [soffice, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", "pdf", "--outdir", tmp_path,
         tmp_path / "book.xlsx", tmp_path / "deck.pptx", tmp_path / "large.xlsx"],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    book, deck = (
        " ".join(_read((tmp_path / name).read_bytes(), tmp_path).split()) for name in ("book.pdf", "deck.pdf")
    )
    assert "One CT more" in book
    large = _read((tmp_path / "large.pdf").read_bytes(), tmp_path).replace(",", ".")
    assert all(size in large for size in ("91.6 Po", "5.2 To", "42.0 Go", "27 nov. 2026"))
    assert "##" not in book + large, "a column is too narrow for its numbers"
    assert "Err:" not in book
    assert "#REF" not in book
    assert all(title in deck for title in ("1. L'essentiel", "15. Méthode et limites", "One CT more"))


@needs_chromium
def test_a_browser_shows_the_file_and_loads_nothing_else(decided: Data, tmp_path: Path) -> None:
    """Wide and on a phone: no script, no request, nothing that axe calls serious, and no page wider than the screen."""
    path, asked, said = tmp_path / "file.html", [], []
    path.write_bytes(hypertext.content(_made(decided, "fr"), _texts("fr", decided)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 800})
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(path.as_uri())
        assert asked == [path.as_uri()]
        assert said == []
        assert page.locator("script").count() == 0
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        assert violations(page) == []
        titles = page.locator("h2").all_inner_texts()
        shown = [one.partition(". ")[2].replace("\u00a0", " ") for one in titles]
        assert all(one.startswith(told) for one, told in zip(shown, SECTIONS["fr"], strict=True))
        browser.close()


@pytest.mark.parametrize(
    "told",
    [
        '#read("/etc/passwd")',
        "#panic()",
        "*bold* $x$ @ref <label> `raw`",
        '=HYPERLINK("http://evil.example")',
        "-5",
        "@SUM(1)",
    ],
)
def test_what_a_program_could_run_stays_text_in_every_format(told: str, old: Data, tmp_path: Path) -> None:
    report, t = _made(old, "en"), _texts("en", old)
    table = Table("Told", (Column("Name"), Column("Number", "number")), ((told, 1), (told, None)))
    section = report.sections[0]._replace(title=told, blocks=(Prose(told), Points((told,)), table))
    made = report._replace(sections=(section,))
    paper = "".join(_read(pdf.content(made, t), tmp_path).split()).replace("“", '"').replace("”", '"')
    assert paper.count("".join(told.split())) == 6, "title, its line of the contents, prose, point, two cells"
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.content(made, t)))["Told"]
    assert (sheet["A2"].value, sheet["A2"].data_type) == (told, "s")
    assert html.escape(told) in hypertext.content(made, t).decode()
    deck = Presentation(io.BytesIO(slides.content(made, t)))
    cells = [
        shape.table.cell(1, 0).text for slide in deck.slides for shape in slide.shapes if shape.has_table
    ]
    assert cells == [told]


def test_a_name_of_a_device_is_text_in_the_html_as_well(old: Data) -> None:
    told = hypertext.content(_made(old, "en"), _texts("en", old)).decode()
    assert "<script" not in told
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in told


def test_paper_and_browser_show_the_same_cells(decided: Data, tmp_path: Path) -> None:
    """What a table says on one is what it says on the other, to the last figure."""
    report, t = _made(decided, "fr"), _texts("fr", decided)
    paper = "".join(_read(pdf.content(report, t), tmp_path).split())
    told = _cells(hypertext.content(report, t).decode())
    assert len(told) > 100
    assert [one for one in told if "".join(one.split()) not in paper] == []


def _cells(page: str) -> list[str]:
    """The cells of the tables of a page that are figures or days."""
    found = re.findall(r'<td class="right">(.*?)</td>', page)
    return [
        one.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")
        for one in map(html.unescape, found)
        if one
    ]


def test_what_was_expected_and_is_damaged_is_said_and_the_file_is_made(decided: Data, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(decided.folder, folder)
    with sqlite3.connect(folder / "state.db") as db:
        triggers = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")]
        for name in triggers:
            db.execute(f'DROP TRIGGER "{name}"')
        assert db.execute("UPDATE scenario_expected SET text = '{'").rowcount
    db.close()
    report = _made(making.Asked(decided.estate, folder, decided.clock), "en")
    (row,) = _table(report, "Expected and measured")
    assert row["What it says"] == "it cannot be read any more"
    assert row["Expected"] is None


def test_a_share_that_nobody_declares_is_unknown_and_not_nought(decided: Data) -> None:
    rows = {str(row["Directorate"]): row for row in _table(_made(decided, "en"), "By directorate")}
    assert set(rows) == {"Surgery", "not declared"}
    assert rows["Surgery"]["Workstations"] + rows["not declared"]["Workstations"] == 30
    assert rows["Surgery"]["Storage used"] == 0
    assert rows["not declared"]["Share"] == 1.0
    # Each byte is counted once: as in the sum of all systems, where what has no size lies on something that has one.
    systems = sum(
        float(str(row["Used"]))
        for row in _table(_made(decided, "en"), "Storage by system")
        if row["Usable size"] is not None
    )
    assert rows["not declared"]["Storage used"] == pytest.approx(systems)


def test_what_directorates_renew_and_what_is_not_divided_are_what_the_plan_orders(decided: Data) -> None:
    issued = decided.renewal()
    assert issued is not None
    ordered = sum(one["spent"] for one in issued.content["money"] if not one["purse"])
    rows = _table(_made(decided, "en"), "By directorate")
    divided = sum(float(str(row["Workstations to renew"])) for row in rows)
    assert ordered - divided == pytest.approx(
        sum(one["updates"] + one["licences"] for one in issued.content["costs"])
    )
    assert ("are not divided" in _prose(_made(decided, "en"), "shares")) == (ordered - divided > 1)


@pytest.mark.parametrize(("highest", "labels"), [
    (139.0, ["0", "50", "100", "150"]), (9_400.0, ["0", "2,000", "4,000", "6,000", "8,000", "10,000"]),
    (560.0, ["0", "200", "400", "600"]), (1.0, ["0", "1"]), (0.0, ["0", "1"]), (3.0, ["0", "1", "2", "3"]),
])  # fmt: skip
def test_an_axis_bears_round_numbers_and_none_twice(highest: float, labels: list[str], old: Data) -> None:
    chart = Bars("Machines", "", Column("Machines", "number"), ("one",), (("Machines", (highest,)),))
    drawn = ElementTree.fromstring(svg(chart, _texts("en", old)))
    texts = [one for one in drawn.iter("{http://www.w3.org/2000/svg}text") if one.get("text-anchor") == "end"]
    assert [one.text for one in texts] == labels


def test_an_empty_estate_gives_a_short_honest_file(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text("title: Leer\ntimezone: Europe/Paris\nlanguage: fr\n")
    ended = jauge("report", "estate.yml", "--output", "out", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert {one.suffix for one in (tmp_path / "out").iterdir()} == {".pdf", ".xlsx", ".html", ".pptx"}
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
    assert [one.name for one in written] == [
        f"jauge-committee-{today.isoformat()}.{form}" for form in ("pdf", "xlsx", "html", "pptx")
    ]
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


def test_a_table_that_a_page_cuts_has_two_rows_at_least_on_either_side(old: Data, tmp_path: Path) -> None:
    report = _made(old, "en")
    head = next(report.tables()).columns[:1]
    blocks: list[Block] = []
    for table in range(40):  # each begins somewhere else on its page
        blocks += [Prose("A line.")] * (table % 7)
        rows = tuple((f"row{table}of{row}",) for row in range(5 + table % 16))
        blocks.append(Table(f"Table {table}", head, rows, under=()))
    long = report._replace(sections=(report.sections[0]._replace(blocks=tuple(blocks)),))
    pages = _read(pdf.content(long, _texts("en", old)), tmp_path).split("\f")
    cut = 0
    for table in range(40):
        on = [found for page in pages if (found := re.findall(rf"row{table}of\d+", page))]
        assert sum(map(len, on)) == 5 + table % 16
        assert len(on) == 1 or min(map(len, on)) > 1, (table, on)
        cut += len(on) > 1
    assert cut > 3, "some tables were cut"


def test_a_name_is_broken_after_its_slash_where_a_line_does_not_hold_it_alone(
    old: Data, tmp_path: Path
) -> None:
    report, name, long = _made(old, "fr"), "/srv/pacs", "/" + "/".join(["imagerie-archive"] * 12)
    said = [f"{'mot ' * words}{name} est plein, et {name}." for words in range(30)]
    heads = [Column(title) for title in ("Quoi", "Pourquoi", "Alors")]
    rows = tuple((f"{'un ' * words}{name}", text, f"{name} ({name})") for words, text in enumerate(said[:20]))
    blocks: list[Block] = [
        *map(Prose, said),
        Points(tuple(said)),
        Table("Noms", heads, rows, under=()),
        Prose(long),
    ]
    shown = report._replace(sections=(report.sections[0]._replace(blocks=tuple(blocks)),))
    content = pdf.content(shown, _texts("fr", old))
    lines = [line.strip() for line in _read(content, tmp_path, "-layout").splitlines()]
    assert sum(line.count(name) for line in lines) == 2 * len(said) + 2 * len(said) + 5 * len(rows)
    words = _read(content, tmp_path, "-bbox")
    assert max(float(edge) for edge in re.findall(r'xMax="([\d.]+)"', words)) < 595, "A4 is 595 points wide"


def test_what_is_all_of_its_target_is_told_with_its_quantity() -> None:
    t = Texts("fr", ZoneInfo("Europe/Paris"))
    assert walls.titled("hci-01", "hci-01", "memory", t) == "hci-01 (mémoire)"
    assert walls.titled("/srv/pacs", "pacs-01", "storage", t) == "/srv/pacs sur pacs-01"


def test_every_character_that_is_let_through_can_be_set(old: Data) -> None:
    """PDF/UA refuses a character without a glyph: were one let through, no file would be made."""
    every = "".join(chr(code) for span in pdf.PRINTABLE for code in span)
    report = _made(old, "fr")._replace(subtitle=every, sections=())
    assert pdf.content(report, _texts("fr", old)).startswith(b"%PDF")
