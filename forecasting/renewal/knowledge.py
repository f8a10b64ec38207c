"""What a plan asks of others: until when a system is mended, whether a machine can run the next one, and how long it lasts."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from forecasting.renewal.kept import Unsure
from forecasting.renewal.machines import Ended, Fitness, Mended, Support
from forecasting.renewal.plan import Asked
from forecasting.renewal.problem import Floats
from forecasting.renewal.rating import Fails, Texts
from forecasting.survival import Survival, fit, models
from inventory import processors
from inventory.estate import Estate
from inventory.fitness import judge
from inventory.imports.lives import lives, watched
from inventory.lifecycle import names
from inventory.lifecycle import support as lifecycle
from inventory.lifecycle.catalogue import Cycle, products
from inventory.lifecycle.named import Named, Reason
from inventory.renewal import Renewal
from inventory.state import State
from inventory.workstations import Workstation

SCALE: Final = 12.0
SHAPE: Final = 1.7
"""Of a Weibull life in years that is assumed where nothing was learnt: 3 % fail in the second year and 8 % in the sixth."""

_CURRENT: Final = "Windows 11"
_LONG_TERM: Final = "LTS"
"""What the editions have in their name that no update ever brings to the next version."""


def asked(estate: Estate, today: dt.date, state: State | None) -> Asked:
    """All that a plan is made from, by an estate and what was learnt from its imports."""
    found = None if state is None else learn(state, today, ZoneInfo(estate.timezone))
    learnt = models.learnt(*found) if found is not None else None
    known = found.known if found is not None and learnt is not None else None
    return Asked(
        renewal=estate.workstations or Renewal(),
        contracts=estate.contracts,
        today=today,
        currency=estate.currency,
        support=support(today),
        fitness=fitness(state),
        ended=ended(today),
        fails=assumed if known is None else _learnt(known),
        learnt=learnt,
        draws=None if known is None else known.likely,
    )


def assumed(_makers: Texts, _models: Texts, start: Floats, end: Floats) -> Floats:
    """Chance to fail between two ages, of a machine of which nothing was learnt."""
    return np.asarray(-np.expm1((start / SCALE) ** SHAPE - (end / SCALE) ** SHAPE))


def support(today: dt.date) -> Support:
    """The lifecycle catalogue, as a plan asks it: until when the newest version is mended that an update can bring.

    A machine of whose system that is not certain, as where its edition is not told, is one of which nobody knows.
    """

    def asked(one: Workstation) -> Mended | Unsure:
        told = names.read(one.os, one.os_version, one.edition, workstation=True)
        reached = [_newest(cycle, today) for cycle in _meant(told)]
        ends = {(cycle.product, cycle.ends) for cycle in reached}
        if len(ends) != 1:
            return "unlisted" if told.reason in _UNLISTED else "untold"
        product, last = ends.pop()
        if last is None:
            return "unlisted"
        sold = {
            cycle.extended for cycle in reached
        }  # of an edition that is not told, what each of them can buy
        return Mended(product, last, sold.pop() if len(sold) == 1 else None)

    return asked


def ended(today: dt.date) -> Ended:
    """What is out of support today, as `inventory.lifecycle.outlook` judges a workstation: updates that are sold count as not bought."""

    @functools.cache
    def judged(os: str | None, version: str | None, edition: str | None) -> bool:
        return lifecycle.of(names.read(os, version, edition, workstation=True), today).state == "ended"

    return lambda one: judged(one.os, one.os_version, one.edition)


_UNLISTED: Final[frozenset[Reason]] = frozenset(
    ("not in the catalogue", "version not in the catalogue", "edition not in the catalogue")
)
"""What the catalogue lacks; all else that leaves a system unknown is for the inventory to tell."""


def _meant(told: Named) -> Sequence[Cycle]:
    """The cycles that a name may mean: all of the product and edition where no version is told."""
    if told.cycles or told.reason != "version not known":
        return told.cycles
    rows = products().get(told.product, ())
    return [row for row in rows if told.edition is None or told.edition in row.editions]


def _newest(cycle: Cycle, today: dt.date) -> Cycle:
    """The version that ends last among those that are out, of its product and for one of its editions."""
    if any(_LONG_TERM in edition for edition in cycle.editions):
        return cycle
    others = [
        other
        for other in products()[cycle.product]
        if other.ends is not None
        if other.released is None or other.released <= today
        if set(other.editions) & set(cycle.editions) or not (other.editions and cycle.editions)
    ]
    return max(others, key=lambda other: other.ends or dt.date.min, default=cycle)


def fitness(state: State | None) -> Fitness:
    """Whether a machine can run the current system, by the lists of processors that were imported; what runs it can."""
    listed = processors.load(state) if state is not None else None

    def asked(one: Workstation) -> Literal["fit", "unfit", "unknown"]:
        if _CURRENT.casefold() in (one.os or "").casefold() and "lts" not in (one.edition or "").casefold():
            return "fit"
        return judge(one, listed).state

    return asked


class Learning(NamedTuple):
    """Lives as far as they were watched, and what was learnt from them: nothing where none was."""

    lives: pd.DataFrame
    known: Survival


def learn(state: State, today: dt.date, timezone: dt.tzinfo) -> Learning:
    """What the imports of a state file tell of how long machines last, its days those of a timezone. Raises StateError."""
    found = watched(lives(state, timezone))
    return Learning(found, fit(found, today))


def _learnt(known: Survival) -> Fails:
    def asked(makers: Texts, models: Texts, start: Floats, end: Floats) -> Floats:
        found = known.probability(makers, models, start, end)
        return np.where(np.isnan(found), assumed(makers, models, start, end), found)

    return asked
