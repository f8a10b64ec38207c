"""Nights on end, with a shifted clock, through the real planner and the real files: does a band hold what its name says?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import growing
import numpy as np
import pandas as pd
import pytest

from exporters.history import unique_id
from exporters.plan.frozen import HORIZONS
from exporters.plan.ledger import Ledger
from exporters.plan.outlooks import Outlooks
from forecasting import scoring
from forecasting.accuracy import table
from forecasting.capacity import Rules
from forecasting.plan.night import night

LATER = HORIZONS[-1] + 10
"""Days after the last night by which everything has come due and settled."""


Watch = Callable[[int, Outlooks], None]


def live(
    folder: Path, made: list[growing.Store], nights: int, step: int, watch: Watch | None = None
) -> Ledger:
    """Plan on every `step`-th day, and score once more when the last forecast has come due."""
    reader = growing.keep(made, folder)
    outlooks = Outlooks(folder / "plan.db")
    for number_of_night in range(nights):
        day = growing.BEFORE + number_of_night * step
        assert night(reader, outlooks, growing.noon(day), Rules.ceiled({})).frozen is not None
        if watch is not None:
            watch(day, outlooks)
    ledger = Ledger(outlooks.file)
    scoring.score(reader, ledger, growing.noon(growing.BEFORE + nights * step + LATER - 2))
    return ledger


class Held:
    """Of the paths as they are issued, and of the truth that was made: which outcomes lie inside the 80 % band."""

    def __init__(self, made: list[growing.Store], horizons: tuple[int, ...]) -> None:
        self._made = made
        self.inside: dict[int, list[bool]] = {horizon: [] for horizon in horizons}

    def __call__(self, day: int, outlooks: Outlooks) -> None:
        for store in self._made:
            path = outlooks.path(unique_id(store.target, growing.USED, store.labels)).set_index("ds")
            for horizon, inside in self.inside.items():
                due = pd.Timestamp(growing.BEGIN) + pd.Timedelta(days=day + horizon)
                if due in path.index:
                    inside.append(path["lo80"][due] <= store.y[day + horizon] <= path["hi80"][due])

    def share(self, horizon: int) -> float:
        return float(np.mean(self.inside[horizon]))


@pytest.mark.timeout(900)
def test_half_a_year_of_fortnightly_nights_is_scored_whole_and_right(tmp_path: Path) -> None:
    made = growing.stores(20, growing.BEFORE + 13 * 14 + LATER, 3)
    held = Held(made, (7, 90))  # on knots of the kept paths, or a day from one
    ledger = live(tmp_path, made, nights=13, step=14, watch=held)
    nights = ledger.nights()
    assert len(nights) == 13
    assert [len(ledger.done(horizon, 0)) for horizon in HORIZONS] == [13] * len(HORIZONS)
    assert ledger.faults() == []
    found = table(ledger, ["horizon"]).set_index("horizon")
    frozen = sum(len(ledger.night(day)) for day in nights)
    assert list(found["due"]) == [frozen] * len(HORIZONS)
    assert (found["scored"] >= 0.97 * frozen).all()
    for horizon in held.inside:
        assert found["coverage80"][horizon] == pytest.approx(held.share(horizon), abs=0.03)
    # Twenty stores are few: a share of 0.8 is known to 0.09 at best.
    assert found["coverage80"].between(0.6, 0.97).all()
    assert found["coverage95"].between(0.8, 1.0).all()


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_the_bands_hold_80_and_95_per_cent_over_a_year_of_nights_of_300_stores(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    made = growing.stores(300, growing.BEFORE + 365 + LATER, 7)
    ledger = live(tmp_path, made, nights=365, step=1)
    found = table(ledger, ["horizon"]).set_index("horizon")
    for row in found.itertuples():
        tell(
            f"{row.Index} days: {row.scored} scored, inside {row.coverage80:.1%} and {row.coverage95:.1%}, "
            f"mean miss {row.mean_share:.1%}, {row.missed} of {row.crossed} limits not announced, "
            f"{row.false} of {row.alarms} announced ones not reached"
        )
    assert list(found["due"]) == [sum(len(ledger.night(day)) for day in ledger.nights())] * len(HORIZONS)
    assert found["coverage80"].sub(0.80).abs().max() <= 0.05
    assert found["coverage95"].sub(0.95).abs().max() <= 0.05
