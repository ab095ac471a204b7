"""An exact sum of any floats: integers over the whole exponent range (a superaccumulator, after Kulisch).

``digits[k]`` counts units of ``2**(32*k - 1074)``; adding a float touches three digits. ``digits[LOW]`` and
``digits[HIGH]`` bound the digits in use, so that reading costs what the values at hand need.
"""

from typing import Any

from kernels._backend import bits, from_bits, inner
from kernels._exact.grid import power

LOW = 70
HIGH = 71
SIZE = 72
DIGIT = 0xFFFFFFFF
FRACTION = 0xFFFFFFFFFFFFF


@inner
def clear(digits: Any) -> None:
    """Make the sum zero."""
    for k in range(SIZE):
        digits[k] = 0
    digits[LOW] = LOW
    digits[HIGH] = -1


@inner
def add(digits: Any, x: float, sign: int, shift: int) -> None:
    """Add ``sign * x * 2**shift``; ``x`` is finite, and the product a whole number of the smallest unit."""
    pattern = bits(x)
    mantissa = pattern & FRACTION
    place = (pattern >> 52) & 0x7FF
    if place > 0:
        mantissa |= FRACTION + 1
        place -= 1
    if mantissa == 0:
        return
    place += shift
    if place < 0:
        mantissa >>= -place
        place = 0
    if pattern < 0:
        sign = -sign
    k = place >> 5
    part = (mantissa & DIGIT) << (place & 31)
    rest = (part >> 32) + ((mantissa >> 32) << (place & 31))
    digits[k] += sign * (part & DIGIT)
    digits[k + 1] += sign * (rest & DIGIT)
    digits[k + 2] += sign * (rest >> 32)
    digits[LOW] = min(digits[LOW], k)
    digits[HIGH] = max(digits[HIGH], k + 2)


@inner
def settle(digits: Any) -> int:
    """Carry, so that all digits but the highest are below ``2**32``; give the sign of the sum."""
    low = digits[LOW]
    high = digits[HIGH]
    carry = 0
    for k in range(low, high + 1):
        digit = digits[k] + carry
        carry = digit >> 32
        digits[k] = digit - (carry << 32)
    if high >= low:
        if carry not in (0, -1):
            high += 1
            digits[high] = carry
        else:
            digits[high] += carry << 32
    while high >= low and digits[high] == 0:
        high -= 1
    while high > low and digits[high] == -1:
        high -= 1
        digits[high + 1] = 0
        digits[high] -= DIGIT + 1
    while low <= high and digits[low] == 0:
        low += 1
    digits[LOW] = low
    digits[HIGH] = high
    if high < low:
        digits[LOW] = LOW
        digits[HIGH] = -1
        return 0
    return 1 if digits[high] > 0 else -1


@inner
def magnitude(digits: Any, positive: Any) -> int:
    """Settle, copy the absolute value to ``positive`` and give the sign."""
    sign = settle(digits)
    low = digits[LOW]
    high = digits[HIGH]
    # what may be added to it, no longer than a float, goes no further
    for k in range(max(low - 3, 0), min(high + 4, LOW)):
        positive[k] = 0
    for k in range(low, high + 1):
        positive[k] = sign * digits[k]
    positive[LOW] = low
    positive[HIGH] = high
    if sign < 0:
        settle(positive)
    return sign


@inner
def top(positive: Any) -> int:
    """Place of the highest bit of a settled positive sum: its value is at least ``2**(place - 1074)``."""
    k = positive[HIGH]
    place = 32 * k - 1
    digit = positive[k]
    while digit > 0:
        digit >>= 1
        place += 1
    return place


@inner
def nearest(positive: Any, place: int, shift: int) -> float:
    """The float nearest to a settled positive sum times ``2**shift``, a normal one; ``place`` is its top."""
    k = positive[HIGH]
    low = positive[LOW]
    length = place - 32 * k + 1
    second = positive[k - 1] if k > low else 0
    third = positive[k - 2] if k - 1 > low else 0
    sticky = False
    for j in range(low, k - 2):
        sticky = sticky or positive[j] != 0
    mantissa = positive[k] << (53 - length)
    if length > 21:
        spare = length - 21
        mantissa |= second >> spare
        lost = second & ((1 << spare) - 1)
        sticky = sticky or third != 0
    else:
        spare = length + 11
        mantissa |= (second << (21 - length)) | (third >> spare)
        lost = third & ((1 << spare) - 1)
    half = 1 << (spare - 1)
    if lost > half or (lost == half and (sticky or mantissa & 1 == 1)):
        mantissa += 1
    return from_bits(((place - 52 + shift) << 52) + mantissa)


@inner
def read(digits: Any, scratch: Any) -> tuple[float, float, int]:
    """The sum as s and t, scaled so that ``1 <= abs(s) <= 2``, and the scale's exponent."""
    sign = magnitude(digits, scratch)
    if sign == 0:
        return 0.0, 0.0, 0
    place = top(scratch)
    shift = 1074 - place
    s = nearest(scratch, place, shift)
    add(scratch, s, -1, -shift)
    rest_sign = settle(scratch)
    rest = 0.0
    if rest_sign < 0:
        for k in range(scratch[LOW], scratch[HIGH] + 1):
            scratch[k] = -scratch[k]
        settle(scratch)
    if rest_sign != 0:
        rest_place = top(scratch)
        if rest_place + shift > 60:
            rest = nearest(scratch, rest_place, shift)
    return sign * s, sign * rest_sign * rest, -shift


@inner
def scale(x: float, exponent: int) -> float:
    """``x * 2**exponent``, rounded once."""
    while exponent > 1000:
        x *= 2.0**1000
        exponent -= 1000
    while exponent < -1000:
        x *= 2.0**-1000
        exponent += 1000
    return x * power(exponent)
