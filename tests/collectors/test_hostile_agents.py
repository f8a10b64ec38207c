"""Agents that lie, flood, stumble and fall silent: their own poll says so, and the other targets go on.

Each agent is a UDP socket of its own.
"""

from __future__ import annotations

import asyncio
import logging
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from typing import Any, TypedDict

import pytest
import responder
from hostile import Answer, Request, agent, bind
from responder import Agent, Oid, Responder, Value, wrap

from collectors.poll import Poll, Table
from collectors.polling import Poller
from collectors.snmp.habits import MOST
from collectors.snmp.session import BYTE_CAP, ROW_CAP
from inventory.credentials import SnmpV2c
from inventory.estate import Estate, Snmp, Target

STORAGE: Oid = (1, 3, 6, 1, 2, 1, 25, 2, 3, 1)
FIXED_DISK: Oid = (1, 3, 6, 1, 2, 1, 25, 2, 1, 4)
SIZE, USED, UNIT = 1000, 400, 4096


def held(number: int) -> int:
    """Units in use of a store of that number: two that hold the same would be one store under two names."""
    return USED + number - 1


def table(names: list[Value] | None = None, **system: Value) -> dict[Oid, Value]:
    """The objects of a server with a store of each name."""
    objects: dict[Oid, Value] = {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): system.get("description", "a server"),
        (1, 3, 6, 1, 2, 1, 1, 2, 0): (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10),
        (1, 3, 6, 1, 2, 1, 1, 3, 0): 360_000,
        (1, 3, 6, 1, 2, 1, 25, 1, 1, 0): 720_000,
    }
    for number, name in enumerate(names or ["/srv"], 1):
        row: list[Value] = [number, FIXED_DISK, name, UNIT, SIZE, held(number)]
        objects |= {(*STORAGE, column, number): value for column, value in enumerate(row, 1)}
    return objects


HONEST = Agent(table())


class Wrong(TypedDict, total=False):
    """What a reply says wrongly."""

    number: bytes
    login: bytes


