"""The kernels of minima and maxima."""

import numpy as np

from kernels._arguments import Array
from kernels._drivers import extrema, extrema_stream
from kernels._kernel import Kernel


class Extrema(Kernel):
    """The least value, or with a sign of -1 the greatest; -0.0 is less than 0.0."""

    def __init__(self, name: str, sign: float) -> None:
        super().__init__(name)
        self.sign = sign

    def line(self, values: Array, first: int, window: int, min_count: int, out: Array) -> None:
        """By lines of eight rows."""
        extrema.extrema(values, first, window, min_count, self.sign, out)

    def start(self, window: int) -> Array:
        """The rows that may yet be the least, and counts."""
        state = np.empty(extrema_stream.PLACES + window, np.int64)
        extrema_stream.start(state)
        return state

    def step(self, state: Array, ring: Array, min_count: int, value: float) -> float:
        """It outdoes all before it that are not less."""
        return extrema_stream.extremum(state, ring, min_count, self.sign, value)

    def steps(self, state: Array, ring: Array, min_count: int, values: Array, out: Array) -> None:
        """The same in one call."""
        extrema_stream.extrema(state, ring, min_count, self.sign, values, out)

    def refill(self, state: Array, ring: Array, values: Array) -> None:
        """Begin anew."""
        extrema_stream.refill(state, ring, self.sign, values)


MINIMUM = Extrema("rolling_min", 1.0)
MAXIMUM = Extrema("rolling_max", -1.0)
