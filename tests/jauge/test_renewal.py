"""`jauge renew`: from an import, or from an export, to a plan that is printed, compared and committed."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from forecasting.renewal import issuing
from forecasting.renewal.kept import PLAN, Replacements, path_of
from inventory.checking import load
from inventory.imports import reading, snapshots
from inventory.state import open_state, scenarios
from tests.within import jauge

_ESTATE = """
timezone: Europe/Paris
contracts: {frame: {lead_time: 4w}}
workstations:
  years: 3
  age_limit: 5
  classes: [{name: ward, title: Ward, fits: {services: [Soins*]}}]
  offers: {pc: {contract: frame, price: 600}}
  budgets: {2020: {amount: %s}}
  costs: {largest: 0}
"""
_HEAD = "Nom;Numéro de série;Fabricant;Modèle;Lieu;Groupe;Date d'achat;Système d'exploitation;Édition"
_OLD = "pc{0};S{0};HP;ProDesk;Main;Soins 1;2017-03-01;Microsoft Windows 10;Professionnel"
_NEW = "pc{0};S{0};Dell;Latitude;Main;Admin;2026-03-01;Microsoft Windows 11;Professionnel"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Four machines whose system is not mended any more, and three that are new."""
    rows = [*(_OLD.format(k) for k in range(4)), *(_NEW.format(k) for k in range(4, 7))]
    (tmp_path / "glpi.csv").write_text("\n".join([_HEAD, *rows]) + "\n", "utf-8")
    (tmp_path / "estate.yml").write_text(_ESTATE % 100_000, "utf-8")
    return tmp_path


def _plan(place: Path, *words: str, status: int = 3) -> dict[str, Any]:
    ended = jauge("renew", "estate.yml", "--json", *words, cwd=place)
    assert ended.returncode == status, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_a_plan_of_an_export_says_what_is_late_and_ends_with_status_3(place: Path) -> None:
    found = _plan(place, "--csv", "glpi.csv")
    assert found["machines"] == 7
    assert {one["deadline"] for one in found["overdue"]} == {"2025-10-14"}
    assert [one["name"] for one in found["overdue"]] == ["pc0", "pc1", "pc2", "pc3"]
    assert {one["why"] for one in found["overdue"]} == {"order"}
    first = [one for one in found["waves"] if one["model"] == "ProDesk"]
    assert [(one["machines"], one["money"], one["use"]) for one in first] == [(4, 2400, "ward")]


def test_a_plan_of_what_was_imported_is_that_of_the_export(place: Path) -> None:
    assert jauge("inventory", "import", "glpi.csv", "--yes", cwd=place).returncode == 0
    imported, exported = _plan(place), _plan(place, "--csv", "glpi.csv")
    assert imported["waves"] == exported["waves"]


def test_a_plan_in_words_names_what_it_assumes(place: Path) -> None:
    ended = jauge("renew", "estate.yml", "--csv", "glpi.csv", "--curve", cwd=place)
    assert ended.returncode == 3
    assert "4 machines stay past a deadline, for " in ended.stdout
    assert "How long machines last is assumed" in ended.stdout
    assert "-40%" in ended.stdout


def test_nothing_imported_and_nothing_sold_are_told_with_what_to_do(place: Path) -> None:
    ended = jauge("renew", "estate.yml", cwd=place)
    assert (ended.returncode, "jauge inventory import" in ended.stderr) == (1, True)
    (place / "estate.yml").write_text("timezone: Europe/Paris\n", "utf-8")
    ended = jauge("renew", "estate.yml", "--csv", "glpi.csv", cwd=place)
    assert (ended.returncode, "offers" in ended.stderr) == (1, True)


def test_a_scenario_is_compared_committed_and_frozen_like_those_of_stores(place: Path) -> None:
    """Half of 2,400 buys two of the four that are late: the other two wait for the next year."""
    (place / "estate.yml").write_text(_ESTATE % 2400, "utf-8")
    change = {"kind": "fleet-money", "start": "2020-01-01", "rate": "-50 %"}
    (place / "cut.yml").write_text(json.dumps({"name": "cut", "changes": [change]}), "utf-8")
    assert jauge("inventory", "import", "glpi.csv", "--yes", cwd=place).returncode == 0
    base, case = json.loads(jauge("renew", "estate.yml", "--scenario", "cut.yml", "--json", cwd=place).stdout)
    budgets = [{one["budget"] for one in plan["money"] if not one["purse"]} for plan in (base, case)]
    assert budgets == [{2400}, {1200}]
    assert jauge("scenario", "save", "cut.yml", "--estate", "estate.yml", cwd=place).returncode == 0
    ended = jauge("scenario", "commit", "cut", "--why", "decided", "--estate", "estate.yml", cwd=place)
    assert ended.returncode == 0, ended.stderr
    frozen = scenarios.expected(open_state(place / "data" / "state.db"), "cut")
    assert frozen is not None
    years = {name: json.loads(text) for name, text in frozen.text.items()}
    assert all(name.startswith("workstations{year=") for name in years)
    assert sum(one["machines"][1] for one in years.values()) == sum(one["machines"] for one in case["waves"])
    assert {one["budget"] for one in _plan(place)["money"] if not one["purse"]} == {
        1200
    }  # it counts from now on


