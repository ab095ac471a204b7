"""Every column of a file, block by block."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from kernels._text import DONE, UNFINISHED, Scanner
from mlops_task.engines.local import ahead
from mlops_task.errors import InputError
from mlops_task.inputs import arrow, csv, csv_rules, formats, parquet
from mlops_task.inputs.arrow_columns import NO_PIPE, columnar_errors
from mlops_task.inputs.blocks import Block
from mlops_task.inputs.csv_rules import BadLineError, Layout, UnfinishedError
from mlops_task.inputs.csv_scan import MOST_STOPS, strings
from mlops_task.inputs.numerals import MISSING
from mlops_task.inputs.protocol import Wanted
from mlops_task.inspection.profile import Profile
from mlops_task.inspection.texts import opened


class Schema(NamedTuple):
    """The columns of a file that tells them."""

    names: list[str]
    types: list[Any]


def schema(path: Path) -> Schema | None:
    """Return the columns of a Parquet or Arrow file; None for text."""
    with opened(path) as source:
        form = formats.format_of(source.head)
        if form not in {parquet, arrow}:
            return None
        import pyarrow as pa
        import pyarrow.parquet as pq

        source.file.seek(0)
        with columnar_errors():
            if form is parquet:
                found = pq.ParquetFile(source.file).schema_arrow
            elif source.head.startswith(arrow.FILE):
                found = pa.ipc.open_file(source.file).schema
            else:
                found = pa.ipc.open_stream(source.file).schema
            return Schema(found.names, found.types)


def check_pipe(path: Path) -> None:
    """Raise InputError for what came from a pipe, and cannot be read from one."""
    with opened(path) as source:
        form = formats.format_of(source.head)
        if form is parquet or (form is arrow and source.head.startswith(arrow.FILE)):
            raise InputError(NO_PIPE)


def is_number(kind: Any) -> bool:  # noqa: ANN401 - pyarrow has no types
    """Tell whether an Arrow type is one of numbers that the job reads."""
    import pyarrow as pa

    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def fill(profiles: Sequence[Profile], path: Path, wanted: Wanted) -> None:
    """Show a profile of each column all rows of a file; InputError where they cannot be read."""
    with opened(path) as source:
        form = formats.format_of(source.head)
        if form is parquet:
            import pyarrow.parquet as pq

            with columnar_errors():
                for batch in pq.ParquetFile(source.file).iter_batches():
                    _add(profiles, batch.columns)
            return
        partitions: Iterator[Any] = form.partitions(source, wanted)
        if form is arrow:
            for partition in partitions:
                with columnar_errors():
                    partition.table.validate(full=True)  # what is looked at without it may not be there
                    _add(profiles, partition.table.columns)
        else:
            _add_texts(profiles, partitions)


def _add_texts(profiles: Sequence[Profile], texts: Iterator[csv.Text | csv.TextRange]) -> None:
    """Read blocks of lines, some ahead; one that is cut inside a record again with the next."""
    rest: Any = None
    threads = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(threads) as pool:
        calls = ((text, pool.submit(_read, text, profiles)) for text in texts)
        for text, call in ahead(calls, threads):
            whole = rest.joined(text) if rest else text
            try:
                columns = _read(whole, profiles) if rest else call.result()
            except UnfinishedError:
                rest = whole
            else:
                rest = None
                _add(profiles, columns)
    if rest is not None:
        raise rest.unfinished()


def _add(profiles: Sequence[Profile], columns: Sequence[Any]) -> None:
    for profile, column in zip(profiles, columns, strict=True):
        profile.add(column)


class _NoNumberError(Exception):
    """A column is not of plain numbers after all."""

    def __init__(self, column: int) -> None:
        super().__init__(column)
        self.column = column


def _read(text: csv.Text | csv.TextRange, profiles: Sequence[Profile]) -> list[Any]:
    """Return the columns of a block of lines: what was plain numbers so far as such, others as texts."""
    while True:
        try:
            with text.lines() as (line, block):
                try:
                    numbers = [at for at, profile in enumerate(profiles) if profile.is_plain]
                    return _scanned(block, text.layout, numbers)
                except BadLineError as bad:
                    raise InputError(f"line {line() + bad.line}: {bad.what}") from None
        except _NoNumberError as odd:
            profiles[odd.column].is_plain = False


def _scanned(block: Block, layout: Layout, numbers: Sequence[int]) -> list[Any]:
    columns = range(len(layout.names))
    texts = [at for at in columns if at not in numbers]
    scanner = Scanner(len(columns), numbers, texts, delimiter=ord(layout.delimiter), size=block.size)
    scanner.dress(missing=[*MISSING])
    at = stops = 0
    while True:
        stopped, state = scanner.read(block.address + at, block.address + block.size)
        at = stopped - block.address
        if state == DONE:
            break
        if state == UNFINISHED:
            raise UnfinishedError
        begin, stops = at, stops + 1
        try:
            for record in csv_rules.records(block.text(begin), layout):
                fields = record.fields
                scanner.append([_number(fields, it) for it in numbers], [fields[it].encode() for it in texts])
                at = begin + record.end
                if stops <= MOST_STOPS:
                    break
        except BadLineError as bad:
            raise bad.moved(csv_rules.count_lines(bytes(block.text(0, begin)))) from None
    found = dict(zip(numbers, scanner.values(), strict=True))
    found |= {column: strings(scanner, slot) for slot, column in enumerate(texts)}
    return [found[column] for column in columns]


def _number(fields: Sequence[str], column: int) -> float:
    text = fields[column].strip()
    try:
        return float("nan") if text.lower() in MISSING else float(text)
    except ValueError:
        raise _NoNumberError(column) from None
