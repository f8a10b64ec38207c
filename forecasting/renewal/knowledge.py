"""What a plan asks of others: until when a system is mended, whether a machine can run the next one, and how long it lasts."""

from __future__ import annotations

import datetime as dt
import importlib
from typing import Any, Final, Literal

import numpy as np

from forecasting.renewal.costing import Fails
from forecasting.renewal.machines import Fitness, Mended, Support
from forecasting.renewal.plan import Asked
from forecasting.renewal.problem import Floats
from inventory import lifecycle
from inventory.estate import Estate
from inventory.renewal import Renewal
from inventory.state import State
from inventory.workstations import Workstation

SCALE: Final = 12.0
SHAPE: Final = 1.7
"""Of a Weibull life in years that is assumed where nothing was learnt: 3 % fail in the second year and 7 % in the sixth."""

_CURRENT: Final = "Windows 11"
_EDITIONS: Final = (
    ("ltsc", "LTSC"),
    ("ltsb", "LTSC"),
    ("iot", "IoT"),
    ("ent", "Enterprise"),
    ("edu", "Education"),
)


def asked(estate: Estate, today: dt.date, state: State | None) -> Asked:
    """All that a plan is made from, by an estate and what was learnt from its imports."""
    fails = survival(state, today)
    return Asked(
        renewal=estate.workstations or Renewal(),
        contracts=estate.contracts,
        today=today,
        currency=estate.currency,
        support=support(today),
        fitness=fitness(),
        fails=fails,
        learnt=fails is not assumed,
    )


def assumed(_maker: str, _model: str, start: Floats, end: Floats) -> Floats:
    """Chance to fail between two ages, of a machine of which nothing was learnt."""
    return np.asarray(-np.expm1((start / SCALE) ** SHAPE - (end / SCALE) ** SHAPE))


def support(today: dt.date) -> Support:
    """The lifecycle catalogue, as a plan asks it."""
    judge = _found("inventory.lifecycle.support", "judge")
    if judge is None:
        return _catalogued

    def asked(one: Workstation) -> Mended | None:
        found = judge(one.os, one.os_version, one.edition, today)
        if found.ends is None:
            return None
        return Mended(found.cycle.product if found.cycle else one.os or "", found.ends, found.extended)

    return asked


def fitness() -> Fitness:
    """Whether a machine can run the current system; what runs it already can."""
    judge = _found("inventory.fitness", "judge")

    def asked(one: Workstation) -> Literal["fit", "unfit", "unknown"]:
        if _CURRENT.casefold() in (one.os or "").casefold() and "ltsc" not in (one.edition or "").casefold():
            return "fit"
        state: Literal["fit", "unfit", "unknown"] = judge(one, None).state if judge else "unknown"
        return state

    return asked


def survival(state: State | None, today: dt.date) -> Fails:
    """What was learnt from the imports of a state file; what is assumed where nothing was."""
    lives, fit = _found("inventory.imports.lives", "lives"), _found("forecasting.survival", "fit")
    if state is None or lives is None or fit is None:
        return assumed
    learnt = fit(lives(state), today)

    def asked(maker: str, model: str, start: Floats, end: Floats) -> Floats:
        found = np.asarray(learnt.probability(maker, model, start, end), dtype=np.float64)
        return np.where(np.isnan(found), assumed(maker, model, start, end), found)

    return asked


def _found(module: str, name: str) -> Any:
    """A function of another part, None where that part is not there."""
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None


def _catalogued(one: Workstation) -> Mended | None:
    """The newest version of its product and edition that the catalogue has: older ones can be brought to it."""
    product = (one.os or "").removeprefix("Microsoft ")
    said = f"{one.os or ''} {one.edition or ''}".casefold()
    words = {word for text, word in _EDITIONS if text in said} or {"Pro"}
    long_term = "LTSC" in words
    cycles = [
        cycle
        for cycle in lifecycle.cycles()
        if product == cycle.product or product.startswith(f"{cycle.product} ")
        if not cycle.editions or any(_fits(edition, words) for edition in cycle.editions)
        if not long_term or cycle.version == one.os_version
    ]
    newest = max(cycles, key=lambda cycle: cycle.ends, default=None)
    return Mended(newest.product, newest.ends, newest.extended) if newest else None


def _fits(edition: str, words: set[str]) -> bool:
    """Whether an edition of the catalogue is the one that was told."""
    mine = {word for word in ("LTSC", "IoT", "Enterprise", "Education", "Pro") if word in edition}
    return mine == words if "LTSC" in words | mine else bool(mine & words)
