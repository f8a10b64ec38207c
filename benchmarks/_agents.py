"""Canned SNMPv2c agents for `benchmarks.polling`: thousands in one process, a few microseconds an answer.

All agents have the same objects, so an answer is made once, by `tests.responder.Agent`, and kept under the bytes of
its request without the request-id. Names and 64-bit counters hold marks of a fixed length, which each agent
fills with its own name and with figures that change at every `turn`: no two agents say the same, and none says the
same twice, so nothing that is measured can be kept by mistake. The other figures are those of one of a few variants, in
turn, in each of which some figures have another length than in the others: so not every answer is laid out as the one
before.
"""

from __future__ import annotations

import itertools
import multiprocessing
import re
import select
import socket
import time
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Final, NamedTuple, Self

from benchmarks._devices import COUNTER, FAMILIES, named, rules
from collectors.device import TableFile
from tests.responder import END_OF_MIB_VIEW, Agent, Oid, Value, encode, parts, wrap

FRAME: Final = 1_400
"""Bytes of objects in an answer: it fits into one Ethernet frame, as the answers of most devices do."""

LARGE: Final = {
    "hr-storage": 20, "interfaces": 48, "interfaces-high-capacity": 48,
    "load": 3, "processes": 37, "disks": 7, "disk-io": 17,
}  # fmt: skip
"""Rows of each table: 2,180 series."""

SMALL: Final = {
    "hr-storage": 2, "interfaces": 4, "interfaces-high-capacity": 4,
    "load": 3, "processes": 3, "disks": 1, "disk-io": 1,
}  # fmt: skip
"""Rows of each table: some 200 series."""

VARIANTS: Final = 3
SHORTER: Final = 100
"""One in so many figures that go up and down is shorter than in the variant before, and another one longer again."""

NAME: Final = b"@agent@"
FIGURES: Final = b"\xa5\x5a\xc3\x3c"
HOST: Final = "127.0.0.1"

INTEGER, COUNTER32, GAUGE32, TICKS, COUNTER64 = 0x02, 0x41, 0x42, 0x43, 0x46

_WIDE: Final = re.compile(r"^ifHC|X$")
_GAUGE: Final = re.compile(r"Speed$|(Low|High)$")
_TICKS: Final = re.compile(r"LastChange$|DiscontinuityTime$")


class Counts(NamedTuple):
    """What the agents did since they were asked last: answers, varbinds in them, CPU seconds for it."""

    answers: int
    varbinds: int
    cpu: float


class Agents:
    """Agents in a process of their own. `ports` are those that answer, `silent` those that never do."""

    def __init__(self, count: int, rows: Mapping[str, int], silent: int = 0) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, count, dict(rows), silent), daemon=True)
        self._process.start()
        theirs.close()
        self.ports: list[int]
        self.silent: list[int]
        self.ports, self.silent = self._pipe.recv()

    def turn(self) -> None:
        """Let every agent say other figures from now on."""
        self._pipe.send("turn")
        self._pipe.recv()

    def counts(self) -> Counts:
        """What was answered since the last call."""
        self._pipe.send("counts")
        found: Counts = self._pipe.recv()
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.close()
        self._process.join(5)
        if self._process.is_alive():
            self._process.kill()


# --- in the agents' process ---------------------------------------------------------------------------------


class _Canned(NamedTuple):
    """An answer around its request-id, with marks in it or without."""

    head: bytes
    tail: bytes
    varbinds: int
    marked: bool


def _serve(pipe: Connection, count: int, rows: dict[str, int], silent: int) -> None:
    sockets = [_bound() for _ in range(count + silent)]
    served = {each.fileno(): (each, number) for number, each in enumerate(sockets[:count])}
    ports = [int(each.getsockname()[1]) for each in sockets]
    poller = select.epoll()
    for descriptor in (pipe.fileno(), *served):
        poller.register(descriptor, select.EPOLLIN)
    variants = [Agent(objects(rows, variant), FRAME) for variant in range(VARIANTS)]
    answers = _Answers(variants, count)
    pipe.send((ports[:count], ports[count:]))
    while True:
        for descriptor, _ in poller.poll():
            if descriptor != pipe.fileno():
                each, number = served[descriptor]
                request, sender = each.recvfrom(65_535)
                if (reply := answers.reply(request, number)) is not None:
                    each.sendto(reply, sender)
            elif not _obey(pipe, answers):
                return


def _bound() -> socket.socket:
    each = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    each.bind((HOST, 0))
    return each


def _obey(pipe: Connection, answers: _Answers) -> bool:
    """Do what the benchmark says; False where it has gone."""
    try:
        said = pipe.recv()
    except EOFError:
        return False
    pipe.send(answers.turn() if said == "turn" else answers.counts())
    return True


