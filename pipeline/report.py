"""The report of a run: one JSON object, written to a file in one step and printed to stdout."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from pipeline.errors import OutputError, because


class Metrics(msgspec.Struct, kw_only=True):
    """What `metrics.json` holds after success, key by key in this order."""

    version: str
    rows_processed: int
    metric: str = "signal_rate"
    value: float
    latency_ms: int
    seed: int
    status: str = "success"


class Failure(msgspec.Struct, kw_only=True):
    """What `metrics.json` holds after any error."""

    version: str
    status: str = "error"
    error_message: str


def check_folder(path: Path) -> None:
    """Raise OutputError unless the folder that `path` is to be written to exists."""
    if not Path(os.path.realpath(path)).parent.is_dir():
        raise OutputError(f"{path}: the metrics cannot be written: no such folder")


def publish(report: Metrics | Failure, path: Path) -> None:
    """Write `report` to `path` and to stdout: both, or neither and an error.

    Raises
    ------
    OutputError
        If either cannot be written; `path` then holds what it held before.
    """
    text = _json(report)
    with _replaced(path, text) as put_in_place:
        _print(text)
        put_in_place()


def publish_failure(report: Failure, path: Path | None) -> list[OutputError]:
    """Write `report` to `path`, if there is one, and to stdout, each whether or not the other works."""
    text = _json(report)
    errors = []
    if path is not None:
        try:
            with _replaced(path, text) as put_in_place:
                put_in_place()
        except OutputError as error:
            errors.append(error)
    try:
        _print(text)
    except OutputError as error:
        errors.append(error)
    return errors


def _json(report: Metrics | Failure) -> bytes:
    return msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n"


@contextlib.contextmanager
def _replaced(path: Path, text: bytes) -> Iterator[Callable[[], None]]:
    """Prepare a whole new file beside `path`; the yielded function puts it in place."""
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.urandom(6).hex()}.tmp")
    try:
        check_folder(path)
        if target.is_dir():
            raise OutputError(f"{path}: is a directory, expected a file to write the metrics to")
        if target.exists() and not target.is_file():
            # A device or a pipe is written to, never replaced.
            yield lambda: _write(target, text, os.O_WRONLY)
        else:
            _write(temporary, text, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            yield lambda: _put_in_place(temporary, target)
    except OSError as error:
        raise OutputError(f"{path}: the metrics cannot be written: {because(error)}") from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def _put_in_place(temporary: Path, target: Path) -> None:
    temporary.replace(target)
    with contextlib.suppress(OSError):  # some file systems cannot sync a folder; the rename has happened
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write(path: Path, text: bytes, flags: int) -> None:
    descriptor = os.open(path, flags, 0o666)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fsync(descriptor)


def _print(text: bytes) -> None:
    if sys.stdout is None:
        raise OutputError("standard output is closed, expected to print the metrics there")
    try:
        sys.stdout.buffer.write(text)
        sys.stdout.flush()
    except OSError as error:
        # The interpreter flushes once more on its way out, and would fail once more.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputError(f"standard output cannot be written: {because(error)}") from None
