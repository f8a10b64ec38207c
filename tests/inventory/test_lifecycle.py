"""The catalogue of ends of support: complete rows, and the dates of the source that it was taken from."""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
from collections import Counter
from pathlib import Path

import pytest
from cataloguing import find

from inventory import lifecycle
from inventory.lifecycle.catalogue import FOLDER, Cycle, cycles, numbers, products

SNAPSHOT = {
    "windows": (
        "Windows 11",
        "Windows 10",
        "Windows 8.1",
        "Windows 8",
        "Windows 7",
        "Windows Vista",
        "Windows XP",
    ),
    "windows-server": ("Windows Server",),
    "windows-embedded": ("Windows Embedded",),
    "office": ("Microsoft Office",),
    "msexchange": ("Microsoft Exchange Server",),
    "sharepoint": ("Microsoft SharePoint Server",),
    "mssqlserver": ("Microsoft SQL Server",),
    "debian": ("Debian",),
    "ubuntu": ("Ubuntu",),
    "rhel": ("Red Hat Enterprise Linux",),
    "almalinux": ("AlmaLinux",),
    "rocky-linux": ("Rocky Linux",),
    "centos": ("CentOS",),
    "centos-stream": ("CentOS Stream",),
    "oracle-linux": ("Oracle Linux",),
    "sles": ("SUSE Linux Enterprise Server",),
    "vmware-esxi": ("VMware ESXi",),
    "vmware-vcenter": ("VMware vCenter Server",),
    "vmware-cloud-foundation": ("VMware Cloud Foundation",),
    "vmware-srm": ("VMware Site Recovery Manager",),
    "proxmox-ve": ("Proxmox VE",),
    "nutanix-aos": ("Nutanix AOS",),
    "nutanix-prism": ("Nutanix Prism Central",),
    "nutanix-files": ("Nutanix Files",),
    "netapp-ontap": ("NetApp ONTAP",),
    "veeam-backup-and-replication": ("Veeam Backup & Replication",),
    "veeam-one": ("Veeam ONE",),
    "citrix-vad": ("Citrix Virtual Apps and Desktops",),
    "fortios": ("Fortinet FortiOS",),
    "cisco-ios-xe": ("Cisco IOS XE",),
    "oracle-database": ("Oracle Database",),
    "postgresql": ("PostgreSQL",),
    "mysql": ("MySQL",),
    "mariadb": ("MariaDB",),
    "zabbix": ("Zabbix",),
    "prometheus": ("Prometheus",),
    "grafana": ("Grafana",),
}
"""Products of the catalogue by their name in the snapshot."""

ELSEWHERE = {
    "Palo Alto Networks PAN-OS",
    "OPNsense",
    "Proxmox Backup Server",
    "XCP-ng",
    "Ceph",
    "Synology DSM",
    "Arista EOS",
    "AIX",
    "FreeBSD",
    "macOS",
    "Omnissa Horizon",
    "Commvault",
    "Hyper-V Server",
    "TrueNAS",
    "pfSense",
}
"""Products that the snapshot has not."""

ADDED = {
    "Windows 11": {"26H2"},
    "Windows 7": {"RTM"},
    "Windows Vista": {"SP1", "RTM"},
    "Windows XP": {"SP2", "SP1", "RTM"},
    "Windows Embedded": {"8 Standard", "POSReady 2009"},
    "Windows Server": {"2008 R2 RTM", "2008 RTM", "2003 R2 SP2", "2003 R2 RTM"},
    "Microsoft Office": {"LTSC 2021", "LTSC 2021 for Mac", "2019 for Mac", "2016 for Mac"},
}
"""Versions that the snapshot has not: of Microsoft's own pages, and one that is newer than it."""

OTHERWISE = {
    ("windows", "10-22h2"): ("Windows 10", "22H2"),  # of its editions, three can buy updates
    ("windows", "10-1607-e-lts"): ("Windows 10", "1607"),  # updates are sold for it since
    ("debian", "9"): ("Debian", "9"),
    **{  # of their editions, two can buy updates
        ("mssqlserver", cycle): ("Microsoft SQL Server", version)
        for cycle, version in (
            ("13.0-sp3-acp", "2016 SP3 ACP"),
            ("13.0-sp3", "2016 SP3"),
            ("12.0-sp3", "2014 SP3"),
        )
    },
    **{
        ("ubuntu", version): ("Ubuntu", version)
        for version in ("26.04", "25.04", "24.04", "23.10", "22.04", "20.04", "18.04", "16.04", "14.04")
    },
}
"""What another source tells otherwise, and why it is believed: those of Debian and Ubuntu are of their own package."""
LEFT_OUT = {
    ("windows", "10-1507-iot"): "IoT Core, which is no Windows of a workstation",
}
NOT_A_MAKERS = r"//(?:www\.)?(?:betaarchive\.com|findbugzero\.com|endoflife\.date|[a-z]+\.wikipedia\.org)/"
"""Pages of others: what stands there of a maker is no word of its own."""
NO_PAGE = {"fortios", "grafana"}
"""Products of which the snapshot names no page: theirs is that of the maker's policy."""


