"""What the pages of PACS show, as plain values: an archive, what it holds by modality, where that lies, and what waits."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from dashboard.standing import Store, Watched
from exporters.status import TableStatus

WAITING: Final = ("pending", "retry", "paused")
"""States of a job that has still to be done."""

State = Literal["silent", "refused", "failed", "stuck", "unknown", "well", "answers"]
_ORDER: Final = ("silent", "refused", "failed", "stuck", "unknown", "well", "answers")


class Modality(NamedTuple):
    """What an archive holds of a modality. `before` is what it held `days` ago; None where nobody knows it."""

    code: str
    stored: float | None = None
    studies: float | None = None
    before: float | None = None
    days: int = 0

    @property
    def added(self) -> float | None:
        """Bytes that came since; below nothing where more was deleted."""
        return None if self.stored is None or self.before is None else self.stored - self.before

    @property
    def yearly(self) -> float | None:
        """Growth of a year as a share of what was held at its start; None where too little of it is known."""
        if self.added is None or not self.before or not self.stored or self.days < _ENOUGH:
            return None
        return float((self.stored / self.before) ** (365 / self.days) - 1)

    @property
    def weight(self) -> float | None:
        """Mean bytes of a study."""
        return self.stored / self.studies if self.stored is not None and self.studies else None


_ENOUGH: Final = 60
"""Days from which a growth is told by the year."""


class Queue(NamedTuple):
    """Jobs of a queue of an archive by state, or its transfers to a peer: then `refused` are instances that it did not take."""

    target: str
    name: str
    jobs: Mapping[str, float]
    refused: float | None = None

    @property
    def waiting(self) -> float | None:
        """Jobs that have still to be done; None where nobody tells it."""
        told = [self.jobs[state] for state in WAITING if state in self.jobs]
        return sum(told) if told else None

    @property
    def state(self) -> State:
        if self.jobs.get("failure") or self.refused:
            return "failed"
        if self.waiting and self.jobs.get("running") == 0:
            return "stuck"
        return "well" if self.jobs else "unknown"


class Peer(NamedTuple):
    """A modality or an archive that this one knows, and whether it answered its echo."""

    target: str
    name: str
    answers: bool | None

    @property
    def state(self) -> State:
        return "unknown" if self.answers is None else "answers" if self.answers else "silent"


class Area(NamedTuple):
    """Where an archive keeps what it holds: `tier` is how soon it gives that out, "" where it does not tell."""

    store: Store
    tier: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Pacs:
    """An archive: what it told last by metric, and how its target stands. `took` is seconds of the last echo that came.

    `causes` are words of `collectors.dicom` for why it would not talk to us. `counted` (UTC epoch seconds) is the day that the
    figures by modality are of.
    """

    name: str
    watched: Watched | None = None
    values: Mapping[str, float] = dataclasses.field(default_factory=dict)
    took: float | None = None
    causes: tuple[str, ...] = ()
    modalities: tuple[Modality, ...] = ()
    counted: float | None = None
    areas: tuple[Area, ...] = ()
    queues: tuple[Queue, ...] = ()
    transfers: tuple[Queue, ...] = ()
    peers: tuple[Peer, ...] = ()

    @property
    def table(self) -> TableStatus | None:
        """The C-ECHO of the last poll, where the target is asked over DICOM."""
        status = self.watched.status if self.watched else None
        if status is None or self.watched is None or self.watched.target.dicom is None:
            return None
        return next((one for one in status.tables if "dicom" in one.name or "echo" in one.name), None)

    @property
    def echo(self) -> bool | None:
        """Whether it answered the last C-ECHO with success; None where nobody asked, or nobody knows."""
        answered = self.values.get("jauge_dicom_echo_success")
        if self.table is not None:
            return self.table.up and (answered is None or answered > 0)
        return None if answered is None else answered > 0

    @property
    def seconds(self) -> float | None:
        """Time of the last C-ECHO that succeeded, where it is the newest."""
        if self.echo is not True:
            return None
        return self.table.seconds if self.table is not None else self.took

    @property
    def state(self) -> State:
        if self.echo is None:
            return "unknown"
        if self.echo:
            return "answers"
        return "refused" if self.table is None or self.table.up else "silent"

    @property
    def fullest(self) -> Area | None:
        """The area that is full first; the areas stand in that order."""
        return self.areas[0] if self.areas else None

    @property
    def busy(self) -> tuple[Queue, ...]:
        """Queues and transfers, the worst first."""
        return worst((*self.queues, *self.transfers))

    @property
    def severity(self) -> tuple[int, int]:
        stuck = min((_ORDER.index(one.state) for one in self.busy), default=len(_ORDER))
        return _ORDER.index(self.state), stuck


def worst(queues: Iterable[Queue]) -> tuple[Queue, ...]:
    """Queues that failed first, then those that are stuck, then by what waits."""
    return tuple(
        sorted(queues, key=lambda one: (_ORDER.index(one.state), -(one.waiting or 0.0), one.target, one.name))
    )


def summed(archives: Iterable[Pacs]) -> tuple[Modality, ...]:
    """What several archives hold together by modality, the largest first.

    A figure that one of them does not tell is not told of the whole; what was held before is of the shortest of their spans.
    """
    found: dict[str, list[Modality]] = {}
    for archive in archives:
        for one in archive.modalities:
            found.setdefault(one.code, []).append(one)
    whole = [
        Modality(
            code,
            _sum(one.stored for one in ones),
            _sum(one.studies for one in ones),
            _sum(one.before for one in ones) if len({one.days for one in ones}) == 1 else None,
            min(one.days for one in ones),
        )
        for code, ones in found.items()
    ]
    return ordered(whole)


def ordered(modalities: Iterable[Modality]) -> tuple[Modality, ...]:
    """The largest first."""
    return tuple(sorted(modalities, key=lambda one: (-(one.stored or 0.0), -(one.studies or 0.0), one.code)))


def _sum(values: Iterable[float | None]) -> float | None:
    told = list(values)
    return None if not told or any(value is None for value in told) else float(sum(filter(None, told)))
