"""What a store does, in true sentences: each figure is the one that the chart and the table show."""

from __future__ import annotations

from typing import Final

from dashboard.sentences import backups
from dashboard.sentences.outlooks import because, named
from dashboard.standing import Backup, Issue, Store, Watched
from dashboard.texts import Texts, plain

_DAY: Final = 86_400.0


def describe(store: Store, t: Texts) -> str:
    """What it holds, which part of it may be filled, how it moves and why, when it is full, and by when to order."""
    parts = [_holds(store, t)]
    if store.outlook is None:
        parts.append(t("reason.already over" if store.is_over else "reason.unplanned"))
    elif store.is_over and not store.outlook.is_over:
        parts.append(t("reason.already over"))  # since the planner looked at it
    else:
        parts += because(store.outlook, t, store.today)
    return " ".join(parts)


def _holds(store: Store, t: Texts) -> str:
    given = {
        "thing": named(store.name, store.target, t),
        "used": t.size(store.used),
        "at": t.instant(store.measured),
    }
    if store.size is None:
        return t("sentence.holds.unsized", **given)
    return t("sentence.holds", **given, size=t.size(store.size), ratio=t.ratio(store.ratio))


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
        return backups.todo(issue.backup, t)
    if issue.watched is not None and issue.watched.state == "late":
        return t("overview.do.late")
    return advice(issue.watched.reason if issue.watched else None, t)
