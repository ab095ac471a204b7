"""Sums of short windows: the array added to itself, shifted; no step waits for another, so all vectorise."""

from typing import Any

from kernels._compiled import loop

LONGEST = 9


@loop("void(float64[::1], int64, float64[::1])")
def sums(x: Any, window: int, out: Any) -> None:
    """``out[i]`` is the sum of ``x[i : i + window]``, for windows up to `LONGEST`."""
    rows = out.shape[0]
    few = 1 if window == 1 else (window - 2) % 4 + 2
    if few == 1:
        for i in range(rows):
            out[i] = x[i]
    elif few == 2:
        for i in range(rows):
            out[i] = x[i] + x[i + 1]
    elif few == 3:
        for i in range(rows):
            out[i] = x[i] + x[i + 1] + x[i + 2]
    elif few == 4:
        for i in range(rows):
            out[i] = (x[i] + x[i + 1]) + (x[i + 2] + x[i + 3])
    else:
        for i in range(rows):
            out[i] = (x[i] + x[i + 1]) + (x[i + 2] + x[i + 3]) + x[i + 4]
    if few < window:
        rest = x[few:]
        for i in range(rows):
            out[i] += (rest[i] + rest[i + 1]) + (rest[i + 2] + rest[i + 3])
