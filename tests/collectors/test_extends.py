"""Scripts of net-snmp agents that print JSON: plain or compressed, and never more than what can be held."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from responder import Agent, Oid, Responder

from collectors import extends
from collectors.answers import JsonTable
from collectors.device import families
from collectors.extends import LONGEST, Extend, document, read
from collectors.poll import Poll, PollError, Reading
from collectors.polling import Poller
from collectors.snmp.oid import decode

pytestmark = pytest.mark.xdist_group("snmpsim")

SCRIPTS = {extend.name: extend for extend in families()["net-snmp-extend"].extends}


def packed(text: str) -> bytes:
    """What a script prints where it compresses: base64 of gzip, in lines of 76 letters."""
    return base64.encodebytes(gzip.compress(text.encode()))


async def poll(port: int, community: Any, make: Any) -> Poll:
    estate = make.estate(port, community, timeout=30)
    poller = Poller(estate)
    try:
        return await poller.poll(estate.targets[0])
    finally:
        poller.close()


def test_the_output_of_a_script_is_found_by_the_letters_of_its_name() -> None:
    """As in the recorded agents: 3, then z, f and s."""
    assert decode(SCRIPTS["zfs"].output) == "1.3.6.1.4.1.8072.1.3.2.3.1.2.3.122.102.115"


# --- recorded ---------------------------------------------------------------------------------------------


@pytest.fixture
def wanted(corpus: Path) -> Any:
    def load(device: str) -> dict[str, float]:
        found: dict[str, float] = json.loads(
            (corpus / "recordings" / "expected" / f"{device}.json").read_text()
        )["application_metrics"]
        return found

    return load


@pytest.mark.parametrize("device", ["linux_zfs-v1", "linux_zfs-legacy"])
async def test_pools_of_a_recorded_zfs_are_those_that_others_read(
    device: str, snmpsim: int, agents: Any, wanted: Any
) -> None:
    found = {s.metric: s.value for s in await poll(snmpsim, agents.community(device), agents)}
    others = wanted(device)
    assert found["jauge_storage_size_bytes"] == others["pool_arc_size"]
    assert found["jauge_storage_used_bytes"] == others["pool_arc_alloc"]
    assert found["jauge_storage_available_bytes"] == others["pool_arc_free"]


async def test_a_recorded_repository_of_borg_is_the_one_that_others_read(
    snmpsim: int, agents: Any, wanted: Any
) -> None:
    found = {s.metric: s.value for s in await poll(snmpsim, agents.community("linux_borgbackup-v1"), agents)}
    others = wanted("linux_borgbackup-v1")
    assert found["jauge_storage_used_bytes"] == others["unique_csize"]
    assert found["jauge_storage_logical_bytes"] == others["total_size"]
    assert found["jauge_storage_idle_seconds"] == others["time_since_last_modified"]


async def test_a_recorded_disk_is_the_one_that_others_read(snmpsim: int, agents: Any, wanted: Any) -> None:
    found = await poll(snmpsim, agents.community("linux_smart-v1"), agents)
    told = {s.metric: s.value for s in found if dict(s.labels).get("disk") == "da0"}
    others = wanted("linux_smart-v1")
    assert told == {
        "jauge_disk_healthy": others["disk_da0_health"],
        "jauge_disk_celsius": others["disk_da0_id194"],
        "jauge_disk_reallocated_sectors": others["disk_da0_id5"],
    }


async def test_recorded_containers_are_those_that_others_read(snmpsim: int, agents: Any, wanted: Any) -> None:
    found = await poll(snmpsim, agents.community("linux_docker-v2"), agents)
    told = {(s.metric, dict(s.labels)["container"]): s.value for s in found if "container" in dict(s.labels)}
    others = wanted("linux_docker-v2")
    names = {name for _, name in told}
    assert len(names) == 5
    for name in names:
        assert told["jauge_container_up", name] == 1
        assert told["jauge_container_memory_used_bytes", name] == pytest.approx(others[f"{name}_mem_used"])
        assert told["jauge_container_memory_size_bytes", name] == pytest.approx(others[f"{name}_mem_limit"])
        assert 100 * told["jauge_container_cpus_used", name] == pytest.approx(others[f"{name}_cpu_usage"])


async def test_a_recorded_ups_is_the_one_that_others_read(snmpsim: int, agents: Any, wanted: Any) -> None:
    found = {s.metric: s.value for s in await poll(snmpsim, agents.community("linux_ups-apcups-v1"), agents)}
    others = wanted("linux_ups-apcups-v1")
    assert 100 * found["jauge_ups_charge_ratio"] == pytest.approx(others["charge"])
    assert found["jauge_ups_runtime_seconds"] == pytest.approx(60 * others["time_remaining"])
    assert 100 * found["jauge_ups_load_ratio"] == pytest.approx(others["load"])


# --- compressed -------------------------------------------------------------------------------------------


@given(st.recursive(st.integers() | st.text() | st.booleans() | st.none(), st.lists, max_leaves=20))
def test_a_compressed_document_is_the_same_as_a_plain_one(value: Any) -> None:
    text = json.dumps({"data": value})
    assert document(packed(text)) == document(text.encode()) == {"data": value}


@given(
    st.binary(max_size=200)
    | st.binary(max_size=60).map(base64.b64encode)
    | st.binary(max_size=60).map(gzip.compress).map(base64.b64encode)
)
def test_whatever_a_script_prints_is_read_or_refused(said: bytes) -> None:
    for script in SCRIPTS.values():
        for table in script.tables:
            told, reason = attempted(table, said)
            assert reason in ("", "unparsed", "truncated", "capped")
            assert told is None or len(told.series) == len(told.values)


def attempted(table: JsonTable, said: bytes) -> tuple[Reading | None, str]:
    """The reading of a table, or the reason why there is none. Another error than PollError is a fault."""
    try:
        return read(table, said), ""
    except PollError as error:
        return None, error.reason


def test_a_small_text_that_unpacks_to_too_much_is_refused() -> None:
    bomb = packed('{"data": "' + " " * (LONGEST + 1) + '"}')
    assert len(bomb) < 10_000
    with pytest.raises(PollError) as raised:
        document(bomb)
    assert raised.value.reason == "capped"


def test_a_compressed_text_that_ends_too_early_says_so() -> None:
    whole = gzip.compress(json.dumps({"data": list(range(500))}).encode())
    with pytest.raises(PollError) as raised:
        document(base64.b64encode(whole[:-40]))
    assert raised.value.reason == "truncated"


# --- over the wire ----------------------------------------------------------------------------------------


def server(printed: dict[str, bytes]) -> Agent:
    """An agent that runs scripts, and says nothing else but what it is."""
    held: dict[Oid, Any] = {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): "Linux server",
        (1, 3, 6, 1, 2, 1, 1, 2, 0): (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10),
        (1, 3, 6, 1, 2, 1, 1, 3, 0): 8_640_000,
    }
    for name, text in printed.items():
        index = (len(name), *name.encode())
        held[1, 3, 6, 1, 4, 1, 8072, 1, 3, 2, 2, 1, 21, *index] = 1
        held[(*map(int, extends.OUTPUT.split(".")), *index)] = text.decode()
    return Agent(held)


async def test_a_script_that_fails_does_not_touch_another(
    agents: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAUGE_TEST_COMMUNITY", "public")
    pools = {"data": {"pools": [{"name": "tank", "size": "100", "alloc": "40", "free": "60"}]}}
    printed = {"zfs": packed(json.dumps(pools)), "smart": b"smartctl: command not found"}
    with Responder([server(printed)]) as responder:
        found = await poll(responder.ports[0], agents.community("env:JAUGE_TEST_COMMUNITY"), agents)
    tables = {table.name: table for table in found.tables}
    assert tables["extend-zfs-pools"].values == (100, 40, 60)
    assert (tables["extend-smart"].reason, tables["extend-smart"].series) == ("unparsed", ())
    assert "extend-docker" not in tables  # it runs no such script


@pytest.mark.parametrize("name", ["", "a b", "x" * 33, "zfs/../"])
def test_a_name_that_no_agent_would_give_a_script_is_refused(name: str) -> None:
    table = SCRIPTS["zfs"].tables[0]
    with pytest.raises(ValueError, match="name"):
        Extend(name=name, tables=(table,))
