"""What a scenario changes: one model for each kind. Decimal units: a GB is 10^9 bytes, a GiB 2^30."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeVar

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, model_validator

from inventory.calendars import Calendar, Day
from inventory.credentials import Model
from inventory.quantities import Duration, Name, Price, Size, Text
from inventory.renewal import Fits, RenewalOffer
from inventory.scenarios.amounts import (
    SIGNED_SCHEMA,
    Amounts,
    Counts,
    Factors,
    Rates,
    Shares,
    Sizes,
    factors,
    shares,
    signed,
)
from inventory.scenarios.modalities import MODALITIES

Quantity = Literal["storage", "memory", "processors", "licences", "sessions"]
"""What can run out."""

BYTES: Final = frozenset({"storage", "memory"})
"""Quantities that are counted in bytes; the others are plain numbers."""

Given = TypeVar("Given", bound=Model)

_STORE: Final = "Name of the store (of the licence, of the pool of desktops); may be left out where the target has one only."
_RAMP: Final = "Time in which it grows from nothing to its whole, evenly: 8w."


class Spot(Model):
    """A place where something is kept."""

    target: Name = Field(description="Target of the estate.")
    store: Text | None = Field(None, description=_STORE)


class _Change(Model):
    """What every change says."""

    start: Day = Field(description="First day, such as 2027-03-01.")
    end: Day | None = Field(None, description="Last day; left out where it stays.")
    note: Text | None = Field(None, description="What else there is to say of it.")

    @model_validator(mode="after")
    def _forward(self) -> _Change:
        if self.end is not None and self.end < self.start:
            raise ValueError(f"the end ({self.end}) lies before the start ({self.start})")
        return self


class _Feed(_Change):
    """What comes in on working days."""

    target: Name = Field(description="Target of the estate that keeps it.")
    store: Text | None = Field(None, description=_STORE)
    calendar: Calendar = Field(default_factory=Calendar, description="Which days are working days.")
    ramp: Duration | None = Field(None, description=_RAMP)
    copies: int = Field(1, ge=1, le=20, description="Copies of it that this store keeps.")
    compression: Factors = Field(
        default_factory=lambda: factors(1),
        description="By how much compression makes it smaller here, from 1.",
    )


class Former(Model):
    """A device that goes when another comes."""

    modality: Text | None = Field(None, description="Its modality, where it is another.")
    studies: Counts = Field(description="Studies that it makes in a working day.")
    size: Sizes | None = Field(None, description="Bytes of one of its studies.")


class Modality(_Feed):
    """A device of the imaging department that comes, or takes the place of another."""

    kind: Literal["modality"] = Field(description="What kind of change it is.")
    modality: Text = Field(description=f"DICOM's code: {', '.join(MODALITIES)}, or another with its size.")
    studies: Counts = Field(description="Studies of a working day.")
    size: Sizes | None = Field(
        None,
        description="Bytes of a study; learnt from the archive, or that of the table below, where left out.",
    )
    archive: Name | None = Field(
        None, description="Target whose archive the size is learnt from, where it is not `target`."
    )
    replaces: Former | None = Field(None, description="The device that goes when this one comes.")

    @model_validator(mode="after")
    def _sized(self) -> Modality:
        if self.size is None and self.modality not in MODALITIES and self.archive is None:
            known = ", ".join(MODALITIES)
            raise ValueError(
                f"nothing is known of the size of {self.modality!r}: give size, or one of {known}"
            )
        return self


class Pathology(_Feed):
    """Slides that are scanned."""

    kind: Literal["pathology"] = Field(description="What kind of change it is.")
    slides: Counts = Field(description="Slides of a working day.")
    size: Sizes | None = Field(None, description="Bytes of a slide (1, 2, 5 GB).")
    digital: Shares = Field(
        default_factory=lambda: shares(1), description="Share of the slides that is scanned."
    )


class _Desk(Model):
    """What one virtual desktop needs, and where."""

    target: Name = Field(description="Target whose processors, memory and store it takes.")
    store: Text | None = Field(None, description=_STORE)
    disk: Sizes | None = Field(None, description="Bytes of the disk of each.")
    vcpu: Counts | None = Field(None, description="Virtual processors of each.")
    busy: Shares | None = Field(
        None,
        description="Share of its virtual processors that each keeps busy; where left out, learnt from the machines "
        "of the pool of `sessions`, else assumed (10, 20, 40 %).",
    )
    processors: int | None = Field(
        None,
        ge=1,
        description="Processors of the target (of each node), where nothing tells how many there are.",
    )
    memory: Sizes | None = Field(None, description="Memory of each.")
    licence: Spot | None = Field(
        None, description="Licence of which each takes one: target, and its name as `store`."
    )
    sessions: Spot | None = Field(
        None, description="Where each opens a session: target, and the pool as `store`."
    )
    connected: Shares = Field(
        default_factory=lambda: shares(1), description="Share of the desktops that are in use at once."
    )


class Desktops(_Change, _Desk):
    """Virtual desktops."""

    kind: Literal["desktops"] = Field(description="What kind of change it is.")
    count: Counts = Field(description="Desktops.")
    ramp: Duration | None = Field(None, description=_RAMP)


class PlaceStudies(Model):
    """Studies that a place of the building brings."""

    modality: Text = Field(description="DICOM's code, as for a modality.")
    studies: Counts = Field(
        description="Studies of a working day for each place: 0.05 is one for twenty places."
    )
    size: Sizes | None = Field(None, description="Bytes of a study, as for a modality.")
    target: Name = Field(description="Target that keeps them.")
    store: Text | None = Field(None, description=_STORE)
    copies: int = Field(1, ge=1, le=20, description="Copies of it that this store keeps.")


class PlaceDesktops(_Desk):
    """Virtual desktops that a place of the building brings."""

    each: Counts = Field(description="Desktops for each place.")


class PlaceFiles(Model):
    """Files and records that a place of the building brings."""

    target: Name = Field(description="Target that keeps them.")
    store: Text | None = Field(None, description=_STORE)
    each: Sizes | None = Field(None, description="Bytes for each place when it opens.")
    yearly: Sizes | None = Field(None, description="Bytes that each place adds in a year.")


class Building(_Change):
    """A building that opens, with places or beds."""

    kind: Literal["building"] = Field(description="What kind of change it is.")
    places: Counts = Field(description="Places or beds.")
    ramp: Duration | None = Field(None, description=_RAMP)
    calendar: Calendar = Field(default_factory=Calendar, description="Which days are working days.")
    studies: tuple[PlaceStudies, ...] = Field((), description="Imaging that it brings.")
    desktops: tuple[PlaceDesktops, ...] = Field((), description="Virtual desktops that it brings.")
    files: tuple[PlaceFiles, ...] = Field((), description="Files and records that it brings.")

    @model_validator(mode="after")
    def _brings(self) -> Building:
        if not (self.studies or self.desktops or self.files):
            raise ValueError("a building brings something: give studies, desktops or files")
        return self


class Migration(_Change):
    """Data that moves, and is held twice for a while."""

    model_config = ConfigDict(populate_by_name=True)

    kind: Literal["migration"] = Field(description="What kind of change it is.")
    origin: Spot = Field(alias="from", description="Where it leaves, `months` after the start.")
    to: Spot = Field(description="Where it arrives.")
    months: Counts = Field(description="Months for which it is held in both places.")
    size: Sizes | None = Field(None, description="Bytes that move.")
    share: Shares | None = Field(
        None, description="Share that moves of what `from` holds today, in place of `size` (all of it)."
    )
    over: Duration | None = Field(
        None, description="Time that the copying takes, evenly; one day when left out."
    )
    daily: Sizes | None = Field(
        None,
        description="Bytes of a day that go to the new place from the start, and to the old one until its end.",
    )

    @model_validator(mode="after")
    def _sized(self) -> Migration:
        return _one(self, "size", "share", needed=False)


class Purge(_Change):
    """Data that is deleted."""

    kind: Literal["purge"] = Field(description="What kind of change it is.")
    target: Name = Field(description="Target of the estate.")
    store: Text | None = Field(None, description=_STORE)
    size: Sizes | None = Field(None, description="Bytes that are deleted each time.")
    share: Shares | None = Field(
        None, description="Share that is deleted of what it holds today, in place of `size`."
    )
    every: Literal["once", "yearly"] = Field(
        "once", description="How often: at the start, or each year from then on."
    )

    @model_validator(mode="after")
    def _sized(self) -> Purge:
        return _one(self, "size", "share")


class Retention(_Change):
    """Years of studies that are kept: what is older is deleted at the start, and a year more each January."""

    kind: Literal["retention"] = Field(description="What kind of change it is.")
    target: Name = Field(description="Target of the estate.")
    store: Text | None = Field(None, description=_STORE)
    keep: int = Field(ge=1, le=100, description="Years that are kept, that of the study not counted.")
    years: dict[Annotated[str, Field(pattern=r"^(19|20)\d\d$")], Size] = Field(
        default_factory=dict, description="Bytes by year of study; asked of the archive where left out."
    )
    archive: Name | None = Field(None, description="Target whose archive is asked, where it is not `target`.")
    deletable: Shares = Field(
        default_factory=lambda: shares(1),
        description="Share that may be deleted: what minors and others are owed is known to the archive's owner.",
    )


class Reduction(_Change):
    """Compression or deduplication that gets better."""

    kind: Literal["reduction"] = Field(description="What kind of change it is.")
    target: Name = Field(description="Target of the estate.")
    store: Text | None = Field(None, description=_STORE)
    before: float = Field(1.0, ge=1, le=1000, description="By how much data is made smaller today.")
    after: Factors = Field(description="By how much from the start on.")
    data: Literal["new", "all"] = Field("new", description="What it is applied to.")
    over: Duration | None = Field(
        None, description="Time in which all data is worked through; one day when left out."
    )


class _Planned(_Change):
    """What is about one planned quantity."""

    quantity: Quantity = Field("storage", description="What it is about.")
    target: Name = Field(description="Target of the estate.")
    store: Text | None = Field(None, description=_STORE)


class Bought(_Planned):
    """Capacity that arrives."""

    kind: Literal["bought"] = Field(description="What kind of change it is.")
    amount: Amounts = Field(
        description="How much: a size (20 TB), or a number of processors, licences or sessions."
    )
    cost: float | None = Field(None, ge=0, description="What it costs, in the estate's currency.")

    @model_validator(mode="after")
    def _sized(self) -> Bought:
        _unit(self.quantity, self.amount)
        if self.amount.low.value < 0:
            raise ValueError("what is bought is more than 0")
        return self


class Growth(_Planned):
    """Growth that gets faster or slower."""

    kind: Literal["growth"] = Field(description="What kind of change it is.")
    rate: Rates = Field(
        description="By how much more it grows in a year, as a share of what it holds: 5 %, or -3 %."
    )


class Step(_Planned):
    """Something that comes or goes at once."""

    kind: Literal["step"] = Field(description="What kind of change it is.")
    amount: Amounts = Field(description="How much; below 0 what goes.")

    @model_validator(mode="after")
    def _sized(self) -> Step:
        _unit(self.quantity, self.amount)
        return self


class Rate(_Planned):
    """Something that comes or goes all the time."""

    kind: Literal["rate"] = Field(description="What kind of change it is.")
    amount: Amounts = Field(description="How much in each of `per`; below 0 what goes.")
    per: Literal["day", "week", "month", "year"] = Field("day", description="In which time.")
    ramp: Duration | None = Field(None, description=_RAMP)

    @model_validator(mode="after")
    def _sized(self) -> Rate:
        _unit(self.quantity, self.amount)
        return self


class _Fleet(_Change):
    """What is about workstations: what the renewal plan goes by from the start on, and to the end."""


class AgeLimit(_Fleet):
    """Workstations that are kept longer, or less long."""

    kind: Literal["age-limit"] = Field(description="What kind of change it is.")
    years: float = Field(ge=-10, le=10, description="By how many years each age limit changes: 1, or -1.")
    classes: tuple[Name, ...] = Field((), description="Classes of use that are meant; all when left out.")


class Updates(_Fleet):
    """Security updates that are paid for once the maker gives none any more (ESU)."""

    kind: Literal["updates"] = Field(description="What kind of change it is.")
    product: Text = Field(description="Product, as the lifecycle catalogue names it: Windows 10.")
    prices: tuple[Price, ...] = Field(
        max_length=10,
        description="Of one machine in the first year, the second, and so on; an empty list where none are bought.",
    )


class Edition(_Fleet):
    """Workstations that get an edition with a later end of support (LTSC), and stay."""

    kind: Literal["edition"] = Field(description="What kind of change it is.")
    fits: Fits = Field(description="Which machines.")
    until: Day = Field(description="Last day of the support of that edition.")
    price: Price = Field(0, description="What it costs for each that is there at the start, in that year.")

    @model_validator(mode="after")
    def _stays(self) -> Edition:
        if self.end is not None:
            raise ValueError(
                "machines that got an edition keep it: leave end out, `until` says how long it is mended"
            )
        if self.until < self.start:
            raise ValueError(
                f"the edition is mended until {self.until}, which lies before the start ({self.start})"
            )
        return self


class Instead(_Fleet):
    """An offer that takes the place of all others for some machines: virtual desktops with thin clients."""

    kind: Literal["instead"] = Field(description="What kind of change it is.")
    name: Name = Field(description="Name of the offer.")
    offer: RenewalOffer = Field(description="What is bought, as in `workstations.offers`.")


class FleetMoney(_Fleet):
    """More or less money for workstations."""

    kind: Literal["fleet-money"] = Field(description="What kind of change it is.")
    rate: Annotated[float, BeforeValidator(signed), Field(ge=-1, le=10), SIGNED_SCHEMA] = Field(
        description="By how much each year's money changes, as a share: -20 %."
    )


FLEET: Final = (AgeLimit, Updates, Edition, Instead, FleetMoney)
"""Changes that the renewal plan looks at, and the forecasts of stores do not."""


def _unit(quantity: Quantity, amount: Amounts) -> None:
    if amount.bytes != (quantity in BYTES):
        what = "a size with its unit, such as 2 TB" if quantity in BYTES else "a plain number, without a unit"
        raise ValueError(f"{quantity} is counted otherwise: write {what}")


def _one(model: Given, first: str, second: str, needed: bool = True) -> Given:
    given = [name for name in (first, second) if getattr(model, name) is not None]
    if len(given) > 1 or (needed and not given):
        raise ValueError(f"give either {first} or {second}")
    return model


Change = Annotated[
    Modality
    | Pathology
    | Building
    | Desktops
    | Migration
    | Purge
    | Retention
    | Reduction
    | Bought
    | Growth
    | Step
    | Rate
    | AgeLimit
    | Updates
    | Edition
    | Instead
    | FleetMoney,
    Discriminator("kind"),
]

KINDS: Final = (
    "modality", "pathology", "building", "desktops", "migration", "purge", "retention", "reduction", "bought",
    "growth", "step", "rate", "age-limit", "updates", "edition", "instead", "fleet-money",
)  # fmt: skip
