"""The numbers that values of an agent mean, by the rules of a device file. Pure."""

from __future__ import annotations

import calendar
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeGuard, TypeVar

from collectors.snmp.oid import Oid, encode
from collectors.snmp.values import Value, text
from collectors.tables import Choice, Halves, Part
from collectors.tables import Value as Rule
from inventory.metrics import METRICS, Sample, labels

Figure = int | float
Meaning = TypeVar("Meaning")
Vector = list[Figure | None]
"""A value for each row, None where there is none."""

SIGNED: Final = ("celsius", "dbm")
"""Units that go below 0."""

_UNSIGNED: Final = 1 << 32
_FIGURE: Final = re.compile(rb"-?[0-9]{1,20}")  # what 64 bits hold: no device counts further
_DECIMAL: Final = re.compile(rb"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")
_CTIME: Final = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})", re.ASCII)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PREFIXES: Final = "bkmgtpe"
_LOW: Final = (1 << 32) - 1


def bare(rule: Rule) -> bool:
    """Whether the numbers of one column are the figures, as they are."""
    parts = rule.plus or rule.minus or rule.high is not None
    scaling = (rule.times, rule.percent, rule.decimals, rule.magnitude)
    made = parts or any(column is not None for column in scaling) or rule.complement
    read = rule.states or rule.absent or rule.unsigned or rule.pattern or rule.matches or rule.date
    return not made and not read and rule.scale == 1.0


def natural(values: list[Value | None]) -> TypeGuard[Vector]:
    """Whether all values are numbers, and none of them is negative."""
    return set(map(type, values)) == {int} and min(values) >= 0  # type: ignore[type-var,operator]


def numbers(rule: Rule, values: list[Value | None]) -> Vector:
    """The numbers that values mean: ints of a plain rule as they are."""
    read = rule.states or rule.absent or rule.unsigned or rule.pattern or rule.matches or rule.date
    if not read and set(map(type, values)) == {int}:
        return values  # type: ignore[return-value]  # none of them is bytes
    return [number(rule, value) for value in values]


def both(do: Callable[[Any, Any], Figure | None], a: Figure | None, b: Figure | None) -> Figure | None:
    """What is made of two figures, None where either is unknown."""
    return None if a is None or b is None else do(a, b)


def positive(figures: Vector) -> bool:
    """Whether all figures are known and none is negative."""
    return None not in figures and (not figures or min(figures) >= 0)  # type: ignore[type-var,operator]


def choice(metric: str, rule: Choice, scalars: Mapping[Oid, Value]) -> Iterator[Sample]:
    """A sample of each state: 1 for the one that the device is in. None at all where it is in no known one."""
    told = scalars.get(encode(rule.scalar))
    state = None if told is None else meant(rule.states, told)
    if state is not None:
        for name in dict.fromkeys(rule.states.values()):
            yield Sample(metric, float(name == state), labels(**{rule.label: name}))


def aggregate(rule: Rule, cells: Vector) -> Figure | None:
    """One value of all rows. A sum or a mean with an unknown part is unknown."""
    known = [cell for cell in cells if cell is not None]
    if not known or len(known) < len(cells):
        return None
    if rule.rows == "count":
        return len(known)
    if rule.rows == "max":
        return max(known)
    return sum(known) / (len(known) if rule.rows == "mean" else 1)


def scalar(rule: Rule, scalars: Mapping[Oid, Value]) -> Figure | None:
    """The figure of one object, with others: None where it, or one that must be added or taken away, is unknown."""

    def of(part: Part | None) -> Figure | None:
        if isinstance(part, Halves):
            return both(joined, of(part.column), of(part.high))
        return number(rule, scalars.get(encode(str(part))))

    value = of(rule.scalar)
    if rule.high is not None:
        value = both(joined, value, of(rule.high))
    for other in rule.plus:
        value = both(operator.add, value, of(other))
    for other in rule.minus:
        value = both(operator.sub, value, of(other))
    if value is None:
        return None
    for less in rule.less:
        value -= of(less) or 0
    return value if rule.states else scaled(rule, value)


def joined(low: Figure, high: Figure) -> int | None:
    """The number of 64 bits that two halves are; either may be written as if it had a sign.

    None where a device writes a fraction: no half has one.
    """
    if not isinstance(low, int) or not isinstance(high, int):
        return None
    return (high & _LOW) << 32 | low & _LOW


def pointed(value: Figure, digits: int) -> Figure | None:
    """A figure with its point before that many digits. Below 0 they tell how exact it is, and not where its point is.

    >>> pointed(-56, 1), pointed(12059, -2), pointed(1, 10)
    (-5.6, 12059, None)
    """
    if not -8 <= digits <= 9:  # RFC 3433, EntitySensorPrecision
        return None
    return value / 10.0**digits if digits > 0 else value


