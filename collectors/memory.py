"""What readers keep of a target from poll to poll: in this process only, and never what identifies anybody."""

from __future__ import annotations

from typing import TypeVar

Kept = TypeVar("Kept")


class Memory:
    """One of each kind of thing that is kept of one target.

    It is forgotten with the process, and when the target leaves the estate or is polled otherwise.
    """

    def __init__(self) -> None:
        self._kept: dict[type, object] = {}

    def recall(self, kind: type[Kept]) -> Kept:
        """What is kept of that kind; a new one where there is none yet."""
        found = self._kept.get(kind)
        if not isinstance(found, kind):
            found = self._kept[kind] = kind()
        return found
