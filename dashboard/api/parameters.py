"""What may be asked for in an address, and how it is read: what is not understood is refused, never passed over."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

LONGEST: Final = 200
"""Characters of a text that is looked for."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER: Final = re.compile(r"[0-9]{1,6}")


class ParameterError(Exception):
    """A parameter that is not understood: its name, and what is wrong."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name[:60]}: {why}")
        self.name = name[:60]


@dataclasses.dataclass(frozen=True, slots=True)
class Parameter:
    """A field of the query, or `in_path` a piece of the path. `read` gives its value, or raises ValueError with what is wrong."""

    name: str
    about: str
    schema: Mapping[str, Any]
    read: Callable[[str], Any]
    in_path: bool = False


def text(name: str, about: str, in_path: bool = False) -> Parameter:
    """A text, as it stands."""

    def read(given: str) -> str:
        if len(given) > LONGEST or not given:
            raise ValueError(f"write 1 to {LONGEST} characters")
        return given

    return Parameter(
        name, about, {"type": "string", "minLength": 1, "maxLength": LONGEST}, read, in_path=in_path
    )


def choice(name: str, about: str, among: Sequence[str]) -> Parameter:
    """One of some words."""

    def read(given: str) -> str:
        if given not in among:
            raise ValueError(f"write one of {', '.join(among)}")
        return given

    return Parameter(name, about, {"type": "string", "enum": list(among)}, read)


def day(name: str, about: str) -> Parameter:
    """A civil day, as 2027-01-31."""

    def read(given: str) -> dt.date:
        if not _DAY.fullmatch(given):
            raise ValueError("write a day as 2027-01-31")
        return dt.date.fromisoformat(given)

    return Parameter(name, about, {"type": "string", "format": "date"}, read)


def number(name: str, about: str, least: int, most: int, otherwise: int | None = None) -> Parameter:
    """A whole number between two."""

    def read(given: str) -> int:
        if not _NUMBER.fullmatch(given) or not least <= int(given) <= most:
            raise ValueError(f"write a whole number from {least} to {most}")
        return int(given)

    schema = {"type": "integer", "minimum": least, "maximum": most}
    return Parameter(name, about, schema if otherwise is None else {**schema, "default": otherwise}, read)


def read(
    known: Sequence[Parameter], query: Mapping[str, Sequence[str]], path: Mapping[str, str]
) -> dict[str, Any]:
    """The values of parameters by name, without those that nobody gave. Raises ParameterError."""
    by_name = {one.name: one for one in known}
    for name, values in query.items():
        if name not in by_name or by_name[name].in_path:
            raise ParameterError(name, "there is no such parameter here")
        if len(values) != 1:
            raise ParameterError(name, "give it once")
    given = {**{name: values[0] for name, values in query.items()}, **path}
    found: dict[str, Any] = {}
    for name, value in given.items():
        try:
            found[name] = by_name[name].read(value)
        except ValueError as error:
            raise ParameterError(name, str(error)) from error
    return found
