"""The blocks of the ledger: what one night said of every store, and what came of it, packed and checksummed.

A column lies in one piece, its bytes sorted by their place in the number, and is then compressed: neighbours share
their upper bytes. The checksum covers the day, the horizon and the packed bytes: a block that was put in another's
place is found as well as one with a flipped byte.
"""

from __future__ import annotations

import dataclasses
import zlib
from typing import Any, Final

import numpy as np
import numpy.typing as npt

HORIZONS: Final = (7, 30, 90, 180, 365)
"""Days ahead at which every forecast is frozen."""

LEVEL: Final = 6
"""Of zlib: higher ones take twice as long and save nothing on numbers."""


@dataclasses.dataclass(frozen=True, slots=True)
class Night:
    """What one night said, one element a store.

    `series` are numbers of the ledger; `ago` the days from the last value to the night, `age` the days of history;
    `level` the last value, `size` what the store holds and `limit` what of it may be planned with (NaN where unknown);
    `move` the mean absolute move of 30 days (NaN where unknown); `early`, `central` and `late` the days after the last
    value at which the limit is reached (0 where there is no date); `moves` (stores, HORIZONS, 5) is what mean, lo80,
    hi80, lo95 and hi95 lie above the level. Levels, sizes and moves are in the unit of the series.
    """

    series: npt.NDArray[np.uint32]
    ago: npt.NDArray[np.uint8]
    age: npt.NDArray[np.uint16]
    level: npt.NDArray[np.float64]
    size: npt.NDArray[np.float64]
    limit: npt.NDArray[np.float64]
    move: npt.NDArray[np.float32]
    early: npt.NDArray[np.uint16]
    central: npt.NDArray[np.uint16]
    late: npt.NDArray[np.uint16]
    moves: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.series)


MEASURED, BRIDGED, CLEANED, RISE, FALL, EXTENDED, REDUCED, COMMITTED, MISREAD = (
    1 << place for place in range(9)
)
"""What is known of an outcome: a value of the day itself; one between two days; one without a glitch; between the
issue and the day, a jump upward, a jump downward, a larger or smaller size, a scenario that was committed; and that
the value from which the forecast set out turned out to be a glitch."""

EVENTS: Final = {
    "rise": RISE, "fall": FALL, "extended": EXTENDED, "reduced": REDUCED, "committed": COMMITTED, "misread": MISREAD,
}  # fmt: skip
"""The names of what may have come in between."""

VALUED: Final = MEASURED | BRIDGED
EVENTFUL: Final = RISE | FALL | EXTENDED | REDUCED | COMMITTED | MISREAD


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one night at one horizon, in the order of the night's stores.

    `state` holds the bits above (0: no value, not scored); `came` is what the value lies above the level; `jump` the
    largest jump in between, on the day `jumped` (days after the last value, 0 where none); `crossed` the first day on
    which the limit was reached (likewise; 0 where it was not).
    """

    state: npt.NDArray[np.uint16]
    came: npt.NDArray[np.float32]
    jump: npt.NDArray[np.float32]
    jumped: npt.NDArray[np.uint16]
    crossed: npt.NDArray[np.uint16]


_NIGHT: Final = {
    "series": "<u4", "ago": "u1", "age": "<u2", "level": "<f8", "size": "<f8", "limit": "<f8", "move": "<f4",
    "early": "<u2", "central": "<u2", "late": "<u2", "moves": "<f4",
}  # fmt: skip
_OUTCOME: Final = {"state": "<u2", "came": "<f4", "jump": "<f4", "jumped": "<u2", "crossed": "<u2"}


def pack_night(night: Night) -> bytes:
    return _pack(night, _NIGHT)


def unpack_night(block: bytes) -> Night:
    """Raises ValueError where the block is none of ours."""
    columns = _unpack(block, _NIGHT, {"moves": 5 * len(HORIZONS)})
    columns["moves"] = columns["moves"].reshape(-1, len(HORIZONS), 5)
    return Night(**columns)


def pack_outcome(outcome: Outcome) -> bytes:
    return _pack(outcome, _OUTCOME)


def unpack_outcome(block: bytes) -> Outcome:
    """Raises ValueError where the block is none of ours."""
    return Outcome(**_unpack(block, _OUTCOME, {}))


def checksum(day: int, horizon: int, block: bytes) -> int:
    """CRC-32 of a block in its place; a frozen night has horizon 0."""
    return zlib.crc32(block, zlib.crc32(f"{day}:{horizon}:".encode()))


def _pack(record: Night | Outcome, kinds: dict[str, str]) -> bytes:
    parts = []
    for name, kind in kinds.items():
        column = np.ascontiguousarray(getattr(record, name), dtype=kind)
        parts.append(column.reshape(-1).view(np.uint8).reshape(-1, column.itemsize).T.tobytes())
    return zlib.compress(b"".join(parts), LEVEL)


def _unpack(block: bytes, kinds: dict[str, str], widths: dict[str, int]) -> dict[str, Any]:
    try:
        raw = zlib.decompress(block)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    sizes = {name: np.dtype(kind).itemsize * widths.get(name, 1) for name, kind in kinds.items()}
    count, rest = divmod(len(raw), sum(sizes.values()))
    if rest:
        raise ValueError(f"{len(raw)} bytes are no whole number of stores")
    columns, place = {}, 0
    for name, kind in kinds.items():
        end = place + count * sizes[name]
        across = np.frombuffer(raw[place:end], np.uint8).reshape(np.dtype(kind).itemsize, -1)
        columns[name] = np.ascontiguousarray(across.T).reshape(-1).view(kind)
        place = end
    return columns
