"""Numbers that are not plain: with other decimal signs, in groups of three digits, beside signs, or missing.

The marks tell which: lines of up to eight bytes, the first the lowest, and how many there are. The first
three lines are (decimal sign, whether no number stands for a missing value), (number of separators, number of
signs) and (where a number is put together, 0). Then come the separators of groups, the signs that may stand
beside a number, and, in lower case, the words for a missing value.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kernels._backend import inlined, inner
from kernels._text.numbers import DECIDED, EMPTY, MINUS, NO_NUMBER, PLUS, POINT, SPACE, TAB, any_number
from kernels._text.primitives import byte_at, put_byte, word_at

MOST = 8  # bytes of a mark
LONGEST = 128  # bytes of a number
HEAD = 3
NO_BREAK = int.from_bytes("\u00a0".encode(), "little")
LF, ZERO, NINE, UPPER_A, UPPER_Z, UPPER = *b"\n09AZ", 0x20


def marks(
    room: int,
    decimal: str,
    separators: Sequence[str],
    signs: Sequence[str],
    missing: Sequence[str],
    *,
    plain: bool,
) -> npt.NDArray[np.int64]:
    """Return the table of marks; those of more than eight bytes are left out."""
    packed = [
        [text.encode() for text in texts if len(text.encode()) <= MOST] for texts in (separators, signs)
    ]
    words = [word for word in map(str.encode, missing) if 0 < len(word) <= MOST]
    lines = [(ord(decimal), int(plain)), (len(packed[0]), len(packed[1])), (room, 0)]
    lines += [(int.from_bytes(mark, "little"), len(mark)) for mark in [*packed[0], *packed[1], *words]]
    return np.array(lines, np.uint64).view(np.int64)


@inlined
def is_digit(byte: int) -> bool:
    """Whether a byte is one of the ten digits."""
    return ZERO <= byte <= NINE


@inner
def begins_with(at: int, end: int, mark: int, size: int) -> bool:
    """Whether a text begins with a mark."""
    return at + size <= end and (word_at(at) ^ mark) << 64 - 8 * size == 0


@inner
def behind_blanks(at: int, end: int) -> int:
    """Where a text begins without its blanks."""
    while at < end:
        if byte_at(at) in (SPACE, TAB):
            at += 1
        elif begins_with(at, end, NO_BREAK, 2):
            at += 2
        else:
            break
    return at


@inner
def before_blanks(at: int, end: int) -> int:
    """Where a text ends without its blanks."""
    while at < end:
        if byte_at(end - 1) in (SPACE, TAB):
            end -= 1
        elif end - at >= 2 and begins_with(end - 2, end, NO_BREAK, 2):
            end -= 2
        else:
            break
    return end


@inner
def is_word(at: int, end: int, marks: Any) -> bool:
    """Whether a text is a word for a missing value."""
    size = end - at
    if size > MOST:
        return False
    word = 0
    for i in range(size):
        byte = byte_at(at + i)
        byte |= UPPER if UPPER_A <= byte <= UPPER_Z else 0
        word |= byte << 8 * i
    for k in range(HEAD + marks[1, 0] + marks[1, 1], marks.shape[0]):
        if marks[k, 0] == word and marks[k, 1] == size:
            return True
    return False


@inner
def undressed(at: int, end: int, marks: Any) -> tuple[int, int]:
    """Where a number begins and ends without the signs beside it."""
    first = HEAD + marks[1, 0]
    for k in range(first, first + marks[1, 1]):
        if is_digit(byte_at(at)) and is_digit(byte_at(end - 1)):
            break
        mark, size = marks[k, 0], marks[k, 1]
        if begins_with(at, end, mark, size):
            at = behind_blanks(at + size, end)
        if begins_with(end - size, end, mark, size) and end - size >= at:
            end = before_blanks(at, end - size)
    return at, end


@inner
def separator_at(at: int, end: int, marks: Any) -> int:
    """Which separator of groups stands there, 0 if none."""
    for k in range(HEAD, HEAD + marks[1, 0]):
        if begins_with(at, end, marks[k, 0], marks[k, 1]):
            return k
    return 0


@inner
def dressed_number(begin: int, end: int, marks: Any) -> tuple[int, float, int]:
    """Whether a text is a number or missing, which, and 1 if it has groups and no decimal sign, else 0."""
    at = behind_blanks(begin, end)
    end = before_blanks(at, end)
    if at == end:
        return EMPTY, np.nan, 0
    is_bare = is_digit(byte_at(at)) and is_digit(byte_at(end - 1))
    if not (is_bare and marks[0, 1]) and is_word(at, end, marks):
        return DECIDED, np.nan, 0
    if end - at > LONGEST:
        return NO_NUMBER, 0.0, 0
    room = to = marks[2, 0]
    byte = byte_at(at)
    if byte in (MINUS, PLUS):
        put_byte(to, byte)
        to += 1
        at = behind_blanks(at + 1, end)
    if not is_bare:
        at, end = undressed(at, end, marks)
    byte = byte_at(at)
    if at < end and to == room and byte in (MINUS, PLUS):
        put_byte(to, byte)
        to += 1
        at += 1
    decimal = marks[0, 0]
    leading = byte_at(at)
    digits = groups = separator = 0
    while at < end:
        byte = byte_at(at)
        if is_digit(byte):
            put_byte(to, byte)
            to += 1
            digits += 1
            at += 1
        elif byte == decimal:
            break
        else:
            found = separator_at(at, end, marks)
            fits = digits == 3 if groups else 1 <= digits <= 3 and leading != ZERO
            if found == 0 or not fits or (groups and found != separator):
                return NO_NUMBER, 0.0, 0
            separator = found
            groups += 1
            digits = 0
            at += marks[found, 1]
    if groups and digits != 3:
        return NO_NUMBER, 0.0, 0
    doubtful = int(groups > 0 and at == end)
    if at < end:
        put_byte(to, POINT)
        to += 1
        at += 1
    while at < end:
        byte = byte_at(at)
        if not is_digit(byte):
            return NO_NUMBER, 0.0, 0
        put_byte(to, byte)
        to += 1
        at += 1
    put_byte(to, LF)
    kind, value = any_number(room, to, POINT)
    return kind if kind == DECIDED else NO_NUMBER, value, doubtful
