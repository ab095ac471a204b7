"""Passes over one tile of rows, each a plain loop that the compiler vectorises.

Window sums are kept as whole numbers of a grid step that divides every value at hand, so they are exact and
no order of additions can change a bit. A *limb* is such a number per row: one limb where the values lie close
together, two (a coarse and a fine one) where they do not.
"""

from typing import Any

import numpy as np

from kernels._backend.compiled import bits, fma, from_bits, loop, prefetch

# adding MAGIC to a number below 2**51 leaves it, as an integer, in the low bits of the sum
MAGIC = 6755399441055744.0
MAGIC_BITS = 0x4338000000000000
ABSOLUTE = 0x7FFFFFFFFFFFFFFF
INFINITE = 0x7FF0000000000000
HALF = 0xFFFFFFFF
HIGH_HALF = 0x4530000080000000
LOW_HALF = 0x4330000000000000
TWO_52 = 4503599627370496.0


@loop("UniTuple(int64, 4)(float64[::1])")
def extent(x: Any) -> tuple[int, int, int, int]:
    """Bits of the smallest and largest magnitudes; the or and the and of all bits, for the signs."""
    low = ABSOLUTE
    high = 0
    some = 0
    every = -1
    for i in range(x.shape[0]):
        pattern = bits(x[i])
        size = pattern & ABSOLUTE
        high = max(high, size)
        low = min(low, size)
        some |= pattern
        every &= pattern
    return low, high, some, every


@loop("UniTuple(int64, 2)(float64[::1])")
def range_of_bits(x: Any) -> tuple[int, int]:
    """Smallest and largest bits: those of the magnitudes, if the smallest is not negative."""
    low = ABSOLUTE
    high = -ABSOLUTE
    for i in range(x.shape[0]):
        pattern = bits(x[i])
        low = min(low, pattern)
        high = max(high, pattern)
    return low, high


@loop("UniTuple(int64, 4)(float64[::1])")
def finite_extent(x: Any) -> tuple[int, int, int, int]:
    """As `extent`, of finite values that are not zero; the numbers of NaN and of infinite values."""
    low = ABSOLUTE
    high = 0
    missing = 0
    infinite = 0
    for i in range(x.shape[0]):
        size = bits(x[i]) & ABSOLUTE
        missing += 1 if size > INFINITE else 0
        infinite += 1 if size == INFINITE else 0
        high = max(high, size if size < INFINITE else 0)
        low = min(low, size if 0 < size < INFINITE else ABSOLUTE)
    return low, high, missing, infinite


@loop("void(float64[::1], int64, int64)")
def fetch(x: Any, begin: int, end: int) -> None:
    """Have the memory of rows on its way while others are at work: a pass waits for its memory otherwise."""
    for i in range(begin, end, 8):
        prefetch(x, i)


@loop("void(int64[::1], int64)")
def fill(out: Any, value: int) -> None:
    """Put the value everywhere."""
    for i in range(out.shape[0]):
        out[i] = value


@loop("void(float64[::1], float64[::1], int64[::1])")
def present(x: Any, filled: Any, valid: Any) -> None:
    """Put 0 for NaN and tell which values are there."""
    for i in range(x.shape[0]):
        there = x[i] == x[i]
        filled[i] = x[i] if there else 0.0
        valid[i] = 1 if there else 0


@loop("void(int64[::1], int64[::1], int64[::1])")
def differences(entering: Any, leaving: Any, out: Any) -> None:
    """How many come less how many go."""
    for i in range(out.shape[0]):
        out[i] = entering[i] - leaving[i]


@loop("void(float64[::1], float64[::1], float64, int64[::1])")
def one_limb(entering: Any, leaving: Any, per_step: float, limb: Any) -> None:
    """What a row changes in the sum, in steps of the grid."""
    for i in range(limb.shape[0]):
        limb[i] = bits(fma(entering[i] - leaving[i], per_step, MAGIC)) - MAGIC_BITS


@loop("void(float64[::1], float64[::1], float64, float64, float64, int64[::1], int64[::1])")
def two_limbs(
    entering: Any,
    leaving: Any,
    per_coarse: float,
    coarse_step: float,
    per_fine: float,
    coarse: Any,
    fine: Any,
) -> None:
    """What a row changes in the sum: the nearest steps of the coarse grid, and the rest in the fine one."""
    for i in range(coarse.shape[0]):
        x = entering[i]
        y = leaving[i]
        x_steps = fma(x, per_coarse, MAGIC)
        y_steps = fma(y, per_coarse, MAGIC)
        x_rest = fma(MAGIC - x_steps, coarse_step, x)
        y_rest = fma(MAGIC - y_steps, coarse_step, y)
        coarse[i] = bits(x_steps) - bits(y_steps)
        fine[i] = bits(fma(x_rest, per_fine, MAGIC)) - bits(fma(y_rest, per_fine, MAGIC))


