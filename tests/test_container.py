"""The image: the exact commands of the README, as any user. Skipped where no container engine answers."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

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


def test_report_and_log_stand_in_the_working_folder(container: str, folder: Path) -> None:
    ran = docker("run", "--name", container, "mlops-task")
    for name in ("metrics.json", "run.log"):
        copied = docker("cp", f"{container}:/job/{name}", folder / name)
        assert not copied.returncode, copied.stderr
    assert (folder / "metrics.json").read_text() == ran.stdout
    assert "Job completed successfully" in (folder / "run.log").read_text()


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
