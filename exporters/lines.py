"""Names, labels and values as lines of text, by one C call per metric family.

A `Layout` is made once for the series of a target, and kept while they stay the same. It holds one template per
family: every name and label is written out, `%a` stands for each value. A poll then only chooses its values and
fills the templates; a family whose values did not change is not even filled.

The lines bear a mark where the label `target` may go: the same bytes serve alone (`plain`) and among other
targets (`named`). No label can hold a mark, nor a line break, as `inventory.harmless.clean` lets none through.

Whatever does not speak the vocabulary is left out and counted: no device can break a body, nor name a metric.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from collectors.poll import Series
from inventory.harmless import clean
from inventory.metrics import METRICS, Labels, Metric

Key = tuple[int, str]
"""Rank of a metric in the vocabulary, and its labels as text: one series."""

Find = Callable[[str], Metric | None]
"""Gives the metric of a name where the source of the values may use it."""

Values = tuple[float, ...]

RANK: Final = {name: rank for rank, name in enumerate(METRICS)}
_NAMES: Final = tuple(METRICS)

_INSIDE: Final = "\x01"  # a mark inside the braces, before the other labels
_ALONE: Final = "\x02"  # a mark after the name of a series without labels
_ODD: Final = {"inf": "+Inf", "-inf": "-Inf", "nan": "NaN"}
_NUMBERS: Final = {int, float}


class Family(NamedTuple):
    """The lines of one metric: `%a` in the `template` for each of the chosen values that `where` cuts out."""

    metric: Metric
    template: bytes
    where: slice


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """The lines of exactly these `sources` (series, per table). `dropped` of their series have none.

    `counters` cut out the values that cannot be below 0.
    """

    sources: tuple[tuple[Series, ...], ...]
    families: tuple[Family, ...]
    counters: tuple[slice, ...]
    choose: Callable[[Sequence[float]], Values]
    dropped: int


@dataclasses.dataclass(frozen=True, slots=True)
class Lines:
    """The marked lines of a layout for one poll, by metric. `impossible` values have none."""

    layout: Layout
    values: Values
    texts: dict[str, bytes]
    impossible: int = 0


def lay(
    sources: tuple[tuple[Series, ...], ...], limit: int, find: Find, before: Layout | None = None
) -> Layout:
    """The layout of `sources`, at most `limit` lines: the first ones in the order of vocabulary and labels.

    It is the one `before` where the series are the same, which is told by identity first.
    """
    if before is not None and before.sources == sources:
        return before
    found: dict[Key, int] = {}
    dropped = offset = 0
    for series in sources:
        keys, lost = _keys(series, offset, find)
        found = {**keys, **found}  # an earlier table takes precedence
        dropped += lost
        offset += len(series)
    kept = sorted(found.items())[:limit]
    families = _families(kept)
    return Layout(
        sources,
        families,
        tuple(each.where for each in families if each.metric.kind == "counter"),
        _chooser([place for _, place in kept]),
        dropped + len(found) - len(kept),
    )


def write(layout: Layout, values: Sequence[float], before: Lines | None = None) -> Lines:
    """The lines of a layout with the `values` of its sources. Those written `before` are taken where they still hold."""
    chosen = layout.choose(values)
    if not _ordinary(layout, chosen):
        return _write_odd(layout, chosen)
    if before is None or before.layout is not layout or before.impossible:
        return Lines(
            layout, chosen, {metric.name: text % chosen[where] for metric, text, where in layout.families}
        )
    old, texts = before.values, before.texts
    return Lines(
        layout,
        chosen,
        {
            metric.name: texts[metric.name] if chosen[where] == old[where] else text % chosen[where]
            for metric, text, where in layout.families
        },
    )


def plain(text: bytes) -> bytes:
    """Marked lines without the label `target`."""
    return text.replace(_INSIDE.encode(), b"").replace(_ALONE.encode(), b"")


def named(text: bytes, target: str) -> bytes:
    """Marked lines with the label `target`."""
    label = f'target="{escape(target)}"'
    return text.replace(_INSIDE.encode(), f"{label},".encode()).replace(
        _ALONE.encode(), f"{{{label}}}".encode()
    )


def single(name: str, value: float) -> bytes:
    """The marked line of a series without labels."""
    return f"{name}{_ALONE} {number(value)}\n".encode()


def number(value: float) -> str:
    """A number as both formats write it: the shortest text that reads back as the same number.

    >>> number(0.1), number(1e300), number(2**64), number(float("-inf"))
    ('0.1', '1e+300', '18446744073709551616', '-Inf')
    """
    text = repr(value) if type(value) is int else repr(float(value))
    return _ODD.get(text, text)


def escape(value: str) -> str:
    """A label value as both formats write it, made harmless and bounded first."""
    return clean(value).replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


# --- layouts --------------------------------------------------------------------------------------------


def _keys(series: tuple[Series, ...], offset: int, find: Find) -> tuple[dict[Key, int], int]:
    """The place of each series, and how many are left out: outside the vocabulary, or alike once made harmless."""
    found: dict[Key, int] = {}
    twins: set[Key] = set()
    for place, (name, pairs) in enumerate(series, offset):
        metric = find(name)
        text = None if metric is None else _pairs(metric, pairs)
        if text is None:
            continue
        key = (RANK[name], text)
        if found.setdefault(key, place) != place:
            twins.add(key)
    for key in twins:
        del found[key]
    return found, len(series) - len(found)


def _pairs(metric: Metric, pairs: Labels) -> str | None:
    """Labels as text in the order of their names; None where the vocabulary does not know them."""
    filled = sorted([pair for pair in pairs if pair[1]])
    if not _speaks(metric.name, tuple([name for name, _ in filled])):
        return None
    return ",".join([f'{name}="{escape(value)}"' for name, value in filled])


@functools.lru_cache(maxsize=1024)
def _speaks(metric: str, names: tuple[str, ...]) -> bool:
    """Whether a metric may have these labels, each of them once."""
    return len(set(names)) == len(names) and set(names) <= set(METRICS[metric].labels)


def _families(kept: Sequence[tuple[Key, int]]) -> tuple[Family, ...]:
    found = []
    start = 0
    for rank, group in itertools.groupby(kept, key=lambda item: item[0][0]):
        heads = [_head(_NAMES[rank], text) for (_, text), _ in group]
        template = "".join(f"{head} %a\n" for head in heads).encode()
        found.append(Family(METRICS[_NAMES[rank]], template, slice(start, start + len(heads))))
        start += len(heads)
    return tuple(found)


def _head(name: str, pairs: str) -> str:
    """What stands before a value, in a template."""
    return f"{name}{{{_INSIDE}{pairs}}}".replace("%", "%%") if pairs else f"{name}{_ALONE}"


def _chooser(places: Sequence[int]) -> Callable[[Sequence[float]], Values]:
    if len(places) > 1:
        return operator.itemgetter(*places)
    return lambda values: tuple(values[place] for place in places)


# --- values ---------------------------------------------------------------------------------------------


def _ordinary(layout: Layout, values: Values) -> bool:
    """Whether `%a` writes these values as both formats want them, and whether counters can have them."""
    try:
        return (
            _NUMBERS.issuperset(map(type, values))
            and math.isfinite(sum(values))
            and all(min(values[where]) >= 0 for where in layout.counters)
        )
    except OverflowError:  # an integer beyond all floats
        return False


def _write_odd(layout: Layout, values: Values) -> Lines:
    """The lines of values of which some are written in a way of their own, or cannot be."""
    texts: dict[str, bytes] = {}
    written = 0
    for metric, template, where in layout.families:
        heads = [line.removesuffix(b"%a").replace(b"%%", b"%") for line in template.split(b"\n")[:-1]]
        lines = [
            b"%b%b\n" % (head, number(value).encode())
            for head, value in zip(heads, values[where], strict=True)
            if _possible(metric, value)
        ]
        written += len(lines)
        if lines:
            texts[metric.name] = b"".join(lines)
    return Lines(layout, values, texts, impossible=len(values) - written)


def _possible(metric: Metric, value: float) -> bool:
    """Whether a metric can have that value: no counter is NaN or below zero, and readers have but 64-bit floats."""
    try:
        return float(value) >= 0 or metric.kind != "counter"
    except OverflowError:
        return False
