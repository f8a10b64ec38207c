"""Quantities as people write them in the estate and in scenarios: `5m`, `12w`, `85 %`, `300 MB`, `10 Gbit/s`."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
# [0-9], since \d is every digit of Unicode; the spaces are those that French typography puts before a unit.
_DURATION = re.compile("([0-9]+(?:[.][0-9]+)?)[ \u00a0\u202f]*([smhdw])")
_PERCENT = re.compile("([0-9]+(?:[.][0-9]+)?)[ \u00a0\u202f]*%")
_NUMBER = "([-+]?[0-9]+(?:[.][0-9]+)?)[ \u00a0\u202f]*"
_SIZE = re.compile(_NUMBER + "(?:([kMGTPE]?)|([KMGTPE])i)[Bo]")
_SPEED = re.compile(_NUMBER + "(?:([kMGTPE]?)|([KMGTPE])i)(B|o|bit|b)/s")
_POWERS = {prefix: power for power, prefix in enumerate(("", "k", "M", "G", "T", "P", "E"))}
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


def seconds(value: Any) -> float:
    """Seconds of `90`, `"90s"`, `"5m"`, `"24h"`, `"30d"`, `"12w"`. Raises ValueError with an example."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("write a duration such as 30s, 5m, 24h, 30d or 12w")  # noqa: TRY004 - pydantic reports ValueError
    if isinstance(value, str):
        match = _DURATION.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"{value!r} is no duration: write 30s, 5m, 24h, 30d or 12w")
        return float(match[1]) * _UNITS[match[2]]
    return float(value)


def ratio(value: Any) -> float:
    """A share between 0 and 1 of `0.85` or `"85 %"`. Raises ValueError with an example."""
    if isinstance(value, str):
        match = _PERCENT.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"{value!r} is no share: write 0.85 or 85 %")
        return float(match[1]) / 100
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("write a share such as 0.85 or 85 %")  # noqa: TRY004 - pydantic reports ValueError
    return float(value)


def size(value: Any) -> float:
    """Bytes of `"300 MB"` (10^6), `"1.5 To"` (10^12) or `"20 GiB"` (2^30), also below 0. Raises ValueError with an example."""
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        shown = f"{value!r} is no size: " if isinstance(value, str | int | float) else ""
        raise ValueError(f"{shown}write a number with its unit, such as 300 MB, 1.5 TB or 20 GiB")
    return float(match[1]) * _scale(match[2], match[3])


def speed(value: Any) -> float:
    """Bytes a second of `"500 MB/s"` or `"10 Gbit/s"`. Raises ValueError with an example."""
    match = _SPEED.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        shown = f"{value!r} is no speed: " if isinstance(value, str | int | float) else ""
        raise ValueError(f"{shown}write a number with its unit, such as 500 MB/s or 10 Gbit/s")
    return float(match[1]) * _scale(match[2], match[3]) / (1 if match[4] in "Bo" else 8)


def _scale(decimal: str | None, binary: str | None) -> float:
    return (
        float(1024 ** _POWERS[binary.replace("K", "k")]) if binary else float(1000 ** _POWERS[decimal or ""])
    )


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} is no name: use letters, digits and . _ - (up to 128)")
    return value


def _beside(value: str, info: ValidationInfo) -> str:
    base = (info.context or {}).get("base")
    return str(base / value) if base is not None else value


DURATION_SCHEMA = {
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^\d+(\.\d+)?\s*[smhdw]$"}]
}
_RATIO_SCHEMA = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "string", "pattern": r"^\d+(\.\d+)?\s*%$"},
    ]
}

_SIZE_SCHEMA = {"type": "string", "pattern": r"^[-+]?\d+(\.\d+)?\s*([kMGTPE]?|[KMGTPE]i)[Bo]$"}
_SPEED_SCHEMA = {"type": "string", "pattern": r"^\d+(\.\d+)?\s*([kMGTPE]?|[KMGTPE]i)(B|o|bit|b)/s$"}

Duration = Annotated[float, BeforeValidator(seconds), Field(gt=0), WithJsonSchema(DURATION_SCHEMA)]
LeadTime = Annotated[
    float, BeforeValidator(seconds), Field(gt=0, le=3660 * 86_400), WithJsonSchema(DURATION_SCHEMA)
]
"""Time from order to use, ten years at most: a date less more than that is none."""
Price = Annotated[float, Field(ge=0, le=1e12)]
"""Of one lot, or of one usable TB, in the estate's currency."""
Turn = Annotated[float, BeforeValidator(seconds), Field(ge=0.1, le=86_400), WithJsonSchema(DURATION_SCHEMA)]
"""Time between two polls, or of one: shorter is a busy loop, longer is no monitoring."""
Ratio = Annotated[float, BeforeValidator(ratio), Field(gt=0, le=1), WithJsonSchema(_RATIO_SCHEMA)]
Size = Annotated[float, BeforeValidator(size), WithJsonSchema(_SIZE_SCHEMA)]
"""Bytes; GB is 10^9 and GiB is 2^30, as in French Go and Gio."""
Speed = Annotated[float, BeforeValidator(speed), Field(gt=0), WithJsonSchema(_SPEED_SCHEMA)]
"""Bytes a second."""
Name = Annotated[str, Field(max_length=128, pattern=r"^[A-Za-z0-9_][A-Za-z0-9._-]*$"), AfterValidator(_name)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Port = Annotated[int, Field(ge=1, le=65535)]
FileName = Annotated[str, Field(min_length=1), AfterValidator(_beside)]
"""A path of this machine; a relative one is beside the estate file."""

_BYTES = {
    **{f"{prefix}{byte}": 1000**power for power, prefix in enumerate(("", "k", "M", "G", "T", "P")) for byte in "Bo"},
    **{f"{prefix}i{byte}": 1024**power for power, prefix in enumerate(("K", "M", "G", "T", "P"), 1) for byte in "Bo"},
}  # fmt: skip
_AMOUNT = re.compile(f"([0-9]+(?:[.][0-9]+)?)(?:[ \u00a0\u202f]*({'|'.join(_BYTES)}))?")


def amount(value: Any) -> float:
    """A number of `64`, or bytes of `"20 TB"`, `"768 GiB"`, `"20 To"`. Raises ValueError with an example."""
    if isinstance(value, str):
        match = _AMOUNT.fullmatch(value.strip())
        if match is None:
            raise ValueError(f"{value!r} is no amount: write a number, or bytes such as 20 TB or 768 GiB")
        return float(match[1]) * float(_BYTES.get(match[2] or "B", 1))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("write a number, or bytes such as 20 TB or 768 GiB")  # noqa: TRY004 - pydantic reports ValueError
    return float(value)


_AMOUNT_SCHEMA = {
    "anyOf": [
        {"type": "number", "exclusiveMinimum": 0},
        {"type": "string", "pattern": r"^\d+(\.\d+)?(\s*([kMGTP]?[Bo]|[KMGTP]i[Bo]))?$"},
    ]
}
Amount = Annotated[float, BeforeValidator(amount), Field(gt=0), WithJsonSchema(_AMOUNT_SCHEMA)]
"""How much of a quantity: bytes, or a number."""
