"""What systems and inventories write, read into products, versions and editions. The names are those that they write."""

from __future__ import annotations

import datetime as dt
import unicodedata

import pytest
from cataloguing import find, judge
from hypothesis import assume, given
from hypothesis import strategies as st

from inventory import lifecycle
from inventory.lifecycle import names, support
from inventory.lifecycle.catalogue import cycles, products

DAY = dt.date(2026, 11, 26)

READ = [
    # what is written, its version, its edition; product, version, last day of updates
    ("Microsoft Windows 10 Entreprise LTSC", "1809", None, "Windows 10", "1809", "2029-01-09"),
    ("Microsoft Windows 10 Enterprise LTSC", "10.0.17763", None, "Windows 10", "1809", "2029-01-09"),
    ("Windows 10 Entreprise", "17763", "LTSC", "Windows 10", "1809", "2029-01-09"),
    ("Windows 10 Enterprise", "1809", None, "Windows 10", "1809", "2021-05-11"),
    ("Windows 10 Pro", "10.0.19045.4291", None, "Windows 10", "22H2", "2025-10-14"),
    ("Windows 10 Professionnel", "10.0 (19045)", None, "Windows 10", "22H2", "2025-10-14"),
    ("Microsoft Windows 10 Famille", "22H2", None, "Windows 10", "22H2", "2025-10-14"),
    ("Windows 11 Enterprise 24H2", "", None, "Windows 11", "24H2", "2027-10-12"),
    ("Microsoft Windows 11 Professionnel", "10.0.22631", None, "Windows 11", "23H2", "2025-11-11"),
    ("Microsoft Windows 11 Professionnel Éducation", "23H2", None, "Windows 11", "23H2", "2025-11-11"),
    ("Microsoft Windows 11 Éducation", "23H2", None, "Windows 11", "23H2", "2026-11-10"),
    ("Windows 11 ducation", "22631", None, "Windows 11", "23H2", "2026-11-10"),
    ("Windows 11", "10.0.26100.2314", "Entreprise", "Windows 11", "24H2", "2027-10-12"),
    ("Windows 11 IoT Enterprise", "24H2", None, "Windows 11", "24H2", "2027-10-12"),
    ("Microsoft Windows 10 IoT Enterprise LTSC", "21H2", None, "Windows 10", "21H2", "2032-01-13"),
    ("Windows 10 Enterprise LTSC 2021", "", None, "Windows 10", "21H2", "2027-01-12"),
    ("Windows 10 Enterprise 2016 LTSB", "", None, "Windows 10", "1607", "2026-10-13"),
    (
        "Windows 10",
        "10.0.19044",
        "EnterpriseS",
        "Windows 10",
        "21H2",
        "2027-01-12",
    ),  # EditionID of the registry
    ("Windows 10", "10.0.19044", "IoTEnterpriseS", "Windows 10", "21H2", "2032-01-13"),
    (
        "Windows 10 Pro",
        "10.0.22631",
        None,
        "Windows 11",
        "23H2",
        "2025-11-11",
    ),  # the registry of a Windows 11
    ("Microsoft Windows 7 Professionnel ", "6.1.7601", None, "Windows 7", "SP1", "2020-01-14"),
    (
        "Microsoft Windows XP Professionnel",
        "5.1.2600 Service Pack 3",
        None,
        "Windows XP",
        "SP3",
        "2014-04-08",
    ),
    ("Microsoft Windows 8.1 Professionnel", "6.3.9600", None, "Windows 8.1", "8.1", "2023-01-10"),
    ("Windows 2000", "", None, "Windows Server", "2000", "2010-07-13"),
    ("Windows Embedded Standard", "6.1.7601", None, "Windows Embedded", "Standard 7 SP1", "2020-10-13"),
    ("Windows Server 2019 Standard", "", None, "Windows Server", "2019", "2029-01-09"),
    ("Windows Server 2019", "17763", None, "Windows Server", "2019", "2029-01-09"),
    ("Microsoft Windows Server 2016 Standard", "10.0.14393", None, "Windows Server", "2016", "2027-01-12"),
    ("Windows Server 2012 R2", "9600", None, "Windows Server", "2012 R2", "2023-10-10"),
    ("Windows Server 2012", "9200", None, "Windows Server", "2012", "2023-10-10"),
    (
        "Windows Server 2008 R2 Enterprise",
        "Service Pack 1",
        None,
        "Windows Server",
        "2008 R2 SP1",
        "2020-01-14",
    ),
    (
        "Windows Server 2008 Standard",
        "6.0.6002 Service Pack 2",
        None,
        "Windows Server",
        "2008 SP2",
        "2020-01-14",
    ),
    ("Windows Server 2008 Standard", "6.0.6003", None, "Windows Server", "2008 SP2", "2020-01-14"),
    ("Microsoft Windows 2012 R2 Standard", "6.3.9600", None, "Windows Server", "2012 R2", "2023-10-10"),
    (
        "Microsoft Windows 10 Enterprise",
        "10.0.19042 N/A Build 19042",
        None,
        "Windows 10",
        "20H2",
        "2023-05-09",
    ),
    ("Windows 10 Professionnel", "22H2 (19045.5011)", None, "Windows 10", "22H2", "2025-10-14"),
    (
        "Windows 10 Professionnel pour les Stations de travail",
        "22H2",
        None,
        "Windows 10",
        "22H2",
        "2025-10-14",
    ),
    ("Microsoft Windows 10 Entreprise N LTSC", "17763", None, "Windows 10", "1809", "2029-01-09"),
    ("Windows 10 1809", "", "Entreprise", "Windows 10", "1809", "2021-05-11"),
    ("Windows Pro", "19045", None, "Windows 10", "22H2", "2025-10-14"),
    ("Proxmox VE", "7.0-11", None, "Proxmox VE", "7", "2024-07-31"),
    ("Windows Server, version 1909", "18363", None, "Windows Server", "1909", "2021-05-11"),
    ("Windows Server", "10.0.20348", None, "Windows Server", "2022", "2031-10-14"),
    ("Debian GNU/Linux 12 (bookworm)", "", None, "Debian", "12", "2026-07-11"),
    ("Debian GNU/Linux", "12", None, "Debian", "12", "2026-07-11"),
    ("Debian", "12.5", None, "Debian", "12", "2026-07-11"),
    ("Ubuntu 22.04.4 LTS", "", None, "Ubuntu", "22.04", "2027-06-01"),
    ("Red Hat Enterprise Linux release 9.4 (Plow)", "", None, "Red Hat Enterprise Linux", "9", "2032-05-31"),
    ("Red Hat Enterprise Linux Server", "7.9", None, "Red Hat Enterprise Linux", "7", "2024-06-30"),
    ("CentOS Linux release 7.9.2009 (Core)", "", None, "CentOS", "7", "2024-06-30"),
    ("CentOS Stream", "9", None, "CentOS Stream", "9", "2027-05-31"),
    ("Rocky Linux", "9.3", None, "Rocky Linux", "9", "2032-05-31"),
    ("Oracle Linux Server", "8.9", None, "Oracle Linux", "8", "2029-07-31"),
    ("SUSE Linux Enterprise Server 15 SP5", "", None, "SUSE Linux Enterprise Server", "15.5", "2024-12-31"),
    ("SLES", "15.5", None, "SUSE Linux Enterprise Server", "15.5", "2024-12-31"),
    ("AIX", "06.01.0009.0300", None, "AIX", "6.1.9", "2017-04-30"),
    ("VMware ESXi 7.0.3 build-20328353", "", None, "VMware ESXi", "7.0", "2025-10-02"),
    ("VMware ESXi", "8.0.3 24022510", None, "VMware ESXi", "8.0", "2027-10-11"),
    ("VMware vCenter", "8.0.3.00000", None, "VMware vCenter Server", "8.0", "2027-10-11"),
    ("Nutanix AOS", "6.10.1.5", None, "Nutanix AOS", "6.10", "2026-10-31"),
    ("Nutanix AOS", "6.1", None, "Nutanix AOS", "6.1", "2022-10-31"),
    ("Nutanix Prism Central", "pc.2024.3.1", None, "Nutanix Prism Central", "2024.3", "2026-12-31"),
    ("Proxmox VE", "8.2.4", None, "Proxmox VE", "8", "2026-08-31"),
    ("NetApp ONTAP", "9.14.1P3", None, "NetApp ONTAP", "9.14.1", "2027-01-31"),
    ("Veeam Backup & Replication", "12.3.1.1139", None, "Veeam Backup & Replication", "12", "2027-02-01"),
    (
        "Citrix Virtual Apps and Desktops 7 2203 LTSR",
        "",
        None,
        "Citrix Virtual Apps and Desktops",
        "2203",
        "2027-03-23",
    ),
    ("PostgreSQL", "14.9 (Debian 14.9-1)", None, "PostgreSQL", "14", "2026-11-12"),
    ("MariaDB", "10.11.6-MariaDB", None, "MariaDB", "10.11", "2028-02-16"),
    ("MariaDB", "5.5.5-10.3.39-MariaDB", None, "MariaDB", "10.3", "2023-05-25"),  # as the protocol says it
    ("Oracle Database", "19.3.0.0.0", None, "Oracle Database", "19", "2029-12-31"),
    ("Microsoft SQL Server", "15.0.4375.4", None, "Microsoft SQL Server", "2019", "2030-01-08"),
    (
        "Microsoft SQL Server 2016 SP3 Standard Edition (64-bit)",
        "",
        None,
        "Microsoft SQL Server",
        "2016 SP3",
        "2026-07-14",
    ),
    ("Microsoft SQL Server 2016 (SP2)", "", None, "Microsoft SQL Server", "2016 SP2", "2022-10-11"),
    ("Fortinet FortiOS", "7.2.6", None, "Fortinet FortiOS", "7.2", "2026-09-30"),
    (
        "Microsoft Office Professionnel Plus 2019",
        "16.0.10417",
        None,
        "Microsoft Office",
        "2019",
        "2025-10-14",
    ),
    ("Office LTSC Standard 2024", "", None, "Microsoft Office", "LTSC 2024", "2029-10-09"),
    (
        "Microsoft Exchange Server 2016",
        "15.1.2507.61",
        None,
        "Microsoft Exchange Server",
        "2016",
        "2025-10-14",
    ),
    ("Hyper-V Server 2019", "", None, "Hyper-V Server", "2019", "2029-01-09"),
    ("Microsoft Hyper-V Server", "10.0.17763.5329", None, "Hyper-V Server", "2019", "2029-01-09"),
    ("Hyper-V Server 2012 R2", "6.3.9600", None, "Hyper-V Server", "2012 R2", "2023-10-10"),
    ("VMware Horizon 8 2312", "", None, "Omnissa Horizon", "2312", "2027-01-23"),
    ("Omnissa Horizon", "8.2503.2", None, "Omnissa Horizon", "2503", "2028-04-15"),
    ("Commvault", "11.36.87", None, "Commvault", "11.36", "2027-06-15"),
    ("macOS", "12.7.6", None, "macOS", "12", "2024-09-16"),
    ("Mac OS X 10.13.6", "", None, "macOS", "10.13", "2020-12-01"),
    ("Microsoft Office 2019 for Mac", "", None, "Microsoft Office", "2019 for Mac", "2023-10-10"),
    ("Office LTSC Professional Plus 2021", "", None, "Microsoft Office", "LTSC 2021", "2026-10-13"),
]


