"""Logs of the program: one line an event, on standard error, without a secret."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import MutableMapping
from types import TracebackType
from typing import Any, Final, Literal

import structlog

from inventory.harmless import clean
from inventory.masking import mask

Level = Literal["debug", "info", "warn", "warning", "error"]
"""What is logged at the least. `warn` is how programs of the Prometheus family write `warning`."""

Format = Literal["logfmt", "json"]

VALUE_BYTES: Final = 16 * 1024
"""Of one value in a line of the log. A trace has some thousand."""

# Their own lines speak of keys, packets and addresses at every level: what matters reaches a log through ours.
_QUIET: Final = (
    "paramiko", "pynetdicom", "pydicom", "httpx", "httpcore", "asyncio", "aiohttp", "pysnmp", "urllib3", "requests", "apprise",
    "authlib", "ldap", "hpack", "markdown",
)  # fmt: skip


def configure(level: Level = "info", style: Format = "logfmt") -> None:
    """Set up logging for this process: lines of libraries have the form of ours, and none has a secret.

    `level` is that of our own lines. Of libraries only warnings are told, at every level: what they say beside that is how they talk
    to devices, word by word.
    """
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
            processors=[remove, bounded, last, masked],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *first],
        )
    )
    # by force: a handler that a library left would write past all this
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    sys.excepthook = _ended
    threading.excepthook = _thread_ended
    structlog.configure(
        processors=[*first, bounded, last, masked],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def masked(_logger: object, _method: str, text: Any) -> str:
    """The last of all processors: a line as it is written, without a secret, wherever in it one stood, and without what steers
    the screen of who reads it or begins another line, wherever that came from."""
    return clean(mask(str(text)), sys.maxsize)


def bounded(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What is told, of a length that a line can have. Before it is written: half a line would be no JSON."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = clean(value, VALUE_BYTES)
    return event


def _ended(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """What ends a process is told as Python tells it, without secrets: the text of an error is often not ours."""
    try:
        sys.stderr.write(clean(mask("".join(traceback.format_exception(kind, error, trace))), VALUE_BYTES))
    except MemoryError:  # then the interpreter says that much without us
        sys.__excepthook__(kind, error, trace)


def _thread_ended(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and not isinstance(told.exc_value, SystemExit):
        _ended(told.exc_type, told.exc_value, told.exc_traceback)
