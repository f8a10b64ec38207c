"""Files that are replaced as a whole: whoever reads one sees what was, or what is, and never a part."""

from __future__ import annotations

import os
from pathlib import Path


def replace(path: Path, beside: Path, content: bytes) -> None:
    """Write a file for its owner alone, by way of a draft `beside` it, so that it outlives a power cut. Raises OSError."""
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as draft:
        draft.write(content)
        draft.flush()
        os.fsync(draft.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
