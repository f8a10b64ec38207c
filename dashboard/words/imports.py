"""What the import of an inventory says of a file, its rows and its columns."""

from __future__ import annotations

from typing import Final

from dashboard.words.text import Text
from inventory.imports.reasons import SENTENCES

_ON_A_PAGE: Final = {
    "file.untitled": "no column title is known; one of the first {count} lines must hold the titles",
    "book.untitled": "no column title is known in the first {count} lines of any visible sheet",
    "state.none": "'{cell}' is no state that is known",
    "firmware.none": "'{cell}' is no firmware that is known",
    "day.months": "'{cell}' is not in any calendar: where months come first, say so column by column (Read it as something else)",
    "note.gone": "{gone} of {known} known machines vanish: is the file whole, or does it complete another?",
    "file.room": "there is no room on the server to read it",
    "file.refused": "{count} rows are refused, so nothing was imported: correct them; the first: line {line}, {column}",
    "file.sources": "this may be an export of {names}, which differ in {aspects}: choose which",
    "book.ties": "the sheets {sheets} have the same titles: leave one of them in the file",
}
"""Where a terminal is told of an option that a page does not have."""

IMPORTS: Final[dict[str, Text]] = {
    **{f"import.why.{code}": _ON_A_PAGE.get(code, sentence) for code, sentence in SENTENCES.items()},
    "import.ask": "What is this file?",
    "import.ask.several": "its titles are those of several sources ({names}), which would read it differently: they do not agree on {aspects}.",
    "import.ask.none": "none of its titles is one that a source has.",
    "import.ask.lead": "Choose its source. Where it is of none of them, say what each of its columns is. Nothing was imported yet.",
    "import.aspect.titles": "what its columns mean",
    "import.aspect.dates": "the order of day and month",
    "import.aspect.memory": "the unit of memory",
    "import.aspect.disk": "the unit of disks",
    "import.aspect.states": "the words of the state",
    "import.aspect.firmware": "the words of the firmware",
    "import.aspect.rows": "which rows they leave out (servers, phones)",
    "import.source": "Source",
    "import.choose_source": "choose …",
    "import.by_column": "none of them: column by column",
    "import.columns": "What each column is",
    "import.columns.lead": (
        "This counts where the source is column by column. The name or the serial number is needed. Say which column names "
        "people, even though it is not kept: its names are then shown nowhere."
    ),
    "import.unread": "not read",
    "import.dates": "Days such as 03/04/2021",
    "import.dates.french": "day first",
    "import.dates.us": "month first",
    "import.memory": "Memory without a unit",
    "import.disk": "Disks without a unit",
    "import.read": "Read it so",
    "import.otherwise": "Read it as something else",
    "import.words": "These rows are taken, without the values above. Say what words of the state mean to have them read.",
    "import.means": "What {word} means",
    "import.untold": "not told",
    "import.state.used": "in use",
    "import.state.stock": "in stock",
    "import.state.repair": "being mended",
    "import.state.failed": "broken for good",
    "import.state.retired": "taken out of use",
    "import.rest": "{n} more rows, fewer of a kind.",
    "import.every": "All of them, row by row (CSV)",
    "import.source.own": "a list whose columns were told on this page",
    "column.alike": "Rows",
    "column.lines": "Lines",
    "column.means": "Means",
    "column.supported_by": "Supported",
    "column.maker": "Maker",
    "column.new": "New",
    "column.gone": "Gone",
    "column.text": "Text",
    "lists.title": "Processors of Windows 11",
    "lists.lead": (
        "A maker's list of the processors that Windows 11 supports (text, CSV or Markdown, at most {size}): a name in each line, or "
        "manufacturer, brand and model in columns; a column titled Supported marks those that are not. It takes the place of that "
        "maker's former list; nothing is kept before you confirm."
    ),
    "lists.none": "No list was imported yet.",
    "lists.choose": "Choose a list …",
    "lists.shown": "{file}, held against the lists that are known:",
    "lists.refused": "Lines that name no known processor",
    "lists.kept": "Imported: {n} processors.",
    "import.unkept": "What was imported cannot be kept now: the log of the server says why.",
    "import.source.active-directory": "Active Directory, computers as CSV (active-directory)",
    "import.source.glpi": "GLPI, the list of computers as CSV (glpi)",
    "import.source.intune": "Microsoft Intune, all devices exported as CSV (intune)",
    "import.source.lansweeper": "Lansweeper, a report of assets exported as CSV or XLSX (lansweeper)",
    "import.source.ocs": "OCS Inventory, the list of all computers as CSV (ocs)",
    "import.source.sccm": "Microsoft Configuration Manager (SCCM), a query or report exported as CSV (sccm)",
    "import.field.name": "name",
    "import.field.serial": "serial number",
    "import.field.maker": "maker",
    "import.field.model": "model",
    "import.field.kind": "kind",
    "import.field.purchased": "purchased",
    "import.field.os": "system",
    "import.field.edition": "edition",
    "import.field.os_version": "version of the system",
    "import.field.site": "site",
    "import.field.service": "service",
    "import.field.cpu": "processor",
    "import.field.memory": "memory",
    "import.field.user": "user",
    "import.field.asset": "inventory number",
    "import.field.place": "place",
    "import.field.state": "state",
    "import.field.warranty": "warranty",
    "import.field.price": "price",
    "import.field.disk": "disk",
    "import.field.tpm": "TPM",
    "import.field.firmware": "firmware",
    "import.field.secure_boot": "Secure Boot",
    "import.field.seen": "last seen",
}
