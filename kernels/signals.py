"""Signals: where a value is above its rolling mean, exactly."""

import math

import numpy as np
import numpy.typing as npt
from numpy import count_nonzero, empty, ndarray

from kernels._arguments import (
    FLOAT,
    LAST,
    LONGEST,
    MOST_THREADS,
    ONE,
    Array,
    check_axis,
    check_out,
    check_series,
    check_values,
    check_window,
    is_plain,
    is_single,
    whole_number,
)
from kernels._dask import is_dask, rolled, share
from kernels._drivers.signals import count as float_count
from kernels._drivers.signals import integer_signals
from kernels._drivers.signals import signals as float_signals
from kernels._pieces import Convert, Work, each, is_direct, run
from kernels._printed import as_printed
from kernels.rolling import as_floats, needs_halves

SEGMENT = 1 << 18
INT8 = np.dtype(np.int8)


def above_mean(
    x: npt.ArrayLike,
    window: int,
    *,
    min_count: int | None = None,
    axis: int = -1,
    out: Array | None = None,
    threads: int = 1,
) -> Array:
    """1 where a value is above the mean of its last ``window`` values, else 0.

    The comparison is exact, between the decimals that the floats print as (`repr`), so that prices compare as
    a file wrote them. A tie, a missing value and a window with fewer than ``min_count`` values give 0.

    Parameters and errors are those of `rolling_mean`; the result, and ``out``, hold int8.

    Examples
    --------
    >>> above_mean([0.1, 0.2, 0.3, 0.2], 3)
    array([0, 0, 1, 0], dtype=int8)
    """
    # The usual call, in one frame, as in `rolling`.
    if (
        type(x) is ndarray
        and x.dtype is FLOAT
        and x.ndim == 1
        and x.flags.carray
        and min_count is None
        and out is None
        and axis is LAST
        and threads is ONE
        and type(window) is int
        and 1 <= window <= LONGEST
    ):
        out = empty(len(x), INT8)
        float_signals(x, 0, window, window, out)
        return out
    if is_dask(x):
        return rolled(above_mean, x, window, min_count=min_count, axis=axis, out=out, threads=threads)
    window, min_count = check_window(window, min_count)
    values = check_values(x)
    axis = check_axis(axis, values.ndim)
    threads = whole_number("threads", threads, MOST_THREADS)
    out = check_out(out, values.shape, np.int8)
    if is_direct(values, out, threads):
        float_signals(values, 0, window, min_count, out)
    else:
        convert, work = _ways(values, window, min_count)
        run(values, axis, window, out, threads, convert, work)
    return out


def signal_rate(x: npt.ArrayLike, window: int, *, min_count: int | None = None, threads: int = 1) -> float:
    """Share of the rows of a series that `above_mean` gives 1; NaN for no rows.

    Neither means nor signals are stored: scratch does not grow with the series.

    Examples
    --------
    >>> signal_rate([0.1, 0.2, 0.3, 0.2], 3)
    0.25
    """
    if is_dask(x):
        return share(above_mean, x, window, min_count, threads)
    window, min_count = check_window(window, min_count)
    values = x if is_plain(x) else check_series(x)
    threads = whole_number("threads", threads, MOST_THREADS)
    return count_signals(values, window, min_count, threads) / len(values) if len(values) else math.nan


def count_signals(values: Array, window: int, min_count: int, threads: int = 1) -> int:
    """Number of signals of a series."""
    if threads == 1 and is_plain(values):
        return float_count(values, 0, window, min_count)
    convert, work = _ways(values, window, min_count)
    segment = max(SEGMENT, 8 * window)

    def count(begin: int) -> int:
        before = min(begin, window - 1)
        piece = convert(values[begin - before : begin + segment])
        signals = np.empty(len(piece) - before, np.int8)
        work(piece, before, signals)
        return int(count_nonzero(signals))

    return sum(each(threads, count, range(0, len(values), segment)))


def _ways(values: Array, window: int, min_count: int) -> tuple[Convert, Work]:
    """How to convert the values, and how to find the signals of a line of them."""

    def of_floats(line: Array, first: int, target: Array) -> None:
        float_signals(line, first, window, min_count, target)

    def of_integers(line: Array, first: int, target: Array) -> None:
        integer_signals(line, first, window, min_count, target)

    if needs_halves(values):
        return _as_integers, of_integers
    return (as_printed if is_single(values.dtype) else as_floats), of_floats


def _as_integers(values: Array) -> Array:
    """The integers as int64, those of uint64 less 2**63 each: that moves their means as far."""
    if values.dtype.kind == "u":
        values = values.astype(np.uint64) ^ np.uint64(1 << 63)
    return np.array(values, np.int64) if values.dtype.kind == "i" else values.view(np.int64)
