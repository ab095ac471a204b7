"""The kernels of variances and standard deviations."""

import numpy as np

from kernels._arguments import LONGEST, Array, whole_number
from kernels._drivers import variances
from kernels._kernel import Kernel


class Variance(Kernel):
    """The variance, or its root, of so many degrees of freedom less."""

    def __init__(self, name: str, ddof: object, *, rooted: bool) -> None:
        super().__init__(name)
        self.ddof, self.rooted = whole_number("ddof", ddof, LONGEST, lowest=0), int(rooted)

    def line(self, values: Array, first: int, window: int, min_count: int, out: Array) -> None:
        """In float lanes, rows that are not certain once more."""
        variances.statistics(values, first, window, min_count, self.ddof, self.rooted, out)

    def start(self, window: int) -> Array:  # noqa: ARG002  the ring has all that grows with the window
        """The number of rows: each result is found from the ring."""
        return np.zeros(1, np.int64)

    def step(self, state: Array, ring: Array, min_count: int, value: float) -> float:
        """From all values of the window."""
        ring[state[0] % len(ring)] = value
        state[0] += 1
        return variances.statistic(ring[: state[0]], min_count, self.ddof, self.rooted)

    def steps(self, state: Array, ring: Array, min_count: int, values: Array, out: Array) -> None:
        """As a line that begins with the window before."""
        window = len(ring)
        held = ring[: state[0]] if state[0] < window else np.roll(ring, -(state[0] % window))
        lead = held[len(held) - min(len(held), window - 1) :]
        self.line(np.concatenate([lead, values]), len(lead), window, min_count, out)
        for row, value in enumerate(values[-window:], int(state[0]) + max(0, len(values) - window)):
            ring[row % window] = value
        state[0] += len(values)

    def refill(self, state: Array, ring: Array, values: Array) -> None:
        """Begin anew."""
        ring[:], state[0] = values, len(values)
