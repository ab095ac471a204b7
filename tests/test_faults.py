"""Dying machines: real processes that are ended, starved or run into each other."""

import importlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_task.errors import InputError, Interrupted
from mlops_task.interrupts import interruptible, signals_restored
from tests import local
from tests.test_cli import ROOT, Folder, open_when_read

WINDOW_5 = 'seed: 42\nwindow: 5\nversion: "v1"\n'


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "long.csv"
    command = [sys.executable, "-m", "benchmarks.generate", str(path), "--rows", "400000"]
    subprocess.run(command, cwd=ROOT, check=True)
    return path


@pytest.fixture
def folder(tmp_path: Path, long_file: Path) -> Folder:
    folder = Folder(tmp_path)
    folder.config.write_text(WINDOW_5)
    folder.data.unlink()
    folder.data = long_file
    return folder


def files(folder: Folder) -> set[str]:
    return {path.name for path in folder.path.iterdir()}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_at_any_moment_leaves_whole_files(folder: Folder, number: signal.Signals) -> None:
    signals = folder.path / "signals.csv"
    signals.write_text("an,earlier,table\n")
    moments = random.Random(number)  # noqa: S311 - moments, not secrets
    for _ in range(6):
        process = folder.spawn("--signals", signals)
        time.sleep(moments.uniform(0.05, 1.2))
        process.send_signal(number)
        process.communicate(timeout=60)
        report = folder.report()
        assert report == {"earlier": "run"} or report["status"] in {"success", "error"}
        rows = signals.read_bytes().count(b"\n")
        assert rows in {1, 400_001}
        assert signals.read_bytes().endswith(b"\n")
        if number == signal.SIGTERM:
            assert files(folder) == {"config.yaml", "metrics.json", "run.log", "signals.csv"}
            # Before its first line and after its last, the job leaves signals to the interpreter.
            assert process.returncode in {0, 143, -signal.SIGTERM}


def interrupted(made_of_it: type[Exception] | None, *, and_asked: bool = False) -> None:
    """Hide an interruption, as NumPy's import does that makes an ImportError of whatever comes."""
    with signals_restored(), interruptible() as check:
        check()
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except Interrupted:
            if made_of_it is not None:
                raise made_of_it("could not import datetime") from None
        if and_asked:
            check()
            pytest.fail("the run went on")


def test_an_import_is_not_interrupted_but_what_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\nwhole = True\n"
    (tmp_path / "struck.py").write_text(body)
    monkeypatch.syspath_prepend(tmp_path)

    def imported_and_waiting() -> None:
        with signals_restored(), interruptible():
            importlib.import_module("struck")
            time.sleep(30)

    with pytest.raises(Interrupted, match="interrupted by SIGTERM"):
        imported_and_waiting()
    assert sys.modules.pop("struck").whole


@pytest.mark.parametrize("place", ["llvmlite/hook.py", "distributed/gc.py"])
def test_a_callback_that_would_lose_it_is_not_interrupted_but_what_follows(
    tmp_path: Path, place: str
) -> None:
    body = "import os, signal\n\ndef callback():\n    os.kill(os.getpid(), signal.SIGTERM)\n    return True\n"
    names = {"__name__": "callbacks"}
    exec(compile(body, tmp_path / place, "exec"), names)  # noqa: S102 - in a file of that name
    whole = []

    def called_and_waiting() -> None:
        with signals_restored(), interruptible():
            whole.append(names["callback"]())  # type: ignore[operator]
            time.sleep(30)

    with pytest.raises(Interrupted, match="interrupted by SIGTERM"):
        called_and_waiting()
    assert whole == [True]


@pytest.mark.parametrize("made_of_it", [None, ImportError, InputError])
def test_an_interruption_that_a_library_hides_is_told_again(made_of_it: type[Exception] | None) -> None:
    with pytest.raises(Interrupted, match="SIGTERM"):
        interrupted(made_of_it)


