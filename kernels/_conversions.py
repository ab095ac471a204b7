"""Values of any type as the kernels take them: float64, or halves of integers that no float64 holds."""

import ctypes

import numpy as np

from kernels._arguments import EXACT_IN_FLOATS, FLOAT, SINGLE, Array, is_single
from kernels._drivers import conversions


def writeable(values: Array) -> Array:
    """The same memory without the read-only flag, which would be another type to the compiler."""
    if values.flags.writeable or values.size == 0:
        return values
    memory = (ctypes.c_byte * values.nbytes).from_address(values.ctypes.data)
    return np.ctypeslib.as_array(memory).view(values.dtype).reshape(values.shape)


def as_floats(values: Array) -> Array:
    """The values as contiguous float64, which is exact for all that `needs_halves` lets through."""
    if is_single(values.dtype):
        out = np.empty(values.shape)
        conversions.widen(singles(values), out.reshape(-1))
        return out
    if values.dtype is FLOAT and values.flags.carray:
        return values
    return writeable(np.require(values, FLOAT, ["C", "A"]))


def needs_halves(values: Array) -> bool:
    """Whether there are integers that no float64 holds."""
    if values.dtype.kind not in "iuO" or values.dtype.itemsize < FLOAT.itemsize or values.size == 0:
        return False
    return int(values.max()) > EXACT_IN_FLOATS or int(values.min()) < -EXACT_IN_FLOATS


def halves(values: Array) -> tuple[Array, Array]:
    """Integers as ``high * 2**32 + low``."""
    return (values >> 32).astype(np.int64), (values & 0xFFFFFFFF).astype(np.int64)


def singles(values: Array) -> Array:
    """Values of float32 as a contiguous line of them."""
    if not (values.dtype is SINGLE and values.flags.carray):
        values = writeable(np.require(values, SINGLE, ["C", "A"]))
    return values.reshape(-1)


def as_printed(values: Array) -> Array:
    """The float64 nearest to the shortest decimal of each float32."""
    out = np.empty(values.shape)
    conversions.printed(singles(values), out.reshape(-1))
    return out


def narrow(wide: Array, target: Array) -> None:
    """Round results to float32, to infinity where they are too large."""
    conversions.narrow(wide.reshape(-1), target.reshape(-1))
