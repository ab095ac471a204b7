"""Sums and means down the columns of a table: eight neighbours are eight lanes.

``x`` and ``out`` hold the rows of the table one after the other.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from kernels._backend import LANES, absolute, inner, lane, load, loop, prefetch, spread, store, where
from kernels._exact.grid import BROAD, COUNTED, Extent, grid_of
from kernels._exact.running import add_down
from kernels._statistics import sums

BLOCK = 512  # rows


@inner
def extent_of_eight(x: Any, columns: int) -> Extent:
    """What is among the values of the first eight columns."""
    low, high, gaps = spread(np.inf), spread(0.0), spread(0.0)
    for i in range(0, x.shape[0] - LANES + 1, columns):
        value = load(x, i)
        size = absolute(value)
        high = where(size > high, size, high)
        size = where(size == 0.0, np.inf, size)
        low = where(size < low, size, low)
        gaps = where(value == value, gaps, 1.0)
    lowest, highest, missing = np.inf, 0.0, 0.0
    for k in range(LANES):
        lowest, highest = min(lowest, lane(low, k)), max(highest, lane(high, k))
        missing += lane(gaps, k)
    if highest == 0.0:
        lowest = highest = 1.0
    return Extent(lowest, highest, False, missing > 0.0, highest == np.inf)


@inner
def down(
    step: Callable[..., Any],
    state: Any,
    constants: Any,
    x: Any,
    columns: int,
    leads: int,
    rows: int,
    out: Any,
) -> Any:
    """Results of rows of eight columns, the values that leave so many rows before; the state after them."""
    gone = leads * columns
    nothing = spread(np.nan)
    for row in range(rows):
        i = row * columns
        prefetch(x, gone + i + LANES)
        old = load(x, i) if leads > 0 else nothing
        state, result = step(add_down, state, load(x, gone + i), old, constants)
        store(out, i, result)
    return state


@inner
def block(
    x: Any, columns: int, row: int, end: int, window: int, min_count: int, means: int, out: Any
) -> bool:
    """Results of some rows of the first eight columns, if there is a grid for them."""
    begin = max(0, row - window)
    extent = extent_of_eight(x[begin * columns : (end - 1) * columns + LANES], columns)
    grid = grid_of(extent, window, False)
    if extent.infinite or grid.form not in (BROAD, COUNTED):
        return False
    state, constants = sums.begin(grid, sums.NOTHING, window, min_count, means)
    near = x[begin * columns :]
    # the window before the first row: values that come, and none that goes
    skipped = np.empty((row - begin) * columns + LANES)
    state = down(sums.counted_step, state, constants, near, columns, 0, row - begin, skipped)
    if row < window:
        down(sums.counted_step, state, constants, near[(row - begin) * columns :], columns, 0, end - row, out)
    elif grid.form == BROAD:
        down(sums.broad_step, state, constants, near, columns, window, end - row, out)
    else:
        down(sums.counted_step, state, constants, near, columns, window, end - row, out)
    return True


@loop("int64(float64[::1], int64, int64, int64, int64, int64, int64, float64[::1])")
def statistics(
    x: Any, columns: int, first: int, last: int, window: int, min_count: int, means: int, out: Any
) -> int:
    """Sums or means of the columns from ``first`` on, as far as the values allow: the column it came to."""
    rows = x.shape[0] // columns
    size = max(BLOCK, 4 * window)
    place = first
    while place + LANES <= last:
        row = 0
        while row < rows:
            end = min(row + size if row >= window else window, rows)
            if not block(
                x[place:], columns, row, end, window, min_count, means, out[row * columns + place :]
            ):
                return place
            row = end
        place += LANES
    return place
