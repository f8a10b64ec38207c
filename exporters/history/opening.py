"""The history of an estate, opened where the estate says it is: in `history.db`, or in an engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from exporters.history import DayKeeper, Keeper, Reader
from inventory.credentials import Http
from inventory.estate import Engine, Estate

if TYPE_CHECKING:
    from exporters.history.prometheus.asking import Client


def keeper(estate: Estate, file: Path, queue: Path, clock: Callable[[], float] = time.time) -> Keeper:
    """The history open to write: that file, or an engine behind the queue in that folder. Raises HistoryError."""
    if estate.history is None:
        from exporters.history import sqlite  # noqa: PLC0415 - one of the two is needed

        return sqlite.Writer(file, estate.timezone, clock)
    from exporters.history.prometheus import writing  # noqa: PLC0415

    return writing.Writer(queue, client(estate, estate.history), estate.timezone, clock)


def reader(estate: Estate, file: Path) -> Reader:
    """The history open to read. Raises HistoryError."""
    if estate.history is None:
        from exporters.history import sqlite  # noqa: PLC0415 - one of the two is needed

        return sqlite.Reader(file)
    from exporters.history.prometheus import reading  # noqa: PLC0415 - pandas and httpx cost half a second

    former = {target.name: target.formerly for target in estate.targets if target.formerly}
    return reading.Reader(client(estate, estate.history), estate.timezone, former)


def days(estate: Estate, file: Path) -> DayKeeper:
    """The history open to take past days in. Raises HistoryError."""
    if estate.history is None:
        from exporters.history import sqlite  # noqa: PLC0415 - one of the two is needed

        return sqlite.Writer(file, estate.timezone)
    from exporters.history.prometheus import importing  # noqa: PLC0415

    return importing.Days(client(estate, estate.history), estate.timezone)


def client(estate: Estate, engine: Engine) -> Client:
    """A client of an engine, with the credential of the estate that it names."""
    from exporters.history.prometheus.asking import Client  # noqa: PLC0415

    credential = estate.credentials.get(engine.credential or "")
    return Client(engine, credential if isinstance(credential, Http) else None)
