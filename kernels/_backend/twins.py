"""The names of `kernels._backend.simd` in plain Python: eight floats are a small array."""

import math
from typing import Any

import numpy as np

LANES = 8


class Lanes(np.ndarray):
    """Eight floats that no operator changes in place, as those of a register are not."""

    def __iadd__(self, other: Any) -> Any:  # type: ignore[misc]
        """A new value, so that nobody else's changes."""
        return self + other


def spread(value: float) -> Any:
    """One float eight times."""
    return np.full(LANES, value).view(Lanes)


def load(x: Any, i: int) -> Any:
    """``x[i:i+8]``."""
    if not 0 <= i <= len(x) - LANES:
        raise IndexError(f"lanes must be within the array, got {i} of {len(x)}")
    return x[i : i + LANES].copy().view(Lanes)


def store(out: Any, i: int, values: Any) -> None:
    """``out[i:i+8] = values``."""
    if not 0 <= i <= len(out) - LANES:
        raise IndexError(f"lanes must be within the array, got {i} of {len(out)}")
    out[i : i + LANES] = values


def words(address: int) -> Any:
    """The words at an address, of which the first is their number."""
    import ctypes  # slow to import, and needed by no machine code

    size = ctypes.c_int64.from_address(address).value
    return np.ctypeslib.as_array((ctypes.c_int64 * size).from_address(address))


def turn(x: Any, i: int, apart: int, out: Any, j: int, out_apart: int) -> None:
    """Eight by eight values turned about: ``out[j + n*out_apart + m] = x[i + m*apart + n]``."""
    rows = [load(x, i + m * apart) for m in range(LANES)]
    for n in range(LANES):
        store(out, j + n * out_apart, np.array([row[n] for row in rows]))


def prefetch(x: Any, i: int) -> None:
    """Ask for nothing: this is for the processor."""


def lane(values: Any, i: int) -> np.float64:
    """One of the eight."""
    return np.float64(values[i])


def absolute(values: Any) -> Any:
    """Magnitudes."""
    return np.abs(values)


def root(values: Any) -> Any:
    """Square roots."""
    return np.sqrt(values)


def where(mask: Any, values: Any, others: Any) -> Any:
    """Values where the mask holds, else others; either may be a float."""
    return np.where(mask, values, others).view(Lanes)


def _shifted(before: Any, now: Any, rows: int) -> Any:
    return np.concatenate((before[LANES - rows :], now[: LANES - rows])).view(Lanes)


def up1(before: Any, now: Any) -> Any:
    """The lanes that begin a row earlier than ``now``."""
    return _shifted(before, now, 1)


def up2(before: Any, now: Any) -> Any:
    """The lanes that begin two rows earlier than ``now``."""
    return _shifted(before, now, 2)


def up4(before: Any, now: Any) -> Any:
    """The lanes that begin four rows earlier than ``now``."""
    return _shifted(before, now, 4)


def fma(a: Any, b: Any, c: Any) -> Any:
    """``a * b + c``, rounded once; of lanes or floats."""
    if any(isinstance(value, np.ndarray) for value in (a, b, c)):
        lanes = np.broadcast_arrays(a, b, c, spread(0.0))[:3]
        return np.array([_fma(*each) for each in zip(*lanes, strict=True)]).view(Lanes)
    return _fma(a, b, c)


def _fma(a: float, b: float, c: float) -> np.float64:
    from fractions import Fraction  # slow to import, and needed by no machine code

    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
        return np.float64(a) * b + c
    exact = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))
    if exact == 0:
        return np.float64(a) * b + c  # which has the right sign
    try:
        return np.float64(exact.numerator / exact.denominator)
    except OverflowError:
        return np.float64(math.inf if exact > 0 else -math.inf)


def bits(x: float) -> int:
    """The 64 bits of a float, as an integer."""
    return int(np.float64(x).view(np.int64))


def from_bits(n: int) -> np.float64:
    """The float of 64 bits; NumPy's, which divides by zero as the processor does."""
    return np.int64(n).view(np.float64)
