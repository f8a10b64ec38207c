"""Where rows come from: which title of a file means what, and how its words and days are read.

A source is a file of YAML: those of `sources` are shipped, and a user writes a mapping of the same form:

title: Our list
titles: {serial: [N° de série], name: [Poste], purchased: [Acheté le]}
dates: [french]
states: {used: [en service], retired: [réformé]}
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeVar, get_args

from pydantic import Field, ValidationError, model_validator

from inventory.checking import Check, report
from inventory.credentials import Model
from inventory.imports import ImportFailedError
from inventory.imports.reasons import Reason, say
from inventory.imports.sheets import plain
from inventory.imports.values import Form, Unit
from inventory.places import Problem, read
from inventory.quantities import Text

SHIPPED: Final = Path(__file__).with_name("sources")
MAPPING_LIMIT: Final = 1024 * 1024
"""Bytes of a mapping."""

FieldName = Literal[
    "name", "serial", "maker", "model", "kind", "purchased", "os", "edition", "os_version", "site", "service", "cpu",
    "memory", "user", "asset", "place", "state", "warranty", "price", "disk", "tpm", "firmware", "secure_boot", "seen",
]  # fmt: skip
FIELDS: Final[tuple[FieldName, ...]] = get_args(FieldName)

PERSONAL: Final = frozenset({"user"})
"""Fields that tell of a person: left out unless asked for."""

StateName = Literal["used", "stock", "repair", "failed", "retired"]
FirmwareName = Literal["uefi", "bios"]
Titles = tuple[Text, ...]
Meaning = TypeVar("Meaning", bound=str)


class Source(Model):
    """How the rows of an inventory are read."""

    title: Text = Field(description="What people call it.")
    like: str | None = Field(
        None,
        max_length=64,
        description="A shipped source that this one is like: what it says holds where this one is silent.",
    )
    documented: Titles = Field((), description="Where the titles were looked up.")
    unproven: Text | None = Field(
        None, description="What would prove it, where no real export was read by it."
    )
    marks: Titles = Field(
        (),
        description="Titles that this source alone writes: a file is recognised by them, where nobody names its source.",
    )
    titles: dict[FieldName, Titles] = Field(
        default_factory=dict,
        description="The titles of the columns of each field, in any case, with or without accents. name or serial is needed.",
    )
    same: dict[Text, Text] = Field(
        default_factory=dict,
        description="Titles that are not read where another one stands that says the same (CN: Name).",
    )
    dates: tuple[Form, ...] = Field(
        ("iso", "french"),
        description="How days are written: iso (2021-03-14, always read too), french (14/03/2021), us (3/14/2021), serial "
        "(44269, a spreadsheet's). french and us exclude each other.",
    )
    memory: Unit = Field("MiB", description="Unit of a memory that is a bare number.")
    disk: Unit = Field("GB", description="Unit of a disk that is a bare number.")
    html: bool = Field(
        False, description="Cells are written for pages: <br> between values, and &#62; for >."
    )
    states: dict[StateName, Titles] = Field(
        default_factory=dict,
        description="Words of the state: used, stock (ready, used by nobody), repair, failed (broken for good), retired "
        "(taken out of use while it worked). Without a word for failed, how long machines last is not learnt from it.",
    )
    firmware: dict[FirmwareName, Titles] = Field(
        default_factory=dict, description="Words for the firmware: uefi, bios."
    )
    leave_out: dict[Text, Titles] = Field(
        default_factory=dict,
        description="Rows that are no workstations: title of a column, and how its cell begins (OS: [Android, iOS]).",
    )

    @model_validator(mode="after")
    def _sensible(self) -> Source:
        if self.like is None and not {"name", "serial"} & self.titles.keys():
            raise ValueError("titles need name or serial: without either no machine can be told from another")
        if {"french", "us"} <= set(self.dates):
            raise ValueError("dates cannot be french and us: 03/04/2021 would be two days")
        meant: dict[str, str] = {}
        for field, titles in self.titles.items():
            for title in titles:
                if meant.setdefault(plain(title), field) != field:
                    raise ValueError(f"title {title} stands for {meant[plain(title)]} and for {field}")
        return self

    @functools.cached_property
    def fields(self) -> dict[str, FieldName]:
        """The field of each title, made `plain`."""
        return {plain(title): field for field, titles in self.titles.items() for title in titles}

    @property
    def failures(self) -> bool:
        """Whether it has a word for machines that failed: where none of its states is that, nobody knows which did."""
        return bool(self.states.get("failed"))

    def reads(self, titles: Iterable[str]) -> dict[str, FieldName]:
        """The titles among these that mean something, and what."""
        given = list(titles)
        return {
            title: self.fields[plain(title)]
            for title in given
            if plain(title) in self.fields and not self.repeats(title, given)
        }

    def repeats(self, title: str, titles: Iterable[str]) -> bool:
        """Whether another of the titles says what this one does."""
        other = next((other for one, other in self.same.items() if plain(one) == plain(title)), None)
        return other is not None and plain(other) in map(plain, titles)


class Named(NamedTuple):
    """A source, and the name that it is asked for by."""

    name: str
    source: Source


@functools.cache
def shipped() -> dict[str, Source]:
    """Every source that comes with the program, by name. Raises ImportFailedError where a file of them is broken."""
    return {path.stem: load(path) for path in sorted(SHIPPED.glob("*.yml"))}


def named(name: str) -> Named:
    """A shipped source. Raises ImportFailedError with those that there are: a name is no path."""
    if name not in shipped():
        raise ImportFailedError(f"there is no source {name[:64]!r}: one of {', '.join(shipped())}")
    return Named(name, shipped()[name])


def load(path: Path) -> Source:
    """A source from its file. Raises ImportFailedError with all that is wrong with it, each with line and column."""
    found, problems = check(path)
    if found is None:
        told = "".join(f"\n{problem}" for problem in problems)
        raise ImportFailedError(f"{path} is no mapping that can be used:{told}")
    return found


def check(path: Path) -> tuple[Source | None, list[Problem]]:
    """A source from its file, and all that is wrong with it."""
    if path.is_file() and path.stat().st_size > MAPPING_LIMIT:
        raise ImportFailedError(f"{path} is larger than {MAPPING_LIMIT // 1024**2} MiB")
    document, told = read(path), Check(path)
    told.problems += document.problems
    told.adopt(document, (), ())
    raw = document.data
    if not isinstance(raw, dict):
        if not told.errors:
            told.error("a mapping of titles starts with title: and titles:")
        return None, told.problems
    try:
        source = Source.model_validate(_inherited(raw))
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_context=True):
            report(told, detail, lambda _: list(Source.model_fields))
        return None, told.problems
    return (None if told.errors else source), told.problems


def _inherited(raw: dict[str, Any]) -> dict[str, Any]:
    """What a mapping says, laid over the source that it is like."""
    like = raw.get("like")
    if not isinstance(like, str):
        return raw
    base = named(like).source.model_dump(exclude_unset=True)
    merged = {**base, **raw}
    for part in ("titles", "same", "states", "firmware", "leave_out"):
        if isinstance(raw.get(part), dict):
            merged[part] = {**base.get(part, {}), **raw[part]}
    return merged


def known(title: str) -> bool:
    """Whether any shipped source knows a title."""
    return plain(title) in _every()


@functools.cache
def _every() -> frozenset[str]:
    return frozenset(title for source in shipped().values() for title in source.fields)


class UnrecognisedError(ImportFailedError):
    """No shipped source fits the titles of a file, or some do that read it differently: somebody has to say what it is.

    `likely` are the names of those that fit, `differ` by what they differ (ASPECTS).
    """

    def __init__(
        self, why: Reason, where: str, likely: tuple[str, ...] = (), differ: tuple[str, ...] = ()
    ) -> None:
        super().__init__(why, where)
        self.likely = likely
        self.differ = differ


def is_personal(title: str) -> bool:
    """Whether a title is one of a column of people, for any shipped source."""
    return plain(title) in _personal()


@functools.cache
def _personal() -> frozenset[str]:
    return frozenset(
        title for source in shipped().values() for title, field in source.fields.items() if field in PERSONAL
    )


def guess(title: str) -> FieldName | None:
    """What a title means to the shipped sources that know it; None where none does, or they do not agree."""
    found = {source.fields[plain(title)] for source in shipped().values() if plain(title) in source.fields}
    return found.pop() if len(found) == 1 else None


def own(title: str, titles: Mapping[str, FieldName], dates: Form, memory: Unit, disk: Unit) -> Source:
    """A source of which somebody says what each title means; its words are those that shipped sources know, and agree on.

    Raises ImportFailedError where no title is the name or the serial number, or two say the same.
    """
    meant: dict[FieldName, str] = {}
    seen: dict[str, str] = {}
    for text, field in titles.items():
        first = meant.setdefault(field, text)
        first = seen.setdefault(plain(text), first)
        if first != text:
            raise ImportFailedError(say("file.twice", first=first, second=text))
    if not {"name", "serial"} & meant.keys():
        raise ImportFailedError(say("file.nameless"))
    sources = shipped().values()
    return Source(
        title=title, titles={field: (text,) for field, text in meant.items()}, dates=("iso", dates), memory=memory, disk=disk,
        states=_agreed(source.states for source in sources), firmware=_agreed(source.firmware for source in sources),
    )  # fmt: skip


def _agreed(said: Iterable[Mapping[Meaning, Titles]]) -> dict[Meaning, Titles]:
    """Words and what they mean, without those that mean one thing here and another there."""
    meanings: dict[str, set[Meaning]] = {}
    for words in said:
        for meaning, texts in words.items():
            for text in texts:
                meanings.setdefault(plain(text), set()).add(meaning)
    found: dict[Meaning, Titles] = {}
    for text, several in meanings.items():
        if len(several) == 1:
            (meaning,) = several
            found[meaning] = (*found.get(meaning, ()), text)
    return found


def worded(source: Source, states: Mapping[str, StateName]) -> Source:
    """A source that knows some more words of the state."""
    known = dict(source.states)
    for text, state in states.items():
        known[state] = (*known.get(state, ()), text)
    return source.model_copy(update={"states": known})


def recognise(titles: Sequence[str], where: str) -> Named:
    """The shipped source that a file's titles are of. Raises UnrecognisedError where there is none, or more than one."""
    found = {plain(title) for title in titles}
    able = [
        Named(name, one)
        for name, one in shipped().items()
        if {"name", "serial"} & set(one.reads(titles).values())
    ]
    if not able:
        raise UnrecognisedError(say("file.nameless"), where)

    def rank(one: Named) -> tuple[int, int]:
        return sum(plain(mark) in found for mark in one.source.marks), len(one.source.reads(titles))

    best = max(map(rank, able))
    likely = [one for one in able if rank(one) == best]
    readings = [_reading(one.source, titles) for one in likely]
    differ = tuple(
        aspect for aspect in ASPECTS if any(one[aspect] != readings[0][aspect] for one in readings)
    )
    if differ:
        names = tuple(one.name for one in likely)
        told = ", ".join(ASPECTS[aspect] for aspect in differ)
        why = say("file.sources", names=", ".join(names), aspects=told)
        raise UnrecognisedError(why, where, names, differ)
    return likely[0]


ASPECTS: Final[Mapping[str, str]] = {
    "titles": "what its columns mean",
    "dates": "the order of day and month",
    "memory": "the unit of memory",
    "disk": "the unit of disks",
    "states": "words of the state",
    "firmware": "words of the firmware",
    "rows": "which rows they leave out",
}
"""In what sources may read a file differently, in English."""


def _reading(source: Source, titles: Sequence[str]) -> dict[str, object]:
    """All that decides how a file is read, by aspect: sources that agree on it are not told apart.

    But `html`: a cell that is not written for pages reads the same, and one that is comes from who writes for them.
    """
    reads = source.reads(titles)
    fields, found = set(reads.values()), set(map(plain, titles))
    return {
        "titles": sorted(reads.items()),
        "dates": source.dates if fields & {"purchased", "warranty"} else (),
        "memory": source.memory if "memory" in fields else "",
        "disk": source.disk if "disk" in fields else "",
        "states": sorted(source.states.items()) if "state" in fields else (),
        "firmware": sorted(source.firmware.items()) if "firmware" in fields else (),
        "rows": sorted(
            (plain(title), texts) for title, texts in source.leave_out.items() if plain(title) in found
        ),
    }
