"""`jauge inventory import` and `jauge inventory fetch`, as a person runs them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from computers import APP, USER, Played
from within import jauge

from inventory.imports import snapshots
from inventory.imports.lives import lives
from inventory.state import audit, open_state

ESTATE = """
timezone: Europe/Paris
credentials:
  glpi-user: {http: {token: env:GLPI_USER}}
  glpi-app: {http: {token: env:GLPI_APP}}
  other: {snmp: v2c, community: env:GLPI_APP}
targets:
  - {name: here, host: true}
"""
HEAD = "Nom;Numéro de série;Modèle;Lieu\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("JAUGE_DATA", raising=False)
    monkeypatch.setenv("GLPI_USER", USER)
    monkeypatch.setenv("GLPI_APP", APP)
    (tmp_path / "estate.yml").write_text(ESTATE)
    return tmp_path


def write(place: Path, rows: str, name: str = "park.csv") -> str:
    (place / name).write_text(HEAD + rows, "utf-8")
    return name


def kept(place: Path) -> dict[str, str | None]:
    found = snapshots.latest(open_state(place / "data" / "state.db"))
    return {one.name: one.site for one in found.workstations} if found else {}


@pytest.fixture(params=["America/Los_Angeles", "Pacific/Auckland"])
def elsewhere(request: pytest.FixtureRequest) -> Iterator[None]:
    """The timezone of this process is not that of the estate."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("elsewhere")
def test_the_day_of_an_old_export_is_one_of_the_estate_whatever_the_machines_timezone(place: Path) -> None:
    """The estate's 1st of March begins in Paris at 23:00 UTC of the day before (winter: UTC+1)."""
    file = write(place, "A;S1;X;here\n")
    assert jauge("inventory", "import", file, "--day", "2024-03-01", "--yes", cwd=place).returncode == 0
    found = snapshots.latest(open_state(place / "data" / "state.db"))
    assert found is not None
    assert found.at == 1_709_247_600.0  # 2024-02-29 23:00:00 UTC


def test_nothing_is_imported_while_a_row_is_refused_unless_somebody_says_so(place: Path) -> None:
    file = write(place, "A;S1;X;here\nB;S2;X;here\n")
    assert jauge("inventory", "import", file, "--yes", cwd=place).returncode == 0
    file = write(place, "A;S1;X;there\nB;S2;X\nB;S2;X;there\n")
    refused = jauge("inventory", "import", file, "--yes", cwd=place)
    assert refused.returncode == 1
    assert "refused: lines 3 and 4, Numéro de série: S2 is given 2 times" in refused.stdout
    assert refused.stdout.endswith(
        "Nothing was imported: correct the refused rows, or add --partial to import without them.\n"
    )
    assert kept(place) == {"A": "here", "B": "here"}
    partial = jauge("inventory", "import", file, "--yes", "--partial", cwd=place)
    assert (partial.returncode, partial.stdout.splitlines()[-1]) == (1, "Imported.")
    assert kept(place) == {"A": "there", "B": "here"}


def test_a_program_reads_counts_and_whether_it_was_done(place: Path) -> None:
    file = write(place, "A;S1;X;here\n")
    shown = json.loads(jauge("inventory", "import", file, "--json", cwd=place).stdout)
    assert (shown["counts"]["new"], shown["changes"], shown["imported"]) == (1, True, False)
    done = json.loads(jauge("inventory", "import", file, "--json", "--yes", cwd=place).stdout)
    assert done["imported"]
    again = json.loads(jauge("inventory", "import", file, "--json", "--yes", cwd=place).stdout)
    assert (again["counts"]["unchanged"], again["changes"], again["imported"]) == (1, False, False)


@pytest.mark.parametrize(
    "words",
    [
        ["park.csv", "--source", "glpi", "--mapping", "m.yml"],
        ["park.csv", "--source", "../../etc/passwd"],
        ["park.csv", "--day", "2999-01-01"],
        ["park.csv", "--day", "yesterday"],
        [],
    ],
)
def test_a_wrong_use_ends_with_status_2(place: Path, words: list[str]) -> None:
    write(place, "A;S1;X;here\n")
    assert jauge("inventory", "import", *words, cwd=place).returncode == 2
    assert not (place / "data").exists()


