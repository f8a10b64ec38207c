"""`jauge inventory status`, `rollouts`, `care`, `measure` and `export`, and the metrics: what they say of a small fleet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import subprocess
from pathlib import Path

import openpyxl
import pytest
import servers
import within
from prometheus_client.parser import text_string_to_metric_families

from exporters.own import Own
from inventory import metrics
from inventory.checking import load
from inventory.imports import reading, snapshots
from inventory.state import State, audit, open_state
from jauge import fleet

TODAY = dt.datetime.now(dt.UTC).date()
USER = "Jeanne Dupont-Lecomte"

ESTATE = f"""
title: "=Hospital"
timezone: UTC
language: fr
workstations:
  classes:
    - {{name: bloc, title: Bloc, criticality: critical, care: true, fits: {{services: [Bloc]}}}}
    - {{name: bureau, criticality: low, fits: {{services: [Direction]}}}}
  consoles:
    - {{fits: {{names: [SCAN-1]}}, until: 2099-12-31, why: "its maker validates nothing else"}}
  measures:
    - {{fits: {{names: [SCAN-1]}}, text: own network, who: CISO, day: 2026-01-01}}
  rollouts:
    windows-11:
      title: Windows 11
      counted: {{kind: os, os: Windows 11}}
      start: {TODAY - dt.timedelta(weeks=10)}
      end: {TODAY + dt.timedelta(weeks=10)}
    phones:
      counted: {{kind: days, file: phones.csv}}
      total: 100
      weekly: 10
      start: {TODAY - dt.timedelta(weeks=10)}
"""

TITLES = "Nom;Numéro de série;Système d'exploitation - Nom;Système d'exploitation - Version;Système d'exploitation - Édition;Lieu;Groupe;Statut;Date d'achat;Utilisateur\n"
"""Of GLPI."""


def row(
    name: str, system: str, version: str, service: str, state: str = "En service", site: str = "Nord"
) -> str:
    return f"{name};S-{name};Microsoft {system};{version};Professionnel;{site};{service};{state};{dt.date(2021, 3, 14)};{USER}\n"


OLD = ("Windows 10", "22H2")
"""Without support since 2025-10-14, whatever the day on which this is read."""

ROWS = (
    row("PC-1", *OLD, "Bloc"), row("SCAN-1", *OLD, "Bloc"), row("PC-3", *OLD, "Direction"),
    row("PC-4", *OLD, "Direction", site="=1+1"), row("PC-5", *OLD, "Bloc", state="En stock"),
)  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An estate with imports of eight weeks in which one machine of five changes its system."""
    (tmp_path / "estate.yml").write_text(ESTATE, "utf-8")
    (tmp_path / "phones.csv").write_text(f"day,count\n{TODAY},30\n", "utf-8")
    (tmp_path / "data").mkdir()
    state = open_state(tmp_path / "data" / "state.db")
    take(state, tmp_path, 8, ROWS)
    take(state, tmp_path, 4, ROWS)
    newer = row("PC-4", "Windows 11", "23H2", "Direction", site="=1+1")
    take(state, tmp_path, 0, (*ROWS[:3], newer, ROWS[4], row("PC-6", *OLD, "Bloc", state="Hors service")))
    return tmp_path


def take(state: State, folder: Path, weeks: int, rows: tuple[str, ...]) -> None:
    file = folder / "glpi.csv"
    file.write_text(TITLES + "".join(rows), "utf-8")
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(weeks=weeks)
    asked = reading.Asked("glpi", users=True)
    with reading.read(state, file, moment.date(), asked) as preview:
        assert not len(preview.refused)
        snapshots.commit(state, preview, "anne", "test", at=moment.timestamp())


def told(place: Path, *words: object) -> dict[str, object]:
    ended = within.jauge("inventory", *words, "--json", cwd=place)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    return found if isinstance(found, dict) else {"list": found}


# --- status -------------------------------------------------------------------------------------------


