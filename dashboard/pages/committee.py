"""The committee: its file to be made and fetched, what it was asked for, and what it answered."""

from __future__ import annotations

from typing import Final

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import meeting
from dashboard.access import gate
from dashboard.components import (
    Child,
    Column,
    View,
    address,
    empty,
    extra,
    field,
    heading,
    lead,
    section,
    stack,
    table,
)
from dashboard.components.listing import listing
from dashboard.data import Data
from dashboard.report import kept
from dashboard.report.answers import said
from dashboard.report.asking import answered
from dashboard.report.issuing import FORMS
from dashboard.texts import LANGUAGES, Texts, plain
from inventory.committee import OUTCOMES, Book, Question

NAME, PATH = "committee", meeting.PAGE

_LIST: Final = (
    Column("asked.number"), Column("asked.what"), Column("asked.by", True), Column("asked.cost", True), Column("asked.file", True),
    Column("asked.answer"), Column("asked.act"),
)  # fmt: skip
_FILES: Final = (Column("made.file"), Column("made.at", True), Column("made.size", True))
_DAY: Final = r"\d{4}-\d{2}-\d{2}"


def layout(data: Data, view: View) -> Component:
    """The form to order the file, those that were made, and every decision that was asked for."""
    t, book, may = view.t, data.committee(), gate.allows(meeting.ROLE)
    chosen = book.find(view.query.get("answer", ""))
    return stack(
        heading(t("committee.title")),
        lead(_lead(book, t)),
        *_done(view),
        *([_answering(chosen, t)] if chosen is not None and may else []),
        *(_files(data, t) if may else [html.P(t("committee.readers"), className="dim")]),
        _decisions(book, data, may, view),
    )


def _lead(book: Book, t: Texts) -> str:
    if not book.questions:
        return t("committee.lead.none")
    bare = sum(one.answer is None for one in book.questions)
    return t.count("committee.lead", len(book.questions), bare=t.number(bare))


def _done(view: View) -> list[Component]:
    """What became of a form that was sent."""
    t, done, refused = view.t, view.query.get("done", ""), view.query.get("refused", "")
    if refused in meeting.REFUSALS:
        return [html.P(t(f"committee.refused.{refused}"), className="warning", role="alert")]
    if done == "answered":
        return [html.P(t("committee.done.answered"), className="warning good-news", role="status")]
    return []


# --- the file -----------------------------------------------------------------------------------------


def _files(data: Data, t: Texts) -> list[Component]:
    progress, found = kept.progress(data.folder), kept.listed(data.folder)
    running = progress is not None and progress.is_running(data.clock())
    said: list[Child] = []
    if running and progress is not None:
        step = t(f"committee.step.{progress.step}")
        said.append(html.P(t("committee.making", step=step), className="warning", role="status"))
    elif progress is not None and progress.step != "done":
        said.append(html.P(t("committee.failed"), className="warning", role="status"))
    rows = [
        (
            html.A(one.name, href=address(meeting.FILE, name=one.name), download=""),
            t.instant(one.at),
            t.size(one.size),
        )
        for one in found
    ]
    title = t("committee.files")
    listed = table(_FILES, rows, title, t) if rows else empty(t("committee.files.none"))
    form = [] if running else [_ordering(t)]
    return [section(t("committee.file"), *said, *form), section(title, listed, html.P(t("committee.files.kept", n=t.number(kept.MOST)), className="dim"))]  # fmt: skip


def _ordering(t: Texts) -> Component:
    languages = [
        html.Option(t(f"committee.language.{one}"), value=one, lang=one)
        for one in sorted(LANGUAGES, key=lambda one: one != t.language)
    ]
    forms = [
        html.Option(t("committee.form.all"), value="all"),
        *(html.Option(one.upper(), value=one) for one in FORMS),
    ]
    fields: list[Child] = [
        *field("language-of-file", t("committee.language"), html.Select(languages, id="language-of-file", name="language", className="field")),
        *field("form", t("committee.form"), html.Select(forms, id="form", name="form", className="field")),
        *field("since", t("committee.since"), _day("since")),
        html.Button(t("committee.make"), className="quiet strong"),
    ]  # fmt: skip
    return html.Form(
        fields,
        action=meeting.MAKE,
        method="POST",
        className="decide",
        **extra(aria_label=t("committee.file")),
    )


# --- decisions ----------------------------------------------------------------------------------------


def _decisions(book: Book, data: Data, may: bool, view: View) -> Component:
    """Every decision, those without an answer first, then the newest first."""
    t = view.t
    newest = list(reversed(book.questions))
    newest.sort(key=lambda one: one.answer is not None)

    def cells(_place: int, one: Question) -> tuple[object, ...]:
        act = dcc.Link(
            t("committee.answer"), href=address(PATH, answer=one.number), id={"link": f"answer {one.number}"}
        )
        cost = "" if one.last.cost is None else t.money(one.last.cost, data.estate.currency)
        due = t.day(one.last.due) if one.last.due else ""
        return one.number, said(one, t), due, cost, t.day(one.last.file), answered(one, t), act if may else ""

    columns = _LIST if may else _LIST[:-1]
    rows = listing(
        columns, newest, lambda place, one: cells(place, one)[: len(columns)], t("committee.decisions"), PATH, view,
        t("committee.decisions.none"),
    )  # fmt: skip
    return section(t("committee.decisions"), *rows)


def _answering(one: Question, t: Texts) -> Component:
    """What was asked and answered, and the form to answer."""
    title = t("committee.answering", number=one.number)
    outcomes = [html.Option(t(f"committee.outcome.{each}"), value=each) for each in OUTCOMES]
    fields: list[Child] = [
        dcc.Input(type="hidden", name="number", value=one.number),
        *field("outcome", t("committee.outcome"), html.Select(outcomes, id="outcome", name="outcome", className="field")),
        *field("day", t("committee.day"), _day("day")),
        *field("until", t("committee.until"), _day("until")),
        *field("who", t("committee.who"), dcc.Input(id="who", name="who", type="text", maxLength=80, className="field")),
        *field("why", t("committee.why"), html.Textarea(id="why", name="why", required=True, maxLength=meeting.LONGEST, rows=2, className="reason")),
        html.Button(t("committee.save"), className="quiet strong"),
    ]  # fmt: skip
    form = html.Form(
        fields, action=meeting.ANSWER, method="POST", className="decide", **extra(aria_label=title)
    )
    texts = one.last.said
    why = texts.get(t.language, next(iter(texts.values())))[1]
    history = [
        f"{answered(one._replace(answers=(each,)), t)}{t('colon')}{plain(each.why, 400)}" for each in reversed(one.answers)
    ]  # fmt: skip
    before = [html.P(t("committee.history"), className="dim"), html.Ul([html.Li(each) for each in history])]
    return section(
        title,
        html.P(said(one, t)),
        html.P(plain(why, 400), className="dim"),
        *(before if history else []),
        form,
    )


def _day(name: str) -> Component:
    return dcc.Input(
        id=name, name=name, type="text", placeholder="2027-01-31", pattern=_DAY, maxLength=10, className="field"
    )  # fmt: skip
