"""What a type checker and `help` know of the public functions."""

import inspect
from collections.abc import Callable, Hashable
from typing import Any, Protocol, SupportsIndex, TypeVar, cast, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

F = TypeVar("F", bound=Callable[..., Any])


class _Rolling(Protocol):
    """Series and frames of pandas and dask, frames of polars, DataArrays: no array or list has this."""

    @property
    def rolling(self) -> Any: ...  # noqa: ANN401  a method of any kind


class _RollingMean(Protocol):
    """Series of polars."""

    @property
    def rolling_mean(self) -> Any: ...  # noqa: ANN401  likewise


class _ToPylist(Protocol):
    """Arrays and tables of Arrow."""

    @property
    def to_pylist(self) -> Any: ...  # noqa: ANN401  likewise


class _Rechunk(Protocol):
    """Arrays of dask."""

    @property
    def rechunk(self) -> Any: ...  # noqa: ANN401  likewise


Foreign = _Rolling | _RollingMean | _ToPylist | _Rechunk
"""What comes out as it came in, told by what it can do: its library need not be installed."""
Theirs = TypeVar("Theirs", bound=Foreign)


class Rolling(Protocol):
    """A function whose results are float32 where the values are, else float64."""

    __name__: str

    @overload
    def __call__(
        self,
        x: Theirs,
        window: SupportsIndex,
        *,
        min_count: SupportsIndex | None = None,
        axis: SupportsIndex = -1,
        threads: SupportsIndex = 1,
        dim: Hashable | None = None,
    ) -> Theirs: ...
    @overload
    def __call__(
        self,
        x: NDArray[np.float32],
        window: SupportsIndex,
        *,
        min_count: SupportsIndex | None = None,
        axis: SupportsIndex = -1,
        out: NDArray[np.float32] | None = None,
        threads: SupportsIndex = 1,
    ) -> NDArray[np.float32]: ...
    @overload
    def __call__(
        self,
        x: ArrayLike,
        window: SupportsIndex,
        *,
        min_count: SupportsIndex | None = None,
        axis: SupportsIndex = -1,
        out: NDArray[np.float64] | None = None,
        threads: SupportsIndex = 1,
    ) -> NDArray[np.float64]: ...


class Spread(Protocol):
    """A function whose results are floats, of so many degrees of freedom less."""

    __name__: str

    @overload
    def __call__(
        self,
        x: Theirs,
        window: SupportsIndex,
        *,
        ddof: SupportsIndex = 1,
        min_count: SupportsIndex | None = None,
        axis: SupportsIndex = -1,
        threads: SupportsIndex = 1,
        dim: Hashable | None = None,
    ) -> Theirs: ...
    @overload
    def __call__(
        self,
        x: NDArray[np.float32],
        window: SupportsIndex,
        *,
        ddof: SupportsIndex = 1,
        min_count: SupportsIndex | None = None,
        axis: SupportsIndex = -1,
        out: NDArray[np.float32] | None = None,
        threads: SupportsIndex = 1,
    ) -> NDArray[np.float32]: ...
    @overload
    def __call__(
        self,
        x: ArrayLike,
        window: SupportsIndex,
        *,
        ddof: SupportsIndex = 1,
        min_count: SupportsIndex | None = None,
        axis: SupportsIndex = -1,
        out: NDArray[np.float64] | None = None,
        threads: SupportsIndex = 1,
    ) -> NDArray[np.float64]: ...


class Signals(Protocol):
    """A function whose results are 0 and 1."""

    __name__: str

    @overload
    def __call__(
        self,
        x: Theirs,
        window: SupportsIndex,
        *,
        min_count: SupportsIndex | None = None,
        axis: SupportsIndex = -1,
        threads: SupportsIndex = 1,
        dim: Hashable | None = None,
    ) -> Theirs: ...
    @overload
    def __call__(
        self,
        x: ArrayLike,
        window: SupportsIndex,
        *,
        min_count: SupportsIndex | None = None,
        axis: SupportsIndex = -1,
        out: NDArray[np.int8] | None = None,
        threads: SupportsIndex = 1,
    ) -> NDArray[np.int8]: ...


def rolling(function: Callable[..., Any]) -> Rolling:
    """The function, typed and `shown`."""
    return cast("Rolling", shown(function))


def spread(function: Callable[..., Any]) -> Spread:
    """The function, typed and `shown`."""
    return cast("Spread", shown(function))


def signals(function: Callable[..., Any]) -> Signals:
    """The function, typed and `shown`."""
    return cast("Signals", shown(function))


def shown(function: F) -> F:
    """The function, whose `help` leaves out that it knows what pandas calls ``min_count``."""
    signature = inspect.signature(function)
    known = [each for name, each in signature.parameters.items() if name != "min_periods"]
    function.__signature__ = signature.replace(parameters=known)  # type: ignore[attr-defined]
    return function
