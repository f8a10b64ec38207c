"""User names by the command line: kept only where the estate says so, shown to whoever is written down, erased, never elsewhere."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import within
from asking import ask
from collecting import collecting, until
from peopling import holds
from tampering import killed_at
from typer.testing import CliRunner

from dashboard.access import users
from dashboard.app import PAGES, create
from dashboard.data import Data
from inventory import databases
from inventory.checking import load
from inventory.imports import snapshots
from inventory.people import erasing
from inventory.people.pseudonyms import FILE, Key, find
from inventory.people.rules import People
from inventory.state import State, audit, open_state, views
from inventory.workstations import Workstation
from jauge import reference
from jauge.cli import app

ESTATE = """
title: Hospital
workstations: {{people: {{names: {names}}}}}
targets:
  - {{name: here, host: true, criticality: critical, personal_data: {{class: health, register: fiche 12}}}}
  - {{name: there, host: true, criticality: low, personal_data: {{class: none}}}}
  - {{name: new, host: true}}
  - {{name: hr, host: true, personal_data: {{class: staff}}}}
"""
CANARIES = (
    "Canari Élodie-Noëlle",
    "CHU\\canari.paul",
    "canari.jean@chu.example",
    "<b>canari</b> & fils",
    '"} 1\\ncanari_total 1',
    "=cmd|' /C canari'!A0",
    "ｃａｎａｒｉ",
    "канарейка Ольга",
    "canari " + "x" * 150,
    "canari\u202e",
)
"""What users are called, or might be: with accents, domains, markup, formulas, other letters, and very long."""

PIECES = ("anari", "CANARI", "Élodie", "Noëlle", "канарейка", "Ольга", "ｃａｎａｒｉ", "xxxxxxxxxx")


def estate(folder: Path, names: str = "names") -> Path:
    path = folder / "estate.yml"
    path.write_text(ESTATE.format(names=names), "utf-8")
    return path


def export(folder: Path, *rows: tuple[str, str | None], name: str = "park.csv") -> Path:
    """An inventory as a CSV: machines, and who uses them."""
    lines = ["Name;Serial number;Model;Date of purchase;User;Location"]
    for number, (machine, user) in enumerate(rows, 1):
        cell = (user or "").replace('"', '""')
        lines.append(f'{machine};S{number};Latitude 5420;2020-03-14;"{cell}";north')
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def jauge(folder: Path, *words: object, status: int = 0) -> str:
    ended = within.jauge(*words, cwd=folder)
    assert ended.returncode == status, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def taken(folder: Path, *rows: tuple[str, str | None], more: tuple[str, ...] = ("--users",)) -> str:
    file = export(folder, *rows)
    try:
        return jauge(folder, "inventory", "import", file, "--source", "glpi", "--yes", *more)
    finally:
        file.unlink()


def state_in(folder: Path) -> State:
    return open_state(folder / "data" / "state.db")


def kept(folder: Path) -> dict[str, str | None]:
    found = snapshots.latest(state_in(folder))
    return {one.name: one.user for one in found.workstations} if found else {}


def key_of(folder: Path) -> Key:
    found = find(People(), folder)
    assert found is not None
    return found


def test_nothing_of_a_user_is_kept_unless_both_the_estate_and_the_import_ask_for_it(tmp_path: Path) -> None:
    estate(tmp_path, "none")
    taken(tmp_path, ("PC-1", "durand"), more=())
    said = jauge(
        tmp_path, "inventory", "import", export(tmp_path, ("PC-1", "durand")), "--users", "--yes", status=1
    )
    assert "this estate keeps no user names" in said
    estate(tmp_path, "names")
    taken(tmp_path, ("PC-1", "durand"), more=())
    assert kept(tmp_path) == {"PC-1": None}
    assert holds(tmp_path / "data", ["durand"]) == set()
    taken(tmp_path, ("PC-1", "durand"))
    assert kept(tmp_path) == {"PC-1": "durand"}
    estate(tmp_path, "none")
    assert "1 entries with a user" in jauge(tmp_path, "inventory", "tidy")
    assert holds(tmp_path / "data", ["durand"]) == set()


def test_an_estate_that_asks_for_pseudonyms_keeps_them_alone_and_its_key_apart(tmp_path: Path) -> None:
    estate(tmp_path, "pseudonyms")
    taken(tmp_path, ("PC-1", "Lefèvre"), ("PC-2", "LEFEVRE"), ("PC-3", "bob"), ("PC-4", None))
    key = key_of(tmp_path)
    lefevre = key.pseudonym("Lefèvre")
    assert kept(tmp_path) == {"PC-1": lefevre, "PC-2": lefevre, "PC-3": key.pseudonym("bob"), "PC-4": None}
    secret = (tmp_path / FILE).read_text().strip()
    assert holds(tmp_path, ["Lefèvre", "LEFEVRE", '"bob"', secret], [FILE]) == set()
    jauge(tmp_path, "files", "backup", tmp_path / "kept")
    assert holds(tmp_path / "kept", [secret]) == set()
    shown = json.loads(jauge(tmp_path, "inventory", "person", "export", "lefevre", "--json"))
    assert [use["name"] for use in shown["uses"]] == ["PC-1", "PC-2"]


def test_who_uses_what_is_shown_to_whoever_is_then_in_the_audit_log(tmp_path: Path) -> None:
    estate(tmp_path)
    taken(tmp_path, ("PC-1", "durand"), ("PC-2", "martin"))
    said = jauge(tmp_path, "inventory", "users", "--site", "NORTH")
    assert "PC-1\tS1\tdurand\tnorth" in said
    shown = json.loads(jauge(tmp_path, "inventory", "users", "--site", "south", "--json"))
    assert shown == []
    log = [(entry.action, entry.detail) for entry in audit.entries(state_in(tmp_path), 2)]
    assert log == [
        ("user names shown", "0 of workstations, site south"),
        ("user names shown", "2 of workstations, site NORTH"),
    ]
    assert all(entry.who for entry in audit.entries(state_in(tmp_path), 2))


def test_nobody_is_shown_where_the_audit_log_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate(tmp_path)
    taken(tmp_path, ("PC-1", "durand"))

    monkeypatch.setattr(databases, "BUSY_SECONDS", 0.2)
    with sqlite3.connect(tmp_path / "data" / "state.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        for words in (("users",), ("person", "export", "durand")):
            ended = within.jauge("inventory", *words, cwd=tmp_path)
            assert ended.returncode == 1
            assert "durand" not in ended.stdout
        other.execute("ROLLBACK")
    other.close()


def test_a_person_is_erased_in_one_command_and_no_import_brings_them_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate(tmp_path)
    rows = (("PC-1", "CHU\\durand"), ("PC-2", "Durand"), ("PC-DURAND", "martin"))
    taken(tmp_path, *rows)
    said = jauge(tmp_path, "inventory", "person", "erase", "DURAND")
    assert "Durand: 1 workstations" in said
    assert "CHU\\durand: 1 workstations, written otherwise" in said
    assert "PC-DURAND" in said
    assert "Nothing was changed" in said
    assert kept(tmp_path)["PC-2"] == "Durand"

    from jauge.cli import app

    with monkeypatch.context() as there:
        there.chdir(tmp_path)
        ended = CliRunner().invoke(
            app, ["inventory", "person", "erase", "-", "--yes"], input="durand\nchu\\durand\n"
        )
    assert "erased: 2 entries" in ended.stdout, ended.output
    assert holds(tmp_path / "data", ["durand", "Durand"]) == set()
    taken(tmp_path, *rows)
    assert kept(tmp_path) == {"PC-1": None, "PC-2": None, "PC-DURAND": "martin"}
    assert len(jauge(tmp_path, "inventory", "person", "erased").splitlines()) == 2
    assert "1 names may be kept again" in jauge(tmp_path, "inventory", "person", "allow", "durand")
    taken(tmp_path, *rows)
    assert kept(tmp_path)["PC-2"] == "Durand"
    details = " ".join(entry.detail + entry.who for entry in audit.entries(state_in(tmp_path)))
    assert "urand" not in details


def test_a_restored_backup_is_erased_again_and_the_backups_that_exist_are_named(tmp_path: Path) -> None:
    estate(tmp_path)
    taken(tmp_path, ("PC-1", "durand"), ("PC-2", "martin"))
    jauge(tmp_path, "files", "backup", tmp_path / "kept")
    done = json.loads(jauge(tmp_path, "inventory", "person", "erase", "durand", "--yes", "--json"))
    assert done["entries"] == 1
    assert done["backups"] == [{"folder": str(tmp_path / "kept"), "there": True}]
    assert holds(tmp_path / "kept", ["durand"]) == {"durand"}
    jauge(tmp_path, "files", "restore", tmp_path / "kept")
    assert kept(tmp_path) == {"PC-1": None, "PC-2": "martin"}
    assert holds(tmp_path / "data", ["durand"]) == set()
    assert audit.verify(state_in(tmp_path)) is None
    assert list(erasing.erased(state_in(tmp_path))) == [key_of(tmp_path).pseudonym("durand")]


def test_another_machine_erases_again_with_the_list_and_the_key_and_all_names_without_the_key(
    tmp_path: Path,
) -> None:
    first = tmp_path / "first"
    first.mkdir()
    estate(first)
    taken(first, ("PC-1", "durand"), ("PC-2", "martin"))
    jauge(first, "files", "backup", tmp_path / "kept")
    jauge(first, "inventory", "person", "erase", "durand", "--yes")
    for name, key, left in (("keyed", True, "martin"), ("keyless", False, None)):
        other = tmp_path / name
        (other / "data").mkdir(parents=True)
        estate(other)
        shutil.copy(first / "data" / erasing.LIST, other / "data")
        if key:
            shutil.copy(first / FILE, other)
        said = jauge(other, "files", "restore", tmp_path / "kept")
        assert ("all user names were left out" in said) == (not key)
        assert not erasing.tells(state_in(other), Key("another secret of thirty-two chars"))
        assert kept(other) == {"PC-1": None, "PC-2": left}
        assert holds(other / "data", ["durand"]) == set()
    said = jauge(
        tmp_path / "keyless", "inventory", "import", export(first, ("PC-1", "durand")), "--users", status=1
    )
    assert "the key is missing" in said


def test_the_register_lists_what_works_with_personal_data_and_what_nobody_declared(tmp_path: Path) -> None:
    estate(tmp_path)
    taken(tmp_path, ("PC-1", None))
    found = json.loads(jauge(tmp_path, "inventory", "register", "--json"))
    assert [(one["name"], one["kind"], one["criticality"], one["entry"]) for one in found] == [
        ("here", "health", "critical", "fiche 12"),
        ("hr", "staff", None, None),
        ("new", None, None, None),
        ("other", None, None, None),
        ("there", "none", "low", None),
    ]
    said = jauge(tmp_path, "inventory", "register")
    assert said.splitlines()[-1] == (
        "5 assets, 2 of unknown class, 1 with personal data and no entry in the register"
    )
    assert "other\tworkstations\t1\tunknown\tunknown\tunknown" in said


CLASSES = """
workstations:
  classes:
    - {{name: office, criticality: low, personal_data: staff, fits: {{names: [ADM-*]}}}}
    - {{name: theatre, criticality: critical, personal_data: {theatre}, register_entry: fiche 12, fits: {{names: [BLOC-*]}}}}
    - {{name: ward, criticality: high, personal_data: health, register_entry: fiche 12, fits: {{names: [SOIN-*]}}}}
    - {{name: kiosk, criticality: low, personal_data: none, fits: {{names: [BORNE-*]}}}}
    - {{name: union, criticality: normal, personal_data: sensitive, fits: {{names: [SYND-*]}}}}
