"""Skeletons of families: what is written loads, is formatted, names what a MIB names, and fails until it is filled in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from within import jauge

from collectors import packages
from collectors.recording import agents, mib, skeleton
from collectors.snmp.oid import unpack

ROOT = Path(__file__).parent.parent.parent
ACME = "1.3.6.1.4.1.99999"

MIB = """
ACME-MIB DEFINITIONS ::= BEGIN
IMPORTS enterprises, OBJECT-TYPE FROM SNMPv2-SMI;
-- a comment that names nothing OBJECT-TYPE ::= { enterprises 1 }
acme OBJECT IDENTIFIER ::= { enterprises 99999 }
acmeModule MODULE-IDENTITY LAST-UPDATED "202601050000Z" DESCRIPTION "x ::= { y 1 }" ::= { acme 1 }
acmeDiskTable OBJECT-TYPE SYNTAX SEQUENCE OF AcmeDiskEntry MAX-ACCESS not-accessible STATUS current ::= { acme 2 }
acmeDiskEntry OBJECT-TYPE SYNTAX AcmeDiskEntry MAX-ACCESS not-accessible STATUS current
  INDEX { acmeDiskIndex } ::= { acmeDiskTable 1 }
acmeDiskSize OBJECT-TYPE SYNTAX Gauge32 UNITS "MiB" MAX-ACCESS read-only STATUS current ::= { acmeDiskEntry 3 }
acmeDiskState OBJECT-TYPE SYNTAX INTEGER { ok(1), failed(2) } MAX-ACCESS read-only STATUS current
  ::= { acmeDiskEntry 4 }
acmeSerial OBJECT-TYPE SYNTAX OCTET STRING ACCESS read-only STATUS mandatory ::= { acme 3 }
orphan OBJECT-TYPE SYNTAX INTEGER MAX-ACCESS read-only STATUS current ::= { elsewhere 3 }
END
"""

WALK = f"""1.3.6.1.2.1.1.1.0|4|Acme Array 9
1.3.6.1.2.1.1.2.0|6|{ACME}.1.7
{ACME}.2.1.3.1|66|1907729
{ACME}.2.1.3.2|66|1907729
{ACME}.2.1.4.1|2|1
{ACME}.2.1.4.2|2|2
{ACME}.3.0|4|ABC
"""

FILLED = f"""title: Acme arrays
detect: {{object_id: [{ACME}.1.7]}}
tables:
  - name: acme-disks
    oid: {ACME}.2.1          # acmeDiskEntry
    labels: {{disk: {{index: true}}}}
    metrics:
      jauge_disk_size_bytes: {{column: 3, scale: 1048576}}                # acmeDiskSize
      jauge_disk_healthy: {{column: 4, states: {{1: 1, 2: 0}}}}           # acmeDiskState
