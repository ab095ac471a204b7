"""Sums and means of values as they arrive, at a cost that no window changes.

A grid of the form WIDE holds the values about as large as the first one was; its sums are exact. The others,
the strays, are in an accumulator, which the sums join to be read while there are some.
"""

from typing import Any

import numpy as np

from kernels._backend import LANES, inner, lane, loop, spread, words
from kernels._drivers.sliding import slide
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
    window_of,
)
from kernels._exact import accumulator
from kernels._exact.grid import LEAST_UNIT, MOST, WIDE, Grid, exponent, places_of, power
from kernels._exact.parts import Sums
from kernels._exact.running import add_down
from kernels._statistics import any_sums, sums

COARSE, MIDDLE, FINE, NUMBER, SCALE, STEP, LOW, HIGH, FLOATS = range(9)
ON_GRID = FIRST + FLOATS  # how many values but zeros are on the grid
STRAYS = ON_GRID + 1
ALL = STRAYS + accumulator.SIZE + any_sums.COUNTS
SCRATCH = ALL + accumulator.SIZE + any_sums.COUNTS
END = SCRATCH + accumulator.SIZE


@inner
def floats_of(state: Any) -> Any:
    """The sums on the grid, and the grid."""
    return state[FIRST:ON_GRID].view(np.float64)


@inner
def any_sums_at(state: Any, begin: int) -> any_sums.State:
    """The sum of the strays, or of all."""
    counts = begin + accumulator.SIZE
    return any_sums.State(state[begin:counts], state[SCRATCH:END], state[counts : counts + any_sums.COUNTS])


@inner
def clear(state: Any) -> None:
    """The sums of no values, on no grid."""
    for k in range(FIRST, END):
        state[k] = 0
    floats = floats_of(state)
    floats[SCALE] = floats[STEP] = 1.0
    accumulator.clear(state[STRAYS:])


@inner
def is_on(floats: Any, value: float) -> bool:
    """Whether the grid has the value, or it is missing."""
    return floats[LOW] <= abs(value) < floats[HIGH] or value == 0.0 or value != value


@inner
def counts_on(floats: Any, value: float) -> int:
    """1 if the value is on the grid and not zero."""
    return 1 if floats[LOW] <= abs(value) < floats[HIGH] else 0


