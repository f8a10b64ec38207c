"""`jauge doctor`: whether this machine, the files, and the ways to all targets are as Jauge needs them.

Each module looks at one matter and yields what it found; nothing here changes anything, and no finding holds a secret.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, get_args

Severity = Literal["fine", "advice", "warning", "error"]
"""Advice may wait for ever; a warning costs something already, or soon; with an error something does not work."""

SEVERITIES: Final[tuple[Severity, ...]] = get_args(Severity)

Area = Literal[
    "clock", "disk", "rights", "secrets", "names", "targets", "files", "collector", "ports", "parts", "locale"
]
AREAS: Final[tuple[Area, ...]] = get_args(Area)


class Finding(NamedTuple):
    """One thing that was looked at: `where` it is, `what` was found, and what to `do` about it ("" where nothing is to be done)."""

    area: Area
    severity: Severity
    where: str
    what: str
    do: str = ""

    @property
    def is_trouble(self) -> bool:
        """Whether it is worse than advice."""
        return SEVERITIES.index(self.severity) > SEVERITIES.index("advice")
