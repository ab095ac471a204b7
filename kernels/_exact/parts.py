"""Parts of values on a grid, their sums, and what the float nearest to a sum of three is."""

from typing import Any, NamedTuple

import numpy as np

from kernels._backend import LANES, fma, inner, lane, load, spread, where
from kernels._exact.grid import MAGIC, NARROW, WIDE, Grid


class Sums(NamedTuple):
    """Sums of the parts of a window, in coarse steps, and the number of its values."""

    coarse: float
    middle: float
    fine: float
    number: float


@inner
def total_of(values: Any) -> float:
    """The sum of eight."""
    total = 0.0
    for k in range(LANES):
        total += lane(values, k)
    return total


@inner
def split(value: Any, scale: Any, magic: Any, middle_magic: Any) -> tuple[Any, Any, Any]:
    """A value in coarse steps in three parts; the first two with a constant in them."""
    coarse = fma(value, scale, magic)
    rest = fma(value, scale, magic - coarse)
    middle = rest + middle_magic
    return coarse, middle, rest - (middle - middle_magic)


@inner
def sums_of(x: Any, grid: Grid) -> Sums:
    """Sums of all values of ``x``."""
    magic, middle_magic = spread(MAGIC), spread(MAGIC * grid.middle)
    coarse, middle, fine, count = spread(0.0), spread(0.0), spread(0.0), spread(0.0)
    whole = x.shape[0] // LANES * LANES
    values, end = x, whole
    for part in range(2):
        for i in range(0, end, LANES):
            value = load(values, i)
            count += where(value == value, 1.0, spread(0.0))
            value = where(value == value, value - grid.reference, spread(0.0))
            a, b, c = split(value, spread(grid.scale), magic, middle_magic)
            coarse, middle, fine = coarse + (a - magic), middle + (b - middle_magic), fine + c
        if part == 1 or whole == x.shape[0]:
            break
        values, end = np.empty(LANES), LANES
        for i in range(LANES):
            values[i] = x[whole + i] if whole + i < x.shape[0] else np.nan
    a, b, c, n = total_of(coarse), total_of(middle), total_of(fine), total_of(count)
    if grid.form == NARROW:
        return Sums(grid.reference * n, 0.0, a + (b + c), n)
    if grid.form == WIDE:
        return Sums(a, b, c, n)
    return Sums(a + grid.mark * (x.shape[0] - n), 0.0, b + c, n)


@inner
def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """``a + b`` as the nearest float and the rest (Knuth)."""
    s = a + b
    part = s - a
    return s, (a - (s - part)) + (b - part)


@inner
def nearest(coarse: Any, middle: Any, fine: Any) -> tuple[Any, Any]:
    """The float nearest to a sum of three, and the float nearest to the rest.

    Three additions without error leave a sum ``s + r + e``, where s is nearest to it but for one case: r is
    half of the last place of s, a tie, and e takes it the other way (so does `math.fsum` at its end).
    """
    a, b = two_sum(coarse, middle)
    b, e = two_sum(b, fine)
    s, r = two_sum(a, b)
    other = s + (r + r)
    other = where(other - s == r + r, other, s)
    other = where(r * e > 0.0, other, s)  # of one sign; nothing is so small that the product vanishes
    return other, where(other == s, r, -r) + e
