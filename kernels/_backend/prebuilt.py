"""Compile the loops ahead of time into an extension module that needs no Numba to run.

``KERNELS_BACKEND=jit python -m kernels._backend.prebuilt`` puts one for this machine's CPU beside the
sources.
"""

import argparse
import subprocess
import sys
import sysconfig
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from kernels._backend import compiled
from kernels._backend.artifacts import LEVELS, PACKAGE, PREFIX, cpu_levels, linker, module_name


def build(folder: Path, level: str) -> None:
    """Compile the loops for a level of CPUs, replacing what the folder holds for it."""
    from kernels._backend.objects import modules, object_files

    link = linker()
    if not link:
        raise OSError("there is no working C compiler")
    name = module_name(level)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=f"{PREFIX}unfinished_") as unfinished:
        work = Path(unfinished)
        with ProcessPoolExecutor() as pool:
            for files in pool.map(partial(object_files, level=level), modules()):
                for loop, code in files.items():
                    (work / f"{loop}.o").write_bytes(code)
        link_all(link, work, name)
        for old in folder.glob(f"{PREFIX}{level}_*"):
            old.unlink()
        (work / name).replace(folder / f"{name}{EXTENSION_SUFFIXES[0]}")


def link_all(link: list[str], work: Path, name: str) -> None:
    """Make a module of the object files in a folder and what Python calls."""
    import numpy as np

    from kernels._backend.glue import source
    from kernels._backend.objects import loops, modules, types

    signatures = {each: types(loop) for module in modules() for each, loop in loops(module).items()}
    (work / "module.c").write_text(source(name, signatures))
    includes = [f"-I{sysconfig.get_path('include')}", f"-I{np.get_include()}"]
    files = [str(work / "module.c"), *map(str, work.glob("*.o")), "-o", str(work / name)]
    command = [*link, "-O2", "-fPIC", "-fvisibility=hidden", *includes, *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"the C compiler says {done.stderr.strip().partition(chr(10))[0]}")


def main() -> int:
    """Build one module, or say in a line why not."""
    parser = argparse.ArgumentParser(prog="python -m kernels._backend.prebuilt", description=__doc__)
    parser.add_argument("--folder", type=Path, default=PACKAGE)
    parser.add_argument("--level", choices=LEVELS, default=cpu_levels()[0])
    args = parser.parse_args()
    if compiled.BACKEND != "jit":
        parser.error(f"set KERNELS_BACKEND=jit to build from the loops, got {compiled.BACKEND}")
    print(f"compiling the kernels for {args.level}, once; this takes about a minute", file=sys.stderr)
    try:
        build(args.folder, args.level)
    except Exception as error:  # noqa: BLE001 - no compiler, no headers: each says so in its own way
        reason = str(error).partition("\n")[0]
        print(f"nothing is prebuilt, Numba compiles the kernels on first use: {reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
