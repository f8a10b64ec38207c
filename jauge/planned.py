"""What the planner is given of people's decisions, and its outlooks as JSON, with the sentences that explain them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.sentences.outlooks import explain
from dashboard.texts import LANGUAGES, Texts
from exporters.plan.outlooks import Event, Outlook
from forecasting.plan import Summary
from inventory.estate import Estate


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
