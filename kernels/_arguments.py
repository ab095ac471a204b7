"""The one validator of the public functions: what comes out of it is plain, or was refused."""

import operator
import sys
from collections.abc import Hashable, Sequence
from functools import cache
from importlib import import_module
from numbers import Number
from typing import Any, NoReturn, SupportsIndex, TypeGuard, cast

import numpy as np
import numpy.typing as npt
from numpy import ndarray

Array = npt.NDArray[Any]

LONGEST = 2**31 - 1
MOST_THREADS = 1024
EXACT_IN_FLOATS = 2**53

# The defaults, and nothing that merely equals them, such as True.
LAST = -1
ONE = 1

FLOAT = np.dtype(np.float64)
SINGLE = np.dtype(np.float32)

TAKEN = "an array, a series or a list of numbers"
WAY_OUT = {
    "object": ": convert Decimals and None to floats and NaN",
    "float16": ": convert it to float32, x.astype('f4')",
}


HOMES = {
    "dask.array": "dask_arrays",
    "dask.dataframe": "dask_frames",
    "pandas": "pandas",
    "polars": "polars",
    "pyarrow": "pyarrow",
    "xarray": "xarray",
}
"""Which module of `kernels._foreign` takes what is of another library."""


def home_of(x: object) -> Any:  # noqa: ANN401  a module, with functions that a protocol would repeat
    """Return the module for a series, frame or labelled array of another library; None for all else."""
    return _home(type(x))  # type: ignore[arg-type] # which mypy takes for one that cannot be hashed


@cache
def _home(kind: Hashable) -> Any:  # noqa: ANN401  likewise
    for base in cast("type", kind).__mro__:
        for library, name in HOMES.items():
            if f"{base.__module__}.".startswith(f"{library}."):
                module = import_module(f"kernels._foreign.{name}")
                return module if issubclass(base, module.TAKEN) else None
    return None


def kind_of(x: object) -> str:
    """Return what a user calls the type of a thing."""
    return f"{type(x).__module__.partition('.')[0]}.{type(x).__name__}".removeprefix("builtins.")


def is_single(dtype: np.dtype[Any]) -> bool:
    """Whether this is float32, of either byte order."""
    return dtype.kind == "f" and dtype.itemsize == SINGLE.itemsize


def check_window(window: SupportsIndex, min_count: SupportsIndex | None) -> tuple[int, int]:
    """Return ``window`` and ``min_count`` as plain integers, the latter defaulting to the window."""
    if type(window) is int and 1 <= window <= LONGEST and min_count is None:
        return window, window
    window = whole_number("window", window, LONGEST)
    if min_count is None:
        return window, window
    return window, whole_number("min_count", min_count, window)


def check_values(x: object, name: str = "x") -> Array:
    """Return ``x`` as a plain array of floats, integers or booleans, in whatever layout it has."""
    values = x if type(x) is ndarray else _plain(x, name)
    if values.dtype.kind in "iub" or (values.dtype.kind == "f" and values.dtype.itemsize in {4, 8}):
        if values.ndim == 0:
            raise ValueError(f"{name} must have at least one dimension, got none")
        return values
    return refuse_kind(str(values.dtype), name)


def refuse_kind(kind: str, name: str) -> NoReturn:
    """Refuse values that are no numbers, or none that are exact here."""
    way_out = WAY_OUT.get(kind, "")
    raise TypeError(f"{name} must hold float64, float32, integers or booleans, got {kind}{way_out}")


def _plain(x: Any, name: str) -> Array:  # noqa: ANN401  anything may come
    """Return ``x`` as an array of the base class, to which a loop can be trusted."""
    if isinstance(x, np.ndarray):
        refuse_special(x, name)
        return np.asarray(x)
    kind = kind_of(x)
    if is_frame(x):
        raise TypeError(f"{name} must be a series or an array, got {kind}: take a column, {name}['close']")
    home = home_of(x)
    if home is not None:
        return np.asarray(home.numbers(x, name))
    if isinstance(x, (str, bytes, bytearray)) or not (
        hasattr(x, "__array__") or hasattr(x, "__array_interface__") or isinstance(x, Sequence | Number)
    ):
        raise TypeError(f"{name} must be {TAKEN}, got {kind}")
    try:
        values = np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name} must be {TAKEN}, got {kind}: {error}") from None
    return exact(values, x, name)


