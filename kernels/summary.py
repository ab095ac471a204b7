"""What must be known of a piece of a series to count the signals of the whole.

A summary is a monoid: pieces merge in order, in any grouping, into the summary of the whole series.
"""

from dataclasses import dataclass
from typing import SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from kernels._above import ABOVE_MEAN
from kernels._arguments import FLOAT, Array, check_series, check_window, is_single
from kernels._conversions import as_floats, as_printed, needs_halves
from kernels._wrapper import count


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
        return (*counts, _bits(self.head), _bits(self.tail))


def summarize(x: ArrayLike, window: SupportsIndex, *, min_count: SupportsIndex | None = None) -> Summary:
    """Summary of a one-dimensional piece; that of no values is the identity of `merge`."""
    window, min_count = check_window(window, min_count)
    values = check_series(x)
    if values.dtype.kind not in "iu":
        values = as_printed(values) if is_single(values.dtype) else as_floats(values)
    rows = len(values)
    keep = min(window - 1, rows)
    return Summary(
        rows=rows,
        ones=_ones(values, window, min_count),
        missing=int(np.count_nonzero(np.isnan(values))),
        head=_kept(values[:keep]),
        tail=_kept(values[rows - keep :]),
        window=window,
        min_count=min_count,
    )


def merge(a: Summary, b: Summary) -> Summary:
    """Summary of the piece of ``a`` followed by the piece of ``b``.

    Raises
    ------
    ValueError
        If the two are about different windows, or the one holds integers beyond 2**53 and the other floats.
    """
    if (a.window, a.min_count) != (b.window, b.min_count):
        raise ValueError(
            "summaries must have the same window and min_count, "
            f"got {a.window}, {a.min_count} and {b.window}, {b.min_count}"
        )
    seam = _joined(a.tail, b.head)
    across = _ones(seam, a.window, a.min_count) - _ones(a.tail, a.window, a.min_count)
    keep = a.window - 1
    head = _joined(a.head, b.head) if a.rows < keep else a.head
    tail = _joined(a.tail, b.tail) if b.rows < keep else b.tail
    return Summary(
        rows=a.rows + b.rows,
        ones=a.ones + b.ones - _ones(b.head, a.window, a.min_count) + across,
        missing=a.missing + b.missing,
        head=_kept(head[:keep]),
        tail=_kept(tail[max(0, len(tail) - keep) :]),
        window=a.window,
        min_count=a.min_count,
    )


def _kept(values: Array) -> Array:
    """A copy in a type that depends on the values alone: float64, or the first of these that holds all."""
    if values.dtype.kind == "f" or len(values) == 0:
        return values.astype(FLOAT)
    lowest, highest = int(values.min()), int(values.max())
    if highest < 2**63:
        return values.astype(np.int64)
    return values.astype(np.uint64 if lowest >= 0 else object)


def _joined(a: Array, b: Array) -> Array:
    """The one and then the other, each value as it is."""
    if a.dtype == b.dtype or len(a) == 0 or len(b) == 0:
        return np.concatenate([a, b]) if len(a) and len(b) else (a if len(a) else b)
    if a.dtype != FLOAT != b.dtype:
        return _kept(np.concatenate([a.astype(object), b.astype(object)]))
    if needs_halves(a) or needs_halves(b):
        raise ValueError("pieces must not hold integers beyond 2**53 beside floats: convert all to one type")
    return np.concatenate([a.astype(FLOAT), b.astype(FLOAT)])


def _bits(values: Array) -> object:
    return tuple(values) if values.dtype == object else values.tobytes()


def _ones(values: Array, window: int, min_count: int) -> int:
    return count(ABOVE_MEAN, values, window, min_count)
