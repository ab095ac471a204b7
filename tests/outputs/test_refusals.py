"""What a run must not write to, by whatever name, and how it writes to the rest."""

import json
import os
import resource
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from mlops_task.outputs.files import descriptor_of, obstacle, replacing
from tests.test_cli import LOG_LINE, ROOT, Folder, open_when_read

BARS = "timestamp,close\na,1.5\nb,2.5\nc,2.0\nd,4\n"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    bars = tmp_path / "bars"
    bars.mkdir()
    for name in ("a", "b"):
        (bars / f"{name}.csv").write_text(BARS)
    (tmp_path / "hard").hardlink_to(bars / "b.csv")
    (tmp_path / "soft").symlink_to(bars / "b.csv")
    (tmp_path / "to_bars").symlink_to(bars)
    return folder


def contents(folder: Folder) -> dict[str, bytes]:
    """All data and configuration there is."""
    kept = [folder.data, folder.config, *sorted((folder.path / "bars").iterdir())]
    return {str(path.relative_to(folder.path)): path.read_bytes() for path in kept}


def shell(folder: Folder, command: str) -> "subprocess.CompletedProcess[str]":
    """Run a line of the shell in the folder, where `job` is the job."""
    line = command.replace("job", f'"{sys.executable}" "{ROOT / "cli.py"}"')
    return subprocess.run(
        ["bash", "-c", line], cwd=folder.path, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("config", ["config.yaml", "missing.yaml"])
@pytest.mark.parametrize("flag", ["--output", "--log-file", "--signals", "--breakdown"])
@pytest.mark.parametrize("given", ["bars", "to_bars", "bars/*.csv", "**/b.csv", "bars/b.csv", "soft"])
@pytest.mark.parametrize("written", ["bars/b.csv", "./to_bars/../bars/b.csv", "hard", "soft"])
def test_what_is_read_is_never_written_to(
    folder: Folder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    config: str,
    flag: str,
    given: str,
    written: str,
) -> None:
    monkeypatch.chdir(folder.path)
    folder.data, folder.config = Path(given), Path(config)
    before = (folder.path / "bars/b.csv").read_bytes()
    assert folder.run(flag, written, "--force") == 2
    assert (folder.path / "bars/b.csv").read_bytes() == before
    message = json.loads(capsys.readouterr().out)["error_message"]
    assert message == f"{flag} and --input are the same file, {Path(written)}"


@pytest.mark.parametrize(
    "command",
    [
        "job --input - --output data.csv < data.csv",
        "job --input - --log-file /dev/stdin < data.csv",
        "job --inputs data.csv --output data.csv",
        "job --inputs=data.csv --output data.csv",
        "job --inputs bars --log-file bars/b.csv",
        "job --input data.csv >> data.csv",
        "job --input data.csv 2>> data.csv",
        "job --input bars --window 3 >> bars/b.csv 2>&1",
        "job --input bars --output /dev/fd/7 7>> bars/b.csv",
        "job --input /dev/fd/7 --output data.csv 7< data.csv",
        "job data.csv --input >> data.csv",
        "job --input data.csv --threads x >> data.csv 2>> data.csv",
        "job --config data.csv --output data.csv",
        "job --input data.csv --output config.yaml",
        "job < data.csv >> data.csv",
        "job --input 'bars/[b].csv' nothing/* --output bars/b.csv",
        "job --input nothing bars --output bars/b.csv",
    ],
)
def test_no_redirection_and_no_mistyped_flag_destroys_what_is_read(folder: Folder, command: str) -> None:
    before = contents(folder)
    assert shell(folder, command).returncode == 2
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("bars", "bars/s.csv"),
        ("to_bars", "bars/s.csv"),
        ("bars", "to_bars/s.csv"),
        ("bars/*", "bars/s.csv"),
        ("b*s/*.csv", "bars/s.csv"),
        ("**/*.csv", "bars/s.csv"),
        ("bars/**", "bars/s.csv"),
        ("*.csv", "s.csv"),
    ],
)
def test_what_would_be_read_the_next_time_is_refused(
    folder: Folder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: str,
    written: str,
) -> None:
    monkeypatch.chdir(folder.path)
    folder.data = Path(given)
    assert folder.run("--signals", written) == 2
    message = json.loads(capsys.readouterr().out)["error_message"]
    assert message == f"--signals {written} would be read by --input {given} the next time"
    assert not (folder.path / written).exists()


