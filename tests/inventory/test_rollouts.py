"""What people say of a roll-out."""

import datetime as dt

import pytest
from pydantic import ValidationError

from inventory.rollouts import Among, CountsError, Days, Rollout, System
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


def counted(tmp_path, text, days=None):
    file = tmp_path / "telephones.csv"
    file.write_text(text, encoding="utf-8")
    return Days(kind="days", file=str(file), days=days or {}).counts()


@pytest.mark.parametrize(
    "text",
    [
        "day,count\n2026-10-05,120\n2026-09-07,0\n",
        "\ufeffDay;Count\r\n2026-09-07;0\r\n\r\n2026-10-05; 120\r\n",
    ],
)
def test_counts_come_from_a_file_oldest_first_and_go_before_those_of_the_estate(tmp_path, text):
    found = counted(tmp_path, text, {dt.date(2026, 9, 7): 5, dt.date(2026, 9, 14): 20})
    assert found["day"].dt.strftime("%m-%d").tolist() == ["09-07", "09-14", "10-05"]
    assert found["count"].tolist() == [0, 20, 120]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1 is not: day,count"),
        ("date,count\n", "line 1 is not: day,count"),
        ("day,count\n2026-02-31,5\n", "line 2: .*2026-02-31.* is no day and count"),
        ("day,count\n2026-02-01,5\n2026-02-02,=1+1\n", "line 3: .* is no day and count"),
        ("day,count\n2026-02-01,-5\n", "line 2: -5 is below nothing"),
        ("day,count\n" + "2026-02-01,5\n" * 20_001, "more than 20000 lines"),
    ],
)
def test_a_file_of_counts_that_cannot_be_read_says_where(tmp_path, text, message):
    with pytest.raises(CountsError, match=message):
        counted(tmp_path, text)


def test_a_file_of_counts_that_is_not_there_or_no_text_is_named(tmp_path):
    for name, content in (("gone.csv", None), ("bytes.csv", b"\xff\xfe\x00d")):
        if content:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(CountsError, match=f"{name}: cannot be read"):
            Days(kind="days", file=str(tmp_path / name)).counts()
