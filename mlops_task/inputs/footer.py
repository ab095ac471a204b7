"""Lines at the end of a CSV file that are no rows."""

from __future__ import annotations

import os
from collections.abc import Iterator

from mlops_task.inputs.csv_rules import BadLineError, count_lines

NEAR_BYTES = 65_536
MOST_LINES = 20
"""Of how many lines a footer is told apart from a file that is faulty throughout."""


def start(data: bytes, lines: int) -> int:
    """Return where the last lines of a text begin, blank ones not counted; 0 where it has fewer."""
    at = len(data)
    while lines and at:
        begin = 1 + max(data.rfind(b"\n", 0, at - 1), data.rfind(b"\r", 0, at - 1))
        lines -= not data[begin:at].isspace()
        at = begin
    return at


def start_in(descriptor: int, size: int, lines: int) -> int:
    """Return where the last lines of a file of that size begin."""
    near = NEAR_BYTES
    while True:
        at = max(size - near, 0)
        begin = start(os.pread(descriptor, size - at, at), lines)
        if begin or not at:
            return at + begin
        near *= 8


def without(blocks: Iterator[tuple[bytes, int]], lines: int) -> Iterator[tuple[bytes, int]]:
    """Yield blocks of whole lines, each with the number of its first, without the last lines of all."""
    held, first = b"", 1
    for data, line in blocks:
        first = first if held else line
        held += data
        end = start(held, lines)
        yield held[:end], first
        first += count_lines(held[:end])
        held = held[end:]


def hinted(bad: BadLineError, data: bytes, left_out: int) -> BadLineError:
    """Return the fault of a line, with what to set if it begins a footer.

    `data` goes on to the file's end, but for lines that were left out. A footer is told from a faulty row by
    how it begins: a row with a digit, as dates do, a footer without.
    """
    lines = [line.strip(b' \t"') for line in data.splitlines()]
    before = [line for line in lines[: bad.line] if line]
    behind = [line for line in lines[bad.line :] if line]
    if (
        not bad.may_be_footer
        or len(behind) > MOST_LINES
        or any(line[:1].isdigit() for line in behind)
        or not (before and before[-1][:1].isdigit())
    ):
        return bad
    from mlops_task.inputs.ways import told

    way = {"csv": {"footer": len(behind) + left_out}}
    return BadLineError(bad.line, f"is no row, {bad.what}: if it is a footer, set {told(way)}", [way])
