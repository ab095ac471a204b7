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
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mlops_task.errors import clipped
from mlops_task.inputs.csv_form import DELIMITERS, CsvForm
from mlops_task.inputs.order import ROWS, Rows, telling_names

if TYPE_CHECKING:
    from mlops_task.inputs.numerals import Numerals
    from mlops_task.inputs.ways import Way

BOM = b"\xef\xbb\xbf"
NO_GROUP = " is missing, expected what group_by can group the row by"
NEVER_ENDS = "a quoted field starts here and never ends"
Text = bytes | memoryview
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
# Compiled where they are needed, which is rare.
_QUOTED_TO_THE_END = r'(?:"(?:[^"]|"")*"[ \t]*|(?!")[^{0}\r\n]+|)(?:[{0}]|\r\n?|\n|\Z)'
_AND_BEHIND = r'"(?:[^"]|"")*"[^{0}\r\n]*'
_OPENS = r'"(?:[^"]|"")*\Z'


class BadLineError(Exception):
    """What is wrong with a line of a block; `line` counts from 0 at the start of the block."""

    def __init__(
        self, line: int, what: str, ways: Sequence[Way] = (), *, may_be_footer: bool = False
    ) -> None:
        super().__init__(line, what)
        self.line, self.what, self.ways = line, what, ways
        self.may_be_footer = may_be_footer

    def moved(self, lines: int) -> BadLineError:
        """Return the same of a text with so many lines before it."""
        return BadLineError(self.line + lines, self.what, self.ways, may_be_footer=self.may_be_footer)


class UnfinishedError(Exception):
    """The block ends inside a quoted field: it needs what follows it."""


@dataclass(frozen=True)
class Layout:
    """What the start of a file says of the rest."""

    names: list[str]
    column: str
    index: int
    """Where the wanted column stands."""
    times: tuple[int, ...] = ()
    """Where the columns of timestamps stand, if they are wanted."""
    group: int | None = None
    """Where the column that rows are grouped by stands, if they are."""
    delimiter: str = ","
    form: CsvForm = field(default_factory=CsvForm)

    sample: bytes = field(default=b"", repr=False)
    """The first rows, of which the last may be cut."""

    @cached_property
    def numerals(self) -> Numerals:
        """How the wanted column writes numbers that are not plain."""
        return self.form.numerals(self.delimiter)

    @property
    def is_settled(self) -> bool:
        """Whether it is known what a comma in a number means."""
        return self.form.is_settled or self.has_points

    @cached_property
    def has_points(self) -> bool:
        """Whether the wanted column has decimal points in the first rows."""
        texts = (fields[self.index] for fields in self.first_fields)
        return any("." in text for text in texts if not self.numerals.is_missing(text))

    @cached_property
    def first_fields(self) -> list[list[str]]:
        """The fields of the first rows."""
        found: list[list[str]] = []
        with suppress(BadLineError, UnfinishedError):
            found.extend(record.fields for record in records(self.sample, self))
        return found


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
    """A row as read: its value, NaN for missing, the texts that are wanted, and its `end` in bytes."""

    value: float
    texts: list[str]
    end: int


def rows(data: Text, layout: Layout, texts: Sequence[int] = ()) -> Iterator[Row]:
    """Yield the rows of a block of whole lines, with the texts of some fields.

    Raises
    ------
    BadLineError
        With the line and what stood there.
    UnfinishedError
        Where the block ends inside a quoted field.
    """
    from mlops_task.inputs.numerals import NumberError

    names = layout.names if layout.form.header != 0 else None
    for record in records(data, layout):
        text = record.fields[layout.index].strip()
        if text == layout.column and [field.strip() for field in record.fields] == names:
            what = "is the header again, as where two files were joined, expected a row"
            raise BadLineError(record.line, what)
        try:
            value = layout.numerals.value(text, beside_points=layout.has_points)
        except NumberError as error:
            what = f"{layout.column} is {clipped(repr(text))}{error}"
            raise BadLineError(record.line, what, error.ways, may_be_footer=layout.index > 0) from None
        yield Row(value, [record.fields[field] for field in texts], record.end)


def line_of(data: Text, layout: Layout, row: int) -> int:
    """Return the line that a row of a block that has been read starts on, from 0."""
    return next(islice(records(data, layout), row, None)).line


def starts_row(data: Text, layout: Layout) -> bool:
    """Tell whether a text starts with a row, as it hardly does inside a quoted field."""
    try:
        return next(records(data, layout), None) is not None
    except (BadLineError, UnfinishedError):
        return False


def first_rows(data: Text, layout: Layout) -> Rows:
    """Return the first rows of a block that has been read: the columns that tell its order."""
    return _telling(islice(records(data, layout), ROWS), layout)


def last_rows(data: Text, layout: Layout) -> Rows:
    """Return the last rows of a block likewise."""
    return _telling(deque(records(data[_tail(bytes(data)) :], layout), ROWS), layout)


