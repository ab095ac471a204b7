"""Many inputs, other formats, and what is written besides the metrics."""

import bz2
import contextlib
import gzip
import json
import os
import re
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

import kernels
from mlops_task.engines.results import Result
from mlops_task.errors import InputError
from mlops_task.inputs import protocol
from mlops_task.inputs.arrow_columns import columnar_errors
from tests import local
from tests.test_cli import ROOT, Folder

SAMPLE = ROOT / "data.csv"
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    folder.config.write_text('seed: 42\nwindow: 5\nversion: "v1"\n')
    folder.data = SAMPLE
    return folder


@pytest.fixture(scope="module")
def close() -> Values:
    return np.loadtxt(SAMPLE, delimiter=",", skiprows=1, usecols=4)


def zstd(data: bytes) -> bytes:
    compressed = pa.compress(data, codec="zstd", asbytes=True)
    assert isinstance(compressed, bytes)
    return compressed


def compressed(compress: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        path.write_bytes(compress(SAMPLE.read_bytes()))

    return make


def written(write: Callable[[pa.Table, Path], None]) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        write(pa.csv.read_csv(SAMPLE), path)

    return make


def arrow_stream(table: pa.Table, path: Path) -> None:
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=999)


def decimals(table: pa.Table, path: Path) -> None:
    close = table.column("close").cast(pa.string()).cast(pa.decimal128(20, 2))
    pq.write_table(pa.table({"close": close}), path)


def singles(table: pa.Table, path: Path) -> None:
    pq.write_table(pa.table({"close": table.column("close").cast(pa.float32())}), path)


def coded(table: pa.Table, path: Path) -> None:
    close = pa.table({"close": table.column("close").combine_chunks().dictionary_encode()})
    pa.feather.write_feather(close, path, chunksize=1000)


FORMATS: dict[str, Callable[[Path], None]] = {
    "gzip": compressed(gzip.compress),
    "two gzip members": compressed(lambda data: gzip.compress(data[:5000]) + gzip.compress(data[5000:])),
    "bz2": compressed(bz2.compress),
    "zstd": compressed(zstd),
    "parquet": written(pq.write_table),
    "parquet, small groups": written(lambda table, path: pq.write_table(table, path, row_group_size=777)),
    "parquet, decimals": written(decimals),
    "parquet, singles": written(singles),
    "feather": written(lambda table, path: pa.feather.write_feather(table, path, chunksize=1000)),
    "arrow stream": written(arrow_stream),
    "feather, by a dictionary": written(coded),
}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_the_rate_of_the_csv_whatever_its_name(folder: Folder, form: str) -> None:
    folder.data = folder.path / "no.hint"
    FORMATS[form](folder.data)
    assert folder.run() == 0
    assert (folder.report()["rows_processed"], folder.report()["value"]) == (10000, 0.5029)


@pytest.mark.parametrize("form", ["gzip", "bz2", "zstd", "parquet", "feather", "arrow stream"])
@pytest.mark.parametrize("share", [0.1, 0.6, 0.999])
def test_a_file_cut_short_is_refused(folder: Folder, form: str, share: float) -> None:
    folder.data = folder.path / "cut"
    FORMATS[form](folder.data)
    data = folder.data.read_bytes()
    folder.data.write_bytes(data[: int(len(data) * share)])
    assert folder.run() == 4
    assert "is corrupt or cut short: " in str(folder.report()["error_message"])
    assert "Traceback" not in folder.log.read_text()


