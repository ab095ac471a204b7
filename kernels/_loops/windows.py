"""Every window summed afresh: slow for long windows, plain to read."""

from typing import Any

import numpy as np

from kernels._compiled import loop


@loop
def window_means(x: Any, window: int, min_count: int, out: Any) -> None:
    """``out[i]`` is the mean of the values in ``x[i-window+1 .. i]``, summed in twice the precision."""
    for i in range(x.shape[0]):
        total = 0.0
        error = 0.0
        plain = 0.0
        count = 0
        for k in range(max(0, i - window + 1), i + 1):
            value = x[k]
            if not np.isnan(value):
                count += 1
                plain += value
                s = total + value
                b = s - total
                error += (total - (s - b)) + (value - b)
                total = s
        if count < min_count:
            out[i] = np.nan
        elif np.isfinite(total):
            out[i] = (total + error) / count
        else:
            out[i] = plain / count


@loop
def window_signals(x: Any, window: int, min_count: int, out: Any) -> None:
    """``out[i]`` is 1 where ``x[i]`` is above its window's mean, 0 where not, 2 where rounding leaves it open."""
    for i in range(x.shape[0]):
        close = x[i]
        total = 0.0
        size = 0.0
        count = 0
        for k in range(max(0, i - window + 1), i + 1):
            value = x[k]
            if not np.isnan(value):
                count += 1
                total += value
                size += abs(value)
        difference = count * close - total
        bound = (count + 4.0) * 2.0**-52 * size + 2.0**-1060
        if np.isnan(close) or count < min_count:
            out[i] = 0
        elif difference > bound and difference < np.inf:
            out[i] = 1
        elif difference < -bound and difference > -np.inf:
            out[i] = 0
        else:
            out[i] = 2
