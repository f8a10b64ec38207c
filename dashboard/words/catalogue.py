"""The texts in other languages: gettext catalogues, which any editor of them opens.

A message has the key of its text as its context and the English as its msgid, so that two texts which are alike in
English need not be in French. Catalogues are read as they are written: there is no compiled copy to grow stale.

`make words` brings the catalogues up to date with the tables: new texts come in untranslated, those that changed are marked
fuzzy, and those that are gone are taken out.
"""

from __future__ import annotations

import functools
import gettext
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from dashboard.words import WORDS

FOLDER: Final = Path(__file__).parents[1] / "locale"
TRANSLATED: Final = ("fr",)
"""Languages beside English, in which the texts are written."""

_WIDTH: Final = 120
_HEADER: Final = (
    "# Texts of Jauge. The context is the key of a text in dashboard/words, the msgid its English."
)


def path(language: str) -> Path:
    """The catalogue of a language."""
    return FOLDER / language / "LC_MESSAGES" / "jauge.po"


@functools.cache
def translations(language: str) -> gettext.NullTranslations:
    """What turns English into a language; English stays as it is. Raises OSError where the catalogue cannot be read."""
    if language not in TRANSLATED:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def read(language: str) -> Catalog:
    """The catalogue as it stands in its file."""
    with path(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def renewed(language: str) -> bytes:
    """The catalogue's file as it should be: every text in the order of the tables, with the translation that it has.

    What was translated from other English is marked fuzzy; gettext does not use it until somebody has looked at it.
    """
    known = {message.context: message for message in read(language) if message.context}
    made = Catalog(locale=language, header_comment=_HEADER, fuzzy=False)
    for key, text in WORDS.items():
        before = known.get(key)
        fuzzy = before is not None and (before.fuzzy or before.id != text)
        made.add(text, before.string if before else None, context=key, flags=["fuzzy"] if fuzzy else ())
    written = io.BytesIO()
    write_po(written, made, width=_WIDTH, omit_header=True)
    return _head(made) + written.getvalue()


def _head(catalogue: Catalog) -> bytes:
    """The header with what gettext reads of it, and no day that would differ each time."""
    said = (
        f"Language: {catalogue.locale_identifier}",
        f"Plural-Forms: {catalogue.plural_forms}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
    )
    lines = (_HEADER, 'msgid ""', 'msgstr ""', *(f'"{line}\\n"' for line in said), "", "")
    return "\n".join(lines).encode()


def untranslated(messages: Iterable[Message]) -> list[str]:
    """Keys of what a reader would see in English: without a translation, or with one of other English."""
    return [str(one.context) for one in messages if one.context and (one.fuzzy or not _is_whole(one.string))]


def _is_whole(translation: object) -> bool:
    forms = translation if isinstance(translation, (list, tuple)) else [translation]
    return all(forms)


def main() -> None:
    """Write the catalogues anew, and say what is to be translated."""
    for language in TRANSLATED:
        path(language).write_bytes(renewed(language))
        left = untranslated(read(language))
        print(f"{path(language)}: {len(left)} to translate", *left, sep="\n  ")


if __name__ == "__main__":
    main()
