"""Sums and means of values that no grid holds, or that are infinite: one by one, in an accumulator."""

from typing import Any, NamedTuple

import numpy as np

from kernels._backend import fma, inner
from kernels._exact import accumulator

COUNTS = 3


class State(NamedTuple):
    """An exact sum of finite values, scratch to read it, and how many values there are: all, +inf, -inf."""

    digits: Any
    scratch: Any
    counts: Any


@inner
def begin() -> State:
    """The sum of nothing."""
    digits = np.zeros(accumulator.SIZE, np.int64)
    accumulator.clear(digits)
    return State(digits, np.zeros(accumulator.SIZE, np.int64), np.zeros(COUNTS, np.int64))


@inner
def step(state: State, value: float, sign: int) -> None:
    """A value comes (sign 1) or goes (-1)."""
    if value != value:
        return
    state.counts[0] += sign
    if abs(value) == np.inf:
        state.counts[1 if value > 0.0 else 2] += sign
    else:
        accumulator.add(state.digits, value, sign, 0)


@inner
def read(state: State, min_count: int, means: int) -> float:
    """The sum or mean."""
    count, above, below = state.counts[0], state.counts[1], state.counts[2]
    if count < min_count or (above > 0 and below > 0):
        return np.nan
    if above + below > 0:
        return np.inf if above > 0 else -np.inf
    s, t, exponent = accumulator.read(state.digits, state.scratch)
    if not means:
        return accumulator.scale(s, exponent)
    inverse = 1.0 / count
    rest = fma(-inverse, float(count), 1.0) * inverse
    return accumulator.scale(fma(s, inverse, fma(s, rest, t * inverse)), exponent)
