"""Blocks of the Minimal Lower Layer Protocol, releases 1 and 2: 0x0B, what is carried, 0x1C 0x0D. Pure."""

from __future__ import annotations

from typing import Final

from collectors.poll import PollError

START: Final = b"\x0b"
END: Final = b"\x1c\r"

LIMIT: Final = 64 * 1024
"""Bytes of one answer. An acknowledgement has some hundred."""

COMMITTED: Final = b"\x06"
REFUSED: Final = b"\x15"
"""Release 2: the only byte of a block which says that a message was taken into safe storage, or was not."""

_BLANK: Final = b"\r\n"


def wrap(message: bytes) -> bytes:
    """A message as a block.

    >>> wrap(b"MSH|")
    b'\\x0bMSH|\\x1c\\r'
    """
    return START + message + END


class Blocks:
    """Takes bytes as they come, and gives blocks as they are complete."""

    def __init__(self) -> None:
        self._came = bytearray()
        self._looked = 0
        self._taken = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The blocks that these bytes complete. Raises PollError where they cannot be any."""
        if self._taken > LIMIT:
            raise PollError("truncated", f"more than {LIMIT // 1024} KiB without an end of it")
        self._came += chunk
        self._taken += len(chunk)
        found = []
        while (block := self._next()) is not None:
            found.append(block)
        return found

    @property
    def pending(self) -> bool:
        """Whether a block has begun that is not complete."""
        return bool(self._came)

    def _next(self) -> bytes | None:
        while self._came[:1] and self._came[0] in _BLANK:  # some end a block with one more
            del self._came[0]
        if not self._came:
            return None
        if self._came[:1] != START:
            raise PollError("unparsed", "the answer is no block of MLLP: it does not start with 0x0B")
        end = self._came.find(END, max(1, self._looked - 1))
        if end < 0:
            self._looked = len(self._came)
            return None
        block = bytes(self._came[1:end])
        del self._came[: end + len(END)]
        self._looked = 0
        return block
