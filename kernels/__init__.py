"""Exact rolling means and signals: arrays in, arrays out."""

from kernels.rolling import rolling_mean
from kernels.signals import above_mean
from kernels.summary import Summary, merge, summarize

__all__ = ["Summary", "above_mean", "merge", "rolling_mean", "summarize"]
