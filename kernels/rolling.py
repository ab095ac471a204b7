"""Rolling sums, means, variances, minima and maxima."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, SupportsIndex

from kernels._arguments import Array
from kernels._extrema import MAXIMUM, MINIMUM
from kernels._sums import MEAN, SUM
from kernels._types import rolling, spread
from kernels._variances import Variance
from kernels._wrapper import rolled


@rolling
def rolling_sum(
    x: object,
    window: SupportsIndex,
    *,
    min_count: SupportsIndex | None = None,
    axis: SupportsIndex = -1,
    out: Array | None = None,
    threads: SupportsIndex = 1,
    dim: Hashable | None = None,
    min_periods: object = None,
) -> Any:  # noqa: ANN401  its type says `Rolling`, or `Spread`
    """Sum of the last ``window`` values at each row, correctly rounded.

    Parameters, missing values and errors are those of `rolling_mean`.

    Examples
    --------
    >>> rolling_sum([1e100, 1.0, -1e100, 3.0], 3)
    array([     nan,      nan,  1.e+000, -1.e+100])
    """
    return rolled(SUM, x, window, min_count, axis, out, threads, min_periods, dim)


@rolling
def rolling_mean(
    x: object,
    window: SupportsIndex,
    *,
    min_count: SupportsIndex | None = None,
    axis: SupportsIndex = -1,
    out: Array | None = None,
    threads: SupportsIndex = 1,
    dim: Hashable | None = None,
    min_periods: object = None,
) -> Any:  # noqa: ANN401  its type says `Rolling`, or `Spread`
    """Mean of the last ``window`` values at each row.

    A mean is a function of the exact sum of its window, within an ulp of the true mean: what has left the
    window leaves no trace, and no cut, thread or layout changes a bit.

    Parameters
    ----------
    x
        Values of any dimension and layout: float64, float32 (summed as float64, returned as float32),
        integers (summed exactly) or booleans. Never modified, except as ``out``. Series and frames (down
        their columns) of pandas, polars, Arrow and dask and DataArrays of xarray give others, with all that
        they carry; nulls are missing. What is lazy stays so.
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
    dim
        The dimension of a DataArray that rows run along.

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
    return rolled(MEAN, x, window, min_count, axis, out, threads, min_periods, dim)


@rolling
def rolling_min(
    x: object,
    window: SupportsIndex,
    *,
    min_count: SupportsIndex | None = None,
    axis: SupportsIndex = -1,
    out: Array | None = None,
    threads: SupportsIndex = 1,
    dim: Hashable | None = None,
    min_periods: object = None,
) -> Any:  # noqa: ANN401  its type says `Rolling`, or `Spread`
    """Least of the last ``window`` values at each row; -0.0 is less than 0.0.

    Integers beyond 2**53 count as the nearest float64. Parameters, missing values and errors are those of
    `rolling_mean`.

    Examples
    --------
    >>> rolling_min([3.0, 1.0, 2.0, 4.0], 2)
    array([nan,  1.,  1.,  2.])
    """
    return rolled(MINIMUM, x, window, min_count, axis, out, threads, min_periods, dim)


@rolling
def rolling_max(
    x: object,
    window: SupportsIndex,
    *,
    min_count: SupportsIndex | None = None,
    axis: SupportsIndex = -1,
    out: Array | None = None,
    threads: SupportsIndex = 1,
    dim: Hashable | None = None,
    min_periods: object = None,
) -> Any:  # noqa: ANN401  its type says `Rolling`, or `Spread`
    """Greatest of the last ``window`` values at each row; 0.0 is greater than -0.0.

    Integers beyond 2**53 count as the nearest float64. Parameters, missing values and errors are those of
    `rolling_mean`.

    Examples
    --------
    >>> rolling_max([3.0, 1.0, 2.0, 4.0], 2)
    array([nan,  3.,  2.,  4.])
    """
    return rolled(MAXIMUM, x, window, min_count, axis, out, threads, min_periods, dim)


@spread
def rolling_var(
    x: object,
    window: SupportsIndex,
    *,
    ddof: SupportsIndex = 1,
    min_count: SupportsIndex | None = None,
    axis: SupportsIndex = -1,
    out: Array | None = None,
    threads: SupportsIndex = 1,
    dim: Hashable | None = None,
    min_periods: object = None,
) -> Any:  # noqa: ANN401  its type says `Rolling`, or `Spread`
    """Variance of the last ``window`` values at each row.

    The divisor is the number of values less ``ddof``; windows of no more values than that have NaN, as do
    those with an infinity. Within 2 ulp of the true variance, never negative, and 0 where all values of the
    window are equal. Integers beyond 2**53 count as the nearest float64.

    Other parameters, missing values and errors are those of `rolling_mean`.

    Examples
    --------
    >>> rolling_var([1.0, 2.0, 4.0], 2)
    array([nan, 0.5, 2. ])
    """
    kernel = Variance("rolling_var", ddof, rooted=False)
    return rolled(kernel, x, window, min_count, axis, out, threads, min_periods, dim)


@spread
def rolling_std(
    x: object,
    window: SupportsIndex,
    *,
    ddof: SupportsIndex = 1,
    min_count: SupportsIndex | None = None,
    axis: SupportsIndex = -1,
    out: Array | None = None,
    threads: SupportsIndex = 1,
    dim: Hashable | None = None,
    min_periods: object = None,
) -> Any:  # noqa: ANN401  its type says `Rolling`, or `Spread`
    """Standard deviation of the last ``window`` values at each row.

    It is the root of `rolling_var`, whose parameters and rules it has.

    Examples
    --------
    >>> rolling_std([1.0, 3.0, 6.0], 3, ddof=0).round(3)
    array([  nan,   nan, 2.055])
    """
    kernel = Variance("rolling_std", ddof, rooted=True)
    return rolled(kernel, x, window, min_count, axis, out, threads, min_periods, dim)
