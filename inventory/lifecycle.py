"""When makers stop mending what they sold: the catalogue `lifecycle.yml`, and what it says of a system."""

from __future__ import annotations

import datetime
import functools
from pathlib import Path
from typing import Final

from pydantic import Field, TypeAdapter

from inventory.credentials import Model
from inventory.places import read_shipped

_FILE: Final = Path(__file__).with_suffix(".yml")


class Cycle(Model):
    """One row: a version of a product, for some editions where their dates differ. `ends` is the last day for everybody."""

    product: str
    version: str
    ends: datetime.date
    source: str
    checked: datetime.date
    also: str | None = None
    editions: tuple[str, ...] = Field(())
    build: int | None = None
    extended: datetime.date | None = None

    def covers(self, product: str, version: str) -> bool:
        """Whether a system that says this of itself is of the cycle."""
        names = [name for name in (self.product, self.also) if name]
        if product in names:
            return version == self.version or version.startswith((f"{self.version}.", f"{self.version} "))
        whole = product.removeprefix("Microsoft ")
        return any(f"{whole} ".startswith(f"{name} {self.version} ") for name in names)


@functools.cache
def cycles() -> tuple[Cycle, ...]:
    """The whole catalogue."""
    data = read_shipped(_FILE).data
    return TypeAdapter(tuple[Cycle, ...]).validate_python(data["cycles"])


def find(product: str, version: str) -> Cycle | None:
    """What the catalogue says of a system by its `product` and `version` (jauge_target_info); None where nothing.

    Cycles whose date depends on the edition are not looked at: a target does not tell its edition. Of two that fit
    (2012, 2012 R2), the one that says more is the one.
    """
    found = [one for one in cycles() if not one.editions and one.covers(product, version)]
    return max(found, key=lambda one: len(one.version), default=None)
