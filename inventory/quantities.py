"""Quantities as people write them in files and forms: `5m`, `12w`, `85 %`, `300 MB`, `1,5 To`, `10 Gbit/s`.

Numbers are written as in English or in French: `1.5` or `1,5`, and `12 500` with the spaces of either typography.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
# [0-9], since \d is every digit of Unicode; the spaces are those that French typography puts before a unit and between thousands.
_SPACE = "[ \u00a0\u202f]"
_DIGITS = f"(?:[0-9]{{1,3}}(?:{_SPACE}[0-9]{{3}})+|[0-9]+)(?:[.,][0-9]+)?"
NUMBER = re.compile(f"[-+]?{_DIGITS}")
"""What `decimal` looks at: a text with nothing but a number in it."""
_EITHER = re.compile("([-+]?[1-9][0-9]{0,2}),([0-9]{3})")
"""One thousand and more as English writes it, one and a bit as French does."""
_DURATION = re.compile(f"({_DIGITS}){_SPACE}*([smhdw])")
_PERCENT = re.compile(f"({_DIGITS}){_SPACE}*%")
_PREFIX = "(?:([kKMGTPE]?)|([kKMGTPE])i)"
_SIZE = re.compile(f"([-+]?{_DIGITS}){_SPACE}*{_PREFIX}[Bo]")
_SPEED = re.compile(f"([-+]?{_DIGITS}){_SPACE}*{_PREFIX}(B|o|bit|b)/s")
_POWERS = {prefix: power for power, prefix in enumerate(("", "K", "M", "G", "T", "P", "E"))}
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


class AmbiguousError(ValueError):
    """A number that may be one of two: nothing is guessed."""


def decimal(text: str) -> float:
    """A number as people write it: `1.5`, `1,5`, `-0,5`, `12 500`.

    Raises ValueError with an example for what is none, and AmbiguousError with both meanings for `1,500`, which is 1500 in English and
    1.5 in French.
    """
    written = text.strip().replace("\N{MINUS SIGN}", "-")
    if not NUMBER.fullmatch(written):
        raise ValueError(f"{text!r} is no number: write one such as 1.5, 1,5 or 12 500")
    if either := _EITHER.fullmatch(written):
        whole, rest = either.groups()
        shorter = f"{whole}.{rest}".rstrip("0").rstrip(".")
        raise AmbiguousError(f"{text!r} may be {whole}{rest} or {shorter}: write the one that is meant")
    return float(re.sub(_SPACE, "", written).replace(",", "."))


def number(value: Any) -> Any:
    """A number that stands as a text, since YAML knows neither `1,5` nor `12 500`; anything else as it is. Raises AmbiguousError."""
    return decimal(value) if isinstance(value, str) and NUMBER.fullmatch(value.strip()) else value


def seconds(value: Any) -> float:
    """Seconds of `90`, `"90s"`, `"5m"`, `"24h"`, `"30d"`, `"12w"`. Raises ValueError with an example."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("write a duration such as 30s, 5m, 24h, 30d or 12w")  # noqa: TRY004 - pydantic reports ValueError
    if isinstance(value, str):
        match = _DURATION.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"{value!r} is no duration: write 30s, 5m, 24h, 30d or 12w")
        return decimal(match[1]) * _UNITS[match[2]]
    return float(value)


def ratio(value: Any) -> float:
    """A share between 0 and 1 of `0.85` or `"85 %"`. Raises ValueError with an example."""
    if isinstance(value, str):
        match = _PERCENT.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"{value!r} is no share: write 0.85 or 85 %")
        return decimal(match[1]) / 100
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("write a share such as 0.85 or 85 %")  # noqa: TRY004 - pydantic reports ValueError
    return float(value)


def size(value: Any) -> float:
    """Bytes of `"300 MB"` (10^6), `"1,5 To"` (10^12) or `"20 GiB"` (2^30), also below 0. Raises ValueError with an example."""
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        shown = f"{value!r} is no size: " if isinstance(value, str | int | float) else ""
        raise ValueError(f"{shown}write a number with its unit, such as 300 MB, 1.5 TB or 20 GiB")
    return decimal(match[1]) * _scale(match[2], match[3])