def the_snapshot() -> list[dict[str, str]]:
    folder = os.environ.get("JAUGE_CORPUS")
    if not folder:
        assert os.environ.get("CI") != "true", "CI must set JAUGE_CORPUS"
        pytest.skip("JAUGE_CORPUS is not set")
    with (Path(folder) / "eol" / "eol.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_row_has_its_makers_page_and_the_day_it_was_checked() -> None:
    assert len(cycles()) > 600
    for one in cycles():
        assert re.fullmatch(r"https?://[a-z0-9.-]+/\S*", one.source), one
        assert dt.date(2020, 1, 1) < one.checked <= dt.date(2026, 11, 26), one
        assert one.through != "", one
        assert not re.search(NOT_A_MAKERS, f"{one.source} {one.policy}"), one
        assert one.released is not None, one
        assert not (one.over and one.ends), one
        last = one.released
        for day in (one.ends, one.extended, one.further):
            if day is not None:
                assert day > last, one
                last = day
        assert (one.extended is None) or one.extension, one
        assert (one.further is None) or one.further_extension, one


def test_no_version_is_listed_twice_for_an_edition() -> None:
    keys = Counter(
        (one.product, one.version, edition) for one in cycles() for edition in one.editions or ("any",)
    )
    assert [key for key, count in keys.items() if count > 1] == []


def test_a_name_is_that_of_one_product() -> None:
    names = Counter(
        name.casefold() for rows in products().values() for name in (rows[0].product, *rows[0].also)
    )
    assert [name for name, count in names.items() if count > 1] == []


def test_a_file_stays_one_that_can_be_read_through() -> None:
    for file in FOLDER.glob("*.yml"):
        lines = file.read_text("utf-8").splitlines()
        assert len(lines) < 200, file
        assert all(line.count("{version:") <= 1 for line in lines)


def test_every_product_is_one_of_the_snapshot_or_named_here() -> None:
    known = {product for names in SNAPSHOT.values() for product in names}
    assert set(products()) == known | ELSEWHERE


@pytest.mark.parametrize("slug", SNAPSHOT)
def test_the_dates_are_those_of_the_snapshot_and_none_is_missing(slug: str) -> None:
    """`true` and `false` are no dates: what ended on an unknown day is not listed, what has no end announced has none."""
    told = [
        row
        for row in the_snapshot()
        if row["product"] == slug
        and row["eol"] != "true"
        and (slug, row["cycle"]) not in {*LEFT_OUT, *OTHERWISE}
    ]
    otherwise = set(OTHERWISE.values())
    ours = [
        one
        for name in SNAPSHOT[slug]
        for one in products()[name]
        if one.version not in ADDED.get(name, set())
        and not one.over
        and not ((name, one.version) in otherwise and _apart(one))
    ]
    assert Counter(map(_dates, ours)) == Counter(map(_told, told))
    for one in ours:
        assert any(_told(row) == _dates(one) and _words(one) <= _called(row) for row in told), one
    if slug not in NO_PAGE:
        theirs = {row["source_link"] for row in told if not re.search(NOT_A_MAKERS, row["source_link"])}
        assert {one.source for one in ours} - {one.policy for one in ours} == theirs - {
            one.policy for one in ours
        }


def _apart(one: Cycle) -> bool:
    """Of Windows 10 1607, its long-term releases alone are told otherwise."""
    return (one.product, one.version) != ("Windows 10", "1607") or "Enterprise LTSC" in one.editions


def _dates(one: Cycle) -> tuple[str, ...]:
    return tuple("" if day is None else day.isoformat() for day in (one.released, one.ends, one.extended))


def _told(row: dict[str, str]) -> tuple[str, ...]:
    ends, extended = (
        row[name] if row[name][:2] == "20" or row[name][:2] == "19" else ""
        for name in ("eol", "extended_support_end")
    )
    return row["release_date"], ends, extended if extended > ends else ""


def _words(one: Cycle) -> set[str]:
    """The words of a version; what the snapshot does not write is not compared."""
    name = (
        one.version if numbers(one.version) or one.version[:1].isdigit() else f"{one.product} {one.version}"
    )
    unsaid = {
        "rtm",
        "for",
        "se",
        "windows",
        "microsoft",
        "server",
        "embedded",
        "office",
        "exchange",
        "sharepoint",
        "acp",
    }
    return set(re.findall(r"[\w.]+", name.casefold())) - unsaid - {"vista", "xp"}


def _called(row: dict[str, str]) -> set[str]:
    text = f"{row['cycle']} {row['cycle_label']} {row['cycle'].removeprefix('pc.')}".casefold()
    return set(re.findall(r"[\w.]+", text))


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
        ("Windows 11", "24H2", "IoT Enterprise LTSC", "2034-10-10"),
    ],
)
def test_the_dates_that_matter_most_are_those_that_microsoft_announced(
    product: str, version: str, edition: str, ends: str
) -> None:
    found = find(product, version, edition)
    assert found is not None
    assert found.ends is not None
    assert found.ends.isoformat() == ends


