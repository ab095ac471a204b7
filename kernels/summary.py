"""What must be known of a piece of a series to count the signals of the whole.

A summary is a monoid: pieces merge in order, in any grouping, into the summary of the whole series.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kernels._arguments import Array, check_series, check_window, is_single
from kernels._printed import as_printed
from kernels.rolling import as_floats
from kernels.signals import count_signals


@dataclass(frozen=True, eq=False)
class Summary:
    """Counts of a piece, and the values at its two ends that decide the windows across its seams.

    Attributes
    ----------
    rows, ones, missing
        How many rows, signals of 1 and NaN values the piece has.
    head, tail
        Its first and last ``window - 1`` values; all of them, if it is shorter.
    window, min_count
        The window that the signals are about.
    """

    rows: int
    ones: int
    missing: int
    head: Array
    tail: Array
    window: int
    min_count: int

    @property
    def signal_rate(self) -> float:
        """Ones per row, NaN for no rows."""
        return self.ones / self.rows if self.rows else float("nan")

    def merge(self, other: "Summary") -> "Summary":
        """Return the summary of this piece followed by ``other``."""
        return merge(self, other)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Summary):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        counts = (self.rows, self.ones, self.missing, self.window, self.min_count)
        return (*counts, self.head.tobytes(), self.tail.tobytes())


def summarize(x: npt.ArrayLike, window: int, *, min_count: int | None = None) -> Summary:
    """Summary of a one-dimensional piece; that of no values is the identity of `merge`."""
    window, min_count = check_window(window, min_count)
    values = _normal(check_series(x))
    rows = len(values)
    keep = min(window - 1, rows)
    return Summary(
        rows=rows,
        ones=_ones(values, window, min_count),
        missing=int(np.count_nonzero(np.isnan(values))),
        head=values[:keep].copy(),
        tail=values[rows - keep :].copy(),
        window=window,
        min_count=min_count,
    )


def merge(a: Summary, b: Summary) -> Summary:
    """Summary of the piece of ``a`` followed by the piece of ``b``.

    Raises
    ------
    ValueError
        If the two are about different windows.
    """
    if (a.window, a.min_count) != (b.window, b.min_count):
        raise ValueError(
            "summaries must have the same window and min_count, "
            f"got {a.window}, {a.min_count} and {b.window}, {b.min_count}"
        )
    seam = np.concatenate([a.tail, b.head])
    across = _ones(seam, a.window, a.min_count) - _ones(a.tail, a.window, a.min_count)
    keep = a.window - 1
    heads = np.concatenate([a.head, b.head]) if a.rows < keep else a.head
    tails = np.concatenate([a.tail, b.tail]) if b.rows < keep else b.tail
    return Summary(
        rows=a.rows + b.rows,
        ones=a.ones + b.ones - _ones(b.head, a.window, a.min_count) + across,
        missing=a.missing + b.missing,
        head=heads[:keep],
        tail=tails[max(0, len(tails) - keep) :],
        window=a.window,
        min_count=a.min_count,
    )


def _normal(values: Array) -> Array:
    """Return the values in a type that every piece of a series shares: float64, or integers as they are."""
    if is_single(values.dtype):
        return as_printed(values)
    if values.dtype.kind in "iu":
        return values.astype(np.uint64 if values.dtype == np.uint64 else np.int64)
    return as_floats(values)


def _ones(values: Array, window: int, min_count: int) -> int:
    return count_signals(values, window, min_count)
