"""Signals of decimals, of so many hundredths, say: sixteen rows at a time, in integers of 32 bits.

The loops round values to whole units and see that nearly nothing is rounded off. For a window of ``w`` values
at ``b`` = ``bit_length(w) + 1`` binary places, what the values print as is within 0.75 / 2**b units of those
wholes (half of 1 / 2**b by rounding, a quarter as floats are not decimals). So ``w`` times a value less its
window's sum is wrong by less than 2 * w * 0.75 / 2**b < 1: where it is not zero, its sign is right.
"""

from typing import Any

import numpy as np

from kernels._backend.compiled import (
    all_of,
    all_words,
    any_bits,
    as_reals,
    as_wholes,
    bits,
    eight,
    fma,
    fused,
    last_sixteen,
    last_word,
    loop,
    lower_halves,
    put_signs,
)
from kernels._loops import decimals, tiles
from kernels._loops.engine import bit_length, power

LANES = 16
SAMPLE = 16  # values that tell the unit
FEWEST = 64  # rows worth the while
STRETCH = 2048  # rows of a pass
SHORT = 256  # rows of one where a longer one did not hold
MOST_FRACTION = 16  # binary places below a unit: few are left above it, of 32
WORD = 0xFFFFFFFF
SIGN = 1 << 31


@loop("int64(float64, float64, float64, int64)")
def pattern(x: float, unit: float, origin: float, magic: int) -> int:
    """The bits that differ from the reference: a word with nothing below a unit, if the value is in range."""
    return bits(fma(x, unit, origin)) ^ magic


@loop("UniTuple(int64, 2)(float64[::1], float64, float64, int64, int64)")
def total_of(x: Any, unit: float, origin: float, magic: int, fraction: int) -> tuple[int, int]:
    """Sum of the values in units, less a reference each; the bits of all of them."""
    total = 0
    seen = 0
    for i in range(x.shape[0]):
        word = pattern(x[i], unit, origin, magic)
        seen |= word
        total += (word & WORD) >> fraction
    return total, seen


@loop("int64(int64, int64, int64)")
def sign(units: int, window: int, total: int) -> int:
    """1 where so many units are above the mean, 0 where below, 2 where neither is known."""
    above = (window * units - total) & WORD
    return 2 if above == 0 else (1 if above < SIGN else 0)


@loop("UniTuple(int64, 3)(float64[::1], int64, float64, float64, int64, int64, int64, int8[::1])")
def compare(
    x: Any, window: int, unit: float, origin: float, magic: int, fraction: int, total: int, out: Any
) -> tuple[int, int, int]:
    """Signals of the rows of ``x`` after the first window, 2 where a value may be the mean.

    Gives the last sum, the bits of all values that come in, and how many rows are 2. Sums are right in their
    last 32 bits, which is all that a comparison takes.
    """
    unit8 = all_of(unit)
    origin8 = all_of(origin)
    magic8 = all_of(magic)
    fraction16 = all_words(fraction)
    window16 = all_words(window)
    seen8 = all_of(0)
    one = two = four = eights = all_words(0)
    sums = all_words(total)
    near = 0
    rows = out.shape[0] // LANES * LANES
    for i in range(0, rows, LANES):
        first = as_wholes(fused(as_reals(eight(x, window + i)), unit8, origin8))
        second = as_wholes(fused(as_reals(eight(x, window + i + 8)), unit8, origin8))
        seen8 |= first ^ magic8
        seen8 |= second ^ magic8
        entering = lower_halves(first, second) >> fraction16
        first = as_wholes(fused(as_reals(eight(x, i)), unit8, origin8))
        second = as_wholes(fused(as_reals(eight(x, i + 8)), unit8, origin8))
        leaving = lower_halves(first, second) >> fraction16
        changes, one, two, four, eights = last_sixteen(entering - leaving, one, two, four, eights)
        sums += changes
        near += put_signs(out, i, entering * window16 - sums)
    total = last_word(sums)
    seen = any_bits(seen8)
    for i in range(rows, out.shape[0]):
        word = pattern(x[window + i], unit, origin, magic)
        seen |= word
        units = (word & WORD) >> fraction
        total += units - ((pattern(x[i], unit, origin, magic) & WORD) >> fraction)
        out[i] = sign(units, window, total)
        near += 1 if out[i] == 2 else 0
    return total, seen, near


@loop("int64(float64[::1], int64, int64, int64[::1], int8[::1])")
def signals(x: Any, first: int, window: int, state: Any, out: Any) -> int:
    """Signals of the rows from ``first`` on, as far as the values allow: the row it came to.

    The window of the first row is complete. Where a value may be the mean, all are to be whole units.
    """
    rows = x.shape[0]
    row = first
    fraction = bit_length(window) + 1
    if rows - row < FEWEST or fraction > MOST_FRACTION:
        return row
    places = decimals.places_of(x[row : row + SAMPLE], 0, window)
    if places < 0:
        return row
    unit = decimals.POWERS[places]
    grid = tiles.MAGIC * power(-fraction)
    magic = bits(grid)
    allowed = WORD >> fraction << fraction
    since = -1
    size = STRETCH
    origin = 0.0
    total = 0
    while row < rows:
        end = row + 1 if row < window else min(row + size, rows)
        fits = True
        if since < 0:
            # count from where the values are now; sum up the window before, or that of the first row
            since = row
            reference = np.rint(x[max(row - 1, 0)] * unit)
            origin = grid + (power(31 - fraction) - reference)
            total, seen = total_of(x[max(row - window, 0) : max(row, window)], unit, origin, magic, fraction)
            fits = abs(reference) <= power(50 - fraction) and not seen & ~allowed
        if fits:
            new_total = total
            target = out[row - first : end - first]
            if row < window:
                target[0] = sign((pattern(x[row], unit, origin, magic) & WORD) >> fraction, window, total)
                near = 1 if target[0] == 2 else 0
            else:
                new_total, seen, near = compare(
                    x[row - window : end], window, unit, origin, magic, fraction, total, target
                )
                fits = not seen & ~allowed
            if fits and near:
                fits = decimals.tied(x, row, end, window, places, 0.0, near, state, target) == 1
            if fits:
                total = new_total
                row = end
                size = min(2 * size, STRETCH)
                continue
            if end - row > SHORT:
                size = SHORT
                continue
            if since < row:
                since = -1
                continue
        # smaller passes and another reference are no help: finer units may be
        finer = decimals.places_of(x[row:end], places, window)
        if finer <= places:
            break
        places = finer
        unit = decimals.POWERS[places]
        since = -1
    return row
