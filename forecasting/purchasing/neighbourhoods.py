"""Better schedules by opening a few blocks at a time, all others being kept (large neighbourhood search).

Shaw, *Using constraint programming and local search methods to solve vehicle routing problems*, CP 1998. Whatever comes of
it is a plan: nothing is proven here.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

import numpy as np

from forecasting.purchasing.blocks import Block, Schedule, keeps, total
from forecasting.purchasing.parts import joined
from forecasting.purchasing.problem import Array

_COLUMNS: Final = 400
"""Columns of orders that are opened at a time: as many as the solver closes in a second or two."""

_SECONDS: Final = 4.0
"""Longest time for one neighbourhood."""

_VAIN: Final = 15
"""Neighbourhoods without anything better after which no more are tried."""


class Neighbourhoods:
    """What is opened is drawn by how far each block is from its best at the prices of the bound, a little by chance."""

    def __init__(self, blocks: Sequence[Block], most: Array, duals: Array) -> None:
        self._blocks, self._most, self._duals = blocks, most, duals
        self._least = np.array([block.best(duals)[0] for block in blocks])
        self._random = np.random.default_rng(0)

    def improve(
        self, schedules: Sequence[Schedule], enough: float, until: float, gap: float
    ) -> list[Schedule]:
        """One schedule of each block, never worse than those given; `enough` is a worth at which to stop."""
        best, vain = list(schedules), 0
        while total(best) > enough and vain < _VAIN and (left := until - time.monotonic()) > 0:
            vain += 1
            found = self._open(best, self._draw(best), min(left, _SECONDS), gap)
            if total(found) < total(best) * (1 - 1e-9) and keeps(found, self._most):
                best, vain = found, 0
        return best

    def _draw(self, schedules: Sequence[Schedule]) -> list[int]:
        priced = np.array([one.worth + float(self._duals @ one.uses) for one in schedules])
        regret = np.maximum(priced - self._least, 0.0)
        chance = regret + 0.3 * regret.mean() + 1e-9 * (1 + np.abs(self._least).mean())
        drawn: list[int] = []
        columns = 0
        for place in self._random.choice(len(chance), len(chance), replace=False, p=chance / chance.sum()):
            columns += len(self._blocks[place].columns)
            if drawn and columns > _COLUMNS:
                break
            drawn.append(int(place))
        return drawn

    def _open(
        self, schedules: Sequence[Schedule], drawn: Sequence[int], seconds: float, gap: float
    ) -> list[Schedule]:
        """All schedules, with those of the blocks that were drawn made anew."""
        blocks = [self._blocks[place] for place in drawn]
        used = sum((one.uses for one in schedules if one.block not in drawn), np.zeros(len(self._most)))
        left = np.maximum(self._most - used, 0.0)
        part = joined([block.part for block in blocks], [block.uses for block in blocks], left)
        orders = part.solve(seconds, gap).orders
        if orders is None:
            return list(schedules)
        anew = {place: self._blocks[place].of(orders) for place in drawn}
        return [anew.get(one.block, one) for one in schedules]
