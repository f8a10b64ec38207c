"""How good the forecasts were, how the figures are made, and what they do not say."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator

from dashboard.data import Data
from dashboard.report.document import Block, Points, Prose, Section, Table, columns
from dashboard.sentences import accuracy as records
from dashboard.texts import Texts
from exporters.plan.frozen import HORIZONS
from exporters.plan.ledger import SETTLING
from forecasting.accuracy import Accuracy


def accuracy(data: Data, t: Texts) -> Section:
    """How many forecasts that came due held, by how far ahead they were made."""
    return Section("accuracy", t("report.accuracy"), tuple(_accuracy(data.accuracy(), data, t)))


def _accuracy(found: Accuracy, data: Data, t: Texts) -> Iterator[Block]:
    if found.first is None:
        yield Prose(t("report.accuracy.none"))
    elif not found.scored:
        first = records.date(found.first)
        due = records.date(found.first + HORIZONS[0])
        scored = due + dt.timedelta(days=SETTLING + 1)
        yield Prose(t("accuracy.waiting", first=t.day(first), due=t.day(due), scored=t.day(scored)))
    else:
        yield Prose(" ".join(_lead(found, t)))
        yield _table(found, data, t)


def _lead(found: Accuracy, t: Texts) -> Iterator[str]:
    """As on the page of accuracy."""
    held80, held95 = (int(found.counts[name].sum()) / found.scored for name in ("in80", "in95"))
    yield t(
        "accuracy.lead", scored=t.number(found.scored), first=t.day(records.date(found.first or 0)), held80=t.ratio(held80),
        held95=t.ratio(held95),
    )  # fmt: skip
    missing = int(found.counts["due"].sum()) - found.scored
    if missing:
        yield t.count("record.unscored", missing)
    if found.damaged:
        yield t.count("accuracy.damaged", found.damaged)


def _table(found: Accuracy, data: Data, t: Texts) -> Table:
    heads = columns(
        t, data.estate.currency, ("report.accuracy.ahead", "text"), ("column.scored", "number"), ("column.in80", "share"),
        ("column.in95", "share"), ("column.off", "share"), ("column.missed", "text"), ("column.false", "text"),
    )  # fmt: skip
    frame = found.by("quantity").groupby("horizon", as_index=False).sum(numeric_only=True)
    rows = tuple(
        (
            t("horizon", days=int(row["horizon"])), int(row["scored"]), _share(row["in80"], row["scored"]), _share(row["in95"], row["scored"]),
            _share(row["share"], row["shares"]), _of(row["missed"], row["crossed"], t), _of(row["false"], row["alarms"], t),
        )
        for row in frame.to_dict("records")
    )  # fmt: skip
    return Table(t("accuracy.table"), heads, rows)


def _share(part: float, whole: float) -> float | None:
    return None if not whole or math.isnan(part) else float(part) / float(whole)


def _of(part: float, whole: float, t: Texts) -> str:
    return t("accuracy.part", part=t.number(int(part)), whole=t.number(int(whole))) if whole else t.number(0)


def method(data: Data, t: Texts) -> Section:
    """How the figures are made, and what they do not say."""
    return Section("method", t("report.method"), (Points(tuple(_method(data, t))),))


def _method(data: Data, t: Texts) -> Iterator[str]:
    outlooks = data.outlooks()
    if outlooks:
        first, last = min(one.first for one in outlooks), max(one.last for one in outlooks)
        yield t(
            "report.method.window",
            n=t.number(len(outlooks)),
            first=t.day(first),
            last=t.day(last),
            at=t.instant(outlooks[0].issued_at),
        )
    for name in ("forecast", "wall", "unknown", "plans", "people"):
        yield t(f"report.method.{name}")
