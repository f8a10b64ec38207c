"""A file for node_exporter's textfile collector: whole at any moment, readable by it, without times.

node_exporter reads every `*.prom` of a folder with each of its own scrapes, refuses a file with timestamps or with a series
twice, and says of each file how old it is (https://github.com/prometheus/node_exporter#textfile-collector).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from inventory.files import replace

SUFFIX: Final = ".prom"

READABLE: Final = 0o644
"""node_exporter is another account."""


def write(place: Path, body: bytes) -> None:
    """Put `body` in the place of a file, in one step. Raises ValueError for another ending than `.prom`, and OSError.

    The new file lies in the same folder until it is whole: under a name that node_exporter does not read.
    """
    if place.suffix != SUFFIX:
        raise ValueError(f"node_exporter reads files whose names end in {SUFFIX}, and {place.name} does not")
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        replace(place, beside, body, READABLE)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
