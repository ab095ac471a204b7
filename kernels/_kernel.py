"""The seam between the outside of the functions (arguments, layouts, threads) and their arithmetic."""

from typing import Any

import numpy as np

from kernels._arguments import FLOAT, Array


class Kernel:
    """One statistic of trailing windows, as the wrapper, the streams and the summaries call it.

    A subclass is a statistic or a family of them, an instance one with its options (``ddof``) chosen. They
    are picklable and keep no state, so that threads and workers share them. Whatever comes in here is checked
    and plain: base-class arrays, contiguous, aligned, writeable, native, of exactly the types said, apart
    from ``out`` in memory, ``1 <= min_count <= window``.

    Parameters
    ----------
    name
        The public function, ``rolling_mean``.
    result
        The type of ``out``: float64 (which the wrapper rounds to float32 where the values are) or int8.

    Attributes
    ----------
    prints
        Whether float32 values count as the decimals that they print as (signals), not as they are (sums).
    integers, columns
        Methods, or None where there is no such kernel: integers beyond 2**53 then count as the nearest
        float64, and tables are taken line by line.
    """

    prints = False
    integers: Any = None
    columns: Any = None

    def __init__(self, name: str, result: np.dtype[Any] = FLOAT) -> None:
        self.name, self.result = name, result

    def line(self, values: Array, first: int, window: int, min_count: int, out: Array) -> None:
        """Put the results of the rows ``values[first:]`` into ``out``, which is as long.

        ``values`` is one-dimensional float64, at least ``min(first, window - 1)`` of them ahead of the first
        row asked for. So a line can be cut anywhere: each thread has a segment with its lead. A kernel with
        integers has ``integers(high, low, first, window, min_count, out)``, of values
        ``high * 2**32 + low``, int64 both, ``0 <= low < 2**32``. One with columns has
        ``columns(table, begin, end, window, min_count, out) -> int``: the results down the columns from
        ``begin`` on, of a table of float64 (rows, columns), as far as it gets before ``end``: the column it
        came to, from which the wrapper takes some as lines before it asks again.
        """
        raise NotImplementedError

    def count(self, values: Array, first: int, window: int, min_count: int) -> int:
        """How many of these results are 1, of a kernel of int8."""
        raise NotImplementedError

    def start(self, window: int) -> Array:
        """The state of a stream before its first value, one array, which a copy of itself forks.

        Beside it a stream has a ring of ``window`` float64: the last values, the value of row ``r`` at
        ``ring[r % window]`` where ``refill`` began to count. The kernel puts each value there.
        """
        raise NotImplementedError

    def step(self, state: Array, ring: Array, min_count: int, value: float) -> float:
        """Take a value into the state and the ring, and return the result of its row."""
        raise NotImplementedError

    def steps(self, state: Array, ring: Array, min_count: int, values: Array, out: Array) -> None:
        """`step` of all values."""
        raise NotImplementedError

    def refill(self, state: Array, ring: Array, values: Array) -> None:
        """Make state and ring those of a stream that began with ``values``, which are ``window`` values."""
        raise NotImplementedError