"""


def run(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    # what a skeleton's test needs is no plugin of this suite, and to load those takes seconds
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip


def scaffold(place: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return jauge("scaffold", *words, cwd=place)


def trial(place: Path, file: str) -> subprocess.CompletedProcess[str]:
    options = ("-p", "no:cacheprovider", "-q", "--rootdir", place, "-c", "/dev/null")
    return run("-m", "pytest", *options, place / "own" / "tests" / file, cwd=ROOT)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "acme.snmprec").write_text(WALK)
    (tmp_path / "acme.mib").write_text(MIB)
    return tmp_path


def test_objects_are_named_by_a_mib() -> None:
    found = mib.read(MIB)
    base = (1, 3, 6, 1, 4, 1, 99999)
    assert found[*base, 2, 1].name == "acmeDiskEntry"
    assert found[*base, 2, 1, 4] == ("acmeDiskState", "INTEGER { ok(1), failed(2) }")
    assert found[*base, 1].name == "acmeModule"
    assert "orphan" not in {named.name for named in found.values()}


def test_objects_that_share_their_rows_are_a_table(place: Path) -> None:
    found, single = skeleton.tables(agents.read(place / "acme.snmprec").values())
    (table,) = found
    assert (table.entry, table.rows, list(table.columns)) == (unpack(agents.encode(f"{ACME}.2.1")), 2, [3, 4])
    assert len(single) == 3


def test_a_table_of_one_row_is_not_taken_for_a_column_of_many(place: Path) -> None:
    """A sensor with index, name and value: the objects above it hold text and numbers, as no column does."""
    objects = (("1", "2", "1"), ("2", "4", "Ambient"), ("3", "2", "25"))
    walk = "".join(f"{ACME}.1.2.1.{column}.1|{kind}|{value}\n" for column, kind, value in objects)
    (place / "one.snmprec").write_text(walk)
    (table,), single = skeleton.tables(agents.read(place / "one.snmprec").values())
    assert (table.entry, table.rows, list(table.columns)) == (
        unpack(agents.encode(f"{ACME}.1.2.1")),
        1,
        [1, 2, 3],
    )
    assert single == []


def test_a_skeleton_loads_and_shows_names_types_and_values(place: Path) -> None:
    said = scaffold(place, "acme.snmprec", "acme", "--mib", "acme.mib")
    assert said.returncode == 0, said.stderr
    assert "The test fails until EXPECTED holds numbers" in said.stdout
    family = packages.load([str(place / "own")]).families["acme"]
    assert [sign.object_id for sign in family.signs] == [(f"{ACME}.1.7",)]
    text = (place / "own" / "devices" / "acme.yml").read_text()
    assert f"# {ACME}.2.1  acmeDiskEntry: 2 rows" in text
    (line,) = [line for line in text.splitlines() if "acmeDiskState" in line]
    assert line.split() == [
        "#",
        "column",
        "4",
        "acmeDiskState",
        "INTEGER",
        "INTEGER",
        "{",
        "ok(1),",
        "failed(2)",
        "}",
        "1,",
        "2",
    ]
    (line,) = [line for line in text.splitlines() if "acmeSerial" in line]
    assert '"ABC"' in line


def test_what_is_written_passes_the_linter_and_the_formatter(place: Path) -> None:
    (place / "status.json").write_text('{"disks": [{"id": 1}]}')
    scaffold(place, "acme.snmprec", "acme")
    scaffold(place, "status.json", "acme-cli")
    scaffold(place, "status.json", "acme-rest", "--over", "http")
    files = sorted((place / "own" / "tests").glob("*.py"))
    assert len(files) == 3
    for words in (("check", "--ignore", "S101"), ("format", "--check")):
        said = run("-m", "ruff", *words, "--config", ROOT / "pyproject.toml", *files, cwd=ROOT)
        assert said.returncode == 0, said.stdout + said.stderr


def test_the_test_fails_until_numbers_are_filled_in_and_where_they_are_others(place: Path) -> None:
    scaffold(place, "acme.snmprec", "acme")
    file = place / "own" / "tests" / "test_acme_devices.py"
    (place / "own" / "devices" / "acme.yml").write_text(FILLED)
    said = trial(place, file.name)
    assert said.returncode == 1
    assert "fill in EXPECTED" in said.stdout
    text = file.read_text()
    example = next(line for line in text.splitlines() if line.startswith("    # ("))
    for number, status in ((1907729 * 1024**2, 0), (1907729, 1)):
        file.write_text(text.replace(example, f'    ("jauge_disk_size_bytes", (("disk", "1"),)): {number},'))
        assert trial(place, file.name).returncode == status


@pytest.mark.parametrize(("over", "kind"), [("ssh", "commands"), ("http", "apis")])
def test_a_document_makes_a_skeleton_that_loads_and_reads_nothing_yet(
    place: Path, over: str, kind: str
) -> None:
    document = {"disks": [{"name": "a/b", "size": 7}, {"name": "c", "size": 8}], "state": {"all": "ok"}}
    (place / "status.json").write_text(json.dumps(document))
    said = scaffold(place, "status.json", "acme", "--over", over)
    assert said.returncode == 0, said.stderr
    text = (place / "own" / kind / "acme.yml").read_text()
    assert '# each: "/disks/*"    2 rows' in text
    assert "#   /size" in text
    said = trial(place, f"test_acme_{kind}.py")
    assert said.returncode == 1
    assert "fill in EXPECTED" in said.stdout


def test_a_folder_of_a_recording_makes_a_skeleton_of_each_kind(place: Path) -> None:
    folder = place / "made"
    (folder / "http").mkdir(parents=True)
    (folder / "snmp.snmprec").write_text(WALK)
    (folder / "http" / "001.json").write_text('{"size": 7}')
    files = {"snmp.snmprec": {}, "http/001.json": {"path": "/status", "family": "x"}}
    (folder / "recording.json").write_text(json.dumps({"files": files}))
    assert scaffold(place, "made", "acme").returncode == 0
    found = packages.load([str(place / "own")])
    assert set(found.families) == set(found.interfaces) == {"acme"}
    assert found.interfaces["acme"].tables[0].get == "/status"


def test_nothing_is_written_over(place: Path) -> None:
    scaffold(place, "acme.snmprec", "acme")
    said = scaffold(place, "acme.snmprec", "acme")
    assert said.returncode == 1
    assert "acme.yml" in said.stderr


@pytest.mark.parametrize("described", ["x\\n- evil: {", "'quoted' # {", "", "é" * 3000])
def test_what_a_device_says_of_itself_breaks_no_skeleton(place: Path, described: str) -> None:
    raw = described.encode().hex()
    (place / "acme.snmprec").write_text(f"1.3.6.1.2.1.1.1.0|4x|{raw}\n1.3.6.1.4.1.8072.1.1.0|2|1\n")
    said = scaffold(place, "acme.snmprec", "acme")
    assert said.returncode == 0, said.stderr


def test_a_wrong_name_and_a_wrong_recording_are_told(place: Path) -> None:
    assert scaffold(place, "acme.snmprec", "Acme Array").returncode == 2
    (place / "acme.snmprec").write_text("nonsense\n")
    said = scaffold(place, "acme.snmprec", "acme")
    assert said.returncode == 1
    assert "acme.snmprec:1:1: " in said.stderr


@pytest.mark.parametrize("index", ['{"files": {"../secret.json": {}}}', '{"files": 7}', "[]", "{"])
def test_a_recording_of_a_stranger_reaches_nothing_beside_it(place: Path, index: str) -> None:
    (place / "secret.json").write_text('{"canary": 1}')
    (place / "made").mkdir()
    (place / "made" / "recording.json").write_text(index)
    said = scaffold(place, "made", "acme")
    assert said.returncode == 1
    assert "Traceback" not in said.stderr
    assert not (place / "own").exists()
