"""The kernel of signals: where a value is above its rolling mean, exactly."""

import numpy as np

from kernels._arguments import Array
from kernels._drivers import signal_stream, signals
from kernels._kernel import Kernel


class AboveMean(Kernel):
    """1 where a value is above the mean of its window, between the decimals that floats print as."""

    prints = True
    windows_as_line = 1 / 16

    def lines(self, values: Array, count: int, first: int, window: int, min_count: int, out: Array) -> None:
        """By whole units, and by decimals where those are too near."""
        signals.lines(values, count, first, window, min_count, out)

    def count(self, values: Array, first: int, window: int, min_count: int) -> int:
        """The same without keeping them."""
        return signals.count(values, first, window, min_count)

    def integers(self, high: Array, low: Array, first: int, window: int, min_count: int, out: Array) -> None:
        """In integers of 128 bits."""
        signals.integer_signals(high, low, first, window, min_count, out)

    def start(self, window: int, min_count: int) -> Array:
        """The sum in decimals, and counts."""
        state: Array = signal_stream.start(window, min_count)
        return state

    step = staticmethod(signal_stream.signal)
    steps = staticmethod(signal_stream.signals)
    skip = staticmethod(signal_stream.skip)


ABOVE_MEAN = AboveMean("above_mean", np.dtype(np.int8))