@pytest.mark.parametrize(
    ("given", "written"), [("bars", "bars/metrics.json"), ("bars/*.csv", "s.csv"), ("bars", "bars/.s.csv")]
)
def test_what_would_not_be_read_may_stand_beside(folder: Folder, given: str, written: str) -> None:
    for _ in range(2):
        assert shell(folder, f"job --input '{given}' --output {written}").returncode == 0


def test_two_outputs_are_two_files(folder: Folder) -> None:
    out = shell(folder, "job --output o.txt > o.txt").stdout
    assert out == ""
    message = json.loads((folder.path / "o.txt").read_text())["error_message"]
    assert message == "--output and standard output are the same file, o.txt"
    assert shell(folder, "job --output both --log-file both").returncode == 2
    assert not (folder.path / "both").exists()


def test_a_log_may_be_where_standard_output_is_appended_to(folder: Folder) -> None:
    assert shell(folder, "job --log-file all >> all 2>&1").returncode == 0
    text = (folder.path / "all").read_text()
    assert folder.metrics.read_text() in text
    assert "Job completed" in text
    assert shell(folder, "job --log-file all > all").returncode == 2


DATA = {
    b"a,b\n1,2\n": "CSV",
    b"https://www.example.com\nunix,close\n": "CSV",
    b'\xef\xbb\xbf"time;close"\r1;2\r': "CSV",
    b"PAR1....": "Parquet",
    b"ARROW1..": "Arrow",
    b"\x1f\x8b..": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh9": "bzip2",
    b"SQLite format 3\0....": "binary",
}


@pytest.mark.parametrize("flag", ["--output", "--log-file"])
@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("code", [0, 3])
def test_a_report_or_log_takes_the_place_of_data_only_by_force(
    folder: Folder, capsys: pytest.CaptureFixture[str], flag: str, data: bytes, code: int
) -> None:
    path = folder.path / "other"
    path.write_bytes(data)
    if code:
        folder.config.write_text("nonsense")
    assert folder.run(flag, path) == 5
    message = f"{path}: holds data ({DATA[data]}), which {flag} would destroy; --force allows it"
    assert json.loads(capsys.readouterr().out)["error_message"] == message
    assert path.read_bytes() == data
    assert folder.run(flag, path, "--force") == code
    assert path.read_bytes() != data


@pytest.mark.parametrize("old", ["", "{}", "[1, 2]", "prose\n", "2026-01-01 10:00:00,123 - INFO - a, b\n"])
def test_reports_and_logs_are_replaced_and_appended_to(folder: Folder, old: str) -> None:
    folder.metrics.write_text(old)
    folder.log.write_text(old)
    assert folder.run() == 0
    assert folder.log.read_text().startswith(old)


@pytest.mark.parametrize("flag", ["--signals", "--breakdown"])
def test_tables_take_the_place_of_tables_only(
    folder: Folder, capsys: pytest.CaptureFixture[str], flag: str
) -> None:
    path = folder.path / "table.csv"
    for _ in range(2):
        assert folder.run(flag, path) == 0
    path.write_text("notes of mine\n")
    capsys.readouterr()
    assert folder.run(flag, path) == 5
    message = f"{path}: holds no table that {flag} may replace; --force allows it"
    assert json.loads(capsys.readouterr().out)["error_message"] == message
    assert path.read_text() == "notes of mine\n"
    assert folder.run(flag, path, "--force") == 0


