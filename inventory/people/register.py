"""What works with personal data, for the data protection officer: each asset, its class of data, and its register entry.

What nobody declared is unknown, and listed as such: it is not taken to be without personal data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple, Protocol

from pydantic import Field

from inventory.credentials import Model
from inventory.criticality import rank
from inventory.quantities import Text

DataClass = Literal["none", "ordinary", "staff", "sensitive", "health"]
"""No personal data; ordinary; of the staff; special categories (article 9 of the GDPR) but health; health."""

_SENSITIVITY: Final = {"health": 0, "sensitive": 1, "staff": 2, "ordinary": 3, None: 4, "none": 5}


class PersonalData(Model):
    """What personal data an asset works with, and where that is registered."""

    kind: DataClass | None = Field(
        None,
        alias="class",
        description="Class of personal data: none, ordinary, staff, sensitive (article 9 of the GDPR) or health; unknown when left out.",
    )
    register_entry: Text | None = Field(
        None,
        alias="register",
        description="Entry of the register of processing activities (article 30 of the GDPR).",
    )


class Asset(NamedTuple):
    """A target, or the workstations of one class of use. `kind` and `criticality` are None where nobody declared them."""

    name: str
    what: Literal["target", "workstations"]
    machines: int
    kind: str | None
    criticality: str | None
    entry: str | None
    site: str | None = None
    service: str | None = None


class Declared(Protocol):
    """A target of the estate, for what the register asks of it."""

    @property
    def name(self) -> str: ...
    @property
    def personal_data(self) -> PersonalData | None: ...
    @property
    def criticality(self) -> str | None: ...
    @property
    def site(self) -> str | None: ...
    @property
    def service(self) -> str | None: ...


class UseClass(Protocol):
    """A class of use of workstations."""

    @property
    def name(self) -> str: ...
    @property
    def criticality(self) -> str: ...
    @property
    def personal_data(self) -> str | None: ...
    @property
    def register_entry(self) -> str | None: ...


def assets(
    targets: Iterable[Declared], classes: Sequence[UseClass] = (), counts: Mapping[str, int] | None = None
) -> list[Asset]:
    """All assets: health first, then what is to be recovered first; those without personal data last.

    `counts` says how many workstations there are of each class of use, those of none as "other".
    """
    found = [_target(one) for one in targets]
    declared = {one.name: one for one in classes}
    left = Counter(counts or {})
    found += [_workstations(one, left.pop(one.name, 0)) for one in declared.values()]
    found += [Asset(name, "workstations", count, None, None, None) for name, count in left.items() if count]
    return sorted(found, key=_order)


def unknown(found: Iterable[Asset]) -> list[Asset]:
    """Assets of which nobody says what personal data they work with."""
    return [one for one in found if one.kind is None]


def unregistered(found: Iterable[Asset]) -> list[Asset]:
    """Assets that work with personal data and name no entry of the register."""
    return [one for one in found if one.kind not in (None, "none") and one.entry is None]


def _target(one: Declared) -> Asset:
    told = one.personal_data or PersonalData()
    return Asset(
        one.name, "target", 1, told.kind, one.criticality, told.register_entry, one.site, one.service
    )


def _workstations(one: UseClass, count: int) -> Asset:
    return Asset(one.name, "workstations", count, one.personal_data, one.criticality, one.register_entry)


def _order(one: Asset) -> tuple[int, int, str, str]:
    # A word that is none of ours is personal data of some kind: it stands before what is unknown.
    return _SENSITIVITY.get(one.kind, 3), rank(one.criticality), one.what, one.name
