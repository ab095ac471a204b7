"""Rolling results of values as they arrive, a chunk or one value at a time.

The results are those of the batch functions to the bit, whatever the chunks. The cost of a value does not
grow with the window.
"""

import copy
import numbers
from types import ModuleType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from kernels._arguments import SINGLE, Array, check_series, check_window, is_single
from kernels._drivers import signal_stream
from kernels._drivers.signals import signals as float_signals
from kernels._loops import streams
from kernels._loops.windows import MEANS, SUMS
from kernels._printed import as_printed
from kernels.rolling import as_floats, float_statistics, needs_halves

FEWEST = 16  # signals that are worth a batch


class _Rolling:
    """What the streams share: the last ``window`` values and the exact state of their sum.

    Parameters
    ----------
    window, min_count
        As in `kernels.rolling_mean`.
    """

    _result: type[np.generic] = np.float64
    _loops: ModuleType = streams

    def __init__(self, window: int, *, min_count: int | None = None) -> None:
        self.window, self.min_count = check_window(window, min_count)
        self._ring = np.empty(self.window)
        self._whole = np.empty(self._loops.SIZE, np.int64)
        self._loops.start(self._whole)

    def update(self, values: npt.ArrayLike) -> Array:
        """Take values in and return the results of their rows.

        Parameters
        ----------
        values
            A one-dimensional array, or a single number.

        Returns
        -------
        array
            One result per value.

        Raises
        ------
        TypeError, ValueError
            If the values are not what a batch function takes, or integers that no float64 holds.
        """
        if type(values) is float:
            out = np.empty(1, self._result)
            out[0] = self._step(values)
            return out
        line = self._line(values)
        out = np.empty(len(line), self._result)
        if self._is_batch(len(line)):
            before = self._held()[1 - self.window :] if self.window > 1 else line[:0]
            self._batch(np.concatenate([before, line]), len(before), out)
            self._loops.refill(self._whole, self._ring, line[-self.window :])
        else:
            self._steps(line, out)
        return out.astype(self._type_for(values), copy=False)

    def peek(self, value: float) -> Any:  # noqa: ANN401  the type of an array's element
        """Return the result if this value came next, and leave the state as it is."""
        whole = self._whole.copy()
        place = whole[self._loops.SEEN] % self.window
        oldest = self._ring[place]
        result = self.update([value] if isinstance(value, numbers.Real) else value)
        self._whole = whole
        self._ring[place] = oldest
        return result[0]

    def copy(self) -> Self:
        """Return a stream in the same state that goes its own way."""
        return copy.deepcopy(self)

    def _held(self) -> Array:
        """Return the values in the window, the oldest first."""
        seen = int(self._whole[self._loops.SEEN])
        if seen < self.window:
            return self._ring[:seen]
        return np.roll(self._ring, -(seen % self.window))

    def _line(self, values: npt.ArrayLike) -> Array:
        line = np.asarray(values)
        line = check_series(line[None] if line.ndim == 0 else line)
        if needs_halves(line):
            raise ValueError(f"values must be within 2**53 of zero, got {line[np.argmax(np.abs(line))]}")
        return self._floats(line)

    def _is_batch(self, rows: int) -> bool:
        """Whether so many values are found quicker together."""
        return rows >= 4 * self.window

    def _floats(self, line: Array) -> Array:
        return as_floats(line)

    def _type_for(self, values: npt.ArrayLike) -> npt.DTypeLike:
        dtype = getattr(values, "dtype", None)
        return SINGLE if isinstance(dtype, np.dtype) and is_single(dtype) else self._result

    def _step(self, value: float) -> float:
        raise NotImplementedError

    def _steps(self, line: Array, out: Array) -> None:
        raise NotImplementedError

    def _batch(self, line: Array, first: int, out: Array) -> None:
        raise NotImplementedError


class RollingSum(_Rolling):
    """`kernels.rolling_sum` of values as they arrive.

    Examples
    --------
    >>> sums = RollingSum(2)
    >>> sums.update([1.0, 2.0, 4.0])
    array([nan,  3.,  6.])
    """

    _kind = SUMS

    def _step(self, value: float) -> float:
        return streams.statistic(self._whole, self._ring, self.min_count, self._kind, value)

    def _steps(self, line: Array, out: Array) -> None:
        streams.statistics(self._whole, self._ring, self.min_count, self._kind, line, out)

    def _batch(self, line: Array, first: int, out: Array) -> None:
        float_statistics(line, first, self.window, self.min_count, self._kind, out)


class RollingMean(RollingSum):
    """`kernels.rolling_mean` of values as they arrive.

    Examples
    --------
    >>> means = RollingMean(2)
    >>> means.update([1.0, 2.0])
    array([nan, 1.5])
    >>> float(means.peek(4.0))
    3.0
    >>> means.update(3.0)
    array([2.5])
    """

    _kind = MEANS


class AboveMean(_Rolling):
    """`kernels.above_mean` of values as they arrive.

    Examples
    --------
    >>> above = AboveMean(3)
    >>> above.update([0.1, 0.2, 0.3]), above.update(0.2)
    (array([0, 0, 1], dtype=int8), array([0], dtype=int8))
    """

    _result = np.int8
    _loops = signal_stream

    def _is_batch(self, rows: int) -> bool:
        return rows >= FEWEST and 32 * rows >= self.window

    def _floats(self, line: Array) -> Array:
        return as_printed(line) if is_single(line.dtype) else as_floats(line)

    def _type_for(self, values: npt.ArrayLike) -> npt.DTypeLike:  # noqa: ARG002  as the others
        return self._result

    def _step(self, value: float) -> float:
        out = np.empty(1, np.int8)
        self._steps(np.array([value]), out)
        return float(out[0])

    def _steps(self, line: Array, out: Array) -> None:
        signal_stream.signals(self._whole, self._ring, self.min_count, line, out)

    def _batch(self, line: Array, first: int, out: Array) -> None:
        float_signals(line, first, self.window, self.min_count, out)
