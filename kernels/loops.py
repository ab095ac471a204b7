"""The one-dimensional loops for your own ``@njit`` code: no checks, no conversions.

``statistics(x, first, window, min_count, kind, out)`` puts the sums (``kind`` `SUMS`) or means (`MEANS`) of
the windows that end in ``x[first:]`` into ``out``. ``signals(x, first, window, min_count, out)`` puts their
signals there, as int8.

Both take contiguous, writeable float64 values with at least ``min(first, window - 1)`` of them before the
first row asked for, and ``1 <= min_count <= window``. Your code is compiled by Numba, so they must be too:
set ``KERNELS_BACKEND=jit`` before the first import of `kernels`; prebuilt ones are refused here.

Examples
--------
>>> import numba, numpy as np  # with KERNELS_BACKEND=jit
>>> from kernels.loops import MEANS, statistics
>>> @numba.njit
... def last_mean(x, window):
...     out = np.empty(1)
...     statistics(x, x.shape[0] - 1, window, window, MEANS, out)
...     return out[0]
>>> float(last_mean(np.array([1.0, 2.0, 4.0]), 2))
3.0
"""

from kernels._backend import BACKEND
from kernels._drivers.signals import line as signals
from kernels._drivers.sliding import line as statistics

SUMS, MEANS = range(2)

if BACKEND == "native":
    raise ImportError(
        "kernels.loops must be compiled together with your code, got prebuilt ones: "
        "set KERNELS_BACKEND=jit in the environment before the first import of kernels"
    )

__all__ = ["MEANS", "SUMS", "signals", "statistics"]
