"""How much depends on something: on a class of workstations, on a target."""

from __future__ import annotations

from typing import Final, Literal, get_args

Criticality = Literal["critical", "high", "normal", "low"]
"""The most critical first."""

_ORDER: Final[tuple[str, ...]] = get_args(Criticality)


def rank(criticality: str | None) -> int:
    """The place in a list: the most critical first, what nobody tells last."""
    return _ORDER.index(criticality) if criticality in _ORDER else len(_ORDER)
