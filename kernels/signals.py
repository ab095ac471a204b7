"""Signals: where a value is above its rolling mean, exactly."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels._above import ABOVE_MEAN
from kernels._types import Foreign, shown, signals
from kernels._wrapper import rolled, share


@signals
def above_mean(
    x: object,
    window: SupportsIndex,
    *,
    min_count: SupportsIndex | None = None,
    axis: SupportsIndex = -1,
    out: NDArray[np.int8] | None = None,
    threads: SupportsIndex = 1,
    dim: Hashable | None = None,
    min_periods: object = None,
) -> Any:  # noqa: ANN401  its type says `Signals`
    """1 where a value is above the mean of its last ``window`` values, else 0.

    The comparison is exact, between the decimals that the floats print as (`repr`), so that prices compare as
    a file wrote them. A tie, a missing value and a window with fewer than ``min_count`` values give 0.

    Parameters and errors are those of `rolling_mean`; the result, and ``out``, hold int8.

    Examples
    --------
    >>> above_mean([0.1, 0.2, 0.3, 0.2], 3)
    array([0, 0, 1, 0], dtype=int8)
    """
    return rolled(ABOVE_MEAN, x, window, min_count, axis, out, threads, min_periods, dim)


@shown
def signal_rate(
    x: ArrayLike | Foreign,
    window: SupportsIndex,
    *,
    min_count: SupportsIndex | None = None,
    threads: SupportsIndex = 1,
    min_periods: object = None,
) -> float:
    """Share of the rows of a series that `above_mean` gives 1; NaN for no rows.

    Neither means nor signals are stored: scratch does not grow with the series.

    Examples
    --------
    >>> signal_rate([0.1, 0.2, 0.3, 0.2], 3)
    0.25
    """
    return share(ABOVE_MEAN, x, window, min_count, threads, min_periods)
