"""Rolling means and signals of rows that come chunk by chunk, of one series or of several groups."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from kernels import above_mean, rolling_mean
from kernels.groups import NO_TAILS, group_windows
from mlops_task.inputs.groups import codes_of, united
from mlops_task.inputs.protocol import Chunk

Results = tuple[npt.NDArray[np.float64], npt.NDArray[np.int8]]


class Windows:
    """The rows of a file so far, those that the windows of the next ones need."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._tail = np.empty(0)
        self._names: Any = None
        self._tails = NO_TAILS

    def following(self, chunk: Chunk) -> Results:
        """Return the means and the signals of the next rows."""
        if chunk.groups is not None:
            return self._in_groups(chunk)
        before = len(self._tail)
        values = np.concatenate([self._tail, chunk.values])
        self._tail = values[max(0, len(values) - (self._window - 1)) :]
        return rolling_mean(values, self._window)[before:], above_mean(values, self._window)[before:]

    def _in_groups(self, chunk: Chunk) -> Results:
        parts = [chunk.groups.dictionary] if self._names is None else [self._names, chunk.groups.dictionary]
        self._names, codes = united(parts)
        means, signals, self._tails = group_windows(
            chunk.values, codes[-1][codes_of(chunk.groups)], len(self._names), self._window, self._tails
        )
        return means, signals
