"""Builds a wheel that carries the kernels as machine code, or a pure one where there is no C compiler."""

import os
import platform
import runpy
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent
# By its path: the package itself imports NumPy, which need not be installed yet.
ARTIFACTS = runpy.run_path(str(ROOT / "kernels/_backend/artifacts.py"))


class BuildKernels(build_ext):
    """Has each prebuilt module made by a process of its own, which says in a line if it cannot be."""

    def build_extensions(self) -> None:
        """Build all at once."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(self.build_extension, self.extensions))

    def build_extension(self, ext: Extension) -> None:
        """Build one; without it, the next best or Numba takes its place."""
        folder = Path(self.get_ext_fullpath(ext.name)).parent.absolute()
        command = [
            sys.executable,
            "-m",
            "kernels._backend.prebuilt",
            "--folder",
            folder,
            "--level",
            ext.level,
        ]
        subprocess.run(command, cwd=ROOT, env=os.environ | {"KERNELS_BACKEND": "jit"}, check=False)


def extensions() -> list[Extension]:
    """Return a module for each level of CPUs."""
    if sys.platform == "win32":
        return []  # whose compilers and signals are others: the library runs there, compiled by Numba
    if not ARTIFACTS["linker"]():
        print(
            "no C compiler: the wheel is pure, Numba compiles the kernels on first use",
            file=sys.stderr,
        )
        return []
    levels = ARTIFACTS["LEVELS"] if platform.machine() in ("x86_64", "AMD64") else ["generic"]
    found = []
    for level in levels:
        extension = Extension(f"kernels.{ARTIFACTS['module_name'](level)}", sources=[], optional=True)
        extension.level = level
        found.append(extension)
    return found


def pins(*packages: str) -> list[str]:
    """Return what the one list of pins says of the packages."""
    pinned = (ROOT / "requirements.txt").read_text().splitlines()
    return [pin for pin in pinned if pin.partition("==")[0] in packages]


setup(
    ext_modules=extensions(),
    cmdclass={"build_ext": BuildKernels},
    setup_requires=pins("llvmlite", "numba", "numpy"),
)
