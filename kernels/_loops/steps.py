"""The common case in one pass, eight rows at a time: positive values of a like size, as prices are.

Counted from a reference amid them, such values are whole numbers of one small step, and so are their sums:
exact as integers, whatever the order of additions. A pass supposes that the values are such and tells at its
end whether they were; `statistics` and `signals` go as far as that holds and leave the rest to others.
"""

from typing import Any

import numpy as np

from kernels._backend.compiled import (
    all_of,
    any_bits,
    as_reals,
    as_wholes,
    bits,
    eight,
    fma,
    from_bits,
    fused,
    last,
    last_eight,
    loop,
    present,
    put,
    where_enough,
)
from kernels._loops import tiles
from kernels._loops.engine import power

LANES = 8
STRETCH = 2048  # rows of a pass
SHORT = 256  # rows of one where a longer one did not hold
LONGEST = 1 << 28
EXPONENT = 52
SMALLEST = 150 << EXPONENT
LARGEST = 1900 << EXPONENT
UPPER_HALF = 1 << (EXPONENT - 1)
FIELD = 2.0**32  # references are multiples of so many steps, that two halves of a sum can be read apart
RANGE = 2.0**51  # values are nearer than so many steps to their reference
COARSE = 20
# integer sums are kept above this, those near zero above `tiles.MAGIC_BITS`
ANCHOR = 1 << 62
HIGH_HALF = 0x4530000000000000
HIGH_ANCHOR = 2.0**84 + 2.0**62


@loop("UniTuple(float64, 2)(int64, int64)")
def frame(low: int, high: int) -> tuple[float, float]:
    """Reference and step for values between these bits; a step of 0 where there is none."""
    if not SMALLEST < low <= high < LARGEST:
        return 0.0, 0.0
    middle = from_bits(low) + 0.5 * (from_bits(high) - from_bits(low))
    # at least 1.5 * 2**52 steps, so that all values in range are at least 2**52
    step = power((bits(middle) >> EXPONENT) - 1075 - (0 if bits(middle) & UPPER_HALF else 1))
    if not from_bits(high) - from_bits(low) < 1.9 * RANGE * step:
        return 0.0, 0.0
    return np.ceil(middle / (FIELD * step)) * (FIELD * step), step


@loop("int64(float64[::1])")
def are_whole(x: Any) -> int:
    """Whether all are whole numbers: of a step of 1, counted from 0."""
    wrong = 0
    for i in range(x.shape[0]):
        whole = (x[i] + tiles.MAGIC) - tiles.MAGIC
        wrong |= 0 if whole == x[i] and abs(whole) < RANGE else 1
    return 1 - wrong


@loop("int64(float64, float64, float64)")
def steps_from(x: float, per_step: float, origin: float) -> int:
    """A value in steps from the reference; ``origin`` is `tiles.MAGIC` less the reference in steps."""
    return bits(fma(x, per_step, origin)) - tiles.MAGIC_BITS


@loop("UniTuple(int64, 3)(float64[::1])")
def extent(x: Any) -> tuple[int, int, int]:
    """Smallest and largest bits of the values that are not missing, and the number of those."""
    low = tiles.ABSOLUTE
    high = -tiles.ABSOLUTE
    count = 0
    for i in range(x.shape[0]):
        pattern = bits(x[i])
        there = x[i] == x[i]
        low = min(low, pattern if there else tiles.ABSOLUTE)
        high = max(high, pattern if there else -tiles.ABSOLUTE)
        count += 1 if there else 0
    return low, high, count


@loop("UniTuple(int64, 2)(float64[::1], float64, float64)")
def total_of(x: Any, per_step: float, origin: float) -> tuple[int, int]:
    """Sum of the values, without the missing ones, in steps from the reference; whether it is too large."""
    total = 0
    coarse = 0
    for i in range(x.shape[0]):
        steps = steps_from(x[i], per_step, origin) if x[i] == x[i] else 0
        total += steps
        coarse += steps >> COARSE
    return total, 1 if abs(coarse) + x.shape[0] >= ANCHOR >> (COARSE + 1) else 0


@loop("float64(int64, float64, float64, float64)")
def mean_of(total: int, high_anchor: float, inverse: float, rest: float) -> float:
    """The mean of one row, as `far_means`."""
    sums = total + ANCHOR
    high = from_bits((sums >> 32) | HIGH_HALF) - high_anchor
    low = from_bits((sums & tiles.HALF) | tiles.LOW_HALF) - tiles.TWO_52
    s = high + low
    t = (high - s) + low
    return fma(s, inverse, fma(s, rest, t * inverse))


