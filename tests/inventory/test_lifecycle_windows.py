"""Names, versions and editions of Windows as inventories write them, against the tables that Microsoft publishes."""

from __future__ import annotations

import datetime as dt

import pytest
from cataloguing import find, judge
from hypothesis import given
from hypothesis import strategies as st

from inventory import lifecycle
from inventory.lifecycle import support
from inventory.lifecycle.catalogue import products

DAY = dt.date(2026, 11, 26)

SERVICING = {
    # the last days of "Home and Pro", and of "Enterprise and Education", on the two lifecycle pages of each Windows
    ("10", "1507", 10240): ("2017-05-09", "2017-05-09"),
    ("10", "1511", 10586): ("2017-10-10", "2017-10-10"),
    ("10", "1607", 14393): ("2018-04-10", "2019-04-09"),
    ("10", "1703", 15063): ("2018-10-09", "2019-10-08"),
    ("10", "1709", 16299): ("2019-04-09", "2020-10-13"),
    ("10", "1803", 17134): ("2019-11-12", "2021-05-11"),
    ("10", "1809", 17763): ("2020-11-10", "2021-05-11"),
    ("10", "1903", 18362): ("2020-12-08", "2020-12-08"),
    ("10", "1909", 18363): ("2021-05-11", "2022-05-10"),
    ("10", "2004", 19041): ("2021-12-14", "2021-12-14"),
    ("10", "20H2", 19042): ("2022-05-10", "2023-05-09"),
    ("10", "21H1", 19043): ("2022-12-13", "2022-12-13"),
    ("10", "21H2", 19044): ("2023-06-13", "2024-06-11"),
    ("10", "22H2", 19045): ("2025-10-14", "2025-10-14"),
    ("11", "21H2", 22000): ("2023-10-10", "2024-10-08"),
    ("11", "22H2", 22621): ("2024-10-08", "2025-10-14"),
    ("11", "23H2", 22631): ("2025-11-11", "2026-11-10"),
    ("11", "24H2", 26100): ("2026-10-13", "2027-10-12"),
    ("11", "25H2", 26200): ("2027-10-12", "2028-10-10"),
    ("11", "26H1", 28000): ("2028-03-14", "2029-03-13"),
}

LONG_TERM = {
    # the table of long-term releases of the release information: year in the name, build, Enterprise, IoT Enterprise
    ("10", "2015", 10240): ("2025-10-14", "2025-10-14"),
    ("10", "2016", 14393): ("2026-10-13", "2026-10-13"),
    ("10", "2019", 17763): ("2029-01-09", "2029-01-09"),
    ("10", "2021", 19044): ("2027-01-12", "2032-01-13"),
    ("11", "2024", 26100): ("2029-10-09", "2034-10-10"),
}

CONSUMER = [
    "Home", "Home N", "Home Single Language", "Famille", "Famille Unilingue", "Famille Langue unique", "Pro", "Pro N",
    "Professionnel", "Professionnel N", "Professional", "Pro Education", "Pro Education N", "Pro \u00c9ducation",
    "Professionnel \u00c9ducation", "Pro for Workstations", "Pro N for Workstations",
    "Professionnel pour les Stations de travail", "Pro f\u00fcr Workstations",
]  # fmt: skip
BUSINESS = [
    "Enterprise", "Enterprise N", "Entreprise", "Entreprise N", "Education", "Education N", "\u00c9ducation", "ducation",
    "Enterprise multi-session", "Enterprise for Virtual Desktops",
]  # fmt: skip
REGISTRY = {
    # EditionID, as the registry, SCCM and Intune have it: whether it is one of the business editions
    "Core": False, "CoreN": False, "CoreSingleLanguage": False, "CoreCountrySpecific": False, "Professional": False,
    "ProfessionalN": False, "ProfessionalEducation": False, "ProfessionalEducationN": False,
    "ProfessionalWorkstation": False, "ProfessionalWorkstationN": False, "Enterprise": True, "EnterpriseN": True,
    "Education": True, "EducationN": True, "ServerRdsh": True,
}  # fmt: skip

versions = pytest.mark.parametrize(("number", "version", "build"), SERVICING)


