"""Signals by plain sums with a proven bound of their rounding errors; what the bound leaves open goes on.

The sums begin anew every so often, and the bound covers all that was added since. Open rows are decided in
decimals; rows with missing or infinite values in reach are left to the exact sums.
"""

from typing import Any

import numpy as np

from kernels._compiled import bits, from_bits, loop
from kernels._loops import decimals, engine, slices, tiles, windows

ROUNDING = 2.0**-53
RENEW = 1 << 15
LARGEST = (1023 + 900) << 52
SMALLEST = (1023 - 900) << 52


@loop("int64(float64[::1])")
def largest_bits(x: Any) -> int:
    """The bits of the largest magnitude; more than those of infinity where there is a NaN."""
    high = 0
    for i in range(x.shape[0]):
        high = max(high, bits(x[i]) & tiles.ABSOLUTE)
    return high


@loop("float64(float64[::1])")
def total(x: Any) -> float:
    """A plain sum, by four sums."""
    n = x.shape[0] // 4
    a = 0.0
    b = 0.0
    c = 0.0
    d = 0.0
    xa = x[:n]
    xb = x[n : 2 * n]
    xc = x[2 * n : 3 * n]
    xd = x[3 * n : 4 * n]
    for i in range(n):
        a += xa[i]
        b += xb[i]
        c += xc[i]
        d += xd[i]
    for i in range(4 * n, x.shape[0]):
        a += x[i]
    return (a + b) + (c + d)


@loop("void(float64[::1], float64[::1], float64[::1])")
def movements(entering: Any, leaving: Any, out: Any) -> None:
    """How far the sum has moved in each quarter of the tile: four sums, of which none waits for another."""
    n = out.shape[0] // 4
    a = 0.0
    b = 0.0
    c = 0.0
    d = 0.0
    xa = entering[:n]
    xb = entering[n : 2 * n]
    xc = entering[2 * n : 3 * n]
    xd = entering[3 * n : 4 * n]
    ya = leaving[:n]
    yb = leaving[n : 2 * n]
    yc = leaving[2 * n : 3 * n]
    yd = leaving[3 * n : 4 * n]
    oa = out[:n]
    ob = out[n : 2 * n]
    oc = out[2 * n : 3 * n]
    od = out[3 * n : 4 * n]
    for i in range(n):
        a += xa[i] - ya[i]
        b += xb[i] - yb[i]
        c += xc[i] - yc[i]
        d += xd[i] - yd[i]
        oa[i] = a
        ob[i] = b
        oc[i] = c
        od[i] = d
    for i in range(4 * n, out.shape[0]):
        d += entering[i] - leaving[i]
        out[i] = d


@loop("int64(float64[::1], float64[::1], float64, float64, float64, int8[::1])")
def compare(x: Any, moves: Any, start: float, window: float, bound: float, out: Any) -> int:
    """1 where ``window * x`` is above the sum, ``start`` and its move; 2 within ``bound``, and how many."""
    apart = 0
    for i in range(out.shape[0]):
        above = (window * x[i] - start) - moves[i]
        is_apart = abs(above) > bound
        apart += 1 if is_apart else 0
        out[i] = (1 if above > 0.0 else 0) if is_apart else 2
    return out.shape[0] - apart


@loop("int64(float64[::1], int64, float64, float64[::1], int8[::1])")
def compare_short(x: Any, window: int, bound: float, scratch: Any, out: Any) -> int:
    """As `compare`, the windows beginning at each of ``x``; the shortest without storing sums."""
    apart = 0
    if window == 2:
        for i in range(out.shape[0]):
            above = x[i + 1] - x[i]
            is_apart = abs(above) > bound
            apart += 1 if is_apart else 0
            out[i] = (1 if above > 0.0 else 0) if is_apart else 2
    elif window == 3:
        for i in range(out.shape[0]):
            above = 2.0 * x[i + 2] - (x[i] + x[i + 1])
            is_apart = abs(above) > bound
            apart += 1 if is_apart else 0
            out[i] = (1 if above > 0.0 else 0) if is_apart else 2
    elif window == 4:
        for i in range(out.shape[0]):
            above = 3.0 * x[i + 3] - ((x[i] + x[i + 1]) + x[i + 2])
            is_apart = abs(above) > bound
            apart += 1 if is_apart else 0
            out[i] = (1 if above > 0.0 else 0) if is_apart else 2
    elif window == 5:
        for i in range(out.shape[0]):
            above = 4.0 * x[i + 4] - ((x[i] + x[i + 1]) + (x[i + 2] + x[i + 3]))
            is_apart = abs(above) > bound
            apart += 1 if is_apart else 0
            out[i] = (1 if above > 0.0 else 0) if is_apart else 2
    else:
        slices.sums(x, window, scratch)
        return compare(x[window - 1 :], scratch, 0.0, float(window), bound, out)
    return out.shape[0] - apart


