"""Text of devices made harmless before it leaves: bounded, without anything that steers a reader's screen."""

from __future__ import annotations

import hashlib
import re
from typing import Final

LABEL_BYTES: Final = 1024
"""A label value is never longer, in bytes of UTF-8."""

_MARK: Final = 12  # an ellipsis (3 bytes), a tilde and 8 hexadecimal digits
_UNSAFE: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f"  # control characters, so no terminal sequence begins; the newline is escaped
    "\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # marks that hide or reverse text
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # halves of surrogate pairs, and what is no character
    "\U000e0000-\U000e007f]"  # tags: text that no screen shows
)


def clean(text: str, limit: int = LABEL_BYTES) -> str:
    """`text` with a visible stand-in for each unsafe character, at most `limit` bytes of UTF-8.

    C0 controls become their control pictures (ESC is shown as U+241B), anything else unsafe U+FFFD. What is
    cut ends with a digest of the whole, so that two long texts with one beginning stay two.

    >>> clean("a\\x1b[31mb")
    'a␛[31mb'
    """
    if text.isascii() and text.isprintable() and len(text) <= limit:
        return text
    return _bounded(_UNSAFE.sub(_stand_in, text), text, limit)


def line(text: str, limit: int = LABEL_BYTES) -> str:
    """`text` made harmless, on one line, at most `limit` bytes of UTF-8."""
    return clean(text.replace("\n", "␊"), limit)


def _stand_in(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "\N{SYMBOL FOR DELETE}" if code == 0x7F else "\ufffd"


def _bounded(safe: str, whole: str, limit: int) -> str:
    encoded = safe.encode()
    if len(encoded) <= limit:
        return safe
    digest = hashlib.sha256(whole.encode(errors="surrogatepass")).hexdigest()[:8]
    return encoded[: max(limit - _MARK, 0)].decode(errors="ignore") + f"…~{digest}"
