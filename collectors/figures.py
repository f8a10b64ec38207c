"""The numbers that values of an agent mean, by the rules of a device file. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeGuard

from collectors.device import Choice
from collectors.device import Value as Rule
from collectors.snmp.oid import Oid, encode
from collectors.snmp.values import Value
from inventory.metrics import METRICS, Sample, labels

Figure = int | float
Vector = list[Figure | None]
"""A value for each row, None where there is none."""

_UNSIGNED: Final = 1 << 32
_FIGURE: Final = re.compile(rb"-?[0-9]{1,20}")  # what 64 bits hold: no device counts further


def bare(rule: Rule) -> bool:
    """Whether the numbers of one column are the figures, as they are."""
    made = rule.minus or rule.times is not None or rule.percent is not None or rule.complement
    read = rule.states or rule.absent or rule.unsigned
    return not made and not read and rule.scale == 1.0


def natural(values: list[Value | None]) -> TypeGuard[Vector]:
    """Whether all values are numbers, and none of them is negative."""
    return set(map(type, values)) == {int} and min(values) >= 0  # type: ignore[type-var,operator]


def numbers(rule: Rule, values: list[Value | None]) -> Vector:
    """The numbers that values mean: ints of a plain rule as they are."""
    if not (rule.states or rule.absent or rule.unsigned) and set(map(type, values)) == {int}:
        return values  # type: ignore[return-value]  # none of them is bytes
    return [number(rule, value) for value in values]


def both(do: Callable[[Any, Any], Figure], a: Figure | None, b: Figure | None) -> Figure | None:
    """What is made of two figures, None where either is unknown."""
    return None if a is None or b is None else do(a, b)


def positive(figures: Vector) -> bool:
    """Whether all figures are known and none is negative."""
    return None not in figures and (not figures or min(figures) >= 0)  # type: ignore[type-var,operator]


def choice(metric: str, rule: Choice, scalars: Mapping[Oid, Value]) -> Iterator[Sample]:
    """A sample of each state: 1 for the one that the device is in. None at all where it is in no known one."""
    state = scalars.get(encode(rule.scalar))
    if isinstance(state, int) and state in rule.states:
        for number, name in rule.states.items():
            yield Sample(metric, float(number == state), labels(**{rule.label: name}))


def aggregate(rule: Rule, cells: Vector) -> Figure | None:
    """One value of all rows. A sum or a mean with an unknown part is unknown."""
    known = [cell for cell in cells if cell is not None]
    if not known or len(known) < len(cells):
        return None
    if rule.rows == "count":
        return len(known)
    return sum(known) / (len(known) if rule.rows == "mean" else 1)


def scalar(rule: Rule, scalars: Mapping[Oid, Value]) -> Figure | None:
    """The figure of one object, less others: None where it, or one that must be taken from it, is unknown."""
    value = number(rule, scalars.get(encode(str(rule.scalar))))
    if value is None:
        return None
    for other in rule.minus:
        part = number(rule, scalars.get(encode(str(other))))
        if part is None:
            return None
        value -= part
    for dotted in rule.less:
        value -= number(rule, scalars.get(encode(dotted))) or 0
    return value if rule.states else scaled(rule, value)


def scaled(rule: Rule, value: Figure) -> Figure:
    """A figure in its base unit."""
    if rule.scale != 1.0:
        value *= rule.scale
    return 1.0 - value if rule.complement else value


def number(rule: Rule, value: Value | None) -> Figure | None:
    """The number that a value of the agent means, None where it means that there is none."""
    value = whole(value)
    if value is None or value in rule.absent:
        return None
    if rule.states:
        return rule.states.get(value, rule.otherwise)
    if rule.unsigned and -_UNSIGNED // 2 <= value < 0:
        value += _UNSIGNED
    return value


def whole(value: Value | None) -> int | None:
    """The whole number that a value is, or writes in digits."""
    if not isinstance(value, bytes):
        return value
    written = _FIGURE.fullmatch(value.strip(b"\0 "))
    return int(written[0]) if written else None


def plausible(metric: str, value: Figure) -> bool:
    """Whether a value can be true at all: no size, share or duration is negative."""
    return value >= 0 or METRICS[metric].unit == "celsius"
