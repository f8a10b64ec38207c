"""gzip of a body of which only the end changes: the steady part is compressed once and kept.

A gzip stream is a header, raw deflate blocks, the CRC-32 and the length of the whole (RFC 1952). Blocks after
a full flush refer to nothing before them (RFC 1951), so a kept part and a fresh one make one ordinary stream.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import Final, NamedTuple

_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no name, no time, any system
_WORD: Final = 0xFFFFFFFF


class Packed(NamedTuple):
    """The compressed first part of a body, with the CRC-32 and the length of what it holds."""

    blocks: bytes
    crc: int
    length: int


def pack(pieces: Iterable[bytes]) -> Packed:
    """The first part of a body, compressed quickly rather than small: its lines are alike in any case."""
    squeeze = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    blocks, crc, length = [], 0, 0
    for piece in pieces:
        blocks.append(squeeze.compress(piece))
        crc = zlib.crc32(piece, crc)
        length += len(piece)
    blocks.append(squeeze.flush(zlib.Z_FULL_FLUSH))
    return Packed(b"".join(blocks), crc, length)


def finish(packed: Packed, rest: bytes) -> bytes:
    """The gzip stream of a packed part followed by `rest`."""
    squeeze = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS)
    blocks = squeeze.compress(rest) + squeeze.flush()
    length = (packed.length + len(rest)) & _WORD
    return b"".join(
        (_HEADER, packed.blocks, blocks, struct.pack("<II", zlib.crc32(rest, packed.crc), length))
    )
