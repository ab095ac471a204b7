from time import perf_counter  # noqa: D100 - the clock starts on the first line

STARTED = perf_counter()  # before any other import: what imports cost is part of latency_ms

import argparse  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import NoReturn  # noqa: E402

from pipeline import __version__  # noqa: E402
from pipeline.errors import UsageError  # noqa: E402
from pipeline.run import Job, refuse, run  # noqa: E402

DESCRIPTION = """\
Compute the rolling mean of a price column and the rate of rows above it.

Reads OHLCV bars from a CSV file, sets a signal of 1 where the close is above the mean of
the last WINDOW closes (exact in decimals: a tie is 0), and writes the share of ones to
the metrics file and to standard output as JSON, and what happened to the log file."""

EPILOG = """\
config file (YAML):
  seed: 42             seeds NumPy's generators, 0 to 4294967295
  window: 5            rows in the rolling mean, at least 1
  version: "v1"        any text; it is copied to the metrics
  column: close        optional: which column to read
  on_missing: keep     optional: keep (a missing value has signal 0) or error

exit codes:
  0    success
  1    unexpected error (the log has a traceback)
  2    wrong command line
  3    bad config file
  4    bad input file
  5    output that could not be written
  130  interrupted by SIGINT
  143  interrupted by SIGTERM

On every error the metrics file and standard output hold
  {"version": ..., "status": "error", "error_message": ...}

example:
  python cli.py --input data.csv --config config.yaml --output metrics.json --log-file run.log"""


class Parser(argparse.ArgumentParser):
    """An argument parser that leaves reporting to the job."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        raise UsageError(f"{message} (see --help)")


def parser() -> Parser:
    """Return the parser of the command line."""
    default = Job()
    flags = Parser(
        prog="cli.py",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    files = {
        "--input": (default.input, "CSV file with a header line"),
        "--config": (default.config, "YAML file with the parameters"),
        "--output": (default.output, "JSON file for the metrics, replaced in one step"),
        "--log-file": (default.log_file, "log of this run, started anew"),
    }
    for flag, (path, what) in files.items():
        flags.add_argument(
            flag, type=Path, default=path, metavar="PATH", help=f"{what} (default: %(default)s)"
        )
    flags.add_argument(
        "-v", "--verbose", action="store_true", help="send the whole log to standard error too"
    )
    flags.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return flags


def main(argv: list[str] | None = None, *, started: float | None = None) -> int:
    """Run the command line `argv` and return the exit code."""
    flags = parser()
    try:
        values, unknown = flags.parse_known_args(argv)
    except UsageError as error:
        return refuse(error)
    refusal = UsageError(f"unknown arguments: {' '.join(unknown)} (see --help)") if unknown else None
    return run(Job(**vars(values)), started, refusal=refusal)


if __name__ == "__main__":
    sys.exit(main(started=STARTED))
