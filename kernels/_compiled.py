"""The one door to machine code: every Numba option lives here."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import config as numba_config
from numba.core.caching import FunctionCache, NullCache
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., Any])

config: Any = numba_config
Base: Any = FunctionCache

INTERPRETED = bool(config.DISABLE_JIT)


class TolerantCache(Base):  # type: ignore[misc]  # Numba's classes have no types
    """A cache on disk whose failures leave a function compiled in memory."""

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        try:
            return super().load_overload(signature, target_context)
        except Exception:  # noqa: BLE001  whatever is wrong with a file of the cache, compiling mends it
            return None

    def save_overload(self, signature: Any, data: Any) -> None:
        try:
            super().save_overload(signature, data)
        except OSError:
            return


def cache_folder() -> Path | None:
    """A writeable folder for code compiled from just these sources, None if there is none.

    Numba itself looks at one source file per function only, not at the loops that it calls.
    """
    package = Path(__file__).parent
    sources = [package / "_compiled.py", *sorted((package / "_loops").glob("*.py"))]
    fingerprint = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    user = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  never raises
    for base in [Path(chosen)] if chosen else [package / "__pycache__", Path(user, "kernels")]:
        try:
            folder = base / f"numba-{fingerprint}"
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


CACHE_FOLDER = None if INTERPRETED else cache_folder()


def loop(signature: str) -> Callable[[F], F]:
    """Compile a loop for one signature, on its first call; IEEE division, no fastmath, no GIL."""

    def compiled(function: F) -> F:
        function.__signature_text__ = signature  # type: ignore[attr-defined]
        dispatcher: Any = njit(error_model="numpy", nogil=True)(function)
        if CACHE_FOLDER is not None:
            before, config.CACHE_DIR = config.CACHE_DIR, str(CACHE_FOLDER)
            try:
                dispatcher._cache = TolerantCache(function)  # noqa: SLF001  Numba has no other way in
            except (OSError, RuntimeError):
                dispatcher._cache = NullCache()  # noqa: SLF001
            finally:
                config.CACHE_DIR = before
        return cast(F, dispatcher)

    return compiled


if INTERPRETED:

    def fma(x: float, y: float, z: float) -> float:
        """``x * y + z``, rounded once."""
        exact = Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z))
        return exact.numerator / exact.denominator

    def bits(x: float) -> int:
        """The 64 bits of a float, as an integer."""
        return int(np.float64(x).view(np.int64))

    def from_bits(n: int) -> float:
        """The float of 64 bits."""
        return float(np.int64(n).view(np.float64))

else:

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
