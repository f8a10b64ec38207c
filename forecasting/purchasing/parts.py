"""Parts of a programme that share nothing with one another, and how HiGHS (`scipy.optimize.milp`) solves one."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import scipy  # its parts are loaded by who uses them: pages that only show a plan do not

from forecasting.purchasing.problem import Array, Bound, Order

_FULL: Final = 0.6
"""Share of the time after which answers near that in fractions are looked for instead."""


class Found(NamedTuple):
    """Orders of a part, None where none were found in time; a value below which none can come; whether time ran out."""

    orders: tuple[Order, ...] | None
    bound: float
    late: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """What the solver is given: prices, whole or not and upper bounds by column; least and most by row.

    `orders` has the order that a column makes, `shared` the bound that a row keeps, None where it is a block's own.
    """

    orders: tuple[Order | None, ...]
    prices: Array
    whole: Array
    highest: Array
    matrix: scipy.sparse.csr_array
    low: Array
    high: Array
    shared: tuple[Bound | None, ...]

    def split(self) -> Iterator[Part]:
        """Parts that share nothing; the columns of one offer stay together."""
        for columns, rows in _components(
            self.matrix, [None if one is None else one.offer for one in self.orders]
        ):
            yield Part(
                tuple(self.orders[column] for column in columns),
                self.prices[columns],
                self.whole[columns],
                self.highest[columns],
                self.matrix[rows][:, columns],
                self.low[rows],
                self.high[rows],
                tuple(self.shared[row] for row in rows),
            )

    def blocks(self) -> list[Part]:
        """Parts that nothing but shared rows ties together, without these."""
        own = [row for row, bound in enumerate(self.shared) if bound is None]
        apart = dataclasses.replace(
            self, matrix=self.matrix[own], low=self.low[own], high=self.high[own], shared=(None,) * len(own)
        )
        return list(apart.split())

    def bounds(self) -> dict[Bound, float]:
        """What its blocks share, and how much of it there is."""
        pairs = zip(self.shared, self.high, strict=True)
        return {bound: float(most) for bound, most in pairs if bound is not None}

    def priced(self, prices: Array) -> Part:
        """The same with other prices of its orders, in the order of its columns."""
        changed = self.prices.copy()
        changed[[column for column, order in enumerate(self.orders) if order is not None]] = prices
        return dataclasses.replace(self, prices=changed)

    def solve(self, seconds: float, gap: float) -> Found:
        """Orders that are proven to the gap, or the best ones that were found in time."""
        scale = max(float(np.abs(self.prices).max()), 1e-12)  # HiGHS takes what is far below 1 for nothing
        scaled = dataclasses.replace(self, prices=self.prices / scale)
        found = scaled._solve(_FULL * seconds, gap)
        bound = found.mip_dual_bound
        least = max(float(bound), 0.0) * scale if bound is not None and math.isfinite(bound) else 0.0
        if found.status == 0:
            return Found(self._orders(found.x), least, False)
        near = scaled._solve_near(seconds - _FULL * seconds, gap)
        better = [one for one in (found, near) if one is not None and one.x is not None]
        best = min(better, key=lambda one: float(one.fun)).x if better else None
        return Found(None if best is None else self._orders(best), least, True)

    def _orders(self, values: Array) -> tuple[Order, ...]:
        """Columns of orders with the lots that were found, where there are any."""
        pairs = zip(self.orders, values, strict=True)
        return tuple(
            order._replace(lots=round(float(value)))
            for order, value in pairs
            if order is not None and round(float(value)) > 0
        )

    def _solve(self, seconds: float, gap: float, low: Array | float = 0.0, high: Array | None = None) -> Any:
        """The solver's answer; its `status` is 0 where it is proven to the gap."""
        return scipy.optimize.milp(
            self.prices,
            integrality=self.whole,
            bounds=scipy.optimize.Bounds(low, self.highest if high is None else high),
            constraints=scipy.optimize.LinearConstraint(self.matrix, self.low, self.high),
            options={"time_limit": seconds, "mip_rel_gap": gap},
        )

    def _solve_near(self, seconds: float, gap: float) -> Any:
        """The best answer whose lots are those of the answer in fractions, rounded up or down: found much sooner."""
        started = time.monotonic()
        loose = dataclasses.replace(self, whole=np.zeros(len(self.prices)))._solve(seconds, gap)
        left = seconds - (time.monotonic() - started)
        if loose.x is None or left <= 0:
            return None
        whole = self.whole > 0
        low = np.where(whole, np.floor(loose.x + 1e-6), 0.0)
        high = np.where(whole, np.minimum(np.ceil(loose.x - 1e-6), self.highest), self.highest)
        return self._solve(left, gap, np.minimum(low, high), high)


def joined(parts: Sequence[Part], uses: Sequence[Array], most: Array) -> Part:
    """Parts that share bounds, as one: `uses` has for each what one lot of its orders takes, shape (bounds, orders)."""
    rows = []
    for part, taken in zip(parts, uses, strict=True):
        wide = np.zeros((len(most), len(part.orders)))
        wide[:, [column for column, order in enumerate(part.orders) if order is not None]] = taken
        rows.append(wide)
    shared = np.hstack(rows)
    kept = shared.any(axis=1)
    apart = scipy.sparse.block_diag([part.matrix for part in parts], format="csr")
    return Part(
        tuple(order for part in parts for order in part.orders),
        np.concatenate([part.prices for part in parts]),
        np.concatenate([part.whole for part in parts]),
        np.concatenate([part.highest for part in parts]),
        scipy.sparse.csr_array(scipy.sparse.vstack([apart, scipy.sparse.csr_array(shared[kept])])),
        np.concatenate([*(part.low for part in parts), np.full(kept.sum(), -math.inf)]),
        np.concatenate([*(part.high for part in parts), most[kept]]),
        (None,) * (apart.shape[0] + int(kept.sum())),
    )


def _components(matrix: scipy.sparse.csr_array, offers: list[int | None]) -> Iterator[tuple[Array, Array]]:
    """Columns and rows of each part that shares nothing with the others; the columns of one offer stay together."""
    rows, columns = matrix.shape
    links = scipy.sparse.coo_array(matrix)
    first: dict[int, int] = {}
    tied = [(first.setdefault(one, place), place) for place, one in enumerate(offers) if one is not None]
    left = np.concatenate([links.row, np.array([a for a, _ in tied], dtype=int) + rows])
    right = np.concatenate([links.col, np.array([b for _, b in tied], dtype=int)]) + rows
    graph = scipy.sparse.coo_array((np.ones(len(left)), (left, right)), shape=(rows + columns,) * 2)
    count, label = scipy.sparse.csgraph.connected_components(graph, directed=False)
    order = np.argsort(label, kind="stable")
    for members in np.split(order, np.cumsum(np.bincount(label, minlength=count))[:-1]):
        inside = members[members >= rows] - rows
        if len(inside):
            yield inside, members[members < rows]
