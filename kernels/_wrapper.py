"""The one wrapper of all rolling functions: any arguments in, plain lines for a kernel."""

import math
from collections.abc import Hashable
from typing import Any, SupportsIndex

import numpy as np
from numpy import count_nonzero, empty, ndarray

from kernels._arguments import (
    FLOAT,
    LAST,
    LONGEST,
    MOST_THREADS,
    ONE,
    SINGLE,
    Array,
    check_axis,
    check_out,
    check_series,
    check_values,
    check_window,
    home_of,
    is_plain,
    is_single,
    refuse_min_periods,
    whole_number,
)
from kernels._columns import are_columns, down_columns
from kernels._conversions import as_floats, as_printed, halves, narrow, needs_halves
from kernels._kernel import Kernel
from kernels._pieces import PIECE, Convert, Work, each, run

SEGMENT = 1 << 18  # values that are counted at a time
WHOLE = 1 << 18  # values of a table of float32 that are converted at once


def rolled(
    kernel: Kernel,
    x: object,
    window: SupportsIndex,
    min_count: SupportsIndex | None,
    axis: SupportsIndex,
    out: Array | None,
    threads: SupportsIndex,
    min_periods: object = None,
    dim: Hashable | None = None,
) -> Any:  # noqa: ANN401  an array, or what came in
    """The results of a kernel for all lines of an array, in a new one or in ``out``."""
    # The usual call, in one frame: to a short line each further one is a tenth of the time.
    if (
        type(x) is ndarray
        and x.dtype is FLOAT
        and x.flags.carray
        and x.size > 0
        and min_count is None
        and out is None
        and threads is ONE
        and type(window) is int
        and 1 <= window <= LONGEST
        and min_periods is None
        and dim is None
    ):
        if axis is LAST or (type(axis) is int and axis == x.ndim - 1):
            out = empty(x.shape, kernel.result)
            if x.ndim == 1:
                kernel.lines(x, 1, 0, window, window, out)
            else:
                kernel.lines(x.reshape(-1), x.size // x.shape[-1], 0, window, window, out.reshape(-1))
            return out
        if type(axis) is int and axis == x.ndim - 2 == 0 and kernel.columns is not None:
            out = empty(x.shape, kernel.result)
            if kernel.columns(x, 0, len(x[0]), window, window, out) == len(x[0]):
                return out
            out = None
    return _rolled(kernel, x, window, min_count, axis, out, threads, min_periods, dim)


def _rolled(
    kernel: Kernel,
    x: object,
    window: SupportsIndex,
    min_count: SupportsIndex | None,
    axis: SupportsIndex,
    out: Array | None,
    threads: SupportsIndex,
    min_periods: object,
    dim: Hashable | None,
) -> Any:  # noqa: ANN401  likewise
    refuse_min_periods(min_periods)
    home = home_of(x)
    if home is not None:
        return home.rolled(x, home.Call(kernel, window, min_count, axis, out, threads, dim))
    if dim is not None:
        raise TypeError(f"dim is for DataArrays of xarray, got {dim!r}: give axis=")
    window, min_count = check_window(window, min_count)
    values = check_values(x)
    axis = check_axis(axis, values.ndim)
    threads = whole_number("threads", threads, MOST_THREADS)
    single = kernel.result is FLOAT and is_single(values.dtype)
    target = check_out(out, values.shape, SINGLE if single else kernel.result)
    if out is not None and np.may_share_memory(values, target):
        values = values.copy()
    fill(kernel, values, axis, window, min_count, target, threads)
    return target if out is None else out


def fill(
    kernel: Kernel, values: Array, axis: int, window: int, min_count: int, out: Array, threads: int
) -> None:
    """Put the results for checked values into ``out``."""
    if values.size == 0:
        return
    convert, work = _ways(kernel, values, window, min_count)
    along = axis == values.ndim - 1
    is_table = values.flags.c_contiguous and out.flags.carray
    if is_table and along and (values.size <= PIECE or (threads == 1 and values.dtype is FLOAT)):
        work(convert(values).reshape(-1), values.size // values.shape[axis], 0, out.reshape(-1))
    elif is_table and not along and values.size <= WHOLE and is_single(values.dtype) and out.dtype == SINGLE:
        wide = np.empty(values.shape)
        fill(kernel, as_floats(values), axis, window, min_count, wide, threads)
        narrow(wide, out)
    elif are_columns(kernel, values, axis, out):

        def rest(columns: Array, target: Array) -> None:
            run(columns, 0, window, target, 1, convert, work)

        down_columns(kernel, values, axis, window, min_count, out, threads, rest)
    else:
        run(values, axis, window, out, threads, convert, work)


def share(
    kernel: Kernel,
    x: object,
    window: SupportsIndex,
    min_count: SupportsIndex | None,
    threads: SupportsIndex,
    min_periods: object = None,
) -> float:
    """The share of ones among the results for a series."""
    refuse_min_periods(min_periods)
    home = home_of(x)
    if hasattr(home, "share"):
        lazy: Any = home.share(x, home.Call(kernel, window, min_count, LAST, None, threads, None))
        return lazy  # type: ignore[no-any-return]  # a float when it is computed
    window, min_count = check_window(window, min_count)
    values = check_series(x)
    threads = whole_number("threads", threads, MOST_THREADS)
    return count(kernel, values, window, min_count, threads) / len(values) if len(values) else math.nan


def count(kernel: Kernel, values: Array, window: int, min_count: int, threads: int = 1) -> int:
    """How many results for a checked series are 1, in scratch that does not grow with it."""
    if threads == 1 and is_plain(values):
        return kernel.count(values, 0, window, min_count)
    convert, work = _ways(kernel, values, window, min_count)
    segment = max(SEGMENT, 8 * window)

    def count_from(begin: int) -> int:
        before = min(begin, window - 1)
        piece = convert(values[begin - before : begin + segment])
        signals = np.empty(len(piece) - before, kernel.result)
        work(piece, 1, before, signals)
        return int(count_nonzero(signals))

    return sum(each(threads, count_from, range(0, len(values), segment)))


def _ways(kernel: Kernel, values: Array, window: int, min_count: int) -> tuple[Convert, Work]:
    """How to convert the values, and how to find the results of a line of them."""

    def floats(lines: Array, count: int, first: int, target: Array) -> None:
        if target.dtype == kernel.result:
            kernel.lines(lines, count, first, window, min_count, target)
        else:
            wide = np.empty(target.shape)
            kernel.lines(lines, count, first, window, min_count, wide)
            narrow(wide, target)

    def integers(lines: Array, count: int, first: int, target: Array) -> None:
        for line, result in zip(lines.reshape(count, -1), target.reshape(count, -1), strict=True):
            kernel.integers(*halves(line), first, window, min_count, result)

    if kernel.integers is not None and needs_halves(values):
        return np.ascontiguousarray, integers
    return (as_printed if kernel.prints and is_single(values.dtype) else as_floats), floats
