"""The one door to machine code: every Numba option lives here."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def loop(function: F) -> F:
    """Compile a loop on its first call; no fastmath, IEEE division, no GIL."""
    return cast(F, numba.njit(cache=True, error_model="numpy", nogil=True)(function))
