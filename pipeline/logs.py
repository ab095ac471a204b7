"""Logging of one run: a log file started anew, and what matters on stderr."""

from __future__ import annotations

import contextlib
import logging
import sys
from pathlib import Path
from typing import TextIO

from pipeline.errors import OutputError, because

FORMAT = "%(asctime)s - %(levelname)s - %(message)s"
DATE_FORMAT = "%Y-%m-%d %H:%M:%S"

log = logging.getLogger("pipeline")


class _Formatter(logging.Formatter):
    """One record, one line: a line break in a path or a cell must not forge a record.

    Only the traceback of an unforeseen error takes more lines, and only in the file.
    """

    def __init__(self, *, tracebacks: bool) -> None:
        super().__init__(FORMAT, DATE_FORMAT)
        self.tracebacks = tracebacks

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """Return the record's line, on one line."""
        return one_line(super().formatMessage(record))

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's name
        """Return the traceback, if wanted."""
        return super().formatException(ei) if self.tracebacks else ""  # type: ignore[arg-type] # logging's own triple


class _LogFile(logging.FileHandler):
    """A file handler whose failures end the run with a sentence, once, rather than litter stderr."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's names
        """End the run."""
        error = sys.exc_info()[1]
        log.removeHandler(self)
        with contextlib.suppress(OSError):  # closing tries once more to write
            self.close()
        reason = because(error) if isinstance(error, OSError) else str(error)
        raise OutputError(f"{self.baseFilename}: the log cannot be written: {reason}") from None


class _Stderr(logging.StreamHandler[TextIO]):
    """A handler for stderr, whose loss (a closed pipe, say) is nothing to die of."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's names
        """Drop the record."""
        log.removeHandler(self)


def one_line(text: str) -> str:
    """Return `text` with control characters and lone surrogates escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def start_logging(path: Path | None, *, verbose: bool) -> None:
    """Send this run's records to a new file at `path`, and warnings and errors (all if `verbose`) to stderr.

    Raises
    ------
    OutputError
        If the file cannot be created. Records still go to stderr then.
    """
    stop_logging()
    log.setLevel(logging.INFO)
    log.propagate = False
    if sys.stderr is not None:
        to_stderr = _Stderr(sys.stderr)
        to_stderr.setLevel(logging.INFO if verbose else logging.WARNING)
        to_stderr.setFormatter(_Formatter(tracebacks=verbose))
        log.addHandler(to_stderr)
    if path is None:
        return
    try:
        to_file = _LogFile(path, mode="w", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise OutputError(f"{path}: the log cannot be written: {because(error)}") from None
    to_file.setFormatter(_Formatter(tracebacks=True))
    log.addHandler(to_file)


def stop_logging() -> None:
    """Close this run's log."""
    for handler in list(log.handlers):
        log.removeHandler(handler)
        try:
            handler.close()
        except OSError as error:  # the disk may be full
            raise OutputError(f"the log cannot be written: {because(error)}") from None
