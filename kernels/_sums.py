"""The kernels of sums and means."""

import numpy as np

from kernels._arguments import Array
from kernels._drivers import columns, integers, sliding, streams
from kernels._kernel import Kernel


class Sums(Kernel):
    """The exact sum, rounded once, or the mean, a function of the exact sum."""

    def __init__(self, name: str, means: int) -> None:
        super().__init__(name)
        self.means = means

    def line(self, values: Array, first: int, window: int, min_count: int, out: Array) -> None:
        """In float lanes, block by block."""
        sliding.statistics(values, first, window, min_count, self.means, out)

    def integers(self, high: Array, low: Array, first: int, window: int, min_count: int, out: Array) -> None:
        """Half by half."""
        integers.statistics(high, low, first, window, min_count, self.means, out)

    def columns(self, table: Array, begin: int, end: int, window: int, min_count: int, out: Array) -> int:
        """Eight neighbours at a time."""
        return columns.statistics(
            table.ravel(), table.shape[1], begin, end, window, min_count, self.means, out.ravel()
        )

    def start(self, window: int) -> Array:  # noqa: ARG002  the ring has all that grows with the window
        """An accumulator and counts."""
        state = np.empty(streams.SIZE, np.int64)
        streams.start(state)
        return state

    def step(self, state: Array, ring: Array, min_count: int, value: float) -> float:
        """One addition and one subtraction, exact."""
        return streams.statistic(state, ring, min_count, self.means, value)

    def steps(self, state: Array, ring: Array, min_count: int, values: Array, out: Array) -> None:
        """The same in one call."""
        streams.statistics(state, ring, min_count, self.means, values, out)

    def refill(self, state: Array, ring: Array, values: Array) -> None:
        """Begin anew."""
        streams.refill(state, ring, values)


SUM = Sums("rolling_sum", 0)
MEAN = Sums("rolling_mean", 1)
