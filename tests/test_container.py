"""The image: the exact commands of the README, as any user. Skipped where no container engine answers."""

import gzip
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[1]


def docker(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `docker` from the project's root."""
    return subprocess.run(["docker", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module", autouse=True)
def image() -> None:
    """Build the image."""
    if not shutil.which("docker") or docker("info").returncode:
        pytest.skip("needs docker and its daemon")
    built = docker("build", "-t", "mlops-task", ".")
    assert not built.returncode, built.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder in which every user may write."""
    tmp_path.chmod(0o777)
    return tmp_path


@pytest.fixture
def container() -> Iterator[str]:
    """Return the name of a container that outlives its run until the end of the test."""
    name = "mlops-task-test"
    docker("rm", "--force", name)
    yield name
    docker("rm", "--force", name)


@pytest.mark.parametrize("user", [(), ("--user", "12345"), ("--user", "0")], ids=["default", "12345", "root"])
def test_the_job_runs_as_any_user(user: tuple[str, ...]) -> None:
    ran = docker("run", "--rm", *user, "mlops-task")
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert report.pop("latency_ms") > 0
    assert report == {
        "version": "v1",
        "rows_processed": 10_000,
        "metric": "signal_rate",
        "value": 0.5029,
        "seed": 42,
        "status": "success",
    }


def test_nothing_runs_as_root() -> None:
    assert docker("run", "--rm", "--entrypoint", "id", "mlops-task", "-u").stdout != "0\n"


@pytest.mark.parametrize(
    "limits",
    [("--network", "none"), ("--read-only",), ("--memory", "128m")],
    ids=["no network", "read-only", "little memory"],
)
def test_the_job_runs_shut_in(limits: tuple[str, ...]) -> None:
    flags = ("--output", "/out/metrics.json", "--log-file", "/out/run.log")
    ran = docker("run", "--rm", "--user", "12345", "--tmpfs", "/out", *limits, "mlops-task", *flags)
    if "cgroup" in ran.stderr or "multiple networks" in ran.stderr:
        pytest.skip(f"needs an engine that can limit memory, and has a network: {ran.stderr}")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["value"] == 0.5029


@pytest.mark.parametrize("form", ["csv.gz", "parquet"])
def test_the_image_reads_what_the_job_reads(form: str, folder: Path) -> None:
    closes = {"close": [1.0, 1.0, 1.0, 1.0, 2.0]}
    path = folder / f"bars.{form}"
    if form == "parquet":
        pq.write_table(pa.table(closes), path)
    else:
        path.write_bytes(gzip.compress(b"close\n1\n1\n1\n1\n2\n"))
    flags = ("--input", f"/mnt/{path.name}", "--output", "/mnt/metrics.json", "--log-file", "/mnt/run.log")
    ran = docker("run", "--rm", "--volume", f"{folder}:/mnt", "mlops-task", *flags)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["value"] == 0.2


def test_kernels_are_prebuilt_and_nothing_that_compiles_is_left() -> None:
    python = ("run", "--rm", "--entrypoint", "/venv/bin/python", "mlops-task")
    assert "native (_native_" in docker(*python, "-m", "kernels").stdout
    code = "import importlib.util, shutil; print(shutil.which('cc'), importlib.util.find_spec('numba'))"
    assert docker(*python, "-c", code).stdout == "None None\n"


def test_every_level_of_cpus_gives_the_same_bits() -> None:
    code = """
import hashlib, sys
from numpy._core._multiarray_umath import __cpu_features__ as features
features.update(dict.fromkeys(sys.argv[1:], False))
import numpy as np
import kernels
x = np.round(100 + np.random.default_rng(1).normal(0, 0.02, 20_000).cumsum(), 2)
x[5000:6000:7] = np.nan
digest = hashlib.sha256()
for function in (kernels.rolling_mean, kernels.rolling_std, kernels.rolling_min, kernels.above_mean):
    for window in (5, 50, 1000):
        digest.update(function(x, window, min_count=1).tobytes())
print(kernels.backend()[1].split()[0], digest.hexdigest())
"""
    run = ("run", "--rm", "--entrypoint", "/venv/bin/python", "mlops-task", "-c", code)
    v4, v3 = ("X86_V4", "AVX512_SKX"), ("X86_V3", "AVX2", "FMA3", "F16C")
    printed = [docker(*run, *without).stdout.split() for without in ((), v4, v4 + v3)]
    assert len({digest for _, digest in printed}) == 1
    assert "_x86_64_v3_" in printed[1][0]
    assert "_generic_" in printed[2][0]


def test_report_and_log_stand_in_the_working_folder(container: str, folder: Path) -> None:
    ran = docker("run", "--name", container, "mlops-task")
    for name in ("metrics.json", "run.log"):
        copied = docker("cp", f"{container}:/job/{name}", folder / name)
        assert not copied.returncode, copied.stderr
    assert (folder / "metrics.json").read_text() == ran.stdout
    assert "Job completed successfully" in (folder / "run.log").read_text()


def test_a_report_that_is_mounted_by_itself_is_left_as_it_was(folder: Path) -> None:
    report = folder / "metrics.json"
    report.write_text("{}")
    ran = docker("run", "--rm", "--user", "0", "--volume", f"{report}:/job/metrics.json", "mlops-task")
    assert ran.returncode == 5
    assert json.loads(ran.stdout)["error_message"] == (
        "metrics.json: cannot be written: is mounted by itself, so that nothing can take its place: "
        "mount its folder"
    )
    assert report.read_text() == "{}"


def test_flags_follow_the_name_of_the_image(folder: Path) -> None:
    (folder / "bars.csv").write_text("close\n1\n1\n1\n1\n2\n")
    flags = ("--input", "/mnt/bars.csv", "--output", "/mnt/metrics.json", "--log-file", "/mnt/run.log")
    ran = docker("run", "--rm", "--volume", f"{folder}:/mnt", "mlops-task", *flags)
    assert ran.returncode == 0, ran.stderr
    report = json.loads((folder / "metrics.json").read_text())
    assert (report["rows_processed"], report["value"]) == (5, 0.2)


def test_the_exit_code_is_that_of_the_job() -> None:
    ran = docker("run", "--rm", "mlops-task", "--config", "absent.yaml")
    assert ran.returncode == 3
    assert json.loads(ran.stdout) == {
        "version": "unknown",
        "status": "error",
        "error_message": "absent.yaml: no such config file",
    }
