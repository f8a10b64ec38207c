"""What is out of support on a day, in true sentences: of what nobody tells, and of what is declared nowhere, no number is given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dashboard.texts import Texts
from inventory.renewal import UseClass


class Ended(NamedTuple):
    """How many things there are, and how many of them are out of support: `care` are workstations in care, None where none is declared as such.

    Of `unknown` nobody can tell; `extended` are mended by a programme of their maker or of others alone.
    """

    all: int
    workstations: int
    targets: int
    care: int | None
    unknown: int
    extended: int


def is_care_declared(classes: Iterable[UseClass]) -> bool:
    """Whether the estate says of any class of workstations that it is in care."""
    return any(one.care for one in classes)


def lead(found: Ended, day: dt.date, t: Texts) -> str:
    """All that is known of a day."""
    return " ".join(_said(found, day, t))


def _said(found: Ended, day: dt.date, t: Texts) -> Iterator[str]:
    yield t(
        "deadlines.lead", day=t.day(day), all=t.number(found.all), ended=t.number(found.workstations + found.targets),
        workstations=t.number(found.workstations), targets=t.number(found.targets),
    )  # fmt: skip
    if found.workstations:
        if found.care is None:
            yield t("deadlines.lead.care.undeclared")
        else:
            yield t.count("deadlines.lead.care", found.care) if found.care else t("deadlines.lead.care.none")
    if found.unknown:
        yield t.count("deadlines.lead.unknown", found.unknown)
    if found.extended:
        yield t.count("deadlines.lead.extended", found.extended)
