"""Sums and means of values as they arrive, at a cost that no window changes.

``ring`` holds the window's values, the oldest to be replaced next; ``whole`` all other state.
"""

from typing import Any

from kernels._backend import inner, loop
from kernels._exact import accumulator
from kernels._statistics import any_sums

SEEN = 2 * accumulator.SIZE + any_sums.COUNTS
SIZE = SEEN + 1


@inner
def state_of(whole: Any) -> any_sums.State:
    """The statistic's part of the state."""
    counts = 2 * accumulator.SIZE
    return any_sums.State(
        whole[: accumulator.SIZE],
        whole[accumulator.SIZE : counts],
        whole[counts : counts + any_sums.COUNTS],
    )


@inner
def push(whole: Any, ring: Any, value: float) -> None:
    """Take a value in, and the oldest out."""
    state, seen = state_of(whole), whole[SEEN]
    place = seen % ring.shape[0]
    any_sums.step(state, value, 1)
    if seen >= ring.shape[0]:
        any_sums.step(state, ring[place], -1)
    ring[place] = value
    whole[SEEN] = seen + 1


@loop("void(int64[::1])")
def start(whole: Any) -> None:
    """The state before the first value."""
    for k in range(SIZE):
        whole[k] = 0
    accumulator.clear(whole)


@loop("float64(int64[::1], float64[::1], int64, int64, float64)")
def statistic(whole: Any, ring: Any, min_count: int, means: int, value: float) -> float:
    """Take a value in and give the sum, or mean, after it."""
    push(whole, ring, value)
    return any_sums.read(state_of(whole), min_count, means)


@loop("void(int64[::1], float64[::1], int64, int64, float64[::1], float64[::1])")
def statistics(whole: Any, ring: Any, min_count: int, means: int, values: Any, out: Any) -> None:
    """`statistic` of all values."""
    for i in range(values.shape[0]):
        push(whole, ring, values[i])
        out[i] = any_sums.read(state_of(whole), min_count, means)


@loop("void(int64[::1], float64[::1], float64[::1])")
def refill(whole: Any, ring: Any, values: Any) -> None:
    """Make the state that after ``values``, of which the last fill the ring."""
    start(whole)
    for i in range(values.shape[0]):
        push(whole, ring, values[i])
