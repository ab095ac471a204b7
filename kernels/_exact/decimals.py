"""The decimals that floats print as, the shortest that read back as the same float, and exact comparisons.

A decimal is ``m * 10**k``. A window's comparison, ``count * value > sum``, comes in two ways: modulo 2**128,
where the difference is known to be small, so that what is lost above means nothing, however long the window;
and in places of nine digits each, which hold every float there is.
"""

from typing import Any, NamedTuple

import numpy as np

from kernels._backend import bits, inner, lower, rounded_to_odd, table, times, upper, wide
from kernels._exact.grid import exponent, power

OPEN = 2  # a signal that is to be decided
DIGITS = 38  # 10**38 < 2**127: the digits that a difference modulo 2**128 may have
LOG10_2 = 0.30103  # just above
LEAST_POWER, MOST_POWER = -292, 324  # of ten, that `shortest` multiplies by
LEAST_SINGLE = -149  # the exponent of the smallest float32
LOWEST = 333  # the place of nine digits that 10**-333 is a whole number of
BASE = 10**9
PLACES = 76  # of nine digits: the largest float is below 10**309, and a value has three


def _in_halves(numbers: Any) -> Any:
    """Numbers modulo 2**128 as two columns of int64."""
    return np.array([divmod(n % 2**128, 2**64) for n in numbers], np.uint64).view(np.int64)


