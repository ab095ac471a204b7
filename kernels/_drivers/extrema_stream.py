"""Minima of values as they arrive: the rows that no later value has outdone, in order.

Their values ascend, so the first is the minimum. A row enters and leaves once, whatever the window. Maxima
are as in `kernels._drivers.extrema`.
"""

from typing import Any

import numpy as np

from kernels._backend import bits, inner, loop, words
from kernels._drivers.states import (
    FIRST,
    LEAST,
    OPTION,
    PLACE,
    ROWS,
    WINDOW,
    after,
    exchange,
    hold,
    room_of,
    state_of,
)

VALUES, BEGIN, LENGTH, PLACES = range(FIRST, FIRST + 4)  # how many values; the rows' places from `PLACES` on


@inner
def is_less(a: float, b: float) -> bool:
    """Whether a is below b; -0.0 is below 0.0."""
    return a < b or (a == b and bits(a) < 0 <= bits(b))


@inner
def nth(state: Any, n: int) -> int:
    """Which of `PLACES` has the row after n others."""
    k = state[BEGIN] + n
    return PLACES + (k if k < state[WINDOW] else k - state[WINDOW])


@inner
def enter(state: Any, place: int) -> None:
    """The value at a place comes, and outdoes all before it that are not less."""
    held, sign = room_of(state), float(state[OPTION])
    value = held[place] * sign
    if value != value:
        return
    state[VALUES] += 1
    length = state[LENGTH]
    while length > 0 and not is_less(held[state[nth(state, length - 1)]] * sign, value):
        length -= 1
    state[nth(state, length)] = place
    state[LENGTH] = length + 1


@inner
def take(state: Any, value: float) -> float:
    """Take a value in, and the oldest out; the minimum of the window."""
    place = state[PLACE]
    if state[LENGTH] > 0 and state[nth(state, 0)] == place:
        state[BEGIN] = after(state[BEGIN], state[WINDOW])
        state[LENGTH] -= 1
    oldest = exchange(state, value)
    state[VALUES] -= 1 if oldest == oldest else 0
    enter(state, place)
    return room_of(state)[state[nth(state, 0)]] if state[VALUES] >= state[LEAST] else np.nan


def start(window: int, min_count: int, sign: float) -> Any:
    """The state before the first value."""
    return state_of(PLACES - FIRST + window, window, min_count, int(sign))


@loop("float64(int64, float64)")
def extremum(address: int, value: float) -> float:
    """Take a value in and give the minimum (a sign of 1) or maximum (-1) after it."""
    return take(words(address), value)


@loop("void(int64, float64[::1], float64[::1])")
def extrema(address: int, values: Any, out: Any) -> None:
    """`extremum` of all values."""
    state = words(address)
    for i in range(values.shape[0]):
        out[i] = take(state, values[i])


@loop("void(int64, float64[::1])")
def skip(address: int, values: Any) -> None:
    """Take in values whose results others found."""
    state = words(address)
    hold(state, values)
    state[VALUES] = state[BEGIN] = state[LENGTH] = 0
    rows = min(state[ROWS], state[WINDOW])
    place = (state[ROWS] - rows) % state[WINDOW]
    for _ in range(rows):
        enter(state, place)
        place = after(place, state[WINDOW])
