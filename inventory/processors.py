"""Processors by name, and the lists of those that a system is made for, which makers publish and people import.

A processor is called differently by each who tells it: `Intel(R) Core(TM) i5-10500T CPU @ 2.30GHz`, `Intel Core i5 10500T`,
`Core™ i5-10500T`. All are read into one name, here `intel i5-10500t`; what is not understood has none.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from inventory.imports import ImportFailedError
from inventory.imports.reasons import say
from inventory.state import State, audit

_SETTING: Final = "processors"
LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a list: a hundred times the longest one that is published."""

_LONGEST: Final = 200
"""Characters of a name that are looked at."""

_NOISE: Final = re.compile(
    r"\((?:r|tm|c)\)|[®™©]|@.*|\b(?:cpu|processors?|processeurs?|apu|\d+(?:st|nd|rd|th) gen|genuine)\b|\b(?:with|w/) .*"
)
_NO: Final = frozenset(
    {"no", "non", "false", "0", "unsupported", "not supported", "non supporte", "non pris en charge"}
)
_YES: Final = frozenset({"yes", "oui", "true", "1", "supported", "supporte", "pris en charge"})
_TITLES: Final = frozenset(
    {"model", "modele", "brand", "manufacturer", "processor", "processeur", "name", "nom"}
)

_Name = Callable[[re.Match[str]], str]

_FAMILIES: Final[tuple[tuple[re.Pattern[str], _Name], ...]] = (
    (
        re.compile(r"\bcore ultra ([3579])[ -]*(\d{3}[a-z]{0,3})\b"),
        lambda m: f"intel core ultra {m[1]}-{m[2]}",
    ),
    (re.compile(r"\b(i[3579]|m[357])[ +-]+([a-z]?\d[a-z0-9]{2,6})\b"), lambda m: f"intel {m[1]}-{m[2]}"),
    (re.compile(r"\bcore ([3579])[ -]+(\d{3}[a-z]{0,3})\b"), lambda m: f"intel core {m[1]}-{m[2]}"),
    (
        re.compile(
            r"\bxeon (?:(platinum|gold|silver|bronze|max) )?((?:[a-z]\d?-?)?\d{4,5}[a-z]{0,3})(?: (v\d))?\b"
        ),
        lambda m: " ".join(part for part in ("intel xeon", m[1], m[2], m[3]) if part),
    ),
    (
        re.compile(r"\b(celeron|pentium) (?:(?:gold|silver|dual-core|dual core) )*([a-z]?\d{4}[a-z]{0,2})\b"),
        lambda m: f"intel {m[1]} {m[2]}",
    ),
    (re.compile(r"\batom ((?:x\d-)?[a-z]{0,2}\d{3,5}[a-z]{0,3})\b"), lambda m: f"intel atom {m[1]}"),
    (
        re.compile(r"\bcore ?2 (?:duo |quad |extreme )*([a-z]{0,2}\d{4}[a-z]?)\b"),
        lambda m: f"intel core 2 {m[1]}",
    ),
    (
        re.compile(
            r"\bryzen ((?:(?:threadripper|embedded|ai|max\+?|hx|pro|z[12]|extreme|[3579]) )*)([a-z]?\d{3,4}[a-z]{0,3}\d?)(?![\w-])"
        ),
        lambda m: f"amd ryzen {m[1]}{m[2]}",
    ),
    (
        re.compile(r"\bathlon ((?:(?:gold|silver|pro|ii|x[234]|64) )*)(\d{3,4}[a-z]{0,2})\b"),
        lambda m: f"amd athlon {m[1]}{m[2]}",
    ),
    (re.compile(r"\bepyc (\d[a-z0-9]{3,4})\b"), lambda m: f"amd epyc {m[1]}"),
    (re.compile(r"\b(?:amd |pro )(a\d{1,2})[ -](\d{4}[a-z]{0,2})\b"), lambda m: f"amd {m[1]}-{m[2]}"),
    (re.compile(r"^(?:amd )*(3\d{3}e)\b"), lambda m: f"amd {m[1]}"),
    (re.compile(r"\b(x1[ep]?)-?(\d{2})-?(\d{3})\b"), lambda m: f"qualcomm {m[1]}-{m[2]}-{m[3]}"),
    (
        re.compile(r"\bsnapdragon (\d{3}|[78]cx?)(?: (gen \d))?\b"),
        lambda m: " ".join(part for part in ("qualcomm snapdragon", m[1], m[2]) if part),
    ),
    (re.compile(r"\bmicrosoft (sq\d)\b"), lambda m: f"qualcomm {m[1]}"),
    (re.compile(r"^(?:intel )*(n\d{2,4})\b"), lambda m: f"intel {m[1]}"),
)
"""Families by how their processors are called, the more particular first."""


