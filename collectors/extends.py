"""JSON that a net-snmp agent runs a script for (NET-SNMP-EXTEND-MIB): one text object for each script. Pure.

The scripts of several monitoring programs print it as it is, or compressed (gzip) and written in base64, for answers
that would not fit otherwise.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Annotated, Any, Final

from pydantic import Field

from collectors import answers, documents
from collectors.answers import JsonTable
from collectors.poll import PollError, Reading
from collectors.snmp.oid import Oid, encode
from collectors.snmp.values import Value
from inventory.credentials import Model

OUTPUT: Final = "1.3.6.1.4.1.8072.1.3.2.3.1.2"  # nsExtendOutputFull

LONGEST: Final = 4 << 20
"""Bytes that a compressed document may have: it may say a thousand times more than what was sent."""


class Extend(Model):
    """A script of an agent by the name that is usual for it, and the tables of what it prints."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
    tables: tuple[JsonTable, ...] = Field(min_length=1)

    @property
    def output(self) -> Oid:
        """The object that holds what the script printed: its index is the name (IMPLIED is not said)."""
        letters = ".".join(map(str, self.name.encode()))
        return encode(f"{OUTPUT}.{len(self.name)}.{letters}")


def document(said: Value | None) -> Any:
    """The document that a script printed. Raises PollError("unparsed") where it is none."""
    if not isinstance(said, bytes):
        raise PollError("unparsed", "what the script printed is no text")
    text = said.strip(b"\0 \r\n\t")
    return documents.load(text if text[:1] in (b"{", b"[") else _unpacked(text))


def read(table: JsonTable, said: Value | None) -> Reading:
    """What a table of a document says. Raises PollError where it is not that document."""
    return answers.read(table, document(said))


def _unpacked(text: bytes) -> bytes:
    """What stands in base64 and gzip."""
    try:
        packed = base64.b64decode(b"".join(text.split()), validate=True)
        reader = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)  # with the header of gzip
        found = reader.decompress(packed, LONGEST)
    except (binascii.Error, zlib.error):
        raise PollError(
            "unparsed", f"neither JSON nor base64 of gzip: {documents.legible(repr(text), 120)}"
        ) from None
    if reader.unconsumed_tail:
        raise PollError("capped", f"more than {LONGEST} bytes")
    if not reader.eof:
        raise PollError("truncated", "the compressed document ends too early")
    return found
