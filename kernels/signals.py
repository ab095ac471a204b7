"""Signals: where a value is above its rolling mean, exactly."""

import itertools
import math
from decimal import Context, Decimal, localcontext

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
from kernels._backend.compiled import uncompiled
from kernels._dask import is_dask, rolled, share
from kernels._loops import decimals, steps
from kernels._loops.integers import integer_signals
from kernels._loops.series import signals_in
from kernels._pieces import PIECE, Convert, Work, each, is_direct, run, scratch
from kernels._printed import as_printed
from kernels.rolling import as_floats, halves, needs_halves

SEGMENT = 1 << 18
OPEN = 2
INT8 = np.dtype(np.int8)
STRETCH = steps.STRETCH
EXACT = Context(prec=2000, Emax=10**6, Emin=-(10**6))

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
    if type(x) is ndarray and threads is ONE and x.ndim == 1 and 0 < len(x) <= SEGMENT:
        return int(count_nonzero(above_mean(x, window, min_count=min_count))) / len(x)
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
        return int(count_nonzero(out))
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
    row, still_open = quick(line, first, window, min_count, STRETCH, target)
    if row < len(line):
        still_open += the_rest(line, row, window, min_count, *scratch(), target[row - first :])
    if still_open and settle(line, first, window, scratch()[0], target):
        _decide(line, first, window, target)


def _decide(line: Array, first: int, window: int, target: Array) -> None:
    """Settle the rows that are open, by whole numbers of any length.

    Rows whose windows overlap are settled together, so that no value is converted for each of its windows.
    """
    rows = np.flatnonzero(target == OPEN) + first
    longest = max(PIECE, 4 * window)
    while len(rows):
        apart = (np.diff(rows) > window) | (rows[1:] - rows[0] > longest)
        together, rows = np.split(rows, [np.argmax(apart) + 1 if apart.any() else len(rows)])
        begin = max(0, int(together[0]) - window + 1)
        values = line[begin : together[-1] + 1]
        units = _in_units(values)
        sums = list(itertools.accumulate(units, initial=0))
        counts = np.cumsum(np.append(0, ~np.isnan(values))).tolist()
        for end in (together - begin + 1).tolist():
            start = max(0, end - window)
            count = counts[end] - counts[start]
            target[begin + end - 1 - first] = count * units[end - 1] > sums[end] - sums[start]


def _in_units(values: Array) -> list[int]:
    """What the values print as, in units of the smallest decimal place among them; 0 for a missing one."""
    with localcontext(EXACT):
        decimals = [Decimal(0 if math.isnan(v) else repr(v)) for v in values.tolist()]
        places = min(int(d.as_tuple().exponent) for d in decimals)
        return [int(d.scaleb(-places)) for d in decimals]


def in_decimals(window: Array) -> bool:
    """Whether the last value of a window is above its mean, by decimal arithmetic."""
    values = _in_units(window[~np.isnan(window)])
    return len(values) * values[-1] > sum(values)
