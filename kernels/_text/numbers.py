"""The float that a text stands for: the one that Python's `float` gives, to the bit.

Eight digits are read at a time, in a word. Up to 2**53 and 10**22 one multiplication or division rounds once
(Clinger, "How to read floating point numbers accurately", 1990); the rest is D. Lemire, "Number parsing at a
gigabyte per second", 2021. What that leaves open is for the caller to decide.
"""

import numpy as np

from kernels._backend import from_bits, inlined, inner
from kernels._text.fives import HIGHS, LEAST, LOWS, MOST
from kernels._text.primitives import (
    byte_at,
    equal_16,
    equal_32,
    high_half,
    leading,
    less,
    right,
    trailing,
    word_at,
)

DECIDED, UNDECIDED, NO_NUMBER, EMPTY = range(4)

SPACE, TAB, POINT, PLUS, MINUS, EXPONENT = b" \t.+-e"
NA, NAN, NULL = (int.from_bytes(word, "little") for word in (b"na", b"nan", b"null"))
LOWER_CASE = 0x20202020
ZEROS, OVER_NINE, TOPS = 0x3030303030303030, 0x7676767676767676, 0x8080808080808080 - 2**64
TENS = 10 ** np.arange(19)
EXACT_TENS = 10.0 ** np.arange(23)
FURTHEST = 1 << 40  # exponents beyond it are all the same, and sums with it cannot overflow
MOST_DIGITS = 19  # that a word can hold


@inner
def eight_digits(x: int) -> int:
    """The number that eight digits are, given by their values, the first in the lowest byte."""
    x = right(x * 2561, 8) & 0x00FF00FF00FF00FF
    x = right(x * 6553601, 16) & 0x0000FFFF0000FFFF
    return right(x * 42949672960001, 32)


@inner
def not_digits(x: int) -> int:
    """Mark the bytes that are no value of a digit; above the first mark there may be others."""
    return ((x + OVER_NINE) | x) & TOPS


@inner
def last_of(x: int, n: int) -> int:
    """The last n of eight bytes, the others 0."""
    return 0 if n == 0 else right(x, 64 - 8 * n) << 64 - 8 * n


@inner
def nearest(w: int, q: int) -> int:
    """The bits of the float nearest to ``w * 10**q``, w unsigned and not 0; -1 where infinite or in doubt."""
    if q < LEAST:
        return 0
    if q > MOST:
        return -1
    zeros = leading(w)
    w <<= zeros
    top = high_half(w, HIGHS[q - LEAST])
    low = w * HIGHS[q - LEAST]
    if top & 0x1FF == 0x1FF:
        more = high_half(w, LOWS[q - LEAST])
        low += more
        top += less(low, more)
        if low == -1 and (q < -27 or q > 55):
            return -1
    upper = right(top, 63)
    mantissa = right(top, upper + 9)
    exponent = (217706 * q >> 16) + 1086 + upper - zeros
    if exponent <= 0:
        if exponent <= -63:
            return 0
        mantissa = right(mantissa, 1 - exponent)
        return right(mantissa + (mantissa & 1), 1)
    if exponent >= 2047:
        return -1
    # A tie goes to the even one; only these powers can have ties.
    if less(low, 2) and -4 <= q <= 23 and mantissa & 3 == 1 and mantissa << upper + 9 == top:
        mantissa -= 1
    # Where rounding carries into bit 53, adding it to the exponent is just right.
    found = right(mantissa + (mantissa & 1), 1) + (exponent - 1 << 52)
    return found if found < 2047 << 52 else -1


@inner
def digits(at: int, end: int, w: int, taken: int) -> tuple[int, int, int, int, int]:
    """Read digits on after w, which has so many significant ones, up to 19; drop others.

    Returns where they end, w, how many it has, how many were dropped, and 0 if these were all 0.
    """
    dropped = inexact = 0
    while at < end:
        x = word_at(at) ^ ZEROS
        n = min(trailing(not_digits(x)) >> 3, end - at)
        if n == 0:
            break
        if taken < MOST_DIGITS:
            n = min(n, MOST_DIGITS - taken)
            taken += n if w else n - min(trailing(x) >> 3, n)
            w = w * TENS[n] + eight_digits(x << 64 - 8 * n)
        else:
            dropped += n
            inexact |= x << 64 - 8 * n
        at += n
    return at, w, taken, dropped, inexact


