"""Secrets that were used, so that no text which leaves the process holds one of them.

What we write ourselves names no secret. This is for what we do not write: the text of an error of a library, a trace, an address
with a password in it.
"""

from __future__ import annotations

import json
import re
import threading
from collections import OrderedDict
from typing import Final
from urllib.parse import quote

MASK: Final = "***"

SHORTEST: Final = 6
"""Characters from which a secret is looked for: a shorter one is part of too many words, and soon guessed anyway."""

_PLAIN: Final = frozenset({"public", "private"})
"""Communities that are words, and no secrets."""

_MANY: Final = 2_000
"""Secrets that are remembered: the ones that were used last, those before a rotation too."""

_PATTERNS: Final = (
    re.compile(r"(?i)\b((?:basic|bearer|digest|negotiate)\s+)[A-Za-z0-9+/=._~-]{6,}"),
    re.compile(r"(://[^\s/:@\"']*:)[^\s/@\"']+(?=@)"),
    re.compile(r"(?i)(\b(?:password|passwd|passphrase|secret|token|community|api[_-]?key)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&]{4,}"),
)  # fmt: skip
"""Ways in which secrets are written that we never saw: headers, addresses, fields of forms."""

_known: OrderedDict[str, tuple[str, ...]] = OrderedDict()
_mutex = threading.Lock()


def remember(secret: str) -> None:
    """Look for this secret from now on, as it is and as it stands in JSON and in addresses; in each line of it, where it has several."""
    for one in {secret, *secret.splitlines()}:
        if len(one) < SHORTEST or one in _PLAIN:
            continue
        with _mutex:
            if one not in _known:
                _known[one] = tuple(
                    dict.fromkeys((one, json.dumps(one)[1:-1], quote(one, safe=""), quote(one)))
                )
            _known.move_to_end(one)
            if len(_known) > _MANY:
                _known.popitem(last=False)


def mask(text: str) -> str:
    """A text without the secrets that were used, and without what looks like one."""
    with _mutex:
        every = [form for forms in _known.values() for form in forms]
    for form in sorted(every, key=len, reverse=True):  # one may be part of another
        if form in text:
            text = text.replace(form, MASK)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return text
