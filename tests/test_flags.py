"""Flags of the command line, one by one; `test_cli.py` has whole runs."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlops_task import __version__, cli
from tests.test_cli import ROOT, Folder, failed


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def alone(folder: Folder, *flags: str) -> "subprocess.CompletedProcess[bytes]":
    """A run in the folder, of these flags alone."""
    command = [sys.executable, str(ROOT / "cli.py"), *flags]
    return subprocess.run(command, cwd=folder.path, capture_output=True, check=False)


def test_a_parameter_is_set_whatever_the_config_says(folder: Folder) -> None:
    assert folder.run("--set", "window=4", "--set", "version=v2", "--set", "column=close") == 0
    assert (folder.report()["version"], folder.report()["value"]) == ("v2", 0.25)
    assert "INFO - Set on the command line: window=4, version=v2, column=close\n" in folder.log.read_text()


def test_signs_of_csv_are_set_as_they_are(folder: Folder) -> None:
    folder.data.write_text("t;close\n1;1,5\n2;2,5\n")
    assert folder.run("--set", "csv.delimiter=;", "--set", "csv.decimal=,") == 0


def test_no_config_file_is_needed_where_all_is_set(folder: Folder) -> None:
    folder.config.unlink()
    sets = ["--set", "seed=1", "--set", "window=2", "--set", "version=v3"]
    assert alone(folder, *sets).returncode == 0
    assert (folder.report()["version"], folder.report()["value"]) == ("v3", 0.5)
    assert folder.run(*sets) == 3
    assert folder.report()["error_message"] == f"{folder.config}: no such config file"
    assert alone(folder, *sets, "--config", "config.yaml").returncode == 3
    assert folder.report()["error_message"] == "config.yaml: no such config file"
    assert alone(folder, *sets[:4]).returncode == 3
    assert folder.report()["error_message"] == (
        "config.yaml: no such config file, and required key 'version' is missing; "
        "it must be a non-empty string of printable characters"
    )


def test_a_parameter_that_breaks_a_rule_ends_with_3(
    folder: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    assert folder.run("--set", "window=0") == 3
    expected = "--set window=0: window must be an integer from 1 to 2147483647, got 0"
    assert failed(folder, capsys.readouterr().out) == expected
    assert folder.report()["version"] == "v1"


def test_a_parameter_has_a_key_and_a_value(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    assert folder.run("--set", "window") == 2
    message = "argument --set: must be KEY=VALUE, as window=20, got 'window' (see --help)"
    assert json.loads(capsys.readouterr().out)["error_message"] == message


def lines(text: str) -> list[dict[str, object]]:
    """The lines of a log of JSON."""
    found = [json.loads(line) for line in text.splitlines() if line != "earlier run"]
    for line in found:
        assert list(line)[:5] == ["time", "level", "run", "message", "file"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["time"])
        assert re.fullmatch("[0-9a-f]{8}", line["run"])
    return found


def test_a_log_of_json_is_an_object_a_line(folder: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    folder.data.write_text("close\n1\nNA\n3\n4\n")
    for _ in range(2):  # a log of JSON is no data that the next run would destroy
        assert folder.run("--log-format", "json", "-v") == 0
    found = lines(folder.log.read_text())
    assert [line["message"] for line in found][:2] == [
        "Job started",
        "Config loaded: seed=42, window=2, version=v1",
    ]
    assert {line["level"] for line in found} == {"INFO", "WARNING"}
    assert len({line["run"] for line in found}) == 2
    assert lines(capsys.readouterr().err) == found
    folder.log.write_text(folder.log.read_text().removeprefix("earlier run\n"))
    assert folder.run() == folder.run("--log-format", "json") == 0


def test_a_line_of_json_tells_which_input_it_is_about(folder: Folder) -> None:
    (folder.path / "b.csv").write_text("close\nx\n")
    (folder.path / "c.csv").write_text("close\n2\n1\n3\n")
    bars = str(folder.path / "b.csv")
    assert (
        folder.run("--input", bars, str(folder.path / "c.csv"), "--keep-going", "--log-format", "json") == 0
    )
    warned = [line for line in lines(folder.log.read_text()) if line["level"] == "WARNING"]
    assert [line["file"] for line in warned] == [bars]
    folder.data.write_text("close\nx\n")
    assert folder.run("--log-format", "json") == 4
    assert lines(folder.log.read_text())[-1]["file"] == str(folder.data)


def test_a_strange_name_and_a_traceback_are_one_line_of_json(
    folder: Folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.data = folder.path / 'a\n"forged\udcff'
    assert folder.run("--log-format", "json") == 4
    (line,) = lines(capsys.readouterr().err)
    assert str(line["message"]).endswith('a\\n"forged\\xff: no such input file')

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug\nin two lines")

    monkeypatch.setattr("mlops_task.engines.local.Local.results", broken)
    assert folder.run("--log-format", "json") == 1
    assert "Traceback" in str(lines(folder.log.read_text())[-1]["traceback"])
    assert "traceback" not in lines(capsys.readouterr().err)[-1]


def test_a_wrong_command_line_is_told_in_json_too(folder: Folder) -> None:
    for form in (["--log-format", "json"], ["--log-format=json"]):
        (line,) = lines(alone(folder, *form, "--threads", "0").stderr.decode())
        assert str(line["message"]).startswith("argument --threads: must be an integer")


@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_the_version_is_told(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main([flag])
    assert capsys.readouterr().out.endswith(f" {__version__}\n")


def test_help_has_groups_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    text = capsys.readouterr().out
    titles = re.findall(r"^(\S.*):$", text, re.MULTILINE)
    assert titles == [
        *("files and parameters", "without a run", "tables, and files that fail", "where to compute"),
        *("messages", "help", "config file (YAML)", "exit codes", "examples"),
    ]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "expected"),
    [("--inp", {"--input"}), ("--engine ''", {"local", "dask"}), ("--config conf", {"config.yaml"})],
)
def test_bash_completes_the_command_line(folder: Folder, words: str, expected: set[str]) -> None:
    script = alone(folder, "--completion", "bash").stdout.decode()
    call = f"""
