"""What a resource is: a document, or a list that comes in pages."""

from __future__ import annotations

import dataclasses
import heapq
import re
from collections.abc import Callable, Mapping, Sequence
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


class Left(NamedTuple):
    """Things in the order of the page, and the places, from 0 on, of those that filters leave.

    No object is made for each of ten thousand things at every request: the collector of garbage would look at all that the server
    remembers.
    """

    found: Sequence[Any]
    places: Sequence[int]


class Made(Sequence[T]):
    """Things that are made of others, at the same place in each of some sequences, when they are looked at."""

    def __init__(self, make: Callable[..., T], *of: Sequence[Any]) -> None:
        self._make, self._of = make, of

    def __len__(self) -> int:
        return len(self._of[0])

    def __getitem__(self, place: Any) -> Any:
        return self._make(*(each[place] for each in self._of))


class Asked(NamedTuple):
    """What somebody asks: the values of parameters that were given, by name, and the language of sentences."""

    data: Data
    texts: Texts
    given: Mapping[str, Any]

    def left(self, found: Sequence[T], **fields: Callable[[T], object]) -> Left:
        """What those filters leave that were given."""
        wanted = [(read, self.given[name]) for name, read in fields.items() if name in self.given]
        if not wanted:
            return Left(found, range(len(found)))
        return Left(
            found,
            [place for place, one in enumerate(found) if all(read(one) == value for read, value in wanted)],
        )


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
        """A word for it, such as `stores` or `stores_id`."""
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
    """Many objects. `ask` gives what the filters leave; None where nobody can tell what there is. `make` makes an item of one, and of its
    place, from 1 on.

    Pages go by `key`, the `id` of a thing, so that whoever walks through all of them meets each once although some come, go, or get worse
    meanwhile. Without a key they go by the place.
    """

    ask: Callable[[Asked], Left | None]
    make: Callable[[int, Any, Asked], Record]
    key: Callable[[Any], str] | None = None

    @property
    def answer(self) -> type[Record]:
        """The model of the whole answer."""
        return Page[self.model]  # type: ignore[name-defined]  # the model is known when it is declared, not to mypy

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """All that may stand in an address."""
        return *self.parameters, LIMIT, _AFTER_PLACE if self.key is None else _AFTER_ID


def page(listing: Listing, asked: Asked) -> Record | None:
    """The page of a list that is asked for; None where there is no list."""
    limit, after = asked.given.get("limit", USUAL), asked.given.get("after", "")
    left = listing.ask(asked)
    if left is None:
        return None
    found, places = left
    key = listing.key

    def name(place: int) -> str:
        return f"{place:08d}" if key is None else key(found[place])

    # One more than is shown tells whether a page follows.
    following = heapq.nsmallest(limit + 1, (one for one in places if name(one) > after), key=name)
    shown = following[:limit]
    items = [listing.make(place + 1, found[place], asked) for place in shown]
    more = _next(listing, asked, name(shown[-1])) if len(following) > limit else None
    return listing.answer.model_validate({"items": items, "total": len(places), "next": more})


def _next(listing: Listing, asked: Asked, last: str) -> str:
    given = {name: str(value) for name, value in asked.given.items()} | {"after": last}
    return f"{PREFIX}{listing.path}?{urlencode(given)}"


def _after(pattern: str) -> Parameter:
    """Where a page begins. A cursor of a list that is walked otherwise would begin anywhere, or nowhere: it is refused."""
    whole = re.compile(pattern)

    def read(given: str) -> str:
        if not whole.fullmatch(given):
            raise ValueError("write what the link to the next page says")
        return given

    about = "Where the page begins: part of the link `next` of the page before, which is best followed as it stands."
    return Parameter("after", about, {"type": "string", "pattern": f"^(?:{pattern})$"}, read)


LIMIT: Final = number("limit", "Items of a page.", 1, MOST, USUAL)
_AFTER_ID: Final = _after("[0-9a-f]{12}(?:[0-9a-f]{4})?")
_AFTER_PLACE: Final = _after("[0-9]{8}")
