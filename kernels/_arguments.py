"""The one validator of the public functions."""

import operator
import sys
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt
from numpy import ndarray

Array = npt.NDArray[Any]

LONGEST = 2**31 - 1
MOST_THREADS = 1024

# The defaults, and nothing that merely equals them, such as True.
LAST = -1
ONE = 1

FLOAT = np.dtype(np.float64)
SINGLE = np.dtype(np.float32)


def is_single(dtype: np.dtype[Any]) -> bool:
    """Whether this is float32, of either byte order."""
    return dtype.kind == "f" and dtype.itemsize == SINGLE.itemsize


def check_window(window: int, min_count: int | None) -> tuple[int, int]:
    """Return ``window`` and ``min_count`` as plain integers, the latter defaulting to the window."""
    if type(window) is int and 1 <= window <= LONGEST and min_count is None:
        return window, window
    window = whole_number("window", window, LONGEST)
    if min_count is None:
        return window, window
    return window, whole_number("min_count", min_count, window)


def check_values(x: npt.ArrayLike) -> Array:
    """Return ``x`` as an array of floats, integers or booleans, in whatever layout it has."""
    masked = sys.modules.get("numpy.ma")  # importing it takes long, and without it x is none
    if masked is not None and isinstance(x, masked.MaskedArray):
        raise TypeError("x must not be a masked array, whose mask would be lost: fill it with NaN")
    values = np.asarray(x)
    if values.ndim == 0:
        raise ValueError("x must have at least one dimension, got none")
    if values.dtype.kind in "iub" or (values.dtype.kind == "f" and values.dtype.itemsize in {4, 8}):
        return values
    raise TypeError(f"x must hold float64, float32, integers or booleans, got {values.dtype}")


def is_plain(x: object) -> TypeGuard[Array]:
    """Whether the loops can take ``x`` as it is: a line of floats that numba need not tell apart."""
    return type(x) is ndarray and x.dtype is FLOAT and x.ndim == 1 and x.flags.carray


def check_series(x: npt.ArrayLike) -> Array:
    """Return ``x`` as `check_values` does, if it has one dimension."""
    values = check_values(x)
    if values.ndim != 1:
        raise ValueError(f"x must have one dimension, got {values.ndim}")
    return values


def check_axis(axis: int, dimensions: int) -> int:
    """Return ``axis`` counted from the front."""
    if dimensions == 1 and axis in (0, -1) and type(axis) is int:
        return 0
    place = _integer("axis", axis)
    if not -dimensions <= place < dimensions:
        raise ValueError(f"axis must be between {-dimensions} and {dimensions - 1}, got {place}")
    return place % dimensions


def check_out(out: Array | None, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
    """Return ``out``, or a new array if there is none."""
    if out is None:
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be an array, got {out!r}")
    if out.shape != shape:
        raise ValueError(f"out must have the shape {shape}, got {out.shape}")
    if out.dtype != dtype:
        raise TypeError(f"out must hold {np.dtype(dtype)}, got {out.dtype}")
    if not out.flags.writeable:
        raise ValueError("out must be writeable, got a read-only array")
    return out


def whole_number(name: str, value: object, highest: int) -> int:
    """Return ``value`` as a plain integer from 1 to ``highest``."""
    number = value if type(value) is int else _integer(name, value)
    if not 1 <= number <= highest:
        raise ValueError(f"{name} must be between 1 and {highest}, got {number}")
    return number


def _integer(name: str, value: object) -> int:
    if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None
