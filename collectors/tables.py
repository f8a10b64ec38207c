"""The language of tables: which rows of an answer count, what they are called, and what their values mean.

It is the same for an agent's objects and for a JSON document, and it is closed: what it cannot say becomes Python,
never a template inside a string. A column is an int (of an SNMP table's entry), a whole OID (a column of another table
with the same index), or a relative JSON pointer (`collectors.answers`).
"""

from __future__ import annotations

import abc
import re
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, NamedTuple, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from collectors import patterns
from inventory.credentials import Model
from inventory.metrics import METRICS, Metric

DOTTED: Final = re.compile(r"\d+(\.\d+)+")
_NUMBER: Final = re.compile(r"0|-?[1-9][0-9]{0,19}")
POINTER: Final = re.compile(r"\d{0,2}(/([^/~]|~[01])*)+|\d{0,2}#|")


def _dotted(value: Any) -> str:
    if not isinstance(value, str) or not DOTTED.fullmatch(value):
        raise ValueError(f"{value!r} is no object identifier")
    return value


def _place(value: Any) -> str:
    if not isinstance(value, str) or not (DOTTED.fullmatch(value) or POINTER.fullmatch(value)):
        raise ValueError(f"{value!r} is no column: a number, an object identifier or a JSON pointer")
    return value


def _pointer(value: str) -> str:
    if not POINTER.fullmatch(value):
        raise ValueError(f"{value!r} is no JSON pointer")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
        busy = patterns.endless(value)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    if busy:
        raise ValueError("a text could keep this regular expression busy for ever: it repeats what repeats")
    return value


