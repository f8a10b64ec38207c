"""SNMPv3 agents that lie, replay, restart or change: each has its reason, and no request ever asks for less security."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import engine as engines
import hostile
import pytest
import servers
import structlog
from engine import (
    NOT_IN_TIME,
    PLAIN,
    SECRET,
    SIGNED,
    UNKNOWN_ENGINE,
    UNKNOWN_USER,
    UNSUPPORTED,
    WRONG_DIGEST,
    Asked,
    Engine,
)
from mutants import CPU_LIMIT, LONG, WAYS, Costs, mended, seed
from responder import Agent, Oid, Value

from collectors.poll import Poll, PollError
from collectors.polling import Poller
from collectors.snmp import messages
from collectors.snmp.ber import MalformedError
from collectors.snmp.oid import encode
from collectors.snmp.security import Again
from collectors.snmp.v3 import Usm
from inventory.credentials import SnmpV3
from inventory.estate import Estate, Snmp, Target

STORAGE: Oid = (1, 3, 6, 1, 2, 1, 25, 2, 3, 1)
SYS_NAME = encode("1.3.6.1.2.1.1.5.0")
UNIT = 4096
MANY = 30_000
"""Mutants of the long suite."""

LESSONS = 2
"""What may be learned of an agent within one request: its engine ID, and its time."""


def table(size: int) -> dict[Oid, Value]:
    """A server with one store of so many units."""
    row: list[Value] = [1, (1, 3, 6, 1, 2, 1, 25, 2, 1, 4), "/srv", UNIT, size, 400]
    return {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): "a server",
        (1, 3, 6, 1, 2, 1, 1, 2, 0): (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10),
        (1, 3, 6, 1, 2, 1, 1, 3, 0): 360_000,
        (1, 3, 6, 1, 2, 1, 1, 5, 0): "server",
    } | {(*STORAGE, column, 1): value for column, value in enumerate(row, 1)}


def login(**other: str) -> SnmpV3:
    return SnmpV3.model_validate(
        {"snmp": "v3", "user": engines.USER, "auth": "SHA-256", "auth_password": engines.AUTH}
        | {"privacy": "AES", "privacy_password": engines.PRIVACY}
        | other
    )


def estate(*ports: int, timeout: float = 1.5, credential: SnmpV3 | None = None) -> Estate:
    targets = tuple(
        Target(
            name=f"t{n}",
            address="127.0.0.1",
            timeout=timeout,
            snmp=Snmp(credential="login", port=port, family="host-resources"),
        )
        for n, port in enumerate(ports)
    )
    return Estate(credentials={"login": credential or login()}, targets=targets)


def sizes(found: Poll) -> list[float]:
    return [sample.value for sample in found if sample.metric == "jauge_storage_size_bytes"]


def reason(found: Poll) -> str | None:
    return found.tables[0].reason


@pytest.fixture(autouse=True)
def unhandled(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nothing reaches the event loop, and no datagram throws what its boundary has to catch."""
    with caplog.at_level(logging.ERROR, logger="asyncio"), structlog.testing.capture_logs() as said:
        yield
    assert [record.getMessage() for record in caplog.get_records("call") if record.name == "asyncio"] == []
    assert [entry for entry in said if entry["log_level"] == "error"] == []


Lie = Callable[[Engine, Asked], bytes | list[bytes]]


