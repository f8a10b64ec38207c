"""What systems print that PowerShell reads: excerpts in the makers' documented formats, and what they mean."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.command import systems
from collectors.commands import COMMANDS, GROUPS
from collectors.poll import PollError, Reading
from inventory.metrics import Sample, describe

GIB = 1 << 30
TIB = 1 << 40
NAMES = sorted(name for name, command in COMMANDS.items() if command.shell != "sh")

Told = dict[tuple[str, ...], float]


def read(name: str, document: Any) -> Told:
    """What a command's output means: values by metric and the values of the labels, in the order of their names."""
    return meant(name, document if isinstance(document, str) else json.dumps(document))


def meant(name: str, output: str) -> Told:
    found = COMMANDS[name].parse(output)
    reading = found if isinstance(found, Reading) else Reading.of(found)
    table = {}
    for (metric, pairs), value in zip(reading.series, reading.values, strict=True):
        table[metric.removeprefix("jauge_"), *(text for _, text in pairs)] = value
    return table


# --- Windows --------------------------------------------------------------------------------------------


def test_a_windows_server_says_what_it_is_as_an_agent_of_it_does() -> None:
    facts = COMMANDS["windows-os"].facts
    for caption, product in (
        ("Microsoft Windows Server 2019 Standard", "Windows Server 2019"),
        ("Microsoft Windows Server 2012 R2 Datacenter", "Windows Server 2012 R2"),
        ("Microsoft Windows Server Datacenter", "Windows Server"),
        ("Microsoft Windows 10 Enterprise LTSC", "Windows 10"),
        ("Microsoft Windows 11 Entreprise", "Windows 11"),
        ("Microsoft Windows 8.1 Pro", "Windows 8.1"),
    ):
        told = json.dumps({"product": caption, "build": "17763"})
        assert facts(told) == {"product": product, "version": "17763"}
    assert facts(json.dumps({"product": None, "build": None})) == {}


def test_the_memory_of_windows_is_told_in_kilobytes() -> None:
    told = {
        "memory": 33554432, "free": 12582912, "virtual": 38797312, "virtualfree": 20971520, "up": 86400, "cpus": 16,
    }  # fmt: skip
    assert read("windows-machine", told) == {
        ("memory_size_bytes",): 32 * GIB,
        ("memory_used_bytes",): 20 * GIB,
        ("virtual_memory_size_bytes",): 37 * GIB,
        ("virtual_memory_used_bytes",): 17 * GIB,
        ("uptime_seconds",): 86400,
        ("cpus",): 16,
    }
    assert (
        read("windows-machine", told | {"free": None, "memory": "33554432"})[("memory_size_bytes",)]
        == 32 * GIB
    )
    assert ("memory_used_bytes",) not in read("windows-machine", told | {"free": None})
    assert ("uptime_seconds",) not in read("windows-machine", told | {"up": "/Date(1738548000000)/"})


def test_a_volume_of_windows_is_one_store_by_its_letter_or_mount_point() -> None:
    rows = [
        {"name": "C:\\", "size": 107374182400, "free": 53687091200},
        {"name": "D:\\data\\pacs\\", "size": 4 * TIB, "free": TIB},
        {"name": "\\\\?\\Volume{00000000-0000-0000-0000-100000000000}\\", "size": 104857600, "free": 1},
    ]
    assert read("windows-volumes", {"volumes": rows}) == {
        ("storage_size_bytes", "filesystem", "C:"): 100 * GIB,
        ("storage_used_bytes", "filesystem", "C:"): 50 * GIB,
        ("storage_available_bytes", "filesystem", "C:"): 50 * GIB,
        ("storage_size_bytes", "filesystem", "D:\\data\\pacs"): 4 * TIB,
        ("storage_used_bytes", "filesystem", "D:\\data\\pacs"): 3 * TIB,
        ("storage_available_bytes", "filesystem", "D:\\data\\pacs"): TIB,
    }
    assert read("windows-volumes", {"volumes": None}) == {}


def test_a_service_that_should_run_and_does_not_is_told_and_no_other() -> None:
    rows = [{"name": "MSSQLSERVER", "state": "Stopped"}, {"name": "edgeupdate", "state": "Stopped"}]
    assert read("windows-services", {"services": rows}) == {("service_running", "MSSQLSERVER"): 0}
    assert read("windows-services", {"services": []}) == {}


