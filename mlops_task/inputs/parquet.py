"""Parquet: row groups, of which any number can be read by themselves."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from mlops_task.errors import InputError
from mlops_task.inputs import groups, protocol
from mlops_task.inputs.arrow_columns import NO_PIPE, Columns, as_time, columnar_errors, texts, times_in
from mlops_task.inputs.columns import find_column, find_group
from mlops_task.inputs.order import ROWS, Rows, is_symbol, telling_names
from mlops_task.inputs.protocol import Chunk, Identity, Source, Wanted, unchanged

_SORTS = r"\d{4}-|\d+$"
"""Times as texts that sort as the times do."""
SHARE = 8
"""How much larger the text of a row is than one of its numbers, about."""


def detect(head: bytes) -> bool:
    """Tell by its first bytes."""
    return head.startswith(b"PAR1")


def partitions(source: Source, wanted: Wanted) -> Iterator[RowGroups]:
    """Yield consecutive row groups."""
    if source.path is None:
        raise InputError(NO_PIPE)
    identity = Identity.of(source.file.fileno())
    source.file.seek(0)
    with columnar_errors(), _opened(source.file) as parquet:
        names = parquet.schema_arrow.names
        index = find_column(names, wanted.column)
        group = find_group(names, wanted.group_by, index)
        if group is not None:
            groups.check_type(names[group], parquet.schema_arrow.field(group).type)
        parts = [parquet.metadata.row_group(i) for i in range(parquet.metadata.num_row_groups)]
    rows = tuple(part.num_rows for part in parts)
    told = (None if group is None else names[group], telling_names(names, wanted.csv))
    times: tuple[str, ...] | None = None
    for together in _blocks(rows, max(1, wanted.blocks // SHARE)):
        mine = slice(together.start, together.stop)
        size = sum(_size(part, index) for part in parts[mine])
        row = 1 + sum(rows[: together.start])
        found = RowGroups(source.path, identity, names[index], (), *told, together, rows[mine], row, size)
        if times is None:
            times = times_in(found.first_rows(), wanted) if wanted.timed else ()
        yield replace(found, times=times)


def _blocks(rows: tuple[int, ...], blocks: int) -> Iterator[range]:
    """Yield which groups together have about so many blocks of numbers."""
    first = count = 0
    for number, more in enumerate(rows):
        count += more
        if count * 8 >= blocks * protocol.BLOCK_BYTES or number == len(rows) - 1:
            yield range(first, number + 1)
            first, count = number + 1, 0


def _size(group: Any, index: int) -> int:  # noqa: ANN401 - pyarrow has no types
    if index >= group.num_columns:
        return int(group.total_byte_size)
    return int(group.column(index).total_compressed_size)


@dataclass(frozen=True)
class RowGroups:
    """Consecutive row groups of a Parquet file, `row` being the number of their first row, from 1."""

    reopens: ClassVar[bool] = True
    may_be_cut: ClassVar[bool] = False
    path: Path
    identity: Identity
    column: str
    times: tuple[str, ...]
    """The columns of timestamps, if they are wanted."""
    grouped_by: str | None
    telling: tuple[str, ...]
    """The columns that tell its order."""
    groups: range
    rows: tuple[int, ...]
    """How many each has."""
    row: int
    size: int

    def chunks(self, *, on_missing: str = "keep") -> Iterator[Chunk]:
        """Yield the rows, of as many groups at a time as make up a block."""
        for together in _blocks(self.rows, 1):
            groups = self.groups[together.start : together.stop]
            part = replace(
                self,
                groups=groups,
                rows=self.rows[together.start : together.stop],
                row=self.row + sum(self.rows[: together.start]),
            )
            yield part.chunk(on_missing=on_missing)._replace(origin=part)

    def chunk(self, *, on_missing: str) -> Chunk:
        """Return the rows."""
        others = {*self.times, self.grouped_by} - {None, self.column}
        names = [self.column, *others]
        with self._opened(codes_for=self.grouped_by) as parquet:
            table = parquet.read_row_groups(self.groups, columns=names, use_threads=False)
        columns = Columns(table, self.column, self.times, self.telling, self.row, self.size, self.grouped_by)
        return columns.chunk(on_missing=on_missing)

    def first_rows(self) -> Rows:
        """Return the first rows, in part."""
        with self._opened() as parquet:
            batch = next(
                parquet.iter_batches(ROWS, self.groups[:1], list(self.telling), use_threads=False), None
            )
        return {} if batch is None else texts(batch, self.telling, slice(0, ROWS))

    def last_rows(self) -> Rows:
        """Return the last rows, in part."""
        last = self.groups[-1:]
        first = replace(self, groups=last).first_rows()
        with self._opened() as parquet:
            if ranges := self._ranges(parquet, first):
                return ranges
            table = parquet.read_row_groups(last, columns=list(self.telling), use_threads=False)
        return texts(table, self.telling, slice(-ROWS, None))

    def where(self, row: int) -> str:
        """Return which row of the file a row of it is."""
        return f"row {self.row + row}"

    def _ranges(self, parquet: Any, first: Rows) -> Rows:  # noqa: ANN401 - pyarrow has no types
        """Return the least and greatest value of each column in place of its last rows.

        That spares reading a million times to see one. Only where the group begins with the earliest of them,
        so that it does not run backwards; nothing otherwise, or without statistics.
        """
        group, schema = parquet.metadata.row_group(self.groups[-1]), parquet.schema_arrow
        found: Rows = {}
        for name in self.telling:
            index = schema.names.index(name)
            column = group.column(index) if group.num_columns == len(schema.names) else None
            known = column.statistics if column else None
            if known is None or not known.has_min_max or known.null_count:
                return {}
            found[name] = _bounds(known, schema.field(index).type)
            if not is_symbol(name) and not (
                found[name][:1] == first[name][:1] and re.match(_SORTS, first[name][0])
            ):
                return {}
        return found

    @contextlib.contextmanager
    def _opened(self, codes_for: str | None = None) -> Iterator[Any]:
        with (
            unchanged(self.path, self.identity) as file,
            columnar_errors(),
            _opened(file, codes_for) as parquet,
        ):
            yield parquet


def _opened(file: BinaryIO, codes_for: str | None = None) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return an open Parquet file whose pages are checked, where they have checksums.

    The texts of one column may be read as codes, which takes a fraction of the time and the memory.
    """
    import pyarrow.parquet as pq

    as_codes = None if codes_for is None else [codes_for]
    return pq.ParquetFile(file, pre_buffer=False, page_checksum_verification=True, read_dictionary=as_codes)


def _bounds(known: Any, kind: Any) -> list[str]:  # noqa: ANN401 - pyarrow has no types
    """Return the least and the greatest value that the statistics of Parquet know, as text."""
    import pyarrow as pa

    raw = (known.min_raw, known.max_raw)
    if pa.types.is_timestamp(kind):  # Parquet has no seconds
        return [as_time(n, "ms" if kind.unit == "s" else kind.unit) for n in raw]
    return [value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in raw]