def serving(engine: Engine, lie: Lie = Engine.answer) -> hostile.Answer:
    def answer(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> bytes | list[bytes] | None:
        return lie(engine, engine.hear(request))

    return answer


async def polls(engine: Engine, lie: Lie, between: Callable[[], None] = lambda: None) -> list[Poll]:
    """One poll, what happens then, and another; beside an honest agent, which must not notice."""
    honest = Engine(Agent(table(7777)))
    with ExitStack() as stack:
        ports = [stack.enter_context(hostile.agent(serving(each, how))) for each, how in ((engine, lie), (honest, Engine.answer))]  # fmt: skip
        whole = estate(*ports)
        patient = whole.targets[1].model_copy(update={"timeout": 10.0})
        poller = Poller(whole)
        found = []
        try:
            for _ in range(2):
                one, other = await asyncio.gather(poller.poll(whole.targets[0]), poller.poll(patient))
                assert sizes(other) == [7777 * UNIT]
                assert one.seconds < 1.5 + 2  # without an end of its own it would last for ever
                found.append(one)
                between()
        finally:
            poller.close()
    never_weaker(engine)
    return found


def never_weaker(engine: Engine) -> None:
    """Every request is signed and encrypted but those that ask who is there, which hold no objects and no user."""
    for asked in engine.asked:
        if asked.level != SECRET:
            assert (asked.level, asked.engine, asked.user) == (PLAIN, b"", b"")
            assert asked.pdu.endswith(b"\x30\x00")


def after_discovery(lie: Lie) -> Lie:
    """An agent that says who it is, and lies from then on."""

    def told(engine: Engine, asked: Asked) -> bytes | list[bytes]:
        return engine.answer(asked) if asked.engine != engine.identity else lie(engine, asked)

    return told


def synchronised(lie: Lie) -> Lie:
    """An agent that says who it is and what time it is there, and lies from then on."""

    def told(engine: Engine, asked: Asked) -> bytes | list[bytes]:
        return engine.answer(asked) if asked.boots != engine.boots else lie(engine, asked)

    return after_discovery(told)


async def test_an_honest_agent_is_read() -> None:
    for found in await polls(Engine(Agent(table(1000))), Engine.answer):
        assert sizes(found) == [1000 * UNIT]


# --- time -------------------------------------------------------------------------------------------------


async def test_an_agent_that_never_finds_the_time_right_is_not_asked_for_ever() -> None:
    engine = Engine(Agent(table(1000)))
    lie = after_discovery(lambda own, asked: own.report(asked, NOT_IN_TIME, SIGNED))
    for found in await polls(engine, lie):
        assert reason(found) == "not_in_time_window"
        assert sizes(found) == []
    by_number: dict[int, int] = {}
    for asked in engine.asked:
        by_number[asked.number] = by_number.get(asked.number, 0) + 1
    assert max(by_number.values()) <= LESSONS + 1 + Snmp(credential="login").retries


async def test_a_time_that_nobody_signed_is_not_learned() -> None:
    engine = Engine(Agent(table(1000)))
    lie = after_discovery(lambda own, asked: own.report(asked, NOT_IN_TIME, PLAIN))
    for found in await polls(engine, lie):
        assert reason(found) == "not_in_time_window"
    assert {asked.boots for asked in engine.asked} == {0}


@pytest.mark.parametrize("back", [{"boots": 6}, {"seconds": 4000}], ids=str)
async def test_an_answer_of_an_earlier_time_is_refused(back: dict[str, int]) -> None:
    engine = Engine(Agent(table(1000)))

    def lie(own: Engine, asked: Asked) -> bytes:
        return own.message(asked.number, own.response(asked), SECRET, **back) if late else own.answer(asked)

    late: list[bool] = []
    first, second = await polls(engine, synchronised(lie), lambda: late.append(True))
    assert sizes(first) == [1000 * UNIT]
    assert (reason(second), sizes(second)) == ("not_in_time_window", [])


@pytest.mark.parametrize(("behind", "expected"), [(130, None), (170, "not_in_time_window")], ids=str)
async def test_an_answer_may_be_150_seconds_late_and_no_more(behind: int, expected: str | None) -> None:
    """RFC 3414, 3.2 (7b). The margin is for the time that the polls take."""
    engine = Engine(Agent(table(1000)))

    def lie(own: Engine, asked: Asked) -> bytes:
        if not late:
            return own.answer(asked)
        return own.message(asked.number, own.response(asked), SECRET, seconds=own.seconds - behind)

    late: list[bool] = []
    first, second = await polls(engine, synchronised(lie), lambda: late.append(True))
    assert sizes(first) == [1000 * UNIT]
    assert (reason(second), sizes(second)) == (expected, [] if expected else [1000 * UNIT])


@pytest.mark.parametrize("boots", [8, 3])
async def test_an_agent_that_was_started_again_or_reset_is_read_at_once(boots: int) -> None:
    engine = Engine(Agent(table(1000)))

    def restart() -> None:
        engine.boots, engine.begun = boots, time.monotonic()

    for found in await polls(engine, Engine.answer, restart):
        assert sizes(found) == [1000 * UNIT]


async def test_the_last_number_of_boots_is_said() -> None:
    for found in await polls(Engine(Agent(table(1000)), boots=2**31 - 1), Engine.answer):
        assert reason(found) == "not_in_time_window"
        assert "no boots left" in (found.tables[0].detail or "")


# --- replays ----------------------------------------------------------------------------------------------


async def test_replayed_answers_and_reports_are_no_answers() -> None:
    engine = Engine(Agent(table(1000)))
    earlier: list[bytes] = []

    def lie(own: Engine, asked: Asked) -> bytes | list[bytes]:
        if changed:
            return earlier
        earlier.append(own.answer(asked))
        return earlier[-1]

    changed: list[bool] = []
    first, second = await polls(engine, lie, lambda: changed.append(True))
    assert sizes(first) == [1000 * UNIT]
    assert (reason(second), sizes(second)) == ("timeout", [])
    assert second.tables[0].bad > 0


async def test_replays_before_the_answer_do_not_spoil_it() -> None:
    engine = Engine(Agent(table(1000)))
    earlier: list[bytes] = []

    def lie(own: Engine, asked: Asked) -> list[bytes]:
        if len(earlier) == 20:  # from here on the store is another: an old answer would show
            own.agent = Agent(table(2000))
        earlier.append(own.answer(asked))
        return earlier[-30:]

    first, second = await polls(engine, lie, lambda: earlier.extend(earlier[:1] * max(0, 20 - len(earlier))))
    assert sizes(first) == [1000 * UNIT]
    assert sizes(second) == [2000 * UNIT]


# --- engines ----------------------------------------------------------------------------------------------


async def test_another_engine_id_is_met_once_and_said() -> None:
    engine = Engine(Agent(table(1000)))
    with structlog.testing.capture_logs() as said:
        first, second = await polls(
            engine, Engine.answer, lambda: engine.rename(b"\x80\x00\x1f\x88\x04other")
        )
    assert sizes(first) == sizes(second) == [1000 * UNIT]
    (entry,) = [entry for entry in said if "engine ID" in entry["event"]]
    assert entry["now"] == b"\x80\x00\x1f\x88\x04other".hex()


async def test_a_storm_of_reports_costs_few_packets_and_little_time() -> None:
    """Three hundred reports to each request, each of another engine."""
    engine = Engine(Agent(table(1000)))
    names = (b"\x80\x00\x1f\x88\x04" + number.to_bytes(4) for number in range(1_000_000))

    def lie(own: Engine, asked: Asked) -> list[bytes]:
        return [own.report(asked, UNKNOWN_ENGINE, identity=next(names)) for _ in range(300)]

    with structlog.testing.capture_logs() as said:
        before = time.process_time()
        found = await polls(engine, lie)
    assert time.process_time() - before < 3
    assert {reason(one) for one in found} <= {"unknown_engine", "timeout"}
    assert "unknown_engine" in {reason(one) for one in found}
    assert len(engine.asked) <= 2 * (2 + 3)
    assert len([entry for entry in said if "engine ID" in entry["event"]]) <= 2


def test_two_agents_that_share_an_engine_id_are_both_read() -> None:
    """As machines that were cloned do: each has its own boots and its own clock."""
    shared = b"\x80\x00\x1f\x88\x04clone"
    pair = [Engine(Agent(table(1000)), shared, 3, 90), Engine(Agent(table(2000)), shared, 400, 999_999)]

    async def run(whole: Estate) -> list[list[Poll]]:
        poller = Poller(whole)
        try:
            return [list(await asyncio.gather(*map(poller.poll, whole.targets))) for _ in range(3)]
        finally:
            poller.close()

    with ExitStack() as stack:
        ports = [stack.enter_context(hostile.agent(serving(each))) for each in pair]
        rounds = asyncio.run(run(estate(*ports, timeout=6)))
    assert [[sizes(found) for found in both] for both in rounds] == [[[1000 * UNIT], [2000 * UNIT]]] * 3


# --- less security ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counter", "expected"),
    [(UNSUPPORTED, "auth_failed"), (UNKNOWN_USER, "auth_failed"), (WRONG_DIGEST, "auth_failed")],
)
async def test_a_report_that_nobody_signed_never_lowers_the_level(counter: int, expected: str) -> None:
    lie = synchronised(lambda own, asked: own.report(asked, counter))
    for found in await polls(Engine(Agent(table(1000))), lie):
        assert (reason(found), sizes(found)) == (expected, [])


