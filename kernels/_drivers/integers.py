"""Integers too large for floats: ``high * 2**32 + low``, summed exactly half by half."""

from typing import Any

import numpy as np

from kernels._backend import fma, loop

LOW_HALF = 0xFFFFFFFF


@loop("void(int64[::1], int64[::1], int64, int64, int64, int64, float64[::1])")
def statistics(highs: Any, lows: Any, first: int, window: int, min_count: int, means: int, out: Any) -> None:
    """Sums, or means, as `kernels._drivers.sliding.line`."""
    high = 0
    low = 0
    for i in range(highs.shape[0]):
        high += highs[i]
        low += lows[i]
        if i >= window:
            high -= highs[i - window]
            low -= lows[i - window]
        count = min(i + 1, window)
        if i >= first:
            if count < min_count:
                out[i - first] = np.nan
            else:
                upper = float(high + (low >> 32)) * 2.0**32
                lower = float(low & LOW_HALF)
                s = upper + lower
                t = (upper - s) + lower
                inverse = 1.0 / count
                rest = fma(-inverse, float(count), 1.0) * inverse
                out[i - first] = fma(s, inverse, fma(s, rest, t * inverse)) if means else s