Dotted = Annotated[str, BeforeValidator(_dotted)]
Column = int | Annotated[str, BeforeValidator(_place)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Pointer = Annotated[str, AfterValidator(_pointer)]
Key = bytes
"""What a column is found by in an answer: the root of its objects, or its pointer."""


def _keyed(states: dict[int | str, Any]) -> dict[int | str, Any]:
    """States by number, where a key is one (a file has its keys as texts), or by text in small letters."""
    return {_key(key): value for key, value in states.items()}


def _key(key: int | str) -> int | str:
    if isinstance(key, str):
        return int(key) if _NUMBER.fullmatch(key) else key.lower()
    return key


class Label(Model):
    """A label of a series: a column, the index, a state's name, or a fixed text."""

    column: Column | None = None
    text: str | None = None
    index: bool = Field(False, description="The row's index; with a column, where that is empty.")
    states: dict[int | str, str] = Field(
        default_factory=dict, description="Names for the numbers or texts of the column; texts in any case."
    )
    otherwise: Column | None = Field(None, description="Column to take where the first is empty.")
    within: Column | None = Field(
        None,
        description="Column that names what it lies in: that comes first, and a colon, where it is not empty.",
    )
    beside: Column | None = Field(
        None,
        description="Column that is written behind the name, in brackets, where it is not empty: a number, as several things "
        "may have one name.",
    )
    shorten: Pattern | None = Field(None, description="Keep only what group 1 of this matches.")
    numbered: Pattern | None = Field(
        None,
        description="Group 1 of this in the index is written behind the name, which several rows may have.",
    )
    by: tuple[int, ...] = Field(
        (),
        description="Parts of the index, counted from 0: the index of the column in another table, and what stands for the index.",
    )

    _keys = field_validator("states")(_keyed)


class Halves(Model):
    """A number that is told in two halves of 32 bits."""

    column: Column
    high: Column


Part = Column | Halves
"""What is added to a number, or taken from it."""


class Value(Model):
    """A value of a metric, from a column of each row or from one scalar object."""

    column: Column | None = None
    scalar: Dotted | None = None
    times: Column | None = Field(None, description="Column to multiply by, for instance allocation units.")
    percent: Column | None = Field(None, description="Column that holds the share of it, in per cent.")
    decimals: Column | None = Field(
        None,
        description="Column that tells how many of its digits stand after the point (EntitySensorPrecision).",
    )
    magnitude: Column | None = Field(
        None,
        description="Column that tells its power of 1000: 9 for units, 8 for milli (EntitySensorDataScale).",
    )
    high: Column | None = Field(None, description="Column or scalar with the upper 32 bits of the number.")
    plus: tuple[Part, ...] = Field(
        (), description="Columns or scalars to add, or pairs of them that are one number."
    )
    minus: tuple[Part, ...] = Field((), description="Columns or scalars to subtract, or such pairs.")
    less: tuple[Dotted, ...] = Field((), description="Scalars to subtract where the agent has them.")
    scale: float = Field(1.0, description="Factor to the base unit.")
    complement: bool = Field(False, description="1 - value, after the scale.")
    unsigned: Literal[32] | None = Field(None, description="Read a negative INTEGER as unsigned 32 bit.")
    absent: tuple[int, ...] = Field((), description="Numbers by which the device says that it does not know.")
    pattern: Pattern | None = Field(
        None,
        description="In a text: group 1 is the number, group 2 its unit where there is one (B, KB, GiB ...).",
    )
    units: Literal[1000, 1024] = Field(1024, description="What a K of the unit is.")
    states: dict[int | str, float] = Field(
        default_factory=dict, description="What numbers or texts of the object mean; texts in any case."
    )
    otherwise: float | None = Field(None, description="What a number or text without a state means.")
    matches: Pattern | None = Field(None, description="1 where the text holds this, 0 where it does not.")
    date: Literal["ctime", "rfc3339"] | None = Field(
        None,
        description="A text that names a moment: as ctime(3) writes it, read as UTC as it names no zone, or with its "
        "zone (RFC 3339).",
    )
    rows: Literal["mean", "sum", "count", "max"] | None = Field(None, description="One value of all rows.")

    @model_validator(mode="after")
    def _source(self) -> Value:
        if (self.column is None) == (self.scalar is None):
            raise ValueError("give column or scalar")
        if self.high is not None and (self.pattern or self.states):
            raise ValueError("high: a number of two halves has no pattern and no states")
        if self.matches and (self.pattern or self.states or self.high is not None):
            raise ValueError("matches: a text that is searched has no pattern, no states and no halves")
        if self.date and (self.pattern or self.states):
            raise ValueError("date: a text that names a moment has no pattern and no states")
        if (self.decimals or self.magnitude) is not None and (self.pattern or self.states or self.scalar):
            raise ValueError("decimals and magnitude: for numbers of a column, without pattern and states")
        return self

    _keys = field_validator("states")(_keyed)


class Limit(Model):
    """The greatest rate per second that the counter of a row can have, from a column such as the speed of a port."""

    column: Column
    scale: float = Field(1.0, gt=0, description="Factor to units of the counter per second.")
    absent: tuple[int, ...] = Field((), description="Numbers by which the device says that it does not know.")


class Rate(Model):
    """A gauge of how fast a counter of each row counted since the poll before, per second: `collectors.counters`."""

    column: Column
    rate: Literal[32, 64] = Field(description="Bits of the counter: it wraps there.")
    limit: Limit | None = Field(None, description="What the counter cannot exceed. One of 32 bits needs it.")
    since: Column | None = Field(None, description="Column that changes where the counter was set back.")
    share: bool = Field(False, description="The rate as a share of its limit, 0 to 1; absent without one.")

    @model_validator(mode="after")
    def _bounded(self) -> Rate:
        if self.limit is None and (self.rate == 32 or self.share):
            reason = "share" if self.share else "rate: 32, which may wrap unseen,"
            raise ValueError(f"{reason} needs a limit")
        return self


class Choice(Model):
    """A metric that is spread over the states of one object: 1 for the one it is in, 0 for the others."""

    scalar: Dotted
    label: str
    states: dict[int | str, str] = Field(description="Names of its numbers or texts; texts in any case.")

    _keys = field_validator("states")(_keyed)


def _form(given: Any) -> str:
    """Which form of metric is meant, so that what is wrong with it is said of this form only."""
    if isinstance(given, Rate) or (
        isinstance(given, dict) and given.keys() & {"rate", "limit", "since", "share"}
    ):
        return Rate.__name__
    if isinstance(given, Choice) or (isinstance(given, dict) and "label" in given):
        return Choice.__name__
    return Value.__name__


Form = Annotated[
    Annotated[Value, Tag(Value.__name__)]
    | Annotated[Choice, Tag(Choice.__name__)]
    | Annotated[Rate, Tag(Rate.__name__)],
    Discriminator(_form),
]

FORMS: Final = (Value.__name__, Choice.__name__, Rate.__name__)
"""Tags of the forms, as they stand in the places of errors."""


class Table(Model):
    """A table of an answer: its rows, their names and values."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    rank: int = Field(50, description="Of two tables with the same series, the lower rank wins.")
    keep: dict[Column, tuple[int | str, ...]] = Field(
        default_factory=dict, description="Rows whose column is one of these."
    )
    only: dict[Column, Pattern] = Field(default_factory=dict, description="Rows whose column matches.")
    skip: dict[Column, Pattern] = Field(
        default_factory=dict, description="Rows whose column matches are left out."
    )
    nonzero: tuple[Column, ...] = Field((), description="Rows where one of these is 0 are left out.")
    once: bool = Field(
        False,
        description="Rows of the same size and use are one store under several names: the first one counts.",
    )
    labels: dict[str, int | str | Label] = Field(default_factory=dict)
    metrics: dict[str, Form] = Field(min_length=1)
    replaces: tuple[str, ...] = Field((), description="Tables that are dropped where this one has rows.")
    covers: dict[str, Pattern] = Field(
        default_factory=dict,
        description="Stores of other tables that are dropped where this one has rows: by table, what their name matches.",
    )

    @model_validator(mode="after")
    def _vocabulary(self) -> Self:
        for name, value in self.metrics.items():
            metric = METRICS.get(name)
            if metric is None:
                raise ValueError(f"{name} is not in the vocabulary (inventory/metrics.py)")
            given = {*self.labels, value.label} if isinstance(value, Choice) else set(self.labels)
            if isinstance(value, Value) and (value.scalar or value.rows) and self.grouped and self.labels:
                given = {
                    label for label, rule in self.labels.items() if isinstance(rule, Label) and rule.text
                }
            unknown = sorted(given - set(metric.labels))
            if unknown:
                raise ValueError(f"{name} has no label {', '.join(unknown)}")
            if isinstance(value, Rate):
                _measured(value, metric)
        wanted(self)
        return self

    @property
    def grouped(self) -> bool:
        """Whether this is a group of single objects and not of rows."""
        return False

    @abc.abstractmethod
    def column(self, column: Column) -> Key:
        """What a column is found by. Raises ValueError where it cannot be one of this table."""

    @abc.abstractmethod
    def scalar(self, scalar: str) -> Key:
        """What a single object is found by. Raises ValueError where it cannot be one of this table."""


def _measured(rate: Rate, metric: Metric) -> None:
    """Raise ValueError where a metric is no rate."""
    if metric.kind != "gauge":
        raise ValueError(f"{metric.name} is a {metric.kind}: a rate is a gauge")
    if rate.share != (metric.unit == "ratio"):
        word = "takes" if metric.unit == "ratio" else "is no ratio: it takes no"
        raise ValueError(f"{metric.name} {word} share: true")


class Wanted(NamedTuple):
    """Objects that a table needs: the roots of columns to walk, scalars to get.

    `naming` are the columns that decide which rows count and what they are called.
    """

    columns: frozenset[Key]
    scalars: frozenset[Key]
    naming: frozenset[Key]


def wanted(table: Table) -> Wanted:
    """The objects that a table's values, labels and filters are made of."""
    naming: set[Column] = {*table.keep, *table.only, *table.skip, *table.nonzero}
    for label in table.labels.values():
        if isinstance(label, Label):
            named = (label.column, label.within, label.beside, label.otherwise)
            naming |= {column for column in named if column is not None}
        else:
            naming.add(label)
    columns: set[Column] = set()
    scalars: set[str] = set()
    for rule in table.metrics.values():
        if isinstance(rule, Choice):
            scalars.add(rule.scalar)
        elif isinstance(rule, Value) and rule.scalar is not None:
            others = (*rule.less, *parted(rule.plus), *parted(rule.minus), rule.high)
            scalars |= {rule.scalar, *(str(other) for other in others if other is not None)}
        else:
            columns |= set(columns_of(rule))
    return Wanted(
        frozenset(map(table.column, columns | naming)),
        frozenset(map(table.scalar, scalars)),
        frozenset(map(table.column, naming)),
    )


def columns_of(rule: Value | Rate) -> Iterator[Column]:
    """The columns that a value of each row is made of."""
    named: tuple[Column | None, ...]
    if isinstance(rule, Rate):
        named = (rule.column, rule.since, rule.limit.column if rule.limit else None)
    else:
        scaling = (rule.times, rule.percent, rule.decimals, rule.magnitude)
        parts = (*parted(rule.plus), *parted(rule.minus))
        named = (rule.column, rule.high, *scaling, *parts)
    for column in named:
        if column is not None:
            yield column


def parted(parts: tuple[Part, ...]) -> Iterator[Column]:
    """The columns, or scalars, that parts are made of."""
    for part in parts:
        yield from (part.column, part.high) if isinstance(part, Halves) else (part,)
