"""The scanner's loop: the wanted fields of all rows of a text, until a row that it does not understand."""

from typing import Any

from kernels._backend import inner, loop
from kernels._text.dressed import dressed_number
from kernels._text.numbers import DECIDED, EMPTY, NO_NUMBER, POINT, UNDECIDED, number
from kernels._text.primitives import byte_at
from kernels._text.rows import (
    ASCII,
    CR,
    FAULTY,
    LF,
    OPEN,
    QUOTE,
    any_row,
    field_behind,
    is_blank,
    plain_row,
    quoted_row,
    unwrapped,
)

DONE, STOPPED, FULL, UNFINISHED = range(4)
PLAIN, QUOTED, ANY, BLANK, STOP, ENDLESS, NO_ROOM = range(7)
READ, STATE, UNSURE, HIGH, USED, DOUBTS, REPORT = range(7)


@inner
def by_its_quotes(
    line: int, end: int, delimiter: int, wanted: int
) -> tuple[int, int, int, int, int, int, int]:
    """Find a field of a row that has odd bytes.

    Returns how, its start, the separator behind it (its stop, if ANY), the row's end, the next row, the
    number of fields, and whether there are bytes beyond ASCII.
    """
    start, stop, feed, fields, high = quoted_row(line, end, delimiter, wanted)
    if feed >= 0:
        returned = byte_at(feed - 1) == CR and feed > line
        return QUOTED, start, stop, feed - returned, feed + 1, fields, int(high != 0)
    if feed == OPEN:
        return ENDLESS, start, stop, end, end, fields, high
    start, stop, following, fields, high = any_row(line, end, delimiter, wanted)
    if following >= 0:
        return ANY, start, stop, end, following, fields, int(high >= ASCII)
    return STOP if following == FAULTY else ENDLESS, start, stop, end, end, fields, high


@inner
def odd_row(
    row: int, end: int, delimiter: int, columns: int, wanted: int, room: int, room_end: int
) -> tuple[int, int, int, int, int, int, int, int]:
    """Find a field of a row that is not plain.

    Returns how its other fields are found, its line, the field's start, the separator behind it (its stop, if
    ANY), the row's end, the next row, whether it has bytes beyond ASCII, and how much room was used.
    """
    line = row
    while is_blank(byte_at(line), delimiter):
        line += 1
    if byte_at(line) == LF or byte_at(line) == CR:
        following = line + 1 + (byte_at(line) == CR and byte_at(line + 1) == LF)
        return BLANK, line, line, line, line, following, 0, 0
    how, start, stop, last, following, fields, high = by_its_quotes(line, end, delimiter, wanted)
    if how == ENDLESS or (how != STOP and fields == columns):
        return how, line, start, stop, last, following, high, 0
    if how == STOP or fields > 1 or byte_at(line) != QUOTE:
        return STOP, line, start, stop, last, following, high, 0
    # One quoted field that is a whole row.
    start, stop, _, _, high = any_row(line, end, delimiter, 0)
    if byte_at(stop - 1) == LF or byte_at(stop - 1) == CR:  # blanks behind the quotes would be a line
        return STOP, line, start, stop, last, following, high, 0
    if stop - start + 1 > room_end - room:
        return NO_ROOM, line, start, stop, last, following, high, 0
    wide = int(high >= ASCII)
    size = unwrapped(start, stop, room) - room
    how, start, stop, last, inner, fields, _ = by_its_quotes(room, room + size, delimiter, wanted)
    if how in (STOP, ENDLESS) or fields != columns or inner != room + size:
        return STOP, line, start, stop, last, following, wide, 0
    return how, room, start, stop, last, following, wide, size