def test_the_status_tells_machines_by_what_is_said_of_them(place: Path) -> None:
    found = told(place, "status")
    assert found["states"] == {"used": 4, "stock": 1, "failed": 1}
    assert found["alive"] == 5
    assert found["support"]["today"] == {"ended": 5, "unknown": 0, "extended": 0, "supported": 0}  # type: ignore[index]
    assert found["care"] == {"declared": True, "workstations": 2, "exposed": 2, "without_measure": 1}
    assert found["missing"]["warranty"] == 5  # type: ignore[index]
    assert [one["name"] for one in found["classes"]] == ["bloc", "bureau"]  # type: ignore[attr-defined]
    assert found["snapshot"]["imports"] == 3, "one that changes nothing is one too"  # type: ignore[index]


def test_the_status_is_one_screen_that_says_what_is_unknown(place: Path) -> None:
    ended = within.jauge("inventory", "status", cwd=place)
    assert ended.returncode == 0
    assert len(ended.stdout.splitlines()) <= 50
    for text in (
        f"Inventory of {TODAY} (0 days old), from glpi.csv; 3 imports are kept",
        "6 workstations: 4 in use, 1 in stock, 1 failed",
        "1 new, 1 changed, 0 vanished, 0 back again",
        f"Moved, to another site, service or place: 0 on {TODAY}, 0 within 12 months",
        "In care: 2 of 2 without support, or nobody can tell; 1 of them without a compensating measure",
        "no list of processors was imported",
        "end of warranty 5",
    ):
        assert text in ended.stdout


def test_the_status_tells_how_many_machines_moved(place: Path) -> None:
    state = open_state(place / "data" / "state.db")
    take(
        state,
        place,
        0,
        (row("PC-1", *OLD, "Bloc", site="Sud"), *ROWS[1:3], row("PC-4", *OLD, "Direction", site="=1+1")),
    )
    assert told(place, "status")["moved"] == {"last": 1, "year": 1}


def test_before_an_import_the_status_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text(ESTATE, "utf-8")
    for verb in ("status", "care"):
        ended = within.jauge("inventory", verb, cwd=tmp_path)
        assert (ended.returncode, "jauge inventory import" in ended.stderr) == (1, True)


# --- roll-outs ----------------------------------------------------------------------------------------


def test_roll_outs_tell_deployed_against_planned_or_why_there_is_no_date(place: Path) -> None:
    windows, phones = told(place, "rollouts")["list"]  # type: ignore[misc]
    assert (windows["deployed"], windows["total"], windows["reason"]) == (1, 4, "short")
    assert windows["planned"] == pytest.approx(2, abs=0.5), "half of the time has gone"
    assert (phones["deployed"], phones["total"], phones["central"]) == (30, 100, None)
    assert [week["deployed"] for week in windows["weeks"] if week["deployed"] is not None] == [0, 0, 1], (
        "the week in which nothing changed was counted too"
    )


def test_one_roll_out_is_shown_week_by_week(place: Path) -> None:
    ended = within.jauge("inventory", "rollouts", "windows-11", cwd=place)
    assert ended.returncode == 0
    assert "no date: fewer than four weeks were counted since the start" in ended.stdout
    assert ended.stdout.count("not counted") >= 5
    assert "to come" in ended.stdout
    assert within.jauge("inventory", "rollouts", "none", cwd=place).returncode == 2


def test_a_file_of_counts_with_a_mistake_is_told_and_the_others_are_shown(place: Path) -> None:
    (place / "phones.csv").write_text("day,count\n31/02/2026,30\n", "utf-8")
    ended = within.jauge("inventory", "rollouts", cwd=place)
    assert ended.returncode == 0
    assert (
        "phones.csv: line 2: ['31/02/2026', '30'] is no day and count, such as 2026-10-05,120"
        in ended.stdout.replace("\n", "")
    )
    assert "Windows 11" in ended.stdout


# --- in care ------------------------------------------------------------------------------------------


