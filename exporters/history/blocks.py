"""How values lie in `history.db`: packed, and each piece with a CRC-32 of its own.

A *shelf* is sixteen series of one metric. A *block* holds the values of a shelf for thirty days, or thirty hours: one
record for each day or hour, which fills one page of the file. A *batch* holds what one append brought for a *group*
of sixteen shelves within one civil hour.

The checksum covers the key too, so that what was flipped, cut or moved is found out, and never given out as a value.
"""

from __future__ import annotations

import zlib
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

SLOTS: Final = 16
"""Series of a shelf."""

GROUP: Final = 256
"""Series of a group."""

QUARTER: Final = 900
"""Seconds. An hour is named by the quarter of an hour, counted from 1970, in which it begins: offsets are such."""

DAYS: Final = 30
"""Places of a block of days."""

QUARTERS: Final = 30 * 4
"""Places of a block of hours, in quarters of an hour: thirty hours."""

Table = Literal["raw", "hour", "day", "span", "series", "setting"]

SPANS: Final[dict[Table, int]] = {"hour": QUARTERS, "day": DAYS}

COLUMN: Final = np.dtype([("place", "<u4"), ("imported", "<u2"), ("values", "<f8", (SLOTS,))])
"""One day or hour of a shelf: NaN where there is no value, a bit of `imported` for each that was not measured."""

SAMPLE: Final = np.dtype([("slot", "u1"), ("at", "<u4"), ("value", "<f8")])
"""One value of a batch: its series within the group, milliseconds since the hour began."""

SPAN: Final = np.dtype([("first", "<i4"), ("last", "<i4")])
"""First and last day of a series with a value; -1 where there is none."""

Columns = npt.NDArray[np.void]

_CRC: Final = 4
_SEEDS: Final[dict[Table, int]] = {
    table: zlib.crc32(table.encode()) for table in ("raw", "hour", "day", "span", "series", "setting")
}


class DamagedError(Exception):
    """What the file holds is not what was written."""


class Mark(NamedTuple):
    """A day (counted from 1970) or hour (its quarter) of a group, whose finer values changed since it was rolled up."""

    place: int
    group: int


def checksum(table: Table, key: int, payload: bytes) -> int:
    """CRC-32 of what stands under a key of a table."""
    return zlib.crc32(payload, zlib.crc32(key.to_bytes(8, "little", signed=True), _SEEDS[table]))


def seal(table: Table, key: int, payload: bytes) -> bytes:
    """The payload, and its checksum after it."""
    return payload + checksum(table, key, payload).to_bytes(_CRC, "little")


def unseal(table: Table, key: int, sealed: object) -> bytes:
    """The payload of what `seal` made. Raises DamagedError."""
    # A flipped byte of SQLite's own may make anything of it: a text, a number, NULL.
    if isinstance(sealed, bytes) and len(sealed) >= _CRC:
        payload = sealed[:-_CRC]
        if checksum(table, key, payload) == int.from_bytes(sealed[-_CRC:], "little"):
            return payload
    raise DamagedError(f"{table} {key}")


# --- keys ---------------------------------------------------------------------------------------------------


def block_key(shelf: int, period: int) -> int:
    """The key of a block: clustered by shelf, then by time."""
    return shelf << 32 | period


def batch_key(quarter: int, group: int, number: int) -> int:
    """The key of a batch: clustered by hour, then by group, then in the order of writing."""
    return quarter << 40 | group << 24 | number


BATCHES: Final = 1 << 24
"""Batches that an hour of a group may have, at most."""


# --- columns ------------------------------------------------------------------------------------------------


class Rule(NamedTuple):
    """Which values come in: over measured ones, over imported ones (gaps are always filled), and how they are marked."""

    over_measured: bool
    over_imported: bool
    imported: bool


MEASURE: Final = Rule(over_measured=True, over_imported=True, imported=False)
FILL: Final = Rule(over_measured=False, over_imported=False, imported=False)
LATE: Final = Rule(over_measured=False, over_imported=True, imported=False)
IMPORT: Final = Rule(over_measured=False, over_imported=True, imported=True)

BITS: Final = (1 << np.arange(SLOTS)).astype("<u2")
_NONE: Final = np.empty(0, COLUMN)


def fresh(places: npt.NDArray[np.int64]) -> Columns:
    """Columns of these places, without a value."""
    columns = np.zeros(len(places), COLUMN)
    columns["place"] = places
    columns["values"] = np.nan
    return columns


def column(place: int, values: npt.NDArray[np.float64]) -> Columns:
    """One column."""
    made = fresh(np.array([place]))
    made["values"] = values
    return made


def merge(old: Columns | None, new: Columns, rule: Rule) -> tuple[Columns, int]:
    """What a block holds once new columns, sorted by place, came in, and how many values changed by that."""
    old = _NONE if old is None else old
    merged = fresh(np.union1d(old["place"], new["place"]))
    merged[np.searchsorted(merged["place"], old["place"])] = old
    rows = np.searchsorted(merged["place"], new["place"])
    values, bits = merged["values"][rows], (merged["imported"][rows, None] & BITS) != 0
    empty = np.isnan(values)
    taken = ~np.isnan(new["values"]) & (empty | np.where(bits, rule.over_imported, rule.over_measured))
    changed = taken & (empty | (values != new["values"]))
    merged["values"][rows] = np.where(taken, new["values"], values)
    merged["imported"][rows] = (np.where(taken, rule.imported, bits) * BITS).sum(1)
    return merged, int(changed.sum())


def last_values(columns: Columns) -> npt.NDArray[np.float64]:
    """Of columns sorted by place, the last value of each series; NaN where there is none."""
    held = ~np.isnan(columns["values"])
    rows = len(columns) - 1 - np.argmax(held[::-1], axis=0)
    found = columns["values"][rows, np.arange(SLOTS)]
    return np.where(held.any(axis=0), found, np.nan)
