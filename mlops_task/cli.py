"""The command line: flags in, a job run, an exit code out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from mlops_task import __version__
from mlops_task.errors import JobError, UsageError, nearest
from mlops_task.job import Job
from mlops_task.run import refuse, run

DESCRIPTION = """\
Compute the rolling mean of a price column and the rate of rows above it.

Reads OHLCV bars from a CSV file, sets a signal of 1 where the close is above the mean of
the last WINDOW closes (exact in decimals: a tie is 0), and writes the share of ones to
the metrics file and to standard output as JSON, and what happened to the log file.

No file that the command line may read is written to, by whatever name or link. Existing
files are replaced; but data, where a report or log would go, only with --force."""

EPILOG = """\
config file (YAML):
  seed: 42             seeds NumPy's generators, 0 to 4294967295
  window: 5            rows in the rolling mean, at least 1
  version: "v1"        any text; it is copied to the metrics
  column: close        optional: which column to read, by name or by number from 1
  on_missing: keep     optional: keep (a missing value has signal 0) or error
  order: time          optional: put rows in time order; file: compute them as they stand
  group_by: ticker     optional: each value of a column is a series of its own
  series: joined       optional: all inputs are one series, in time order
  csv: {decimal: ","}  optional: how CSV is written: delimiter, decimal, thousands, strip,
                       skip_lines, header, missing, footer, encoding, timestamp, unit,
                       timestamp_format (docs/forms.md)

exit codes:
  0    success
  1    unexpected error (the log has a traceback)
  2    wrong command line
  3    bad config file
  4    bad input file
  5    output that could not be written
  6    Dask cluster that cannot be reached or fails
  130  interrupted by SIGINT
  143  interrupted by SIGTERM
  128 + N  interrupted by another signal N: 129 for SIGHUP, 138 SIGUSR1, 140 SIGUSR2,
       142 SIGALRM, 152 SIGXCPU, 154 SIGVTALRM, 155 SIGPROF

On every error the metrics file and standard output hold
  {"version": ..., "status": "error", "error_message": ...}

examples:
  {call} --input data.csv --config config.yaml --output metrics.json --log-file run.log
  {call} --inspect data.csv
  {call} --input bars/ --keep-going --breakdown breakdown.csv --signals signals.parquet
  {call} --input export.csv --set window=20 --set csv.delimiter=';' --set csv.decimal=,
  zcat bars.csv.gz | {call} --input - --set seed=1 --set window=5 --set version=v1
  {call} --input bars/ --engine dask --threads 4 --log-format json"""


MOST_THREADS = 1024
DEFAULT = Job()
Flags = argparse._ArgumentGroup  # noqa: SLF001 - what `add_argument_group` returns


class Parser(argparse.ArgumentParser):
    """An argument parser that leaves reporting to the job."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line."""
        raise UsageError(f"{message} (see --help)")

    def hint(self, words: list[str]) -> str:
        """Return which flag was meant by the first of the words that is near one, as a question."""
        known = [flag.removeprefix("--") for flag in self._option_string_actions]
        wrong = [word[2:].partition("=")[0] for word in words if word.startswith("--")]
        meant = next(filter(None, (nearest(name, known) for name in wrong)), None)
        return f"did you mean '--{meant}'? " if meant else ""


def program() -> str:
    """Return what a user calls the job, by which messages begin."""
    name = Path(sys.argv[0]).name
    return "mlops-task" if name == "__main__.py" else name


def called() -> str:
    """Return how this process was called, but for its flags."""
    name = Path(sys.argv[0]).name
    return {"cli.py": "python cli.py", "__main__.py": "python -m mlops_task"}.get(name, name)


def path(text: str, what: str = "a path") -> str:
    """Return a path, which an unset shell variable is not."""
    if not text:
        raise argparse.ArgumentTypeError(f"must be {what}, got '' (an unset variable?)")
    return text


def address(text: str) -> str:
    """Return the address of a scheduler."""
    return path(text, "an address")


def file(text: str) -> Path:
    """Return the path of a file."""
    return Path(path(text))


def override(text: str) -> str:
    """Return a `key=value`."""
    if not text.partition("=")[0].strip() or "=" not in text:
        raise argparse.ArgumentTypeError(f"must be KEY=VALUE, as window=20, got {text!r}")
    return text


def count(text: str) -> int:
    """Return the number of threads that `text` tells."""
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= MOST_THREADS:
        raise argparse.ArgumentTypeError(f"must be an integer between 1 and {MOST_THREADS}, got {text!r}")
    return int(text)


