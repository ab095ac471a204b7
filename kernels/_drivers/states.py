"""What the states of streams share: one block of words, which a loop is given the address of.

An array would take Python longer to hand over than most loops need for a value. The words are an int64 each,
or a float64; the last are the window's values, that of row ``r`` at ``r % window``.
"""

from typing import Any

import numpy as np

from kernels._backend import inner

SIZE, ROWS, WINDOW, PLACE, LEAST, OPTION, OTHER, FIRST = range(8)


def state_of(words_between: int, window: int, min_count: int, option: int = 0, other: int = 0) -> Any:
    """A state before the first value, with so many words between those that all have and the window."""
    size = FIRST + words_between + window
    state = np.zeros(size, np.int64)
    state[:FIRST] = size, 0, window, 0, min_count, option, other
    return state


@inner
def window_of(state: Any) -> Any:
    """The window's values, in the order of their places."""
    begin = state[SIZE] - state[WINDOW]
    return state[begin : begin + min(state[ROWS], state[WINDOW])].view(np.float64)


@inner
def room_of(state: Any) -> Any:
    """The places of the window's values."""
    return state[state[SIZE] - state[WINDOW] :].view(np.float64)


@inner
def after(place: int, window: int) -> int:
    """The place that follows, without a division."""
    return place + 1 if place + 1 < window else 0


@inner
def exchange(state: Any, value: float) -> float:
    """Put a value in the place of the oldest, and give that; NaN if there is none."""
    held, place = room_of(state), state[PLACE]
    oldest = held[place] if state[ROWS] >= state[WINDOW] else np.nan
    held[place] = value
    state[PLACE] = after(place, state[WINDOW])
    state[ROWS] += 1
    return oldest


@inner
def hold(state: Any, values: Any) -> None:
    """Put values in the places of the oldest."""
    held, rows = room_of(state), values.shape[0]
    begin = max(0, rows - state[WINDOW])
    place = (state[PLACE] + begin) % state[WINDOW]
    for i in range(begin, rows):
        held[place] = values[i]
        place = after(place, state[WINDOW])
    state[PLACE] = place
    state[ROWS] += rows
