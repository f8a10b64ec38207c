"""The files that have something to hide: those of the data, and those of secrets, each its owner's alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import structlog

from inventory.credentials import secrets
from inventory.databases import LOGS
from inventory.estate import Estate
from inventory.files import is_absent
from inventory.guarding import exposed
from jauge.files import Files

log = structlog.get_logger(__name__)

TOLD: Final = 10
"""Files that the log names."""


def kept(files: Files) -> list[Path]:
    """The folder of the data and the files in it that have something to hide: what is there of them."""
    databases = [path.with_name(f"{path.name}{log}") for path in files.databases for log in ("", *LOGS)]
    others = (
        files.directory, files.status, files.collector, files.supervisor, files.digest, files.engine, files.committee,
        files.queue,
    )  # fmt: skip
    return [path for path in (*others, *databases) if not is_absent(path)]


def keys(estate: Estate) -> list[Path]:
    """The files that hold secrets of an estate."""
    every = (secret for credential in estate.credentials.values() for secret in secrets(credential).values())
    return [secret.path for secret in every if secret.path is not None]


def exposures(estate: Estate, files: Files) -> list[str]:
    """What is wrong with owners and modes of these files, and what to do, one text for each."""
    found = [exposed(path) for path in kept(files)] + [exposed(path, group=True) for path in keys(estate)]
    return list(dict.fromkeys(said for said in found if said))


def warn(found: list[str]) -> None:
    """Say in the log which files are exposed. Nothing is refused for it: a monitor that does not start protects nobody."""
    for said in found[:TOLD]:
        log.warning("file exposed", why=said)
    if len(found) > TOLD:
        log.warning("more files exposed: jauge doctor names them", count=len(found) - TOLD)