@pytest.mark.parametrize(("written", "version", "edition", "product", "cycle", "ends"), READ)
def test_a_system_is_found_by_what_is_written_of_it(
    written: str, version: str, edition: str | None, product: str, cycle: str, ends: str
) -> None:
    found = find(written, version, edition)
    assert found is not None
    assert (found.product, found.version, str(found.ends)) == (product, cycle, ends)


@pytest.mark.parametrize(
    ("written", "version", "edition", "reason"),
    [
        ("", "", None, "nothing told"),
        ("Dream OS", "1", None, "not in the catalogue"),
        ("Microsoft 365 Apps for enterprise", "16.0.17928", None, "not in the catalogue"),
        ("Nutanix AOS", "6.11", None, "version not in the catalogue"),
        ("Red Hat Enterprise Linux", "90", None, "version not in the catalogue"),
        ("Oracle Solaris", "10", None, "not in the catalogue"),
        ("Oracle Session Border Controller", "9.0.0", None, "not in the catalogue"),
        ("Red Hat Linux", "9", None, "not in the catalogue"),  # of 2003
        ("Red Hat OpenShift", "4.12", None, "not in the catalogue"),
        ("VMware vCenter Converter", "6.0", None, "not in the catalogue"),
        ("MariaDB MaxScale", "5.5", None, "not in the catalogue"),
        ("Citrix Virtual Apps and Desktops", "7", None, "version not known"),
        ("Windows Server 2019x", "17763", None, "version not known"),  # 2019, or version 1809
        ("Windows Server", "", None, "version not known"),
        ("Windows Storage Server 2016", "14393", None, "edition not in the catalogue"),
        ("Windows Server 2016", "17763", None, "contradiction"),
        ("Windows 10 Pro", "22H2 (19044)", None, "contradiction"),
        ("Windows", "10.0.17763", None, "several products"),  # Windows 10 1809, or Server 2019
        ("Windows 10 Pro", "", None, "version not known"),
        ("Windows 10 Pro", "2009", None, "version not known"),  # what each since 20H2 says of itself
        ("Windows 11", "24H2", None, "edition not known"),
        ("Windows 10", "21H2", None, "edition not known"),
        ("Windows 10", "22H2", None, "edition not known"),  # one end, but not every edition can buy more
        ("Windows 11 SE", "22H2", None, "edition not in the catalogue"),
        ("Windows 10 Team", "22H2", None, "edition not in the catalogue"),
        ("Windows 11 Pro", "10.0.27842", None, "version not in the catalogue"),
        ("Ubuntu", "22", None, "version not known"),
        ("Debian GNU/Linux", "", None, "version not known"),
        # told in part, where one may be meant that is not listed, or is not out yet
        ("FreeBSD", "14", None, "version not known"),
        ("AIX", "7.3", None, "version not known"),
        ("NetApp ONTAP", "9", None, "version not known"),
        ("Fortinet FortiOS", "7", None, "version not known"),
        ("SLES 15", "", None, "version not known"),
        ("VMware ESXi", "8", None, "version not known"),
        ("Microsoft SQL Server 2017 Native Client", "", None, "not in the catalogue"),
        ("Microsoft Office Web Apps Server 2013", "", None, "not in the catalogue"),
        ("Microsoft Office 2024 for Mac", "", None, "version not in the catalogue"),
    ],
)
def test_what_is_not_understood_is_said_and_has_no_cycle(
    written: str, version: str, edition: str | None, reason: str
) -> None:
    assert find(written, version, edition) is None
    assert lifecycle.read(written, version, edition).reason == reason