@loop(
    "UniTuple(int64, 3)(float64[::1], int64, float64, float64, int64, float64, float64, float64, "
    "float64[::1])"
)
def near_means(
    x: Any,
    window: int,
    per_step: float,
    origin: float,
    total: int,
    offset: float,
    inverse: float,
    rest: float,
    out: Any,
) -> tuple[int, int, int]:
    """Means of the rows of ``x`` after the first window, their sums near those of so many references.

    ``offset`` is the sum of those, in steps, and ``inverse + rest`` a step over the window, in two halves.
    Gives the last sum, whether a value is out of range, and whether a sum is.
    """
    per_step8 = all_of(per_step)
    origin8 = all_of(origin)
    magic8 = all_of(tiles.MAGIC)
    magic_bits8 = all_of(tiles.MAGIC_BITS)
    offset8 = all_of(offset)
    inverse8 = all_of(inverse)
    rest8 = all_of(rest)
    strange = all_of(0)
    beyond = all_of(0)
    one = two = four = all_of(0)
    sums = all_of(total + tiles.MAGIC_BITS)
    for i in range(0, out.shape[0], LANES):
        entering = as_wholes(fused(as_reals(eight(x, window + i)), per_step8, origin8))
        leaving = as_wholes(fused(as_reals(eight(x, i)), per_step8, origin8))
        strange |= entering ^ magic_bits8
        changes, one, two, four = last_eight(entering - leaving, one, two, four)
        sums += changes
        beyond |= sums ^ magic_bits8
        rests = as_reals(sums) - magic8
        s = offset8 + rests
        t = (offset8 - s) + rests
        put(out, i, fused(s, inverse8, fused(s, rest8, t * inverse8)))
    return last(sums) - tiles.MAGIC_BITS, any_bits(strange) >> EXPONENT, any_bits(beyond) >> EXPONENT


@loop("UniTuple(int64, 2)(float64[::1], float64, float64, float64, float64[::1])")
def pair_means(x: Any, per_step: float, origin: float, share: float, out: Any) -> tuple[int, int]:
    """As `near_means`, of windows of two, whose sums are exact but for one rounding."""
    per_step8 = all_of(per_step)
    origin8 = all_of(origin)
    magic_bits8 = all_of(tiles.MAGIC_BITS)
    share8 = all_of(share)
    strange = all_of(0)
    for i in range(0, out.shape[0], LANES):
        entering = as_reals(eight(x, i + 2))
        strange |= as_wholes(fused(entering, per_step8, origin8)) ^ magic_bits8
        put(out, i, (entering + as_reals(eight(x, i + 1))) * share8)
    rows = x.shape[0]
    total = steps_from(x[rows - 2], per_step, origin) + steps_from(x[rows - 1], per_step, origin)
    return total, any_bits(strange) >> EXPONENT


@loop(
    "UniTuple(int64, 3)(float64[::1], int64, float64, float64, int64, float64, float64, float64, "
    "float64[::1])"
)
def far_means(
    x: Any,
    window: int,
    per_step: float,
    origin: float,
    total: int,
    high_anchor: float,
    inverse: float,
    rest: float,
    out: Any,
) -> tuple[int, int, int]:
    """`near_means` of sums that are read in two halves; ``high_anchor`` is `HIGH_ANCHOR` less the offset."""
    per_step8 = all_of(per_step)
    origin8 = all_of(origin)
    magic_bits8 = all_of(tiles.MAGIC_BITS)
    high_half8 = all_of(HIGH_HALF)
    half8 = all_of(tiles.HALF)
    low_half8 = all_of(tiles.LOW_HALF)
    places8 = all_of(32)
    high_anchor8 = all_of(high_anchor)
    low_anchor8 = all_of(tiles.TWO_52)
    inverse8 = all_of(inverse)
    rest8 = all_of(rest)
    strange = all_of(0)
    beyond = all_of(0)
    one = two = four = all_of(0)
    sums = all_of(total + ANCHOR)
    for i in range(0, out.shape[0], LANES):
        entering = as_wholes(fused(as_reals(eight(x, window + i)), per_step8, origin8))
        leaving = as_wholes(fused(as_reals(eight(x, i)), per_step8, origin8))
        strange |= entering ^ magic_bits8
        changes, one, two, four = last_eight(entering - leaving, one, two, four)
        sums += changes
        beyond |= sums
        high = as_reals((sums >> places8) | high_half8) - high_anchor8
        low = as_reals((sums & half8) | low_half8) - low_anchor8
        s = high + low
        t = (high - s) + low
        put(out, i, fused(s, inverse8, fused(s, rest8, t * inverse8)))
    return last(sums) - ANCHOR, any_bits(strange) >> EXPONENT, any_bits(beyond) >> 63