@loop("void(int8[::1])")
def open_all(out: Any) -> None:
    """Leave all rows open."""
    for i in range(out.shape[0]):
        out[i] = 2


@loop("int64(int8[::1])")
def ones(out: Any) -> int:
    """Number of rows that are not 0."""
    count = 0
    for i in range(out.shape[0]):
        count += 1 if out[i] != 0 else 0
    return count


@loop("int64(float64[::1], int64, int64, int64, int8[::1])", entry=True)
def signals(x: Any, first: int, window: int, min_count: int, out: Any) -> int:
    """As `kernels._loops.windows.signals`, but quick where that can be."""
    width = min(x.shape[0], engine.TILE) + engine.PADDING
    return signals_in(x, first, window, min_count, np.empty((3, width), np.int64), np.empty((1, width)), out)


@loop("int64(float64[::1], int64, int64, int64, int64[:, ::1], float64[:, ::1], int8[::1])", entry=True)
def signals_in(x: Any, first: int, window: int, min_count: int, limbs: Any, reals: Any, out: Any) -> int:
    """`signals` in scratch of the caller's, as `kernels._loops.windows.statistics_in`."""
    rows = x.shape[0]
    if window == 1:
        for i in range(out.shape[0]):
            out[i] = 0
        return 0
    moves = reals[0]
    state = np.empty(decimals.STATE_SIZE, np.int64)
    decimals.start(state)
    tiles.fill(limbs[2], window)
    still_open = 0
    begin = first
    if begin < window - 1:
        begin = min(window - 1, rows)
        if min_count == window:
            for i in range(begin - first):
                out[i] = 0
        else:
            still_open += windows.signals(x[:begin], first, window, min_count, out[: begin - first])
    if begin == window - 1 and begin < rows:
        still_open += windows.signals(
            x[:window], begin, window, min_count, out[begin - first : window - first]
        )
        begin = window

    short = window <= slices.LONGEST
    weight = float(window)
    while begin < rows:
        stop = min(rows, begin + max(RENEW, 8 * window))
        high = largest_bits(x[begin - window : begin])
        sums = 0.0 if short else total(x[begin - window : begin])
        error = ROUNDING * weight * weight
        flat = False
        while begin < stop:
            end = min(begin + engine.TILE, stop)
            size = end - begin
            entering = x[begin:end]
            leaving = x[begin - window : end - window]
            target = out[begin - first : end - first]
            high = max(high, largest_bits(entering))
            tiles.fetch(x, end, end + size)
            if high >= LARGEST or 0 < high < SMALLEST:
                break
            largest = from_bits(high)
            near = 0
            if flat:
                # all rows of the last tile were near ties: do without sums until a row is above
                open_all(target)
                near = size
            elif short:
                bound = (error + 16.0 * ROUNDING * weight) * largest
                near = compare_short(x[begin - window + 1 : end], window, bound, moves[:size], target)
            else:
                movements(entering, leaving, moves[:size])
                error += ROUNDING * 4.0 * (size * (1.0 + min(window, size // 4 + 3)) + weight)
                bound = (error + 16.0 * ROUNDING * weight) * largest
                quarter = size // 4
                for k in range(4):
                    a = k * quarter
                    b = a + quarter if k < 3 else size
                    near += compare(entering[a:b], moves[a:b], sums, weight, bound, target[a:b])
                    if b > a:
                        sums += moves[b - 1]
            if near > 0:
                still_open += decimals.decide(
                    x, begin, end, window, limbs[2, :size], limbs, state, near, target
                )
            if flat and ones(target) > 0:
                stop = end
            flat = near == size
            begin = end
        if begin < stop:
            end = min(rows, begin + max(8 * engine.TILE, 4 * window))
            before = window - 1
            still_open += windows.signals(
                x[begin - before : end], before, window, min_count, out[begin - first : end - first]
            )
            begin = end
    return still_open
