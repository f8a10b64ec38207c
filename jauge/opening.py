"""The history of an estate, opened to write.

Apart from `jauge.service`, whose protocols take a second to load: a collector that is one too many says so at once.
"""

from __future__ import annotations

import structlog

from exporters.history import Keeper, opening
from inventory.estate import Estate
from jauge.files import Files

log = structlog.get_logger(__name__)


def open_history(estate: Estate, files: Files) -> Keeper:
    """The history of an estate, open to write, with renamed targets moved to their new names. Raises HistoryError."""
    writer = opening.keeper(estate, files.history, files.queue)
    rename(writer, estate)
    return writer


def rename(writer: Keeper, estate: Estate) -> None:
    """Move the history of renamed targets to their new names. Raises HistoryError."""
    for target in estate.targets:
        for old in target.formerly:
            moved = writer.rename(old, target.name)
            if moved:
                log.info("history moved to a new name", formerly=old, target=target.name, series=moved)
