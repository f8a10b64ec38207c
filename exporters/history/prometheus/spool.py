"""The queue on disk between the collector and an engine: what lies in it (fsync) is acknowledged.

It is a folder of segments, `NUMBER.queue`, where NUMBER counts the samples before its first one. A segment is a
row of records: a head with the length of its content, the number and count of its samples, when it came and two
CRC32, of the content and of the head, then the content, one request as it goes over the wire.

Nothing says on disk what was sent: a segment leaves once all of it was sent, and some time after. What is found at
the start is sent again, which changes nothing in an engine. Numbers tell what is missing: a record that is damaged
is left out and counted, a record whose writing was cut off was never acknowledged and is no loss.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import os
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from exporters.history import HistoryError
from exporters.history.prometheus.encoding import Request

log = structlog.get_logger(__name__)

SEGMENT_BYTES: Final = 8_000_000
SEGMENT_SECONDS: Final = 60.0
"""A segment that is larger or older takes no more records."""

DAMAGED: Final = "damaged in the queue"
FULL: Final = "queue full"

_MARKER: Final = b"JqR1"
_HEAD: Final = struct.Struct(
    "<4sIQIdII"
)  # marker, length, number, samples, at, CRC32 of the content, of the head
_CHECK: Final = struct.Struct("<I")
_LONGEST: Final = 64 * 1024 * 1024


class Record(NamedTuple):
    """A request in the queue: where it lies, the samples before it and in it, and when it came (epoch seconds)."""

    offset: int
    length: int
    number: int
    samples: int
    at: float
    oldest: int | None = None
    """Instant of the oldest sample (milliseconds); not on disk, so None of what was found at the start."""

    @property
    def end(self) -> int:
        """The samples up to its end."""
        return self.number + self.samples


@dataclasses.dataclass(slots=True)
class _Segment:
    path: Path
    size: int = 0
    records: list[Record] = dataclasses.field(default_factory=list)
    sent: float | None = None
    """When the last of its records was sent (monotonic), None while one was not."""
    claims: int = 0
    """Samples up to the end of a last record whose head is sound and whose content is not."""


class Spool:
    """The queue of one collector, which holds its lock; safe from any thread.

    `dropped` counts samples that were given up, by reason. Raises HistoryError where the folder cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        limit: int,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self.dropped: collections.Counter[str] = collections.Counter()
        self._limit, self._clock, self._monotonic = limit, clock, monotonic
        self._mutex = threading.RLock()
        self._file: int | None = None  # the segment that is written, the last of them
        self._begun = 0.0
        self.end = 0
        """Samples that ever came in."""
        with _explained(folder, "open"):
            folder.mkdir(mode=0o700, exist_ok=True)
            self._segments = [self._scan(path) for path in sorted(folder.glob("*.queue"))]
        self._settle()
        self.sent = self._segments[0].records[0].number if self._segments else self.end
        """Samples before the next one to send."""

    @property
    def pending(self) -> int:
        """Samples that were not sent yet, or are to be sent again."""
        with self._mutex:
            return sum(one.end - max(one.number, self.sent) for one in self._records() if one.end > self.sent)

    @property
    def size(self) -> int:
        """What the queue takes on disk."""
        return sum(segment.size for segment in list(self._segments))

    @property
    def oldest(self) -> float | None:
        """When the oldest sample came that was not sent (epoch seconds), None where all were."""
        found = self.next()
        return found.at if found else None

    def append(self, requests: Sequence[Request]) -> None:
        """Keep requests: they are on disk when this returns. Raises HistoryError, and keeps none of them then."""
        with self._mutex, _explained(self.folder, "write"):
            segment, file = self._open()
            number, made, records = self.end, bytearray(), []
            for body, samples, oldest in requests:
                record = Record(segment.size + len(made), len(body), number, samples, self._clock(), oldest)
                made += _head(record, body) + body
                records.append(record)
                number += samples
            try:
                _write(file, made)
                os.fsync(file)
            except BaseException:
                self._give_up(segment, file, number)
                raise
            segment.records += records
            segment.size += len(made)
            segment.sent = None
            self.end = number
            self._bound()

    def next(self) -> Record | None:
        """The oldest record that was not sent, or None."""
        with self._mutex:
            for segment in self._segments:
                if segment.records and segment.records[-1].end > self.sent:
                    return next(one for one in segment.records if one.end > self.sent)
            return None

    def content(self, record: Record) -> bytes | None:
        """The request of a record; None, and counted, where it is damaged or was dropped meanwhile."""
        with self._mutex:
            segment = next((one for one in self._segments if record in one.records), None)
            if segment is None:
                return None
            try:
                with segment.path.open("rb") as file:
                    file.seek(record.offset)
                    found = file.read(_HEAD.size + record.length)
            except OSError as error:
                raise HistoryError(
                    f"cannot read {segment.path}: {error.strerror}; look at the disk"
                ) from None
            body = found[_HEAD.size :]
            if found[: _HEAD.size] != _head(record, body):
                self._lose(DAMAGED, record.samples, segment.path)
                self.done(record)
                return None
            return body

    def done(self, record: Record) -> None:
        """A record was sent, or given up."""
        with self._mutex:
            self.sent = max(self.sent, record.end)
            for segment in self._segments:
                if segment.sent is None and segment.records and segment.records[-1].end <= self.sent:
                    segment.sent = self._monotonic()

    def rewind(self) -> int:
        """Send everything again that still lies here; how many samples that are."""
        with self._mutex:
            before = self.sent
            first = next(self._records(), None)
            if first is not None:
                self.sent = min(self.sent, first.number)
                for segment in self._segments:
                    segment.sent = None
            return before - self.sent

    def forget(self, seconds: float) -> None:
        """Remove what was sent more than `seconds` ago."""
        with self._mutex:
            end = self._monotonic() - seconds
            while self._segments and (sent := self._segments[0].sent) is not None and sent <= end:
                if len(self._segments) == 1:
                    self._shut()
                self._remove(self._segments.pop(0))

    def close(self) -> None:
        """Let go of the file that is written."""
        with self._mutex:
            self._shut()

    # --- segments -----------------------------------------------------------------------------------

    def _records(self) -> Iterator[Record]:
        return (record for segment in self._segments for record in segment.records)

    def _open(self) -> tuple[_Segment, int]:
        """The segment that is written: a new one where the last is large or old enough."""
        if self._file is not None:
            segment = self._segments[-1]
            if segment.size < SEGMENT_BYTES and self._monotonic() - self._begun < SEGMENT_SECONDS:
                return segment, self._file
            self._shut()
        path = self.folder / f"{self.end:020d}.queue"
        # Where one of that name is left, nothing in it was acknowledged, or all of it is lost already.
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            _sync(self.folder)
        except BaseException:
            os.close(file)
            raise
        self._file, self._begun = file, self._monotonic()
        self._segments.append(_Segment(path))
        return self._segments[-1], file

    def _give_up(self, segment: _Segment, file: int, number: int) -> None:
        """Take back a write that failed. After a failed fsync nobody knows what is on disk: the file is left alone."""
        try:
            os.ftruncate(file, segment.size)
        except OSError:
            self.end = number  # what may lie there keeps its numbers
        self._shut()
        if not segment.records:
            self._segments.remove(segment)
            self._remove(segment)

    def _shut(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _bound(self) -> None:
        """Drop the oldest segments where the queue takes more than it may."""
        while len(self._segments) > 1 and self.size > self._limit:
            segment = self._segments.pop(0)
            lost = sum(one.end - max(one.number, self.sent) for one in segment.records if one.end > self.sent)
            if lost:
                self._lose(FULL, lost, segment.path)
            self.sent = max(self.sent, segment.records[-1].end)
            self._remove(segment)

    def _remove(self, segment: _Segment) -> None:
        try:
            segment.path.unlink(missing_ok=True)
        except OSError as error:
            log.error("queue file not removed", file=str(segment.path), why=error.strerror)

    def _lose(self, reason: str, count: int, path: Path) -> None:
        self.dropped[reason] += count
        log.error("history values dropped", reason=reason, values=count, file=str(path))

    # --- what is found at the start -----------------------------------------------------------------

    def _scan(self, path: Path) -> _Segment:
        content = path.read_bytes()
        records = list(_records(content))
        return _Segment(path, len(content), records, claims=_claims(content, records))

    def _settle(self) -> None:
        """Count what is missing between the records that were found, and leave out segments without one."""
        found, self._segments = self._segments, []
        reached: int | None = None
        for segment in found:
            begins = int(segment.path.stem) if segment.path.stem.isdigit() else reached or 0
            for number, end in [(begins, begins), *((one.number, one.end) for one in segment.records)]:
                if reached is not None and number > reached:
                    self._lose(DAMAGED, number - reached, segment.path)
                reached = max(reached or 0, end)
            if segment.records:
                self._segments.append(segment)
            else:
                self._remove(segment)
        self.end = reached or 0
        if found and found[-1].claims > self.end:
            self._lose(DAMAGED, found[-1].claims - self.end, found[-1].path)
            self.end = found[-1].claims


def _records(content: bytes) -> Iterator[Record]:
    """The sound records of a segment: after damage the next one is looked for by its marker."""
    place = content.find(_MARKER)
    while place >= 0:
        record = _record(content, place)
        if record is not None:
            yield record
            place = content.find(_MARKER, place + _HEAD.size + record.length)
        else:
            place = content.find(_MARKER, place + 1)


def _record(content: bytes, place: int) -> Record | None:
    if place + _HEAD.size > len(content):
        return None
    _, length, number, samples, at, *_ = _HEAD.unpack_from(content, place)
    record = Record(place, length, number, samples, at)
    body = content[place + _HEAD.size : place + _HEAD.size + length]
    if length > _LONGEST or len(body) != length:
        return None
    return record if content[place : place + _HEAD.size] == _head(record, body) else None


def _claims(content: bytes, records: Sequence[Record]) -> int:
    """The samples up to the end of what follows the last sound record and bears a sound head, all of it written."""
    place = records[-1].offset + _HEAD.size + records[-1].length if records else 0
    reached = 0
    while (place := content.find(_MARKER, place)) >= 0:
        head = content[place : place + _HEAD.size]
        if len(head) == _HEAD.size and head[-4:] == _CHECK.pack(zlib.crc32(head[:-4])):
            _, length, number, samples, *_ = _HEAD.unpack(head)
            if place + _HEAD.size + length <= len(content):
                reached = max(reached, int(number + samples))
        place += 1
    return reached


def _head(record: Record, body: bytes) -> bytes:
    head = _HEAD.pack(_MARKER, record.length, record.number, record.samples, record.at, zlib.crc32(body), 0)[
        :-4
    ]
    return head + _CHECK.pack(zlib.crc32(head))


def _write(file: int, content: bytes | bytearray) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]


def _sync(folder: Path) -> None:
    """Make the name of a new file survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _explained(folder: Path, doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HistoryError(
            f"cannot {doing} the queue {folder}: {error.strerror or error}; free space on this disk, or look at its rights"
        ) from error
