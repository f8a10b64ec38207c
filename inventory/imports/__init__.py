"""Inventories made elsewhere, read into ours.

preview = reading.preview(state, path, today)   what would change, and what is wrong: nothing is kept
snapshots.commit(state, preview, who)           all of it, or nothing
snapshots.latest(state)                         what was imported last
lives.lives(state)                              what became of each machine between imports

`delimited` and `xlsx` give the rows of a file as a `Sheet`; a `Source` (`sources/*.yml`, or a mapping of the user) says
which column means what; `rows` makes workstations of them, `staging` holds them against what is known.
"""

from __future__ import annotations

from inventory.imports.reasons import Reason


class ImportFailedError(Exception):
    """A file cannot be imported: the message says which, where in it, why, and what to do.

    `why` is a Reason wherever a page may show it, and `where` the file, with its line.
    """

    def __init__(self, why: Reason | str, where: str = "") -> None:
        super().__init__(f"{where}: {why}" if where else str(why))
        self.why = why
        self.where = where
