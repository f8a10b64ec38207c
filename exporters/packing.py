"""gzip of a body of which only the end changes: the steady part is compressed once and kept.

A gzip stream is a header, raw deflate blocks, the CRC-32 and the length of the whole (RFC 1952). Blocks after
a full flush refer to nothing before them (RFC 1951), so a kept part and a fresh one make one ordinary stream.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final, NamedTuple

_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no name, no time, any system
_WORD: Final = 0xFFFFFFFF


class Packed(NamedTuple):
    """The compressed first part of a body, with the CRC-32 and the length of what it holds."""

    blocks: bytes
    crc: int
    length: int


def pack(part: bytes, level: int = 6) -> Packed:
    """The first part of a body, compressed: level 1 is quick, 9 small."""
    squeeze = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    blocks = squeeze.compress(part) + squeeze.flush(zlib.Z_FULL_FLUSH)
    return Packed(blocks, zlib.crc32(part), len(part))


def finish(packed: Packed, rest: bytes) -> bytes:
    """The gzip stream of a packed part followed by `rest`."""
    squeeze = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    blocks = squeeze.compress(rest) + squeeze.flush()
    length = (packed.length + len(rest)) & _WORD
    return b"".join(
        (_HEADER, packed.blocks, blocks, struct.pack("<II", zlib.crc32(rest, packed.crc), length))
    )
