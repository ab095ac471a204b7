"""Signals: where a value is above its rolling mean, exactly."""

import math
from decimal import Decimal, localcontext

import numpy as np
import numpy.typing as npt

from kernels._arguments import check_values, check_window
from kernels._loops.windows import window_signals


def above_mean(x: npt.ArrayLike, window: int, *, min_count: int | None = None) -> npt.NDArray[np.int8]:
    """1 where a value is above the mean of its last ``window`` values, else 0; a tie, a missing value and a
    window with fewer than ``min_count`` values give 0.

    The comparison is exact, between the decimals that the floats print as.

    >>> above_mean([1.0, 2.0, 2.0], 2)
    array([0, 1, 0], dtype=int8)
    """
    window, min_count = check_window(window, min_count)
    values = check_values(x)
    out = np.empty(values.shape, dtype=np.int8)
    window_signals(values, window, min_count, out)
    for i in np.flatnonzero(out == 2):
        out[i] = _exact(values[max(0, i - window + 1) : i + 1])
    return out


def _exact(window: npt.NDArray[np.float64]) -> bool:
    values = [v for v in window.tolist() if not math.isnan(v)]
    close = values[-1]
    if not all(map(math.isfinite, values)):
        return bool(close > sum(v for v in values if not math.isfinite(v)))
    with localcontext(prec=2000, Emax=10**6, Emin=-(10**6)):
        return sum((Decimal(repr(v)) for v in values), Decimal(0)) < len(values) * Decimal(repr(close))
