"""What is told of each model: which share still lives at an age, how likely the next year is to end it, on whom that leans.

Shares are Kaplan's and Meier's, of machines that were watched; chances are those that a plan counts with. Where nobody was
watched there is no share: an age that only some later machines reached says nothing of what happened before it.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
import pandas as pd

from forecasting.survival import lives
from forecasting.survival.fleet import Basis, Survival
from forecasting.survival.kaplan_meier import Curve, kaplan_meier
from forecasting.survival.lives import Flags, Floats, LeftOut

AGES: Final = (3, 5, 7)
"""Years at which the share that lives is told."""

STARTS: Final = (1, 3, 5)
"""Ages at which the chance to fail within the next year is told."""

NEW: Final = 0.5
"""Years from purchase within which the first machines of a model must have been watched, lest those that failed before be missing
from its shares: a machine is delivered, and then seen in the import that follows."""

FEW: Final = 20
"""Failures below which a model leans on its maker in good part, and bands are wide: see decision 17."""

Z95: Final = 1.959963984540054
"""Standard deviations on either side that hold 95 % of a normal distribution."""

Leans = Literal["maker", "all", "nothing"]

Rests = Literal["own", "maker", "all"]

MOSTLY: Final = 0.5
"""Weight of its own failures from which on a curve is called a model's own."""


@dataclasses.dataclass(frozen=True, slots=True)
class Alive:
    """Share alive after an age, and its 95 % interval: None before the first failure and once none lives, where there is none."""

    share: float
    low: float | None
    high: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """An age at which `failed` of `at_risk` machines failed; `alive` is None where the curve does not reach."""

    age: float
    at_risk: int
    failed: int
    alive: Alive | None


