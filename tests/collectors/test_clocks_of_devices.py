"""What a device's own clock differs from ours: right, or absent. Canned agents on real sockets, and net-snmp."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import pytest
import servers
from hypothesis import given
from hypothesis import strategies as st
from responder import HOST, Agent, Oid, Responder, Value, server, wrap

from collectors.poll import Poll
from collectors.polling import Poller
from collectors.snmp.values import ObjectId, moment
from inventory.estate import Estate

DATE: Oid = (*HOST, 1, 2, 0)  # hrSystemDate
SKEW = "jauge_clock_skew_seconds"
HOUR = 3600
UPTIME: dict[Oid, Value] = {(1, 3, 6, 1, 2, 1, 1, 3, 0): 360_000}


def date_and_time(at: dt.datetime) -> bytes:
    """An instant as RFC 2579 writes it: eleven bytes, or eight where it bears no time zone."""
    head = at.year.to_bytes(2) + bytes(
        (at.month, at.day, at.hour, at.minute, at.second, at.microsecond // 100_000)
    )
    if at.tzinfo is None:
        return head
    away = at.utcoffset() or dt.timedelta()
    hours, minutes = divmod(abs(away) // dt.timedelta(minutes=1), 60)
    return head + (b"-" if away < dt.timedelta() else b"+") + bytes((hours, minutes))


class Clocked(Agent):
    """A server with a clock of its own: `tell` makes its hrSystemDate of the true time."""

    def __init__(self, tell: Callable[[dt.datetime], bytes]) -> None:
        self.tell = tell
        super().__init__({})

    def answer(self, request: bytes) -> bytes | None:
        super().__init__(server() | UPTIME | {DATE: wrap(0x04, self.tell(dt.datetime.now(dt.UTC)))})
        return super().answer(request)


async def poll(estate: Estate) -> Poll:
    poller = Poller(estate)
    try:
        return await poller.poll(estate.targets[0])
    finally:
        poller.close()


def skews(found: Poll) -> list[float]:
    return [sample.value for sample in found if sample.metric == SKEW]


async def polled(agents: Any, tell: Callable[[dt.datetime], bytes]) -> Poll:
    with Responder([Clocked(tell)]) as responder:
        estate = agents.estate(responder.ports[0], agents.community("public"))
        found = await poll(estate)
    assert all(table.up for table in found.tables)
    assert [sample.value for sample in found if sample.metric == "jauge_storage_used_bytes"] == [1000 * 4096]
    return found


@pytest.mark.parametrize("hours", [-2, 0, 2, 24 * 365 * 20], ids=lambda hours: f"{hours}h")
@pytest.mark.parametrize("zone", [0, 330, -210, 840], ids=lambda minutes: f"{minutes}min")
async def test_a_clock_that_is_off_says_by_how_much_in_whatever_zone_it_is_told(
    agents: Any, hours: int, zone: int
) -> None:
    place = dt.timezone(dt.timedelta(minutes=zone))
    found = await polled(
        agents, lambda now: date_and_time((now + dt.timedelta(hours=hours)).astimezone(place))
    )
    assert skews(found) == [pytest.approx(hours * HOUR, abs=5)]
    assert abs(found.at - time.time()) < 20
    assert all(abs(table.at - time.time()) < 20 for table in found.tables)


@pytest.mark.parametrize(
    "told",
    [
        bytes.fromhex("07ea0b1910000000"),
        b"",
        b"\0" * 11,
        b"2026-11-25T",
        bytes.fromhex("07ea0d190c0000002b0100"),
        bytes.fromhex("07ea0b1e1800002b002b0100"),
        bytes.fromhex("07ea0b190c0000002a0100"),
        bytes.fromhex("ffff0b190c0000002b0100"),
        b"\x07" * 60_000,
    ],
    ids=["no zone", "empty", "zeros", "text", "month 13", "too long", "no sign", "year 65535", "60 kB"],
)
async def test_a_date_that_names_no_instant_has_no_skew(agents: Any, told: bytes) -> None:
    """A local time without its zone may be anybody's: it could be right or wrong by hours."""
    assert skews(await polled(agents, lambda now: told)) == []


async def test_a_server_without_a_clock_has_no_skew(agents: Any) -> None:
    with Responder([Agent(server() | UPTIME)]) as responder:
        found = await poll(agents.estate(responder.ports[0], agents.community("public")))
    assert found.up
    assert skews(found) == []


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/St_Johns"])
async def test_net_snmp_on_this_machine_has_our_time_in_every_zone(
    agents: Any, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    with servers.snmpd() as agent:
        found = await poll(agents.estate(agent.port, agents.community("public")))
    assert skews(found) == [pytest.approx(0, abs=5)]


def test_an_instant_is_that_of_the_standard() -> None:
    """RFC 2579: Tuesday May 26, 1992 at 1:30:15 PM EDT is 1992-5-26,13:30:15.0,-4:0."""
    at = dt.datetime(1992, 5, 26, 17, 30, 15, tzinfo=dt.UTC).timestamp()
    assert moment(bytes((7, 0xC8, 5, 26, 13, 30, 15, 0)) + b"-\x04\x00") == at
    # 60 is a leap second (RFC 2579)
    assert moment(bytes((7, 0xC8, 5, 26, 13, 30, 60, 0)) + b"-\x04\x00") == at + 45


INSTANTS = st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(9999, 12, 30)).map(  # noqa: DTZ001 - zones come later
    lambda at: at.replace(microsecond=at.microsecond // 100_000 * 100_000)
)


@given(INSTANTS, st.integers(-14 * 60, 14 * 60))
def test_every_instant_is_read_as_it_was_written(at: dt.datetime, minutes: int) -> None:
    whole = at.replace(tzinfo=dt.timezone(dt.timedelta(minutes=minutes)))
    assert moment(date_and_time(whole)) == pytest.approx(whole.timestamp(), abs=1e-3)
    assert moment(date_and_time(at)) is None


@given(st.one_of(st.none(), st.integers(), st.binary(max_size=20), st.binary(min_size=11, max_size=11)))
def test_anything_else_is_an_instant_or_none(value: int | bytes | None) -> None:
    found = moment(value)
    assert found is None or -6.3e10 < found < 2.6e11
    assert moment(ObjectId(b"\x2b\x06" * 5 + b"\x01")) is None
