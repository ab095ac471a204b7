"""What the kernels are measured against: the same results by the peers, one thread each."""

import os

os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")

from collections.abc import Callable
from typing import Any, cast

import bottleneck
import numbagg
import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

import kernels
from kernels.functions import TABLE
from kernels.functions import Function as Row

Array = npt.NDArray[Any]
Function = Callable[[Array, int], Any]

CALLS: dict[str, Callable[[str], Function]] = {
    "bottleneck": lambda name: cast("Function", getattr(bottleneck, name)),
    "numbagg": lambda name: lambda x, w: getattr(numbagg, name)(x, window=w, min_count=w),
    "pandas": lambda name: lambda x, window: getattr(pd.Series(x).rolling(window), name)().to_numpy(),
    "polars": lambda name: lambda x, window: getattr(pl.Series(x), name)(window).to_numpy(),
}


def beside(row: Row) -> dict[str, Function]:
    """A function of the table, and what its peers have for it."""
    return {"kernels": row.function} | {peer: CALLS[peer](name) for peer, name in row.peers.items()}


FUNCTIONS = {row.name: beside(row) for row in TABLE if row.peers}
MEANS = FUNCTIONS["rolling_mean"]
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
