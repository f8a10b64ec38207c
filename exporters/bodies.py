"""The bodies of scrapes: made when a poll ends, kept until the next one, so that a scrape is a write.

Lines are kept once (see `exporters.lines`), marks and all: the text of a target is one copy of them, that of the
estate is copied piece by piece while it is sent. A poll is compressed where somebody asked for the one before in gzip.
"""

from __future__ import annotations

import asyncio
import dataclasses
import time
import weakref
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import structlog

from collectors.board import Board, Standing
from collectors.poll import Poll
from exporters.exposition import AGES, Chunks, last_part, render, steady_part, steady_pieces
from exporters.packing import Packed, finish, pack
from inventory.estate import Target
from inventory.metrics import Sample

log = structlog.get_logger(__name__)

PIECE: Final = 1 << 18
"""Bytes of a large body that are made at once: what a slow reader holds of this process's memory."""

_TURN: Final = 64  # targets that are looked at before others get their turn


@dataclasses.dataclass(slots=True)
class Kept:
    """The chunks of a target while its poll, errors and outlooks stay the same, and what was compressed of them."""

    target: Target
    poll: Poll | None
    errors: int
    outlooks: list[Sample]
    chunks: Chunks
    packed: dict[bool, Packed] = dataclasses.field(default_factory=dict)
    asked: set[bool] = dataclasses.field(default_factory=set)

    def text(self, now: float, openmetrics: bool) -> bytes:
        """The whole body at `now`, UTC epoch seconds."""
        return steady_part(self.chunks, openmetrics) + self._last(now, openmetrics)

    def zipped(self, now: float, openmetrics: bool) -> bytes:
        """The same in gzip; the part that stays is compressed once."""
        self.asked.add(openmetrics)
        return finish(self.pack(openmetrics), self._last(now, openmetrics))

    def pack(self, openmetrics: bool) -> Packed:
        """The part that stays, compressed."""
        if openmetrics not in self.packed:
            self.packed[openmetrics] = pack([steady_part(self.chunks, openmetrics)])
        return self.packed[openmetrics]

    def _last(self, now: float, openmetrics: bool) -> bytes:
        return last_part([self.chunks], now, openmetrics, among=False)


class _Whole(NamedTuple):
    """What was compressed of all targets, and of which chunks, which nobody keeps for that."""

    estate: Sequence[weakref.ref[Chunks]]
    packed: Packed


class Bodies:
    """The bodies of all targets of a board. `extra` gives the outlooks of a target, `clock` UTC epoch seconds."""

    def __init__(
        self, board: Board, extra: Callable[[str], Sequence[Sample]], clock: Callable[[], float] = time.time
    ) -> None:
        self._board = board
        self._extra = extra
        self._clock = clock
        self._kept: weakref.WeakKeyDictionary[Standing, Kept] = weakref.WeakKeyDictionary()
        self._whole: dict[bool, _Whole] = {}
        # One thread of its own: who asks at the same time waits for one compression.
        self._press = ThreadPoolExecutor(1, thread_name_prefix="gzip")

    def renew(self, poll: Poll, _late: float = 0.0) -> None:
        """Make the bodies of a target again, after a poll that the board has recorded."""
        if poll.target not in self._board:
            return  # it has left the estate
        before = self._kept.get(self._board[poll.target])
        kept = self.fresh(poll.target, self._clock())
        for openmetrics in before.asked if before is not None else ():
            kept.pack(openmetrics)

    def fresh(self, name: str, now: float) -> Kept:
        """What is kept of a target, made again where a poll, an error or an outlook came, or a value became too old."""
        standing = self._board[name]
        kept = self._kept.get(standing)
        errors = standing.errors.total()
        extra = self._outlooks(name)
        outlooks = [sample for sample in extra if sample.metric not in AGES]
        if (
            kept is not None
            and kept.target is standing.target
            and kept.poll is standing.poll
            and kept.errors == errors
            and kept.outlooks == outlooks
            and now <= kept.chunks.until
        ):
            return kept
        chunks = render(standing, extra, now, kept.chunks if kept is not None else None)
        kept = self._kept[standing] = Kept(standing.target, standing.poll, errors, outlooks, chunks)
        return kept

    async def text(self, now: float, openmetrics: bool) -> AsyncIterator[bytes]:
        """The body of all targets, piece by piece."""
        estate = await self._estate(now)
        for piece in gather(steady_pieces(estate, openmetrics)):
            yield piece
            await asyncio.sleep(0)  # polls go on meanwhile
        yield last_part(estate, now, openmetrics, among=True)

    async def zipped(self, now: float, openmetrics: bool) -> AsyncIterator[bytes]:
        """The same in gzip, compressed in a thread, and only where a chunk has changed."""
        estate = await self._estate(now)
        loop = asyncio.get_running_loop()
        packed = await loop.run_in_executor(self._press, self._pack, estate, openmetrics)
        whole = memoryview(finish(packed, last_part(estate, now, openmetrics, among=True)))
        for start in range(0, len(whole), PIECE):
            yield bytes(whole[start : start + PIECE])

    def _pack(self, estate: Sequence[Chunks], openmetrics: bool) -> Packed:
        whole = self._whole.get(openmetrics)
        if whole is None or not _same(whole.estate, estate):
            packed = pack(gather(steady_pieces(estate, openmetrics)))
            whole = self._whole[openmetrics] = _Whole([weakref.ref(chunks) for chunks in estate], packed)
        return whole.packed

    async def _estate(self, now: float) -> list[Chunks]:
        """The chunks of every target as they are now."""
        found = []
        for place, standing in enumerate(list(self._board)):
            if place % _TURN == 0:
                await asyncio.sleep(0)
            if standing.target.name in self._board:
                found.append(self.fresh(standing.target.name, now).chunks)
        return found

    def _outlooks(self, name: str) -> Sequence[Sample]:
        try:
            return self._extra(name)
        except Exception:  # outlooks that cannot be read never take the measured values with them
            log.exception("no outlooks", target=name)
            return ()


def gather(parts: Iterable[bytes], size: int = PIECE) -> Iterator[bytes]:
    """The same bytes in pieces of at least `size`, but for the last."""
    waiting: list[bytes] = []
    length = 0
    for part in parts:
        waiting.append(part)
        length += len(part)
        if length >= size:
            yield b"".join(waiting)
            waiting, length = [], 0
    if waiting:
        yield b"".join(waiting)


def _same(before: Sequence[weakref.ref[Chunks]], estate: Sequence[Chunks]) -> bool:
    return len(before) == len(estate) and all(
        ref() is chunks for ref, chunks in zip(before, estate, strict=True)
    )
