"""What the kernels are measured against: the same results by the peers, one thread each."""

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

from collections.abc import Callable
from typing import Any

import bottleneck
import numbagg
import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

import kernels

Array = npt.NDArray[Any]
Function = Callable[[Array, int], Any]

MEANS: dict[str, Function] = {
    "kernels": kernels.rolling_mean,
    "bottleneck": bottleneck.move_mean,
    "numbagg": lambda x, window: numbagg.move_mean(x, window=window, min_count=window),
    "pandas": lambda x, window: pd.Series(x).rolling(window).mean().to_numpy(),
    "polars": lambda x, window: pl.Series(x).rolling_mean(window).to_numpy(),
}
SIGNALS: dict[str, Function] = {
    "kernels": kernels.above_mean,
    "bottleneck": lambda x, window: (x > bottleneck.move_mean(x, window)).astype(np.int8),
}
RATES: dict[str, Function] = {
    "kernels": kernels.signal_rate,
    "bottleneck": lambda x, window: float((x > bottleneck.move_mean(x, window)).mean()),
}
WINDOWS = (2, 5, 20, 100, 1000, 10_000)
ROWS = (1000, 10_000, 100_000, 1_000_000, 10_000_000)


def prices(rows: int) -> Array:
    """A random walk of prices with two decimals."""
    steps = np.random.default_rng(0).normal(0, 3, rows)
    return np.round(46_000 + np.cumsum(steps), 2)


def copy(x: Array, window: int) -> Array:
    """The limit that memory sets."""
    del window
    return x.copy()
