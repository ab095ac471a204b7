"""The one validator of the public functions."""

import operator

import numpy as np
import numpy.typing as npt


def check_window(window: int, min_count: int | None) -> tuple[int, int]:
    """Return ``window`` and ``min_count`` as plain integers, the latter defaulting to the window."""
    window = _integer("window", window)
    if window < 1:
        raise ValueError(f"window must be at least 1, got {window}")
    if min_count is None:
        return window, window
    min_count = _integer("min_count", min_count)
    if not 1 <= min_count <= window:
        raise ValueError(f"min_count must be between 1 and the window, {window}, got {min_count}")
    return window, min_count


def check_values(x: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return ``x`` as a contiguous one-dimensional float64 array."""
    values = np.ascontiguousarray(x, dtype=np.float64)
    if np.ndim(x) != 1:
        raise ValueError(f"x must have one dimension, got {np.ndim(x)}")
    return values


def _integer(name: str, value: object) -> int:
    try:
        if isinstance(value, bool):
            raise TypeError
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(f"{name} must be an integer, got {value!r}") from None
