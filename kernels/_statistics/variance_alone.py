"""The variance of one window, from nothing but its values: in twice the precision, whatever their sizes."""

from typing import Any

import numpy as np

from kernels._backend import fma, inner
from kernels._exact.accumulator import scale
from kernels._exact.grid import exponent, power
from kernels._statistics.variance import ASIDE

FURTHEST = 460  # powers of two whose squares are normal floats


@inner
def added(high: float, low: float, x: float, rest: float) -> tuple[float, float]:
    """A sum in two floats, with another in two."""
    total = high + x
    part = total - high
    low += ((high - (total - part)) + (x - part)) + rest
    return total + low, low - ((total + low) - total)


@inner
def reference_of(x: Any, size: float, number: int) -> float:
    """The value nearest to the mean, so that little cancels; one of them, so that whole numbers stay such."""
    mean, nearest = 0.0, np.inf
    for value in x:
        if value == value:
            mean += value * size / number
    for value in x:
        if abs(value * size - mean) < abs(nearest - mean):
            nearest = value * size
    return nearest


@inner
def scaling(x: Any) -> tuple[int, int, float, float]:
    """The number of values, a power of two that makes them neither large nor small, the least and largest."""
    number, largest, low, high = 0, 0.0, np.inf, -np.inf
    for value in x:
        if value == value:
            number += 1
            largest, low, high = max(largest, abs(value)), min(low, value), max(high, value)
    place = -exponent(largest) if 0.0 < largest < np.inf else 0
    return number, (max(-1000, min(place, 1000)) if abs(place) > FURTHEST else 0), low, high


@inner
def alone(x: Any, min_count: int, ddof: int, rooted: bool) -> float:
    """The variance, or deviation, of all values of ``x``."""
    number, place, low, high = scaling(x)
    if number < min_count or number <= ddof or low == -np.inf or high == np.inf:
        return np.nan
    if low == high:
        return 0.0
    size = power(place)
    reference = reference_of(x, size, number)
    s = s_rest = q = q_rest = 0.0
    for missing_or_not in x:
        if missing_or_not != missing_or_not:
            continue
        value = missing_or_not * size
        d = value - reference
        part = d - value
        rest = (value - (d - part)) - (reference + part)
        s, s_rest = added(s, s_rest, d, rest)
        q, q_rest = added(q, q_rest, d * d, fma(d, d, -(d * d)) + 2.0 * d * rest)
    n = float(number)
    p, r = n * q, s * s
    p_rest, r_rest = fma(n, q, -p) + n * q_rest, fma(s, s, -r) + 2.0 * s * s_rest
    v = p - r
    v += fma(v, ASIDE, ((p - v) - r) + (p_rest - r_rest))
    v = v * (1.0 / (n * (n - ddof)))
    return scale(np.sqrt(v), -place) if rooted else scale(v, -2 * place)