class Completion(argparse.Action):
    """Print what completes the command line in a shell, and end."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        _namespace: argparse.Namespace,
        values: str | Sequence[str] | None,
        _option: str | None = None,
    ) -> NoReturn:
        """Print it, by a library that nothing else needs."""
        try:
            import shtab
        except ModuleNotFoundError:
            raise JobError(
                "--completion needs the package shtab: pip install 'mlops-task[completion]'"
            ) from None
        parser.prog = "mlops-task"
        for action in parser._actions:  # noqa: SLF001 - there is no other way to walk them
            if action.metavar == "PATH":
                action.complete = shtab.FILE  # type: ignore[attr-defined] # which shtab looks for
        sys.stdout.write(shtab.complete(parser, shell=str(values)))
        parser.exit()


def parser() -> Parser:
    """Return the parser of the command line."""
    flags = Parser(
        prog=program(),
        description=DESCRIPTION,
        epilog=EPILOG.replace("{call}", called()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        add_help=False,
    )
    _add_files(flags.add_argument_group("files and parameters"))
    _add_inspection(flags.add_argument_group("without a run"))
    _add_tables(flags.add_argument_group("tables, and files that fail"))
    _add_engine(flags.add_argument_group("where to compute"))
    _add_messages(flags.add_argument_group("messages"))
    # In a group too: the parser itself would look up the terminal for each flag, by slow imports.
    _add_help(flags.add_argument_group("help"))
    return flags


def _add_help(flags: Flags) -> None:
    flags.add_argument("-h", "--help", action="help", help="show this, and end")
    flags.add_argument(
        "--completion",
        action=Completion,
        dest=argparse.SUPPRESS,
        default=argparse.SUPPRESS,
        choices=("bash", "zsh", "tcsh"),
        help='print what completes this command in a shell: eval "$(mlops-task --completion bash)"',
    )
    flags.add_argument(
        "-V",
        "--version",
        action="version",
        version=f"%(prog)s {__version__}",
        help="show the version, and end",
    )


def _add_messages(flags: Flags) -> None:
    flags.add_argument(
        "--log-format",
        choices=("text", "json"),
        default=DEFAULT.log_format,
        help="how the log is written: lines of text, or of JSON (default: %(default)s)",
    )
    flags.add_argument(
        "--no-progress", dest="show_progress", action="store_false", help="show no progress bar on a terminal"
    )
    flags.add_argument(
        "-v", "--verbose", action="store_true", help="send the whole log to standard error too"
    )


def _add_files(flags: Flags) -> None:

    flags.add_argument(
        "--input",
        dest="inputs",
        type=path,
        nargs="+",
        action="extend",
        metavar="PATH",
        help="files, globs or folders, each file a series; - is standard input (default: data.csv)",
    )
    flags.add_argument(
        "--config",
        type=file,
        metavar="PATH",
        help=f"YAML file with the parameters (default: {DEFAULT.config}, if need be)",
    )
    flags.add_argument(
        "--set",
        dest="overrides",
        type=override,
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="set a parameter, as window=20 or csv.decimal=, whatever the config file says; may be repeated",
    )
    files = {
        "--output": (DEFAULT.output, "JSON file for the metrics, replaced in one step"),
        "--log-file": (DEFAULT.log_file, "log, appended to; each line tells its run by an id"),
    }
    for flag, (name, what) in files.items():
        flags.add_argument(
            flag, type=file, default=name, metavar="PATH", help=f"{what} (default: %(default)s)"
        )


def _add_inspection(flags: Flags) -> None:
    flags.add_argument(
        "--inspect",
        type=path,
        nargs="+",
        action="extend",
        default=[],
        metavar="PATH",
        help="instead of a run, tell what files hold and the config that reads them; writes nothing",
    )


def _add_tables(flags: Flags) -> None:
    flags.add_argument(
        "--signals",
        type=file,
        metavar="PATH",
        help="write timestamp, close, rolling_mean and signal of every row: .parquet, .csv or .arrow",
    )
    flags.add_argument(
        "--breakdown",
        type=file,
        metavar="PATH",
        help="write a line per file: .csv, .json or .parquet",
    )
    flags.add_argument(
        "--force",
        action="store_true",
        help="let reports replace data, and tables files that hold no table; never what is read",
    )
    flags.add_argument(
        "--keep-going", action="store_true", help="leave files out that fail, as long as one does not"
    )


def _add_engine(flags: Flags) -> None:
    flags.add_argument(
        "--threads",
        type=count,
        metavar="N",
        help="threads that read and compute, or processes of a local Dask cluster (default: one per core)",
    )
    flags.add_argument(
        "--engine",
        choices=("local", "dask"),
        default=DEFAULT.engine,
        help="where to compute: in this process, or on a Dask cluster (default: %(default)s)",
    )
    flags.add_argument(
        "--scheduler",
        type=address,
        metavar="ADDRESS",
        help="scheduler of an existing Dask cluster, as tcp://host:8786 (default: a local cluster)",
    )


def main(argv: list[str] | None = None, *, started: float | None = None) -> int:
    """Run the command line `argv` and return the exit code."""
    flags = parser()
    try:
        values, unknown = flags.parse_known_args(argv)
    except JobError as error:
        return refuse(error, sys.argv[1:] if argv is None else argv)
    values.inputs, values.inspect = tuple(values.inputs or DEFAULT.inputs), tuple(values.inspect)
    values.overrides = tuple(values.overrides)
    values.needs_config = values.config is not None
    values.config = values.config or DEFAULT.config
    job = Job(**vars(values), unknown=tuple(unknown), hint=flags.hint(unknown))
    if job.inspect:
        from mlops_task.inspection.command import inspect

        return inspect(job)
    return run(job, started)
