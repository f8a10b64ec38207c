"""Files that are replaced as a whole: whoever reads one sees what was, or what is, and never a part."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


def is_absent(path: Path) -> bool:
    """Whether nothing stands at a path. Where nobody is let through to it, or a link leads to itself, something may: who reads it says so."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def replace(path: Path, beside: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file, for its owner alone if not told otherwise, by way of a draft `beside` it, so that it outlives a power cut.

    Raises OSError.
    """
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as draft:
        os.fchmod(draft.fileno(), mode)  # whatever the umask says
        draft.write(content)
        draft.flush()
        os.fsync(draft.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextlib.contextmanager
def alone(lock: Path) -> Iterator[bool]:
    """Whether no other process holds a lock, which is held until the end of the block. Its folder is made. Raises OSError."""
    lock.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(lock, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
