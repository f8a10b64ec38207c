"""Models that lean on their maker, and makers on the fleet, as far as their own failures are few.

The level b and the logarithm s of the shape of a model are normal around those of its maker, those of the maker around those of
the fleet. How far apart models and makers are is learnt too, from where they are, beginning at `BETWEEN_MODELS` and
`BETWEEN_MAKERS`. What all this says of every parameter at once is sampled (Gibbs' sampler, with Metropolis' steps for the
models): many short chains side by side, from near the likeliest place.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from forecasting.survival.lives import Floats, Ints
from forecasting.survival.weibull import Record, summed_by

BETWEEN_MODELS: Final = (0.5, 0.2)
"""What is expected of the spread of level and log shape between the models of one maker, before any was seen."""

BETWEEN_MAKERS: Final = (0.4, 0.15)

TRUST: Final = 4.0
"""How many models (makers) that expectation weighs as much as."""

SHAPE: Final = (float(np.log(1.5)), 0.5)
"""What is expected of the fleet's log shape: between 0.56 (early failures) and 4 (wear) in 19 of 20 fleets."""

HALF: Final = 0.5
"""Failures that the fleet is taken to have had besides those seen (Jeffreys' prior of a rate), spread over its models as their
exposure is: none seen is not none ever."""

WIDEST: Final = 3.0
"""Spreads are at most so many times what is expected of them, lest the mean of a maker never seen be that of its tail."""

CHAINS: Final = 64
SWEEPS: Final = 220
KEPT: Final = (100, 10)
"""The first sweep whose state is kept, and then every how manieth."""


@dataclasses.dataclass(frozen=True, slots=True)
class Draws:
    """D likely states: level and log shape of models (D, M), makers (D, G), and of the fleet (D).

    `apart` (D, 4) are the spreads between models and between makers, each of level and log shape; `kinds` (D) the youths.
    """

    models: tuple[Floats, Floats]
    makers: tuple[Floats, Floats]
    fleet: tuple[Floats, Floats]
    apart: Floats
    kinds: Ints


class _State(NamedTuple):
    """One sweep: parameters (2, C, M), (2, C, G) and (2, C), variances (2, C) of models and of makers.

    `likely` (C, M) is the log-likelihood of the models.
    """

    models: Floats
    makers: Floats
    fleet: Floats
    within: Floats
    between: Floats
    likely: Floats


def sample(records: Sequence[Record], kinds: Ints, maker: Ints, makers: int, seed: int) -> Draws:
    """Draws of the parameters of models whose makers are `maker` (M), numbers below `makers`. Same seed, same draws.

    `kinds` (CHAINS), in order, says which of `records`, the same lives under several youths, each chain goes by.
    """
    chance = np.random.Generator(np.random.PCG64(seed))
    parts = np.bincount(kinds, minlength=len(records)).tolist()
    walk = _Walk([_with_half(one) for one in records], parts, maker, makers, chance)
    state = walk.begin()
    kept = []
    for number in range(SWEEPS):
        state = walk.sweep(state)
        if number >= KEPT[0] and (number - KEPT[0]) % KEPT[1] == 0:
            kept.append(state)
    joined = [np.concatenate(part, axis=1) for part in list(zip(*kept, strict=True))[:5]]
    models, of_makers, fleet, within, between = joined
    apart = np.sqrt(np.concatenate([within, between])).T
    return Draws(_pair(models), _pair(of_makers), _pair(fleet), apart, np.tile(kinds, len(kept)))


def curves(draws: Draws, seed: int) -> tuple[Floats, Floats, float]:
    """Likely levels and log shapes (D, M + G + 1) of the models, of a new one of each maker, and of a new one of a new maker.

    The last is how many failures of its own weigh as much in the level of a model as its maker does: that which is known
    of the level by d failures is d, and by the maker 1 / variance between models.
    """
    chance = np.random.Generator(np.random.PCG64([seed, 1]))
    found = []
    for place, (models, makers, fleet) in enumerate(
        zip(draws.models, draws.makers, draws.fleet, strict=True)
    ):
        within, between = draws.apart[:, place], draws.apart[:, 2 + place]
        noise = chance.standard_normal((len(fleet), makers.shape[1] + 2))
        of_makers = makers + within[:, None] * noise[:, :-2]
        of_fleet = fleet + between * noise[:, -2] + within * noise[:, -1]
        found.append(np.column_stack([models, of_makers, of_fleet]))
    return found[0], found[1], float(1 / np.square(draws.apart[:, 0]).mean())


def likeliest(record: Record, maker: Ints, makers: int) -> tuple[Floats, Floats]:
    """Roughly where each model's level and log shape are: its failures and `TRUST` more, at its maker's or the fleet's rate."""
    exposure = np.exp(_exposure(record))
    whole = record.events.sum() / exposure.sum()
    of_makers = summed_by(maker, record.events, makers), summed_by(maker, exposure, makers)
    rates = (of_makers[0] + TRUST) / (of_makers[1] + TRUST / whole)
    level = np.log((record.events + TRUST) / (exposure + TRUST / rates[maker]))
    return level, np.full_like(level, SHAPE[0])


