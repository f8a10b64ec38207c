"""Amounts that nobody knows exactly: one number, or low, likely and high."""

from __future__ import annotations

from typing import Annotated, Any, Final, NamedTuple

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from inventory.credentials import Model
from inventory.quantities import (
    NUMBER,
    NUMBER_PATTERN,
    RATIO_SCHEMA,
    SIZE_SCHEMA,
    Size,
    decimal,
    number,
    ratio,
    size,
)

ESTIMATE: Final = "estimate"
"""Title of such an amount in a JSON Schema."""

Triple = tuple[float, float, float]
"""Low, likely and high."""


class Estimate(Model):
    """What an amount may be, in the unit that its field says."""

    low: float
    likely: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> Estimate:
        if not self.low <= self.likely <= self.high:
            raise ValueError("low, likely and high must not fall: give the smallest first")
        return self

    @property
    def three(self) -> Triple:
        return self.low, self.likely, self.high


def signed(value: Any) -> float:
    """A signed share of `0.1` or `"-5 %"`."""
    if isinstance(value, str) and value.strip().startswith(("-", "+")):
        sign = -1.0 if value.strip()[0] == "-" else 1.0
        return sign * ratio(value.strip()[1:])
    return ratio(value)


class Plain(NamedTuple):
    """A number without a unit, or bytes: which of the two a change needs depends on what it is about."""

    value: float
    bytes: bool


def _either(value: Any) -> Plain:
    """A number or a size, no larger than anything that exists."""
    found = _plain(value)
    if not abs(found.value) <= (_MOST_BYTES if found.bytes else _MOST):
        raise ValueError("this is more than there is of anything: look at its unit")
    return found


def _plain(value: Any) -> Plain:
    if isinstance(value, Plain):
        return value
    if isinstance(value, bool) or value is None:
        raise ValueError("write a number, or a size such as 2 TB")
    if isinstance(value, int | float):
        return Plain(float(value), False)
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        return Plain(decimal(value), False)
    return Plain(size(value), True)


_NUMBERS: Final = {"type": "number", "minimum": 0}
_MOST: Final = 1e12
"""Of anything that is counted: far beyond any hospital, and near enough that sums and products of it stay numbers."""
_MOST_BYTES: Final = 1e21
Count = Annotated[float, BeforeValidator(number), Field(ge=0, le=_MOST)]
Positive = Annotated[Size, Field(ge=0, le=_MOST_BYTES)]
Share = Annotated[float, BeforeValidator(ratio), Field(ge=0, le=1)]
Rate = Annotated[float, BeforeValidator(signed), Field(gt=-1, le=10)]
Factor = Annotated[float, BeforeValidator(number), Field(ge=1, le=1000)]


class SizeEstimate(Estimate):
    """Bytes, from 0."""

    low: Positive
    likely: Positive
    high: Positive


class CountEstimate(Estimate):
    """A number, from 0."""

    low: Count
    likely: Count
    high: Count


class ShareEstimate(Estimate):
    """A share between 0 and 1."""

    low: Share
    likely: Share
    high: Share


class RateEstimate(Estimate):
    """A change as a share, below 0 where it falls."""

    low: Rate
    likely: Rate
    high: Rate


class FactorEstimate(Estimate):
    """By how much something is made smaller, from 1."""

    low: Factor
    likely: Factor
    high: Factor


class AnyEstimate(Model):
    """Bytes or a number, below 0 where it is taken away."""

    low: Annotated[Plain, BeforeValidator(_either)]
    likely: Annotated[Plain, BeforeValidator(_either)]
    high: Annotated[Plain, BeforeValidator(_either)]

    @model_validator(mode="after")
    def _alike(self) -> AnyEstimate:
        if len({self.low.bytes, self.likely.bytes, self.high.bytes}) > 1:
            raise ValueError("low, likely and high must be of one unit")
        if not self.low.value <= self.likely.value <= self.high.value:
            raise ValueError("low, likely and high must not fall: give the smallest first")
        return self

    @property
    def bytes(self) -> bool:
        return self.likely.bytes

    @property
    def three(self) -> Triple:
        return self.low.value, self.likely.value, self.high.value


def _spread(value: Any) -> Any:
    """One number stands for all three."""
    return value if isinstance(value, dict | Model) else {"low": value, "likely": value, "high": value}


def _schema(one: dict[str, Any]) -> WithJsonSchema:
    three = {
        "type": "object",
        "additionalProperties": False,
        "required": ["low", "likely", "high"],
        "properties": dict.fromkeys(("low", "likely", "high"), one),
    }
    return WithJsonSchema({"anyOf": [one, three], "title": ESTIMATE})


_RATES: Final = {
    "anyOf": [{"type": "number"}, {"type": "string", "pattern": rf"^[-+]?{NUMBER_PATTERN}\s*%$"}]
}
SIGNED_SCHEMA: Final = WithJsonSchema(_RATES)
"""A share that may be below 0, as a setting."""

_ANY: Final = {"anyOf": [{"type": "number"}, {"type": "string"}]}

Sizes = Annotated[SizeEstimate, BeforeValidator(_spread), _schema(SIZE_SCHEMA)]
Counts = Annotated[CountEstimate, BeforeValidator(_spread), _schema(_NUMBERS)]
Shares = Annotated[ShareEstimate, BeforeValidator(_spread), _schema(RATIO_SCHEMA)]
Rates = Annotated[RateEstimate, BeforeValidator(_spread), _schema(_RATES)]
Factors = Annotated[FactorEstimate, BeforeValidator(_spread), _schema({"type": "number", "minimum": 1})]
Amounts = Annotated[AnyEstimate, BeforeValidator(_spread), _schema(_ANY)]


def counts(low: float, likely: float | None = None, high: float | None = None) -> CountEstimate:
    """An estimate of a number, for a default: one number, or three."""
    return CountEstimate(
        low=low, likely=low if likely is None else likely, high=low if high is None else high
    )


def shares(low: float, likely: float | None = None, high: float | None = None) -> ShareEstimate:
    """An estimate of a share, for a default."""
    return ShareEstimate(
        low=low, likely=low if likely is None else likely, high=low if high is None else high
    )


def factors(one: float) -> FactorEstimate:
    """A factor that is known, for a default."""
    return FactorEstimate(low=one, likely=one, high=one)
