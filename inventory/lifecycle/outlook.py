"""What is out of support on a day: of everything that somebody knows, workstations, servers and platforms alike."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal

from inventory.lifecycle import names, support
from inventory.lifecycle.named import Named
from inventory.lifecycle.support import State, Support
from inventory.workstations import OUT, Workstation

WORKSTATION: Final = "workstation"
"""The class of what an inventory of workstations holds."""

By = Literal["site", "service", "kind", "system"]
"""What a count is by: where it stands, whose it is, which class of asset it is of, what it runs."""


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """A thing that runs something. `kind` is its class: `workstation`, or the role of a target; `esu`: paid for."""

    name: str
    kind: str
    product: str | None
    version: str | None
    edition: str | None = None
    site: str | None = None
    service: str | None = None
    family: str | None = None
    esu: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """How a thing stands on the day. `system` is what it runs, as the catalogue has it, else as it was told."""

    item: Item
    system: str
    support: Support

    @property
    def until(self) -> dt.date | None:
        """The last day on which it is mended."""
        return support.until(self.support, self.item.esu)


@dataclasses.dataclass(frozen=True, slots=True)
class Outlook:
    """How all of them stand on `day`, worst first: those whose support ended the longest ago."""

    day: dt.date
    standings: tuple[Standing, ...]

    def of(self, *states: State) -> tuple[Standing, ...]:
        """Those of some states."""
        return tuple(one for one in self.standings if one.support.state in states)

    def count(self, by: By) -> dict[str | None, Counter[State]]:
        """Things by state, for each site, service, class or system; None is what nobody told. Most ended first."""
        found: dict[str | None, Counter[State]] = {}
        for one in self.standings:
            found.setdefault(_KEYS[by](one), Counter())[one.support.state] += 1
        return dict(
            sorted(found.items(), key=lambda row: (-row[1]["ended"], -row[1]["unknown"], row[0] or "~"))
        )


_KEYS: Final[dict[By, Callable[[Standing], str | None]]] = {
    "site": lambda one: one.item.site,
    "service": lambda one: one.item.service,
    "kind": lambda one: one.item.kind,
    "system": lambda one: one.system,
}


def look(items: Iterable[Item], day: dt.date) -> Outlook:
    """How each stands on a day, worst first."""
    return Outlook(day, tuple(sorted(stand(items, day), key=_order)))


def stand(items: Iterable[Item], day: dt.date) -> Iterator[Standing]:
    """How each stands on a day, in their order. A system is read once, however many run it."""
    read: dict[tuple[object, ...], Named] = {}
    judged: dict[tuple[object, ...], Support] = {}
    for item in items:
        key = (item.product, item.version, item.edition, item.family, item.kind == WORKSTATION)
        if key not in read:
            read[key] = _read(item)
        if (*key, item.esu) not in judged:
            judged[*key, item.esu] = support.of(read[key], day, item.esu)
        yield Standing(item, _system(item, read[key]), judged[*key, item.esu])


def of_workstations(workstations: Iterable[Workstation], esu: frozenset[str] = frozenset()) -> list[Item]:
    """The workstations of an inventory that are in use or may be again; `esu` holds the keys of those that are paid for."""
    return [
        Item(
            one.name,
            WORKSTATION,
            one.os,
            one.os_version,
            one.edition,
            one.site,
            one.service,
            esu=one.key in esu,
        )
        for one in workstations
        if one.state not in OUT
    ]


def _read(item: Item) -> Named:
    if item.family:
        return names.read_target(item.product or "", item.version or "", item.family)
    return names.read(item.product, item.version, item.edition, item.kind == WORKSTATION)


def _system(item: Item, named: Named) -> str:
    """One word for one system, however it is written: its cycle, its product and version, or what was told."""
    if len(named.cycles) == 1:
        return named.cycles[0].title
    told = (named.product, named.version, named.edition) if named.product else (item.product, item.version)
    return " ".join(part for part in told if part)


def _order(one: Standing) -> tuple[int, dt.date, str, str]:
    state = support.WORST.index(one.support.state)
    return state, one.until or dt.date.max, one.system, one.item.name