@pytest.mark.parametrize(
    ("written", "version"),
    [("SLES 12", ""), ("Oracle Database 12c", ""), ("VMware ESXi", "6"), ("PostgreSQL", "9")],
)
def test_a_series_to_which_nothing_is_added_has_ended_with_all_of_its_versions(
    written: str, version: str
) -> None:
    found = judge(written, version, None, DAY)
    assert (found.state, found.ends, found.reason) == ("ended", None, "version not known")


def test_a_build_alone_is_that_of_a_workstation_where_it_is_one() -> None:
    """As Intune tells it. On 2026-11-26 all editions of 23H2 had ended, and of 24H2 Pro alone."""
    assert judge("Windows", "10.0.22631.4037", None, DAY).state == "ended"
    assert judge("Windows", "10.0.26100.2314", None, DAY).reason == "several products"  # Server 2025
    found = judge("Windows", "10.0.26100.2314", "Enterprise", DAY, workstation=True)
    assert (found.state, str(found.ends)) == ("supported", "2027-10-12")


@pytest.mark.parametrize(
    ("family", "product", "version", "title"),
    [
        ("linux", "Debian", "4.9.0-8-amd64", "Debian 9"),
        (
            "linux",
            "Debian",
            "6.1.0-0.deb11.5-amd64",
            "Debian 11",
        ),  # a newer kernel, made for an older release
        ("netapp", "FAS3270", "9.14.1P3", "NetApp ONTAP 9.14.1"),
        ("synology", "RS2212RP+", "6.1-15217", "Synology DSM 6.1"),
        ("vmware", "VMware ESXi", "7.0.0.15843807", "VMware ESXi 7.0"),
    ],
)
def test_the_family_of_a_target_says_what_its_version_is_of(
    family: str, product: str, version: str, title: str
) -> None:
    (found,) = lifecycle.read_target(product, version, family).cycles
    assert found.title == title


