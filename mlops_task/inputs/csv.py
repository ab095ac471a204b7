"""CSV: blocks of lines, in memory or where they stand in their file.

A block is cut where a line probably ends. Where that was inside a quoted field, reading it says so, and it is
joined with what follows.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from mlops_task.errors import InputError
from mlops_task.inputs import blocks, csv_header, csv_rules, csv_scan, footer, protocol
from mlops_task.inputs.begun import Begun, Readable
from mlops_task.inputs.blocks import Block
from mlops_task.inputs.csv_rules import BadLineError, Layout, UnfinishedError
from mlops_task.inputs.footer import hinted
from mlops_task.inputs.order import Rows
from mlops_task.inputs.protocol import (
    Chunk,
    CutError,
    Identity,
    Source,
    Wanted,
    changed,
    head_bytes,
    unchanged,
)

if TYPE_CHECKING:
    from mlops_task.inputs.csv_form import CsvForm

_LINE_END = rb"\r\n?|\n"
_SUSPECTS = b"P7R%FS"
"""How archives and documents begin, and hardly a header."""
MAX_RECORD_BYTES = 16 * 1024 * 1024
NEAR_BYTES = 4096
"""How far behind a cut the first line is looked for that is likely not inside a quoted field."""
MOST_LINES = 32
"""How many lines are tried."""


def detect(_head: bytes) -> bool:
    """Take everything: what is no CSV is refused with its line."""
    return True


def partitions(source: Source, wanted: Wanted) -> Iterator[Text | TextRange]:
    """Yield ranges of a file, or what comes out of a stream."""
    head, path = source.head, source.path
    is_short = len(head) < protocol.BLOCK_BYTES or b"\n" not in head[: protocol.BLOCK_BYTES]
    if path is None or is_short or wanted.csv.encoding != "utf-8":
        yield from in_stream(head, source.file, wanted)
    else:
        _check_is_text(head, wanted.csv)
        yield from _in_file(source, path, wanted)


def in_stream(head: bytes, file: Readable, wanted: Wanted) -> Iterator[Text]:
    """Yield the text of a stream, `head` being what has been read of it."""
    form = wanted.csv
    _check_is_text(head, form)
    if form.encoding != "utf-8":
        from mlops_task.inputs.recoded import Recoded

        file = Recoded(Begun(head, file), form.encoding)
        head = file.read(head_bytes())
    while not csv_header.has_header(head[: _cut(head)], form) and len(head) < MAX_RECORD_BYTES:
        more = file.read(protocol.BLOCK_BYTES)
        if not more:
            break
        head += more
    else:
        if not _cut(head):
            raise too_long(1)
    layout, size = _layout(head, wanted)
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


def _in_file(source: Source, path: Path, wanted: Wanted) -> Iterator[TextRange | Text]:
    head, file, form = source.head, source.file, wanted.csv
    if not csv_header.has_header(head[: _cut(head)], form):
        yield from in_stream(head, file, wanted)
        return
    identity = Identity.of(file.fileno())
    layout, begin = _layout(head, wanted)
    end = max(begin, footer.start_in(file.fileno(), identity.size, form.footer))
    size = wanted.blocks * protocol.BLOCK_BYTES
    for start in range(0, end, size):
        stop = min(start + size, end)
        if stop > begin or stop == end:  # one at least, where there is a header only
            yield TextRange(layout, path, identity, begin, end, max(start, begin), stop)


def _layout(data: bytes, wanted: Wanted) -> tuple[Layout, int]:
    """Return the layout of a text and the size of its header."""
    try:
        return csv_header.read_layout(data, wanted.column, wanted.csv, wanted.group_by, timed=wanted.timed)
    except csv_rules.BadLineError as bad:
        raise _at(1, bad) from None


def _blocks(head: bytes, file: Readable) -> Iterator[tuple[bytes, int]]:
    """Yield the text as blocks of whole lines, each with the number of its first line."""
    data, line = head, 1
    while chunk := file.read(protocol.BLOCK_BYTES):
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


def _check_is_text(head: bytes, form: CsvForm) -> None:
    """Raise InputError for a known file that is not read; the look costs nothing for most."""
    start = head[:8]
    if start and (start[0] in _SUSPECTS or not start.isascii() or min(start) < ord("\t")):
        from mlops_task.inputs.unread import check_binary

        check_binary(head, form.encoding)


@dataclass(frozen=True)
class Text:
    """Whole lines of CSV text, held in memory; `line` is the number of the first in its file."""

    reopens: ClassVar[bool] = False
    may_be_cut: ClassVar[bool] = True
    layout: Layout
    data: bytes
    line: int
    is_last: bool = False
    """Whether the file ends with it."""

    @property
    def column(self) -> str:
        """The name of the column that is read."""
        return self.layout.column

    @property
    def size(self) -> int:
        """How many bytes the text has."""
        return len(self.data)

    def joined(self, following: Self) -> Self:
        """Return this partition and the one after it as one."""
        return replace(self, data=self.data + following.data, is_last=following.is_last)

    def chunks(self, *, on_missing: str = "keep") -> Iterator[Chunk]:
        """Yield the rows."""
        block = blocks.in_memory(self.data)
        try:
            chunk = csv_scan.parse(block, self.layout, on_missing=on_missing)
        except UnfinishedError:
            if self.size > MAX_RECORD_BYTES:
                raise self.unfinished() from None
            raise CutError(self) from None
        except BadLineError as bad:
            raise _at(
                self.line, hinted(bad, self.data, self.layout.form.footer) if self.is_last else bad
            ) from None
        yield chunk._replace(origin=self)

    def first_rows(self) -> Rows:
        """Return the first rows, in part."""
        return csv_rules.first_rows(self.data, self.layout)

    def last_rows(self) -> Rows:
        """Return the last rows, in part."""
        return csv_rules.last_rows(self.data, self.layout)

    def where(self, row: int) -> str:
        """Return which line of the file a row of it is."""
        return f"line {self.line + csv_rules.line_of(self.data, self.layout, row)}"

    def unfinished(self) -> InputError:
        """Return the error that is due if nothing follows a partition cut inside a quoted field."""
        return _at(self.line, csv_rules.unfinished(self.data, self.layout))

    @contextlib.contextmanager
    def lines(self) -> Iterator[tuple[Callable[[], int], Block]]:
        """Give a function that tells the number of the first line, and the lines."""
        yield lambda: self.line, blocks.in_memory(self.data)


@dataclass(frozen=True)
class TextRange:
    """The lines of a CSV file that start at the offsets from `start` up to `stop`."""

    reopens: ClassVar[bool] = True
    may_be_cut: ClassVar[bool] = True
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
    def column(self) -> str:
        """The name of the column that is read."""
        return self.layout.column

    @property
    def size(self) -> int:
        """How many bytes the range has."""
        return self.stop - self.start

    def joined(self, following: Self) -> Self:
        """Return this partition and the one after it as one."""
        return replace(self, stop=following.stop)

    def chunks(self, *, on_missing: str = "keep") -> Iterator[Chunk]:
        """Yield the rows, block by block; one that is cut inside a record is joined with the next."""
        cut: TextRange | None = None
        for block in self._blocks():
            joined = cut.joined(block) if cut else block
            try:
                chunk = joined.chunk(on_missing=on_missing)
            except UnfinishedError:
                cut = joined
                if cut.size > MAX_RECORD_BYTES:
                    raise cut.unfinished() from None
            else:
                cut = None
                yield chunk._replace(origin=joined)
        if cut:
            raise CutError(cut)

    def _blocks(self) -> Iterator[TextRange]:
        size = protocol.BLOCK_BYTES
        for start in range(self.start - self.start % size, self.stop, size):
            yield replace(self, start=max(start, self.start), stop=min(start + size, self.stop))

    def chunk(self, *, on_missing: str) -> Chunk:
        """Return the rows; UnfinishedError where the last is not whole."""
        with self.lines() as (line, block):
            try:
                return csv_scan.parse(block, self.layout, on_missing=on_missing)
            except BadLineError as bad:
                if self.stop == self.end:
                    bad = hinted(bad, bytes(block.text()), self.layout.form.footer)
                raise _at(line(), bad) from None

    def first_rows(self) -> Rows:
        """Return the first rows, in part."""
        with self.lines() as (_, block):
            return csv_rules.first_rows(block.text(), self.layout)

    def last_rows(self) -> Rows:
        """Return the last rows, in part."""
        with self.lines() as (_, block):
            return csv_rules.last_rows(block.text(), self.layout)

    def where(self, row: int) -> str:
        """Return which line of the file a row of it is."""
        with self.lines() as (line, block):
            return f"line {line() + csv_rules.line_of(block.text(), self.layout, row)}"

    def unfinished(self) -> InputError:
        """Return the error that is due if nothing follows a partition cut inside a quoted field."""
        with self.lines() as (line, block):
            return _at(line(), csv_rules.unfinished(block.text(), self.layout))

    @contextlib.contextmanager
    def lines(self) -> Iterator[tuple[Callable[[], int], Block]]:
        """Give the number of the first line, which takes a look at all before it, and the lines."""
        with unchanged(self.path, self.identity) as file:
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


def too_long(line: int) -> InputError:
    """Return the error of a line beyond the limit."""
    return InputError(f"line {line}: is longer than {MAX_RECORD_BYTES // 1024**2} MiB")


def _at(line: int, bad: BadLineError) -> InputError:
    """Return the error of a text whose first line is that one of its file."""
    return InputError(f"line {line + bad.line}: {bad.what}", bad.ways)


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
