"""Sums of short windows: the array added to itself, shifted; no step waits for another, so all vectorise."""

from typing import Any

from kernels._compiled import loop

LONGEST = 9


@loop("void(float64[::1], int64, float64[::1])")
def sums(x: Any, window: int, out: Any) -> None:
    """``out[i]`` is the sum of ``x[i : i + window]``, for windows up to `LONGEST`."""
    rows = out.shape[0]
    few = (window - 2) % 4 + 2
    if window == 1:
        few = 1
        for i in range(rows):
            out[i] = x[i]
    elif few == 2:
        two(x[:rows], x[1 : rows + 1], out)
    elif few == 3:
        three(x[:rows], x[1 : rows + 1], x[2 : rows + 2], out)
    elif few == 4:
        four(x[:rows], x[1 : rows + 1], x[2 : rows + 2], x[3 : rows + 3], out)
    else:
        five(x[:rows], x[1 : rows + 1], x[2 : rows + 2], x[3 : rows + 3], x[4 : rows + 4], out)
    if few < window:
        a = few + rows
        more(out, x[few:a], x[few + 1 : a + 1], x[few + 2 : a + 2], x[few + 3 : a + 3])


@loop("void(float64[::1], float64[::1], float64[::1])")
def two(a: Any, b: Any, out: Any) -> None:
    """Add two slices."""
    for i in range(out.shape[0]):
        out[i] = a[i] + b[i]


@loop("void(float64[::1], float64[::1], float64[::1], float64[::1])")
def three(a: Any, b: Any, c: Any, out: Any) -> None:
    """Add three slices."""
    for i in range(out.shape[0]):
        out[i] = a[i] + b[i] + c[i]


@loop("void(float64[::1], float64[::1], float64[::1], float64[::1], float64[::1])")
def four(a: Any, b: Any, c: Any, d: Any, out: Any) -> None:
    """Add four slices."""
    for i in range(out.shape[0]):
        out[i] = (a[i] + b[i]) + (c[i] + d[i])


@loop("void(float64[::1], float64[::1], float64[::1], float64[::1], float64[::1], float64[::1])")
def five(a: Any, b: Any, c: Any, d: Any, e: Any, out: Any) -> None:
    """Add five slices."""
    for i in range(out.shape[0]):
        out[i] = (a[i] + b[i]) + (c[i] + d[i]) + e[i]


@loop("void(float64[::1], float64[::1], float64[::1], float64[::1], float64[::1])")
def more(out: Any, a: Any, b: Any, c: Any, d: Any) -> None:
    """Add four slices to what is there."""
    for i in range(out.shape[0]):
        out[i] += (a[i] + b[i]) + (c[i] + d[i])
