"""The kernel of signals: where a value is above its rolling mean, exactly."""

import numpy as np

from kernels._arguments import Array
from kernels._drivers import signal_stream, signals
from kernels._kernel import Kernel


class AboveMean(Kernel):
    """1 where a value is above the mean of its window, between the decimals that floats print as."""

    prints = True

    def line(self, values: Array, first: int, window: int, min_count: int, out: Array) -> None:
        """By whole units, and by decimals where those are too near."""
        signals.signals(values, first, window, min_count, out)

    def count(self, values: Array, first: int, window: int, min_count: int) -> int:
        """The same without keeping them."""
        return signals.count(values, first, window, min_count)

    def integers(self, high: Array, low: Array, first: int, window: int, min_count: int, out: Array) -> None:
        """In integers of 128 bits."""
        signals.integer_signals(high, low, first, window, min_count, out)

    def start(self, window: int) -> Array:  # noqa: ARG002  the ring has all that grows with the window
        """The sum in decimals, and counts."""
        state = np.empty(signal_stream.SIZE, np.int64)
        signal_stream.start(state)
        return state

    def step(self, state: Array, ring: Array, min_count: int, value: float) -> float:
        """By the exact sum in decimals."""
        return signal_stream.signal(state, ring, min_count, value)

    def steps(self, state: Array, ring: Array, min_count: int, values: Array, out: Array) -> None:
        """By the exact sum in decimals."""
        signal_stream.signals(state, ring, min_count, values, out)

    def refill(self, state: Array, ring: Array, values: Array) -> None:
        """Begin anew, with a sum that waits for who needs it."""
        signal_stream.refill(state, ring, values)


ABOVE_MEAN = AboveMean("above_mean", np.dtype(np.int8))
