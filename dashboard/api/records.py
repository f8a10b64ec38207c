"""What answers are made of: models whose fields say their units. Unknown is null, never 0."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import math
from typing import Annotated, Any, Final, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from dashboard.texts import plain

_LONGEST: Final = 1000


class Record(BaseModel):
    """A JSON object, all of whose fields are always there."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nan(cls, given: Any) -> Any:
        """What is no number is not known."""
        if not isinstance(given, dict):
            return given
        return {
            name: None if isinstance(one, float) and not math.isfinite(one) else one
            for name, one in given.items()
        }


Item = TypeVar("Item", bound=Record)


class Page(Record, Generic[Item]):
    """A part of a list."""

    items: list[Item]
    total: int = Field(description="How many there are that the filters leave, on all pages.", ge=0)
    next: str | None = Field(
        description="Path and query of the next page; null on the last one.",
        json_schema_extra={"format": "uri-reference"},
    )


def _shown(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    is_harmless = value.isascii() and value.isprintable() and len(value) <= _LONGEST
    return value if is_harmless else plain(value, _LONGEST)


def _whole(value: Any) -> Any:
    return round(value) if isinstance(value, float) else value


def _moment(value: Any) -> Any:
    """UTC epoch seconds as a time, to the second."""
    return dt.datetime.fromtimestamp(int(value), dt.UTC) if isinstance(value, float | int) else value


Text = Annotated[str, BeforeValidator(_shown)]
"""Text of devices or people: one line, without invisible characters."""

Whole = Annotated[int, BeforeValidator(_whole)]
Number = float
Moment = Annotated[dt.datetime, BeforeValidator(_moment)]
"""A time in UTC (RFC 3339)."""

Day = dt.date
"""A civil day of the estate."""

Id = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]


@functools.lru_cache(maxsize=1 << 16)
def id_of(*names: str) -> str:
    """A short name for addresses, of names that may hold anything: the same for the same names."""
    whole = "\0".join(names).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=8).hexdigest()
