"""Bytes of a study by modality, to begin with: what an archive of one's own tells takes their place."""

from __future__ import annotations

from typing import Final, NamedTuple

MB: Final = 1e6
GB: Final = 1e9


class Typical(NamedTuple):
    """Bytes of a study (of a slide, for SM): low, likely, high; and where the figures come from."""

    low: float
    likely: float
    high: float
    source: str


_ARITHMETIC: Final = "arithmetic from the size of an image and the images of a study"
_ASSUMED: Final = "an assumption: no source was found"

MODALITIES: Final[dict[str, Typical]] = {
    "CT": Typical(60 * MB, 300 * MB, 1.5 * GB, "0.52 MB a slice (512 x 512, 16 bit), 40 to 3,000 slices"),
    "MR": Typical(20 * MB, 100 * MB, 400 * MB, f"{_ARITHMETIC}: 0.13 MB, 60 to 3,000 images"),
    "CR": Typical(8 * MB, 35 * MB, 60 * MB, "7.5 MB a chest, 30 MB an image of a full field"),
    "DX": Typical(8 * MB, 35 * MB, 60 * MB, "7.5 MB a chest, 30 MB an image of a full field"),
    "MG": Typical(20 * MB, 100 * MB, 200 * MB, "published sizes of 70 to 200 MB, two-dimensional"),
    "DBT": Typical(
        0.3 * GB, 0.9 * GB, 1.8 * GB, "tomosynthesis: 380 to 450 MB a view, compressed or not, four views"
    ),
    "PT": Typical(150 * MB, 300 * MB, 600 * MB, f"PET/CT: {_ASSUMED}"),
    "US": Typical(5 * MB, 60 * MB, 500 * MB, f"0.26 MB a still image, 20 to 240 of them; loops: {_ASSUMED}"),
    "SM": Typical(1 * GB, 2 * GB, 5 * GB, "a whole slide image, compressed: 1 to 10 GB in what is published"),
}
"""By DICOM's codes of modalities (PS3.3, C.7.3.1.1.1); DBT, which has no code of its own, is tomosynthesis."""
