"""Signals: where a value is above its rolling mean, exactly."""

import math
from decimal import Decimal, localcontext

import numpy as np
import numpy.typing as npt

from kernels._arguments import (
    MOST_THREADS,
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
from kernels._compiled import uncompiled
from kernels._dask import is_dask, rolled, share
from kernels._loops import decimals, steps
from kernels._loops.integers import integer_signals
from kernels._loops.series import signals_in
from kernels._pieces import Convert, Work, each, is_direct, run, scratch
from kernels._printed import as_printed
from kernels.rolling import as_floats, halves, needs_halves

SEGMENT = 1 << 17
OPEN = 2

quick = steps.signals
the_rest = uncompiled(signals_in)
settle = decimals.settle


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
    if out is None and axis == -1 and threads == 1 and is_plain(x):
        window, min_count = check_window(window, min_count)
        out = np.empty(len(x), np.int8)
        float_signals(x, 0, window, min_count, out)
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
    if len(values) <= SEGMENT and is_plain(values):
        # The usual piece, without the ceremony of the others.
        out = np.empty(len(values), np.int8)
        float_signals(values, 0, window, min_count, out)
        return int(np.count_nonzero(out))
    convert, work = _ways(values, window, min_count)
    segment = max(SEGMENT, 8 * window)

    def count(begin: int) -> int:
        before = min(begin, window - 1)
        piece = convert(values[begin - before : begin + segment])
        signals = np.empty(len(piece) - before, np.int8)
        work(piece, before, signals)
        return int(np.count_nonzero(signals))

    return sum(each(threads, count, range(0, len(values), segment)))


def _ways(values: Array, window: int, min_count: int) -> tuple[Convert, Work]:
    """How to convert the values, and how to find the signals of a line of them."""

    def floats(line: Array, first: int, target: Array) -> None:
        float_signals(line, first, window, min_count, target)

    def integers(line: Array, first: int, target: Array) -> None:
        high, low = halves(line)
        integer_signals(high, low, first, window, min_count, target)

    if needs_halves(values):
        return np.ascontiguousarray, integers
    return (as_printed if is_single(values.dtype) else as_floats), floats


def float_signals(line: Array, first: int, window: int, min_count: int, target: Array) -> None:
    """Signals of a contiguous line of float64, the results for ``line[first:]``."""
    row, still_open = quick(line, first, window, min_count, steps.STRETCH, target)
    if row < len(line):
        still_open += the_rest(line, row, window, min_count, *scratch(), target[row - first :])
    if still_open and settle(line, first, window, scratch()[0], target):
        for i in np.flatnonzero(target == OPEN) + first:
            target[i - first] = in_decimals(line[max(0, i - window + 1) : i + 1])


def in_decimals(window: Array) -> bool:
    """Whether the last value of a window is above its mean, by decimal arithmetic."""
    values = [v for v in window.tolist() if not math.isnan(v)]
    with localcontext(prec=2000, Emax=10**6, Emin=-(10**6)):
        total = sum((Decimal(repr(v)) for v in values), Decimal(0))
        return total < len(values) * Decimal(repr(values[-1]))
