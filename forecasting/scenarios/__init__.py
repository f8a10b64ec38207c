"""What scenarios add to a forecast: `additions` to what is used, `capacities` to what there is.

Nothing is counted twice. What happens once counts where it lies after the last day of the history, which holds it
otherwise. What keeps coming is growth, which a forecast takes up little by little as the history shows it: what is
added is the flow, less what the forecast holds of it already (`holding`). A project that began long ago adds nothing
any more; one that ends takes away what the trend would go on with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from exporters.history import unique_id
from forecasting.engine.frames import MEMORY
from forecasting.scenarios import cascade
from forecasting.scenarios.effects import Flow, arrivals, flows
from forecasting.scenarios.world import RATIOS, Series, World, survey
from inventory.estate import Estate
from inventory.scenarios import Scenario
from inventory.scenarios.changes import Bought

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

PAST: Final = MEMORY
"""Days of the past that a forecast may rest on."""


def additions(
    scenarios: Iterable[Scenario], estate: Estate, world: World, start: date | None = None, days: int = 1096
) -> Mapping[str, Floats]:
    """What scenarios add to what is used, by unique_id: (days, 3), low, likely and high, in the unit of the series.

    The value of a day is all that will have been added by then, and that the forecast does not hold: row k is the day
    k + 1 days after `start`, the last day of the history (each series' own, where left out). A store's pool is moved
    with it, and the repositories that its target is backed up to; what is added to a target with nodes is shared among
    them. Raises ScenarioError.
    """
    return cascade.follow(direct(list(scenarios), world, start, days), estate, world)


def direct(
    wanted: Sequence[Scenario], world: World, start: date | None = None, days: int = 1096
) -> Mapping[str, Floats]:
    """The same without what follows from it in repositories."""
    found: dict[str, _Sum] = {}
    for last in [start] if start else sorted({one.last for one in world.series.values()}):
        axis = _axis(last, days)
        for flow in (flow for one in wanted for change in one.changes for flow in flows(change, world, axis)):
            for series, share in _places(flow, world):
                if start or series.last == last:
                    found.setdefault(series.unique_id, _Sum(series, days)).add(flow, share)
    return {name: one.whole(world) for name, one in found.items()}


class _Sum:
    """All that flows to one series: what lies ahead, and what is growth and has begun."""

    def __init__(self, series: Series, days: int) -> None:
        self._series = series
        self._ahead, self._past = np.zeros((days, 3)), np.zeros((PAST, 3))

    def add(self, flow: Flow, share: float) -> None:
        self._ahead += share * np.sort(np.cumsum(flow.amounts[PAST:], axis=0), axis=1)
        if flow.growing:
            self._past += share * flow.amounts[:PAST]

    def whole(self, world: World) -> Floats:
        """(days ahead, 3): what will have been added, less what the forecast goes on with."""
        if world.holding is None or not self._past.any():
            return self._ahead
        held = world.holding.held(self._series.unique_id, self._series.metric, self._past, len(self._ahead))
        return np.asarray(np.sort(self._ahead - held, axis=1))


def capacities(
    scenarios: Iterable[Scenario], world: World, start: date | None = None, days: int = 1096
) -> Mapping[str, Floats]:
    """Capacity that scenarios bring, by unique_id of what is used: (days,), all that will have arrived by each day.

    What was to arrive before the last day of the history is not counted: the size that was measured holds it, or it
    is late. Raises ScenarioError.
    """
    found: dict[str, Floats] = {}
    bought = [change for one in scenarios for change in one.changes if isinstance(change, Bought)]
    for change in bought:
        places = world.find(change.quantity, change.target, change.store)
        for series in places:
            axis = _axis(start or series.last, days)[PAST:]
            arrived = np.cumsum(arrivals(change, axis)[:, 1]) / len(places)
            found[series.unique_id] = found.get(series.unique_id, 0.0) + arrived
    return found


def touched(scenarios: Iterable[Scenario]) -> set[str]:
    """Targets that scenarios name."""
    return {name for one in scenarios for name in _names(one.model_dump(by_alias=True))}


def cost(scenario: Scenario) -> float | None:
    """What its purchases cost, in the estate's currency; None where no price is given."""
    prices = [
        change.cost for change in scenario.changes if isinstance(change, Bought) and change.cost is not None
    ]
    return sum(prices) if prices else None


def _names(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("target", "archive") and isinstance(inner, str):
                yield inner
            else:
                yield from _names(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _names(inner)


def _axis(last: date, days: int) -> Days:
    """The past that a trend may hold, and the days ahead."""
    return np.datetime64(last) + np.arange(1 - PAST, days + 1)


def _places(flow: Flow, world: World) -> Iterator[tuple[Series, float]]:
    """Where a flow goes: each series with its share; and the cluster, where they are its nodes."""
    places = world.find(flow.quantity, flow.target, flow.store)
    for series in places:
        yield series, 1.0 / len(places)
        pool = world.pool(series)
        if pool is not None:
            yield pool, 1.0
    if len(places) > 1:
        # the planner has their sum beside them, or their mean where they are shares, without the label of a node
        first = places[0]
        rest = tuple(pair for pair in first.labels if pair[0] != "node")
        whole = first._replace(unique_id=unique_id(first.target, first.metric, rest), labels=rest)
        yield whole, 1.0 / len(places) if first.metric in RATIOS else 1.0


__all__ = ["RATIOS", "Series", "World", "additions", "capacities", "cost", "direct", "survey", "touched"]