@dataclasses.dataclass(frozen=True, slots=True)
class Shares:
    """What those that were watched tell: `begun` and `until` are the ages between which some always were, None where none was.

    `alive` are shares at AGES, of those bought; `steps` the whole curve, of those that lived at `begun`.
    """

    begun: float | None
    until: float | None
    alive: tuple[Alive | None, ...]
    steps: tuple[Step, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Model:
    """One model as its maker and model are spelt most often, None where they are not told.

    `machines` were ever seen; those of `left_out` say nothing of ages. `chances` are those at STARTS, None where no life is known.
    `basis` says what they rest on, and `leans` where the rest of it is from: other models of the maker, those of all makers, or
    nothing, where no other was watched. `rests` says whose the greater part of the curve is, None where there is none.
    """

    maker: str | None
    model: str | None
    machines: int
    left_out: LeftOut
    shares: Shares
    basis: Basis
    leans: Leans
    rests: Rests | None
    chances: tuple[float | None, ...]


class Learnt(NamedTuple):
    """What all curves rest on: `failures` of `machines` that were watched for `years` (machine-years), from the day `since`, of the
    first import that could have told a failure, to `until`, of the last. `models` were watched, by whose their curves are in
    the greater part.
    """

    failures: int
    machines: int
    years: float
    since: datetime.date
    until: datetime.date
    models: Mapping[Rests, int]

    @property
    def few(self) -> bool:
        """Whether the failures are few."""
        return self.failures < FEW


def of(frame: pd.DataFrame, known: Survival) -> Iterator[Model]:
    """Each model of the frame of lives that `known` was learnt from, by maker and model."""
    pairs, codes = lives.grouped(frame)
    order = np.argsort(codes, kind="stable")
    why = lives.reasons(frame, known.today)[order]
    makers, models = (frame[name].to_numpy(dtype=object)[order] for name in ("maker", "model"))
    chances = _chances(pairs, known)
    ends = np.searchsorted(codes[order], np.arange(len(pairs) + 1))
    for place, pair in enumerate(pairs):
        mine = slice(int(ends[place]), int(ends[place + 1]))
        basis = known.basis(*pair)
        leans = _leans(basis, known)
        yield Model(
            _spelt(makers[mine]),
            _spelt(models[mine]),
            mine.stop - mine.start,
            lives.told(why[mine]),
            shares(*known.watched(*pair)),
            basis,
            leans,
            None if basis.curve is None else _rests(basis, leans),
            chances[place],
        )


def learnt(frame: pd.DataFrame, known: Survival) -> Learnt | None:
    """What `known` was learnt from, which is that frame of lives; None where nothing was."""
    watched = known.lives
    if not watched.names:
        return None
    rests = Counter(
        _rests(basis, _leans(basis, known)) for basis in (known.basis(*pair) for pair in watched.names)
    )
    return Learnt(
        failures=watched.failures(range(len(watched.names))),
        machines=len(watched.entry),
        years=float((watched.exit - watched.entry).sum()),
        since=frame["entered"].min().date(),
        until=min(frame["left"].max().date(), known.today),
        models={one: rests[one] for one in ("own", "maker", "all")},
    )


def _rests(basis: Basis, leans: Leans) -> Rests:
    """Whose the greater part of a curve is: its own too where there is nobody else's."""
    return "own" if leans == "nothing" or basis.own >= MOSTLY else leans


def _chances(pairs: Sequence[tuple[str, str]], known: Survival) -> list[tuple[float | None, ...]]:
    """Chances of each model at STARTS."""
    makers, models = (np.array([pair[side] for pair in pairs], object)[:, None] for side in (0, 1))
    starts = np.array(STARTS, np.float64)
    found = known.probability(makers, models, starts, starts + 1)
    return [tuple(None if np.isnan(chance) else chance for chance in row) for row in found.tolist()]


def shares(entry: Floats, exit_: Floats, failed: Flags) -> Shares:
    """What lives with ages at entry and exit (years), failed at the latter or not, tell of the shares that live."""
    if not len(entry):
        return Shares(None, None, (None,) * len(AGES), ())
    begun, until = unbroken(entry, exit_)
    curve = kaplan_meier(entry, exit_, failed, Z95)
    reach = _reach(curve, exit_, until)
    alive = (_alive(curve, age) if begun <= NEW and age <= reach else None for age in AGES)
    return Shares(begun, until, tuple(alive), tuple(_steps(curve, reach)))


def unbroken(entry: Floats, exit_: Floats) -> tuple[float, float]:
    """The age at which the first machine was seen, and that until which one at least was always watched from then on."""
    order = np.argsort(entry)
    begun, reached = entry[order], np.maximum.accumulate(exit_[order])
    gaps = begun[1:] > reached[:-1]
    return float(begun[0]), float(reached[gaps.argmax() if gaps.any() else -1])


def _spelt(names: Iterable[object]) -> str | None:
    """The most frequent spelling, the first in the alphabet among as many."""
    counts = Counter(name for name in names if isinstance(name, str))
    found = min(counts, key=lambda name: (-counts[name], name), default="")
    return found.strip() or None


def _leans(basis: Basis, known: Survival) -> Leans:
    every, mine = len(known.lives.names), len(known.lives.places(basis.maker, basis.model))
    if len(known.lives.places(basis.maker)) > mine:
        return "maker"
    return "all" if every > mine else "nothing"


def _reach(curve: Curve, exit_: Floats, until: float) -> float:
    """The last age of which the curve tells: that before a gap, or before all who were watched then failed while others,
    first seen later, live on: the curve would be nothing from there."""
    gone = curve.age[curve.survival <= 0]
    if len(gone) and exit_.max() > gone[0]:
        return min(until, float(np.nextafter(gone[0], 0.0)))
    return until


def _steps(curve: Curve, reach: float) -> Iterator[Step]:
    for age, at_risk, failed in zip(
        curve.age.tolist(), curve.at_risk.tolist(), curve.events.tolist(), strict=True
    ):
        yield Step(age, at_risk, failed, _alive(curve, age) if age <= reach else None)


def _alive(curve: Curve, age: float) -> Alive:
    share = float(curve.at(age))
    if not 0 < share < 1:
        return Alive(share, None, None)
    place = int(np.searchsorted(curve.age, age, side="right")) - 1
    return Alive(share, float(curve.low[place]), float(curve.high[place]))
