"""A line of values from end to end: in one pass where they are of a like size, else in tiles.

Python runs these as they stand, see `kernels._backend.compiled.uncompiled`; compiled code compiles them.
"""

from typing import Any

import numpy as np

from kernels._backend.compiled import loop
from kernels._loops import engine, steps, windows

PATIENCE = 4 * engine.TILE  # rows to do in tiles before the quick way is tried again; twice as many each time


@loop("void(float64[::1], int64, int64, int64, int64, float64[::1])")
def statistics(x: Any, first: int, window: int, min_count: int, kind: int, out: Any) -> None:
    """Sums (``kind`` 0) or means (1); NaN where the window has fewer than ``min_count`` values."""
    width = min(x.shape[0], engine.TILE) + engine.PADDING
    limbs = np.empty((3, width), np.int64)
    reals = np.empty((5, width))
    statistics_in(x, first, window, min_count, kind, limbs, reals, out)


@loop("void(float64[::1], int64, int64, int64, int64, int64[:, ::1], float64[:, ::1], float64[::1])")
def statistics_in(
    x: Any, first: int, window: int, min_count: int, kind: int, limbs: Any, reals: Any, out: Any
) -> None:
    """`statistics` in scratch of the caller's: 3 rows of integers, 5 of floats, a tile and padding wide.

    Fresh memory would cost a short array more than its means do.
    """
    rows = x.shape[0]
    row = first
    longest = steps.STRETCH
    patience = least_patience = max(PATIENCE, 4 * window)
    while row < rows:
        begin = row
        row = steps.statistics(x, row, window, min_count, kind, longest, out[row - first :])
        if row < rows:
            row = steps.statistics_of_present(x, row, window, min_count, kind, out[row - first :])
        longest = steps.SHORT
        if row > begin + least_patience:
            patience = least_patience
        if row < rows and row < begin + steps.SHORT:
            end = min(rows, row + patience if row >= window else window)
            before = min(row, window - 1)
            windows.statistics(
                x[row - before : end],
                before,
                window,
                min_count,
                kind,
                limbs,
                reals,
                out[row - first : end - first],
            )
            row = end
            patience *= 2
