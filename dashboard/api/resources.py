"""What a resource is: a document, or a list that comes in pages."""

from __future__ import annotations

import dataclasses
import heapq
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlencode

from dashboard.api.parameters import Parameter, number
from dashboard.api.records import Page, Record
from dashboard.data import Data
from dashboard.texts import Texts
from inventory.access import Role

PREFIX: Final = "/api/v1"

USUAL, MOST = 100, 1000
"""Items of a page, where nobody says how many, and at most."""


T = TypeVar("T")


class Asked(NamedTuple):
    """What somebody asks: the values of parameters that were given, by name, and the language of sentences."""

    data: Data
    texts: Texts
    given: Mapping[str, Any]

    def left(self, found: Iterable[T], **fields: Callable[[T], object]) -> list[tuple[int, T]]:
        """What those filters leave that were given, with the places in the order of the page, from 1 on."""
        wanted = [(read, self.given[name]) for name, read in fields.items() if name in self.given]
        return [
            (place, one)
            for place, one in enumerate(found, 1)
            if not wanted or all(read(one) == value for read, value in wanted)
        ]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something that programs may read. `path` holds `{name}` for parameters in it; `page` shows the same to people.

    `rests_on` names the files without which nothing is answered: that there is nothing is another answer. `is_worded` says
    that it holds sentences, which are in the language of who asks.
    """

    path: str
    title: str
    about: str
    page: str
    model: type[Record]
    rests_on: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()
    role: Role = "viewer"
    is_worded: bool = False

    @property
    def name(self) -> str:
        """A word for it, such as `stores` or `stores_one`."""
        return self.path.strip("/").replace("{", "").replace("}", "").replace("/", "_").replace("-", "_")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Document(Resource):
    """One object; `ask` gives None where there is none."""

    ask: Callable[[Asked], Record | None]

    @property
    def answer(self) -> type[Record]:
        """The model of the whole answer."""
        return self.model

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """All that may stand in an address."""
        return self.parameters


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Resource):
    """Many objects. `ask` gives what the filters leave, in the order of the page, with its place there, from 1 on; None where nobody
    can tell what there is. `make` makes an item of one.

    Pages go by `key`, the `id` of a thing, so that whoever walks through all of them meets each once although some come, go, or get worse
    meanwhile. Without a key they go by the place.
    """

    ask: Callable[[Asked], Sequence[tuple[int, Any]] | None]
    make: Callable[[int, Any, Asked], Record]
    key: Callable[[Any], str] | None = None

    @property
    def answer(self) -> type[Record]:
        """The model of the whole answer."""
        return Page[self.model]  # type: ignore[name-defined]  # the model is known when it is declared, not to mypy

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """All that may stand in an address."""
        return *self.parameters, LIMIT, AFTER


def page(listing: Listing, asked: Asked) -> Record | None:
    """The page of a list that is asked for; None where there is no list."""
    limit, after = asked.given.get("limit", USUAL), asked.given.get("after", "")
    found = listing.ask(asked)
    if found is None:
        return None
    keyed = ((_key(listing, place, one), place, one) for place, one in found)
    # One more than is shown tells whether a page follows.
    next_ones = heapq.nsmallest(limit + 1, (one for one in keyed if one[0] > after), key=lambda one: one[0])
    shown = next_ones[:limit]
    items = [listing.make(place, one, asked) for _, place, one in shown]
    following = _next(listing, asked, shown[-1][0]) if len(next_ones) > limit else None
    return listing.answer.model_validate({"items": items, "total": len(found), "next": following})


def _key(listing: Listing, place: int, one: Any) -> str:
    return f"{place:08d}" if listing.key is None else listing.key(one)


def _next(listing: Listing, asked: Asked, last: str) -> str:
    given = {name: str(value) for name, value in asked.given.items()} | {"after": last}
    return f"{PREFIX}{listing.path}?{urlencode(given)}"


def _cursor(given: str) -> str:
    if not _CURSOR.fullmatch(given):
        raise ValueError("write what the link to the next page says")
    return given


_CURSOR: Final = re.compile("[0-9a-f]{1,16}")

LIMIT: Final = number("limit", "Items of a page.", 1, MOST, USUAL)
AFTER: Final = Parameter(
    "after",
    "Where the page begins: part of the link `next` of the page before, which is best followed as it stands.",
    {"type": "string", "pattern": f"^{_CURSOR.pattern}$"},
    _cursor,
)
