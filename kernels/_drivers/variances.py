"""Variances and deviations of a line of values: block by block, open rows once more, alone."""

from typing import Any

import numpy as np

from kernels._backend import inner, lane, loop
from kernels._drivers.sliding import finite, reach, slide
from kernels._exact.grid import extent_of
from kernels._exact.parts import total_of
from kernels._statistics import variance
from kernels._statistics.variance_alone import alone

BLOCK, SHORTEST = 2048, 64
DOUBTS = 32  # of so many rows, one that is open makes smaller blocks worth a try
QUARTER = 4


@inner
def block(
    near: Any, window: int, grid: Any, missing: bool, min_count: int, ddof: int, rooted: bool, out: Any
) -> float:
    """Results of the rows that end a window of ``near``; how many stayed open."""
    constants = variance.constants_of(grid, window, min_count, ddof, rooted)
    state = variance.state_of(near[:window], constants)
    out[0] = lane(variance.read(state, constants), 0)
    doubts = 1.0 if out[0] == variance.OPEN else 0.0
    entering = near[window:]
    if missing:
        state = slide(variance.counted_step, state, constants, entering, near, out[1:])
    elif grid.is_narrow:
        state = variance.in_one_part(state)
        state = slide(variance.narrow_step, state, constants, entering, near, out[1:])
    else:
        state = slide(variance.broad_step, state, constants, entering, near, out[1:])
    return doubts + total_of(state.doubts)


@inner
def settle(near: Any, window: int, min_count: int, ddof: int, rooted: bool, out: Any) -> None:
    """Compute the open rows; of constant windows it is known how long the value has been the same."""
    run = 0
    for i in range(near.shape[0]):
        run = run + 1 if i > 0 and near[i] == near[i - 1] else 1 if near[i] == near[i] else 0
        row = i - window + 1
        if row >= 0 and out[row] == variance.OPEN:
            if run >= window > ddof:
                out[row] = 0.0
            else:
                out[row] = alone(near[row : i + 1], min_count, ddof, rooted)


@inner
def blank_infinite(near: Any, window: int, out: Any) -> None:
    """NaN where a window holds an infinity."""
    last = -1
    for i in range(near.shape[0]):
        last = i if abs(near[i]) == np.inf else last
        if i >= window - 1 and last > i - window:
            out[i - window + 1] = np.nan


@inner
def line(x: Any, first: int, window: int, min_count: int, ddof: int, rooted: int, out: Any) -> None:
    """Variances, or deviations, of the windows that end in ``x[first:]``."""
    rows, row = x.shape[0], first
    if min_count == window or min_count > rows or window <= ddof:
        row = max(first, min(max(min_count, ddof + 1) - 1 if window > ddof else rows, rows))
        for i in range(first, row):
            out[i - first] = np.nan
    window = min(window, max(rows, 1))
    size = longest = max(BLOCK, QUARTER * window)
    while row < rows:
        end = min(row + size, rows)
        near, target = reach(x, row, end, window), out[row - first : end - first]
        extent = extent_of(near)
        values = finite(near) if extent.infinite else near
        grid = variance.grid_of(extent, window)
        doubts = float(end - row)
        if grid.scale > 0.0:
            on_grid = variance.rounded(values, grid)
            doubts = block(on_grid, window, grid, extent.missing, min_count, ddof, rooted != 0, target)
        else:
            for i in range(target.shape[0]):
                target[i] = variance.OPEN
        if doubts * DOUBTS > end - row and end - row > SHORTEST:
            size = max(SHORTEST, (end - row) // QUARTER)  # a spike, say: leave it to as few rows as can be
            continue
        if doubts > 0.0:
            settle(values, window, min_count, ddof, rooted != 0, target)
        if extent.infinite:
            blank_infinite(near, window, target)
        row, size = end, min(2 * size, longest)


@loop("void(float64[::1], int64, int64, int64, int64, int64, int64, float64[::1])")
def lines(
    x: Any, count: int, first: int, window: int, min_count: int, ddof: int, rooted: int, out: Any
) -> None:
    """`line` of so many that lie one after the other."""
    rows, results = x.shape[0] // count, out.shape[0] // count
    for k in range(count):
        near, target = x[k * rows : (k + 1) * rows], out[k * results : (k + 1) * results]
        line(near, first, window, min_count, ddof, rooted, target)