@inner
def any_number(begin: int, end: int, decimal: int) -> tuple[int, float]:
    """Whether the text of a field is a number with that decimal sign, and which."""
    while begin < end and (byte_at(begin) == SPACE or byte_at(begin) == TAB):
        begin += 1
    while begin < end and (byte_at(end - 1) == SPACE or byte_at(end - 1) == TAB):
        end -= 1
    size = end - begin
    if size <= 4:
        if size <= 0:
            return EMPTY, np.nan
        word = (word_at(begin) | LOWER_CASE) & (1 << 8 * size) - 1
        if (size == 2 and word == NA) or (size == 3 and word == NAN) or (size == 4 and word == NULL):
            return DECIDED, np.nan
    negative = byte_at(begin) == MINUS
    at = begin + (negative or byte_at(begin) == PLUS)
    first = at
    at, w, taken, dropped, inexact = digits(at, end, 0, 0)
    read = at - first
    power = dropped
    if at < end and byte_at(at) == decimal:
        first = at + 1
        at, w, taken, dropped, more = digits(first, end, w, taken)
        inexact |= more
        read += at - first
        power += dropped - (at - first)
    if read == 0:
        return NO_NUMBER, 0.0
    if at < end and byte_at(at) | 0x20 == EXPONENT:
        at += 1
        down = at < end and byte_at(at) == MINUS
        if at < end and (down or byte_at(at) == PLUS):
            at += 1
        first = at
        exponent = 0
        while at < end and 48 <= byte_at(at) <= 57:
            exponent = min(exponent * 10 + byte_at(at) - 48, FURTHEST)
            at += 1
        if at == first:
            return NO_NUMBER, 0.0
        power += -exponent if down else exponent
    if at < end:
        return NO_NUMBER, 0.0
    if w == 0:
        value = 0.0
    elif inexact == 0 and right(w, 53) == 0 and -22 <= power <= 22:
        value = w / EXACT_TENS[-power] if power < 0 else w * EXACT_TENS[power]
    else:
        found = nearest(w, power)
        if found == -1 or (inexact != 0 and found != nearest(w + 1, power)):
            return UNDECIDED, 0.0
        value = from_bits(found)
    return DECIDED, -value if negative else value


@inner
def two_parts(begin: int, end: int, decimal: int) -> tuple[int, float]:
    """`any_number`, faster for up to eight digits on each side of a point."""
    sign = byte_at(begin)
    at = begin + ((sign == MINUS) | (sign == PLUS))
    size = end - at
    if 0 < size <= 17:
        point = at + trailing(equal_32(at, decimal) | 1 << size)  # the end where there is none
        before = point - at
        behind = size - before - (point < end)
        if before <= 8 and behind <= 8 and before + behind > 0:
            a = last_of(word_at(point - 8) ^ ZEROS, before)
            b = last_of(word_at(end - 8) ^ ZEROS, behind)
            w = eight_digits(a) * TENS[behind] + eight_digits(b)
            if not_digits(a) | not_digits(b) | right(w, 53) == 0:
                value = w / EXACT_TENS[behind]
                return DECIDED, -value if sign == MINUS else value
    return any_number(begin, end, decimal)


@inlined
def number(begin: int, end: int, decimal: int) -> tuple[int, float]:
    """`any_number`, faster yet for up to eight digits in all, as prices have."""
    sign = byte_at(begin)
    size = end - begin - ((sign == MINUS) | (sign == PLUS))
    if 0 < size <= 9:
        points = equal_16(end - 16, decimal) & -1 << 16 - size
        has_point = int(points != 0)
        behind = 15 - trailing(points) if has_point else 0
        n = size - has_point
        if 0 < n <= 8:
            # What is before the point moves up to where the point was.
            kept = -1 << 64 - 8 * behind if behind else 0
            x = (word_at(end - 8) & kept | word_at(end - 8 - has_point) & ~kept) ^ ZEROS
            x = right(x, 64 - 8 * n) << 64 - 8 * n
            if not_digits(x) == 0:
                value = eight_digits(x) / EXACT_TENS[behind]
                return DECIDED, -value if sign == MINUS else value
    return two_parts(begin, end, decimal)
