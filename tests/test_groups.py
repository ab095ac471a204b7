"""`group_by`: each value of a column is a series of its own, as if each had a file of its own."""

import csv
import gzip
import io
import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from kernels import above_mean, rolling_mean
from mlops_task.config import Config
from mlops_task.engines import groups
from mlops_task.inputs import protocol
from tests import local
from tests.test_cli import ROOT, Folder

DIALECTS = Path(__file__).parent / "data/dialects"
EXPECTED: dict[str, dict[str, Any]] = json.loads((DIALECTS / "expected.json").read_text())
NAMES = ("AAA", "aaa", "BRK.B", "NA", "nan", "null", "10107", "a,b", 'say "b"', "straße", "x y", "-", "0")
"""None of them is missing, and no two are one."""
Row = tuple[str, str]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    configure(folder)
    return folder


def configure(folder: Folder, window: int = 3, group_by: str | int = "ticker", more: str = "") -> None:
    text = f'seed: 1\nwindow: {window}\nversion: "v1"\ngroup_by: {group_by}\n'
    folder.config.write_text(text + more)


def series(rows: list[Row]) -> dict[str, list[float]]:
    """The closes of each group, the groups in the order in which they come."""
    found: dict[str, list[float]] = {}
    for name, close in rows:
        found.setdefault(name, []).append(float(close or "nan"))
    return found


def lines(rows: list[Row], window: int) -> list[tuple[str, int, int, int]]:
    """What a breakdown is to say of each group."""
    found = {name: np.array(closes) for name, closes in series(rows).items()}
    return [
        (name, len(x), int(above_mean(x, window).sum()), int(np.isnan(x).sum())) for name, x in found.items()
    ]


def breakdown(folder: Folder, *more: str | Path) -> list[tuple[str, int, int, int]]:
    path = folder.path / "breakdown.json"
    assert folder.run("--breakdown", path, *more) == 0, folder.report()
    return [
        (line["group"], line["rows"], line["ones"], line["missing"]) for line in json.loads(path.read_text())
    ]


def table(rng: random.Random) -> list[Row]:
    """Random rows, interleaved, in blocks or both."""
    names = rng.sample(NAMES, rng.randint(1, len(NAMES)))
    blocks = [[rng.choice(names)] * rng.choice([1, 1, 1, 20]) for _ in range(rng.randint(20, 60))]
    rows = [name for block in blocks for name in block]
    return [(name, "" if rng.random() < 0.03 else f"{rng.gauss(50, 1):.2f}") for name in rows]


def as_csv(rng: random.Random, rows: list[Row], path: Path) -> None:
    out = io.StringIO()
    form = {
        "delimiter": rng.choice(",;\t"),
        "lineterminator": rng.choice(["\n", "\r\n"]),
        "quoting": rng.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    }
    writer = csv.writer(out, **form)  # type: ignore[arg-type] # as many kinds as keys
    first = rng.random() < 0.5
    blanks = rng.choice(["", "", " "])
    for name, close in [("ticker", "close"), *rows]:
        pair = [name + blanks, close]
        writer.writerow(["x", *(pair if first else pair[::-1]), "note"])
    path.write_text(out.getvalue(), newline="")


def as_gzip(rng: random.Random, rows: list[Row], path: Path) -> None:
    as_csv(rng, rows, path)
    path.write_bytes(gzip.compress(path.read_bytes()))


def arrow_table(rng: random.Random, rows: list[Row]) -> pa.Table:
    names = pa.array([name for name, _ in rows])
    kinds = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
    closes = pa.array([float(close) if close else None for _, close in rows], pa.float64())
    kind = rng.choice(kinds)
    names = names.dictionary_encode().cast(kind) if pa.types.is_dictionary(kind) else names.cast(kind)
    return pa.table({"close": closes, "ticker": names})


def as_parquet(rng: random.Random, rows: list[Row], path: Path) -> None:
    pq.write_table(arrow_table(rng, rows), path, row_group_size=rng.choice([7, 1000]))


def as_arrow(rng: random.Random, rows: list[Row], path: Path) -> None:
    pa.feather.write_feather(
        arrow_table(rng, rows), path, chunksize=rng.choice([7, 1000]), compression="uncompressed"
    )


