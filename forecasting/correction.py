"""Bands that learn from the ledger: what they must be multiplied by to have held.

A band is right where one outcome in ten lies above `hi80` and one in ten below `lo80`. So each side is measured by
itself: the miss over the half-width that the engine gave, and the multiple of it that nine in ten outcomes stay
within (split conformal prediction: Vovk et al., 2005; with outcomes as they come, Gibbs and Candes, 2021). Ratios
are taken over the engine's own band, what it was multiplied by that night undone: a correction does not chase itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from exporters.history.days import Calendar
from exporters.plan.frozen import HORIZONS, VALUED, Night
from exporters.plan.ledger import DamagedError, Factors, Ledger, Series
from forecasting.quantities import Planned, quantity_of
from inventory.logs import Logger

log = Logger(__name__)

Floats = npt.NDArray[np.float64]
Group = tuple[str, str]
"""Quantity and kind of store."""

SIDES: Final = ((1, -1.0, 0.9), (2, 1.0, 0.9), (3, -1.0, 0.975), (4, 1.0, 0.975))
"""lo80, hi80, lo95, hi95: place in a path, direction, and the share of outcomes that stays within."""

YEAR: Final = 365
"""Days of nights that are learnt from."""

NIGHTS: Final = 12
"""Nights, spread over the year, that are looked at for each horizon."""

PATIENCE: Final = 50.0
"""Independent outcomes after which a group counts as much as what it is shrunk to: all groups, and those to no correction."""

BOUNDS: Final = (0.3, 5.0)
"""No side becomes narrower or wider than this."""

ALL: Final[Group] = ("", "")


class _Book(NamedTuple):
    """The groups that there are, and of each series (by its number in the ledger) the place of its group."""

    groups: list[Group]
    places: npt.NDArray[np.int64]


class _Ratios(NamedTuple):
    """Of one night (or a span of days) at one horizon: place of each row's group, its series, and (rows, SIDES) ratios."""

    day: int
    groups: npt.NDArray[np.int64]
    series: npt.NDArray[np.uint32]
    ratios: Floats


@dataclasses.dataclass(frozen=True, slots=True)
class Corrections:
    """What the bands are multiplied by: (HORIZONS, SIDES) for each group, and for all that has none of its own."""

    common: Floats
    groups: Mapping[Group, Floats]

    @property
    def neutral(self) -> bool:
        """Whether nothing has been learnt yet."""
        return not self.groups and bool(np.all(self.common == 1.0))

    def of(self, group: Group) -> Floats:
        return self.groups.get(group, self.common)

    def __call__(self, paths: Floats, planned: Sequence[Planned]) -> Floats:
        """The paths of these things, with their bands corrected: see `apply`."""
        return apply(paths, [(one.quantity.name, dict(one.labels).get("kind", "")) for one in planned], self)

    def rows(self) -> list[Factors]:
        """What is written down of it with a night: every group under its name, and the rest under none."""
        if self.neutral:
            return []
        every = {ALL: self.common, **self.groups}
        return [
            Factors(*group, horizon, *(float(value) for value in factors[place]))
            for group, factors in every.items()
            for place, horizon in enumerate(HORIZONS)
        ]


NONE: Final = Corrections(np.ones((len(HORIZONS), len(SIDES))), {})


def corrections(ledger: Ledger, day: int) -> Corrections:
    """What the ledger says of the bands, as of a day (number): all ones where nothing has come due yet.

    A horizon of which nothing has come due takes after the longest shorter one, but is not narrowed by it: that a week
    was foretold well says little of a year. Raises PlanError.
    """
    book = _book(ledger.series())
    common = np.ones((len(HORIZONS), len(SIDES)))
    groups: dict[Group, Floats] = {}
    for place, horizon in enumerate(HORIZONS):
        found = list(_ratios(ledger, horizon, day, book))
        if not found:
            for factors in (common, *groups.values()):
                factors[place] = np.maximum(factors[place - 1], 1.0) if place else 1.0
            continue
        whole = _join(found)
        common[place] = _factors(whole, horizon, np.ones(len(SIDES)))
        for number in np.unique(whole.groups):
            mine = whole.groups == number
            factors = groups.setdefault(book.groups[number], common.copy())
            part = _Ratios(whole.day, whole.groups[mine], whole.series[mine], whole.ratios[mine])
            factors[place] = _factors(part, horizon, common[place])
    return Corrections(common, groups)


def learnt(plan: Path, timezone: str, now: float) -> Corrections | None:
    """What the bands of a forecast made now (UTC epoch seconds) are multiplied by; None where the plan has learnt nothing. Raises PlanError."""
    if not plan.is_file():
        return None
    found = corrections(Ledger(plan), Calendar(timezone).day(now))
    return None if found.neutral else found


