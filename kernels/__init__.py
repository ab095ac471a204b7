"""Exact rolling sums, means and signals: arrays in, arrays out."""

from kernels._compiled import backend
from kernels.rolling import rolling_mean, rolling_sum
from kernels.signals import above_mean, signal_rate
from kernels.streams import AboveMean, RollingMean, RollingSum
from kernels.summary import Summary, merge, summarize

__version__ = "0.1.0"

__all__ = [
    "AboveMean",
    "RollingMean",
    "RollingSum",
    "Summary",
    "__version__",
    "above_mean",
    "backend",
    "merge",
    "rolling_mean",
    "rolling_sum",
    "signal_rate",
    "summarize",
]
