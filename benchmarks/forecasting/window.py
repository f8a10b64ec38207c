"""Windows to forecast: a history up to a day, what truly came in the 180 days after it, and two thresholds.

    windows("tune", seed=1)               every window of a part
    windows("tune", seed=1, count=300)    whole fleets of them, until there are so many

Windows of one `fleet` are forecast together, as the stores of an estate are. No fleet holds a store twice, so
that nothing in it knows the future of another window.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.forecasting.faults import observe
from benchmarks.forecasting.generator import AHEAD, KINDS, Floats, History, Part, make

REAL: Final = "real"
SPOILT: Final = "real, faults"
SHARES: Final = (0.5, 1.0)
"""Thresholds above the last level, in what the store grew in 180 days."""

MONTH: Final = 30
FLOOR: Final = 1e-3
"""Of its level a month: a store that moves less is taken as moving that much, so that there is something to divide by."""

CUTS: Final = {REAL: tuple(range(180, 781, 60)), SPOILT: tuple(range(210, 811, 60))}
"""Days of a real store that are hidden: those with faults injected are cut on other days."""

EACH: Final = 60
"""Made histories of each kind in a part, every other one with faults."""

TOGETHER: Final = 5
"""Made histories of each kind in a fleet."""

LAST: Final = np.datetime64("2025-12-31")
"""The last day of every made history."""


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """One window.

    `days` and `y` are what was read, `truth` the bytes of the AHEAD days after the last of them as they truly were.
    Of the history as it truly was, `scale` is the mean absolute move in 30 days (at least FLOOR of its level), and
    `moved` whether it moved at all. `thresholds` are the bytes that are waited for: the last level and SHARES of what
    the store grew in 180 days, in the mean of its whole history (NaN where it shrank, or grew by less than FLOOR).
    `extended` is the day from which the store had its present size.
    """

    unique_id: str
    kind: str
    fleet: str
    faults: bool
    days: np.ndarray
    y: Floats
    truth: Floats
    scale: float
    moved: bool
    thresholds: Floats
    extended: np.datetime64 | None = None

    @property
    def history(self) -> pd.DataFrame:
        """`unique_id, ds, y` of this window alone."""
        return frame([self])

    @property
    def daily(self) -> Floats:
        """What was read, drawn straight over the days that were not."""
        days = self.days.astype(np.int64)
        return np.interp(np.arange(days[0], days[-1] + 1), days, self.y)


def windows(
    part: Part, seed: int = 1, count: int | None = None, series: Path | None = None, each: int = EACH
) -> list[Window]:
    """The windows of a part. With a `count`, whole fleets in a drawn order until there are so many.

    `each` is the number of made histories of each kind. Raises FileNotFoundError where the real stores are not there.
    """
    stores = part_of(pd.read_csv(series or corpus()), part)
    found = [*real(stores), *spoilt(stores, part, seed), *made(part, seed, each)]
    return found if count is None else _sample(found, count, seed)


def corpus() -> Path:
    """Where the real stores are."""
    return Path(os.environ.get("JAUGE_CORPUS", "../shared")) / "series" / "real_stores.csv.gz"


def part_of(stores: pd.DataFrame, part: Part) -> pd.DataFrame:
    """The stores for choosing, or those for reporting: every other repository."""
    origin = stores["unique_id"].str.split(".").str[0]
    chosen = sorted(origin.unique())[::2]
    return stores[origin.isin(chosen) == (part == "tune")]


def frame(chosen: Iterable[Window], threshold: int | None = None) -> pd.DataFrame:
    """`unique_id, ds, y` of windows; with the number of a threshold, a column `capacity` that holds it.

    A store that was extended had four fifths of it before.
    """
    parts = list(chosen)
    sizes = [len(one.y) for one in parts]
    columns: dict[str, object] = {
        "unique_id": np.repeat(np.array([one.unique_id for one in parts], dtype=object), sizes),
        "ds": np.concatenate([one.days for one in parts]).astype("datetime64[s]"),
        "y": np.concatenate([one.y for one in parts]),
    }
    if threshold is not None:
        columns["capacity"] = np.concatenate([_capacity(one, threshold) for one in parts])
    return pd.DataFrame(columns)


def fleets(chosen: Sequence[Window]) -> Iterator[tuple[list[int], list[Window]]]:
    """The places and windows of each fleet."""
    order = sorted(range(len(chosen)), key=lambda place: chosen[place].fleet)
    for _, places in itertools.groupby(order, key=lambda place: chosen[place].fleet):
        mine = list(places)
        yield mine, [chosen[place] for place in mine]


# --- where they come from ---------------------------------------------------------------------------------


def real(stores: pd.DataFrame) -> Iterator[Window]:
    """Real stores, which have neither gaps nor glitches."""
    for cut, name, days, y in _cuts(stores, CUTS[REAL]):
        yield _window(f"{name}@{cut}", REAL, f"{REAL} {cut}", days, y[:-AHEAD], y)


def spoilt(stores: pd.DataFrame, part: Part, seed: int) -> Iterator[Window]:
    """The same stores, faults injected; what they are scored on is as clean as it was."""
    for number, (cut, name, days, y) in enumerate(_cuts(stores, CUTS[SPOILT])):
        seen = observe(y[:-AHEAD], part, (seed, number))
        yield _window(f"{name}!{cut}", SPOILT, f"{SPOILT} {cut}", days[seen.days], seen.y, y, True)


def made(part: Part, seed: int, each: int = EACH, kinds: Iterable[str] = KINDS) -> Iterator[Window]:
    """Made histories, every other one with faults."""
    for kind in kinds:
        for number in range(each):
            yield invented(make(kind, part, seed, number), part, seed, number, faults=bool(number % 2))


def invented(history: History, part: Part, seed: int, number: int, faults: bool) -> Window:
    """A made history as a window."""
    days = LAST - np.arange(history.days - 1, -1, -1)
    y = history.y[: history.days]
    name, fleet = f"{history.kind}-{number:04d}", f"made {number // (2 * TOGETHER):03d}"
    extended = days[history.facts["extended"]] if "extended" in history.facts else None
    if not faults:
        return _window(name, history.kind, fleet, days, y, history.y, False, extended)
    seen = observe(y, part, (seed, number, list(KINDS).index(history.kind)))
    return _window(name, history.kind, fleet, days[seen.days], seen.y, history.y, True, extended)


def _cuts(stores: pd.DataFrame, cuts: Sequence[int]) -> Iterator[tuple[int, str, np.ndarray, Floats]]:
    """For each real store and cut: what is hidden, the name, the days before, and the bytes AHEAD days further."""
    for name, rows in stores.groupby("unique_id"):
        days = rows["ds"].to_numpy(dtype="datetime64[D]")
        y = rows["y"].to_numpy(dtype=np.float64)
        for cut in cuts:
            yield cut, str(name), days[:-cut], y[: len(y) - cut + AHEAD]


def _window(
    name: str, kind: str, fleet: str, days: np.ndarray, seen: Floats, true: Floats,
    faults: bool = False, extended: np.datetime64 | None = None,
) -> Window:  # fmt: skip
    """`true` is the history and the future as they were."""
    past, truth = true[:-AHEAD], true[-AHEAD:]
    scale, floor = move(past, MONTH), max(FLOOR * float(np.median(np.abs(past))), 1.0)
    grown = growth(past, AHEAD)
    waited = grown >= floor * AHEAD / MONTH
    thresholds = past[-1] + grown * np.array(SHARES) if waited else np.full(len(SHARES), np.nan)
    return Window(
        name, kind, fleet, faults, days, seen, truth, max(scale, floor), scale > 0, thresholds, extended
    )


def move(past: Floats, days: int) -> float:
    """Mean absolute move in so many days; of a history too short for it, that in half of itself, carried on."""
    step = max(min(days, len(past) // 2), 1)
    return float(np.abs(past[step:] - past[:-step]).mean()) * days / step


def growth(past: Floats, days: int) -> float:
    """What came in so many days in the mean, from the first day to the last."""
    return float(past[-1] - past[0]) / max(len(past) - 1, 1) * days


def _capacity(one: Window, threshold: int) -> Floats:
    limit = one.thresholds[threshold]
    if one.extended is None:
        return np.full(len(one.y), limit)
    return np.asarray(np.where(one.days < one.extended, 0.8 * limit, limit), np.float64)


def _sample(found: list[Window], count: int, seed: int) -> list[Window]:
    """Whole fleets, real ones and made ones in turn, in the order in which they were found."""
    rng = np.random.default_rng(seed)
    names = sorted({one.fleet for one in found})
    sources = [[name for name in names if name.startswith(source + " ")] for source in (REAL, SPOILT, "made")]
    drawn = [[pool[place] for place in rng.permutation(len(pool))] for pool in sources]
    chosen: set[str] = set()
    for name in itertools.chain.from_iterable(itertools.zip_longest(*drawn)):
        if name and sum(one.fleet in chosen for one in found) < count:
            chosen.add(name)
    return [one for one in found if one.fleet in chosen]