@pytest.mark.parametrize("level", [PLAIN, SIGNED])
async def test_an_answer_at_a_lower_level_is_not_believed(level: int) -> None:
    lie = synchronised(lambda own, asked: own.message(asked.number, own.response(asked), level))
    for found in await polls(Engine(Agent(table(1000))), lie):
        assert sizes(found) == []
        assert reason(found) in ("timeout", "wrong_privacy")
        assert found.tables[0].bad > 0


async def test_a_wrong_signature_is_not_believed_and_the_right_one_after_it_is() -> None:
    def lie(own: Engine, asked: Asked) -> list[bytes]:
        right = own.message(asked.number, own.response(asked), SECRET)
        place = right.index(engines.USER.encode()) + len(engines.USER) + 2
        forged = own.message(asked.number, Engine(Agent(table(9000))).response(asked), SECRET)
        return [forged[:place] + bytes(24) + forged[place + 24 :], right]

    for found in await polls(Engine(Agent(table(1000))), synchronised(lie)):
        assert sizes(found) == [1000 * UNIT]
        assert sum(one.bad for one in found.tables) > 0


async def test_what_is_encrypted_with_another_key_is_told_apart() -> None:
    other = Engine(Agent(table(1000)))
    other.rename(other.identity, "another password")

    def lie(own: Engine, asked: Asked) -> bytes:
        other.begun = own.begun
        return other.message(asked.number, own.response(asked), SECRET)

    for found in await polls(Engine(Agent(table(1000))), synchronised(lie)):
        assert (reason(found), sizes(found)) == ("wrong_privacy", [])


