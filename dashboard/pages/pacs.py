"""PACS: whether each archive answers, what it holds by modality, where that lies, what waits, and what may be deleted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.archives import Area, Modality, Pacs, Peer, Queue, summed, worst
from dashboard.components import (
    Child,
    Column,
    View,
    chart,
    coded,
    empty,
    heading,
    lead,
    link,
    mark,
    over,
    section,
    silence,
    stack,
    store_link,
    table,
    target_link,
)
from dashboard.data import Data
from dashboard.figures import archives as figure
from dashboard.sentences import archives as sentences
from dashboard.sentences import stores as store_sentences
from dashboard.sentences import walls
from dashboard.standing import sort_stores
from dashboard.texts import Texts, plain

NAME, PATH = "pacs", "/pacs"
IS_SHARED: Final = True

SHOWN: Final = 20
"""Rows of a table that the page of all archives shows: the worst. The page of one shows all of its own."""

_MANY: Final = 8
"""Modalities from which their bars need more height."""

_ARCHIVES: Final = (
    Column("echo"), Column("archive"), Column("why"), Column("studies", True), Column("stored", True),
    Column("fullest"), Column("blocked", True),
)  # fmt: skip
_MODALITIES: Final = (
    Column("modality"), Column("stored", True), Column("part", True), Column("grown", True), Column("yearly", True),
    Column("studies", True), Column("weight", True),
)  # fmt: skip
_AREAS: Final = (
    Column("area"),
    Column("used", True),
    Column("size", True),
    Column("ratio", True),
    Column("full"),
)
_QUEUES: Final = (
    Column("state"), Column("queue"), Column("pending", True), Column("running", True), Column("failed", True),
    Column("refused", True), Column("next"),
)  # fmt: skip
_PEERS: Final = (Column("echo"), Column("peer"))
_DAYS: Final = (Column("day"), Column("median", True), Column("slowest", True))

Row = TypeVar("Row")


def layout(data: Data, view: View) -> Component:
    """All archives, or the one that the address names; one that is alone is shown at once."""
    t, found = view.t, data.pacs()
    asked = view.query.get("target")
    if not found and asked is None:
        return stack(heading(t("pacs.title")), silence(data, t), empty(t("pacs.none")))
    if asked is None:
        return _one(data, found[0], view, alone=True) if len(found) == 1 else _all(data, found, t)
    chosen = next((one for one in found if one.name == asked), None)
    if chosen is None:
        return stack(_back(t), heading(t("pacs.title")), empty(t("pacs.lost")))
    return _one(data, chosen, view, alone=len(found) == 1)


def _back(t: Texts) -> Component:
    return dcc.Link(t("pacs.back"), href=PATH, id={"link": "back"}, className="back")


# --- all of them -------------------------------------------------------------------------------------


def _all(data: Data, found: Sequence[Pacs], t: Texts) -> Component:
    queues = worst(queue for one in found for queue in one.busy)
    areas = _first([area for one in found for area in one.areas])
    return stack(
        heading(t("pacs.title")),
        silence(data, t),
        section(
            t("pacs.archives"),
            lead(*sentences.answering(found, t)),
            table(_ARCHIVES, [_archive(one, t) for one in found], t("pacs.archives"), t),
        ),
        _modalities(summed(found), None, t),
        _areas(areas, t, SHOWN),
        _queues(queues, t, SHOWN),
        _more_of_retention(data, t),
    )


def _archive(one: Pacs, t: Texts) -> tuple[Child, ...]:
    fullest, blocked = one.fullest, [queue for queue in one.busy if queue.state in ("failed", "stuck")]
    cause = sentences.cause(one, t)
    return (
        over(mark(one.state, t), t.brief(one.seconds) if one.seconds is not None else ""),
        over(link(plain(one.name), PATH, f"archive {one.name}", target=one.name), plain(_site(one))),
        html.Div([f"{cause[:1].upper()}{cause[1:]}. ", *coded(sentences.todo(one, t))] if cause else ""),
        t.number(one.values.get("jauge_pacs_studies")),
        t.size(one.values.get("jauge_pacs_stored_bytes")),
        over(html.Span(store_sentences.full_word(fullest.store, t), className="when"), _area_note(fullest, t))
        if fullest
        else t.unknown,
        t.number(len(blocked)) if one.busy else t.unknown,
    )


def _site(one: Pacs) -> str:
    return (one.watched.target.site or "") if one.watched else ""


def _area_note(area: Area, t: Texts) -> str:
    return f"{plain(area.store.name, 40)} · {t.ratio(area.store.ratio)}"


def _first(areas: Sequence[Area]) -> list[Area]:
    """Areas of several archives, by the day on which they are full."""
    tiers = {area.store.unique_id: area for area in areas}
    return [tiers[store.unique_id] for store in sort_stores(area.store for area in tiers.values())]


def _more_of_retention(data: Data, t: Texts) -> Component:
    title = t("pacs.retention")
    known = [one for one, _ in data.retention()]
    if not known:
        return section(
            title, empty(t("pacs.retention.unruled" if data.archives() else "pacs.retention.unknown"))
        )
    said = [sentence for one in known[:SHOWN] for sentence in walls.retention(one, None, t)[:1]]
    return section(title, html.Ul([html.Li(sentence) for sentence in said]), _to_retention(t))


def _to_retention(t: Texts) -> Component:
    return html.P(link(t("pacs.retention.see"), "/retention", "retention"))


# --- one archive -------------------------------------------------------------------------------------


def _one(data: Data, one: Pacs, view: View, *, alone: bool) -> Component:
    t = view.t
    title = t("pacs.title") if alone else t("pacs.of", name=plain(one.name))
    return stack(
        *([] if alone else [_back(t)]),
        heading(title, mark(one.state, t), html.Span(target_link(one.name, "pacs"), className="dim")),
        silence(data, t),
        section(t("pacs.facts"), *_standing(one, t), _facts(one, t)),
        _modalities(one.modalities, one, t),
        _areas(one.areas, t, len(one.areas)),
        _queues(one.busy, t, len(one.busy)),
        *_peers(one.peers, t),
        *_echoes(data, one, t),
        _retention(data, one, t),
    )  # fmt: skip


def _standing(one: Pacs, t: Texts) -> list[Component]:
    """Whether it answers, why not, and what to do: what its peer said in its own words below."""
    cause, todo = sentences.cause(one, t), sentences.todo(one, t)
    said = [*sentences.echo(one, t), *([f"{cause[:1].upper()}{cause[1:]}."] if cause else []), todo]
    detail = plain(one.table.detail, 200) if one.table is not None and not one.table.up else ""
    return [
        html.P(coded(" ".join(part for part in said if part)), className="lead"),
        *([html.P(detail, className="dim")] if detail else []),
    ]


def _facts(one: Pacs, t: Texts) -> Component:
    def number(name: str) -> str:
        return t.number(one.values.get(f"jauge_pacs_{name}"))

    if not any(name.startswith("jauge_pacs") for name in one.values):
        return empty(t("pacs.facts.none"))
    stored, whole = (one.values.get(f"jauge_pacs_{name}_bytes") for name in ("stored", "uncompressed"))
    pairs = [
        (t("pacs.stored"), t.size(stored)),
        *((t(f"pacs.{name}"), number(name)) for name in ("studies", "series", "instances", "patients")),
        (t("pacs.compression"), t.ratio(stored / whole if stored is not None and whole else None)),
    ]
    storing = one.values.get("jauge_pacs_store_seconds")
    if storing is not None:
        pairs.append((t("pacs.storing"), t.brief(storing)))
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in pairs], className="facts")


def _retention(data: Data, one: Pacs, t: Texts) -> Component:
    title = t("pacs.retention")
    found = next(
        ((ruled, moved) for ruled, moved in data.retention() if ruled.archive.target == one.name), None
    )
    if found is None:
        told = any(archive.target == one.name for archive in data.archives())
        key = "pacs.retention.unruled" if told else "pacs.retention.unknown"
        return section(title, html.P(coded(t(key)), className="empty"))
    return section(title, lead(*walls.retention(*found, t)), _to_retention(t))  # fmt: skip


def _echoes(data: Data, one: Pacs, t: Texts) -> list[Component]:
    """How long its echo took, by hour as a chart and by day as a table."""
    frame = data.echoes(one.name)
    if len(frame) < 2:
        return []
    local = frame.assign(ds=frame["ds"].dt.tz_convert(data.zone))
    by_day = local.groupby(local["ds"].dt.date)["y"]
    rows = [
        (t.day(day), t.brief(float(times.median())), t.brief(float(times.max())))
        for day, times in reversed(list(by_day))
    ]
    title = t("pacs.echoes")
    return [
        section(
            title,
            lead(sentences.echoes(frame, t)),
            chart(figure.echoes(local, t), t("pacs.echoes.label"), t),
            table(_DAYS, rows, title, t),
        )
    ]


def _peers(found: Sequence[Peer], t: Texts) -> list[Component]:
    if not found:
        return []
    title, answering = t("pacs.peers"), sum(one.answers is True for one in found)
    said = t("pacs.peers.lead", answering=t.number(answering), all=t.number(len(found)))
    rows = [(mark(one.state, t), plain(one.name)) for one in found]
    return [section(title, lead(said), table(_PEERS, rows, title, t))]


# --- what both show ----------------------------------------------------------------------------------


def _modalities(found: Sequence[Modality], one: Pacs | None, t: Texts) -> Component:
    """Bars and a table; of one archive also the day of its figures."""
    title = t("pacs.modalities")
    if not found:
        followed = one.values.get("jauge_pacs_followed_ratio") if one else None
        is_underway = followed is not None and followed < 1
        words = (
            t("pacs.modalities.following", ratio=t.ratio(followed))
            if is_underway
            else t("pacs.modalities.none")
        )
        return section(title, empty(words))
    names = [sentences.modality(modality.code, t) for modality in found]
    whole = sum(modality.stored or 0.0 for modality in found)
    known = any(modality.stored is not None for modality in found)
    counted = _day(one.counted, t) if one and one.counted is not None else ""
    return section(
        title,
        lead(*sentences.held(found, t), counted),
        *(
            [
                chart(
                    figure.modalities(found, [plain(modality.code, 16) for modality in found], t),
                    t("pacs.modalities.label"),
                    t,
                    "tall" if len(found) > _MANY else "",
                )
            ]
            if known
            else []
        ),
        table(
            _MODALITIES,
            [_modality(modality, name, whole, t) for modality, name in zip(found, names, strict=True)],
            title,
            t,
        ),
    )


def _day(at: float, t: Texts) -> str:
    return t("pacs.modalities.counted", day=t.instant(at).partition(",")[0])


def _modality(one: Modality, name: str, whole: float, t: Texts) -> tuple[Child, ...]:
    came = t.unknown
    if one.added is not None:
        sign = "−" if one.added < 0 else ""
        came = f"{sign}{t.size(abs(one.added))}"
    return (
        name,
        t.size(one.stored),
        t.ratio(one.stored / whole if one.stored is not None and whole else None),
        over(came, t.span(one.days * 86_400.0) if one.added is not None else ""),
        t.ratio(one.yearly),
        t.number(one.studies),
        t.size(one.weight),
    )


def _areas(found: Sequence[Area], t: Texts, most: int) -> Component:
    title = t("pacs.areas")
    if not found:
        return section(title, empty(t("pacs.areas.none")))
    # Machines that are no more than machines know no tiers: no column of unknowns is made of that.
    tiers = [Column("tier")] if any(area.tier for area in found) else []
    columns = (_AREAS[0], *tiers, *_AREAS[1:])
    many = len({area.store.target for area in found}) > 1

    def draw(area: Area, t: Texts) -> tuple[Child, ...]:
        name, *figures = _area(area, t, named=many)
        return (name, *([sentences.tier(area.tier, t)] if tiers else []), *figures)

    return section(title, lead(*sentences.areas(found, t)), *_worst(columns, found, draw, title, t, most))


def _area(area: Area, t: Texts, *, named: bool) -> tuple[Child, ...]:
    store = area.store
    return (
        over(
            store_link(store.unique_id, store.name or t.unknown, "area"), plain(store.target) if named else ""
        ),
        t.size(store.used),
        t.size(store.size),
        t.ratio(store.ratio),
        store_sentences.full_word(store, t),
    )


def _queues(found: Sequence[Queue], t: Texts, most: int) -> Component:
    title = t("pacs.queues")
    if not found:
        return section(title, empty(t("pacs.queues.none")))
    many = len({one.target for one in found}) > 1

    def draw(one: Queue, t: Texts) -> tuple[Child, ...]:
        return _queue(one, t, named=many)

    return section(title, lead(*sentences.queues(found, t)), *_worst(_QUEUES, found, draw, title, t, most))


def _queue(one: Queue, t: Texts, *, named: bool) -> tuple[Child, ...]:
    todo = {"failed": "pacs.queues.do", "stuck": "pacs.queues.stuck.do"}.get(one.state)
    is_transfer = one.refused is not None
    name = t("pacs.transfer", peer=plain(one.name)) if is_transfer else sentences.queue(one.name, t)
    return (
        mark(one.state, t),
        over(
            name,
            link(plain(one.target), PATH, f"queue {one.target} {one.name}", target=one.target)
            if named
            else "",
        ),
        t.number(one.waiting),
        t.number(one.jobs.get("running")),
        t.number(one.jobs.get("failure")),
        t.number(one.refused) if is_transfer else "",
        t(todo) if todo else "",
    )


def _worst(
    columns: Sequence[Column],
    rows: Sequence[Row],
    draw: Callable[[Row, Texts], Sequence[Child]],
    title: str,
    t: Texts,
    most: int,
) -> list[Component]:
    """A table of the worst rows, and words where those are not all."""
    shown = table(columns, [draw(row, t) for row in rows[:most]], title, t)
    more = t("pacs.more", n=t.number(most), all=t.number(len(rows)))
    return [shown, *([html.P(more, className="dim")] if len(rows) > most else [])]
