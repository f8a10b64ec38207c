"""What a store does, in true sentences: each figure is the one that the chart and the table show."""

from __future__ import annotations

from typing import Final

from dashboard.standing import Backup, Issue, Store, Watched
from dashboard.texts import Texts, plain

_STEADY: Final = 0.00002
"""Share of what it holds below which a daily move is called none: under 1 % a year."""

_DAY: Final = 86_400.0


def describe(store: Store, t: Texts) -> str:
    """What it holds, how it moves, when it is full or why nobody says, and by when to order."""
    parts = [_holds(store, t)]
    if store.ceiling < 1 and store.limit is not None:
        parts.append(t("sentence.ceiling", ceiling=t.ratio(store.ceiling), limit=t.size(store.limit)))
    parts.append(_moves(store, t))
    if store.order_by is not None:
        key = "sentence.order.late" if store.is_order_late else "sentence.order"
        parts.append(t(key, day=t.day(store.order_by)))
    return " ".join(part for part in parts if part)


def _holds(store: Store, t: Texts) -> str:
    given = {
        "name": plain(store.name),
        "target": plain(store.target),
        "used": t.size(store.used),
        "at": t.instant(store.measured),
    }
    if store.size is None:
        return t("sentence.holds.unsized", **given)
    return t("sentence.holds", **given, size=t.size(store.size), ratio=t.ratio(store.ratio))


def _moves(store: Store, t: Texts) -> str:
    move = _rate(store, t)
    if store.is_over or store.full is None:
        reason = "already over" if store.is_over else store.reason
        early = t("sentence.early", day=t.day(store.early)) if store.early and not store.is_over else ""
        return " ".join(part for part in (move and f"{move}.", t(f"reason.{reason}"), early) if part)
    return f"{move}{_when(store, t)}."


def _rate(store: Store, t: Texts) -> str:
    rate = store.outlook.rate if store.outlook else None
    if rate is None:
        return ""
    if abs(rate) <= _STEADY * store.used:
        return t("sentence.steady")
    return t("sentence.grows" if rate > 0 else "sentence.shrinks", rate=t.size(abs(rate)))


def _when(store: Store, t: Texts) -> str:
    text = t("sentence.full", day=t.day(store.full), span=t.span((store.days or 0) * _DAY))
    if store.early and store.late:
        return text + t("sentence.between", early=t.day(store.early), late=t.day(store.late))
    return text + t("sentence.after", early=t.day(store.early)) if store.early else text


def full_word(store: Store, t: Texts) -> str:
    """The date of a store in one word or two, or why it has none."""
    if store.is_over:
        return t("no.already over")
    return t.day(store.full) if store.full else t(f"no.{store.reason}")


def reason(word: str | None, t: Texts) -> str:
    """Why something failed, in words."""
    return t(f"why.{word}") if word else ""


def advice(word: str | None, t: Texts) -> str:
    """What to do about a failure."""
    return t(f"do.{word or ''}")


def why(issue: Issue, t: Texts) -> str:
    """Why something stands on the overview."""
    if issue.store is not None:
        return _why_full(issue.store, t)
    if issue.backup is not None:
        return _why_unprotected(issue.backup, t)
    return _why_failed(issue.watched, t) if issue.watched else ""


def _why_full(store: Store, t: Texts) -> str:
    if store.is_over:
        return t("overview.over.why", used=t.size(store.used), limit=t.size(store.limit))
    return t("overview.full.why", day=t.day(store.full), span=t.span((store.days or 0) * _DAY))


def _why_unprotected(backup: Backup, t: Texts) -> str:
    if backup.age is None:
        return t("overview.unprotected.never", rpo=t.span(backup.rpo))
    return t("overview.unprotected.why", age=t.span(backup.age), rpo=t.span(backup.rpo))


def _why_failed(watched: Watched, t: Texts) -> str:
    if watched.state == "partly":
        named = ", ".join(f"{plain(one.name, 40)} ({reason(one.reason, t)})" for one in watched.failures[:3])
        return t("overview.partly.why", tables=named)
    if watched.since is None:
        text = t("overview.down.never")
    elif watched.state == "late":
        every = t.span(watched.target.every)
        return t("overview.late.why", span=t.span(watched.since), every=every)
    else:
        text = t("overview.down.why", span=t.span(watched.since))
    return f"{reason(watched.reason, t)}, {text}" if watched.reason else text


def todo(issue: Issue, t: Texts) -> str:
    """The next action."""
    if issue.store is not None:
        if issue.store.is_over:
            return t("overview.do.over")
        day = issue.store.order_by
        if day is None:
            return t("overview.do.full")
        return t(
            "overview.do.order.now" if issue.store.is_order_late else "overview.do.order", day=t.day(day)
        )
    if issue.backup is not None:
        return t("overview.do.unprotected" if issue.backup.job else "overview.do.jobless")
    if issue.watched is not None and issue.watched.state == "late":
        return t("overview.do.late")
    return advice(issue.watched.reason if issue.watched else None, t)
