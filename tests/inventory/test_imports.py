"""Importing workstations: any CSV a GLPI writes, refusals with their place, all or nothing, repeatable."""

from __future__ import annotations

import csv
import datetime
import io
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.imports import ImportFailedError, delimited, reading, snapshots
from inventory.imports.preview import Preview
from inventory.imports.rows import Refusal
from inventory.state import State, audit, open_state
from inventory.workstations import Workstation

TODAY = datetime.date(2026, 11, 23)

# As GLPI 10 writes it: each cell quoted, `;`, and one more `;` at the end of each line.
FRENCH = (
    '"Nom";"Entité";"Statut";"Fabricant";"Numéro de série";"Type";"Modèle";"Système d\'exploitation - Nom";'
    '"Système d\'exploitation - Version";"Lieu";"Dernière modification";"Composants - Processeur";'
    '"Composants - Mémoire";"Usager";"Information financières et administratives - Date d\'achat";\n'
    '"PC-0001";"CLCC";"En service";"Dell";"ABC1234";"Poste fixe";"OptiPlex 7080";'
    '"Microsoft Windows 10 Entreprise";"22H2";"Bâtiment A &#62; Niveau 1";"2026-10-01 08:12";"Intel i5-10500";'
    '"8192<br>8192";"durand";"14/03/2021";\n'
    '"PC-0002";"CLCC";"En service";"HP";"To Be Filled By O.E.M.";"Portable";"";"";"";"";"2026-10-01 08:12";"";"";'
    '"";"";\n'
)
ENGLISH = (
    "Name,Manufacturer,Serial number,Model,Operating System - Name,Location,"
    "Financial and administrative information - Date of purchase\n"
    "PC-0001,Dell,ABC1234,OptiPlex 7080,Microsoft Windows 10 Enterprise,Building A,2021-03-14\n"
)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "park.csv"
    path.write_bytes(text.encode(encoding))
    return path


GLPI = reading.Asked("glpi")


class Rows(NamedTuple):
    """What a file gives where nothing is known yet."""

    workstations: list[Workstation]
    refused: list[Refusal]
    remarks: list[Refusal]
    ignored: list[str]
    notes: list[str]


def read(path: Path, asked: reading.Asked = GLPI) -> Rows:
    with tempfile.TemporaryDirectory() as folder:
        fresh = open_state(Path(folder) / "state.db")
        with reading.read(fresh, path, TODAY, asked) as found:
            in_order = sorted(found.added, key=lambda one: (one.name, one.key))
            return Rows(
                in_order,
                list(found.refused),
                list(found.remarks),
                list(found.ignored),
                list(map(str, found.notes)),
            )


def preview(state: State, tmp_path: Path, text: str) -> Preview:
    return reading.read(state, write(tmp_path, text), TODAY, GLPI)


def take(state: State, tmp_path: Path, text: str, partial: bool = False) -> Preview:
    found = preview(state, tmp_path, text)
    snapshots.commit(state, found, "ada", partial=partial)
    return found


def test_a_french_export_of_glpi_is_read(tmp_path: Path) -> None:
    rows = read(write(tmp_path, FRENCH))
    first, second = rows.workstations
    assert (first.name, first.serial, first.maker, first.model) == (
        "PC-0001",
        "ABC1234",
        "Dell",
        "OptiPlex 7080",
    )
    assert first.purchased == datetime.date(2021, 3, 14)
    assert (first.os, first.os_version) == ("Microsoft Windows 10 Entreprise", "22H2")
    assert (first.site, first.kind, first.cpu) == ("Bâtiment A > Niveau 1", "Poste fixe", "Intel i5-10500")
    assert first.memory == 17_179_869_184
    assert (second.serial, second.model, second.site, second.memory, second.purchased) == (None,) * 5
    assert rows.refused == []
    assert set(rows.ignored) == {"Entité", "Dernière modification", "Usager"}


def test_who_uses_a_machine_is_kept_only_where_asked(state: State, tmp_path: Path) -> None:
    take(state, tmp_path, FRENCH)
    assert b"durand" not in b"".join(file.read_bytes() for file in tmp_path.glob("state.db*"))
    assert read(tmp_path / "park.csv", reading.Asked("glpi", users=True)).workstations[0].user == "durand"


