"""CSV text by the rules of Python's `csv`, record by record: what a text means, or which line is wrong.

This is the careful reader. The scanner, which is some fifty times as fast, reads the rows that are plain, and
leaves the others to it. Two rules beyond those of `csv`:

- blanks that indent a line are not part of it, and a line of blanks is no line;
- a record of one field that itself reads as a record with the header's number of fields stands for that
  record: an export that wrapped whole lines in quotes.
"""

from __future__ import annotations

import csv
import io
import re
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mlops_task.errors import InputError, clipped, did_you_mean
from mlops_task.inputs.order import ROWS, Rows, telling

MISSING = frozenset({"", "na", "nan", "null"})
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
BOM = b"\xef\xbb\xbf"
NEVER_ENDS = "a quoted field starts here and never ends"
Text = bytes | memoryview
LABELS = ("timestamp", "datetime", "time", "date")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
# Compiled where they are needed, which is rare.
_QUOTED_TO_THE_END = r'(?:"(?:[^"]|"")*"[ \t]*|[^",\r\n][^,\r\n]*|)(?:,|\r\n?|\n|\Z)'
_AND_BEHIND = r'"(?:[^"]|"")*"[^,\r\n]*'
_OPENS = r'"(?:[^"]|"")*\Z'


class BadLineError(Exception):
    """What is wrong with a line of a block; `line` counts from 0 at the start of the block."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(line, what)
        self.line, self.what = line, what


class UnfinishedError(Exception):
    """The block ends inside a quoted field: it needs what follows it."""


@dataclass(frozen=True)
class Layout:
    """What the start of a file says of the rest."""

    names: list[str]
    column: str
    index: int
    """Where the wanted column stands."""
    label: int | None
    """Where the column of timestamps stands, if there is one."""


@dataclass(frozen=True)
class Record:
    """A record of a CSV text: its `fields`, the `line` that it starts on, from 0, and its `end` in bytes."""

    line: int
    fields: list[str]
    end: int
    complete: bool = True
    """Whether a line break ended it, rather than the end of the text inside a quoted field."""
    text: str = ""
    """As it stood."""


class Row(NamedTuple):
    """A row as read: its value, NaN for missing, its timestamp if that is wanted, and its `end` in bytes."""

    value: float
    label: str
    end: int


class Batch(NamedTuple):
    """Rows as read: `values` is a (rows,) array with NaN for missing; `labels` a pyarrow array or None."""

    values: npt.NDArray[np.float64]
    labels: Any = None
    label_name: str = ""


def read_layout(data: bytes, column: str) -> tuple[Layout, int]:
    """Read the header of the text that starts a file.

    Returns
    -------
    layout, size
        `size` is that of the header in bytes, blank lines before it included.

    Raises
    ------
    InputError
        Where there is none, or `column` is not exactly once in it.
    BadLineError
        Where a quoted field of it does not end.
    """
    record = next(_Records(data), None)
    if record is None:
        raise InputError("is empty, expected a CSV header line")
    if not record.complete:
        raise BadLineError(record.line, NEVER_ENDS)
    _check_quotes(record.text, record.line)
    names = [name.strip() for name in record.fields]
    if len(names) == 1 and names != [column]:
        names = [name.strip() for name in _unwrapped(record.fields[0])]
    if len(names) == 1 and names != [column] and (";" in names[0] or "\t" in names[0]):
        stood = clipped(repr(names[0]))
        raise InputError(
            f"has no column {column!r}: its header is {stood}, expected names separated by commas"
        )
    index = find_column(names, column)
    return Layout(names, column, index, find_label(names)), record.end


def has_header(data: bytes) -> bool:
    """Tell whether the text that starts a file goes beyond its header."""
    try:
        data = data.removeprefix(BOM)
        record = next(_Records(data), None)
    except BadLineError:
        return True  # which is the better thing to complain of
    # A CR that is last may be the first half of CRLF.
    return record is not None and record.complete and not (data.endswith(b"\r") and record.end == len(data))


def find_column(names: list[str], column: str) -> int:
    """Return where `column` stands among `names`; InputError unless it stands there once."""
    if column not in names:
        hint = did_you_mean(column, names)
        present = ", ".join(clipped(name) for name in names[:50])
        raise InputError(f"has no column {column!r}{hint}; its columns are {present}")
    if names.count(column) > 1:
        raise InputError(f"has {names.count(column)} columns named {column!r}, expected one")
    return names.index(column)


def find_label(names: list[str]) -> int | None:
    """Return where the column of timestamps stands among `names`, by its name."""
    folded = [name.casefold() for name in names]
    return next((folded.index(label) for label in LABELS if label in folded), None)


def rows(data: Text, layout: Layout, label: int | None) -> Iterator[Row]:
    """Yield the rows of a block of whole lines, the timestamps from field `label` if there is one.

    Raises
    ------
    BadLineError
        With the line and what stood there.
    UnfinishedError
        Where the block ends inside a quoted field.
    """
    for record in _records(data, layout):
        text = record.fields[layout.index].strip()
        if text == layout.column and [field.strip() for field in record.fields] == layout.names:
            raise BadLineError(record.line, "is the header again, expected a row")
        is_missing = text.lower() in MISSING
        value = float("nan") if is_missing else _number(text, record.line, layout.column)
        yield Row(value, "" if label is None else record.fields[label], record.end)


def starts_row(data: Text, layout: Layout) -> bool:
    """Tell whether a text starts with a row, as it hardly does inside a quoted field."""
    try:
        return next(_records(data, layout), None) is not None
    except (BadLineError, UnfinishedError):
        return False


def first_rows(data: Text, layout: Layout) -> Rows:
    """Return the first rows of a block that has been read: the columns that tell its order."""
    return _telling(islice(_records(data, layout), ROWS), layout)


def last_rows(data: Text, layout: Layout) -> Rows:
    """Return the last rows of a block likewise."""
    return _telling(deque(_records(data[_tail(bytes(data)) :], layout), ROWS), layout)


def _telling(records: Iterable[Record], layout: Layout) -> Rows:
    rows = [record.fields for record in records]
    at = [(name, layout.names.index(name)) for name in telling(layout.names)]
    return {name: [fields[index].strip() for fields in rows] for name, index in at}


def _tail(data: bytes) -> int:
    """Return where the last rows of whole records begin, outside of quotes."""
    newline = b"\n" if b"\n" in data else b"\r"
    at, lines, quotes = len(data), 0, data.count(b'"')
    while at and (lines <= ROWS or quotes % 2):
        start = data.rfind(newline, 0, at - 1) + 1
        quotes -= data.count(b'"', start, at)
        at, lines = start, lines + 1
    return at


def unfinished(data: Text, layout: Layout) -> BadLineError:
    """Return the first error of a block that ends in a quoted field, often that very field."""
    try:
        deque(rows(data, layout, None), maxlen=0)
    except BadLineError as bad:
        return bad
    except UnfinishedError:
        *_, last = _Records(data)
    return BadLineError(last.line, NEVER_ENDS)


def missing(data: Text, layout: Layout) -> BadLineError:
    """Return the error that names the first missing value of a block that has one."""
    for record in _records(data, layout):
        text = record.fields[layout.index].strip()
        if text.lower() in MISSING:
            break
    stood = clipped(repr(text))
    return BadLineError(record.line, f"{layout.column} is missing ({stood}), and on_missing is 'error'")


def to_numpy(column: Any) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:  # noqa: ANN401 - pyarrow
    """Return the values of a pyarrow array of doubles, 0 for a null, and which are null.

    pyarrow's own `to_numpy` imports pandas where it is installed.
    """
    validity, values = column.buffers()
    here = slice(column.offset, column.offset + len(column))
    numbers = np.frombuffer(values, np.float64)[here]
    if not column.null_count:
        return numbers, np.zeros(len(numbers), bool)
    is_missing = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")[here] == 0
    return np.where(is_missing, 0.0, numbers), is_missing


def _number(text: str, line: int, column: str) -> float:
    number = float(text) if _NUMBER.fullmatch(text) else None
    if number is not None and abs(number) != float("inf"):
        return number
    infinite = number is not None or text.lstrip("+-").lower() in {"inf", "infinity"}
    expected = "a finite number" if infinite else "a number"
    raise BadLineError(line, f"{column} is {clipped(repr(text))}, expected {expected}")


def _records(data: Text, layout: Layout) -> Iterator[Record]:
    """Yield the records of a block, unwrapped, each with as many fields as the header has."""
    expected = len(layout.names)
    for record in _Records(data):
        if not record.complete:
            raise UnfinishedError
        _check_quotes(record.text, record.line)
        fields = record.fields
        if len(fields) == 1 < expected:
            fields = _unwrapped(fields[0])
            if len(fields) == expected:
                _check_quotes(record.fields[0], record.line)
        if len(fields) != expected:
            shown = clipped(repr(",".join(record.fields)))
            wanted = f"expected {_count(expected)} as in the header"
            raise BadLineError(record.line, f"{wanted}, got {len(fields)}: {shown}")
        yield Record(record.line, fields, record.end)


def _check_quotes(text: str, line: int) -> None:
    """Raise BadLineError where a record goes on behind a closing quote, or ends before one."""
    at = 0
    while '"' in text and at < len(text):
        match = re.compile(_QUOTED_TO_THE_END).match(text, at)
        if match is None:
            if re.match(_OPENS, text[at:]):
                raise BadLineError(line, NEVER_ENDS)
            stood = clipped(repr(re.findall(_AND_BEHIND, text[at:])[0]))
            raise BadLineError(
                line, f"text behind a closing quote: {stood}, expected a comma or the line's end"
            )
        at = match.end()


def _unwrapped(text: str) -> list[str]:
    """Return the fields of the one record that `text` is; `text` itself where it is not just one."""
    inner = [fields for fields in csv.reader(io.StringIO(text, newline="")) if fields]
    return inner[0] if len(inner) == 1 else [text]


class _Records(Iterator[Record]):
    """The records of a text, blank lines left out, with the line that each starts on."""

    def __init__(self, data: Text) -> None:
        # A field may be as long as its block; Python's default limit is 128 KiB.
        csv.field_size_limit(sys.maxsize)
        self._end = self._lines = 0
        self._open = False
        self._text: list[str] = []
        self._reader = csv.reader(self._feed(data))

    def _feed(self, data: Text) -> Iterator[str]:
        for match in _LINE.finditer(data):
            self._end = match.end()
            text = self._decoded(match[0])
            self._lines += 1
            # Only a line break inside a quoted field makes the reader ask for one line more.
            self._asked += 1
            text = text.lstrip(" \t") if self._asked == 1 else text
            self._text.append(text)
            yield text
        self._open = self._asked > 0

    def _decoded(self, line: bytes) -> str:
        if b"\0" in line:
            what = "holds a NUL byte, expected UTF-8 text (is it a binary or UTF-16 file?)"
            raise BadLineError(self._lines, what)
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            what = f"is not UTF-8 text (byte 0x{line[error.start]:02x})"
            raise BadLineError(self._lines, what) from None

    def __next__(self) -> Record:
        fields: list[str] = []
        while not fields:
            self._asked = 0
            self._text = []
            start = self._lines
            fields = next(self._reader)
        return Record(start, fields, self._end, complete=not self._open, text="".join(self._text))


def count_lines(data: bytes) -> int:
    """Return how many line ends (LF, CRLF or CR) a text has."""
    ends = data.count(b"\n")
    return ends + data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else ends


def _count(number: int) -> str:
    return "1 field" if number == 1 else f"{number} fields"
