"""The source of a run: a CSV file as batches of `close`, in file order and bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from pipeline import csvtext
from pipeline.errors import InputError, because

BLOCK_BYTES = 2 * 1024 * 1024
MAX_RECORD_BYTES = 16 * 1024 * 1024


def read_batches(path: Path, column: str, *, on_missing: str = "keep") -> Iterator[npt.NDArray[np.float64]]:
    """Yield the values of `column` of the CSV file at `path`, some thousand rows at a time.

    Parameters
    ----------
    on_missing
        `"keep"` gives a missing value as NaN, `"error"` refuses the first one.

    Raises
    ------
    InputError
        With the path, the line and what stood there. Batches before that line may have been yielded.
    """
    try:
        with path.open("rb") as file:
            yield from _batches(file, column, on_missing)
    except FileNotFoundError:
        raise InputError(f"{path}: no such input file") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a directory, expected a CSV file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {because(error)}") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _batches(file: BinaryIO, column: str, on_missing: str) -> Iterator[npt.NDArray[np.float64]]:
    blocks = _blocks(file)
    data, line = next(blocks, (b"", 1))
    data = data.removeprefix(b"\xef\xbb\xbf")
    csvtext.check_text(data, line)
    header, size, lines = csvtext.read_header(data, column)
    data, line = data[size:], line + lines
    wrapped = csvtext.is_wrapped(data, header)
    unfinished = None
    while True:
        try:
            values = csvtext.parse(data, line, header, wrapped=wrapped)
            unfinished = None
        except csvtext.Unfinished as cut:
            if len(data) > MAX_RECORD_BYTES:
                raise csvtext.never_closed(cut.line) from None
            unfinished = cut
        else:
            if on_missing == "error" and np.isnan(values).any():
                raise csvtext.missing(data, line, header)
            yield values
        try:
            more, next_line = next(blocks)
        except StopIteration:
            break
        data, line = (data + more, line) if unfinished else (more, next_line)
    if unfinished:
        raise csvtext.never_closed(unfinished.line)


def _blocks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield the file as blocks of whole lines, each with the number of its first line."""
    rest, line = b"", 1
    while chunk := file.read(BLOCK_BYTES):
        data = rest + chunk
        is_last = len(chunk) < BLOCK_BYTES
        end = len(data) if is_last else _cut(data)
        if end == 0 and len(data) > MAX_RECORD_BYTES:
            raise InputError(f"line {line}: is longer than {MAX_RECORD_BYTES // 1024**2} MiB")
        if end:
            yield data[:end], line
            line += data.count(b"\n", 0, end)
        rest = data[end:]
    if rest:
        yield rest, line


def _cut(data: bytes) -> int:
    """Return where to cut: after the last line break that is likely not inside a quoted field.

    Where the guess is wrong, parsing says so and takes the next block along.
    """
    newline = b"\n" if b"\n" in data else b"\r"
    end = data.rfind(newline) + 1
    if data.count(b'"', 0, end) % 2:
        end = data.rfind(newline, 0, data.rfind(b'"', 0, end)) + 1 or end
    return end