def test_an_english_export_gives_the_same_machine(tmp_path: Path) -> None:
    (machine,) = read(write(tmp_path, ENGLISH)).workstations
    assert (machine.serial, machine.model, machine.purchased) == (
        "ABC1234",
        "OptiPlex 7080",
        datetime.date(2021, 3, 14),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_any_usual_encoding_separator_and_line_end_is_read(
    tmp_path: Path, encoding: str, separator: str, newline: str
) -> None:
    text = (
        FRENCH.replace(";", separator)
        .replace("&#62", "&#62;")
        .replace("&#62;,", "&#62;")
        .replace("\n", newline)
    )
    rows = read(write(tmp_path, text, encoding))
    assert [machine.name for machine in rows.workstations] == ["PC-0001", "PC-0002"]
    assert rows.workstations[0].kind == "Poste fixe"
    assert rows.workstations[0].site is not None
    assert rows.workstations[0].site.startswith("Bâtiment A")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("31/02/2021", "not in any calendar"),
        ("2021-02-30", "not in any calendar"),
        ("29/02/2023", "not in any calendar"),
        ("03-14-2021", "not in any calendar"),
        ("14/03/21", "no date"),
        ("hier", "no date"),
        ("٢٠٢١-٠٣-١٤", "no date"),
        ("01/01/2031", "in the future"),
        ("01/01/1970", "before 1980"),
        ("0", "no date"),
    ],
)
def test_an_impossible_date_is_refused_with_line_column_and_reason(
    tmp_path: Path, text: str, says: str
) -> None:
    rows = read(write(tmp_path, f"Nom;Date d'achat\nPC-1;2020-01-01\nPC-2;{text}\n"))
    (refusal,) = rows.refused
    assert (refusal.line, refusal.column) == (3, "Date d'achat")
    assert says in refusal.reason
    assert [machine.name for machine in rows.workstations] == ["PC-1"]


@pytest.mark.parametrize("text", ["", "  ", "0000-00-00", "0000-00-00 00:00:00"])
def test_an_empty_date_is_unknown(tmp_path: Path, text: str) -> None:
    rows = read(write(tmp_path, f"Nom;Date d'achat\nPC-1;{text}\n"))
    assert (rows.workstations[0].purchased, rows.refused) == (None, [])


def test_the_line_of_a_refusal_counts_line_breaks_inside_cells(tmp_path: Path) -> None:
    text = 'Nom;Lieu;Date d\'achat\nPC-1;"two\nlines";\n\nPC-2;x;31/02/2020\n'
    rows = read(write(tmp_path, text))
    assert [refusal.line for refusal in rows.refused] == [5]
    assert rows.workstations[0].site == "two / lines"


def test_rows_that_share_a_serial_or_a_name_are_refused_all_of_them(tmp_path: Path) -> None:
    text = "Name;Serial number\nA;S1\nB;s1\nC;\nc;\nD;S2\nD;S3\n"
    rows = read(write(tmp_path, text))
    assert [(refusal.line, refusal.column) for refusal in rows.refused] == [
        (2, "Serial number"),
        (3, "Serial number"),
        (4, "Name"),
        (5, "Name"),
    ]
    assert [machine.serial for machine in rows.workstations] == ["S2", "S3"]


def test_rows_without_a_name_or_with_too_many_cells_are_refused(tmp_path: Path) -> None:
    rows = read(write(tmp_path, "Name;Serial number;Model\n;;x\nA;B\nA\nA;B;C;D\n;S9;\n"))
    assert [refusal.line for refusal in rows.refused] == [2, 4, 5]
    assert rows.workstations[1].name == "S9"