class Refused(NamedTuple):
    """A line of a list that names no processor. `line` is 1-based."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: names no processor that is known: {self.text!r}"


@dataclasses.dataclass(frozen=True, slots=True)
class Processors:
    """What was imported: names of processors that a list has, those that it marks as not supported, and by maker the day
    of its list."""

    supported: frozenset[str]
    unsupported: frozenset[str]
    days: Mapping[str, dt.date] = dataclasses.field(default_factory=dict)


class OfMaker(NamedTuple):
    """Names of processors of one maker: those that a list has, of them those that it adds, those that it has no more, and those
    that it marks as not supported."""

    supported: frozenset[str]
    new: frozenset[str]
    gone: frozenset[str]
    unsupported: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Preview:
    """What taking over a list would do: by maker, how many processors it has, had before, and marks as unsupported."""

    file: str
    found: Processors
    before: Processors | None
    refused: tuple[Refused, ...]

    def makers(self) -> dict[str, OfMaker]:
        """What it would do, by maker."""
        found = self.found
        before = self.before.supported if self.before else frozenset()
        made = {}
        for maker in sorted({_maker(name) for name in found.supported | found.unsupported}):
            now, old = _of(found.supported, maker), _of(before, maker)
            made[maker] = OfMaker(now, now - old, old - now, _of(found.unsupported, maker))
        return made

    def lines(self, limit: int = 20) -> Iterator[str]:
        """The preview in words, for a terminal."""
        makers = self.makers()
        for maker, one in makers.items():
            yield (
                f"{maker}: {_count(one.supported)}, {len(one.new)} new, {len(one.gone)} gone, {len(one.unsupported)} marked unsupported"
            )
        if not makers:
            yield f"{self.file}: no processor found"
        yield from (f"  refused: {one}" for one in self.refused[:limit])
        if len(self.refused) > limit:
            yield f"  refused: and {len(self.refused) - limit} more"


def identify(name: str | None) -> str | None:
    """The one name of a processor, however it is told: the maker, the family, the model. None where it is not known."""
    plain = unicodedata.normalize(
        "NFKD", (name or "")[:_LONGEST].replace("™", " ").replace("®", " ")
    ).casefold()
    kept = "".join(one if one.isprintable() else " " for one in plain if not unicodedata.combining(one))
    text = " ".join(_NOISE.sub(" ", kept).split())
    for pattern, called in _FAMILIES:
        if found := pattern.search(text):
            return " ".join(called(found).split())
    return None


def read(path: Path) -> tuple[Processors, tuple[Refused, ...]]:
    """The processors of a file: a name in each line, or a table (CSV, tabs, Markdown) of manufacturer, brand and model.

    A column titled `supported` marks those that are not. Raises ImportFailedError where the file cannot be read.
    """
    supported, unsupported, refused = set[str](), set[str](), list[Refused]()
    mark: int | None = None
    for line, cells in _rows(path):
        titles = [_plain(cell) for cell in cells]
        if any(title in _TITLES for title in titles):
            mark = next((at for at, title in enumerate(titles) if title in _YES), None)
            continue
        text = " ".join(cell for at, cell in enumerate(cells) if at != mark)
        name = identify(text)
        if name is None:
            refused.append(Refused(line, text[:60]))
        elif mark is not None and mark < len(cells) and titles[mark] in _NO:
            unsupported.add(name)
        else:
            supported.add(name)
    return Processors(frozenset(supported), frozenset(unsupported - supported)), tuple(refused)


def preview(state: State, path: Path) -> Preview:
    """What a list would change. Raises ImportFailedError and StateError."""
    found, refused = read(path)
    return Preview(path.name, found, load(state), refused)


def commit(state: State, made: Preview, day: dt.date, who: str, source: str = "") -> None:
    """Keep a list, for each maker that it has processors of; the lists of other makers stay. Raises StateError."""
    found = made.found
    with state.write() as connection:
        row = connection.execute("SELECT value FROM setting WHERE name = ?", (_SETTING,)).fetchone()
        lists = json.loads(row[0]) if row else {}
        for maker in sorted({_maker(name) for name in found.supported | found.unsupported}):
            lists[maker] = {
                "day": day.isoformat(),
                "supported": sorted(_of(found.supported, maker)),
                "unsupported": sorted(_of(found.unsupported, maker)),
            }
        connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (_SETTING, json.dumps(lists)))
        audit.record(connection, who, "processors imported", f"{made.file}: {len(found.supported)}", source)


def load(state: State) -> Processors | None:
    """The lists that were imported, None where none was. Raises StateError."""
    with state.read() as connection:
        row = connection.execute("SELECT value FROM setting WHERE name = ?", (_SETTING,)).fetchone()
    if row is None:
        return None
    lists: dict[str, dict[str, Any]] = json.loads(row[0])
    return Processors(
        frozenset(name for one in lists.values() for name in one["supported"]),
        frozenset(name for one in lists.values() for name in one["unsupported"]),
        {maker: dt.date.fromisoformat(one["day"]) for maker, one in lists.items()},
    )


def _count(names: frozenset[str]) -> str:
    return f"{len(names)} processor{'' if len(names) == 1 else 's'}"


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The lines of a list with their cells, without those that are empty or only draw a table."""
    text = _text(path)
    delimiter = max("\t;|,", key=text.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        for cells in reader:
            kept = [cell.strip() for cell in cells if cell.strip()]
            if kept and not all(set(cell) <= set("-: ") for cell in kept):
                yield reader.line_num, kept
    except csv.Error:
        raise ImportFailedError(say("list.broken", line=reader.line_num), path.name) from None


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise ImportFailedError(say("list.size", size=LARGEST >> 20), path.name)
        raw = path.read_bytes()
    except OSError as error:
        raise ImportFailedError(f"{path}: {error.strerror}") from None
    if b"\0" in raw:
        raise ImportFailedError(say("list.broken", line=1), path.name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold().strip()


def _maker(name: str) -> str:
    return name.partition(" ")[0]


def _of(names: frozenset[str], maker: str) -> frozenset[str]:
    return frozenset(name for name in names if _maker(name) == maker)