def test_old_exports_make_lives_of_their_own_days(place: Path) -> None:
    write(place, "A;S1;X;here\nB;S2;X;here\n", "2024.csv")
    write(place, "A;S1;X;here\n", "2025.csv")
    for year in (2024, 2025):
        done = jauge("inventory", "import", f"{year}.csv", "--day", f"{year}-03-01", "--yes", cwd=place)
        assert done.returncode == 0, done.stderr
    late = jauge("inventory", "import", "2024.csv", "--day", "2024-06-01", "--yes", cwd=place)
    assert (late.returncode, "import older files first" in late.stderr) == (1, True)
    found = lives(open_state(place / "data" / "state.db"))
    assert [(row.name, row.entered.year, row.left.year, row.end) for row in found.itertuples()] == [
        ("A", 2024, 2025, ""),
        ("B", 2024, 2025, "vanished"),
    ]


def test_a_file_that_would_end_most_machines_is_told_to_be_one(place: Path) -> None:
    rows = "".join(f"PC-{number};S{number};X;here\n" for number in range(20))
    jauge("inventory", "import", write(place, rows), "--yes", cwd=place)
    shown = jauge("inventory", "import", write(place, "PC-1;S1;X;here\n"), cwd=place).stdout
    assert (
        "note: 19 of 20 known machines vanish: is the file whole, or does it complete another (--supplement)?"
        in shown
    )
    whole = jauge("inventory", "import", write(place, rows.replace("here", "there")), cwd=place).stdout
    assert "note:" not in whole


def test_a_supplement_is_one(place: Path) -> None:
    jauge("inventory", "import", write(place, "A;S1;X;here\nB;S2;X;here\n"), "--yes", cwd=place)
    (place / "ad.csv").write_text('"Name","OperatingSystem"\n"a","Windows 11 Pro"\n', "utf-8")
    done = jauge("inventory", "import", "ad.csv", "--supplement", "--yes", cwd=place)
    assert "0 new, 1 changed, 0 vanished" in done.stdout
    assert kept(place) == {"a": "here", "B": "here"}


async def test_a_glpi_is_asked_and_its_computers_taken_over(place: Path) -> None:
    async with Played(3).serving() as server:
        words = [
            "inventory",
            "fetch",
            f"{server.url}/glpi",
            "--credential",
            "glpi-user",
            "--app-credential",
            "glpi-app",
        ]
        shown = await asyncio.to_thread(jauge, *words, cwd=place)
        assert shown.returncode == 0, shown.stdout + shown.stderr
        assert "3 new" in shown.stdout
        assert kept(place) == {}
        done = await asyncio.to_thread(jauge, *words, "--yes", cwd=place)
    assert done.stdout.endswith("Imported.\n")
    assert set(kept(place)) == {"PC-0", "PC-1", "PC-2"}
    (entry,) = audit.entries(open_state(place / "data" / "state.db"))
    assert entry.detail.startswith("GLPI at http://127.0.0.1")
    said = shown.stdout + shown.stderr + done.stdout + done.stderr + entry.detail
    assert USER not in said
    assert APP not in said


async def test_a_refusal_of_glpi_is_told_without_the_token(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLPI_USER", "wrong-token-9876543210")
    async with Played(3).serving() as server:
        words = [
            "inventory",
            "fetch",
            f"{server.url}/glpi",
            "--credential",
            "glpi-user",
            "--app-credential",
            "glpi-app",
        ]
        refused = await asyncio.to_thread(jauge, *words, cwd=place)
    assert refused.returncode == 1
    assert "the token of the user is not accepted" in refused.stderr
    assert "9876543210" not in refused.stdout + refused.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["http://127.0.0.1:1", "--credential", "other"],
        ["http://127.0.0.1:1", "--credential", "nobody"],
        ["ftp://127.0.0.1:1", "--credential", "glpi-user"],
    ],
)
def test_a_wrong_credential_or_address_ends_with_status_2(place: Path, words: list[str]) -> None:
    assert jauge("inventory", "fetch", *words, cwd=place).returncode == 2
