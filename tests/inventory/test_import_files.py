"""Files of inventories that somebody's spreadsheet, shell or malice made: read right, or refused with row and column."""

from __future__ import annotations

import codecs
import csv
import datetime
import io
import json
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904, to_excel

from inventory.imports import (
    ImportFailedError,
    delimited,
    preview,
    reading,
    snapshots,
    source,
    workbook,
    xlsx,
)
from inventory.imports.preview import Preview
from inventory.imports.reasons import Reason
from inventory.imports.source import FieldName, Named, UnrecognisedError
from inventory.imports.values import RefusedError
from inventory.state import State, open_state
from inventory.workstations import Workstation

TODAY = datetime.date(2026, 11, 23)
GLPI = reading.Asked("glpi")
HEAD = "Nom;Lieu;Date d'achat\n"


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")


def put(tmp_path: Path, content: bytes | str, name: str = "park.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(state: State, path: Path, asked: reading.Asked = GLPI) -> Preview:
    return reading.read(state, path, TODAY, asked)


def machines(found: Preview) -> dict[str, Workstation]:
    return {one.name: one for one in found.added}


# --- encodings, separators, quotes -------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_a_file_that_holds_two_encodings_is_read_cell_by_cell(
    state: State, tmp_path: Path, mark: bytes
) -> None:
    rows = "PC-1;Bâtiment é;\n".encode() + "PC-2;Pédiatrie – œil;\n".encode("cp1252")
    found = machines(read(state, put(tmp_path, mark + HEAD.encode() + rows)))
    assert found["PC-1"].site == "Bâtiment é"
    assert found["PC-2"].site == "Pédiatrie – œil"


def test_titles_in_another_encoding_than_the_rows_are_known(state: State, tmp_path: Path) -> None:
    content = "Nom;Modèle\n".encode("cp1252") + "PC-1;Élite\n".encode()
    assert machines(read(state, put(tmp_path, content)))["PC-1"].model == "Élite"


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("é".encode() + b" " + "é".encode("cp1252"), "in one cell"),
        ("«É»".encode("cp1252"), "in one cell"),  # É» are also two bytes of UTF-8
        ("É»".encode("cp1252"), "neither"),  # alone they are a letter that nobody writes here
        (b"\x81", "neither"),  # no character of Windows-1252
    ],
)
def test_a_cell_that_may_be_read_in_two_ways_is_refused_with_row_and_column(
    state: State, tmp_path: Path, cell: bytes, why: str
) -> None:
    content = HEAD.encode() + b"PC-1;" + cell + b";\n" + "PC-2;été;\n".encode("cp1252")
    found = read(state, put(tmp_path, content))
    (refusal,) = found.refused
    assert (refusal.line, refusal.column) == (2, "Lieu")
    assert why in refusal.reason
    assert machines(found)["PC-2"].site == "été"


def test_a_nul_is_refused_with_row_and_column(state: State, tmp_path: Path) -> None:
    found = read(state, put(tmp_path, HEAD + "PC-1;a;\nPC-2;b\0c;\n"))
    assert [(one.line, one.column) for one in found.refused] == [(3, "Lieu")]


def test_lines_that_end_with_a_return_alone_are_lines(state: State, tmp_path: Path) -> None:
    found = read(state, put(tmp_path, (HEAD + "PC-1;a;\nPC-2;b;31/02/2020\n").replace("\n", "\r")))
    assert list(machines(found)) == ["PC-1"]
    assert [(one.line, one.column) for one in found.refused] == [(3, "Date d'achat")]


def test_a_cell_of_ten_megabytes_is_read_where_nobody_needs_it_and_refused_where_somebody_does(
    state: State, tmp_path: Path
) -> None:
    large = "x" * 10_000_000
    found = read(state, put(tmp_path, f"Nom;Lieu;Notes\nPC-1;a;{large}\nPC-2;{large};b\n"))
    assert list(machines(found)) == ["PC-1"]
    assert [(one.line, one.column, one.reason) for one in found.refused] == [
        (3, "Lieu", "longer than 200 characters")
    ]


def test_a_cell_without_end_is_an_error_with_its_row(state: State, tmp_path: Path) -> None:
    path = put(tmp_path, "Nom;Lieu\nPC-1;a\nPC-2;" + "x" * (20 * 1024 * 1024) + "\n")
    with pytest.raises(ImportFailedError, match=r"park\.csv:3: Lieu: a cell is longer"):
        read(state, path)


@pytest.mark.parametrize(
    ("rows", "place"),
    [
        ('PC-1;a;\nPC-2;"b;\nPC-3;c;\n', r"park\.csv:3: Lieu: a quote is opened here and never closed"),
        ('PC-1;a;\n"PC-2;b;\n"PC-3";c;\n', r"park\.csv:3: Nom: cannot read this row"),
        ('PC-1;"a"b;\n', r"park\.csv:2: Lieu: cannot read this row"),
    ],
)
def test_an_unbalanced_quote_is_an_error_with_row_and_column(
    state: State, tmp_path: Path, rows: str, place: str
) -> None:
    with pytest.raises(ImportFailedError, match=place):
        read(state, put(tmp_path, HEAD + rows))


