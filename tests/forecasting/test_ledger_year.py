"""Nights on end, with a shifted clock, through the real planner and the real files: does a band hold what its name says?"""

from __future__ import annotations

from pathlib import Path

import growing
import numpy as np
import pandas as pd
import pytest

from exporters.history import unique_id
from exporters.history.days import number
from exporters.plan.frozen import HORIZONS
from exporters.plan.ledger import Ledger
from exporters.plan.outlooks import Outlooks
from forecasting import scoring
from forecasting.accuracy import table
from forecasting.freezing import prepare
from forecasting.plan import plan

LATER = HORIZONS[-1] + 10
"""Days after the last night by which everything has come due and settled."""


def live(folder: Path, stores: int, nights: int, step: int, seed: int) -> tuple[list[growing.Store], Ledger]:
    """Plan on every `step`-th day, and score once more when the last forecast has come due."""
    made = growing.stores(stores, growing.BEFORE + nights * step + LATER, seed)
    reader = growing.keep(made, folder)
    outlooks, ledger = Outlooks(folder / "plan.db"), Ledger(folder / "plan.db")
    for night in range(nights):
        now = growing.noon(growing.BEFORE + night * step)
        _, freezer, correct = prepare(reader, ledger, now)
        plan(reader, outlooks, now, ledger=freezer, correct=correct)
        assert freezer.kept
    scoring.score(reader, ledger, growing.noon(growing.BEFORE + nights * step + LATER - 2))
    return made, ledger


def held(made: list[growing.Store], folder: Path, nights: list[int], horizon: int) -> float:
    """The share of outcomes inside the 80 % band, from the paths that were issued and the truth that was made."""
    outlooks = Outlooks(folder / "plan.db")
    inside = []
    for night, at in zip(nights, outlooks.issues(), strict=True):
        day = night - number(growing.BEGIN) + horizon
        for store in made:
            path = outlooks.path(unique_id(store.target, growing.USED, store.labels), at)
            rows = path[path["ds"] == pd.Timestamp(growing.BEGIN) + pd.Timedelta(days=day)]
            inside += [
                low <= store.y[day] <= high for low, high in zip(rows["lo80"], rows["hi80"], strict=True)
            ]
    return float(np.mean(inside))


@pytest.mark.timeout(900)
def test_half_a_year_of_weekly_nights_is_scored_whole_and_right(tmp_path: Path) -> None:
    made, ledger = live(tmp_path, stores=20, nights=26, step=7, seed=3)
    nights = ledger.nights()
    assert len(nights) == 26
    assert [len(ledger.done(horizon, 0)) for horizon in HORIZONS] == [26] * len(HORIZONS)
    assert ledger.faults() == []
    found = table(ledger, ["horizon"]).set_index("horizon")
    frozen = sum(len(ledger.night(day)) for day in nights)
    assert list(found["due"]) == [frozen] * len(HORIZONS)
    assert (found["scored"] >= 0.97 * frozen).all()
    for horizon in (7, 90):  # on knots of the kept paths, or a day from one
        assert found["coverage80"][horizon] == pytest.approx(held(made, tmp_path, nights, horizon), abs=0.03)
    # Twenty stores are few: a share of 0.8 is known to 0.09 at best.
    assert found["coverage80"].between(0.6, 0.97).all()
    assert found["coverage95"].between(0.8, 1.0).all()


@pytest.mark.proof
@pytest.mark.timeout(4 * 3600)
def test_the_bands_hold_80_and_95_per_cent_over_a_year_of_nights_of_300_stores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, ledger = live(tmp_path, stores=300, nights=365, step=1, seed=7)
    found = table(ledger, ["horizon"]).set_index("horizon")
    columns = [
        "due",
        "scored",
        "coverage80",
        "coverage95",
        "mean_share",
        "crossed",
        "missed",
        "alarms",
        "false",
    ]
    with capsys.disabled():
        print(f"\n{found[columns].round(3).to_string()}")
    assert list(found["due"]) == [sum(len(ledger.night(day)) for day in ledger.nights())] * len(HORIZONS)
    assert found["coverage80"].sub(0.80).abs().max() <= 0.05
    assert found["coverage95"].sub(0.95).abs().max() <= 0.05