def test_a_committed_scenario_is_measured_by_what_later_imports_show(place: Path) -> None:
    """After the commitment two machines come that were bought since then, and one fails; money is not told by imports."""
    today = dt.datetime.now(dt.UTC).date()
    change = {"kind": "fleet-money", "start": "2020-01-01", "rate": "-50 %"}
    (place / "cut.yml").write_text(json.dumps({"name": "cut", "changes": [change]}), "utf-8")
    rows = (place / "glpi.csv").read_text("utf-8").splitlines()
    assert jauge("inventory", "import", "glpi.csv", "--yes", cwd=place).returncode == 0
    assert jauge("scenario", "save", "cut.yml", "--estate", "estate.yml", cwd=place).returncode == 0
    assert (
        jauge("scenario", "commit", "cut", "--why", "decided", "--estate", "estate.yml", cwd=place).returncode
        == 0
    )
    before = json.loads(
        jauge("scenario", "measure", "cut", "--json", "--estate", "estate.yml", cwd=place).stdout
    )
    assert [one["came"] for one in before] == [None] * len(before)

    state = open_state(place / "data" / "state.db")
    later = dt.datetime.combine(today + dt.timedelta(days=2), dt.time(12), dt.UTC)
    bought = (today + dt.timedelta(days=1)).isoformat()
    new = [_NEW.format(k).replace("2026-03-01", bought) for k in (8, 9)]
    titles = rows[0] + ";Statut"
    body = [f"{row};{'En panne' if row.startswith('pc4;') else 'En service'}" for row in (*rows[1:], *new)]
    (place / "later.csv").write_text("\n".join([titles, *body]) + "\n", "utf-8")
    with reading.read(state, place / "later.csv", later.date()) as found:
        snapshots.commit(state, found, "test", at=later.timestamp())
    after = json.loads(
        jauge("scenario", "measure", "cut", "--json", "--estate", "estate.yml", cwd=place).stdout
    )
    year = next(one for one in after if one["year"] == (today + dt.timedelta(days=1)).year)
    assert (year["came"], year["failed"]) == (2, 1)
    assert year["machines"] == next(one["machines"] for one in before if one["year"] == year["year"])


def test_what_the_kept_plan_cannot_keep_is_on_the_runway_of_the_estate(place: Path) -> None:
    """Nothing is solved for it: before a plan was kept there is no wall of workstations."""
    assert jauge("inventory", "import", "glpi.csv", "--yes", cwd=place).returncode == 0

    def walls() -> list[tuple[str, str, str, str]]:
        ended = jauge("runway", "estate.yml", "--json", cwd=place)
        assert ended.returncode == 0, ended.stderr
        found = json.loads(ended.stdout)["walls"]
        return [(one["what"], one["target"], one["quantity"], one["central"]) for one in found]

    assert walls() == []
    state = open_state(place / "data" / "state.db")
    assert issuing.issue(
        state, load(place / "estate.yml"), place / "data", dt.datetime.now(dt.UTC).timestamp()
    )
    assert walls() == [("Ward", "workstations", "support", "2025-10-14")]


def test_the_kept_plan_tells_how_many_machines_it_replaces_in_each_year(place: Path) -> None:
    replaced = Replacements(place / "data")
    assert replaced.by_year() is None
    assert jauge("inventory", "import", "glpi.csv", "--yes", cwd=place).returncode == 0
    state, estate = open_state(place / "data" / "state.db"), load(place / "estate.yml")
    now = dt.datetime.now(dt.UTC).timestamp()
    assert issuing.issue(state, estate, place / "data", now)
    told = _plan(place)
    waves = [one for one in told["waves"] if one["why"] not in ("project", "spare")]
    years = {one["year"] for one in told["money"]}
    expected = {year: sum(one["machines"] for one in waves if one["year"] == year) for year in years}
    assert replaced.by_year() == expected
    assert sum(expected.values()) == 4

    # A file that tells of no plan, as one that could not be made: nothing is known, and the first answer is not kept.
    path = path_of(place / "data", PLAN)
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "content": None}), "utf-8")
    assert replaced.by_year() is None


