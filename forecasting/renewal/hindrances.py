"""Why no renewal plan can be made: each reason has a code, and what it is said of.

Here it is said in English, for terminals and logs; pages say it in the language of their reader (`dashboard.words.renewal`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Hindrance(NamedTuple):
    """Why there is no plan. `values` fill in the blanks of its sentence."""

    code: str
    values: Mapping[str, str]

    def __str__(self) -> str:
        return SENTENCES[self.code].format(**self.values)


class PlanError(ValueError):
    """No plan can be made: the message says why, and what to do where something can be done."""

    def __init__(self, code: str, **values: str) -> None:
        self.hindrance = Hindrance(code, values)
        super().__init__(str(self.hindrance))


SENTENCES: Final[Mapping[str, str]] = {
    "caps": "no plan keeps to these caps, not even one that replaces nothing",
    "class": "age-limit: the estate has no class {name}; it has {known}",
    "scenario": "the scenario {name} is committed and cannot be read by this program: withdraw it, and save it anew",
    "blocked": "{path} is in the way: move it elsewhere",
    "other": "{what}",
}


def of(error: ValueError) -> Hindrance:
    """What an error says; of one that nobody foresaw, its own words."""
    return error.hindrance if isinstance(error, PlanError) else Hindrance("other", {"what": str(error)})


def revived(kept: object) -> Hindrance | None:
    """A problem that was kept as JSON. Raises ValueError where it is none."""
    if not kept:
        return None
    match kept:
        case [str(code), dict(values)] if code in SENTENCES and all(
            isinstance(one, str) for one in values.values()
        ):
            found = Hindrance(code, values)
            str(found)
            return found
    raise ValueError("no reason that is known")
