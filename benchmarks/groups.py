"""`group_by` beside one series of the same file and pandas' groupby: cold processes, interleaved, medians.

`python -m benchmarks.groups` writes `--rows` rows of `--groups` symbols, sorted by time and in blocks, as CSV
and as Parquet (0.5 GB for 10 million rows) into `--folder`, or into a temporary one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from benchmarks.large import OURS, TOLERANCE, rate
from benchmarks.processes import interleaved

ONE = "one series"
PANDAS = """
import sys, pandas as pd
bars = pd.read_{kind}(sys.argv[1], {columns}=["ticker", "close"])
close, groups = bars["close"], bars.groupby("ticker", sort=False)["close"]
mean = groups.rolling({window}).mean().droplevel(0).sort_index()
print((close > mean).mean())
"""
BATCH = 1_000_000
ORDERS = ("interleaved", "blocks")


def batches(rows: int, groups: int, order: str) -> Iterator[pa.RecordBatch]:
    """Yield seeded bars of several symbols."""
    rng = np.random.default_rng(42)
    names = pa.array([f"SYM{number}" for number in range(groups)])
    starts = rng.integers(5_00, 500_00, groups)
    for begin in range(0, rows, BATCH):
        row = np.arange(begin, min(rows, begin + BATCH))
        minute, code = (
            divmod(row, groups) if order == "interleaved" else divmod(row, -(-rows // groups))[::-1]
        )
        close = (starts[code] + rng.integers(-50, 51, len(row))) / 100
        yield pa.record_batch(
            {
                "timestamp": pa.array(1_700_000_000 + 60 * minute),
                "ticker": pa.DictionaryArray.from_arrays(
                    pa.array(code, pa.int32()), names
                ).dictionary_decode(),
                "open": close,
                "high": close + 0.5,
                "low": close - 0.5,
                "close": close,
                "volume": rng.integers(1, 10_000, len(row)),
            }
        )


def written(folder: Path, rows: int, groups: int, order: str) -> Iterator[Path]:
    """Yield the files of an order, written if they are not there."""
    for kind in ("csv", "parquet"):
        path = folder / f"{order}-{rows}-{groups}.{kind}"
        if not path.exists():
            make = pa.csv.CSVWriter if kind == "csv" else pq.ParquetWriter
            bars = batches(rows, groups, order)
            first = next(bars)
            with make(path, first.schema) as writer:
                for batch in (first, *bars):
                    writer.write_table(pa.Table.from_batches([batch]))
        yield path


def commands(path: Path, folder: Path, window: int) -> dict[str, list[str]]:
    """Return the programs that are compared."""
    job = [sys.executable, "cli.py", "--no-progress", "--input", str(path)]
    job += ["--output", str(folder / "metrics.json"), "--log-file", str(folder / "run.log"), "--config"]
    config = f"seed: 1\nwindow: {window}\nversion: v\norder: file\n"
    (folder / "one.yaml").write_text(config)
    (folder / "groups.yaml").write_text(config + "group_by: ticker\n")
    kind = path.suffix[1:]
    code = PANDAS.format(kind=kind, columns="usecols" if kind == "csv" else "columns", window=window)
    return {
        OURS: [*job, str(folder / "groups.yaml")],
        ONE: [*job, str(folder / "one.yaml")],
        "pandas groupby": [sys.executable, "-c", code, str(path)],
    }


def main() -> None:
    """Measure and print."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--rows", type=int, default=10_000_000)
    flags.add_argument("--groups", type=int, default=10_000)
    flags.add_argument("--windows", type=int, nargs="+", default=[5, 20])
    flags.add_argument("--rounds", type=int, default=5)
    flags.add_argument("--folder", type=Path, help="where the files are, or are to stay")
    options = flags.parse_args()
    print("| file | window | seconds | MB | of one series | of pandas |", flush=True)
    print("| --- | ---: | ---: | ---: | ---: | ---: |", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        for order in ORDERS:
            for path in written(options.folder or Path(temporary), options.rows, options.groups, order):
                for window in options.windows:
                    results = interleaved(commands(path, Path(temporary), window), rounds=options.rounds)
                    ours, one, pandas = results.values()
                    if abs(rate(ours.printed) - rate(pandas.printed)) > TOLERANCE:
                        raise RuntimeError(f"pandas found {pandas.printed}, expected {ours.printed}")
                    shares = f"{ours.median / one.median:.2f} | {ours.median / pandas.median:.2f}"
                    name = f"{order}, {path.suffix[1:]}"
                    print(
                        f"| {name} | {window} | {ours.median:.2f} | {ours.peak_mb} | {shares} |", flush=True
                    )


if __name__ == "__main__":
    main()
