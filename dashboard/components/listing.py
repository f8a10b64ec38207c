"""Long lists: a page of rows at a time, as the address says, so that a browser never gets more than it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import Child, Column, View, address, choices, empty, extra, lead, link, table

Row = TypeVar("Row")

ROWS: Final = 50
"""Rows of one page of a list."""

GROUPS: Final = 30
"""Groups that are shown."""

_MOST: Final = 12
"""Values of a filter that are offered; the others are reached by their rows."""


def again(path: str, view: View, **changed: str) -> str:
    """The same view with something changed; "" takes a choice away. A list begins at its first page again."""
    query = {**view.query, "page": "", **changed}
    return address(path, **{name: value for name, value in query.items() if value})


def paged(
    rows: Sequence[Row], path: str, view: View, name: str = "page", most: int = ROWS
) -> tuple[Sequence[Row], list[Component]]:
    """The rows of the page that the address names, `most` at a time, and the way to the others."""
    t, pages = view.t, max(-(-len(rows) // most), 1)
    asked = view.query.get(name, "1")
    here = min(max(int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1, 1), pages)
    shown = rows[(here - 1) * most : here * most]
    if pages == 1:
        return shown, []
    first = (here - 1) * most + 1
    said = t(
        "list.part", first=t.number(first), last=t.number(first + len(shown) - 1), all=t.number(len(rows))
    )
    ways: list[Child] = [html.Span(said, className="dim")]
    for key, place in (("before", here - 1), ("after", here + 1)):
        if 1 <= place <= pages:
            query = {**view.query, name: str(place)}
            ways.append(
                dcc.Link(
                    t(f"list.{key}"),
                    href=address(path, **query),
                    id={"link": f"{name} {key}"},
                    className="choice",
                )
            )
    return shown, [
        html.Div(ways, className="choices pages", role="group", **extra(aria_label=t("list.pages")))
    ]


def listing(
    columns: Sequence[Column],
    rows: Sequence[Row],
    cells: Any,
    caption: str,
    path: str,
    view: View,
    none: str,
    name: str = "page",
    most: int = ROWS,
) -> list[Component]:
    """A table of one page of rows, `most` of them; `cells(place, row)` makes the cells of one; `name` is the field of the
    address that holds its page. Words where there is none."""
    if not rows:
        return [empty(none)]
    shown, ways = paged(rows, path, view, name, most)
    made = [cells(place, row) for place, row in enumerate(shown)]
    return [table(columns, made, caption, view.t), *ways]


def groups(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Any]],
    caption: str,
    none: str,
    view: View,
    most: int = GROUPS,
) -> list[Component]:
    """The first groups, and words that tell how many there are where those are not all."""
    if not rows:
        return [empty(none)]
    t = view.t
    more = (
        [lead(t("workstations.more", n=t.number(most), all=t.number(len(rows))))] if len(rows) > most else []
    )
    return [*more, table(columns, rows[:most], caption, t)]


def pick(
    title: str, name: str, options: Sequence[tuple[str, str]], path: str, view: View, default: str = ""
) -> Component:
    """A choice among few values of a field of the address: (value, words); `default` is chosen where it names none."""
    chosen = view.query.get(name, default)
    links = [
        (words, again(path, view, **{name: "" if value == default else value}), value == chosen)
        for value, words in options
    ]
    return choices(title, links, name)


def chosen(view: View, name: str, allowed: Sequence[str], default: str) -> str:
    """What the address says of a field, where that is allowed."""
    found = view.query.get(name, default)
    return found if found in allowed else default


def places(title: str, name: str, counts: Mapping[str, int], path: str, view: View) -> Component | None:
    """A filter by a field of things, such as where they are; None where there is nothing to choose."""
    if len(counts) < 2:
        return None
    t = view.t
    most = sorted(counts, key=lambda one: (-counts[one], one))[:_MOST]
    options = [
        ("", t(f"every.{name}")),
        *((one, one if len(one) < 40 else one[:39] + "…") for one in sorted(most)),
    ]
    return pick(title, name, options, path, view)


def around(here: str, view: View) -> Component:
    """The pages about workstations, this one marked."""
    t = view.t
    links = [(t(f"around.{name}"), path, name == here) for name, path in _AROUND]
    return choices(t("around"), links, "around")


_AROUND: Final = (
    ("overview", "/workstations"), ("deadlines", "/workstations/deadlines"), ("fitness", "/workstations/fitness"),
    ("care", "/workstations/care"), ("rollouts", "/workstations/rollouts"), ("renewal", "/renewal"),
    ("import", "/workstations/import"),
)  # fmt: skip


def downloads(title: str, path: str, forms: Sequence[str], **query: str) -> Component:
    """Files to take away: plain links, which the browser saves."""
    links: list[Child] = [
        html.A(form.upper(), href=address(path, form=form, **query), download="", className="choice")
        for form in forms
    ]
    return html.Div(
        [html.Span(title, className="dim"), *links],
        className="choices",
        role="group",
        **extra(aria_label=title),
    )


def nothing(t: Any) -> list[Component]:
    """What stands where nothing was imported yet."""
    return [empty(t("workstations.empty")), link(t("around.import"), "/workstations/import", "import")]
