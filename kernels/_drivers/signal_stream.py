"""Signals of values as they arrive, at a cost that no window changes: the window's sum as an exact decimal.

The state is `decimals.PLACES` places of nine digits and what follows them. The ring holds the window's
values, the oldest to be replaced next. A batch leaves the sum to be made up again by whoever needs it.
"""

from typing import Any

import numpy as np

from kernels._backend import inner, loop
from kernels._exact.decimals import PLACES, add, first_place, is_above, shortest

SEEN, VALUES, PLUS, MINUS, BEGIN, END, IS_STALE = range(PLACES, PLACES + 7)
SIZE = PLACES + 7


@inner
def clear(state: Any) -> None:
    """The sum of no values."""
    seen = state[SEEN]
    state[:] = 0
    state[SEEN] = seen
    state[BEGIN] = PLACES


@inner
def count_in(state: Any, value: float, sign: int) -> tuple[int, int]:
    """A value comes (sign 1) or goes (-1); what it prints as, if it is finite and not zero."""
    m = k = 0
    if value == value:
        state[VALUES] += sign
        if abs(value) == np.inf:
            state[PLUS if value > 0.0 else MINUS] += sign
        elif value != 0.0:
            m, k = shortest(value)
            add(state, m, k, sign)
            state[BEGIN] = min(state[BEGIN], first_place(k))
            state[END] = max(state[END], first_place(k) + 3)
    return m, k


@loop("int64(int64[::1], float64[::1], int64, float64)")
def signal(state: Any, ring: Any, least: int, value: float) -> int:
    """Take a value in, and the oldest out; the signal."""
    seen, window = state[SEEN], ring.shape[0]
    if state[IS_STALE]:
        clear(state)
        for i in range(min(seen, window)):
            count_in(state, ring[i], 1)
    place = seen % window
    if seen >= window:
        count_in(state, ring[place], -1)
    m, k = count_in(state, value, 1)
    ring[place] = value
    state[SEEN] = seen + 1
    if state[VALUES] < least or value != value:
        return 0
    if state[PLUS] + state[MINUS] > 0:
        return 1 if state[PLUS] == 0 and value != -np.inf else 0
    return is_above(state, m, k, state[VALUES], state[BEGIN], state[END])


@loop("void(int64[::1])")
def start(state: Any) -> None:
    """The state before the first value."""
    state[SEEN] = 0
    clear(state)


@loop("void(int64[::1], float64[::1], int64, float64[::1], int8[::1])")
def signals(state: Any, ring: Any, least: int, values: Any, out: Any) -> None:
    """Take values in; their signals."""
    for i in range(values.shape[0]):
        out[i] = signal(state, ring, least, values[i])


@loop("void(int64[::1], float64[::1], float64[::1])")
def refill(state: Any, ring: Any, values: Any) -> None:
    """Make the state that after values whose signals others found, and which fill the ring."""
    start(state)
    for i in range(values.shape[0]):
        ring[i] = values[i]
    state[SEEN] = values.shape[0]
    state[IS_STALE] = 1
