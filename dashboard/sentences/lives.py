"""How long machines last in true sentences: from how many failures that is known, since when, and whose the curves are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.texts import Texts

Document = Mapping[str, Any]
"""See `forecasting.survival.document`, read back from JSON."""


def learnt(found: Document, t: Texts) -> Iterator[str]:
    """What curves rest on."""
    if found["known"] != "learnt":
        yield t("lives.assumed")
        return
    failures = found["failures"]
    yield t(
        "lives.learnt", since=_day(found["since"], t), until=_day(found["until"], t), failures=t.count("lives.failures", failures),
        machines=t.count("lives.machines", found["machines"]), years=t.number(found["years"], 1),
    )  # fmt: skip
    if found["few"]:
        yield t("lives.few") if failures else t("lives.none")
    for whose, count in found["models"].items():
        if count:
            yield t.count(f"lives.{whose}", count)


def left_out(found: Document, t: Texts) -> str:
    """Lives that say nothing, by reason; nothing where there are none."""
    told = [t(f"lives.left.{why}", n=t.number(many)) for why, many in found["left_out"].items() if many]
    return t("lives.left", what=t("lives.and").join(told)) if told else ""


def model(one: Document, t: Texts) -> Iterator[str]:
    """What the curve of one model rests on."""
    if one["failures"] is None:
        yield t("lives.unwatched")
    else:
        yield t(
            "lives.model", failures=t.count("lives.failures", one["failures"]), machines=t.count("lives.machines", one["watched"]),
            years=t.number(one["machine_years"], 1),
        )  # fmt: skip
    yield t(f"lives.rests.{one['rests_on']}", own=t.ratio(one["own"]))
    if one["few"]:
        yield t("lives.few")
    if one["watched_from_age"] is not None and not one["watched_from_new"]:
        yield t("lives.begun", age=t.number(one["watched_from_age"], 1))
    until = one["watched_until_age"]
    if until is not None and any(row["age"] > until for row in one["fitted"]):
        yield t("lives.beyond", age=t.number(until, 1))


def ahead(found: Document, last: int, t: Texts) -> str:
    """How far ahead of what was watched the year `last` lies: bands of short histories are too narrow there. "" where it does not.

    See the short histories in docs/measurements.md.
    """
    if found["known"] != "learnt":
        return ""
    since, until = (dt.date.fromisoformat(str(found[end])[:10]) for end in ("since", "until"))
    if until + (until - since) >= dt.date(last, 12, 31):
        return ""
    return t("lives.ahead", span=t.span((until - since).total_seconds()))


def whose(one: Document, t: Texts) -> str:
    """Whose the curve is, in few words."""
    return t(f"lives.whose.{one['rests_on']}")


def interval(row: Document, t: Texts) -> str:
    """The interval of a share that lives; empty where there is none."""
    if row["low"] is None or row["high"] is None:
        return ""
    return t("lives.between", low=t.share(row["low"]), high=t.share(row["high"]))


def _day(day: object, t: Texts) -> str:
    return t.day(dt.date.fromisoformat(str(day)[:10]))
