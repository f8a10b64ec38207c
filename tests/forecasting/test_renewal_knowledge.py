"""What a plan learns from imports: by the days of the estate, and from those alone that could have said that a machine failed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from forecasting.renewal import knowledge
from forecasting.survival.models import Learnt
from inventory.estate import Estate
from inventory.fleet import counts
from inventory.imports import reading, snapshots
from inventory.imports.lives import lives
from inventory.state import State, open_state
from inventory.workstations import Workstation

TODAY = dt.date(2027, 1, 1)
NEW_YORK = "America/New_York"
LEARNT_ON = dt.date(2026, 1, 1)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_state(tmp_path / "state.db")


def test_a_failure_of_this_evening_is_known_though_it_is_tomorrow_in_greenwich(state: State) -> None:
    """It was imported at ten in the evening in New York on the last of June, which is two in the morning of July in UTC: who counts
    days by UTC does not know it yet, and expects fewer failures."""
    zone = ZoneInfo(NEW_YORK)
    moments = (dt.datetime(2026, 1, 5, 12, tzinfo=zone), dt.datetime(2026, 6, 30, 22, tzinfo=zone))
    for at, ended in zip(moments, (None, "failed"), strict=True):
        machines = [
            Workstation(name, serial=name, model="M", purchased=dt.date(2023, 1, 1), state=how)
            for name, how in (("a", ended), ("b", None))
        ]
        snapshots.commit(state, snapshots.compare(state, str(at), machines), "ada", at=at.timestamp())

    def chance(timezone: str) -> float:
        asked = knowledge.asked(Estate(workstations={}, timezone=timezone), dt.date(2026, 6, 30), state)
        assert asked.learnt
        names = np.array([""], dtype=object), np.array(["M"], dtype=object)
        return float(asked.fails(*names, np.array([3.0]), np.array([4.0]))[0])

    assert chance(NEW_YORK) > chance("UTC")


# --- who tells failures ------------------------------------------------------------------------------------


def take(state: State, folder: Path, year: int, text: str, source: str, part: bool = False) -> None:
    """An import of the first of January of a year, by a shipped source or a mapping."""
    file, day = folder / "export.csv", dt.date(year, 1, 1)
    file.write_text(text, "utf-8")
    mapping = folder / "mapping.yml"
    mapping.write_text(source, "utf-8")
    by = {"mapping": mapping} if "\n" in source else {"source": source}
    moment = dt.datetime(year, 1, 1, 12, tzinfo=dt.UTC).timestamp()
    with reading.read(state, file, day, reading.Asked(**by, supplement=part)) as found:
        assert not len(found.refused)
        snapshots.commit(state, found, "ada", at=moment)


def learnt(state: State) -> Learnt | None:
    """What a plan of today says that it rests on; where that is nothing, its chances are those that are assumed."""
    asked = knowledge.asked(Estate(workstations={}), LEARNT_ON, state)
    if asked.learnt is None:
        assert asked.fails is knowledge.assumed
        assert asked.draws is None
    return asked.learnt


GLPI = "Nom;Numéro de série;Fabricant;Modèle;Date d'achat\n"
LANSWEEPER = "AssetID,AssetName,Serialnumber,Manufacturer,Model,OSname,PurchaseDate,Lastseen,State\n"
DIRECTORY = '"DistinguishedName","Enabled","LastLogonDate","Name","ObjectClass","OperatingSystem"\n'
INTUNE = "Device ID,Device name,Enrollment date,Last check-in,Serial number,Manufacturer,Model,OS,OS version,Bought on\n"
BOUGHT = "title: Intune with purchases\nlike: intune\ntitles: {purchased: [Bought on]}\n"


def glpi(*numbers: int) -> str:
    return GLPI + "".join(f"PC-{k};S{k};Dell;7010;2020-01-01\n" for k in numbers)


def lansweeper(**states: str) -> str:
    rows = (f"1,PC-{k[1:]},{k},Dell,7010,Win 11,2020-01-01,,{how}\n" for k, how in states.items())
    return LANSWEEPER + "".join(rows)


def directory(**enabled: bool) -> str:
    rows = (
        f'"CN=PC-{k[1:]},DC=x","{on}","","PC-{k[1:]}","computer","Windows 11"\n' for k, on in enabled.items()
    )
    return DIRECTORY + "".join(rows)


def intune(*numbers: int) -> str:
    return INTUNE + "".join(f"a,PC-{k},,,S{k},Dell,7010,Windows,10.0.26100.1,2020-01-01\n" for k in numbers)


def test_a_list_without_states_tells_no_failures_however_many_machines_vanish(
    state: State, tmp_path: Path
) -> None:
    """GLPI exports the columns that are on its screen: here without Statut. Half of the machines are gone, nobody knows why."""
    take(state, tmp_path, 2022, glpi(*range(40)), "glpi")
    take(state, tmp_path, 2026, glpi(*range(20)), "glpi")
    assert learnt(state) is None
    found = knowledge.learn(state, LEARNT_ON, dt.UTC).known
    assert (found.left_out.untold, found.left_out.total) == (40, 40)


def test_a_directory_of_accounts_says_who_is_disabled_and_not_who_failed(
    state: State, tmp_path: Path
) -> None:
    """Active Directory beside a list of what was bought: an account that is disabled is retired, and none ever fails."""
    take(state, tmp_path, 2022, glpi(1, 2, 3), "glpi")
    take(state, tmp_path, 2022, directory(S1=True, S2=True, S3=True), "active-directory", part=True)
    take(state, tmp_path, 2025, directory(S1=True, S2=False, S3=False), "active-directory", part=True)
    take(state, tmp_path, 2026, glpi(1, 2, 3), "glpi")
    assert learnt(state) is None
    found = counts.ended(lives(state), LEARNT_ON, {"used": 1, "retired": 2})
    assert found is not None
    assert found.ends == {"retirement": 2, "vanished": 0}, "and no count of failures, which would be 0"


def test_devices_that_a_cloud_manages_have_no_states(state: State, tmp_path: Path) -> None:
    for year, numbers in ((2022, (1, 2, 3)), (2026, (1,))):
        take(state, tmp_path, year, intune(*numbers), BOUGHT)
    assert learnt(state) is None


def test_a_list_that_says_what_broke_is_learnt_from_since_its_first_import(
    state: State, tmp_path: Path
) -> None:
    take(state, tmp_path, 2023, lansweeper(S1="Active", S2="Active", S3="Stock"), "lansweeper")
    take(state, tmp_path, 2025, lansweeper(S1="Active", S2="Broken", S3="Active"), "lansweeper")
    take(state, tmp_path, 2026, lansweeper(S1="Active", S3="Active"), "lansweeper")
    found = learnt(state)
    assert found is not None
    assert (found.failures, found.machines, found.since, found.until) == (
        1, 3, dt.date(2023, 1, 1), dt.date(2026, 1, 1),
    )  # fmt: skip
    assert found.years == pytest.approx(3 + 2 + 3, abs=0.01)


def test_beside_a_list_without_states_only_the_machines_of_which_one_is_told_were_watched(
    state: State, tmp_path: Path
) -> None:
    """Of four machines the cloud knows two alone, from two years before the other list began: it is no witness of theirs, nor of the
    years before."""
    take(state, tmp_path, 2021, intune(1, 2, 8, 9), BOUGHT)
    take(state, tmp_path, 2023, lansweeper(S1="Active", S2="Active"), "lansweeper", part=True)
    take(state, tmp_path, 2025, lansweeper(S1="Active", S2="Broken"), "lansweeper", part=True)
    take(state, tmp_path, 2026, intune(1, 2, 8), BOUGHT)
    found = learnt(state)
    assert found is not None
    assert (found.failures, found.machines, found.since) == (1, 2, dt.date(2023, 1, 1))
    assert found.years == pytest.approx(2 + 2, abs=0.01), "of both from 2023 until the last list that tells"
    assert knowledge.learn(state, LEARNT_ON, dt.UTC).known.left_out.untold == 2


def test_a_failure_counts_once_an_import_tells_of_the_machines_that_did_not_fail(
    state: State, tmp_path: Path
) -> None:
    """A list of what broke says nothing of the others: until all are listed again, nobody knows of how many one failed."""
    active = dict.fromkeys(("S1", "S2", "S3", "S4"), "Active")
    take(state, tmp_path, 2023, lansweeper(**active), "lansweeper")
    take(state, tmp_path, 2025, lansweeper(S2="Broken"), "lansweeper", part=True)
    assert learnt(state) is None
    take(state, tmp_path, 2026, lansweeper(**{**active, "S2": "Broken"}), "lansweeper")
    found = learnt(state)
    assert found is not None
    assert (found.failures, found.machines) == (1, 4)
    assert found.years == pytest.approx(3 * 3 + 2, abs=0.01)


def test_what_a_list_said_before_it_was_given_up_ends_with_its_last_import(
    state: State, tmp_path: Path
) -> None:
    """A state that another source keeps as it was known is not told again: a machine may have broken since."""
    take(state, tmp_path, 2021, lansweeper(S1="Active", S2="Active"), "lansweeper")
    take(state, tmp_path, 2023, lansweeper(S1="Active", S2="Active"), "lansweeper")
    take(state, tmp_path, 2026, intune(1, 2), BOUGHT)
    found = learnt(state)
    assert found is not None
    assert (found.until, found.years) == (dt.date(2023, 1, 1), pytest.approx(2 * 2, abs=0.01))


def test_a_mapping_without_a_word_for_what_failed_tells_no_failures(state: State, tmp_path: Path) -> None:
    words = "title: Ours\ntitles: {serial: [Serial], purchased: [Bought], state: [State]}\nstates: {used: [on], retired: [off]%s}\n"
    for ours, told in ((words % "", False), (words % ", failed: [dead]", True)):
        folder = tmp_path / str(told)
        folder.mkdir()
        mine = open_state(folder / "state.db")
        for year in (2022, 2026):
            take(mine, folder, year, "Serial,Bought,State\nS1,2020-01-01,on\nS2,2020-01-01,off\n", ours)
        assert (learnt(mine) is not None) == told


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({}, "untold"),
        ({"os": "Windows 10"}, "untold"),  # editions end on different days
        (
            {"os": "Windows 10", "os_version": "22H2", "edition": "Windows 11 Pro 23H2"},
            "untold",
        ),  # two systems
        ({"os": "Haiku", "os_version": "R1"}, "unlisted"),
        ({"os": "Ubuntu", "os_version": "99.04"}, "unlisted"),
        ({"os": "Windows 10 Team", "os_version": "22H2"}, "unlisted"),
    ],
)
def test_what_the_inventory_does_not_tell_is_told_apart_from_what_the_catalogue_does_not_know(
    told: dict[str, str], why: str
) -> None:
    assert knowledge.support(TODAY)(Workstation("pc", **told)) == why
