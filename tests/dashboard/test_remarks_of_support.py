from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from cataloguing import judge

from dashboard.sheets import care_why, support_remark
from dashboard.texts import Texts
from inventory.fleet import judging
from inventory.processors import Processors
from inventory.renewal import Renewal
from inventory.workstations import Workstation

PARIS = ZoneInfo("Europe/Paris")
DAY = dt.date(2026, 11, 26)


@pytest.mark.parametrize(
    ("product", "version", "said"),
    [
        # distro-info-data: LTS, which is free, until 2026-08-31; ELTS, which is paid, until 2031-06-30.
        ("Debian", "11", "free programme until 31 Aug 2026, paid updates until 30 Jun 2031"),
        ("Windows Server 2016", "10.0.17763", "its name, its version and its edition contradict each other"),
        ("pfSense", "2.3.2-RELEASE", "had ended by 3 Oct 2026, since when is not known"),
        ("Debian", "13", None),
    ],
)
def test_a_remark_tells_free_programmes_from_paid_ones(product: str, version: str, said: str | None) -> None:
    assert support_remark(judge(product, version, None, DAY), Texts("en", PARIS)) == said


def test_what_nobody_tells_of_a_system_comes_before_its_hardware_in_both_languages() -> None:
    good = Workstation(
        "PC-1", cpu="Intel Core i5-13500T", memory=16 * 2**30, disk=512 * 10**9, firmware="uefi", tpm="2.0"
    )
    listed = Processors(frozenset({"intel i5-13500t"}), frozenset())
    (told,) = judging.judge([good], Renewal(), listed, DAY)
    assert [care_why(told, Texts(language, PARIS)) for language in ("en", "fr")] == [
        "nobody tells what it runs, its hardware is fit for Windows 11",
        "le système n'est pas relevé, son matériel est apte à Windows 11",
    ]


def test_a_remark_is_told_in_french() -> None:
    told = support_remark(judge("Debian", "11", None, DAY), Texts("fr", PARIS))
    assert told == "programme gratuit jusqu'au 31 août 2026, mises à jour payantes jusqu'au 30 juin 2031"
