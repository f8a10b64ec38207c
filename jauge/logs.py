"""Logs of the program: one line an event, on standard error."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal

import structlog

Level = Literal["debug", "info", "warn", "warning", "error"]
"""What is logged at the least. `warn` is how programs of the Prometheus family write `warning`."""

Format = Literal["logfmt", "json"]

# Their own lines speak of keys, packets and addresses at every level: what matters reaches a log through ours.
_QUIET = ("paramiko", "pynetdicom", "pydicom", "httpx", "httpcore", "asyncio", "aiohttp", "pysnmp")


def configure(level: Level = "info", style: Format = "logfmt") -> None:
    """Set up logging for this process: lines of libraries have the form of ours."""
    number = logging.getLevelNamesMapping()[level.upper()]
    last: Any = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.processors.LogfmtRenderer(key_order=["ts", "level", "event"], bool_as_flag=False)
    )
    first: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", key="ts"),
        structlog.processors.format_exc_info,
    ]
    handler = logging.StreamHandler(sys.stderr)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[remove, last],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *first],
        )
    )
    logging.basicConfig(level=number, handlers=[handler])
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[*first, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
