"""What a type checker knows of the public functions: float32 gives float32, all else float64."""

import inspect
from collections.abc import Callable
from typing import Any, Protocol, SupportsIndex, TypeVar, cast, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels._arguments import Array

F = TypeVar("F", bound=Callable[..., Any])


class Rolling(Protocol):
    """A function whose results are floats."""

    __name__: str

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


class Signal(Protocol):
    """A function whose results are 1 and 0."""

    __name__: str

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


class Rate(Protocol):
    """A function whose result is a share."""

    __name__: str

    def __call__(
        self,
        x: ArrayLike,
        window: SupportsIndex,
        *,
        min_count: SupportsIndex | None = None,
        threads: SupportsIndex = 1,
    ) -> float: ...


def rolling(function: Callable[..., Array]) -> Rolling:
    """The function, typed."""
    return cast("Rolling", _shown(function))


def signal(function: Callable[..., Array]) -> Signal:
    """The function, typed."""
    return cast("Signal", _shown(function))


def rate(function: Callable[..., float]) -> Rate:
    """The function, typed."""
    return cast("Rate", _shown(function))


def _shown(function: F) -> F:
    """The function, whose `help` leaves out that it knows what pandas calls ``min_count``."""
    signature = inspect.signature(function)
    known = [each for name, each in signature.parameters.items() if name != "min_periods"]
    function.__signature__ = signature.replace(parameters=known)  # type: ignore[attr-defined]
    return function
