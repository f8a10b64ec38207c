"""PACS archives in true sentences: each figure is one of those that the tables show."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.archives import Area, Modality, Pacs, Queue
from dashboard.sentences import stores
from dashboard.texts import Texts, plain
from dashboard.words import WORDS


def answering(found: Sequence[Pacs], t: Texts) -> list[str]:
    """How many answered the last echo, how many refused us, and of how many nobody knows."""
    said = [
        t(
            "pacs.lead",
            answering=t.number(sum(one.echo is True for one in found)),
            all=t.number(len(found)),
        )
    ]
    unknown = sum(one.echo is None for one in found)
    return [*said, *([t.count("pacs.lead.unknown", unknown)] if unknown else [])]


def echo(one: Pacs, t: Texts) -> list[str]:
    """Whether an archive answers, and in how long."""
    if one.echo is None:
        return [t("pacs.echo.unknown")]
    if one.echo:
        return [t("pacs.echo.answers", took=t.brief(one.seconds)) if one.seconds else t("pacs.echo.yes")]
    return [t("pacs.echo.silent" if one.state == "silent" else "pacs.echo.refused")]


def cause(one: Pacs, t: Texts) -> str:
    """Why it did not answer, in words; "" where it did or nobody asked."""
    if one.echo is not False:
        return ""
    if one.state == "silent" and one.table is not None:
        return stores.reason(one.table.reason, t)
    return ", ".join(t(key) for key in _causes(one, "pacs.cause"))


def todo(one: Pacs, t: Texts) -> str:
    """What to do about it."""
    if one.echo is not False:
        return ""
    if one.state == "silent" and one.table is not None:
        return stores.advice(one.table.reason, t)
    dicom = one.watched.target.dicom if one.watched else None
    named = {"aet": dicom.aet if dicom else "", "calling": dicom.calling if dicom else ""}
    return " ".join(dict.fromkeys(t(key, **named) for key in _causes(one, "pacs.do")))


def _causes(one: Pacs, before: str) -> list[str]:
    """Keys of words: one for each cause that has some, those of an answer without success where no cause is told."""
    keys = [f"{before}.{word}" for word in one.causes]
    return [key if key in WORDS else f"{before}.other" for key in keys] or [f"{before}.unsuccessful"]


def modality(code: str, t: Texts) -> str:
    """A modality by its code and, where that is one of DICOM, its word."""
    key = f"modality.{code}"
    return f"{code} · {t(key)}" if key in WORDS else plain(code, 16) or t.unknown


def held(found: Sequence[Modality], t: Texts) -> list[str]:
    """Which modality holds most, and which grew most."""
    known = [one for one in found if one.stored]
    if not known:
        return [t("pacs.modalities.uncounted")]
    whole = sum(one.stored or 0.0 for one in known)
    first = known[0]
    said = [
        t(
            "pacs.modalities.lead", what=modality(first.code, t), size=t.size(first.stored), whole=t.size(whole),
            ratio=t.ratio((first.stored or 0.0) / whole),
        )
    ]  # fmt: skip
    grown = [one for one in known if one.added is not None and one.added > 0]
    if not grown:
        return [*said, t("pacs.modalities.still")]
    most = max(grown, key=lambda one: one.added or 0.0)
    days = {one.days for one in grown}
    if len(days) > 1:
        return [*said, t("pacs.modalities.most.each", what=modality(most.code, t), size=t.size(most.added))]
    came = sum(one.added or 0.0 for one in grown)
    return [
        *said,
        t(
            "pacs.modalities.most", days=t.number(days.pop()), what=modality(most.code, t), size=t.size(most.added),
            came=t.size(came),
        ),
    ]  # fmt: skip


def areas(found: Sequence[Area], t: Texts) -> list[str]:
    """Which area is full first."""
    dated = [one for one in found if one.store.days is not None]
    if not dated:
        return [t("pacs.areas.dateless")]
    store = dated[0].store
    name = plain(store.name) or t.unknown
    if store.is_over:
        return [t("pacs.areas.over", store=name, target=plain(store.target), ratio=t.ratio(store.ratio))]
    return [
        t(
            "pacs.areas.first", store=name, target=plain(store.target), day=t.day(store.full),
            ratio=t.ratio(store.ratio),
        )
    ]  # fmt: skip


def tier(word: str, t: Texts) -> str:
    """How soon a tier gives out what it holds."""
    key = f"tier.{word.lower()}"
    return t(key) if key in WORDS else plain(word) or t.unknown


def queues(found: Sequence[Queue], t: Texts) -> list[str]:
    """What failed, what stands still, and what waits."""
    failed = [one for one in found if one.state == "failed"]
    stuck = [one for one in found if one.state == "stuck"]
    waiting = sum(one.waiting or 0.0 for one in found)
    if not failed and not stuck:
        return [t("pacs.queues.well", waiting=t.number(waiting))]
    return [
        *([t.count("pacs.queues.failed", len(failed))] if failed else []),
        *([t.count("pacs.queues.stuck", len(stuck))] if stuck else []),
        t("pacs.queues.waiting", waiting=t.number(waiting)),
    ]


def queue(name: str, t: Texts) -> str:
    """What a queue is called: those that Jauge names have a word."""
    key = f"queue.{name}"
    return t(key) if key in WORDS else plain(name)


def echoes(frame: pd.DataFrame, t: Texts) -> str:
    """How long the echo takes as a rule, and when it took longest."""
    place = int(frame["y"].to_numpy().argmax())
    return t(
        "pacs.echoes.lead",
        n=t.number(len(frame)),
        median=t.brief(float(frame["y"].median())),
        slowest=t.brief(float(frame["y"].iloc[place])),
        at=t.instant(frame["ds"].iloc[place].timestamp()),
    )
