"""The nightly job: the history of every store in, an issue of outlooks out."""

from __future__ import annotations

import collections
import dataclasses
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from exporters.history import Known, Reader
from exporters.plan.outlooks import PATH_COLUMNS, Event, Outlook, Outlooks
from forecasting.correction import Corrections
from forecasting.engine import exhaustion
from forecasting.engine.frames import MEMORY, PANEL, Floats, check
from forecasting.engine.projection import SAMPLE, Projection, project, survey
from forecasting.freezing import Freezer
from inventory.metrics import Labels

USED: Final = "jauge_storage_used_bytes"
SIZE: Final = "jauge_storage_size_bytes"

DAY: Final = 86400.0

STALE: Final = 30.0
"""Days after its last value from which a store is gone, and nothing is said of it any more."""

MONTH: Final = 30

RATE: Final = 90
"""Days over which the rate is taken."""


@dataclasses.dataclass(frozen=True, slots=True)
class Summary:
    """What a run of the planner did: stores with an outlook, those with a central date of being full, reasons of the others."""

    issued_at: float
    stores: int
    dated: int
    reasons: Mapping[str, int]
    stale: int
    seconds: float


def plan(
    reader: Reader,
    outlooks: Outlooks,
    now: float,
    ceilings: Mapping[str, float] | None = None,
    *,
    ledger: Freezer | None = None,
    correct: Corrections | None = None,
) -> Summary:
    """Forecast every store of the history as of `now` (UTC epoch seconds), and issue the outlooks.

    `ceilings` maps targets to the share of their size that may be planned with: 0.85 leaves 15 % free, and 100 %
    is reached there. A store whose last value is older than STALE days is left out. `ledger` freezes what is issued,
    in the same transaction; `correct` corrects the bands: see `forecasting.freezing.prepare`. Raises HistoryError and
    PlanError; nothing is issued then.
    """
    started = time.monotonic()
    known = reader.series(metric=USED)
    alive = [one for one in known if now - one.last <= STALE * DAY]
    sizes = _sizes(reader, now)
    reasons: collections.Counter[str | None] = collections.Counter()
    made = _counted(_outlooks(reader, alive, sizes, now, ceilings or {}, correct), reasons)
    seen = ledger.watch(made) if ledger is not None else made
    stores = outlooks.issue(seen, now, ledger.write if ledger is not None else None)
    dated = reasons.pop(None, 0)
    why = {reason: count for reason, count in reasons.items() if reason}
    return Summary(now, stores, dated, why, len(known) - len(alive), time.monotonic() - started)


def _counted(made: Iterable[Outlook], reasons: collections.Counter[str | None]) -> Iterator[Outlook]:
    """The outlooks as they are made: never all in memory."""
    for outlook in made:
        reasons[outlook.reason] += 1
        yield outlook


def _sizes(reader: Reader, now: float) -> dict[tuple[str, Labels], float]:
    """The last size known of each store, in bytes."""
    names = {one.unique_id: (one.target, one.labels) for one in reader.series(metric=SIZE)}
    sizes: dict[tuple[str, Labels], float] = {}
    for ids in _batches(sorted(names)):
        frame = reader.read(ids, start=now - MEMORY * DAY, end=now)
        last = frame.dropna(subset="y").groupby("unique_id")["y"].last()
        sizes.update({names[str(name)]: float(size) for name, size in last.items() if size > 0})
    return sizes


def _batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(ids), PANEL):
        yield ids[first : first + PANEL]


