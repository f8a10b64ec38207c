"""What was learnt of how long machines last, as plain values for JSON: from how many failures, since when, and on whom that leans."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from forecasting.survival import models
from forecasting.survival.expecting import BAND
from forecasting.survival.fleet import Survival
from forecasting.survival.models import AGES, FEW, NEW, STARTS, Alive, Learnt, Model, Step

MODELS: Final = 200
"""Models whose curves are told, those with most machines watched first."""

STEPS: Final = 240
"""Steps of one curve: of more, every so manieth is told."""

_EVERY: Final = 0.25
_LEAST: Final = 8.0
"""Ages in years at which a fitted curve is told, and until which at least."""


def of(frame: pd.DataFrame, known: Survival) -> dict[str, Any]:
    """All of it, of the lives `known` was learnt from, with the curves of at most MODELS models, by maker and model."""
    found = list(models.of(frame, known))
    most = sorted(found, key=lambda one: (-one.basis.machines, -one.machines))[:MODELS]
    shown = sorted(most, key=lambda one: (one.basis.maker, one.basis.model))
    return {
        "today": known.today,
        **learnt(models.learnt(frame, known)),
        "left_out": dataclasses.asdict(known.left_out),
        "more": len(found) - len(shown),
        "curves": [{**model(one), "curve": steps(one), "fitted": fitted(one, known)} for one in shown],
    }


def learnt(found: Learnt | None) -> dict[str, Any]:
    """What curves rest on; all but `known` is None where they are assumed."""
    if found is None:
        return {"known": "assumed", **dict.fromkeys((*Learnt._fields, "few"))}
    return {"known": "learnt", **found._asdict(), "few": found.few}


def model(one: Model) -> dict[str, Any]:
    """What is told of one model; None of what nobody can know."""
    basis, shares = one.basis, one.shares
    watched = shares.begun is not None
    return {
        "key": _key(basis.maker, basis.model),
        "maker": one.maker,
        "model": one.model,
        "machines": one.machines,
        "watched": basis.machines,
        "left_out": dataclasses.asdict(one.left_out),
        "machine_years": basis.years if watched else None,
        "watched_from_age": shares.begun,
        "watched_until_age": shares.until,
        "watched_from_new": shares.begun is not None and shares.begun <= NEW,
        "failures": basis.failures if watched else None,
        "few": watched and basis.failures < FEW,
        "failures_of_maker": basis.of_maker if one.rests else None,
        "failures_of_all": basis.of_fleet if one.rests else None,
        "alive": [{"age": age, **_alive(alive)} for age, alive in zip(AGES, shares.alive, strict=True)],
        "fails_within_a_year": [
            {"age": age, "chance": chance} for age, chance in zip(STARTS, one.chances, strict=True)
        ],
        "own": basis.own if one.rests else None,
        "leans_on": one.leans if one.rests else None,
        "rests_on": one.rests,
    }


def steps(one: Model) -> list[dict[str, Any]]:
    """The curve of Kaplan and Meier, from the age at which watching began."""
    return [
        {"age": step.age, "at_risk": step.at_risk, "failed": step.failed, **_alive(step.alive)}
        for step in _thinned(one.shares.steps)
    ]


def fitted(one: Model, known: Survival) -> list[dict[str, float]]:
    """The curve that a plan counts with and its 80 % band, of those that lived when watching began."""
    if not known.makers:
        return []
    begun, until = one.shares.begun or 0.0, one.shares.until or 0.0
    ages = np.append(
        begun, np.arange(np.floor(begun / _EVERY) + 1, np.ceil(max(until, _LEAST) / _EVERY) + 1) * _EVERY
    )
    names, start = ([one.basis.maker], [one.basis.model]), np.full(len(ages), begun)
    shares = 1 - known.probability(*names, start, ages)
    low, high = np.quantile(1 - known.likely(*names, start, ages), BAND, axis=0)
    columns = (each.tolist() for each in (ages, shares, low, high))
    return [
        dict(zip(("age", "share", "low", "high"), row, strict=True)) for row in zip(*columns, strict=True)
    ]


def _key(maker: str, name: str) -> str:
    """What a model is called in an address, whatever is in its name."""
    return hashlib.blake2b(f"{maker}\0{name}".encode(), digest_size=6).hexdigest()


def _thinned(found: Sequence[Step]) -> Sequence[Step]:
    """At most STEPS of them, the last among them; each still tells the share that lived then."""
    if len(found) <= STEPS:
        return found
    return [found[place] for place in np.linspace(0, len(found) - 1, STEPS).astype(np.int64)]


def _alive(alive: Alive | None) -> dict[str, float | None]:
    names = ("share", "low", "high")
    return {name: None if alive is None else getattr(alive, name) for name in names}
