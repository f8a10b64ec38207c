"""What people say of a roll-out."""

import datetime as dt

import pytest
from pydantic import ValidationError

from inventory.rollouts import Among, Rollout, System
from inventory.workstations import Workstation

START = dt.date(2026, 9, 1)


def test_a_system_is_told_by_its_name_edition_and_the_beginning_of_its_version():
    wanted = System(kind="os", os="windows 11", edition="LTSC", version="10.0.26100")
    machine = Workstation(
        "pc", os="Microsoft Windows 11 Entreprise", edition="Enterprise LTSC", os_version="10.0.26100.1742"
    )
    assert wanted.fits(machine) is True
    assert wanted.fits(Workstation("pc", os="Windows 10", edition="LTSC", os_version="10.0.26100")) is False
    assert wanted.fits(Workstation("pc", os="Windows 11", edition="LTSC", os_version="10.0.22631")) is False


def test_what_the_inventory_does_not_say_is_neither_deployed_nor_not():
    wanted = System(kind="os", os="Windows 11", version="24H2")
    assert wanted.fits(Workstation("pc", os="Windows 11")) is None
    assert wanted.fits(Workstation("pc")) is None
    assert wanted.fits(Workstation("pc", os="Debian 12")) is False  # whatever its version is


def test_workstations_are_meant_by_site_service_and_class():
    among = Among(sites=("main",), classes=("office", "pharmacy"))
    assert among.holds("main", None, "pharmacy")
    assert not among.holds("annex", "lab", "office")
    assert not among.holds("main", "lab", None)
    assert Among().holds(None, None, None)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"counted": {"kind": "os", "os": "Windows 11"}}, "write an end"),
        (
            {"counted": {"kind": "os", "os": "Windows 11"}, "end": dt.date(2026, 8, 1)},
            "lies before the start",
        ),
        ({"counted": {"kind": "days", "days": {START: 0}}, "weekly": 10}, "write a total"),
        ({"counted": {"kind": "days"}, "weekly": 10, "total": 5}, "write days, or name a file"),
        ({"counted": {"kind": "telephones"}, "weekly": 10}, "kind"),
        (
            {"counted": {"kind": "days", "days": {START: -1}}, "weekly": 10, "total": 5},
            "greater than or equal to 0",
        ),
    ],
)
def test_a_roll_out_that_cannot_be_followed_is_refused(said, message):
    with pytest.raises(ValidationError, match=message):
        Rollout.model_validate({"start": START, **said})


def test_days_are_frozen_from_the_first_to_the_last():
    frozen = [{"start": dt.date(2026, 12, 19), "end": dt.date(2027, 1, 3)}]
    said = {
        "counted": {"kind": "software", "software": "Office"},
        "start": START,
        "weekly": 10,
        "frozen": frozen,
    }
    plan = Rollout.model_validate(said)
    days = [dt.date(2026, 12, 18), dt.date(2026, 12, 19), dt.date(2027, 1, 3), dt.date(2027, 1, 4)]
    assert [plan.is_frozen(day) for day in days] == [False, True, True, False]
