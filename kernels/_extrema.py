"""The kernels of minima and maxima."""

from kernels._arguments import Array
from kernels._drivers import extrema, extrema_stream
from kernels._kernel import Kernel


class Extrema(Kernel):
    """The least value, or with a sign of -1 the greatest; -0.0 is less than 0.0."""

    def __init__(self, name: str, sign: float) -> None:
        super().__init__(name)
        self.sign = sign

    def lines(self, values: Array, count: int, first: int, window: int, min_count: int, out: Array) -> None:
        """By lines of eight rows."""
        extrema.lines(values, count, first, window, min_count, self.sign, out)

    def start(self, window: int, min_count: int) -> Array:
        """The rows that may yet be the least, and counts."""
        state: Array = extrema_stream.start(window, min_count, self.sign)
        return state

    step = staticmethod(extrema_stream.extremum)
    steps = staticmethod(extrema_stream.extrema)
    skip = staticmethod(extrema_stream.skip)


MINIMUM = Extrema("rolling_min", 1.0)
MAXIMUM = Extrema("rolling_max", -1.0)
