"""What devices answer, made safe: text bounded and escaped, JSON without traps."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

from collectors.poll import PollError

LABEL_LENGTH: Final = 200
ANSWER_LENGTH: Final = 300
FACT_LENGTH: Final = 16 * 1024
"""Characters of an answer in which product and version are looked for."""
DEPTH: Final = 100
"""Levels of a document that is written down again."""
_USERINFO = re.compile(r"(?<=//)[^/@\s]+@")


def legible(text: str, limit: int = ANSWER_LENGTH) -> str:
    """Text of a device for people: bounded, control characters and lone surrogates escaped."""
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in cut)


def label(text: str) -> str:
    """Text of a device as the value of a label."""
    return legible(text.strip(), LABEL_LENGTH)


def mask(text: str) -> str:
    """A repository or address without the user and password that may be inside it."""
    return _USERINFO.sub("***@", text)


def load(text: str | bytes) -> Any:
    """The JSON of an answer. Raises PollError("unparsed") also for NaN and for what is nested too deeply."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise PollError("unparsed", "JSON nested too deeply") from None
    except ValueError as error:
        raise PollError("unparsed", f"not JSON: {legible(str(error), 120)}") from None


def shallow(document: Any) -> bool:
    """Whether a document is nested no deeper than what walks it by recursion can follow."""
    level = [document]
    for _ in range(DEPTH):
        level = [
            member
            for value in level
            for member in (
                value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            )
        ]
        if not level:
            return True
    return False


def several(text: str) -> list[Any]:
    """The JSON documents that stand one after the other. Raises PollError as `load` does."""
    decoder, found, place = json.JSONDecoder(parse_constant=_refuse), list[Any](), 0
    try:
        while place < len(text):
            if text[place].isspace():
                place += 1
                continue
            document, place = decoder.raw_decode(text, place)
            found.append(document)
    except RecursionError:
        raise PollError("unparsed", "JSON nested too deeply") from None
    except ValueError as error:
        raise PollError("unparsed", f"not JSON: {legible(str(error), 120)}") from None
    return found


def at(document: Any, *steps: str | int) -> Any:
    """What stands at a place of a JSON document, None where there is no such place."""
    for step in steps:
        if isinstance(step, str) and isinstance(document, dict):
            document = document.get(step)
        elif isinstance(step, int) and isinstance(document, list) and step < len(document):
            document = document[step]
        else:
            return None
    return document


def told(value: Any) -> float | None:
    """A figure of a JSON document, in digits or as a number; None where it is none, negative or not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        figure = float(value)
    except (ValueError, OverflowError):
        return None
    return figure if math.isfinite(figure) and figure >= 0 else None


def each(document: Any, *steps: str | int) -> list[dict[str, Any]]:
    """The objects of the list or object at a place of a JSON document."""
    found = at(document, *steps)
    members = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    return [member for member in members if isinstance(member, dict)]


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no number")


def number(document: Any, name: str) -> float:
    """A figure of a JSON object, which some write as a string. Raises PollError where it is none."""
    value = document.get(name) if isinstance(document, dict) else None
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise TypeError
        figure = float(value)
    except (TypeError, ValueError, OverflowError):
        raise PollError("unparsed", f"{name} is no number: {legible(repr(value), 80)}") from None
    if not math.isfinite(figure) or figure < 0:
        raise PollError("unparsed", f"{name} cannot be {figure}")
    return figure


def figure(text: str, line: str) -> float:
    """A finite, non-negative figure of a line. Raises PollError that shows the line."""
    try:
        value = float(text)
    except ValueError:
        raise unparsed(line) from None
    if not math.isfinite(value) or value < 0:
        raise unparsed(line)
    return value


def unparsed(line: str) -> PollError:
    """The error of a line that does not read as it should."""
    return PollError("unparsed", f"cannot read the line {legible(line, 160)!r}")


def fact(text: str, pattern: str | None) -> str:
    """What a device says of itself, or the part of it that group 1 of a pattern matches; empty for none."""
    match = re.search(pattern, text[:FACT_LENGTH]) if pattern else None
    return label(text if pattern is None else (match[1] or "") if match else "")
