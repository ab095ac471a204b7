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
    from kernels._backend.artifacts import prebuilt

    native, why = prebuilt()
    if native:
        return "native", native, why
    if wanted == "native":
        raise ImportError(f"{forced} is not possible: {why}")
    return "jit", None, why


def prebuilt_name(function: Callable[..., Any]) -> str:
    """Return the name of a loop within the prebuilt module."""
    return f"{function.__module__}.{function.__name__}".removeprefix("kernels.").replace(".", "_")


BACKEND, _NATIVE, REASON = _choose(os.environ.get("KERNELS_BACKEND"))

if TYPE_CHECKING or BACKEND != "jit":

    def inner(function: F) -> F:
        """Mark a part of loops, called by loops alone and inlined; its types are those of its call."""
        return function

    def loop(_signature: str) -> Callable[[F], F]:
        """Mark a loop that Python calls, and the one signature that it is compiled for."""

        def compiled(function: F) -> F:
            if _NATIVE is None:
                return np.errstate(all="ignore")(function)
            return cast("F", getattr(_NATIVE, prebuilt_name(function), function))

        return compiled

else:
    from kernels._backend.jit import inner, loop

__all__ = ["BACKEND", "REASON", "inner", "loop", "prebuilt_name"]
