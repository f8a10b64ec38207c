"""Samples of an answer of the query API as columns of numbers.

The answer for years of a fleet is millions of `[1790035199.999,"95"]`. The json module makes three objects of each, numpy
reads the numbers out of the text as they stand: in half the time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

_METRIC: Final = b'{"metric":'
_VALUES: Final = b',"values":[['
_END: Final = b"]]"


class Course(NamedTuple):
    """Values of one series: instants (milliseconds) or places of periods, sorted, and a value for each."""

    at: npt.NDArray[np.int64]
    value: npt.NDArray[np.float64]


def courses(body: bytes) -> Iterator[tuple[dict[str, str], Course]]:
    """Labels and samples of the series of an answer, without what is no number. Raises ValueError where it is none."""
    found = _as_written(body)
    for labels, at, value in _parsed(body) if found is None else found:
        course = Course(np.rint(at * 1000).astype(np.int64), value)
        sound = np.isfinite(value)
        yield labels, course if sound.all() else Course(course.at[sound], value[sound])


_Columns = tuple[dict[str, str], npt.NDArray[np.float64], npt.NDArray[np.float64]]


def _as_written(body: bytes) -> list[_Columns] | None:
    """What the text holds, where it is written as engines write it: without a space. None where it is not.

    A quote inside of a label's value has a backslash before it: `","values":[[` is no part of one.
    """
    found: list[_Columns] = []
    if not (body.startswith(b'{"status":"success"') and b'"resultType":"matrix"' in body[:200]):
        return None
    place = body.find(b'"result":[') + len(b'"result":[')
    while body.startswith(_METRIC, place):
        begin = body.find(_VALUES, place)
        end = body.find(_END, begin)
        if begin < 0 or end < 0:
            return None
        pairs = body[begin + len(_VALUES) : end]
        numbers = np.fromstring(pairs.translate(None, b'[]"'), sep=",")
        if len(numbers) != 2 * (pairs.count(b"],[") + 1):
            return None
        found.append((_labels(json.loads(body[place + len(_METRIC) : begin])), numbers[::2], numbers[1::2]))
        place = body.find(b"}", end) + 1
        place += body.startswith(b",", place)
    return found if body.startswith(b"]", place) else None


def _parsed(body: bytes) -> Iterator[_Columns]:
    answer: Any = json.loads(body)
    if answer["data"]["resultType"] != "matrix":
        raise ValueError("no matrix")
    for one in answer["data"]["result"]:
        if not isinstance(one, dict):
            raise ValueError("a series is an object")  # noqa: TRY004 - of the answer, not of the caller
        pairs = one.get("values", ())
        at = np.fromiter((pair[0] for pair in pairs), np.float64, len(pairs))
        value = np.fromiter((float(pair[1]) for pair in pairs), np.float64, len(pairs))
        yield _labels(one.get("metric", {})), at, value


def _labels(found: Any) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise ValueError("labels are texts")
    return found
