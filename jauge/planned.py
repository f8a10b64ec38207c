"""What the planner is given of people's decisions, and its outlooks as JSON, with the sentences that explain them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dashboard.explanations import explain
from dashboard.texts import LANGUAGES, Texts
from exporters.history import Reader
from exporters.history.days import number
from exporters.plan.outlooks import Event, Outlook
from forecasting.plan import Summary
from forecasting.plan.batch import Committed
from forecasting.scenarios import additions, capacities, cascade, survey, touched
from inventory.estate import Estate
from inventory.scenarios.reading import ScenarioError
from inventory.state import State, open_state, scenarios


class Decided(NamedTuple):
    """What is decided, for the planner: what it adds, on which days it begins by series, and what could not be reckoned with."""

    committed: Committed
    begun: Mapping[str, Sequence[int]]
    refused: Mapping[str, str]


def decided(file: Path, estate: Estate, reader: Reader, now: float) -> Decided:
    """What the committed scenarios of a state file mean as of `now` (UTC epoch seconds).

    A scenario that cannot be computed, since the history knows a target of it no more, is `refused` with the reason:
    the others stand. Raises StateError and HistoryError.
    """
    if not file.is_file():
        return Decided(Committed(), {}, {})
    state = open_state(file)
    chosen = scenarios.committed(state)
    if not chosen:
        return Decided(Committed(), {}, {})
    world = survey(reader, now, cascade.concerned(touched(chosen), estate))
    sound, refused = [], {}
    for one in chosen:
        try:
            additions([one], estate, world), capacities([one], world)
            sound.append(one)
        except ScenarioError as error:
            refused[one.name] = str(error)
    added = Committed(additions(sound, estate, world), capacities(sound, world))
    return Decided(added, _begun(state, [one.name for one in sound]), refused)


def _begun(state: State, names: Sequence[str]) -> dict[str, list[int]]:
    """The days (numbers) on which something begins, by series, as it was expected when it was decided."""
    found: dict[str, list[int]] = {}
    for name in names:
        expected = scenarios.expected(state, name)
        for series, text in expected.text.items() if expected else ():
            found.setdefault(series, []).append(number(dt.date.fromisoformat(json.loads(text)["start"])))
    return found


def described(summary: Summary, outlooks: Sequence[Outlook], estate: Estate) -> dict[str, Any]:
    """An issue as JSON: figures in their own unit, days in ISO 8601, instants in UTC epoch seconds."""
    zone = ZoneInfo(estate.timezone)
    texts = {language: Texts(language, zone) for language in LANGUAGES}
    today = dt.datetime.fromtimestamp(summary.issued_at, zone).date()
    return {
        "issued_at": summary.issued_at,
        "day": today.isoformat(),
        "stores": summary.stores,
        "dated": summary.dated,
        "reasons": dict(summary.reasons),
        "stale": summary.stale,
        "seconds": round(summary.seconds, 3),
        "outlooks": [described_one(outlook, texts, today) for outlook in outlooks],
    }


def described_one(outlook: Outlook, texts: dict[Any, Texts], today: dt.date) -> dict[str, Any]:
    """One outlook as JSON."""
    return {
        "unique_id": outlook.unique_id,
        "target": outlook.target,
        "metric": outlook.metric,
        "labels": dict(outlook.labels),
        "quantity": outlook.quantity,
        "unit": outlook.unit,
        "first": outlook.first.isoformat(),
        "last": outlook.last.isoformat(),
        "used": outlook.used,
        "capacity": outlook.capacity,
        "limit": outlook.limit,
        "rules": [{"rule": rule, "left": left} for rule, left in outlook.rules],
        "rate": outlook.rate,
        "dates": [
            {"threshold": threshold, "quantile": quantile, "day": _iso(day)}
            for (threshold, quantile), day in outlook.dates.items()
        ],
        "reasons": [{"threshold": one, "reason": reason} for one, reason in outlook.reasons.items()],
        "chances": [
            {"threshold": threshold, "days": days, "chance": chance}
            for threshold, within in outlook.chances.items()
            for days, chance in within.items()
        ],
        "level": outlook.level,
        "order_by": _iso(outlook.order_by),
        "order_late_days": max((today - outlook.order_by).days, 0) if outlook.order_by else None,
        "cause": outlook.cause or None,
        "events": _events(outlook.events),
        "extensions": _events(outlook.extensions),
        "ordered": _events(outlook.ordered),
        "figures": dict(outlook.figures),
        "sentence": {language: explain(outlook, t, today) for language, t in texts.items()},
    }


def _events(events: Sequence[Event]) -> list[dict[str, Any]]:
    return [{"day": event.day.isoformat(), "size": event.size} for event in events]


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
