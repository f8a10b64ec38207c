"""Logs of the program: one line an event, on standard error."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal

import structlog

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["logfmt", "json"]

# Their own lines speak of keys, packets and addresses at every level: what matters reaches a log through ours.
_QUIET = ("paramiko", "pynetdicom", "pydicom", "httpx", "httpcore", "asyncio", "aiohttp", "pysnmp")


def configure(level: Level = "info", style: Format = "logfmt") -> None:
    """Set up logging for this process."""
    number = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(
        level=number, stream=sys.stderr, format="level=%(levelname)s logger=%(name)s %(message)s"
    )
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    render: Any = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.processors.LogfmtRenderer(key_order=["ts", "level", "event"], bool_as_flag=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", key="ts"),
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
