"""What scenarios learn from the history: what studies weigh, how many processors there are, what a desktop keeps busy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from exporters.history import Known, Reader
from forecasting.quantities import DAY, STALE, Listing, read_peaks

YEAR: Final = 365
"""Days over which growth is looked at."""

ENOUGH: Final = 50
"""Studies from which a mean size is worth more than one of the table."""

WEEK: Final = 7

_STUDIES, _STORED = "jauge_pacs_modality_studies", "jauge_pacs_modality_stored_bytes"
_YEARS: Final = "jauge_pacs_year_stored_bytes"
_CPUS: Final = ("jauge_cpus", "jauge_node_cpus")
_BUSY: Final = ("jauge_cpu_used_ratio", "jauge_node_cpu_used_ratio")


class Learnt(NamedTuple):
    """Mean bytes of a study of a modality (low, likely, high), from how many studies, and whether of the last year."""

    sizes: tuple[float, float, float]
    studies: int
    recent: bool


class Busy(NamedTuple):
    """Processors of a target that are busy in the busiest hour of a week (low, likely, high), from so many days."""

    processors: tuple[float, float, float]
    days: int


def alive(listing: Listing, metric: str, now: float, targets: set[str] | None) -> list[Known]:
    """The series of a metric that are not gone, of some targets or all. Raises HistoryError."""
    return [
        one
        for one in listing[metric].values()
        if now - one.last <= STALE * DAY and (targets is None or one.target in targets)
    ]


def recent(reader: Reader, names: Sequence[str], now: float) -> dict[str, pd.Series]:
    """The last year of each series: values by day."""
    if not names:
        return {}
    frame = reader.read(names, start=now - (YEAR + 40) * DAY, end=now)
    return {str(name): rows.set_index("ds")["y"] for name, rows in frame.groupby("unique_id")}


def studies(listing: Listing, now: float, targets: set[str] | None) -> dict[tuple[str, str], Learnt]:
    """Mean sizes of studies by target and modality, where an archive tells enough. Raises HistoryError."""
    counts = {
        (one.target, dict(one.labels)["modality"]): one.unique_id
        for one in alive(listing, _STUDIES, now, targets)
    }
    stored = {
        (one.target, dict(one.labels)["modality"]): one.unique_id
        for one in alive(listing, _STORED, now, targets)
    }
    both = sorted(counts.keys() & stored.keys())
    frame = recent(listing.reader, [*(counts[key] for key in both), *(stored[key] for key in both)], now)
    found = {key: learn(frame.get(counts[key]), frame.get(stored[key])) for key in both}
    return {key: learnt for key, learnt in found.items() if learnt is not None}


def learn(studies: pd.Series | None, stored: pd.Series | None) -> Learnt | None:
    """The mean size of a study from what an archive counted day by day (index: days).

    What came in the last year is taken where it is enough, as scanners change, and everything otherwise. Low and high
    are the smallest and largest mean of a month of that year, where there are six such months of 20 studies or more.
    """
    if studies is None or stored is None or studies.empty or stored.empty:
        return None
    both = pd.concat([studies.rename("n"), stored.rename("b")], axis=1).dropna()
    if both.empty:
        return None
    came = both.iloc[-1] - both.iloc[0]
    if came["n"] >= ENOUGH and came["b"] > 0:
        mean = float(came["b"] / came["n"])
        low, high = _months(both, mean)
        return Learnt((low, mean, high), int(came["n"]), True)
    total, weight = both.iloc[-1]
    if total < ENOUGH or weight <= 0:
        return None
    mean = float(weight / total)
    return Learnt((mean, mean, mean), int(total), False)


def _months(both: pd.DataFrame, mean: float) -> tuple[float, float]:
    moves = both.groupby(both.index.to_series().dt.to_period("M")).last().diff().dropna()
    moves = moves[(moves["n"] >= 20) & (moves["b"] > 0)]
    if len(moves) < 6:
        return mean, mean
    means = moves["b"] / moves["n"]
    return min(mean, float(means.min())), max(mean, float(means.max()))


def years(listing: Listing, now: float, targets: set[str] | None) -> dict[str, dict[int, float]]:
    """Bytes by year of study, by target. Raises HistoryError."""
    known = alive(listing, _YEARS, now, targets)
    frame = recent(listing.reader, [one.unique_id for one in known], now)
    found: dict[str, dict[int, float]] = {}
    for one in known:
        year, values = dict(one.labels).get("year", ""), frame.get(one.unique_id)
        if year.isdecimal() and values is not None and math.isfinite(last := float(np.asarray(values)[-1])):
            found.setdefault(one.target, {})[int(year)] = last
    return found


def processors(listing: Listing, now: float, targets: set[str] | None) -> dict[str, float]:
    """How many processors a target has, or each node of it in the mean, as they say themselves. Raises HistoryError."""
    known = [one for metric in _CPUS for one in alive(listing, metric, now, targets)]
    frame = recent(listing.reader, [one.unique_id for one in known], now)
    counts: dict[str, dict[str, list[float]]] = {}
    for one in known:
        values = frame.get(one.unique_id)
        if values is not None and (last := float(values.iloc[-1])) >= 1:
            counts.setdefault(one.target, {}).setdefault(one.metric, []).append(last)
    return {target: float(np.mean(next(iter(found.values())))) for target, found in counts.items()}


def busy(
    listing: Listing, now: float, targets: set[str] | None, counts: Mapping[str, float]
) -> dict[str, Busy]:
    """Processors that are busy in the busiest hour of each whole week, of targets whose number is told. Raises HistoryError.

    A night and a Sunday tell nothing of what desktops need; two weeks are the least.
    """
    known = [one for metric in _BUSY for one in alive(listing, metric, now, targets) if one.target in counts]
    peaks = read_peaks(listing.reader, [one.unique_id for one in known], now, listing.reader.timezone)
    shares: dict[str, dict[str, list[pd.Series]]] = {}
    for one in known:
        if one.unique_id in peaks:
            days = peaks[one.unique_id]
            made = pd.Series(days.value, index=days.day)
            shares.setdefault(one.target, {}).setdefault(one.metric, []).append(made)
    found = {}
    for target, several in shares.items():
        nodes = next(iter(several.values()))
        whole = pd.concat(nodes, axis=1).dropna().sum(axis=1) * counts[target]
        if (learnt := _weekly(whole)) is not None:
            found[target] = learnt
    return found


def _weekly(peaks: pd.Series) -> Busy | None:
    weeks = len(peaks) // WEEK
    if weeks < 2:
        return None
    most = peaks.to_numpy()[-weeks * WEEK :].reshape(weeks, WEEK).max(axis=1)
    return Busy((float(most.min()), float(np.median(most)), float(most.max())), weeks * WEEK)