def speed(value: Any) -> float:
    """Bytes a second of `"500 MB/s"` or `"10 Gbit/s"`. Raises ValueError with an example."""
    match = _SPEED.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        shown = f"{value!r} is no speed: " if isinstance(value, str | int | float) else ""
        raise ValueError(f"{shown}write a number with its unit, such as 500 MB/s or 10 Gbit/s")
    return decimal(match[1]) * _scale(match[2], match[3]) / (1 if match[4] in "Bo" else 8)


def _scale(prefix: str | None, binary: str | None) -> float:
    base, prefix = (1024, binary) if binary else (1000, prefix or "")
    return float(base ** _POWERS[prefix.upper()])


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} is no name: use letters, digits and . _ - (up to 128)")
    return value


def _beside(value: str, info: ValidationInfo) -> str:
    base = (info.context or {}).get("base")
    return str(base / value) if base is not None else value


NUMBER_PATTERN = r"(?![1-9]\d{0,2},\d{3}(?!\d))(\d+|\d{1,3}(\s\d{3})+)([.,]\d+)?"
"""The numbers that `decimal` takes, in a JSON Schema."""
_PREFIX_PATTERN = "([kKMGTPE]?|[kKMGTPE]i)"
DURATION_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0},
        {"type": "string", "pattern": rf"^{NUMBER_PATTERN}\s*[smhdw]$"},
    ]
}
RATIO_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": rf"^{NUMBER_PATTERN}\s*%$"},
    ]
}
SIZE_SCHEMA = {"type": "string", "pattern": rf"^[-+]?{NUMBER_PATTERN}\s*{_PREFIX_PATTERN}[Bo]$"}
_SPEED_SCHEMA = {"type": "string", "pattern": rf"^{NUMBER_PATTERN}\s*{_PREFIX_PATTERN}(B|o|bit|b)/s$"}

Duration = Annotated[float, BeforeValidator(seconds), Field(gt=0), WithJsonSchema(DURATION_SCHEMA)]
LeadTime = Annotated[
    float, BeforeValidator(seconds), Field(gt=0, le=3660 * 86_400), WithJsonSchema(DURATION_SCHEMA)
]
"""Time from order to use, ten years at most: a date less more than that is none."""
Price = Annotated[float, BeforeValidator(number), Field(ge=0, le=1e12)]
"""Of one lot, or of one usable TB, in the estate's currency."""
Turn = Annotated[float, BeforeValidator(seconds), Field(ge=0.1, le=86_400), WithJsonSchema(DURATION_SCHEMA)]
"""Time between two polls, or of one: shorter is a busy loop, longer is no monitoring."""
Ratio = Annotated[float, BeforeValidator(ratio), Field(gt=0, le=1), WithJsonSchema(RATIO_SCHEMA)]
Size = Annotated[float, BeforeValidator(size), WithJsonSchema(SIZE_SCHEMA)]
"""Bytes; GB is 10^9 and GiB is 2^30, as in French Go and Gio."""
Speed = Annotated[float, BeforeValidator(speed), Field(gt=0), WithJsonSchema(_SPEED_SCHEMA)]
"""Bytes a second."""
Name = Annotated[str, Field(max_length=128, pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$"), AfterValidator(_name)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Port = Annotated[int, Field(ge=1, le=65535)]
FileName = Annotated[str, Field(min_length=1), AfterValidator(_beside)]
"""A path of this machine; a relative one is beside the estate file."""

_AMOUNT = re.compile(f"({_DIGITS})(?:{_SPACE}*{_PREFIX}[Bo])?")


def amount(value: Any) -> float:
    """A number of `64`, or bytes of `"20 TB"`, `"768 GiB"`, `"20 To"`. Raises ValueError with an example."""
    if isinstance(value, str):
        match = _AMOUNT.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"{value!r} is no amount: write a number, or bytes such as 20 TB or 768 GiB")
        return decimal(match[1]) * _scale(match[2], match[3])
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("write a number, or bytes such as 20 TB or 768 GiB")  # noqa: TRY004 - pydantic reports ValueError
    return float(value)


_AMOUNT_SCHEMA = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "string", "pattern": rf"^{NUMBER_PATTERN}(\s*{_PREFIX_PATTERN}[Bo])?$"},
    ]
}
Amount = Annotated[float, BeforeValidator(amount), Field(gt=0), WithJsonSchema(_AMOUNT_SCHEMA)]
"""How much of a quantity: bytes, or a number."""
