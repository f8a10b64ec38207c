"""Who is told what by e-mail or in a chat, when not, and when the committee's file is sent.

notices:
  mail: {server: smtp.hospital.example, from: jauge@hospital.example}
  quiet: {from: "20:00", to: "07:00", weekends: true}
  recipients:
    - {name: on-call, role: operator, credential: team-chat}
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from inventory.access import ROLES, Role
from inventory.credentials import Model
from inventory.quantities import Duration, FileName, Name, Port

Kind = Literal["order", "deadline", "full", "backup", "unprotected", "silent", "own"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""What a notice may be about: something to be ordered, an end of support, licence or contract, a store that is full, a backup that
is late or untrue, a machine in no backup job, a target that does not answer, and troubles of Jauge itself."""

_DAY: Final = 86_400.0
_LONGEST: Final = 254
"""Characters of an address that SMTP carries (RFC 5321, erratum 1690)."""

_WORD: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(rf"(?=.{{1,64}}@){_WORD}(?:\.{_WORD})*@{_LABEL}(?:\.{_LABEL})*")
"""The dot-atom of RFC 5322 at names of RFC 1123: no quotes, no comments, no literals, nothing that a header or SMTP would read as
more than an address. The package email-validator would say the same; it asks for a resolver to go with it."""


def address(value: str) -> str:
    """An e-mail address as it stands in a header. Raises ValueError for what is none: a list, a name, a line break."""
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError(
            "write one e-mail address, such as team@hospital.example: no spaces, no line breaks, no letters beyond ASCII"
        )
    if len(value) > _LONGEST or not _ADDRESS.fullmatch(value):
        raise ValueError("write one e-mail address, such as team@hospital.example")
    return value


def _time(value: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError('write a time of the day in quotes, such as "07:30"')
    return value


Address = Annotated[str, Field(max_length=254), AfterValidator(address)]
Time = Annotated[str, AfterValidator(_time)]
Language = Literal["en", "fr"]


class Mail(Model):
    """The server that takes e-mail (SMTP). Its certificate is always checked."""

    server: Annotated[str, Field(max_length=253, pattern=r"^[A-Za-z0-9][A-Za-z0-9.:-]*$")] = Field(
        description="Name or address of the server."
    )
    port: Port | None = Field(None, description="TCP port: 587 with starttls, 465 with tls, 25 with none.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the way there is encrypted; none is shown as a warning."
    )
    credential: Name | None = Field(
        None, description="Name of an SMTP credential, where the server asks for one."
    )
    ca: FileName | None = Field(
        None, description="Certificate authority of the server; those of this machine when left out."
    )
    sender: Address = Field(alias="from", description="Address that messages come from.")

    @property
    def where(self) -> tuple[str, int]:
        """Host and port."""
        return self.server, self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]


class Quiet(Model):
    """When nothing is sent, by the clock of the estate: what comes then waits for the end."""

    start: Time = Field(alias="from", description='When it begins, such as "20:00".')
    end: Time = Field(
        alias="to", description='When it ends, such as "07:00"; before the start, it is on the next day.'
    )
    weekends: bool = Field(False, description="Whether Saturdays and Sundays are quiet all day.")

    def at(self, moment: dt.datetime) -> bool:
        """Whether a moment (in the estate's timezone) is quiet: what counts is what the clock on the wall shows."""
        if self.weekends and moment.weekday() >= 5:
            return True
        clock = moment.strftime("%H:%M")
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


class Recipient(Model):
    """A mailbox or a chat of a team, beside the users who gave an address (`jauge user notify`)."""

    name: Name = Field(description="What it is called, in lists and in the audit log.")
    role: Role = Field("operator", description="It hears what this role hears.")
    kinds: tuple[Kind, ...] | None = Field(
        None, min_length=1, description="It hears these kinds instead of those of its role."
    )
    email: Address | None = Field(None, description="Address of the mailbox.")
    credential: Name | None = Field(None, description="Name of an apprise credential: a webhook or a chat.")
    language: Language | None = Field(None, description="Its language; the estate's when left out.")

    @model_validator(mode="after")
    def _one(self) -> Recipient:
        if (self.email is None) == (self.credential is None):
            raise ValueError("give email or credential")
        return self


class Committee(Model):
    """When the committee's file (`jauge report`) is sent, and to whom."""

    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = Field(
        tuple(range(1, 13)),
        min_length=1,
        description="Months in which it is sent, by number; all when left out.",
    )
    day: int = Field(1, ge=1, le=28, description="Day of the month.")
    at: Time = Field("07:30", description="Time of that day from which it is sent.")
    to: tuple[Address, ...] = Field(min_length=1, max_length=100, description="Addresses that get it.")
    formats: tuple[Literal["pdf", "xlsx", "html", "pptx"], ...] = Field(
        ("pdf", "xlsx"), min_length=1, description="Files that are attached."
    )
    language: Language | None = Field(None, description="Its language; the estate's when left out.")

    def days(self, today: dt.date) -> tuple[dt.date, dt.date]:
        """The newest day on which it is sent, today included, and the one before that."""
        found: list[dt.date] = []
        year, month = today.year, today.month
        while len(found) < 2:
            day = dt.date(year, month, self.day)
            if month in self.months and day <= today:
                found.append(day)
            year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        return found[0], found[1]


class Hears(Model):
    """What each role hears of."""

    viewer: tuple[Kind, ...] = Field((), description="Kinds that a viewer hears of.")
    operator: tuple[Kind, ...] = Field(
        ("full", "backup", "unprotected", "silent"), description="Kinds that an operator hears of."
    )
    manager: tuple[Kind, ...] = Field(
        ("order", "deadline", "full"), description="Kinds that a manager hears of."
    )
    admin: tuple[Kind, ...] = Field(KINDS, description="Kinds that an administrator hears of.")

    def of(self, role: Role) -> tuple[Kind, ...]:
        """What a role hears of."""
        return dict(zip(ROLES, (self.viewer, self.operator, self.manager, self.admin), strict=True))[role]


class Notices(Model):
    """Who is told what, when not, and when the committee's file is sent (digests.md)."""

    mail: Mail | None = Field(
        None, description="Server for e-mail; without one only chats and webhooks are told."
    )
    url: Annotated[str, Field(max_length=300, pattern=r"^https?://[A-Za-z0-9.:\[\]_-]+/?$")] | None = Field(
        None,
        description="Address of the pages, for links; `url` of an OpenID Connect provider when left out.",
    )
    every: Duration = Field(
        3600.0, ge=60, le=_DAY, description="How often `jauge start` looks for what is new."
    )
    quiet: Quiet | None = Field(None, description="When nothing is sent.")
    urgent: tuple[Kind, ...] = Field((), description="Kinds that are sent in quiet hours all the same.")
    ahead: Duration = Field(
        180 * _DAY, le=3660 * _DAY, description="How long before its day an order or a deadline is told."
    )
    silent: Duration = Field(
        3600.0, description="How long a target may be without an answer before it is told."
    )
    hears: Hears = Field(default_factory=Hears, description="Kinds of notices by role.")
    recipients: tuple[Recipient, ...] = Field((), description="Mailboxes and chats of teams.")
    report: Committee | None = Field(
        None, description="When the committee's file is sent; never when left out."
    )