def walking(answer: Callable[[Request], bytes | list[bytes]]) -> Answer:
    """An agent that is honest but in walks."""

    def told(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> bytes | list[bytes] | None:
        asked = Request(request)
        return answer(asked) if asked.of_a_walk else HONEST.answer(request)

    return told


def estate(*ports: int, timeout: float = 2.0, communities: tuple[str, ...] = ()) -> Estate:
    """Targets t0, t1 ... on these ports."""
    logins = communities or ("public",) * len(ports)
    credentials = {
        f"c{n}": SnmpV2c.model_validate({"snmp": "v2c", "community": f"env:JAUGE_TEST_{login.upper()}"})
        for n, login in enumerate(logins)
    }
    targets = tuple(
        Target(
            name=f"t{n}",
            address="127.0.0.1",
            timeout=timeout,
            snmp=Snmp(credential=f"c{n}", port=port, family="host-resources"),
        )
        for n, port in enumerate(ports)
    )
    return Estate(credentials=credentials, targets=targets)


@pytest.fixture(autouse=True)
def logins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAUGE_TEST_PUBLIC", "public")
    monkeypatch.setenv("JAUGE_TEST_SECRET", "canary-community")


@pytest.fixture
def unhandled(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What reached the event loop: it must stay empty."""
    found: list[str] = []
    with caplog.at_level(logging.ERROR, logger="asyncio"):
        yield found
    records = caplog.get_records("call")
    found += [record.getMessage() for record in records if record.name == "asyncio"]
    assert found == []


async def poll(whole: Estate) -> list[Poll]:
    """Every target at once, twice: what the first round broke shows in the second."""
    poller = Poller(whole)
    try:
        await asyncio.gather(*(poller.poll(target) for target in whole.targets))
        return await asyncio.gather(*(poller.poll(target) for target in whole.targets))
    finally:
        poller.close()


def named(found: Poll, name: str) -> Table:
    return next(table for table in found.tables if table.name == name)


def sizes(found: Poll) -> dict[str, float]:
    return {dict(s.labels)["store"]: s.value for s in found if s.metric == "jauge_storage_size_bytes"}


PATIENCE = 10.0


async def beside(*answers: Answer, timeout: float = 2.0) -> Any:
    """Poll hostile agents beside an honest one, which must not notice. Returns the poll of each hostile one."""
    with Responder([HONEST]) as honest, ExitStack() as stack:
        ports = [stack.enter_context(agent(answer)) for answer in answers]
        made = estate(*ports, honest.ports[0], timeout=timeout)
        # More patience for the honest one: what is tried is that it is answered, not how busy this machine is.
        patient = made.targets[-1].model_copy(update={"timeout": PATIENCE})
        *hostile, other = await poll(made.model_copy(update={"targets": (*made.targets[:-1], patient)}))
    assert sizes(other) == {"/srv": SIZE * UNIT}
    assert all(table.up for table in other.tables)
    assert all(found.seconds < timeout + 2 for found in hostile)  # most would last for ever
    return hostile[0] if len(hostile) == 1 else hostile


def same(asked: Request) -> bytes:
    return asked.reply(bind((*STORAGE, 2, 1), responder.encode(FIXED_DISK)))


def falling(asked: Request) -> bytes:
    rows = [bind((*asked.names[0], number), responder.encode(1)) for number in (9, 8, 7)]
    return asked.reply(*rows)


def endless(asked: Request) -> bytes:
    last = asked.names[0]
    start = last[-1] if len(last) > len(STORAGE) + 1 else 0
    root = last[: len(STORAGE) + 1]
    return asked.reply(*(bind((*root, start + n), responder.encode(n)) for n in range(1, 600)))


@pytest.mark.parametrize("answer", [same, falling])
async def test_objects_that_do_not_grow_end_the_walk(
    answer: Callable[[Request], bytes], unhandled: list[str]
) -> None:
    found = await beside(walking(answer))
    assert named(found, "hr-storage").reason == "not_increasing"
    assert named(found, "system").up


async def test_a_walk_that_goes_round_in_circles_ends_at_the_first_repeat(unhandled: list[str]) -> None:
    """Three rows to each answer, and after the third the first again: what came before is kept."""

    def circling(asked: Request) -> bytes:
        root, after = asked.names[0][: len(STORAGE) + 1], asked.names[0][len(STORAGE) + 1 :]
        first = after[0] % 9 + 1 if after else 1
        return asked.reply(*(bind((*root, first + n), responder.encode(1)) for n in range(3)))

    found = named(await beside(walking(circling)), "hr-storage")
    assert found.reason == "not_increasing"
    assert re.fullmatch(r"after [0-9.]+\.9 came [0-9.]+\.1", found.detail)


async def test_rows_that_came_before_a_repeat_are_kept_and_their_table_is_marked(
    unhandled: list[str],
) -> None:
    """Five stores; what the last three of them hold is never told, as the second comes again and again."""
    five = Agent(table([f"/srv{number}" for number in range(1, 6)]))
    used = (*STORAGE, 6)

    def stuck(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> bytes | None:
        asked = Request(request)
        if not asked.of_a_walk or used not in {name[: len(used)] for name in asked.names}:
            return five.answer(request)
        if len(asked.names) > 1:
            return asked.reply(status=1)
        return asked.reply(*(bind((*used, number), responder.encode(held(number))) for number in (1, 2, 2)))

    found = await beside(stuck, timeout=PATIENCE)
    storage = named(found, "hr-storage")
    assert (storage.up, storage.reason) == (False, "not_increasing")
    assert sizes(found) == {f"/srv{number}": SIZE * UNIT for number in range(1, 6)}
    filled = {dict(s.labels)["store"]: s.value for s in storage if s.metric == "jauge_storage_used_bytes"}
    assert filled == {"/srv1": held(1) * UNIT, "/srv2": held(2) * UNIT}


async def test_long_texts_in_many_answers_end_at_the_cap_of_bytes(unhandled: list[str]) -> None:
    """Each answer is one that any agent may send; all of them together would fill the memory."""
    sent = 0

    def filling(asked: Request) -> bytes:
        nonlocal sent
        last = asked.names[0]
        start = last[-1] if len(last) > len(STORAGE) + 1 else 0
        sent += 50_000
        rows = (bind((*last[: len(STORAGE) + 1], start + n), wrap(0x04, b"x" * 10_000)) for n in range(1, 6))
        return asked.reply(*rows)

    found = named(await beside(walking(filling), timeout=PATIENCE), "hr-storage")
    assert found.reason == "capped"
    assert 2 * BYTE_CAP <= sent <= 2 * (BYTE_CAP + 20 * 50_000)  # of two polls


async def test_a_storm_of_reports_is_no_answer_and_keeps_none_away(unhandled: list[str]) -> None:
    def storming(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> list[bytes]:
        asked = Request(request)
        report = asked.reply(bind((1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0), responder.encode(1)), kind=0xA8)
        return [report] * 50 + [HONEST.answer(request) or b""]

    found = await beside(storming, timeout=PATIENCE)
    assert sizes(found) == {"/srv": SIZE * UNIT}
    assert sum(each.bad for each in found.tables) >= 50


async def test_an_agent_that_answers_whenever_it_likes_is_read_right(unhandled: list[str]) -> None:
    """Answers come up to three seconds late, in any order, and many of them after they were asked for again."""
    chance = random.Random(17)
    timers: list[threading.Timer] = []

    def jittering(request: bytes, sender: tuple[str, int], each: socket.socket) -> None:
        reply = HONEST.answer(request) or b""
        timers.append(threading.Timer(chance.uniform(0, 3), each.sendto, (reply, sender)))
        timers[-1].start()

    with agent(jittering) as patient, agent(jittering) as hasty:
        whole = estate(patient, hasty, timeout=PATIENCE)
        short = whole.targets[1].model_copy(update={"timeout": 3.0})
        slow, late = await poll(whole.model_copy(update={"targets": (whole.targets[0], short)}))
        for timer in timers:
            timer.join()
    assert sizes(slow) == {"/srv": SIZE * UNIT}
    assert sizes(late) in ({}, {"/srv": SIZE * UNIT})
    assert {each.reason for each in late.tables} <= {None, "timeout", "deadline"}


async def test_an_agent_that_loses_one_packet_of_three_is_right_or_says_so(unhandled: list[str]) -> None:
    chance = random.Random(3)

    def lossy(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> bytes | None:
        return None if chance.random() < 1 / 3 else HONEST.answer(request)

    polls: list[Poll] = []
    with agent(lossy) as port:
        whole = estate(port, timeout=3)
        poller = Poller(whole)
        try:
            while len(polls) < 12 and not (polls and all(each.up for each in polls[-1].tables)):
                polls.append(await poller.poll(whole.targets[0]))
        finally:
            poller.close()
    assert sizes(polls[-1]) == {"/srv": SIZE * UNIT}
    assert all(sizes(found) in ({}, {"/srv": SIZE * UNIT}) for found in polls)
    assert {each.reason for found in polls for each in found.tables} <= {None, "timeout", "deadline"}


async def test_endless_rows_end_at_the_cap_or_the_deadline(unhandled: list[str]) -> None:
    # on a busy machine the rows that were read until the deadline take their time as well: there the cap comes first
    found = await beside(walking(endless), timeout=8)
    failed = named(found, "hr-storage")
    assert failed.reason in ("capped", "deadline")
    assert failed.rows <= ROW_CAP + 600


async def test_an_answer_without_objects_ends_the_walk(unhandled: list[str]) -> None:
    found = await beside(walking(lambda asked: asked.reply()), timeout=1)
    assert named(found, "hr-storage").reason == "empty_answer"


@pytest.mark.parametrize(("status", "reason"), [(1, "too_big"), (5, "gen_err"), (99, "unparsed")])
async def test_an_error_for_ever_is_named(status: int, reason: str, unhandled: list[str]) -> None:
    found = await beside(walking(lambda asked: asked.reply(status=status)))
    assert named(found, "hr-storage").reason in (reason, "gen_err", "timeout")


@pytest.mark.parametrize("status", [1, 5], ids=["tooBig", "genErr"])
async def test_an_agent_that_refuses_for_ever_is_asked_for_less_and_then_left_alone(
    status: int, unhandled: list[str]
) -> None:
    asked_for: dict[Oid, list[int]] = {}

    def refusing(asked: Request) -> bytes:
        asked_for.setdefault(asked.names[0], []).append(asked.repetitions)
        return asked.reply(status=status)

    found = await beside(walking(refusing), timeout=PATIENCE)
    assert named(found, "hr-storage").reason == ("too_big" if status == 1 else "gen_err")
    assert asked_for
    for each in asked_for.values():
        assert len(each) <= 2 * (1 + MOST.bit_length())  # of two polls
        if status == 1:
            assert min(each) == each[-1] == 1
            assert all(after <= max(before // 2, 1) or after == each[0] for before, after in pairwise(each))


async def test_an_agent_that_can_send_three_objects_at_once_is_read_whole(unhandled: list[str]) -> None:
    many = Agent(table([f"/srv{n}" for n in range(30)]))

    def small(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> bytes | None:
        asked = Request(request)
        return asked.reply(status=1) if asked.of_a_walk and asked.repetitions > 3 else many.answer(request)

    found = await beside(small, timeout=4)
    assert len(sizes(found)) == 30


GARBAGE = {
    "nothing": b"",
    "one byte": b"\x30",
    "random": random.Random(7).randbytes(1400),
    "a length of 4 GiB": b"\x30\x84\xff\xff\xff\xff\x02\x01\x01",
    "indefinite lengths, nested": b"\x30\x80" * 20_000,
    "sequences, nested": b"\x30\x84\x00\x00\xf0\x00" * 8_000,
    "a long tag": b"\x3f" + b"\xff" * 50_000,
    "another version": wrap(0x30, wrap(0x02, b"\x07") + wrap(0x04, b"public") + wrap(0xA2, b"")),
    "a version 3 message": bytes.fromhex("303e020103301102040000000102030100000401070201030410300e0400020100020100040004000400301404000400a00e0204000000010201000201003000"),
    "a version without a body": wrap(0x30, wrap(0x02, b"\x01")),
    "an unknown PDU": wrap(0x30, wrap(0x02, b"\x01") + wrap(0x04, b"public") + wrap(0xAF, b"\x02\x01\x00")),
    "a request of its own": wrap(0x30, wrap(0x02, b"\x01") + wrap(0x04, b"public") + wrap(0xA0, wrap(0x02, b"\x01") + wrap(0x02, b"\0") * 2 + wrap(0x30, b""))),
}  # fmt: skip


def sending(datagram: bytes) -> Answer:
    return walking(lambda _: [datagram] * 3)


async def test_garbage_is_as_good_as_silence(unhandled: list[str]) -> None:
    for found in await beside(*map(sending, GARBAGE.values())):
        assert named(found, "hr-storage").reason in ("timeout", "deadline")


async def test_garbage_before_the_answer_does_not_spoil_it(unhandled: list[str]) -> None:
    def noisy(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> list[bytes]:
        return [*GARBAGE.values(), HONEST.answer(request) or b""]

    assert sizes(await beside(noisy, timeout=4)) == {"/srv": SIZE * UNIT}


async def test_an_answer_cut_or_bent_anywhere_is_contained(unhandled: list[str]) -> None:
    """Half of the answers are mutants; what is right in the end is right, and nothing escapes."""
    chance = random.Random(20260707)

    def bent(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> list[bytes]:
        right = HONEST.answer(request) or b""
        mutants = []
        for _ in range(40):
            mutant = bytearray(right[: chance.randrange(len(right))] if chance.random() < 0.3 else right)
            for _ in range(chance.randrange(1, 4)):
                if mutant:
                    mutant[chance.randrange(len(mutant))] = chance.randrange(256)
            mutants.append(bytes(mutant))
        return mutants

    found = await beside(bent, timeout=3)
    assert all(table.reason != "internal" for table in found.tables)


WRONG = {
    "an integer of no bytes": wrap(0x02, b""),
    "an object identifier of no bytes": wrap(0x06, b""),
    "a Counter32 of no bytes": wrap(0x41, b""),
    "a Counter64 of nine bytes": wrap(0x46, b"\x01" * 9),
    "a Counter32 of eight bytes": wrap(0x41, b"\x7f" * 8),
    "a negative Counter32": wrap(0x41, b"\xff"),
    "null": wrap(0x05, b""),
    "an unknown type": wrap(0x7F, b"abc"),
    "a float": wrap(0x44, b"\x9f\x78\x04\x42\xf6\x00\x00"),
}


def sizing(value: bytes) -> Answer:
    """An agent whose hrStorageSize is that value."""

    def answer(asked: Request) -> bytes:
        if asked.names[0] == (*STORAGE, 5):
            return asked.reply(bind((*STORAGE, 5, 1), value))
        return asked.reply(*HONEST.following(asked.names[0], 1))

    return walking(answer)


async def test_a_value_of_the_wrong_form_is_never_a_number(unhandled: list[str]) -> None:
    polls = await beside(*map(sizing, WRONG.values()))
    for found in polls:
        assert sizes(found) == {}
        assert all(table.reason != "internal" for table in found.tables)
        assert [name for name, _ in named(found, "hr-storage").series] == ["jauge_storage_used_bytes"]
    for kind, found in zip(WRONG, polls, strict=True):
        assert named(found, "hr-storage").bad == (kind not in ("null", "a float")), (
            kind
        )  # no value, and one of another type


NAMES = {
    "invalid UTF-8": wrap(0x04, b"/srv\xff\xfe\x80"),
    "NUL and escapes": wrap(0x04, b"/srv\0\x1b[31m\r\n\x07"),
    "another series": wrap(0x04, b'"} 1\nfake 1\n# HELP x y'),
    "markup": wrap(0x04, b"<script>alert(1)</script>"),
    "a formula": wrap(0x04, b"=cmd|' /C calc'!A0"),
    "bidirectional marks": wrap(0x04, "/srv\u202egnp\u2066".encode()),
    "sixty thousand bytes": wrap(0x04, b"A" * 60_000),
    "a number": wrap(0x02, b"\x2a"),
}


def naming(value: bytes) -> Answer:
    """An agent whose hrStorageDescr is that value."""

    def answer(asked: Request) -> bytes:
        if asked.names[0] == (*STORAGE, 3):
            return asked.reply(bind((*STORAGE, 3, 1), value), *HONEST.following((*STORAGE, 3, 1), 1))
        return asked.reply(*HONEST.following(asked.names[0], 8))

    return walking(answer)


async def test_hostile_names_are_bounded_and_stay_one_label(unhandled: list[str]) -> None:
    for found in await beside(*map(naming, NAMES.values())):
        (store,) = sizes(found)
        assert len(store.encode()) <= 1024
        assert not set(store) & set("\n\r\0\x1b\u202e")


def test_an_answer_of_another_source_is_not_believed(unhandled: list[str]) -> None:
    """A second socket of the agent's machine answers first, with other numbers."""

    async def run() -> list[Poll]:
        liar = Agent(table() | {(*STORAGE, 5, 1): 999_999})
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(("127.0.0.1", 0))

            def answer(request: bytes, sender: tuple[str, int], _each: socket.socket) -> bytes | None:
                other.sendto(liar.answer(request) or b"", sender)
                time.sleep(0.02)
                return HONEST.answer(request)

            with agent(answer) as port:
                return await poll(estate(port, timeout=4))

    (found,) = asyncio.run(run())
    assert sizes(found) == {"/srv": SIZE * UNIT}
    assert all(table.up for table in found.tables)


async def test_an_agent_cannot_answer_for_another(unhandled: list[str]) -> None:
    """It guesses the numbers of requests that another agent, slow to answer, was asked."""
    liar = Agent(table() | {(*STORAGE, 5, 1): 999_999})

    def guessing(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> list[bytes]:
        asked = Request(request)
        number = int.from_bytes(asked.number)
        row = [bind((*STORAGE, column, 1), responder.encode(999_999)) for column in (4, 5, 6)]
        guesses = [asked.reply(*row, number=(number + n).to_bytes(4)) for n in range(1, 12)]
        return [liar.answer(request) or b"", *guesses]

    def slow(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> bytes | None:
        time.sleep(0.03)
        return HONEST.answer(request)

    with agent(guessing) as first, agent(slow) as second:
        _, found = await poll(estate(first, second, timeout=5))
    assert sizes(found) == {"/srv": SIZE * UNIT}
    assert all(table.up for table in found.tables)


@pytest.mark.parametrize("wrong", [Wrong(number=b"\x12\x34\x56"), Wrong(login=b"private")])
async def test_a_wrong_number_or_community_is_ignored(wrong: Wrong, unhandled: list[str]) -> None:
    def answer(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> list[bytes]:
        asked = Request(request)
        lie = asked.reply(bind((*asked.names[0], 1), responder.encode(7)), **wrong)
        right = HONEST.answer(request) or b""
        return [lie, right, right]

    found = await beside(answer)
    assert sizes(found) == {"/srv": SIZE * UNIT}


async def test_answers_to_earlier_requests_are_ignored(unhandled: list[str]) -> None:
    earlier: list[bytes] = []

    def late(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> list[bytes]:
        earlier.append(HONEST.answer(request) or b"")
        return earlier[-6:]

    assert sizes(await beside(late)) == {"/srv": SIZE * UNIT}


async def test_a_lost_packet_is_asked_for_again(unhandled: list[str]) -> None:
    count = iter(range(1_000_000))

    def lossy(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> bytes | None:
        return None if next(count) % 4 == 0 else HONEST.answer(request)

    assert sizes(await beside(lossy, timeout=6)) == {"/srv": SIZE * UNIT}


async def test_an_agent_that_falls_silent_is_a_timeout_and_comes_back(unhandled: list[str]) -> None:
    silent = threading.Event()

    def answer(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> bytes | None:
        return None if silent.is_set() else HONEST.answer(request)

    with agent(answer) as port:
        whole = estate(port, timeout=1)
        poller = Poller(whole)
        try:
            polls = []
            for now in (False, True, False):
                (silent.set if now else silent.clear)()
                polls.append(await poller.poll(whole.targets[0]))
        finally:
            poller.close()
    assert [found.up for found in polls] == [True, False, True]
    assert polls[1].tables[0].reason == "timeout"


async def test_requests_time_out_though_the_clock_is_set_back(
    unhandled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour back: a lost packet must still be asked for again, and silence still be a timeout."""
    with Responder([HONEST], silent=1) as agents:
        whole = estate(*agents.ports, timeout=2)
        poller = Poller(whole)
        try:
            await asyncio.gather(*(poller.poll(target) for target in whole.targets))
            earlier = time.time
            monkeypatch.setattr(time, "time", lambda: earlier() - 3600)
            monkeypatch.setattr("pysnmp.carrier.asyncio.dispatch.time", time.time)
            live, dead = await asyncio.gather(*(poller.poll(target) for target in whole.targets))
        finally:
            poller.close()
    assert live.up
    assert [table.reason for table in dead.tables] == ["timeout"]


async def test_no_community_shows_however_the_agent_answers(
    unhandled: list[str], caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    def answer(request: bytes, _sender: tuple[str, int], _each: socket.socket) -> list[bytes]:
        asked = Request(request)
        echo = bind((1, 3, 6, 1, 2, 1, 1, 1, 0), wrap(0x04, b"x"))
        return [GARBAGE["random"], asked.reply(echo, status=5), asked.reply(*[echo] * 40)]

    with caplog.at_level(logging.DEBUG), agent(answer) as port:
        whole = estate(port, communities=("secret",), timeout=1)
        steps: list[Any] = []
        poller = Poller(whole)
        try:
            found = await poller.poll(whole.targets[0], steps.append)
        finally:
            poller.close()
    output = capfd.readouterr()
    shown = f"{found!r} {steps!r} {whole!r} {caplog.text} {output.out} {output.err}"
    assert steps
    assert "canary-community" not in shown
