"""What the engine is held to, against its peers in the same run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from benchmarks.forecasting.scores import HORIZONS

Row = Mapping[str, float]

CLEANED: Final = ("autoets-cleaned", "autoets-mended")
"""AutoETS behind all of the cleaning, and behind the mending of glitches: the better one is the bar."""

LINE: Final = "ols"
OURS: Final = "jauge"

ENOUGH: Final = 1600
"""Windows below which a coverage within 2 points cannot be told."""


class Goal(NamedTuple):
    """A figure and its bar: it must not be above it."""

    what: str
    figure: float
    bar: float

    @property
    def met(self) -> bool:
        return self.figure <= self.bar

    def __str__(self) -> str:
        said = f"{self.what}: {self.figure:.2f} (bar {self.bar:g})"
        return f"{said}: met" if self.met else f"{said}: missed by {self.figure - self.bar:.2f}"


def goals(rows: Mapping[str, Row]) -> Iterator[Goal]:
    """Every goal of which both sides were run."""
    ours = rows.get(OURS)
    if ours is None:
        return
    for rival, figure, bar in (
        *((cleaned, "pin", 0.84) for cleaned in CLEANED),
        *((cleaned, "ttx", 0.76) for cleaned in CLEANED),
        (LINE, "pin", 0.56),
    ):
        if rival in rows:
            yield Goal(f"{figure} over that of {rival}", ours[figure] / rows[rival][figure], bar)
    yield Goal("false alarms at 90 days, %", ours["false"], 7.0)
    yield Goal("missed at 90 days, %", ours["missed"], 30.0)
    for band, named in (("c80", 80.0), ("c95", 95.0)):
        for day in HORIZONS:
            off = abs(ours[f"{band}_{day}"] - named)
            yield Goal(f"{band} at {day} days off its name, points", off, 2.0)
    if "cpu" in ours:
        yield Goal("CPU seconds per 1,000 series", ours["cpu"], 3.0)