@pytest.mark.parametrize("form", ["gzip", "bz2", "zstd", "parquet", "feather"])
def test_a_corrupt_file_ends_in_a_sentence_or_in_the_same_result(folder: Folder, form: str) -> None:
    folder.data = folder.path / "flipped"
    FORMATS[form](folder.data)
    data = bytearray(folder.data.read_bytes())
    for at in range(40, len(data), len(data) // 20):
        flipped = bytearray(data)
        flipped[at] ^= 0xFF
        folder.data.write_bytes(flipped)
        assert folder.run() in {0, 4}
        assert "Traceback" not in folder.log.read_text()


@pytest.mark.parametrize("form", ["feather", "arrow stream", "parquet"])
def test_no_flipped_bit_of_what_describes_a_file_ends_in_a_traceback(tmp_path: Path, form: str) -> None:
    path = tmp_path / "flipped"
    FORMATS[form](path)
    data = path.read_bytes()
    for at in (*range(-700, 0, 3), *range(8, 700, 5)):
        flipped = bytearray(data)
        flipped[at] ^= 1 << at % 8
        path.write_bytes(flipped)
        local.found(path)  # raises what is no sentence


def test_a_flipped_bit_in_a_page_with_a_checksum_is_refused(folder: Folder) -> None:
    folder.data = folder.path / "flipped.parquet"
    table = pa.table({"close": np.arange(1000) / 4})
    pq.write_table(
        table,
        folder.data,
        write_page_checksum=True,
        use_dictionary=False,
        compression="none",
        column_encoding="PLAIN",
    )
    data = bytearray(folder.data.read_bytes())
    data[data.index(np.float64(125).tobytes()) + 6] ^= 1
    folder.data.write_bytes(data)
    assert folder.run() == 4
    assert "is corrupt or cut short: " in str(folder.report()["error_message"])
    assert "CRC" in str(folder.report()["error_message"])


def test_an_arrow_stream_may_be_longer_than_a_block(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", 5000)
    folder.data = folder.path / "x"
    FORMATS["arrow stream"](folder.data)
    assert folder.run() == 0
    assert folder.report()["value"] == 0.5029


@pytest.mark.parametrize("error", [MemoryError(), pa.ArrowMemoryError("malloc of size 9 failed")])
def test_want_of_memory_is_a_sentence(error: Exception) -> None:
    with pytest.raises(InputError, match=r"^cannot be read: there is not enough memory$"), columnar_errors():
        raise error


def test_columns_that_are_no_numbers_are_refused(folder: Folder) -> None:
    folder.data = folder.path / "strings.parquet"
    pq.write_table(pa.table({"close": ["1", "2"]}), folder.data)
    assert folder.run() == 4
    expected = f"{folder.data}: column 'close' is of type string, expected numbers"
    assert folder.report()["error_message"] == expected


def test_infinities_in_parquet_are_refused_with_their_row(folder: Folder) -> None:
    folder.data = folder.path / "inf.parquet"
    pq.write_table(pa.table({"close": [1.0, 2.0, np.inf]}), folder.data, row_group_size=2)
    assert folder.run() == 4
    expected = f"{folder.data}: row 3: close is inf, expected a finite number"
    assert folder.report()["error_message"] == expected


def test_missing_values_in_parquet_are_counted(folder: Folder) -> None:
    folder.data = folder.path / "missing.parquet"
    pq.write_table(pa.table({"close": [1.0, None, np.nan, *range(6)]}), folder.data)
    assert folder.run() == 0
    assert "2 of 9 values of close are missing" in folder.log.read_text()


def test_standard_input_is_read(folder: Folder) -> None:
    folder.data = Path("-")
    with SAMPLE.open("rb") as file:
        process = folder.spawn(stdin=file)
        out, _ = process.communicate(timeout=30)
    assert json.loads(out)["value"] == 0.5029


def test_parquet_on_standard_input_is_refused(folder: Folder) -> None:
    path = folder.path / "x.parquet"
    FORMATS["parquet"](path)
    folder.data = Path("-")
    process = folder.spawn(stdin=subprocess.PIPE)
    out, _ = process.communicate(path.read_bytes(), timeout=30)
    assert process.returncode == 4
    expected = "standard input: holds Parquet or an Arrow file, which cannot be read from a pipe"
    assert json.loads(out)["error_message"] == expected


@pytest.mark.parametrize("block", [300, 30_000])
def test_any_cuts_and_any_threads_give_the_same_summary(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = local.found(SAMPLE).summary
    monkeypatch.setattr(protocol, "BLOCK_BYTES", block)
    for threads in (1, 2, 5):
        assert local.found(SAMPLE, threads).summary == whole


def test_files_globs_and_folders_are_series_that_windows_never_cross(folder: Folder) -> None:
    data = folder.path / "in"
    (data / "deep").mkdir(parents=True)
    (data / "a.csv").write_text("close\n1\n2\n3\n4\n5\n6\n")
    (data / "deep" / "b.csv").write_text("close\n9\n9\n9\n9\n8\n9\n")
    (data / "notes.txt").write_text("not data\n")
    for given in ([data], [data / "a.csv", data / "deep"], [data / "**" / "*.csv"], [data, data / "a.csv"]):
        folder.data = given[0]
        breakdown = folder.path / "lines.json"
        more: list[str | Path] = ["--input", *given[1:]] if given[1:] else []
        assert folder.run("--breakdown", breakdown, *more) == 0
        assert (folder.report()["rows_processed"], folder.report()["value"]) == (12, 0.25)
        lines = json.loads(breakdown.read_text())
        assert [(line["rows"], line["ones"], line["status"]) for line in lines] == [
            (6, 2, "success"),
            (6, 1, "success"),
        ]


def test_nothing_to_read_is_an_error(folder: Folder) -> None:
    folder.data = folder.path / "*.nothing"
    assert folder.run() == 4
    assert folder.report()["error_message"] == f"{folder.data}: no file matches"
    (folder.path / "empty").mkdir()
    folder.data = folder.path / "empty"
    assert folder.run() == 4
    assert "is a directory without any .csv" in str(folder.report()["error_message"])


@pytest.fixture
def mixed(folder: Folder) -> Folder:
    data = folder.path / "in"
    data.mkdir()
    (data / "1.csv").write_text("close\n1\nx\n")
    (data / "2.csv").write_text("close\n1\n2\n3\n4\n5\n6\n")
    (data / "3.csv").write_text("other\n1\n")
    folder.data = data
    return folder


def test_one_bad_file_fails_the_run_after_all_others_were_tried(mixed: Folder) -> None:
    breakdown = mixed.path / "b.csv"
    assert mixed.run("--breakdown", breakdown) == 4
    reason = "line 3: close is 'x', expected a number: if it is missing, set csv: missing: [x]"
    first = f"{mixed.data}/1.csv: {reason}"
    assert mixed.report()["error_message"] == f"2 of 3 files failed, the first being {first}"
    table = pd.read_csv(breakdown)
    assert table["status"].tolist() == [
        reason,
        "success",
        "has no column 'close'; its columns are other",
    ]
    assert table["rows"].tolist()[1] == 6


def test_keep_going_reports_bad_files_and_goes_on(mixed: Folder) -> None:
    breakdown = mixed.path / "b.parquet"
    assert mixed.run("--breakdown", breakdown, "--keep-going") == 0
    assert (mixed.report()["rows_processed"], mixed.report()["value"]) == (6, 0.3333)
    assert "WARNING" in mixed.log.read_text()
    assert pq.read_table(breakdown).column("missing").to_pylist() == [None, 0, None]


def test_keep_going_fails_where_no_file_is_good(mixed: Folder) -> None:
    (mixed.data / "2.csv").unlink()
    assert mixed.run("--keep-going") == 4


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".arrow"])
def test_signals_are_read_back_exactly(
    folder: Folder,
    close: np.ndarray[tuple[int], np.dtype[np.float64]],
    suffix: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", 40_000)
    path = folder.path / f"signals{suffix}"
    assert folder.run("--signals", path) == 0
    if suffix == ".arrow":
        frame = pa.ipc.open_file(path).read_all().to_pandas()
        again = pl.read_ipc(path)
    elif suffix == ".csv":
        frame, again = pd.read_csv(path), pl.read_csv(path)
    else:
        frame, again = pd.read_parquet(path), pl.read_parquet(path)
    assert list(frame.columns) == ["timestamp", "close", "rolling_mean", "signal"]
    assert frame["timestamp"].tolist() == pd.read_csv(SAMPLE)["timestamp"].tolist()
    expected = {
        "close": close,
        "rolling_mean": kernels.rolling_mean(close, 5),
        "signal": kernels.above_mean(close, 5),
    }
    for name, values in expected.items():
        np.testing.assert_array_equal(frame[name].to_numpy(), values)
        np.testing.assert_array_equal(again[name].cast(pl.Float64).to_numpy(), values)


def test_signals_of_several_files_name_them(folder: Folder) -> None:
    data = folder.path / "in"
    data.mkdir()
    for name in ("a.csv", "b.csv"):
        (data / name).write_text("close\n1\n2\n3\n4\n5\n6\n")
    folder.data = data
    path = folder.path / "signals.parquet"
    assert folder.run("--signals", path) == 0
    table = pq.read_table(path)
    assert table.column("file").to_pylist() == [f"{data}/a.csv"] * 6 + [f"{data}/b.csv"] * 6
    assert table.column("signal").to_pylist() == [0, 0, 0, 0, 1, 1] * 2


def test_a_failed_run_leaves_the_signals_of_the_one_before(folder: Folder) -> None:
    path = folder.path / "signals.csv"
    path.write_text("an,earlier,table")
    folder.data = folder.path / "bad.csv"
    folder.data.write_text("close\n1\n2\n3\n4\n5\n6\nx\n")
    assert folder.run("--signals", path) == 4
    assert path.read_text() == "an,earlier,table"
    assert not list(folder.path.glob(".*"))


def test_signals_of_an_unknown_format_are_refused(folder: Folder) -> None:
    path = folder.path / "signals.xlsx"
    assert folder.run("--signals", path) == 2
    expected = f"--signals must end in .parquet, .csv or .arrow, got '{path}'"
    assert folder.report()["error_message"] == expected


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "two", "\u0661"])
def test_threads_must_be_a_positive_integer(
    folder: Folder, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    assert folder.run(f"--threads={text}") == 2
    message = f"argument --threads: must be an integer between 1 and 1024, got {text!r} (see --help)"
    assert json.loads(capsys.readouterr().out)["error_message"] == message


def test_a_file_that_changes_while_it_is_read_is_refused(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", 10_000)
    folder.data = folder.path / "changing.csv"
    folder.data.write_bytes(SAMPLE.read_bytes())
    first, second, *_ = local.cut(folder.data)
    assert list(first.chunks())
    with folder.data.open("a") as file:
        file.write("more\n")
    with pytest.raises(Exception, match="was changed while it was read"):
        list(second.chunks())


@pytest.mark.parametrize("form", ["csv", "parquet, small groups"])
def test_a_file_that_is_removed_while_it_is_read_is_refused_and_the_others_go_on(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", 10_000)
    path = tmp_path / "removed"
    if form == "csv":
        path.write_bytes(SAMPLE.read_bytes())
    else:
        FORMATS[form](path)

    results = []
    for item in local.items([path, SAMPLE]):
        path.unlink(missing_ok=True)
        results += [item.found] if isinstance(item, Result) else []
    removed, other = results
    assert removed.error == "was removed while it was read"
    assert (other.error, other.summary.ones) == (None, 5029)


def on_a_terminal(*argv: str, code: str = "") -> str:
    """Return what a terminal shows of a run, whose bar does not wait a second."""
    import pty

    code += "import sys; from mlops_task import cli; from mlops_task.outputs import progress; "
    code += "progress.DELAY_SECONDS = 0; sys.exit(cli.main(sys.argv[1:]))"
    main, side = pty.openpty()
    termios.tcsetwinsize(side, (24, 100))
    command = [sys.executable, "-c", code, *argv]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=side) as process:
        os.close(side)
        seen = b""
        with contextlib.suppress(OSError):  # how a terminal ends
            while some := os.read(main, 65536):
                seen += some
    assert process.returncode == 0
    os.close(main)
    return seen.decode()


def test_a_terminal_sees_the_bytes_of_one_file(folder: Folder) -> None:
    assert "B/s" in on_a_terminal(*folder.argv())


def test_a_terminal_sees_the_count_of_many_small_files(folder: Folder) -> None:
    small = folder.path / "small"
    small.mkdir()
    for number in range(2000):
        (small / f"{number}.csv").write_text("close\n1\n2\n3\n4\n5\n")
    folder.data = small
    assert re.search(r"Reading: .* \d+/2000 .*file/s", on_a_terminal(*folder.argv()))


def test_a_terminal_sees_that_a_cluster_starts(folder: Folder) -> None:
    seen = on_a_terminal(*folder.argv("--engine", "dask", "--threads", "1"))
    assert "Starting a local Dask cluster" in seen


def test_without_a_bar_a_terminal_sees_nothing_of_a_run_that_goes_well(folder: Folder) -> None:
    assert on_a_terminal(*folder.argv("--no-progress")) == ""


def test_signals_of_files_with_other_columns_are_refused_by_their_types(folder: Folder) -> None:
    folder.data = folder.path / "in"
    folder.data.mkdir()
    (folder.data / "a.csv").write_text("timestamp,close\n" + "1,1\n" * 6)
    (folder.data / "b.csv").write_text("close\n" + "1\n" * 6)
    assert folder.run("--signals", folder.path / "s.csv") == 4
    message = str(folder.report()["error_message"])
    assert f"{folder.data / 'b.csv'}: its columns for --signals are file (string), close (double)" in message
    assert "expected file (string), timestamp (string), close (double)" in message


def test_keep_going_counts_a_file_with_other_columns_and_leaves_it_out_of_the_signals_only(
    folder: Folder,
) -> None:
    folder.data = folder.path / "in"
    folder.data.mkdir()
    (folder.data / "a.csv").write_text("timestamp,close\n" + "2024-01-01,1\n" * 6)
    (folder.data / "b.csv").write_text("close\n" + "1\n" * 6)
    signals = folder.path / "s.csv"
    assert folder.run("--signals", signals, "--keep-going") == 0
    assert folder.report()["rows_processed"] == 12
    assert len(pd.read_csv(signals)) == 6
    expected = (
        f"WARNING - {folder.data}/b.csv: counted, but left out of --signals: its columns for --signals are "
    )
    assert expected in folder.log.read_text()
