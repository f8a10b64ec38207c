"""Views that users save, and remove: forms of our own, as for decisions.

The gate refuses whatever does not come from a page of this server. A view leads to a page of ours, never elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, get_args
from urllib.parse import quote, urlencode

from flask import Flask, Response, abort, redirect, request

from dashboard.access import gate
from dashboard.components import address, query, saving
from inventory.state import State, views
from inventory.state.views import ViewError

PATH, PAGE = saving.ACT, saving.PATH

Refusal = Literal[views.Refusal, "page"]
"""Beside what a state refuses: there is no such page."""

REFUSALS: Final[tuple[Refusal, ...]] = (*get_args(views.Refusal), "page")
DONE: Final = ("saved", "removed")
_PASSING: Final = frozenset({"done", "refused"})
"""Fields that tell what became of a form: they are no part of a view."""

_LARGEST_FORM: Final = 16 * 1024


def connect(server: Flask, state: State, is_page: Callable[[str], bool]) -> None:
    """Let forms save and remove views of pages that there are."""
    server.add_url_rule(PATH, "view", lambda: _act(state, is_page), methods=["POST"])


def kept(search: str) -> str:
    """The part of an address that a view keeps: what was chosen."""
    chosen = {name: value for name, value in query(search).items() if name not in _PASSING}
    return urlencode(chosen, quote_via=quote)


def _act(state: State, is_page: Callable[[str], bool]) -> Response:
    if gate.is_demo():
        abort(403)
    request.max_content_length = _LARGEST_FORM
    form, user = request.form, gate.current().name
    if form.get("action") == "remove":
        number = form.get("number", "")
        known = number.isascii() and number.isdecimal() and len(number) < 16
        done = known and views.remove(state, user, int(number))
        return _to(done="removed") if done else _to()
    path, name = form.get("path", ""), form.get("name", "")
    try:
        if not is_page(path):
            return _to(refused="page")
        views.save(state, user, name, path, kept(form.get("search", "")))
    except ViewError as error:
        return _to(refused=error.why)
    return _to(done="saved", name=name.strip())


def _to(**told: str) -> Response:
    answer: Response = redirect(address(PAGE, **told), 303)  # type: ignore[assignment]
    return answer
