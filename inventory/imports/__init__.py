"""Inventories made elsewhere, read into ours: one module per source, `snapshots` for what all share.

preview = glpi.preview(state, path, today)      what would change, and what is wrong: nothing is written
snapshots.commit(state, preview, who, source)   all of it, or nothing
snapshots.latest(state)                         what was imported last
"""

from __future__ import annotations


class ImportFailedError(Exception):
    """A file cannot be imported: the message says which, where in it, why, and what to do."""
