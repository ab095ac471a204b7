"""One value at a time: the state of a window, and what a value makes of it, at a cost that no window changes.

``ring`` holds the window's values, the oldest to be replaced next. ``whole`` holds all other state in whole
numbers: two accumulators (sum, scratch) and counts.
"""

from typing import Any

import numpy as np

from kernels._backend.compiled import loop
from kernels._loops import exact, wild
from kernels._loops.windows import MEANS

SUM = 0
SCRATCH = exact.SIZE
COUNTS = 2 * exact.SIZE
SEEN = COUNTS + 3
SIZE = SEEN + 1


@loop("void(int64[::1])", entry=True)
def start(whole: Any) -> None:
    """The state before the first value."""
    for k in range(SIZE):
        whole[k] = 0
    exact.clear(whole[SUM : SUM + exact.SIZE])


@loop("void(int64[::1], float64[::1], float64)")
def push(whole: Any, ring: Any, value: float) -> None:
    """Take a value in, and the oldest out."""
    sums = whole[SUM : SUM + exact.SIZE]
    counts = whole[COUNTS : COUNTS + 3]
    seen = whole[SEEN]
    place = seen % ring.shape[0]
    wild.count_in(sums, counts, value, 1)
    if seen >= ring.shape[0]:
        wild.count_in(sums, counts, ring[place], -1)
    ring[place] = value
    whole[SEEN] = seen + 1


@loop("float64(int64[::1], float64[::1], int64, int64, float64)", entry=True)
def statistic(whole: Any, ring: Any, min_count: int, kind: int, value: float) -> float:
    """Push a value and give the sum (``kind`` 0) or mean (1) after it."""
    counts = whole[COUNTS : COUNTS + 3]
    sums = whole[SUM : SUM + exact.SIZE]
    scratch = whole[SCRATCH : SCRATCH + exact.SIZE]
    push(whole, ring, value)
    if counts[wild.VALID] < min_count:
        return np.nan
    if kind == MEANS:
        return wild.row_mean(sums, counts, scratch)
    return wild.row_sum(sums, counts, scratch)


@loop("void(int64[::1], float64[::1], int64, int64, float64[::1], float64[::1])", entry=True)
def statistics(whole: Any, ring: Any, min_count: int, kind: int, values: Any, out: Any) -> None:
    """`statistic` of all values."""
    for i in range(values.shape[0]):
        out[i] = statistic(whole, ring, min_count, kind, values[i])


@loop("void(int64[::1], float64[::1], float64[::1])", entry=True)
def refill(whole: Any, ring: Any, values: Any) -> None:
    """Make the state that after ``values``, of which the last fill the ring."""
    start(whole)
    for i in range(values.shape[0]):
        push(whole, ring, values[i])
