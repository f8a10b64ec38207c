"""What an estate says of people's names: nothing of them is kept where it says nothing.

workstations:
  people: {names: pseudonyms, keep: 365d, history: 1830d, log: 365d}
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from inventory.credentials import Model, Secret
from inventory.quantities import DURATION_SCHEMA, LeadTime, seconds

Names = Literal["none", "pseudonyms", "names"]

LogTime = Annotated[
    float, BeforeValidator(seconds), Field(ge=180 * 86_400, le=366 * 86_400), WithJsonSchema(DURATION_SCHEMA)
]
"""Six months to a year: what the CNIL recommends for logs (deliberation 2021-122 of 14 October 2021)."""


class People(Model):
    """What is kept of people: user names of workstations, what became of each machine, and who did what (data-protection.md)."""

    names: Names = Field(
        "none",
        description="What an import may keep of user names, where it is asked to: none, keyed pseudonyms, or names.",
    )
    keep: LeadTime = Field(
        365 * 86_400.0,
        description="Time that a name or pseudonym is kept once the inventory does not say it any more (365d).",
    )
    history: LeadTime | None = Field(
        None,
        description="Time that details of machines are kept once they are past; after it only models, sites, dates and ends stay. For ever when left out.",
    )
    log: LogTime = Field(
        365 * 86_400.0, description="Time that rows of the audit log are kept, 180d to 366d (365d)."
    )
    key: Secret | None = Field(
        None,
        description="Key of the pseudonyms: env:NAME or file:PATH; JAUGE_PSEUDONYM_KEY, or pseudonym.key beside the estate, when left out.",
    )
