"""The source of a run: any number of inputs, each a series, each as pieces in order.

What a file holds is told by its first bytes, not by its name.
"""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from mlops_task.errors import InputError, because
from mlops_task.inputs import csv_header, csv_rules, footer
from mlops_task.inputs.begun import Begun, Readable
from mlops_task.inputs.columns import find_column, find_label
from mlops_task.inputs.csv_form import CsvForm
from mlops_task.inputs.order import telling
from mlops_task.inputs.paths import STDIN
from mlops_task.inputs.pieces import (
    MAX_RECORD_BYTES,
    Columns,
    Identity,
    Piece,
    RowGroups,
    Text,
    TextRange,
    cannot_be_read,
    columnar_errors,
    parquet_file,
    too_long,
)

if TYPE_CHECKING:
    from mlops_task.inputs.csv_rules import Layout

BLOCK_BYTES = 2 * 1024 * 1024
HEAD_BYTES = 64 * 1024
"""What is looked at of a file before anything is read, if blocks are smaller."""

_COMPRESSED = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bz2"}
_PARQUET, _ARROW_FILE, _ARROW_STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"
_SUSPECTS = b"P7R%FS"
"""How archives and documents begin, and hardly a header."""


def open_series(name: str, column: str | int, form: CsvForm = CsvForm()) -> Iterator[Piece]:  # noqa: B008 - immutable
    """Yield the pieces of the series in file `name`, or of standard input for `-`; `form` is that of CSV.

    Raises
    ------
    InputError
        In one sentence, without the name. Pieces before what is wrong may have been yielded.
    """
    try:
        if name == STDIN:
            if sys.stdin is None:
                raise InputError("is closed, expected data")
            yield from _series(sys.stdin.buffer, None, column, form)
        else:
            path = Path(name)
            with path.open("rb") as file:
                regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
                pieces = _series(file, path if regular else None, column, form)
                first = next(pieces, None)
                if first is None:
                    raise InputError("has no rows")
                yield first
                yield from pieces
    except FileNotFoundError:
        raise InputError("no such input file") from None
    except IsADirectoryError:
        raise InputError("is a directory, expected a file") from None
    except (OSError, MemoryError) as error:
        raise cannot_be_read(error) from None


def _series(file: BinaryIO, path: Path | None, column: str | int, form: CsvForm) -> Iterator[Piece]:
    """Yield the pieces of an open file; `path` is None for what can be read only once, in order."""
    head = file.read(max(BLOCK_BYTES, HEAD_BYTES))
    for magic, codec in _COMPRESSED.items():
        if head.startswith(magic):
            yield from _compressed(_Joined(head, file), codec, column, form)
            return
    if head.startswith((_PARQUET, _ARROW_FILE)):
        if path is None:
            raise InputError("holds Parquet or an Arrow file, which cannot be read from a pipe")
        yield from (_parquet if head.startswith(_PARQUET) else _arrow_file)(file, path, column)
    elif head.startswith(_ARROW_STREAM):
        yield from _arrow_stream(_Joined(head, file), column)
    elif (
        path is None or len(head) < BLOCK_BYTES or b"\n" not in head[:BLOCK_BYTES] or form.encoding != "utf-8"
    ):
        _check_is_text(head, form)
        yield from _text_stream(head, file, column, form)
    else:
        _check_is_text(head, form)
        yield from _text_ranges(head, file, path, column, form)


def _check_is_text(head: bytes, form: CsvForm) -> None:
    """Raise InputError for a known file that is not read; the look costs nothing for most."""
    start = head[:8]
    if start and (start[0] in _SUSPECTS or not start.isascii() or min(start) < ord("\t")):
        from mlops_task.inputs.unread import check_binary

        check_binary(head, form.encoding)


def _text_stream(head: bytes, file: Readable, column: str | int, form: CsvForm) -> Iterator[Text]:
    if form.encoding != "utf-8":
        from mlops_task.inputs.recoded import Recoded

        file = Recoded(Begun(head, file), form.encoding)
        head = file.read(max(BLOCK_BYTES, HEAD_BYTES))
    while not csv_header.has_header(head, form) and len(head) < MAX_RECORD_BYTES:
        more = file.read(BLOCK_BYTES)
        if not more:
            break
        head += more
    layout, size = _layout(head, column, form)
    blocks = _blocks(b"", Begun(head, file))
    data, line = next(blocks)
    while len(data) < size:
        data += next(blocks)[0]
    rest: Iterator[tuple[bytes, int]] = chain(
        [(data[size:], line + csv_rules.count_lines(data[:size]))], blocks
    )
    if form.footer:
        rest = footer.without(rest, form.footer)
    before = next(rest)
    for data, line in rest:
        yield Text(layout, *before)
        before = data, line
    yield Text(layout, *before, is_last=True)


def _text_ranges(
    head: bytes, file: BinaryIO, path: Path, column: str | int, form: CsvForm
) -> Iterator[TextRange | Text]:
    if not csv_header.has_header(head[: _cut(head)], form):
        yield from _text_stream(head, file, column, form)
        return
    identity = Identity.of(file.fileno())
    layout, begin = _layout(head, column, form)
    end = max(begin, footer.start_in(file.fileno(), identity.size, form.footer))
    for start in range(0, end, BLOCK_BYTES):
        stop = min(start + BLOCK_BYTES, end)
        if stop > begin or stop == end:  # one at least, where there is a header only
            yield TextRange(layout, path, identity, begin, end, max(start, begin), stop)


