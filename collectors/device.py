"""Device families: one declarative file each, in `devices/`. This module says what such a file may hold.

The language is closed: what it cannot say becomes Python, never a template inside a string. A column is an
int (of the table's entry) or a whole OID (a column of another table with the same index).
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

from collectors.snmp.oid import Oid, encode
from inventory.credentials import Model
from inventory.metrics import METRICS, Metric
from inventory.places import read

DEVICES: Final = Path(__file__).parent / "devices"

_DOTTED = re.compile(r"\d+(\.\d+)+")


class DeviceError(Exception):
    """A device file cannot be used: the message says which, where and why."""


def _dotted(value: Any) -> str:
    if not isinstance(value, str) or not _DOTTED.fullmatch(value):
        raise ValueError(f"{value!r} is no object identifier")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"no regular expression: {error}") from None
    return value


Dotted = Annotated[str, BeforeValidator(_dotted)]
Column = int | Dotted
Pattern = Annotated[str, AfterValidator(_pattern)]


class Detect(Model):
    """How a family is recognised. What is given must all hold."""

    object_id: tuple[Dotted, ...] = Field((), description="sysObjectID is one of these, or below one.")
    describes: Pattern | None = Field(None, description="sysDescr holds this regular expression.")
    subtree: Dotted | None = Field(None, description="The agent has objects below this one.")
    lacks: Dotted | None = Field(None, description="The agent has no objects below this one.")

    @model_validator(mode="after")
    def _something(self) -> Detect:
        if not (self.object_id or self.describes or self.subtree):
            raise ValueError("give object_id, describes or subtree")
        return self


def _count(given: Any) -> str:
    """Whether one sign is meant or several, so that what is wrong is said of this form only."""
    return "one" if isinstance(given, dict | Detect) else "several"


Detects = Annotated[
    Annotated[Detect, Tag("one")] | Annotated[tuple[Detect, ...], Tag("several")], Discriminator(_count)
]


class Label(Model):
    """A label of a series: a column, the index, a state's name, or a fixed text."""

    column: Column | None = None
    text: str | None = None
    index: bool = False
    states: dict[int, str] = Field(default_factory=dict, description="Names for the numbers of the column.")
    otherwise: Column | None = Field(None, description="Column to take where the first is empty.")
    shorten: Pattern | None = Field(None, description="Keep only what group 1 of this matches.")
    by: tuple[int, ...] = Field(
        (),
        description="Column of another table, whose index is these parts of the row's own, counted from 0.",
    )


class Value(Model):
    """A value of a metric, from a column of each row or from one scalar object."""

    column: Column | None = None
    scalar: Dotted | None = None
    times: Column | None = Field(None, description="Column to multiply by, for instance allocation units.")
    percent: Column | None = Field(None, description="Column that holds the share of it, in per cent.")
    high: Column | None = Field(None, description="Column or scalar with the upper 32 bits of the number.")
    plus: tuple[Column, ...] = Field((), description="Columns or scalars to add.")
    minus: tuple[Column, ...] = Field((), description="Columns or scalars to subtract.")
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
    rows: Literal["mean", "sum", "count", "max"] | None = Field(None, description="One value of all rows.")

    @model_validator(mode="after")
    def _source(self) -> Value:
        if (self.column is None) == (self.scalar is None):
            raise ValueError("give column or scalar")
        if self.high is not None and (self.pattern or self.states):
            raise ValueError("high: a number of two halves has no pattern and no states")
        return self

    @field_validator("states")
    @classmethod
    def _lower(cls, states: dict[int | str, float]) -> dict[int | str, float]:
        return {key.lower() if isinstance(key, str) else key: value for key, value in states.items()}


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
    states: dict[int, str]


class Fact(Model):
    """What a device says that it is, in an object of its own: the first row of a column, or a scalar."""

    column: Dotted | None = None
    scalar: Dotted | None = None
    pattern: Pattern | None = Field(None, description="Keep only what group 1 of this matches.")
    states: dict[int, str] = Field(default_factory=dict, description="Names for the numbers of the object.")

    @model_validator(mode="after")
    def _source(self) -> Fact:
        if (self.column is None) == (self.scalar is None):
            raise ValueError("give column or scalar")
        return self


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

