"""What no trace, error, label or fact of a poll may show, as a server may repeat it: whole, spelled otherwise, or cut off."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus

from collectors.poll import DETAIL_LENGTH

HIDDEN: Final = "***"

SHORTEST: Final = 4
"""Characters of the shortest secret, and of its shortest beginning, that is looked for in texts for people."""

DISTINCT: Final = 8
"""Characters of the shortest secret that is looked for in names: a shorter one may well be a word of everybody's."""


class Secrets:
    """The secrets of one poll."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._spelled: tuple[str, ...] = ()

    def add(self, secret: str) -> None:
        """Hide a secret from now on."""
        if secret not in self._told:
            self._told.add(secret)
            found = {spelled for one in self._told for spelled in _spellings(one)}
            self._spelled = tuple(sorted(found, key=len, reverse=True))

    def update(self, secrets: Iterable[str]) -> None:
        """Hide secrets from now on."""
        for secret in secrets:
            self.add(secret)

    def hide(self, text: str, shortest: int = SHORTEST) -> str:
        """A text without them."""
        for spelled in self._spelled:
            if len(spelled) >= shortest:
                text = text.replace(spelled, HIDDEN)
        return text

    def hide_all(self, text: str) -> str:
        """A text for people without them, and without the beginning of one that was cut off before the text's end."""
        text = self.hide(text)
        ends = [match.start() for match in re.finditer("…", text)]
        for end in reversed([*ends, len(text)] if len(text) >= DETAIL_LENGTH else ends):
            begun = max((_begun(spelled, text[:end]) for spelled in self._spelled), default=0)
            if begun:
                text = text[: end - begun] + HIDDEN + text[end:]
        return text


def _spellings(secret: str) -> Iterator[str]:
    """A secret as it stands in texts, in JSON, in addresses, in pages, and as Python shows it."""
    made = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    pages = (
        html.escape(secret),
        quote(secret, safe="", errors="replace"),
        quote_plus(secret, errors="replace"),
    )
    for spelled in (secret, *made, *pages, quote(secret, errors="replace")):
        if len(spelled) >= SHORTEST:
            yield from (
                spelled,
                repr(spelled)[1:-1],
                json.dumps(spelled)[1:-1],
            )  # and each of them in another text


def _begun(secret: str, text: str) -> int:
    """How many characters of a secret a text ends with, 0 where too few."""
    most = min(len(secret) - 1, len(text))
    return next((size for size in range(most, SHORTEST - 1, -1) if text.endswith(secret[:size])), 0)
