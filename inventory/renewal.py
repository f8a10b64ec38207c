"""What workstations are for, what replaces them, and for how much money: what a renewal plan is made from.

workstations:
  age_limit: 6
  classes:
    - {name: theatre, title: Operating theatres, criticality: critical, care: true, age_limit: 5, fits: {services: [Chirurgie*]}}
  offers:
    laptop: {contract: ugap-pc, price: 980, warranty: 3, fits: {kinds: [Portable]}}
  budgets: {2027: {amount: 420000}}
  installations: 180
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import Field, model_validator

from inventory.contracts import Budget, Year
from inventory.credentials import Model
from inventory.criticality import Criticality
from inventory.people.register import DataClass
from inventory.people.rules import People
from inventory.quantities import Name, Price, Ratio, Text
from inventory.rollouts import Rollout

Years = Annotated[float, Field(gt=0, le=30)]
Machines = Annotated[int, Field(ge=0, le=1_000_000)]

OTHER: Final = "other"
"""The class of a workstation that no rule matches."""


class Fits(Model):
    """Which workstations are meant. Letters' case does not matter, * stands for any; all that is written must fit."""

    names: tuple[Text, ...] = Field((), description="Names of machines.")
    serials: tuple[Text, ...] = Field((), description="Serial numbers.")
    sites: tuple[Text, ...] = Field((), description="Sites, as the inventory writes them.")
    services: tuple[Text, ...] = Field((), description="Services.")
    places: tuple[Text, ...] = Field((), description="Rooms or departments.")
    kinds: tuple[Text, ...] = Field((), description="Kinds of machines: laptop, Portable ...")
    makers: tuple[Text, ...] = Field((), description="Makers.")
    models: tuple[Text, ...] = Field((), description="Models.")
    classes: tuple[Text, ...] = Field((), description="Classes of use.")

    def match(self, machine: Mapping[str, str | None]) -> bool:
        """Whether a machine (its texts by `name`, `serial`, `site`, ... `class`) is meant; what is unknown fits no pattern."""
        return all(
            _any(getattr(self, several), machine.get(one))
            for several, one in _FIELDS.items()
            if getattr(self, several)
        )

    @property
    def asked(self) -> tuple[str, ...]:
        """The texts of a machine that are looked at."""
        return tuple(one for several, one in _FIELDS.items() if getattr(self, several))

    @property
    def empty(self) -> bool:
        """Whether nothing is written, so that every machine fits."""
        return not self.asked


_FIELDS: Final = {
    "names": "name", "serials": "serial", "sites": "site", "services": "service", "places": "place",
    "kinds": "kind", "makers": "maker", "models": "model", "classes": "class",
}  # fmt: skip