def _layout(data: bytes, column: str | int, form: CsvForm) -> tuple[Layout, int]:
    """Return the layout of a text and the size of its header."""
    try:
        return csv_header.read_layout(data, column, form)
    except csv_rules.BadLineError as bad:
        raise InputError(f"line {1 + bad.line}: {bad.what}") from None


def _blocks(head: bytes, file: Readable) -> Iterator[tuple[bytes, int]]:
    """Yield the text as blocks of whole lines, each with the number of its first line."""
    data, line = head, 1
    while chunk := file.read(BLOCK_BYTES):
        end = _cut(data)
        if end:
            yield data[:end], line
            line += csv_rules.count_lines(data[:end])
        elif len(data) > MAX_RECORD_BYTES:
            raise too_long(line)
        data = data[end:] + chunk
    yield data, line


def _cut(data: bytes) -> int:
    """Return where to cut: after the last line break that is likely not inside a quoted field."""
    end = _last_break(data, len(data))
    if data.count(b'"', 0, end) % 2:
        end = _last_break(data, data.rfind(b'"', 0, end)) or end
    return end


def _last_break(data: bytes, stop: int) -> int:
    """Return where the last line break before `stop` ends, 0 without one."""
    # A CR that is last may be the first half of CRLF.
    return 1 + max(data.rfind(b"\n", 0, stop), data.rfind(b"\r", 0, max(stop - 1, 0)))


def _compressed(file: Readable, codec: str, column: str | int, form: CsvForm) -> Iterator[Text]:
    import pyarrow as pa

    inside = _Decompressed(pa.CompressedInputStream(pa.PythonFile(file, "r"), codec), codec)
    head = inside.read(max(BLOCK_BYTES, HEAD_BYTES))
    if head.startswith((_PARQUET, _ARROW_FILE, _ARROW_STREAM, *_COMPRESSED)):
        raise InputError(f"holds something other than CSV inside {codec}")
    _check_is_text(head, form)
    yield from _text_stream(head, inside, column, form)


class _Decompressed:
    """A compressed stream whose faults are sentences."""

    def __init__(self, stream: Any, codec: str) -> None:  # noqa: ANN401 - pyarrow has no types
        self._stream, self._codec = stream, codec

    def read(self, size: int, /) -> bytes:
        parts: list[bytes] = []
        try:
            while size and (part := self._stream.read(size)):
                parts.append(part)
                size -= len(part)
        except OSError as error:
            raise InputError(f"its {self._codec} data is corrupt or cut short: {because(error)}") from None
        return b"".join(parts)


class _Joined(io.RawIOBase):
    """The bytes already read from a stream, then the rest of it."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        super().__init__()
        self._head, self._rest = io.BytesIO(head), rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - any writable buffer
        return self._head.readinto(buffer) or self._rest.readinto(buffer)  # type: ignore[attr-defined] # not in typeshed


def _parquet(file: BinaryIO, path: Path, column: str | int) -> Iterator[RowGroups]:
    identity = Identity.of(file.fileno())
    file.seek(0)
    with columnar_errors(), parquet_file(file) as parquet:
        names = parquet.schema_arrow.names
        index = find_column(names, column)
        label = find_label(names)
        groups = [parquet.metadata.row_group(i) for i in range(parquet.metadata.num_row_groups)]
    row, first, rows, size = 1, 0, 0, 0
    for number, group in enumerate(groups):
        rows += group.num_rows
        size += (
            group.total_byte_size if index >= group.num_columns else group.column(index).total_compressed_size
        )
        if rows * 8 >= BLOCK_BYTES or number == len(groups) - 1:
            together = range(first, number + 1)
            name = None if label is None else names[label]
            yield RowGroups(path, identity, names[index], name, telling(names), together, row, size)
            row, first, rows, size = row + rows, number + 1, 0, 0


def _arrow_file(file: BinaryIO, _path: Path, column: str | int) -> Iterator[Columns]:
    import pyarrow as pa

    file.seek(0)
    with columnar_errors():
        reader = pa.ipc.open_file(file)
        names = reader.schema.names
        batches = (reader.get_batch(i) for i in range(reader.num_record_batches))
    yield from _record_batches(names, batches, column)


def _arrow_stream(file: io.RawIOBase, column: str | int) -> Iterator[Columns]:
    import pyarrow as pa

    with columnar_errors():
        # Buffered, a read gives all that it was asked for, across the seam of what was read already.
        reader = pa.ipc.open_stream(pa.PythonFile(io.BufferedReader(file), "r"))
        names = reader.schema.names
    yield from _record_batches(names, iter(reader), column)


def _record_batches(names: list[str], batches: Iterator[Any], column: str | int) -> Iterator[Columns]:
    wanted = names[find_column(names, column)]
    label = find_label(names)
    row = 1
    while True:
        with columnar_errors():
            batch = next(batches, None)
            if batch is None:
                return
            batch.validate()
        for start in range(0, batch.num_rows, BLOCK_BYTES // 8):
            part = batch.slice(start, BLOCK_BYTES // 8)
            name = None if label is None else names[label]
            yield Columns(part, wanted, name, telling(names), row, part.num_rows * 8)
            row += part.num_rows
