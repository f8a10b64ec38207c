"""Who we are to those that send informs: an engine ID, and how often it has started (RFC 3414, 2.2).

Senders remember both, and believe no clock that has gone back: boots must rise with each start, whatever the clock
of this machine shows. So they are kept in a file. Where they cannot be, another engine starts, which nobody knows
yet: that costs its senders one more question, and confuses none of them.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from collectors.snmp import v3
from inventory.files import replace

log = structlog.get_logger(__name__)

_ENTERPRISE: Final = bytes.fromhex("80007ed9")  # RFC 5612: for programs that have no number of their own
_OCTETS: Final = b"\x05"  # the form of the rest (SNMP-FRAMEWORK-MIB, SnmpEngineID)
_RANDOM_BYTES: Final = 8
_SHORTEST: Final = 5  # of an engine ID: RFC 3411, SnmpEngineID

_FILE_BYTES: Final = 400


class Identity(NamedTuple):
    """An engine ID, and its boots: from 1, less than 2**31 - 1."""

    engine: bytes
    boots: int = 1


def fresh() -> Identity:
    """An engine that nobody knows yet."""
    return Identity(_ENTERPRISE + _OCTETS + secrets.token_bytes(_RANDOM_BYTES))


def start(file: Path) -> Identity:
    """The identity of a start: that of the start before, booted once more, and written before anybody hears of it."""
    try:
        identity = _again(file)
        _write(file, identity)
    except OSError as error:
        log.error(
            "the engine ID of informs is not kept, the next start has another",
            why=error.strerror or str(error),
            file=str(file),
        )
        return fresh()
    return identity


def _again(file: Path) -> Identity:
    """The engine in a file, booted once more; a fresh one where there is none, or its boots are used up."""
    try:
        with file.open("rb") as kept:
            before = _parse(kept.read(_FILE_BYTES))
    except FileNotFoundError:
        return fresh()
    except ValueError:
        log.warning(
            "the file with the engine ID of informs cannot be read: another one is made", file=str(file)
        )
        return fresh()
    return before._replace(boots=before.boots + 1) if before.boots + 1 < v3.LAST else fresh()


def _parse(text: bytes) -> Identity:
    """What `_write` wrote. Raises ValueError for anything else."""
    match json.loads(text):
        case {"engine": str(engine), "boots": int(boots)} if not isinstance(boots, bool) and boots > 0:
            found = bytes.fromhex(engine)
            if _SHORTEST <= len(found) <= v3.LONGEST_ENGINE:
                return Identity(found, boots)
    raise ValueError("no identity")


def _write(file: Path, identity: Identity) -> None:
    """Replace the file. Raises OSError."""
    written = json.dumps({"engine": identity.engine.hex(), "boots": identity.boots})
    replace(file, file.with_name(f".{file.name}.new"), written.encode())
