"""The whole job on large files beside polars, pandas and DuckDB: cold processes, interleaved, medians.

`python -m benchmarks.large --rows 2000000 20000000` generates the files it needs (0.15 and 1.5 GB) in a
temporary folder, checks that all programs agree, and prints a table for each.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.generate import write
from benchmarks.processes import interleaved, table

WINDOW = 5
ROW_GROUP = 1_000_000
OURS = "this project"
TOLERANCE = 0.0005  # the peers get ties wrong

POLARS = """
import sys, polars as pl
close, scan = pl.col("close"), pl.scan_{kind}(sys.argv[1])
above = (close > close.rolling_mean({window})).fill_null(False)
print(scan.select(above.mean()).collect().item())
"""
PANDAS = """
import sys, pandas as pd
close = pd.read_{kind}(sys.argv[1], {columns}=["close"])["close"]
print((close > close.rolling({window}).mean()).mean())
"""
DUCKDB = """
import sys, duckdb
over = "over (rows between {window} - 1 preceding and current row)"
mean = f"avg(close) {{over}} as mean, count(*) {{over}} as n"
rows = f"select close, {{mean}} from read_{kind}('{{sys.argv[1]}}')"
query = f"select avg(case when n = {window} and close > mean then 1 else 0 end) from ({{rows}})"
duckdb.sql("set enable_progress_bar = false")
print(duckdb.sql(query).fetchall()[0][0])
"""


def commands(path: Path, folder: Path) -> dict[str, list[str]]:
    """Return the programs that compute the signal rate of the file at `path`."""
    kind = path.suffix.removeprefix(".")
    fill = {"kind": kind, "window": WINDOW, "columns": "usecols" if kind == "csv" else "columns"}
    outputs = ["--output", str(folder / "metrics.json"), "--log-file", str(folder / "run.log")]
    peers = {"polars (lazy)": POLARS, "pandas": PANDAS}
    # DuckDB's CSV reader keeps the order of rows, its window needs no other.
    duckdb = DUCKDB.replace("read_{kind}", "read_csv" if kind == "csv" else "read_parquet")
    peers["DuckDB"] = duckdb
    return {OURS: [sys.executable, "cli.py", "--input", str(path), *outputs]} | {
        name: [sys.executable, "-c", code.format(**fill), str(path)] for name, code in peers.items()
    }


def convert(csv: Path, parquet: Path) -> None:
    """Write a CSV file as Parquet, in row groups of a million rows or a little more."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    reader = pa.csv.open_csv(csv)
    with pa.parquet.ParquetWriter(parquet, reader.schema) as writer:
        batches, rows = [], 0
        for batch in reader:
            batches.append(batch)
            rows += batch.num_rows
            if rows >= ROW_GROUP:
                writer.write_table(pa.Table.from_batches(batches), row_group_size=2 * ROW_GROUP)
                batches, rows = [], 0
        if batches:
            writer.write_table(pa.Table.from_batches(batches))


def rate(printed: str) -> float:
    """Return the signal rate that a program printed."""
    return float(json.loads(printed)["value"]) if printed.startswith("{") else float(printed)


def main() -> None:
    """Measure and print."""
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--rows", type=int, nargs="+", default=[2_000_000])
    flags.add_argument("--rounds", type=int, default=5)
    flags.add_argument("--folder", type=Path, help="where the files are, or are to stay")
    options = flags.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        for rows in options.rows:
            csv = folder / f"{rows}.csv"
            if not csv.exists():
                write(csv, rows=rows)
            parquet = csv.with_suffix(".parquet")
            if not parquet.exists():
                convert(csv, parquet)
            for path in (csv, parquet):
                results = interleaved(commands(path, Path(temporary)), rounds=options.rounds)
                expected = rate(results[OURS].printed)
                for name, result in results.items():
                    if abs(rate(result.printed) - expected) > TOLERANCE:
                        raise RuntimeError(f"{name} found {result.printed}, expected {expected}")
                size = path.stat().st_size / 1e9
                print(
                    f"\n{rows} rows of {path.suffix[1:]}, {size:.2f} GB\n\n{table(results, OURS)}", flush=True
                )


if __name__ == "__main__":
    main()
