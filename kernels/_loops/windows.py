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
