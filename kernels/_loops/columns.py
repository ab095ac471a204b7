"""As `kernels._loops.steps`, down the columns of a table: eight neighbours at a time, each in its own frame.

``x`` and ``out`` hold the rows of a table one after the other.
"""

from typing import Any

import numpy as np

from kernels._backend.compiled import (
    all_of,
    any_bits,
    as_reals,
    as_wholes,
    bits,
    eight,
    fma,
    fused,
    loop,
    prefetch,
    put,
)
from kernels._loops import tiles
from kernels._loops.steps import (
    ANCHOR,
    EXPONENT,
    HIGH_ANCHOR,
    HIGH_HALF,
    LANES,
    LONGEST,
    SHORT,
    frame,
    steps_from,
)

# rows of a frame
PER_STEP = 0
ORIGIN = 1
REFERENCE = 2
STEP = 3


@loop("int64(float64[::1], int64, int64, int64, int64, float64[:, ::1], int64[::1])")
def frames(x: Any, columns: int, place: int, begin: int, row: int, framed: Any, totals: Any) -> int:
    """Frame eight columns by their values of some rows, and sum up all but the last; 0 if they do not fit."""
    for lane in range(LANES):
        low = bits(x[row * columns + place + lane])
        high = low
        for k in range(begin, row):
            pattern = bits(x[k * columns + place + lane])
            low = min(low, pattern)
            high = max(high, pattern)
        reference, step = frame(low, high)
        if step == 0.0:
            return 0
        framed[PER_STEP, lane] = 1.0 / step
        framed[ORIGIN, lane] = tiles.MAGIC - reference / step
        framed[REFERENCE, lane] = reference / step
        framed[STEP, lane] = step
        total = 0
        for k in range(begin, row):
            total += steps_from(x[k * columns + place + lane], framed[PER_STEP, lane], framed[ORIGIN, lane])
            if abs(total) >= ANCHOR >> 1:
                return 0
        totals[lane] = total
    return 1


@loop(
    "int64(float64[::1], int64, int64, int64, int64, int64, int64, int64, float64[:, ::1], int64[::1], "
    "float64[::1])"
)
def down_eight(
    x: Any,
    columns: int,
    place: int,
    begin: int,
    end: int,
    window: int,
    min_count: int,
    means: int,
    framed: Any,
    totals: Any,
    out: Any,
) -> int:
    """Means or sums of some rows of eight columns; not 0 where a value or a sum is out of range."""
    per_step8 = as_reals(eight(framed[PER_STEP], 0))
    origin8 = as_reals(eight(framed[ORIGIN], 0))
    reference8 = as_reals(eight(framed[REFERENCE], 0))
    step8 = as_reals(eight(framed[STEP], 0))
    magic_bits8 = all_of(tiles.MAGIC_BITS)
    high_half8 = all_of(HIGH_HALF)
    half8 = all_of(tiles.HALF)
    low_half8 = all_of(tiles.LOW_HALF)
    places8 = all_of(32)
    high_anchor8 = all_of(HIGH_ANCHOR)
    low_anchor8 = all_of(tiles.TWO_52)
    nan8 = all_of(np.nan)
    strange = all_of(0)
    beyond = all_of(0)
    sums = eight(totals, 0) + all_of(ANCHOR)
    count = min(begin, window)
    offset8 = reference8
    inverse8 = step8
    rest8 = all_of(0.0)
    for row in range(begin, end):
        i = row * columns + place
        prefetch(x, i + LANES)
        prefetch(out, i + LANES)
        entering = as_wholes(fused(as_reals(eight(x, i)), per_step8, origin8))
        strange |= entering ^ magic_bits8
        sums += entering - magic_bits8
        if row >= window:
            leaving = as_wholes(fused(as_reals(eight(x, i - window * columns)), per_step8, origin8))
            sums = sums - (leaving - magic_bits8)
        if row < window or row == begin:
            count = min(row + 1, window)
            offset8 = all_of(float(count)) * reference8
            if means:
                inverse = 1.0 / count
                inverse8 = all_of(inverse) * step8
                rest8 = all_of(fma(-inverse, float(count), 1.0) * inverse) * step8
        beyond |= sums
        high = (as_reals((sums >> places8) | high_half8) - high_anchor8) + offset8
        low = as_reals((sums & half8) | low_half8) - low_anchor8
        s = high + low
        t = (high - s) + low
        mean = fused(s, inverse8, fused(s, rest8, t * inverse8))
        put(out, i, mean if count >= min_count else nan8)
    put(totals, 0, sums - all_of(ANCHOR))
    return any_bits(strange) >> EXPONENT | any_bits(beyond) >> 63


@loop("int64(float64[::1], int64, int64, int64, int64, int64, int64, float64[::1])", entry=True)
def statistics(
    x: Any, columns: int, first: int, end: int, window: int, min_count: int, means: int, out: Any
) -> int:
    """Means or sums of the columns from ``first`` on, as far as the values allow: the column it came to."""
    rows = x.shape[0] // columns
    framed = np.empty((4, LANES))
    totals = np.empty(LANES, np.int64)
    place = first
    while place + LANES <= end and window <= LONGEST:
        row = 0
        size = rows
        while row < rows:
            if not frames(x, columns, place, max(0, row - window), row, framed, totals):
                return place
            reached = row
            while reached < rows:
                stop = min(reached + size, rows)
                last_totals = totals.copy()
                if down_eight(
                    x, columns, place, reached, stop, window, min_count, means, framed, totals, out
                ):
                    for lane in range(LANES):
                        totals[lane] = last_totals[lane]
                    break
                reached = stop
            if reached == row and size <= SHORT:
                return place
            row = reached
            size = SHORT
        place += LANES
    return place
