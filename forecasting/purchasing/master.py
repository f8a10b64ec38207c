"""The choice of one schedule for each block: in fractions, which prices what blocks share, and whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import scipy  # its parts are loaded by who uses them: pages that only show a plan do not

from forecasting.purchasing.blocks import Schedule, keeps
from forecasting.purchasing.problem import Array, Order


class Answer(NamedTuple):
    """The best mixture of schedules: its worth, the prices of the shared bounds, and those of having a schedule."""

    worth: float
    duals: Array
    blocks: Array


class Master:
    """Schedules that were made; `most` is what there is of each bound."""

    def __init__(self, blocks: int, most: Array) -> None:
        self._blocks, self._most = blocks, most
        self._sizes = np.maximum(most, 1.0)
        self._made: list[Schedule] = []
        self._known: set[tuple[int, tuple[Order, ...]]] = set()

    def add(self, one: Schedule) -> bool:
        """Whether the schedule is a new one."""
        key = one.block, tuple(sorted(one.orders))
        if key in self._known:
            return False
        self._known.add(key)
        self._made.append(one)
        return True

    def mixture(self) -> Answer | None:
        """The best mixture of the schedules made so far."""
        worth, scale = self._worth(self._made)
        uses = scipy.sparse.csr_array(self._uses(self._made) / self._sizes[:, None])
        chosen = self._chosen(self._made)
        most, one = self._most / self._sizes, np.ones(self._blocks)
        found = scipy.optimize.linprog(worth, A_ub=uses, b_ub=most, A_eq=chosen, b_eq=one, method="highs")
        if found.status != 0:
            return None
        duals = np.maximum(-found.ineqlin.marginals, 0.0) * scale / self._sizes
        return Answer(float(found.fun) * scale, duals, found.eqlin.marginals * scale)

    def choice(self, answer: Answer, worth: float, seconds: float, gap: float) -> list[Schedule]:
        """Whole schedules, one a block in their order, of those that can be part of a better choice than `worth`.

        None at all where none was found in time.
        """
        slack = worth - answer.worth
        made = [one for one in self._made if _reduced(one, answer) <= slack + 1e-6 * worth]
        prices, _ = self._worth(made)
        uses, chosen = self._uses(made), self._chosen(made)
        options = {"time_limit": max(seconds / 2, 0.01), "mip_rel_gap": gap}
        for less in (0.0, 1e-6):  # the solver may pass a bound by that much: then it is given as much less
            most = self._most - less * self._sizes
            rows = [
                scipy.optimize.LinearConstraint(scipy.sparse.csr_array(uses), -math.inf, most),
                scipy.optimize.LinearConstraint(chosen, 1.0, 1.0),
            ]
            found = scipy.optimize.milp(
                prices, integrality=np.ones(len(made)), constraints=rows, options=options
            )
            if found.x is None:
                break
            taken = [one for one, value in zip(made, found.x, strict=True) if value > 0.5]
            if keeps(taken, self._most):
                return sorted(taken, key=lambda one: one.block)
        return []

    def improves(self, one: Schedule, answer: Answer) -> bool:
        """Whether the mixture would take the schedule."""
        return _reduced(one, answer) < -1e-9 * max(abs(answer.worth), 1.0)

    def _worth(self, made: Sequence[Schedule]) -> tuple[Array, float]:
        worth = np.array([one.worth for one in made])
        scale = max(float(worth.max()), 1e-12)  # HiGHS takes what is far below 1 for nothing
        return worth / scale, scale

    def _uses(self, made: Sequence[Schedule]) -> Array:
        return np.array([one.uses for one in made]).T

    def _chosen(self, made: Sequence[Schedule]) -> scipy.sparse.csr_array:
        places = np.array([one.block for one in made])
        return scipy.sparse.csr_array(
            (np.ones(len(made)), (places, np.arange(len(made)))), shape=(self._blocks, len(made))
        )


def _reduced(one: Schedule, answer: Answer) -> float:
    """How much worse the mixture is with all of the schedule in it (see any text on linear programmes: reduced cost)."""
    return float(one.worth + answer.duals @ one.uses - answer.blocks[one.block])
