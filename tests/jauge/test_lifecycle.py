"""`jauge inventory eol`, `fitness` and `processors`: what they print of a small estate, and how they end."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from pathlib import Path

import pytest
import within

from exporters.status import Status, TargetStatus

ESTATE = """
sites: {nord: {}, sud: {}}
targets:
  - {name: hv-01, site: nord, role: hypervisor, service: infrastructure, host: true}
  - {name: sql-01, site: sud, role: database, host: true}
"""

INVENTORY = (
    "Nom;Numéro de série;Système d'exploitation;Version du système d'exploitation;Lieu;Groupe;Processeur;Mémoire\n"
    "PC-1;S1;Microsoft Windows 10 Professionnel;22H2;nord;Pharmacie;Intel(R) Core(TM) i5-10500T CPU @ 2.30GHz;8192\n"
    "PC-2;S2;Microsoft Windows 11 Entreprise;24H2;sud;Bloc;Intel(R) Core(TM) i5-6500 CPU @ 3.20GHz;2048\n"
    "PC-3;S3;Microsoft Windows 11;24H2;sud;=cmd|' /C calc'!A0;;\n"
    "PC-4;S4;;;sud;;;\n"
)

DAY = "2027-01-31"
"""On it Windows 10 22H2 (2025-10-14), ESXi 7.0 (2025-10-02) and Windows Server 2016 (2027-01-12) have ended, Windows 11 24H2
Enterprise (2027-10-12) has not; of PC-3 the edition is not known, of PC-4 nothing."""


@pytest.mark.parametrize("verb", ["eol", "care"])
@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_that_no_calendar_reckons_with_is_a_wrong_use_of_every_verb(
    place: Path, verb: str, day: str
) -> None:
    ended = within.jauge("inventory", verb, "--on", day, cwd=place)
    assert ended.returncode == 2
    assert f"--on {day}: give a day of the years 1970 to 2199" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "estate.yml").write_text(ESTATE, "utf-8")
    file = tmp_path / "glpi.csv"
    file.write_text(INVENTORY, "utf-8")
    data = tmp_path / "data"
    data.mkdir()
    assert within.jauge("inventory", "import", "glpi.csv", "--yes", cwd=tmp_path).returncode == 0
    status = Status(
        1.0,
        (
            TargetStatus("hv-01", True, family="vmware", product="VMware ESXi", version="7.0.3.20328353"),
            TargetStatus(
                "sql-01", True, family="windows-server", product="Windows Server 2016", version="14393"
            ),
            TargetStatus("gone", True, product="Debian GNU/Linux", version="12"),
        ),
    )
    (data / "status.json").write_text(json.dumps(dataclasses.asdict(status)), "utf-8")
    return tmp_path


def test_what_is_out_of_support_on_a_day_is_listed_worst_first_and_ends_with_status_3(place: Path) -> None:
    ended = within.jauge("inventory", "eol", "--on", DAY, "--json", cwd=place)
    assert ended.returncode == 3
    told = json.loads(ended.stdout)
    assert told["day"] == DAY
    assert told["counts"] == {"ended": 3, "unknown": 2, "supported": 1}
    assert [(one["name"], one["state"], one["until"]) for one in told["things"]] == [
        ("hv-01", "ended", "2025-10-02"),
        ("PC-1", "ended", "2025-10-14"),
        ("sql-01", "ended", "2027-01-12"),
        ("PC-3", "unknown", "2026-10-13"),
        ("PC-4", "unknown", None),
        ("PC-2", "supported", "2027-10-12"),
    ]
    assert {"class": "hypervisor", "ended": 1} in told["by"]["class"]
    assert {"service": "infrastructure", "ended": 1} in told["by"]["service"]


def test_without_a_day_that_was_asked_about_the_list_is_shown_and_ends_well(place: Path) -> None:
    ended = within.jauge("inventory", "eol", cwd=place)
    assert ended.returncode == 0
    assert "hv-01" in ended.stdout
    assert "of 6 out of support" in ended.stdout


def test_on_a_day_on_which_nothing_has_ended_the_status_is_0(place: Path) -> None:
    """2024-11-01: everything that is known was supported."""
    ended = within.jauge("inventory", "eol", "--on", "2024-11-01", cwd=place)
    assert (ended.returncode, "0 of 6 out of support" in ended.stdout) == (0, True)


def test_what_can_be_bought_may_be_taken_as_bought(place: Path) -> None:
    told = json.loads(within.jauge("inventory", "eol", "--on", DAY, "--esu", "--json", cwd=place).stdout)
    assert told["counts"] == {"ended": 1, "unknown": 2, "extended": 2, "supported": 1}


def test_the_csv_holds_every_thing_and_no_formula(place: Path) -> None:
    ended = within.jauge("inventory", "eol", "--on", DAY, "--csv", cwd=place)
    rows = list(csv.DictReader(io.StringIO(ended.stdout)))
    assert [row["name"] for row in rows] == ["hv-01", "PC-1", "sql-01", "PC-3", "PC-4", "PC-2"]
    assert rows[3]["service"] == "'=cmd|' /C calc'!A0"
    assert rows[3]["reason"].startswith("edition not known: Windows 11 24H2 (Home, Pro) ends 2026-10-13")


@pytest.mark.parametrize("day", ["31/01/2027", "2027-02-30", "soon", "20270131"])
def test_a_day_that_is_none_is_said_how_to_write(place: Path, day: str) -> None:
    ended = within.jauge("inventory", "eol", "--on", day, cwd=place)
    assert ended.returncode == 2
    assert "write a day as 2027-01-31" in ended.stderr


def test_where_nothing_is_known_it_says_what_to_do(tmp_path: Path) -> None:
    ended = within.jauge("inventory", "eol", "--data", tmp_path / "data", cwd=tmp_path)
    assert ended.returncode == 1
    assert "import an inventory" in ended.stderr
    ended = within.jauge("inventory", "fitness", "--data", tmp_path / "data", cwd=tmp_path)
    assert ended.returncode == 1


def test_fitness_is_told_with_its_reasons_once_a_list_of_processors_is_imported(place: Path) -> None:
    (place / "intel.csv").write_text("Manufacturer,Brand,Model\nIntel®,Core™,i5-10500T\n", "utf-8")
    shown = within.jauge("inventory", "processors", "intel.csv", cwd=place)
    assert shown.returncode == 0
    assert shown.stdout == (
        "intel: 1 processor, 1 new, 0 gone, 0 marked unsupported\nNothing was changed: add --yes to import.\n"
    )
    before = json.loads(within.jauge("inventory", "fitness", "--json", cwd=place).stdout)
    assert before["lists"] == {}
    assert within.jauge("inventory", "processors", "intel.csv", "--yes", cwd=place).returncode == 0
    told = json.loads(within.jauge("inventory", "fitness", "--json", cwd=place).stdout)
    assert list(told["lists"]) == ["intel"]
    assert [(one["name"], one["state"]) for one in told["workstations"]] == [
        ("PC-2", "unfit"),
        ("PC-1", "unknown"),
        ("PC-3", "unknown"),
        ("PC-4", "unknown"),
    ]
    assert told["workstations"][0]["reasons"] == ["2 GiB of memory instead of 4"]
    assert told["workstations"][1]["criteria"]["processor"]["state"] == "fit"
    text = within.jauge("inventory", "fitness", cwd=place).stdout
    assert "4 workstations: 0 fit for Windows 11, 1 unfit, 3 unknown" in text
    rows = list(csv.DictReader(io.StringIO(within.jauge("inventory", "fitness", "--csv", cwd=place).stdout)))
    assert rows[0]["reasons"] == "2 GiB of memory instead of 4"


def test_a_list_of_which_lines_are_refused_says_so_and_what_it_names_can_be_kept(place: Path) -> None:
    (place / "list.txt").write_text("Core i5-8500\nto be asked\n", "utf-8")
    ended = within.jauge("inventory", "processors", "list.txt", "--yes", cwd=place)
    assert ended.returncode == 1
    assert "refused: line 2: names no processor that is known: 'to be asked'" in ended.stdout
    assert "Imported." in ended.stdout
    (place / "empty.txt").write_text("", "utf-8")
    ended = within.jauge("inventory", "processors", "empty.txt", "--yes", cwd=place)
    assert (ended.returncode, "no processor found" in ended.stdout) == (1, True)
