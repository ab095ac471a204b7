"""Rows of several groups in a line, group by group, and what is counted of it."""

from typing import Any

from kernels._backend import loop


@loop("void(int32[::1], int64[::1], int64[::1])")
def place(codes: Any, free: Any, places: Any) -> None:
    """Where each row goes: to the first place of its group that is free, which then is the one behind."""
    for i in range(codes.shape[0]):
        code = codes[i]
        places[i] = free[code]
        free[code] += 1


@loop("void(int32[::1], int32[::1], float64[::1], int8[::1], int64[::1], float64[::1], int8[::1])")
def lay(codes: Any, names: Any, values: Any, is_open: Any, free: Any, line: Any, line_open: Any) -> None:
    """Put rows where they go, their codes being names of others: those by which the line is laid out."""
    for i in range(codes.shape[0]):
        code = names[codes[i]]
        place = free[code]
        free[code] = place + 1
        line[place] = values[i]
        line_open[place] = is_open[i]


@loop(
    "void(int64[::1], float64[::1], int8[::1], int8[::1], int64, int64[::1], int32[::1], float64[::1],"
    " int8[::1])"
)
def settle(
    ends: Any,
    values: Any,
    signals: Any,
    is_open: Any,
    window: int,
    ones: Any,
    kept_codes: Any,
    kept_values: Any,
    kept_open: Any,
) -> None:
    """Count the signals of the open rows that have a whole window, and keep the rows at both ends.

    ``ends`` is where each group ends in the line. The first and last ``window - 1`` rows of a group are kept,
    the first as open: their windows lack rows that may come before.
    """
    begin = kept = 0
    for code in range(ends.shape[0]):
        end = ends[code]
        full = min(begin + window - 1, end)
        for i in range(full, end):
            ones[code] += signals[i] & is_open[i]
        tail = max(full, end - window + 1)
        for i in range(begin, end):
            if i < full or i >= tail:
                kept_codes[kept] = code
                kept_values[kept] = values[i]
                kept_open[kept] = 1 if i < full else 0
                kept += 1
        begin = end
