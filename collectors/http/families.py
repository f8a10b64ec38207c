"""The families of HTTP interfaces, and how each of their tables is read: its pages, and the paths it names."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from collectors import answers, documents, exposition, orthanc
from collectors.answers import Named
from collectors.api import INTERFACES, ApiFile, ApiTable, FactOf, Step
from collectors.http.sessions import Session, segment_of
from collectors.memory import Memory
from collectors.poll import PollError, Reading, StatusError
from inventory.estate import HttpAccess

PAGES: Final = 100
"""Pages of one table."""

FOLLOWED: Final = 500
"""Paths that one table follows."""

_PART: Final = 206
"""The status of an answer that is only a part of what there is."""

Reader = Callable[["Interface"], Awaitable[Reading]]


class Interface:
    """What one interface answers in one poll: what was asked once is not asked again."""

    def __init__(self, session: Session, access: HttpAccess, memory: Memory) -> None:
        self.session, self.access, self.memory = session, access, memory
        self.documents: dict[str, Any] = {}
        """What was answered, by path."""
        self.facts = {"family": access.family}

    @property
    def end(self) -> float:
        """When answers are no longer waited for (monotonic clock)."""
        return self.session.end

    async def get(self, path: str, *, part: bool = False) -> Any:
        """The JSON document at a path. Raises PollError, also where it is a part of one and may not be."""
        if path not in self.documents:
            answer = await self.session.ask(path)
            if answer.status == _PART and not part:
                raise PollError("capped", f"only a part of {path} was answered")
            if not answer.body.strip():
                raise PollError("empty_answer", f"HTTP {answer.status} without a document")
            self.documents[path] = documents.load(answer.body)
        return self.documents[path]

    async def text(self, path: str, accept: str) -> str:
        """The text at a path. Raises PollError."""
        if path not in self.documents:
            answer = await self.session.ask(path, accept=accept)
            self.documents[path] = answer.body.decode("utf-8", "replace")
        return str(self.documents[path])

    async def look(self, path: str) -> Any:
        """The JSON document at a path: neither kept for the poll nor shown, as it may tell of people."""
        return documents.load((await self.session.ask(path, quiet=True)).body)

    async def peek(self, path: str) -> str:
        """The text at a path: as for `look`."""
        return (await self.session.ask(path, "*/*", quiet=True)).body.decode("utf-8", "replace")

    async def post(self, path: str, document: Any) -> None:
        """Ask for something to be done, such as an echo. Raises PollError."""
        await self.session.ask(path, document=document)


async def read(table: ApiTable, interface: Interface) -> Reading:
    """The reading of a table. Raises PollError."""
    try:
        return await _reading(table, interface)
    except StatusError as error:
        if table.optional and error.status == 404:
            return Reading((), ())
        raise


async def _reading(table: ApiTable, interface: Interface) -> Reading:
    if table.format == "prometheus":
        return answers.read(
            table, *exposition.rows(table, await interface.text(table.get, exposition.ACCEPT))
        )
    if table.follow:
        return answers.read(table, *await followed(table, interface))
    return answers.read(table, *await _pages(table, interface))


async def _pages(table: ApiTable, interface: Interface) -> list[Any]:
    """The documents that are the pages of a table."""
    pages: list[Any] = []
    path, asked = table.get, {""}
    while path not in asked:
        if len(pages) == PAGES:
            raise PollError("capped", f"stopped after {PAGES} pages of {table.get}")
        asked.add(path)
        document = await interface.get(path, part=table.pages is not None or table.next is not None)
        pages.append(document)
        path = _following(table, interface, document, len(pages))
    if path:
        raise PollError("unparsed", f"a page of {table.get} names one that was read before as the next")
    return pages


def _following(table: ApiTable, interface: Interface, document: Any, read: int) -> str:
    """The path of the next page, empty after the last one."""
    if table.next is not None:
        named = answers.find(document, table.next)
        return interface.session.local(named) if named else ""
    pages = table.pages
    if pages is None:
        return ""
    if pages.cursor is not None:
        value = answers.find(document, pages.cursor)
    else:
        full = pages.size is not None and answers.count(table, document) >= pages.size
        value = str(read * (pages.size or 0)) if full else ""
    joint = "&" if "?" in table.get else "?"
    return f"{table.get}{joint}{urlencode({pages.parameter: value})}" if value else ""


async def followed(source: ApiTable | FactOf, interface: Interface) -> list[Named]:
    """The documents at the paths that a document names, and those that these name, and so on: each once."""
    found = [Named("", await interface.get(source.get))]
    for step in source.follow:
        paths = dict(_paths(step, found, interface.session))
        if len(paths) > FOLLOWED:
            raise PollError("capped", f"{source.get} leads to more than {FOLLOWED} paths")
        asked = [Named(name, await _named(interface, path)) for path, name in paths.items()]
        found = [named for named in asked if named.document is not None]
    return found


def _paths(step: str | Step, found: Sequence[Named], session: Session) -> Iterator[tuple[str, str]]:
    """The paths that documents name, each with the name that it comes from."""
    for _, document in found:
        if isinstance(step, str):
            yield from ((session.local(name), name) for name in answers.texts(document, step))
            continue
        for name, key in answers.called(document, step.at, step.called):
            if segment := segment_of(name):
                yield f"{step.before}{segment}{step.after}", key


async def _named(interface: Interface, path: str) -> Any:
    """The document at a path that another one names, None where it is gone meanwhile."""
    try:
        return await interface.get(path)
    except StatusError as error:
        if error.status != 404:
            raise
        return None


async def tell(fact: FactOf, interface: Interface) -> str:
    """What a system says that it is, empty where it says nothing. Raises PollError."""
    if fact.format == "text":
        return documents.fact(await interface.text(fact.get, "text/plain"), fact.pattern)
    if fact.series is not None:
        found = exposition.rows_of({fact.series}, await interface.text(fact.get, exposition.ACCEPT))
    else:
        found = [document for _, document in await followed(fact, interface)]
    return next(filter(None, map(fact.read, found)), "")


def readers(family: ApiFile) -> dict[str, Reader]:
    """The readers of a declared family's tables, by name."""
    return {table.name: functools.partial(read, table) for table in family.tables}


class Families(Mapping[str, Mapping[str, Reader]]):
    """Readers of each family by the names of their tables; they ask the interface, and may note `facts`."""

    def __init__(self, declared: Mapping[str, ApiFile]) -> None:
        self._declared = declared

    def __getitem__(self, name: str) -> Mapping[str, Reader]:
        return orthanc.TABLES if name == "orthanc" else readers(self._declared[name])

    def __iter__(self) -> Iterator[str]:
        return iter(("orthanc", *self._declared))

    def __len__(self) -> int:
        return len(self._declared) + 1

    def __contains__(self, name: object) -> bool:
        return name == "orthanc" or name in self._declared


FAMILIES: Final = Families(INTERFACES)
