"""Pieces of a series: each can be read by itself, by any thread or process, in any order.

A piece of text is cut where a line probably ends. Where that was inside a quoted field, reading it says so,
and it is joined with the piece that follows.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Protocol, Self

import numpy as np
import numpy.typing as npt

from mlops_task.errors import InputError, because, clipped
from mlops_task.inputs import blocks, csv_rules, csv_scan
from mlops_task.inputs.blocks import Block
from mlops_task.inputs.csv_rules import BadLineError, Batch, Layout
from mlops_task.inputs.footer import hinted
from mlops_task.inputs.order import ROWS, Rows, is_time

_SORTS = r"\d{4}-|\d+$"
"""Times as texts that sort as the times do."""
_LINE_END = rb"\r\n?|\n"
MAX_RECORD_BYTES = 16 * 1024 * 1024
NEAR_BYTES = 4096
"""How far behind a cut the first line is looked for that is likely not inside a quoted field."""
MOST_LINES = 32
"""How many lines are tried."""


class Piece(Protocol):
    """Some consecutive rows of a series."""

    @property
    def size(self) -> int:
        """How much of the input it stands for, in bytes."""

    def read(self, *, labels: bool = False, on_missing: str = "keep") -> Batch:
        """Return the rows; with `labels`, their timestamps too.

        Raises
        ------
        InputError
            In one sentence, without the name of the input.
        UnfinishedError
            Where the piece was cut inside a quoted field.
        """

    def first_rows(self) -> Rows:
        """Return the first rows of a piece that has been read: the columns that tell its order."""

    def last_rows(self) -> Rows:
        """Return the last rows likewise."""


@dataclass(frozen=True)
class Identity:
    """What tells a file from what it becomes when somebody writes to it."""

    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, descriptor: int) -> Identity:
        """Return the identity of an open file."""
        status = os.fstat(descriptor)
        return cls(status.st_size, status.st_mtime_ns, status.st_ino)


@dataclass(frozen=True)
class Text:
    """Whole lines of CSV text, held in memory; `line` is the number of the first in its file."""

    layout: Layout
    data: bytes
    line: int
    is_last: bool = False
    """Whether the file ends with it."""

    @property
    def size(self) -> int:
        """How many bytes the text has."""
        return len(self.data)

    def joined(self, following: Self) -> Self:
        """Return this piece and the one after it as one."""
        return replace(self, data=self.data + following.data, is_last=following.is_last)

    def read(self, *, labels: bool = False, on_missing: str = "keep") -> Batch:
        """Return the rows."""
        try:
            return csv_scan.parse(
                blocks.in_memory(self.data), self.layout, labels=labels, on_missing=on_missing
            )
        except BadLineError as bad:
            raise _at(
                self.line, hinted(bad, self.data, self.layout.form.footer) if self.is_last else bad
            ) from None

    def first_rows(self) -> Rows:
        """Return the first rows, in part."""
        return csv_rules.first_rows(self.data, self.layout)

    def last_rows(self) -> Rows:
        """Return the last rows, in part."""
        return csv_rules.last_rows(self.data, self.layout)

    def unfinished(self) -> InputError:
        """Return the error that is due if nothing follows a piece cut inside a quoted field."""
        return _at(self.line, csv_rules.unfinished(self.data, self.layout))


@dataclass(frozen=True)
class TextRange:
    """The lines of a CSV file that start at the offsets from `start` up to `stop`."""

    layout: Layout
    path: Path
    identity: Identity
    begin: int
    """Where the first data line of the file starts."""
    end: int
    """Where the last one ends."""
    start: int
    stop: int

    @property
    def size(self) -> int:
        """How many bytes the range has."""
        return self.stop - self.start

    def joined(self, following: Self) -> Self:
        """Return this piece and the one after it as one."""
        return replace(self, stop=following.stop)

    def read(self, *, labels: bool = False, on_missing: str = "keep") -> Batch:
        """Return the rows."""
        with self._lines() as (line, block):
            try:
                return csv_scan.parse(block, self.layout, labels=labels, on_missing=on_missing)
            except BadLineError as bad:
                if self.stop == self.end:
                    bad = hinted(bad, bytes(block.text()), self.layout.form.footer)
                raise _at(line(), bad) from None

    def first_rows(self) -> Rows:
        """Return the first rows, in part."""
        with self._lines() as (_, block):
            return csv_rules.first_rows(block.text(), self.layout)

    def last_rows(self) -> Rows:
        """Return the last rows, in part."""
        with self._lines() as (_, block):
            return csv_rules.last_rows(block.text(), self.layout)

    def unfinished(self) -> InputError:
        """Return the error that is due if nothing follows a piece cut inside a quoted field."""
        with self._lines() as (line, block):
            return _at(line(), csv_rules.unfinished(block.text(), self.layout))

    @contextlib.contextmanager
    def _lines(self) -> Iterator[tuple[Callable[[], int], Block]]:
        """Give the number of the first line, which takes a look at all before it, and the lines."""
        with _unchanged(self.path, self.identity) as file:
            descriptor = file.fileno()
            start = self._line_start(descriptor, self.start)
            stop = start if start >= self.stop else self._line_start(descriptor, self.stop)
            try:
                block = blocks.in_file(descriptor, start, stop)
            except EOFError:
                raise changed() from None
            yield lambda: 1 + _line_ends(descriptor, start), block

    def _line_start(self, descriptor: int, offset: int) -> int:
        """Return where the first line starts from `offset` on that is likely not inside quotes."""
        if offset <= self.begin or offset >= self.end:
            return min(max(offset, self.begin), self.end)
        at = offset - 1
        near = os.pread(descriptor, 2 * NEAR_BYTES, at)
        if b'"' in near:
            for end in islice(re.finditer(_LINE_END, near), MOST_LINES):
                # Each is judged by as much text, so that a later offset never gives an earlier line.
                if end.start() < NEAR_BYTES and csv_rules.starts_row(
                    near[end.end() : end.end() + NEAR_BYTES], self.layout
                ):
                    return min(at + end.end(), self.end)
        step = NEAR_BYTES
        while at < min(self.end, offset + MAX_RECORD_BYTES):
            chunk = os.pread(descriptor, step, at)
            if found := re.search(_LINE_END, chunk):
                at += found.end()
                if found[0] == b"\r" and found.end() == len(chunk):
                    at += os.pread(descriptor, 1, at) == b"\n"
                return min(at, self.end)
            if not chunk:
                raise changed()
            at += len(chunk)
            step = 1024 * 1024
        if at < self.end:
            raise too_long(1 + _line_ends(descriptor, offset))
        return self.end


@dataclass(frozen=True)
class RowGroups:
    """Consecutive row groups of a Parquet file, `row` being the number of their first row, from 1."""

    path: Path
    identity: Identity
    column: str
    label: str | None
    telling: tuple[str, ...]
    """The columns that tell its order."""
    groups: range
    row: int
    size: int

    def read(self, *, labels: bool = False, on_missing: str = "keep") -> Batch:
        """Return the rows."""
        names = [self.column, *([self.label] if labels and self.label else [])]
        with self._opened() as parquet:
            table = parquet.read_row_groups(self.groups, columns=names, use_threads=False)
        return Columns(table, self.column, self.label, self.telling, self.row, self.size).read(
            labels=labels, on_missing=on_missing
        )

    def first_rows(self) -> Rows:
        """Return the first rows, in part."""
        with self._opened() as parquet:
            batch = next(
                parquet.iter_batches(ROWS, self.groups[:1], list(self.telling), use_threads=False), None
            )
        return {} if batch is None else _texts(batch, self.telling, slice(0, ROWS))

    def last_rows(self) -> Rows:
        """Return the last rows, in part."""
        last = self.groups[-1:]
        first = replace(self, groups=last).first_rows()
        with self._opened() as parquet:
            if ranges := self._ranges(parquet, first):
                return ranges
            table = parquet.read_row_groups(last, columns=list(self.telling), use_threads=False)
        return _texts(table, self.telling, slice(-ROWS, None))

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
            if is_time(name) and not (
                found[name][:1] == first[name][:1] and re.match(_SORTS, first[name][0])
            ):
                return {}
        return found

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Any]:
        with _unchanged(self.path, self.identity) as file, columnar_errors(), parquet_file(file) as parquet:
            yield parquet


@dataclass(frozen=True)
class Columns:
    """Rows as an Arrow table or record batch, `row` being the number of the first, from 1."""

    table: Any
    column: str
    label: str | None
    telling: tuple[str, ...]
    row: int
    size: int

    def read(self, *, labels: bool = False, on_missing: str = "keep") -> Batch:
        """Return the rows."""
        with columnar_errors():
            values = _floats(self.table.column(self.column), self.column)
        label = self.table.column(self.label) if labels and self.label else None
        bad = np.flatnonzero(np.isinf(values))
        if len(bad):
            stood = f"{self.column} is {values[bad[0]]}"
            raise InputError(f"row {self.row + bad[0]}: {stood}, expected a finite number")
        bad = np.flatnonzero(np.isnan(values)) if on_missing == "error" else bad
        if len(bad):
            what = f"{self.column} is missing, and on_missing is 'error'"
            raise InputError(f"row {self.row + bad[0]}: {what}")
        return Batch(values, label, self.label or "")

    def first_rows(self) -> Rows:
        """Return the first rows, in part."""
        return _texts(self.table, self.telling, slice(0, ROWS))

    def last_rows(self) -> Rows:
        """Return the last rows, in part."""
        return _texts(self.table, self.telling, slice(-ROWS, None))


class columnar_errors:  # noqa: N801 - reads as the statement it is
    """Turn what pyarrow raises for a broken file into a sentence."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Translate."""
        import pyarrow as pa

        if isinstance(error, MemoryError):
            raise cannot_be_read(error) from None
        # Where a flipped bit makes a length, a type or a name of something else, pyarrow raises these too.
        kinds = pa.ArrowException | OSError | ValueError | LookupError | TypeError | OverflowError
        if isinstance(error, kinds):
            reason = because(error) if isinstance(error, OSError) else str(error)
            first = (reason.splitlines() or [type(error).__name__])[0]
            raise InputError(f"is corrupt or cut short: {clipped(first, 160)}") from None


