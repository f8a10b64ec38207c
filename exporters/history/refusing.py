"""Which points no history keeps."""

from __future__ import annotations

import math
from typing import Literal

from exporters.history import Point
from exporters.history.days import DAY

Refusal = Literal["future", "too old", "not a number", "not text", "damaged"]
"""Why a point is not stored."""

AHEAD = DAY
"""A sample further ahead of this machine's clock than that is refused."""


def refusal_of(point: Point, latest: float) -> Refusal | None:
    """Why a point is not kept, `latest` being the last instant that is no future; None where it is."""
    if not (math.isfinite(point.value) and math.isfinite(point.at)):
        return "not a number"
    if point.at > latest:
        return "future"
    if point.at < 0:
        return "too old"
    # Lone surrogates, from a device's bytes, have no UTF-8: one such label must not fail the others' batch.
    texts = (point.target, point.metric, *(text for pair in point.labels for text in pair))
    return None if all(text.isascii() or _is_text(text) for text in texts) else "not text"


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