@versions
@pytest.mark.parametrize("business", [False, True])
def test_each_way_to_write_an_edition_has_the_date_of_its_table(
    number: str, version: str, build: int, business: bool
) -> None:
    ends = SERVICING[number, version, build][business]
    for edition in BUSINESS if business else CONSUMER:
        name = f"Microsoft Windows {number} {edition}"
        for told in (
            version,
            f"10.0.{build}",
            f"10.0.{build}.2004",
            f"10.0 ({build})",
            f"{version} ({build}.1809)",
        ):
            found = find(name, told)
            assert found is not None, (name, told)
            assert (found.version, str(found.ends)) == (version, ends), (name, told)


@versions
def test_each_edition_of_the_registry_has_the_date_of_its_table(
    number: str, version: str, build: int
) -> None:
    for edition, business in REGISTRY.items():
        found = find("Windows 10", f"10.0.{build}.1", edition)  # that of 11 says 10 as well
        assert found is not None, edition
        assert (found.product, str(found.ends)) == (
            f"Windows {number}",
            SERVICING[number, version, build][business],
        )


@pytest.mark.parametrize(("number", "year", "build"), LONG_TERM)
def test_a_long_term_release_has_its_own_date_however_it_is_written(
    number: str, year: str, build: int
) -> None:
    enterprise, iot = LONG_TERM[number, year, build]
    branch = "LTSB" if year < "2019" else "LTSC"
    for name, told, edition, ends in (
        (f"Windows {number} Enterprise {branch} {year}", "", None, enterprise),
        (f"Windows {number} Enterprise {year} {branch}", "", None, enterprise),
        (f"Microsoft Windows {number} Entreprise {branch}", f"10.0.{build}", None, enterprise),
        (f"Windows {number} Entreprise N {branch}", f"{build}", None, enterprise),
        ("Windows 10", f"10.0.{build}.1", "EnterpriseS", enterprise),
        ("Windows 10 Enterprise", f"10.0.{build}.1", "EnterpriseSN", enterprise),
        (f"Windows {number} Enterprise", f"{build}", branch, enterprise),
        (f"Windows {number} IoT Enterprise {branch} {year}", "", None, iot),
        (f"Windows {number} IoT Entreprise {branch}", f"10.0.{build}", None, iot),
        ("Windows 10", f"10.0.{build}.1", "IoTEnterpriseS", iot),
    ):
        found = find(name, told, edition)
        assert found is not None, (name, told)
        assert str(found.ends) == ends, (name, told)


@pytest.mark.parametrize(("number", "year", "build"), LONG_TERM)
def test_enterprise_of_a_long_term_releases_build_is_no_long_term_release(
    number: str, year: str, build: int
) -> None:
    ends = next(days[1] for (of, _, same), days in SERVICING.items() if (of, same) == (number, build))
    for name in (
        f"Windows {number} Enterprise",
        f"Windows {number} Entreprise",
        f"Windows {number} Education",
    ):
        found = find(name, f"10.0.{build}")
        assert found is not None
        assert (str(found.ends), "LTSC" in found.title) == (ends, False)


@versions
def test_iot_enterprise_ends_with_enterprise(number: str, version: str, build: int) -> None:
    """As its own lifecycle pages say. Of 26H1 none at hand names it."""
    found = find(f"Windows {number} IoT Enterprise", f"10.0.{build}")
    if version == "26H1":
        assert found is None
    else:
        assert found is not None
        assert str(found.ends) == SERVICING[number, version, build][1]
    assert find("Windows 10", f"{build}", "IoTEnterprise") == found


@pytest.mark.parametrize(
    ("name", "version", "last"),
    [
        ("Windows 10 Pro", "22H2", "2028-10-10"),
        ("Windows 10 Enterprise", "22H2", "2028-10-10"),
        ("Windows 10 \u00c9ducation", "22H2", "2028-10-10"),
        ("Windows 10 Famille", "22H2", "2025-10-14"),  # sold to persons alone
        (
            "Windows 10 IoT Enterprise",
            "22H2",
            "2025-10-14",
        ),  # "There will be no ESU for Windows 10 IoT Enterprise"
        ("Windows 10 Enterprise", "21H2", "2024-06-11"),  # 22H2 alone can buy
        ("Windows 11 Pro", "23H2", "2025-11-11"),
        ("Windows 10 Enterprise LTSC 2021", "", "2027-01-12"),
        ("Windows Server 2012 R2", "", "2026-10-13"),
        ("Windows Server 2012", "", "2026-10-13"),
        ("Windows Server 2008 R2", "7601", "2023-01-10"),
    ],
)
def test_updates_are_bought_for_what_microsoft_sells_them_for(name: str, version: str, last: str) -> None:
    found = judge(name, version, None, DAY)
    assert str(support.until(found, esu=True)) == last