def test_what_shells_and_reports_write_above_the_titles_is_passed_over(state: State, tmp_path: Path) -> None:
    typed = "#TYPE Microsoft.ActiveDirectory.Management.ADComputer\n"
    ad = '"Name","OperatingSystem","OperatingSystemVersion","Enabled"\n"PC-1","Windows 11 Pro","10.0 (26100)","True"\n'
    found = read(state, put(tmp_path, typed + ad), reading.Asked())
    assert (found.source, machines(found)["PC-1"].state) == (
        "Active Directory, Get-ADComputer exported by Export-Csv (active-directory)",
        "used",
    )
    assert list(machines(read(state, put(tmp_path, "sep=;\n" + HEAD + "PC-9;a;\n")))) == ["PC-9"]


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null"])
def test_what_is_no_file_is_not_read(state: State, name: str) -> None:
    with pytest.raises(ImportFailedError, match="no file"):
        read(state, Path(name))


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="cp1252", exclude_categories=["Cs"]), max_size=30), st.booleans())
def test_a_cell_of_either_encoding_comes_back_or_is_refused_never_otherwise(text: str, is_utf8: bool) -> None:
    raw = text.encode("utf-8" if is_utf8 else "cp1252")
    try:
        found = delimited.mended(raw.decode("utf-8", "surrogateescape"))
    except RefusedError:
        return
    # What is valid in both was meant as UTF-8: two letters of Windows-1252 that no word has beside each other.
    assert found == text or (not is_utf8 and found == raw.decode("utf-8"))


# --- days --------------------------------------------------------------------------------------------------


def mapping(tmp_path: Path, text: str) -> reading.Asked:
    return reading.Asked(mapping=put(tmp_path, text, "mapping.yml"))


OURS = "title: Ours\ntitles: {name: [Poste], purchased: [Acheté le], warranty: [Garantie], memory: [RAM]}\n"


@pytest.mark.parametrize(
    ("dates", "cell", "day"),
    [
        ("[french]", "03/04/2021", "2021-04-03"),
        ("[us]", "03/04/2021", "2021-03-04"),
        ("[us]", "12/25/2021 10:22:11 PM", "2021-12-25"),
        ("[iso]", "2021-03-04T22:00:00.0000000Z", "2021-03-04"),
        ("[serial]", "44269", "2021-03-14"),
        ("[french, serial]", "44269,5", "2021-03-14"),
        ("[french]", "14.03.2021", "2021-03-14"),
    ],
)
def test_days_are_read_as_the_mapping_says(
    state: State, tmp_path: Path, dates: str, cell: str, day: str
) -> None:
    path = put(tmp_path, f"Poste;Acheté le\nA;{cell}\n")
    found = read(state, path, mapping(tmp_path, OURS + f"dates: {dates}\n"))
    assert machines(found)["A"].purchased == datetime.date.fromisoformat(day)


@pytest.mark.parametrize(
    ("dates", "cell", "why"),
    [
        ("[french]", "12/25/2021", r"where months come first, say so in a mapping"),
        ("[iso]", "14/03/2021", "no date"),
        ("[french]", "44269", "no date"),
        ("[us]", "31/02/2021", "not in any calendar"),
        ("[serial]", "99999", "future"),
        ("[serial]", "20000", "before 1980"),
    ],
)
def test_a_day_that_the_mapping_does_not_allow_is_refused(
    state: State, tmp_path: Path, dates: str, cell: str, why: str
) -> None:
    path = put(tmp_path, f"Poste;Acheté le\nA;{cell}\n")
    (refusal,) = read(state, path, mapping(tmp_path, OURS + f"dates: {dates}\n")).refused
    assert (refusal.line, refusal.column) == (2, "Acheté le")
    assert why in refusal.reason


def test_days_whose_order_nothing_proves_are_told_and_those_that_something_proves_are_not(
    state: State, tmp_path: Path
) -> None:
    rows = "Poste;Acheté le;Garantie\nA;03/04/2021;03/04/2027\nB;05/06/2021;25/06/2027\n"
    (note,) = map(str, read(state, put(tmp_path, rows), mapping(tmp_path, OURS)).notes)
    assert note.startswith(
        "Acheté le: no date tells whether the day or the month comes first (03/04/2021, 05/06/2021)"
    )


def test_a_warranty_may_end_in_the_future_and_a_purchase_may_not(state: State, tmp_path: Path) -> None:
    found = read(
        state,
        put(tmp_path, "Poste;Acheté le;Garantie\nA;01/12/2026;\nB;;01/12/2030\n"),
        mapping(tmp_path, OURS),
    )
    assert machines(found)["B"].warranty == datetime.date(2030, 12, 1)
    assert [(one.line, one.column) for one in found.refused] == [(2, "Acheté le")]


