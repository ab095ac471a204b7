"""CSV text -> floats, block by block.

Two readers share one meaning. pyarrow parses a block fast; where it will not, or where its answer is not
certain to be what the text says, Python's `csv` module reads the block again, record by record, and either
finds the values or names the line. The second reader is the meaning: the rules of Python's `csv`, and

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

from pipeline.ends import ROWS, Rows, telling
from pipeline.errors import InputError, clipped, did_you_mean

MISSING = frozenset({"", "na", "nan", "null"})
_MISSING_FOR_PYARROW = ["", "NA", "na", "NaN", "nan", "NAN", "Nan", "null", "NULL", "Null"]
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
BOM = b"\xef\xbb\xbf"
NEVER_ENDS = "a quoted field starts here and never ends"
LABELS = ("timestamp", "datetime", "time", "date")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_MOST_BLANKS = 8
"""Behind a closing quote, as far as the quick look goes."""
_MAY_FOLLOW, _IS_BLANK = np.zeros((2, 256), bool)
_MAY_FOLLOW[list(b'",\r\n')] = _IS_BLANK[list(b" \t")] = True
_PIECE_BYTES = 256 * 1024
_SMALL_BYTES = 1024 * 1024
_PLAIN_NUMBERS = frozenset("0123456789+-.eE")
_INDENT = re.compile(rb"(\A|[\r\n])[ \t]+")
_INDENTS = (b"\n ", b"\n\t", b"\r ", b"\r\t")
# Compiled where they are needed, which is rare.
_QUOTED_TO_THE_END = r'(?:"(?:[^"]|"")*"[ \t]*|[^",\r\n][^,\r\n]*|)(?:,|\r\n?|\n|\Z)'
_AND_BEHIND = r'"(?:[^"]|"")*"[^,\r\n]*'
_OPENS = r'"(?:[^"]|"")*\Z'
_INDENTED_QUOTE = re.compile(rb'(?:\A|[\r\n])[ \t]+"')


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
    wrapped: bool
    """Whether the first data line is wrapped in quotes: what to try first, never what to believe."""


@dataclass(frozen=True)
class Record:
    """A record of a CSV text: its `fields` and the `line` that it starts on, from 0."""

    line: int
    fields: list[str]
    complete: bool = True
    """Whether a line break ended it, rather than the end of the text inside a quoted field."""
    text: str = ""
    """As it stood."""


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
    records = _Records(data)
    record = next(records, None)
    if record is None:
        raise InputError("is empty, expected a CSV header line")
    if not record.complete:
        raise BadLineError(record.line, NEVER_ENDS)
    _check_quotes(record.text, record.line)
    size = records.size
    names = [name.strip() for name in record.fields]
    if len(names) == 1 and names != [column]:
        names = [name.strip() for name in _unwrapped(record.fields[0])]
    if len(names) == 1 and names != [column] and (";" in names[0] or "\t" in names[0]):
        stood = clipped(repr(names[0]))
        raise InputError(
            f"has no column {column!r}: its header is {stood}, expected names separated by commas"
        )
    index = find_column(names, column)
    first = next(records, None)
    wrapped = first is not None and len(names) > 1 and len(first.fields) == 1
    return Layout(names, column, index, find_label(names), wrapped), size


def has_header(data: bytes) -> bool:
    """Tell whether the text that starts a file goes beyond its header."""
    try:
        record = next(_Records(data.removeprefix(BOM)), None)
    except UnicodeDecodeError:
        return True  # which is the better thing to complain of
    return record is not None and record.complete


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


def parse(data: bytes, layout: Layout, *, labels: bool = False) -> Batch:
    """Read the wanted column of a block of whole lines; with `labels`, that of the timestamps too.

    Raises
    ------
    BadLineError
        With the line and what stood there.
    UnfinishedError
        Where the block ends inside a quoted field.
    """
    check_text(data)
    label = layout.label if labels and layout.label != layout.index else None
    if _may_go_on_behind_quotes(data):
        batch = None
    elif label is None and _is_small(data):
        values = _parse_small(data, layout)
        batch = None if values is None else Batch(values)
    else:
        batch = _parse_fast(data, layout, label)
    return _parse_carefully(data, layout, label) if batch is None else batch


def first_rows(data: bytes, layout: Layout) -> Rows:
    """Return the first rows of a block that has been read: the columns that tell its order."""
    return _telling(islice(_records(data, layout), ROWS), layout)


def last_rows(data: bytes, layout: Layout) -> Rows:
    """Return the last rows of a block likewise."""
    return _telling(deque(_records(data[_tail(data) :], layout), ROWS), layout)


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


def unfinished(data: bytes, layout: Layout) -> BadLineError:
    """Return the first error of a block that ends in a quoted field, often that very field."""
    try:
        _parse_carefully(data, layout, None)
    except BadLineError as bad:
        return bad
    except UnfinishedError:
        *_, last = _Records(data)
    return BadLineError(last.line, NEVER_ENDS)


def missing(data: bytes, layout: Layout) -> BadLineError:
    """Return the error that names the first missing value of a block that has one."""
    for record in _records(data, layout):
        text = record.fields[layout.index].strip()
        if text.lower() in MISSING:
            break
    stood = clipped(repr(text))
    return BadLineError(record.line, f"{layout.column} is missing ({stood}), and on_missing is 'error'")


def _unwrapped_rows(rows: list[list[str]]) -> list[list[str]]:
    """Return the rows that the one field of each row is; the rows themselves where they are not just that."""
    lines = [row[0] for row in rows]
    if any(len(row) != 1 for row in rows) or any("\n" in line or "\r" in line for line in lines):
        return rows
    text = "\n".join(lines).encode()
    if text.count(b'"') % 2 or _may_go_on_behind_quotes(text):
        return rows
    inner = list(csv.reader(lines))
    return inner if len(inner) == len(lines) else rows


def _is_small(data: bytes) -> bool:
    return len(data) <= _SMALL_BYTES and "pyarrow" not in sys.modules


def _parse_small(data: bytes, layout: Layout) -> npt.NDArray[np.float64] | None:
    """Read a block with Python's `csv` all at once; None where that leaves a doubt.

    Importing pyarrow takes longer than this does for a small file.
    """
    if any(indent in b"\n" + data for indent in _INDENTS):
        return None
    # As with pyarrow, a last line of our own does not come back from inside an open field.
    sentinel = _absent_number(data).decode()
    rows = [row for row in csv.reader(io.StringIO(f"{data.decode()}\n{sentinel}\n", newline="")) if row]
    if rows.pop() != [sentinel]:
        raise UnfinishedError
    if layout.wrapped:
        rows = _unwrapped_rows(rows)
    if any(len(row) != len(layout.names) for row in rows):
        return None
    column = [row[layout.index] for row in rows]
    if not _PLAIN_NUMBERS.issuperset("".join(column)):
        return None
    try:
        values = np.array([float(text or "nan") for text in column], np.float64)
    except ValueError:
        return None
    return None if np.isinf(values).any() else values


def _parse_fast(data: bytes, layout: Layout, label: int | None) -> Batch | None:
    """Read a block with pyarrow; None where that fails or leaves a doubt."""
    # The plain searches first: they are some ten times as fast as the expression.
    if b'"' in data and any(b in b"\n" + data for b in _INDENTS) and _INDENTED_QUOTE.search(data):
        data = _INDENT.sub(rb"\1", data)
    lines = None
    if layout.wrapped:
        (lines,) = _read_columns(data, 1, {0: "string"}) or (None,)
        if lines is None:
            return None
        data = _joined(lines)
        # Each line must be one row: a line break in one could make up for a line without any row.
        if b"\r" in data or data.count(b"\n") != len(lines) or _may_go_on_behind_quotes(data):
            return None
    kinds = {layout.index: "double"} | ({} if label is None else {label: "string"})
    try:
        columns = _read_columns(data, len(layout.names), kinds)
    except UnfinishedError:
        if lines is None:
            raise
        return None  # a field is open inside one wrapped line
    if columns is None or (lines is not None and len(columns[0]) != len(lines)):
        return None
    values, is_missing = to_numpy(columns[0])
    # pyarrow reads `inf` and `nan(7)` as numbers; a closer look is due.
    if not np.isfinite(values).all():
        return None
    values = np.where(is_missing, np.nan, values) if columns[0].null_count else values
    return Batch(values) if label is None else Batch(values, columns[1], layout.names[label])


def _may_go_on_behind_quotes(data: bytes) -> bool:
    """Tell whether text may stand between a closing quote and the end of its field; where not, it does not.

    Of quotes that open, close and double, every second closes (or is the first of two).
    """
    if b'"' not in data:
        return False
    text = np.frombuffer(data, np.uint8)
    behind = np.flatnonzero(text == ord('"'))[1::2] + 1
    for _ in range(_MOST_BLANKS):
        behind = behind[: np.searchsorted(behind, len(text))]
        found = text[behind]
        if _MAY_FOLLOW[found].all():
            return False
        blank = _IS_BLANK[found]
        if not (blank | _MAY_FOLLOW[found]).all():
            return True
        behind = behind[blank] + 1
    return True


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


def _joined(lines: Any) -> bytes:  # noqa: ANN401 - pyarrow has no types
    """Return the strings of a pyarrow array as one text, each ended by a line break."""
    _, offsets, characters = lines.buffers()
    ends = np.frombuffer(offsets, np.int32)[lines.offset :][: len(lines) + 1]
    text = np.full(ends[-1] - ends[0] + len(lines), ord("\n"), np.uint8)
    is_break = np.zeros(len(text), bool)
    is_break[ends[1:] - ends[0] + np.arange(len(lines))] = True
    text[~is_break] = np.frombuffer(characters, np.uint8)[ends[0] : ends[-1]]
    return text.tobytes()


def _read_columns(data: bytes, count: int, kinds: dict[int, str]) -> list[Any] | None:
    """Read columns of a block of `count` columns as pyarrow arrays of `kinds`; None if it does not parse."""
    import pyarrow as pa
    import pyarrow.csv as pacsv

    # pyarrow takes a quoted field that never ends for one that ends with the text. A last line of our own
    # tells: inside an open field it does not come back as a row.
    sentinel = _absent_number(data) if b'"' in data else None
    text = data if sentinel is None else b"%s\n%s\n" % (data, b",".join([sentinel] * count))
    if text.startswith(BOM):
        return None  # pyarrow would skip it, here in the middle of a file
    names = [str(i) for i in range(count)]
    types = {str(i): kind for i, kind in kinds.items()}
    # Parsing piece by piece stays in the cache, but no record may be longer than a piece.
    small = sentinel is None and count < _PIECE_BYTES // 1024
    piece = _PIECE_BYTES if small else len(text) + 1
    try:
        table = pacsv.read_csv(
            pa.BufferReader(text),
            read_options=pacsv.ReadOptions(column_names=names, use_threads=False, block_size=piece),
            parse_options=pacsv.ParseOptions(newlines_in_values=sentinel is not None),
            convert_options=pacsv.ConvertOptions(
                include_columns=list(types), column_types=types, null_values=_MISSING_FOR_PYARROW
            ),
        )
    except pa.ArrowInvalid:
        return None
    columns = [column.combine_chunks() for column in table.columns]
    if sentinel is None:
        return columns
    expected = float(sentinel) if columns[0].type == "double" else sentinel.decode()
    if not len(columns[0]) or columns[0][-1].as_py() != expected:
        raise UnfinishedError
    return [column[:-1] for column in columns]


def _absent_number(data: bytes) -> bytes:
    number = 271828182845904
    while b"%d" % number in data:
        number = number * 6364136223846793005 % 10**15
    return b"%d" % number


def _parse_carefully(data: bytes, layout: Layout, label: int | None) -> Batch:
    values, labels = [], []
    for record in _records(data, layout):
        text = record.fields[layout.index].strip()
        if text == layout.column and [field.strip() for field in record.fields] == layout.names:
            raise BadLineError(record.line, "is the header again, expected a row")
        is_missing = text.lower() in MISSING
        values.append(float("nan") if is_missing else _number(text, record.line, layout.column))
        if label is not None:
            labels.append(record.fields[label])
    if label is None:
        return Batch(np.array(values, np.float64))
    import pyarrow as pa

    return Batch(np.array(values, np.float64), pa.array(labels, "string"), layout.names[label])


def _number(text: str, line: int, column: str) -> float:
    number = float(text) if _NUMBER.fullmatch(text) else None
    if number is not None and abs(number) != float("inf"):
        return number
    infinite = number is not None or text.lstrip("+-").lower() in {"inf", "infinity"}
    expected = "a finite number" if infinite else "a number"
    raise BadLineError(line, f"{column} is {clipped(repr(text))}, expected {expected}")


def _records(data: bytes, layout: Layout) -> Iterator[Record]:
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
        yield Record(record.line, fields)


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
    """The records of a text, blank lines left out, with the line that each starts on.

    `size` counts the bytes read so far.
    """

    def __init__(self, data: bytes) -> None:
        # A field may be as long as its block; Python's default limit is 128 KiB.
        csv.field_size_limit(sys.maxsize)
        self.size = self._lines = 0
        self._open = False
        self._text: list[str] = []
        self._reader = csv.reader(self._feed(data))

    def _feed(self, data: bytes) -> Iterator[str]:
        for match in _LINE.finditer(data):
            self.size = match.end()
            self._lines += 1
            text = match[0].decode()
            # Only a line break inside a quoted field makes the reader ask for one line more.
            self._asked += 1
            text = text.lstrip(" \t") if self._asked == 1 else text
            self._text.append(text)
            yield text
        self._open = self._asked > 0

    def __next__(self) -> Record:
        fields: list[str] = []
        while not fields:
            self._asked = 0
            self._text = []
            start = self._lines
            fields = next(self._reader)
        return Record(start, fields, complete=not self._open, text="".join(self._text))


def count_lines(data: bytes) -> int:
    """Return how many line ends (LF, CRLF or CR) a text has."""
    ends = data.count(b"\n")
    return ends + data.count(b"\r") - data.count(b"\r\n") if b"\r" in data else ends


def check_text(data: bytes) -> None:
    """Raise BadLineError unless `data` is UTF-8 text."""
    if b"\0" in data:
        line = count_lines(data[: data.index(0)])
        raise BadLineError(line, "holds a NUL byte, expected UTF-8 text (is it a binary or UTF-16 file?)")
    if data.isascii():
        return
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line = count_lines(data[: error.start])
        raise BadLineError(line, f"is not UTF-8 text (byte 0x{data[error.start]:02x})") from None


def _count(number: int) -> str:
    return "1 field" if number == 1 else f"{number} fields"
