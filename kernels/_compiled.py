"""The one door to machine code: prebuilt if it fits, else compiled by Numba.

``KERNELS_BACKEND`` forces one: ``native`` (prebuilt), ``jit`` (Numba) or ``python`` (no machine code at all).
"""

import os
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])


def _choose(wanted: str | None) -> tuple[str, ModuleType | None, str]:
    """Return the backend, its module and why it is that one."""
    forced = f"KERNELS_BACKEND={wanted}"
    if wanted not in (None, "native", "jit", "python"):
        raise ImportError(f"KERNELS_BACKEND must be native, jit or python, got {wanted!r}")
    if wanted in ("jit", "python"):
        return wanted, None, forced
    from kernels._artifacts import prebuilt

    native, why = prebuilt()
    if native:
        return "native", native, why
    if wanted == "native":
        raise ImportError(f"{forced} is not possible: {why}")
    return "jit", None, why


def prebuilt_name(function: Callable[..., Any]) -> str:
    """Return the name of a loop within the prebuilt module."""
    return f"{function.__module__.rpartition('.')[2]}_{function.__name__}"


def uncompiled(function: F) -> F:
    """The plain Python of a loop that does nothing itself but call others: not worth a compilation."""
    return cast("F", getattr(function, "py_func", function))


BACKEND, _NATIVE, REASON = _choose(os.environ.get("KERNELS_BACKEND"))

if TYPE_CHECKING or BACKEND != "jit":
    from kernels._interpreted import (
        all_of,
        all_words,
        any_bits,
        as_reals,
        as_wholes,
        bits,
        eight,
        fma,
        from_bits,
        fused,
        last,
        last_eight,
        last_sixteen,
        last_word,
        lower_halves,
        prefetch,
        present,
        put,
        put_signals,
        put_signs,
        where_enough,
    )

    def loop(_signature: str, *, entry: bool = False, inlined: bool = False) -> Callable[[F], F]:
        """Mark a hot loop and the one signature that it is compiled for; an entry is called from Python."""
        del entry, inlined

        def compiled(function: F) -> F:
            if _NATIVE is None:
                return np.errstate(all="ignore")(function)
            return cast("F", getattr(_NATIVE, prebuilt_name(function), function))

        return compiled

else:
    from kernels._lanes import (
        all_of,
        all_words,
        any_bits,
        as_reals,
        as_wholes,
        eight,
        fused,
        last,
        last_eight,
        last_sixteen,
        last_word,
        lower_halves,
        present,
        put,
        put_signals,
        put_signs,
        where_enough,
    )
    from kernels._numba import bits, fma, from_bits, loop, prefetch

__all__ = [
    "BACKEND",
    "REASON",
    "all_of",
    "all_words",
    "any_bits",
    "as_reals",
    "as_wholes",
    "bits",
    "eight",
    "fma",
    "from_bits",
    "fused",
    "last",
    "last_eight",
    "last_sixteen",
    "last_word",
    "loop",
    "lower_halves",
    "prefetch",
    "present",
    "put",
    "put_signals",
    "put_signs",
    "uncompiled",
    "where_enough",
]
