"""Scenarios of workstations that are prepared: a form with a number instead of a file. What is made is saved as any other."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import structlog
from flask import Flask, Response, redirect, request

from dashboard.access import gate
from dashboard.components import address
from dashboard.data import Data
from dashboard.texts import Texts
from inventory import quantities
from inventory.lifecycle.catalogue import Cycle, products
from inventory.scenarios.reading import ScenarioError, revive
from inventory.state import State, scenarios

log = structlog.get_logger(__name__)

PATH: Final = "/scenarios/prepare"
ROLE: Final = "manager"
_LARGEST_FORM: Final = 16 * 1024
_PRODUCT: Final = "Windows 10"
_EDITION: Final = "LTSC"
_RUNNING: Final = 100_000
"""What a desktop may cost in a year."""

_DECIMALS: Final = 4
"""Of a number; more are rounded."""

_LONGEST_NAME: Final = 128


class Prepared(NamedTuple):
    """A change that is offered: its kind, the number that it begins with, and between which it lies."""

    kind: str
    number: float
    least: float
    most: float


PREPARED: Final = (
    Prepared("budget", -20, -100, 500),
    Prepared("age", 1, -5, 5),
    Prepared("updates", 55, 0, 100_000),
    Prepared("edition", 0, 0, 100_000),
    Prepared("desktops", 450, 0, 100_000),
)
"""Percent of the money, years of age limits, price of a first year of updates, price of another edition, of a thin client."""


def connect(server: Flask, data: Data, state: State, speak: Callable[[Data], Texts]) -> None:
    """Let forms make scenarios."""
    server.add_url_rule(PATH, "prepare", lambda: _prepare(data, state, speak(data)), methods=["POST"])


def _prepare(data: Data, state: State, t: Texts) -> Response:
    gate.require(ROLE)
    request.max_content_length = _LARGEST_FORM
    try:
        made = scenario(request.form, data.today, t)
        text = json.dumps(made, ensure_ascii=False)
        found = revive(text)
        scenarios.save(state, found, text, gate.current().name, data.clock(), request.remote_addr or "")
    except quantities.AmbiguousError:
        return _to(unprepared="unclear")
    except ScenarioError as error:
        log.warning("scenario not prepared", why=str(error)[:200])
        return _to(unprepared="yes")
    data.prepare(found)
    return _to(name=found.name)


def _to(**query: str) -> Response:
    answer: Response = redirect(address("/scenarios", **query), 303)  # type: ignore[assignment]
    return answer


def scenario(form: Mapping[str, str], today: dt.date, t: Texts) -> dict[str, Any]:
    """The scenario of a form, as its file would say it. Raises ScenarioError where a field says what cannot be, and
    AmbiguousError where a number may be one of two."""
    known = next((one for one in PREPARED if one.kind == form.get("kind")), None)
    if known is None:
        raise ScenarioError("there is no such change")
    number = _number(form.get("number", ""), known.least, known.most)
    running = _number(form.get("running") or "0", 0, _RUNNING) if known.kind == "desktops" else 0
    year = _year(form.get("year", ""), today)
    start = max(today, dt.date(year, 1, 1))
    change = {"start": start.isoformat(), **_CHANGES[known.kind](number, running, form, today)}
    title = t(f"prepared.{known.kind}.{'less' if number < 0 else 'more'}", n=_shown(number, t), year=year)
    if running:
        title += t("prepared.desktops.running", n=_shown(running, t))
    sign, more = "minus-" if number < 0 else "", f"-running-{_digits(running)}" if running else ""
    use = f"-{form['use']}" if form.get("use") else ""
    name = _slug(f"{known.kind}-{sign}{_digits(number)}{more}-{year}{use}")
    return {"name": name, "title": title, "changes": [change]}


def _slug(text: str) -> str:
    """A text as the name of a scenario: names of classes, which keep to the same letters, stay as they are."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", text)[:_LONGEST_NAME]


def _digits(number: float) -> str:
    """A number without its sign, with as many decimals as it has."""
    return f"{abs(number):.{_DECIMALS}f}".rstrip("0").rstrip(".")


def _shown(number: float, t: Texts) -> str:
    """The same as people write it."""
    return t.number(abs(number), len(_digits(number).partition(".")[2]))


def _number(text: str, least: float, most: float) -> float:
    try:
        number = quantities.decimal(text[:40].strip().removesuffix("%"))
    except quantities.AmbiguousError:
        raise
    except ValueError as error:
        raise ScenarioError(str(error)) from None
    if not least <= number <= most:
        raise ScenarioError(f"{number:g} does not lie between {least:g} and {most:g}")
    return round(number, _DECIMALS)


def _year(text: str, today: dt.date) -> int:
    if len(text) != 4 or not text.isdecimal() or not today.year <= int(text) <= today.year + 15:
        raise ScenarioError(f"{text[:10]!r} is no year of the plan")
    return int(text)


def _budget(number: float, _running: float, _form: Mapping[str, str], _today: dt.date) -> dict[str, Any]:
    return {"kind": "fleet-money", "rate": number / 100}


def _age(number: float, _running: float, form: Mapping[str, str], _today: dt.date) -> dict[str, Any]:
    return {"kind": "age-limit", "years": number, **({"classes": [form["use"]]} if form.get("use") else {})}


def _updates(number: float, _running: float, _form: Mapping[str, str], _today: dt.date) -> dict[str, Any]:
    """The maker doubles the price each year."""
    return {
        "kind": "updates",
        "product": _PRODUCT,
        "prices": [number, 2 * number, 4 * number] if number else [],
    }


def _editions(number: float, _running: float, form: Mapping[str, str], today: dt.date) -> dict[str, Any]:
    last = longest(today)
    if last is None or last.ends is None:
        raise ScenarioError("the catalogue knows no edition that is mended longer")
    return {"kind": "edition", "fits": _fits(form), "until": last.ends.isoformat(), "price": number}


def _desktops(number: float, running: float, form: Mapping[str, str], _today: dt.date) -> dict[str, Any]:
    offer = {"title": "VDI", "price": number, "running": running, "fits": _fits(form), "life": 8}
    return {"kind": "instead", "name": "vdi", "offer": offer}


def _fits(form: Mapping[str, str]) -> dict[str, Any]:
    return {"classes": [form["use"]]} if form.get("use") else {}


def longest(today: dt.date) -> Cycle | None:
    """The edition of the long-term channel that is mended the longest and is out."""
    known = (
        one
        for one in products()[_PRODUCT]
        if one.ends
        and any(_EDITION in name for name in one.editions)
        and (one.released is None or one.released <= today)
    )
    return max(known, key=lambda one: one.ends or dt.date.min, default=None)


_CHANGES: Final[Mapping[str, Callable[[float, float, Mapping[str, str], dt.date], dict[str, Any]]]] = {
    "budget": _budget, "age": _age, "updates": _updates, "edition": _editions, "desktops": _desktops,
}  # fmt: skip