defaults: {{personal_data: {{class: ordinary, register: fiche 3}}}}
targets:
  - {{name: pacs, host: true, criticality: high, personal_data: {{class: health, register: fiche 12}}}}
  - {{name: web, host: true}}
  - {{name: ups, host: true, personal_data: {{class: none}}}}
"""


def test_the_register_counts_no_machine_that_is_out_of_use_and_any_by_a_class_of_its_kind(
    tmp_path: Path,
) -> None:
    (tmp_path / "estate.yml").write_text(
        "workstations: {classes: [{name: laptops, personal_data: staff, fits: {kinds: [Laptop]}}]}\n", "utf-8"
    )
    (tmp_path / "park.csv").write_text(
        "Name;Serial number;Type;Status\nPC-1;S1;Laptop;In use\nPC-2;S2;Laptop;Failed\nPC-3;S3;Desktop;Retired\n"
        "PC-4;S4;Laptop;In stock\n",
        "utf-8",
    )
    jauge(tmp_path, "inventory", "import", "park.csv", "--source", "glpi", "--yes")
    found = json.loads(jauge(tmp_path, "inventory", "register", "--json"))
    assert [(one["name"], one["machines"]) for one in found] == [("laptops", 2)]


def test_the_register_orders_classes_of_use_and_targets_by_what_article_30_and_9_distinguish(
    tmp_path: Path,
) -> None:
    """Health (articles 4(15) and 9), other special categories, staff, others, unknown, none; each by what is recovered first."""
    (tmp_path / "estate.yml").write_text(CLASSES.format(theatre="health"), "utf-8")
    names = ("BLOC-1", "BLOC-2", "SOIN-1", "ADM-1", "ADM-2", "ADM-3", "BORNE-1", "PC-1")
    taken(tmp_path, *((name, None) for name in names), more=())
    found = json.loads(jauge(tmp_path, "inventory", "register", "--json"))
    assert [
        (one["name"], one["machines"], one["kind"], one["criticality"], one["entry"]) for one in found
    ] == [
        ("theatre", 2, "health", "critical", "fiche 12"),
        ("pacs", 1, "health", "high", "fiche 12"),
        ("ward", 1, "health", "high", "fiche 12"),
        ("union", 0, "sensitive", "normal", None),
        ("office", 3, "staff", "low", None),
        ("web", 1, "ordinary", None, "fiche 3"),
        ("other", 1, None, None, None),
        ("kiosk", 0 + 1, "none", "low", None),
        ("ups", 1, "none", None, None),
    ]
    said = jauge(tmp_path, "inventory", "register")
    assert said.splitlines()[-1] == (
        "9 assets, 1 of unknown class, 2 with personal data and no entry in the register"
    )


def test_a_class_of_data_that_is_none_of_the_register_is_a_mistake_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text(CLASSES.format(theatre="santé"), "utf-8")
    said = jauge(tmp_path, "check", "estate.yml", status=1)
    assert "estate.yml:5:" in said
    assert "'health'" in said


def test_what_jauge_does_is_told_by_each_letter_of_article_30_1_with_the_times_that_hold() -> None:
    """Article 30(1) of Regulation (EU) 2016/679: (a) who, (b) why, (c) of whom and what, (d) to whom, (e) where to, (f) how long, (g) how kept safe."""
    text = (Path(__file__).parents[2] / "docs" / "data-protection.md").read_text("utf-8")
    told = dict(re.findall(r"^\| \(([a-g])\) ([^|]+) \|", text, re.MULTILINE))
    wanted = {
        "a": "controller", "b": "purposes", "c": "data subjects and categories", "d": "recipients", "e": "third countries",
        "f": "time limits", "g": "security measures",
    }  # fmt: skip
    assert {letter for letter, words in wanted.items() if words in told.get(letter, "")} == set("abcdefg")
    times = next(line for line in text.splitlines() if line.startswith("| (f)"))
    assert {int(days) for days in re.findall(r"\b\d{2,}\b", times)} == {
        int(People().keep / 86_400), int(People().log / 86_400), 180, 366, int(views.FORGOTTEN / 86_400),
    }  # fmt: skip


def test_the_key_is_changed_by_one_command_and_nothing_is_under_the_old_one_any_more(tmp_path: Path) -> None:
    estate(tmp_path, "pseudonyms")
    said = jauge(tmp_path, "inventory", "rekey", status=1)
    assert "no key of the pseudonyms to change" in said
    rows = (("PC-1", "durand"), ("PC-2", "martin"))
    taken(tmp_path, *rows)
    old = key_of(tmp_path)
    jauge(tmp_path, "inventory", "person", "erase", "durand", "--yes")
    before = (tmp_path / FILE).read_text()
    said = jauge(tmp_path, "inventory", "rekey")
    lines = (tmp_path / FILE).read_text().splitlines()
    assert lines[0] == before.strip()
    assert len(lines) == 2
    assert [line for line in lines if line in said] == []
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    new = key_of(tmp_path)
    assert kept(tmp_path) == {"PC-1": None, "PC-2": new.pseudonym("martin")}
    assert new.pseudonym("martin") != old.pseudonym("martin")
    assert holds(tmp_path / "data", [old.pseudonym("martin"), old.pseudonym("durand"), *lines]) == set()
    taken(tmp_path, *rows)
    assert kept(tmp_path) == {"PC-1": None, "PC-2": new.pseudonym("martin")}
    assert "key of the pseudonyms changed" in jauge(tmp_path, "audit")
    (tmp_path / FILE).write_text(lines[1] + "\n")  # who loses the first line has another key
    (tmp_path / FILE).chmod(0o600)
    said = jauge(tmp_path, "inventory", "import", export(tmp_path, *rows), "--users", status=1)
    assert "another key" in said


def test_a_backup_is_no_place_to_look_for_people_unseen(tmp_path: Path) -> None:
    estate(tmp_path)
    taken(tmp_path, ("PC-1", "durand"))
    jauge(tmp_path, "files", "backup", tmp_path / "kept")
    before = (tmp_path / "kept" / "state.db").read_bytes()
    for words in (
        ("users",),
        ("person", "export", "durand"),
        ("person", "erase", "durand"),
        ("person", "erased"),
    ):
        said = jauge(tmp_path, "inventory", *words, "--data", tmp_path / "kept", status=1)
        assert "is a backup" in said
        assert "PC-1" not in said
    assert (tmp_path / "kept" / "state.db").read_bytes() == before
    assert {path.name for path in (tmp_path / "kept").iterdir()} == {"manifest.json", "state.db"}


def test_a_backup_that_was_cut_short_is_named_by_an_erasure(tmp_path: Path) -> None:
    estate(tmp_path)
    taken(tmp_path, ("PC-1", "durand"))
    data, folder = tmp_path / "data", tmp_path / "kept"
    step = 0
    while killed_at(step, lambda: within.jauge("files", "backup", folder, cwd=tmp_path), files=True):
        shutil.rmtree(folder, ignore_errors=True)
        part = folder.with_name("kept.partial")
        if part.exists() and holds(part, ["durand"]):
            assert str(part) in erasing.backups(state_in(tmp_path))
            break
        step += 1
    else:
        pytest.fail("no part of a backup was left")
    said = jauge(tmp_path, "inventory", "person", "erase", "durand", "--yes")
    assert "a backup is there, and holds the name" in said
    assert "kept.partial" in said
    assert holds(data, ["durand"]) == set()


def test_who_looked_is_not_whom_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    estate(tmp_path)
    taken(tmp_path, ("PC-1", "durand"))
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.setenv(name, "mallory")
    jauge(tmp_path, "inventory", "users")
    assert (
        audit.entries(state_in(tmp_path), 1)[0].who
        == subprocess.check_output(["id", "-un"], text=True).strip()
    )


def test_a_crash_leaves_no_memory_with_names_and_keys_on_the_disk(tmp_path: Path) -> None:
    estate(tmp_path)
    program = (sys.executable, "-m", "jauge", "inventory", "person", "export", "-")
    words = ("sh", "-c", 'ulimit -S -c "$(ulimit -H -c)"; exec "$@"', "sh", *program)
    with subprocess.Popen(words, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as asked:
        try:
            until(lambda: _core_limit(asked.pid) == "0", 60)
            assert asked.poll() is None
        finally:
            asked.kill()


def _core_limit(pid: int) -> str:
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    return next(line.split()[4] for line in lines if line.startswith("Max core file"))


LOOKS = (("users",), ("users", "--json"), ("person", "export", "durand"), ("person", "export", "durand", "--json"),
         ("person", "erase", "durand"), ("person", "erase", "durand", "--json"), ("person", "erased"), ("person", "erased", "--json"))  # fmt: skip


def test_whatever_shows_people_is_in_the_audit_log_before_a_byte_is_shown(tmp_path: Path) -> None:
    """Also where nobody reads to the end: the pipe is closed, and the row stands."""
    estate(tmp_path)
    taken(tmp_path, ("PC-1", "durand"))
    jauge(tmp_path, "inventory", "person", "erase", "somebody", "--yes")
    for words in LOOKS:
        before = audit.entries(state_in(tmp_path), 1)[0].id
        shown = jauge(tmp_path, "inventory", *words)
        (row,) = audit.entries(state_in(tmp_path), 1)
        assert row.id == before + 1, words
        assert "durand" not in row.detail
        assert ("durand" in shown) == (words[:2] != ("person", "erased"))


def test_an_import_that_names_no_estate_lets_nothing_go(tmp_path: Path) -> None:
    estate(tmp_path)
    taken(tmp_path, ("PC-1", "durand"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    file = export(elsewhere, ("PC-1", None), ("PC-2", None))
    words = (
        "inventory",
        "import",
        file,
        "--source",
        "glpi",
        "--supplement",
        "--yes",
        "--data",
        tmp_path / "data",
    )
    jauge(elsewhere, *words)
    found = snapshots.history(state_in(tmp_path))
    assert len(found) == 2
    assert [
        use["user"]
        for use in json.loads(jauge(tmp_path, "inventory", "person", "export", "durand", "--json"))["uses"]
    ] == ["durand"]
    assert "absent.yml" in jauge(tmp_path, "inventory", "tidy", "--estate", "absent.yml", status=1)


def test_the_night_lets_go_what_is_too_old(tmp_path: Path) -> None:
    estate(tmp_path)
    taken(tmp_path, ("PC-1", "durand"))
    estate(tmp_path, "none")
    jauge(tmp_path, "plan", "estate.yml", status=1)  # nothing was measured yet
    assert kept(tmp_path) == {"PC-1": None}


def _imported(folder: Path) -> str:
    """Everything that an import of the canaries says, at every stage and in every form."""
    rows = [(f"PC-{number}", user) for number, user in enumerate(CANARIES)]
    twice = [*rows, ("PC-0", "canari twice"), ("", "canari nameless"), ("PC-9", "canari " * 4000)]
    said = ""
    for machines, words in (
        (twice, ("--users", "--json")),
        (twice, ("--users", "--yes")),
        (rows, ("--users",)),
        (rows, ("--users", "--yes", "--json")),
        (rows[::-1], ("--users", "--yes")),
        (rows[:4], ("--users", "--supplement", "--yes")),
    ):
        file = export(folder, *machines)
        ended = within.jauge("inventory", "import", file, "--source", "glpi", *words, cwd=folder)
        said += ended.stdout + ended.stderr
        file.unlink()
    return said


def test_names_of_users_stand_in_the_state_and_nowhere_else(tmp_path: Path) -> None:
    """No preview, log, metric, plan, page, file or text of an object; only the verbs that show people show them."""
    path = estate(tmp_path)
    said = _imported(tmp_path)
    state = state_in(tmp_path)
    found = snapshots.latest(state)
    assert found is not None
    assert sum(one.user is not None for one in found.workstations) >= len(CANARIES) - 2
    said += repr(found) + repr(found.workstations[0]) + str(found.workstations[0])
    for words in (
        *_of_the_inventory(), ("inventory", "register", "--json"), ("audit",), ("runway", "estate.yml"), ("runway", "estate.yml", "--json"), ("scenario", "list", "estate.yml"),
        ("files", "check"), ("backup", "status", "estate.yml"), ("inventory", "person", "erased"),
        ("inventory", "import", tmp_path / "absent.csv"),
    ):  # fmt: skip
        ended = within.jauge(*words, cwd=tmp_path)
        said += ended.stdout + ended.stderr
    with collecting(path, more=("--log.level", "debug")) as collector:
        until(lambda: collector.value("jauge_target_up", "/probe", target="here") is not None, 60)
        for place, query in (("/metrics", {}), ("/probe", {"target": "here"}), ("/", {}), ("/-/ready", {})):
            said += collector.ask(place, **query).text
        ended = within.jauge("plan", "estate.yml", "--json", cwd=tmp_path)
        said += ended.stdout + ended.stderr
        said += json.dumps(collector.status())
    said += collector.said()
    said += _pages(path, state)
    assert len(said) > 50_000
    assert [piece for piece in PIECES if piece in said or json.dumps(piece)[1:-1] in said] == []
    assert holds(tmp_path, PIECES, ["state.db", "state.db-wal", "estate.yml"]) == set()
    assert "Élodie" in jauge(tmp_path, "inventory", "users")  # they were there all the while


def _of_the_inventory() -> Iterator[tuple[str, ...]]:
    """Each command about workstations but those that show people, in each form that it has."""
    for name, command in reference.walk(typer.main.get_command(app)):
        words = tuple(name.split()[1:])
        if words[:1] in (("inventory",), ("renew",)) and words[:2] not in PEOPLE:
            options = {option for param in command.params for option in param.opts}
            needed = tuple(
                "estate.yml" for param in command.params if param.name == "estate" and param.required
            )
            yield (*words, *needed)
            yield from ((*words, *needed, option) for option in ("--json", "--csv") if option in options)


PEOPLE = {("inventory", "users"), ("inventory", "person")}


def _pages(path: Path, state: State) -> str:
    """Every page in both languages, to every role."""
    app = create(Data(load(path), state.path.parent), state, demo=False)
    said = ""
    for role in users.ROLES:
        users.add(state, role, role, f"a long password of {role}")
        client = app.server.test_client()
        form = {"name": role, "password": f"a long password of {role}"}
        assert client.post("/login", data=form, headers={"Origin": "http://localhost"}).status_code == 303
        for page in PAGES:
            for language in ("en", "fr"):
                answer = ask(app, page.PATH, language=language, client=client)
                assert answer.status_code == 200, page.PATH
                said += answer.text
    assert "PC-0" in said  # the machines themselves are shown
    return said


def test_a_workstation_does_not_tell_its_user_where_it_is_printed() -> None:
    one = Workstation("PC-1", user="durand")
    told: list[Any] = [repr(one), str(one), f"{one}", f"{[one]}"]
    assert [text for text in told if "durand" in text] == []
