"""The catalogue: what makers sold, by product and version, and until when they mend it. Its rows: `products/*.yml`."""

from __future__ import annotations

import datetime as dt
import functools
import re
from pathlib import Path
from typing import Any, Final

from pydantic import Field, TypeAdapter

from inventory.credentials import Model
from inventory.places import read_shipped

FOLDER: Final = Path(__file__).parent / "products"

_NUMBERS: Final = re.compile(r"\d{1,9}(?:\.\d{1,9}){0,9}")


class Cycle(Model):
    """One row: a version of a product, for some editions where their dates differ.

    `ends` is the last day of updates for everybody, None where the maker announced none, or where it is `over` since a
    day before `checked` that nobody tells; `extended` that of updates
    which are paid for or made by others, with the name of that `extension`, `free` where nobody pays; `further` that of
    a second one. Of a version that is told by its build only, `build` is how builds begin, and `since` the first one.

    `source` is the maker's page of it, and `policy` that of all ends of the product where such a page tells of the
    version and not of its end; `through` whose table of it was read where the page itself was not, and `checked` the
    day as of which the one that was read said so. To the series of a `closed` one no version is added any more.
    """

    product: str
    version: str
    source: str
    checked: dt.date
    group: str
    policy: str | None = None
    through: str | None = None
    also: tuple[str, ...] = Field(())
    editions: tuple[str, ...] = Field(())
    build: str | None = None
    since: str | None = None
    kernel: str | None = None
    released: dt.date | None = None
    ends: dt.date | None = None
    over: bool = False
    extended: dt.date | None = None
    extension: str | None = None
    free: bool = False
    further: dt.date | None = None
    further_extension: str | None = None
    closed: bool = False

    @property
    def title(self) -> str:
        """As people say it: `Windows 11 24H2 (Home, Pro)`."""
        name = self.product if self.product.endswith(f" {self.version}") else f"{self.product} {self.version}"
        return f"{name} ({', '.join(self.editions)})" if self.editions else name

    def covers(self, version: str) -> bool:
        """Whether `version` is this one, or a part of it: 9.4 is of 9, 2019 SP1 of 2019."""
        ours, theirs = numbers(self.version), numbers(version)
        if ours and theirs:
            return theirs[: len(ours)] == ours
        return _begins(version.casefold(), self.version.casefold())

    def within(self, version: str) -> bool:
        """Whether this one is a part of `version`: 2016 SP3 is of 2016. An R2 is another product, not a part."""
        ours, theirs = numbers(self.version), numbers(version)
        if ours and theirs:
            return theirs in (ours[: len(theirs)], numbers(self.build or "")[: len(theirs)])
        mine, told = self.version.casefold(), version.casefold()
        return bool(told) and _begins(mine, told) and not mine.removeprefix(told).startswith(" r2")

    def built(self, version: str) -> bool:
        """Whether a system of that build is of this version: 10.0.19045.4291 and 19045 are of 10.0.19045."""
        ours, theirs = numbers(self.build or self.since or ""), numbers(version)
        if not ours or not theirs:
            return False
        if self.since:
            return theirs[:2] == ours[:2] and theirs >= numbers(self.since)
        return theirs[: len(ours)] == ours or (theirs[0] == ours[-1] and ours[-1] >= 1000)


def numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version that consists of nothing else: 22.04.4 is (22, 4, 4). Empty for any other."""
    return tuple(int(part) for part in version.split(".")) if _NUMBERS.fullmatch(version) else ()


def _begins(text: str, start: str) -> bool:
    return text == start or text.startswith((f"{start}.", f"{start} ", f"{start}-"))


@functools.cache
def cycles() -> tuple[Cycle, ...]:
    """The whole catalogue."""
    # a glob of a folder that cannot be opened is empty on newer Pythons, and would be kept as a catalogue without rows
    files = sorted(file for file in FOLDER.iterdir() if file.suffix == ".yml")
    rows = [row for file in files for row in _rows(file)]
    return TypeAdapter(tuple[Cycle, ...]).validate_python(rows)


@functools.cache
def products() -> dict[str, tuple[Cycle, ...]]:
    """The cycles of each product."""
    found: dict[str, list[Cycle]] = {}
    for one in cycles():
        found.setdefault(one.product, []).append(one)
    return {name: tuple(rows) for name, rows in found.items()}


def _rows(file: Path) -> list[dict[str, Any]]:
    """The rows of a file, each with what its file and its product say for all of theirs."""
    data = read_shipped(file).data
    made = list[dict[str, Any]]()
    for product in data["products"]:
        common = {name: value for name, value in product.items() if name not in ("cycles", "further")}
        common |= {"group": file.stem, "checked": product.get("checked", data["checked"])}
        common |= {"through": product.get("through", data.get("through"))}
        further = product.get("further")
        common |= {"further_extension": further["name"]} if further else {}
        made += [common | row for row in product["cycles"]]
    return made
