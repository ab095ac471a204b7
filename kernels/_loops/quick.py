"""Signals by plain sums with a proven bound of their rounding errors; what the bound leaves open goes on.

The sums begin anew every so often, and the bound covers all that was added since. Rows with missing or
infinite values in reach are left to the exact sums.
"""

from typing import Any

from kernels._backend.compiled import bits, from_bits, loop
from kernels._loops import engine, tiles, windows

ROUNDING = 2.0**-53
RENEW = 1 << 15
SHORTEST = 5
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


@loop("int64(float64[::1], int64, float64, int8[::1])")
def compare_short(x: Any, window: int, bound: float, out: Any) -> int:
    """As `compare`, windows of 3 to `SHORTEST` that begin at each of ``x``, without storing sums."""
    apart = 0
    if window == 3:
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
    else:
        for i in range(out.shape[0]):
            above = 4.0 * x[i + 4] - ((x[i] + x[i + 1]) + (x[i + 2] + x[i + 3]))
            is_apart = abs(above) > bound
            apart += 1 if is_apart else 0
            out[i] = (1 if above > 0.0 else 0) if is_apart else 2
    return out.shape[0] - apart


@loop("float64(int64)")
def worst_bound(window: int) -> float:
    """The largest bound that `signals` may use, to the largest magnitude."""
    rows = max(RENEW, 8 * window) + engine.TILE
    longest = 1.0 + min(window, engine.TILE // 4 + 3)
    tiles_of_rows = rows // engine.TILE + 2.0
    return ROUNDING * (
        1.0 * window * window + 4.0 * (rows * longest + tiles_of_rows * window) + 16.0 * window
    )


@loop("int64(float64[::1], int64, int64, int64, int64[:, ::1], float64[:, ::1], int8[::1])", entry=True)
def signals(x: Any, first: int, window: int, min_count: int, limbs: Any, reals: Any, out: Any) -> int:
    """As `kernels._loops.windows.signals`, but quick where that can be; of windows of more than two."""
    rows = x.shape[0]
    moves = reals[0]
    still_open = 0
    begin = first
    if begin < window:
        begin = min(window, rows)
        still_open += windows.signals(
            x[:begin], first, window, min_count, limbs, reals, out[: max(begin - first, 0)]
        )
    short = window <= SHORTEST
    weight = float(window)
    while begin < rows:
        stop = min(rows, begin + max(RENEW, 8 * window))
        high = largest_bits(x[begin - window : begin])
        sums = 0.0 if short else total(x[begin - window : begin])
        error = ROUNDING * weight * weight
        while begin < stop:
            end = min(begin + engine.TILE, stop)
            size = end - begin
            entering = x[begin:end]
            target = out[begin - first : end - first]
            high = max(high, largest_bits(entering))
            tiles.fetch(x, end, end + size)
            if high >= LARGEST or 0 < high < SMALLEST:
                break
            largest = from_bits(high)
            if short:
                bound = (error + 16.0 * ROUNDING * weight) * largest
                still_open += compare_short(x[begin - window + 1 : end], window, bound, target)
            else:
                movements(entering, x[begin - window : end - window], moves[:size])
                error += ROUNDING * 4.0 * (size * (1.0 + min(window, size // 4 + 3)) + weight)
                bound = (error + 16.0 * ROUNDING * weight) * largest
                quarter = size // 4
                for k in range(4):
                    a = k * quarter
                    b = a + quarter if k < 3 else size
                    still_open += compare(entering[a:b], moves[a:b], sums, weight, bound, target[a:b])
                    if b > a:
                        sums += moves[b - 1]
            begin = end
        if begin < stop:
            end = min(rows, begin + max(8 * engine.TILE, 4 * window))
            before = window - 1
            still_open += windows.signals(
                x[begin - before : end],
                before,
                window,
                min_count,
                limbs,
                reals,
                out[begin - first : end - first],
            )
            begin = end
    return still_open
