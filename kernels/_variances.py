"""The kernels of variances and standard deviations."""

from kernels._arguments import LONGEST, Array, whole_number
from kernels._drivers import variance_stream, variances
from kernels._kernel import Kernel


class Variance(Kernel):
    """The variance, or its root, of so many degrees of freedom less."""

    def __init__(self, name: str, ddof: object, *, rooted: bool) -> None:
        super().__init__(name)
        self.ddof, self.rooted = whole_number("ddof", ddof, LONGEST, lowest=0), int(rooted)

    windows_as_line = 1 / 32  # a chunk is cheaper as a line, a value is not

    def lines(self, values: Array, count: int, first: int, window: int, min_count: int, out: Array) -> None:
        """In float lanes, rows that are not certain once more."""
        variances.lines(values, count, first, window, min_count, self.ddof, self.rooted, out)

    def start(self, window: int, min_count: int) -> Array:
        """Sums on a grid, and the window."""
        state: Array = variance_stream.start_of(window, min_count, self.ddof, self.rooted)
        return state

    step = staticmethod(variance_stream.statistic)
    steps = staticmethod(variance_stream.statistics)
    skip = staticmethod(variance_stream.skip)