def test_a_memory_that_is_no_size_is_left_unknown_and_said(tmp_path: Path) -> None:
    rows = read(write(tmp_path, "Name;Memory\nA;plenty\nB;16 Go\nC;0\n"))
    assert [machine.memory for machine in rows.workstations] == [None, 16 * 1024**3, None]
    assert [(remark.line, remark.column) for remark in rows.remarks] == [(2, "Memory")]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (b"a;b\n1;2\n", "no column title"),
        (b"Modele;Lieu\nx;y\n", "neither a column Name"),
        (b"Nom;Name\nx;y\n", "say the same"),
        (b'Nom;Lieu\n"x;y\nz;t\n', r"park\.csv:2"),
        (b"\xff\xfeN", "no text"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_is_refused_with_words(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "park.csv"
    path.write_bytes(content)
    with pytest.raises(ImportFailedError, match=says):
        read(path)


def test_a_file_that_is_missing_or_a_folder_is_said_in_words(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(ImportFailedError, match="cannot read"):
            read(path)


def test_importing_twice_changes_nothing(state: State, tmp_path: Path) -> None:
    first = take(state, tmp_path, FRENCH)
    assert (len(first.added), len(first.changed), len(first.vanished)) == (2, 0, 0)
    again = take(state, tmp_path, FRENCH)
    assert not again.changes
    assert len(again.same) == 2
    assert [count for *_, count in snapshots.history(state)] == [2, 2], "another day on which both were there"


def test_a_file_of_titles_alone_is_no_first_import(state: State, tmp_path: Path) -> None:
    assert not take(state, tmp_path, "Name;Serial number\n").tells
    assert snapshots.latest(state) is None


def test_a_preview_writes_nothing(state: State, tmp_path: Path) -> None:
    preview(state, tmp_path, FRENCH)
    assert snapshots.latest(state) is None
    assert audit.entries(state) == []


def test_changes_are_found_by_serial_even_where_the_name_changed(state: State, tmp_path: Path) -> None:
    take(state, tmp_path, "Name;Serial number;Location\nA;S1;here\nB;S2;here\nC;S3;here\n")
    found = take(state, tmp_path, "Name;Serial number;Location\nA2;S1;there\nB;S2;here\nD;S4;here\n")
    assert [(c.before.name, c.after.name, c.fields) for c in found.changed] == [("A", "A2", ("name", "site"))]
    assert [machine.name for machine in found.added] == ["D"]
    assert [machine.name for machine in found.vanished] == ["C"]
    latest = snapshots.latest(state)
    assert latest is not None
    assert [machine.name for machine in latest.workstations] == ["A2", "B", "D"]
    assert [count for _, _, _, count in snapshots.history(state)] == [3, 3]


def test_a_machine_whose_serial_becomes_known_is_the_same_machine(state: State, tmp_path: Path) -> None:
    take(state, tmp_path, "Name;Serial number\nA;\nB;S2\nC;S3\n")
    found = preview(state, tmp_path, "Name;Serial number\na;S1\nB;\nC;S9\n")
    assert [(c.before.name, c.after.serial) for c in found.changed] == [("A", "S1"), ("B", None)]
    assert [machine.serial for machine in found.added] == ["S9"]
    assert [machine.serial for machine in found.vanished] == ["S3"]


def test_refused_rows_stop_the_import_unless_asked_and_never_lose_a_machine(
    state: State, tmp_path: Path
) -> None:
    take(state, tmp_path, "Name;Serial number;Date d'achat\nA;S1;2020-01-01\nB;S2;2020-01-01\n")
    bad = "Name;Serial number;Date d'achat\nA;S1;31/02/2020\nB;S2;2021-01-01\n"
    found = preview(state, tmp_path, bad)
    with pytest.raises(ImportFailedError, match=r"nothing was imported.*line 2, Date d'achat"):
        snapshots.commit(state, found, "ada")
    assert len(snapshots.history(state)) == 1
    assert list(found.vanished) == []
    take(state, tmp_path, bad, partial=True)
    latest = snapshots.latest(state)
    assert latest is not None
    assert [machine.purchased for machine in latest.workstations] == [
        datetime.date(2020, 1, 1),
        datetime.date(2021, 1, 1),
    ]


def test_a_preview_that_somebody_overtook_is_not_committed(state: State, tmp_path: Path) -> None:
    mine = preview(state, tmp_path, "Name\nA\n")
    take(state, tmp_path, "Name\nB\n")
    with pytest.raises(ImportFailedError, match="look at it again"):
        snapshots.commit(state, mine, "ada")


def test_an_import_that_breaks_midway_leaves_nothing(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = preview(state, tmp_path, "Name\nA\n")
    monkeypatch.setattr(audit, "record", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        snapshots.commit(state, found, "ada")
    assert snapshots.latest(state) is None


def test_an_import_is_audited(state: State, tmp_path: Path) -> None:
    take(state, tmp_path, FRENCH)
    (entry,) = audit.entries(state)
    assert (entry.who, entry.action, entry.source) == ("ada", "workstations imported", "command line")
    assert entry.detail == "park.csv: 2 new, 0 changed, 0 vanished, 0 refused"


def test_a_preview_in_words_is_bounded(state: State, tmp_path: Path) -> None:
    text = "Name;Colour\n" + "".join(f"PC-{number};red\n" for number in range(100))
    lines = list(preview(state, tmp_path, text).lines(limit=5))
    assert lines[0] == "park.csv: 100 new, 0 changed, 0 vanished, 0 unchanged, 0 refused"
    assert "  new: and 95 more" in lines
    assert "  column ignored: Colour" in lines
    assert len(lines) == 9


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(cells, min_size=3, max_size=3), max_size=8),
    separator=st.sampled_from(";,\t"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_whatever_cells_hold_comes_back_as_it_was(
    tmp_path: Path, rows: list[list[str]], separator: str, encoding: str
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([["Name", "x", "y"], *rows])
    sheet = delimited.read(write(tmp_path, text.getvalue(), encoding), lambda title: title == "Name")
    assert [row.cells for row in sheet.rows] == [row for row in rows if any(row)]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda b: b"Nom;Date d'achat\n" + b)))
def test_no_bytes_whatever_make_the_reader_fail_without_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    try:
        rows = read(path)
    except ImportFailedError:
        return
    for machine in rows.workstations:
        assert machine.name
        assert machine.name.isprintable()


@given(
    st.dates(datetime.date(1980, 1, 1), TODAY), st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%d 00:00"])
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_date_is_read_in_both_ways_of_writing_it(tmp_path: Path, day: datetime.date, form: str) -> None:
    rows = read(write(tmp_path, f"Nom;Date d'achat\nA;{day.strftime(form)}\n"))
    assert rows.workstations[0].purchased == day
