"""The primitives of the loops in plain Python."""

import math

import numpy as np


def fma(x: float, y: float, z: float) -> np.float64:
    """``x * y + z``, rounded once."""
    from fractions import Fraction

    if not (math.isfinite(x) and math.isfinite(y) and math.isfinite(z)):
        return np.float64(x) * y + z
    exact = Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z))
    if exact == 0:
        return np.float64(x) * y + z  # which has the right sign
    try:
        return np.float64(exact.numerator / exact.denominator)
    except OverflowError:
        return np.float64(math.copysign(math.inf, exact))


def bits(x: float) -> int:
    """The 64 bits of a float, as an integer."""
    return int(np.float64(x).view(np.int64))


def from_bits(n: int) -> np.float64:
    """The float of 64 bits; NumPy's, which divides by zero as the processor does."""
    return np.int64(n).view(np.float64)


def prefetch(x: object, i: int) -> None:
    """Ask for nothing: this is for the processor."""
