"""What is said of a file that is imported: each thing has a code, and what it is said of.

Here it is said in English, for terminals and programs; pages say it in the language of their reader (`dashboard.words.imports`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, NamedTuple

_SHOWN: Final = 120
"""Characters of a cell or name that are shown of it."""


VEIL: Final = "***"
"""What stands for the text of a cell of a file that names people."""


class Reason(NamedTuple):
    """Why a row, a value or a file is not taken, or what should be known of it. `values` fill in the blanks of its sentence."""

    code: str
    values: Mapping[str, str | int]

    def __str__(self) -> str:
        return SENTENCES[self.code].format(**self.values)

    def veiled(self) -> Reason:
        """The same without the text of the cell, which may be a name that slipped into another column."""
        cell = self.values.get("cell")
        if not isinstance(cell, str) or not any(map(str.isalpha, cell)):
            return self
        return Reason(self.code, {**self.values, "cell": VEIL})

    @property
    def given(self) -> str:
        """The values as a text to keep."""
        return json.dumps(self.values, ensure_ascii=False)


def say(code: str, **values: str | int) -> Reason:
    """A reason of SENTENCES; of long texts the beginning is shown."""
    return Reason(
        code, {name: value[:_SHOWN] if isinstance(value, str) else value for name, value in values.items()}
    )


def recall(code: str, given: str) -> Reason:
    """A reason that was kept."""
    return Reason(code, json.loads(given))


SENTENCES: Final[Mapping[str, str]] = {
    # --- a cell whose row is refused ---
    "cell.long": "longer than {limit} characters",
    "cell.nul": "holds a NUL, which no text does",
    "cell.mixed": "holds UTF-8 and Windows-1252 in one cell: save the file in one encoding",
    "cell.strange": "is neither plain UTF-8 nor Windows-1252: save the file in one encoding",
    "serial.shortened": "'{cell}' was shortened by a spreadsheet: format the column as text, and export again",
    "day.impossible": "'{cell}' is not in any calendar",
    "day.months": "'{cell}' is not in any calendar: where months come first, say so in a mapping (dates: [us])",
    "day.range": "'{cell}' is before {year} or too far in the future",
    "day.form": "'{cell}' is no date: write it like {forms}",
    # --- a cell that is left unknown ---
    "cell.error": "'{cell}' is an error of a spreadsheet",
    "cell.object": "'{cell}' is what PowerShell writes in place of several values",
    "size.large": "'{cell}' is too large a size",
    "size.none": "'{cell}' is no size",
    "price.none": "'{cell}' is no price",
    "truth.none": "'{cell}' is neither yes nor no",
    "tpm.none": "'{cell}' is no version of a TPM",
    "state.none": "'{cell}' is no state that is known: name it in a mapping",
    "firmware.none": "'{cell}' is no firmware that is known: name it in a mapping",
    # --- a row that is refused ---
    "row.width": "{cells} cells, where the titles are {titles}",
    "row.nameless": "neither a name nor a serial number",
    "row.twins": "{key} is given {count} times",
    "row.unclear": "the known machines of this name are {count}: give the serial number",
    # --- a match to look at ---
    "doubt.unnumbered": "a known machine without a serial number bears the name of {count} rows: it vanishes, and they are new",
    "doubt.serial": "{name} had the serial number {before}, now {after}: another machine of that name",
    "doubt.other": "serial number {serial} was {before} ({before_model}), now {after} ({after_model})",
    # --- what concerns the whole file ---
    "note.french": "{title}: no date tells whether the day or the month comes first ({days}): read as day/month, not month/day",
    "note.us": "{title}: no date tells whether the day or the month comes first ({days}): read as month/day, not day/month",
    "note.left_out": "{count} rows left out: {title} is {text}",
    "note.titles": "{count} rows repeat the titles: they are passed over",
    "note.rows": "{count} hidden rows: they are read too",
    "note.gone": "{gone} of {known} known machines vanish: is the file whole, or does it complete another (--supplement)?",
    "note.hidden": "hidden sheets that are not read: {sheets}",
    "note.sheets": "other sheets that are not read: {sheets}",
    "note.formulas": "{count} formulas: the values that were computed last are read, none is computed",
    "note.uncounted": "{count} formulas without a value: their cells are read as empty",
    "note.links": "{count} links to other files: none is followed",
    "note.dde": "a link that would start a program (DDE): it is not followed",
    # --- a file that cannot be read as a whole ---
    "file.empty": "it is empty",
    "file.sent": "what was sent is no file",
    "file.room": "there is no room to read it",
    "file.size": "larger than {size} MiB: import it in parts",
    "file.untitled": "no column title is known; one of the first {count} lines must hold the titles, or a mapping say what they mean (--mapping)",
    "file.nameless": "there is neither a column Name nor a column Serial number",
    "file.twice": "columns '{first}' and '{second}' say the same: leave one out",
    "file.sources": "this may be an export of {names}, which differ in {aspects}: say which with --source",
    "file.rows": "more than {count} rows: import it in parts",
    "file.kind": "this is a {kind} file and no table: give the CSV or the .xlsx that the source exports",
    "file.no_text": "here or below is no text: save it as CSV in UTF-8",
    "file.cell": "here or a few lines below, a cell is longer than {size} Mi characters, or a quote is never closed",
    "file.endless": "{title}: a cell is longer than {size} Mi characters, or a quote is never closed",
    "file.quote": "{title}: a quote is opened here and never closed",
    "file.quotes": "{title}: cannot read this row: a quote within a cell is written twice",
    "file.refused": "{count} rows are refused, so nothing was imported: correct them, or import without them (--partial); the first: line {line}, {column}",
    "file.overtaken": "somebody imported since this preview, or it is of another file: look at it again",
    "file.older": "{file} was imported as of later than that: import older files first",
    "book.broken": "no spreadsheet that can be read: it is damaged, or is something else than it is called",
    "book.size": "larger than {size} MiB: export it as CSV",
    "book.old": "it has a password, or is of Excel 2003 or before: save it without, as .xlsx or CSV",
    "book.none": "no spreadsheet: give a CSV or an .xlsx",
    "book.untitled": "no column title is known in the first {count} lines of any visible sheet; a mapping says what others mean (--mapping)",
    "book.sheet": "it has no sheet '{sheet}': it has {names}",
    "book.ties": "the sheets {sheets} have the same titles: say which with --sheet",
    "book.width": "more than {count} columns: copy what it holds to a new sheet",
    "book.height": "a row says that it is beyond the {count}th, which no spreadsheet has",
    "book.rows": "more than {count} rows: export it as CSV",
    "book.macros": "refused: it holds macros: save it as .xlsx, without them",
    "book.password": "refused: it has a password: save it without",
    "book.parts": "refused: it has {count} parts",
    "book.same": "refused: two of its parts have one name",
    "book.named": "refused: a part is called '{part}'",
    "book.link": "refused: its part '{part}' is a link",
    "book.ratio": "refused: it unpacks to {times} times its size",
    "book.part_ratio": "refused: its part '{part}' unpacks to {times} times its size",
    "book.unpacked": "refused: it unpacks to {size} MiB: export it as CSV",
    "book.part_unpacked": "refused: its part '{part}' unpacks to {size} MiB: export it as CSV",
    "book.strings": "refused: {count} shared strings: export it as CSV",
    "book.stray": "refused: its part '{part}' holds shared strings",
    "book.encoding": "refused: its part '{part}' is no UTF-8",
    "book.xml": "refused: its part '{part}' is no XML",
    "book.doctype": "refused: its part '{part}' has a document type, which may hold entities",
    "list.size": "larger than {size} MiB: this is no list of processors",
    "list.broken": "line {line} or below: cannot be read: a cell is too long, or it is no text",
    "list.none": "it names no processor that is known",
    "list.overtaken": "somebody imported a list since this preview, or it is of another file: look at it again",
    "book.dimension": "refused: {part} says that it goes over {area}: copy what it holds to a new sheet",
}