@inner
def choose(state: Any, value: float) -> None:
    """Choose a grid for a value and others as large, if it is finite and not zero; most of them less."""
    floats = floats_of(state)
    size = abs(value)
    if not 0.0 < size < np.inf:
        return
    places = places_of(state[WINDOW])
    bits = 161 - 3 * places
    most = min(exponent(size) + 1 + (bits - 53) // 3, MOST)
    unit = max(most - bits, LEAST_UNIT)
    if power(max(unit + 52, -1000)) <= size < power(most):
        floats[LOW], floats[HIGH] = power(unit + 52), power(most)
        floats[SCALE], floats[STEP] = power(53 - places - most), power(places - 54)


@inner
def begin(state: Any) -> Any:
    """The statistic's state and constants."""
    floats = floats_of(state)
    grid = Grid(WIDE, floats[SCALE], 0.0, 0.0, floats[STEP])
    held = Sums(floats[COARSE], floats[MIDDLE], floats[FINE], floats[NUMBER])
    return sums.begin(grid, held, state[WINDOW], state[LEAST], state[OPTION])


@inner
def keep(state: Any, now: sums.State, k: int) -> None:
    """Keep the sums in one of the lanes."""
    floats = floats_of(state)
    floats[COARSE], floats[MIDDLE] = lane(now.coarse.total, k), lane(now.middle.total, k)
    floats[FINE], floats[NUMBER] = lane(now.fine.total, k), lane(now.number.total, k)


@inner
def trade(state: Any, new: float, old: float) -> float:
    """A value comes and another goes; the result of those on the grid."""
    floats, strays = floats_of(state), any_sums_at(state, STRAYS)
    state[ON_GRID] += counts_on(floats, new) - counts_on(floats, old)
    enters, leaves = new, old
    if not is_on(floats, new):
        any_sums.step(strays, new, 1)
        enters = np.nan
    if not is_on(floats, old):
        any_sums.step(strays, old, -1)
        leaves = np.nan
    now, constants = begin(state)
    now, result = sums.wide_step(add_down, now, spread(enters), spread(leaves), constants)
    keep(state, now, 0)
    return lane(result, 0)


@inner
def read_all(state: Any) -> float:
    """The result of the values on the grid and the strays."""
    floats, strays, every = floats_of(state), any_sums_at(state, STRAYS), any_sums_at(state, ALL)
    for k in range(STRAYS, ALL):
        state[k + ALL - STRAYS] = state[k]
    for part in range(COARSE, FINE + 1):
        accumulator.add(every.digits, floats[part] / floats[SCALE], 1, 0)
    every.counts[0] = strays.counts[0] + int(floats[NUMBER])
    return any_sums.read(every, state[LEAST], state[OPTION])


@inner
def anew(state: Any) -> None:
    """Sum the window's values once more, on a grid for the largest."""
    held = window_of(state)
    clear(state)
    largest = 0.0
    for value in held:
        largest = abs(value) if largest < abs(value) < np.inf else largest
    choose(state, largest)
    for value in held:
        trade(state, value, np.nan)


@inner
def take(state: Any, value: float) -> float:
    """Take a value in, and the oldest out; the sum, or mean, of the window."""
    strays = any_sums_at(state, STRAYS).counts
    if strays[0] > 0 and state[PLACE] == 0:
        anew(state)
    if strays[0] == 0 and state[ON_GRID] == 0:
        choose(state, value)
    result = trade(state, value, exchange(state, value))
    return read_all(state) if strays[0] > 0 else result


@inner
def take_many(state: Any, values: Any, out: Any) -> None:
    """`take` of values that are on the grid, as those of the window are."""
    floats, held, rows = floats_of(state), room_of(state), values.shape[0]
    empty = state[WINDOW] - state[ROWS]
    oldest = np.empty(rows)
    place = state[PLACE]
    for i in range(rows):
        oldest[i] = held[place] if i < state[WINDOW] else values[i - state[WINDOW]]
        oldest[i] = oldest[i] if i >= empty else np.nan
        place = after(place, state[WINDOW])
    now, constants = begin(state)
    now = slide(sums.wide_step, now, constants, values, oldest, out)
    keep(state, now, (rows - 1) % LANES)
    for i in range(rows):
        state[ON_GRID] += counts_on(floats, values[i]) - counts_on(floats, oldest[i])
    hold(state, values)


@inner
def are_on(floats: Any, values: Any) -> bool:
    """Whether all values are on the grid."""
    strays = 0
    for value in values:
        strays += 0 if is_on(floats, value) else 1
    return strays == 0


def start(window: int, min_count: int, means: int) -> Any:
    """The state before the first value."""
    state = state_of(END - FIRST, window, min_count, means)
    restart(state.ctypes.data)
    return state


@loop("void(int64)")
def restart(address: int) -> None:
    """Make sums those of the window's values."""
    anew(words(address))


@loop("float64(int64, float64)")
def statistic(address: int, value: float) -> float:
    """Take a value in and give the sum, or mean, after it."""
    return take(words(address), value)


@loop("void(int64, float64[::1], float64[::1])")
def statistics(address: int, values: Any, out: Any) -> None:
    """`statistic` of all values."""
    state = words(address)
    floats, rows = floats_of(state), values.shape[0]
    has_strays = any_sums_at(state, STRAYS).counts[0] > 0
    if rows > 0 and not has_strays and state[ON_GRID] == 0:
        choose(state, values[0])
    if rows >= LANES and not has_strays and are_on(floats, values):
        take_many(state, values, out)
    else:
        for i in range(rows):
            out[i] = take(state, values[i])


@loop("void(int64, float64[::1])")
def skip(address: int, values: Any) -> None:
    """Take in values whose results others found."""
    state = words(address)
    hold(state, values)
    anew(state)
