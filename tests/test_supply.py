"""What the program is made of: the bill of materials, advisories that no lock may fall behind, hashes that pip insists on, and pages that
fetch nothing from elsewhere."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import cyclonedx.schema
import jsonschema_rs
import pytest
from packaging.version import Version
from scripting import script

ROOT = Path(__file__).parent.parent
sbom = script("sbom")
ADVISORIES = tomllib.loads((ROOT / "advisories.toml").read_text("utf-8"))
LOCKS = [*ROOT.glob("requirements*.txt"), *ROOT.glob("benchmarks/*/*.txt")]
LINE = re.compile(r"^([a-z0-9._-]+)==([^\s;]+)", re.MULTILINE)


def behind(text: str) -> list[str]:
    """What a lock holds that an advisory is about."""
    floors = [(one["package"], Version(one["safe"]), one["id"]) for one in ADVISORIES["advisory"]]
    return [
        f"{name} {version}: {advisory} asks for {safe}"
        for name, version in LINE.findall(text)
        for package, safe, advisory in floors
        if name == package and Version(version) < safe
    ]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_is_behind_an_advisory(lock: Path) -> None:
    assert behind(lock.read_text("utf-8")) == [], "run: make lock UPGRADE=--upgrade"


@pytest.mark.parametrize("advisory", ADVISORIES["advisory"], ids=lambda one: one["id"])
def test_an_advisory_finds_the_version_before_it(advisory: dict[str, str]) -> None:
    assert set(advisory) == {"package", "id", "safe", "what", "source"}
    assert re.fullmatch(r"CVE-\d{4}-\d{4,}|GHSA(-[a-z0-9]{4}){3}", advisory["id"])
    assert advisory["source"].startswith("https://")
    assert any(advisory["id"] in told for told in behind(f"{advisory['package']}==0.0.1 \\\n"))
    assert behind(f"{advisory['package']}==99999 \\\n") == []


def test_the_list_of_advisories_says_of_when_it_is() -> None:
    assert isinstance(ADVISORIES["checked"], datetime.date)
    packages = [(one["package"], one["id"]) for one in ADVISORIES["advisory"]]
    assert packages == sorted(packages, key=lambda pair: pair[0])


def test_the_bill_of_materials_names_every_locked_package_with_its_hashes() -> None:
    bill = json.loads(sbom.bom())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    listed = {(one["name"], one.get("version")): one for one in bill["components"]}
    for lock in ROOT.glob("requirements*.txt"):
        for name, version in LINE.findall(lock.read_text("utf-8")):
            assert (name, version) in listed, f"{lock.name}: {name} {version}"
    paramiko = next(one for one in bill["components"] if one["name"] == "paramiko")
    assert paramiko["scope"] == "required"
    block = (ROOT / "requirements.txt").read_text("utf-8").split("\nparamiko==")[1].split("\n    #")[0]
    assert {one["content"] for one in paramiko["hashes"]} == set(re.findall(r"sha256:([0-9a-f]{64})", block))
    assert next(one for one in bill["components"] if one["name"] == "pytest")["scope"] == "excluded"
    needed = next(one["dependsOn"] for one in bill["dependencies"] if one["ref"] == "jauge")
    scopes = {one["bom-ref"]: one["scope"] for one in bill["components"]}
    assert {scopes[ref] for ref in needed} == {"required", "optional"}, "what only tests it is no part of it"
    plotly = next(one for one in bill["components"] if one["name"].startswith("plotly.js"))
    assert (
        plotly["version"] in (ROOT / "dashboard/assets/plotly/plotly-basic.min.js").read_text("utf-8")[:300]
    )


def test_the_bill_fits_the_schema_of_cyclonedx_and_is_the_same_each_time() -> None:
    schemas = Path(cyclonedx.schema.__file__).parent / "_res"

    def retrieve(uri: str) -> Any:
        return json.loads((schemas / uri.rsplit("/", 1)[1].replace(".schema.json", ".SNAPSHOT.schema.json")
                           .replace(".SNAPSHOT.SNAPSHOT", ".SNAPSHOT")).read_text("utf-8"))  # fmt: skip

    schema = json.loads((schemas / "bom-1.6.SNAPSHOT.schema.json").read_text("utf-8"))
    validator = jsonschema_rs.validator_for(schema, retriever=retrieve)
    text = sbom.bom()
    assert [error.message for error in validator.iter_errors(json.loads(text))] == []
    assert not validator.is_valid({**json.loads(text), "components": [{"name": "without a type"}]})
    assert text == sbom.bom()
    assert "timestamp" not in text


def test_make_sbom_writes_the_bill_beside_the_build(tmp_path: Path) -> None:
    target = tmp_path / "dist" / "jauge.cdx.json"
    assert sbom.main([str(target)]) == 0
    assert target.read_text("utf-8") == sbom.bom()
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(
        r"^sbom:.*\n\t@\$\(BIN\)/python scripts/sbom.py dist/jauge.cdx.json$", makefile, re.MULTILINE
    )


def wheel(folder: Path, text: str) -> Path:
    """A package of one module, made here."""
    path = folder / "gauge_of_nothing-1.0-py3-none-any.whl"
    info = "gauge_of_nothing-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("gauge_of_nothing.py", text)
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: gauge-of-nothing\nVersion: 1.0\n")
        file.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        file.writestr(f"{info}/RECORD", "")
    return path


@pytest.mark.parametrize("change", ["as it was locked", "of another content", "not locked"])
def test_pip_takes_nothing_but_what_was_locked(tmp_path: Path, change: str) -> None:
    digest = hashlib.sha256(wheel(tmp_path, "A = 1\n").read_bytes()).hexdigest()
    lock = tmp_path / "lock.txt"
    hashed = f" \\\n    --hash=sha256:{digest}\n"
    lock.write_text("gauge-of-nothing==1.0" + ("\n" if change == "not locked" else hashed), "utf-8")
    if change == "of another content":
        wheel(tmp_path, "A = 2\n")
    words = [
        "-m",
        "pip",
        "install",
        "--no-index",
        "--find-links",
        tmp_path,
        "--require-hashes",
        "--target",
        tmp_path / "to",
    ]
    done = subprocess.run(
        [sys.executable, *map(str, words), "-r", str(lock)], capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) == (change == "as it was locked"), done.stderr
    assert (tmp_path / "to" / "gauge_of_nothing.py").exists() == (change == "as it was locked")


def test_whatever_installs_packages_insists_on_hashes() -> None:
    lines = (ROOT / "scripts" / "setup").read_text("utf-8").replace("\\\n", "").splitlines()
    installs = [line for line in lines if "pip install" in line]
    assert installs
    assert [
        line for line in installs if "--require-hashes" not in line and "--no-deps --no-index" not in line
    ] == []


def test_no_asset_of_the_pages_names_a_server() -> None:
    """What is loaded is loaded from here; the policy of the pages (default-src 'none') would refuse all else."""
    ours = [path for path in (ROOT / "dashboard" / "assets").glob("*") if path.is_file()]
    named = re.compile(r"(?:src|href|url|import|fetch)\W{1,4}(?:https?:)?//", re.IGNORECASE)
    assert [path.name for path in ours if named.search(path.read_text("utf-8"))] == []
    assert named.search("@import url('https://fonts.example/a.css')")
    assert "serve_locally=True" in (ROOT / "dashboard" / "app.py").read_text("utf-8")
