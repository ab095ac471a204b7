"""All that is Numba's: its options, its cache, and the primitives of the loops as machine instructions."""

import contextlib
from collections.abc import Callable
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core import config as numba_config
from numba.core.caching import FunctionCache
from numba.extending import intrinsic

from kernels._artifacts import cache_folder

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


def loop(signature: str, *, entry: bool = False, inlined: bool = False) -> Callable[[F], F]:
    """Compile a loop on its first call, or find it in the cache.

    An entry can be called from Python; other loops by loops only, which spares their wrappers. What is
    inlined becomes part of each caller, whatever the compiler thinks of its size.
    """

    def compiled(function: F) -> F:
        dispatcher: Any = compile_with(**OPTIONS, no_cpython_wrapper=not entry, forceinline=inlined)(function)
        dispatcher.signature = signature
        dispatcher.entry = entry
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


@intrinsic
def fma(typing: Any, x: Any, y: Any, z: Any) -> Any:
    """``x * y + z``, rounded once."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fma(*args)

    return types.float64(types.float64, types.float64, types.float64), generate


@intrinsic
def bits(typing: Any, x: Any) -> Any:
    """The 64 bits of a float, as an integer."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def from_bits(typing: Any, n: Any) -> Any:
    """The float of 64 bits."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), generate


@intrinsic
def prefetch(typing: Any, x: Any, i: Any) -> Any:
    """Ask for the memory of ``x[i]``, which need not exist, and go on at once."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        pointer = builder.bitcast(builder.gep(data, [args[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [pointer.type, number, number, number])
        insert: Any = cgutils.get_or_insert_function
        call = insert(builder.module, kind, "llvm.prefetch.p0")
        builder.call(call, [pointer, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(x, types.int64), generate