def test_an_interruption_that_nobody_told_ends_the_run_at_the_next_part() -> None:
    with pytest.raises(Interrupted, match="SIGTERM"):
        interrupted(None, and_asked=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_ends_with_5_and_a_sentence(folder: Folder, small_disk: Path) -> None:
    signals = small_disk / "signals.parquet"
    assert folder.run("--signals", signals) == 5
    message = str(folder.report()["error_message"])
    assert message.startswith(f"{signals}: cannot be written: ")
    assert "no space left on device" in message.lower()
    assert not list(small_disk.iterdir())


def test_metrics_on_a_full_disk_end_with_5_and_leave_the_old(folder: Folder, small_disk: Path) -> None:
    output = small_disk / "metrics.json"
    output.write_text("{}")
    (small_disk / "filler").write_bytes(b"x" * (256 * 1024 - 8192))
    (small_disk / "filler2").write_bytes(b"x" * 4096)
    assert folder.run("--output", output) == 5
    assert output.read_text() == "{}"
    assert {path.name for path in small_disk.iterdir()} == {"metrics.json", "filler", "filler2"}


def test_a_file_size_limit_ends_with_5(folder: Folder) -> None:
    process = folder.spawn(
        "--signals",
        folder.path / "signals.csv",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    _, err = process.communicate(timeout=60)
    assert process.returncode == 5
    assert b"Traceback" not in err
    assert "file too large" in str(folder.report()["error_message"]).lower()
    assert files(folder) == {"config.yaml", "metrics.json", "run.log"}


def test_a_folder_that_vanishes_ends_with_5(folder: Folder) -> None:
    output = folder.path / "out" / "metrics.json"
    output.parent.mkdir()
    pipe = folder.path / "pipe"
    os.mkfifo(pipe)
    folder.data = pipe
    process = folder.spawn("--output", output)
    with open_when_read(pipe, process) as data:
        output.parent.rmdir()
        data.write(b"close\n" + b"1\n2\n" * 10)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 5
    assert json.loads(out)["error_message"] == f"{output}: cannot be written: no such folder"
    assert b"Traceback" not in err


def test_an_input_that_vanishes_is_an_error(folder: Folder, long_file: Path) -> None:
    copy = folder.path / "copy.csv"
    copy.write_bytes(long_file.read_bytes())
    first, second, *_ = local.cut(copy)
    assert list(first.chunks())
    copy.unlink()
    with pytest.raises(InputError, match=r"^was removed while it was read$"):
        list(second.chunks())


def test_standard_input_that_ends_in_the_middle_of_a_line_is_what_it_is(folder: Folder) -> None:
    folder.data = Path("-")
    process = folder.spawn(stdin=subprocess.PIPE)
    out, _ = process.communicate(b"a,close\n" + b"x,1.5\n" * 10 + b"x", timeout=60)
    assert process.returncode == 4
    expected = "standard input: line 12: expected 2 fields as in the header, got 1: 'x'"
    assert json.loads(out)["error_message"] == expected


def test_a_slow_pipe_is_waited_for(folder: Folder) -> None:
    folder.data = Path("-")
    process = folder.spawn(stdin=subprocess.PIPE)
    assert process.stdin is not None
    data = (ROOT / "data.csv").read_bytes()[:200_000]
    data = data[: data.rindex(b"\n") + 1]
    for start in range(0, len(data), 20_000):
        process.stdin.write(data[start : start + 20_000])
        process.stdin.flush()
        time.sleep(0.02)
    out, _ = process.communicate(timeout=60)
    assert json.loads(out)["rows_processed"] == data.count(b"\n") - 1


def test_two_runs_with_the_same_outputs_leave_one_whole_report(folder: Folder) -> None:
    signals = folder.path / "signals.csv"
    processes = [folder.spawn("--signals", signals) for _ in range(3)]
    for process in processes:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        assert json.loads(out)["status"] == "success"
    assert folder.report()["status"] == "success"
    assert signals.read_bytes().count(b"\n") == 400_001
    assert files(folder) == {"config.yaml", "metrics.json", "run.log", "signals.csv"}


def test_memory_stays_under_300_mb_with_signals_out(folder: Folder) -> None:
    code = (
        "import sys, pathlib; from mlops_task import cli; code = cli.main(sys.argv[1:]);"
        "status = pathlib.Path('/proc/self/status').read_text();"
        "print(status.split('VmHWM:')[1].split()[0], file=sys.stderr); sys.exit(code)"
    )
    argv = folder.argv("--signals", folder.path / "signals.parquet")
    process = subprocess.run(
        [sys.executable, "-c", code, *argv], cwd=ROOT, capture_output=True, check=True, timeout=120
    )
    assert int(process.stderr.split()[-1]) < 300 * 1024


def test_the_job_runs_in_a_thread_too(folder: Folder) -> None:
    codes = []
    thread = threading.Thread(target=lambda: codes.append(folder.run()))
    thread.start()
    thread.join(60)
    assert codes == [0]
