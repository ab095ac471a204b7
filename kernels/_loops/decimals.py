"""Signals that rounding leaves open, decided between the decimals that the floats stand for.

A float that reads back from ``m / 10**d`` with at most fifteen digits stands for exactly that decimal, so the
values of a window become whole numbers and their comparison is exact.
"""

from typing import Any

import numpy as np

from kernels._backend.compiled import bits, fma, from_bits, loop
from kernels._loops import tiles
from kernels._loops.engine import tile_end
from kernels._loops.quick import worst_bound

MOST_PLACES = 15
MOST_UNITS = 1e15
NO_PLACES = -1
POWERS = np.array([1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15])

# places in the state: the row that the sum goes up to, its decimal places, the sum; likewise the flat stretch
ROW = 0
PLACES = 1
SUM = 2
RUN_ROW = 3
RUN = 4
TIES_PLACES = 5  # decimal places that the values of these rows are known to have
TIES_BEGIN = 6
TIES_END = 7
STATE_SIZE = 8
FEW = 128
SAMPLE = 64


@loop("int64(float64[::1], float64, float64, int64[::1])")
def to_units(x: Any, unit: float, limit: float, out: Any) -> int:
    """Each value in whole units (``unit`` to one), 0 for a missing one; how many are no whole number."""
    wrong = 0
    for i in range(out.shape[0]):
        value = x[i]
        shifted = value * unit + tiles.MAGIC
        whole = shifted - tiles.MAGIC
        right = abs(whole) <= limit and whole / unit == value
        missing = np.isnan(value)
        wrong += 0 if right or missing else 1
        out[i] = bits(shifted) - tiles.MAGIC_BITS if right else 0
    return wrong


@loop("void(int64[::1], int64[::1], int64[::1], int8[::1])")
def compare(units: Any, sums: Any, counts: Any, out: Any) -> None:
    """Decide the open rows."""
    for i in range(out.shape[0]):
        above = counts[i] * units[i] > sums[i]
        out[i] = out[i] if out[i] != 2 else (1 if above else 0)


@loop("float64(int64, int64)")
def limit_of(places: int, window: int) -> float:
    """The largest number of units of a value that stands for a decimal, and whose window sums fit."""
    most = MOST_UNITS if places > 0 else 2.0**51
    return min(most, 2.0**62 / window)


@loop("int64(float64, int64, int64)")
def places_of_value(value: float, places: int, window: int) -> int:
    """The fewest decimal places, from ``places`` on, that a value has; `NO_PLACES` if there are none."""
    if np.isnan(value):
        return places
    if not np.isfinite(value):
        return NO_PLACES
    unit = POWERS[places]
    while True:
        whole = np.rint(value * unit)
        if abs(whole) > limit_of(places, window):
            return NO_PLACES
        if whole / unit == value:
            return places
        if places == MOST_PLACES:
            return NO_PLACES
        places += 1
        unit = POWERS[places]


@loop("int64(float64[::1], int64, int64)")
def places_of(x: Any, places: int, window: int) -> int:
    """The fewest decimal places, from ``places`` on, that all values have; `NO_PLACES` if there are none."""
    for i in range(x.shape[0]):
        places = places_of_value(x[i], places, window)
        if places < 0:
            break
    return places


@loop("int64(float64, int64)")
def units_of(value: float, places: int) -> int:
    """A value that has no more than these decimal places, in whole units; 0 for a missing one."""
    if np.isnan(value):
        return 0
    return int(np.rint(value * POWERS[places]))


@loop("int64(float64[::1], int64, int64, int64, int64[::1], int64[::1])")
def restart(x: Any, begin: int, window: int, places: int, state: Any, scratch: Any) -> int:
    """Make the state that of the row before ``begin``; how many values do not fit the decimal places."""
    unit = POWERS[places]
    limit = limit_of(places, window)
    wrong = 0
    total = 0
    size = scratch.shape[0]
    for a in range(max(0, begin - window), begin, size):
        b = min(a + size, begin)
        units = scratch[: b - a]
        wrong += to_units(x[a:b], unit, limit, units)
        for k in range(b - a):
            total += units[k]
    state[ROW] = begin - 1
    state[PLACES] = places
    state[SUM] = total
    return wrong


@loop("int64(int8[::1])")
def has_open(out: Any) -> int:
    """Whether any row is open; without a branch, so that it takes many rows at once."""
    found = 0
    for i in range(out.shape[0]):
        found |= out[i] & 2
    return found