def test_a_report_keeps_its_mode_and_its_owner(folder: Folder) -> None:
    folder.metrics.chmod(0o640)
    signals = folder.path / "s.csv"
    signals.write_text("a,b\n")
    signals.chmod(0o600)
    if os.geteuid() == 0:
        os.chown(folder.metrics, 1234, 4321)
    before = folder.metrics.stat()
    assert folder.run("--signals", signals) == 0
    after = folder.metrics.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)
    assert stat.S_IMODE(signals.stat().st_mode) == 0o600


@pytest.mark.parametrize("flag", ["--output", "--log-file", "--signals", "--breakdown"])
def test_a_write_protected_file_is_refused_before_anything_is_read(
    folder: Folder, capsys: pytest.CaptureFixture[str], flag: str
) -> None:
    path = folder.path / "protected.csv"
    path.write_text("")
    path.chmod(0o444)
    folder.config.unlink()
    assert folder.run(flag, path) == 5
    what = "the log cannot" if flag == "--log-file" else "cannot"
    message = f"{path}: {what} be written: is write-protected"
    assert json.loads(capsys.readouterr().out)["error_message"] == message


@pytest.mark.parametrize("flag", ["--output", "--log-file", "--signals", "--breakdown"])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no/x.csv", "no such folder"),
        ("x" * 300 + ".csv", "file name too long"),
        ("y/" * 2500 + "x.csv", "file name too long"),
        ("data.csv/x.csv", "not a directory"),
        ("loop.csv", "too many levels of symbolic links"),
        ("bars", "is a directory"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_anything_is_read(
    folder: Folder, capsys: pytest.CaptureFixture[str], flag: str, name: str, reason: str
) -> None:
    (folder.path / "loop.csv").symlink_to("loop.csv")
    folder.config.unlink()
    path = folder.path / name
    assert folder.run(flag, path) == 5
    what = "the log cannot" if flag == "--log-file" else "cannot"
    message = f"{path}: {what} be written: {reason}"
    assert json.loads(capsys.readouterr().out)["error_message"] == message


def test_a_folder_without_permission_ends_with_5(folder: Folder) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may look everywhere")
    closed = folder.path / "closed"
    closed.mkdir(mode=0)
    assert folder.run("--output", closed / "m.json") == 5


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
def test_what_belongs_to_another_is_not_replaced_in_a_shared_folder() -> None:
    with tempfile.TemporaryDirectory() as shared:
        path = Path(shared) / "metrics.json"
        path.write_text("{}")
        path.chmod(0o666)
        Path(shared).chmod(0o1777)
        assert obstacle(path, replaces=True) is None
        os.seteuid(12345)
        try:
            reason = "belongs to another user, who alone may replace it in this folder"
            assert obstacle(path, replaces=True) == reason
            assert obstacle(path, replaces=False) is None
        finally:
            os.seteuid(0)


@pytest.mark.parametrize("length", [250, 255])
def test_a_long_name_is_a_name(folder: Folder, length: int) -> None:
    path = folder.path / ("x" * (length - 4) + ".csv")
    assert folder.run("--output", path.with_suffix(".jsn"), "--signals", path) == 0
    assert path.read_text().count("\n") == 5


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
def test_a_name_of_standard_output_is_written_to_once_and_never_replaced(folder: Folder, name: str) -> None:
    (folder.path / "link").symlink_to("/dev/stdout")
    (folder.path / "o.txt").write_text("before\n")
    assert shell(folder, f"job --output {name} >> o.txt").returncode == 0
    before, report = (folder.path / "o.txt").read_text().split("\n", 1)
    assert before == "before"
    assert json.loads(report)["status"] == "success"


def test_any_open_descriptor_is_written_to(folder: Folder) -> None:
    (folder.path / "s.csv").symlink_to("/dev/fd/7")
    for name in ("m", "l", "s"):
        (folder.path / name).write_text("before\n")
    command = "job --output /dev/fd/8 --log-file /dev/fd/9 --signals s.csv 7>>s 8>>m 9>>l"
    assert shell(folder, command).returncode == 0
    for name, lines in (("m", 10), ("l", 9), ("s", 6)):
        text = (folder.path / name).read_text()
        assert text.startswith("before\n")
        assert text.count("\n") == lines
    assert shell(folder, "job --output /dev/fd/8 8<data.csv").returncode == 2
    assert shell(folder, "job --output /dev/fd/8 8<m").returncode == 5
    assert shell(folder, "job --output /dev/fd/8 8>&-").returncode == 5


def test_a_log_on_standard_error_is_there_once(folder: Folder) -> None:
    err = shell(folder, "job --input none.csv --log-file /dev/stderr").stderr
    assert err.count("no such input file") == 1
    assert "Job started" in err


def test_a_log_pipe_that_nobody_reads_ends_with_5(folder: Folder) -> None:
    pipe = folder.path / "pipe"
    os.mkfifo(pipe)
    process = folder.spawn("--log-file", pipe)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 5
    message = f"{pipe}: the log cannot be written: no such device or address"
    assert json.loads(out)["error_message"] == message
    assert folder.report()["error_message"] == message


def test_runs_side_by_side_append_whole_lines_to_one_log(folder: Folder) -> None:
    for _ in range(3):
        processes = [folder.spawn() for _ in range(10)]
        for process in processes:
            process.communicate(timeout=120)
            assert process.returncode == 0
    earlier, *lines = folder.log.read_text().splitlines()
    assert earlier == "earlier run"
    assert all(LOG_LINE.fullmatch(line) for line in lines)
    runs = [line.split(" - ")[1] for line in lines]
    assert len(set(runs)) == 30
    assert {runs.count(run) for run in runs} == {8}


def test_a_log_that_was_cut_short_goes_on_with_a_new_line(folder: Folder) -> None:
    folder.log.write_text("cut sh")
    assert folder.run() == 0
    assert folder.log.read_text().startswith("cut sh\n2")


def left_over(folder: Folder) -> list[Path]:
    return list(folder.path.glob(".mlops-task-*.tmp"))


def test_what_a_killed_run_left_is_removed_by_a_later_one_and_nothing_else(folder: Folder) -> None:
    pipe = folder.path / "pipe"
    os.mkfifo(pipe)
    folder.data = pipe
    process = folder.spawn("--signals", folder.path / "s.csv")
    with open_when_read(pipe, process) as data:
        while not (held := left_over(folder)):
            time.sleep(0.01)
        folder.data = folder.path / "data.csv"
        others = [folder.path / name for name in (".mlops-task-x.tmp", "mlops-task-0123456789ab.tmp")]
        for other in others:
            other.touch()
        assert folder.run() == 0
        assert held == [path for path in left_over(folder) if path not in others]
        process.kill()
        process.communicate(timeout=30)
        data.flush()
    assert folder.run() == 0
    assert left_over(folder) == [others[0]]
    assert others[1].exists()


def test_a_new_file_has_a_short_name_of_its_own_meanwhile(tmp_path: Path) -> None:
    with replacing(tmp_path / "m.json") as file:
        (name,) = [path.name for path in tmp_path.iterdir()]
        file.write(b"{}")
    assert name.startswith(".mlops-task-")
    assert [path.name for path in tmp_path.iterdir()] == ["m.json"]


def test_only_open_descriptors_are_taken_for_ones(tmp_path: Path) -> None:
    assert descriptor_of(Path("/dev/fd/12")) == 12
    assert descriptor_of(Path("/dev/stderr")) == 2
    assert descriptor_of(Path(f"/proc/{os.getpid()}/fd/3")) == 3
    assert descriptor_of(Path("/dev/null")) is None
    assert descriptor_of(tmp_path / "1") is None


ENDING = {"SIGHUP": 129, "SIGUSR1": 138, "SIGUSR2": 140, "SIGALRM": 142, "SIGXCPU": 152, "SIGVTALRM": 154}


@pytest.mark.parametrize("name", ENDING)
def test_whatever_ends_a_run_is_reported(folder: Folder, name: str) -> None:
    folder.data = folder.path / "pipe"
    os.mkfifo(folder.data)
    process = folder.spawn()
    with open_when_read(folder.data, process):
        process.send_signal(signal.Signals[name])
        out, err = process.communicate(timeout=30)
    assert process.returncode == ENDING[name]
    assert json.loads(out)["error_message"] == f"interrupted by {name}"
    assert folder.report() == json.loads(out)
    assert b"Traceback" not in err


def test_a_signal_that_is_ignored_stays_so(folder: Folder) -> None:
    folder.data = folder.path / "pipe"
    os.mkfifo(folder.data)
    process = folder.spawn(preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    with open_when_read(folder.data, process) as data:
        process.send_signal(signal.SIGHUP)
        data.write(BARS.encode())
    process.communicate(timeout=30)
    assert process.returncode == 0


@pytest.mark.parametrize("option", ["-I", "-P"])
def test_without_its_own_folder_the_job_names_the_way(folder: Folder, option: str) -> None:
    command = [sys.executable, option, "-S", str(ROOT / "cli.py")]
    process = subprocess.run(command, cwd=folder.path, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert process.stderr == (
        "cli.py: no module named 'mlops_task': run `make setup` beside cli.py, "
        "then call .venv/bin/python cli.py, without -I and -P\n"
    )


def test_without_its_packages_the_job_names_the_way_and_reports(folder: Folder) -> None:
    command = [sys.executable, "-S", str(ROOT / "cli.py"), *folder.argv()]
    process = subprocess.run(command, cwd=folder.path, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    assert folder.report()["error_message"] == (
        f"the package msgspec is not installed for {sys.executable}: "
        "run `make setup`, then call .venv/bin/python cli.py"
    )
    assert "Traceback" not in process.stderr


@pytest.mark.parametrize("limit", [6, 7])
def test_few_open_files_are_a_sentence_and_a_report(folder: Folder, limit: int) -> None:
    process = folder.spawn(
        "--signals",
        folder.path / "s.parquet",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)),
    )
    out, err = process.communicate(timeout=60)
    assert process.returncode in {0, 1, 4, 5}
    assert b"Traceback" not in err
    assert process.returncode == 0 or "too many open files" in json.loads(out)["error_message"].lower()


@pytest.mark.parametrize("error", [MemoryError(), MemoryError("Unable to allocate 8 GiB")])
def test_too_little_memory_is_a_sentence_and_a_report(
    folder: Folder,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: MemoryError,
) -> None:
    def starved(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("mlops_task.engines.local.Local.results", starved)
    assert folder.run() == 1
    message = f"out of memory ({str(error) or 'unknown size'}), expected more, or fewer --threads"
    assert folder.report()["error_message"] == message
    assert "Traceback" not in capsys.readouterr().err + folder.log.read_text()


def test_in_a_folder_that_is_gone_the_job_names_the_way(folder: Folder) -> None:
    ran = shell(folder, "mkdir gone; cd gone; rmdir ../gone; job")
    assert (ran.returncode, "Traceback" in ran.stderr) == (1, False)
    assert "the current folder cannot be told (No such file or directory): change to one" in ran.stderr


def test_rows_of_a_file_that_failed_are_told_of(folder: Folder) -> None:
    newest = "timestamp,close\n2024-01-03,1\n2024-01-02,2\n2024-01-01,3\n"
    (folder.path / "newest.csv").write_text(newest)
    assert (
        folder.run("--input", folder.path / "newest.csv", "--keep-going", "--signals", folder.path / "s.csv")
        == 0
    )
    assert "newest.csv: --signals holds its first rows all the same" in folder.log.read_text()
