"""What was written down in English by other parts of the program, in the reader's language.

Problems of the estate's file and details of the audit log are kept as English texts. The English of `dashboard.words.recorded` says how
each is made; what none of it fits, such as a reason that a person typed, is told as it stands.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import string
from typing import Final

from dashboard.texts import Texts
from dashboard.words import WORDS

_WORDED: Final = ("role", "result")
"""Blanks whose values have words of their own, under that name."""


def problem(message: str, t: Texts) -> str:
    """What is wrong with the estate's file."""
    return _told("problem", message, t)


def detail(action: str, text: str, t: Texts) -> str:
    """The details of an action of the audit log."""
    begins = action.partition(" ")[0]
    for kind in (action, _KINDS.get(begins, begins)):
        if (told := _told(f"detail.{kind}", text, t)) != text:
            return told
    return text


def event(text: str, t: Texts) -> str:
    """What a device or a protocol said of an event: as it came, after the reason, which has words."""
    reason, mark, rest = text.partition(": ")
    key = f"why.{reason}"
    return f"{t(key)}{t('colon')}{rest}" if mark and t.language != "en" and key in WORDS else text


def who(name: str, t: Texts) -> str:
    """Who did it: a name, or what stands where nobody did."""
    key = f"by.{name}"
    return t(key) if key in WORDS else name


_KINDS: Final = {"people": "person"}
"""The first words of actions whose details are alike."""


def _told(prefix: str, text: str, t: Texts) -> str:
    if t.language == "en":
        return text
    for key, pattern in _patterns(prefix):
        if found := pattern.fullmatch(text):
            return t(key, **{name: _value(name, value, t) for name, value in found.groupdict().items()})
    return text


def _value(name: str, value: str, t: Texts) -> str:
    if name == "day":
        try:
            return t.day(dt.date.fromisoformat(value))
        except ValueError:
            return value
    if name == "values":
        return value.replace(" or ", t("recorded.or"))
    key = f"{name}.{value}"
    return t(key) if name in _WORDED and key in WORDS else value


@functools.cache
def _patterns(prefix: str) -> list[tuple[str, re.Pattern[str]]]:
    """The texts that begin with a key, as what finds their blanks: those with most of their own words first."""
    keys = [key for key in WORDS if key == prefix or key.startswith(f"{prefix}.")]
    made = [(key, list(string.Formatter().parse(str(WORDS[key])))) for key in keys]
    made.sort(key=lambda one: -sum(len(literal) for literal, *_ in one[1]))
    return [
        (key, re.compile("".join(_part(literal, name) for literal, name, *_ in parts), re.DOTALL))
        for key, parts in made
    ]


def _part(literal: str, name: str | None) -> str:
    return re.escape(literal) + (f"(?P<{name}>.+?)" if name else "")
