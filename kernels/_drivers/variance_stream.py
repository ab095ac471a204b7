"""Variances and deviations of values as they arrive, at a cost that few values let grow with the window.

The sums are on a grid that holds values somewhat farther apart than those of the window are. A value that is
not on it, or a result that is not certain, makes a new grid for the window's values.
"""

from typing import Any

import numpy as np

from kernels._backend import inner, lane, loop, spread, words
from kernels._drivers.states import (
    FIRST,
    LEAST,
    OPTION,
    OTHER,
    ROWS,
    WINDOW,
    exchange,
    state_of,
    window_of,
)
from kernels._exact.grid import exponent, power
from kernels._exact.running import add_down, start
from kernels._statistics import variance
from kernels._statistics.variance import OPEN, Constants, Grid, State, rounding_grid
from kernels._statistics.variance_alone import alone

COARSE, FINE, SQUARE, SQUARE_REST, NUMBER, REFERENCE, REACH, FLOATS = range(8)
INFINITE = FIRST + FLOATS  # how many values are
RUN = INFINITE + 1  # how many of the newest values are the same
END = RUN + 1
ROOM = 4.0  # how many times as far apart as the window's values others may be
NEAR = 2.0**-10  # of a value, to which nothing tells how far others are


@inner
def floats_of(state: Any) -> Any:
    """The sums, and what the grid is made of: the reference, and how far from it values may be."""
    return state[FIRST:INFINITE].view(np.float64)


@inner
def grid_of(state: Any) -> Grid:
    """The grid."""
    floats = floats_of(state)
    return rounding_grid(floats[REFERENCE], exponent(floats[REACH]), state[WINDOW])


@inner
def constants_of(state: Any, grid: Grid) -> Constants:
    """The statistic's constants."""
    return variance.constants_of(grid, state[WINDOW], state[LEAST], state[OPTION], state[OTHER] != 0)


@inner
def is_on(floats: Any, value: float) -> bool:
    """Whether the grid has a value."""
    reference = floats[REFERENCE]
    is_exact = reference == 0.0 or 0.5 * reference <= value <= 2.0 * reference
    return is_exact and abs(value - reference) < floats[REACH]


@inner
def choose(state: Any, held: Any) -> None:
    """Choose a grid for values, if there is one; a reach of 0 tells that there is none."""
    floats = floats_of(state)
    low, high, largest = np.inf, -np.inf, 0.0
    for value in held:
        if value == value:
            low, high, largest = min(low, value), max(high, value), max(largest, abs(value))
    floats[REFERENCE] = floats[REACH] = 0.0
    if variance.LEAST < largest < variance.MOST:
        floats[REFERENCE] = variance.reference_of(low, high)
        if floats[REFERENCE] > 0.0:
            largest = max(high - floats[REFERENCE], floats[REFERENCE] * NEAR)
        floats[REACH] = power(exponent(largest * 2.0 * ROOM))


@inner
def keep(state: Any, now: State) -> None:
    """Keep the sums."""
    floats = floats_of(state)
    floats[COARSE], floats[FINE] = lane(now.coarse.total, 0), lane(now.fine.total, 0)
    floats[SQUARE], floats[SQUARE_REST] = lane(now.square.total, 0), lane(now.square_rest.total, 0)
    floats[NUMBER] = lane(now.number.total, 0)


@inner
def anew(state: Any) -> float:
    """Sum the window's values once more, on a grid of their own; their variance, or deviation."""
    values = window_of(state)
    choose(state, values)
    if floats_of(state)[REACH] == 0.0:
        return OPEN
    grid = grid_of(state)
    constants = constants_of(state, grid)
    now = variance.state_of(variance.rounded(values, grid), constants)
    keep(state, now)
    return lane(variance.read(now, constants), 0)


@inner
def trade(state: Any, new: float, old: float) -> float:
    """A value comes and another goes; the variance, or deviation."""
    floats, grid = floats_of(state), grid_of(state)
    constants = constants_of(state, grid)
    now = State(
        start(floats[COARSE]),
        start(floats[FINE]),
        start(floats[SQUARE]),
        start(floats[SQUARE_REST]),
        start(floats[NUMBER]),
        spread(0.0),
    )
    enters, leaves = np.rint(new / grid.unit) * grid.unit, np.rint(old / grid.unit) * grid.unit
    now, result = variance.counted_step(add_down, now, spread(enters), spread(leaves), constants)
    keep(state, now)
    return lane(result, 0)


@inner
def arrive(state: Any, value: float) -> float:
    """Put a value in the place of the oldest, and give that."""
    newest = window_of(state)[(state[ROWS] - 1) % state[WINDOW]] if state[ROWS] > 0 else np.nan
    state[RUN] = state[RUN] + 1 if value == newest else 1 if value == value else 0
    oldest = exchange(state, value)
    state[INFINITE] += (1 if abs(value) == np.inf else 0) - (1 if abs(oldest) == np.inf else 0)
    return oldest


@inner
def take(state: Any, value: float) -> float:
    """Take a value in, and the oldest out; the variance, or deviation, of the window."""
    oldest = arrive(state, value)
    floats = floats_of(state)
    if state[INFINITE] > 0:
        floats[REACH] = 0.0
        return np.nan
    if floats[REACH] > 0.0 and (value != value or is_on(floats, value)):
        result = trade(state, value, oldest)
    else:
        result = anew(state)
    if result == OPEN and state[RUN] >= state[WINDOW] > state[OPTION]:
        return 0.0
    if result == OPEN:
        result = anew(state)
    if result == OPEN:
        result = alone(window_of(state), state[LEAST], state[OPTION], state[OTHER] != 0)
    return result


def start_of(window: int, min_count: int, ddof: int, rooted: int) -> Any:
    """The state before the first value."""
    return state_of(END - FIRST, window, min_count, ddof, rooted)


@loop("float64(int64, float64)")
def statistic(address: int, value: float) -> float:
    """Take a value in and give the variance, or deviation, after it."""
    return take(words(address), value)


@loop("void(int64, float64[::1], float64[::1])")
def statistics(address: int, values: Any, out: Any) -> None:
    """`statistic` of all values."""
    state = words(address)
    for i in range(values.shape[0]):
        out[i] = take(state, values[i])


@loop("void(int64, float64[::1])")
def skip(address: int, values: Any) -> None:
    """Take in values whose results others found; the next one makes a grid."""
    state = words(address)
    for value in values:
        arrive(state, value)
    floats_of(state)[REACH] = 0.0
