"""`--inspect`: files in, text on standard output, an exit code out. Nothing is run, and nothing written."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from mlops_task.config import Config
from mlops_task.errors import (
    InputError,
    Interrupted,
    JobError,
    OutputError,
    UsageError,
    because,
    shown,
    unmet_need,
)
from mlops_task.inputs.paths import STDIN, expand
from mlops_task.inspection.tables import check_pipe
from mlops_task.interrupts import interruptible, signals_restored
from mlops_task.job import Job
from mlops_task.outputs.log import one_line
from mlops_task.outputs.refusals import STDOUT, refusals
from mlops_task.settings import load

_PLAIN = ("seed=0", "window=1", "version=none")


def inspect(job: Job) -> int:
    """Tell on standard output what the files of a job hold, and return the exit code."""
    with signals_restored():
        try:
            with interruptible():
                return _inspected(job)
        except (JobError, Interrupted) as error:
            return _failed(error, error.exit_code)
        except Exception as error:
            foreseen = unmet_need(error)
            if foreseen is None:
                raise
            return _failed(foreseen, foreseen.exit_code)


def _inspected(job: Job) -> int:
    from mlops_task.inspection.report import Reporter, listed

    if job.unknown:
        raise UsageError(f"unknown arguments: {' '.join(job.unknown)} ({job.hint}see --help)")
    if job.inputs != Job().inputs or job.signals or job.breakdown:
        raise UsageError("--inspect runs nothing: --input, --signals and --breakdown do not go with it")
    if error := refusals(job._replace(inputs=job.inspect)).get(STDOUT):
        raise error
    reporter = Reporter(str(job.config), _config(job))
    code = 0
    for number, name in enumerate(expand(list(job.inspect))):
        lines = [""] if number else []
        lines.append(one_line("standard input" if name == STDIN else shown(name)))
        try:
            with _in_file(name) as path:
                lines += reporter.lines(path)
        except InputError as error:
            lines += listed([str(error)])
            code = error.exit_code
        _print(lines)
    return code


def _config(job: Job) -> Config:
    """Return the config, a plain one where none is needed."""
    plain = () if job.needs_config or job.config.exists() else _PLAIN
    return load(job.config, Config, (*plain, *job.overrides), is_needed=job.needs_config)


@contextlib.contextmanager
def _in_file(name: str) -> Iterator[Path]:
    """Give the file of a name; what can be read only once is kept in a temporary one meanwhile."""
    try:
        is_stream = name == STDIN or not stat.S_ISREG(Path(name).stat().st_mode)
        if not is_stream:
            yield Path(name)
            return
        if name != STDIN and Path(name).is_dir():
            raise InputError("is a directory, expected a file")
        with NamedTemporaryFile(prefix="mlops-task-") as copy:
            with open(0 if name == STDIN else name, "rb", closefd=name != STDIN) as stream:
                shutil.copyfileobj(stream, copy)
            copy.flush()
            check_pipe(Path(copy.name))
            yield Path(copy.name)
    except FileNotFoundError:
        raise InputError("no such input file") from None
    except OSError as error:
        raise InputError(f"cannot be read: {because(error)}") from None


def _print(lines: Sequence[str]) -> None:
    text = "\n".join(lines) + "\n"
    try:
        sys.stdout.write(
            text.encode(sys.stdout.encoding or "utf-8", "backslashreplace").decode(
                sys.stdout.encoding or "utf-8"
            )
        )
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError) as error:
        why = because(error) if isinstance(error, OSError) else "it is closed"
        # The interpreter would try again at its end.
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise OutputError(f"standard output cannot be written: {why}") from None


def _failed(error: BaseException, code: int) -> int:
    with contextlib.suppress(AttributeError, OSError, ValueError):
        sys.stderr.write(f"{one_line(str(error))}\n")
    return code