COMP_WORDS=(mlops-task {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
$(complete -p mlops-task | sed -E 's/.*-F ([^ ]+) .*/\\1/') mlops-task "${{COMP_WORDS[-1]}}"
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(
        ["bash", "-c", script + call], cwd=folder.path, capture_output=True, text=True, check=False
    )
    assert set(done.stdout.split()) == expected, done.stderr


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_other_shells_have_scripts_too(folder: Folder, shell: str) -> None:
    done = alone(folder, "--completion", shell)
    assert done.returncode == 0
    assert b"keep-going" in done.stdout


def test_completion_without_its_library_is_a_sentence(folder: Folder) -> None:
    code = (
        "import sys; sys.modules['shtab'] = None; from mlops_task import cli;"
        "sys.exit(cli.main(['--completion', 'bash']))"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder.path, env=env, capture_output=True, check=False
    )
    message = "--completion needs the package shtab: pip install 'mlops-task[completion]'"
    assert (done.returncode, json.loads(done.stdout)["error_message"]) == (1, message)


def test_windows_is_told_that_it_has_the_library_alone() -> None:
    code = "import sys; sys.platform = 'win32'; from mlops_task.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    told = (
        "mlops-task: the job needs signals and descriptors of Linux or macOS, got Windows: "
        "run it in WSL or Docker; the library, import kernels, needs neither\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)


def test_a_run_loads_no_library_of_flags_that_are_not_given(folder: Folder) -> None:
    code = (
        "import sys; from mlops_task import cli; assert cli.main(sys.argv[1:]) == 0;"
        "assert not {'shtab', 'pandas', 'polars', 'kernels._foreign'} & set(sys.modules)"
    )
    command = [sys.executable, "-c", code, *folder.argv()]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
