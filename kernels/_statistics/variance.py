"""Variances: ``V = n * sum(d * d) - sum(d)**2`` over ``n * (n - ddof)``, V rounded to a float, so local.

``d`` is the value less a reference amid the block's values (exact by Sterbenz where they are within a factor
of two, as prices are; else 0), times a power of two, so that ``abs(d) < 2**half``. Sums of d are exact as in
`kernels._exact.grid`. d * d is rounded to multiples of ``2**(places - 54)``, in a coarse and a fine part
whose sums are exact. So V is wrong by less than

- ``window**2 * 2**(places - 54)`` for the squares, 0 if they are multiples of that;
- four times as much if values are far apart: then d itself is rounded, to multiples of
  ``u = 2**(half + 2 * places - 107)``, which changes V by ``2 * sum(e * (n * d - sum(d)))`` and less than
  ``(n * u)**2``, with ``abs(e) <= u / 2``, so by ``window**2 * 2 * u * 2**half`` at most, and
  ``2 * half <= 53 - places``;
- ``2**-102`` of ``n * sum(d * d)`` and ``2**-102 * window`` of V for its few operations; of the second,
  and of half of the first, 0 if all fit.

V of values with few digits often lies half way between two floats, where no error bound tells its rounding.
So what is rounded is ``V + V * ASIDE``, an eighth of half a last place aside: a function of V as well, and V
itself where V is a float. Where all numbers within the error round to the same float, that is it. Elsewhere
the row is open, and computed from its window alone. Of values that are multiples of a step, V is at least
``(n - 1) * step**2`` but where all are equal; what must be less is 0.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from kernels._backend import LANES, fma, inner, lane, load, root, spread, where
from kernels._exact.grid import MAGIC, Extent, exponent, places_of, power
from kernels._exact.parts import total_of
from kernels._exact.running import Running, start

OPEN = -1.0  # stands for a result that is not certain
LEAST, MOST = 1e-140, 1e140  # their squares, times what scales them, stay normal floats
ASIDE = 1.0864028381 * 2.0**-57  # no short fraction, so that no short V comes to lie half way

Add = Callable[[Running, Any], Running]


class Grid(NamedTuple):
    """Of a block: reference, scale, and where d and d * d are cut; a scale of 0 if there is none.

    All d are multiples of the step; it is 0 if they have to be rounded, to multiples of `unit`.
    """

    reference: float
    scale: float
    cut: float
    square_cut: float
    step: float
    unit: float  # of values
    places: int
    is_narrow: bool  # d needs one part


class State(NamedTuple):
    """Running sums of d and d * d in two parts, the number of values, and how many rows stayed open."""

    coarse: Running
    fine: Running
    square: Running
    square_rest: Running
    number: Running
    doubts: Any


class Constants(NamedTuple):
    """Of a block: its grid, error bounds, and what makes results of V."""

    origin: Any
    scale: Any
    cut: Any
    square_cut: Any
    error: Any
    error_alone: Any
    fixed: Any
    least: Any  # half of V of two values a step apart
    per_step: Any
    ddof: Any
    min_count: Any
    rooted: bool


@inner
def reference_of(low: float, high: float) -> float:
    """What lies amid values from low to high, if all are near enough to it; else 0."""
    return low + 0.5 * (high - low) if low > 0.0 and high <= 2.0 * low else 0.0


@inner
def grid_of(extent: Extent, window: int) -> Grid:
    """The grid of a block, if one holds it."""
    reference, largest = 0.0, extent.high
    if extent.positive:
        reference = reference_of(extent.low, extent.high)
        if reference > 0.0:
            largest = max(extent.high - reference, reference - extent.low)
    places, unit = places_of(window), exponent(extent.low) - 52
    most = max(exponent(largest) + 1, unit) if largest > 0.0 else unit
    if not LEAST < extent.high < MOST:
        return Grid(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, places, False)
    if most - unit > 107 - 2 * places or extent.low <= LEAST:
        return rounding_grid(reference, most, window)
    half = (53 - places) // 2
    is_narrow = most - unit <= 53 - places
    return Grid(
        reference,
        power(half - most),
        power(places + half - 53),
        power(places - 54),
        power(unit + half - most),
        0.0,
        places,
        is_narrow,
    )


@inner
def rounding_grid(reference: float, most: int, window: int) -> Grid:
    """The grid of any values whose difference from the reference is below ``2**most``."""
    places = places_of(window)
    half = (53 - places) // 2
    cut, square_cut, unit = power(places + half - 53), power(places - 54), power(most + 2 * places - 107)
    return Grid(reference, power(half - most), cut, square_cut, 0.0, unit, places, False)


@inner
def rounded(x: Any, grid: Grid) -> Any:
    """The values as the grid has them: rounded, if they are far apart."""
    if grid.step > 0.0:
        return x
    values = np.empty(x.shape[0])
    for i in range(x.shape[0]):
        values[i] = np.rint(x[i] / grid.unit) * grid.unit
    return values


@inner
def constants_of(grid: Grid, window: int, min_count: int, ddof: int, rooted: bool) -> Constants:
    """Constants for windows of so many rows."""
    length = float(window)
    step = grid.step * grid.step
    fits = power(53 - grid.places) * length < 2.0**101 * step
    inexact = 0.0 if step >= grid.square_cut else 1.0 if step > 0.0 else 4.0
    return Constants(
        spread(-grid.reference * grid.scale),
        spread(grid.scale),
        spread(MAGIC * grid.cut),
        spread(MAGIC * grid.square_cut),
        spread(2.0**-103 if fits else 2.0**-102),
        spread(0.0 if fits else length * 2.0**-102),
        spread(inexact * length * length * grid.square_cut),
        spread(0.5 * step),
        spread(1.0 / grid.scale / grid.scale),
        spread(float(ddof)),
        spread(float(min_count)),
        rooted,
    )


@inner
def state_of(x: Any, constants: Constants) -> State:
    """The state after the window ``x``."""
    coarse, fine, square, rest, number = spread(0.0), spread(0.0), spread(0.0), spread(0.0), spread(0.0)
    lanes = np.empty(LANES)
    for i in range(0, x.shape[0], LANES):
        for k in range(LANES):
            lanes[k] = x[i + k] if i + k < x.shape[0] else np.nan
        value = load(lanes, 0)
        d = where(value == value, fma(value, constants.scale, constants.origin), spread(0.0))
        a, b, p, q = parts(d, constants)
        coarse, fine, square, rest = coarse + (a - constants.cut), fine + b, square + (p - MAGIC), rest + q
        number += where(value == value, 1.0, spread(0.0))
    return State(
        start(total_of(coarse)),
        start(total_of(fine)),
        start(total_of(square)),
        start(total_of(rest)),
        start(total_of(number)),
        spread(0.0),
    )


@inner
def parts(d: Any, constants: Constants) -> tuple[Any, Any, Any, Any]:
    """The coarse part of d (with a constant in it) and its rest; those of d * d."""
    near = d + constants.cut
    square = fma(d, d, spread(MAGIC))
    rest = (fma(d, d, MAGIC - square) + constants.square_cut) - constants.square_cut
    return near, d - (near - constants.cut), square, rest


@inner
def squares(add: Add, state: State, new: Any, old: Any, constants: Constants) -> State:
    """Sums of d * d eight rows on."""
    near, gone = fma(new, new, spread(MAGIC)), fma(old, old, spread(MAGIC))
    rest = (fma(new, new, MAGIC - near) + constants.square_cut) - (
        fma(old, old, MAGIC - gone) + constants.square_cut
    )
    square, square_rest = add(state.square, near - gone), add(state.square_rest, rest)
    return State(state.coarse, state.fine, square, square_rest, state.number, state.doubts)


@inner
def bounds(s: Any, t: Any, n: Any, state: State, constants: Constants) -> tuple[Any, Any]:
    """Two floats, between which V is: the same, if that is certain."""
    square, rest = state.square.total, state.square_rest.total
    q = square + rest
    p, r = n * q, s * s
    p_rest = fma(n, rest - (q - square), fma(n, q, -p))
    r_rest = fma(s + s, t, fma(s, s, -r))
    v = p - r
    v_rest = fma(v, ASIDE, ((p - v) - r) + (p_rest - r_rest))
    unsure = fma(p, constants.error, fma(v, constants.error_alone, constants.fixed))
    low, high = v + (v_rest - unsure), v + (v_rest + unsure)
    least = n * constants.least
    return where(high < least, 0.0, low), where(high < least, 0.0, high)


@inner
def result(low: Any, high: Any, n: Any, constants: Constants) -> Any:
    """Variance or deviation, NaN where there are too few values; OPEN where V is not certain."""
    value = low * ((1.0 / (n * (n - constants.ddof))) * constants.per_step)
    if constants.rooted:
        value = root(value)
    value = where(low == high, value, OPEN)
    value = where(n > constants.ddof, value, np.nan)
    return where(n < constants.min_count, np.nan, value)


@inner
def read(state: State, constants: Constants) -> Any:
    """Results by the number of values."""
    s = state.coarse.total + state.fine.total
    t = state.fine.total - (s - state.coarse.total)
    n = state.number.total
    low, high = bounds(s, t, n, state, constants)
    return result(low, high, n, constants)


@inner
def doubted(state: State, results: Any) -> State:
    """Count the rows that stay open."""
    doubts = state.doubts + where(results == OPEN, 1.0, spread(0.0))
    return State(state.coarse, state.fine, state.square, state.square_rest, state.number, doubts)


@inner
def in_one_part(state: State) -> State:
    """The state with all of d in its fine part, where that is short enough."""
    total = lane(state.coarse.total, 0) + lane(state.fine.total, 0)
    return State(start(0.0), start(total), state.square, state.square_rest, state.number, state.doubts)


@inner
def narrow_step(add: Add, state: State, new: Any, old: Any, constants: Constants) -> tuple[State, Any]:
    """Eight rows of full windows, d in one part."""
    new = fma(new, constants.scale, constants.origin)
    old = fma(old, constants.scale, constants.origin)
    fine = add(state.fine, new - old)
    state = State(state.coarse, fine, state.square, state.square_rest, state.number, state.doubts)
    state = squares(add, state, new, old, constants)
    results = read(state, constants)
    return doubted(state, results), results


@inner
def sums(add: Add, state: State, new: Any, old: Any, constants: Constants) -> State:
    """Sums of d and d * d eight rows on."""
    near, gone = new + constants.cut, old + constants.cut
    coarse = add(state.coarse, near - gone)
    fine = add(state.fine, (new - (near - constants.cut)) - (old - (gone - constants.cut)))
    state = State(coarse, fine, state.square, state.square_rest, state.number, state.doubts)
    return squares(add, state, new, old, constants)


@inner
def broad_step(add: Add, state: State, new: Any, old: Any, constants: Constants) -> tuple[State, Any]:
    """Eight rows of full windows."""
    new = fma(new, constants.scale, constants.origin)
    old = fma(old, constants.scale, constants.origin)
    state = sums(add, state, new, old, constants)
    results = read(state, constants)
    return doubted(state, results), results


@inner
def counted_step(add: Add, state: State, new: Any, old: Any, constants: Constants) -> tuple[State, Any]:
    """Eight rows of windows some of whose values are missing."""
    change = where(new == new, 1.0, spread(0.0)) - where(old == old, 1.0, spread(0.0))
    number = add(state.number, change)
    state = State(state.coarse, state.fine, state.square, state.square_rest, number, state.doubts)
    new = where(new == new, fma(new, constants.scale, constants.origin), 0.0)
    old = where(old == old, fma(old, constants.scale, constants.origin), 0.0)
    state = sums(add, state, new, old, constants)
    results = read(state, constants)
    return doubted(state, results), results
