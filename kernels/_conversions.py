"""Values of any type as the kernels take them: float64, or halves of integers that no float64 holds."""

import ctypes

import numpy as np

from kernels._arguments import EXACT_IN_FLOATS, FLOAT, Array, is_plain

MOST_PLACES = 8
EXACT_INTEGERS = 2**24


def writeable(values: Array) -> Array:
    """The same memory without the read-only flag, which would be another type to the compiler."""
    if values.flags.writeable or values.size == 0:
        return values
    memory = (ctypes.c_double * values.size).from_address(values.ctypes.data)
    return np.ctypeslib.as_array(memory).reshape(values.shape)


def as_floats(values: Array) -> Array:
    """The values as contiguous float64, which is exact for all that `needs_halves` lets through."""
    if is_plain(values):
        return values
    with np.errstate(invalid="ignore"):
        return writeable(np.require(values, FLOAT, ["C", "A"]))


def needs_halves(values: Array) -> bool:
    """Whether there are integers that no float64 holds."""
    if values.dtype.kind not in "iuO" or values.dtype.itemsize < FLOAT.itemsize or values.size == 0:
        return False
    return int(values.max()) > EXACT_IN_FLOATS or int(values.min()) < -EXACT_IN_FLOATS


def halves(values: Array) -> tuple[Array, Array]:
    """Integers as ``high * 2**32 + low``."""
    return (values >> 32).astype(np.int64), (values & 0xFFFFFFFF).astype(np.int64)


@np.errstate(all="ignore")
def as_printed(values: Array) -> Array:
    """The float64 nearest to the shortest decimal of each float32."""
    shape = values.shape
    values = np.ascontiguousarray(values, dtype=np.float32).reshape(-1)
    out = values.astype(np.float64)
    magnitudes = np.abs(out)
    whole = (values == np.rint(values)) & (magnitudes < EXACT_INTEGERS)
    to_do = np.flatnonzero(np.isfinite(values) & ~whole)
    for places in range(1, MOST_PLACES):
        unit = 10.0**places
        shortest = np.rint(out[to_do] * unit) / unit
        same = (shortest.astype(np.float32) == values[to_do]) & (magnitudes[to_do] * unit < EXACT_INTEGERS)
        out[to_do[same]] = shortest[same]
        to_do = to_do[~same]
    for i in to_do.tolist():
        out[i] = float(str(values[i]))
    return out.reshape(shape)