def parquet_file(file: BinaryIO) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return an open Parquet file whose pages are checked, where they have checksums."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(file, pre_buffer=False, page_checksum_verification=True)


def changed() -> InputError:
    """Return the error of a file that is no longer what it was when the run began."""
    return InputError("was changed while it was read")


def too_long(line: int) -> InputError:
    """Return the error of a line beyond the limit."""
    return InputError(f"line {line}: is longer than {MAX_RECORD_BYTES // 1024**2} MiB")


def cannot_be_read(error: OSError | MemoryError) -> InputError:
    """Return the sentence of a file that the system does not let us read."""
    if isinstance(error, MemoryError):
        return InputError("cannot be read: there is not enough memory")
    return InputError(f"cannot be read: {because(error)}")


@contextlib.contextmanager
def _unchanged(path: Path, identity: Identity) -> Iterator[BinaryIO]:
    """Open a file again that is the same as before."""
    try:
        with path.open("rb", buffering=0) as file:
            if Identity.of(file.fileno()) != identity:
                raise changed()
            yield file
    except FileNotFoundError:
        raise InputError("was removed while it was read") from None
    except OSError as error:
        raise cannot_be_read(error) from None


def _texts(table: Any, names: tuple[str, ...], rows: slice) -> Rows:  # noqa: ANN401 - pyarrow has no types
    start, stop, _ = rows.indices(table.num_rows)
    with columnar_errors():
        return {name: _as_text(table.column(name).slice(start, stop - start)) for name in names}


