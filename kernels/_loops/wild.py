"""Windows whose values lie too far apart, or too near the ends of the float range, for limbs: row by row."""

from typing import Any

import numpy as np

from kernels._backend.compiled import fma, loop
from kernels._loops import engine, exact

# places in the counts
VALID = 0
ABOVE = 1
BELOW = 2


@loop("float64(float64, int64)")
def scale(x: float, exponent: int) -> float:
    """``x * 2**exponent``, rounded once."""
    while exponent > 1000:
        x *= 2.0**1000
        exponent -= 1000
    while exponent < -1000:
        x *= 2.0**-1000
        exponent += 1000
    return x * engine.power(exponent)


@loop("void(int64[::1], int64[::1], float64, int64)")
def count_in(digits: Any, counts: Any, value: float, sign: int) -> None:
    """A value comes (sign 1) or goes (-1)."""
    if np.isnan(value):
        return
    counts[VALID] += sign
    if value == np.inf:
        counts[ABOVE] += sign
    elif value == -np.inf:
        counts[BELOW] += sign
    else:
        exact.add(digits, value, sign, 0)


@loop("void(int64[::1], int64[::1], float64[::1])")
def refill(digits: Any, counts: Any, values: Any) -> None:
    """Start anew with the values of a window."""
    exact.clear(digits)
    for k in range(3):
        counts[k] = 0
    for i in range(values.shape[0]):
        count_in(digits, counts, values[i], 1)


@loop("Tuple((float64, float64, int64))(int64[::1], int64[::1])")
def read(digits: Any, scratch: Any) -> tuple[float, float, int]:
    """The sum as s and t, scaled so that ``1 <= abs(s) <= 2``, and the scale's exponent."""
    sign = exact.magnitude(digits, scratch)
    if sign == 0:
        return 0.0, 0.0, 0
    place = exact.top(scratch)
    shift = 1074 - place
    s = exact.nearest(scratch, place, shift)
    exact.add(scratch, s, -1, -shift)
    rest_sign = exact.settle(scratch)
    rest = 0.0
    if rest_sign < 0:
        for k in range(scratch[exact.LOW], scratch[exact.HIGH] + 1):
            scratch[k] = -scratch[k]
        exact.settle(scratch)
    if rest_sign != 0:
        rest_place = exact.top(scratch)
        if rest_place + shift > 60:
            rest = exact.nearest(scratch, rest_place, shift)
    return sign * s, sign * rest_sign * rest, -shift


@loop("float64(int64[::1])")
def infinity(counts: Any) -> float:
    """What infinite values make of a sum; 0 without any."""
    if counts[ABOVE] > 0:
        return np.nan if counts[BELOW] > 0 else np.inf
    return -np.inf if counts[BELOW] > 0 else 0.0


@loop("float64(int64[::1], int64[::1], int64[::1])")
def row_sum(digits: Any, counts: Any, scratch: Any) -> float:
    """The float nearest to the sum."""
    if counts[ABOVE] + counts[BELOW] > 0:
        return infinity(counts)
    s, _, exponent = read(digits, scratch)
    return scale(s, exponent)


@loop("float64(int64[::1], int64[::1], int64[::1])")
def row_mean(digits: Any, counts: Any, scratch: Any) -> float:
    """The sum over the count."""
    if counts[ABOVE] + counts[BELOW] > 0:
        return infinity(counts)
    s, t, exponent = read(digits, scratch)
    count = float(counts[VALID])
    inverse = 1.0 / count
    rest = fma(-inverse, count, 1.0) * inverse
    return scale(fma(s, inverse, fma(s, rest, t * inverse)), exponent)


@loop("void(int64[::1], int64[::1], int64[::1], int64[::1], float64[::1])")
def leave(digits: Any, counts: Any, scratch: Any, whole: Any, carry: Any) -> None:
    """Put the sum and the count where `engine.advance` takes them up."""
    s, t, exponent = read(digits, scratch)
    carry[0] = scale(s, exponent)
    carry[1] = scale(t, exponent)
    whole[engine.COUNT] = counts[VALID]
