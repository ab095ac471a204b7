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
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.errors import InputError, clipped, did_you_mean

MISSING = frozenset({"", "na", "nan", "null"})
_MISSING_FOR_PYARROW = ["", "NA", "na", "NaN", "nan", "NAN", "Nan", "null", "NULL", "Null"]
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_INDENT = re.compile(rb"(\A|[\r\n])[ \t]+")
_INDENTS = (b"\n ", b"\n\t", b"\r ", b"\r\t")
_INDENTED_QUOTE = re.compile(rb'(?:\A|[\r\n])[ \t]+"')


class Unfinished(Exception):  # noqa: N818 - no error: the block was cut inside a quoted field
    """The block ends inside a quoted field that starts at `line`: it needs what follows it."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass(frozen=True)
class Header:
    """What the first record says: the `names` of all columns and where `column` stands among them."""

    names: list[str]
    column: str
    index: int
    wrapped: bool


@dataclass(frozen=True)
class Record:
    """A record of a CSV text: its `fields` and the `line` that it starts on."""

    line: int
    fields: list[str]
    complete: bool
    """Whether a line break ended it, rather than the end of the text inside a quoted field."""


def read_header(data: bytes, column: str) -> tuple[Header, int, int]:
    """Find the header in the text that starts a file.

    Returns
    -------
    header, size, lines
        `size` in bytes and `lines` in lines of what it takes up, blank lines before it included.

    Raises
    ------
    InputError
        Where there is none, or `column` is not exactly once in it.
    """
    records = _Records(data, line=1)
    record = next(records, None)
    if record is None:
        raise InputError("is empty, expected a CSV header line")
    if not record.complete:
        raise never_closed(record.line)
    names = [name.strip() for name in record.fields]
    wrapped = False
    if len(names) == 1 and names != [column]:
        inner = [name.strip() for name in _unwrapped(record.fields[0])]
        wrapped = len(inner) > 1
        names = inner if wrapped else names
    if names != [column] and len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        stood = clipped(repr(names[0]))
        raise InputError(
            f"has no column {column!r}: its header is {stood}, expected names separated by commas"
        )
    if column not in names:
        hint = did_you_mean(column, names)
        present = ", ".join(clipped(name) for name in names[:50])
        raise InputError(f"has no column {column!r}{hint}; its columns are {present}")
    if names.count(column) > 1:
        raise InputError(f"has {names.count(column)} columns named {column!r}, expected one")
    return Header(names, column, names.index(column), wrapped), records.size, records.lines


def parse(data: bytes, line: int, header: Header, *, wrapped: bool) -> npt.NDArray[np.float64]:
    """Read the wanted column of a block of whole lines, the first of which is line number `line` of the file.

    Parameters
    ----------
    wrapped
        The form to try first: whether whole lines stand in quotes. It sets the speed, never the values.

    Returns
    -------
    (rows,) array, NaN where the value is missing.

    Raises
    ------
    InputError
        With the line and what stood there.
    Unfinished
        Where the block ends inside a quoted field.
    """
    check_text(data, line)
    values = _parse_fast(data, header, wrapped=wrapped)
    return _parse_carefully(data, line, header) if values is None else values


def is_wrapped(data: bytes, header: Header) -> bool:
    """Tell whether the first record of `data` is a whole line in quotes."""
    record = next(_Records(data, line=1), None)
    return record is not None and len(header.names) > 1 and len(record.fields) == 1


def missing(data: bytes, line: int, header: Header) -> InputError:
    """Return the error that names the first missing value of a block that has one."""
    for record in _records(data, line, header):
        text = record.fields[header.index].strip()
        if text.lower() in MISSING:
            break
    return InputError(
        f"line {record.line}: {header.column} is missing ({clipped(repr(text))}), and on_missing is 'error'"
    )


def _parse_fast(data: bytes, header: Header, *, wrapped: bool) -> npt.NDArray[np.float64] | None:
    """Read a block with pyarrow; None where that fails or leaves a doubt."""
    # The plain searches first: they are some ten times as fast as the expression.
    if b'"' in data and any(b in b"\n" + data for b in _INDENTS) and _INDENTED_QUOTE.search(data):
        data = _INDENT.sub(rb"\1", data)
    if wrapped:
        lines = _read_column(data, ["line"], 0, "string")
        if lines is None or lines.null_count:
            return None
        data = _joined(lines)
    column = _read_column(data, header.names, header.index, "double")
    if column is None or (wrapped and len(column) != len(lines)):
        return None
    values, is_missing = _to_numpy(column)
    # pyarrow reads `inf` and `nan(7)` as numbers; a closer look is due.
    if not np.isfinite(values).all():
        return None
    return np.where(is_missing, np.nan, values) if column.null_count else values


def _to_numpy(column: Any) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:  # noqa: ANN401 - pyarrow
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


def _read_column(data: bytes, names: list[str], index: int, kind: str) -> Any:  # noqa: ANN401 - pyarrow
    """Read one column of a block without header as a pyarrow array of `kind`; None if it does not parse."""
    import pyarrow as pa
    import pyarrow.csv as pacsv

    # pyarrow takes a quoted field that never ends for one that ends with the text. A last line of our own
    # tells: inside an open field it does not come back as a row.
    sentinel = _absent_number(data) if b'"' in data else None
    text = data if sentinel is None else b"%s\n%s\n" % (data, b",".join([sentinel] * len(names)))
    columns = [str(i) for i in range(len(names))]
    try:
        table = pacsv.read_csv(
            pa.BufferReader(text),
            read_options=pacsv.ReadOptions(column_names=columns, use_threads=False, block_size=len(text) + 1),
            parse_options=pacsv.ParseOptions(newlines_in_values=sentinel is not None),
            convert_options=pacsv.ConvertOptions(
                include_columns=[columns[index]],
                column_types={columns[index]: kind},
                null_values=_MISSING_FOR_PYARROW if kind == "double" else [],
            ),
        )
    except pa.ArrowInvalid:
        return None
    column = table.column(0).combine_chunks()
    if sentinel is None:
        return column
    if not len(column) or column[-1].as_py() != (float(sentinel) if kind == "double" else sentinel.decode()):
        return None
    return column[:-1]


def _absent_number(data: bytes) -> bytes:
    number = 271828182845904
    while b"%d" % number in data:
        number += 1
    return b"%d" % number


def _parse_carefully(data: bytes, line: int, header: Header) -> npt.NDArray[np.float64]:
    def numbers() -> Iterator[float]:
        for record in _records(data, line, header):
            text = record.fields[header.index].strip()
            yield float("nan") if text.lower() in MISSING else _number(text, record.line, header.column)

    return np.fromiter(numbers(), np.float64)


def _number(text: str, line: int, column: str) -> float:
    number = float(text) if _NUMBER.fullmatch(text) else None
    if number is not None and abs(number) != float("inf"):
        return number
    infinite = number is not None or text.lstrip("+-").lower() in {"inf", "infinity"}
    expected = "a finite number" if infinite else "a number"
    raise InputError(f"line {line}: {column} is {clipped(repr(text))}, expected {expected}")


def _records(data: bytes, line: int, header: Header) -> Iterator[Record]:
    """Yield the records of a block, unwrapped, each with as many fields as the header has."""
    expected = len(header.names)
    for record in _Records(data, line):
        if not record.complete:
            raise Unfinished(record.line)
        fields = record.fields
        if len(fields) == 1 < expected:
            fields = _unwrapped(fields[0])
        if len(fields) != expected:
            shown = clipped(repr(",".join(record.fields)))
            wanted = f"expected {_count(expected)} as in the header"
            raise InputError(f"line {record.line}: {wanted}, got {len(fields)}: {shown}")
        yield Record(record.line, fields, complete=True)


def _unwrapped(text: str) -> list[str]:
    """Return the fields of the one record that `text` is; `text` itself where it is not just one."""
    inner = [fields for fields in csv.reader(io.StringIO(text, newline="")) if fields]
    return inner[0] if len(inner) == 1 else [text]


class _Records(Iterator[Record]):
    """The records of a text, blank lines left out, with the line that each starts on.

    `size` and `lines` count the bytes and lines read so far.
    """

    def __init__(self, data: bytes, line: int) -> None:
        # A field may be as long as its block; Python's default limit is 128 KiB.
        csv.field_size_limit(sys.maxsize)
        self.size = self.lines = 0
        self._first = line
        self._open = False
        self._reader = csv.reader(self._feed(data))

    def _feed(self, data: bytes) -> Iterator[str]:
        for match in _LINE.finditer(data):
            self.size = match.end()
            self.lines += 1
            text = match[0].decode()
            # Only a line break inside a quoted field makes the reader ask for one line more.
            self._asked += 1
            yield text.lstrip(" \t") if self._asked == 1 else text
        self._open = self._asked > 0

    def __next__(self) -> Record:
        fields: list[str] = []
        while not fields:
            self._asked = 0
            start = self._first + self.lines
            fields = next(self._reader)
        return Record(start, fields, complete=not self._open)


def check_text(data: bytes, line: int) -> None:
    """Raise InputError unless `data`, whose first line is number `line`, is UTF-8 text."""
    if b"\0" in data:
        line += data.count(b"\n", 0, data.index(0))
        raise InputError(
            f"line {line}: holds a NUL byte, expected UTF-8 text (is it a binary or UTF-16 file?)"
        )
    if data.isascii():
        return
    try:
        data.decode()
    except UnicodeDecodeError as error:
        line += data.count(b"\n", 0, error.start)
        raise InputError(f"line {line}: is not UTF-8 text (byte 0x{data[error.start]:02x})") from None


def _count(number: int) -> str:
    return "1 field" if number == 1 else f"{number} fields"


def never_closed(line: int) -> InputError:
    """Return the error of a quoted field that the rest of the file does not close."""
    return InputError(f"line {line}: a quoted field starts here and never ends")
