"""What an inventory says of how long its machines last: probabilities for each, expected failures for all."""

from __future__ import annotations

import bisect
import dataclasses
import datetime
import hashlib
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from forecasting.survival import expecting, shrinking, weibull, youth
from forecasting.survival.kaplan_meier import Curve, kaplan_meier
from forecasting.survival.lives import Flags, Floats, Ints, LeftOut, Lives, LivesError, named, read
from forecasting.survival.weibull import Record, Weibull
from forecasting.survival.youth import Youth

MACHINES: Final = ("maker", "model", "age")


@dataclasses.dataclass(frozen=True, slots=True)
class Basis:
    """What the curve of one model rests on, to say it in a sentence.

    `machines` were watched for `years` in all, and `failures` of them failed; `of_maker` and `of_fleet` failed in all.
    `own` is the weight of its own failures in the level of its curve, between 0 (all borrowed) and 1; a maker that was
    never seen stands for the fleet, a model that was never seen for its maker, with `own` 0. `curve` is the likely one of
    what ages count for under the likeliest `youth`.
    """

    maker: str
    model: str
    machines: int
    failures: int
    years: float
    of_maker: int
    of_fleet: int
    own: float
    curve: Weibull | None
    youth: Youth | None


@dataclasses.dataclass(frozen=True, slots=True)
class Survival:
    """How long machines last, as was known on `today`.

    `level` and `shape` (logarithm) of K curves under each of Y youths (Y, K), which are as likely as `weights` (Y), are those that
    plans count with, and their likely values (D, K), each under the youth `kinds` (D), make the bands. `records` (Y) know the
    youths. The curves are those of the models in `lives.names`, then one for a new model of each of `makers`, then one
    for a new model of a new maker; there are none where no life said anything.
    """

    today: datetime.date
    lives: Lives
    makers: tuple[str, ...]
    records: tuple[Record, ...]
    weights: Floats
    level: Floats
    shape: Floats
    levels: Floats
    shapes: Floats
    kinds: Ints
    trust: float

    @property
    def left_out(self) -> LeftOut:
        """Lives that could not be used."""
        return self.lives.left_out

    def probability(
        self, maker: npt.ArrayLike, model: npt.ArrayLike, start: npt.ArrayLike, end: npt.ArrayLike
    ) -> Floats:
        """Chance that a machine alive at age `start` (years) has failed by age `end`; the arguments are broadcast.

        1 - S(end) / S(start). NaN where an age is unknown, or where nothing is known of any machine. Raises ValueError
        where an end lies before its start.
        """
        begun = np.maximum(np.asarray(start, np.float64), 0.0)
        ended = np.maximum(np.asarray(end, np.float64), 0.0)
        if np.any(ended < begun):
            raise ValueError("an age at the end lies before that at the start")
        place = self._place(maker, model)
        return -np.expm1(self._hazard(place, begun) - self._hazard(place, ended))

    def likely(self, maker: npt.ArrayLike, model: npt.ArrayLike, start: Floats, end: Floats) -> Floats:
        """`probability` under each of the likely curves (USED, ages): how little is known of a model is how they differ.

        Raises ValueError where nothing is known of any machine.
        """
        if not len(self.level):
            raise ValueError("nothing is known of how long machines last")
        asked = np.broadcast_arrays(self._place(maker, model), start, end)
        told, where = np.unique(np.stack(asked), axis=1, return_inverse=True)
        place, chosen = told[0].astype(np.int64), expecting.used(len(self.levels))
        level, shape = self.levels[chosen[:, None], place], np.exp(self.shapes[chosen[:, None], place])
        begun, ended = (
            np.exp(level + shape * self._logs(np.maximum(age, 0.0))[self.kinds[chosen]]) for age in told[1:]
        )
        return np.asarray(-np.expm1(begun - ended)[:, where.ravel()])

    def failures(self, machines: pd.DataFrame, years: int) -> pd.DataFrame:
        """Failures expected in each of the next `years` among machines `maker, model, age`, none being replaced.

        Frame `year` (from 1), `expected`, `low`, `high` (80 %), `machines` of known age that are counted, and those whose
        age nobody knows, `undated`, which are not. `expected` is what `probability` adds up to; the band holds
        chance and how little is known of the curves. Its ends lie between whole numbers (4.3 to 9.6: from 5 to 9), as bands of
        whole numbers alone would hold too much. NaN where nothing is known. Raises LivesError.
        """
        for column in MACHINES:
            if column not in machines.columns:
                raise LivesError(
                    f"machines have no column {column!r}: they need {', '.join(MACHINES)}", column
                )
        age = machines["age"].to_numpy(dtype=np.float64, na_value=np.nan)
        dated = ~np.isnan(age)
        place = self._place(machines["maker"][dated], machines["model"][dated])
        place, age = _ordered(place, np.maximum(age[dated], 0.0))
        hazard = self._hazard(place[:, None], age[:, None] + np.arange(years + 1))
        alive = np.exp(hazard[:, :1] - hazard)
        failing = alive[:, :-1] - alive[:, 1:]
        low, high = self._band(place, age, failing)
        return pd.DataFrame({
            "year": np.arange(1, years + 1),
            "expected": failing.sum(axis=0),
            "low": low,
            "high": high,
            "machines": len(age),
            "undated": int(np.count_nonzero(~dated)),
        })  # fmt: skip

    def basis(self, maker: str | None, model: str | None) -> Basis:
        """What the curve of a model rests on."""
        name, of = _pair(maker, model)
        lives = self.lives
        mine = lives.places(name, of)
        rows, failures = lives.rows(mine), lives.failures(mine)
        return Basis(
            name,
            of,
            rows.stop - rows.start,
            failures,
            float((lives.exit[rows] - lives.entry[rows]).sum()),
            lives.failures(lives.places(name)),
            lives.failures(range(len(lives.names))),
            failures / (failures + self.trust) if failures else 0.0,
            *self._curve(name, of),
        )

    def curve(self, maker: str | None, model: str | None) -> Curve:
        """Kaplan's and Meier's curve of one model, which leans on nothing and nobody."""
        return kaplan_meier(*self.watched(maker, model))

    def watched(self, maker: str | None, model: str | None) -> tuple[Floats, Floats, Flags]:
        """The lives of one model: ages in years at entry and at exit, and whether it failed at the latter."""
        mine = self.lives.rows(self.lives.places(*_pair(maker, model)))
        return self.lives.entry[mine], self.lives.exit[mine], self.lives.failed[mine]

    def _curve(self, maker: str, model: str) -> tuple[Weibull | None, Youth | None]:
        if not len(self.level):
            return None, None
        place = self._column(maker, model)
        likeliest = int(self.weights.argmax())
        record, shape = self.records[likeliest], float(np.exp(self.shape[likeliest, place]))
        scale = record.centre * float(np.exp(-self.level[likeliest, place] / shape))
        return Weibull(scale, shape), record.youth

    def _place(self, maker: npt.ArrayLike, model: npt.ArrayLike) -> Ints:
        """Which curve is whose: -1 where there is none at all."""
        makers, models = np.broadcast_arrays(np.asarray(maker, object), np.asarray(model, object))
        (first, of), (second, which) = (pd.factorize(named(one.ravel())) for one in (makers, models))
        codes, found = pd.factorize(first * len(which) + second)
        pairs = [(of[number // len(which)], which[number % len(which)]) for number in found.tolist()]
        places = [self._column(*pair) for pair in pairs]
        return np.array([*places, self.levels.shape[1] - 1], np.int64)[codes].reshape(makers.shape)

    def _column(self, maker: str, model: str) -> int:
        """Which curve is that of a model; -1 where there is none at all."""
        mine = self.lives.places(maker, model)
        if mine:
            return mine.start
        place = bisect.bisect_left(self.makers, maker)
        is_known = self.makers[place : place + 1] == (maker,)
        return len(self.lives.names) + place if is_known else self.levels.shape[1] - 1

    def _hazard(self, place: Ints, age: Floats) -> Floats:
        """What has been risked until an age."""
        if not len(self.level):
            return np.full(np.broadcast_shapes(place.shape, age.shape), np.nan)
        found = np.zeros(np.broadcast_shapes(place.shape, age.shape))
        for weight, level, shape, logs in zip(
            self.weights, self.level, self.shape, self._logs(age), strict=True
        ):
            found += weight * np.exp(level[place] + np.exp(shape)[place] * logs)
        return found

    def _logs(self, age: Floats) -> Floats:
        """What ages count for under each youth (Y, ages)."""
        return np.stack([one.logs_of(age) for one in self.records])

    def _band(self, place: Ints, age: Floats, failing: Floats) -> tuple[Floats, Floats]:
        if not len(self.level):
            nothing = np.full(failing.shape[1], np.nan)
            return nothing, nothing
        seed = digest(place, age, self.levels)
        worn = [one.logs_of for one in self.records]
        likely = expecting.Likely(self.levels, self.shapes, self.kinds, worn)
        means = expecting.means(likely, place, age, failing.shape[1])
        return expecting.band(means, failing, seed)


def fit(lives: pd.DataFrame, today: datetime.date) -> Survival:
    """Learn from lives `maker, model, purchased, entered, left, end` (see `lives.read`). Raises LivesError.

    The same lives, in whatever order, give the same answer to the last bit.
    """
    known = read(lives, today)
    makers = tuple(sorted({name[0] for name in known.names}))
    if not known.names:
        nothing = np.empty((0, 0))
        weights, kinds = np.empty(0), np.empty(0, np.int64)
        return Survival(today, known, (), (), weights, nothing, nothing, nothing, nothing, kinds, np.nan)
    records, dealt = _records(known)
    of = np.array([makers.index(maker) for maker, _ in known.names], np.int64)
    seed = digest(known.group, known.entry, known.exit, known.failed)
    draws = shrinking.sample(records, dealt, of, len(makers), seed)
    levels, shapes, trust = shrinking.curves(draws, seed)
    mine = [draws.kinds == kind for kind in range(len(records))]
    # of the mean risk: that of the mean logarithm is less
    level = np.stack([np.log(np.exp(levels[rows]).mean(axis=0)) for rows in mine])
    shape = np.stack([shapes[rows].mean(axis=0) for rows in mine])
    weights = np.bincount(dealt) / len(dealt)
    return Survival(today, known, makers, records, weights, level, shape, levels, shapes, draws.kinds, trust)


def _records(known: Lives) -> tuple[tuple[Record, ...], Ints]:
    """What the lives say under each youth that is likely, and which of these each chain has."""
    told = known.entry, known.exit, known.failed, known.group
    shapes = weibull.GRID[::2]
    prior = np.asarray(-np.square((shapes - shrinking.SHAPE[0]) / shrinking.SHAPE[1]) / 2, np.float64)
    youths, dealt = youth.shared(youth.weigh(*told, shapes, prior), shrinking.CHAINS)
    return tuple(weibull.record(*told, len(known.names), one) for one in youths), dealt


def _pair(maker: str | None, model: str | None) -> tuple[str, str]:
    one, other = named(np.array([maker, model], object))
    return str(one), str(other)


def digest(*arrays: npt.NDArray[np.generic]) -> int:
    """A number that stands for what arrays hold."""
    held = hashlib.blake2b(digest_size=8)
    for array in arrays:
        held.update(repr(array.shape).encode())
        held.update(np.ascontiguousarray(array).tobytes())
    return int.from_bytes(held.digest())


def _ordered(place: Ints, age: Floats) -> tuple[Ints, Floats]:
    order = np.lexsort((age, place))
    return place[order], age[order]
