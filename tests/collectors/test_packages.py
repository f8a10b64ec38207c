"""Packages: families and commands of a site, read beside those that Jauge ships."""

from __future__ import annotations

import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest
import servers

from collectors import packages, patterns
from collectors.catalogue import SHIPPED, Catalogue
from collectors.polling import Poller
from collectors.workers import Workers
from inventory.checking import EstateError, load
from inventory.estate import Estate

FAMILY = """
title: A toy
detect: {describes: '.'}
rank: 1
product: {'.': Toy}
tables:
  - name: site-toy-agent
    metrics: {jauge_load1: {scalar: 1.3.6.1.2.1.25.2.2.0}}   # hrMemorySize
"""

SYSTEM = """
title: A toy that prints JSON
product: Toy
commands:
  site-toy-load:
    run: echo '{"processes":42}'
    tables:
      - name: site-toy-load
        metrics: {jauge_load1: {column: /processes}}
"""

API = """
title: A toy over HTTP
product: Toy
address: http://HOST:1
account: nobody
tables:
  - name: site-toy-rest
    get: /toy
    metrics: {jauge_load1: {column: /processes}}
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "own"
    for kind, name, text in (
        ("devices", "site-toy", FAMILY),
        ("commands", "site-toy-cli", SYSTEM),
        ("apis", "site-toy-rest", API),
    ):
        (folder / kind).mkdir(parents=True)
        (folder / kind / f"{name}.yml").write_text(text)
    return folder


def refused(folder: Path) -> list[str]:
    with pytest.raises(EstateError) as caught:
        packages.load([str(folder)])
    return [str(problem) for problem in caught.value.problems]


def test_a_package_adds_families_commands_and_interfaces(package: Path) -> None:
    found = Catalogue(packages.load([str(package)]))
    assert set(found.families) - set(SHIPPED.families) == {"site-toy"}
    assert set(found.commands) - set(SHIPPED.commands) == {"site-toy-load"}
    assert found.groups["site-toy-cli"] == ("site-toy-load",)
    assert set(found.interfaces) - set(SHIPPED.interfaces) == {"site-toy-rest"}
    assert found.interfaces["site-toy-rest"].product == "Toy"
    assert list(found.families).index("site-toy") < list(found.families).index("host-resources")


def test_what_is_shipped_is_not_changed_by_a_package(package: Path) -> None:
    before = (set(SHIPPED.families), set(SHIPPED.commands), set(SHIPPED.groups), set(SHIPPED.interfaces))
    _ = Catalogue(packages.load([str(package)])).interfaces["site-toy-rest"]
    assert before == (
        set(SHIPPED.families),
        set(SHIPPED.commands),
        set(SHIPPED.groups),
        set(SHIPPED.interfaces),
    )


def test_a_catalogue_tells_where_a_name_is_declared(package: Path) -> None:
    found = Catalogue(packages.load([str(package)]))
    assert found.origin("devices", "site-toy") == str(package / "devices" / "site-toy.yml")
    assert found.origin("devices", "host-resources") == "Jauge"
    assert found.source("site-toy-load") == str(package / "commands" / "site-toy-cli.yml")
    assert found.source("df") == "Jauge"


def test_what_packages_hold_can_be_sent_to_a_worker(package: Path) -> None:
    found = packages.load([str(package)])
    assert pickle.loads(pickle.dumps(found)) == found


def test_a_mistake_is_named_with_file_line_and_column(package: Path) -> None:
    file = package / "devices" / "site-toy.yml"
    file.write_text(FAMILY.replace("scalar: 1.3.6.1.2.1.25.2.2.0", "scalar: nonsense"))
    (said,) = refused(package)
    assert said.startswith(f"{file}:8:")
    assert "'nonsense' is no object identifier" in said


@pytest.mark.parametrize(
    ("kind", "old", "new", "place", "why"),
    [
        (
            "apis",
            "{column: /processes}",
            "{column: processes}",
            "8:37",
            "'processes' is no column: a number, an object",
        ),
        (
            "apis",
            "{column: /processes}",
            "{colunm: /processes}",
            "8:29",
            "unknown key colunm: did you mean column?",
        ),
        ("apis", "    get: /toy", "    path: /toy", "7:5", "path has no place here"),
        ("apis", "product: Toy\n", "", "1:1", "product is missing"),
        ("commands", "    run: echo '{\"processes\":42}'\n", "", "5:5", "run is missing"),
    ],
)
def test_a_mistake_of_form_is_told_in_words_and_where_it_stands(
    kind: str, old: str, new: str, place: str, why: str, package: Path
) -> None:
    (file,) = (package / kind).glob("*.yml")
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new).lstrip())
    said = refused(package)
    assert any(one.startswith(f"{file}:{place}: ") and why in one for one in said), said
    assert not [one for one in said if "Input should" in one or "Extra inputs" in one or "Tuple" in one]


def test_a_name_that_jauge_has_is_refused(package: Path) -> None:
    for kind, old, new in (
        ("devices", "site-toy", "host-resources"),
        ("apis", "site-toy-rest", "orthanc"),
    ):
        (package / kind / f"{old}.yml").rename(package / kind / f"{new}.yml")
    said = refused(package)
    assert [one for one in said if "Jauge has a family host-resources already" in one]
    assert [one for one in said if "Jauge has an interface orthanc already" in one]


def test_a_command_or_a_table_that_jauge_has_is_refused(package: Path) -> None:
    (package / "commands" / "site-toy-cli.yml").write_text(SYSTEM.replace("site-toy-load:", "df:"))
    (package / "devices" / "site-toy.yml").write_text(FAMILY.replace("site-toy-agent", "hr-storage"))
    said = refused(package)
    assert [one for one in said if "Jauge has a command df already" in one]
    assert [one for one in said if "host-resources has a table hr-storage too" in one]


def test_a_family_that_is_read_beside_must_exist(package: Path) -> None:
    (package / "devices" / "site-toy.yml").write_text(FAMILY + "also: [host-resources, nobody]\n")
    (said,) = refused(package)
    assert said.endswith("also: there is no family nobody")


def test_a_program_in_a_package_is_refused_and_never_run(package: Path, tmp_path: Path) -> None:
    (package / "commands" / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    (said,) = refused(package)
    assert said.startswith(f"{package / 'commands' / 'evil.py'}:1:1: only *.yml is read here")
    assert not (tmp_path / "ran").exists()


def test_a_link_that_leads_out_of_a_package_is_not_followed(package: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.yml").write_text("password: canary")
    (package / "apis" / "site-link.yml").symlink_to(tmp_path / "secret.yml")
    (package / "apis" / "site-same.yml").symlink_to(package / "apis" / "site-toy-rest.yml")
    told = refused(package)
    assert [line for line in told if "link" in line] == [
        f"{package / 'apis' / 'site-link.yml'}:1:1: this is a link to a file outside of the package"
    ]
    assert "canary" not in str(told)


def test_a_file_that_would_take_minutes_to_read_is_refused(package: Path) -> None:
    (package / "apis" / "site-huge.yml").write_text("title: [" + "a," * 1_900_000 + "a]")
    assert refused(package) == [f"{package / 'apis' / 'site-huge.yml'}:1:1: larger than 256 KiB"]


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        r"(\w+\s?)+$",
        "((a{1,100}){1,100}){1,100}",
        "(a*)*",
        r"(\d+)+",
        "(?:a+|b)+c",
        "(?=(a+)+b)",
        "(.*,)+x",
    ],
)
def test_a_pattern_that_a_text_could_keep_busy_for_ever_is_refused(pattern: str, package: Path) -> None:
    file = package / "commands" / "site-toy-cli.yml"
    said = f"product: {{command: site-toy-load, column: /is, pattern: '{pattern}'}}"
    file.write_text(file.read_text().replace("product: Toy", said))
    assert [line for line in refused(package) if "busy for ever" in line]


@pytest.mark.parametrize(
    "pattern",
    [
        r"\d+(?:\.\d+)+",
        "(?:[a-z]+-)+[0-9]",
        "(?:/[^/]+)+",
        r"(\S+ )*x",
        "^(.+?)(?: Volume.*)?$",
        "(?:ab|ac)+",
    ],
)
def test_a_pattern_that_repeats_what_is_told_apart_is_taken(pattern: str) -> None:
    assert not patterns.endless(pattern)


@pytest.mark.parametrize("folder", ["missing", "empty"])
def test_a_package_without_anything_in_it_is_told(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    (said,) = refused(tmp_path / folder)
    assert said.startswith(f"{tmp_path / folder}:1:1: ")


def test_one_name_in_two_packages_is_refused(package: Path, tmp_path: Path) -> None:
    shutil.copytree(package, tmp_path / "other")
    with pytest.raises(EstateError, match="site-toy is given twice"):
        packages.load([str(package), str(tmp_path / "other")])


# --- real polls -----------------------------------------------------------------------------------------------


def written(folder: Path, port: int, **more: Any) -> Path:
    """An estate file that names the package beside it."""
    target = {
        "name": "toy",
        "address": servers.LOOPBACK,
        "timeout": 60,
        "snmp": {"credential": "login", "port": port},
    }
    estate = {
        "packages": ["own"],
        "credentials": {"login": {"snmp": "v2c", "community": "public"}},
        "targets": [target | more],
    }
    file = folder / "estate.yml"
    file.write_text(json.dumps(estate))
    return file


def told(found: Any) -> dict[str, float]:
    return {
        table.name: dict(zip((m for m, _ in table.series), table.values, strict=True)).get(
            "jauge_load1", -1.0
        )
        for table in found.tables
    }


async def test_a_family_of_a_site_names_a_real_agent(
    snmpd: servers.Snmpd, package: Path, tmp_path: Path
) -> None:
    estate = load(written(tmp_path, snmpd.port))
    poller = Poller(estate)
    try:
        found = await poller.poll(estate.targets[0])
    finally:
        poller.close()
    assert (found.family, found.product) == ("site-toy", "Toy")
    size = servers.snmpget(snmpd.port, "public", "1.3.6.1.2.1.25.2.2.0")
    assert told(found)["site-toy-agent"] == float(size)


async def test_a_package_is_read_again_with_the_estate(
    snmpd: servers.Snmpd, package: Path, tmp_path: Path
) -> None:
    estate = load(written(tmp_path, snmpd.port))
    file = package / "devices" / "site-toy.yml"
    poller = Poller(estate)
    try:
        await poller.poll(estate.targets[0])
        file.write_text(FAMILY.replace("Toy}", "Better toy}"))
        assert (await poller.poll(estate.targets[0])).product == "Toy"
        poller.reload(load(tmp_path / "estate.yml"))
        assert (await poller.poll(estate.targets[0])).product == "Better toy"
        file.write_text("nonsense")
        with pytest.raises(EstateError):
            poller.reload(estate)
        assert (await poller.poll(estate.targets[0])).product == "Better toy"
    finally:
        poller.close()


async def test_every_worker_has_the_packages_of_the_estate(
    snmpd: servers.Snmpd, package: Path, tmp_path: Path
) -> None:
    estate = load(written(tmp_path, snmpd.port))
    file = package / "devices" / "site-toy.yml"
    workers = Workers(estate, 2)
    try:
        file.write_text("nonsense")  # a worker that is started later does not read it
        assert (await workers.poll(estate.targets[0], patience=60)).product == "Toy"
        file.write_text(FAMILY.replace("Toy}", "Better toy}"))
        workers.reload(load(tmp_path / "estate.yml"))
        assert (await workers.poll(estate.targets[0], patience=60)).product == "Better toy"
    finally:
        workers.close()


async def test_a_command_of_a_site_is_run_over_real_ssh(
    sshd: servers.Sshd, package: Path, tmp_path: Path
) -> None:
    estate = Estate.model_validate(
        {
            "packages": [str(package)],
            "credentials": {
                "login": {
                    "ssh": {
                        "user": sshd.user,
                        "key": f"file:{sshd.key}",
                        "known_hosts": str(sshd.known_hosts),
                    }
                }
            },
            "targets": [
                {
                    "name": "toy",
                    "address": servers.LOOPBACK,
                    "timeout": 60,
                    "ssh": {"credential": "login", "port": sshd.port, "commands": ["site-toy-cli"]},
                }
            ],
        }
    )
    poller = Poller(estate)
    try:
        found = await poller.poll(estate.targets[0])
    finally:
        poller.close()
    assert told(found) == {"site-toy-load": 42.0}
    assert found.product == "Toy"
