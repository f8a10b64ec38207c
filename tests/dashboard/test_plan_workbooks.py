"""The workbooks of a plan and of scenarios beside it hold the figures of their documents, as two other programs read them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import subprocess
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from asking import ask, words
from exported import HEAD, TARGETS, fleet, text
from servers import program

from dashboard import comparisons, plans, preparing
from dashboard.app import create
from dashboard.comparisons import Compared
from dashboard.data import Data
from dashboard.texts import Texts
from exporters import workbooks
from exporters.workbooks import Sheet
from forecasting.renewal import issuing
from forecasting.renewal.kept import LINES
from inventory.checking import load
from inventory.imports import reading, snapshots
from inventory.scenarios.reading import revive
from inventory.state import open_state, scenarios

pytestmark = pytest.mark.xdist_group("workbooks of a plan")

COUNT = 60
HEADERS = {"Host": "localhost", "Origin": "http://localhost"}
SECTION = """
contracts: {pc: {title: UGAP, lead_time: 8w}}
workstations:
  years: 4
  age_limit: 7
  directorates: {Soins: {services: [Chirurgie]}}
  classes:
    - {name: bloc, title: Bloc, criticality: critical, care: true, age_limit: 5, spares: {share: 10 %%}, fits: {services: [Chirurgie]}}
    - {name: bureaux, title: "=Bureaux", criticality: low, fits: {services: [Administration, Accueil]}}
  offers:
    portable: {title: Portable 14, contract: pc, price: 900, fits: {kinds: [Portable]}}
    fixe: {title: "@Mini PC", contract: pc, price: 600, fits: {kinds: [Fixe]}}
  budgets: {%d: {amount: 9000, directorates: {Soins: 4000}, sites: {"=1+1": 5000}}}
