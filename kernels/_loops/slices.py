"""Sums of short windows: the array added to itself, shifted; no step waits for another, so all vectorise."""

from typing import Any

from kernels._compiled import fma, loop

LONGEST = 9
DIRECT = 5


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


@loop("void(float64[::1], int64, float64, float64, float64, float64, float64[::1])")
def means(
    x: Any, window: int, reference: float, offset: float, inverse: float, rest: float, out: Any
) -> None:
    """Means of windows from 2 to `DIRECT` whose sums less ``offset``, ``reference`` a value, are exact."""
    rows = out.shape[0]
    if window == 2:
        for i in range(rows):
            d = (x[i] - reference) + (x[i + 1] - reference)
            s = offset + d
            t = (offset - s) + d
            out[i] = fma(s, inverse, fma(s, rest, t * inverse))
    elif window == 3:
        for i in range(rows):
            d = ((x[i] - reference) + (x[i + 1] - reference)) + (x[i + 2] - reference)
            s = offset + d
            t = (offset - s) + d
            out[i] = fma(s, inverse, fma(s, rest, t * inverse))
    elif window == 4:
        for i in range(rows):
            d = ((x[i] - reference) + (x[i + 1] - reference)) + (
                (x[i + 2] - reference) + (x[i + 3] - reference)
            )
            s = offset + d
            t = (offset - s) + d
            out[i] = fma(s, inverse, fma(s, rest, t * inverse))
    elif window == 5:
        for i in range(rows):
            d = (
                ((x[i] - reference) + (x[i + 1] - reference))
                + ((x[i + 2] - reference) + (x[i + 3] - reference))
                + (x[i + 4] - reference)
            )
            s = offset + d
            t = (offset - s) + d
            out[i] = fma(s, inverse, fma(s, rest, t * inverse))