def magnified(value: Figure, step: int) -> Figure | None:
    """A figure in its base unit, from that step of a thousand (RFC 3433, EntitySensorDataScale: units are the 9th).

    >>> magnified(12059, 8), magnified(3, 10), magnified(3, 0)
    (12.059, 3000.0, None)
    """
    if not 1 <= step <= 17:
        return None
    return value / 1000.0 ** (9 - step) if step < 9 else value * 1000.0 ** (step - 9)


def scaled(rule: Rule, value: Figure) -> Figure:
    """A figure in its base unit."""
    if rule.scale != 1.0:
        value *= rule.scale
    return 1.0 - value if rule.complement else value


def number(rule: Rule, value: Value | None) -> Figure | None:
    """The number that a value of the agent means, None where it means that there is none."""
    if value is None:
        return None
    if rule.states:
        return _state(rule, value)
    if rule.matches:
        said = text(value)
        return float(re.search(rule.matches, said) is not None) if said else None
    if rule.date:
        return _DATES[rule.date](text(value))
    found = _measure(rule.pattern, rule.units, text(value)) if rule.pattern else written(value)
    if found is None or found in rule.absent:
        return None
    if rule.unsigned and -_UNSIGNED // 2 <= found < 0:
        found += _UNSIGNED
    return found


def _rfc3339(said: str) -> float | None:
    """The seconds since 1970 of a date with its zone, None of any other text.

    >>> _rfc3339("2024-05-01T22:00:00+02:00"), _rfc3339("2024-05-01T22:00:00"), _rfc3339("0001-01-01T00:00:00Z")
    (1714593600.0, None, None)
    """
    try:
        moment = datetime.fromisoformat(said.strip())
        return moment.timestamp() if moment.tzinfo is not None and moment.year >= 1970 else None
    except (ValueError, OverflowError):
        return None


def _state(rule: Rule, value: Value) -> float | None:
    """What a number or a text of the device means."""
    told = whole(value)
    if told is not None and told in rule.absent:
        return None
    found = meant(rule.states, value)
    return rule.otherwise if found is None else found


def meant(states: Mapping[int | str, Meaning], value: Value) -> Meaning | None:
    """What a number or a text means by these states; a number may be written in digits."""
    told = whole(value)
    return states[told] if told is not None and told in states else states.get(text(value).lower())


def _measure(pattern: str, units: int, said: str) -> Figure | None:
    """The number that a text holds, in its base unit.

    >>> _measure(r"([\\d.]+) ?([KMGTPE]?i?B)", 1024, "5.5 TB") == 5.5 * 1024**4
    True
    """
    match = re.search(pattern, said)
    found = None if match is None or match[1] is None else written(match[1].encode())
    if found is None or match is None or match.re.groups < 2 or not match[2]:
        return found
    power = _PREFIXES.find(match[2][0].lower())
    return None if power < 0 else found * units**power


def _ctime(said: str) -> int | None:
    """The epoch second of a text as ctime(3) writes it, None where it is none.

    >>> _ctime("Mon Feb  3 02:00:00 2025"), _ctime("n/a"), _ctime("Mon Feb 31 02:00:00 2025")
    (1738548000, None, None)
    """
    match = _CTIME.fullmatch(said)
    if match is None or match[1] not in _MONTHS:
        return None
    month, day, hour, minute, second, year = (
        _MONTHS.index(match[1]) + 1, *(int(match[part]) for part in (2, 3, 4, 5, 6))
    )  # fmt: skip
    if not 1970 <= year <= 9999 or not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    if hour > 23 or minute > 59 or second > 60:
        return None
    return calendar.timegm((year, month, day, hour, minute, second))


def written(value: Value | None) -> Figure | None:
    """The number that a value is, or writes in digits, with or without a point."""
    if not isinstance(value, bytes):
        return value
    match = _DECIMAL.fullmatch(value.strip(b"\0 "))
    if match is None:
        return None
    return float(match[0]) if b"." in match[0] else int(match[0])


def whole(value: Value | None) -> int | None:
    """The whole number that a value is, or writes in digits."""
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if not isinstance(value, bytes):
        return value
    written = _FIGURE.fullmatch(value.strip(b"\0 "))
    return int(written[0]) if written else None


def plausible(metric: str, value: Figure) -> bool:
    """Whether a value can be true at all: no size, share or duration is negative."""
    return value >= 0 or METRICS[metric].unit in SIGNED


_DATES: Final[Mapping[str, Callable[[str], Figure | None]]] = {"ctime": _ctime, "rfc3339": _rfc3339}
