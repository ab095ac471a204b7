"""Rolling means."""

import numpy as np
import numpy.typing as npt

from kernels._arguments import check_values, check_window
from kernels._loops.windows import window_means


def rolling_mean(x: npt.ArrayLike, window: int, *, min_count: int | None = None) -> npt.NDArray[np.float64]:
    """Mean of the last ``window`` values at each row; NaN where fewer than ``min_count`` of them are there.

    >>> rolling_mean([1.0, 2.0, 4.0], 2)
    array([nan, 1.5, 3. ])
    """
    window, min_count = check_window(window, min_count)
    values = check_values(x)
    out = np.empty_like(values)
    window_means(values, window, min_count, out)
    return out