@pytest.mark.parametrize(
    ("family", "product", "version"),
    [
        ("linux", "Debian", "4.19.0-0.bpo.5-amd64"),  # of 9 or 10
        ("linux", "Ubuntu", "5.15.0-91-generic"),  # of 22.04, or of 20.04 with its newer kernel
        ("proxmox", "Proxmox VE", "6.8.12-4-pve"),  # not Proxmox VE 6
        ("linux", "Linux", "3.0.36-cos"),
        ("compellent", "FreeBSD 10.0-RELEASE-p11", "10.1"),  # the version is the array's
    ],
)
def test_a_kernels_version_is_not_taken_for_that_of_the_distribution(
    family: str, product: str, version: str
) -> None:
    assert lifecycle.read_target(product, version, family).cycles == ()


def test_a_kernel_of_enterprise_linux_may_be_of_several_distributions() -> None:
    """RHEL, CentOS and Oracle Linux 7 had all ended by 2024-12-31; of 8, some have ended and others have not."""
    seven = support.of(lifecycle.read_target("Enterprise Linux 7", "3.10.0-693.el7.x86_64", "linux"), DAY)
    assert (seven.state, seven.cycle, seven.reason) == ("ended", None, "several products")
    eight = support.of(lifecycle.read_target("Enterprise Linux 8", "4.18.0-259.el8.x86_64", "linux"), DAY)
    assert eight.state == "unknown"
    assert "CentOS Stream 8 ends 2024-05-31" in eight.told


