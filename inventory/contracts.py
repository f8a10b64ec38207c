"""What may be bought, under which contract, and for how much money: what a purchase plan is made from.

contracts:
  ugap-stockage:
    lead_time: 16w
    until: 2028-06-30
    items:
      tray: {gives: {storage: 20 TB}, price: 13000, targets: [nas-01, nas-02], most: 4}
budgets: {2027: {amount: 400000}}
"""

from __future__ import annotations

import datetime
from typing import Annotated, Final, Literal, get_args

from pydantic import Field, model_validator

from inventory.credentials import Model
from inventory.quantities import Amount, LeadTime, Name, Price, Text

Quantity = Literal["storage", "memory", "processors", "licences", "sessions"]
QUANTITIES: Final[tuple[Quantity, ...]] = get_args(Quantity)

StoreKind = Literal["array", "pool", "volume", "filesystem", "share", "tier", "repository"]
"""The values of `inventory.metrics.STORE_KINDS`, as a setting."""

Year = Annotated[int, Field(ge=2000, le=2199)]


class Item(Model):
    """A thing that a contract sells, in lots."""

    title: Text | None = Field(None, description="What the offer calls it.")
    gives: dict[Quantity, Amount] = Field(
        min_length=1,
        description="What one lot adds, by quantity: usable bytes of storage and memory (20 TB, 768 GiB), "
        "a number of processors, licences, sessions. A node adds several at once.",
    )
    price: Price = Field(description="Price of one lot, in the estate's currency.")
    targets: tuple[Name, ...] = Field(
        (), description="Targets that it fits; where none is named, those that name the contract."
    )
    kinds: tuple[StoreKind, ...] = Field(
        (), description="Kinds of stores that its bytes may go to; any where none is named."
    )
    least: int = Field(1, ge=1, description="Lots of the smallest order.")
    most: int | None = Field(None, ge=1, description="Lots of the largest order of a month for one target.")
    limit: int | None = Field(
        None, ge=0, description="Lots that may be bought in all: free slots, or what the contract allows."
    )

    @model_validator(mode="after")
    def _ordered(self) -> Item:
        for name in ("most", "limit"):
            bound = getattr(self, name)
            if bound is not None and 0 < bound < self.least:
                raise ValueError(f"{name} is below least: no order could be made")
        return self


class Contract(Model):
    """A framework contract that things are ordered under."""

    title: Text | None = Field(None, description="What people call it.")
    lead_time: LeadTime | None = Field(
        None, description="Time from order to use, where the target that names it says no other."
    )
    since: datetime.date | None = Field(None, description="First day on which one may order.")
    until: datetime.date | None = Field(None, description="Last day on which one may order.")
    items: dict[Name, Item] = Field(default_factory=dict, description="What it sells, by name.")

    @model_validator(mode="after")
    def _lasting(self) -> Contract:
        if self.since and self.until and self.until < self.since:
            raise ValueError("until is before since")
        return self

    def is_open(self, day: datetime.date) -> bool:
        """Whether one may order on that day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Budget(Model):
    """Money of one civil year, by the day of the order."""

    amount: float | None = Field(
        None, ge=0, description="For the whole estate, in its currency; no bound when left out."
    )
    directorates: dict[Text, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict,
        description="The part of some directorates: what is ordered for their targets stays below it.",
    )


class Purchase(Model):
    """How a purchase plan is made."""

    risk: Literal["early", "central"] = Field(
        "early",
        description="Which path of the forecast must be covered: early (1 chance in 10 to be above), or central.",
    )
    years: int = Field(3, ge=1, le=5, description="Years ahead that are planned.")
