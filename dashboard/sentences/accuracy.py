"""What became of forecasts, in sentences: how many held, which did not, and what came in between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from dashboard.sentences.outlooks import amount
from dashboard.sentences.walls import quantity
from dashboard.texts import Texts, plain
from exporters.history.naming import is_notation, parse
from exporters.plan.frozen import COMMITTED, EXTENDED, FALL, MISREAD, REDUCED, RISE
from exporters.plan.ledger import Miss, Standing
from forecasting.quantities import own_name, quantity_of, row_of

_FEW: Final = 5
"""Forecasts below which a share says little, and is not shown."""

_SIZED: Final = (("record.extended", EXTENDED), ("record.reduced", REDUCED), ("record.committed", COMMITTED))


def describe(standings: Sequence[Standing], t: Texts) -> list[str]:
    """How the forecasts of one store turned out, a sentence a horizon; why the last that did not hold was wrong.

    Empty where none has come due yet.
    """
    found = [record(one, t) for one in standings if one.scored]
    missed = [one.last for one in standings if one.last is not None]
    if missed:
        found.append(wrong(max(missed, key=lambda one: one.due), t))
    return found


def record(standing: Standing, t: Texts) -> str:
    """Of 41 forecasts of 90 days that came due, 33 held (80%)."""
    ratio = standing.in80 / standing.scored if standing.scored >= _FEW else None
    text = t(
        "record.held" if standing.scored > 1 else "record.held.one",
        scored=t.number(standing.scored),
        horizon=standing.horizon,
        held=t.number(standing.in80),
        ratio="" if ratio is None else f" ({t.ratio(ratio)})",
    )
    missing = standing.due - standing.scored
    return f"{text} {t.count('record.unscored', missing)}" if missing else text


def wrong(miss: Miss, t: Texts) -> str:
    """It was wrong on 2 March 2026 by +18%: 3.1 TB came at once on 20 February 2026."""
    return t("record.wrong", day=t.day(date(miss.due)), share=share(miss, t), why=cause(miss, t))


def value(miss: Miss, found: float, t: Texts) -> str:
    """A value of the series that was forecast: bytes of what stores, and of processors, licences and sessions what they are counted in."""
    return amount(found, _unit(miss), t)


def thing(miss: Miss, t: Texts) -> tuple[str, str]:
    """The target of what was forecast, and what it is called where it is no store: the quantity, of which part of the target."""
    series = parse(miss.unique_id)
    own, what = own_name(series.labels), t(quantity(quantity_of(series.metric)))
    return series.target, f"{plain(own)} ({what})" if own else what


def _unit(miss: Miss) -> str:
    if not is_notation(miss.unique_id):
        return "bytes"
    try:
        return row_of(parse(miss.unique_id).metric).unit
    except KeyError:  # it was planned once
        return ""


def share(miss: Miss, t: Texts) -> str:
    """How far off it was, as a share of the level on the day it was made, with its sign."""
    if not miss.level > 0:
        off = miss.came - miss.mean
        return f"{_sign(off)}{value(miss, abs(off), t)}"
    ratio = (miss.came - miss.mean) / miss.level
    return f"{_sign(ratio)}{t.ratio(abs(ratio))}"


def _sign(number: float) -> str:
    return "+" if number >= 0 else "−"


def cause(miss: Miss, t: Texts) -> str:
    """What is known to have happened between the forecast and its day."""
    found = []
    if miss.state & MISREAD:
        found.append(t("record.misread"))
    if miss.state & (RISE | FALL):
        key = "record.rise" if miss.state & RISE else "record.fall"
        found.append(t(key, size=value(miss, abs(miss.jump), t), day=t.day(date(miss.jumped))))
    found += [t(key) for key, bit in _SIZED if miss.state & bit]
    return t("record.and").join(found) if found else t("record.nothing")


def date(number: int) -> dt.date:
    """The day of a number of days since 1970-01-01."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=number)
