"""The one door to machine code: which backend, why, the same bits, and no harm on any machine."""

import os
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import numpy as np
import pytest

from kernels._backend import artifacts
from tests.test_cli import ROOT

TELL = "from kernels._backend import compiled; print(compiled.BACKEND, '|', compiled.REASON)"


def python(*arguments: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """Run Python with variables of the environment; no `KERNELS_BACKEND` unless given."""
    inherited = {name: value for name, value in os.environ.items() if name != "KERNELS_BACKEND"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=inherited | env,
        capture_output=True,
        text=True,
        check=False,
    )


def backend(code: str = TELL, cwd: Path = ROOT, **env: str) -> str:
    """What a program prints."""
    ran = python("-c", code, cwd=cwd, **env)
    assert not ran.returncode, ran.stderr
    return ran.stdout.strip()


@pytest.fixture(scope="module")
def native() -> None:
    """Skip where nothing is prebuilt."""
    if artifacts.prebuilt()[0] is None:
        pytest.skip(f"needs `make build`: {artifacts.prebuilt()[1]}")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder with a copy of the package, of which nothing is prebuilt."""
    copied = tmp_path / "bare"
    (copied / "kernels").mkdir(parents=True)
    for source in (ROOT / "kernels").rglob("*.py"):
        target = copied / source.relative_to(ROOT)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(source.read_bytes())
    return copied


@pytest.fixture
def read_only(bare: Path) -> Path:
    """The copy, where no folder can be written to, by whatever user."""
    for folder in (bare / "kernels", bare / "kernels/_drivers"):
        (folder / "__pycache__").write_text("no folder")
    return bare


@pytest.mark.usefixtures("native")
def test_prebuilt_kernels_need_neither_numba_nor_llvmlite() -> None:
    code = (
        "import kernels, sys; kernels.rolling_mean([1.0], 1); print({'numba', 'llvmlite'} & set(sys.modules))"
    )
    assert backend(code) == "set()"


@pytest.mark.usefixtures("native")
def test_the_run_on_the_sample_imports_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    code = "import sys; from mlops_task import cli; cli.main(sys.argv[1:]); print(*sys.modules)"
    ran = python("-c", code, "--output", tmp_path / "metrics.json", "--log-file", tmp_path / "run.log")
    imported = set(ran.stdout.splitlines()[-1].split())
    assert "kernels" in imported
    unneeded = {"numba", "llvmlite", "pandas", "polars", "pyarrow", "tqdm", "dask", "matplotlib", "scipy"}
    assert not unneeded & imported


@pytest.mark.usefixtures("native")
def test_prebuilt_and_just_compiled_kernels_agree_to_the_bit() -> None:
    code = "from tests.kernels.test_machine import digest; print(digest())"
    assert backend(code) == backend(code, KERNELS_BACKEND="jit")


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("wrong", ["x[::2]", "x.astype('>f8')", "x.astype('f4')", "x.reshape(2, 2)", "[1.0]"])
def test_a_prebuilt_loop_refuses_what_it_was_not_compiled_for(wrong: str) -> None:
    code = f"""
import numpy as np
from kernels._drivers.signals import count
x = np.ones(4)
for arguments in (({wrong}, 0, 2, 2), (x, 0, 2), (x, 0, 2.5, 2)):
    try:
        count(*arguments)
    except TypeError as error:
        print(error)
"""
    assert backend(code, KERNELS_BACKEND="native").splitlines() == [
        "a loop takes plain arrays of the types that it was compiled for",
        "_drivers_signals_count takes 4 arguments",
        "'float' object cannot be interpreted as an integer",
    ]


@pytest.mark.parametrize("wanted", ["jit", "python"])
def test_a_backend_can_be_forced(wanted: str) -> None:
    assert backend(KERNELS_BACKEND=wanted) == f"{wanted} | KERNELS_BACKEND={wanted}"


@pytest.mark.parametrize("wanted", ["Native", "numba"])
def test_an_unknown_backend_is_refused(wanted: str) -> None:
    ran = python("-c", TELL, KERNELS_BACKEND=wanted)
    assert ran.returncode == 1
    message = f"ImportError: KERNELS_BACKEND must be native, jit or python, got {wanted!r}"
    assert ran.stderr.splitlines()[-1] == message


def test_an_empty_variable_forces_no_backend() -> None:
    assert backend(KERNELS_BACKEND="") == backend()


@pytest.mark.parametrize(
    ("disabled", "wanted", "expected"),
    [
        ("1", "", "python | NUMBA_DISABLE_JIT is set"),
        ("1", "jit", "python | NUMBA_DISABLE_JIT is set"),
        ("0", "jit", "jit | KERNELS_BACKEND=jit"),
    ],
)
def test_disabling_numbas_compiler_takes_plain_python(disabled: str, wanted: str, expected: str) -> None:
    mean = "; import kernels; print(kernels.rolling_mean([1.0, 3.0], 2)[1])"
    got = backend(TELL + mean, NUMBA_DISABLE_JIT=disabled, KERNELS_BACKEND=wanted)
    assert got.splitlines() == [expected, "2.0"]


def test_without_numba_and_prebuilt_module_the_way_out_is_named(bare: Path) -> None:
    code = f"""
import sys
sys.modules["numba"] = None
{TELL}
"""
    ran = python("-c", code, cwd=bare)
    assert ran.stderr.splitlines()[-1] == (
        "ImportError: there is no prebuilt module, and Numba is not installed: "
        "install it, or set KERNELS_BACKEND=python"
    )


@pytest.mark.parametrize(
    ("features", "level"),
    [
        ({"X86_V4": True, "X86_V3": True}, "x86_64_v4"),
        ({"X86_V4": False, "X86_V3": True, "AVX512_SKX": True}, "x86_64_v3"),
        ({"AVX512_SKX": True, "AVX2": True, "FMA3": True, "F16C": True}, "x86_64_v4"),
        ({"AVX512_SKX": False, "AVX2": True, "FMA3": True, "F16C": True}, "x86_64_v3"),
        ({"AVX512_SKX": False, "AVX2": True, "FMA3": False, "F16C": True}, "generic"),
        ({}, "generic"),
    ],
)
def test_each_numpy_tells_the_level_of_the_cpu(features: dict[str, bool], level: str) -> None:
    code = f"""
from importlib import import_module
features = import_module("numpy._core._multiarray_umath").__cpu_features__
features.clear()
features.update({features})
from kernels._backend.artifacts import cpu_levels
print(cpu_levels()[0])
"""
    assert backend(code) == level


def test_without_a_prebuilt_module_numba_takes_over(bare: Path) -> None:
    assert backend(cwd=bare) == "jit | there is no prebuilt module"


def test_a_forced_native_backend_says_why_it_cannot_be(bare: Path) -> None:
    ran = python("-c", TELL, cwd=bare, KERNELS_BACKEND="native")
    reason = "KERNELS_BACKEND=native is not possible: there is no prebuilt module"
    assert ran.stderr.splitlines()[-1] == f"ImportError: {reason}"


def built(folder: Path, level: str, content: bytes = b"") -> Path:
    """Put a file in place of the prebuilt module of the copy."""
    code = f"from kernels._backend import artifacts; print(artifacts.module_name({level!r}))"
    name = backend(code, cwd=folder, KERNELS_BACKEND="python")
    path = folder / "kernels" / f"{name}{EXTENSION_SUFFIXES[0]}"
    path.write_bytes(content)
    return path


def test_a_module_from_other_sources_is_not_loaded(bare: Path) -> None:
    built(bare, "generic", b"would crash the loader")
    with (bare / "kernels/_drivers/sliding.py").open("a") as source:
        source.write("\n")
    assert backend(cwd=bare) == "jit | the prebuilt module stems from other sources"


def test_a_module_for_a_better_cpu_is_not_loaded(bare: Path) -> None:
    path = built(bare, "x86_64_v4", b"would crash the loader")
    code = f"""
from importlib import import_module
import_module("numpy._core._multiarray_umath").__cpu_features__.clear()
{TELL}
"""
    assert backend(code, cwd=bare) == "jit | the prebuilt module is for x86_64_v4, which this CPU is not"
    path.unlink()


def test_a_broken_module_is_not_used(bare: Path) -> None:
    built(bare, "generic", b"no shared library")
    assert backend(cwd=bare).startswith("jit | the prebuilt module cannot be loaded: ")


def test_where_nothing_can_be_written_numba_compiles_in_memory(read_only: Path) -> None:
    code = """
from kernels._backend import jit
from kernels._drivers.integers import statistics
import numpy as np
high, low, sums = np.zeros(3, np.int64), np.ones(3, np.int64), np.empty(3)
statistics(high, low, 0, 2, 1, 0, sums)
print(jit.CACHE_FOLDER, sums)
"""
    env = {"HOME": "/nonexistent/home", "XDG_CACHE_HOME": "/dev/null"}
    assert backend(code, cwd=read_only, KERNELS_BACKEND="jit", **env) == "None [1. 2. 2.]"


def test_a_long_call_lets_other_threads_run() -> None:
    code = """
import threading, time
import numpy as np
import kernels
x = np.random.default_rng(1).random(4_000_000)
kernels.rolling_mean(x[:100], 50)
call = threading.Thread(target=kernels.rolling_mean, args=(x, 50))
ticks, started = 0, time.perf_counter()
call.start()
while call.is_alive():
    time.sleep(0.0005)
    ticks += 1
print(ticks)
"""
    for wanted in ("native", "jit"):
        if wanted == "jit" or artifacts.prebuilt()[0]:
            assert int(backend(code, KERNELS_BACKEND=wanted)) > 3


def test_the_package_tells_what_it_runs_on() -> None:
    told = dict(
        line.split(": ", 1) for line in python("-m", "kernels", KERNELS_BACKEND="jit").stdout.splitlines()
    )
    assert told["backend"].strip() == "jit (KERNELS_BACKEND=jit)"
    assert f"numpy {np.__version__}" in told["versions"]
    assert set(told) == {"backend", "cpu", "versions", "cache"}


def test_a_reader_that_wants_no_more_is_no_error() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb") as pipe:
        told = subprocess.run(
            [sys.executable, "-m", "kernels"], cwd=ROOT, stdout=pipe, stderr=subprocess.PIPE, check=False
        )
    assert (told.returncode, told.stderr) == (0, b"")


def test_building_without_a_compiler_is_told_in_a_line(tmp_path: Path) -> None:
    build = ("-m", "kernels._backend.prebuilt", "--folder", tmp_path)
    ran = python(*build, KERNELS_BACKEND="jit", PATH=str(tmp_path))
    assert ran.returncode == 1
    reason = "there is no working C compiler"
    assert ran.stderr.splitlines()[1:] == [
        f"nothing is prebuilt, Numba compiles the kernels on first use: {reason}"
    ]