def is_frame(x: object) -> bool:
    """Whether ``x`` has columns, of which none is meant before all others."""
    names = {"columns", "column_names", "data_vars"} & set(dir(type(x)))
    return bool(names) and not hasattr(type(x), "collect") and getattr(x, "ndim", 2) != 1


def exact(values: Array, x: Any, name: str) -> Array:  # noqa: ANN401  anything may come
    """Refuse floats that were made of integers with nulls, if they are not the integers."""
    refuse_special(values, name)
    kind = str(getattr(x, "dtype", getattr(x, "type", "")))
    if values.dtype.kind == "f" and "int" in kind.lower() and (np.abs(values) >= EXACT_IN_FLOATS).any():
        raise ValueError(
            f"{name} must not hold nulls among integers of 2**53 or more, got {kind}: fill or drop the nulls"
        )
    return np.asarray(values)


def refuse_special(x: object, name: str) -> None:
    """Refuse arrays that mean something else than their elements in their places."""
    masked = sys.modules.get("numpy.ma")  # importing it takes long, and without it x is none
    kind = getattr(masked, "MaskedArray", None)  # there is none yet while another thread imports it
    if kind is not None and isinstance(x, kind):
        raise TypeError(f"{name} must not be a masked array, whose mask would be lost: fill it with NaN")
    if isinstance(x, np.matrix):
        raise TypeError(f"{name} must not be a matrix, whose rows are matrices: make it an array, {name}.A")


def is_plain(x: object) -> TypeGuard[Array]:
    """Whether the loops can take ``x`` as it is: a line of floats that numba need not tell apart."""
    return type(x) is ndarray and x.dtype is FLOAT and x.ndim == 1 and x.flags.carray


def check_series(x: object, name: str = "x") -> Array:
    """Return ``x`` as `check_values` does, if it has one dimension."""
    values = check_values(x, name)
    if values.ndim != 1:
        raise ValueError(f"{name} must have one dimension, got {values.ndim}")
    return values


def check_axis(axis: SupportsIndex, dimensions: int) -> int:
    """Return ``axis`` counted from the front."""
    if dimensions == 1 and axis in (0, -1) and type(axis) is int:
        return 0
    place = _integer("axis", axis)
    if not -dimensions <= place < dimensions:
        raise ValueError(f"axis must be between {-dimensions} and {dimensions - 1}, got {place}")
    return place % dimensions


def check_out(out: object, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """Return ``out`` as an array of the base class, or a new array if there is none."""
    if out is None:
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be an array, got {out!r}")
    refuse_special(out, "out")
    if out.shape != shape:
        raise ValueError(f"out must have the shape {shape}, got {out.shape}")
    if out.dtype != dtype:
        raise TypeError(f"out must hold {dtype}, got {out.dtype}")
    if not out.flags.writeable:
        raise ValueError("out must be writeable, got a read-only array")
    return np.asarray(out)


def refuse_min_periods(value: object) -> None:
    """Refuse what pandas calls it, with its name here."""
    if value is not None:
        raise TypeError(f"min_periods is called min_count here: give min_count={value!r}")


def whole_number(name: str, value: object, highest: int, *, lowest: int = 1) -> int:
    """Return ``value`` as a plain integer from ``lowest`` to ``highest``."""
    number = value if type(value) is int else _integer(name, value)
    if not lowest <= number <= highest:
        raise ValueError(f"{name} must be between {lowest} and {highest}, got {number}")
    return number


def _integer(name: str, value: object) -> int:
    if isinstance(value, bool | np.bool_) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None
