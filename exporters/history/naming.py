"""The name of a series, read back: the other way of `exporters.history.unique_id`."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from inventory.metrics import Labels

_WHOLE: Final = re.compile(r"([A-Za-z_:][A-Za-z0-9_:]*)\{(.*)\}", re.DOTALL)
_PAIR: Final = re.compile(r'([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|\Z)')
_ESCAPED: Final = re.compile(r'\\([\\"n])')


class Name(NamedTuple):
    """A series: whose it is, what it measures, and its labels sorted by name."""

    target: str
    metric: str
    labels: Labels


def is_notation(text: str) -> bool:
    """True where a text has the form `metric{...}`, well written inside or not."""
    return _WHOLE.fullmatch(text) is not None


def parse(unique_id: str) -> Name:
    """Read `metric{target="..",label=".."}`. Raises ValueError that says what is wrong.

    >>> parse('jauge_target_up{target="nas-01"}')
    Name(target='nas-01', metric='jauge_target_up', labels=())
    """
    whole = _WHOLE.fullmatch(unique_id)
    if whole is None:
        raise ValueError('not of the form metric{target="...",label="..."}')
    pairs = _pairs(whole[2])
    target = pairs.pop("target", "")
    if not target:
        raise ValueError("no label target")
    return Name(target, whole[1], tuple(sorted(pairs.items())))


def _pairs(text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    place = 0
    while place < len(text):
        pair = _PAIR.match(text, place)
        if pair is None:
            raise ValueError(f"cannot read a label at character {place + 1} inside the braces")
        if pair[1] in pairs:
            raise ValueError(f"the label {pair[1]} stands twice")
        pairs[pair[1]] = _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], pair[2])
        place = pair.end()
    return pairs