@loop(
    "int64(int64, int64, int64, int64, int64[::1], int64[::1], float64[:, ::1], int64[:, :, ::1],"
    " int64[:, ::1], int64, int64, int64[:, ::1], int64, int64[::1])"
)
def scan(
    begin: int,
    end: int,
    delimiter: int,
    columns: int,
    wanted: Any,
    slots: Any,
    values: Any,
    texts: Any,
    unsure: Any,
    room: int,
    room_end: int,
    marks: Any,
    rows: int,
    report: Any,
) -> int:
    """Read the wanted fields of the rows of a text, which starts with a row and ends in a line feed.

    ``wanted`` are the fields, ascending. A slot of 0 or more is the line of ``values`` that a field's numbers
    go to; one below, such as ``~0``, that of ``texts`` for where its text starts and stops. What Python must
    judge goes to ``unsure``, as slot, row, start and stop. Rows that were in quotes as a whole are put into
    the room. Numbers that are not plain are read by the ``marks`` of `dressed`, if there are any. All places
    are addresses.

    ``report`` gets where the next row begins (READ), why it was not read (STATE), how many are unsure,
    whether any byte is not ASCII (HIGH), the end of what was put into the room (USED), and how many numbers
    are in groups without a decimal sign (DOUBTS). Takes and returns the number of rows so far.
    """
    row = begin
    unsures = wide = doubts = 0
    has_marks = marks.shape[0] > 0
    decimal = marks[0, 0] if has_marks else POINT
    is_plain = not has_marks or marks[0, 1] != 0
    state = DONE
    first = wanted[0]
    most = min(values.shape[1], texts.shape[1])
    while row < end:
        if rows == most or unsures + wanted.shape[0] > unsure.shape[0]:
            state = FULL
            break
        how = PLAIN
        line = row
        start, split, feed, fields, odds = plain_row(row, end, delimiter, first)
        last = feed - ((byte_at(feed - 1) == CR) & (feed > row))
        following = feed + 1
        if odds or fields != columns:
            if odds == 2 and fields == columns and byte_at(row) == QUOTE and byte_at(last - 1) == QUOTE:
                line += 1  # the whole line is in quotes
                last -= 1
                start = max(start, line)
            else:
                how, line, start, split, last, following, high, used = odd_row(
                    row, end, delimiter, columns, first, room, room_end
                )
                if how > ANY:
                    if how == BLANK:
                        row = following
                        continue
                    state = UNFINISHED if how == ENDLESS else FULL if how == NO_ROOM else STOPPED
                    break
                wide |= high
                room += used
        kind = DECIDED
        unsures_before = unsures
        for k in range(wanted.shape[0]):
            if k:
                if how == ANY:
                    start, split, _, _, _ = any_row(line, last, delimiter, wanted[k])
                else:
                    start, split = field_behind(
                        split, delimiter, wanted[k] - wanted[k - 1] - 1, how == QUOTED
                    )
            stop = min(split, last)
            begins = start
            if how == QUOTED and byte_at(start) == QUOTE:
                begins += 1
                stop -= 1
            slot = slots[k]
            if slot < 0:
                texts[~slot, rows, 0] = begins
                texts[~slot, rows, 1] = stop
                continue
            kind, value = number(begins, stop, decimal) if is_plain else (NO_NUMBER, 0.0)
            if kind == UNDECIDED and decimal != POINT:
                kind = NO_NUMBER  # to Python
            if kind == NO_NUMBER and has_marks:
                kind, value, doubt = dressed_number(begins, stop, marks)
                doubts += doubt
            if kind == NO_NUMBER or (kind == EMPTY and columns == 1 and begins == row):
                break
            values[slot, rows] = value
            if kind == UNDECIDED:
                unsure[unsures, 0] = slot
                unsure[unsures, 1] = rows
                unsure[unsures, 2] = begins
                unsure[unsures, 3] = stop
                unsures += 1
        if kind == NO_NUMBER:
            state = STOPPED
            unsures = unsures_before
            break
        # A blank line is no row, not even of one column.
        rows += kind != EMPTY or columns > 1 or begins != row
        row = following
    report[READ] = row
    report[STATE] = state
    report[UNSURE] = unsures
    report[HIGH] = wide
    report[USED] = room
    report[DOUBTS] = doubts
    return rows


@loop("int64(int64[:, ::1], int32[::1], uint8[::1])")
def pack(places: Any, ends: Any, out: Any) -> int:
    """Put texts one behind the other, quotes that are doubled in quotes as one; return how long they are.

    ``ends`` gets where each ends, behind a 0.
    """
    size = 0
    ends[0] = 0
    for i in range(places.shape[0]):
        at, stop = places[i]
        quoted = byte_at(at - 1) == QUOTE
        while at < stop:
            byte = byte_at(at)
            out[size] = byte
            size += 1
            at += 1 + (quoted and byte == QUOTE)
        ends[i + 1] = size
    return size
