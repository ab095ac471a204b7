"""The job as users run it: flags in; metrics, log and exit code out."""

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pytest

from mlops_task import __version__, cli

ROOT = Path(__file__).parents[1]
CONFIG = 'seed: 42\nwindow: {window}\nversion: "v1"\n'
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - [0-9a-f]{8} - (INFO|WARNING|ERROR) - .+")


class Folder:
    """A folder to run the job in, with a config, data and the files of an earlier run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data, self.config = path / "data.csv", path / "config.yaml"
        self.metrics, self.log = path / "metrics.json", path / "run.log"
        self.data.write_text(
            "timestamp,close\n2024-01-01,1.5\n2024-01-02,2.5\n2024-01-03,2.0\n2024-01-04,4\n"
        )
        self.config.write_text(CONFIG.format(window=2))
        self.metrics.write_text('{"earlier": "run"}')
        self.log.write_text("earlier run\n")

    def argv(self, *more: str | Path) -> list[str]:
        flags = [
            "--input",
            self.data,
            "--config",
            self.config,
            "--output",
            self.metrics,
            "--log-file",
            self.log,
        ]
        return [str(flag) for flag in [*flags, *more]]

    def run(self, *more: str | Path) -> int:
        return cli.main(self.argv(*more))

    def report(self) -> dict[str, object]:
        report = json.loads(self.metrics.read_bytes())
        assert isinstance(report, dict)
        return report

    def spawn(self, *more: str | Path, **options: object) -> "subprocess.Popen[bytes]":
        command = [sys.executable, str(ROOT / "cli.py"), *self.argv(*more)]
        pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, cwd=self.path, **{**pipe, **options})  # type: ignore[call-overload, no-any-return] # options of Popen


def open_when_read(pipe: Path, process: "subprocess.Popen[bytes]") -> BinaryIO:
    """Open a named pipe for writing as soon as the job has opened it for reading."""
    for _ in range(3000):
        assert process.poll() is None, "the job ended before it read its input"
        try:
            descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.01)
        else:
            os.set_blocking(descriptor, True)
            return os.fdopen(descriptor, "wb")
    raise AssertionError("the job did not read its input")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def failed(folder: Folder, captured: str) -> str:
    """Check the report of an error in all its places and return its message."""
    report = folder.report()
    assert list(report) == ["version", "status", "error_message"]
    assert report["status"] == "error"
    assert json.loads(captured) == report
    assert re.search(
        rf" - ERROR - {re.escape(str(report['error_message']))}$", folder.log.read_text(), re.MULTILINE
    )
    assert sorted(p.name for p in folder.path.iterdir()) == [
        "config.yaml",
        "data.csv",
        "metrics.json",
        "run.log",
    ]
    return str(report["error_message"])


def test_metrics_have_exactly_these_keys_in_this_order(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert folder.run() == 0
    report = folder.report()
    latency = report.pop("latency_ms")
    assert isinstance(latency, int)
    assert list(json.loads(folder.metrics.read_text())) == [
        *("version", "rows_processed", "metric", "value", "latency_ms", "seed", "status")
    ]
    assert report == {
        "version": "v1",
        "rows_processed": 4,
        "metric": "signal_rate",
        "value": 0.5,
        "seed": 42,
        "status": "success",
    }
    out, err = capsys.readouterr()
    assert out == folder.metrics.read_text()
    assert err == ""


def test_the_log_tells_the_run_line_by_line(folder: Folder) -> None:
    folder.run()
    earlier, *lines = folder.log.read_text(encoding="utf-8").splitlines()
    assert earlier == "earlier run"
    assert len({line.split(" - ")[1] for line in lines}) == 1
    assert all(LOG_LINE.fullmatch(line) for line in lines)
    got = [re.sub(r"\d+ms", "Nms", line.split(" - ", 2)[2]) for line in lines]
    assert got == [
        "INFO - Job started",
        "INFO - Config loaded: seed=42, window=2, version=v1",
        "INFO - Data loaded: 4 rows",
        "INFO - Rolling mean calculated with window=2",
        "INFO - Signals generated",
        "INFO - Metrics: signal_rate=0.5, rows_processed=4",
        "INFO - Time: startup=Nms, read=Nms, kernel=Nms, report=Nms",
        "INFO - Job completed successfully in Nms",
    ]


def test_verbose_sends_the_log_to_stderr_too(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.run("-v")
    assert capsys.readouterr().err == folder.log.read_text().removeprefix("earlier run\n")


EXPORT = {1: 0.0, 2: 0.5016, 5: 0.4967, 6: 0.495, 10: 0.4982, 20: 0.4969}  # a running sum: 0.4976 at 5


@pytest.mark.parametrize("window", EXPORT)
def test_a_spreadsheet_export_gives_the_rates_of_whole_cents(
    folder: Folder, spreadsheet_export: Path, window: int
) -> None:
    folder.data = spreadsheet_export
    folder.config.write_text(CONFIG.format(window=window))
    assert folder.run() == 0
    assert (folder.report()["rows_processed"], folder.report()["value"]) == (10000, EXPORT[window])


@pytest.mark.parametrize("window", [3, 7, 1000])
def test_the_sample_gives_what_exact_decimals_give(folder: Folder, window: int) -> None:
    folder.data = ROOT / "data.csv"
    folder.config.write_text(CONFIG.format(window=window))
    assert folder.run() == 0
    close = [Decimal(row.split(",")[4]) for row in folder.data.read_text().splitlines()[1:]]
    total, ones = Decimal(0), 0
    for i, value in enumerate(close):
        total += value - (close[i - window] if i >= window else 0)
        ones += i >= window - 1 and window * value > total
    assert folder.report()["value"] == round(ones / len(close), 4)


def test_pandas_agrees_where_no_tie_fools_it(folder: Folder) -> None:
    folder.data = ROOT / "data.csv"
    folder.config.write_text(CONFIG.format(window=50))
    folder.run()
    close = pd.read_csv(folder.data)["close"]
    signal = close > close.rolling(50).mean()
    assert folder.report()["value"] == pytest.approx(signal.mean(), abs=0.0002)


def test_two_runs_write_the_same_bytes_but_for_the_latency(folder: Folder) -> None:
    def run() -> bytes:
        folder.run()
        return re.sub(rb'("latency_ms": )\d+', rb"\1", folder.metrics.read_bytes())

    assert run() == run()


def test_missing_values_are_counted_and_warned_of(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.data.write_text("close\n1\nNA\n3\n4\n")
    assert folder.run() == 0
    assert (folder.report()["rows_processed"], folder.report()["value"]) == (4, 0.25)
    warning = "WARNING - 1 of 4 values of close are missing\n"
    assert warning in folder.log.read_text()
    assert warning in capsys.readouterr().err


BAD_INPUT = {
    "close\n": "has a header but no data rows",
    "close\nNA\nnan\n": "every value of close is missing, expected numbers",
    "close\n1\n": "has 1 row, fewer than the window of 2",
    "close\n1\nabc\n": "line 3: close is 'abc', expected a number",
    "": "is empty, expected a CSV header line",
}


@pytest.mark.parametrize("text", BAD_INPUT)
def test_bad_input_ends_with_4_and_a_sentence(
    folder: Folder, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    folder.data.write_text(text)
    assert folder.run() == 4
    out, err = capsys.readouterr()
    assert failed(folder, out) == f"{folder.data}: {BAD_INPUT[text]}"
    assert folder.report()["version"] == "v1"
    assert err.endswith(f" - ERROR - {folder.data}: {BAD_INPUT[text]}\n")
    assert "Traceback" not in folder.log.read_text()


def test_missing_input_ends_with_4(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.data.rename(folder.path / "gone")
    assert folder.run() == 4
    (folder.path / "gone").rename(folder.data)
    assert failed(folder, capsys.readouterr().out) == f"{folder.data}: no such input file"


def test_bad_config_ends_with_3(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.config.write_text("window: 5\n")
    assert folder.run() == 3
    expected = f"{folder.config}: required key 'seed' is missing; it must be an integer from 0 to 4294967295"
    assert failed(folder, capsys.readouterr().out) == expected
    assert folder.report()["version"] == "unknown"


def test_on_missing_error_ends_with_4(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.config.write_text(CONFIG.format(window=2) + "on_missing: error\n")
    folder.data.write_text("close\n1\n\n,\n".replace(",", '""'))
    assert folder.run() == 4
    expected = f"{folder.data}: line 4: close is missing (''), and on_missing is 'error'"
    assert failed(folder, capsys.readouterr().out) == expected


def test_unknown_flags_end_with_2(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.run("--window", "5") == 2
    assert failed(folder, capsys.readouterr().out) == "unknown arguments: --window 5 (see --help)"


def test_a_flag_without_value_ends_with_2_and_touches_no_file(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert folder.run("--input") == 2
    out, err = capsys.readouterr()
    message = "argument --input: expected at least one argument (see --help)"
    assert json.loads(out) == {"version": "unknown", "status": "error", "error_message": message}
    assert err.endswith(f" - ERROR - {message}\n")
    assert folder.report() == {"earlier": "run"}
    assert folder.log.read_text() == "earlier run\n"


@pytest.mark.parametrize(("written", "read"), [("--output", "--input"), ("--log-file", "--config")])
def test_a_report_never_replaces_what_the_job_reads(
    folder: Folder, capsys: pytest.CaptureFixture[str], written: str, read: str
) -> None:
    path = {"--input": folder.data, "--config": folder.config}[read]
    before = path.read_bytes()
    assert folder.run(written, path) == 2
    message = f"{written} and {read} are the same file, {path}"
    assert json.loads(capsys.readouterr().out)["error_message"] == message
    assert path.read_bytes() == before


def test_an_output_folder_that_is_absent_ends_with_5(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    output = folder.path / "no" / "metrics.json"
    assert folder.run("--output", output) == 5
    message = f"{output}: cannot be written: no such folder"
    assert json.loads(capsys.readouterr().out)["error_message"] == message
    assert folder.log.read_text().endswith(f" - ERROR - {message}\n")


def test_a_log_that_cannot_be_written_ends_with_5(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.run("--log-file", folder.path) == 5
    message = f"{folder.path}: the log cannot be written: is a directory"
    assert json.loads(capsys.readouterr().out)["error_message"] == message
    assert folder.report()["error_message"] == message


def test_an_output_that_is_a_device_is_written_to_and_not_replaced(folder: Folder) -> None:
    assert folder.run("--output", "/dev/null") == 0
    assert Path("/dev/null").is_char_device()


def test_an_output_that_is_a_link_stays_one(folder: Folder) -> None:
    target = folder.path / "target.json"
    folder.metrics.unlink()
    folder.metrics.symlink_to(target)
    assert folder.run() == 0
    assert folder.metrics.is_symlink()
    assert json.loads(target.read_bytes())["status"] == "success"


def test_what_nobody_foresaw_ends_with_1_and_a_traceback_in_the_log_only(
    folder: Folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug\nin two lines")

    monkeypatch.setattr("mlops_task.engines.local.Local.results", broken)
    assert folder.run() == 1
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert report["error_message"] == "unexpected error: ZeroDivisionError: a bug\\nin two lines"
    assert report["version"] == "v1"
    assert "Traceback" in folder.log.read_text()
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--keep-gonig"], "did you mean '--keep-going'? "),
        (["--inptu=a.csv", "-x"], "did you mean '--input'? "),
        (["extra", "--thread", "3"], "did you mean '--threads'? "),
        (["--bogus"], ""),
    ],
)
def test_a_mistyped_flag_is_told_what_was_meant(folder: Folder, words: list[str], hint: str) -> None:
    assert folder.run(*words) == 2
    assert folder.report()["error_message"] == f"unknown arguments: {' '.join(words)} ({hint}see --help)"


def test_help_lists_flags_defaults_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    for part in ("data.csv", "config.yaml", "metrics.json", "run.log", "exit codes", "130", "on_missing"):
        assert part in text


@pytest.mark.parametrize(
    ("front", "name", "example"),
    [
        ([ROOT / "cli.py"], "cli.py", "python cli.py"),
        (["-m", "mlops_task"], "mlops-task", "python -m mlops_task"),
    ],
)
def test_each_front_tells_its_name(front: list[str | Path], name: str, example: str) -> None:
    def told(flag: str) -> str:
        return subprocess.run(
            [sys.executable, *front, flag], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout

    assert told("--version") == f"{name} {__version__}\n"
    assert f"\n  {example} --input data.csv " in told("--help")


def test_a_console_script_counts_from_its_first_import(folder: Folder) -> None:
    code = "import sys, time; from mlops_task.__main__ import main; time.sleep(0.3); main()"
    command = [sys.executable, "-c", code, *folder.argv()]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert int(str(folder.report()["latency_ms"])) >= 300


def test_the_package_runs_from_any_folder(folder: Folder) -> None:
    command = [sys.executable, "-m", "mlops_task"]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.run(command, cwd=folder.path, env=env, capture_output=True, check=True)
    assert process.stdout == folder.metrics.read_bytes()


def test_without_flags_the_documented_names_are_used(folder: Folder) -> None:
    process = subprocess.run(
        [sys.executable, ROOT / "cli.py"], cwd=folder.path, capture_output=True, check=True
    )
    assert process.stdout == folder.metrics.read_bytes()
    assert process.stderr == b""
    assert json.loads(process.stdout)["value"] == 0.5


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_with_a_report(folder: Folder, number: signal.Signals, code: int) -> None:
    folder.data.unlink()
    os.mkfifo(folder.data)
    process = folder.spawn()
    with open_when_read(folder.data, process) as pipe:
        pipe.write(b"close\n1\n")
        pipe.flush()
        time.sleep(0.1)
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == code
    assert failed(folder, out.decode()) == f"interrupted by {number.name}"


def test_a_killed_run_leaves_the_files_of_the_one_before(folder: Folder) -> None:
    folder.data.unlink()
    os.mkfifo(folder.data)
    process = folder.spawn()
    with open_when_read(folder.data, process):
        process.kill()
        process.communicate(timeout=30)
    assert folder.report() == {"earlier": "run"}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_stdout_ends_with_5_and_says_so_in_the_report(folder: Folder) -> None:
    with Path("/dev/full").open("wb") as full:
        process = folder.spawn(stdout=full)
        err = process.communicate(timeout=30)[1].decode()
    assert process.returncode == 5
    message = "standard output cannot be written: no space left on device"
    assert folder.report() == {"version": "v1", "status": "error", "error_message": message}
    assert message in err
    assert "Traceback" not in err


def test_a_hard_link_to_the_input_is_not_written_to(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    link = folder.path / "link.log"
    link.hardlink_to(folder.data)
    before = folder.data.read_bytes()
    assert folder.run("--log-file", link) == 2
    assert "are the same file" in capsys.readouterr().out
    assert folder.data.read_bytes() == before


def test_an_output_pipe_that_nobody_reads_ends_with_5(folder: Folder) -> None:
    folder.metrics.unlink()
    os.mkfifo(folder.metrics)
    process = folder.spawn()
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 5
    assert json.loads(out)["error_message"].endswith("cannot be written: no such device or address")


def test_a_stdout_without_bytes_beneath_is_printed_to(folder: Folder) -> None:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert folder.run() == 0
    assert json.loads(out.getvalue()) == folder.report()


def test_a_signal_at_any_moment_ends_with_a_report_or_a_success(folder: Folder) -> None:
    for milliseconds in range(60, 600, 60):
        process = folder.spawn()
        time.sleep(milliseconds / 1000)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
        if process.returncode != -signal.SIGTERM:  # before the first line of the job, or after its last
            assert (process.returncode, json.loads(out)["status"]) in {(0, "success"), (143, "error")}
        assert b"Traceback" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_log_ends_with_5(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.run("--log-file", "/dev/full") == 5
    message = "/dev/full: the log cannot be written: no space left on device"
    assert json.loads(capsys.readouterr().out)["error_message"] == message


def test_a_closed_stdout_ends_with_5(folder: Folder) -> None:
    process = folder.spawn()
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 5
    assert folder.report()["error_message"] == "standard output cannot be written: broken pipe"
    assert b"Traceback" not in err


def test_a_strange_file_name_is_told_in_one_line(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    name = folder.path / "a\n2024 - ERROR - forged\udcff"
    folder.data = name
    assert folder.run() == 4
    out, err = capsys.readouterr()
    assert json.loads(out)["error_message"].endswith("a\\n2024 - ERROR - forged\\xff: no such input file")
    assert len(err.splitlines()) == 1


def test_an_unknown_backend_ends_with_2(folder: Folder) -> None:
    out, err = folder.spawn(env=os.environ | {"KERNELS_BACKEND": "bogus"}).communicate(timeout=60)
    message = "KERNELS_BACKEND must be native, jit or python, got 'bogus'"
    assert json.loads(out)["error_message"] == folder.report()["error_message"] == message
    assert (b"Traceback" in err, b"Traceback" in folder.log.read_bytes()) == (False, False)


def test_kernels_in_plain_python_are_told_and_count_the_same(folder: Folder) -> None:
    process = folder.spawn(env=os.environ | {"KERNELS_BACKEND": "", "NUMBA_DISABLE_JIT": "1"})
    out, err = process.communicate(timeout=60)
    assert (process.returncode, json.loads(out)["value"]) == (0, 0.5)
    message = "the kernels run as plain Python, many times slower: NUMBA_DISABLE_JIT is set"
    assert err.decode().strip().endswith(f"WARNING - {message}")
