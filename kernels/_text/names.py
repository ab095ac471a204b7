"""Texts of a column as codes: equal ones have one, in the order in which they come."""

from typing import Any

from kernels._backend import inner, loop
from kernels._text.primitives import byte_at, high_half, word_at
from kernels._text.rows import QUOTE

ODD = 0x1E3779B97F4A7C15  # a factor that carries each bit into one half of the product at least
WORD = 8
FULL = -1


@inner
def mixed(x: int, word: int) -> int:
    """A number that depends on all bits of both."""
    x ^= word
    return (x * ODD) ^ high_half(x, ODD)


@inner
def last_word(at: int, stop: int) -> int:
    """The last bytes of a text, up to eight."""
    size = stop - at
    if size >= WORD:
        return word_at(stop - WORD)
    return word_at(at) << 64 - 8 * size if size else 0


@inner
def hashed(at: int, stop: int, shape: int, last: int) -> int:
    """A number for a text and its shape."""
    x = mixed(shape, 0)
    while stop - at > WORD:
        x = mixed(x, word_at(at))
        at += WORD
    return mixed(x, last)


@inner
def begin_alike(at: int, other: int, size: int) -> bool:
    """Whether two texts of one size are the same before their last word."""
    while size > WORD:
        if word_at(at) != word_at(other):
            return False
        at += WORD
        other += WORD
        size -= WORD
    return True


@loop("int64(int64[:, ::1], int32[::1], int32[::1], int64[:, ::1])")
def code_texts(places: Any, table: Any, codes: Any, firsts: Any) -> int:
    """Put a code for each text there, and return how many there are; FULL if the table is too small.

    ``table`` is all zero, its length a power of two. ``firsts`` gets for each code the row in which it is
    first, its size and quotes, and its last word. Texts that differ in their quotes alone have two codes.
    """
    count = 0
    mask = table.shape[0] - 1
    for i in range(places.shape[0]):
        at, stop = places[i]
        shape = stop - at << 1 | (1 if byte_at(at - 1) == QUOTE else 0)
        last = last_word(at, stop)
        slot = hashed(at, stop, shape, last) & mask
        while True:
            code = table[slot] - 1
            if code < 0:
                if 2 * count > mask:
                    return FULL
                code = count
                firsts[code, 0], firsts[code, 1], firsts[code, 2] = i, shape, last
                count += 1
                table[slot] = count
                break
            is_like = firsts[code, 2] == last and firsts[code, 1] == shape
            if is_like and begin_alike(at, places[firsts[code, 0], 0], stop - at):
                break
            slot = slot + 1 & mask
        codes[i] = code
    return count
