"""Write seeded one-minute bars as CSV, any number of rows, in every form that exports come in.

``python -m benchmarks.generate data.csv`` writes the sample of this repository again, byte for byte.

The price is a random walk in whole cents between two reflecting prices. Its volatility is a cascade, the
product of multipliers that hold for a day, four hours, one hour and so on (Calvet and Fisher, "How to
forecast long-run volatility", 2004), so busy and quiet times cluster; in the quiet ones a close often ties
with its rolling mean.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, count, cycle, islice
from pathlib import Path

import numpy as np

HEADER = "timestamp,open,high,low,close,volume_btc,volume_usd"
ROW = "%s %s,%.2f,%.2f,%.2f,%.2f,%.6f,%.2f"
FIRST_DAY = date(2024, 1, 1)
DAY = 24 * 60
TIMES = [f"{minute // 60:02}:{minute % 60:02}:00" for minute in range(DAY)]

START, LOWEST, HIGHEST = 42_000_00, 20_000_00, 100_000_00  # cents
STEP = 10_00  # cents, typical move within a minute
TURNOVER = 4.0  # BTC, half of the typical volume of a minute
HOLDS = (1440, 240, 60, 15, 5)  # minutes for which the multipliers of the cascade hold
MULTIPLIERS = (0.4, 1.6)


def bars(seed: int) -> Iterator[str]:
    """Yield the bars of `seed` as CSV lines without line ends, for ever."""
    walk = START
    for day in count():
        # A generator per day: memory is that of one day, and a short file begins a longer one.
        rng = np.random.default_rng((seed, day))
        activity = np.ones(DAY)
        for minutes in HOLDS:
            activity *= np.repeat(rng.choice(MULTIPLIERS, DAY // minutes), minutes)
        steps, above, below = np.rint(STEP * activity * rng.standard_normal((3, DAY))).astype(np.int64)
        path = walk + np.concatenate(([0], np.cumsum(steps)))
        walk = int(path[-1])
        price = _reflected(path)
        opened, closed = price[:-1], price[1:]
        high = np.maximum(opened, closed) + abs(above) // 2
        low = np.minimum(opened, closed) - abs(below) // 2
        volume = TURNOVER * activity * rng.standard_exponential((2, DAY)).sum(axis=0)
        columns = (opened / 100, high / 100, low / 100, closed / 100, volume, volume * closed / 100)
        today = (FIRST_DAY + timedelta(days=day)).isoformat()
        for row in zip(cycle([today]), TIMES, *(column.tolist() for column in columns), strict=False):
            yield ROW % row


def _reflected(path: np.ndarray) -> np.ndarray:
    """Fold a free walk into the range of prices, as if its ends were mirrors."""
    width = HIGHEST - LOWEST
    return HIGHEST - abs((path - LOWEST) % (2 * width) - width)


@dataclass(frozen=True)
class Form:
    """How an export writes a file: `line` gets the number of a line (the header is 0) and its plain text."""

    line: Callable[[int, str], str] = lambda _, line: line
    start: str = ""
    end: str = "\n"
    last: str = "\n"


def _fields_quoted(_: int, line: str) -> str:
    return '"' + line.replace(",", '","') + '"'


def _column_added(name: str, *values: str) -> Callable[[int, str], str]:
    return lambda number, line: f"{line},{values[number % len(values)] if number else name}"


def _columns_reversed(_: int, line: str) -> str:
    return ",".join(reversed(line.split(",")))


def _some_missing(number: int, line: str) -> str:
    if number % 100:
        return line
    fields = line.split(",")
    fields[4] = ("", "NA", "NaN", "null")[number // 100 % 4] if number else fields[4]
    return ",".join(fields)


def _delimited_by(delimiter: str, decimal: str = ".") -> Callable[[int, str], str]:
    return lambda _, line: line.replace(",", delimiter).replace(".", decimal)


def _prices_as(shown: Callable[[str], str], delimiter: str = ",") -> Callable[[int, str], str]:
    def line(number: int, text: str) -> str:
        time, *prices = text.split(",")
        return delimiter.join([time, *(map(shown, prices) if number else prices)])

    return line


def _in_groups(price: str) -> str:
    return f"{float(price):,.2f}"


def _in_groups_of_europe(price: str) -> str:
    return _in_groups(price).translate(str.maketrans(",.", ".,"))


FORMS = {
    "plain": Form(),
    "bom": Form(start="\ufeff"),
    "crlf": Form(end="\r\n", last="\r\n"),
    "no-last-newline": Form(last=""),
    "blank-last-line": Form(last="\n \t \n"),
    "indented": Form(lambda _, line: f"  {line}"),
    "padded": Form(lambda _, line: f"{line}\t\t"),
    "wrapped": Form(lambda _, line: f'"{line}"'),
    "wrapped-data": Form(lambda number, line: f'"{line}"' if number else line),
    "wrapped-doubled": Form(lambda number, line: '"' + _fields_quoted(number, line).replace('"', '""') + '"'),
    "quoted": Form(_fields_quoted),
    "commas": Form(_column_added("note", '"calm, then busy"', '"1,000.00"')),
    "newlines": Form(_column_added("note", '"two\nlines"', '"a ""quoted""\n\nword"')),
    "extra": Form(_column_added("extra", "", "abc", "7", "-1e400", "True", '"{""a"": [1, 2]}"', "£")),
    "symbols": Form(_column_added("ticker", "AAA", "BBB", "CCC")),
    "reversed": Form(_columns_reversed),
    "close-only": Form(lambda _, line: line.split(",")[4]),
    "missing": Form(_some_missing),
    "semicolons": Form(_delimited_by(";")),
    "tabs": Form(_delimited_by("\t")),
    "decimal-commas": Form(_delimited_by(";", ",")),
    "thousands": Form(_prices_as(lambda price: f'"{_in_groups(price)}"')),
    "points-for-thousands": Form(_prices_as(_in_groups_of_europe, ";")),
    "dollars": Form(_prices_as(lambda price: f"${price}")),
    "preamble": Form(start="https://www.example.org\n"),
    "sep-line": Form(_delimited_by(";"), start="sep=;\n"),
    "footer": Form(last='\n"The end, as of today"\n'),
}


def write(path: Path, *, rows: int, seed: int = 42, form: str = "plain") -> None:
    """Write `rows` bars of `seed` to `path` in one of the `FORMS`."""
    style = FORMS[form]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(style.start + style.line(0, HEADER))
        lines = (style.line(number, line) for number, line in enumerate(islice(bars(seed), rows), start=1))
        file.writelines(chain.from_iterable(zip(cycle([style.end]), lines, strict=False)))
        file.write(style.last)


def main() -> None:
    """Write a file as the command line says."""
    parser = argparse.ArgumentParser(description="Write seeded one-minute bars as CSV.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--form", choices=FORMS, default="plain")
    args = parser.parse_args()
    write(args.out, rows=args.rows, seed=args.seed, form=args.form)


if __name__ == "__main__":
    main()
