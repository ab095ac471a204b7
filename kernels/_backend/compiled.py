"""The one door to machine code: prebuilt if it fits, else compiled by Numba.

``KERNELS_BACKEND`` forces one: ``native`` (prebuilt), ``jit`` (Numba) or ``python`` (no machine code at all).
``NUMBA_DISABLE_JIT=1`` asks for ``python`` too, unless another is forced.
"""

import os
from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])


def _choose(environ: Mapping[str, str]) -> tuple[str, ModuleType | None, str]:
    """Return the backend, its module and why it is that one."""
    wanted = environ.get("KERNELS_BACKEND", "")
    forced = f"KERNELS_BACKEND={wanted}"
    if wanted not in ("", "native", "jit", "python"):
        raise _refused(f"KERNELS_BACKEND must be native, jit or python, got {wanted!r}")
    uncompiled = environ.get("NUMBA_DISABLE_JIT", "") not in ("", "0")
    if wanted == "python" or (uncompiled and wanted != "native"):
        return "python", None, forced if wanted == "python" else "NUMBA_DISABLE_JIT is set"
    why = forced
    if wanted != "jit":
        from kernels._backend.artifacts import prebuilt

        native, why = prebuilt()
        if native:
            return "native", native, why
        if wanted == "native":
            raise _refused(f"{forced} is not possible: {why}")
    if find_spec("numba") is None:
        raise _refused(f"{why}, and Numba is not installed: install it, or set KERNELS_BACKEND=python")
    return "jit", None, why


def _refused(why: str) -> ImportError:
    """The error of an import that the environment makes impossible; its name tells it from others."""
    return ImportError(why, name="KERNELS_BACKEND")


def prebuilt_name(function: Callable[..., Any]) -> str:
    """Return the name of a loop within the prebuilt module."""
    return f"{function.__module__}.{function.__name__}".removeprefix("kernels.").replace(".", "_")


BACKEND, _NATIVE, REASON = _choose(os.environ)


def backend() -> tuple[str, str]:
    """Return what runs the kernels, ``native``, ``jit`` or ``python``, and why it is that one."""
    return BACKEND, REASON


class _Table:
    """Numbers that are made when Python looks one up."""

    def __init__(self, numbers: Callable[[], Any]) -> None:
        self._numbers = cache(numbers)

    def __getitem__(self, index: object) -> Any:
        return self._numbers()[index]


def table(numbers: Callable[[], Any]) -> Any:
    """Return an array of numbers that loops look up; a prebuilt module has them without making them."""
    return _Table(numbers) if _NATIVE else numbers()


if TYPE_CHECKING or BACKEND != "jit":

    def inner(function: F) -> F:
        """Mark a part of loops, called by loops alone and inlined; its types are those of its call."""
        return function

    inlined = inner

    def loop(_signature: str) -> Callable[[F], F]:
        """Mark a loop that Python calls, and the one signature that it is compiled for."""

        def compiled(function: F) -> F:
            if _NATIVE is None:
                return np.errstate(all="ignore")(function)
            return cast("F", getattr(_NATIVE, prebuilt_name(function), function))

        return compiled

else:
    from kernels._backend.jit import inlined, inner, loop

__all__ = ["BACKEND", "REASON", "backend", "inlined", "inner", "loop", "prebuilt_name", "table"]
