"""Minima of values as they arrive: the rows that no later value has outdone, in order.

Their values ascend, so the first is the minimum. A row enters and leaves once, whatever the window. ``ring``
holds the window's values, the oldest to be replaced next. Maxima are as in `kernels._drivers.extrema`.
"""

from typing import Any

import numpy as np

from kernels._backend import bits, inner, loop

SEEN, VALUES, BEGIN, END, PLACES = range(5)  # rows and values so far; the rows in `PLACES` on, as in a ring


@inner
def is_less(a: float, b: float) -> bool:
    """Whether a is below b; -0.0 is below 0.0."""
    return a < b or (a == b and bits(a) < 0 <= bits(b))


@inner
def take(state: Any, ring: Any, sign: float, value: float) -> None:
    """Take a value in, and the oldest out."""
    seen, window = state[SEEN], ring.shape[0]
    place = seen % window
    if seen >= window:
        state[VALUES] -= 1 if ring[place] == ring[place] else 0
        if state[BEGIN] < state[END] and state[PLACES + state[BEGIN] % window] == seen - window:
            state[BEGIN] += 1
    ring[place] = value
    state[SEEN] = seen + 1
    if value == value:
        state[VALUES] += 1
        while state[BEGIN] < state[END]:
            last = ring[state[PLACES + (state[END] - 1) % window] % window]
            if is_less(last * sign, value * sign):
                break
            state[END] -= 1
        state[PLACES + state[END] % window] = seen
        state[END] += 1


@inner
def read(state: Any, ring: Any, min_count: int) -> float:
    """The minimum of the window."""
    window = ring.shape[0]
    return ring[state[PLACES + state[BEGIN] % window] % window] if state[VALUES] >= min_count else np.nan


@loop("void(int64[::1])")
def start(state: Any) -> None:
    """The state before the first value."""
    for k in range(PLACES):
        state[k] = 0


@loop("float64(int64[::1], float64[::1], int64, float64, float64)")
def extremum(state: Any, ring: Any, min_count: int, sign: float, value: float) -> float:
    """Take a value in and give the minimum (a sign of 1.0) or maximum (-1.0) after it."""
    take(state, ring, sign, value)
    return read(state, ring, min_count)


@loop("void(int64[::1], float64[::1], int64, float64, float64[::1], float64[::1])")
def extrema(state: Any, ring: Any, min_count: int, sign: float, values: Any, out: Any) -> None:
    """`extremum` of all values."""
    for i in range(values.shape[0]):
        take(state, ring, sign, values[i])
        out[i] = read(state, ring, min_count)


@loop("void(int64[::1], float64[::1], float64, float64[::1])")
def refill(state: Any, ring: Any, sign: float, values: Any) -> None:
    """Make the state that after ``values``, which fill the ring."""
    start(state)
    for i in range(values.shape[0]):
        take(state, ring, sign, values[i])
