"""Workstations: what they are, and how old. Where they come from: `inventory.imports`.

What is not known is None, and stays apart in every count: a machine whose date of purchase nobody wrote down
is neither new nor old.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections import Counter
from collections.abc import Iterable
from typing import Final, Literal

import pandas as pd

DAYS_A_YEAR: Final = 365.2425

State = Literal["used", "stock", "repair", "failed", "retired"]
"""In use; ready, used by nobody; being mended; broken for good; taken out of use while it worked."""

OUT: Final = frozenset({"failed", "retired"})
"""States of machines that are of no use any more."""

Firmware = Literal["uefi", "bios"]


@dataclasses.dataclass(frozen=True, slots=True)
class Workstation:
    """One machine of an inventory. `user` is kept only where the import was told to, and never shown with the rest.

    `memory` and `disk` are bytes, `warranty` its last day, `price` in the estate's currency, `tpm` the version of the
    trusted platform module ("2.0"), and "none" where the inventory says that there is none; `firmware` is "uefi" or
    "bios". `asset` is the number on its label, `place` the room or department within the site, and `state` what the
    inventory says of it. `seen` is the last day on which something saw it: a logon, a scan.
    """

    name: str
    serial: str | None = None
    maker: str | None = None
    model: str | None = None
    kind: str | None = None
    purchased: datetime.date | None = None
    os: str | None = None
    edition: str | None = None
    os_version: str | None = None
    site: str | None = None
    service: str | None = None
    cpu: str | None = None
    memory: int | None = None
    user: str | None = dataclasses.field(default=None, repr=False)
    asset: str | None = None
    place: str | None = None
    state: State | None = None
    warranty: datetime.date | None = None
    price: float | None = None
    disk: int | None = None
    tpm: str | None = None
    firmware: Firmware | None = None
    secure_boot: bool | None = None
    seen: datetime.date | None = None

    @property
    def key(self) -> str:
        """What tells it apart: its serial number, or its name where it has none."""
        return f"serial:{self.serial.casefold()}" if self.serial else f"name:{self.name.casefold()}"

    def age(self, today: datetime.date) -> float | None:
        """Years since it was bought, or None where nobody knows."""
        return None if self.purchased is None else (today - self.purchased).days / DAYS_A_YEAR


def ages(workstations: Iterable[Workstation], today: datetime.date) -> pd.DataFrame:
    """The age pyramid: frame `age, site, maker, model, count`, youngest first.

    `age` is in completed years (Int64), and missing (NA), last, for machines of unknown age; an unknown site,
    maker or model is missing too.
    """
    counts = Counter((completed(w.purchased, today), w.site, w.maker, w.model) for w in workstations)
    rows = [(*group, count) for group, count in counts.items()]
    frame = pd.DataFrame(rows, columns=["age", "site", "maker", "model", "count"]).astype(
        {"age": "Int64", "site": "string", "maker": "string", "model": "string", "count": "int64"}
    )
    return frame.sort_values(["age", "site", "maker", "model"], na_position="last", ignore_index=True)


def oldest(
    workstations: Iterable[Workstation], today: datetime.date, limit: int | None = None
) -> pd.DataFrame:
    """Machines of known age, oldest first: frame of the fields of Workstation but its user, and `age` in years.

    Those of unknown age are not in it: see `undated`.
    """
    dated = [w for w in workstations if w.purchased is not None]
    dated.sort(key=lambda w: (w.purchased or today, w.name))
    return _frame(dated[:limit], today)


def undated(workstations: Iterable[Workstation]) -> list[Workstation]:
    """Machines whose date of purchase nobody knows, by name."""
    return sorted((w for w in workstations if w.purchased is None), key=lambda w: w.name)


def completed(purchased: datetime.date | None, today: datetime.date) -> int | None:
    """Birthdays since then: exact, where dividing days by the length of a year is not."""
    if purchased is None:
        return None
    before = (today.month, today.day) < (purchased.month, purchased.day)
    return max(0, today.year - purchased.year - before)


def _frame(workstations: list[Workstation], today: datetime.date) -> pd.DataFrame:
    fields = [field.name for field in dataclasses.fields(Workstation) if field.name != "user"]
    rows = [(*(getattr(w, field) for field in fields), w.age(today)) for w in workstations]
    frame = pd.DataFrame(rows, columns=[*fields, "age"], dtype="object")
    return frame.astype(
        {
            "purchased": "datetime64[s]",
            "warranty": "datetime64[s]",
            "seen": "datetime64[s]",
            "age": "float64",
            "memory": "Int64",
            "disk": "Int64",
        }
    )
