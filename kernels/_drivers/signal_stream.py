"""Signals of values as they arrive, at a cost that no window changes: the window's sum as an exact decimal.

The state is `decimals.PLACES` places of nine digits and what tells about them. What others found the signals
of leaves the sum to be made up again by whoever needs it.
"""

from typing import Any

import numpy as np

from kernels._backend import inner, loop, words
from kernels._drivers.states import FIRST, LEAST, exchange, hold, state_of, window_of
from kernels._exact.decimals import PLACES, add, first_place, is_above, shortest

VALUES, PLUS, MINUS, BEGIN, END, IS_STALE, SUM = range(FIRST, FIRST + 7)


@inner
def clear(state: Any) -> None:
    """The sum of no values."""
    for k in range(FIRST, SUM + PLACES):
        state[k] = 0
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
            add(state[SUM:], m, k, sign)
            state[BEGIN] = min(state[BEGIN], first_place(k))
            state[END] = max(state[END], first_place(k) + 3)
    return m, k


@inner
def take(state: Any, value: float) -> int:
    """Take a value in, and the oldest out; the signal."""
    if state[IS_STALE]:
        clear(state)
        for held in window_of(state):
            count_in(state, held, 1)
    count_in(state, exchange(state, value), -1)
    m, k = count_in(state, value, 1)
    if state[VALUES] < state[LEAST] or value != value:
        return 0
    if state[PLUS] + state[MINUS] > 0:
        return 1 if state[PLUS] == 0 and value != -np.inf else 0
    return is_above(state[SUM:], m, k, state[VALUES], state[BEGIN], state[END])


def start(window: int, min_count: int) -> Any:
    """The state before the first value."""
    state = state_of(SUM + PLACES - FIRST, window, min_count)
    state[BEGIN] = PLACES
    return state


@loop("int64(int64, float64)")
def signal(address: int, value: float) -> int:
    """Take a value in and give the signal."""
    return take(words(address), value)


@loop("void(int64, float64[::1], int8[::1])")
def signals(address: int, values: Any, out: Any) -> None:
    """Take values in; their signals."""
    state = words(address)
    for i in range(values.shape[0]):
        out[i] = take(state, values[i])


@loop("void(int64, float64[::1])")
def skip(address: int, values: Any) -> None:
    """Take in values whose signals others found."""
    state = words(address)
    hold(state, values)
    state[IS_STALE] = 1
