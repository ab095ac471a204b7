"""CSV through the whole job and through the scanner alone, as ratios: to peers, between forms, of threads.

`python -m benchmarks.text` prints for each number of rows the job's share of polars' and pandas' time (cold
processes, interleaved, medians) and its peak memory; then what every form of the same rows takes beside the
plain one, what a second thread brings, and what the scanner reads in memory. `--rows 10000 100000 2000000
20000000` needs 1.7 GB in `--folder`, or in a temporary one.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.generate import HEADER, write
from benchmarks.large import OURS, PANDAS, POLARS, TOLERANCE, WINDOW, rate
from benchmarks.processes import interleaved
from kernels._text import DONE, PAD, Scanner, address_of

FORM_ROWS = 2_000_000
FORMS = (
    "plain",
    "crlf",
    "indented",
    "padded",
    "wrapped",
    "quoted",
    "wrapped-doubled",
    "adjusted",
    "wide",
    "gzip",
    "zstd",
)
COLUMNS = HEADER.split(",")
WIDE = 40


def job(path: Path, folder: Path, *flags: str) -> list[str]:
    """Return the command of the job on a file."""
    outputs = ["--output", str(folder / "metrics.json"), "--log-file", str(folder / "run.log")]
    return [sys.executable, "cli.py", "--no-progress", "--input", str(path), *outputs, *flags]


def plain(folder: Path, rows: int) -> Path:
    """Return a plain file of so many rows, written if it is not there."""
    path = folder / f"{rows}.csv"
    if not path.exists():
        write(path, rows=rows)
    return path


def formed(folder: Path, form: str) -> Path:
    """Return the file of `FORM_ROWS` rows in a form."""
    source = plain(folder, FORM_ROWS)
    if form == "plain":
        return source
    path = folder / f"{form}.csv"
    if path.exists():
        return path
    if form == "gzip":
        with source.open("rb") as file, gzip.open(path, "wb", compresslevel=1) as packed:
            shutil.copyfileobj(file, packed)
    elif form == "zstd":
        import pyarrow as pa

        with source.open("rb") as file, pa.CompressedOutputStream(str(path), "zstd") as packed:
            shutil.copyfileobj(file, packed)
    elif form in {"adjusted", "wide"}:
        with path.open("w") as file:
            file.writelines(_changed(source, form))
    else:
        write(path, rows=FORM_ROWS, form=form)
    return path


def _changed(source: Path, form: str) -> Iterator[str]:
    """Yield the lines with a close of 17 digits, as adjusted prices have, or with forty columns."""
    with source.open() as file:
        header = next(file)
        more = "".join(f",c{i}" for i in range(len(COLUMNS), WIDE)) + "\n"
        yield header if form == "adjusted" else header.rstrip("\n") + more
        for line in file:
            fields = line.rstrip("\n").split(",")
            if form == "adjusted":
                fields[4] = repr(float(fields[4]) * 0.9371625394)
            else:
                fields += ["7"] * (WIDE - len(fields))
            yield ",".join(fields) + "\n"


def beside_peers(folder: Path, rows: list[int], rounds: int) -> Iterator[str]:
    """Yield the lines of the table of shares."""
    yield "| rows | seconds | of polars | of pandas | peak MB |"
    yield "| ---: | ---: | ---: | ---: | ---: |"
    for count in rows:
        path = plain(folder, count)
        commands = {OURS: job(path, folder)}
        for name, code in (("polars", POLARS), ("pandas", PANDAS)):
            filled = code.format(kind="csv", window=WINDOW, columns="usecols")
            commands[name] = [sys.executable, "-c", filled, str(path)]
        results = interleaved(commands, rounds=rounds)
        expected = rate(results[OURS].printed)
        for name, result in results.items():
            if abs(rate(result.printed) - expected) > TOLERANCE:
                raise RuntimeError(f"{name} found {result.printed}, expected {expected}")
        ours = results[OURS]
        shares = " | ".join(f"{ours.median / results[name].median:.2f}" for name in ("polars", "pandas"))
        yield f"| {count} | {ours.median:.3f} | {shares} | {ours.peak_mb} |"


def forms(folder: Path, rounds: int) -> Iterator[str]:
    """Yield the lines of the table of forms, of the same rows each."""
    results = interleaved({form: job(formed(folder, form), folder) for form in FORMS}, rounds=rounds)
    yield "| form | seconds | of plain | peak MB |"
    yield "| --- | ---: | ---: | ---: |"
    for form, result in results.items():
        share = result.median / results["plain"].median
        yield f"| {form} | {result.median:.3f} | {share:.2f} | {result.peak_mb} |"


def threads(folder: Path, rows: int, rounds: int) -> str:
    """Return what a second thread brings on the largest file."""
    commands = {str(n): job(plain(folder, rows), folder, "--threads", str(n)) for n in (1, 2)}
    results = interleaved(commands, rounds=rounds)
    return f"{rows} rows: two threads {results['1'].median / results['2'].median:.2f} times as fast as one"


def in_memory(rounds: int) -> Iterator[str]:
    """Yield the lines of the table of what the scanner alone reads."""
    rows = Path("data.csv").read_bytes().partition(b"\n")[2].splitlines() * 20
    text = b"\n".join(rows) + b"\n"
    tasks: dict[str, Callable[[], None]] = {
        "one column of numbers": _scan(text, [4], []),
        "four columns of numbers": _scan(text, [1, 2, 3, 4], []),
        "a column of numbers, a column of texts": _scan(text, [4], [0]),
        "the same by semicolons, one column": _scan(text.replace(b",", b";"), [4], [], ";"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            begun = time.perf_counter()
            task()
            seconds[name].append(time.perf_counter() - begun)
    yield "| scanner, one thread, in memory | GB/s | ns a row |"
    yield "| --- | ---: | ---: |"
    for name, taken in seconds.items():
        median = statistics.median(taken)
        yield f"| {name} | {len(text) / median / 1e9:.2f} | {median / len(rows) * 1e9:.1f} |"


def _scan(text: bytes, numbers: list[int], texts: list[int], delimiter: str = ",") -> Callable[[], None]:
    buffer = bytearray(bytes(PAD) + text + bytes(PAD))

    def task() -> None:
        begin = address_of(buffer) + PAD
        scanner = Scanner(len(COLUMNS), numbers, texts, delimiter=ord(delimiter), size=len(text))
        if scanner.read(begin, begin + len(text)) != (begin + len(text), DONE):
            raise RuntimeError("the scanner stopped")
        for slot in range(len(texts)):
            scanner.texts(slot)

    return task


def main() -> None:
    """Measure and print."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    flags.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 2_000_000])
    flags.add_argument("--rounds", type=int, default=9)
    flags.add_argument("--folder", type=Path, help="where the files are, or are to stay")
    options = flags.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        for line in beside_peers(folder, options.rows, options.rounds):
            print(line, flush=True)
        print()
        for line in forms(folder, options.rounds):
            print(line, flush=True)
        print("\n" + threads(folder, max(options.rows), options.rounds) + "\n", flush=True)
        for line in in_memory(options.rounds):
            print(line, flush=True)


if __name__ == "__main__":
    main()
