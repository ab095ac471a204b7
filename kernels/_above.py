"""The kernel of signals: where a value is above its rolling mean, exactly."""

import itertools
import math
from decimal import Context, Decimal, localcontext

import numpy as np

from kernels._arguments import Array
from kernels._compiled import uncompiled
from kernels._kernel import Kernel
from kernels._loops import decimals, steps, streams
from kernels._loops.integers import integer_signals
from kernels._loops.series import signals_in
from kernels._pieces import PIECE, scratch

OPEN = 2
STRETCH = steps.STRETCH
EXACT = Context(prec=2000, Emax=10**6, Emin=-(10**6))

quick = steps.signals
the_rest = uncompiled(signals_in)
settle = decimals.settle


class AboveMean(Kernel):
    """1 where a value is above the mean of its window, between the decimals that floats print as."""

    prints = True

    def line(self, values: Array, first: int, window: int, min_count: int, out: Array) -> None:
        """By floats where they can tell, by decimals of ever more digits where not."""
        row, still_open = quick(values, first, window, min_count, STRETCH, out)
        if row < len(values):
            still_open += the_rest(values, row, window, min_count, *scratch(), out[row - first :])
        if still_open and settle(values, first, window, scratch()[0], out):
            _decide(values, first, window, out)

    def integers(self, high: Array, low: Array, first: int, window: int, min_count: int, out: Array) -> None:
        """Half by half."""
        integer_signals(high, low, first, window, min_count, out)

    def start(self, window: int) -> Array:  # noqa: ARG002  the ring has all that grows with the window
        """Accumulators, counts, and the window in decimal units."""
        state = np.empty(streams.SIZE, np.int64)
        streams.start(state)
        return state

    def step(self, state: Array, ring: Array, min_count: int, value: float) -> float:
        """By the exact sum, or by decimals where that is too near."""
        signal = streams.signal(state, ring, min_count, value)
        return signal if signal != OPEN else self._is_above(state, ring, value)

    def steps(self, state: Array, ring: Array, min_count: int, values: Array, out: Array) -> None:
        """The same in as few calls as there are rows to be decided here."""
        row = 0
        while row < len(values):
            row = streams.signals(state, ring, min_count, row, values, out)
            if out[row - 1] == OPEN:
                out[row - 1] = self._is_above(state, ring, values[row - 1])

    def refill(self, state: Array, ring: Array, values: Array) -> None:
        """Begin anew."""
        streams.refill(state, ring, values)

    @staticmethod
    def _is_above(state: Array, ring: Array, value: float) -> bool:
        """Whether a value is above the mean of the window that it is in, by decimal arithmetic."""
        held = ring[: state[streams.SEEN]]
        *units, unit = _in_units(np.append(held[~np.isnan(held)], value))
        return len(units) * unit > sum(units)


ABOVE_MEAN = AboveMean("above_mean", np.dtype(np.int8))


def _decide(line: Array, first: int, window: int, target: Array) -> None:
    """Settle the rows that are open, by whole numbers of any length.

    Rows whose windows overlap are settled together, so that no value is converted for each of its windows.
    """
    rows = np.flatnonzero(target == OPEN) + first
    longest = max(PIECE, 4 * window)
    while len(rows):
        apart = (np.diff(rows) > window) | (rows[1:] - rows[0] > longest)
        together, rows = np.split(rows, [np.argmax(apart) + 1 if apart.any() else len(rows)])
        begin = max(0, int(together[0]) - window + 1)
        values = line[begin : together[-1] + 1]
        units = _in_units(values)
        sums = list(itertools.accumulate(units, initial=0))
        counts = np.cumsum(np.append(0, ~np.isnan(values))).tolist()
        for end in (together - begin + 1).tolist():
            start = max(0, end - window)
            count = counts[end] - counts[start]
            target[begin + end - 1 - first] = count * units[end - 1] > sums[end] - sums[start]


def _in_units(values: Array) -> list[int]:
    """What the values print as, in units of the smallest decimal place among them; 0 for a missing one."""
    with localcontext(EXACT):
        decimals = [Decimal(0 if math.isnan(v) else repr(v)) for v in values.tolist()]
        places = min(int(d.as_tuple().exponent) for d in decimals)
        return [int(d.scaleb(-places)) for d in decimals]
