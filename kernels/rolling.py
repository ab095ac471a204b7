"""Rolling sums and means."""

import numpy as np
import numpy.typing as npt
from numpy import empty, ndarray

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
    check_values,
    check_window,
    is_plain,
    is_single,
    whole_number,
)
from kernels._backend.compiled import uncompiled
from kernels._columns import are_columns, down_columns
from kernels._dask import is_dask, rolled
from kernels._loops import steps
from kernels._loops.integers import integer_statistics
from kernels._loops.series import statistics_in
from kernels._loops.windows import MEANS, SUMS
from kernels._pieces import is_direct, run, scratch, writeable

EXACT_IN_FLOATS = 2**53

STRETCH = steps.STRETCH

quick = steps.statistics
the_rest = uncompiled(statistics_in)


def rolling_sum(
    x: npt.ArrayLike,
    window: int,
    *,
    min_count: int | None = None,
    axis: int = -1,
    out: Array | None = None,
    threads: int = 1,
) -> Array:
    """Sum of the last ``window`` values at each row, correctly rounded.

    Parameters, missing values and errors are those of `rolling_mean`.

    Examples
    --------
    >>> rolling_sum([1e100, 1.0, -1e100, 3.0], 3)
    array([     nan,      nan,  1.e+000, -1.e+100])
    """
    return _statistics(x, window, min_count, axis, out, threads, SUMS)


def rolling_mean(
    x: npt.ArrayLike,
    window: int,
    *,
    min_count: int | None = None,
    axis: int = -1,
    out: Array | None = None,
    threads: int = 1,
) -> Array:
    """Mean of the last ``window`` values at each row.

    A mean is a function of the exact sum of its window, within an ulp of the true mean: what has left the
    window leaves no trace, and no cut, thread or layout changes a bit.

    Parameters
    ----------
    x
        Values of any dimension and layout: float64, float32 (summed as float64, returned as float32),
        integers (summed exactly) or booleans. Never modified, except as ``out``. Of a dask array, in any
        chunks, the result is another, computed when it is asked for.
    window
        Length of the trailing windows, in rows: ``out[i]`` is about ``x[i-window+1 .. i]``.
    min_count
        The fewest values (NaN is not one) that a window needs; all of ``window`` unless given. Rows with
        fewer, as the first rows are (warm-up), have NaN.
    axis
        The axis that rows run along.
    out
        Where to put the result: an array of the right shape and type.
    threads
        How many threads share the work.

    Returns
    -------
    array of the shape of ``x``
        float64; float32 if ``x`` is. An infinity in the window gives an infinity, two opposite ones NaN.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what it must be.

    Examples
    --------
    >>> rolling_mean([1.0, 2.0, 4.0], 2)
    array([nan, 1.5, 3. ])
    """
    return _statistics(x, window, min_count, axis, out, threads, MEANS)


def _statistics(  # noqa: PLR0917  the public functions hand all their parameters on
    x: npt.ArrayLike,
    window: int,
    min_count: int | None,
    axis: int,
    out: Array | None,
    threads: int,
    kind: int,
) -> Array:
    # The usual call, in one frame: to a short line each further one is a tenth of the time.
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
        rows = len(x)
        out = empty(rows)
        row = quick(x, 0, window, window, kind, STRETCH, out)
        if row < rows:
            the_rest(x, row, window, window, kind, *scratch(), out[row:])
        return out
    if is_dask(x):
        function = rolling_mean if kind == MEANS else rolling_sum
        return rolled(function, x, window, min_count=min_count, axis=axis, out=out, threads=threads)
    return _of_any(x, *check_window(window, min_count), axis, out, threads, kind)


def _of_any(  # noqa: PLR0917  all that the public functions take
    x: npt.ArrayLike, window: int, min_count: int, axis: int, out: Array | None, threads: int, kind: int
) -> Array:
    values = check_values(x)
    axis = check_axis(axis, values.ndim)
    threads = whole_number("threads", threads, MOST_THREADS)
    out = check_out(out, values.shape, SINGLE if is_single(values.dtype) else FLOAT)

    def floats(line: Array, first: int, target: Array) -> None:
        if target.dtype == FLOAT:
            float_statistics(line, first, window, min_count, kind, target)
        else:
            wide = np.empty(target.shape)
            float_statistics(line, first, window, min_count, kind, wide)
            with np.errstate(over="ignore", under="ignore", invalid="ignore"):
                target[:] = wide

    def integers(line: Array, first: int, target: Array) -> None:
        high, low = halves(line)
        integer_statistics(high, low, first, window, min_count, kind, target)

    if is_direct(values, out, threads):
        float_statistics(values, 0, window, min_count, kind, out)
    elif are_columns(values, axis, out):

        def rest(columns: Array, target: Array) -> None:
            run(columns, 0, window, target, 1, as_floats, floats)

        down_columns(values, axis, window, min_count, kind, out, threads, rest)
    elif needs_halves(values):
        run(values, axis, window, out, threads, np.ascontiguousarray, integers)
    else:
        run(values, axis, window, out, threads, as_floats, floats)
    return out


def float_statistics(  # noqa: PLR0917  as the loops, and called as often
    line: Array, first: int, window: int, min_count: int, kind: int, target: Array
) -> None:
    """Sums or means of a contiguous line of float64, the results for ``line[first:]``."""
    row = quick(line, first, window, min_count, kind, STRETCH, target)
    if row < len(line):
        the_rest(line, row, window, min_count, kind, *scratch(), target[row - first :])


def as_floats(values: Array) -> Array:
    """The values as contiguous float64, which is exact for all that `needs_halves` lets through."""
    if is_plain(values):
        return values
    with np.errstate(invalid="ignore"):
        return writeable(np.ascontiguousarray(values, dtype=np.float64))


def needs_halves(values: Array) -> bool:
    """Whether there are integers that no float64 holds."""
    if values.dtype.kind not in "iu" or values.dtype.itemsize < FLOAT.itemsize or values.size == 0:
        return False
    return int(values.max()) > EXACT_IN_FLOATS or int(values.min()) < -EXACT_IN_FLOATS


def halves(values: Array) -> tuple[Array, Array]:
    """Integers as ``high * 2**32 + low``."""
    return (values >> 32).astype(np.int64), (values & 0xFFFFFFFF).astype(np.int64)