def apply(paths: Floats, groups: Sequence[Group], factors: Corrections) -> Floats:
    """Widen or narrow the bands of paths (series, days ahead, 5: mean, lo80, hi80, lo95, hi95), each by its group.

    Between the horizons factors go straight on the logarithm of time; bands stay nested, and never become narrower
    further ahead. The mean is not touched.
    """
    if not groups or factors.neutral:
        return paths
    by_row = np.stack([factors.of(group) for group in groups])
    days = np.log(np.arange(1, paths.shape[1] + 1))
    spot = np.interp(days, np.log(HORIZONS), np.arange(len(HORIZONS)))
    low = np.minimum(spot.astype(np.int64), len(HORIZONS) - 2)
    part = (spot - low)[None, :, None]
    scale = by_row[:, low] * (1 - part) + by_row[:, low + 1] * part
    mean = paths[..., :1]
    margins = (paths[..., 1:] - mean) * scale
    lo80, hi80, lo95, hi95 = np.moveaxis(margins, -1, 0)
    lo80, hi80 = np.minimum.accumulate(lo80, axis=1), np.maximum.accumulate(hi80, axis=1)
    lo95 = np.minimum(np.minimum.accumulate(lo95, axis=1), lo80)
    hi95 = np.maximum(np.maximum.accumulate(hi95, axis=1), hi80)
    return np.concatenate((mean, mean + np.stack((lo80, hi80, lo95, hi95), axis=-1)), axis=-1)


def _book(names: Mapping[int, Series]) -> _Book:
    of = {number: (quantity_of(one.metric), one.kind) for number, one in names.items()}
    groups = sorted(set(of.values()))
    at = {group: place for place, group in enumerate(groups)}
    places = np.zeros(max(of, default=0) + 1, dtype=np.int64)
    for number, group in of.items():
        places[number] = at[group]
    return _Book(groups, places)


def _ratios(ledger: Ledger, horizon: int, day: int, book: _Book) -> Iterator[_Ratios]:
    """What came at a horizon over the half-width that the engine gave, night by night of the last year."""
    done = ledger.done(horizon, day - YEAR - horizon)
    for one in sorted(
        {done[round(place)] for place in np.linspace(0, len(done) - 1, min(NIGHTS, len(done)))}
    ):
        try:
            night, outcome = ledger.night(one), ledger.outcome(one, horizon)
        except DamagedError as error:
            log.error("bands do not learn from a night", day=one, why=str(error))
            continue
        if outcome is None:
            continue
        rows = np.flatnonzero((outcome.state & VALUED) > 0)
        groups = book.places[night.series[rows]]
        given = _given(ledger, one, horizon, book.groups)[groups]
        came = outcome.came[rows].astype(np.float64)
        yield _Ratios(one, groups, night.series[rows], _over(night, rows, horizon, came) * given)


def _over(night: Night, rows: npt.NDArray[np.int64], horizon: int, came: Floats) -> Floats:
    """(rows, SIDES): how many half-widths what came lies from the middle, towards each side; NaN where there is no width."""
    moves = night.moves[rows, HORIZONS.index(horizon)].astype(np.float64)
    places = [place for place, _, _ in SIDES]
    ways = np.array([way for _, way, _ in SIDES])
    widths = ways * (moves[:, places] - moves[:, :1])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(widths > 0, ways * (came[:, None] - moves[:, :1]) / widths, np.nan)


def _given(ledger: Ledger, day: int, horizon: int, groups: Sequence[Group]) -> Floats:
    """(groups, SIDES): what the bands of that night were multiplied by."""
    told = {(one.quantity, one.kind): one[3:] for one in ledger.corrections(day) if one.horizon == horizon}
    rest = told.get(ALL, (1.0,) * len(SIDES))
    return np.array([told.get(group, rest) for group in groups]).reshape(-1, len(SIDES))


def _join(found: Sequence[_Ratios]) -> _Ratios:
    return _Ratios(
        found[-1].day - found[0].day,
        np.concatenate([one.groups for one in found]),
        np.concatenate([one.series for one in found]),
        np.concatenate([one.ratios for one in found]),
    )


def _factors(found: _Ratios, horizon: int, prior: Floats) -> Floats:
    """The factor of each side, shrunk to `prior`; `found.day` is the span of the nights in days."""
    stores = len(np.unique(found.series))
    independent = stores * (1 + found.day / horizon)
    trust = independent / (independent + PATIENCE)
    out = np.empty(len(SIDES))
    for place, (_, _, level) in enumerate(SIDES):
        known = found.ratios[:, place]
        known = known[np.isfinite(known)]
        if not known.size:
            out[place] = prior[place]
            continue
        own = np.clip(np.quantile(known, min(1.0, level * (1 + 1 / known.size)), method="higher"), *BOUNDS)
        out[place] = np.exp(trust * np.log(own) + (1 - trust) * np.log(prior[place]))
    return out
