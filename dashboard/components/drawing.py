"""Pages as browsers are sent them: drawn once for all who look at the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from plotly.utils import PlotlyJSONEncoder

from dashboard.components import stack
from dashboard.components.markup import settled


class Drawn(NamedTuple):
    """A part of a page: plain values that JSON has, and what tells them from others."""

    tree: Any
    digest: str


def drawn(part: object) -> Drawn:
    """Components as plain values, which are written for each browser in a fraction of the time."""
    text = PlotlyJSONEncoder(sort_keys=True).encode(part)
    return Drawn(settled(json.loads(text)), hashlib.blake2b(text.encode(), digest_size=12).hexdigest())


def together(parts: Sequence[Drawn]) -> Drawn:
    """Parts of a page below each other."""
    if len(parts) == 1:
        return parts[0]
    whole = drawn(stack())
    whole.tree["props"]["children"] = [part.tree for part in parts]
    return whole._replace(digest=drawn([part.digest for part in parts]).digest)
