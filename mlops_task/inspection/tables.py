"""Every column of a file, a batch of rows at a time, as Arrow arrays: those of CSV are texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, cast

from kernels._text import DONE, UNFINISHED, Scanner
from mlops_task.errors import InputError
from mlops_task.inputs import arrow, blocks, csv, csv_rules, formats, parquet
from mlops_task.inputs.arrow_columns import Columns, columnar_errors
from mlops_task.inputs.csv_rules import BadLineError, UnfinishedError
from mlops_task.inputs.csv_scan import MOST_STOPS, strings
from mlops_task.inputs.protocol import Partition, Wanted
from mlops_task.inspection.texts import opened


class Schema(NamedTuple):
    """The columns of a file that tells them."""

    names: list[str]
    types: list[Any]


def schema(path: Path) -> Schema | None:
    """Return the columns of a Parquet or Arrow file; None for text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with opened(path) as source:
        form = formats.format_of(source.head)
        if form not in {parquet, arrow}:
            return None
        source.file.seek(0)
        with columnar_errors():
            if form is parquet:
                found = pq.ParquetFile(source.file).schema_arrow
            elif source.head.startswith(arrow.FILE):
                found = pa.ipc.open_file(source.file).schema
            else:
                found = pa.ipc.open_stream(source.file).schema
    return Schema(found.names, found.types)


def is_number(kind: Any) -> bool:  # noqa: ANN401 - pyarrow has no types
    """Tell whether an Arrow type is one of numbers that the job reads."""
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def batches(path: Path, wanted: Wanted) -> Iterator[list[Any]]:
    """Yield the rows of a file, all columns of them; InputError where they cannot be read."""
    with opened(path) as source:
        form = formats.format_of(source.head)
        if form is parquet:
            import pyarrow.parquet as pq

            with columnar_errors():
                for batch in pq.ParquetFile(source.file).iter_batches(use_threads=True):
                    yield batch.columns
            return
        # Read as what comes in once, text is held in memory block by block.
        whole = source if form is arrow else replace(source, path=None)
        yield from _columns(form.partitions(whole, wanted))


def _columns(partitions: Iterator[Partition]) -> Iterator[list[Any]]:
    rest: csv.Text | None = None
    for partition in partitions:
        if not isinstance(partition, csv.Text):
            yield cast(Columns, partition).table.columns
            continue
        text = rest.joined(partition) if rest else partition
        rest = None
        try:
            yield _texts(text)
        except UnfinishedError:
            rest = text
        except BadLineError as bad:
            raise InputError(f"line {text.line + bad.line}: {bad.what}") from None
    if rest is not None:
        raise rest.unfinished()


def _texts(text: csv.Text) -> list[Any]:
    """Return the fields of a block of lines."""
    layout, block = text.layout, blocks.in_memory(text.data)
    columns = range(len(layout.names))
    scanner = Scanner(len(columns), [], columns, delimiter=ord(layout.delimiter), size=block.size)
    at = stops = 0
    while True:
        stopped, state = scanner.read(block.address + at, block.address + block.size)
        at = stopped - block.address
        if state == DONE:
            return [strings(scanner, slot) for slot in columns]
        if state == UNFINISHED:
            raise UnfinishedError
        begin, stops = at, stops + 1
        try:
            for record in csv_rules.records(block.text(begin), layout):
                scanner.append([], [field.encode() for field in record.fields])
                at = begin + record.end
                if stops <= MOST_STOPS:
                    break
        except BadLineError as bad:
            raise bad.moved(csv_rules.count_lines(bytes(block.text(0, begin)))) from None
