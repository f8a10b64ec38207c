"""Copies of the files of an estate, taken while they are written, and put back all together or not at all."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import importlib.metadata
import json
import re
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from exporters import events
from exporters.history import HistoryError
from exporters.history import schema as history
from exporters.history.checking import check
from exporters.history.lock import Lock
from exporters.plan import schema as plan
from inventory import databases
from inventory.committee import FOLDER, NAME
from inventory.databases import DatabaseError
from inventory.files import replace
from inventory.people import PeopleError, erasing
from inventory.people.pseudonyms import Key
from inventory.state import State, StateError, audit
from inventory.state import schema as state
from jauge.files import MANIFEST, Files, clean, finish, marker, staged


class CopyError(Exception):
    """Files cannot be copied or put back: the message says which, why, and what to do. Nothing was changed."""


class Finding(NamedTuple):
    """One file that was looked at: what it holds, in words, and what is wrong with it."""

    name: str
    said: str
    problems: list[str]


# --- look at ------------------------------------------------------------------------------------------------


def look(files: Files) -> list[Finding]:
    """Look at each of the files that are there: its structure, its checksums, the chain of the audit log."""
    return [_look(path) for path in files.databases if path.exists()]


NEWEST: Final = {
    "history.db": history.VERSION,
    "plan.db": len(plan.MIGRATIONS),
    "state.db": len(state.MIGRATIONS),
    "events.db": events.VERSION,
}
"""The schema of each file that this program knows."""


def _look(path: Path) -> Finding:
    try:
        if newer := _newer(path):
            return Finding(path.name, "cannot be read", [newer])
        if path.name == "history.db":
            report = check(path)
            said = f"{report.pieces} pieces, {len(report.damaged)} damaged, {report.aside} taken out of the way before"
            return Finding(path.name, said, [*report.structure, *report.damaged])
        with contextlib.closing(databases.connect(path, read_only=True)) as connection:
            problems = databases.faults(connection)
        if path.name == "state.db" and not problems:
            problems = _audit(path)
        return Finding(path.name, "structure looked at", problems)
    except (HistoryError, StateError, sqlite3.Error) as error:
        return Finding(path.name, "cannot be read", [str(error)])


def _newer(path: Path) -> str:
    """What to do about a file that only a newer program reads; nothing where this one does."""
    with contextlib.closing(databases.connect(path, read_only=True)) as connection:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
    known = NEWEST[path.name]
    if found <= known:
        return ""
    return f"written by a newer Jauge (schema {found}, this program knows {known}): update the program, or take an older copy"


def _audit(path: Path) -> list[str]:
    broken = audit.verify(State(path))
    return [] if broken is None else [f"the audit log does not hold at row {broken.id}: {broken.reason}"]


# --- back up ------------------------------------------------------------------------------------------------


def backup(files: Files, folder: Path) -> list[Finding]:
    """Copy the files to a new folder while others write them, and look at each copy of a database. Raises CopyError.

    A copy that is damaged, as its file is, is kept and told. The folder is there whole, or not at all.
    """
    present = [path for path in files.databases if path.exists()]
    if not present:
        raise CopyError(f"there is nothing to back up in {files.directory}")
    if folder.exists():
        raise CopyError(f"{folder} is there already: name a folder that is not, for each backup its own")
    needed = sum(path.stat().st_size for path in (*present, *files.documents()))
    partial = folder.with_name(f"{folder.name}.partial")
    _stranger(partial)
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700, parents=True)
        _room(partial, needed)
        for path in present:
            databases.copy(path, partial / path.name, whole=False)
        found = [_look(partial / path.name) for path in present]
        documents = _copy(files.documents(), partial / FOLDER)
        if documents:
            found.append(Finding(FOLDER, f"{len(documents)} file{'' if len(documents) == 1 else 's'}", []))
        _write(partial / MANIFEST, _manifest(partial, [*(path.name for path in present), *documents]))
        partial.rename(folder)
        databases.flush(folder.parent)
    except (OSError, DatabaseError) as error:
        why = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else str(error)
        raise CopyError(f"no backup was made: {why}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return found


DATED: Final = "jauge-%Y-%m-%dT%H%M%SZ"
"""What a backup is called among others of its kind: the instant at which it was made, in UTC."""

_ABANDONED: Final = 86_400.0
"""Seconds after which a backup that is not whole is nobody's any more."""

_DATED: Final = re.compile(r"jauge-[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{6}Z(\.partial)?", re.ASCII)


def among(folder: Path, now: dt.datetime) -> Path:
    """The place of a backup that is one of many in a folder."""
    return folder / now.astimezone(dt.UTC).strftime(DATED)


