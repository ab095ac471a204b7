"""Rolling sums and means."""

from __future__ import annotations

from typing import SupportsIndex

from numpy.typing import ArrayLike

from kernels._arguments import Array
from kernels._sums import MEAN, SUM
from kernels._types import rolling
from kernels._wrapper import rolled


@rolling
def rolling_sum(
    x: ArrayLike,
    window: SupportsIndex,
    *,
    min_count: SupportsIndex | None = None,
    axis: SupportsIndex = -1,
    out: Array | None = None,
    threads: SupportsIndex = 1,
    min_periods: None = None,
) -> Array:
    """Sum of the last ``window`` values at each row, correctly rounded.

    Parameters, missing values and errors are those of `rolling_mean`.

    Examples
    --------
    >>> rolling_sum([1e100, 1.0, -1e100, 3.0], 3)
    array([     nan,      nan,  1.e+000, -1.e+100])
    """
    return rolled(SUM, x, window, min_count, axis, out, threads, min_periods)


@rolling
def rolling_mean(
    x: ArrayLike,
    window: SupportsIndex,
    *,
    min_count: SupportsIndex | None = None,
    axis: SupportsIndex = -1,
    out: Array | None = None,
    threads: SupportsIndex = 1,
    min_periods: None = None,
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
    return rolled(MEAN, x, window, min_count, axis, out, threads, min_periods)
