"""Rolling results of values as they arrive, a chunk or one value at a time.

The results are those of the functions for arrays to the bit and in type, whatever the chunks. The cost of a
value does not grow with the window.
"""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Number
from typing import Any, Generic, Self, SupportsIndex, TypeVar, overload

import numpy as np
from numpy import empty
from numpy.typing import ArrayLike, NDArray

from kernels._above import ABOVE_MEAN
from kernels._arguments import (
    EXACT_IN_FLOATS,
    FLOAT,
    SINGLE,
    Array,
    check_series,
    check_window,
    is_single,
    refuse_min_periods,
)
from kernels._conversions import as_floats, as_printed, needs_halves
from kernels._extrema import MAXIMUM, MINIMUM
from kernels._kernel import Kernel
from kernels._sums import MEAN, SUM
from kernels._variances import Variance
from kernels._wrapper import narrow

NOT_ALONE = "a stream is for one thread at a time, got two: give each one of its own"

Result = TypeVar("Result", bound=np.generic)


class Stream(Generic[Result]):
    """What streams share: the last ``window`` values and the state of a kernel, for one thread at a time."""

    _kernel: Kernel

    def __init__(
        self, window: SupportsIndex, *, min_count: SupportsIndex | None = None, min_periods: None = None
    ) -> None:
        """Begin before the first value; the parameters are those of `kernels.rolling_mean`."""
        refuse_min_periods(min_periods)
        self._window, self._min_count = check_window(window, min_count)
        self._ring = np.empty(self._window)
        self._state = self._kernel.start(self._window)
        self._rows = 0
        self._begun = 0  # the row that the kernel counts from
        self._turn = [True]  # held by whoever is at work: a lock that takes a tenth of the time

    @property
    def window(self) -> int:
        """Rows in a window."""
        return self._window

    @property
    def min_count(self) -> int:
        """The fewest values that a window needs."""
        return self._min_count

    @property
    def rows(self) -> int:
        """How many values have been taken in."""
        return self._rows

    @overload
    def update(self: "Stream[np.float64]", values: NDArray[np.float32]) -> NDArray[np.float32]: ...
    @overload
    def update(self, values: ArrayLike) -> NDArray[Result]: ...
    def update(self, values: ArrayLike) -> Array:
        """Take values in and return the results of their rows.

        Parameters
        ----------
        values
            A one-dimensional array, or a single number.

        Returns
        -------
        array
            One result per value, of the type that the function for arrays gives.

        Raises
        ------
        TypeError, ValueError
            If the values are not what an array function takes, or integers that no float64 holds. Nothing is
            taken in then.
        RuntimeError
            If another thread is at it.
        """
        if type(values) is float:
            # The usual call, without the ceremony of the others.
            try:
                turn = self._turn.pop()
            except IndexError:
                raise RuntimeError(NOT_ALONE) from None
            try:
                kernel = self._kernel
                out = empty(1, kernel.result)
                out[0] = kernel.step(self._state, self._ring, self._min_count, values)
                self._rows += 1
            finally:
                self._turn.append(turn)
            return out
        line, single = self._line(values)
        with self._alone():
            return self._update(line, single=single)

    def peek(self, value: float) -> float:
        """Return the result if this value came next, and leave the state as it is."""
        line, single = self._line(value)
        if np.ndim(value) or len(line) != 1:
            raise TypeError(f"value must be a single number, got {value!r}")
        with self._alone():
            state = self._state.copy()
            place = (self._rows - self._begun) % self._window
            oldest = self._ring[place]
            wide = self._kernel.step(self._state, self._ring, self._min_count, float(line[0]))
            self._state[...] = state
            self._ring[place] = oldest
        out = np.empty(1, SINGLE if single else self._kernel.result)
        narrow(wide, out)
        result: float = out[0].item()
        return result

    def copy(self) -> Self:
        """Return a stream in the same state that goes its own way."""
        return copy.copy(self)

    def __getstate__(self) -> dict[str, Any]:
        with self._alone():
            held = {name: value for name, value in vars(self).items() if name != "_turn"}
            return held | {"_ring": self._ring.copy(), "_state": self._state.copy()}

    def __setstate__(self, held: dict[str, Any]) -> None:
        vars(self).update(held, _turn=[True])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._window}, min_count={self._min_count}) after {self._rows} rows"

    def _update(self, line: Array, *, single: bool) -> Array:
        kernel, window, rows = self._kernel, self._window, len(line)
        out = np.empty(rows, kernel.result)
        if rows >= 4 * window:
            lead = self._held()[1 - window :] if window > 1 else line[:0]
            kernel.line(np.concatenate([lead, line]), len(lead), window, self._min_count, out)
            kernel.refill(self._state, self._ring, line[-window:])
            self._begun = self._rows + rows - window
        elif rows:
            kernel.steps(self._state, self._ring, self._min_count, line, out)
        self._rows += rows
        if not single:
            return out
        target = np.empty(rows, SINGLE)
        narrow(out, target)
        return target

    def _held(self) -> Array:
        """Return the values in the window, the oldest first."""
        taken = self._rows - self._begun
        if taken < self._window:
            return self._ring[:taken]
        oldest = taken % self._window
        return np.concatenate([self._ring[oldest:], self._ring[:oldest]])

    def _line(self, values: ArrayLike) -> tuple[Array, bool]:
        """Return the values as the kernel takes them, and whether the results are float32."""
        if isinstance(values, Number):
            values = [values]
        elif isinstance(values, np.ndarray) and values.ndim == 0:
            values = values[None]
        line = check_series(values, "values")
        single = is_single(line.dtype)
        if needs_halves(line):
            far = next(int(value) for value in line.tolist() if abs(value) > EXACT_IN_FLOATS)
            raise ValueError(f"values must be within 2**53 of zero, got {far}")
        floats = as_printed(line) if single and self._kernel.prints else as_floats(line)
        return floats, single and self._kernel.result is FLOAT

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one thread in, and tell others that they are not alone."""
        try:
            turn = self._turn.pop()
        except IndexError:
            raise RuntimeError(NOT_ALONE) from None
        try:
            yield
        finally:
            self._turn.append(turn)


class RollingSum(Stream[np.float64]):
    """`kernels.rolling_sum` of values as they arrive.

    Examples
    --------
    >>> sums = RollingSum(2)
    >>> sums.update([1.0, 2.0, 4.0])
    array([nan,  3.,  6.])
    """

    _kernel = SUM


class RollingMean(Stream[np.float64]):
    """`kernels.rolling_mean` of values as they arrive.

    Examples
    --------
    >>> means = RollingMean(2)
    >>> means.update([1.0, 2.0])
    array([nan, 1.5])
    >>> means.peek(4.0)
    3.0
    >>> means.update(3.0)
    array([2.5])
    >>> means
    RollingMean(2, min_count=2) after 3 rows
    """

    _kernel = MEAN


class AboveMean(Stream[np.int8]):
    """`kernels.above_mean` of values as they arrive.

    Examples
    --------
    >>> above = AboveMean(3)
    >>> above.update([0.1, 0.2, 0.3]), above.update(0.2)
    (array([0, 0, 1], dtype=int8), array([0], dtype=int8))
    """

    _kernel = ABOVE_MEAN


class RollingMin(Stream[np.float64]):
    """`kernels.rolling_min` of values as they arrive.

    Examples
    --------
    >>> minima = RollingMin(2)
    >>> minima.update([3.0, 1.0, 2.0])
    array([nan,  1.,  1.])
    """

    _kernel = MINIMUM


class RollingMax(Stream[np.float64]):
    """`kernels.rolling_max` of values as they arrive.

    Examples
    --------
    >>> maxima = RollingMax(2)
    >>> maxima.update([3.0, 1.0, 2.0])
    array([nan,  3.,  2.])
    """

    _kernel = MAXIMUM


class RollingVar(Stream[np.float64]):
    """`kernels.rolling_var` of values as they arrive, each at a cost that grows with the window.

    Examples
    --------
    >>> variances = RollingVar(2)
    >>> variances.update([1.0, 2.0, 4.0])
    array([nan, 0.5, 2. ])
    """

    def __init__(
        self,
        window: SupportsIndex,
        *,
        ddof: SupportsIndex = 1,
        min_count: SupportsIndex | None = None,
        min_periods: None = None,
    ) -> None:
        """Begin before the first value; the parameters are those of `kernels.rolling_var`."""
        self._kernel = Variance("rolling_var", ddof, rooted=False)
        super().__init__(window, min_count=min_count, min_periods=min_periods)


class RollingStd(Stream[np.float64]):
    """`kernels.rolling_std` of values as they arrive, each at a cost that grows with the window.

    Examples
    --------
    >>> deviations = RollingStd(2, ddof=0)
    >>> deviations.update([1.0, 2.0, 4.0])
    array([nan, 0.5, 1. ])
    """

    def __init__(
        self,
        window: SupportsIndex,
        *,
        ddof: SupportsIndex = 1,
        min_count: SupportsIndex | None = None,
        min_periods: None = None,
    ) -> None:
        """Begin before the first value; the parameters are those of `kernels.rolling_std`."""
        self._kernel = Variance("rolling_std", ddof, rooted=True)
        super().__init__(window, min_count=min_count, min_periods=min_periods)
