"""One writer at a time: a lock file beside the history, which holds the PID of its holder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from exporters.history import HistoryError


class Lock:
    """The lock of a history, held until `release` or the end of the process.

    The kernel's lock counts (flock), not the file: a holder that was killed holds nothing, so nobody ever has
    to delete the file. `written` is what errors say is written.
    """

    def __init__(self, path: Path, written: Path | None = None) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise HistoryError(f"cannot open the lock file {path}: {error.strerror}") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(self._file, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            if not isinstance(error, BlockingIOError):
                raise HistoryError(f"cannot lock {path}: {error.strerror}") from None
            raise HistoryError(
                f"{written or path.with_suffix('.db')} is being written by process {holder} (lock file {path.name}): "
                "one process writes at a time; stop that one first, or give another --data directory"
            ) from None
        self._sign()

    def _sign(self) -> None:
        # The PID is for the reader of an error: on a full disk the lock holds without it.
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, f"{os.getpid()}\n".encode("ascii"), 0)
        except OSError:
            pass

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """Let go. The file stays: deleting it would let two processes lock two files of one name."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
