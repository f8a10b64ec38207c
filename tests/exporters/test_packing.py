"""One gzip stream of a kept part and a fresh one."""

from __future__ import annotations

import subprocess
import zlib

from hypothesis import given
from hypothesis import strategies as st

from exporters.packing import finish, pack


@given(st.binary(max_size=2_000), st.binary(max_size=200), st.binary(max_size=200))
def test_a_kept_part_serves_several_ends_as_one_gzip_member(part: bytes, one: bytes, two: bytes) -> None:
    packed = pack([part[:100], part[100:]])
    for rest in (one, two):
        reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
        assert reader.decompress(finish(packed, rest)) == part + rest
        assert reader.eof
        assert reader.unused_data == b""


def test_the_gzip_program_reads_it_without_a_warning() -> None:
    part = b"".join(b"jauge_storage_used_bytes %d\n" % number for number in range(5_000))
    done = subprocess.run(
        ["gzip", "-dc"], input=finish(pack([part]), b"# EOF\n"), capture_output=True, timeout=30, check=True
    )
    assert (done.stdout, done.stderr) == (part + b"# EOF\n", b"")