@loop("int64(float64[::1], float64)")
def misfits(x: Any, unit: float) -> int:
    """How many values are neither missing nor the float nearest to a whole number of units (``unit`` to one).

    Those are within half the distance of two floats from it. Both sides of that comparison are exact: the
    difference is less than ``5**places`` times a power of two that divides it. No decimal of so few digits is
    in the middle of two floats, and no power of two is that near to a decimal other than itself, so it does
    not matter that the next float below is nearer there.
    """
    half = 2.0**-53 * unit
    wrong = 0
    for i in range(x.shape[0]):
        whole = (x[i] * unit + tiles.MAGIC) - tiles.MAGIC
        most = from_bits(bits(x[i]) & tiles.INFINITE) * half
        fits = abs(fma(x[i], unit, -whole)) <= most and abs(whole) <= MOST_UNITS
        missing = x[i] != x[i]
        wrong += 0 if fits or missing else 1
    return wrong


@loop("void(int8[::1])")
def close_ties(out: Any) -> None:
    """Make 2 into 0."""
    for i in range(out.shape[0]):
        out[i] &= 1


@loop("int64(float64[::1], int64, int64, int64, int64, float64, int64, int64[::1], int8[::1])")
def tied(
    x: Any,
    begin: int,
    end: int,
    window: int,
    places: int,
    bound: float,
    open_rows: int,
    state: Any,
    out: Any,
) -> int:
    """`ties` of values that are supposed to have some decimal places."""
    unit = POWERS[places]
    if 2.0 * bound * unit >= 1.0:
        return 0
    reach = max(0, begin - window + 1)
    if state[TIES_PLACES] != places or not state[TIES_BEGIN] <= reach <= state[TIES_END]:
        state[TIES_PLACES] = places
        state[TIES_BEGIN] = reach
        state[TIES_END] = reach
    checked = state[TIES_END]
    wrong = 0
    if open_rows * (window + FEW) < end - checked:
        for a in range(0, out.shape[0], FEW):
            if has_open(out[a : a + FEW]):
                for row in range(begin + a, min(begin + a + FEW, end)):
                    if out[row - begin] == 2:
                        wrong += misfits(x[max(0, row - window + 1) : row + 1], unit)
    else:
        wrong = misfits(x[checked:end], unit)
        state[TIES_END] = end
    if wrong > 0:
        state[TIES_PLACES] = NO_PLACES
        return 0
    close_ties(out)
    return 1


@loop("int64(float64[::1], int64, int64, int64, float64, int64, int64[::1], int8[::1])")
def ties(
    x: Any, begin: int, end: int, window: int, bound: float, open_rows: int, state: Any, out: Any
) -> int:
    """Make the open rows 0 if they all are ties: 1 if they are, 0 if that is not known.

    They are where all values are whole units of one decimal place and a unit is more than twice ``bound``:
    sums of units that come nearer are the same.
    """
    reach = x[max(0, begin - window + 1) : end]
    if open_rows == end - begin:
        low, high = tiles.range_of_bits(reach)
        if low == high:
            close_ties(out)
            return 1
    places = state[TIES_PLACES]
    if places < 0:
        places = places_of(reach[:SAMPLE], 0, window)
    if places >= 0 and tied(x, begin, end, window, places, bound, open_rows, state, out):
        return 1
    if places >= 0:
        places = places_of(reach, places, window)
    return 1 if places >= 0 and tied(x, begin, end, window, places, bound, open_rows, state, out) else 0


@loop("int64(float64[::1], int64, int64, int64[::1], int64[::1], int8[::1])")
def decide_units_alone(x: Any, begin: int, window: int, counts: Any, scratch: Any, out: Any) -> int:
    """As `decide_units`, each open row on its own; 0 if one could not be decided."""
    all_decided = 1
    state = np.empty(STATE_SIZE, np.int64)
    for a in range(0, out.shape[0], FEW):
        b = min(a + FEW, out.shape[0])
        if not has_open(out[a:b]):
            continue
        for i in range(a, b):
            if out[i] == 2:
                row = begin + i
                values = x[max(0, row - window + 1) : row + 1]
                places = places_of(values, 0, window)
                if places >= 0 and restart(x, row + 1, window, places, state, scratch) == 0:
                    above = counts[i] * units_of(x[row], places) > state[SUM]
                    out[i] = 1 if above else 0
                else:
                    all_decided = 0
    return all_decided


@loop("int64(float64[::1], int64, int64, int64, int64[::1], int64[:, ::1], int64[::1], int64, int8[::1])")
def decide_units(
    x: Any, begin: int, end: int, window: int, counts: Any, scratch: Any, state: Any, open_rows: int, out: Any
) -> int:
    """Decide the open rows of a tile in whole decimal units; 0 if its values have no common ones."""
    size = end - begin
    if state[ROW] != begin - 1 and open_rows * (window + 16) * 4 < window + 2 * size:
        return decide_units_alone(x, begin, window, counts, scratch[1], out)
    entering = scratch[0, :size]
    leaving = scratch[1, :size]
    places = state[PLACES]
    wrong = 1
    if places >= 0:
        wrong = 0 if state[ROW] == begin - 1 else restart(x, begin, window, places, state, scratch[1])
        wrong += to_units(x[begin:end], POWERS[places], limit_of(places, window), entering)
    if wrong > 0:
        reach = x[max(0, begin - window) : end]
        places = places_of(reach, 0, window)
        if places >= 0:
            wrong = restart(x, begin, window, places, state, scratch[1])
            wrong += to_units(x[begin:end], POWERS[places], limit_of(places, window), entering)
    if wrong > 0:
        state[ROW] = -1
        return 0
    if begin >= window:
        to_units(x[begin - window : end - window], POWERS[places], limit_of(places, window), leaving)
    else:
        tiles.fill(leaving, 0)
    tiles.differences(entering, leaving, leaving)
    state[SUM] = tiles.accumulate(leaving, state[SUM])
    state[ROW] = end - 1
    compare(entering, leaving, counts, out)
    return 1


