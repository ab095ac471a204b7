"""Exact rolling sums, means, variances, extrema and signals: arrays in, arrays out."""

from kernels._backend.compiled import backend
from kernels.rolling import rolling_max, rolling_mean, rolling_min, rolling_std, rolling_sum, rolling_var
from kernels.signals import above_mean, signal_rate
from kernels.streams import AboveMean, RollingMax, RollingMean, RollingMin, RollingStd, RollingSum, RollingVar
from kernels.summary import Summary, merge, summarize

__version__ = "0.1.0"

__all__ = [
    "AboveMean",
    "RollingMax",
    "RollingMean",
    "RollingMin",
    "RollingStd",
    "RollingSum",
    "RollingVar",
    "Summary",
    "__version__",
    "above_mean",
    "backend",
    "merge",
    "rolling_max",
    "rolling_mean",
    "rolling_min",
    "rolling_std",
    "rolling_sum",
    "rolling_var",
    "signal_rate",
    "summarize",
]
