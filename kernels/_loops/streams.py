"""One value at a time: the state of a window, and what a value makes of it, at a cost that no window changes.

``ring`` holds the window's values, the oldest to be replaced next. ``whole`` holds all other state in whole
numbers: three accumulators (sum, magnitudes, scratch), counts, and the window in decimal units.
"""

from typing import Any

import numpy as np

from kernels._backend.compiled import loop
from kernels._loops import decimals, exact, wild
from kernels._loops.windows import MEANS

SUM = 0
MAGNITUDES = exact.SIZE
SCRATCH = 2 * exact.SIZE
COUNTS = 3 * exact.SIZE
SEEN = COUNTS + 3
PLACES = SEEN + 1
UNITS = SEEN + 2
LARGEST = SEEN + 3
RUN = SEEN + 4
SIZE = SEEN + 5


@loop("void(int64[::1])", entry=True)
def start(whole: Any) -> None:
    """The state before the first value."""
    for k in range(SIZE):
        whole[k] = 0
    exact.clear(whole[SUM : SUM + exact.SIZE])
    exact.clear(whole[MAGNITUDES : MAGNITUDES + exact.SIZE])


@loop("void(int64[::1], float64[::1], float64)")
def push(whole: Any, ring: Any, value: float) -> None:
    """Take a value in, and the oldest out."""
    sums = whole[SUM : SUM + exact.SIZE]
    counts = whole[COUNTS : COUNTS + 3]
    seen = whole[SEEN]
    place = seen % ring.shape[0]
    wild.count_in(sums, counts, value, 1)
    if seen >= ring.shape[0]:
        wild.count_in(sums, counts, ring[place], -1)
    ring[place] = value
    whole[SEEN] = seen + 1


@loop("float64(int64[::1], float64[::1], int64, int64, float64)", entry=True)
def statistic(whole: Any, ring: Any, min_count: int, kind: int, value: float) -> float:
    """Push a value and give the sum (``kind`` 0) or mean (1) after it."""
    counts = whole[COUNTS : COUNTS + 3]
    sums = whole[SUM : SUM + exact.SIZE]
    scratch = whole[SCRATCH : SCRATCH + exact.SIZE]
    push(whole, ring, value)
    if counts[wild.VALID] < min_count:
        return np.nan
    if kind == MEANS:
        return wild.row_mean(sums, counts, scratch)
    return wild.row_sum(sums, counts, scratch)


@loop("void(int64[::1], float64[::1], int64, int64, float64[::1], float64[::1])", entry=True)
def statistics(whole: Any, ring: Any, min_count: int, kind: int, values: Any, out: Any) -> None:
    """`statistic` of all values."""
    for i in range(values.shape[0]):
        out[i] = statistic(whole, ring, min_count, kind, values[i])


@loop("void(int64[::1], float64[::1], float64)")
def push_units(whole: Any, ring: Any, value: float) -> None:
    """Keep the window's sum in decimal units, the run of equal values, and the magnitudes, before `push`."""
    window = ring.shape[0]
    seen = whole[SEEN]
    place = seen % window
    magnitudes = whole[MAGNITUDES : MAGNITUDES + exact.SIZE]
    wild.size_in(magnitudes, value, 1)
    leaving = np.nan
    if seen >= window:
        leaving = ring[place]
        wild.size_in(magnitudes, leaving, -1)
    repeated = seen > 0 and ring[(seen - 1) % window] == value
    whole[RUN] = whole[RUN] + 1 if repeated else 1
    places = whole[PLACES]
    if places < 0:
        return
    new_places = decimals.places_of_value(value, places, window)
    if new_places > places:
        more = 10 ** (new_places - places)
        if whole[LARGEST] * float(more) > decimals.limit_of(new_places, window):
            new_places = decimals.NO_PLACES
        else:
            whole[UNITS] *= more
            whole[LARGEST] *= more
    whole[PLACES] = new_places
    if new_places < 0:
        return
    units = decimals.units_of(value, new_places)
    whole[LARGEST] = max(whole[LARGEST], abs(units))
    whole[UNITS] += units - decimals.units_of(leaving, new_places)


@loop("int64(int64[::1], float64[::1], float64)")
def decide(whole: Any, ring: Any, value: float) -> int:
    """Compare in decimal units, or however else it can be settled; 2 if it cannot."""
    seen = whole[SEEN]
    window = ring.shape[0]
    count = whole[COUNTS + wild.VALID]
    if whole[RUN] >= min(window, seen):
        return 0
    held = ring[: min(seen, window)]
    if whole[PLACES] < 0:
        places = decimals.places_of(held, 0, window)
        if places >= 0:
            total = 0
            largest = 0
            for k in range(held.shape[0]):
                units = decimals.units_of(held[k], places)
                total += units
                largest = max(largest, abs(units))
            whole[PLACES] = places
            whole[UNITS] = total
            whole[LARGEST] = largest
    if whole[PLACES] >= 0:
        return 1 if count * decimals.units_of(value, whole[PLACES]) > whole[UNITS] else 0
    return decimals.decide_row(held, value, count)


@loop("int64(int64[::1], float64[::1], int64, float64)", entry=True)
def signal(whole: Any, ring: Any, min_count: int, value: float) -> int:
    """Push a value and give its signal, 2 if it stays open."""
    counts = whole[COUNTS : COUNTS + 3]
    push_units(whole, ring, value)
    push(whole, ring, value)
    if counts[wild.VALID] < min_count:
        return 0
    above = wild.row_signal(
        whole[SUM : SUM + exact.SIZE],
        whole[MAGNITUDES : MAGNITUDES + exact.SIZE],
        counts,
        whole[SCRATCH : SCRATCH + exact.SIZE],
        value,
    )
    return decide(whole, ring, value) if above == 2 else above


@loop("int64(int64[::1], float64[::1], int64, int64, float64[::1], int8[::1])", entry=True)
def signals(whole: Any, ring: Any, min_count: int, begin: int, values: Any, out: Any) -> int:
    """`signal` of all values, up to a row that stays open."""
    for i in range(begin, values.shape[0]):
        out[i] = signal(whole, ring, min_count, values[i])
        if out[i] == 2:
            return i + 1
    return values.shape[0]


@loop("void(int64[::1], float64[::1], float64[::1])", entry=True)
def refill(whole: Any, ring: Any, values: Any) -> None:
    """Make the state that after ``values``, of which the last fill the ring."""
    start(whole)
    for i in range(values.shape[0]):
        push_units(whole, ring, values[i])
        push(whole, ring, values[i])
