"""Exact rolling sums, means, extrema and signals: arrays in, arrays out."""

from kernels.rolling import rolling_max, rolling_mean, rolling_min, rolling_sum
from kernels.signals import above_mean, signal_rate
from kernels.streams import AboveMean, RollingMax, RollingMean, RollingMin, RollingSum
from kernels.summary import Summary, merge, summarize

__all__ = [
    "AboveMean",
    "RollingMax",
    "RollingMean",
    "RollingMin",
    "RollingSum",
    "Summary",
    "above_mean",
    "merge",
    "rolling_max",
    "rolling_mean",
    "rolling_min",
    "rolling_sum",
    "signal_rate",
    "summarize",
]
