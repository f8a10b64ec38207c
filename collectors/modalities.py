"""Modalities as labels: codes of DICOM, few of them, whatever an archive says."""

from __future__ import annotations

import re
from typing import Final

OTHER: Final = "OTHER"

MOST: Final = 64
"""Modalities that are told apart: DICOM defines some eighty, and no hospital has half of them."""

_CODE: Final = re.compile(r"[A-Z0-9_]{1,16}")


def code(text: str) -> str:
    """A modality (0008,0060) as it is spelled in DICOM; what is no code is OTHER.

    >>> code("CT "), code("<script>")
    ('CT', 'OTHER')
    """
    word = text.strip(" \0")
    return word if _CODE.fullmatch(word) else OTHER
