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
    windows_as_line
        The chunks of a stream that are taken as a line, beside their window: how many times as long.
    integers, columns
        Methods, or None where there is no such kernel: integers beyond 2**53 then count as the nearest
        float64, and tables are taken line by line.
    """

    prints = False
    windows_as_line = 4.0
    integers: Any = None
    columns: Any = None

    def __init__(self, name: str, result: np.dtype[Any] = FLOAT) -> None:
        self.name, self.result = name, result

    def lines(self, values: Array, count: int, first: int, window: int, min_count: int, out: Array) -> None:
        """Put the results of so many lines, of each for its rows from the first on, into ``out``.

        ``values`` is one-dimensional float64, the lines one after the other, as their results are; there are
        at least ``min(first, window - 1)`` values ahead of the first row asked for. So a line can be cut
        anywhere: each thread has a segment with its lead. A kernel with
        integers has ``integers(high, low, first, window, min_count, out)``, of one line of values
        ``high * 2**32 + low``, int64 both, ``0 <= low < 2**32``. One with columns has
        ``columns(table, begin, end, window, min_count, out) -> int``: the results down the columns from
        ``begin`` on, of a table of float64 (rows, columns), as far as it gets before ``end``: the column it
        came to, from which the wrapper takes some as lines before it asks again.
        """
        raise NotImplementedError

    def count(self, values: Array, first: int, window: int, min_count: int) -> int:
        """How many of these results are 1, of a kernel of int8."""
        raise NotImplementedError

    def start(self, window: int, min_count: int) -> Array:
        """Return the state of a stream before its first value: see `kernels._drivers.states`.

        A kernel has three loops for it, which get the address of such a state: ``step(address, value)``
        takes a value in and gives the result of its row, ``steps(address, values, out)`` does it for many,
        ``skip(address, values)`` takes in values whose results are known. All three change the words before
        the window and the values in it, no others.
        """
        raise NotImplementedError

    step: Any
    steps: Any
    skip: Any
