"""Numba's options and its cache."""

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit, types
from numba.core import config as numba_config
from numba.core.caching import FunctionCache

from kernels._backend.artifacts import cache_folder

F = TypeVar("F", bound=Callable[..., Any])

config: Any = numba_config
Base: Any = FunctionCache

# IEEE arithmetic without fastmath, division without a branch; other threads run meanwhile.
OPTIONS: Any = {"error_model": "numpy", "nogil": True, "no_cfunc_wrapper": True}
compile_with: Any = njit  # its types leave out the options that name the wrappers
CACHE_FOLDER = cache_folder()


class TolerantCache(Base):  # type: ignore[misc]  # Numba's classes have no types
    """A cache on disk whose failures leave a function compiled in memory."""

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what the disk holds, if it is whole."""
        with contextlib.suppress(Exception):  # whatever a file cut short makes its reader say
            return super().load_overload(sig, target_context)

    def save_overload(self, sig: Any, data: Any) -> None:
        """Put it on disk, if there is room."""
        try:
            super().save_overload(sig, data)
        except Exception:  # noqa: BLE001  likewise, and then it starts anew
            with contextlib.suppress(OSError):
                self.flush()


def loop(signature: str) -> Callable[[F], F]:
    """Compile a loop on its first call from Python, or find it in the cache."""

    def compiled(function: F) -> F:
        dispatcher: Any = compile_with(**OPTIONS)(function)
        dispatcher.signature = signature
        compile_for = dispatcher.compile
        # a constant argument is an integer like any other: one compilation for all
        dispatcher.compile = lambda arguments: compile_for(tuple(map(types.unliteral, arguments)))
        if CACHE_FOLDER is not None:
            before, config.CACHE_DIR = config.CACHE_DIR, str(CACHE_FOLDER)
            with contextlib.suppress(OSError, RuntimeError):
                dispatcher._cache = TolerantCache(function)  # noqa: SLF001  Numba has no other way in
            config.CACHE_DIR = before
        return cast("F", dispatcher)

    return compiled


def inner(function: F) -> F:
    """Compile a part of loops, called by loops alone; for whatever types they call it with."""
    return cast("F", compile_with(**OPTIONS, no_cpython_wrapper=True)(function))


def inlined(function: F) -> F:
    """`inner`, and part of each caller whatever the compiler thinks of its size."""
    return cast("F", compile_with(**OPTIONS, no_cpython_wrapper=True, forceinline=True)(function))
