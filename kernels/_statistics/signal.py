"""Signals of a block: 1 where ``count * value > sum`` of its window, in whole numbers of a grid's steps.

A value ``v`` becomes ``n = round(v * scale)``, counted from the grid's lowest. Sums of a window's n are
exact, and so is ``D = count * n - sum(n)``, in any order. Let ``2**width >= window``, and width be at least
4, as sums of lanes have sixteen values.

- SHORT grids have n below ``2**(31 - width)``, so D is below 2**31 in size: integers of 32 bits hold it,
  whatever overflows on the way. Their lowest may be anywhere.
- LONG grids have n below ``2**(53 - width)``, so sums and D are below 2**53 in size: floats hold them.
- A missing value is 0 in a LONG grid, and either it is not counted (COUNTED), or the signal of its windows
  is 0 (MARKED): there it is ``mark = 2**(52 - width)`` in sums, so a window of them has 2**52 at most. Others
  have n below ``2**(52 - 2 * width)``, so that D of a window with a mark is ``-2**width`` at most.

What D tells:

- DECIMAL grids have ``10**places`` steps to 1. If every value reads back from its n, that is if it is the
  float nearest to ``n / scale``, it prints as that, as n has 15 digits at most: D has the exact sign.
  A SHORT one looks at ``2**fraction`` parts of a step, ``fraction = width + 1``: a value that has none, and
  is below ``2**(52 - fraction)`` steps, prints as what is within ``2**-fraction`` steps of n. So D is wrong
  by at most ``2 * (window - 1) / 2**fraction``, less than 1, and only where D is 0 values must read back.
- BINARY grids have ``2**s`` steps to 1. A value is within 1/2 step of its n, and what it prints as within
  half of a float's last place of the value, so within ``2**-(width + 1)`` steps. The window's last value is
  on both sides, so it counts ``window - 1`` times, the others once: D is wrong by at most
  ``(window - 1) * (1 + 2**-width)``, which is less than window. D is whole, so that only
  ``abs(D) <= window - 1`` is in doubt.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from kernels._backend import (
    LANES,
    absolute,
    any_bits,
    back1,
    back2,
    back4,
    back8,
    both,
    either,
    fma,
    from_bits,
    inner,
    least_size,
    least_word,
    load,
    low_halves,
    put_above,
    put_doubts,
    shifted_down,
    sixteen,
    spread,
    unlike,
    where,
)
from kernels._exact import running
from kernels._exact.grid import INFINITE, MAGIC
from kernels._exact.parts import total_of

MAGIC_BITS = 0x4338000000000000
MISSING = 1 << 62  # a bit that no number differs from MAGIC in alone
ROUNDING = 2.0**-53
PLACES = np.arange(float(LANES))
WHOLE, MARKED, COUNTED = range(3)  # none is missing; its window is 0; it is not counted


class Grid(NamedTuple):
    """How values become whole numbers."""

    scale: float  # steps to 1, or parts of them
    origin: float  # MAGIC less the lowest number of steps: what fma adds
    fraction: int  # a step has 2**fraction parts
    mark: int  # what a missing value adds to a sum
    window: int
    least: int  # values that a window needs


class First(NamedTuple):
    """The first window of a block."""

    total: int  # sum of n, with marks
    number: int  # of values
    bits: int  # as of `Seen`
    unread: int


class Seen(NamedTuple):
    """What a pass saw."""

    bits: int  # that any n has; MISSING if one is missing; others if one is not on the grid
    doubts: int  # of a LONG grid, rows that hold 2
    unread: int  # not 0 if a value does not read back


@inner
def unread_of(value: Any, less: Any, scale: float, worst: Any) -> Any:
    """Above 0 where a value does not read back from its steps, given less nothing; or the worst so far.

    Both sides are floats where they are near: their difference is a multiple of the value's last place times
    2**places, less than 5**places of them. NaN reads back.
    """
    most = both(value, spread(from_bits(INFINITE)))
    excess = fma(most, -ROUNDING * scale, absolute(fma(value, scale, less)))
    return where(worst < excess, excess, worst)


@inner
def sums_of_sixteen(change: Any, one: Any, two: Any, four: Any, eight: Any) -> tuple[Any, Any, Any, Any, Any]:
    """What the last sixteen rows changed up to each row; and what to hand in next time."""
    pairs = change + back1(one, change)
    fours = pairs + back2(two, pairs)
    eights = fours + back4(four, fours)
    return eights + back8(eight, eights), change, pairs, fours, eights


@inner
def reads_back(x: Any, scale: float) -> bool:
    """Whether each value is the float nearest to a whole number of steps."""
    magic, worst = spread(MAGIC), spread(0.0)
    for begin in range(0, x.shape[0], LANES):
        value = load(x, min(begin, x.shape[0] - LANES))
        worst = unread_of(value, magic - fma(value, scale, magic), scale, worst)
    return any_bits(worst) == 0


@inner
def first_window(x: Any, grid: Grid) -> First:
    """The window of a block's first values."""
    magic, zero, origin, missing = spread(MAGIC), spread(0.0), spread(grid.origin), spread(from_bits(MISSING))
    total = number = seen = worst = zero
    for i in range(0, grid.window, LANES):
        is_inside = load(PLACES, 0) < float(grid.window - i)
        value = load(x, i)
        new = fma(value, grid.scale, origin)
        seen = either(seen, where(is_inside, where(new == new, unlike(new, magic), missing), zero))
        total += where(is_inside, where(new == new, new - magic, float(grid.mark)), zero)
        number += where(is_inside, where(new == new, 1.0, zero), zero)
        worst = where(is_inside, unread_of(value, origin - new, grid.scale, worst), worst)
    sums = total_of(total)
    whole = int(sums) if abs(sums) < 2.0**53 else 0  # else they are not on the grid
    return First(whole >> grid.fraction, int(total_of(number)), any_bits(seen), any_bits(worst))


