"""Keyed pseudonyms of user names: HMAC-SHA-256 (RFC 2104), by a key that lies apart from the data.

A pseudonym has two parts: one for the person, whatever domain and order of words the name is written with, and one for the way it
is written. So other writings of a name are found among pseudonyms too; who lacks the key learns nothing but which are alike.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from pathlib import Path
from typing import Final

from inventory.credentials import Secret, SecretMissingError
from inventory.databases import flush
from inventory.people import PeopleError
from inventory.people.rules import People

VARIABLE: Final = "JAUGE_PSEUDONYM_KEY"
FILE: Final = "pseudonym.key"
_SHORTEST: Final = 32
_DIGITS: Final = 16
_PSEUDONYM: Final = re.compile(rf"~([0-9a-f]{{{_DIGITS}}})\.[0-9a-f]{{{_DIGITS}}}")
_WORD: Final = re.compile(r"[^\W_]+")
# Letters that no accent was taken from: what keyboards without them write instead.
_LETTERS: Final = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i", "’": "'"})


# --- names --------------------------------------------------------------------------------------------------


def fold(name: str) -> str:
    """A name as it is compared: without case, accents, and spaces too many.

    >>> fold("  LEFÈVRE   Anaïs ")
    'lefevre anais'
    """
    if name.isascii():
        return " ".join(name.casefold().split())
    bare, before = name, None
    while bare != before:  # what is folded may fall apart again
        before = bare
        parts = unicodedata.normalize("NFKD", bare.casefold())
        bare = "".join(char for char in parts if not unicodedata.combining(char)).translate(_LETTERS)
        bare = " ".join(bare.split())
    return bare


def words(name: str) -> tuple[str, ...]:
    """The words of a name without its domain, in alphabetical order: those of `CHU\\j.durand` and of `Durand J` are the same."""
    account = fold(name).rpartition("\\")[2]
    account = account.partition("@")[0] or account
    return tuple(sorted(_WORD.findall(account)))


def is_pseudonym(text: str) -> bool:
    """Whether a text is one that `Key.pseudonym` made."""
    return _PSEUDONYM.fullmatch(text) is not None


def person(pseudonym: str) -> str:
    """The part of a pseudonym that other writings of the name have too."""
    match = _PSEUDONYM.fullmatch(pseudonym)
    return match[1] if match else ""


# --- the key ------------------------------------------------------------------------------------------------


class Key:
    """The key. It is never shown: its `repr` is masked."""

    __slots__ = ("_key",)

    def __init__(self, text: str) -> None:
        if len(text) < _SHORTEST:
            raise PeopleError(f"the key of the pseudonyms has fewer than {_SHORTEST} characters")
        self._key = text.encode("utf-8", "surrogateescape")

    def __repr__(self) -> str:
        return "Key(***)"

    def pseudonym(self, name: str) -> str:
        """The pseudonym of a name; one that is a pseudonym already stays as it is."""
        if is_pseudonym(name):
            return name
        written = fold(name)
        return (
            f"~{self._digest('person', ' '.join(words(name)) or written)}.{self._digest('writing', written)}"
        )

    @property
    def mark(self) -> str:
        """What tells keys apart, and says nothing of them."""
        return self._digest("key", "")

    def _digest(self, what: str, text: str) -> str:
        message = f"{what}\0{text}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:_DIGITS]


def find(rules: People, home: Path) -> Key | None:
    """The key that the estate, the environment or the file beside the estate (`home`) gives; None where there is none yet.

    Raises PeopleError where one is named and cannot be read, or where others may read the file.
    """
    named = rules.key or (Secret(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    try:
        if named is not None:
            return Key(named.reveal())
        path = home / FILE
        if not path.exists():
            return None
        if path.stat().st_mode & 0o077:
            raise PeopleError(f"others may read {path}, the key of the pseudonyms: chmod 600 {path}")
        return Key(Secret(f"file:{path}").reveal())
    except SecretMissingError as error:
        raise PeopleError(f"the key of the pseudonyms: {error}") from None


def need(rules: People, home: Path) -> Key:
    """The key, made beside the estate where there is none yet. Raises PeopleError."""
    found = find(rules, home)
    if found is not None:
        return found
    try:
        _make(home / FILE)
    except OSError as error:
        raise PeopleError(
            f"cannot make {home / FILE}, the key of the pseudonyms: {error.strerror}; give one by {VARIABLE}, "
            "or by `workstations: people: key` of the estate"
        ) from error
    return need(rules, home)


def _make(path: Path) -> None:
    """Write a new key, for its owner alone: all of it or nothing, and never over one that is there."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{secrets.token_hex(32)}\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
        flush(path.parent)
    except FileExistsError:
        pass  # another process was faster: its key is the one
    finally:
        draft.unlink(missing_ok=True)
