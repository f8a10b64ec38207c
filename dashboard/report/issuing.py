"""The committee's file as people order it: plans made anew where they are old, decisions kept with their numbers, and each format."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from dashboard.data import PLAN, STATE
from dashboard.report import asking
from dashboard.report.document import Report
from dashboard.report.making import Asked, is_empty, make
from dashboard.texts import Language, Texts
from exporters.plan.schema import PlanError
from inventory.committee import File
from inventory.estate import Estate
from inventory.scenarios.reading import ScenarioError
from inventory.state import State, StateError, committee, open_state, scenarios

Form = Literal["pdf", "xlsx", "html", "pptx"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)
TYPES: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
"""What each format is for whoever is sent it."""

MEETING: Final = dt.timedelta(days=61)
"""How long ago the last meeting was, where nobody says it and no answer of one was recorded."""

Step = Literal["plans", "figures", "writing"]
"""What is being done of a file."""


class Order(NamedTuple):
    """What is wanted: `since` is the day of the last meeting, None where it is to be found out. A draft keeps nothing."""

    language: Language
    since: dt.date | None = None
    forms: tuple[Form, ...] = FORMS
    is_draft: bool = False


class Made(NamedTuple):
    """The files of a day by their names, and what went wrong on the way."""

    day: dt.date
    files: Mapping[str, bytes]
    warnings: tuple[str, ...]


def since_of(data: Asked) -> dt.date:
    """The day of the last meeting: the last one on which the committee answered, two months ago where none is known."""
    return data.committee().met(data.today) or data.today - MEETING


def issue(
    estate: Estate, folder: Path, order: Order, who: str, source: str,
    now: float | None = None, told: Callable[[Step], None] = lambda _: None,
) -> Made:  # fmt: skip
    """Make the files that are ordered; `told` hears of each step. What the file asks for is kept, in the name of `who`."""
    at = time.time() if now is None else now
    told("plans")
    warnings = [*_plan(estate, folder, at)]
    told("figures")
    data, t = Asked(estate, folder, lambda: at), Texts(order.language, ZoneInfo(estate.timezone))
    since = order.since or since_of(data)
    if not order.is_draft and not is_empty(data):
        warnings += _keep(data, since, who, source)
    report = make(data, t, since)
    told("writing")
    name = f"jauge-committee-{report.day.isoformat()}"
    contents = written(report, t, order.forms)
    return Made(report.day, {f"{name}.{form}": contents[form] for form in order.forms}, tuple(warnings))


def written(report: Report, t: Texts, forms: Sequence[Form] = FORMS) -> dict[Form, bytes]:
    """A report in formats."""
    return {form: write(form, report, t) for form in forms}


def write(form: Form, report: Report, t: Texts) -> bytes:
    """A report in one format. What writes it is loaded when it is asked for."""
    match form:
        case "pdf":
            from dashboard.report import pdf  # noqa: PLC0415 - 80 MB

            return pdf.content(report, t)
        case "xlsx":
            from dashboard.report import workbook  # noqa: PLC0415 - as above

            return workbook.content(report, t)
        case "html":
            from dashboard.report import hypertext  # noqa: PLC0415 - as above

            return hypertext.content(report, t)
        case "pptx":
            from dashboard.report import slides  # noqa: PLC0415 - as above

            return slides.content(report, t)


def _keep(data: Asked, since: dt.date, who: str, source: str) -> list[str]:
    """Keep what the file asks for, so that it can be answered."""
    try:
        state = open_state(data.folder / STATE)
        committee.keep(state, asking.wishes(data), File(data.today, since), who, data.clock(), source)
    except (OSError, StateError) as error:
        return [f"the decisions asked for were not kept, so that they cannot be answered: {error}"]
    return []


def _plan(estate: Estate, folder: Path, now: float) -> list[str]:
    """Make the plans of purchases and workstations anew where they are old, as the nightly job does."""
    from forecasting import kept_purchase  # noqa: PLC0415 - the solver costs half a second
    from forecasting.renewal import issuing  # noqa: PLC0415

    plan, file = folder / PLAN, folder / STATE
    try:
        if plan.exists():
            kept_purchase.issue(estate, plan, folder, now)
        if file.exists() and estate.workstations is not None:
            state = State(file)
            fleet = [
                one.name
                for one in scenarios.listed(state)
                if one.standing != "withdrawn" and one.scenario.renews
            ]
            for piece in (issuing.PLAN, *map(issuing.case, fleet)):
                issuing.issue(state, estate, folder, now, piece)
    except (OSError, PlanError, ScenarioError, StateError) as error:
        return [f"a plan was not made anew, and an earlier one is shown: {error}"]
    return []