def _any(patterns: tuple[str, ...], value: str | None) -> bool:
    if value is None:
        return False
    text = value.casefold()
    return any(_compiled(pattern).fullmatch(text) is not None for pattern in patterns)


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Only * is special: names of models hold brackets and question marks."""
    return re.compile(".*".join(re.escape(part) for part in pattern.casefold().split("*")), re.DOTALL)


class Spares(Model):
    """Machines that are kept ready to stand in for those that fail."""

    number: Machines | None = Field(None, description="How many.")
    share: Ratio | None = Field(None, description="How many, as a share of the machines of the class.")
    failures: bool = Field(
        False, description="As many as may fail (upper end of the 80 % band) until new ones are delivered."
    )

    @model_validator(mode="after")
    def _one(self) -> Spares:
        if (self.number is not None) + (self.share is not None) + self.failures != 1:
            raise ValueError("give one of number, share and failures")
        return self


class UseClass(Model):
    """What some workstations are for. A machine is of the first class that it fits."""

    name: Name = Field(description="Unique name: letters, digits and . _ -")
    title: Text | None = Field(None, description="What people call it.")
    fits: Fits = Field(default_factory=Fits, description="Which machines are of it.")
    criticality: Criticality = Field("normal", description="How much depends on them: weighs on order.")
    care: bool = Field(False, description="Whether patients are cared for with them.")
    age_limit: Years | None = Field(None, description="Years after which one must go; else as for all.")
    risk: Ratio | None = Field(
        None, description="Largest share that may be expected to fail within a year before they must go."
    )
    personal_data: DataClass | None = Field(
        None,
        description="Class of personal data that is worked with: none, ordinary, staff, sensitive (article 9 of the GDPR) or health; unknown when left out.",
    )
    register_entry: Text | None = Field(None, description="Entry of the register of processing activities.")
    spares: Spares | None = Field(None, description="Machines kept ready.")


class RenewalOffer(Model):
    """What may be bought in the place of some machines: a PC, a thin client with a virtual desktop."""

    title: Text | None = Field(None, description="What people call it.")
    contract: Name | None = Field(
        None, description="Framework contract (`contracts`): its lead time, its first and last day."
    )
    price: Price = Field(description="Of one machine, installed, in the estate's currency.")
    model: Text | None = Field(None, description="Model that is delivered.")
    fits: Fits = Field(default_factory=Fits, description="What it replaces; anything when left out.")
    warranty: Annotated[float, Field(ge=0, le=30)] = Field(3, description="Years of warranty.")
    life: Years | None = Field(
        None, description="Years that it serves; as long as the age limit of its class where left out."
    )
    running: Price = Field(0, description="What each costs in a year besides: licence, share of a server.")
    instead: bool = Field(
        False, description="Whether what it fits is replaced by nothing else: by virtual desktops alone."
    )
    renewed: bool = Field(
        True, description="Whether a contract that ends is taken to go on at its price; the plan says so."
    )


class FleetBudget(Budget):
    """Money for workstations in one civil year, by the day of the order."""

    sites: dict[Text, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict, description="The part of some sites: what is ordered for them stays below it."
    )


class ExtendedUpdates(Model):
    """Security updates that are paid for once the maker gives none any more (ESU)."""

    product: Text = Field(description="Product, as the lifecycle catalogue names it: Windows 10.")
    prices: tuple[Price, ...] = Field(
        min_length=1, max_length=10, description="Of one machine in the first year, the second, and so on."
    )
    starts: datetime.date | None = Field(
        None, description="First day of the first year; the day after support ends when left out."
    )


class RenewalCosts(Model):
    """What waiting costs, and what evenness is worth: what a plan weighs besides prices."""

    failure: Price = Field(350, description="Of one failure: repair, the technician's time, the stand-still.")
    support: tuple[Price, ...] = Field(
        (0, 40, 60, 80),
        max_length=20,
        description="Of one machine by completed years after its warranty: 0, 1, 2 ...; the last one goes on.",
    )
    largest: Annotated[float, Field(ge=0, le=10)] = Field(
        0.1,
        description="What a euro more in the dearest year counts besides: the higher, the evener the years.",
    )
    rise: Annotated[float, Field(ge=-0.2, le=0.5)] = Field(
        0.0, description="By how much prices rise in a year: 0.02 is 2 %."
    )


class RenewalProject(Model):
    """Workstations that something new needs: a building that opens."""

    name: Name = Field(description="Unique name: letters, digits and . _ -")
    title: Text | None = Field(None, description="What people call it.")
    machines: Annotated[int, Field(ge=1, le=100_000)] = Field(description="How many.")
    by: datetime.date = Field(description="Day on which they must be there.")
    use: Name = Field(OTHER, description="Class of use.")
    site: Text | None = Field(None, description="Site, as the inventory writes it.")
    service: Text | None = Field(None, description="Service.")
    kind: Text | None = Field(None, description="Kind of machine.")


class Console(Model):
    """Machines that keep dates of their own: consoles of scanners and analysers, whose makers decide."""

    fits: Fits = Field(description="Which machines.")
    until: datetime.date | None = Field(
        None, description="Last day; where left out, they are left alone within the years that are planned."
    )
    why: Text = Field(description="Why the ordinary dates do not hold.")

    @model_validator(mode="after")
    def _some(self) -> Console:
        if self.fits.empty:
            raise ValueError("fits is empty: every workstation would be a console")
        return self


class Measure(Model):
    """What was done so that machines without support may stay."""

    fits: Fits = Field(description="Which machines.")
    text: Annotated[str, Field(min_length=1, max_length=500)] = Field(description="What was done.")
    who: Text = Field(description="Who answers for it.")
    day: datetime.date = Field(description="Day on which it was done, or looked at last.")


class Renewal(Model):
    """Workstations: classes of use, offers, money, and what the renewal plan has to keep to."""

    years: Annotated[int, Field(ge=1, le=15)] = Field(8, description="Years ahead that are planned.")
    age_limit: Years = Field(
        6, description="Years after which a machine must go, where its class says nothing."
    )
    warranty: Annotated[float, Field(ge=0, le=30)] = Field(
        3, description="Years of warranty from the purchase, where the inventory does not say when it ends."
    )
    classes: tuple[UseClass, ...] = Field(
        (), max_length=100, description="Classes of use; the first that a machine fits is its own."
    )
    offers: dict[Name, RenewalOffer] = Field(
        default_factory=dict, description="What replaces workstations, by name."
    )
    budgets: dict[Year, FleetBudget] = Field(
        default_factory=dict,
        description="Money for workstations by civil year; years after the last one have as much as that, those before none is named no bound.",
    )
    directorates: dict[Text, Fits] = Field(
        default_factory=dict, description="Which machines a directorate pays for, by its name."
    )
    installations: Annotated[int, Field(ge=0, le=1_000_000)] | None = Field(
        None, description="Machines that can be installed in a quarter; no bound when left out."
    )
    extended_updates: tuple[ExtendedUpdates, ...] = Field(
        (), description="Security updates that may be bought (ESU); none where nothing is named."
    )
    costs: RenewalCosts = Field(default_factory=RenewalCosts, description="What waiting costs.")
    projects: tuple[RenewalProject, ...] = Field((), description="What new projects need.")
    consoles: tuple[Console, ...] = Field((), description="Machines with dates of their own.")
    measures: tuple[Measure, ...] = Field((), description="Measures for machines that stay without support.")
    rollouts: dict[Name, Rollout] = Field(
        default_factory=dict, max_length=50, description="What is deployed to workstations, by name."
    )
    people: People = Field(default_factory=People, description="What is kept of the people who use them.")

    @model_validator(mode="after")
    def _named_once(self) -> Renewal:
        for what, names in (
            ("classes", [one.name for one in self.classes]),
            ("projects", [one.name for one in self.projects]),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} has {twice[0]} twice")
        known = {OTHER, *(one.name for one in self.classes)}
        lost = next((one for one in self.projects if one.use not in known), None)
        if lost is not None:
            raise ValueError(f"project {lost.name}: there is no class {lost.use}")
        for name, rollout in self.rollouts.items():
            missing = next((use for use in rollout.among.classes if use not in known), None)
            if missing is not None:
                raise ValueError(f"rollout {name}: there is no class {missing}")
        return self

    def use_class(self, name: str) -> UseClass:
        """The class of that name; what is of no class is ordinary."""
        return next((one for one in self.classes if one.name == name), UseClass(name=OTHER))

    def classify(self, machine: Mapping[str, str | None]) -> str:
        """Name of the class of a machine, by its texts."""
        return next((one.name for one in self.classes if one.fits.match(machine)), OTHER)

    def directorate(self, machine: Mapping[str, str | None]) -> str:
        """Who pays for a machine; "" where nobody says."""
        return next((name for name, fits in self.directorates.items() if fits.match(machine)), "")

    def limit_of(self, use: str) -> float:
        """The age limit of a class, in years."""
        return self.use_class(use).age_limit or self.age_limit

    def money(self, year: int) -> FleetBudget | None:
        """The budget of a year: that of the last year named before it; None where none is."""
        named = [one for one in self.budgets if one <= year]
        return self.budgets[max(named)] if named else None
