"""Sums and means: functions of ``s``, the float nearest to the exact sum, and ``t``, the nearest to the rest.

So they do not depend on the grid that a block has: whatever its form, a window has the same bits. Each form
has a step of its own; what they read is alike. A step is told how running sums go on: along rows, or down
columns.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from kernels._backend import absolute, fma, inner, spread, where
from kernels._exact.grid import MAGIC, Grid
from kernels._exact.parts import Sums, nearest, split
from kernels._exact.running import Running, start

Add = Callable[[Running, Any], Running]


NOTHING = Sums(0.0, 0.0, 0.0, 0.0)


class State(NamedTuple):
    """Running sums of the parts and of the number of values; a form leaves alone what it does not need."""

    coarse: Running
    middle: Running
    fine: Running
    number: Running


class Constants(NamedTuple):
    """Of a block: its grid, and what makes results of sums in coarse steps."""

    scale: Any
    reference: Any
    magic: Any
    middle_magic: Any
    blank: Any  # what stands for a missing value under MARKED, and half of what it adds to a sum
    limit: Any
    least: Any
    step: Any
    is_mean: Any
    inverse: Any
    rest: Any
    share: Any  # of t: a sum is s itself


@inner
def begin(grid: Grid, sums: Sums, window: int, min_count: int, means: int) -> tuple[State, Constants]:
    """State and constants for the rows after a window of these sums."""
    length = spread(float(window) if means else 1.0)
    step = spread(1.0 / grid.scale)
    inverse = 1.0 / length
    rest = fma(-inverse, length, 1.0) * inverse
    state = State(start(sums.coarse), start(sums.middle), start(sums.fine), start(sums.number))
    return state, Constants(
        spread(grid.scale),
        spread(grid.reference),
        spread(MAGIC),
        spread(MAGIC * grid.middle),
        spread(grid.mark / grid.scale),
        spread(0.5 * grid.mark),
        spread(float(min_count)),
        step,
        spread(1.0 if means else 0.0),
        inverse * step,
        rest * step,
        inverse * step if means else spread(0.0),
    )


@inner
def result(s: Any, t: Any, constants: Constants) -> Any:
    """Sum or mean of full windows."""
    return fma(s, constants.inverse, fma(s, constants.rest, t * constants.share))


@inner
def result_of_some(s: Any, t: Any, count: Any, constants: Constants) -> Any:
    """Sum or mean of windows of so many values, NaN where they are too few."""
    length = where(constants.is_mean > 0.0, count, 1.0)
    inverse = 1.0 / length
    rest = fma(-inverse, length, 1.0) * inverse
    mean = fma(s, inverse, fma(s, rest, t * inverse * constants.is_mean)) * constants.step
    return where(count < constants.least, spread(np.nan), mean)


@inner
def two_parts(coarse: Any, fine: Any) -> tuple[Any, Any]:
    """The exact sum as s and t; coarse is a multiple of the last place of fine, so t is exact."""
    s = coarse + fine
    return s, fine - (s - coarse)


@inner
def narrow_read(state: State, constants: Constants) -> Any:
    """Results of NARROW."""
    s, t = two_parts(state.coarse.total, state.fine.total)
    return result(s, t, constants)


@inner
def narrow_step(add: Add, state: State, new: Any, old: Any, constants: Constants) -> tuple[State, Any]:
    """Eight rows of NARROW: differences of values are those of their differences from the reference."""
    state = State(state.coarse, state.middle, add(state.fine, new - old), state.number)
    return state, narrow_read(state, constants)


@inner
def enter(add: Add, state: State, new: Any, old: Any, constants: Constants) -> State:
    """Coarse and fine sums eight rows on."""
    near, gone = (
        fma(new, constants.scale, constants.magic),
        fma(old, constants.scale, constants.magic),
    )
    rest = fma(new, constants.scale, constants.magic - near) - fma(
        old, constants.scale, constants.magic - gone
    )
    return State(add(state.coarse, near - gone), state.middle, add(state.fine, rest), state.number)


@inner
def broad_step(add: Add, state: State, new: Any, old: Any, constants: Constants) -> tuple[State, Any]:
    """Eight rows of BROAD."""
    state = enter(add, state, new, old, constants)
    return state, narrow_read(state, constants)


@inner
def marked_read(state: State, constants: Constants) -> Any:
    """Results of MARKED: NaN where a missing value shows in the sum."""
    s, t = two_parts(state.coarse.total, state.fine.total)
    mean = result(s, t, constants)
    return where(absolute(state.coarse.total) < constants.limit, mean, spread(np.nan))


@inner
def marked_step(add: Add, state: State, new: Any, old: Any, constants: Constants) -> tuple[State, Any]:
    """Eight rows of MARKED."""
    new, old = where(new == new, new, constants.blank), where(old == old, old, constants.blank)
    state = enter(add, state, new, old, constants)
    return state, marked_read(state, constants)


@inner
def counted(add: Add, state: State, new: Any, old: Any) -> State:
    """The count eight rows on."""
    change = where(new == new, 1.0, spread(0.0)) - where(old == old, 1.0, spread(0.0))
    return State(state.coarse, state.middle, state.fine, add(state.number, change))


@inner
def counted_read(state: State, constants: Constants) -> Any:
    """Results of COUNTED."""
    s, t = two_parts(state.coarse.total, state.fine.total)
    return result_of_some(s, t, state.number.total, constants)


@inner
def counted_step(add: Add, state: State, new: Any, old: Any, constants: Constants) -> tuple[State, Any]:
    """Eight rows of COUNTED."""
    state = counted(add, state, new, old)
    new, old = where(new == new, new, 0.0), where(old == old, old, 0.0)
    state = enter(add, state, new, old, constants)
    return state, counted_read(state, constants)


@inner
def wide_read(state: State, constants: Constants) -> Any:
    """Results of WIDE."""
    s, t = nearest(state.coarse.total, state.middle.total, state.fine.total)
    return result_of_some(s, t, state.number.total, constants)


@inner
def wide_step(add: Add, state: State, new: Any, old: Any, constants: Constants) -> tuple[State, Any]:
    """Eight rows of WIDE."""
    state = counted(add, state, new, old)
    new, old = where(new == new, new, 0.0), where(old == old, old, 0.0)
    a, b, c = split(new, constants.scale, constants.magic, constants.middle_magic)
    d, e, f = split(old, constants.scale, constants.magic, constants.middle_magic)
    coarse, middle, fine = add(state.coarse, a - d), add(state.middle, b - e), add(state.fine, c - f)
    state = State(coarse, middle, fine, state.number)
    return state, wide_read(state, constants)
