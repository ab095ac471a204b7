"""The kernels of sums and means."""

import numpy as np

from kernels._arguments import Array
from kernels._compiled import uncompiled
from kernels._kernel import Kernel
from kernels._loops import columns, steps, streams
from kernels._loops.integers import integer_statistics
from kernels._loops.series import statistics_in
from kernels._loops.windows import MEANS, SUMS
from kernels._pieces import scratch

STRETCH = steps.STRETCH

quick = steps.statistics
the_rest = uncompiled(statistics_in)


class Sums(Kernel):
    """The exact sum, rounded once, or the mean, a function of the exact sum."""

    def __init__(self, name: str, kind: int) -> None:
        super().__init__(name)
        self.kind = kind

    def line(self, values: Array, first: int, window: int, min_count: int, out: Array) -> None:
        """In one pass where it is of a like size, else by whatever way each stretch allows."""
        row = quick(values, first, window, min_count, self.kind, STRETCH, out)
        if row < len(values):
            the_rest(values, row, window, min_count, self.kind, *scratch(), out[row - first :])

    def integers(self, high: Array, low: Array, first: int, window: int, min_count: int, out: Array) -> None:
        """Half by half."""
        integer_statistics(high, low, first, window, min_count, self.kind, out)

    def columns(self, table: Array, begin: int, end: int, window: int, min_count: int, out: Array) -> int:
        """Eight neighbours at a time."""
        across = table.shape[1]
        return columns.statistics(
            table.ravel(), across, begin, end, window, min_count, self.kind, out.ravel()
        )

    def start(self, window: int) -> Array:  # noqa: ARG002  the ring has all that grows with the window
        """Accumulators and counts."""
        state = np.empty(streams.SIZE, np.int64)
        streams.start(state)
        return state

    def step(self, state: Array, ring: Array, min_count: int, value: float) -> float:
        """One addition and one subtraction, exact."""
        return streams.statistic(state, ring, min_count, self.kind, value)

    def steps(self, state: Array, ring: Array, min_count: int, values: Array, out: Array) -> None:
        """The same in one call."""
        streams.statistics(state, ring, min_count, self.kind, values, out)

    def refill(self, state: Array, ring: Array, values: Array) -> None:
        """Begin anew."""
        streams.refill(state, ring, values)


SUM = Sums("rolling_sum", SUMS)
MEAN = Sums("rolling_mean", MEANS)
