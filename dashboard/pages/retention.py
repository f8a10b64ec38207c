"""What each archive may delete, by year, by the declared rule and the shares that its owner declares."""

from __future__ import annotations

from typing import Final

from dash.development.base_component import Component

from dashboard.components import Column, View, empty, heading, lead, section, silence, stack, table
from dashboard.data import Data
from dashboard.sentences import walls as sentences
from dashboard.texts import Texts, plain
from forecasting.retention import Purged, Schedule

NAME, PATH = "retention", "/retention"

_YEARS: Final = (
    Column("year"), Column("low", True), Column("likely", True), Column("high", True), Column("total", True),
)  # fmt: skip


def layout(data: Data, view: View) -> Component:
    """A section for each archive."""
    t, found = view.t, data.retention()
    if not found:
        why = "retention.unruled" if data.archives() else "retention.empty"
        return stack(heading(t("retention.title")), silence(data, t), empty(t(why)))
    return stack(
        heading(t("retention.title")),
        silence(data, t),
        lead(t("retention.patientless")),
        *(_archive(one, effect, t) for one, effect in found),
    )


def _archive(one: Schedule, effect: Purged | None, t: Texts) -> Component:
    title = plain(one.archive.target)
    names = ("low", "likely", "high", "total_likely")
    rows = [
        (str(row["year"]), *(sentences.bytes_or_unknown(row[name], t) for name in names))
        for row in one.frame.to_dict("records")
    ]
    return section(
        title,
        lead(*sentences.retention(one, effect, t)),
        table(_YEARS, rows, t("retention.title"), t),
        *([lead(*said)] if (said := sentences.assumed(one, t)) else []),
    )