# --- other values ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "size"),
    [
        ("16 Go", 16 * 2**30),
        ("15,9 GB", int(15.9 * 2**30)),
        ("16 384", 16_384 * 2**20),
        ("16\u202f384", 16_384 * 2**20),
        ("16,384", None),  # sixteen thousand, or sixteen and a bit: not guessed at
        ("-1", None),
        ("0", None),
    ],
)
def test_a_memory_is_read_as_it_is_written_or_left_unknown(
    state: State, tmp_path: Path, cell: str, size: int | None
) -> None:
    found = read(state, put(tmp_path, f"Poste;RAM\nA;{cell}\n"), mapping(tmp_path, OURS))
    assert machines(found)["A"].memory == size


def test_a_serial_number_that_a_spreadsheet_shortened_is_refused(state: State, tmp_path: Path) -> None:
    found = read(state, put(tmp_path, "Name;Serial number\nA;1,23457E+15\nB;5CG0123E4\n"))
    assert [(one.line, one.column) for one in found.refused] == [(2, "Serial number")]
    assert machines(found)["B"].serial == "5CG0123E4"


# --- spreadsheets ------------------------------------------------------------------------------------------


def book(tmp_path: Path, rows: list[list[Any]], name: str = "park.xlsx", **sheets: list[list[Any]]) -> Path:
    made = openpyxl.Workbook()
    for title, content in {"Parc": rows, **sheets}.items():
        sheet = made.create_sheet(title)
        for row in content:
            sheet.append(row)
    del made["Sheet"]
    made.save(tmp_path / name)
    return tmp_path / name


ROWS: list[list[Any]] = [
    ["Nom", "Numéro de série", "Date d'achat", "Mémoire"],
    ["PC-1", "S1", datetime.datetime(2021, 3, 14), 8192],  # noqa: DTZ001 - a spreadsheet knows no zone
    ["PC-2", 7654321, 44269, "16 Go"],
    ["PC-3", None, "14/03/2021", None],
]


def test_a_spreadsheet_gives_what_the_same_csv_gives(state: State, tmp_path: Path) -> None:
    found = machines(read(state, book(tmp_path, ROWS)))
    assert {one.purchased for one in found.values()} == {datetime.date(2021, 3, 14)}
    assert [one.serial for one in found.values()] == ["S1", "7654321", None]
    assert [one.memory for one in found.values()] == [8192 * 2**20, 16 * 2**30, None]