def test_any_export_is_read_by_a_mapping_as_an_import_reads_it(place: Path) -> None:
    ended = jauge("renew", "estate.yml", "--source", "glpi", cwd=place)
    assert (ended.returncode, "--csv" in ended.stderr) == (2, True)
    assert _plan(place, "--csv", "glpi.csv", "--source", "glpi")["machines"] == 7
    assert jauge("renew", "estate.yml", "--csv", "glpi.csv", "--source", "none", cwd=place).returncode == 2


def test_the_example_of_the_documentation_can_be_used() -> None:
    example = Path(__file__).parent.parent.parent / "docs" / "examples" / "workstations.yml"
    estate = load(example)
    assert estate.workstations is not None
    assert estate.workstations.classify({"service": "Surgery 2", "kind": "laptop"}) == "theatre"


def test_the_plan_is_written_as_a_workbook_with_a_sheet_for_each_site(place: Path) -> None:
    file = place / "glpi.csv"
    file.write_text(file.read_text("utf-8").replace("ProDesk;Main;", "=1+1;Annex: [2];", 1), "utf-8")
    text = (place / "estate.yml").read_text("utf-8")
    (place / "estate.yml").write_text(f"title: '=Hospital'\nlanguage: fr\n{text}", "utf-8")
    ended = jauge("renew", "estate.yml", "--csv", "glpi.csv", "--output", "plan.xlsx", "--json", cwd=place)
    assert ended.returncode == 3
    found = json.loads(ended.stdout)
    book = openpyxl.load_workbook(place / "plan.xlsx")
    fixed = [
        "À propos", "Années", "Coûts", "Sites et années", "Achats", "Hors échéance", "Conservés", "Non planifiés",
    ]  # fmt: skip
    assert book.sheetnames[:8] == fixed
    rows = {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}
    bought = [dict(zip(rows["Achats"][0], row, strict=True)) for row in rows["Achats"][1:]]
    assert sum(row["Postes (nombre)"] for row in bought) == sum(one["machines"] for one in found["waves"])
    assert sum(row["Montant (EUR)"] for row in bought) == pytest.approx(
        sum(one["money"] for one in found["waves"])
    )
    assert book.sheetnames[8:] == ["Annex 2", "Main"], "without what Excel forbids"
    assert {row["Site"] for row in bought} == {"Annex: [2]", "Main"}
    for title in book.sheetnames[8:]:
        mine = sum(row["Postes (nombre)"] for row in bought if row["Site"].startswith(title[:5]))
        assert sum(row[8] for row in rows[title][1:]) == mine
    assert [row[0] for row in rows["Hors échéance"][1:]] == [one["name"] for one in found["overdue"]]
    place = rows["Hors échéance"][0].index("Pourquoi l'échéance est dépassée")
    late = {row[place] for row in rows["Hors échéance"][1:]}
    assert late == {"Même commandé aujourd'hui, rien n'arrive avant l'échéance."}
    years = {row[0]: row for row in rows["Années"][1:]}
    for one in found["money"]:
        if not one["purse"]:
            assert years[one["year"]][4] == pytest.approx(one["spent"])
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_plan_is_written_as_nothing_but_a_workbook(place: Path) -> None:
    ended = jauge("renew", "estate.yml", "--csv", "glpi.csv", "--output", "plan.pdf", cwd=place)
    assert (ended.returncode, "FILE.xlsx" in ended.stderr) == (2, True)


