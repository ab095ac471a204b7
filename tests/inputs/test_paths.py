"""Which files the given ones, globs and folders stand for: none silently left out, none twice."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest

from mlops_task import cli
from mlops_task.errors import InputError
from mlops_task.inputs.paths import expand
from tests.test_cli import Folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, with bars/{a.csv, deep/b.csv}."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bars/deep").mkdir(parents=True)
    (tmp_path / "bars/a.csv").write_text("close\n1\n")
    (tmp_path / "bars/deep/b.csv").write_text("close\n2\n")
    return tmp_path


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    folder.data = tmp_path / "bars"
    folder.config.write_text('seed: 42\nwindow: 1\nversion: "v1"\n')
    return folder


def refusal(given: str) -> str:
    with pytest.raises(InputError) as caught:
        expand([given])
    return str(caught.value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("bars", ["bars/a.csv", "bars/deep/b.csv"]),
        ("bars/", ["bars/a.csv", "bars/deep/b.csv"]),
        ("bars/*.csv", ["bars/a.csv"]),
        ("bars/*", ["bars/a.csv"]),
        ("**/*.csv", ["bars/a.csv", "bars/deep/b.csv"]),
        ("bars/**/b.csv", ["bars/deep/b.csv"]),
        ("bars/**", ["bars/a.csv", "bars/deep/b.csv"]),
        ("*/deep/[bc].csv", ["bars/deep/b.csv"]),
        ("./bars//?.csv", ["./bars/a.csv"]),
        ("bars/a.csv", ["bars/a.csv"]),
        ("absent.csv", ["absent.csv"]),
    ],
)
def test_what_is_given_stands_for_these_files(place: Path, given: str, expected: list[str]) -> None:
    assert expand([given]) == expected
    assert expand([f"{place}/{given}"]) == [f"{place}/{name}" for name in expected]


def test_one_file_by_several_names_is_read_once(place: Path, folder: Folder) -> None:
    (place / "link.csv").symlink_to("bars/a.csv")
    (place / "hard.csv").hardlink_to("bars/a.csv")
    names = ["bars/a.csv", "bars/../bars/a.csv", str(place / "bars/a.csv"), "link.csv", "hard.csv"]
    assert expand(names) == ["bars/a.csv"]
    assert folder.run("--input", *names) == 0
    assert folder.report()["rows_processed"] == 2
    assert f"INFO - hard.csv is the same file as {place}/bars/a.csv, and read once" in folder.log.read_text()


@pytest.mark.parametrize("pattern", ["{}", "{}/**/*.csv", "{}/*/*.csv"])
def test_a_folder_that_cannot_be_read_is_refused(pattern: str) -> None:
    with TemporaryDirectory() as place, as_nobody(Path(place)):
        given = pattern.format(place)
        assert refusal(given) == f"{place}/closed/: cannot read folder: permission denied"
        assert refusal(f"{place}/closed/x.csv") == f"{place}/closed/x.csv: cannot be read: permission denied"


@contextmanager
def as_nobody(place: Path) -> Iterator[None]:
    """Be somebody whom `place/closed` is closed to; root may read everything."""
    place.chmod(0o755)
    (place / "a.csv").write_text("close\n1\n")
    (place / "closed").mkdir(mode=0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
        (place / "closed").chmod(0o755)


@pytest.mark.parametrize("length", [300, 5000])
def test_a_path_that_cannot_be_looked_at_is_refused(folder: Folder, length: int) -> None:
    folder.data = Path("x" * length)
    assert folder.run() == 4
    shown = "x" * 300 if length == 300 else "x"
    assert str(folder.report()["error_message"]).endswith(": cannot be read: file name too long")
    assert str(folder.report()["error_message"]).startswith(shown[:100])


def test_what_is_passed_over_in_a_folder_is_told_with_its_reason(place: Path, folder: Folder) -> None:
    for name in ("C.CSV", "notes.txt", "_x.csv", ".y.csv"):
        (place / "bars" / name).write_text("close\n3\n")
    (place / "bars/link").symlink_to("deep")
    (place / "bars/.cache").mkdir()
    os.mkfifo(place / "bars/pipe.csv")
    assert folder.run() == 0
    assert folder.report()["rows_processed"] == 3
    log = folder.log.read_text()
    for name, reason in {
        "notes.txt": "its name does not end in .csv, .gz, .zst, .bz2, .parquet, .pq, .arrow, .feather, .ipc",
        "_x.csv": "its name starts with _",
        ".y.csv": "a hidden file",
        "link": "a link to a folder",
        ".cache": "a hidden folder",
        "pipe.csv": "not a regular file",
    }.items():
        assert f"INFO - {folder.data}/{name} is passed over: {reason}\n" in log


def test_a_link_to_nothing_is_not_passed_over(place: Path, folder: Folder) -> None:
    (place / "bars/gone.csv").symlink_to("nowhere")
    assert folder.run() == 4
    assert folder.report()["error_message"] == (
        f"1 of 3 files failed, the first being {folder.data}/gone.csv: no such input file"
    )


def test_links_that_lead_back_do_not_go_on_for_ever(place: Path) -> None:
    (place / "bars/self").symlink_to(".")
    (place / "bars/again").symlink_to("../bars")
    assert expand(["bars"]) == expand(["bars/**/*.csv"]) == ["bars/a.csv", "bars/deep/b.csv"]


@pytest.mark.parametrize(
    "flag", ["--input", "--config", "--output", "--log-file", "--signals", "--breakdown", "--scheduler"]
)
def test_an_empty_path_is_refused(place: Path, capsys: pytest.CaptureFixture[str], flag: str) -> None:
    assert cli.main([flag, ""]) == 2
    what = "an address" if flag == "--scheduler" else "a path"
    message = f"argument {flag}: must be {what}, got '' (an unset variable?) (see --help)"
    assert json.loads(capsys.readouterr().out)["error_message"] == message
    assert sorted(path.name for path in place.iterdir()) == ["bars"]


@pytest.mark.parametrize("engine", ["local", "dask"])
def test_names_that_are_no_utf8_are_escaped_so_that_they_can_be_told_apart(
    folder: Folder, engine: str
) -> None:
    folder.data.mkdir()
    for name in (b"\xff.csv", b"\\xff.csv"):
        Path(os.fsdecode(os.fsencode(folder.data) + b"/" + name)).write_text("close\n1\n")
    (folder.data / "z.csv").write_text("other\n1\n")
    lines, signals = folder.path / "lines.json", folder.path / "signals.parquet"
    more: list[str | Path] = ["--signals", signals] if engine == "local" else []
    assert folder.run("--keep-going", "--engine", engine, "--threads", "1", "--breakdown", lines, *more) == 0
    names = [line["file"] for line in json.loads(lines.read_text())]
    assert names == [f"{folder.data}/{name}.csv" for name in ("\\\\xff", "z", "\\xff")]
    if more:
        assert pq.read_table(signals).column("file").to_pylist() == names[::2]
    Path(os.fsdecode(os.fsencode(folder.data) + b"/\xff.csv")).write_text("other\n1\n")
    folder.run("--keep-going")
    assert f"WARNING - {folder.data}/\\xff.csv: has no column 'close'" in folder.log.read_text()
