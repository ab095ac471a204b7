"""Sums over a window at each of eight rows, or of eight columns.

All additions are exact (see `kernels._exact.grid`), so their order means nothing: each lane adds up what the
last eight rows changed, and no lane waits for another.
"""

from typing import Any, NamedTuple

from kernels._backend import inner, spread, up1, up2, up4


class Running(NamedTuple):
    """Sums at eight rows, and what the last one, two and four rows before each of them changed."""

    total: Any
    one: Any
    two: Any
    four: Any


@inner
def start(total: float) -> Running:
    """The sum of the first window."""
    zero = spread(0.0)
    return Running(spread(total), zero, zero, zero)


@inner
def add_down(running: Running, change: Any) -> Running:
    """The sums of eight columns a row on."""
    return Running(running.total + change, running.one, running.two, running.four)


@inner
def add_along(running: Running, change: Any) -> Running:
    """The sums eight rows on."""
    pairs = change + up1(running.one, change)
    fours = pairs + up2(running.two, pairs)
    return Running(running.total + (fours + up4(running.four, fours)), change, pairs, fours)
