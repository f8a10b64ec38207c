"""Some things that fill, all of one quantity, from their histories to their outlooks. Runs in any process."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from exporters.history import Reader
from exporters.plan.outlooks import Event, Outlook, pack
from forecasting.capacity import Plannable, Rules, plannable, told
from forecasting.engine import exhaustion
from forecasting.engine.bands import Each, Fleet
from forecasting.engine.frames import MEMORY, Floats
from forecasting.engine.projection import Projection, project, survey
from forecasting.plan.drivers import Changed, changes, figures, more
from forecasting.quantities import DAY, Days, Planned, measured, read, tidied

RATE: Final = 90
"""Days over which the rate is taken."""

_FULL: Final = exhaustion.THRESHOLDS.index(1.0)

_EPOCH: Final = date(1970, 1, 1).toordinal()


class Correction(Protocol):
    """What past forecasts say of the bands: see `Context.correct`."""

    def __call__(self, paths: Floats, planned: Sequence[Planned]) -> Floats:
        """The paths (series, days ahead, 5) of these things, with their bands corrected."""


@dataclasses.dataclass(frozen=True, slots=True)
class Committed:
    """What is decided: by name of what it concerns, each day's row counting from the day after its own last one.

    `additions` are (days, 3): low, likely and high of all that will have been added by then; `capacities` are (days,):
    the usable size that will have arrived by then.
    """

    additions: Mapping[str, Floats] = dataclasses.field(default_factory=dict)
    capacities: Mapping[str, Floats] = dataclasses.field(default_factory=dict)

    def added(self, one: Planned) -> Floats | None:
        """What is added to a thing; to a cluster's sum what is added to its nodes."""
        return _of(self.additions, one, one.used)

    def arriving(self, one: Planned) -> Floats | None:
        """What arrives of its size; of a cluster's sum what arrives at its nodes."""
        return _of(self.capacities, one, one.used)

    def some(self, names: set[str]) -> Committed:
        """What concerns these."""
        return Committed(
            {name: value for name, value in self.additions.items() if name in names},
            {name: value for name, value in self.capacities.items() if name in names},
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Context:
    """What a batch needs, sent with it to the process that works on it. `fleets` are by quantity."""

    reader: Reader
    now: float
    zone: str
    rules: Rules
    committed: Committed = dataclasses.field(default_factory=Committed)
    fleets: Mapping[str, Fleet] = dataclasses.field(default_factory=dict)
    correct: Correction | None = None

    def narrow(self, planned: Sequence[Planned]) -> Context:
        """The same with nothing but what concerns these things: what is declared and decided may be much."""
        names = {name for one in planned for name in (one.unique_id, *one.used)}
        return dataclasses.replace(
            self, rules=self.rules.some({one.target for one in planned}), committed=self.committed.some(names)
        )


def learn(context: Context, sample: Sequence[Planned], each: Each) -> Fleet | None:
    """What the things of one quantity have in common, by parts that `each` runs. None where none has a value.

    Raises HistoryError.
    """
    tidy = tidied(_used(context, sample))
    return survey(tidy, each) if len(tidy) else None


def look(context: Context, planned: Sequence[Planned]) -> list[Outlook]:
    """The outlooks of things of one quantity; those without a value by then are left out. Raises HistoryError."""
    used = _used(context, planned)
    alive = [one for one in planned if one.unique_id in used]
    start = context.now - MEMORY * DAY
    sizes = read(context.reader, sorted({name for one in alive for name in one.ids}), start, context.now)
    rooms = {
        one.unique_id: plannable(
            one, told(one, sizes, int(used[one.unique_id].day[-1])), context.rules.rule(one)
        )
        for one in alive
    }
    fleet = context.fleets.get(alive[0].quantity.name) if alive else None
    by_name = {one.unique_id: one for one in alive}
    made: dict[str, Outlook] = {}
    for projection in project(tidied(used), exhaustion.HORIZON, fleet=fleet):
        names = projection.panel.unique_id
        view = _View.of(
            context, projection, [by_name[name] for name in names], [rooms[name] for name in names]
        )
        made.update((one.unique_id, one) for one in view.outlooks(context.now))
    return [
        made.get(one.unique_id) or _young(one, used[one.unique_id], rooms[one.unique_id], context.now)
        for one in alive
    ]


def _used(context: Context, planned: Sequence[Planned]) -> dict[str, Days]:
    found = measured(context.reader, planned, context.now - MEMORY * DAY, context.now, context.zone)
    return dict(sorted(found.items()))


class _View(NamedTuple):
    """A projection, and the same `moved` by what is decided, beside what may be filled.

    `limits` are (series,), or (series, days ahead) where sizes arrive; `added` is (series, days ahead, 3).
    """

    projection: Projection
    moved: Projection
    planned: Sequence[Planned]
    rooms: Sequence[Plannable]
    limits: Floats
    added: Floats | None
    arriving: Sequence[tuple[Event, ...]]

    @classmethod
    def of(
        cls,
        context: Context,
        projection: Projection,
        planned: Sequence[Planned],
        rooms: Sequence[Plannable],
    ) -> _View:
        if context.correct is not None:
            paths = context.correct(projection.paths, planned)
            projection = dataclasses.replace(projection, paths=paths)
        added = _added(context.committed, projection, planned)
        limits, arriving = _limits(context.committed, projection, planned, rooms)
        moved = projection if added is None else projection.plus(added)
        return cls(projection, moved, planned, rooms, limits, added, arriving)

    def outlooks(self, now: float) -> Iterator[Outlook]:
        """One of each row."""
        verdicts = exhaustion.judge(self.projection, self.limits, exhaustion.THRESHOLDS, self.added)
        mores = [
            more(room.size, one.quantity.unit) for one, room in zip(self.planned, self.rooms, strict=True)
        ]
        changed = changes(self.projection, self.limits, mores, verdicts, self.added)
        held = exhaustion.believed(self.projection)
        for row, planned in enumerate(self.planned):
            yield self._outlook(row, planned, float(held[row]), verdicts[row], changed.get(row), now)

    def _outlook(
        self,
        row: int,
        planned: Planned,
        used: float,
        verdicts: Sequence[exhaustion.Verdict],
        changed: Changed | None,
        now: float,
    ) -> Outlook:
        panel, room = self.projection.panel, self.rooms[row]
        last, days = panel.last[row], int(panel.days[row])
        organic = self.projection.paths[row, :, 0] - self.projection.beat[row]
        added = None if self.added is None else self.added[row]
        found = figures(self.moved, row, changed, added) | {"ceiling": room.ceiling}
        if verdicts[_FULL].reason == exhaustion.OVER:
            found["over"] = float(_trailing(self.projection.cleaned.y[row] >= room.limit))
        first = last - np.timedelta64(days - 1, "D")
        return dataclasses.replace(
            _outlook(planned, room, now, (_date(first), _date(last)), used, verdicts, found),
            rate=float(organic[RATE] - organic[0]) / RATE,
            events=tuple(
                Event(_date(event.ds), event.size) for event in self.projection.cleaned.events(row, last)
            ),
            ordered=self.arriving[row],
            packed=pack(self.moved.paths[row], used),
        )


def _of(values: Mapping[str, Floats], one: Planned, members: Sequence[str]) -> Floats | None:
    if one.unique_id in values or not one.quantity.across:
        return values.get(one.unique_id)
    parts = [values[name] for name in members if name in values]
    if not parts:
        return None
    total = np.sum([_to(part, max(map(len, parts))) for part in parts], axis=0)
    return np.asarray(total / len(members) if one.quantity.unit == "ratio" else total)


def _added(committed: Committed, projection: Projection, planned: Sequence[Planned]) -> Floats | None:
    """(series, days ahead, 3) of what is decided, None where nothing is."""
    found = [committed.added(one) for one in planned]
    if all(one is None for one in found):
        return None
    days = projection.paths.shape[1]
    return np.stack([np.zeros((days, 3)) if one is None else _to(one, days) for one in found])


def _limits(
    committed: Committed, projection: Projection, planned: Sequence[Planned], rooms: Sequence[Plannable]
) -> tuple[Floats, list[tuple[Event, ...]]]:
    """What may be filled, and the steps of it that are decided. What arrives is usable, and the ceiling holds for it."""
    limits = np.array([one.limit for one in rooms])
    found = [committed.arriving(one) for one in planned]
    arriving: list[tuple[Event, ...]] = [()] * len(planned)
    if all(one is None for one in found):
        return limits, arriving
    days = projection.paths.shape[1]
    ahead = np.repeat(limits[:, None], days, axis=1)
    for row, one in enumerate(found):
        if one is None:
            continue
        size = _to(one, days)
        ahead[row] += size * rooms[row].ceiling
        moves = np.diff(size, prepend=0.0)
        arriving[row] = tuple(
            Event(_date(projection.panel.last[row] + np.timedelta64(day + 1, "D")), float(moves[day]))
            for day in np.flatnonzero(moves)
        )
    return ahead, arriving


def _to(values: Floats, days: int) -> Floats:
    """The first `days` rows, the last one going on where there are fewer."""
    if len(values) >= days:
        return values[:days]
    return np.concatenate((values, np.repeat(values[-1:], days - len(values), axis=0)))


def _trailing(flags: npt.NDArray[np.bool_]) -> int:
    """How many of the last flags are set without a gap."""
    return int(np.cumprod(flags[::-1]).sum())


def _outlook(
    planned: Planned,
    room: Plannable,
    now: float,
    span: tuple[date, date],
    used: float,
    verdicts: Sequence[exhaustion.Verdict],
    found: Mapping[str, float],
) -> Outlook:
    """What can be said with a forecast and without."""
    return Outlook(
        unique_id=planned.unique_id,
        target=planned.target,
        metric=planned.metric,
        labels=planned.labels,
        issued_at=now,
        first=span[0],
        last=span[1],
        used=used,
        capacity=None if math.isnan(room.size) else float(room.size),
        rate=None,
        dates=_dates(verdicts),
        reasons={
            threshold: one.reason for threshold, one in zip(exhaustion.THRESHOLDS, verdicts, strict=True)
        },
        figures=found,
        quantity=planned.quantity.name,
        unit=planned.quantity.unit,
        limit=None if math.isnan(room.limit) else float(room.limit),
        rules=tuple((piece.rule, float(piece.value)) for piece in room.pieces),
        extensions=tuple(Event(date.fromordinal(_EPOCH + step.day), float(step.size)) for step in room.steps),
        chances=_chances(verdicts),
    )


def _dates(verdicts: Sequence[exhaustion.Verdict]) -> dict[tuple[float, float], date | None]:
    return {
        (threshold, quantile): None if np.isnat(day) else _date(day)
        for threshold, verdict in zip(exhaustion.THRESHOLDS, verdicts, strict=True)
        for quantile, day in zip(exhaustion.QUANTILES, verdict.days, strict=True)
    }


def _chances(verdicts: Sequence[exhaustion.Verdict]) -> dict[float, dict[int, float]]:
    return {
        threshold: {
            days: round(float(chance), 4)
            for days, chance in zip(exhaustion.WITHIN, verdict.chances, strict=True)
            if not math.isnan(chance)
        }
        for threshold, verdict in zip(exhaustion.THRESHOLDS, verdicts, strict=True)
    }


def _young(planned: Planned, used: Days, room: Plannable, now: float) -> Outlook:
    """An outlook without a forecast, of what is too young; that it is over its limit is no forecast."""
    last = float(used.value[-1])
    verdicts = [
        exhaustion.refusal(exhaustion.OVER if last >= threshold * room.limit else exhaustion.SHORT)
        for threshold in exhaustion.THRESHOLDS
    ]
    found = {"days": float(used.day[-1] - used.day[0] + 1), "ceiling": room.ceiling}
    if last >= room.limit:
        found["over"] = 1.0
    span = (date.fromordinal(_EPOCH + int(used.day[0])), date.fromordinal(_EPOCH + int(used.day[-1])))
    return _outlook(planned, room, now, span, last, verdicts, found)


def _date(day: np.datetime64) -> date:
    return date.fromisoformat(str(day.astype("datetime64[D]")))