HOSTILE = st.text(max_size=300) | st.sampled_from(
    [
        "=cmd|' /C calc'!A0",
        "Windows 10 \x00\x1b[2J Pro",
        "٢٠١٩",
        "Windows Server ２０１９",
        "1" * 5000,
        "9" * 30 + ".9",
    ]
)
PIECES = st.lists(
    st.sampled_from([word for row in READ for text in row[:3] if text for word in text.split()]), max_size=8
).map(" ".join)
TEXT = HOSTILE | PIECES


@given(TEXT, TEXT, st.none() | TEXT, st.sampled_from(["", "linux", "netapp", "proxmox"]))
def test_no_text_is_too_strange_to_be_read(
    product: str, version: str, edition: str | None, family: str
) -> None:
    for named in (
        lifecycle.read(product, version, edition),
        lifecycle.read_target(product, version, family),
    ):
        assert bool(named.cycles) or named.reason != ""
        assert (len(named.cycles) > 1) <= (named.reason != "")
        found = support.of(named, DAY)
        assert found.state != "unknown" or found.reason != ""


def _without_accents(text: str) -> str:
    return "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))


@given(
    st.sampled_from(READ),
    st.sampled_from([str.upper, str.lower, str.title, _without_accents, "  {} ".format]),
)
def test_case_accents_and_spaces_do_not_matter(row: tuple[str, ...], change: object) -> None:
    written, version, edition = row[:3]
    assert callable(change)
    assert find(change(written), change(version), edition) == find(written, version, edition)


@given(st.sampled_from(cycles()))
def test_each_row_is_found_by_its_own_name(one: lifecycle.Cycle) -> None:
    edition = one.editions[0] if one.editions else None
    assert one in lifecycle.read(one.product, one.version, edition).cycles
    assert one in lifecycle.read(f"{one.product} {one.version}", "", edition).cycles


@given(st.sampled_from([one for one in cycles() if one.build]), st.integers(0, 9999))
def test_each_build_is_of_its_version(one: lifecycle.Cycle, revision: int) -> None:
    assume(
        one.product != "Microsoft Exchange Server"
    )  # 2019 and the subscription edition share their first numbers
    edition = one.editions[0] if one.editions else None
    found = lifecycle.read(one.product, f"{one.build}.{revision}", edition).cycles
    assert one in found or one.product == "Windows Embedded"


def test_every_product_that_a_collector_may_name_is_read_or_said_not_to_be() -> None:
    for product in products():
        assert names.read(product).reason != "not in the catalogue", product
