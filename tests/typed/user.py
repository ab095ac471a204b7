"""A file as users write it: type checkers know what comes out of each call."""

from typing import assert_type

import numpy as np
import pandas as pd
import polars as pl
import xarray as xr
from numpy.typing import NDArray

import kernels


def of_arrays(close: NDArray[np.float64], small: NDArray[np.float32]) -> float:
    assert_type(kernels.rolling_mean(close, 20), NDArray[np.float64])
    assert_type(kernels.rolling_std(small, 20, ddof=0), NDArray[np.float32])
    assert_type(kernels.above_mean(close, 20, threads=2), NDArray[np.int8])
    assert_type(kernels.rolling_max([1, 2, 3], 2, min_count=1), NDArray[np.float64])
    return kernels.signal_rate(close, 20)


def of_polars(close: pl.Series, bars: pl.DataFrame) -> pl.DataFrame:
    means = kernels.rolling_mean(close, 20)
    assert_type(means, pl.Series)
    assert_type(kernels.above_mean(close, 20), pl.Series)
    assert_type(kernels.RollingStd(20).update(close), pl.Series)
    assert kernels.signal_rate(close, 20) <= 1
    return kernels.rolling_sum(bars, 20).with_columns(means.alias("mean"))


def of_pandas(close: pd.Series, bars: pd.DataFrame) -> pd.DataFrame:
    means = kernels.rolling_mean(close, 20)
    stream = kernels.RollingMean(20)
    newest = stream.update(close).iloc[-1]
    print(f"{newest:.2f}", means.name, kernels.summarize(close, 20).ones)
    return kernels.rolling_min(bars, 20, min_count=1)


def of_xarray(close: xr.DataArray) -> xr.DataArray:
    assert_type(kernels.rolling_var(close, 20, dim="time"), xr.DataArray)
    return kernels.rolling_mean(close, 20, dim="time")
