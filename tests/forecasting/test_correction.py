"""Bands that learn from what came: streams whose true spread is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.plan.frozen import HORIZONS, MEASURED, Night, Outcome
from exporters.plan.ledger import Ledger, number_of, put
from exporters.plan.schema import create, open_plan
from forecasting.accuracy import judge, settle
from forecasting.correction import NONE, Corrections, apply, corrections

FIRST = 20_000
Z80, Z95 = 1.2815515594, 1.9599639845
GROUP = ("storage", "pool")


def stream(path, nights, spread, rng, stores=60, step=7):
    """Nights of an engine whose half-widths are `spread` (low, high) of the true ones, corrected as the ledger asks.

    Yields the share inside both bands at 7 days, night by night.
    """
    create(path)
    ledger = Ledger(path)
    low, high = spread
    scale = 10.0 ** rng.uniform(6, 12, stores)
    offsets = np.array([0.0, -Z80 * low, Z80 * high, -Z95 * low, Z95 * high])
    for number in range(nights):
        day = FIRST + number * step
        raw = np.broadcast_to(offsets, (stores, HORIZONS[-1], 5)) * scale[:, None, None]
        learnt = corrections(ledger, day)
        paths = apply(raw, [GROUP] * stores, learnt)
        night = _night(paths[:, np.array(HORIZONS) - 1], stores)
        with open_plan(path) as db:
            db.execute("BEGIN IMMEDIATE")
            for store in range(stores):
                pairs = (("kind", "pool"), ("store", str(store)))
                number_of(db, (f"s{store}", "nas", "jauge_storage_used_bytes", pairs))
            put(db, day, float(day), night, learnt.rows())
            db.execute("COMMIT")
        outcome = _outcome((scale * rng.standard_normal(stores)).astype(np.float32))
        ledger.keep([settle(night, day, 7, outcome, ledger.series(), {})], float(day))
        scores = judge(night, 7, outcome)
        yield scores.in80.mean(), scores.in95.mean(), scores.above.mean(), scores.below.mean()


def _night(moves, stores):
    nothing = np.zeros(stores, np.uint16)
    return Night(
        series=np.arange(1, stores + 1, dtype=np.uint32),
        ago=nothing.astype(np.uint8),
        age=np.full(stores, 400, np.uint16),
        level=np.full(stores, 1e13),
        size=np.full(stores, np.nan),
        limit=np.full(stores, np.nan),
        move=np.full(stores, 1e9, np.float32),
        early=nothing,
        central=nothing,
        late=nothing,
        moves=moves.astype(np.float32),
    )


def _outcome(came):
    zeros = np.zeros(len(came))
    return Outcome(
        state=np.full(len(came), MEASURED, np.uint16),
        came=came,
        jump=zeros.astype(np.float32),
        jumped=zeros.astype(np.uint16),
        crossed=zeros.astype(np.uint16),
    )


@pytest.mark.parametrize(
    "spread",
    [
        (0.5, 0.5),
        (1.5, 0.6),
        *(pytest.param(spread, marks=pytest.mark.proof) for spread in ((2.0, 2.0), (0.4, 1.0), (1.0, 1.0))),
    ],
)
def test_coverage_comes_to_80_and_95_whatever_the_engine_got_wrong(tmp_path, spread):
    """Normal outcomes. Without correction half the width covers 48 %, twice the width 99 %.

    30 nights of 60 stores are 1,800 outcomes: 80 % is known to 1 point, and each night learns from at most 12 others.
    """
    rng = np.random.default_rng(11)
    found = np.array(list(stream(tmp_path / "plan.db", 44, spread, rng)))
    inside80, inside95, above, below = found[14:].mean(axis=0)
    assert inside80 == pytest.approx(0.80, abs=0.035)
    assert inside95 == pytest.approx(0.95, abs=0.025)
    assert above == pytest.approx(0.10, abs=0.025)
    assert below == pytest.approx(0.10, abs=0.025)


def test_the_factors_settle_and_do_not_chase_themselves(tmp_path):
    list(stream(tmp_path / "plan.db", 44, (0.5, 2.0), np.random.default_rng(3)))
    ledger = Ledger(tmp_path / "plan.db")
    days = ledger.nights()
    factors = [corrections(ledger, day).of(GROUP)[0] for day in days[20::4]]
    assert np.mean(factors, axis=0) == pytest.approx([2.0, 0.5, 2.0, 0.5], rel=0.15)
    assert np.ptp(factors, axis=0).max() < 0.7


def test_a_horizon_of_which_nothing_came_due_takes_after_the_one_before(tmp_path):
    list(stream(tmp_path / "plan.db", 20, (0.5, 0.5), np.random.default_rng(3)))
    learnt = corrections(Ledger(tmp_path / "plan.db"), FIRST + 150)
    assert np.array_equal(learnt.of(GROUP), np.repeat(learnt.of(GROUP)[:1], len(HORIZONS), axis=0))
    assert learnt.of(GROUP)[0, 0] > 1.5
    assert np.array_equal(learnt.of(("storage", "nobody")), learnt.common)


def test_a_week_that_was_foretold_well_narrows_no_band_of_a_year(tmp_path):
    list(stream(tmp_path / "plan.db", 20, (2.0, 2.0), np.random.default_rng(3)))
    factors = corrections(Ledger(tmp_path / "plan.db"), FIRST + 150).of(GROUP)
    assert (factors[0] < 0.8).all()  # the truth is 0.5
    assert (factors[1:] == 1.0).all()


def test_few_outcomes_move_the_bands_little(tmp_path):
    list(stream(tmp_path / "plan.db", 2, (0.5, 0.5), np.random.default_rng(3), stores=4))
    factor = corrections(Ledger(tmp_path / "plan.db"), FIRST + 30).of(GROUP)[0]
    assert (factor < 1.6).all()  # the truth is 2


def test_an_empty_ledger_corrects_nothing(tmp_path):
    learnt = corrections(Ledger(tmp_path / "plan.db"), FIRST)
    assert learnt.neutral
    assert learnt.rows() == []
    paths = np.random.default_rng(1).normal(size=(3, 50, 5))
    assert apply(paths, [GROUP] * 3, learnt) is paths
    assert apply(paths, [GROUP] * 3, NONE) is paths


@given(st.lists(st.floats(0.3, 5.0), min_size=20, max_size=20), st.integers(0, 2**32 - 1))
def test_corrected_bands_are_nested_never_narrow_ahead_and_keep_the_mean(factors, seed):
    rng = np.random.default_rng(seed)
    widths = np.cumsum(np.sort(np.abs(rng.normal(size=(2, 400, 4))), axis=-1), axis=1)
    mean = np.cumsum(rng.normal(size=(2, 400)), axis=1)
    signs = np.array([-1, 1, -1, 1])
    order = widths[..., [0, 1, 2, 3]] * signs
    paths = np.concatenate((mean[..., None], mean[..., None] + order), axis=-1)
    learnt = Corrections(np.array(factors).reshape(5, 4), {})
    found = apply(paths, [GROUP] * 2, learnt)
    middle, lo80, hi80, lo95, hi95 = np.moveaxis(found, -1, 0)
    assert np.array_equal(middle, mean)
    assert (lo95 <= lo80).all()
    assert (lo80 <= middle).all()
    assert (middle <= hi80).all()
    assert (hi80 <= hi95).all()
    for edge in (middle - lo80, hi80 - middle, middle - lo95, hi95 - middle):
        assert (np.diff(edge, axis=1) >= -1e-9 * np.abs(middle[:, 1:]).max()).all()


def test_a_factor_widens_its_own_side_at_its_own_horizon_alone():
    ahead = np.arange(1, 400.0)
    paths = np.stack([ahead, ahead - 10, ahead + 10, ahead - 20, ahead + 20], axis=-1)[None]
    factors = np.ones((5, 4))
    factors[1:] = (1.0, 3.0, 1.0, 2.0)
    found = apply(paths, [GROUP], Corrections(np.ones((5, 4)), {GROUP: factors}))[0]
    assert found[29] == pytest.approx([30, 20, 60, 10, 70])
    assert found[6] == pytest.approx([7, -3, 17, -13, 27])
    assert found[6, 2] < found[15, 2] - 9 < found[29, 2]
    other = apply(paths, [("storage", "volume")], Corrections(np.ones((5, 4)), {GROUP: factors}))[0]
    assert other == pytest.approx(paths[0])
