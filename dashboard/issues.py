"""What asks for somebody, as one list: each issue is about one thing, and the worst comes first."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple, get_args

from dashboard.clusters import Cluster
from dashboard.standing import Backup, Store, Watched
from inventory.lifecycle.outlook import Standing

Trouble = Literal["down", "lying", "late", "over", "unprotected", "short", "full", "ended", "partly"]
TROUBLES: Final[tuple[Trouble, ...]] = get_args(Trouble)
"""Words of `dashboard.theme.STATES`, worst first."""

_FAILED: Final[dict[str, Trouble]] = {"down": "down", "late": "late", "partly": "partly"}


class Unsupported(NamedTuple):
    """Workstations that nobody mends any more: `ended` of `machines`."""

    ended: int
    machines: int


About = Watched | Store | Backup | Cluster | Standing | Unsupported


@dataclasses.dataclass(frozen=True, slots=True)
class Issue:
    """One thing that asks for somebody."""

    trouble: Trouble
    about: About

    @property
    def order(self) -> tuple[int, float, str]:
        """Worst first: by kind of trouble, and among one kind by how bad it is."""
        return TROUBLES.index(self.trouble), *_weigh(self.about)


def _weigh(about: About) -> tuple[float, str]:
    match about:
        case Watched():
            return about.severity[1], about.name
        case Store():
            return about.days or 0, about.unique_id
        case Backup():
            return -(about.excess or 1e9), about.job
        case Cluster():
            return -max((room.load or 0.0 for room in about.short), default=0.0), about.name
        case Standing():
            return about.until.toordinal() if about.until else 0, about.item.name
        case Unsupported():
            return -1, ""


def of_targets(found: Iterable[Watched]) -> Iterator[Issue]:
    """Targets that are down or late, or of which a part failed."""
    return (Issue(_FAILED[one.state], one) for one in found if one.state in _FAILED)


def of_backups(found: Iterable[Backup]) -> Iterator[Issue]:
    """Backups that say that they went well and are no restore point, and those that are older than promised."""
    for one in found:
        if one.lying:
            yield Issue("lying", one)
        elif one.overdue:
            yield Issue("unprotected", one)


def of_stores(found: Iterable[Store], days: int) -> Iterator[Issue]:
    """Stores that hold more than they may, and those that will within so many days."""
    return (Issue("over" if one.is_over else "full", one) for one in found if one.is_full_within(days))


def of_clusters(found: Iterable[Cluster]) -> Iterator[Issue]:
    """Clusters that cannot lose their largest node today."""
    return (Issue("short", one) for one in found if one.short)


def of_support(targets: Iterable[Standing], machines: Unsupported | None) -> Iterator[Issue]:
    """Targets that nobody mends any more, and workstations: in one row, as they are renewed by a plan."""
    yield from (Issue("ended", one) for one in targets if one.support.state == "ended")
    if machines is not None and machines.ended:
        yield Issue("ended", machines)
