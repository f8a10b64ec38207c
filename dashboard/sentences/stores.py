"""What a store does, in true sentences: each figure is the one that the chart and the table show."""

from __future__ import annotations

from dashboard.sentences.outlooks import because, named
from dashboard.standing import Store
from dashboard.texts import Texts, plain


def describe(store: Store, t: Texts) -> str:
    """What it holds, which part of it may be filled, how it moves and why, when it is full, and by when to order."""
    parts = [_holds(store, t)]
    if store.outlook is None:
        parts.append(t("reason.already over" if store.is_over else "reason.unplanned"))
    elif store.is_over and not store.outlook.is_over:
        parts.append(t("reason.already over"))  # since the planner looked at it
    else:
        parts += because(store.outlook, t, store.today)
        if store.inside and store.full and not store.outlook.cause:
            parts.append(t("cause.pool", pool=plain(store.inside)))
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
