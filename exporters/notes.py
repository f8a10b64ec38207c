"""Small files beside the databases, which one process replaces as a whole and others read: how that process stands."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from inventory.files import replace

Note = TypeVar("Note")


class NoteError(Exception):
    """The file cannot be read: the message says which, why, and what to do."""


def read(path: Path, form: TypeAdapter[Note], error: type[NoteError], writer: str) -> Note | None:
    """What stands at `path`; None where there is no file yet. Raises `error`, which names the `writer`."""
    try:
        return form.validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as why:
        raise error(f"{path} cannot be read: {why.strerror}") from why
    except ValidationError:
        raise error(f"{path} is not as this program writes it. Delete it: {writer} writes it again") from None


def write(path: Path, form: TypeAdapter[Note], note: Note) -> None:
    """Replace the file, readable by its owner only. Raises OSError."""
    beside = path.with_name(f".{path.name}.new")  # one name: what a killed process left is gone
    try:
        replace(path, beside, form.dump_json(note))
    finally:
        beside.unlink(missing_ok=True)
