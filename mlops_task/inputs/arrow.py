"""Arrow: files (Feather) and streams of record batches."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from mlops_task.errors import InputError
from mlops_task.inputs import protocol
from mlops_task.inputs.arrow_columns import NO_PIPE, Columns, columnar_errors, times_in
from mlops_task.inputs.columns import find_column, find_group
from mlops_task.inputs.order import telling_names
from mlops_task.inputs.protocol import Source, Wanted

FILE, _STREAM = b"ARROW1", b"\xff\xff\xff\xff"


def detect(head: bytes) -> bool:
    """Tell by its first bytes."""
    return head.startswith((FILE, _STREAM))


def partitions(source: Source, wanted: Wanted) -> Iterator[Columns]:
    """Yield the record batches, in parts."""
    if source.head.startswith(_STREAM):
        yield from _in_stream(source.stream(), wanted)
    elif source.path is None:
        raise InputError(NO_PIPE)
    else:
        yield from _in_file(source.file, wanted)


def _in_file(file: BinaryIO, wanted: Wanted) -> Iterator[Columns]:
    import pyarrow as pa

    file.seek(0)
    with columnar_errors():
        reader = pa.ipc.open_file(file)
        names = reader.schema.names
        batches = (reader.get_batch(i) for i in range(reader.num_record_batches))
    return _record_batches(names, batches, wanted)


def _in_stream(file: io.RawIOBase, wanted: Wanted) -> Iterator[Columns]:
    import pyarrow as pa

    with columnar_errors():
        # Buffered, a read gives all that it was asked for, across the seam of what was read already.
        reader = pa.ipc.open_stream(pa.PythonFile(io.BufferedReader(file), "r"))
        names = reader.schema.names
    return _record_batches(names, iter(reader), wanted)


def _record_batches(names: list[str], batches: Iterator[Any], wanted: Wanted) -> Iterator[Columns]:
    index = find_column(names, wanted.column)
    group = find_group(names, wanted.group_by, index)
    grouped_by = None if group is None else names[group]
    telling = telling_names(names, wanted.csv)
    times: tuple[str, ...] | None = None
    row = 1
    while True:
        with columnar_errors():
            batch = next(batches, None)
            if batch is None:
                return
            batch.validate()
        for start in range(0, batch.num_rows, protocol.BLOCK_BYTES // 8):
            part = batch.slice(start, protocol.BLOCK_BYTES // 8)
            columns = Columns(part, names[index], (), telling, row, part.num_rows * 8, grouped_by)
            if times is None:
                times = times_in(columns.first_rows(), wanted)
            yield replace(columns, times=times)
            row += part.num_rows
