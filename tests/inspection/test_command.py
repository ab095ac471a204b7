"""The command line of `--inspect`: what it takes, what it prints, how it ends."""

import gzip
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from mlops_task.cli import main
from tests.inputs.test_dialects import FOLDER
from tests.inspection.test_dialects import PLAIN, blocks

ROOT = Path(__file__).parents[2]
BARS = "date;close\n2024-03-04;1,5\n2024-03-05;2,5\n2024-03-06;NA\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words], input=stdin, capture_output=True, check=False
    )


def test_a_file_is_told_in_plain_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bars.csv").write_text(BARS)
    assert main(["--inspect", "bars.csv"]) == 0
    assert (
        capsys.readouterr().out
        == """\
bars.csv
  format     CSV, 55 bytes
  encoding   UTF-8
  line ends  LF
  delimiter  semicolon
  header     line 1
  rows       3
  order      oldest first, by date: 2024-03-04 to 2024-03-06
  column     close: 1.5 to 2.5, 33.3 % missing

      column  holds   missing  samples
    1 date    time          0  2024-03-04, 2024-03-05, 2024-03-06
    2 close   number   33.3 %  1,5, 2,5

  looks wrong
  - 33.3 % of the values of close are missing (1)

Of the file as it is, the job says:
  - line 2: close is '1,5', expected a number: set csv: decimal: ","
To be set in the config:

csv:
  decimal: ","
"""
    )
    assert [path.name for path in folder.iterdir()] == ["bars.csv"]


def test_files_folders_globs_and_streams_are_taken(folder: Path) -> None:
    (folder / "bars").mkdir()
    (folder / "bars" / "a.csv").write_text(BARS)
    (folder / "bars" / "b.csv.gz").write_bytes(gzip.compress(BARS.encode()))
    table = pa.table({"date": ["2024-03-04"], "close": [1.5]})
    pq.write_table(table, folder / "c.parquet")
    pa.feather.write_feather(table, folder / "d.arrow")
    done = run("--inspect", "bars", "*.parquet", "d.arrow", "-", stdin=gzip.compress(BARS.encode()))
    assert done.returncode == 0
    assert not done.stderr
    lines = done.stdout.decode().splitlines()
    assert [line for line in lines if line and line[0] not in " abcdefghijklmnopqrstuvwxyzOIT"] == []
    kinds = [line.split(maxsplit=1)[1].rpartition(",")[0] for line in lines if line.startswith("  format")]
    assert kinds == ["CSV", "CSV in gzip", "Parquet", "Arrow", "CSV in gzip"]


def test_a_pipe_of_parquet_is_refused_as_the_job_refuses_it(folder: Path) -> None:
    pq.write_table(pa.table({"close": [1.5]}), folder / "c.parquet")
    done = run("--inspect", "-", stdin=(folder / "c.parquet").read_bytes())
    assert done.returncode == 4
    assert done.stdout.decode() == (
        "standard input\n  - holds Parquet or an Arrow file, which cannot be read from a pipe\n"
    )


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["nothing.csv"], 4, ""),
        (["bars.csv", "--config", "none.yaml"], 3, "none.yaml: no such config file\n"),
        (
            ["bars.csv", "--inpt", "x"],
            2,
            "unknown arguments: --inpt x (did you mean '--input'? see --help)\n",
        ),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_written(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, sentence: str
) -> None:
    (folder / "bars.csv").write_text(BARS)
    assert main(["--inspect", *words]) == code
    assert capsys.readouterr().err == sentence
    assert [path.name for path in folder.iterdir()] == ["bars.csv"]


def test_what_is_read_is_not_written_to(folder: Path) -> None:
    (folder / "bars.csv").write_text(BARS)
    with (folder / "bars.csv").open("ab") as out:
        done = subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), "--inspect", "bars.csv"],
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.decode() == "standard output and --input are the same file, bars.csv\n"
    assert (folder / "bars.csv").read_text() == BARS


