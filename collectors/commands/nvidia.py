"""Graphics processors of NVIDIA.

    index, utilisation (%), memory and memory used (MiB), temperature, power and its limit (W), uncorrected errors
    0, 23, 40960, 1024, 45, 61.52, 250.00, 0

No processor was at hand: the fields are those that `nvidia-smi --help-query-gpu` names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from collectors import documents
from collectors.poll import PollError
from inventory.metrics import Sample, labels

UNPROVEN: Final = "the output of a machine with such processors"

COMMAND: Final = (
    "nvidia-smi --query-gpu=index,utilization.gpu,memory.total,memory.used,temperature.gpu,power.draw,power.limit,"
    "ecc.errors.uncorrected.aggregate.total --format=csv,noheader,nounits"
)

_MIB: Final = 1 << 20
_FIGURES: Final = (
    ("jauge_gpu_used_ratio", 0.01),
    ("jauge_gpu_memory_size_bytes", _MIB),
    ("jauge_gpu_memory_used_bytes", _MIB),
    ("jauge_gpu_celsius", 1),
    ("jauge_gpu_power_watts", 1),
    ("jauge_gpu_power_limit_watts", 1),
    ("jauge_gpu_uncorrected_errors", 1),
)


def parse(output: str) -> Iterator[Sample]:
    """Each processor. What it does not support it writes in brackets, and is absent."""
    lines = [line for line in output.splitlines() if line.strip()]
    if not lines:
        raise PollError("empty_answer", "nvidia-smi lists no processor")
    for line in lines:
        words = [word.strip() for word in line.split(",")]
        if len(words) != 1 + len(_FIGURES) or not re.fullmatch(r"[0-9]{1,4}", words[0]):
            raise documents.unparsed(line)
        pairs = labels(gpu=words[0])
        for (metric, scale), word in zip(_FIGURES, words[1:], strict=True):
            if not re.fullmatch(r"\[.*\]|N/A", word):
                yield Sample(metric, documents.figure(word, line) * scale, pairs)