FORMS: dict[str, Callable[[random.Random, list[Row], Path], None]] = {
    "csv": as_csv,
    "gzip": as_gzip,
    "parquet": as_parquet,
    "arrow": as_arrow,
}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("form", FORMS)
def test_groups_are_what_files_of_their_own_would_be(
    form: str, seed: int, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(f"{form} {seed}")  # noqa: S311 - cases, not secrets
    rows, window = table(rng), rng.randint(1, 6)
    configure(folder, window)
    folder.data = folder.path / "bars"
    FORMS[form](rng, rows, folder.data)
    monkeypatch.setattr(protocol, "BLOCK_BYTES", rng.choice([40, 300, 2**21]))
    monkeypatch.setattr(groups, "ROWS_AT_ONCE", rng.choice([0, 10, 2**18]))
    signals = folder.path / "signals.parquet"
    expected = lines(rows, window)
    assert breakdown(folder, "--signals", signals, "--threads", str(rng.randint(1, 3))) == expected
    total = sum(ones for _, _, ones, _ in expected)
    assert folder.report()["rows_processed"] == len(rows)
    assert folder.report()["value"] == round(total / len(rows), 4)
    written = pq.read_table(signals)
    assert written.column("ticker").to_pylist() == [name for name, _ in rows]
    check_signals(written, rows, window)
    for name, closes in series(rows).items():
        alone = folder.path / "alone.csv"
        alone.write_text("close,x\n" + "".join(f"{close},\n" for close in closes))
        if len(closes) >= window and not np.isnan(closes).all():
            ones = local.found(alone, config=Config(seed=1, window=window, version="v")).summary.ones
            assert ones == next(line[2] for line in expected if line[0] == name)


def check_signals(written: pa.Table, rows: list[Row], window: int) -> None:
    names = np.array([name for name, _ in rows])
    close, mean = (np.array(written.column(c).to_pylist(), float) for c in ("close", "rolling_mean"))
    signal = np.array(written.column("signal").to_pylist())
    for name, closes in series(rows).items():
        np.testing.assert_array_equal(close[names == name], closes)
        np.testing.assert_array_equal(mean[names == name], rolling_mean(np.array(closes), window))
        np.testing.assert_array_equal(signal[names == name], above_mean(np.array(closes), window))


@pytest.mark.parametrize("block", [2**21, 60])
@pytest.mark.parametrize("name", ["symbols_blocks", "symbols_interleaved", "symbols_window_start_ns"])
def test_symbols_of_an_export_are_series(
    name: str, block: int, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", block)
    entry = EXPECTED[f"{name}.csv"]
    configure(folder, 3, entry["group_by"], f"column: {entry['column']}\n")
    folder.data = DIALECTS / f"{name}.csv"
    signals = folder.path / "signals.csv"
    expected = {symbol: sum(ones) for symbol, ones in entry["signals_window_3"].items()}
    assert {group: ones for group, _, ones, _ in breakdown(folder, "--signals", signals)} == expected
    written = pa.csv.read_csv(signals).to_pylist()
    for symbol, ones in entry["signals_window_3"].items():
        assert [row["signal"] for row in written if row[entry["group_by"]] == symbol] == ones
        closes = [row[entry["column"]] for row in written if row[entry["group_by"]] == symbol]
        assert closes == [float(close) for close in entry["closes"][symbol]]
    assert "more than one" not in folder.log.read_text()


def test_groups_of_one_name_in_two_files_are_two_series(folder: Folder) -> None:
    text = "ticker,close\nA,1\nB,9\nA,2\nB,8\nA,3\nB,7\n"
    folder.data.write_text(text)
    other = folder.path / "other.csv"
    other.write_text(text.replace("B,7\n", ""))
    assert breakdown(folder, "--input", other) == [
        ("A", 3, 1, 0),
        ("B", 3, 0, 0),
        ("A", 3, 1, 0),
        ("B", 2, 0, 0),
    ]


def test_a_breakdown_has_a_line_per_file_and_group(folder: Folder) -> None:
    folder.data.write_text("ticker,close\nA,1\nB,9\nA,2\nB,8\nA,3\nB,7\n")
    bad = folder.path / "bad.csv"
    bad.write_text("ticker,close\nA,x\n")
    path = folder.path / "lines.csv"
    assert folder.run("--breakdown", path, "--keep-going", "--input", bad) == 0
    header, *got = csv.reader(path.read_text().splitlines())
    assert header == ["file", "group", "rows", "ones", "rate", "missing", "status"]
    status = "line 2: close is 'x', expected a number: if it is missing, set csv: missing: [x]"
    assert got == [
        [str(folder.data), "A", "3", "1", "0.3333333333333333", "0", "success"],
        [str(folder.data), "B", "3", "0", "0", "0", "success"],
        [str(bad), "", "", "", "", "", status],
    ]


def test_a_group_may_be_told_by_the_number_of_its_column(folder: Folder) -> None:
    configure(folder, 2, 1, "column: 2\ncsv: {header: 0}\n")
    folder.data.write_text("A,1\nB,9\nA,2\nB,8\n")
    assert breakdown(folder) == [("A", 2, 1, 0), ("B", 2, 0, 0)]


def test_rows_of_standard_input_are_grouped(folder: Folder) -> None:
    folder.data = Path("-")
    process = folder.spawn(stdin=subprocess.PIPE)
    out, _ = process.communicate(b"ticker,close\nA,1\nB,9\nA,2\nB,8\nA,3\nB,7\n", timeout=60)
    assert (json.loads(out)["rows_processed"], json.loads(out)["value"]) == (6, 0.1667)


REFUSED: dict[str, tuple[str, str, str]] = {
    "no such column": (
        "tickr,close\nA,1\n",
        "",
        "has no column 'ticker' for group_by (did you mean 'tickr'?); its columns are tickr, close",
    ),
    "two of that name": (
        "ticker,close,TICKER\nA,1,B\n",
        "group_by: Ticker",
        "has 2 columns named 'Ticker', expected one: set group_by: 1 or 3",
    ),
    "no such number": (
        "ticker,close\nA,1\n",
        "group_by: 3",
        "has no column 3 for group_by: it has 2, which are ticker, close",
    ),
    "that of the values": (
        "ticker,close\nA,1\n",
        "group_by: close",
        "has its values in column 'close', expected another for group_by",
    ),
    "a name without header": (
        "A,1\nB,2\n",
        "group_by: ticker\ncolumn: 2\ncsv: {header: 0}",
        "has no names under csv: header: 0, such as 'ticker': set group_by: to a number",
    ),
    "blank": (
        'ticker,close\nA,1\n"",2\n ,3\n',
        "",
        "line 3: ticker is missing, expected what group_by can group the row by",
    ),
    "blank, and a text elsewhere": (
        'ticker,close\nA,1\n" ",2\n"A\nB",3\n',
        "",
        "line 3: ticker is missing, expected what group_by can group the row by",
    ),
    "a footer": (
        "n,ticker,close\n1,A,1\n2,A,2\nTotal,,3\n",
        "",
        (
            "line 4: is no row, ticker is missing, expected what group_by can group the row by: "
            "if it is a footer, set csv: footer: 1"
        ),
    ),
    "short groups": (
        "ticker,close\nA,1\nB,9\nA,2\nB,8\n",
        "",
        "has 2 groups of up to 2 rows, fewer than the window of 3",
    ),
    "no rows": ("ticker,close\n", "", "has a header but no data rows"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_grouped_is_refused(name: str, folder: Folder) -> None:
    text, config, expected = REFUSED[name]
    folder.data.write_text(text)
    folder.config.write_text(f"seed: 1\nwindow: 3\nversion: v\n{config or 'group_by: ticker'}\n")
    assert folder.run() == 4
    assert folder.report()["error_message"] == f"{folder.data}: {expected}"


@pytest.mark.parametrize("write", [pq.write_table, pa.feather.write_feather])
@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (pa.array(["A", None, "A"]), "row 2: ticker is missing, expected what group_by can group the row by"),
        (
            pa.array(["A", "A", " "]).dictionary_encode(),
            "row 3: ticker is missing, expected what group_by can group the row by",
        ),
        (
            pa.array([1.0, 1.0, float("nan")]),
            "row 3: ticker is missing, expected what group_by can group the row by",
        ),
        (
            pa.array([["A"], ["A"], ["B"]]),
            "column 'ticker' is of type list<element: string>, expected what rows can be grouped by",
        ),
    ],
)
def test_what_cannot_be_grouped_by_is_refused_in_tables_too(
    names: pa.Array, expected: str, write: Callable[[pa.Table, str], None], folder: Folder
) -> None:
    folder.data = folder.path / "bars"
    write(pa.table({"close": [1.0, 2.0, 3.0], "ticker": names}), str(folder.data))
    assert folder.run() == 4
    got = str(folder.report()["error_message"]).replace("<item: ", "<element: ")
    assert got == f"{folder.data}: {expected}"


@pytest.mark.parametrize(
    "values", [pa.array([7, 8, 7, 8]), pa.array([True, False, True, False]), pa.array([1.5, 2, 1.5, 2])]
)
def test_numbers_group_by_their_text(values: pa.Array, folder: Folder) -> None:
    configure(folder, 2)
    folder.data = folder.path / "bars"
    pq.write_table(pa.table({"close": [1.0, 9, 2, 8], "ticker": values}), folder.data)
    assert [line[1:] for line in breakdown(folder)] == [(2, 1, 0), (2, 0, 0)]


def test_groups_that_say_little_are_warned_about(folder: Folder) -> None:
    folder.data.write_text("ticker,close\nA,1\nA,2\nA,3\nB,1\nB,2\nC,NA\nC,NA\nC,NA\n")
    assert folder.run() == 0
    log = folder.log.read_text()
    assert "1 of 3 groups have fewer rows than the window of 3, so that their signals are 0: B\n" in log
    assert "every value of close is missing in 1 of 3 groups: C\n" in log


def test_without_the_key_several_symbols_are_one_series_and_the_way_out_is_told(folder: Folder) -> None:
    configure(folder, more="")
    folder.config.write_text("seed: 1\nwindow: 3\nversion: v\n")
    folder.data = DIALECTS / "warn_two_symbols.csv"
    assert folder.run() == 0
    expected = (
        "rows are of more than one ticker (BBB, AAA), and windows run across them: set group_by: ticker"
    )
    assert f"{folder.data}: {expected}\n" in folder.log.read_text()


def dated(rng: random.Random, days: int = 40) -> list[list[str]]:
    """Rows of several symbols from the oldest to the newest, interleaved: date, ticker, close."""
    rows = []
    for day in range(days):
        date = str(np.datetime64("2024-01-01") + day)
        rows += [
            [date, name, f"{rng.gauss(50, 1):.2f}"] for name in ("AAA", "BBB", "CCC") if rng.random() < 0.8
        ]
    return rows


def write_dated(folder: Folder, rows: list[list[str]]) -> None:
    folder.data.write_text("date,ticker,close\n" + "".join(f"{','.join(row)}\n" for row in rows))


@pytest.mark.parametrize("seed", range(6))
def test_rows_of_groups_may_stand_in_any_blocks_from_oldest_to_newest_or_in_reverse(
    seed: int, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)  # noqa: S311
    rows = dated(rng)
    closes = [(name, close) for _, name, close in rows]
    for block in (60, 2 << 20):
        monkeypatch.setattr(protocol, "BLOCK_BYTES", block)
        blocks = sorted(rows, key=lambda row: row[1])
        for turned in (rows, blocks, rows[::-1], blocks[::-1]):
            write_dated(folder, turned)
            configure(folder, more="order: time\n")
            assert sorted(breakdown(folder)) == sorted(lines(closes, 3))
        for forward in (rows, blocks):
            write_dated(folder, forward)
            configure(folder)
            assert sorted(breakdown(folder)) == sorted(lines(closes, 3))
            assert "WARNING" not in folder.log.read_text()


@pytest.mark.parametrize("block", [60, 2 << 20])
def test_a_group_that_runs_backwards_amid_others_is_refused(
    block: int, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", block)
    rows = sorted(dated(random.Random(1)), key=lambda row: row[1])  # noqa: S311
    middle = [row for row in rows if row[1] == "BBB"]
    others = ([row for row in rows if row[1] < "BBB"], [row for row in rows if row[1] > "BBB"])
    write_dated(folder, [*others[0], *middle[::-1], *others[1]])
    assert folder.run() == 4
    way = "sort the file, or set order: file to compute as it stands"
    sentence = f"rows of 'BBB' run from newest to oldest (date): {way}"
    assert folder.report()["error_message"] == f"{folder.data}: {sentence}"
    configure(folder, more="order: time\n")
    assert folder.run() == 4
    assert "but rows run from oldest to newest elsewhere: sort the file" in str(
        folder.report()["error_message"]
    )
    configure(folder, more="order: file\n")
    assert folder.run() == 0
    assert (
        "rows of 'BBB' run from newest to oldest (date): order: file computes it as it"
        in folder.log.read_text()
    )


def test_a_cluster_counts_groups_in_time_order(folder: Folder) -> None:
    rows = dated(random.Random(2))  # noqa: S311
    write_dated(folder, rows[::-1])
    configure(folder, more="order: time\n")
    closes = [(name, close) for _, name, close in rows]
    assert sorted(breakdown(folder, "--engine", "dask", "--threads", "1")) == sorted(lines(closes, 3))


def test_a_group_that_is_dated_twice_is_warned_about(folder: Folder) -> None:
    rows = dated(random.Random(3))  # noqa: S311
    write_dated(folder, [*rows, rows[-1]])
    assert folder.run() == 0
    log = folder.log.read_text()
    assert log.count("timestamps repeat: date is 2024-02-09 00:00:00 again") == 1


def test_groups_and_time_order_do_not_import_pandas(folder: Folder) -> None:
    write_dated(folder, dated(random.Random(4))[::-1])  # noqa: S311
    configure(folder, more="order: time\n")
    code = "import sys; from mlops_task import cli; failed = cli.main(sys.argv[1:]); "
    code += "sys.exit(failed or 'pandas' in sys.modules)"
    argv = [*folder.argv(), "--signals", str(folder.path / "signals.csv")]
    assert subprocess.run([sys.executable, "-c", code, *argv], cwd=ROOT, check=False).returncode == 0