def thin(folder: Path, keep: int) -> list[Path]:
    """Remove all but the newest `keep` backups of a folder that `among` gave their place, and what is left of ones that were
    cut short; what was removed. Nothing else in the folder is touched. Raises CopyError."""
    try:
        ours = sorted(
            path for path in folder.iterdir() if _DATED.fullmatch(path.name) and not path.is_symlink()
        )
        whole = [path for path in ours if (path / MANIFEST).is_file() and path.suffix != ".partial"]
        # Another one may be under way.
        young = [
            path for path in ours if path.stat().st_mtime > time.time() - _ABANDONED and path not in whole
        ]
        old = [path for path in ours if path not in (*whole[-keep:], *young)]
        for path in old:
            # First its list: what is cut short from here on is no backup any more, and goes the next time.
            (path / MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(path)
    except OSError as error:
        raise CopyError(
            f"the backup is made, and an older one cannot be removed: {error.strerror}: {error.filename}"
        ) from error
    return old


def _copy(documents: Iterable[Path], folder: Path) -> list[str]:
    """Copy the committee's files to a folder, which is made where there is one; what each is called in a list of copies.

    One that is gone is left out: the page lets old ones go at any time.
    """
    found = []
    for path in documents:
        with contextlib.suppress(FileNotFoundError):
            content = path.read_bytes()
            folder.mkdir(mode=0o700, exist_ok=True)
            replace(folder / path.name, folder / f".{path.name}.new", content)
            found.append(f"{FOLDER}/{path.name}")
    return found


def _stranger(partial: Path) -> None:
    """Refuse to make room where there is something that no backup which was cut short has left."""
    ours = (*(path.name for path in Files(partial).databases), MANIFEST)
    if partial.exists() and not (
        partial.is_dir()
        and all(left.name.startswith(ours) or left.name == FOLDER for left in partial.iterdir())
    ):
        raise CopyError(f"{partial} is in the way, and no backup made it: name another folder")


def _room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise CopyError(
            f"{folder.parent} has {free >> 20} MiB free, {(needed >> 20) + 1} are needed: free space, or name another disk"
        )


def _manifest(folder: Path, names: list[str]) -> dict[str, Any]:
    return {
        "made": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "jauge": importlib.metadata.version("jauge"),
        "files": {name: {"sha256": _sha256(folder / name)} for name in names},
    }


def _sha256(path: Path) -> str:
    if not path.is_file():  # a pipe or a device would be read for ever
        raise FileNotFoundError(errno.ENOENT, "no such file", str(path))
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, document: dict[str, Any]) -> None:
    """Write a document, on the disk when this returns: all of it, or nothing."""
    replace(path, path.with_name(f"{path.name}.draft"), (json.dumps(document, indent=2) + "\n").encode())


# --- put back -----------------------------------------------------------------------------------------------


def restore(files: Files, folder: Path, key: Key | None = None) -> list[str]:
    """Put the files of a backup in place of those that are there, all or none; their names. Raises CopyError.

    The committee's files are one of them: their folder.

    People who were erased since the backup was made are erased from it again, told by the `key` of their pseudonyms;
    without it all user names go, where anybody was ever erased.

    What was there is kept beside them (`aside`). Refused while a program has one of them open. Once all
    copies are in place beside the files this is certain to be done: a program that was killed meanwhile does it at
    its next start.
    """
    listed = _verified(folder)
    documents = [folder / name for name in listed if _is_document(name)]
    names = [name for name in listed if not _is_document(name)]
    with _alone(files, names), _told(files.directory):
        _room(files.directory, sum((folder / name).stat().st_size for name in listed))
        for name in names:
            databases.copy(folder / name, staged(files.directory, name))
        if documents:
            shutil.rmtree(
                staged(files.directory, FOLDER), ignore_errors=True
            )  # of a restore that was cut short
            _copy(documents, staged(files.directory, FOLDER))
            names.append(FOLDER)
        if files.state.name in names:
            erasing.again(files.directory, files.state, staged(files.directory, files.state.name), key)
        _write(marker(files.directory), {"files": names})
        finish(files.directory)
    return names


def _verified(folder: Path) -> list[str]:
    """The files of a backup, each as it was when it was made."""
    try:
        listed = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
        wrong = [name for name, known in listed.items() if _sha256(_listed(folder, name)) != known["sha256"]]
        if not listed:
            raise ValueError("it lists no file")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CopyError(
            f"{folder} is no backup that `jauge files backup` made ({error}): nothing was changed"
        ) from None
    for name in wrong:
        raise CopyError(
            f"{folder / name} is not as it was when it was made: nothing was changed, take another backup"
        )
    known = {path.name for path in Files(folder).databases}
    if strange := sorted(name for name in listed if name not in known and not _is_document(name)):
        raise CopyError(f"{folder} holds {strange[0]}, which this program does not know: nothing was changed")
    for name in known.intersection(listed):
        finding = _look(folder / name)
        if finding.said == "cannot be read":
            raise CopyError(f"{folder / name}: {finding.problems[0]}; nothing was changed")
    return list(listed)


def _is_document(name: str) -> bool:
    """Whether a name of a list of copies is that of one of the committee's files."""
    return name.startswith(f"{FOLDER}/") and NAME.fullmatch(name.removeprefix(f"{FOLDER}/")) is not None


def _listed(folder: Path, name: str) -> Path:
    """A copy by its name in the list: no path leads out of the folder."""
    return folder / (name if _is_document(name) else Path(name).name)


@contextlib.contextmanager
def _alone(files: Files, names: list[str]) -> Iterator[None]:
    """Hold the lock of the collector, while nobody has one of the files open."""
    try:
        lock = Lock(files.make().history.with_suffix(".lock"))
    except (HistoryError, OSError) as error:
        raise CopyError(f"nothing was restored: {error}") from error
    with lock:
        for name in names:
            if (path := files.directory / name).exists() and databases.in_use(path):
                raise CopyError(f"nothing was restored: {path} is open in another program; stop it first")
        yield


@contextlib.contextmanager
def _told(directory: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, DatabaseError, PeopleError, StateError, sqlite3.Error) as error:
        if marker(directory).exists():
            why = "it will be finished when Jauge is next started"
        else:
            why = "nothing was changed"
            clean(directory)
        said = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else str(error)
        raise CopyError(f"cannot restore to {directory}: {said}; {why}") from error
