"""The catalogue of ends of support: complete rows, and the dates of the source that it was taken from."""

from __future__ import annotations

import csv
import datetime
import os
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import inventory
from inventory import lifecycle

ROWS: list[dict[str, Any]] = YAML(typ="safe").load(
    (Path(inventory.__file__).parent / "lifecycle.yml").read_text("utf-8")
)["cycles"]


def test_every_row_has_a_date_its_makers_page_and_the_day_it_was_checked() -> None:
    assert len(ROWS) > 40
    for row in ROWS:
        assert set(row) <= {
            "product",
            "also",
            "version",
            "editions",
            "build",
            "ends",
            "extended",
            "source",
            "checked",
        }
        assert isinstance(row["ends"], datetime.date)
        assert isinstance(row["checked"], datetime.date)
        assert row["source"].startswith(
            (
                "https://learn.microsoft.com/",
                "https://techcommunity.microsoft.com/",
                "https://support.microsoft.com/",
                "https://www.debian.org/",
                "https://lists.debian.org/",
                "https://wiki.ubuntu.com/",
                "https://access.redhat.com/",
                "https://techdocs.broadcom.com/",
                "https://www.nutanix.com/",
            )
        )
        assert row.get("extended", row["ends"]) >= row["ends"]


def test_no_version_is_listed_twice_for_an_edition() -> None:
    keys = [(r["product"], r["version"], edition) for r in ROWS for edition in r.get("editions", ["any"])]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("product", "version", "edition", "ends"),
    [
        ("Windows 10", "22H2", "Pro", "2025-10-14"),
        ("Windows 10", "22H2", "Enterprise", "2025-10-14"),
        ("Windows 11", "23H2", "Enterprise", "2026-11-10"),
        ("Windows 11", "24H2", "Pro", "2026-10-13"),
        ("Windows 11", "24H2", "Education", "2027-10-12"),
        ("Windows 11", "25H2", "Enterprise", "2028-10-10"),
        ("Windows 10", "21H2", "Enterprise LTSC", "2027-01-12"),
        ("Windows 10", "21H2", "IoT Enterprise LTSC", "2032-01-13"),
        ("Windows 10", "1809", "Enterprise LTSC", "2029-01-09"),
        ("Windows 10", "1607", "Enterprise LTSC", "2026-10-13"),
        ("Windows 11", "24H2", "Enterprise LTSC", "2029-10-09"),
    ],
)
def test_the_dates_that_matter_most_are_those_that_microsoft_announced(
    product: str, version: str, edition: str, ends: str
) -> None:
    (row,) = (
        row
        for row in ROWS
        if (row["product"], row["version"]) == (product, version) and edition in row["editions"]
    )
    assert row["ends"].isoformat() == ends


def test_each_date_is_in_the_source_with_the_same_page() -> None:
    folder = os.environ.get("JAUGE_CORPUS")
    if not folder:
        assert os.environ.get("CI") != "true", "CI must set JAUGE_CORPUS"
        pytest.skip("JAUGE_CORPUS is not set")
    with (Path(folder) / "eol" / "eol.csv").open(encoding="utf-8", newline="") as file:
        known = {
            (row["eol"], row["extended_support_end"], row["source_link"]) for row in csv.DictReader(file)
        }
    for row in ROWS:
        extended = row["extended"].isoformat() if "extended" in row else ""
        assert (row["ends"].isoformat(), extended, row["source"]) in known


@pytest.mark.parametrize(
    ("product", "version", "ends"),
    [
        ("Windows Server 2019", "17763", "2029-01-09"),  # as SNMP tells it
        ("Microsoft Windows Server 2016 Standard", "10.0.14393", "2027-01-12"),  # as the system itself does
        ("Windows Server 2012 R2", "9600", "2023-10-10"),
        ("Windows Server 2012", "9200", "2023-10-10"),
        ("Debian GNU/Linux", "12", "2026-07-11"),
        ("Debian", "12", "2026-07-11"),
        ("Red Hat Enterprise Linux", "9.4", "2032-05-31"),
        ("Ubuntu", "22.04", "2027-04-01"),
        ("VMware ESXi", "8.0.3 24022510", "2027-10-11"),
        ("Nutanix AOS", "6.10.1.5", "2026-10-31"),
    ],
)
def test_a_system_is_found_by_what_a_target_says_of_it(product: str, version: str, ends: str) -> None:
    found = lifecycle.find(product, version)
    assert found is not None
    assert found.ends.isoformat() == ends


@pytest.mark.parametrize(
    ("product", "version"),
    [
        ("Nutanix AOS", "6.1"),  # not 6.10
        ("Red Hat Enterprise Linux", "90"),
        ("Windows Server 2019x", "17763"),
        ("Windows Server", ""),
        ("Windows 11", "24H2"),  # its date depends on the edition, which a target does not tell
        ("", ""),
    ],
)
def test_a_system_that_is_not_listed_has_no_date(product: str, version: str) -> None:
    assert lifecycle.find(product, version) is None