@loop("int64(float64[::1], float64, int64)")
def decide_row(window_values: Any, value: float, count: int) -> int:
    """Compare with a sum of twice the precision, within a bound for this very window; 2 if still open."""
    total = 0.0
    error = 0.0
    size = 0.0
    for i in range(window_values.shape[0]):
        v = window_values[i]
        if not np.isnan(v):
            s = total + v
            b = s - total
            error += (total - (s - b)) + (v - b)
            total = s
            size += abs(v)
    above = (count * value - total) - error
    bound = 2.0**-51 * (size + abs(count * value)) + count * 2.0**-1074
    if not abs(above) > bound or not size < 2.0**1020:
        return 2
    return 1 if above > 0.0 else 0


@loop("int64(float64[::1], int64, int64, int64, int64[::1], int64[:, ::1], int64[::1], int64, int8[::1])")
def decide(
    x: Any, begin: int, end: int, window: int, counts: Any, scratch: Any, state: Any, open_rows: int, out: Any
) -> int:
    """Decide the rows of a tile that are 2 in ``out``; the number of those that stay open."""
    if decide_units(x, begin, end, window, counts, scratch, state, open_rows, out) == 1:
        return 0
    run = state[RUN]
    if state[RUN_ROW] != begin - 1:
        run = 0
        k = begin - 1
        while k >= 0 and run < window and x[k] == x[begin - 1]:
            run += 1
            k -= 1
    still_open = 0
    for i in range(begin, end):
        run = run + 1 if i > 0 and x[i] == x[i - 1] else 1
        if out[i - begin] == 2:
            if run >= counts[i - begin] and run >= min(window, i + 1):
                out[i - begin] = 0
            else:
                values = x[max(0, i - window + 1) : i + 1]
                out[i - begin] = decide_row(values, x[i], counts[i - begin])
                still_open += 1 if out[i - begin] == 2 else 0
    state[RUN] = run
    state[RUN_ROW] = end - 1
    return still_open


@loop("void(float64[::1], int64, int64, int64, int64[::1])")
def count_values(x: Any, begin: int, end: int, window: int, counts: Any) -> None:
    """How many values that are not missing the windows have that end in ``x[begin:end]``."""
    count = 0
    for i in range(max(0, begin - window), begin):
        count += 1 if x[i] == x[i] else 0
    for i in range(begin, end):
        count += 1 if x[i] == x[i] else 0
        if i >= window:
            count -= 1 if x[i - window] == x[i - window] else 0
        counts[i - begin] = count


@loop("int64(float64[::1], int64, int64, int64[:, ::1], int8[::1])", entry=True)
def settle(x: Any, first: int, window: int, scratch: Any, out: Any) -> int:
    """Decide the rows that are 2 in ``out``, which is about ``x[first:]``; how many of them stay open."""
    state = np.empty(STATE_SIZE, np.int64)
    start(state)
    largest = 0
    for i in range(x.shape[0]):
        size = bits(x[i]) & tiles.ABSOLUTE
        largest = max(largest, size if size < tiles.INFINITE else 0)
    bound = max(worst_bound(window), 2.0**-48 * window) * from_bits(largest)
    still_open = 0
    begin = first
    while begin < x.shape[0]:
        end = tile_end(begin, x.shape[0], window, first)
        target = out[begin - first : end - first]
        if has_open(target):
            open_rows = 0
            for i in range(target.shape[0]):
                open_rows += 1 if target[i] == 2 else 0
            if not ties(x, begin, end, window, bound, open_rows, state, target):
                counts = scratch[2, : end - begin]
                count_values(x, begin, end, window, counts)
                still_open += decide(x, begin, end, window, counts, scratch, state, open_rows, target)
        begin = end
    return still_open


@loop("void(int64[::1])")
def start(state: Any) -> None:
    """The state before any row."""
    state[ROW] = -2
    state[PLACES] = NO_PLACES
    state[SUM] = 0
    state[RUN_ROW] = -2
    state[RUN] = 0
    state[TIES_PLACES] = NO_PLACES
    state[TIES_BEGIN] = 0
    state[TIES_END] = 0