def _normal(k: int) -> int:
    """10**k times the power of two that makes it a number of 128 bits, rounded up."""
    n = 127 - (k * 1741647 >> 19)
    return -(-(10 ** max(k, 0) << max(n, 0)) // (10 ** max(-k, 0) << max(-n, 0)))


NORMAL_TENS = table(lambda: _in_halves([_normal(k) for k in range(LEAST_POWER, MOST_POWER + 1)]))
WHOLE_TENS = table(lambda: _in_halves([10**k for k in range(129)]))  # 10**128 is 0
SMALL_TENS = np.array([10**k for k in range(9)])


class Scratch(NamedTuple):
    """Room for the decimals of as many values as there are, and for sums and counts of all before each."""

    m: Any
    k: Any
    high: Any
    low: Any
    counts: Any


@inner
def shortest_of(c: int, q: int, closer: int) -> tuple[int, int]:
    """``m, k``: ``c * 2**q`` prints as ``m * 10**k``, if the floats around it are ``2**q`` apart.

    Giulietti's Schubfach: of the decimals that read back, the nearest of the fewest digits. All intervals are
    exact for their comparisons, as what is lost below is kept in the last bit. ``closer`` is 1 if the float
    below is half as far.
    """
    k = (q * 1262611 - 524031 * closer) >> 22
    shift = q + ((-k * 1741647) >> 19) + 1
    high = NORMAL_TENS[-LEAST_POWER - k, 0]
    low = NORMAL_TENS[-LEAST_POWER - k, 1]
    odd = c & 1
    least = rounded_to_odd(high, low, (4 * c - 2 + closer) << shift) + odd
    middle = rounded_to_odd(high, low, (4 * c) << shift)
    most = rounded_to_odd(high, low, (4 * c + 2) << shift) - odd
    # chosen without branches, which would be taken now and then at random
    s = middle >> 2
    down = 1 if least <= 4 * s else 0
    up = 1 if 4 * s + 4 <= most else 0
    rest = middle - 4 * s
    nearest = 1 if rest + (s & 1) > 2 else 0
    m = s + (up if down != up else nearest)
    tens = s // 10 * 10
    down = 1 if least <= 4 * tens else 0
    up = 1 if 4 * tens + 40 <= most else 0
    return (tens + 10 * up if down != up and s >= 10 else m), k


@inner
def shortest(value: float) -> tuple[int, int]:
    """``m, k``: a finite float but zero prints as ``m * 10**k``; m may end in zeros."""
    pattern = bits(value)
    c = pattern & 0xFFFFFFFFFFFFF
    place = (pattern >> 52) & 0x7FF
    closer = 1 if c == 0 and place > 1 else 0
    if place > 0:
        c |= 1 << 52
        place -= 1
    m, k = shortest_of(c, place - 1074, closer)
    return (-m if pattern < 0 else m), k


@inner
def shortest_single(value: float) -> tuple[int, int]:
    """The same of a positive value of float32, as the float64 that it is."""
    pattern = bits(value)
    c = 1 << 23 | pattern >> 29 & 0x7FFFFF
    q = (pattern >> 52) - 1046
    below = max(0, LEAST_SINGLE - q)  # bits that it has less, as it is subnormal
    closer = 1 if c == 1 << 23 and q > LEAST_SINGLE else 0
    return shortest_of(c >> below, q + below, closer)


@inner
def nearest_float(m: int, k: int) -> float:
    """The float64 nearest to ``m * 10**k``, where m is positive and the result is normal."""
    shift = 61 - exponent(float(m))
    product = rounded_to_odd(NORMAL_TENS[k - LEAST_POWER, 0], NORMAL_TENS[k - LEAST_POWER, 1], m << shift)
    return float(product) * power(1 - shift + ((k * 1741647) >> 19))


@inner
def to_decimals(x: Any, m: Any, k: Any) -> int:
    """Each value as a decimal, 0 for a missing one; the least exponent."""
    least = MOST_POWER
    for i in range(x.shape[0]):
        m[i] = 0
        k[i] = MOST_POWER
        if x[i] == x[i] and x[i] != 0.0:
            if i > 0 and x[i] == x[i - 1]:
                m[i] = m[i - 1]
                k[i] = k[i - 1]
            else:
                m[i], k[i] = shortest(x[i])
            least = min(least, k[i])
    return least


@inner
def decide_small(x: Any, window: int, least: int, scratch: Any, out: Any) -> None:
    """Decide the open rows modulo 2**128; the windows of ``out`` begin at each of ``x``.

    Each exact difference is less than 2**127 times ``10**least``, a whole number of which every decimal is.
    """
    m, k, high, low, counts = scratch
    total = wide(0, 0)
    count = 0
    for i in range(x.shape[0]):
        high[i] = upper(total)
        low[i] = lower(total)
        counts[i] = count
        ten = min(k[i] - least, 128)
        units = times(WHOLE_TENS[ten, 0], WHOLE_TENS[ten, 1], m[i])
        total += units
        count += 1 if x[i] == x[i] else 0
        j = i + 1 - window
        if j >= 0 and out[j] == OPEN:
            above = times(upper(units), lower(units), count - counts[j]) - (total - wide(high[j], low[j]))
            sign = upper(above)
            out[j] = 1 if sign > 0 or (sign == 0 and lower(above) != 0) else 0


@inner
def first_place(k: int) -> int:
    """The place of the last nine digits of a decimal."""
    return (k + LOWEST) // 9


@inner
def in_places(m: int, k: int) -> tuple[int, int, int, int]:
    """The place of the last nine digits, and what the decimal has there and in the two above."""
    place = first_place(k)
    ten = SMALL_TENS[(k + LOWEST) % 9]
    carry, last = divmod(m % BASE * ten, BASE)
    carry, middle = divmod(m // BASE * ten + carry, BASE)
    return place, last, middle, carry


@inner
def add(places: Any, m: int, k: int, times: int) -> None:
    """Add a decimal so many times."""
    place, last, middle, first = in_places(m, k)
    places[place] += times * last
    places[place + 1] += times * middle
    places[place + 2] += times * first


@inner
def is_above(places: Any, m: int, k: int, count: int, begin: int, end: int) -> int:
    """Whether so many times the decimal is more than a sum of as many, both in the places from begin to end.

    From the top: a place has less than ``BASE`` a value on either side, so all that are lower come to less
    than ``2 * count`` here. ``4 * count * BASE`` is below 2**63.
    """
    place, last, middle, first = in_places(m, k)
    above = 0
    for i in range(end - 1, begin - 1, -1):
        digits = -places[i]
        if place <= i <= place + 2:
            digits += count * (last if i == place else middle if i == place + 1 else first)
        above = above * BASE + digits
        if abs(above) >= 2 * count:
            break
    return 1 if above > 0 else 0


@inner
def decide_any(x: Any, window: int, scratch: Any, out: Any) -> None:
    """Decide the open rows, as `decide_small`, whatever the values span."""
    m, k = scratch.m, scratch.k
    places = np.zeros(PLACES, np.int64)
    count = 0
    begin, end = PLACES, 0
    for i in range(x.shape[0]):
        if m[i] != 0:
            begin = min(begin, first_place(k[i]))
            end = max(end, first_place(k[i]) + 3)
    for i in range(x.shape[0]):
        count += 1 if x[i] == x[i] else 0
        if m[i] != 0:
            add(places, m[i], k[i], 1)
        j = i + 1 - window
        if j > 0:
            count -= 1 if x[j - 1] == x[j - 1] else 0
            if m[j - 1] != 0:
                add(places, m[j - 1], k[j - 1], -1)
        if j >= 0 and out[j] == OPEN:
            out[j] = is_above(places, m[i], k[i], count, begin, end)


@inner
def decide(x: Any, window: int, doubt: int, scratch: Any, out: Any) -> None:
    """Decide the open rows, where each exact difference is below ``2**doubt``, with room for `Scratch`."""
    m, k = scratch[0], scratch[1]
    high, low, counts = scratch[2], scratch[3], scratch[4]
    n = x.shape[0]
    room = Scratch(m[:n], k[:n], high[:n], low[:n], counts[:n])
    least = to_decimals(x, room.m, room.k)
    if doubt * LOG10_2 - least <= DIGITS:
        decide_small(x, window, least, room, out)
    else:
        decide_any(x, window, room, out)
