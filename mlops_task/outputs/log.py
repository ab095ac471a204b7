"""Logging of one run: lines appended to a log that other runs may share, and what matters on stderr."""

from __future__ import annotations

import logging
import os
import sys
from functools import partial
from pathlib import Path
from typing import TextIO

from mlops_task.errors import OutputError, because
from mlops_task.outputs.files import descriptor_of, number_of, open_stream

DATE_FORMAT = "%Y-%m-%d %H:%M:%S"

log = logging.getLogger("mlops_task")


class _Formatter(logging.Formatter):
    """Every line tells its run and is one line: a line break in a path or a cell must not forge a record.

    The traceback of an unforeseen error, which only the file has, is further lines.
    """

    def __init__(self, run: str, *, tracebacks: bool) -> None:
        super().__init__(datefmt=DATE_FORMAT)
        self._run, self._tracebacks = run, tracebacks

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, or lines, of a record."""
        before = f"{self.formatTime(record, self.datefmt)} - {self._run} - {record.levelname} - "
        lines = [record.getMessage()]
        if record.exc_info and self._tracebacks:
            lines += self.formatException(record.exc_info).splitlines()
        return "\n".join(one_line(before + line) for line in lines)


class _JsonFormatter(_Formatter):
    """The same as an object a line, for log collectors; `file` is the input that it is about, or null."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        from datetime import UTC, datetime

        from msgspec.json import encode

        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "run": self._run,
            "message": one_line(record.getMessage()),
            "file": None,
        }
        file = getattr(record, "file", None)
        if file is not None:
            line["file"] = one_line(file)
        if record.exc_info and self._tracebacks:
            line["traceback"] = "\n".join(map(one_line, self.formatException(record.exc_info).splitlines()))
        return encode(line).decode()


class _LogFile(logging.Handler):
    """A log that several runs append to at once, in whole lines; its failures end the run with a sentence."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file = open_stream(path, os.O_APPEND | os.O_CREAT)
        self._before = b"\n" if _is_cut(path) else b""

    def emit(self, record: logging.LogRecord) -> None:
        """Append the lines of a record in one call, which the system keeps together."""
        data = self._before + self.format(record).encode("utf-8", "backslashreplace") + b"\n"
        self._before = b""
        try:
            while data:
                data = data[os.write(self._file, data) :]
        except OSError as error:
            log.removeHandler(self)
            raise OutputError(f"{self._path}: the log cannot be written: {because(error)}") from None

    def close(self) -> None:
        """Close the file, once."""
        super().close()
        if self._file >= 0:
            self._file, file = -1, self._file
            os.close(file)


def _is_cut(path: Path) -> bool:
    """Tell whether a file ends in the middle of a line, as a full disk leaves it."""
    if descriptor_of(path) is not None or not path.is_file() or not path.stat().st_size:
        return False
    try:
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:
        return False  # a log may be one that is written and never read


class _Stderr(logging.StreamHandler[TextIO]):
    """A handler for stderr, whose loss (a closed pipe, say) is nothing to die of."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's names
        """Drop the record."""
        log.removeHandler(self)


def one_line(text: str) -> str:
    """Return `text` with control characters and lone surrogates escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def start_logging(path: Path | None, *, verbose: bool, stderr: bool = True, form: str = "text") -> None:
    """Append this run's records to the file at `path`, and send warnings and errors to standard error.

    Parameters
    ----------
    path
        The log file; None for none.
    verbose
        Whether standard error gets all records.
    stderr
        Whether standard error may be written to.
    form
        `text` or `json`.

    Raises
    ------
    OutputError
        If the file cannot be opened. Records still go to standard error then.
    """
    stop_logging()
    log.setLevel(logging.INFO)
    log.propagate = False
    formatter = partial(_JsonFormatter if form == "json" else _Formatter, os.urandom(4).hex())
    log.addHandler(logging.NullHandler())  # or logging writes to standard error where nothing else may
    number = number_of(sys.stderr)
    if (
        sys.stderr is not None
        and stderr
        and (path is None or number is None or descriptor_of(path) != number)
    ):
        level = logging.INFO if verbose else logging.WARNING
        _add(_Stderr(sys.stderr), level, formatter(tracebacks=verbose))
    if path is not None:
        try:
            to_file = _LogFile(path)
        except OSError as error:
            raise OutputError(f"{path}: the log cannot be written: {because(error)}") from None
        _add(to_file, logging.INFO, formatter(tracebacks=True))


def _add(handler: logging.Handler, level: int, formatter: logging.Formatter) -> None:
    handler.setLevel(level)
    handler.setFormatter(formatter)
    log.addHandler(handler)


def stop_logging() -> None:
    """Close this run's log."""
    for handler in list(log.handlers):
        log.removeHandler(handler)
        try:
            handler.close()
        except OSError as error:  # the disk may be full
            raise OutputError(f"the log cannot be written: {because(error)}") from None