class _Walk:
    """The sampler: one sweep moves the models, all together, the makers, the fleet and the spreads."""

    def __init__(
        self,
        records: Sequence[Record],
        parts: Sequence[int],
        maker: Ints,
        makers: int,
        chance: np.random.Generator,
    ) -> None:
        self._records, self._parts = records, parts
        self._ends = np.cumsum(parts)[:-1]
        self._maker, self._makers, self._chance = maker, makers, chance
        self._every = np.arange(len(maker))
        self._belongs = (maker[:, None] == np.arange(makers)).astype(np.float64)
        self._models = self._belongs.sum(axis=0)
        trust = 1 / np.square(BETWEEN_MODELS)
        events = records[0].events
        informed = np.stack([events, 1.6 * events])  # of complete lives: 1 and pi^2 / 6 a failure
        self._step = 1.7 / np.sqrt(informed + trust[:, None])
        self._shift = 1.7 / np.sqrt(np.array([1.0, 1.6]) * events.sum() + np.array([0.0, 4.0]))

    def begin(self) -> _State:
        middle = [np.stack(likeliest(one, self._maker, self._makers)) for one in self._records]
        noise = self._chance.standard_normal((2, CHAINS, len(self._maker)))
        models = np.repeat(np.stack(middle, axis=1), self._parts, axis=1) + noise * self._step[:, None] / 1.7
        makers = models @ self._belongs / np.maximum(self._models, 1)
        return _State(
            models,
            makers,
            makers.mean(axis=2),
            np.tile(np.square(BETWEEN_MODELS)[:, None], (1, CHAINS)),
            np.tile(np.square(BETWEEN_MAKERS)[:, None], (1, CHAINS)),
            self._of(models),
        )

    def sweep(self, state: _State) -> _State:
        state = self._together(self._each(self._each(state)))
        makers, fleet = self._above(state)
        own = state.models - makers[:, :, self._maker]
        within = self._spread(own, BETWEEN_MODELS)
        between = self._spread(makers - fleet[:, :, None], BETWEEN_MAKERS)
        return _State(state.models, makers, fleet, within, between, state.likely)

    def _each(self, state: _State) -> _State:
        """A step of every model on its own."""
        tried = state.models + self._step[:, None] * self._chance.standard_normal(state.models.shape)
        likely = self._of(tried)
        centre = state.makers[:, :, self._maker]
        prior = (np.square(tried - centre) - np.square(state.models - centre)) / state.within[:, :, None]
        taken = likely - state.likely - prior.sum(axis=0) / 2 > self._dice(likely.shape)
        return state._replace(
            models=np.where(taken, tried, state.models), likely=np.where(taken, likely, state.likely)
        )

    def _together(self, state: _State) -> _State:
        """A step of all models, makers and the fleet at once: alone each would be held back by the others."""
        step = self._shift[:, None] * self._chance.standard_normal((2, CHAINS))
        likely = self._of(state.models + step[:, :, None])
        gain = (likely - state.likely).sum(axis=1)
        before, after = (
            np.square((shape - SHAPE[0]) / SHAPE[1]) for shape in (state.fleet[1], state.fleet[1] + step[1])
        )
        taken = gain - (after - before) / 2 > self._dice(gain.shape)
        moved = np.where(taken, step, 0.0)
        return state._replace(
            models=state.models + moved[:, :, None],
            makers=state.makers + moved[:, :, None],
            fleet=state.fleet + moved,
            likely=np.where(taken[:, None], likely, state.likely),
        )

    def _above(self, state: _State) -> tuple[Floats, Floats]:
        """Makers given their models and the fleet, the fleet given its makers: normal, drawn at once."""
        within, between = state.within[:, :, None], state.between[:, :, None]
        weight = self._models / within + 1 / between
        centre = ((state.models @ self._belongs) / within + state.fleet[:, :, None] / between) / weight
        makers = centre + self._chance.standard_normal(centre.shape) / np.sqrt(weight)
        known = self._makers / state.between
        prior = np.array([0.0, SHAPE[1] ** -2])[:, None]  # of the level, nothing is known beforehand
        middle = (makers.sum(axis=2) / state.between + SHAPE[0] * prior) / (known + prior)
        fleet = middle + self._chance.standard_normal(middle.shape) / np.sqrt(known + prior)
        return makers, fleet

    def _spread(self, away: Floats, expected: tuple[float, float]) -> Floats:
        """Variances given how far away each is: scaled inverse chi-squared, as is their prior."""
        freedom = TRUST + away.shape[2]
        total = TRUST * np.square(expected)[:, None] + np.square(away).sum(axis=2)
        widest = np.square(WIDEST * np.array(expected))[:, None]
        return np.asarray(np.minimum(total / self._chance.chisquare(freedom, total.shape), widest))

    def _of(self, models: Floats) -> Floats:
        parts = np.split(models, self._ends, axis=1)
        found = [
            one.likelihood(part[0], part[1], self._every)
            for one, part in zip(self._records, parts, strict=True)
        ]
        return np.concatenate(found)

    def _dice(self, shape: tuple[int, ...]) -> Floats:
        return np.asarray(np.log(1 - self._chance.random(shape)))


def _with_half(record: Record) -> Record:
    share = np.exp(_exposure(record))
    return dataclasses.replace(record, events=record.events + HALF * share / share.sum())


def _exposure(record: Record) -> Floats:
    """Logarithm of each kind's exposure at the expected shape, from the likelihood of a level of nothing."""
    every = np.arange(len(record.events))
    level, shape = np.zeros(len(every)), np.full(len(every), SHAPE[0])
    rest = record.events * (level + shape) + (np.exp(shape) - 1) * record.logs
    return np.asarray(np.log(np.maximum(rest - record.likelihood(level, shape, every), 1e-300)))


def _pair(both: npt.NDArray[np.float64]) -> tuple[Floats, Floats]:
    return both[0], both[1]
