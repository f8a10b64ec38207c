"""Packages of a site on the command line and in a collector that runs."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest
import servers
from collecting import Collector, collecting, until
from within import jauge

FAMILY = "title: T\ndetect: {{describes: '.'}}\nrank: 1\nproduct: {{'.': {product}}}\n"


@pytest.fixture
def estate(tmp_path: Path, snmpd: servers.Snmpd) -> Path:
    (tmp_path / "own" / "devices").mkdir(parents=True)
    (tmp_path / "own" / "devices" / "site-toy.yml").write_text(FAMILY.format(product="Toy"))
    file = tmp_path / "estate.yml"
    file.write_text(
        "packages: [own]\n"
        "credentials: {c: {snmp: v2c, community: public}}\n"
        "defaults: {interval: 1s, timeout: 20s, credential: c}\n"
        f"targets:\n  - {{name: toy, address: 127.0.0.1, port: {snmpd.port}}}\n"
    )
    return file


def reload(collector: Collector) -> None:
    """Send SIGHUP and wait until the log says how it went."""
    before = len(re.findall("event=.estate (not )?reloaded", collector.said()))
    collector.process.send_signal(signal.SIGHUP)
    until(lambda: len(re.findall("event=.estate (not )?reloaded", collector.said())) > before, 60)


def test_explain_says_which_file_a_family_comes_from(estate: Path) -> None:
    said = jauge("explain", "estate.yml", "toy", cwd=estate.parent)
    assert "read as: site-toy, Toy" in said.stdout, said.stderr
    line = next(line for line in said.stdout.splitlines() if line.startswith("  site-toy "))
    assert line.split()[1:] == ["of", str(estate.parent / "own" / "devices" / "site-toy.yml")]


def test_check_names_the_mistakes_of_a_package_and_nothing_starts_with_them(estate: Path) -> None:
    file = estate.parent / "own" / "devices" / "site-toy.yml"
    file.write_text("title: T\ndetect: {describes: '('}\n")
    for verb in ("check", "run", "poll", "start"):
        said = jauge(verb, "estate.yml", cwd=estate.parent)
        assert said.returncode == 1
        assert f"{file}:2:21: " in said.stderr, said.stderr
    said = jauge("backup", "status", "estate.yml", cwd=estate.parent)
    assert (said.returncode, "Traceback" in said.stderr, f"{file}:2:21: " in said.stderr) == (1, False, True)
    estate.write_text("packages: [own, missing]\ntargets: [{name: here, host: true}]\n")
    said = jauge("check", "estate.yml", cwd=estate.parent)
    assert f"estate.yml:1:17: there is no folder {estate.parent / 'missing'}" in said.stderr


def test_a_target_may_name_a_family_of_a_package(estate: Path) -> None:
    text = estate.read_text()
    estate.write_text(text.replace("name: toy,", "name: toy, family: site-toy,"))
    assert jauge("check", "estate.yml", cwd=estate.parent).returncode == 0
    estate.write_text(text.replace("name: toy,", "name: toy, family: site-tuy,"))
    assert "there is no family site-tuy" in jauge("check", "estate.yml", cwd=estate.parent).stderr


def test_a_hangup_reads_the_packages_again_and_refuses_broken_ones(estate: Path) -> None:
    file = estate.parent / "own" / "devices" / "site-toy.yml"
    with collecting(estate) as collector:

        def product() -> str:
            target = collector.status()["toy"]
            return str(target.get("product", ""))

        until(lambda: product() == "Toy", 60)
        file.write_text("nonsense")
        reload(collector)
        assert collector.value("jauge_estate_reload_successful") == 0
        file.write_text(FAMILY.format(product="Better"))
        reload(collector)
        assert collector.value("jauge_estate_reload_successful") == 1
        until(lambda: product() == "Better", 60)


def test_a_target_is_recorded_with_a_report_that_shows_no_name(estate: Path) -> None:
    said = jauge("record", "estate.yml", "toy", "--output", "made", cwd=estate.parent)
    assert said.returncode == 0, said.stderr
    lines = (estate.parent / "made" / "snmp.snmprec").read_text().splitlines()
    assert len(lines) > 100
    assert "host name" in said.stdout
    assert "pacs-01" not in said.stdout + "".join(lines)
    assert said.stdout.splitlines()[-1].startswith("Look through every file in made before you give it away")
    again = jauge("record", "estate.yml", "toy", "--output", "made", cwd=estate.parent)
    assert again.returncode == 1
    assert "is not empty" in again.stderr


def test_a_target_that_does_not_answer_makes_no_recording(estate: Path) -> None:
    text = re.sub(r"port: \d+", "port: 9", estate.read_text()).replace("20s", "1s")
    estate.write_text(text)
    said = jauge("record", "estate.yml", "toy", cwd=estate.parent)
    assert (said.returncode, said.stdout) == (1, "")
    assert "toy answered nothing that could be recorded" in said.stderr
    assert not (estate.parent / "recording").exists()
