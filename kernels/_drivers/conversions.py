"""Values of float32 as float64 and back."""

from typing import Any

import numpy as np

from kernels._backend import inner, loop
from kernels._exact.decimals import nearest_float, shortest_single

WHOLE = 2.0**24  # whole numbers below it print as they are


@loop("void(float32[::1], float64[::1])")
def widen(x: Any, out: Any) -> None:
    """The same values."""
    for i in range(x.shape[0]):
        out[i] = x[i]


@loop("void(float64[::1], float32[::1])")
def narrow(x: Any, out: Any) -> None:
    """The nearest values, infinity where they are too large."""
    for i in range(x.shape[0]):
        out[i] = x[i]


@inner
def as_printed(value: float) -> float:
    """The float64 nearest to the shortest decimal that reads back as a value of float32."""
    size = abs(value)
    if not size < np.inf or (size < WHOLE and size == np.floor(size)):
        return value
    m, k = shortest_single(size)
    near = nearest_float(m, k)
    return -near if value < 0.0 else near


@loop("void(float32[::1], float64[::1])")
def printed(x: Any, out: Any) -> None:
    """The float64 nearest to the shortest decimal of each."""
    for i in range(x.shape[0]):
        out[i] = as_printed(float(x[i]))
