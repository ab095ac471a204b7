"""One-dimensional results of any values: ``out[i]`` is about the window that ends in ``x[first + i]``."""

from typing import Any

import numpy as np

from kernels._backend.compiled import fma, loop
from kernels._loops import engine, exact, tiles, wild

SUMS = 0
MEANS = 1


@loop(
    "void(float64[::1], int64, int64, int64, int64, int64[:, ::1], float64[:, ::1], float64[::1])", entry=True
)
def statistics(
    x: Any, first: int, window: int, min_count: int, kind: int, limbs: Any, reals: Any, out: Any
) -> None:
    """Sums (``kind`` 0) or means (1), by tiles; all arguments are those of `kernels._loops.series`."""
    rows = x.shape[0]
    whole = np.empty(engine.WHOLE_SIZE, np.int64)
    carry = np.empty(4)
    digits = np.empty((3, exact.SIZE), np.int64)
    engine.start(whole, carry)
    inverse = 1.0 / window
    rest = fma(-inverse, float(window), 1.0) * inverse
    begin = 0
    while begin < rows:
        end = engine.tile_end(begin, rows, window, first)
        size = end - begin
        form = engine.advance(x, begin, end, window, whole, carry, limbs, reals)
        target = out[begin - first : end - first] if end > first else reals[2, :size]
        s = reals[0, :size]
        t = reals[1, :size]
        if form == engine.WILD:
            wild_statistics(x, begin, end, window, min_count, kind, whole, carry, digits, target)
        elif end > first:
            if kind == MEANS and form != engine.COUNTED:
                engine.read_means(form, carry, limbs, inverse, rest, target)
            else:
                engine.read(form, carry, limbs, 0, size, s, t)
                if form != engine.COUNTED:
                    tiles.fill(limbs[2, :size], window)
                if kind == SUMS:
                    tiles.counted_sums(s, limbs[2, :size], min_count, target)
                else:
                    tiles.counted_means(s, t, limbs[2, :size], min_count, target)
        whole[engine.WAS_WILD] = 1 if form == engine.WILD else 0
        begin = end


@loop(
    "void(float64[::1], int64, int64, int64, int64, int64, int64[::1], float64[::1], int64[:, ::1], "
    "float64[::1])"
)
def wild_statistics(
    x: Any,
    begin: int,
    end: int,
    window: int,
    min_count: int,
    kind: int,
    whole: Any,
    carry: Any,
    digits: Any,
    out: Any,
) -> None:
    """A tile of `statistics`, row by row."""
    sums = digits[0]
    scratch = digits[1]
    counts = whole[engine.WILD_COUNTS : engine.WILD_COUNTS + 3]
    if whole[engine.WAS_WILD] == 0:
        wild.refill(sums, counts, x[max(0, begin - window) : begin])
    for i in range(begin, end):
        wild.count_in(sums, counts, x[i], 1)
        if i >= window:
            wild.count_in(sums, counts, x[i - window], -1)
        if counts[wild.VALID] < min_count:
            out[i - begin] = np.nan
        elif kind == SUMS:
            out[i - begin] = wild.row_sum(sums, counts, scratch)
        else:
            out[i - begin] = wild.row_mean(sums, counts, scratch)
    wild.leave(sums, counts, scratch, whole, carry)


@loop("int64(float64[::1], int64, int64, int64, int64[:, ::1], float64[:, ::1], int8[::1])", entry=True)
def signals(x: Any, first: int, window: int, min_count: int, limbs: Any, reals: Any, out: Any) -> int:
    """1 where a value is above its window's mean, 0 where not; the number of rows left open, 2 in ``out``."""
    rows = x.shape[0]
    whole = np.empty(engine.WHOLE_SIZE, np.int64)
    carry = np.empty(4)
    digits = np.empty((3, exact.SIZE), np.int64)
    spare = np.empty(engine.TILE, np.int8)
    engine.start(whole, carry)
    still_open = 0
    begin = 0
    while begin < rows:
        end = engine.tile_end(begin, rows, window, first)
        size = end - begin
        form = engine.advance(x, begin, end, window, whole, carry, limbs, reals)
        target = out[begin - first : end - first] if end > first else spare[:size]
        values = x[begin:end]
        s = reals[0, :size]
        counts = limbs[2, :size]
        bound = 2.0**-50 * window * engine.largest(whole)
        open_rows = 0
        if form == engine.WILD:
            open_rows = wild_signals(x, begin, end, window, min_count, whole, carry, digits, target)
        elif end > first:
            engine.read(form, carry, limbs, 0, size, s, reals[1, :size])
            if form == engine.COUNTED:
                open_rows = tiles.counted_signals(values, s, counts, min_count, bound, target)
            else:
                open_rows = tiles.signals(values, s, float(window), bound, target)
        still_open += open_rows if end > first else 0
        whole[engine.WAS_WILD] = 1 if form == engine.WILD else 0
        begin = end
    return still_open


@loop("int64(float64[::1], int64, int64, int64, int64, int64[::1], float64[::1], int64[:, ::1], int8[::1])")
def wild_signals(
    x: Any,
    begin: int,
    end: int,
    window: int,
    min_count: int,
    whole: Any,
    carry: Any,
    digits: Any,
    out: Any,
) -> int:
    """A tile of `signals`, row by row."""
    sums = digits[0]
    scratch = digits[1]
    sizes = digits[2]
    counts = whole[engine.WILD_COUNTS : engine.WILD_COUNTS + 3]
    if whole[engine.WAS_WILD] == 0:
        wild.refill(sums, counts, x[max(0, begin - window) : begin])
        wild.refill_sizes(sizes, x[max(0, begin - window) : begin])
    open_rows = 0
    for i in range(begin, end):
        wild.count_in(sums, counts, x[i], 1)
        wild.size_in(sizes, x[i], 1)
        if i >= window:
            wild.count_in(sums, counts, x[i - window], -1)
            wild.size_in(sizes, x[i - window], -1)
        signal = 0
        if counts[wild.VALID] >= min_count:
            signal = wild.row_signal(sums, sizes, counts, scratch, x[i])
        out[i - begin] = signal
        open_rows += 1 if signal == 2 else 0
    wild.leave(sums, counts, scratch, whole, carry)
    return open_rows
