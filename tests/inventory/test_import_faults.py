"""What goes wrong around an import: no room, a program that is killed, two at once, files that are none."""

from __future__ import annotations

import datetime
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

import openpyxl
import pytest

from inventory.imports import ImportFailedError, reading, snapshots
from inventory.state import State, audit, open_state

TODAY = datetime.date(2026, 11, 23)
TITLES = "Nom;Numéro de série;Modèle;Lieu\n"

# What a program of its own does with a state and a file: it imports, or is killed where it would have.
PROGRAM = """
import datetime, os, signal, sys
from pathlib import Path
from inventory.imports import reading, snapshots
from inventory.state import StateError, audit, open_state

state = open_state(Path(sys.argv[1]))
if sys.argv[3] == "killed":
    audit.record = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # all is written, and nothing committed
try:
    found = reading.read(state, Path(sys.argv[2]), datetime.date(2026, 11, 23), reading.Asked("glpi"))
    snapshots.commit(state, found, "ada")
except StateError as error:
    sys.exit(str(error))
"""


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")


def put(tmp_path: Path, text: str, name: str = "park.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def many(site: str, count: int = 4_000) -> str:
    return TITLES + "".join(
        f"PC-{number};S{number};OptiPlex {'x' * 80};{site} {number}\n" for number in range(count)
    )


def take(state: State, path: Path) -> None:
    with reading.read(state, path, TODAY, reading.Asked("glpi")) as found:
        snapshots.commit(state, found, "ada")


def names(state: State) -> dict[str, str | None]:
    latest = snapshots.latest(state)
    return {one.name: one.site for one in latest.workstations} if latest else {}


def run(state: State, path: Path, how: str, room: int | None = None) -> subprocess.CompletedProcess[str]:
    """The program, whose files may have so many bytes."""

    def bound() -> None:
        if room is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(state.path), str(path), how],
        capture_output=True, text=True, check=False, timeout=110, preexec_fn=bound, cwd=Path(__file__).parents[2],
    )  # fmt: skip


def test_a_disk_without_room_leaves_what_was_known_and_says_so(state: State, tmp_path: Path) -> None:
    take(state, put(tmp_path, many("A")))
    before = names(state)
    ended = run(state, put(tmp_path, many("B")), "imports", room=256 * 1024)
    assert ended.returncode == 1
    assert f"cannot use {state.path}: " in ended.stderr
    assert "Traceback" not in ended.stderr
    assert names(state) == before
    assert len(audit.entries(state)) == 1
    take(state, tmp_path / "park.csv")
    assert names(state)["PC-7"] == "B 7", "with room again, it is imported"


def test_a_program_that_is_killed_while_it_imports_leaves_what_was_known(
    state: State, tmp_path: Path
) -> None:
    take(state, put(tmp_path, many("A")))
    before = names(state)
    assert run(state, put(tmp_path, many("B")), "killed").returncode == -signal.SIGKILL
    assert names(state) == before
    assert len(snapshots.history(state)) == 1
    take(state, tmp_path / "park.csv")
    assert names(state)["PC-7"] == "B 7"


def test_of_two_who_import_at_once_one_does_and_the_other_is_told(state: State, tmp_path: Path) -> None:
    ready, said = threading.Barrier(2, timeout=60), dict[str, str]()

    def work(who: str) -> None:
        path = put(tmp_path, TITLES + f"PC-{who};S-{who};X;here\n", f"{who}.csv")
        with reading.read(state, path, TODAY, reading.Asked("glpi")) as found:
            ready.wait()
            try:
                snapshots.commit(state, found, who)
                said[who] = "done"
            except ImportFailedError as error:
                said[who] = str(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in ("ada", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=100)
    (winner,) = [who for who, what in said.items() if what == "done"]
    (other,) = [what for what in said.values() if what != "done"]
    assert "somebody imported since this preview" in other
    assert names(state) == {f"PC-{winner}": "here"}


@pytest.mark.timeout(60)  # else a pipe would be waited for until somebody writes to it
def test_a_pipe_is_no_file(state: State, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "park.csv")
    with pytest.raises(ImportFailedError, match="it is no file"):
        reading.read(state, tmp_path / "park.csv", TODAY)


def test_titles_that_stand_again_further_down_are_no_machine(state: State, tmp_path: Path) -> None:
    with reading.read(
        state, put(tmp_path, TITLES + "A;S1;X;here\n" + TITLES + "B;S2;X;here\n"), TODAY
    ) as found:
        assert [one.name for one in found.added] == ["A", "B"]
        assert list(map(str, found.notes)) == ["1 rows repeat the titles: they are passed over"]


def test_an_error_of_a_spreadsheet_is_no_serial_number_and_hidden_rows_are_told(
    state: State, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["Nom", "Numéro de série"], ["A", "#N/A"], ["B", "#REF!"], ["C", "S3"]):
        sheet.append(row)
    for line in (2, 3):
        sheet.cell(line, 2).data_type = "e"
    sheet.row_dimensions[4].hidden = True
    book.save(tmp_path / "park.xlsx")
    with reading.read(state, tmp_path / "park.xlsx", TODAY) as found:
        assert [(one.name, one.serial) for one in found.added] == [("A", None), ("B", None), ("C", "S3")]
        assert [(one.line, one.why.code) for one in found.remarks] == [(2, "cell.error"), (3, "cell.error")]
        assert list(map(str, found.notes)) == ["1 hidden rows: they are read too"]


# What GLPI and OCS Inventory list as no serial numbers from the start, and what dmidecode is known to print.
PLACEHOLDERS = (
    "N/A", "(null string)", "INVALID", "SYS-1234567890", "SYS-9876543210", "SN-12345", "SN-1234567890", "1111111111", "1",
    "0123456789", "12345", "123456", "1234567", "12345678", "123456789", "1234567890", "123456789000", "12345678901234567", "000000",
    "NNNNNNN", "xxxxxxxxxxx", "EVAL", "IATPASS", "none", "To Be Filled By O.E.M.", "Tulip Computers", "Serial Number xxxxxx",
    "SN-123456fvgv3i0b8o5n6n7k", "0", "None", "System Serial Number", "Default string", "Not Specified", "........", "None.",
    "00000000-0000-0000-0000-000000000000",
)  # fmt: skip


def test_what_makers_leave_in_place_of_a_serial_number_is_none(state: State, tmp_path: Path) -> None:
    rows = "".join(f"PC-{number};{text};X;here\n" for number, text in enumerate(PLACEHOLDERS))
    with reading.read(state, put(tmp_path, TITLES + rows), TODAY) as found:
        assert [one.serial for one in found.added if one.serial] == []
        assert len(found.added) == len(PLACEHOLDERS)
        assert list(found.refused) == []


@pytest.mark.parametrize(
    "serial", ["4CE1234XYZ", "5CG12345", "PF2ABCDE", "VMware-56 4d 1a", "7654321", "11112", "MXL00000"]
)
def test_what_may_be_a_serial_number_is_one(state: State, tmp_path: Path, serial: str) -> None:
    with reading.read(state, put(tmp_path, TITLES + f"PC-1;{serial};X;here\n"), TODAY) as found:
        assert [one.serial for one in found.added] == [serial]
