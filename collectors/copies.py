"""What fits where data is kept in copies or pieces, and no two of one thing may share a disk or node."""

from __future__ import annotations

from collections.abc import Sequence


def most(sizes: Sequence[float], pieces: int) -> float | None:
    """The most that fits on units of these sizes: the greatest x with sum(min(size, x)) >= pieces * x.

    None where there are fewer units than pieces.

    >>> most([4, 4, 4], 2), most([9, 2, 2], 2), most([4], 2)
    (6.0, 4.0, None)
    """
    units = sorted(sizes, reverse=True)
    if len(units) < pieces or pieces < 1:
        return None
    for large in range(pieces):  # the units that are too large to be filled
        fits = sum(units[large:]) / (pieces - large)
        if units[large] <= fits:
            return fits
    return units[pieces - 1]
