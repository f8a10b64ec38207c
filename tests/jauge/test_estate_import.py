"""`jauge estate import`: what it shows, what it writes, and with which status it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from within import jauge

DEVICES = "name;address;site;role\nsw-01;10.0.0.1;Hôpital Nord;switch\nsw-02;10.0.0.2;Hôpital Nord;switch\n"
ESTATE = """\
# Estate of the CHU, kept by hand
credentials:
  net: {snmp: v2c, community: env:NET_COMMUNITY}   # read only
targets:
  - {name: nas-01, address: 10.9.0.1, credential: net}   # the old one

# nothing below
"""


def test_a_list_becomes_an_estate_that_passes_the_check(tmp_path: Path) -> None:
    (tmp_path / "devices.csv").write_text(DEVICES, "utf-8")
    shown = jauge("estate", "import", "devices.csv", cwd=tmp_path)
    assert shown.returncode == 0
    assert "2 new" in shown.stdout
    assert "add --yes" in shown.stderr
    assert not (tmp_path / "estate.yml").exists(), "nothing is written before it is asked for"
    assert jauge("estate", "import", "devices.csv", "--yes", cwd=tmp_path).returncode == 0
    checked = jauge("check", "estate.yml", cwd=tmp_path)
    assert checked.returncode == 0
    assert "2 targets, no errors" in checked.stdout
    again = jauge("estate", "import", "devices.csv", "--yes", cwd=tmp_path)
    assert "0 new" in again.stdout
    assert "2 known already" in again.stdout


def test_an_estate_keeps_its_comments_its_rights_and_its_credential(tmp_path: Path) -> None:
    estate = tmp_path / "estate.yml"
    estate.write_text(ESTATE, "utf-8")
    estate.chmod(0o604)
    (tmp_path / "devices.csv").write_text(DEVICES, "utf-8")
    assert (
        jauge("estate", "import", "devices.csv", "--credential", "net", "--yes", cwd=tmp_path).returncode == 0
    )
    lines = estate.read_text("utf-8").splitlines()
    assert [line for line in lines if line in ESTATE.splitlines()] == ESTATE.splitlines()
    assert lines.index("# nothing below") > next(n for n, line in enumerate(lines) if "sw-02" in line)
    assert sum("credential: net" in line for line in lines) == 3
    assert estate.stat().st_mode & 0o777 == 0o604
    assert list(tmp_path.glob(".*draft*")) == []


def test_a_folder_gets_a_file_of_its_own_and_names_are_looked_for_in_all(tmp_path: Path) -> None:
    folder = tmp_path / "estate"
    folder.mkdir()
    (folder / "base.yml").write_text(ESTATE.replace("nas-01", "sw-01"), "utf-8")
    (tmp_path / "devices.csv").write_text(DEVICES, "utf-8")
    done = jauge("estate", "import", "devices.csv", "--estate", "estate", "--yes", cwd=tmp_path)
    assert done.returncode == 0
    assert "sw-01: address is 10.9.0.1, the list says 10.0.0.1" in done.stdout
    assert (folder / "base.yml").read_text("utf-8") == ESTATE.replace("nas-01", "sw-01")
    assert "sw-02" in (folder / "imported.yml").read_text("utf-8")
    assert jauge("check", "estate", cwd=tmp_path).returncode == 0
    outside = jauge(
        "estate", "import", "devices.csv", "--estate", "estate", "--into", "../x.yml", cwd=tmp_path
    )
    assert outside.returncode == 2


def test_devices_that_are_refused_stop_all_but_partial(tmp_path: Path) -> None:
    (tmp_path / "devices.csv").write_text(DEVICES + "sw-03;;;\n", "utf-8")
    stopped = jauge("estate", "import", "devices.csv", "--yes", cwd=tmp_path)
    assert stopped.returncode == 1
    assert "devices.csv:4:address: sw-03 has no address" in stopped.stdout
    assert not (tmp_path / "estate.yml").exists()
    partly = jauge("estate", "import", "devices.csv", "--yes", "--partial", "--json", cwd=tmp_path)
    assert partly.returncode == 1, "what was left out is told by the status, too"
    told = json.loads(partly.stdout)
    assert told["written"] is True
    assert [target["name"] for target in told["new"]] == ["sw-01", "sw-02"]
    assert told["refused"] == [
        {"file": "devices.csv", "line": 4, "column": "address", "text": "sw-03 has no address"}
    ]


def test_a_family_that_does_not_exist_stops_it_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "devices.csv").write_text("name,address,family\nups-01,10.0.0.1,apc-upps\n", "utf-8")
    done = jauge("estate", "import", "devices.csv", "--yes", cwd=tmp_path)
    assert done.returncode == 1
    assert "there is no family apc-upps: did you mean apc-ups" in done.stderr
    assert not (tmp_path / "estate.yml").exists()


def test_an_estate_that_is_wrong_already_is_not_added_to(tmp_path: Path) -> None:
    (tmp_path / "estate.yml").write_text("targets: [{name: a, credential: nowhere}]\n", "utf-8")
    (tmp_path / "devices.csv").write_text(DEVICES, "utf-8")
    done = jauge("estate", "import", "devices.csv", "--yes", cwd=tmp_path)
    assert done.returncode == 1
    assert "there is no credential nowhere" in done.stderr
    assert "mend it first" in done.stderr


def test_an_estate_that_would_be_too_large_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "devices.csv").write_text(DEVICES, "utf-8")
    monkeypatch.setattr("inventory.places.SIZE_LIMIT", 100)
    done = jauge("estate", "import", "devices.csv", "--yes", cwd=tmp_path)
    assert done.returncode == 1
    assert "into files of a folder (--estate FOLDER --into NAME.yml)" in done.stderr
    assert not (tmp_path / "estate.yml").exists()


def test_a_link_stays_a_link_and_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "devices.csv").write_text(DEVICES, "utf-8")
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "estate.yml").write_text(ESTATE, "utf-8")
    (tmp_path / "estate.yml").symlink_to(tmp_path / "real" / "estate.yml")
    assert jauge("estate", "import", "devices.csv", "--yes", cwd=tmp_path).returncode == 0
    assert (tmp_path / "estate.yml").is_symlink()
    assert "sw-02" in (tmp_path / "real" / "estate.yml").read_text("utf-8")
    nowhere = jauge(
        "estate", "import", "devices.csv", "--yes", "--estate", "nowhere/estate.yml", cwd=tmp_path
    )
    assert nowhere.returncode == 1
    assert "cannot write nowhere/estate.yml" in nowhere.stderr


def test_a_wrong_use_and_a_missing_file_say_so(tmp_path: Path) -> None:
    assert jauge("estate", "import", "devices.csv", "--source", "excel", cwd=tmp_path).returncode == 2
    missing = jauge("estate", "import", "devices.csv", cwd=tmp_path)
    assert missing.returncode == 1
    assert "cannot read devices.csv" in missing.stderr