def test_disks_of_windows_say_how_they_are_in_numbers_that_no_language_changes() -> None:
    ssd = {
        "id": "2", "name": "SAMSUNG MZ7L3", "size": 960197124096, "media": 4, "health": 1, "wear": 7, "celsius": 31,
        "hours": 1000, "errors": 0,
    }  # fmt: skip
    hdd = {"id": "3", "name": "ST4000", "size": 4000787030016, "media": 3, "health": 0, "wear": 0, "celsius": 0,
           "hours": None, "errors": None}  # fmt: skip
    assert read("windows-disks", {"disks": [ssd, hdd]}) == {
        ("disk_size_bytes", "2:SAMSUNG MZ7L3"): 960197124096,
        ("disk_healthy", "2:SAMSUNG MZ7L3"): 0,
        ("disk_celsius", "2:SAMSUNG MZ7L3"): 31,
        ("disk_powered_seconds", "2:SAMSUNG MZ7L3"): 3600000,
        ("disk_errors", "2:SAMSUNG MZ7L3"): 0,
        ("disk_wear_ratio", "2:SAMSUNG MZ7L3"): 0.07,
        ("disk_size_bytes", "3:ST4000"): 4000787030016,
        ("disk_healthy", "3:ST4000"): 1,
    }
    assert (
        read("windows-disks", {"disks": ssd | {"health": 5}}).get(("disk_healthy", "2:SAMSUNG MZ7L3")) is None
    )


# --- Veeam ----------------------------------------------------------------------------------------------


def test_repositories_of_veeam_are_stores_and_extents_lie_in_their_scale_out_repository() -> None:
    rows = [
        {"name": "Default", "pool": "", "size": 4 * TIB, "free": TIB, "gone": False},
        {"name": "Extent 1", "pool": "Scale-out", "size": 8 * TIB, "free": 2 * TIB, "gone": True},
        {"name": "S3", "pool": "", "size": 0, "free": 0, "gone": False},
    ]
    assert read("veeam-repositories", {"repositories": rows}) == {
        ("storage_size_bytes", "repository", "Default"): 4 * TIB,
        ("storage_used_bytes", "repository", "Default"): 3 * TIB,
        ("storage_available_bytes", "repository", "Default"): TIB,
        ("storage_healthy", "repository", "Default"): 1,
        ("storage_size_bytes", "repository", "Scale-out", "Extent 1"): 8 * TIB,
        ("storage_used_bytes", "repository", "Scale-out", "Extent 1"): 6 * TIB,
        ("storage_available_bytes", "repository", "Scale-out", "Extent 1"): 2 * TIB,
        ("storage_healthy", "repository", "Scale-out", "Extent 1"): 0,
    }


def test_a_veeam_server_says_its_build() -> None:
    assert COMMANDS["veeam-server"].facts('{"version":"12.1.2.172"}') == {
        "product": "Veeam Backup & Replication",
        "version": "12.1.2.172",
    }
    assert GROUPS["veeam"] == ("veeam-server", "veeam-repositories", "veeam-sessions")


# --- all of them ----------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
    | st.sampled_from(["12,5", "/Date(1738548000000)/", "1.234.567,89", "-1", "\ufeff", "C:\\"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def keys(name: str) -> list[str]:
    """The words that a command writes before a value."""
    return sorted(set(re.findall(r"(\w+)\s?=(?!=)", COMMANDS[name].text)))


@pytest.mark.parametrize("name", NAMES)
@given(st.data())
def test_whatever_a_command_prints_is_samples_of_the_vocabulary_or_no_answer(
    name: str, data: st.DataObject
) -> None:
    """The members that it does print, with any values, alone, in lists and in each other."""
    words = st.sampled_from(keys(name))
    row = st.dictionaries(words, JSON, max_size=8)
    document = data.draw(
        JSON | row | st.dictionaries(words, row | st.lists(row, max_size=3) | JSON, max_size=6)
    )
    try:
        found = COMMANDS[name].parse(json.dumps(document))
        samples = (
            list(zip(found.series, found.values, strict=True)) if isinstance(found, Reading) else list(found)
        )
    except PollError as error:
        assert error.reason in ("unparsed", "empty_answer")  # noqa: PT017 - what is raised is half of the rule
        return
    for sample in samples:
        one = sample if isinstance(sample, Sample) else Sample(sample[0][0], sample[1], sample[0][1])
        assert describe(one) is None
        assert float("-inf") < one.value < float("inf")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_printed_is_no_answer(name: str) -> None:
    for output in ("", "\r\n", "not JSON", "{"):
        with pytest.raises(PollError):
            meant(name, output)


def test_every_system_that_is_read_by_powershell_says_what_would_prove_it() -> None:
    for name, system in systems().items():
        if any(command.shell == "powershell" for command in system.commands.values()):
            assert system.unproven, name
            assert name in GROUPS
