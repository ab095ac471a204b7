"""Rolling minima at a cost that no window changes (van Herk; Gil and Werman), eight columns at a time.

Read the series as lines of eight rows. ``eights``, the minima of the last eight rows at each row, need three
shuffles. A window of 8q rows ends in ``min(eights[i], eights[i-8], ... q of them)``: a window of q lines down
each of eight columns, where suffix and prefix minima need no shuffle. A window of 8q + r rows is two of 8q, r
rows apart. Maxima are minima of the values times -1, turned back. A missing value is infinity, and where
there are some, a second pass counts them.
"""

from typing import Any

import numpy as np

from kernels._backend import LANES, either, inner, lane, load, loop, spread, store, up1, up2, up4, where
from kernels._exact.running import add_along, start

TILE = 64  # lines whose results rest a while: what was just stored is slow to load askew


@inner
def least(a: Any, b: Any) -> Any:
    """The lesser of each two; of zeros, -0.0: equal floats have the same bits but for that sign."""
    return either(where(a < b, a, b), where(b < a, b, a))


@inner
def values_at(x: Any, i: int, sign: float) -> Any:
    """Eight values times the sign, infinity for a missing one."""
    value = load(x, i) * sign
    return where(value == value, value, np.inf)


@inner
def short(x: Any, begin: int, window: int, sign: float, out: Any) -> None:
    """Rows of full windows by all their values; the last eight may be some of those before again."""
    for row in range(begin, x.shape[0], LANES):
        i = min(row, x.shape[0] - LANES)
        best = values_at(x, i, sign)
        for k in range(i - window + 1, i):
            best = least(best, values_at(x, k, sign))
        store(out, i, best * sign)


@inner
def single(x: Any, begin: int, end: int, window: int, sign: float, out: Any) -> None:
    """Rows one by one."""
    for i in range(begin, end):
        best = spread(np.inf)
        for k in range(max(0, i - window + 1), i + 1):
            value = spread(x[k]) * sign
            best = least(best, where(value == value, value, np.inf))
        out[i] = lane(best, 0) * sign


@inner
def suffixes_of(eights: Any, lines: int) -> None:
    """Turn so many lines into the minima of each and those after it."""
    suffix = spread(np.inf)
    for k in range(lines - 1, -1, -1):
        suffix = least(suffix, load(eights, k * LANES))
        store(eights, k * LANES, suffix)


@inner
def long(x: Any, window: int, sign: float, out: Any) -> None:
    """All whole lines, as if infinities went before."""
    lines, height, apart = x.shape[0] // LANES, window // LANES, window % LANES
    tile = height * max(1, TILE // height)
    suffixes = np.full((height + 1) * LANES, np.inf)  # of the lines before; the last is none
    results = np.full((tile + 1) * LANES, np.inf)  # of windows of whole lines, from a line before on
    one = two = four = last = spread(np.inf)
    for first in range(0, lines, tile):
        end = min(first + tile, lines)
        store(results, 0, last)
        for top in range(first, end, height):
            prefix = spread(np.inf)
            for k in range(min(height, end - top)):
                now = values_at(x, (top + k) * LANES, sign)
                pairs = least(now, up1(one, now))
                fours = least(pairs, up2(two, pairs))
                eights = least(fours, up4(four, fours))
                one, two, four = now, pairs, fours
                prefix = least(prefix, eights)
                last = least(prefix, load(suffixes, (k + 1) * LANES))
                store(suffixes, k * LANES, eights)
                store(results, (top - first + k + 1) * LANES, last)
            suffixes_of(suffixes, height)
        for k in range(end - first):
            place = (k + 1) * LANES
            value = least(load(results, place), load(results, place - apart))
            store(out, (first + k) * LANES, value * sign)


@inner
def any_missing(x: Any) -> bool:
    """Whether there is a NaN."""
    missing = 0
    for i in range(x.shape[0]):
        missing += 1 if x[i] != x[i] else 0
    return missing > 0


@inner
def blank_from(x: Any, row: int, window: int, min_count: int, count: int, out: Any) -> None:
    """NaN for the rows from one on whose windows have too few values, given the count before it."""
    rows = x.shape[0]
    counts = start(float(count))
    while row + LANES <= rows:
        new, old = load(x, row), load(x, row - window)
        change = where(new == new, 1.0, spread(0.0)) - where(old == old, 1.0, spread(0.0))
        counts = add_along(counts, change)
        store(out, row, where(counts.total < float(min_count), spread(np.nan), load(out, row)))
        row += LANES
    last = lane(counts.total, LANES - 1)
    for i in range(row, rows):
        last += (1.0 if x[i] == x[i] else 0.0) - (1.0 if x[i - window] == x[i - window] else 0.0)
        if last < min_count:
            out[i] = np.nan


@inner
def minima(x: Any, window: int, min_count: int, sign: float, out: Any) -> None:
    """Results of all rows of ``x``."""
    rows = x.shape[0]
    reach = min(window, rows)
    if rows < reach + LANES:
        done = 0
        if reach >= LANES:
            long(x, reach, sign, out)
            done = rows // LANES * LANES
        single(x, done, rows, reach, sign, out)
    elif reach >= LANES:
        long(x, reach, sign, out)
        short(x, rows // LANES * LANES, reach, sign, out)
    else:
        single(x, 0, reach - 1, reach, sign, out)
        short(x, reach - 1, reach, sign, out)
    count = 0
    for i in range(reach):
        count += 1 if x[i] == x[i] else 0
        if count < min_count:
            out[i] = np.nan
    if rows > reach and any_missing(x):
        blank_from(x, reach, reach, min_count, count, out)


@inner
def line(x: Any, first: int, window: int, min_count: int, sign: float, out: Any) -> None:
    """Minima (a sign of 1.0) or maxima (-1.0) of the windows that end in ``x[first:]``."""
    if first == 0:
        minima(x, window, min_count, sign, out)
    elif first < x.shape[0]:
        every = np.empty(x.shape[0])
        minima(x, window, min_count, sign, every)
        for i in range(first, x.shape[0]):
            out[i - first] = every[i]


@loop("void(float64[::1], int64, int64, int64, int64, float64, float64[::1])")
def lines(x: Any, count: int, first: int, window: int, min_count: int, sign: float, out: Any) -> None:
    """`line` of so many that lie one after the other."""
    rows, results = x.shape[0] // count, out.shape[0] // count
    for k in range(count):
        near, target = x[k * rows : (k + 1) * rows], out[k * results : (k + 1) * results]
        line(near, first, window, min_count, sign, target)