@loop("int64(int64[::1], int64)")
def accumulate(limb: Any, start: int) -> int:
    """Turn changes into sums, in place; give the last one."""
    total = start
    for i in range(limb.shape[0]):
        total += limb[i]
        limb[i] = total
    return total


@loop("void(int64[::1], float64, float64, float64[::1], float64[::1])")
def read_one(limb: Any, offset: float, step: float, s: Any, t: Any) -> None:
    """``s + t`` is the sum, ``s`` the float nearest to it; ``offset`` is the anchor of the upper halves."""
    for i in range(limb.shape[0]):
        n = limb[i]
        high = from_bits(((n >> 32) & HALF) ^ HIGH_HALF) - offset
        low = from_bits((n & HALF) | LOW_HALF) - TWO_52
        nearest = high + low
        s[i] = nearest * step
        t[i] = ((high - nearest) + low) * step


@loop("void(int64[::1], int64[::1], int64, float64, float64[::1], float64[::1])")
def read_two(coarse: Any, fine: Any, ratio: int, step: float, s: Any, t: Any) -> None:
    """``s + t`` is the sum, ``s`` the float nearest to it; a coarse step is ``2**ratio`` fine ones."""
    half = 1 << (ratio - 1)
    scale = float(1 << ratio)
    for i in range(coarse.shape[0]):
        carry = (fine[i] + half) >> ratio
        low = from_bits(fine[i] - (carry << ratio) + MAGIC_BITS) - MAGIC
        high = (from_bits(coarse[i] + carry + MAGIC_BITS) - MAGIC) * scale
        nearest = high + low
        s[i] = nearest * step
        t[i] = ((high - nearest) + low) * step


@loop("void(int64[::1], float64, float64, float64, float64[::1])")
def read_one_means(limb: Any, offset: float, inverse: float, rest: float, out: Any) -> None:
    """`read_one` and the mean in one pass; the inverses are per step of the grid."""
    for i in range(limb.shape[0]):
        n = limb[i]
        high = from_bits(((n >> 32) & HALF) ^ HIGH_HALF) - offset
        low = from_bits((n & HALF) | LOW_HALF) - TWO_52
        s = high + low
        t = (high - s) + low
        out[i] = fma(s, inverse, fma(s, rest, t * inverse))


@loop("void(int64[::1], int64[::1], int64, float64, float64, float64[::1])")
def read_two_means(coarse: Any, fine: Any, ratio: int, inverse: float, rest: float, out: Any) -> None:
    """`read_two` and the mean in one pass; the inverses are per fine step."""
    half = 1 << (ratio - 1)
    scale = float(1 << ratio)
    for i in range(coarse.shape[0]):
        carry = (fine[i] + half) >> ratio
        low = from_bits(fine[i] - (carry << ratio) + MAGIC_BITS) - MAGIC
        high = (from_bits(coarse[i] + carry + MAGIC_BITS) - MAGIC) * scale
        s = high + low
        t = (high - s) + low
        out[i] = fma(s, inverse, fma(s, rest, t * inverse))


@loop("void(float64[::1], float64[::1], int64[::1], int64, float64[::1])")
def counted_means(s: Any, t: Any, counts: Any, min_count: int, out: Any) -> None:
    """The sum ``s + t`` over a count per row; NaN where that is below ``min_count``."""
    for i in range(out.shape[0]):
        count = from_bits(counts[i] | LOW_HALF) - TWO_52
        inverse = 1.0 / count
        rest = fma(-inverse, count, 1.0) * inverse
        mean = fma(s[i], inverse, fma(s[i], rest, t[i] * inverse))
        out[i] = mean if counts[i] >= min_count else np.nan


@loop("void(float64[::1], int64[::1], int64, float64[::1])")
def counted_sums(s: Any, counts: Any, min_count: int, out: Any) -> None:
    """The sums, NaN where the count is below ``min_count``."""
    for i in range(out.shape[0]):
        out[i] = s[i] if counts[i] >= min_count else np.nan