def test_the_care_list_ends_with_status_3_only_where_that_is_asked(place: Path) -> None:
    assert within.jauge("inventory", "care", cwd=place).returncode == 0
    assert within.jauge("inventory", "care", "--fail-without-measure", cwd=place).returncode == 3
    within.jauge("inventory", "measure", "add", "s-pc-1", "--text", "no mail", cwd=place)
    assert within.jauge("inventory", "care", "--fail-without-measure", cwd=place).returncode == 0


def test_the_care_list_holds_what_a_security_officer_asks_for(place: Path) -> None:
    found = told(place, "care")
    first, second = found["workstations"]  # type: ignore[misc]
    assert (first["name"], first["class"], first["criticality"], first["since"]) == (
        "PC-1", "Bloc", "critical", "2025-10-15",
    )  # fmt: skip
    assert first["measures"] == []
    assert (second["name"], second["console_until"]) == ("SCAN-1", "2099-12-31")
    assert second["why"] == "its maker validates nothing else"
    assert [one["text"] for one in second["measures"]] == ["own network"]
    assert told(place, "care", "--on", "2025-10-14")["workstations"] == []


def test_measures_are_recorded_listed_and_ended_and_the_audit_log_tells(place: Path) -> None:
    added = within.jauge(
        "inventory", "measure", "add", "S-PC-1", "SCAN-1", "--text", "no mail", "--who", "Anne", "--until", f"{TODAY + dt.timedelta(90)}",
        cwd=place,
    )  # fmt: skip
    assert added.stdout == "measure 1 recorded for PC-1\nmeasure 2 recorded for SCAN-1\n"
    assert within.jauge("inventory", "measure", "end", "2", "--why", "replaced", cwd=place).returncode == 0
    assert [one["name"] for one in told(place, "measure", "list")["list"]] == ["PC-1"]  # type: ignore[attr-defined]
    assert len(told(place, "measure", "list", "--all")["list"]) == 2  # type: ignore[arg-type]
    (first, *_) = told(place, "care")["workstations"]  # type: ignore[misc]
    assert first["measures"][0]["who"] == "Anne"
    actions = [entry.action for entry in audit.entries(State(place / "data" / "state.db"))]
    assert actions.count("measure recorded") == 2
    assert actions.count("measure ended") == 1


def test_a_measure_for_a_machine_that_nobody_knows_is_refused(place: Path) -> None:
    ended = within.jauge("inventory", "measure", "add", "S-PC-1", "S-99", "--text", "x", cwd=place)
    assert (ended.returncode, "S-99" in ended.stderr) == (1, True)
    assert told(place, "measure", "list", "--all")["list"] == [], "all or none"


# --- exports ------------------------------------------------------------------------------------------