def _outlooks(
    reader: Reader,
    stores: Sequence[Known],
    sizes: Mapping[tuple[str, Labels], float],
    now: float,
    ceilings: Mapping[str, float],
    correct: Corrections | None,
) -> Iterator[Outlook]:
    by_id = {one.unique_id: one for one in stores}
    ids = sorted(by_id)
    if not ids:
        return
    fleet = survey(_read(reader, ids[:: -(-len(ids) // SAMPLE)], now))
    for batch in _batches(ids):
        tidy = _read(reader, batch, now)
        done: set[str] = set()
        for projected in project(tidy, exhaustion.HORIZON, fleet=fleet):
            things = [by_id[name] for name in projected.panel.unique_id]
            paths = projected.paths if correct is None else correct(projected.paths, things)
            projection = dataclasses.replace(projected, paths=paths)
            capacity = np.array(
                [sizes.get(_key(by_id[name]), math.nan) for name in projection.panel.unique_id]
            )
            ceiling = np.array([ceilings.get(by_id[name].target, 1.0) for name in projection.panel.unique_id])
            verdicts = exhaustion.judge(projection, capacity * ceiling)
            for row, name in enumerate(projection.panel.unique_id):
                yield _outlook(
                    by_id[name], projection, row, verdicts[row], (capacity[row], ceiling[row]), now
                )
            done.update(projection.panel.unique_id)
        for name, rows in tidy[~tidy["unique_id"].isin(done)].groupby("unique_id"):
            yield _refused(by_id[str(name)], rows, sizes.get(_key(by_id[str(name)])), now)


def _key(known: Known) -> tuple[str, Labels]:
    return known.target, known.labels


def _read(reader: Reader, ids: Sequence[str], now: float) -> pd.DataFrame:
    return check(reader.read(ids, start=now - MEMORY * DAY, end=now))


def _outlook(
    known: Known,
    projection: Projection,
    row: int,
    verdicts: Sequence[exhaustion.Verdict],
    size: tuple[float, float],
    now: float,
) -> Outlook:
    capacity, ceiling = size
    panel, mean = projection.panel, projection.paths[row, :, 0]
    last = panel.last[row]
    days = int(panel.days[row])
    return Outlook(
        unique_id=known.unique_id,
        target=known.target,
        metric=known.metric,
        labels=known.labels,
        issued_at=now,
        first=_date(last - np.timedelta64(days - 1, "D")),
        last=_date(last),
        used=float(panel.y[row, -1]),
        capacity=None if math.isnan(capacity) else float(capacity),
        rate=float(mean[RATE] - mean[0]) / RATE,
        dates=_dates(verdicts),
        reasons={threshold: v.reason for threshold, v in zip(exhaustion.THRESHOLDS, verdicts, strict=True)},
        events=tuple(Event(_date(event.ds), event.size) for event in projection.cleaned.events(row, last)),
        figures={
            "days": days,
            "gaps": int(panel.gaps[row].sum()),
            "altered": int(projection.cleaned.altered[row].sum()),
            "ceiling": float(ceiling),
            **_move(projection.cleaned.level[row, -days:]),
            "month": float(mean[29]),
            "month_lo80": float(projection.paths[row, 29, 1]),
            "month_hi80": float(projection.paths[row, 29, 2]),
        },
        path=_path(projection, row),
        limit=None if math.isnan(capacity) else float(capacity * ceiling),
    )


def _dates(verdicts: Sequence[exhaustion.Verdict]) -> dict[tuple[float, float], date | None]:
    return {
        (threshold, quantile): None if np.isnat(day) else _date(day)
        for threshold, verdict in zip(exhaustion.THRESHOLDS, verdicts, strict=True)
        for quantile, day in zip(exhaustion.QUANTILES, verdict.days, strict=True)
    }


def _move(level: Floats) -> dict[str, float]:
    """The mean absolute move of 30 days, without jumps; nothing where the history is shorter."""
    return {"move": float(np.abs(level[MONTH:] - level[:-MONTH]).mean())} if len(level) > MONTH else {}


def _path(projection: Projection, row: int) -> pd.DataFrame:
    ahead = np.arange(1, projection.paths.shape[1] + 1).astype("timedelta64[D]")
    columns = {name: projection.paths[row, :, place] for place, name in enumerate(PATH_COLUMNS)}
    return pd.DataFrame({"ds": (projection.panel.last[row] + ahead).astype("datetime64[s]")} | columns)


def _refused(known: Known, rows: pd.DataFrame, capacity: float | None, now: float) -> Outlook:
    """An outlook without a forecast, for a store that is too young."""
    verdicts = [exhaustion.refusal(exhaustion.SHORT)] * len(exhaustion.THRESHOLDS)
    first, last = rows["ds"].iloc[0].date(), rows["ds"].iloc[-1].date()
    return Outlook(
        unique_id=known.unique_id,
        target=known.target,
        metric=known.metric,
        labels=known.labels,
        issued_at=now,
        first=first,
        last=last,
        used=float(rows["y"].iloc[-1]),
        capacity=capacity,
        rate=None,
        dates=_dates(verdicts),
        reasons=dict.fromkeys(exhaustion.THRESHOLDS, exhaustion.SHORT),
        figures={"days": (last - first).days + 1},
    )


def _date(day: np.datetime64) -> date:
    return date.fromisoformat(str(day.astype("datetime64[D]")))
