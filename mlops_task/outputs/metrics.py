"""The report of a run: one JSON object, written to a file in one step and printed to stdout."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TypedDict

from mlops_task.errors import OutputError, because
from mlops_task.outputs.files import is_printed_to, replacing


class Metrics(TypedDict):
    """What `metrics.json` holds after success, key by key in this order."""

    version: str
    rows_processed: int
    metric: str
    value: float
    latency_ms: int
    seed: int
    status: str


class Failure(TypedDict):
    """What `metrics.json` holds after any error."""

    version: str
    status: str
    error_message: str


def publish(report: Metrics | Failure, path: Path) -> None:
    """Write `report` to `path` and to stdout: both, or neither and an error.

    Raises
    ------
    OutputError
        If either cannot be written; `path` then holds what it held before.
    """
    text = _json(report)
    if is_printed_to(path):
        _print(text)
        return
    with replacing(path) as file:
        file.write(text)
        file.finish()
        _print(text)


def publish_failure(report: Failure, path: Path | None, *, stdout: bool) -> list[OutputError]:
    """Write `report` to `path` if there is one and to stdout if wanted, each even if the other fails."""
    text = _json(report)
    errors = []
    if path is not None and not is_printed_to(path):
        try:
            with replacing(path) as file:
                file.write(text)
        except OutputError as error:
            errors.append(error)
    if stdout:
        try:
            _print(text)
        except OutputError as error:
            errors.append(error)
    return errors


def _json(report: Metrics | Failure) -> bytes:
    return json.dumps(report, indent=2, ensure_ascii=False).encode() + b"\n"


def _print(text: bytes) -> None:
    try:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.buffer.write(text)
        else:
            sys.stdout.write(text.decode())
        sys.stdout.flush()
    except (AttributeError, ValueError):
        raise OutputError("standard output is closed, expected to print the metrics there") from None
    except OSError as error:
        raise OutputError(f"standard output cannot be written: {because(error)}") from None
