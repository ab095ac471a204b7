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
    home_of,
    is_plain,
    is_single,
    refuse_min_periods,
)
from kernels._conversions import as_floats, as_printed, narrow, needs_halves
from kernels._drivers.states import ROWS
from kernels._extrema import MAXIMUM, MINIMUM
from kernels._kernel import Kernel
from kernels._sums import MEAN, SUM
from kernels._types import Theirs
from kernels._variances import Variance

SHORT = 512  # rows that a line takes about as long to begin
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
        self._begin(self._kernel.start(self._window, self._min_count))

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
        return int(self._state[ROWS])

    @overload
    def update(self, values: Theirs) -> Theirs: ...
    @overload
    def update(self: "Stream[np.float64]", values: NDArray[np.float32]) -> NDArray[np.float32]: ...
    @overload
    def update(self, values: ArrayLike) -> NDArray[Result]: ...
    def update(self, values: Any) -> Any:
        """Take values in and return the results of their rows.

        Parameters
        ----------
        values
            A one-dimensional array or series, or a single number.

        Returns
        -------
        array
            One result per value, of the type that the function gives.

        Raises
        ------
        TypeError, ValueError
            If the values are not what an array function takes, or integers that no float64 holds. Nothing is
            taken in then.
        RuntimeError
            If another thread is at it.
        """
        turns = self._turn  # not `_alone`, which would take longer than most of the rest
        try:
            turn = turns.pop()
        except IndexError:
            raise RuntimeError(NOT_ALONE) from None
        try:
            if type(values) is float:
                out = empty(1, self._result)
                step = self._step
                out[0] = step(self._address, values)
                return out
            line, single = (values, False) if is_plain(values) else self._line(values)
            out = self._update(line)
        finally:
            turns.append(turn)
        if line is values:
            return out
        if single:
            wide, out = out, empty(len(out), SINGLE)
            narrow(wide, out)
        home = home_of(values)
        return out if home is None else home.like(values, out)

    def peek(self, value: float) -> float:
        """Return the result if this value came next, and leave the state as it is."""
        line, single = self._line(value)
        if np.ndim(value) or len(line) != 1:
            raise TypeError(f"value must be a single number, got {value!r}")
        with self._alone():
            window, others = self._state[-self._window :], self._state[: -self._window]
            kept, place = others.copy(), self.rows % self._window
            oldest = window[place]
            out = np.array([self._step(self._address, float(line[0]))], self._result)
            others[:], window[place] = kept, oldest
        if single:
            target = empty(1, SINGLE)
            narrow(out, target)
            out = target
        result: float = out[0].item()
        return result

    def copy(self) -> Self:
        """Return a stream in the same state that goes its own way."""
        return copy.copy(self)

    def __getstate__(self) -> dict[str, Any]:
        with self._alone():
            others = {"_address", "_step", "_result", "_turn"}
            held = {name: value for name, value in vars(self).items() if name not in others}
            return held | {"_state": self._state.copy()}

    def __setstate__(self, held: dict[str, Any]) -> None:
        vars(self).update(held)
        self._begin(held["_state"])

    def _begin(self, state: Array) -> None:
        """Go on from a state."""
        self._state, self._address = state, state.ctypes.data
        self._step, self._result = self._kernel.step, self._kernel.result
        self._turn = [True]  # held by whoever is at work: a lock that takes a tenth of the time

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._window}, min_count={self._min_count}) after {self.rows} rows"

    def _update(self, line: Array) -> Array:
        kernel, rows = self._kernel, len(line)
        out = empty(rows, kernel.result)
        if rows >= kernel.windows_as_line * (self._window + SHORT):
            near = np.concatenate((*self._lead(), line))
            kernel.lines(near, 1, len(near) - rows, self._window, self._min_count, out)
            kernel.skip(self._address, line)
        else:
            kernel.steps(self._address, line, out)
        return out

    def _lead(self) -> tuple[Array, Array]:
        """Return the values that a window of the next one has, the oldest first, in two parts."""
        window, rows = self._state[-self._window :].view(FLOAT), self.rows
        place = rows % self._window
        return window[place + 1 :][: rows - place], window[:place]

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
    """`kernels.rolling_var` of values as they arrive.

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
    """`kernels.rolling_std` of values as they arrive.

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