class _Answers:
    """What `count` agents answer, and how much of it."""

    def __init__(self, variants: Sequence[Agent], count: int) -> None:
        self._variants = variants
        self._kept: list[dict[bytes, _Canned]] = [{} for _ in variants]
        self._turn = 0
        self._names = [name(number).encode() for number in range(count)]
        self._turns = itertools.count(1)
        self._figures: list[bytes] = []
        self._answers = self._varbinds = 0
        self._since = time.process_time()
        self.turn()

    def turn(self) -> None:
        self._turn = turn = next(self._turns)
        self._figures = [
            ((number * 2_654_435_761 + turn * 40_503) & 0xFFFF_FFFF).to_bytes(4)
            for number in range(len(self._names))
        ]

    def counts(self) -> Counts:
        now = time.process_time()
        found = Counts(self._answers, self._varbinds, now - self._since)
        self._answers, self._varbinds, self._since = 0, 0, now
        return found

    def reply(self, request: bytes, number: int) -> bytes | None:
        """The answer of one agent. A request that is none of SNMPv2c stays without one."""
        start = _identifier(request)
        stop = start + request[start - 1]
        key = request[:start] + request[stop:]
        variant = (self._turn + number) % len(self._variants)
        canned = self._kept[variant].get(key)
        if canned is None:
            answer = self._variants[variant].answer(request)
            if answer is None:
                return None
            canned = self._kept[variant][key] = _can(answer)
        self._answers += 1
        self._varbinds += canned.varbinds
        head, tail, _, marked = canned
        if marked:
            tail = tail.replace(NAME, self._names[number]).replace(FIGURES, self._figures[number])
        return head + request[start:stop] + tail


def _identifier(message: bytes) -> int:
    """Where the contents of the request-id begin, in a message with a community below 128 bytes (RFC 1901)."""

    def inside(place: int) -> int:
        length = message[place + 1]
        return place + 2 + (length & 0x7F if length & 0x80 else 0)

    community = inside(0) + 3
    pdu = community + 2 + message[community + 1]
    return inside(pdu) + 2


def _can(answer: bytes) -> _Canned:
    start = _identifier(answer)
    stop = start + answer[start - 1]
    pdu = list(parts(next(parts(answer)).body))[2]
    binds = list(parts(list(parts(pdu.body))[3].body))
    present = sum(not bind.body.endswith(END_OF_MIB_VIEW) for bind in binds)
    tail = answer[stop:]
    return _Canned(answer[:start], tail, present, NAME in tail or FIGURES in tail)


def name(number: int) -> str:
    """What agent `number` calls itself: as long as the mark that it replaces."""
    return f"n{number:0{len(NAME) - 1}}"


# --- what the agents know -----------------------------------------------------------------------------------


def objects(rows: Mapping[str, int], variant: int = 0) -> dict[Oid, Value]:
    """The objects of an agent, in one of its variants: SNMPv2-MIB's `system`, and what the family `server` reads."""
    found: dict[Oid, Value] = {
        (1, 3, 6, 1, 2, 1, 1, 1, 0): "A server of a benchmark",
        (1, 3, 6, 1, 2, 1, 1, 2, 0): (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10),
        (1, 3, 6, 1, 2, 1, 1, 3, 0): typed(TICKS, 123_456),
        (1, 3, 6, 1, 2, 1, 1, 5, 0): NAME.decode(),
    }
    seeds = itertools.count(1)
    for table in FAMILIES["server"].tables:
        count = rows.get(table.name, 0)
        for label, column in named(table).items():
            cells = enumerate(_cells(table, column, count), 1)
            found |= {oid: _text(label, row) for row, oid in cells}
        for metric, rule in rules(table).items():
            roots = (
                _cells(table, rule.column, count) if rule.column is not None else [_dotted(str(rule.scalar))]
            )
            found |= {oid: _figure(metric, next(seeds), variant) for oid in roots}
    return found


def _text(label: str, row: int) -> Value:
    """What a column of names says in a row: some hold the name of the agent."""
    if label == "hrStorageType":
        return (1, 3, 6, 1, 2, 1, 25, 2, 1, 4)  # hrStorageFixedDisk
    owner = f" of {NAME.decode()}" if label.endswith(("Alias", "Descr", "Path")) else ""
    return f"{label}{row}{owner}"


def _cells(table: TableFile, column: int | str, rows: int) -> list[Oid]:
    root = _dotted(column if isinstance(column, str) else f"{table.oid}.{column}")
    return [(*root, row) for row in range(1, rows + 1)]


def _dotted(oid: str) -> Oid:
    return tuple(map(int, oid.split(".")))


def _figure(metric: str, seed: int, variant: int) -> bytes:
    """A value as it goes over the wire, of the type that its MIB gives it, unlike every other one of the agent.

    Counter64 holds the mark and stays below 2^53, where snmp_exporter begins to wrap.
    """
    if _WIDE.search(metric):
        return wrap(COUNTER64, b"\x01" + FIGURES + seed.to_bytes(2))
    if COUNTER.search(metric):
        return typed(COUNTER32, 0x0100_0000 + seed * 65_537 + variant)
    tag = TICKS if _TICKS.search(metric) else GAUGE32 if _GAUGE.search(metric) else INTEGER
    figure = seed * 4_099 + variant
    return typed(tag, figure >> 8 if seed % SHORTER == variant else figure)


def typed(tag: int, number: int) -> bytes:
    """A number under the tag of its type (RFC 2578, 7.1)."""
    return bytes((tag,)) + encode(number)[1:]