_FORMS: Final = (Value.__name__, Choice.__name__, Rate.__name__, "one", "several")


class TableFile(Model):
    """A table, or a group of scalars, of a device."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    oid: Dotted | None = Field(None, description="The table's entry; a group of scalars has none.")
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

    @model_validator(mode="after")
    def _vocabulary(self) -> TableFile:
        for name, value in self.metrics.items():
            metric = METRICS.get(name)
            if metric is None:
                raise ValueError(f"{name} is not in the vocabulary (inventory/metrics.py)")
            given = {*self.labels, value.label} if isinstance(value, Choice) else set(self.labels)
            if isinstance(value, Value) and (value.scalar or value.rows) and self.oid is None and self.labels:
                given = {
                    label for label, rule in self.labels.items() if isinstance(rule, Label) and rule.text
                }
            unknown = sorted(given - set(metric.labels))
            if unknown:
                raise ValueError(f"{name} has no label {', '.join(unknown)}")
            if not isinstance(value, Choice) and isinstance(value.column, int) and not self.oid:
                raise ValueError(f"{name}: a column needs the table's oid")
            if isinstance(value, Rate):
                _measured(value, metric)
        return self

    def column(self, column: Column) -> Oid:
        """The root of a column."""
        return encode(column if isinstance(column, str) else f"{self.oid}.{column}")


def _measured(rate: Rate, metric: Metric) -> None:
    """Raise ValueError where a metric is no rate."""
    if metric.kind != "gauge":
        raise ValueError(f"{metric.name} is a {metric.kind}: a rate is a gauge")
    if rate.share != (metric.unit == "ratio"):
        word = "takes" if metric.unit == "ratio" else "is no ratio: it takes no"
        raise ValueError(f"{metric.name} {word} share: true")


class Family(Model):
    """How a kind of device is read: one file."""

    title: str
    detect: Detects = Field(description="How it is recognised: what is given must all hold; of a list, one.")
    also: tuple[str, ...] = Field((), description="Families that are read beside, where this one is named.")
    standard: bool = Field(False, description="A standard MIB, not a maker: it does not name the device.")
    product: Fact | dict[Pattern, str] = Field(
        default_factory=dict,
        union_mode="left_to_right",
        description="Names by what sysDescr holds, or the object that names the product.",
    )
    version: Pattern | Fact | None = Field(
        None, description="Group 1 is the version, in sysDescr; or the object that names it."
    )
    clock: Dotted | None = Field(
        None, description="Scalar of the device's own time, a DateAndTime (RFC 2579)."
    )
    tables: tuple[TableFile, ...] = ()

    @property
    def signs(self) -> tuple[Detect, ...]:
        """What it is recognised by: one of these must hold."""
        return (self.detect,) if isinstance(self.detect, Detect) else self.detect


def load(path: Path) -> Family:
    """Read one device file. Raises DeviceError with file, line and column of all that is wrong."""
    document = read(path)
    problems = [str(problem) for problem in document.problems]
    if not problems:
        try:
            return Family.model_validate(document.data)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                where = tuple(part for part in detail["loc"] if part not in _FORMS)
                place = next(
                    (document.values[key] for end in range(len(where), -1, -1)
                     if (key := where[:end]) in document.values),
                    document.file,
                )  # fmt: skip
                problems.append(f"{place}: {'.'.join(map(str, where))}: {detail['msg']}")
    raise DeviceError("\n".join(problems))


@functools.cache
def families() -> dict[str, Family]:
    """The families that Jauge ships, by name; makers before standards, so that they win."""
    found = {path.stem: load(path) for path in sorted(DEVICES.glob("*.yml"))}
    for name, family in found.items():
        for other in family.also:
            if other not in found:
                raise DeviceError(f"{DEVICES / name}.yml: there is no family {other}")
    _check_names(found)
    return dict(sorted(found.items(), key=lambda item: (item[1].standard, item[0])))


def _check_names(found: dict[str, Family]) -> None:
    """Raise DeviceError where two families call a table the same: one device may be read as both."""
    owners: dict[str, str] = {}
    for name, family in found.items():
        for table in family.tables:
            other = owners.setdefault(table.name, name)
            if other != name:
                raise DeviceError(
                    f"{DEVICES / name}.yml: the family {other} has a table {table.name} too: choose another name"
                )