@pytest.mark.parametrize(
    ("name", "version", "edition"),
    [
        ("Windows 10 Enterprise LTSC 2021", "1809", None),  # one of them would end two years later
        ("Windows 10 Enterprise LTSC 2019", "19044", None),
        ("Windows 10 Enterprise LTSC", "1809 21H2", None),
        ("Windows 10 Pro", "10.0.19044", "Enterprise LTSC"),
        ("Windows 10 Professionnel", "17763", "LTSC"),
        ("Windows 11 Famille", "22631", "Enterprise"),
        ("Windows 11 \u00c9ducation", "22631", "Professional"),
        ("Windows 10 Pro 19045", "26100", None),
        ("Windows 11 Pro", "22631 / 26200", None),
        ("Windows 10 Pro", "22H2 (19044)", None),
        ("Windows Server 2012", "6.3.9600", None),  # 2012 R2
        ("Windows Server 2016", "10.0.17763", None),
        ("Windows Server 2025", "26200", None),
    ],
)
def test_what_contradicts_itself_is_unknown(name: str, version: str, edition: str | None) -> None:
    found = lifecycle.read(name, version, edition)
    assert (found.cycles, found.reason) == ((), "contradiction")


@pytest.mark.parametrize(
    ("name", "version", "edition"),
    [
        ("Windows 10 IoT Core", "17763", None),
        ("Windows 10 Team", "19045", None),
        ("Windows 10", "19045", "PPIPro"),
        ("Windows 10 Mobile", "15254", None),
        ("Windows 11", "22631", "CloudEdition"),
        ("Windows 11 SE", "22631", None),
        ("Windows 10 Enterprise G", "19044", None),
        ("Windows 10", "17763", "EnterpriseG"),
        ("Windows 11", "26100", "IoTEnterpriseSK"),
        ("Windows 11", "26100", "EnterpriseSEval"),
        ("Windows 10 Enterprise Evaluation", "19045", None),
        ("Windows 10 Entreprise \u00c9valuation", "19045", None),
        ("Windows 10 Enterprise LTSC", "22H2", None),  # no such release
        ("Windows 10 Enterprise LTSC", "1709", None),
        ("Windows Server 2019 Standard Evaluation", "17763", None),
        ("Windows Storage Server 2016", "14393", None),
        ("Windows Server 2022 Datacenter Azure Edition", "20348", None),
        ("Windows MultiPoint Server 2012", "", None),
        ("Windows Small Business Server 2011", "", None),
        ("Windows XP Professional x64 Edition", "5.2.3790", None),
    ],
)
def test_an_edition_that_microsoft_dates_elsewhere_has_no_date_of_another(
    name: str, version: str, edition: str | None
) -> None:
    found = lifecycle.read(name, version, edition)
    assert (found.cycles, found.reason) == ((), "edition not in the catalogue")
    assert judge(name, version, edition, DAY).state == "unknown"


