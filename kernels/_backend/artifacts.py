"""What is made from the loops and lies on disk, named after its sources: prebuilt modules and the cache."""

import os
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import source_hash
from pathlib import Path
from types import ModuleType

PACKAGE = Path(__file__).parents[1]
LOOPS = ("_backend/*.py", "_drivers/*.py", "_exact/*.py", "_statistics/*.py", "_text/*.py")
PREFIX = "_native_"

# What a prebuilt module may demand of a CPU, best first, and the features that tell: NumPy's own name of the
# level since 2.4, before it those that no CPU has without the rest of the level.
LEVELS = {
    "x86_64_v4": (("X86_V4",), ("AVX512_SKX",)),
    "x86_64_v3": (("X86_V3",), ("AVX2", "FMA3", "F16C")),
    "generic": ((),),
}


def fingerprint(*patterns: str) -> str:
    """Return 16 hexadecimal digits of the sources that match."""
    sources = [source for pattern in patterns for source in sorted(PACKAGE.glob(pattern))]
    return source_hash(b"".join(source.read_bytes() for source in sources)).hex()


def cpu_levels() -> list[str]:
    """Return the levels that this CPU can run, best first."""
    features = import_module("numpy._core._multiarray_umath").__cpu_features__

    def can_run(level: str) -> bool:
        known = next((names for names in LEVELS[level] if features.keys() >= set(names)), ("none of them",))
        return all(features.get(name) for name in known)

    return list(filter(can_run, LEVELS))


def module_name(level: str) -> str:
    """Return the name of the module that stems from these sources."""
    return f"{PREFIX}{level}_{fingerprint(*LOOPS)}"


def prebuilt() -> tuple[ModuleType | None, str]:
    """Return the best module that stems from these sources and runs on this CPU, and why it or none."""
    name = module_name("{}")
    for level in cpu_levels():
        try:
            module = import_module(f"kernels.{name.format(level)}")
        except ModuleNotFoundError:
            continue
        except ImportError as error:
            return None, f"the prebuilt module cannot be loaded: {error}"
        return module, f"{Path(str(module.__file__)).name} stems from these sources"
    return None, _why_not(name)


def _why_not(name: str) -> str:
    built = [path.name.partition(".")[0] for path in PACKAGE.glob(f"{PREFIX}*{EXTENSION_SUFFIXES[0]}")]
    for level in LEVELS:
        if name.format(level) in built:
            return f"the prebuilt module is for {level}, which this CPU is not"
    return "the prebuilt module stems from other sources" if built else "there is no prebuilt module"


def linker() -> list[str]:
    """Return the command that makes a module as those of this Python were made; none without a C compiler."""
    import shlex
    import shutil
    import sysconfig

    command = shlex.split(sysconfig.get_config_var("LDSHARED") or "cc -shared")
    return command if shutil.which(command[0]) else []


def cache_folder() -> Path | None:
    """Return a folder for code compiled from these sources, which can be written to; None if there is none.

    Numba itself looks at one source file per function only, not at the loops that it calls.
    """
    import tempfile

    chosen = os.environ.get("NUMBA_CACHE_DIR")
    user = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111  never raises
    name = f"numba-{fingerprint(*LOOPS)}"
    for base in [Path(chosen)] if chosen else [PACKAGE / "__pycache__", Path(user, "kernels")]:
        folder = base / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None
