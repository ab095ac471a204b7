"""Compile the loops ahead of time into an extension module that needs no Numba to run.

``KERNELS_BACKEND=jit python -m kernels._backend.prebuilt`` puts one for this machine's CPU beside the
sources.
"""

import argparse
import importlib
import pkgutil
import sys
import tempfile
import warnings
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

from kernels._backend import compiled
from kernels._backend.artifacts import LEVELS, PACKAGE, PREFIX, cpu_levels, module_name


def loops() -> dict[str, Any]:
    """Return the loops that Python calls, by the names that `kernels._backend.compiled.loop` looks for."""
    modules = [
        importlib.import_module(f"kernels.{folder}.{module.name}")
        for folder in ("_drivers", "_text")
        for module in pkgutil.iter_modules([str(PACKAGE / folder)])
    ]
    found = [value for module in modules for value in vars(module).values() if hasattr(value, "signature")]
    return {compiled.prebuilt_name(loop.py_func): loop for loop in found}


def build(folder: Path, level: str) -> None:
    """Compile the entries for a level of CPUs, replacing what the folder holds for it."""
    from numba.core.caching import NullCache
    from numba.core.errors import NumbaPendingDeprecationWarning

    from kernels._backend.jit import OPTIONS, config

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NumbaPendingDeprecationWarning)  # the pin holds Numba where pycc is
        pycc: Any = importlib.import_module("numba.pycc")

    def flags() -> Any:
        """Add the options of the loops, which pycc does not ask for."""
        chosen = compiler_flags()
        chosen.error_model = OPTIONS["error_model"]
        chosen.release_gil = OPTIONS["nogil"]
        return chosen

    compiler_flags, pycc.compiler.Flags = pycc.compiler.Flags, flags
    name, cpu = module_name(level), level.replace("_", "-")
    # pycc takes the CPU for the entries only; what they call is compiled for that of the process.
    config.CPU_NAME, config.CPU_FEATURES = cpu, ""
    for loop in loops().values():
        loop.targetoptions["no_cpython_wrapper"] = True
        loop._cache = NullCache()  # noqa: SLF001  one that calls another must not find code for this process
    # What they call is linked into them, and never run in this process: no machine code for it alone.
    codegen: Any = importlib.import_module("numba.core.codegen")
    codegen.JITCodeLibrary._finalize_specific = lambda _library: None  # noqa: SLF001

    cc = pycc.CC(name)
    cc.target_cpu = cpu
    for name_within, loop in loops().items():
        cc.export(name_within, loop.signature)(loop.py_func)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as unfinished:
        cc.output_dir = unfinished
        cc.compile()
        for old in folder.glob(f"{PREFIX}{level}_*"):
            old.unlink()
        Path(unfinished, cc.output_file).replace(folder / f"{name}{EXTENSION_SUFFIXES[0]}")


def main() -> int:
    """Build one module, or say in a line why not."""
    parser = argparse.ArgumentParser(prog="python -m kernels._backend.prebuilt", description=__doc__)
    parser.add_argument("--folder", type=Path, default=PACKAGE)
    parser.add_argument("--level", choices=LEVELS, default=cpu_levels()[0])
    args = parser.parse_args()
    if compiled.BACKEND != "jit":
        parser.error(f"set KERNELS_BACKEND=jit to build from the loops, got {compiled.BACKEND}")
    print(f"compiling the kernels for {args.level}, once; this takes one to two minutes", file=sys.stderr)
    try:
        build(args.folder, args.level)
    except Exception as error:  # noqa: BLE001  no C compiler, headers or setuptools: each says so in its own way
        no_compiler = isinstance(error, RuntimeError)
        reason = "there is no working C and C++ compiler" if no_compiler else str(error).partition("\n")[0]
        print(f"nothing is prebuilt, Numba compiles the kernels on first use: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
