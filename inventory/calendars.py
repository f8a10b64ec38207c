"""Days that people write, and those on which they work."""

from __future__ import annotations

import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from inventory.credentials import Model

_FIRST: Final = datetime.date(2000, 1, 1)
_LAST: Final = datetime.date(2100, 1, 1)
Day = Annotated[datetime.date, Field(ge=_FIRST, le=_LAST)]


class Calendar(Model):
    """On which days people work."""

    holidays: Literal["france", "alsace-moselle", "none"] = Field(
        "france", description="Whose public holidays are free."
    )
    weekdays: int = Field(5, ge=1, le=7, description="Working days of a week, from Monday.")
    days: int | None = Field(
        None,
        ge=1,
        le=366,
        description="Working days of a year, spread evenly over it, in place of the two above.",
    )
