"""The start of a CSV file: lines before the header, the delimiter, the names, the wanted column."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from mlops_task.errors import InputError, clipped
from mlops_task.inputs.columns import find_column, find_label, positions
from mlops_task.inputs.csv_form import DELIMITERS, CsvForm
from mlops_task.inputs.csv_rules import (
    BOM,
    NEVER_ENDS,
    BadLineError,
    Layout,
    Records,
    check_quotes,
    count_lines,
    unwrapped,
)


class Header(NamedTuple):
    """The first line of names, or of a file without them, as one delimiter cuts it."""

    delimiter: str
    names: list[str]
    text: str


def read_layout(data: bytes, column: str | int, form: CsvForm) -> tuple[Layout, int]:
    """Read the header of the text that starts a file.

    Returns
    -------
    layout, size
        `size` is that of the header in bytes, all before it included.

    Raises
    ------
    InputError
        Where there is none, or `column` is not exactly once in it.
    BadLineError
        Where a quoted field of it does not end.
    """
    begin, told = start(data, form)
    try:
        found = _with_column(data[begin:], column, form, form.delimiter or told)
        size = _size(data[begin:], found, form)
    except BadLineError as bad:
        raise BadLineError(bad.line + count_lines(data[:begin]), bad.what) from None
    except LookupError:
        from mlops_task.inputs.csv_diagnosis import no_column

        raise no_column(data, begin, column, form) from None
    names = found.names if form.header != 0 else [f"column {n + 1}" for n in range(len(found.names))]
    index = find_column(names, column)
    if isinstance(column, int) and form.header != 0 and _is_number(names[index]):
        raise InputError(f"has {names[index]!r} as the name of column {column}: set csv: header: 0")
    label = None if form.header == 0 else find_label(names)
    return Layout(names, names[index], index, label, found.delimiter, form), begin + size


def has_header(data: bytes, form: CsvForm) -> bool:
    """Tell whether the text that starts a file goes beyond its header."""
    try:
        begin, told = start(data, form)
        rest = data[begin:]
        lines = form.header or (3 if rest.lstrip(b'"').startswith(b"Price") else 1)
        found = list(islice(Records(rest, form.delimiter or told or ","), lines))
    except BadLineError:
        return True  # which is the better thing to complain of
    except InputError:
        return False
    if len(found) < lines or not found[-1].complete:
        return False
    # A CR that is last may be the first half of CRLF.
    return not (data.endswith(b"\r") and begin + found[-1].end == len(data))


def start(data: bytes, form: CsvForm) -> tuple[int, str]:
    """Return where the header starts, behind lines to be skipped, and the delimiter that a line told."""
    begin = len(BOM) if data.startswith(BOM) else 0
    if form.skip_lines:
        ends = [0, *line_ends(data, form.skip_lines)]
        if len(ends) <= form.skip_lines:
            raise InputError(f"has fewer lines than csv: skip_lines: {form.skip_lines}")
        begin = max(begin, ends[-1])
    line = data[begin : begin + 10].replace(b'"', b"")
    if line[:4].lower() == b"sep=" and line[5:6] in {b"\r", b"\n"} and line[4:5].isascii():
        return begin + line_ends(data[begin:], 1)[0], line[4:5].decode()
    return begin, ""


def line_ends(data: bytes, count: int) -> list[int]:
    """Return where the first lines of a text end."""
    import re

    return [match.end() for match in islice(re.finditer(rb"\r\n?|\n", data), count)]


def cuts(data: bytes, delimiters: tuple[str, ...]) -> list[Header]:
    """Return the first line of a text as each delimiter cuts it; BadLineError where none can."""
    found = []
    for delimiter in delimiters:
        record = next(Records(data, delimiter), None)
        if record is None:
            return []
        if not record.complete:
            raise BadLineError(record.line, NEVER_ENDS)
        check_quotes(record.text, record.line, delimiter)
        names = record.fields if len(record.fields) > 1 else unwrapped(record.fields[0], delimiter)
        found.append(Header(delimiter, [name.strip() for name in names], record.text))
    return found


def _with_column(data: bytes, column: str | int, form: CsvForm, told: str) -> Header:
    """Return the first line as that delimiter cuts it under which it has the column; LookupError if none."""
    if told:
        found = cuts(data, (told,))
    else:
        found = cuts(data, (",",))
        if found and any(sign in found[0].text for sign in DELIMITERS[1:]):
            found += _readable(data)
    if form.header == 0 and isinstance(column, str):
        raise InputError(f"has no column {column!r} under csv: header: 0: set column: and its number, from 1")
    good = [cut for cut in found if positions(cut.names, column)]
    several = [cut for cut in good if len(cut.names) > 1]
    good = several or good[:1]
    if len(good) > 1:
        signs = " and ".join(repr(cut.delimiter) for cut in good)
        raise InputError(f"has a column {column!r} whether cut at {signs}: set csv: delimiter")
    if not good:
        raise LookupError
    return good[0]


def _readable(data: bytes) -> list[Header]:
    """Return the first line as delimiters other than the comma cut it, where they can."""
    found = []
    for delimiter in DELIMITERS[1:]:
        try:
            found += cuts(data, (delimiter,))
        except BadLineError:
            continue
    return found


def _size(data: bytes, header: Header, form: CsvForm) -> int:
    """Return how many bytes the lines of the header have."""
    if form.header == 0:
        return 0
    first = list(
        islice(Records(data, header.delimiter), form.header or (3 if header.names[0] == "Price" else 1))
    )
    if form.header is None and len(first) == 3 and not _is_yfinance([record.fields for record in first]):  # noqa: PLR2004
        first = first[:1]
    if form.header and len(first) < form.header:
        raise InputError(f"has fewer lines than csv: header: {form.header}")
    if form.header is None and len(first) == 2:
        first = first[:1]
    return first[-1].end


def _is_yfinance(lines: list[list[str]]) -> bool:
    """Tell whether the first three lines are those that yfinance writes: of fields, symbols, and the index."""
    fields, symbols, index = lines
    return (
        fields[0] == "Price"
        and symbols[0] == "Ticker"
        and index[0] in {"Date", "Datetime"}
        and not any(index[1:])
    )


def _is_number(text: str) -> bool:
    return clipped(text).replace(".", "", 1).replace("-", "", 1).isdecimal()