def test_the_workbook_holds_the_fleet_in_the_estates_language_and_no_formula(place: Path) -> None:
    assert within.jauge("inventory", "export", "--output", "fleet.xlsx", cwd=place).returncode == 0
    book = openpyxl.load_workbook(place / "fleet.xlsx")
    assert book.sheetnames == [
        "À propos",
        "Postes",
        "Hors support en soins",
        "Classes d'usage",
        "Déploiements",
    ]
    rows = [[cell.value for cell in cells] for cells in book["Postes"].iter_rows()]
    assert rows[0][:5] == ["Poste", "Numéro de série", "Numéro d'inventaire", "État", "Site"]
    by_name = {line[0]: dict(zip(rows[0], line, strict=True)) for line in rows[1:]}
    assert set(by_name) == {"PC-1", "PC-3", "PC-4", "PC-5", "SCAN-1"}
    assert by_name["PC-4"]["Site"] == "=1+1"
    assert by_name["PC-1"]["Achat"] == dt.datetime.combine(dt.date(2021, 3, 14), dt.time())
    assert by_name["PC-1"]["Support"] == "terminé"
    assert by_name["PC-5"]["État"] == "en stock"
    assert by_name["PC-1"]["Garantie jusqu'au"] is None
    cells = [cell for sheet in book for cells in sheet.iter_rows() for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f"]
    care = [[cell.value for cell in cells] for cells in book["Hors support en soins"].iter_rows()]
    assert [line[0] for line in care] == ["Poste", "PC-1", "SCAN-1"]
    assert care[1][7] == "AUCUNE"


def test_json_and_csv_hold_the_same_machines_and_fields(place: Path) -> None:
    for form in ("json", "csv"):
        ended = within.jauge("inventory", "export", "--output", f"fleet.{form}", cwd=place)
        assert ended.stdout == f"5 workstations written to fleet.{form}\n"
    whole = json.loads((place / "fleet.json").read_text("utf-8"))
    rows = list(csv.DictReader(io.StringIO((place / "fleet.csv").read_text("utf-8"))))
    assert [row["name"] for row in rows] == [one["name"] for one in whole["workstations"]]
    assert list(rows[0]) == list(whole["workstations"][0])
    assert next(row for row in rows if row["name"] == "PC-4")["site"] == "'=1+1"
    assert len(whole["unsupported_in_care"]) == 2


def test_no_export_list_or_metric_names_a_user(place: Path) -> None:
    assert USER in (place / "glpi.csv").read_text("utf-8")
    kept = snapshots.latest(State(place / "data" / "state.db"))
    assert kept is not None
    assert {one.user for one in kept.workstations} == {USER}, "the import was told to keep them"
    said = [served(place)]
    for verb in ("status", "care", "rollouts"):
        said += [within.jauge("inventory", verb, *form, cwd=place).stdout for form in ((), ("--json",))]
    for form in ("json", "csv"):
        within.jauge("inventory", "export", "--output", f"fleet.{form}", cwd=place)
        said.append((place / f"fleet.{form}").read_text("utf-8"))
    within.jauge("inventory", "export", "--output", "fleet.xlsx", cwd=place)
    book = openpyxl.load_workbook(place / "fleet.xlsx")
    said += [str(cell.value) for sheet in book for cells in sheet.iter_rows() for cell in cells]
    assert not [text for text in said if "Dupont" in text]


@pytest.mark.parametrize("words", [("--output", "fleet.doc"), ("--output", "fleet.xlsx", "--language", "de")])
def test_an_export_of_another_form_is_refused(place: Path, words: tuple[str, ...]) -> None:
    assert within.jauge("inventory", "export", *words, cwd=place).returncode == 2
    assert within.jauge("inventory", "export", "--output", "no/such/fleet.csv", cwd=place).returncode == 1


# --- metrics ------------------------------------------------------------------------------------------


def served(place: Path, planned: fleet.Planned | None = None, openmetrics: bool = False) -> str:
    """The metrics of workstations, when they have been looked at."""
    own, estate = Own(), load(place / "estate.yml")
    collector = fleet.Workstations(own.registry, lambda: estate, place / "data" / "state.db", planned)
    own.text(openmetrics)
    collector.wait()
    return own.text(openmetrics).decode()


def values(text: str) -> dict[tuple[str, ...], float]:
    names = {row.name for row in metrics.FLEET}
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name in names
    }


def test_the_metrics_count_what_the_inventory_holds(place: Path) -> None:
    found = values(served(place, lambda: {2027: 12, 2028: 30}))
    states = {key[1]: value for key, value in found.items() if key[0] == "jauge_workstations"}
    assert states == {"used": 4, "stock": 1, "failed": 1}, (
        "an inventory may not know the others: they are not 0"
    )
    assert found["jauge_workstations_by_age", "4-5", "bloc", "Nord"] + found["jauge_workstations_by_age", "6-7", "bloc", "Nord"] == 3  # fmt: skip
    assert found["jauge_workstations_by_support", "bloc", "Nord", "ended"] == 3
    assert found["jauge_workstations_by_support", "bloc", "Nord", "supported"] == 0
    assert found["jauge_workstations_by_fitness", "bureau", "=1+1", "unknown"] == 1
    assert found["jauge_workstations_support_ending", "bureau", "Nord"] == 0
    assert found["jauge_workstations_unsupported_in_care", "bloc", "open"] == 1
    assert found["jauge_workstations_unsupported_in_care", "bloc", "covered"] == 1
    assert found["jauge_workstations_planned_replacements", "2028"] == 30
    assert found["jauge_rollout_goal", "windows-11"] == 4
    assert found["jauge_rollout_deployed", "windows-11"] == 1
    assert ("jauge_rollout_done_timestamp_seconds", "0.5", "windows-11") not in found


