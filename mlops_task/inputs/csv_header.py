"""The start of a CSV file: lines before the header, the delimiter, the names, the wanted column."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from mlops_task.errors import InputError
from mlops_task.inputs.columns import find_column, find_group, positions
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

_YFINANCE = ("Price", "Ticker", "Date")
SAMPLE_BYTES = 16 * 1024
"""How much of a file is looked at where its rows tell how they are to be read."""
_LINE_END = rb"\r\n?|\n"


class Header(NamedTuple):
    """The first line of names, or of a file without them, as one delimiter cuts it."""

    delimiter: str
    names: list[str]
    text: str


def read_layout(
    data: bytes, column: str | int, form: CsvForm, group_by: str | int | None = None, *, timed: bool = False
) -> tuple[Layout, int]:
    """Read the header of the text that starts a file; if `timed`, find the timestamps too.

    Returns
    -------
    layout, size
        `size` is that of the header in bytes, all before it included.

    Raises
    ------
    InputError
        Where there is none, or `column` or `group_by` is not exactly once in it.
    BadLineError
        Where a quoted field of it does not end.
    """
    begin, sign = start(data, form)
    rest = data[begin:]
    try:
        header = _with_column(rest, column, form, sign)
        size = _size(rest, header, form)
    except BadLineError as bad:
        raise bad.moved(count_lines(data[:begin])) from None
    if header is None:
        from mlops_task.inputs.csv_diagnosis import no_column

        raise no_column(data, begin, column, form, sign)
    if form.header == 0:
        names = [f"column {number}" for number in range(1, len(header.names) + 1)]
    else:
        names = header.names
    index = find_column(names, column)
    if isinstance(column, int) and re.fullmatch(r"[-+]?[\d.,]*\d", names[index]):
        from mlops_task.inputs.ways import told

        way = {"csv": {"header": 0}}
        what = f"has a number as the name of column {column} ({names[index]})"
        raise InputError(f"{what}: set {told(way)}", [way])
    if form.header == 0 and isinstance(group_by, str):
        raise no_names(group_by, "group_by")
    group = find_group(names, group_by, index)
    size += begin
    layout = Layout(names, names[index], index, (), group, header.delimiter, form, data[size:SAMPLE_BYTES])
    _check_points(layout)
    return (with_times(layout) if timed else layout), size


def with_times(layout: Layout) -> Layout:
    """Return a layout with the columns of the timestamps."""
    from mlops_task.inputs.time_columns import time_columns

    form, rows = layout.form, layout.first_fields
    times = time_columns(layout.names, form.timestamps, form.style, lambda at: [row[at] for row in rows])
    return replace(layout, times=() if layout.index in times else times)


def has_header(data: bytes, form: CsvForm) -> bool:
    """Tell whether the text that starts a file goes beyond its header."""
    try:
        begin, sign = start(data, form)
        rest = data[begin:]
        is_like_yfinance = rest.lstrip(b'"').startswith(_YFINANCE[0].encode())
        lines = form.header or (len(_YFINANCE) if is_like_yfinance else 1)
        found = list(islice(Records(rest, form.delimiter or sign or ","), lines))
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
        ends = line_ends(data, form.skip_lines)
        if len(ends) < form.skip_lines:
            raise InputError(f"has fewer lines than csv: skip_lines: {form.skip_lines}")
        begin = ends[-1]
    line = data[begin : begin + 10].replace(b'"', b"")
    if line[:4].lower() == b"sep=" and line[5:6] in {b"\r", b"\n"} and line[4:5].isascii():
        return begin + line_ends(data[begin:], 1)[0], line[4:5].decode()
    return begin, ""


def has_mark(data: bytes) -> bool:
    """Tell whether a text begins with a byte order mark."""
    return data.startswith(BOM)


def line_ends(data: bytes, count: int) -> list[int]:
    """Return where the first lines of a text end."""
    return [match.end() for match in islice(re.finditer(_LINE_END, data), count)]


def cut(data: bytes, delimiter: str) -> Header | None:
    """Return the first line of a text as a delimiter cuts it, None without one; BadLineError if it cannot."""
    record = next(Records(data, delimiter), None)
    if record is None:
        return None
    if not record.complete:
        raise BadLineError(record.line, NEVER_ENDS)
    check_quotes(record.text, record.line, delimiter)
    names = record.fields if len(record.fields) > 1 else unwrapped(record.fields[0], delimiter)
    return Header(delimiter, [name.strip() for name in names], record.text)


def cuts(data: bytes, delimiters: tuple[str, ...]) -> list[Header]:
    """Return the first line as each delimiter cuts it; BadLineError, the first, if none can."""
    found: list[Header] = []
    fault = None
    for delimiter in delimiters:
        try:
            header = cut(data, delimiter)
        except BadLineError as bad:
            fault = fault or bad
        else:
            if header is None:
                break
            found.append(header)
            if not any(sign in header.text for sign in delimiters[1:]):
                break  # the others cut nothing
    if fault is not None and all(len(header.names) == 1 for header in found):
        raise fault
    return found


def _with_column(data: bytes, column: str | int, form: CsvForm, sign: str) -> Header | None:
    """Return the first line as that delimiter cuts it under which it has the column, if one does."""
    if form.header == 0 and isinstance(column, str):
        raise no_names(column, "column")
    sure = form.delimiter or sign
    good = [
        header for header in cuts(data, (sure,) if sure else DELIMITERS) if positions(header.names, column)
    ]
    several = [header for header in good if len(header.names) > 1]
    if len(several) > 1:
        signs = " and ".join(repr(header.delimiter) for header in several)
        from mlops_task.inputs.ways import told

        ways = [{"csv": {"delimiter": header.delimiter}} for header in several]
        raise InputError(f"has a column {column!r} whether separated by {signs}: set {told(*ways)}", ways)
    return next(iter(several or good), None)


def no_names(column: str, key: str) -> InputError:
    """Return the error of a name that is asked for where columns have none."""
    return InputError(f"has no names under csv: header: 0, such as {column!r}: set {key}: to a number")


def _size(data: bytes, header: Header | None, form: CsvForm) -> int:
    """Return how many bytes the lines of the header have."""
    if form.header == 0 or header is None:
        return 0
    most = len(_YFINANCE) if header.names[0] == _YFINANCE[0] else 1
    first = list(islice(Records(data, header.delimiter), form.header or most))
    if form.header is None:
        return first[-1 if is_yfinance([record.fields for record in first]) else 0].end
    if len(first) < form.header:
        raise InputError(f"has fewer lines than csv: header: {form.header}")
    return first[-1].end


def is_yfinance(lines: list[list[str]]) -> bool:
    """Tell whether the first lines are those that yfinance writes: of fields, symbols, and the index."""
    begins = [fields[0] for fields in lines]
    return begins in ([*_YFINANCE], [*_YFINANCE[:2], "Datetime"]) and not any(lines[-1][1:])


def _check_points(layout: Layout) -> None:
    """Raise InputError where other columns have decimal commas, so that a point may separate thousands."""
    if layout.form.decimal or (b'",' if layout.delimiter == "," else b",") not in layout.sample:
        return
    from mlops_task.inputs.numerals import has_decimal_comma

    own = next((text for text in (row[layout.index] for row in layout.first_fields) if _has_point(text)), "")
    others = (
        (name, text)
        for fields in layout.first_fields
        for at, (name, text) in enumerate(zip(layout.names, fields, strict=True))
        if at != layout.index and has_decimal_comma(text)
    )
    name, text = next(others, ("", ""))
    if own and text:
        either = f"{own} or {own.replace('.', '')}, for {name} has {text!r}"
        from mlops_task.inputs.ways import told

        ways = [{"csv": {"decimal": "."}}, {"csv": {"decimal": ",", "thousands": "."}}]
        raise InputError(f"{layout.column} is {own!r}, which may be {either}: set {told(*ways)}", ways)


def _has_point(text: str) -> bool:
    return re.fullmatch(r"[^\d.,]{0,4}\d+\.\d+[^\d.,]{0,4}", text.strip()) is not None
