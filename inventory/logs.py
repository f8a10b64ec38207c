"""Loggers for modules that are loaded at every start and seldom say anything.

structlog loads rich, pygments and asyncio: a tenth of a second and eight megabytes, in each process of the planner.
These load it with the first line.
"""

from __future__ import annotations

from typing import Any


class Logger:
    """structlog's logger of this name, from the first line on."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, level: str) -> Any:
        import structlog  # noqa: PLC0415 - that is what this class is for

        return getattr(structlog.get_logger(self._name), level)