def test_the_config_tells_the_column_and_settles_what_is_open(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bars.csv").write_text("date;open;close\n2024-03-04;1,234;x\n2024-03-05;1,236;y\n")
    (folder / "config.yaml").write_text(PLAIN + "column: OPEN\n")
    assert main(["--inspect", "bars.csv"]) == 0
    assert len(blocks(capsys.readouterr().out)) == 2
    (folder / "config.yaml").write_text(PLAIN + 'column: OPEN\ncsv: {decimal: ","}\n')
    assert main(["--inspect", "bars.csv"]) == 0
    assert capsys.readouterr().out.endswith("\nconfig.yaml reads it as it is: column OPEN.\n")


def test_names_and_values_cannot_control_a_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bars.csv").write_bytes(b"date,close,\x1b[31mred\n2024-03-04,1.5,\x07a\xe2\x80\xae\n" * 1)
    assert main(["--inspect", "bars.csv"]) == 0
    out = capsys.readouterr().out
    assert all(line.isprintable() for line in out.splitlines())
    assert "\\x1b[31mred" in out


def test_all_lines_fit_in_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--inspect", str(FOLDER), "--config", str(FOLDER / "../../../config.yaml")]) == 4
    out = capsys.readouterr().out
    assert max(len(line) for line in out.splitlines() if not line.startswith(str(FOLDER))) <= 80


def test_the_same_file_gives_the_same_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bars.csv").write_text(BARS)
    texts = []
    for _ in range(2):
        assert main(["--inspect", "bars.csv"]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]


def told(text: str) -> str:
    """A text without its line breaks."""
    return " ".join(text.split())


def test_what_belongs_to_a_run_does_not_go_with_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bars.csv").write_text(BARS)
    for words in (["--input", "bars.csv"], ["--signals", "s.csv"], ["--breakdown", "b.csv"]):
        assert main(["--inspect", "bars.csv", *words]) == 2
        assert capsys.readouterr().err == (
            "--inspect runs nothing: --input, --signals and --breakdown do not go with it\n"
        )


def test_symbols_that_only_rows_in_the_middle_have_are_found(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"AAA,{n}.5\n" for n in range(500)]
    rows[250] = "BBB,1.5\n"
    (folder / "bars.csv").write_text("symbol,close\n" + "".join(rows))
    assert main(["--inspect", "bars.csv"]) == 0
    out = capsys.readouterr().out
    assert "  groups     symbol: 2 values (AAA, BBB)\n" in out
    assert blocks(out) == ["group_by: symbol\n"]


def test_points_that_may_part_thousands_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bars.csv").write_text("date;close\n2024-03-04;162.037\n2024-03-05;163.663\n")
    assert main(["--inspect", "bars.csv"]) == 0
    assert (
        "every value has three digits behind a point: if 162.037 stands for 162037, "
        'set csv: decimal: "," and thousands: "."'
    ) in told(capsys.readouterr().out)


def test_what_a_config_says_otherwise_is_named_where_it_has_to_go(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bars.csv").write_text(BARS)
    (folder / "config.yaml").write_text(PLAIN + "csv: {skip_lines: 3}\n")
    assert main(["--inspect", "bars.csv"]) == 0
    assert "To be set in the config, in place of its csv:" in capsys.readouterr().out
    (folder / "bars.csv").write_text(BARS.replace("1,5", "1.5").replace("2,5", "2.5"))
    assert main(["--inspect", "bars.csv"]) == 0
    assert "Take out what config.yaml has under csv:." in capsys.readouterr().out


def test_without_a_name_that_tells_it_each_column_of_numbers_is_offered(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bars.csv").write_text("date,AAA,BBB\n2024-03-04,1.5,2.5\n2024-03-05,3.5,4.5\n")
    assert main(["--inspect", "bars.csv"]) == 0
    out = capsys.readouterr().out
    assert blocks(out) == ["column: AAA\n", "column: BBB\n"]
    assert "If column AAA is 1.5, 3.5, ...; order: oldest first, by date: 2024-03-04 to 2024-03-05:" in told(
        out
    )


def test_days_that_may_be_months_are_offered_both_ways(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bars.csv").write_text("date,close\n05/06/2024,1.5\n04/05/2024,2.5\n03/04/2024,3.5\n")
    assert main(["--inspect", "bars.csv"]) == 0
    assert blocks(capsys.readouterr().out) == [
        'order: time\ncsv:\n  timestamp_format: "%d/%m/%Y"\n',
        'order: time\ncsv:\n  timestamp_format: "%m/%d/%Y"\n',
    ]
