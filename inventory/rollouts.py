"""Roll-outs: what is to be deployed to workstations, to which, from when until when.

rollouts:
  windows-11:
    title: Windows 11 24H2 everywhere but on consoles
    counted: {kind: os, os: Windows 11, version: "10.0.26100"}
    among: {sites: [main], classes: [office, day-hospital]}
    start: 2026-09-01
    end: 2027-06-30
    frozen: [{start: 2026-12-19, end: 2027-01-03}]
  telephony:
    counted: {kind: days, days: {2026-09-07: 0, 2026-10-05: 120}}
    total: 1800
    start: 2026-09-01
    weekly: 40
"""

from __future__ import annotations

import csv
import datetime
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import Discriminator, Field, model_validator

from inventory.calendars import Calendar, Day
from inventory.credentials import Model
from inventory.quantities import FileName, Text

if TYPE_CHECKING:  # pandas costs half a second, whatever loads an estate
    import pandas as pd

    from inventory.workstations import Workstation

MOST: Final = 10_000_000
Count = Annotated[int, Field(ge=0, le=MOST)]


LINES: Final = 20_000
"""Lines of a file of counts that are read: one a day for half a century."""


class CountsError(ValueError):
    """A file of counts cannot be read: its message says which, the line, what is wrong and what to write."""


class System(Model):
    """Workstations on which an operating system runs."""

    kind: Literal["os"] = Field(description="Counted by operating system.")
    os: Text = Field(description="What its name holds, in any case: Windows 11.")
    edition: Text | None = Field(None, description="What the edition holds: LTSC.")
    version: Text | None = Field(None, description="What the version begins with: 10.0.26100, 24H2.")

    def fits(self, workstation: Workstation) -> bool | None:
        """Whether it runs there; None where the inventory does not say."""
        held = _holds(workstation.os, self.os), _holds(workstation.edition, self.edition)
        begins = _begins(workstation.os_version, self.version)
        answers = (*held, begins)
        if False in answers:
            return False
        return None if None in answers else True


class Software(Model):
    """Workstations on which a program is installed."""

    kind: Literal["software"] = Field(description="Counted by installed software.")
    software: Text = Field(description="What the name of the program holds, in any case: Office 2024.")
    version: Text | None = Field(None, description="What its version begins with.")


class Days(Model):
    """A number that somebody writes down, such as telephones that were swapped."""

    kind: Literal["days"] = Field(description="Counted by hand.")
    days: dict[Day, Count] = Field(
        default_factory=dict, description="How many were deployed in all, by day: {2026-10-05: 120}."
    )
    file: FileName | None = Field(
        None, description="CSV file with the columns day and count, in place of them or beside them."
    )

    @model_validator(mode="after")
    def _given(self) -> Days:
        if not self.days and self.file is None:
            raise ValueError("write days, or name a file with the columns day and count")
        return self

    def counts(self) -> pd.DataFrame:
        """What was written down, oldest first: frame `day, count`. A day of the file counts before that of the estate.

        Raises CountsError for a file that cannot be read, whole: no line is left out in silence.
        """
        import pandas as pd  # noqa: PLC0415 - as above

        found = dict(self.days) | (dict(_lines(Path(self.file))) if self.file is not None else {})
        rows = sorted(found.items())
        frame = pd.DataFrame(rows, columns=["day", "count"], dtype=object)
        return frame.astype({"day": "datetime64[s]", "count": "int64"})


Counted = Annotated[System | Software | Days, Discriminator("kind")]


class Among(Model):
    """Which workstations are meant; all, where nothing is said."""

    sites: tuple[Text, ...] = Field((), description="Sites; any where none is named.")
    services: tuple[Text, ...] = Field((), description="Services; any where none is named.")
    classes: tuple[Text, ...] = Field((), description="Classes of use; any where none is named.")

    def holds(self, site: str | None, service: str | None, use: str | None) -> bool:
        """Whether a workstation of that site, service and class of use is meant. An unknown one is not where some are named."""
        asked = ((self.sites, site), (self.services, service), (self.classes, use))
        return all(not named or value in named for named, value in asked)


class Span(Model):
    """Days on which nothing is deployed."""

    start: Day = Field(description="First day.")
    end: Day = Field(description="Last day.")

    @model_validator(mode="after")
    def _forward(self) -> Span:
        if self.end < self.start:
            raise ValueError(f"the end ({self.end}) lies before the start ({self.start})")
        return self


class Rollout(Model):
    """One project that deploys something to workstations."""

    title: Text | None = Field(None, description="What people call it.")
    counted: Counted = Field(description="How it is known what is deployed.")
    total: int | None = Field(
        None,
        ge=1,
        le=10_000_000,
        description="How many there will be; those that `among` means where left out.",
    )
    among: Among = Field(default_factory=Among, description="Workstations that it is for.")
    start: Day = Field(description="First day of the plan.")
    end: Day | None = Field(None, description="Day by which all is to be deployed.")
    weekly: float | None = Field(
        None,
        gt=0,
        le=1_000_000,
        description="How many are planned for a full working week; else they are spread evenly until the end.",
    )
    calendar: Calendar = Field(default_factory=Calendar, description="Which days are working days.")
    frozen: tuple[Span, ...] = Field(
        (), description="When nothing is deployed: August, the weeks around Christmas."
    )

    @model_validator(mode="after")
    def _planned(self) -> Rollout:
        if self.end is None and self.weekly is None:
            raise ValueError("write an end, or how many are planned weekly")
        if self.end is not None and self.end < self.start:
            raise ValueError(f"the end ({self.end}) lies before the start ({self.start})")
        if self.total is None and not isinstance(self.counted, System | Software):
            raise ValueError("write a total: what is counted by hand names no workstations")
        return self

    def is_frozen(self, day: datetime.date) -> bool:
        """Whether nothing is deployed on that day."""
        return any(span.start <= day <= span.end for span in self.frozen)


def _lines(path: Path) -> Iterator[tuple[datetime.date, int]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(itertools.islice(file, LINES + 1), delimiter=_separator(path))
            if [cell.strip().casefold() for cell in next(rows, [])] != ["day", "count"]:
                raise CountsError(f"{path}: line 1 is not: day,count")
            yield from (
                _counted(path, rows.line_num, row) for row in rows if any(cell.strip() for cell in row)
            )
            if rows.line_num > LINES:
                raise CountsError(f"{path}: more than {LINES} lines")
    except (OSError, UnicodeError, csv.Error) as error:
        raise CountsError(f"{path}: cannot be read: {error}") from error


def _separator(path: Path) -> str:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return ";" if ";" in file.readline(1000) else ","


def _counted(path: Path, line: int, row: list[str]) -> tuple[datetime.date, int]:
    try:
        day, count = (cell.strip() for cell in row)
        found = datetime.date.fromisoformat(day), int(count)
    except ValueError:
        raise CountsError(
            f"{path}: line {line}: {row!r:.80} is no day and count, such as 2026-10-05,120"
        ) from None
    if found[1] < 0:
        raise CountsError(f"{path}: line {line}: {found[1]} is below nothing")
    if found[1] > MOST:
        raise CountsError(f"{path}: line {line}: {count[:40]} is more than {MOST}")
    return found


def _holds(value: str | None, wanted: str | None) -> bool | None:
    if wanted is None:
        return True
    return None if value is None else wanted.casefold() in value.casefold()


def _begins(value: str | None, wanted: str | None) -> bool | None:
    if wanted is None:
        return True
    return None if value is None else value.casefold().startswith(wanted.casefold())
