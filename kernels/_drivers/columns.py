"""Sums and means of many lines at a time: eight neighbours are eight lanes.

Columns lie so in memory; short lines along memory are turned about, eight by eight values.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from kernels._backend import LANES, absolute, inner, lane, load, loop, prefetch, spread, store, turn, where
from kernels._drivers import sliding
from kernels._exact.grid import BROAD, COUNTED, Extent, grid_of
from kernels._exact.running import add_down
from kernels._statistics import sums

BLOCK = 512  # rows
SHORT = 256  # rows of a line that takes longer to begin on than to turn about


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
    nothing: float,
    rows: int,
    out: Any,
) -> Any:
    """Results of rows of eight columns, the values that leave so many rows before; the state after them."""
    gone = leads * columns
    for row in range(rows):
        i = row * columns
        prefetch(x, gone + i + LANES)
        old = load(x, i) if leads > 0 else spread(nothing)
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
    # the first window: values that come, and none that goes
    full = min(window, end - begin)
    first = np.empty(full * columns) if row > 0 else out
    rest = end - begin - full
    target = out if row > 0 else out[full * columns :]
    if grid.form == BROAD and (row > 0 or min_count == window):
        state = down(sums.broad_step, state, constants, near, columns, 0, 0.0, full, first)
        down(sums.broad_step, state, constants, near, columns, full, 0.0, rest, target)
        for i in range(row, min(end, window - 1)):
            store(out, i * columns, spread(np.nan))
    else:
        state = down(sums.counted_step, state, constants, near, columns, 0, np.nan, full, first)
        down(sums.counted_step, state, constants, near, columns, full, np.nan, rest, target)
    return True


@inner
def eight(x: Any, columns: int, rows: int, window: int, min_count: int, means: int, out: Any) -> bool:
    """Results of the first eight columns, if there are grids for them."""
    size = max(BLOCK, 4 * window)
    row = 0
    while row < rows:
        end = min(row + size, rows)
        if not block(x, columns, row, end, window, min_count, means, out[row * columns :]):
            return False
        row = end
    return True


@loop("int64(float64[::1], int64, int64, int64, int64, int64, int64, float64[::1])")
def statistics(
    x: Any, columns: int, first: int, last: int, window: int, min_count: int, means: int, out: Any
) -> int:
    """Sums or means of the columns from ``first`` on, as far as the values allow: the column it came to."""
    place = first
    while place < last and last - first >= LANES:
        begin = min(place, last - LANES)  # the last eight are some of those before again
        near = x[begin:]
        if not eight(near, columns, x.shape[0] // columns, window, min_count, means, out[begin:]):
            return place
        place = begin + LANES
    return place


@inner
def turned(x: Any, rows: int, window: int, min_count: int, means: int, scratch: Any, out: Any) -> bool:
    """Results of the first eight lines of so many rows, if there are grids for them."""
    table, results = scratch[: rows * LANES], scratch[rows * LANES :]
    for i in range(0, rows, LANES):
        begin = min(i, rows - LANES)
        turn(x, begin, rows, table, begin * LANES, LANES)
    if not eight(table, LANES, rows, window, min_count, means, results):
        return False
    for i in range(0, rows, LANES):
        begin = min(i, rows - LANES)
        turn(results, begin * LANES, LANES, out, begin, rows)
    return True


@loop("void(float64[::1], int64, int64, int64, int64, int64, float64[::1])")
def lines(x: Any, count: int, first: int, window: int, min_count: int, means: int, out: Any) -> None:
    """Sums or means of so many lines that lie one after the other, as `sliding.line`."""
    if count == 1:
        sliding.line(x, first, window, min_count, means, out)
        return
    rows, results = x.shape[0] // count, out.shape[0] // count
    is_short = first == 0 and count >= LANES <= rows <= SHORT
    scratch = np.empty(2 * LANES * rows if is_short else 0)
    place = 0
    while place < count:
        begin = min(place, count - LANES)
        near, target = x[begin * rows :], out[begin * rows :]
        if is_short and turned(near, rows, window, min_count, means, scratch, target):
            place = begin + LANES
            continue
        end = min(place + LANES, count)
        while place < end:
            near, target = x[place * rows : (place + 1) * rows], out[place * results : (place + 1) * results]
            sliding.line(near, first, window, min_count, means, target)
            place += 1