def _telling(records: Iterable[Record], layout: Layout) -> Rows:
    rows = [record.fields for record in records]
    at = [(name, layout.names.index(name)) for name in telling_names(layout.names, layout.form)]
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
        deque(rows(data, layout), maxlen=0)
    except BadLineError as bad:
        return bad
    except UnfinishedError:
        *_, last = Records(data, layout.delimiter)
    return BadLineError(last.line, NEVER_ENDS)


def missing(data: Text, layout: Layout) -> BadLineError:
    """Return the error that names the first missing value of a block that has one."""
    for record in records(data, layout):
        text = record.fields[layout.index].strip()
        if layout.numerals.is_missing(text):
            break
    stood = clipped(repr(text))
    return BadLineError(record.line, f"{layout.column} is missing ({stood}), and on_missing is 'error'")


def ungrouped(data: Text, layout: Layout, group: int) -> BadLineError:
    """Return the error that names the first row of a block without a group."""
    blank = (record for record in records(data, layout) if not record.fields[group].strip())
    return BadLineError(next(blank).line, f"{layout.names[group]}{NO_GROUP}", may_be_footer=True)


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


def records(data: Text, layout: Layout) -> Iterator[Record]:
    """Yield the records of a block, unwrapped, each with as many fields as the header has."""
    expected, delimiter = len(layout.names), layout.delimiter
    for record in Records(data, delimiter):
        if not record.complete:
            raise UnfinishedError
        check_quotes(record.text, record.line, delimiter)
        fields = record.fields
        if len(fields) == 1 < expected:
            fields = unwrapped(fields[0], delimiter)
            if len(fields) == expected:
                check_quotes(record.fields[0], record.line, delimiter)
        if len(fields) != expected:
            raise BadLineError(record.line, _other_count(record, len(fields), layout), may_be_footer=True)
        yield Record(record.line, fields, record.end)


def _other_count(record: Record, count: int, layout: Layout) -> str:
    """Return what is wrong with a record that has not as many fields as the header."""
    expected = len(layout.names)
    for delimiter in {*DELIMITERS} - {layout.delimiter}:
        if len(unwrapped(record.text, delimiter)) == expected > 1:
            signs = f"{delimiter!r}, the header by {layout.delimiter!r}"
            return f"has its fields separated by {signs}, expected one delimiter"
    shown = clipped(repr(layout.delimiter.join(record.fields)))
    wanted = "as in the first line" if layout.form.header == 0 else "as in the header"
    return f"expected {_count(expected)} {wanted}, got {count}: {shown}"


def check_quotes(text: str, line: int, delimiter: str) -> None:
    """Raise BadLineError where a record goes on behind a closing quote, or ends before one."""
    at = 0
    escaped = re.escape(delimiter)
    while '"' in text and at < len(text):
        match = re.compile(_QUOTED_TO_THE_END.format(escaped)).match(text, at)
        if match is None:
            if re.match(_OPENS, text[at:]):
                raise BadLineError(line, NEVER_ENDS)
            stood = clipped(repr(re.findall(_AND_BEHIND.format(escaped), text[at:])[0]))
            sign = "a comma" if delimiter == "," else repr(delimiter)
            raise BadLineError(
                line, f"text behind a closing quote: {stood}, expected {sign} or the line's end"
            )
        at = match.end()


def unwrapped(text: str, delimiter: str) -> list[str]:
    """Return the fields of the one record that `text` is; `text` itself where it is not just one."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    inner = [fields for fields in lines if fields]
    return inner[0] if len(inner) == 1 else [text]


class Records(Iterator[Record]):
    """The records of a text, blank lines left out, with the line that each starts on."""

    def __init__(self, data: Text, delimiter: str) -> None:
        # A field may be as long as its block; Python's default limit is 128 KiB.
        csv.field_size_limit(sys.maxsize)
        self._end = self._lines = 0
        self._open = False
        self._text: list[str] = []
        self._blanks = " \t".replace(delimiter, "")
        self._reader = csv.reader(self._feed(data), delimiter=delimiter)

    def _feed(self, data: Text) -> Iterator[str]:
        for match in _LINE.finditer(data):
            self._end = match.end()
            text = self._decoded(match[0])
            self._lines += 1
            # Only a line break inside a quoted field makes the reader ask for one line more.
            self._asked += 1
            text = text.lstrip(self._blanks) if self._asked == 1 else text
            self._text.append(text)
            yield text
        self._open = self._asked > 0

    def _decoded(self, line: bytes) -> str:
        if b"\0" in line:
            from mlops_task.inputs.ways import UTF_16, told

            what = f"holds a NUL byte, expected text: if it is UTF-16, set {told(UTF_16)}"
            raise BadLineError(self._lines, what, [UTF_16])
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            from mlops_task.inputs.ways import ONE_BYTE, told

            byte = f"0x{line[error.start]:02x}"
            what = f"is not UTF-8 text (byte {byte}): set {told(*ONE_BYTE)}, if it is that"
            raise BadLineError(self._lines, what, ONE_BYTE) from None

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