def test_scenarios_are_written_as_a_workbook_beside_the_plan_without_them(place: Path) -> None:
    (place / "estate.yml").write_text(_ESTATE % 2400, "utf-8")
    change = {"kind": "fleet-money", "start": "2020-01-01", "rate": "-50 %"}
    (place / "cut.yml").write_text(json.dumps({"name": "cut", "title": "=Cut", "changes": [change]}), "utf-8")
    words = (
        "renew",
        "estate.yml",
        "--csv",
        "glpi.csv",
        "--scenario",
        "cut.yml",
        "--output",
        "cut.xlsx",
        "--json",
    )
    ended = jauge(*words, cwd=place)
    assert ended.returncode == 3
    base, case = json.loads(ended.stdout)
    book = openpyxl.load_workbook(place / "cut.xlsx")
    rows = {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}
    assert [row[0] for row in rows["In all"]] == ["Plan", "Without any of them", "With: =Cut"]
    for row, one in zip(rows["In all"][1:], (base, case), strict=True):
        spent = sum(each["spent"] for each in one["money"] if not each["purse"])
        machines = sum(each["machines"] for each in one["waves"])
        failures = sum(each["expected"] for each in one["failures"])
        assert row[1:3] == pytest.approx([spent, sum(year["total"] for year in one["costs"])])
        assert row[3:5] == [machines, len(one["overdue"])]
        assert row[5:7] == pytest.approx([sum(one["lateness"].values()), failures])
    money = {row[0]: row[1:] for row in rows["Money by year"][1:]}
    for one, other in zip(base["money"], case["money"], strict=True):
        assert money[one["year"]] == pytest.approx([one["spent"], other["spent"], 2400, 1200])


def test_a_scenario_of_workstations_is_tried_shown_and_compared_as_the_plan_with_and_without_it(
    place: Path,
) -> None:
    """No store was ever polled here: no history is asked for."""
    (place / "estate.yml").write_text(_ESTATE % 2400, "utf-8")
    change = {"kind": "fleet-money", "start": "2020-01-01", "rate": "-50 %"}
    (place / "cut.yml").write_text(json.dumps({"name": "cut", "changes": [change]}), "utf-8")
    ended = jauge("scenario", "try", "cut.yml", cwd=place)
    assert (ended.returncode, "jauge inventory import" in ended.stderr) == (1, True)
    assert jauge("inventory", "import", "glpi.csv", "--yes", cwd=place).returncode == 0
    assert jauge("scenario", "save", "cut.yml", cwd=place).returncode == 0
    for words in (("try", "cut.yml"), ("show", "cut"), ("compare", "cut", "cut.yml")):
        ended = jauge("scenario", *words, cwd=place)
        assert ended.returncode == 3, "machines stay past a deadline"
        rows = [line.split() for line in ended.stdout.splitlines()]
        assert any(row[:3] == ["as", "it", "is"] and "2,400" in row for row in rows)
        assert any(row[:1] == ["cut"] and "1,200" in row for row in rows)
    told = json.loads(jauge("scenario", "try", "cut.yml", "--json", cwd=place).stdout)
    base, case = json.loads(jauge("renew", "estate.yml", "--scenario", "cut.yml", "--json", cwd=place).stdout)
    assert list(told) == ["workstations"]
    assert [one["scenario"] for one in told["workstations"]] == ["", "cut"]
    assert [one["money"] for one in told["workstations"]] == [base["money"], case["money"]]


def test_a_terminal_shows_caps_of_directorates_days_of_projects_and_as_many_lines_as_are_wanted(
    place: Path,
) -> None:
    """Of 2,400 a year the wards may have 1,200: two of the four that are late. What the project needs comes too late."""
    today = dt.datetime.now(dt.UTC).date()
    wing = f"{{name: wing, machines: 1, by: {today}, use: other}}"
    rules = f"  directorates: {{Care: {{services: [Soins*]}}}}\n  projects: [{wing}]\n"
    text = (_ESTATE % 2400).replace("{amount: 2400}", "{amount: 2400, directorates: {Care: 1200}}")
    (place / "estate.yml").write_text(text + rules, "utf-8")

    def lines(limit: int) -> list[list[str]]:
        ended = jauge("renew", "estate.yml", "--csv", "glpi.csv", "--limit", limit, cwd=place)
        assert ended.returncode == 3
        return [line.split() for line in ended.stdout.splitlines()]

    whole = lines(0)
    assert ["directorate", "Care", "1,200", "1,200"] in whole
    late = [row for row in whole if row[:1] in ([str(today)], ["2025-10-14"])]
    assert [row[:3] for row in late if row[0] == str(today)] == [[str(today), "project", "wing"]]
    assert len(late) > 2
    first = lines(1)
    assert [row for row in first if row in late] == late[:1]
    assert ["and", str(len(late) - 1), "more"] in first


def test_the_age_limit_is_told_with_its_years(place: Path) -> None:
    """The machines of 2026 are five years old in 2031, past the three years of this plan, which `--years 8` holds."""
    ended = jauge("renew", "estate.yml", "--csv", "glpi.csv", "--years", "8", cwd=place)
    assert "the age limit, 5 years" in ended.stdout
