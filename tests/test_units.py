"""The units of systemd: what systemd itself says of them, and whether the program knows what they start."""

from __future__ import annotations

import fnmatch
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import servers
import within

UNITS = Path(__file__).parent.parent / "packaging" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
PROGRAM = "/opt/jauge/bin/jauge"


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as they are installed, with a program that is there."""
    servers.program("systemd-analyze", "systemd")
    folder = tmp_path / "system"
    shutil.copytree(UNITS, folder, ignore=shutil.ignore_patterns("variants"))
    for path in folder.glob("*.service"):
        path.write_text(path.read_text().replace(PROGRAM, sys.executable))
    return folder


def verified(units: Path) -> str:
    """What systemd has against the units; nothing where it takes all of them."""
    paths = sorted(str(path) for path in units.iterdir() if path.is_file() and path.suffix != ".conf")
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *paths]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def exposure(unit: Path) -> float:
    """How much of the system a service may reach, 0 to 10, as systemd reckons."""
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert found, done.stdout
    return float(found[1])


def vary(units: Path, variant: str, unit: str) -> None:
    """Take a variant on, for a unit or, as `jauge-`, for all."""
    place = units / f"{unit}.service.d"
    place.mkdir(exist_ok=True)
    shutil.copy(UNITS / "variants" / variant, place / f"20-{variant}")


def test_systemd_takes_the_units_and_every_variant(units: Path) -> None:
    assert verified(units) == ""
    vary(units, "dynamic-user.conf", "jauge-")
    vary(units, "traps.conf", "jauge-collector")
    vary(units, "credentials.conf", "jauge-collector")
    assert verified(units) == ""
    plan = units / "jauge-plan.service"
    plan.write_text(plan.read_text().replace("Nice=", "Nize="))
    assert "'Nize' in section" in verified(units)


def test_the_services_may_reach_little_of_the_system(units: Path) -> None:
    """docs/installing.md tells the figure; 9.6 is a service that says nothing of itself."""
    told = (Path(__file__).parent.parent / "docs" / "installing.md").read_text("utf-8")
    figure = re.search(r"exposure of ([0-9.]+)", told)
    assert figure
    assert {name: exposure(units / name) for name in SERVICES} == pytest.approx(
        dict.fromkeys(SERVICES, float(figure[1])), abs=0.15
    )
    vary(units, "dynamic-user.conf", "jauge-")
    assert max(exposure(units / name) for name in SERVICES) <= float(figure[1]) + 0.15
    vary(units, "traps.conf", "jauge-collector")
    assert exposure(units / "jauge-collector.service") < 2.0


def test_the_unit_of_a_shard_that_the_documents_give_is_one_of_them(units: Path) -> None:
    """What holds for all services holds for it, too: it has their name."""
    page = (Path(__file__).parent.parent / "docs" / "scaling.md").read_text("utf-8")
    text = page.split("```ini\n", 1)[1].split("```", 1)[0]
    assert PROGRAM in text
    (units / "jauge-collector@.service").write_text(text.replace(PROGRAM, sys.executable))
    assert verified(units) == ""
    shard = exposure(units / "jauge-collector@1.service")
    assert shard == pytest.approx(exposure(units / "jauge-collector.service"), abs=0.15)


@pytest.mark.parametrize("name", SERVICES)
def test_the_program_knows_what_a_unit_starts(name: str) -> None:
    started = re.search(rf"^ExecStart={PROGRAM} (.+)$", (UNITS / name).read_text("utf-8"), re.MULTILINE)
    assert started
    words = started[1].split()
    verb = [word for word in words if re.fullmatch("[a-z]+", word)]
    told = within.jauge(*verb, "--help", environment={"COLUMNS": "300"})
    assert told.returncode == 0
    for option in (word for word in words if word.startswith("--")):
        assert option in told.stdout


def test_every_service_is_of_one_user_and_writes_one_folder() -> None:
    """What stands in the common part holds for all: nothing of it is taken back by one."""
    for name in SERVICES:
        own = set(re.findall(r"^([A-Za-z]+)=", (UNITS / name).read_text("utf-8"), re.MULTILINE))
        assert (
            own & {"User", "Group", "UMask", "DynamicUser", "CapabilityBoundingSet", "NoNewPrivileges"}
            == set()
        )


def test_documents_name_units_that_are_there() -> None:
    """A runbook that is read at night names no service that systemd does not know."""
    root = UNITS.parent.parent
    pages = [*root.glob("docs/**/*.md"), *root.glob("mixin/*.md"), root / "README.md"]
    known = {path.name for path in UNITS.iterdir()}
    named = {
        (word, page.name)
        for page in pages
        for line in re.findall(r"(?:systemctl|journalctl) [^`\n#:]*", page.read_text("utf-8"))
        for word in re.findall(r"(?<![\w./@])jauge[\w.@*-]*", line)
    }
    assert len(named) > 20
    unknown = {
        (word, page)
        for word, page in named
        if not fnmatch.filter(known, word) and f"{re.sub('@.*', '', word)}.service" not in known
    }
    assert unknown == set()
