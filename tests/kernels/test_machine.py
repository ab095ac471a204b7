"""The loops without machine code, from machine code, and where machine code cannot be kept."""

import doctest
import hashlib
import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kernels
import mlops_task
from kernels._backend import artifacts
from kernels.functions import TABLE
from tests.kernels.cases import catalogue, prices

ROOT = Path(__file__).parents[2]


def digest() -> str:
    """A fingerprint of the results of all functions on the whole catalogue."""
    bits = hashlib.sha256()
    arrays = [*catalogue(120).values(), prices(100, 2, 1).astype(np.float32), 2**60 + np.arange(50) % 7]
    for x in arrays:
        for window, min_count in ((1, 1), (4, 2), (4, 4), (30, 30), (30, 1)):
            for row in TABLE:
                bits.update(row.function(x, window, min_count=min_count).tobytes())
            bits.update(np.float64(kernels.signal_rate(x, window, min_count=min_count)).tobytes())
            if x.dtype != np.int64:
                for row in TABLE:
                    fed = row.stream(window, min_count=min_count)
                    for chunk in np.split(x, [1, 2, 60]):
                        bits.update(fed.update(chunk).tobytes())
    return bits.hexdigest()


def run(code: str, *, folder: Path = ROOT, **environment: str) -> str:
    """Output of a new interpreter."""
    merged = {**os.environ, "PYTHONWARNINGS": "error", **environment}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=merged, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_loops_give_the_same_bits_as_plain_python() -> None:
    code = "from tests.kernels.test_machine import digest; print(digest())"
    assert run(code, KERNELS_BACKEND="python") == digest()


MEAN_ABOVE = """
import numba, numpy as np
from kernels.loops import MEANS, signals, statistics

@numba.njit
def mean_above(x, window):
    means = np.empty(x.shape)
    above = np.empty(x.shape, np.int8)
    statistics(x, 0, window, window, MEANS, means)
    signals(x, 0, window, window, above)
    return means[above == 1].mean()

print(mean_above(np.arange(50.0) % 7, 5))
"""


def test_the_loops_can_be_called_from_compiled_code() -> None:
    x = np.arange(50.0) % 7
    expected = kernels.rolling_mean(x, 5)[kernels.above_mean(x, 5) == 1].mean()
    assert float(run(MEAN_ABOVE, KERNELS_BACKEND="jit")) == pytest.approx(expected, rel=1e-12)


def test_prebuilt_loops_are_refused_to_compiled_code_with_the_way_out() -> None:
    if artifacts.prebuilt()[0] is None:
        pytest.skip(f"needs `make build`: {artifacts.prebuilt()[1]}")
    code = "try: import kernels.loops\nexcept ImportError as error: print(error)"
    assert run(code, KERNELS_BACKEND="native") == (
        "kernels.loops must be compiled together with your code, got prebuilt ones: "
        "set KERNELS_BACKEND=jit in the environment before the first import of kernels"
    )


FORKED = """
import os, numpy as np, kernels
x = np.arange(100_000.0)
wanted = kernels.rolling_mean(x, 5, threads=2)
child = os.fork()
if not child:
    os._exit(0 if kernels.rolling_mean(x, 5, threads=2)[4:].tobytes() == wanted[4:].tobytes() else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_a_process_that_was_forked_has_threads_of_its_own() -> None:
    assert run(FORKED, PYTHONWARNINGS="ignore") == "0"


def test_the_library_has_the_version_of_the_job() -> None:
    assert kernels.__version__ == mlops_task.__version__


def test_the_example_of_the_loops_holds() -> None:
    code = "import doctest, kernels.loops; print(doctest.testmod(kernels.loops).failed)"
    assert run(code, KERNELS_BACKEND="jit") == "0"


@pytest.mark.parametrize("module", ["rolling", "signals", "streams", "summary"])
def test_the_examples_of_the_docstrings_hold(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"kernels.{module}")).failed == 0


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    code = "import kernels._backend.artifacts as a; print(a.cache_folder())"
    assert run(code, NUMBA_CACHE_DIR=str(blocked)) == "None"


def test_a_spoilt_cache_is_done_without(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "kernels", tmp_path / "kernels", ignore=shutil.ignore_patterns("__pycache__"))
    code = (
        "from kernels._drivers.integers import statistics as f; import numpy as np; "
        "n = np.ones(3, np.int64); o = np.ones(3); f(0 * n, n, 0, 2, 1, 0, o); print(o.tolist())"
    )
    assert run(code, folder=tmp_path, KERNELS_BACKEND="jit") == "[1.0, 2.0, 2.0]"
    files = [*tmp_path.rglob("*.nbi"), *tmp_path.rglob("*.nbc")]
    assert files
    for file in files:
        file.write_bytes(b"spoilt")
    assert run(code, folder=tmp_path, KERNELS_BACKEND="jit") == "[1.0, 2.0, 2.0]"


def test_a_changed_loop_is_compiled_anew(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "kernels", tmp_path / "kernels", ignore=shutil.ignore_patterns("__pycache__"))
    code = "import kernels._backend.artifacts as a; print(a.cache_folder().name)"
    before = run(code, folder=tmp_path, KERNELS_BACKEND="jit")
    loop = tmp_path / "kernels/_exact/grid.py"
    loop.write_text(loop.read_text() + "\n")
    assert run(code, folder=tmp_path, KERNELS_BACKEND="jit") != before
