"""Invented fleets of workstations whose lives follow Weibull curves that are known, and what came of them afterwards."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np
import pandas as pd

from forecasting import survival

DAYS_A_YEAR = 365.2425
TODAY = datetime.date(2026, 11, 2)


@dataclasses.dataclass(frozen=True)
class Fleet:
    """`lives` as an inventory tells them, the `machines` that are alive today, and how old each one dies (`dies`).

    `curves` has one row for each model: maker, model, scale, shape.
    """

    lives: pd.DataFrame
    machines: pd.DataFrame
    dies: np.ndarray
    curves: pd.DataFrame

    def failures(self, years: int, chosen: slice | np.ndarray = slice(None)) -> np.ndarray:
        """How many of the machines fail in each of the next years."""
        ahead = (self.dies - self.machines["age"].to_numpy())[chosen]
        return np.histogram(ahead, np.arange(years + 1))[0]


def fleet(rng: np.random.Generator, failures: int = 200, undated: float = 0.0) -> Fleet:
    """One to five makers of one to eight models of unequal size; shapes from 0.8 to 3; an inventory that began late.

    Machines are retired by age (some makers' later than others'), and some vanish. There are at least so many `failures`.
    """
    curves = invented(rng)
    share = rng.dirichlet(np.full(len(curves), 0.7))
    begun, policy, count = rng.uniform(2, 6), rng.uniform(5, 9), int(rng.integers(1500, 4000))
    held: list[pd.DataFrame] = []
    while not held or sum(np.count_nonzero(one["end"] == "failure") for one in held) < failures:
        held.append(bought(rng, curves, share, count, begun, policy))
    return told(pd.concat(held, ignore_index=True), curves, begun, rng, undated)


def invented(rng: np.random.Generator) -> pd.DataFrame:
    """Curves of models: `maker, model, scale, shape`."""
    of = np.repeat(np.arange(makers := rng.integers(1, 6)), rng.integers(1, 9, makers))
    level = rng.normal(0, rng.uniform(0.1, 0.5), makers)[of] + rng.normal(0, rng.uniform(0.1, 0.6), len(of))
    shape = np.exp(
        rng.uniform(np.log(0.8), np.log(3.0))
        + rng.normal(0, rng.uniform(0, 0.15), makers)[of]
        + rng.normal(0, rng.uniform(0.0, 0.25), len(of))
    )
    return pd.DataFrame({
        "maker": [f"Maker {number}" for number in of],
        "model": [f"Model {number}" for number in range(len(of))],
        "scale": rng.uniform(7, 14) * np.exp(-level / shape),  # risk at the common scale is e^level
        "shape": shape,
    })  # fmt: skip


def bought(
    rng: np.random.Generator, curves: pd.DataFrame, share: np.ndarray, count: int, begun: float, policy: float
) -> pd.DataFrame:
    """Machines that were there when the inventory began, or were bought since; years, today being 0."""
    which = rng.choice(len(curves), count, p=share)
    dies = curves["scale"].to_numpy()[which] * rng.weibull(curves["shape"].to_numpy()[which])
    since = rng.uniform(-12, -0.05, count)
    last = np.where(which % 2 == 0, policy, policy + 1) + rng.exponential(
        1.0, count
    )  # retired at the age of policy
    vanishes = rng.exponential(50, count)
    age = np.minimum.reduce([dies, last, vanishes])
    end = np.select([dies == age, last == age], ["failure", "retirement"], "vanished")
    gone = since + age
    frame = pd.DataFrame({
        "which": which, "dies": dies, "since": since, "gone": np.minimum(gone, 0.0), "end": np.where(gone < 0, end, ""),
    })  # fmt: skip
    return frame[gone > -begun]


def told(
    made: pd.DataFrame, curves: pd.DataFrame, begun: float, rng: np.random.Generator, undated: float
) -> Fleet:
    """The frame of lives, by day."""
    today = np.datetime64(TODAY, "s")

    def day(years: pd.Series) -> np.ndarray:
        return today + np.floor(years.to_numpy() * DAYS_A_YEAR).astype(np.int64) * np.timedelta64(86400, "s")

    names = curves.iloc[made["which"]].reset_index(drop=True)
    purchased = day(made["since"])
    lives = pd.DataFrame({
        "key": [f"serial:{number}" for number in range(len(made))],
        "maker": names["maker"],
        "model": names["model"],
        "purchased": np.where(rng.random(len(made)) < undated, np.datetime64("NaT"), purchased),
        "entered": day(np.maximum(made["since"], -begun)),
        "left": day(made["gone"]),
        "end": made["end"].to_numpy(),
    })  # fmt: skip
    alive = (made["end"] == "").to_numpy()
    age = (np.datetime64(TODAY) - purchased.astype("datetime64[D]")).astype(np.float64) / DAYS_A_YEAR
    machines = names.loc[alive, ["maker", "model"]].assign(age=age[alive]).reset_index(drop=True)
    return Fleet(lives, machines, np.maximum(made["dies"].to_numpy()[alive], age[alive]), curves)


SHORT = ("weibull", "flat", "wear", "guarantee", "softer", "both", "early")
"""Kinds of truth behind a short history: Weibull's of any shape, of shape 1 and 3; a constant risk after two to four years of
none, or of a tenth; wear after such years; many early failures, a constant risk and late wear."""

_AGES = np.linspace(0, 60, 12_001)


@dataclasses.dataclass(frozen=True)
class Short:
    """A fleet as in `Fleet`; `came` and `expected` (YEARS): failures, and those that its true curves expect of it today."""

    lives: pd.DataFrame
    machines: pd.DataFrame
    came: np.ndarray
    expected: np.ndarray


def _risk(rng: np.random.Generator, kind: str) -> np.ndarray:
    """What has been risked until each of `_AGES`, in any unit."""
    quiet = rng.uniform(2, 4)
    later = np.maximum(_AGES - quiet, 0)
    return {
        "weibull": _AGES ** np.exp(rng.uniform(np.log(0.8), np.log(3))),
        "flat": _AGES,
        "wear": _AGES**3,
        "guarantee": later + 1e-9 * _AGES,
        "softer": later + 0.1 * np.minimum(_AGES, quiet),
        "both": later**1.7 + 1e-9 * _AGES,
        "early": 0.35 * (1 - np.exp(-_AGES / 0.4)) + 0.25 * _AGES + (_AGES / 7) ** 3,
    }[kind]


def short(rng: np.random.Generator, kind: str) -> Short:
    """A fleet of machines up to eight years old whose inventory began one or two years ago; some 100 failures."""
    risk, began, models = _risk(rng, kind), rng.uniform(1, 2), int(rng.integers(6, 13))
    maker = rng.integers(0, rng.integers(1, 5), models)
    level = np.exp(rng.normal(0, rng.uniform(0, 0.4), models))
    count, spread, middle = (
        int(rng.integers(2000, 5000)),
        rng.choice([0.15, 1.0, 2.0]),
        rng.uniform(0, 8, models),
    )
    of = rng.choice(models, count, p=rng.dirichlet(np.full(models, 2.0)))
    age = np.clip(middle[of] + rng.uniform(-spread, spread, count), 0.03, None)
    first = np.maximum(age - began, 0)

    def risked(ages: np.ndarray) -> np.ndarray:
        return np.interp(ages, _AGES, risk)

    watched = (level[of] * (risked(age) - risked(first))).sum()
    rate = level[of] * rng.uniform(0.015, 0.035) * (age - first).sum() / watched
    dies = np.interp(risked(first) + rng.exponential(1, count) / rate, risk, _AGES)
    last = np.maximum(rng.uniform(6, 9) + rng.exponential(1.5, count), first + rng.exponential(4, count))
    out = np.minimum(dies, last)
    end = np.select([out >= age, dies <= last], ["", "failure"], "retirement")
    today, day = np.datetime64(TODAY, "s"), np.timedelta64(86400, "s")

    def before(years: np.ndarray) -> np.ndarray:
        return today - np.round(years * DAYS_A_YEAR).astype(np.int64) * day

    lives = pd.DataFrame({
        "maker": [f"Maker {maker[one]}" for one in of], "model": [f"Model {one}" for one in of], "purchased": before(age),
        "entered": before(np.minimum(age, began)), "left": before(np.maximum(age - out, 0)), "end": end,
    })  # fmt: skip
    alive = end == ""
    ahead = rate[alive, None] * risked(age[alive, None] + np.arange(YEARS + 1))
    left = np.exp(ahead[:, :1] - ahead)
    return Short(
        lives,
        lives.loc[alive, ["maker", "model"]].assign(age=age[alive]),
        np.histogram((dies - age)[alive], np.arange(YEARS + 1))[0],
        (left[:, :-1] - left[:, 1:]).sum(axis=0),
    )


YEARS = 5
"""Years ahead that are judged."""

FEW = ((0, 0), (1, 4), (5, 19), (20, 10**9))
"""Models by how many of their machines had failed."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Whether the bands of one fleet held what came: by year, and for three of its models in the next year.

    `inside`, `below` (YEARS); `sums` are failures expected and those that came, in all years; `models` has rows
    (failures that were learnt from, failures expected, inside or not).
    """

    learnt: int
    inside: np.ndarray
    below: np.ndarray
    sums: tuple[float, int]
    models: np.ndarray


def judge(seed: tuple[int, int]) -> Verdict:
    """Make a fleet, learn from it, and hold the bands against what came."""
    rng = np.random.default_rng(seed)
    made = fleet(rng)
    known = survival.fit(made.lives, TODAY)
    said, came = known.failures(made.machines, YEARS), made.failures(YEARS)
    inside = (said["low"] <= came) & (came <= said["high"])
    of = made.machines.groupby(["maker", "model"]).indices
    chosen = rng.permutation(len(of))[:3]
    rows = [_model(known, made, *list(of.items())[number]) for number in chosen]
    learnt = int((made.lives["end"] == "failure").sum())
    sums = float(said["expected"].sum()), int(came.sum())
    return Verdict(
        learnt, inside.to_numpy(), (came < said["low"]).to_numpy(), sums, np.array(rows, np.float64)
    )


def _model(
    known: survival.Survival, made: Fleet, name: tuple[str, str], rows: np.ndarray
) -> tuple[int, float, bool]:
    (said,) = known.failures(made.machines.iloc[rows], 1).itertuples()
    (came,) = made.failures(1, rows)
    return known.basis(*name).failures, said.expected, bool(said.low <= came <= said.high)


@dataclasses.dataclass(frozen=True)
class Held:
    """Of a short history, by year: what was expected, what its true curves expect, and whether the band held what came."""

    expected: np.ndarray
    true: np.ndarray
    inside: np.ndarray


def judge_short(kind: str, seed: tuple[int, int]) -> Held:
    """As `judge`, of a fleet whose history is short."""
    made = short(np.random.default_rng((*seed, SHORT.index(kind))), kind)
    said = survival.fit(made.lives, TODAY).failures(made.machines, YEARS)
    inside = (said["low"] <= made.came) & (made.came <= said["high"])
    return Held(said["expected"].to_numpy(), made.expected, inside.to_numpy())