def _as_text(column: Any) -> list[str]:  # noqa: ANN401 - pyarrow has no types
    """Return a short column as text, times in ISO; pyarrow's own ways import pandas or its compute."""
    import pyarrow as pa

    array = pa.concat_arrays(column.chunks) if isinstance(column, pa.ChunkedArray) else column
    kind = array.type
    if not pa.types.is_timestamp(kind):
        values = array.to_pylist()
        return [f"{v:.0f}" if isinstance(v, float) else "" if v is None else str(v) for v in values]
    return ["" if n is None else _as_time(n, kind.unit) for n in array.view("int64").to_pylist()]


def _bounds(known: Any, kind: Any) -> list[str]:  # noqa: ANN401 - pyarrow has no types
    """Return the least and the greatest value that the statistics of Parquet know, as text."""
    import pyarrow as pa

    raw = (known.min_raw, known.max_raw)
    if pa.types.is_timestamp(kind):  # Parquet has no seconds
        return [_as_time(n, "ms" if kind.unit == "s" else kind.unit) for n in raw]
    return [value.decode(errors="replace") if isinstance(value, bytes) else str(value) for value in raw]


def _as_time(count: int, unit: str) -> str:
    microseconds = count // 1000 if unit == "ns" else count * {"s": 10**6, "ms": 10**3, "us": 1}[unit]
    try:
        return str(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds))
    except OverflowError:
        return str(microseconds)  # no year that Python knows


def _floats(column: Any, name: str) -> npt.NDArray[np.float64]:  # noqa: ANN401 - pyarrow has no types
    """Return a column of numbers as floats, null as NaN.

    Decimals, and what shorter floats print, become the nearest double: the signals are about decimals.
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_float64(kind):
        array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        numbers, is_missing = csv_rules.to_numpy(array)
        return np.where(is_missing, np.nan, numbers) if array.null_count else numbers
    # Importing it takes 30 ms, which the most usual type does without.
    import pyarrow.compute as pc

    if pa.types.is_decimal(kind) or pa.types.is_float32(kind):
        column = pc.cast(column, pa.string())
    elif not pa.types.is_integer(kind):
        raise InputError(f"column {name!r} is of type {kind}, expected numbers")
    try:
        column = pc.cast(column, pa.float64())
    except pa.ArrowInvalid as error:
        raise InputError(f"column {name!r} does not fit doubles: {clipped(str(error), 160)}") from None
    floats: npt.NDArray[np.float64] = np.asarray(pc.fill_null(column, float("nan")), np.float64)
    return floats


def _at(line: int, bad: BadLineError) -> InputError:
    """Return the error of a text whose first line is that one of its file."""
    return InputError(f"line {line + bad.line}: {bad.what}")


def _line_ends(descriptor: int, stop: int) -> int:
    count = at = 0
    while at < stop:
        chunk = os.pread(descriptor, min(stop - at, 1024 * 1024), at)
        if len(chunk) > 1:
            chunk = chunk.removesuffix(b"\r")  # it may be the first half of CRLF
        if not chunk:
            break
        count += csv_rules.count_lines(chunk)
        at += len(chunk)
    return count