@pytest.mark.parametrize(
    ("name", "version", "title", "ends"),
    [
        # a long revision is no build
        ("Windows 7 Professionnel", "6.1.7601.24545", "Windows 7 SP1", "2020-01-14"),
        ("Windows Server 2012 R2 Standard", "6.3.9600.20778", "Windows Server 2012 R2", "2023-10-10"),
        ("Windows Server 2008 Standard", "6.0.6003.21481", "Windows Server 2008 SP2", "2020-01-14"),
        ("Windows Server 2012R2", "", "Windows Server 2012 R2", "2023-10-10"),
        ("Windows Server 2012-R2 Datacenter", "", "Windows Server 2012 R2", "2023-10-10"),
        # service packs: the lifecycle pages of XP, Vista, 7, Server 2003 R2 and Server 2008
        ("Windows XP Professional", "5.1.2600 Service Pack 2", "Windows XP SP2", "2010-07-13"),
        ("Windows XP Professionnel SP1", "", "Windows XP SP1", "2006-10-10"),
        ("Windows XP Professionnel SP3", "", "Windows XP SP3", "2014-04-08"),
        ("Windows Vista Entreprise", "6.0.6002", "Windows Vista SP2", "2017-04-11"),
        ("Windows Vista Business", "6.0.6001", "Windows Vista SP1", "2011-07-12"),
        ("Windows Vista", "6.0.6000", "Windows Vista RTM", "2010-04-13"),
        ("Windows 7", "6.1.7600", "Windows 7 RTM", "2013-04-09"),
        ("Windows Server 2008", "6.0.6001", "Windows Server 2008 RTM", "2011-07-12"),
        (
            "Windows Server 2003 R2 Standard",
            "5.2.3790 Service Pack 2",
            "Windows Server 2003 R2 SP2",
            "2015-07-14",
        ),
        ("Windows Embedded 8 Standard", "6.2.9200", "Windows Embedded 8 Standard", "2023-07-11"),
        ("Windows Embedded POSReady 2009", "", "Windows Embedded POSReady 2009", "2019-04-09"),
        ("Windows 8.1 Entreprise", "6.3.9600.21013", "Windows 8.1", "2023-01-10"),
        # SCCM, and versions that are marked as such
        ("Microsoft Windows NT Workstation 10.0", "10.0.22631", "", "2026-11-10"),
        ("Windows 10 v1809 Pro", "", "Windows 10 1809 (Home, Pro)", "2020-11-10"),
        ("Windows 11 Pro", "26H2", "Windows 11 26H2 (Home, Pro)", "2028-10-10"),
        ("Windows 11 Pro", "10.0.26300.9457", "Windows 11 26H2 (Home, Pro)", "2028-10-10"),
    ],
)
def test_odd_versions_are_read_for_what_they_say(name: str, version: str, title: str, ends: str) -> None:
    found = lifecycle.read(name, version)
    assert max(str(one.ends) for one in found.cycles) == ends
    assert not title or [one.title for one in found.cycles] == [title]


@pytest.mark.parametrize("name", ["Windows XP", "Windows 7", "Windows Vista", "Windows Server 2008 R2"])
def test_what_ended_with_each_of_its_service_packs_has_ended_though_the_date_is_not_known(name: str) -> None:
    found = judge(name, "", None, DAY)
    assert (found.state, found.ends, found.reason) == ("ended", None, "version not known")


def test_an_edition_whose_end_no_page_at_hand_tells_is_unknown() -> None:
    found = judge("Windows 11 Enterprise", "26H2", None, DAY)
    assert (found.state, found.reason) == ("unknown", "no end announced")
    assert judge("Windows 11", "26300", None, DAY).state == "unknown"


WORDS = st.lists(
    st.sampled_from(
        [
            "Windows",
            "10",
            "11",
            "Pro",
            "Enterprise",
            "Entreprise",
            "LTSC",
            "LTSB",
            "IoT",
            "N",
            "Education",
            "2019",
            "2021",
        ]
    ),
    max_size=7,
).map(" ".join)
BUILDS = st.sampled_from(sorted({build for _, _, build in SERVICING} | {19046, 27842, 30000}))


@given(WORDS, BUILDS, st.sampled_from(["{}", "10.0.{}", "10.0.{}.4291", "({})"]))
def test_no_name_is_given_the_date_of_another_build(words: str, build: int, form: str) -> None:
    found = lifecycle.read(f"Windows {words}", form.format(build))
    for one in found.cycles:
        assert one.product in ("Windows 10", "Windows 11", "Windows Server")
        assert str(one.build).endswith(str(build))
    if "LTS" in words and found.cycles and found.reason == "" and found.product != "Windows Server":
        assert "LTSC" in found.cycles[0].title
    if "LTS" not in words and len(found.cycles) == 1 and found.edition:
        assert "LTSC" not in found.cycles[0].title


@given(st.sampled_from([one for name, rows in products().items() if name[:8] == "Windows " for one in rows]))
def test_before_and_after_its_days_no_windows_is_supported(one: lifecycle.Cycle) -> None:
    edition = one.editions[0] if one.editions else None
    for day in (dt.date(1990, 1, 1), dt.date(2060, 1, 1)):
        assert judge(one.product, one.version, edition, day).state in ("unknown", "ended")
