"""Why a CSV file has no such column, and the config with which it would be read."""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import islice

from msgspec import structs

from mlops_task.errors import InputError, clipped
from mlops_task.inputs.columns import find_column, positions
from mlops_task.inputs.csv_form import DELIMITERS, CsvForm
from mlops_task.inputs.csv_header import Header, cuts, line_ends
from mlops_task.inputs.csv_rules import BadLineError, Records, unwrapped
from mlops_task.inputs.numerals import MISSING
from mlops_task.inputs.unread import check_text
from mlops_task.inputs.ways import Way, told

MOST_LINES = 100
"""How many are looked at for the column."""
_VALUE = re.compile(r"[-+]?[\d.,]+([eE][-+]?\d+)?|[\d/.:T -]+(Z|[-+]\d\d:?\d\d)?|")


def _rough(text: str) -> float:
    """Return about the number that a text is: the last of its signs is taken to be the decimal one."""
    bare = re.sub(r"[^\d.,eE+-]", "", text)
    *groups, last = re.split("[.,]", bare)
    return float(f"{''.join(groups)}.{last}" if groups else last)


def no_column(data: bytes, begin: int, column: str | int, form: CsvForm, sign: str = "") -> InputError:
    """Return what to say of a text whose first line, at `begin`, does not have the column.

    `sign` is the delimiter that a line before it tells.
    """
    if sign and not form.delimiter:
        error = no_column(data, begin, column, structs.replace(form, delimiter=sign))
        return InputError(f"{error} (delimited by {sign!r}, as its first line says)", error.ways)
    rest = data[begin:]
    if not rest.strip():
        return InputError("is empty, expected a CSV header line")
    check_text(rest)
    best = _best(rest, form)
    if isinstance(column, str):
        if (line := _line_with(data, begin, column, form)) is not None:
            first = clipped(repr(best.text.strip()))
            way = {"csv": {"skip_lines": line - 1}}
            where = f"has no column {column!r} in its first line ({first}), but line {line} names it"
            return InputError(f"{where}: set {told(way)}", [way])
        if len(best.names) > 1 and any(best.names) and all(map(_VALUE.fullmatch, best.names)):
            return _no_header(rest, best, form)
    try:
        find_column(best.names, column)
    except InputError as error:
        return error
    raise AssertionError(column)


def _best(data: bytes, form: CsvForm) -> Header:
    """Return the first line as that delimiter cuts it which makes the most of it."""
    found = cuts(data, (form.delimiter,) if form.delimiter else DELIMITERS)
    return max(found, key=lambda header: len(header.names))


def _line_with(data: bytes, begin: int, column: str, form: CsvForm) -> int | None:
    """Return the number of a later line that has the column among others."""
    before = len(line_ends(data[:begin], len(data)))
    for number, start in enumerate(line_ends(data[begin:], MOST_LINES), before + 2):
        line = data[begin + start :]
        line = line[: next(iter(line_ends(line, 1)), len(line))]
        with suppress(BadLineError):
            found = cuts(line, (form.delimiter,) if form.delimiter else DELIMITERS)
            if any(len(cut.names) > 1 and positions(cut.names, column) for cut in found):
                return number
    return None


def _no_header(data: bytes, first: Header, form: CsvForm) -> InputError:
    shown = clipped(repr(first.text.strip()))
    sign = {} if first.delimiter in {",", form.delimiter} else {"delimiter": first.delimiter}
    rows = [
        record.fields if len(record.fields) > 1 else unwrapped(record.fields[0], first.delimiter)
        for record in islice(Records(data, first.delimiter), MOST_LINES)
    ]
    way: Way = {"csv": {**sign, "header": 0}}
    close = close_among([row for row in rows if len(row) == len(first.names)])
    if close is not None:
        way = {**way, "column": close}
    which = "" if close else " and column: and its number, from 1"
    return InputError(f"has no header, its first line is {shown}: set {told(way)}{which}", [way])


def close_among(rows: list[list[str]]) -> int | None:
    """Return the number of the column that is the last of open, high, low and close, if one certainly is."""
    found = []
    for at in range(max(map(len, rows), default=0) - 3):
        whole = [row[at : at + 4] for row in rows if MISSING.isdisjoint(map(str.lower, row[at : at + 4]))]
        if whole and all(map(_is_bar, whole)):
            found.append(at + 4)
    return found[0] if len(found) == 1 else None


def _is_bar(texts: list[str]) -> bool:
    """Tell whether four texts may be open, high, low and close, and hardly a price beside a volume."""
    try:
        numbers = list(map(_rough, texts))
    except ValueError:
        return False
    _, high, low, _ = numbers
    return high == max(numbers) and low == min(numbers) and high <= 2 * low
