"""`events.db`: what happened, as opposed to what was measured.

The collector appends, everybody else reads meanwhile. No row is ever changed. The oldest leave, so that the
file keeps below ten megabytes or so, and no target that babbles can push out what another one said.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import json
import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args

import structlog

from inventory.files import is_absent
from inventory.harmless import line

log = structlog.get_logger(__name__)

Kind = Literal[
    "trap",
    "target_down",
    "target_up",
    "host_key_changed",
    "device_restarted",
    "version_changed",
    "estate_reloaded",
    "estate_refused",
]
"""What can happen. A closed list: pages have words for each."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

EACH: Final = 100
"""Events of one kind that are kept of one target."""

ALL: Final = 20_000
"""Events that are kept at all."""

TEXT_BYTES: Final = 400

VERSION: Final = 1

SCHEMA: Final = """
CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL, target TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL
);
CREATE INDEX event_of_target ON event (target, kind, id);
CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
    BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
"""

_BUSY: Final = 5.0
_LOG_BYTES: Final = 1_000_000


class EventError(Exception):
    """The file cannot be opened, read or written: the message says which, why, and what to do."""


class Event(NamedTuple):
    """Something that happened `at` (UTC epoch seconds) to a target, or to the collector (`target` is empty).

    `text` is for the reader; once kept it is harmless, on one line and at most TEXT_BYTES long.
    """

    at: float
    target: str
    kind: Kind
    text: str = ""


class Events:
    """The file. One process appends (the collector); any process reads meanwhile. The first event makes it."""

    def __init__(self, path: Path) -> None:
        self._file = path

    def append(self, events: Iterable[Event]) -> None:
        """Keep events, all or none, and let the oldest go. Raises EventError; nothing is kept then."""
        rows = [event._replace(text=line(event.text, TEXT_BYTES)) for event in events]
        self._create()
        with self._open() as db:
            self._prepare(db)
            db.execute("BEGIN IMMEDIATE")
            db.executemany("INSERT INTO event (at, target, kind, text) VALUES (?, ?, ?, ?)", rows)
            db.executemany(
                "DELETE FROM event WHERE target = ?1 AND kind = ?2 AND id <= (SELECT id FROM event "
                "WHERE target = ?1 AND kind = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)",
                {(event.target, event.kind, EACH) for event in rows},
            )
            db.execute(
                "DELETE FROM event WHERE id <= (SELECT id FROM event ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (ALL,),
            )
            db.execute("COMMIT")

    def latest(
        self, limit: int = 50, target: str | None = None, kinds: Iterable[Kind] = KINDS, since: float = 0.0
    ) -> list[Event]:
        """The newest events, newest first: of one target where named, of these kinds, not before `since`."""
        if is_absent(self._file):
            return []
        with self._open() as db:
            if self._version(db) == 0:  # made, and nothing written yet
                return []
            rows = db.execute(
                "SELECT at, target, kind, text FROM event WHERE (?1 IS NULL OR target = ?1) "
                "AND kind IN (SELECT value FROM json_each(?2)) AND at >= ?3 ORDER BY id DESC LIMIT ?4",
                (target, json.dumps(list(kinds)), since, limit),
            )
            return [Event(*row) for row in rows]

    def down(self) -> frozenset[str]:
        """The targets that were down when something was last said of it."""
        if is_absent(self._file):
            return frozenset()
        with self._open() as db:
            if self._version(db) == 0:
                return frozenset()
            sql = (
                "SELECT target, kind, max(id) FROM event "
                "WHERE kind IN ('target_down', 'target_up') GROUP BY target"
            )
            return frozenset(target for target, kind, _ in db.execute(sql) if kind == "target_down")

    def _create(self) -> None:
        # Made by us first: SQLite would give it the mode of the umask.
        try:
            os.close(os.open(self._file, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise EventError(
                f"{self._file}: cannot be written ({error.strerror}): check the folder given by --data"
            ) from error

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection that rolls back what was not committed."""
        try:
            with contextlib.closing(sqlite3.connect(self._file, timeout=_BUSY, isolation_level=None)) as db:
                yield db
        except sqlite3.Error as error:
            raise EventError(
                f"{self._file}: {error}; is it an events.db, and is the disk not full?"
            ) from error

    def _version(self, db: sqlite3.Connection) -> int:
        """The version of the file, 0 while it has no tables. Raises EventError for one that we do not know."""
        (version,) = db.execute("PRAGMA user_version").fetchone()
        if version not in (0, VERSION):
            raise EventError(
                f"{self._file}: is of version {version}, this program knows {VERSION}: use the program that wrote it"
            )
        return int(version)

    def _prepare(self, db: sqlite3.Connection) -> None:
        version = self._version(db)
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
        if version == 0:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(f"BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {VERSION}; COMMIT;")


SECONDS: Final = 1.0
"""Time between two commits: a storm of events costs no more of the disk than one event."""

WAITING: Final = 5_000
"""Events that wait at most, while the disk is full: then the oldest are dropped."""


class Journal:
    """Events on their way to the file: told in the event loop, written in a thread."""

    def __init__(self, events: Events, counted: Callable[[Kind], None] = lambda _: None) -> None:
        self._events = events
        self._counted = counted
        self._waiting: collections.deque[Event] = collections.deque(maxlen=WAITING)
        self._failed = False

    def tell(self, event: Event) -> None:
        """Take an event over: returns at once."""
        self._counted(event.kind)
        self._waiting.append(event)

    def __len__(self) -> int:
        """Events that are not in the file yet."""
        return len(self._waiting)

    async def run(
        self, in_thread: Callable[[Callable[[], None]], Awaitable[None]] = asyncio.to_thread
    ) -> None:
        """Write what was told, every SECONDS, until cancelled: then call `flush`."""
        while True:
            await asyncio.sleep(SECONDS)
            await in_thread(self.flush)

    def flush(self) -> None:
        """Write what was told. What cannot be written waits for the next time."""
        batch = []
        while self._waiting:
            batch.append(self._waiting.popleft())
        if not batch:
            return
        try:
            self._events.append(batch)
        except EventError as error:
            if not self._failed:
                log.error("events cannot be written; they wait in memory", why=str(error))
            room = WAITING - len(self._waiting)
            self._waiting.extendleft(reversed(batch[-room:] if room else []))
            self._failed = True
        else:
            self._failed = False
