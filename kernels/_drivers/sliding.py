"""Sums and what is made of sums, of a line of values: block by block, eight rows at a time."""

from collections.abc import Callable
from typing import Any

import numpy as np

from kernels._backend import LANES, inner, lane, load, prefetch, store
from kernels._exact.grid import BROAD, COUNTED, MARKED, NARROW, NONE, Grid, extent_of, grid_of
from kernels._exact.parts import sums_of
from kernels._exact.running import add_along
from kernels._statistics import any_sums, sums

BLOCK = 4096
FEW = 64  # rows that are not worth another try with a grid of their own
QUARTER = 4


@inner
def pad(lanes: Any, values: Any, begin: int, end: int) -> Any:
    """``values[begin:end]``, up to eight, and the last one as often as need be, in room for them."""
    for i in range(LANES):
        lanes[i] = values[min(begin + i, end - 1)]
    return lanes


@inner
def slide(step: Callable[..., Any], state: Any, constants: Any, entering: Any, leaving: Any, out: Any) -> Any:
    """Results of the rows after those which the state is about; the state after the last eight."""
    rows = out.shape[0]
    whole = rows // LANES * LANES
    target = out[:whole]
    for part in range(2):
        for i in range(0, target.shape[0], LANES):
            prefetch(entering, i + rows)  # for the next block's extent, which would wait for memory
            state, result = step(add_along, state, load(entering, i), load(leaving, i), constants)
            store(target, i, result)
        if whole == rows or part == 1:
            break
        room = np.empty(3 * LANES)
        target = room[:LANES]
        entering = pad(room[LANES : 2 * LANES], entering, whole, rows)
        leaving = pad(room[2 * LANES :], leaving, whole, rows)
    for i in range(whole, rows):
        out[i] = target[i - whole]
    return state


@inner
def block(near: Any, window: int, min_count: int, means: int, grid: Grid, out: Any) -> None:
    """Results of the rows that end a window of ``near``."""
    state, constants = sums.begin(grid, sums_of(near[:window], grid), window, min_count, means)
    entering = near[window:]
    if grid.form == NARROW:
        out[0] = lane(sums.narrow_read(state, constants), 0)
        slide(sums.narrow_step, state, constants, entering, near, out[1:])
    elif grid.form == BROAD:
        out[0] = lane(sums.narrow_read(state, constants), 0)
        slide(sums.broad_step, state, constants, entering, near, out[1:])
    elif grid.form == MARKED:
        out[0] = lane(sums.marked_read(state, constants), 0)
        slide(sums.marked_step, state, constants, entering, near, out[1:])
    elif grid.form == COUNTED:
        out[0] = lane(sums.counted_read(state, constants), 0)
        slide(sums.counted_step, state, constants, entering, near, out[1:])
    else:
        out[0] = lane(sums.wide_read(state, constants), 0)
        slide(sums.wide_step, state, constants, entering, near, out[1:])


@inner
def one_by_one(near: Any, window: int, min_count: int, means: int, out: Any) -> None:
    """Likewise, of any values."""
    state = any_sums.begin()
    for i in range(near.shape[0]):
        any_sums.step(state, near[i], 1)
        if i >= window:
            any_sums.step(state, near[i - window], -1)
        if i >= window - 1:
            out[i - window + 1] = any_sums.read(state, min_count, means)


@inner
def finite(near: Any) -> Any:
    """The values with 0 for infinities."""
    values = np.empty(near.shape[0])
    for i in range(near.shape[0]):
        values[i] = 0.0 if abs(near[i]) == np.inf else near[i]
    return values


@inner
def infinities(near: Any, window: int, out: Any) -> None:
    """Put what infinities make of results where windows hold some."""
    above = below = -1
    for i in range(near.shape[0]):
        above = i if near[i] == np.inf else above
        below = i if near[i] == -np.inf else below
        row = i - window + 1
        if row >= 0 and max(above, below) >= row and out[row] == out[row]:
            out[row] = np.nan if min(above, below) >= row else np.inf if above >= row else -np.inf


@inner
def reach(x: Any, row: int, end: int, window: int) -> Any:
    """The values of the windows that end in ``x[row:end]``, NaN before the first."""
    begin = row - window + 1
    if begin >= 0:
        return x[begin:end]
    near = np.empty(end - begin)
    for i in range(begin, end):
        near[i - begin] = x[i] if i >= 0 else np.nan
    return near


@inner
def line(x: Any, first: int, window: int, min_count: int, means: int, out: Any) -> None:
    """Sums, or means, of the windows that end in ``x[first:]``; NaN where they have too few values."""
    rows, all_needed, row = x.shape[0], min_count == window, first
    if all_needed or min_count > rows:
        row = max(first, min(min_count - 1, rows))
        for i in range(first, row):
            out[i - first] = np.nan
    window = min(window, max(rows, 1))
    size = longest = max(BLOCK, 8 * window)
    few = max(FEW, window // QUARTER)
    while row < rows:
        end = min(row + size, rows)
        near, target = reach(x, row, end, window), out[row - first : end - first]
        extent = extent_of(near)
        values = finite(near) if extent.infinite else near
        grid = grid_of(extent, window, all_needed)
        if grid.form == NONE and end - row > few:
            size = (end - row) // QUARTER
            continue
        if grid.form == NONE:
            one_by_one(near, window, min_count, means, target)
        else:
            block(values, window, min_count, means, grid, target)
            if extent.infinite:
                infinities(near, window, target)
        row, size = end, min(QUARTER * size, longest)