def test_a_spreadsheet_that_counts_days_from_1904_means_other_days(state: State, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.epoch = CALENDAR_MAC_1904
    day = to_excel(datetime.datetime(2021, 3, 14), CALENDAR_MAC_1904)  # noqa: DTZ001 - as above
    made.active.append(["Nom", "Date d'achat"])
    made.active.append(["PC-1", day])
    made.save(tmp_path / "mac.xlsx")
    assert machines(read(state, tmp_path / "mac.xlsx"))["PC-1"].purchased == datetime.date(2021, 3, 14)


def test_a_day_of_february_that_is_none_is_refused_in_a_spreadsheet_too(state: State, tmp_path: Path) -> None:
    (refusal,) = read(state, book(tmp_path, [["Nom", "Date d'achat"], [], ["PC-1", "31/02/2021"]])).refused
    assert (refusal.line, refusal.column) == (3, "Date d'achat")


def test_the_sheet_of_known_titles_is_read_and_the_others_are_told(state: State, tmp_path: Path) -> None:
    path = book(tmp_path, [["Notes"], ["x"]], Liste=[["Inventaire 2026"], [], *ROWS], Caché=ROWS)
    made = openpyxl.load_workbook(path)
    made["Caché"].sheet_state = "hidden"
    made.save(path)
    found = read(state, path)
    assert found.file == "park.xlsx (Liste)"
    assert len(found.added) == 3
    assert tuple(map(str, found.notes[:2])) == (
        "hidden sheets that are not read: Caché",
        "other sheets that are not read: Parc",
    )
    assert len(read(state, path, reading.Asked("glpi", sheet="Caché")).added) == 3
    with pytest.raises(ImportFailedError, match="no sheet 'X': it has 'Parc'"):
        read(state, path, reading.Asked("glpi", sheet="X"))


def test_two_sheets_of_the_same_titles_are_not_chosen_between(state: State, tmp_path: Path) -> None:
    with pytest.raises(ImportFailedError, match="say which with --sheet"):
        read(state, book(tmp_path, ROWS, Autre=ROWS))


def test_formulas_are_not_computed_and_are_told(state: State, tmp_path: Path) -> None:
    path = book(tmp_path, [["Nom", "Lieu"], ["PC-1", '=HYPERLINK("http://x";"y")'], ["PC-2", "=1+1"]])
    found = read(state, path)
    assert [one.site for one in machines(found).values()] == [None, None]
    assert any("2 formulas: the values" in str(note) for note in found.notes)
    assert any("2 formulas without a value" in str(note) for note in found.notes)


def test_the_last_value_of_a_formula_is_read(state: State, tmp_path: Path) -> None:
    path = book(tmp_path, [["Nom", "Lieu"], ["PC-1", "=1+1"]])
    repack(
        path,
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace(b"<v />", b"<v>42</v>").replace(b"<v></v>", b"<v>42</v>"),
    )
    assert machines(read(state, path))["PC-1"].site == "42"


def repack(path: Path, part: str, change: Any) -> None:
    """The same workbook with one part changed, or added."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts.get(part, b""))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_links_and_programs_to_start_are_told_and_not_followed(state: State, tmp_path: Path) -> None:
    path = book(tmp_path, ROWS)
    link = b'<externalLink xmlns="http://x"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    repack(path, "xl/externalLinks/externalLink1.xml", lambda _: link)
    notes = read(state, path).notes
    assert any("links to other files: none is followed" in str(note) for note in notes)
    assert any("DDE" in str(note) for note in notes)


@pytest.mark.parametrize(
    ("part", "content", "why"),
    [
        ("xl/vbaProject.bin", b"x", "macros"),
        ("[Content_Types].xml", b'<Types xmlns="x" a="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/>', "macros"),
        ("../../etc/cron.d/x", b"x", r"a part is called '\.\./\.\./etc"),
        ("/etc/passwd", b"x", "a part is called '/etc/passwd'"),
        ("..\\x", b"x", "a part is called"),
        ("xl/styles.xml", b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>', "document type"),
        ("xl/sharedStrings.xml", b'<?xml version="1.0"?>\n<!-- x --><!DOCTYPE sst SYSTEM "file:///etc/passwd"><sst/>', "document type"),
        ("xl/sharedStrings.xml", "<sst/>".encode("utf-16"), "no UTF-8"),
        ("xl/theme/x.xml", b"no <xml", "no XML"),
        ("xl/media/x.png", b'<!DOCTYPE sst [<!ENTITY a "b">]><sst/>', "document type"),
        ("xl/strings.dat", b"<sst><si><t>x</t></si></sst>", "holds shared strings"),
        ("xl/worksheets/sheet1.xml", b"<sst><si><t>x</t></si></sst>", "holds shared strings"),
        ("xl/worksheets/sheet1.xml", b'<worksheet><dimension ref="A1:XFD1048576"/></worksheet>', "A1:XFD1048576"),
    ],
)  # fmt: skip
def test_a_workbook_that_could_do_harm_is_refused_with_its_reason(
    state: State, tmp_path: Path, part: str, content: bytes, why: str
) -> None:
    path = book(tmp_path, ROWS)
    repack(path, part, lambda _: content)
    with pytest.raises(ImportFailedError, match=why):
        read(state, path)


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (b'r="3"', b'r="99999999999"', "beyond the 1048576th"),
        (b'r="D3"', b'r="XFD3"', "more than 512 columns"),
        (b'r="D3"', b'r="ZZZZ3"', "no spreadsheet that can be read|more than 512 columns"),
    ],
)
def test_a_row_or_cell_that_says_it_is_far_away_is_refused(
    state: State, tmp_path: Path, before: bytes, after: bytes, why: str
) -> None:
    path = book(tmp_path, ROWS)
    repack(
        path,
        "xl/worksheets/sheet1.xml",
        lambda text: text.replace(b"<row " + before, b"<row " + after).replace(
            b"<c " + before, b"<c " + after
        ),
    )
    with pytest.raises(ImportFailedError, match=why):
        read(state, path)


def test_a_part_that_is_a_link_is_refused(state: State, tmp_path: Path) -> None:
    path = book(tmp_path, ROWS)
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("xl/media/x")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ImportFailedError, match="is a link"):
        read(state, path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "has a password"),
        (b"PK\x03\x04" + bytes(100), "no spreadsheet that can be read"),
        (b"PK\x05\x06" + bytes(18), "no spreadsheet"),
    ],
)
def test_what_is_no_workbook_is_said_in_words(state: State, tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(ImportFailedError, match=why):
        read(state, put(tmp_path, content, "park.xlsx"))


BOMB = """
import sys, time
from pathlib import Path
from inventory.imports import ImportFailedError, reading, xlsx
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
before = peak()
worked = time.process_time()
try:
    reading.opened(Path(sys.argv[1]))
except ImportFailedError as error:
    print(error)
print(time.process_time() - worked)
print(peak())
"""


def bomb(tmp_path: Path, part: str, pieces: Any) -> Path:
    path = book(tmp_path, ROWS)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != part}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        with archive.open(part, "w") as file:
            for piece in pieces:
                file.write(piece)
    return path


def noise(count: int) -> Any:
    """Shared strings that do not pack to nothing."""
    yield b'<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    for start in range(0, count, 1000):
        yield b"".join(
            b"<si><t>%d-%x</t></si>" % (n, n * 2654435761 % 2**32) for n in range(start, start + 1000)
        )
    yield b"</sst>"


@pytest.mark.parametrize(
    ("part", "pieces", "why"),
    [
        ("xl/worksheets/sheet1.xml", lambda: (bytes(1 << 20) for _ in range(100)), "times its size"),
        ("xl/media/image.png", lambda: (b"%d" % n * 300_000 for n in range(700)), "MiB: export it as CSV|times its size"),
        ("xl/sharedStrings.xml", lambda: noise(1_000_000), "1000000 shared strings"),
        ("xl/styles.xml", lambda: [b"<styleSheet>", *(b"<a b='%x'/>" % (n * 2654435761 % 2**32) * 3 for n in range(700_000))], "unpacks to"),
    ],
    ids=["ratio", "size", "strings", "styles"],
)  # fmt: skip
def test_a_bomb_is_refused_before_it_takes_time_or_memory(
    tmp_path: Path, part: str, pieces: Any, why: str
) -> None:
    """Two seconds of the processor and 200 MiB, of a process of its own."""
    path = bomb(tmp_path, part, pieces())
    command = [sys.executable, "-c", BOMB, str(path)]
    said, took, peak = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert any(word in said for word in why.split("|")), said
    assert float(took) < 2
    assert float(peak) < 200


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.integers(0, 4000))
def test_a_workbook_with_any_bytes_changed_is_read_or_refused_in_words(
    tmp_path: Path, noise: bytes, where: int
) -> None:
    path = book(tmp_path, ROWS)
    content = bytearray(path.read_bytes())
    content[where % len(content) : where % len(content) + len(noise)] = noise
    path.write_bytes(bytes(content))
    rows, refused = [], ""
    try:
        rows = list(reading.opened(path).rows)
    except ImportFailedError as error:
        refused = str(error)
    assert str(path) in refused if refused else len(rows) <= len(ROWS)


# --- sources and mappings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "glpi.yml", "sources/glpi", ""])
def test_a_name_of_a_source_is_no_path(name: str) -> None:
    with pytest.raises(ImportFailedError, match="there is no source"):
        source.named(name)


def test_a_mapping_that_is_like_no_source_names_the_sources(tmp_path: Path) -> None:
    with pytest.raises(
        ImportFailedError, match=r"there is no source '\.\./\.\./etc/passwd': one of active-directory, glpi"
    ):
        source.load(put(tmp_path, "title: x\nlike: ../../etc/passwd\n", "m.yml"))


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ("title: x\ntitles: {nmae: [Poste]}\n", "m.yml:2", "nmae"),
        ("title: x\ntitles: {model: [Modèle]}\n", "m.yml:", "name or serial"),
        ("title: x\ntitles: {name: [A]}\ndates: [french, us]\n", "m.yml:", "two days"),
        ("title: x\ntitles: {name: [A], serial: [a]}\n", "m.yml:", "stands for name and for serial"),
        ("title: x\ntitles: {name: [A]}\ncolour: red\n", "m.yml:3", "colour"),
        ("- x\n", "m.yml:", "mapping of titles"),
        ("title: [\n", "m.yml:", ""),
    ],
)
def test_a_mistake_in_a_mapping_is_told_with_its_place(
    tmp_path: Path, text: str, where: str, why: str
) -> None:
    with pytest.raises(ImportFailedError) as error:
        source.load(put(tmp_path, text, "m.yml"))
    assert where in str(error.value)
    assert why in str(error.value)


def test_a_mapping_may_change_what_a_source_says(state: State, tmp_path: Path) -> None:
    asked = mapping(tmp_path, "title: Ours\nlike: lansweeper\ndates: [us]\ntitles: {site: [Campus]}\n")
    rows = "AssetName,Purchase Date,Campus,Serialnumber\nA,12/25/2021,North,S1\n"
    found = machines(read(state, put(tmp_path, rows), asked))["A"]
    assert (found.purchased, found.site, found.serial) == (datetime.date(2021, 12, 25), "North", "S1")


@pytest.mark.parametrize("name", source.shipped())
def test_a_shipped_source_says_where_its_titles_were_looked_up(name: str) -> None:
    found = source.shipped()[name]
    assert found.documented
    assert found.marks


EXPORTS = {
    "ocs": "Account info: TAG;Last inventory;NAME;User;Operating system;RAM (MB);CPU (MHz);Manufacturer;Serial number;Model;OS Version\n"
    "RADIO;2026-11-01 10:00:00;PC-1;durand;Microsoft Windows 10 Pro;8192;2900;Dell Inc.;S1;OptiPlex 3080;10.0.19045\n",
    "lansweeper": "AssetID,AssetName,AssetTypename,Serialnumber,Manufacturer,Model,OSname,OSBuild,PurchaseDate,Warrantydate,Location,Lastseen,State\n"
    "17,PC-1,Windows,S1,Dell Inc.,OptiPlex 3080,Win 10,10.0.19045,2020-05-04 00:00:00,2025-05-04 00:00:00,RADIO,2026-11-01,Active\n"
    "18,PRT-1,Printer,S2,HP,LaserJet,,,,,RADIO,2026-11-01,Active\n",
    "intune": "Device ID,Device name,Enrollment date,Last check-in,Serial number,Manufacturer,Model,OS,OS version,SkuFamily,Primary user UPN,Managed by,TPM version,Secure Boot Enabled\n"
    "a,PC-1,2024-01-02 03:04:05.0000000,2026-11-01 01:02:03.0000000,S1,Dell Inc.,OptiPlex 3080,Windows,10.0.19045.1,Pro,d@x.fr,Intune,2.0,True\n"
    "b,Phone,2024-01-02 03:04:05.0000000,2026-11-01 01:02:03.0000000,S2,Apple,iPhone,iOS,17.1,,d@x.fr,Intune,,\n",
    "sccm": "Name0,SerialNumber0,Manufacturer0,Model0,Caption0,Version0,TotalPhysicalMemory0,UEFI0,SecureBoot0,SpecVersion0,User_Name0\n"
    'PC-1,S1,Dell Inc.,OptiPlex 3080,Microsoft Windows 10 Pro,10.0.19045,8388608,1,0,"2.0, 0, 1.38",durand\n'
    "SRV-1,S2,Dell Inc.,PowerEdge,Microsoft Windows Server 2019,10.0.17763,8388608,1,0,,\n",
    "active-directory": '"DistinguishedName","DNSHostName","Enabled","LastLogonDate","Name","ObjectClass","OperatingSystem","OperatingSystemVersion"\n'
    '"CN=PC-1,DC=x","pc-1.x","True","01/11/2026 10:00:00","PC-1","computer","Windows 10 Pro","10.0 (19045)"\n'
    '"CN=SRV-1,DC=x","srv-1.x","True","01/11/2026 10:00:00","SRV-1","computer","Windows Server 2019 Standard","10.0 (17763)"\n',
}


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_recognised_by_its_titles_and_says_of_the_machine_what_it_holds(
    state: State, tmp_path: Path, name: str
) -> None:
    found = read(state, put(tmp_path, EXPORTS[name]), reading.Asked())
    assert found.source.endswith(f"({name})")
    assert list(found.refused) == []
    assert list(machines(found)) == ["PC-1"]
    one = machines(found)["PC-1"]
    assert one.user is None
    snapshots.commit(state, found, "ada")
    latest = snapshots.latest(state)
    assert latest is not None
    assert latest.workstations[0].seen == (None if name == "sccm" else datetime.date(2026, 11, 1))
    assert one.os_version in ("10.0.19045", "10.0.19045.1", "10.0 (19045)")
    if name != "active-directory":
        assert (one.serial, one.maker, one.model) == ("S1", "Dell Inc.", "OptiPlex 3080")
    if name == "sccm":
        assert (one.memory, one.firmware, one.secure_boot, one.tpm) == (8 * 2**30, "uefi", False, "2.0")
    if name == "intune":
        assert (one.edition, one.tpm, one.secure_boot) == ("Pro", "2.0", True)
    if name == "lansweeper":
        assert (one.purchased, one.warranty) == (datetime.date(2020, 5, 4), datetime.date(2025, 5, 4))
        assert any("1 rows left out: AssetTypename is printer" in str(note) for note in found.notes)


def test_a_file_of_which_sources_leave_out_other_rows_asks_which_it_is_of(
    state: State, tmp_path: Path
) -> None:
    """Those of OCS and Configuration Manager leave out servers by this title; that of GLPI leaves out nothing."""
    text = (
        "Name,Operating System\nPC-1,Microsoft Windows 10 Pro\nSRV1,Microsoft Windows Server 2019 Standard\n"
    )
    asks = "this may be an export of glpi, ocs, sccm, which differ in which rows they leave out: say which with --source"
    with pytest.raises(ImportFailedError, match=asks):
        read(state, put(tmp_path, text), reading.Asked())
    for name in ("ocs", "sccm"):
        assert list(machines(read(state, put(tmp_path, text), reading.Asked(name)))) == ["PC-1"]
    assert list(machines(read(state, put(tmp_path, "Name,Serial number\nPC-1,S1\n"), reading.Asked()))) == [
        "PC-1"
    ]


def test_a_domain_is_read_as_its_directory_keeps_it_and_as_powershell_shows_all_of_it(
    state: State, tmp_path: Path
) -> None:
    # 134082000000000000 is 2025-11-21 12:00 UTC: (that / 10^7 - 11644473600) seconds since 1970.
    csvde = (
        "DN,objectClass,cn,operatingSystem,operatingSystemVersion,userAccountControl,lastLogonTimestamp\n"
        '"CN=PC-101,CN=Computers,DC=clcc,DC=test",computer,PC-101,Windows 11 Entreprise,10.0 (26100),4096,134082000000000000\n'
        '"CN=PC-102,CN=Computers,DC=clcc,DC=test",computer,PC-102,Windows 10 Professionnel,10.0 (19045),4098,\n'
    )
    found = read(state, put(tmp_path, csvde), reading.Asked())
    assert (found.origin, list(found.refused), list(found.remarks)) == ("active-directory", [], [])
    assert {name: one.state for name, one in machines(found).items()} == {
        "PC-101": "used",
        "PC-102": "retired",
    }
    snapshots.commit(state, found, "ada")
    latest = snapshots.latest(state)
    assert latest is not None
    assert [one.seen for one in latest.workstations] == [datetime.date(2025, 11, 21), None]
    shell = (
        '"CN","DistinguishedName","Enabled","LastLogonDate","lastLogonTimestamp","Name","OperatingSystem","serialNumber","userAccountControl"\n'
        '"PC-101","CN=PC-101","True","21/11/2025 13:00:00","134082000000000000","PC-101","Windows 11 Entreprise",'
        '"Microsoft.ActiveDirectory.Management.ADPropertyValueCollection","4096"\n'
    )
    found = read(open_state(tmp_path / "other.db"), put(tmp_path, shell), reading.Asked())
    assert (list(found.refused), [one.why.code for one in found.remarks]) == ([], ["cell.object"])
    assert machines(found)["PC-101"].serial is None


@pytest.mark.parametrize(
    ("titles", "row"),
    [
        (
            "Nom;Entité;Statut;Utilisateur;Usager;Numéro de série",
            "PC-1;CLCC;En service;durand;CLCC\\durand;S1",
        ),
        (
            "Device name,Managed by,OS,Primary user UPN,Primary user email address,Serial number",
            "PC-1,Intune,Windows,durand,durand@clcc.test,S1",
        ),
    ],
)
def test_two_columns_of_users_are_no_reason_to_refuse_a_file(
    state: State, tmp_path: Path, titles: str, row: str
) -> None:
    found = read(state, put(tmp_path, f"{titles}\n{row}\n"), reading.Asked(users=True))
    assert machines(found)["PC-1"].user == "durand"


OCS = Path(__file__).parent / "exports"
"""What ocsreports 2.8.1 wrote of three computers that its own server had taken in: all columns in two languages, and those that it
shows from the start. No quotes stand around titles, some titles have no cells, each line ends with a separator, and quotes within
cells are not written twice. The row of the machine that it ran on was taken out."""
WRITTEN = datetime.date(2026, 11, 26)


@pytest.mark.parametrize("language", ["english", "french"])
def test_what_ocs_really_writes_is_read(state: State, language: str) -> None:
    found = reading.read(state, OCS / f"ocs-{language}.csv", WRITTEN, reading.Asked())
    assert found.origin == "ocs"
    assert (list(found.refused), list(found.remarks)) == ([], [])
    first, second = machines(found)["PC-001"], machines(found)["PC-002"]
    assert len(machines(found)) == 2
    assert (first.serial, first.maker, first.model) == ("4CE1234XYZ", "Dell Inc.", "OptiPlex 7080")
    assert (first.os, first.os_version, first.memory) == (
        "Microsoft Windows 10 Entreprise", "10.0.19045", 16 * 2**30,
    )  # fmt: skip
    assert first.cpu == "Intel(R) Core(TM) i5-10500 CPU @ 3.10GHz [6 core(s) x86_64]"
    assert (first.service, first.user) == ("Bloc & Réa", None)
    assert (second.model, second.serial) == ('EliteBook; "840" G8', None)
    assert [str(note).partition(":")[0] for note in found.notes] == ["1 rows left out"]


def test_the_columns_that_ocs_shows_from_the_start_are_enough(state: State) -> None:
    found = reading.read(state, OCS / "ocs-default.csv", WRITTEN, reading.Asked())
    assert (found.origin, sorted(machines(found))) == ("ocs", ["PC-001", "PC-002"])
    assert machines(found)["PC-002"].memory == 8 * 2**30


def test_quotes_that_could_stand_for_other_cells_are_not_guessed_at(state: State, tmp_path: Path) -> None:
    with pytest.raises(ImportFailedError, match=r"park\.csv:2"):
        read(state, put(tmp_path, 'Nom;Lieu;Date d\'achat\n"PC-1";"a";"b" c";"2020-01-01"\n'))


def test_titles_that_two_sources_read_otherwise_are_not_guessed_at(state: State, tmp_path: Path) -> None:
    path = put(tmp_path, "Name;Location\nA;Building A\n")
    with pytest.raises(
        ImportFailedError,
        match=r"this may be an export of active-directory, glpi, which differ in what its columns mean: say which with --source",
    ):
        read(state, path, reading.Asked())


@pytest.mark.parametrize("text", ["-5", "+33 1 44 32", "=1+1", "@x", "00123"])
def test_a_text_that_a_spreadsheet_would_compute_stays_as_it_was(
    state: State, tmp_path: Path, text: str
) -> None:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";").writerows([["Nom", "Lieu"], ["A", text]])
    assert machines(read(state, put(tmp_path, buffer.getvalue())))["A"].site == text
    assert machines(read(state, book(tmp_path, [["Nom", "Lieu"], ["A", text]] if text[0] != "=" else ROWS)))


def test_nothing_in_a_file_steers_the_screen_of_who_reads_the_preview(state: State, tmp_path: Path) -> None:
    evil = "\x1b[2J\u202e\r"
    rows = f'"Nom";"Statut";"Note{evil}"\n"PC{evil}";"{evil}?";"x"\n"";"";"y"\n'
    lines = list(read(state, put(tmp_path, rows)).lines())
    assert any("column ignored: Note" in text for text in lines)
    assert any("new: PC" in text for text in lines)
    assert all(text.isprintable() for text in lines)


def test_limits_are_said(state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "ROW_LIMIT", 3)
    monkeypatch.setattr(xlsx, "ROW_LIMIT", 3)
    monkeypatch.setattr(workbook, "PARTS_LIMIT", 3)
    with pytest.raises(ImportFailedError, match=r"park\.csv:4: more than 3 rows"):
        read(state, put(tmp_path, "Nom\nA\nB\nC\n"))
    with pytest.raises(ImportFailedError, match=r"it has .* parts"):
        read(state, book(tmp_path, ROWS))


def test_a_name_that_slipped_into_another_column_is_in_no_reason_where_the_file_names_people(
    tmp_path: Path, state: State
) -> None:
    titles = "Name;Serial number;User;Status;Date of purchase"
    slipped = "PC-1;S1;;Canari Paul;Canari Élodie"
    path = tmp_path / "park.csv"
    path.write_text(f"{titles}\n{slipped}\nPC-2;S2;bob;in use;31/02/2021\n", "utf-8")
    with read(state, path) as found:
        said = "\n".join(found.lines()) + json.dumps(found.document(), ensure_ascii=False)
        with pytest.raises(ImportFailedError, match="2 rows are refused") as caught:
            snapshots.commit(state, found, "ada")
    said += str(caught.value)
    assert [piece for piece in ("anari", "Paul", "lodie") if piece in said] == []
    assert "'31/02/2021' is not in any calendar" in said  # what bears no letter is no name
    path.write_text(f"{titles}\n{slipped}\n".replace(";User", ";Room"), "utf-8")
    with read(state, path) as found:
        assert "'Canari Élodie' is no date" in "\n".join(found.lines())


# --- what somebody says of a file -----------------------------------------------------------------


def test_what_sources_differ_in_is_told_where_they_cannot_be_told_apart(state: State, tmp_path: Path) -> None:
    with pytest.raises(UnrecognisedError) as told:
        read(state, put(tmp_path, "Name,Operating System\nPC-1,Windows\n"), reading.Asked())
    assert (told.value.likely, told.value.differ) == (("glpi", "ocs", "sccm"), ("rows",))


def test_a_file_that_no_source_fits_is_read_by_what_its_columns_are_said_to_be(
    state: State, tmp_path: Path
) -> None:
    text = "Rapport du 3 mars\nPoste;SN;Acheté;RAM;Dispo\nP1;N1;3/4/2021;8;in stock\nP2;N2;12/31/2020;16;au grenier\n"
    path = put(tmp_path, text)
    assert reading.titles(path) == ["Poste", "SN", "Acheté", "RAM", "Dispo"]
    fields: dict[str, FieldName] = {
        "Poste": "name", "SN": "serial", "Acheté": "purchased", "RAM": "memory", "Dispo": "state",
    }  # fmt: skip
    mapping = Named("own", source.own("ours", fields, "us", "GiB", "GB"))
    found = read(state, path, reading.Asked(mapping=mapping, states={"au grenier": "stock"}))
    assert not len(found.remarks)
    one = machines(found)["P1"]
    assert (one.purchased, one.memory, one.state) == (datetime.date(2021, 3, 4), 8 * 2**30, "stock")
    assert machines(found)["P2"].state == "stock"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Lieu": "site"}, "file.nameless"),
        ({}, "file.nameless"),
        ({"A": "name", "B": "name"}, "file.twice"),
        ({"Nom": "name", "NOM": "serial"}, "file.twice"),
    ],
)
def test_what_columns_cannot_be_is_refused(fields: dict[str, FieldName], code: str) -> None:
    with pytest.raises(ImportFailedError) as told:
        source.own("ours", fields, "french", "MiB", "GB")
    assert isinstance(told.value.why, Reason)
    assert told.value.why.code == code


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n \n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR;a;b\n",
        b"%PDF-1.7\n1 0 obj\n\x01\x02;\x03\n",
        b"one\ntwo\n",
    ],
)
def test_what_is_no_table_has_no_titles_of_which_anything_could_be_said(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "park.csv"
    path.write_bytes(content)
    with pytest.raises(ImportFailedError):
        reading.titles(path)


# --- what is wrong, together ----------------------------------------------------------------------


def test_the_same_wrong_in_many_rows_is_told_once_largest_first_and_row_by_row_to_programs(
    state: State, tmp_path: Path
) -> None:
    words = ["grenier"] * 3 + [f"mot {number}" for number in range(8)] + ["cave"] * 2
    sizes = ["beaucoup"] * 30
    lines = [f"A{i};S{i};{word};" for i, word in enumerate(words)]
    lines += [f"B{i};T{i};;{size}" for i, size in enumerate(sizes)]
    text = "Nom;Numéro de série;Statut;Composants - Mémoire\n" + "\n".join(lines) + "\n"
    found = read(state, put(tmp_path, text), reading.Asked("glpi"))
    groups = found.remarks.groups(20)
    assert [(one.rows, one.line, one.alike) for one in groups[:3]] == [(30, 15, 30), (3, 2, 13), (2, 13, 13)]
    assert len(groups) == 1 + preview.EXAMPLES
    shown = "\n".join(found.lines())
    assert "left unknown: 30 rows, lines 15 to 44, Composants - Mémoire: 'beaucoup' is no size" in shown
    assert "left unknown: 5 more" in shown
    told = found.document()
    assert len(told["left unknown"]) == 43
    assert sum(one["rows"] for one in told["groups"]["left unknown"]) == 43
