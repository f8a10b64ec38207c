"""Scenarios of workstations that are prepared: a form with a number instead of a file. What is made is saved as any other."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import structlog
from flask import Flask, Response, redirect, request

from dashboard.access import gate
from dashboard.components import address
from dashboard.data import Data
from dashboard.texts import Texts
from inventory.lifecycle.catalogue import Cycle, products
from inventory.scenarios.reading import ScenarioError, revive
from inventory.state import State, scenarios

log = structlog.get_logger(__name__)

PATH: Final = "/scenarios/prepare"
ROLE: Final = "manager"
_LARGEST_FORM: Final = 16 * 1024
_PRODUCT: Final = "Windows 10"
_EDITION: Final = "LTSC"


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
    except ScenarioError as error:
        log.warning("scenario not prepared", why=str(error)[:200])
        return _to(unprepared="yes")
    data.prepare(found)
    return _to(name=found.name)


def _to(**query: str) -> Response:
    answer: Response = redirect(address("/scenarios", **query), 303)  # type: ignore[assignment]
    return answer


def scenario(form: Mapping[str, str], today: dt.date, t: Texts) -> dict[str, Any]:
    """The scenario of a form, as its file would say it. Raises ScenarioError where a field says what cannot be."""
    known = next((one for one in PREPARED if one.kind == form.get("kind")), None)
    if known is None:
        raise ScenarioError("there is no such change")
    number = _number(form.get("number", ""), known)
    year = _year(form.get("year", ""), today)
    start = max(today, dt.date(year, 1, 1))
    change = {"start": start.isoformat(), **_CHANGES[known.kind](number, form, today)}
    shown = t.number(abs(number), 0 if number == int(number) else 1)
    title = t(f"prepared.{known.kind}.{'less' if number < 0 else 'more'}", n=shown, year=year)
    use = form.get("use", "")
    name = "-".join(
        part for part in (known.kind, f"{number:+g}".replace("+", ""), str(year), _slug(use)) if part
    )
    return {"name": name.replace("--", "-minus-"), "title": title, "changes": [change]}


def _slug(text: str) -> str:
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text[:40]).strip(
        "-"
    )


def _number(text: str, known: Prepared) -> float:
    try:
        number = float(text.strip().replace("\u2212", "-").replace(",", ".").removesuffix("%"))
    except ValueError:
        raise ScenarioError(f"{text[:40]!r} is no number") from None
    if not known.least <= number <= known.most:
        raise ScenarioError(f"{number:g} does not lie between {known.least:g} and {known.most:g}")
    return number


def _year(text: str, today: dt.date) -> int:
    if not text.isdecimal() or not today.year <= int(text[:4]) <= today.year + 15:
        raise ScenarioError(f"{text[:10]!r} is no year of the plan")
    return int(text[:4])


def _budget(number: float, _form: Mapping[str, str], _today: dt.date) -> dict[str, Any]:
    return {"kind": "fleet-money", "rate": number / 100}


def _age(number: float, form: Mapping[str, str], _today: dt.date) -> dict[str, Any]:
    return {"kind": "age-limit", "years": number, **({"classes": [form["use"]]} if form.get("use") else {})}


def _updates(number: float, _form: Mapping[str, str], _today: dt.date) -> dict[str, Any]:
    """The maker doubles the price each year."""
    return {
        "kind": "updates",
        "product": _PRODUCT,
        "prices": [number, 2 * number, 4 * number] if number else [],
    }


def _editions(number: float, form: Mapping[str, str], today: dt.date) -> dict[str, Any]:
    last = longest(today)
    if last is None or last.ends is None:
        raise ScenarioError("the catalogue knows no edition that is mended longer")
    return {"kind": "edition", "fits": _fits(form), "until": last.ends.isoformat(), "price": number}


def _desktops(number: float, form: Mapping[str, str], _today: dt.date) -> dict[str, Any]:
    running = form.get("running", "0").strip().replace(",", ".")
    try:
        yearly = float(running or 0)
    except ValueError:
        raise ScenarioError(f"{running[:40]!r} is no number") from None
    if not 0 <= yearly <= 100_000:
        raise ScenarioError("what a desktop costs in a year lies between 0 and 100000")
    offer = {"title": "VDI", "price": number, "running": yearly, "fits": _fits(form), "life": 8}
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


_CHANGES: Final[Mapping[str, Callable[[float, Mapping[str, str], dt.date], dict[str, Any]]]] = {
    "budget": _budget, "age": _age, "updates": _updates, "edition": _editions, "desktops": _desktops,
}  # fmt: skip
