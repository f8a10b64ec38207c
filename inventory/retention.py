"""How long an archive keeps what it holds: declared by its owner, never read from a patient's record.

    retention: {years: 20, minors_until: 28, after_death: 10,
                returned: {low: 25 %, likely: 35 %, high: 45 %}, minors: 2 %, deaths: 30 %}

The defaults are those of article R. 1112-7 of the French code of public health: twenty years after the last
stay or consultation; until the 28th birthday, where that is later; ten years after a death that comes less than
ten years after the last stay.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from inventory.credentials import Model
from inventory.quantities import RATIO_SCHEMA, Name, Text, ratio

Part = Annotated[
    float,
    BeforeValidator(ratio),
    Field(ge=0, le=1),
    WithJsonSchema(RATIO_SCHEMA),
]
"""A share, 0 included: `0.3` or `30 %`."""


class Share(Model):
    """A share that the owner of an archive declares, with how sure that is. `30 %` alone stands for all three."""

    low: Part = Field(description="It is hardly below that.")
    likely: Part = Field(description="Most likely.")
    high: Part = Field(description="It is hardly above that.")

    @model_validator(mode="before")
    @classmethod
    def _spread(cls, value: Any) -> Any:
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            return {"low": value, "likely": value, "high": value}
        return value

    @model_validator(mode="after")
    def _ordered(self) -> Share:
        if not self.low <= self.likely <= self.high:
            raise ValueError("low, likely and high do not rise")
        return self


class Retention(Model):
    """How long an archive keeps a study, and the shares of its bytes that its owner declares. No patient is looked at."""

    years: int = Field(20, ge=0, le=200, description="Years that a record is kept after the last stay.")
    minors_until: int = Field(
        28, ge=0, le=130, description="Birthday until which a record is kept at least, where that is later."
    )
    after_death: int = Field(
        10,
        ge=0,
        le=200,
        description="Years that a record is kept after a death which comes so many years after the last stay, or sooner.",
    )
    returned: Share | None = Field(
        None, description="Share of the bytes of a year whose patients came again since: kept longer."
    )
    minors: Share | None = Field(
        None,
        description="Share of the bytes of a year whose patients were so young that their birthday counts "
        "(below `minors_until` less `years`: 8).",
    )
    deaths: Share | None = Field(
        None,
        description="Share of the bytes of a year whose patients died within `after_death` years of the last stay.",
    )
    modalities: dict[Name, Annotated[int, Field(ge=0, le=200)]] = Field(
        default_factory=dict, description="Years of some modalities, instead of `years`: {MG: 30}."
    )
    store: Text | None = Field(
        None, description="Store of the target that the archive fills; the largest when left out."
    )
