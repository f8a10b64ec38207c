"""Inventories made elsewhere, read into ours.

preview = reading.preview(state, path, today)   what would change, and what is wrong: nothing is kept
snapshots.commit(state, preview, who)           all of it, or nothing
snapshots.latest(state)                         what was imported last
lives.lives(state)                              what became of each machine between imports

`delimited` and `xlsx` give the rows of a file as a `Sheet`; a `Source` (`sources/*.yml`, or a mapping of the user) says
which column means what; `rows` makes workstations of them, `staging` holds them against what is known.
"""

from __future__ import annotations


class ImportFailedError(Exception):
    """A file cannot be imported: the message says which, where in it, why, and what to do."""
