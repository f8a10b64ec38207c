"""The ledger of restore tests: those that count, and those that were corrected, with what stands in their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash.development.base_component import Component

from dashboard.access import gate
from dashboard.components import Column, View, empty, lead, link, section
from dashboard.components.listing import listing
from dashboard.pages.backups import cells
from dashboard.restoring import PAGE, ROLE
from dashboard.sentences import backups as sentences
from dashboard.standing import Backups
from dashboard.texts import Texts, plain
from inventory.state.restores import Entry

_TESTS: Final = (
    Column("testended"), Column("host"), Column("restored"), Column("took"), Column("result"), Column("evidence"),
    Column("act"),
)  # fmt: skip


def table_of(entries: Sequence[Entry], known: Backups, view: View) -> Component:
    """One page of entries, newest first."""
    t, title, may = view.t, view.t("backups.tests"), gate.allows(ROLE)
    if not entries:
        return section(title, empty(t("backups.tests.none")))
    rto = {one.target.name: one.rto for one in known.judged}
    columns = _TESTS if may else _TESTS[:-1]

    def row(_place: int, one: Entry) -> tuple[object, ...]:
        test = one.test
        act = (
            link(t("backups.correct"), PAGE, f"correct {one.id}", correct=str(one.id))
            if may and one.correction is None
            else ""
        )
        shown = (
            cells.named(t.instant(test.at), f"{t('backups.entry', n=one.id)} · {plain(test.who, 40)}"),
            cells.named(plain(test.target), plain(test.job)),
            cells.named(plain(test.what, 200), t("backups.from", at=t.instant(test.point))),
            sentences.took(test.seconds, rto.get(test.target), t),
            cells.named(t(f"result.{test.result}"), _corrected(one, t)),
            cells.named(plain(test.evidence, 200), plain(test.remark, 200)),
            act,
        )  # fmt: skip
        return shown[: len(columns)]

    made = listing(columns, entries, row, title, PAGE, view, t("backups.tests.none"), "tests")
    return section(title, lead(t("backups.tests.lead")), *made)


def _corrected(one: Entry, t: Texts) -> str:
    told = one.correction
    if told is None:
        return ""
    key = "backups.withdrawn" if told.replaced_by is None else "backups.corrected"
    said = {"why": plain(told.why, 200), "who": plain(told.who, 40), "at": t.instant(told.at)}
    return t(key, **said) if told.replaced_by is None else t(key, **said, n=told.replaced_by)
