"""Rows of a sheet made workstations, as texts of JSON: a million of them become no million objects.

What a cell says is read once for each text of a column, since makers, models and sites are few.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from json.encoder import encode_basestring
from typing import Final, NamedTuple

from inventory.imports import ImportFailedError, values
from inventory.imports.reasons import Reason, say
from inventory.imports.sheets import Row, Sheet, plain
from inventory.imports.source import PERSONAL, Source, is_personal
from inventory.imports.values import Days, RefusedError, UnclearError, Value
from inventory.imports.veiling import Veil

_REMEMBERED: Final = 20_000
"""Texts of a column whose meaning is kept, and their longest: names and serial numbers are hardly ever met again."""
_SHORT: Final = 120

Person = Callable[[str], str | None]
"""What is kept of the name of a user: the name, a pseudonym, or nothing."""


class Refusal(NamedTuple):
    """A row, or one value of it (`column`), that is not taken, and why. `line` is 1-based."""

    line: int
    column: str
    why: Reason

    @property
    def reason(self) -> str:
        """Why, in English."""
        return str(self.why)

    def __str__(self) -> str:
        place = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{place}: {self.why}"

    def document(self) -> dict[str, str | int]:
        """It for programs."""
        return {"line": self.line, "column": self.column, "code": self.why.code, "reason": self.reason}


Tell = Callable[[Refusal, int], None]
"""Told what is wrong, and the number of the text that is not quoted (0: none)."""

Staged = tuple[int, str, str, bool, str, bool, str | None]
"""A row that names a machine: its line, its key, its name to compare, whether it has a serial number, all of it as JSON,
whether it is sound, and when it was last seen. One that is not sound is refused; it only tells that the machine is still there."""


class _Read(NamedTuple):
    """What a cell means: its part of the JSON, its value, and what is wrong with it."""

    part: str
    value: Value
    problem: Reason | None = None
    refused: bool = False


_EMPTY: Final = _Read("", None)


class _Column:
    """A column that means something."""

    def __init__(
        self, position: int, title: str, field: str, read: Callable[[str], Value], clean: Callable[[str], str]
    ) -> None:
        self.position = position
        self.title = title
        self.field = field
        self._read = read
        self._clean = clean
        self.is_name = field == "name"
        self.is_serial = field == "serial"
        self.is_seen = field == "seen"
        self.known: dict[str, _Read] = {"": _EMPTY}

    def read(self, cell: str) -> _Read:
        """What a cell means."""
        try:
            text = self._clean(cell)
            found = self._meant(text) if text else _EMPTY
        except RefusedError as error:
            found = _Read("", None, error.reason, refused=True)
        except UnclearError as error:
            found = _Read("", None, error.reason)
        if len(self.known) < _REMEMBERED and len(cell) <= _SHORT:
            self.known[cell] = found
        return found

    def _meant(self, text: str) -> _Read:
        value = self._read(values.known(text))
        # When it was seen stands apart: else every machine would look changed at every import.
        return _EMPTY if value is None else _Read("" if self.is_seen else part(self.field, value), value)


def part(field: str, value: Value) -> str:
    """A field as it stands in the JSON of a workstation."""
    if isinstance(value, str):
        return f'"{field}":{encode_basestring(value)}'
    return f'"{field}":{repr(value).lower()}'


class Reader:
    """Reads the rows of one sheet. What is wrong with them is given to `refuse` and `remark` as it is met, with the number of the
    text that is not quoted; `words` says at last which of them may be."""

    def __init__(
        self, sheet: Sheet, source: Source, today: datetime.date, *, users: Person | None,
        refuse: Tell, remark: Tell,
    ) -> None:  # fmt: skip
        self.sheet = sheet
        self._source = source
        self._users = users
        self._refuse = refuse
        self._remark = remark
        # Kept or not, and whatever the source takes for people: a row that lost a cell has a name where something else belongs.
        self._veil = Veil([place for place, title in enumerate(sheet.titles) if self._is_personal(title)])
        self._days: list[tuple[str, Days]] = []
        self._today = today
        self._out = self._left_out()
        self.out: dict[tuple[str, str], int] = {}
        """How many rows were left out, by title, and by what their cells began with."""
        self.repeated = 0
        """How many rows were the titles again."""
        self.columns = self._columns()
        self._plan = [(column.position, column.known, column) for column in self.columns]

    def __iter__(self) -> Iterator[Staged]:
        """Every row that names a machine. Raises what the sheet raises."""
        width = len(self.sheet.titles)
        for row in self.sheet.rows:
            cells = row.cells
            whole = len(cells) == width
            if cells == self.sheet.titles:  # of exports that somebody glued
                self.repeated += 1
            elif not whole and not self._fit(row, width):
                self._refuse(Refusal(row.line, "", say("row.width", cells=len(cells), titles=width)), 0)
            elif not (self._out and self._is_left_out(row)) and (staged := self._row(row.line, cells, whole)):
                yield staged

    @property
    def fields(self) -> frozenset[str]:
        """What the sheet tells of each machine, and what it is told apart by."""
        return frozenset(column.field for column in self.columns) | {"name"}

    @property
    def ignored(self) -> list[str]:
        """Titles that mean nothing here."""
        used = {column.position for column in self.columns}
        return [title for place, title in enumerate(self.sheet.titles) if title and place not in used]

    def notes(self) -> Iterator[Reason]:
        """What should be said of the sheet as a whole, once its rows were read."""
        yield from self.sheet.notes
        for title, days in self._days:
            if said := days.note(title):
                yield said
        if self.repeated:
            yield say("note.titles", count=self.repeated)
        for (title, text), count in self.out.items():
            yield say("note.left_out", count=count, title=title, text=text)

    def title(self, field: str) -> str:
        """The title of a field's column, or nothing."""
        return next((column.title for column in self.columns if column.field == field), "")

    def words(self) -> dict[int, str]:
        """Texts that were not quoted and may be, by number, once all rows were read."""
        return self._veil.words()

    def _row(self, line: int, cells: list[str], whole: bool) -> Staged | None:
        """One row. This is done a million times: one look into a dictionary for each cell, and no call."""
        parts: list[str] = []
        wrong: list[tuple[_Column, _Read]] = []
        name = serial = seen = ""
        if self._veil.people:
            self._veil.see(cells)
        for position, known, column in self._plan:
            found = known.get(cells[position]) or column.read(cells[position])
            if found.part:
                parts.append(found.part)
                if column.is_name:
                    name = str(found.value)
                elif column.is_serial:
                    serial = str(found.value)
            elif column.is_seen:
                seen = str(found.value or "")
            if found.problem is not None:
                wrong.append((column, found))
        sound = not wrong or self._tell(line, wrong, whole)
        if not name:
            if not serial:
                self._nameless(line, cells)
                return None
            name = serial
            parts = sorted([*parts, part("name", name)])
        folded = name.casefold()
        key = f"serial:{serial.casefold()}" if serial else f"name:{folded}"
        return line, key, folded, bool(serial), f"{{{','.join(parts)}}}", sound, seen or None

    def _tell(self, line: int, wrong: list[tuple[_Column, _Read]], whole: bool) -> bool:
        """Tell what is wrong with the cells of a row (of a file that names people without their texts, for now), and whether it is
        sound all the same."""
        for column, found in wrong:
            if (why := found.problem) is None:
                continue
            number = 0
            if self._veil.people and (veiled := why.veiled()) is not why:
                number = self._veil.meet(
                    column.title, str(why.values["cell"]), alone=whole and len(wrong) == 1
                )
                why = veiled
            (self._refuse if found.refused else self._remark)(Refusal(line, column.title, why), number)
        return not any(found.refused for _, found in wrong)

    def _nameless(self, line: int, cells: list[str]) -> None:
        if any(cell.strip() for cell in cells):
            self._refuse(Refusal(line, "", say("row.nameless")), 0)

    def _is_personal(self, title: str) -> bool:
        return is_personal(title) or self._source.fields.get(plain(title)) in PERSONAL

    @staticmethod
    def _fit(row: Row, width: int) -> bool:
        """Whether a row fits, made as long as the titles: GLPI ends each line with a separator, and some leave it out."""
        cells = row.cells
        if len(cells) < width - 1 or any(cell.strip() for cell in cells[width:]):
            return False
        cells.extend([""] * (width - len(cells)))
        return True

    def _columns(self) -> list[_Column]:
        found: dict[str, _Column] = {}
        for position, title in enumerate(self.sheet.titles):
            field = self._source.fields.get(plain(title))
            if field is None or (field in PERSONAL and self._users is None):
                continue
            if self._source.repeats(title, self.sheet.titles):
                continue
            if field in found:
                raise ImportFailedError(
                    say("file.twice", first=found[field].title, second=title), self._where
                )
            found[field] = _Column(position, title, field, self._reading(field, title), self._clean())
        if not {"name", "serial"} & found.keys():
            raise ImportFailedError(say("file.nameless"), self._where)
        # Sorted, so that the same machine is always the same text.
        return sorted(found.values(), key=lambda column: column.field)

    @property
    def _where(self) -> str:
        return f"{self.sheet.name}:{self.sheet.line}"

    def _clean(self) -> Callable[[str], str]:
        is_html, mend = self._source.html, self.sheet.mend

        def clean(cell: str) -> str:
            if cell.isascii() and cell.isprintable() and not ("  " in cell or "&" in cell or "<" in cell):
                return cell.strip()
            if mend is not None:
                cell = mend(cell)
            if "\0" in cell:
                raise RefusedError(say("cell.nul"))
            return values.text(cell, is_html=is_html)

        return clean

    def _reading(self, field: str, title: str) -> Callable[[str], Value]:
        if field in ("purchased", "warranty"):
            latest = self._today + (values.AHEAD if field == "warranty" else datetime.timedelta())
            days = Days(self._source.dates, values.EARLIEST, latest, self.sheet.epoch)
            self._days.append((title, days))
            return days.read
        person = self._users
        if field in PERSONAL and person is not None:
            return lambda cell: person(values.short(cell))
        readings: dict[str, Callable[[str], Value]] = {
            "seen": values.seen(
                Days(
                    self._source.dates,
                    values.EARLIEST,
                    self._today + datetime.timedelta(days=1),
                    self.sheet.epoch,
                )
            ),
            "serial": values.serial,
            "price": values.price,
            "memory": values.size(_unit(title, self._source.memory), is_memory=True),
            "disk": values.size(_unit(title, self._source.disk), is_memory=False),
            "tpm": values.tpm,
            "secure_boot": values.truth,
            "state": values.word(dict(self._source.states), "state.none"),
            "firmware": values.word(dict(self._source.firmware), "firmware.none"),
        }
        return readings.get(field, values.short)

    def _left_out(self) -> list[tuple[int, str, tuple[str, ...]]]:
        wanted = {plain(title): texts for title, texts in self._source.leave_out.items()}
        return [
            (place, title, tuple(text.casefold() for text in wanted[plain(title)]))
            for place, title in enumerate(self.sheet.titles)
            if plain(title) in wanted
        ]

    def _is_left_out(self, row: Row) -> bool:
        for place, title, begins in self._out:
            cell = row.cells[place] if place < len(row.cells) else ""
            if cell.casefold().lstrip().startswith(begins):
                start = next(text for text in begins if cell.casefold().lstrip().startswith(text))
                self.out[title, start] = self.out.get((title, start), 0) + 1
                return True
        return False


def _unit(title: str, usual: values.Unit) -> values.Unit:
    """The unit that a title names, as in `Memory (MB)`, which of memory means powers of two."""
    words = plain(title).replace("(", " ").replace(")", " ").split()
    named: dict[str, values.Unit] = {
        "kbytes": "KiB",
        "bytes": "B",
        "gib": "GiB",
        "mib": "MiB",
        "gb": "GiB",
        "mb": "MiB",
    }
    return next((named[word] for word in words if word in named), usual)
