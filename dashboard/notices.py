"""What needs somebody, each thing under a name that stays: of the same data as the pages, so that a message says what they say."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

from dashboard import issues
from dashboard.data import PLAN, STATE, STATUS, Data
from dashboard.issues import Issue
from dashboard.standing import Alone, Backup
from forecasting.runway import Wall
from inventory.harmless import line
from inventory.notices import Kind, Notices
from inventory.state.notices import MOVED, Sighting

PLANNED: Final = 2.5 * 86_400.0
"""Seconds after which the planner, which runs every night, has missed one."""


class Own(NamedTuple):
    """A trouble of Jauge itself, and what it is about."""

    what: Literal["collector", "planner", "file", "log", "delivery"]
    name: str = ""
    seconds: float | None = None


About = Wall | Issue | Alone | Own


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """One thing that needs somebody. `subject` is the same at each look, `due` the day that it is about; `opens` says that it is near, or
    lasts, enough to be told."""

    kind: Kind
    subject: str
    about: About
    due: dt.date | None = None
    opens: bool = True

    @property
    def sighting(self) -> Sighting:
        """What the state is told of it."""
        return Sighting(self.kind, self.subject, self.due, self.opens)


class Looked(NamedTuple):
    """What was found, and of which kinds it can be told now at all."""

    found: tuple[Found, ...]
    known: frozenset[Kind]


def look(data: Data, rules: Notices, refused: tuple[str, ...] = (), *, deep: bool = True) -> Looked:
    """All that needs somebody, in the order of its kinds. `refused` are those whose last message was refused; what is not `deep` leaves
    out what takes long to check."""
    found = (*_walls(data, rules), *_backups(data), *_silent(data, rules))
    own = tuple(_own(data, refused, deep=deep))
    return Looked((*found, *own), _known(data))


def _known(data: Data) -> frozenset[Kind]:
    """Kinds of which it can be told now: what cannot be read, or is old, is not over for that."""
    faults = {fault.file for fault in data.faults()}
    kinds: set[Kind] = {"own"}
    heard = data.status().at is not None and data.silent() is None and STATUS not in faults
    measured = not any(file not in (PLAN, STATE, STATUS) for file in faults)
    if data.outlooks() and measured and PLAN not in faults:
        kinds |= {"order", "full"}
    if heard and measured:
        kinds |= {"deadline", "backup"} if STATE not in faults else {"deadline"}
    if heard:
        kinds.add("silent")
        if data.protection().sure and measured:
            kinds.add("unprotected")
    return frozenset(kinds)


def _name(*parts: str) -> str:
    return line(json.dumps(parts), 500)


def _walls(data: Data, rules: Notices) -> Iterator[Found]:
    until = data.today + dt.timedelta(seconds=rules.ahead)
    for wall in data.runway().walls:
        if wall.severity == "possible" or wall.facts.get(
            "decided"
        ):  # its pool is told, once for all that is in it
            continue
        subject = _name(wall.cause, wall.target, wall.quantity, wall.what)
        if wall.cause == "full" and wall.severity == "over":
            yield Found("full", subject, wall)
            continue
        kind: Kind = "order" if wall.cause == "full" else "deadline"
        due = _due(wall)
        # One that was told stays for as long as its day lies a little further away: it does not come and go with the forecast.
        if due is not None and due <= until + dt.timedelta(days=MOVED):
            yield Found(kind, subject, wall, due, due <= until)


def _due(wall: Wall) -> dt.date | None:
    """The day by which somebody has to act: to order, to enlarge what is cut out of a pool, or to have something else."""
    if wall.cause != "full":
        return wall.order_by or wall.central
    return wall.early if wall.facts.get("pool") else wall.order_by


def _backups(data: Data) -> Iterator[Found]:
    for issue in issues.of_backups(data.backups()):
        if isinstance(one := issue.about, Backup):
            yield Found("backup", _name(one.target, one.job, one.machine), issue)
    known = data.protection()
    for alone in known.alone if known.sure else ():
        yield Found("unprotected", _name(alone.target, alone.machine), alone)


def _silent(data: Data, rules: Notices) -> Iterator[Found]:
    if data.silent() is not None or data.status().at is None:
        return
    for one in data.targets():
        if one.state == "down":
            long = one.since is None or one.since >= rules.silent
            yield Found("silent", _name(one.name), Issue("down", one), opens=long)


def _own(data: Data, refused: tuple[str, ...], *, deep: bool) -> Iterator[Found]:
    quiet = data.silent()
    if quiet is not None:
        yield _of(Own("collector", seconds=quiet))
    issued = max((one.issued_at for one in data.outlooks()), default=None)
    if issued is not None and data.clock() - issued > PLANNED:
        yield _of(Own("planner", seconds=data.clock() - issued))
    for fault in data.faults():
        yield _of(Own("file", fault.file))
    if deep and STATE not in {fault.file for fault in data.faults()} and data.broken() is not None:
        yield _of(Own("log"))
    for name in refused:
        yield _of(Own("delivery", name))


def _of(own: Own) -> Found:
    return Found("own", _name(own.what, own.name), own)
