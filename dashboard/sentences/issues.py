"""Why a thing stands on the overview, and what to do next, in true sentences."""

from __future__ import annotations

from typing import Final

from dashboard.clusters import Cluster
from dashboard.issues import Issue, Unsupported
from dashboard.sentences import backups, clusters, targets
from dashboard.sentences.stores import advice, reason
from dashboard.standing import Backup, Store, Watched
from dashboard.texts import Texts, plain
from inventory.lifecycle.outlook import Standing

_DAY: Final = 86_400.0


def why(issue: Issue, t: Texts) -> str:
    """Why something stands on the overview."""
    match issue.about:
        case Store() as store:
            return _why_full(store, t)
        case Backup() as backup:
            return backups.why(backup, t) if issue.trouble == "lying" else _why_unprotected(backup, t)
        case Watched() as watched:
            return _why_failed(watched, t)
        case Cluster() as cluster:
            return _why_short(cluster, t)
        case Standing() as standing:
            return _why_ended(standing, t)
        case Unsupported(ended, machines):
            return t.count("overview.ended.machines", ended, all=t.number(machines))


def todo(issue: Issue, t: Texts) -> str:
    """The next action."""
    match issue.about:
        case Store() as store:
            return _do_full(store, t)
        case Backup() as backup:
            return backups.todo(backup, t)
        case Watched() as watched:
            return targets.todo(watched, t) or advice(watched.reason, t)
        case Cluster():
            return t("overview.do.short")
        case Standing():
            return t("overview.do.ended")
        case Unsupported():
            return t("overview.do.ended.machines")


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
        known = "why" if watched.delay == "unknown" else "because"
        text = t(
            f"overview.late.{known}", span=t.span(watched.since), every=every, why=targets.late(watched, t)
        )
    else:
        text = t("overview.down.why", span=t.span(watched.since))
    return f"{reason(watched.reason, t)}, {text}" if watched.reason else text


def _why_short(cluster: Cluster, t: Texts) -> str:
    room = max(cluster.short, key=lambda one: one.load or 0.0)
    return t("overview.short.why", ratio=t.ratio(room.load), what=clusters.what(room, t))


def _why_ended(standing: Standing, t: Texts) -> str:
    system = plain(standing.system)
    if standing.until is None:
        return t("overview.ended.undated", system=system)
    return t("overview.ended.why", system=system, day=t.day(standing.until))


def _do_full(store: Store, t: Texts) -> str:
    if store.is_over:
        return t("overview.do.over")
    if store.inside:
        told = {"pool": plain(store.inside), "day": t.day(store.early or store.full)}
        is_decided = store.outlook is not None and store.outlook.cause
        return t("overview.do.pool" if is_decided else "overview.do.enlarge", **told)
    day = store.order_by
    if day is None:
        return t("overview.do.full")
    return t("overview.do.order.now" if store.is_order_late else "overview.do.order", day=t.day(day))