@pytest.mark.parametrize(
    ("release", "security", "lts", "elts"),
    [
        ("13", "2028-08-09", "2030-06-30", "2035-06-30"),
        ("11", "2024-08-14", "2026-08-31", "2031-06-30"),
        ("10", "2022-09-10", "2024-06-30", "2029-06-30"),
        ("9", "2020-07-18", "2022-06-30", "2027-06-30"),
        ("8", "2018-06-17", "2020-06-30", "2025-06-30"),
    ],
)
def test_the_two_programmes_of_debian_are_told_apart(
    release: str, security: str, lts: str, elts: str
) -> None:
    """From debian.csv of Debian's package distro-info-data (0.58+deb12u7)."""
    found = find("Debian", release)
    assert found is not None
    assert [str(day) for day in (found.ends, found.extended, found.further)] == [security, lts, elts]
    assert (found.extension, found.free, found.further_extension) == ("LTS", True, "ELTS")


def test_the_service_packs_of_sql_server_are_told_apart_by_their_first_build() -> None:
    """The builds are those of Microsoft's list of updates of each version."""
    for build, title in (
        ("13.0.7095.1", "2016 SP3 ACP"),
        ("13.0.6300.2", "2016 SP3"),
        ("13.0.5026.0", "2016 SP2"),
        ("12.0.6449.1", "2014 SP3"),
        ("11.0.7001.0", "2012 SP4"),
        ("16.0.4265.3", "2022"),
        ("10.50.2881.0", "2008 R2 SP1"),
        ("10.50.1617.0", "2008 R2 RTM"),
        ("10.0.2850.0", "2008 SP1"),
        ("9.00.5324", "2005 SP4"),
        ("9.00.4309", "2005 SP3"),
        ("9.00.3042", "2005 SP2"),
        ("9.00.2047", "2005 SP1"),
        ("9.00.1399", "2005 RTM"),
        ("8.00.2039", "2000 SP4"),
    ):
        found = find("Microsoft SQL Server", build, "Standard Edition (64-bit)")
        assert found is not None
        assert found.version == title


@pytest.mark.parametrize(
    ("version", "standard", "esm", "legacy"),
    [
        ("26.04", "2031-05-29", "2036-04-23", "2038-04-27"),
        ("24.04", "2029-05-31", "2034-04-25", "2036-04-29"),
        ("22.04", "2027-06-01", "2032-04-21", "2034-04-25"),
        ("20.04", "2025-05-29", "2030-04-23", "2032-04-27"),
        ("18.04", "2023-05-31", "2028-04-26", "2030-04-30"),
        ("16.04", "2021-04-30", "2026-04-23", "2028-04-25"),
        ("14.04", "2019-04-25", "2024-04-25", "2026-04-28"),
    ],
)
def test_the_two_programmes_of_ubuntu_are_told_apart(
    version: str, standard: str, esm: str, legacy: str
) -> None:
    """From ubuntu.csv of Debian's package distro-info-data (0.58+deb12u7)."""
    found = find("Ubuntu", version)
    assert found is not None
    assert [str(day) for day in (found.ends, found.extended, found.further)] == [standard, esm, legacy]
    assert (found.extension, found.free, found.further_extension) == ("ESM", False, "Legacy Support")


def test_a_row_tells_through_whom_it_was_read_where_the_makers_page_was_not() -> None:
    told = {one.through for one in cycles()}
    assert {None, "endoflife.date"} <= told
    for one in cycles():  # what was read itself is what Microsoft publishes of its own pages
        assert one.through is not None or one.source.startswith("https://learn.microsoft.com/"), one
    (seven,) = [one for one in cycles() if (one.product, one.version) == ("Windows 7", "RTM")]
    assert (seven.through, seven.checked) == (None, dt.date(2022, 3, 18))


def test_the_build_of_a_citrix_controller_tells_no_release() -> None:
    """No page at hand says which release 7.33 is; a date that is guessed would be worse than none."""
    found = lifecycle.read("Citrix Virtual Apps and Desktops", "7.33.0.0")
    assert (found.cycles, found.reason) == ((), "version not in the catalogue")


def test_every_end_of_windows_is_a_tuesday_as_microsoft_ends_servicing_with_its_updates() -> None:
    """But for the programme of Server 2016, of which it is said to be three years after the end."""
    others = [
        one.title
        for one in cycles()
        if one.product.startswith("Windows")
        for day in (one.ends, one.extended)
        if day is not None and day.weekday() != 1
    ]
    assert others == ["Windows Server 2016"]
