"""The kernels of sums and means."""

from kernels._arguments import Array
from kernels._drivers import columns, integers, sum_stream
from kernels._kernel import Kernel


class Sums(Kernel):
    """The exact sum, rounded once, or the mean, a function of the exact sum."""

    def __init__(self, name: str, means: int) -> None:
        super().__init__(name)
        self.means = means

    def lines(self, values: Array, count: int, first: int, window: int, min_count: int, out: Array) -> None:
        """In float lanes, block by block."""
        columns.lines(values, count, first, window, min_count, self.means, out)

    def integers(self, high: Array, low: Array, first: int, window: int, min_count: int, out: Array) -> None:
        """Half by half."""
        integers.statistics(high, low, first, window, min_count, self.means, out)

    def columns(self, table: Array, begin: int, end: int, window: int, min_count: int, out: Array) -> int:
        """Eight neighbours at a time."""
        return columns.statistics(
            table.ravel(), table.shape[1], begin, end, window, min_count, self.means, out.ravel()
        )

    def start(self, window: int, min_count: int) -> Array:
        """Sums on a grid, and an accumulator."""
        state: Array = sum_stream.start(window, min_count, self.means)
        return state

    step = staticmethod(sum_stream.statistic)
    steps = staticmethod(sum_stream.statistics)
    skip = staticmethod(sum_stream.skip)


SUM = Sums("rolling_sum", 0)
MEAN = Sums("rolling_mean", 1)