def short_pass(*, is_decimal: bool) -> Callable[..., Seen]:
    """The pass where nothing is missing and the grid is SHORT: sixteen rows at a time."""

    @inner
    def rows(x: Any, grid: Grid, first: First, out: Any) -> Seen:
        """Put the signals of the windows that end in ``x[window:]``; tell whether one is in doubt."""
        scale, origin, magic = grid.scale, spread(grid.origin), spread(MAGIC)
        seen = spread(0.0)
        sums, length, closest = sixteen(first.total), sixteen(grid.window), sixteen(-1)
        one = two = four = eight = sixteen(0)
        for i in range(0, out.shape[0], 2 * LANES):
            p, q = load(x, i + grid.window), load(x, i + grid.window + LANES)
            a, b = fma(p, scale, origin), fma(q, scale, origin)
            seen = either(either(seen, unlike(a, magic)), unlike(b, magic))
            new = low_halves(a, b)
            old = low_halves(fma(load(x, i), scale, origin), fma(load(x, i + LANES), scale, origin))
            if is_decimal:
                new, old = shifted_down(new, grid.fraction), shifted_down(old, grid.fraction)
            change, one, two, four, eight = sums_of_sixteen(new - old, one, two, four, eight)
            sums += change
            above = new * length - sums
            put_above(out, i, above)
            closest = least_size(above, closest)
        doubts = 0 if least_word(closest) >= (1 if is_decimal else grid.window) else 1
        return Seen(first.bits | any_bits(seen), doubts, 0)

    return rows


def long_pass(*, is_decimal: bool, gaps: int) -> Callable[..., Seen]:
    """The pass over a LONG grid: eight rows at a time."""

    @inner
    def rows(x: Any, grid: Grid, first: First, out: Any) -> Seen:
        """Put the signals of the windows that end in ``x[window:]``, 2 where in doubt."""
        scale, origin, magic = grid.scale, spread(grid.origin), spread(MAGIC)
        zero, blank, missing = spread(0.0), spread(MAGIC + grid.mark), spread(from_bits(MISSING))
        count = running.start(float(first.number if gaps == COUNTED else grid.window))
        deficit = running.start(float(-first.total))
        seen = worst = zero
        doubts = 0
        for i in range(0, out.shape[0], LANES):
            value = load(x, i + grid.window)
            new, old = fma(value, scale, origin), fma(load(x, i), scale, origin)
            n, strange = new - magic, unlike(new, magic)
            if is_decimal:
                worst = unread_of(value, origin - new, scale, worst)
            if gaps == COUNTED:
                count = running.add_along(count, where(new == new, 1.0, zero) - where(old == old, 1.0, zero))
            if gaps != WHOLE:
                strange = where(new == new, strange, missing)
                new, old = where(new == new, new, blank), where(old == old, old, blank)
            seen = either(seen, strange)
            deficit = running.add_along(deficit, old - new)
            above = fma(count.total, n, deficit.total)
            if gaps == COUNTED:
                above = where(count.total < float(grid.least), np.nan, above)
            if is_decimal:
                put_above(out, i, above)
            else:
                doubts += put_doubts(out, i, above, grid.window - 1.0)
        return Seen(first.bits | any_bits(seen), doubts, first.unread | any_bits(worst))

    return rows


short_decimal, short_binary = short_pass(is_decimal=True), short_pass(is_decimal=False)
decimal_whole, decimal_marked, decimal_counted = (long_pass(is_decimal=True, gaps=g) for g in range(3))
binary_whole, binary_marked, binary_counted = (long_pass(is_decimal=False, gaps=g) for g in range(3))
