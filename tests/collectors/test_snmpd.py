"""A real net-snmp agent, over v2c and every level of SNMPv3 that it offers."""

from __future__ import annotations

import dataclasses
from typing import Any

import psutil
import pytest

from collectors.poll import Poll, Step, forget
from collectors.polling import Poller
from inventory.estate import Estate

pytestmark = pytest.mark.xdist_group("snmpd")

PAIRS = (("MD5", "DES"), ("SHA", "AES"), ("SHA-256", "AES"), ("SHA-256", "AES-256"), ("SHA-512", "AES"))


async def poll(estate: Estate, trace: Any = forget) -> Poll:
    poller = Poller(estate)
    try:
        return await poller.poll(estate.targets[0], trace)
    finally:
        poller.close()


def values(found: Poll) -> dict[str, float]:
    return {sample.metric: sample.value for sample in found if not sample.labels}


@pytest.mark.proves("SNMP", "host-resources", "snmpd")
@pytest.mark.proves("SNMP", "ucd-snmp", "snmpd")
async def test_memory_and_stores_of_this_machine_are_what_psutil_says(snmpd: Any, agents: Any) -> None:
    found = await poll(agents.estate(snmpd.port, agents.community("public")))
    assert [table for table in found.tables if not table.up] == []
    assert values(found)["jauge_memory_size_bytes"] == pytest.approx(psutil.virtual_memory().total, rel=0.01)
    sizes = {dict(s.labels)["store"]: s.value for s in found if s.metric == "jauge_storage_size_bytes"}
    assert sizes["/"] == pytest.approx(psutil.disk_usage("/").total, rel=0.01)
    assert found.family == "linux"


@pytest.mark.parametrize(("auth", "privacy"), PAIRS)
async def test_snmp_v3_reads_what_v2c_reads(auth: str, privacy: str, snmpd: Any, agents: Any) -> None:
    user = agents.user(snmpd.users[auth, privacy], auth, privacy)
    found = await poll(agents.estate(snmpd.port, user))
    plain = await poll(agents.estate(snmpd.port, agents.community("public")))
    assert values(found)["jauge_memory_size_bytes"] == values(plain)["jauge_memory_size_bytes"]
    assert {table.name for table in found.tables} == {table.name for table in plain.tables}


async def test_a_wrong_password_is_not_a_timeout(snmpd: Any, agents: Any) -> None:
    user = agents.user(snmpd.users["SHA-256", "AES"], "SHA-256", "AES", auth_password="not the password")
    found = await poll(agents.estate(snmpd.port, user, timeout=4))
    assert [(table.name, table.reason) for table in found.tables] == [("system", "auth_failed")]
    assert not found.up


async def test_an_unknown_user_is_not_a_timeout(snmpd: Any, agents: Any) -> None:
    found = await poll(agents.estate(snmpd.port, agents.user("nobody", "SHA-256", "AES"), timeout=4))
    assert [table.reason for table in found.tables] == ["auth_failed"]


async def test_a_wrong_community_is_a_timeout_within_its_patience(snmpd: Any, agents: Any) -> None:
    found = await poll(agents.estate(snmpd.port, agents.community("wrong"), timeout=2))
    assert [table.reason for table in found.tables] == ["timeout"]
    assert found.seconds < 3  # of the 30 of a timeout that nobody set


async def test_a_name_that_does_not_resolve_is_said(agents: Any) -> None:
    estate = agents.estate(1161, agents.community("public"), timeout=2)
    target = estate.targets[0].model_copy(update={"address": "no-such-host.invalid"})
    found = await poll(estate.model_copy(update={"targets": (target,)}))
    assert [table.reason for table in found.tables] == ["refused"]
    assert "no-such-host.invalid" in found.tables[0].detail


async def test_no_secret_shows_in_what_is_explained(snmpd: Any, agents: Any) -> None:
    steps: list[Step] = []
    user = agents.user(snmpd.users["SHA", "AES"], "SHA", "AES")
    found = await poll(agents.estate(snmpd.port, user), steps.append)
    shown = repr([dataclasses.astuple(step) for step in steps]) + repr(found)
    assert steps
    assert "authpass123" not in shown
    assert "privpass123" not in shown


async def test_one_user_name_with_two_passwords_stays_two(snmpd: Any, agents: Any) -> None:
    """Two devices may know one user by other passwords: the right one must not lend its key to the wrong one."""
    name = snmpd.users["SHA", "AES"]
    estate = agents.estate(snmpd.port, agents.user(name, "SHA", "AES"), timeout=4)
    wrong = agents.user(name, "SHA", "AES", auth_password="not the password")
    snmp = estate.targets[0].snmp.model_copy(update={"credential": "other"})
    other = estate.targets[0].model_copy(update={"name": "other", "snmp": snmp})
    both = estate.model_copy(
        update={"targets": (estate.targets[0], other), "credentials": estate.credentials | {"other": wrong}}
    )
    poller = Poller(both)
    try:
        polls = [await poller.poll(target) for target in both.targets]
    finally:
        poller.close()
    assert [found.up for found in polls] == [True, False]
    assert polls[1].tables[0].reason == "auth_failed"