"""
Rows = list[list[Any]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    """A plan with its curve and a scenario beside it; one site is called like a formula, and money is short."""
    folder = tmp_path_factory.mktemp("plan")
    today = dt.datetime.now(dt.UTC).date()
    (folder / "estate.yml").write_text(HEAD + TARGETS + SECTION % today.year)
    rows = fleet(COUNT, today)
    for one in rows:
        one[1] = "=1+1" if one[1] == "Nord" else one[1]
    rows[5][14], rows[7][7] = "Stock", ""
    (folder / "glpi.csv").write_text(text(rows))
    state = open_state(folder / "state.db")
    with reading.read(state, folder / "glpi.csv", today, reading.Asked("glpi")) as found:
        snapshots.commit(state, found, "tests")
    made = Data(load(folder / "estate.yml"), folder)
    en = Texts("en", made.zone)
    for number in ("-20", "20"):
        form = {"kind": "budget", "number": number, "year": str(today.year)}
        kept = json.dumps(preparing.scenario(form, today, en))
        scenarios.save(state, revive(kept), kept, "tests", made.clock())
    issuing.night(state, made.estate, folder, made.clock())
    return made


@pytest.fixture(scope="module")
def document(data: Data) -> dict[str, Any]:
    issued, curve = data.renewal(), data.curve()
    assert issued is not None
    assert curve is not None
    return {**issued.content, "curve": curve.content}


def _openpyxl(content: bytes) -> dict[str, Rows]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {
        sheet.title: [[_value(cell.value) for cell in row] for row in sheet.iter_rows()] for sheet in book
    }


def _value(value: Any) -> Any:
    return value.date() if isinstance(value, dt.datetime) else value


def _figures(value: Any) -> Any:
    """What a figure of a document is to fifteen figures, as spreadsheets hold them."""
    return pytest.approx(value, rel=1e-14, abs=1e-14) if isinstance(value, float) else value


def _libreoffice(content: bytes, folder: Path) -> dict[str, list[list[str]]]:
    """Every sheet as CSV: UTF-8, quoted texts alone, values as they are kept and not as they are shown."""
    soffice = program("soffice", "libreoffice-calc-nogui")
    (folder / "book.xlsx").write_bytes(content)
    options = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
    subprocess.run(
        [soffice, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", options,
         "--outdir", folder / "csv", folder / "book.xlsx"],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    found = {}
    for file in (folder / "csv").glob("book-*.csv"):
        with file.open(encoding="utf-8", newline="") as lines:
            found[file.stem.removeprefix("book-")] = list(csv.reader(lines))
    return found


def _same(cell: str, value: Any) -> bool:
    """Whether LibreOffice shows what openpyxl reads."""
    if value is None or isinstance(value, str):
        return cell.strip() == (value or "").strip()
    if isinstance(value, dt.date):
        return cell == value.isoformat()
    number = float(cell.removesuffix("%")) / (100 if cell.endswith("%") else 1)
    return number == pytest.approx(float(value), rel=1e-9, abs=1e-9)


def _day(told: str | None) -> dt.date | None:
    return dt.date.fromisoformat(told) if told else None


def _columns(rows: Rows, *titles: str) -> list[tuple[Any, ...]]:
    places = [rows[0].index(title) for title in titles]
    return [tuple(row[place] for place in places) for row in rows[1:]]


def _book(document: Mapping[str, Any], data: Data, language: Any = "en") -> bytes:
    made = plans.workbook(document, data.rules, "=Hospital", Texts(language, data.zone))
    return workbooks.content(made, "plan")


_LINES = (
    "Machines, installed (EUR)", "Second renewals (EUR)", "Licences of editions (EUR)", "Paid updates (ESU) (EUR)",
    "Running costs of what was bought (EUR)", "Support after the warranty (EUR)", "Failures to expect (EUR)",
)  # fmt: skip


def _adds_up(rows: Sequence[Sequence[float]]) -> None:
    """The lines of each row make its last two figures: what is ordered, and all."""
    assert rows
    for *lines, ordered, whole in rows:
        assert (ordered, whole) == pytest.approx((sum(lines[:4]), sum(lines)))


def test_each_figure_of_the_document_stands_in_the_workbook_as_a_number_or_a_day(
    document: dict[str, Any], data: Data
) -> None:
    book = _openpyxl(_book(document, data))
    bought = _columns(
        book["Purchases"], "Year of the order", "Order on", "Installed from", "Workstations (number)", "Money (EUR)",
        "Deadline", "Model replaced",
    )  # fmt: skip
    assert bought == [
        (
            one["year"], _day(one["ordered"]), _day(one["quarter"]), one["machines"], _figures(one["money"]),
            _day(one["deadline"]), one["model"] or None,
        )
        for one in document["waves"]
    ]  # fmt: skip
    assert {one["deadline"] for one in document["waves"] if one["why"] == "spare"} == {None}
    years = [one for one in document["money"] if not one["purse"]]
    assert _columns(book["Years"], "Year of the order", "Money (EUR)", "Budget (EUR)", "Left (EUR)") == [
        (one["year"], _figures(one["spent"]), one["budget"], pytest.approx(one["budget"] - one["spent"]))
        for one in years
    ]
    machines = Counter[int]()
    for one in document["waves"]:
        machines[one["year"]] += one["machines"]
    costs = _columns(book["Costs"], *_LINES, "Ordered in all (EUR)", "Total (EUR)")
    _adds_up(costs)
    assert [row[-2] for row in costs] == [_figures(one["spent"]) for one in years]
    past = [document["past_age"][str(one["year"])] for one in years]
    counts = _columns(book["Years"], "Workstations (number)", "Past their age at its end (number)")
    assert counts == [(machines[one["year"]], each) for one, each in zip(years, past, strict=True)]
    failures = (
        "Failures to expect (number)",
        "At least, 8 chances in 10 (number)",
        "At most, 8 chances in 10 (number)",
    )
    shown = _columns(book["Years"], "Year of the order", *failures)
    assert shown == [
        (one["year"], *(_figures(one[name]) for name in ("expected", "low", "high")))
        for one in document["failures"]
    ]
    purses = [one for one in document["money"] if one["purse"]]
    assert {one["purse"].split(" ", 1)[1] for one in purses} == {"Soins", "=1+1"}
    assert _columns(book["Directorates and sites"], "Of", "Money (EUR)", "Budget (EUR)") == [
        (one["purse"].split(" ", 1)[1], _figures(one["spent"]), one["budget"]) for one in purses
    ]
    curve = (
        "More or less money (share of 1)",
        "Money (EUR)",
        "Past their deadline (number)",
        "Worth of 50,000 EUR more (EUR)",
    )
    assert _columns(book["More money"], *curve) == [
        (one["share"], _figures(one["spent"]), one["late"], _figures(one["lump"]))
        for one in document["curve"]
    ]
    late = _columns(
        book["Past their deadline"],
        "Workstation",
        "Deadline",
        "Late until, at most",
        "Late within the plan (months)",
        "Replaced from",
    )
    assert late == [
        (
            one["name"],
            _day(one["deadline"]),
            _day(one["until"]),
            _figures(one["months"]),
            _day(one["replaced"]),
        )
        for one in document["overdue"]
    ]
    ended = _columns(book["Out of support today"], "Workstations (number)", "Replaced by the plan (number)")
    assert ended == [(one["machines"], one["replaced"]) for one in document["out_of_support"]]
    assert late
    kept = _columns(book["Kept"], "Model replaced", "Purchased in the quarter from", "Workstations (number)")
    assert kept == [(one["model"], _day(one["bought"]), one["machines"]) for one in document["kept"]]
    spares = _columns(book["Spares"], "Wanted (number)", "In stock (number)")
    assert spares == [(one["wanted"], one["stock"]) for one in document["spares"]]
    assert spares == [(one["wanted"], 0) for one in document["spares"]]
    assert [row[0] for row in book["Not planned"][1:]] == [one["name"] for one in document["left_alone"]]
    about = {row[0]: row[1] for row in book["About"]}
    assert about["Day of this plan"] == _day(document["today"])
    assert about["Money of all years (EUR)"] == pytest.approx(sum(one["spent"] for one in years))
    service = "With what machines cost while they serve (EUR)"
    assert about[service] == pytest.approx(sum(row[-1] for row in costs))
    assert about["Workstations past their deadline"] == len(document["overdue"])
    assert about["How long machines last"] == "assumed"
    assert about["Failures of these"] is None
    assert about["No plan is better by more than (share of 1)"] == _figures(document["gap"])


def test_the_workbook_tells_from_how_many_failures_lives_were_learnt(
    document: dict[str, Any], data: Data
) -> None:
    learnt = {
        "known": "learnt", "few": True, "failures": 3, "machines": 1204, "years": 3102.5, "since": "2025-02-01", "until": "2026-11-26",
        "models": {"own": 1, "maker": 4, "all": 0},
    }  # fmt: skip
    about = {row[0]: row[1] for row in _openpyxl(_book({**document, "survival": learnt}, data))["About"]}
    assert about["How long machines last"] == "learnt from the imports"
    assert about["Learnt from the imports since"] == _day("2025-02-01")
    assert (about["Workstations that were watched"], about["Of it machine-years"]) == (1204, 3102.5)
    assert (about["Failures of these"], about["Models whose curve is mostly that of their maker"]) == (3, 4)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", {
            "The search for this plan": "ended by the clock: on a quicker machine the plan may be another one",
            "Taken to go on at its price after its contract ends: @Mini PC": dt.date(2028, 6, 30),
            "Workstations of which the inventory does not say clearly which system they run": 1,
            "Workstations with a system of which the catalogue of ends of support has no date": 2,
        }),
        ("fr", {
            "La recherche de ce plan": "arrêtée par l'horloge : sur une machine plus rapide, le plan peut être un autre",
            "Supposée continuer à son prix après la fin de son marché : @Mini PC": dt.date(2028, 6, 30),
            "Postes dont l'inventaire ne dit pas clairement le système": 1,
            "Postes dont le système n'a pas de date au catalogue des fins de support": 2,
        }),
    ],
)  # fmt: skip
def test_what_a_plan_takes_for_granted_stands_in_its_workbook_in_words(
    document: dict[str, Any], data: Data, language: Any, expected: dict[str, Any]
) -> None:
    unsure = [
        {"name": name, "why": why} for name, why in (("a", "untold"), ("b", "unlisted"), ("c", "unlisted"))
    ]
    taken = {
        "late_search": True, "going_on": [{"offer": "fixe", "until": "2028-06-30"}], "support_unknown": unsure,
    }  # fmt: skip
    book = list(_openpyxl(_book({**document, **taken}, data, language)).values())
    about = {str(row[0]).replace("\u00a0", " "): row[1] for row in book[0]}
    told = {what: about[what] for what in expected}
    plain = {what: one.replace("\u00a0", " ") if isinstance(one, str) else one for what, one in told.items()}
    assert plain == expected


def test_each_site_has_its_sheet_and_their_sums_are_the_whole(document: dict[str, Any], data: Data) -> None:
    book = _openpyxl(_book(document, data))
    sums = Counter[tuple[str, int]]()
    money = Counter[tuple[str, int]]()
    for one in document["waves"]:
        sums[one["site"], one["year"]] += one["machines"]
        money[one["site"], one["year"]] += one["money"]
    shown = _columns(
        book["Sites and years"], "Site", "Year of the order", "Workstations (number)", "Money (EUR)"
    )
    named = {(site or "Unknown site", year): count for (site, year), count in sums.items()}
    assert {(site, year): count for site, year, count, _ in shown} == named
    assert sum(one[3] for one in shown) == pytest.approx(money.total())
    for site, sheet in (("=1+1", "=1+1"), ("Sud", "Sud")):
        rows = _columns(book[sheet], "Year of the order", "Workstations (number)", "Money (EUR)")
        mine = [one for one in document["waves"] if one["site"] == site]
        assert rows == [(one["year"], one["machines"], _figures(one["money"])) for one in mine]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_libreoffice_shows_what_openpyxl_reads_and_computes_nothing(
    document: dict[str, Any], data: Data, tmp_path: Path, language: Any
) -> None:
    content = _book(document, data, language)
    book, shown = _openpyxl(content), _libreoffice(content, tmp_path)
    assert len(shown) == len(book) > 9
    for name, rows in book.items():
        cells = shown[name]
        assert len(cells) == len(rows), name
        for line, row in zip(cells, rows, strict=True):
            wrong = [(cell, value) for cell, value in zip(line, row, strict=True) if not _same(cell, value)]
            assert not wrong, name
    flat = {cell for rows in shown.values() for line in rows for cell in line}
    assert {"=1+1", "=Bureaux", "@Mini PC"} <= flat, "texts that look like formulas stay as they were written"
    raw = openpyxl.load_workbook(io.BytesIO(content))
    assert not [cell for sheet in raw for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_every_column_of_figures_says_its_unit(document: dict[str, Any], data: Data) -> None:
    for language in ("en", "fr"):
        for sheet in plans.workbook(document, data.rules, "x", Texts(language, data.zone)):
            unitless = [
                one.title
                for one in sheet.columns
                if one.kind not in ("text", "day", "year") and "(" not in one.title
            ]
            assert not unitless, sheet.title


def test_a_page_and_a_command_write_the_same_sheets(document: dict[str, Any], data: Data) -> None:
    """The page writes what was kept; the verb is tested in tests/jauge/test_renewal.py by the same titles."""
    app = create(data, open_state(data.folder / "state.db"), demo=True)
    answer = app.server.test_client().get("/renewal/export?form=xlsx", headers=HEADERS)
    mine = _openpyxl(
        workbooks.content(plans.workbook(document, data.rules, "Test hospital", Texts("en", data.zone)))
    )
    assert _openpyxl(answer.data) == mine


# --- scenarios ----------------------------------------------------------------------------------------


def _years(outline: Mapping[str, Any], field: str) -> list[Any]:
    return [one[field] for one in outline["years"]]


def test_scenarios_stand_beside_the_plan_without_them(data: Data, tmp_path: Path) -> None:
    app = create(data, open_state(data.folder / "state.db"), demo=True)
    names = [one.name for one in data.scenarios()]
    assert len(names) == 2
    cases = {name: issuing.read(data.folder, issuing.case(name)) for name in names}
    answer = app.server.test_client().get(f"/scenarios/export?compare={','.join(names)}", headers=HEADERS)
    assert answer.status_code == 200
    book = _openpyxl(answer.data)
    shown = _libreoffice(answer.data, tmp_path)
    assert [row[0] for row in book["In all"][1:]] == [
        "Without any of them", *(f"With: {one.title}" for one in data.scenarios())
    ]  # fmt: skip
    pieces = [cases[one.name] for one in data.scenarios()]
    outlines = [pieces[0].content["without"], *(one.content["with"] for one in pieces if one)]  # type: ignore[union-attr]
    assert pieces[0].content["without"] == pieces[1].content["without"]  # type: ignore[union-attr]
    for row, one in zip(book["In all"][1:], outlines, strict=True):
        machines = sum(_years(one, "machines"))
        told = (
            one["spent"],
            one["total"],
            machines,
            one["overdue"],
            one["lateness"],
            one["failures"],
            one["gap"],
        )
        assert row[1:] == [_figures(each) for each in told]
    for sheet, field in (
        ("Workstations replaced", "machines"),
        ("Failures", "failures"),
        ("Past their age", "past_age"),
        ("Lateness", "lateness"),
    ):
        assert [row[0] for row in book[sheet][1:]] == _years(outlines[0], "year")
        for place, one in enumerate(outlines, 1):
            assert [row[place] for row in book[sheet][1:]] == [_figures(each) for each in _years(one, field)]
            assert [float(row[place]) for row in shown[sheet][1:]] == pytest.approx(_years(one, field))
    for place, one in enumerate(outlines, 1):
        assert [row[place] for row in book["Money by year"][1:]] == pytest.approx(_years(one, "spent"))
        assert [row[place + 3] for row in book["Money by year"][1:]] == pytest.approx(_years(one, "budget"))
    assert book["Money by year"][0][1] == "Without any of them (EUR)"
    costs = _columns(book["Costs"], "Plan", "Year", *_LINES, "Ordered in all (EUR)", "Total (EUR)")
    assert [row[:2] for row in costs] == [
        (row[0], year) for row in book["In all"][1:] for year in _years(outlines[0], "year")
    ]
    _adds_up([row[2:] for row in costs])
    assert "Without any of them" in words(ask(app, "/scenarios", f"?compare={','.join(names)}"))


def test_scenarios_that_were_held_against_different_plans_each_keep_their_own() -> None:
    def outline(spent: float) -> dict[str, Any]:
        lines = dict.fromkeys(LINES, 0.0) | {"purchases": spent, "spent": spent, "total": spent}
        year = {
            "year": 2027,
            **lines,
            "budget": None,
            "machines": 3,
            "failures": 1.5,
            "past_age": 0,
            "lateness": 0.0,
        }
        whole = {"spent": spent, "total": spent, "overdue": 0, "lateness": 0.0, "failures": 1.5, "gap": 0.0}
        return {"years": [year], **whole, "currency": "EUR"}

    cases = [Compared("=A", outline(10.0), outline(8.0)), Compared("B", outline(8.0), outline(7.0))]
    t = Texts("en", ZoneInfo("Europe/Paris"))
    named: Sequence[tuple[str, Any]] = comparisons.plans(cases, t)
    assert [(name, one["spent"]) for name, one in named] == [
        ("Without: =A", 10.0), ("With: =A", 8.0), ("Without: B", 8.0), ("With: B", 7.0),
    ]  # fmt: skip
    sheets: list[Sheet] = list(comparisons.workbook(cases, "x", t))
    book = _openpyxl(workbooks.content(sheets))
    assert [row[1] for row in book["In all"][1:]] == [10, 8, 8, 7]
    assert book["Money by year"][1][5:] == [None] * 4, "no budget bounds it"


def test_a_workbook_of_scenarios_that_are_none_is_not_there(data: Data) -> None:
    client = create(data, open_state(data.folder / "state.db"), demo=True).server.test_client()
    for query in ("", "?compare=none", "?compare=", "?form=csv&compare=x"):
        assert client.get(f"/scenarios/export{query}", headers=HEADERS).status_code == 404
