"""Systems looked up in the catalogue in one go, as they are written and on a day."""

from __future__ import annotations

import datetime as dt

from inventory.lifecycle import names, support
from inventory.lifecycle.catalogue import Cycle
from inventory.lifecycle.support import Support


def find(product: str, version: str, edition: str | None = None) -> Cycle | None:
    """The one cycle that a system is of; None where none or several."""
    found = names.read(product, version, edition).cycles
    return found[0] if len(found) == 1 else None


def judge(
    product: str | None,
    version: str | None,
    edition: str | None,
    day: dt.date,
    esu: bool = False,
    workstation: bool = False,
) -> Support:
    """How a system stands on a day; `esu`: what can be bought for it is bought; `workstation`: it is no server."""
    return support.of(names.read(product, version, edition, workstation), day, esu)