def test_before_the_first_import_and_without_a_plan_they_are_absent(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text(ESTATE, "utf-8")
    (tmp_path / "data").mkdir()
    assert values(served(tmp_path)) == {}
    open_state(tmp_path / "data" / "state.db")
    assert values(served(tmp_path)) == {}


def test_a_plan_that_is_not_there_is_absent(place: Path) -> None:
    found = values(served(place))
    assert found
    assert not [key for key in found if key[0] == "jauge_workstations_planned_replacements"]


def test_a_state_that_cannot_be_read_leaves_them_absent_and_the_rest_is_served(place: Path) -> None:
    (place / "data" / "state.db").write_bytes(b"no database" * 1000)
    text = served(place)
    assert values(text) == {}
    assert "jauge_build_info" in text


def test_figures_outlast_a_read_that_failed_and_the_next_scrape_looks_again(place: Path) -> None:
    own, estate = Own(), load(place / "estate.yml")
    state = State(place / "data" / "state.db")
    collector = fleet.Workstations(own.registry, lambda: estate, state.path)
    open_ones = ("jauge_workstations_unsupported_in_care", "bloc", "open")

    def count() -> float | None:
        own.text(openmetrics=False)
        collector.wait()
        return values(own.text(openmetrics=False).decode()).get(open_ones)

    assert count() == 1
    take(state, place, 0, (*ROWS, row("PC-9", *OLD, "Bloc")))
    with state.write() as connection:  # a table that the look needs, and what has changed does not
        connection.execute("ALTER TABLE workstation_now RENAME TO elsewhere")
    assert count() == 1, "PC-1: what was known before"
    collector.wait()
    with state.write() as connection:
        connection.execute("ALTER TABLE elsewhere RENAME TO workstation_now")
    assert count() == 2, "PC-1 and PC-9"


def test_they_change_with_an_import_and_with_a_measure(place: Path) -> None:
    own, estate = Own(), load(place / "estate.yml")
    path = place / "data" / "state.db"
    collector = fleet.Workstations(own.registry, lambda: estate, path)

    def count(*key: str) -> float | None:
        own.text(openmetrics=False)
        collector.wait()
        return values(own.text(openmetrics=False).decode()).get(key)

    open_ones = ("jauge_workstations_unsupported_in_care", "bloc", "open")
    assert count(*open_ones) == 1
    within.jauge("inventory", "measure", "add", "S-PC-1", "--text", "no mail", cwd=place)
    assert count(*open_ones) == 0
    take(State(path), place, 0, (*ROWS, row("PC-9", *OLD, "Bloc")))
    assert count(*open_ones) == 1
    within.jauge("inventory", "measure", "end", "1", "--why", "over", cwd=place)
    assert count(*open_ones) == 2


def test_sites_are_bounded(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "SITES", 1)
    found = values(served(place))
    sites = {key[2] for key in found if key[0] == "jauge_workstations_by_support"}
    assert sites == {"Nord", fleet.OTHERS}
    assert found["jauge_workstations_by_support", "bureau", fleet.OTHERS, "ended"] == 1


@pytest.mark.parametrize("openmetrics", [False, True])
def test_every_metric_of_the_reference_is_served_with_its_labels(place: Path, openmetrics: bool) -> None:
    text = served(place, lambda: {2027: 1}, openmetrics)
    for metric in metrics.FLEET:
        assert f"# HELP {metric.name} " in text
        assert set(metric.labels) <= set(metrics.LABELS)


def test_promtool_accepts_them(place: Path) -> None:
    program = servers.program("promtool", "prometheus")
    text = served(place, lambda: {2027: 1})
    done = subprocess.run(
        [program, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