async def test_silence_is_a_timeout() -> None:
    for found in await polls(Engine(Agent(table(1000))), lambda _own, _asked: []):
        assert reason(found) == "timeout"


# --- mutants ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [3000, pytest.param(MANY, marks=LONG)])
def test_no_bent_message_is_believed_and_none_throws(count: int, tell: Callable[[str], None]) -> None:
    """Half are bent once they are signed; half before, by an agent that signs whatever it sends."""
    start = seed(count < MANY)
    chance, costs, believed = random.Random(start), Costs(), 0
    engine, security = Engine(Agent(table(1000))), Usm(login())
    number, right = met(engine, security)
    asked = engine.asked[-1]
    scoped = engines.wrap(0x30, engines.wrap(0x04, engine.identity) + b"\x04\x00" + engine.response(asked))
    for turn in range(count):
        bent = bend(right if turn % 2 else scoped, chance)
        sent = bent if turn % 2 else engine.seal(number, bent, SECRET)
        before = time.thread_time_ns()
        try:
            messages.answer(*security.open(sent, number), number)
            believed += 1
            assert turn % 2 == 0 or sent == right
        except (MalformedError, Again, PollError):
            pass
        costs.nanoseconds.append(time.thread_time_ns() - before)
    tell(f"SNMPv3: seed {start}, {count} mutants, {believed} read, {costs}")
    assert believed > count / 50
    assert costs.high <= CPU_LIMIT


def bend(data: bytes, chance: random.Random) -> bytes:
    bent = chance.choice(WAYS)(data, data, chance)
    return mended(bent) if chance.random() < 0.5 else bent


def met(engine: Engine, security: Usm) -> tuple[int, bytes]:
    """An exchange that was answered, over a real socket: its number, and the answer."""
    with hostile.agent(serving(engine)) as port, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as each:
        each.connect(("127.0.0.1", port))
        each.settimeout(5)
        for number in range(0x0F00_0001, 0x0F00_0005):
            each.send(security.seal(messages.request(messages.GET, number, [SYS_NAME]), number))
            datagram = each.recv(65_535)
            try:
                security.open(datagram, number)
            except Again:
                continue
            return number, datagram
    raise AssertionError("no answer after four exchanges")


# --- net-snmp ---------------------------------------------------------------------------------------------


def test_a_clock_that_is_off_is_set_by_the_report_of_snmpd(snmpd: Any, agents: Any) -> None:
    """Ours jumps by more than the window: snmpd refuses, signs its time, and answers the next request."""
    here = [1000.0]
    security = Usm(agents.user(snmpd.users["SHA-256", "AES"], "SHA-256", "AES"), lambda: here[0])

    def ask(number: int) -> bytes:
        each.send(security.seal(messages.request(messages.GET, number, [SYS_NAME]), number))
        return each.recv(65_535)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as each:
        each.connect((servers.LOOPBACK, snmpd.port))
        each.settimeout(5)
        for number in (1, 2):
            with pytest.raises(Again):
                security.open(ask(number), number)
        security.open(ask(3), 3)
        here[0] += 400
        with pytest.raises(Again, match="not_in_time_window"):
            security.open(ask(4), 4)
        assert messages.answer(*security.open(ask(5), 5), 5).names == [SYS_NAME]
