"""``python -m kernels`` tells which machine code is in use, and why."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from kernels._backend.artifacts import cache_folder, cpu_levels
from kernels._backend.compiled import BACKEND, REASON


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"no {package}"


def main() -> None:
    """Print it."""
    libraries = ", ".join(_version(package) for package in ("numpy", "numba", "llvmlite"))
    facts = {
        "backend": f"{BACKEND} ({REASON})",
        "cpu": f"{platform.machine()}, able to run {', '.join(cpu_levels())}",
        "versions": f"python {platform.python_version()}, {libraries}",
        "cache": cache_folder() or "none: no folder can be written to",
    }
    try:
        print("\n".join(f"{name + ':':<10}{fact}" for name, fact in facts.items()), flush=True)
    except BrokenPipeError:
        # A reader such as `head -1` has what it wants; the interpreter would complain of the rest at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
