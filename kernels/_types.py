"""What a type checker and `help` know of the public functions."""

import inspect
from collections.abc import Callable
from typing import Any, Protocol, SupportsIndex, TypeVar, cast, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

F = TypeVar("F", bound=Callable[..., Any])


class Rolling(Protocol):
    """A function whose results are float32 where the values are, else float64."""

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


class Spread(Protocol):
    """A function whose results are floats, of so many degrees of freedom less."""

    __name__: str

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


def rolling(function: Callable[..., Any]) -> Rolling:
    """The function, typed and `shown`."""
    return cast("Rolling", shown(function))


def spread(function: Callable[..., Any]) -> Spread:
    """The function, typed and `shown`."""
    return cast("Spread", shown(function))


def shown(function: F) -> F:
    """The function, whose `help` leaves out that it knows what pandas calls ``min_count``."""
    signature = inspect.signature(function)
    known = [each for name, each in signature.parameters.items() if name != "min_periods"]
    function.__signature__ = signature.replace(parameters=known)  # type: ignore[attr-defined]
    return function