@loop("int64(float64[::1], int64, int64, int64, int64, int64, float64[::1])", entry=True)
def statistics(x: Any, first: int, window: int, min_count: int, means: int, longest: int, out: Any) -> int:
    """Means or sums of the rows from ``first`` on, as far as the values allow: the row it came to.

    ``longest`` is how many rows to do at a time. Whole numbers need not be of a like size.
    """
    rows = x.shape[0]
    row = first
    if row < window - 1:
        if min_count < window:
            return row
        row = min(window - 1, rows)
        for i in range(row - first):
            out[i] = np.nan
    if row >= rows or window > LONGEST:
        return row
    low, high = tiles.range_of_bits(x[row - window + 1 : row + 1])
    reference, step = frame(low, high)
    spread = 0.0
    whole = 0
    if step > 0.0:
        spread = window * (from_bits(high) - from_bits(low))
    elif are_whole(x[row - window + 1 : row + 1]):
        whole = 1
        step = 1.0
    else:
        return row
    per_step = 1.0 / step
    origin = tiles.MAGIC - reference * per_step
    total, large = total_of(x[row - window + 1 : row + 1], per_step, origin)
    if large:
        return row
    inverse = 1.0 / window if means else 1.0
    rest = fma(-inverse, float(window), 1.0) * inverse * step if means else 0.0
    inverse *= step
    offset = window * (reference * per_step)
    high_anchor = HIGH_ANCHOR - offset
    out[row - first] = mean_of(total, high_anchor, inverse, rest)
    row += 1
    field = window << 32
    # whether sums are to be read in two halves: where those of the first rows may be too large already
    far = 1 if spread >= RANGE * step else 0
    # a random walk goes as far as a window's spread in its rows, so many times as far in the square of those
    times = RANGE * step / max(spread, step)
    size = max(SHORT, int(min(float(longest), 0.25 * window * times * times)) // LANES * LANES)
    most = STRETCH
    while row + LANES <= rows:
        end = min(row + size, row + (rows - row) // LANES * LANES)
        values = x[row - window : end]
        target = out[row - first : end - first]
        if whole and not are_whole(x[row:end]):
            new_total, strange, beyond = total, 1, 0
        elif window == 2 and not whole:
            new_total, strange = pair_means(values, per_step, origin, 0.5 if means else 1.0, target)
            offset = 2.0 * (reference * per_step)
            beyond = 0
        elif far:
            new_total, strange, beyond = far_means(
                values, window, per_step, origin, total, high_anchor, inverse, rest, target
            )
        else:
            new_total, strange, beyond = near_means(
                values, window, per_step, origin, total, offset, inverse, rest, target
            )
        if beyond and not far:
            # they drift too far within so many rows
            far = 1 if end - row <= SHORT else 0
            most = STRETCH if far else (end - row) // 2 // LANES * LANES
            size = most
        elif not strange and not beyond:
            # count sums from where they are now, so that they stay near
            drift = (new_total + (field >> 1)) // field
            total = new_total - drift * field
            offset += drift * float(field)
            high_anchor = HIGH_ANCHOR - offset
            row = end
            size = min(2 * size, most)
        elif size > SHORT:
            size = SHORT
        else:
            return row
    while row < rows:
        value = fma(x[row], per_step, origin)
        total += bits(value) - bits(fma(x[row - window], per_step, origin))
        if (bits(value) ^ tiles.MAGIC_BITS) >> EXPONENT or total + ANCHOR < 0:
            return row
        if whole and not are_whole(x[row : row + 1]):
            return row
        out[row - first] = mean_of(total, high_anchor, inverse, rest)
        row += 1
    return row


@loop("UniTuple(int64, 4)(float64[::1], int64, float64, float64, int64, int64, int64, int64, float64[::1])")
def counted(
    x: Any,
    window: int,
    reference: float,
    step: float,
    total: int,
    count: int,
    min_count: int,
    means: int,
    out: Any,
) -> tuple[int, int, int, int]:
    """As `far_means`, of rows some of which are missing: a count per row. Means or sums.

    Gives the last sum and count, whether a value or a sum is out of range, and whether any value lacks.
    """
    per_step8 = all_of(1.0 / step)
    origin8 = all_of(tiles.MAGIC - reference / step)
    magic_bits8 = all_of(tiles.MAGIC_BITS)
    reference8 = all_of(reference / step)
    high_half8 = all_of(HIGH_HALF)
    half8 = all_of(tiles.HALF)
    low_half8 = all_of(tiles.LOW_HALF)
    places8 = all_of(32)
    high_anchor8 = all_of(HIGH_ANCHOR)
    low_anchor8 = all_of(tiles.TWO_52)
    step8 = all_of(step)
    zero8 = all_of(0.0)
    unit8 = all_of(1.0)
    window8 = all_of(window)
    min_count8 = all_of(min_count)
    strange = all_of(0)
    beyond = all_of(0)
    gaps = all_of(0)
    one = two = four = all_of(0)
    count_one = count_two = count_four = all_of(0)
    sums = all_of(total + ANCHOR)
    counts = all_of(count)
    for i in range(0, out.shape[0], LANES):
        entering = eight(x, window + i)
        leaving = eight(x, i)
        comes = present(entering)
        goes = present(leaving)
        entering = as_wholes(fused(as_reals(entering), per_step8, origin8))
        leaving = as_wholes(fused(as_reals(leaving), per_step8, origin8))
        strange |= (entering ^ magic_bits8) & comes
        changes = ((entering - magic_bits8) & comes) - ((leaving - magic_bits8) & goes)
        changes, one, two, four = last_eight(changes, one, two, four)
        sums += changes
        beyond |= sums
        changes, count_one, count_two, count_four = last_eight(goes - comes, count_one, count_two, count_four)
        counts += changes
        gaps |= counts ^ window8
        number = as_reals(counts | low_half8) - low_anchor8
        high = (as_reals((sums >> places8) | high_half8) - high_anchor8) + number * reference8
        low = as_reals((sums & half8) | low_half8) - low_anchor8
        s = high + low
        if means:
            t = (high - s) + low
            inverse = unit8 / number
            rest = fused(zero8 - inverse, number, unit8) * inverse
            s = fused(s, inverse, fused(s, rest, t * inverse))
        put(out, i, where_enough(counts, min_count8, s * step8))
    wrong = any_bits(strange) >> EXPONENT | any_bits(beyond) >> 63
    return last(sums) - ANCHOR, last(counts), wrong, any_bits(gaps)


@loop("int64(float64[::1], int64, int64, int64, int64, float64[::1])", entry=True)
def statistics_of_present(x: Any, first: int, window: int, min_count: int, means: int, out: Any) -> int:
    """As `statistics`, with missing values among them; goes on until windows have none."""
    rows = x.shape[0]
    row = first
    if row < window or window > LONGEST:
        return row
    low, high, count = extent(x[row - window : row])
    reference, step = frame(low, high)
    if step == 0.0:
        return row
    per_step = 1.0 / step
    origin = tiles.MAGIC - reference * per_step
    total, large = total_of(x[row - window : row], per_step, origin)
    if large:
        return row
    size = STRETCH
    while row + LANES <= rows:
        end = min(row + size, row + (rows - row) // LANES * LANES)
        new_total, new_count, wrong, gaps = counted(
            x[row - window : end],
            window,
            reference,
            step,
            total,
            count,
            min_count,
            means,
            out[row - first : end - first],
        )
        if not wrong:
            total = new_total
            count = new_count
            row = end
            if not gaps:
                return row
        elif size > SHORT:
            size = SHORT
        else:
            return row
    while row < rows:
        if x[row] == x[row]:
            value = fma(x[row], per_step, origin)
            total += bits(value) - tiles.MAGIC_BITS
            count += 1
            if (bits(value) ^ tiles.MAGIC_BITS) >> EXPONENT:
                return row
        if x[row - window] == x[row - window]:
            total -= steps_from(x[row - window], per_step, origin)
            count -= 1
        if total + ANCHOR < 0:
            return row
        inverse = 1.0 / max(count, 1) if means else 1.0
        rest = fma(-inverse, float(count), 1.0) * inverse if means else 0.0
        mean = mean_of(total, HIGH_ANCHOR - count * (reference * per_step), inverse, rest) * step
        out[row - first] = mean if count >= min_count else np.nan
        row += 1
    return row
