"""Exact sums of all windows, tile by tile.

Every result is a function of the exact sum ``S`` of its window alone, by way of ``s``, the float nearest to
``S``, and ``t``, the float nearest to ``S - s``. So it does not matter how the sum was found, where a tile
begins or what came before: each tile takes the fastest way that is provably exact for the values at hand.
"""

from typing import Any

from kernels._backend.compiled import bits, fma, from_bits, loop
from kernels._loops import tiles

TILE = 2048
PADDING = 24  # rows of scratch do not start a page apart, which would make loads wait for stores

# how `advance` left the sums of a tile: ready for which loop of `tiles`
LIMB = 0  # `read_one`
TWO = 1  # `read_two`
COUNTED = 2  # likewise, where not all windows are full
WILD = 3  # not at all: take the rows one by one

# places in the state's whole numbers
COUNT = 0
WAS_WILD = 1
ROWS = 2
NOW = 3  # extent of the rows since the last turn, and of those up to a turn before
BEFORE = 9
LOW, HIGH, SOME, EVERY, MISSING, INFINITE = range(6)
WILD_COUNTS = 15
WHOLE_SIZE = 18


@loop("float64(int64)")
def power(exponent: int) -> float:
    """Two to an exponent of a normal float."""
    return from_bits((exponent + 1023) << 52)


@loop("int64(int64)")
def bit_length(n: int) -> int:
    """Number of bits of a positive integer."""
    length = 0
    while n > 0:
        n >>= 1
        length += 1
    return length


@loop("void(int64[::1], int64)")
def forget(whole: Any, place: int) -> None:
    """Make the extent at ``place`` that of no rows."""
    whole[place + LOW] = tiles.ABSOLUTE
    whole[place + HIGH] = 0
    whole[place + SOME] = 0
    whole[place + EVERY] = -1
    whole[place + MISSING] = 0
    whole[place + INFINITE] = 0


@loop("void(float64[::1], int64, int64[::1])")
def survey(entering: Any, window: int, whole: Any) -> None:
    """Take a tile into the extent, which covers at least the window before the tile, at most two."""
    if whole[ROWS] > window:
        for k in range(6):
            whole[BEFORE + k] = whole[NOW + k]
        forget(whole, NOW)
        whole[ROWS] = 0
    whole[ROWS] += entering.shape[0]
    low, high = tiles.range_of_bits(entering)
    some = 0
    every = 0
    if low < 0:
        low, high, some, every = tiles.extent(entering)
    if low == 0 or high >= tiles.INFINITE:
        low, high, missing, infinite = tiles.finite_extent(entering)
        some = -1
        every = 0
        whole[NOW + MISSING] += missing
        whole[NOW + INFINITE] += infinite
    whole[NOW + LOW] = min(whole[NOW + LOW], low)
    whole[NOW + HIGH] = max(whole[NOW + HIGH], high)
    whole[NOW + SOME] |= some
    whole[NOW + EVERY] &= every


@loop("float64(int64[::1])")
def largest(whole: Any) -> float:
    """The largest finite magnitude in reach."""
    return from_bits(max(whole[NOW + HIGH], whole[BEFORE + HIGH]))


@loop("void(int64[::1], float64[::1])")
def start(whole: Any, carry: Any) -> None:
    """The state before the first row."""
    tiles.fill(whole, 0)
    forget(whole, NOW)
    forget(whole, BEFORE)
    carry[0] = 0.0
    carry[1] = 0.0


@loop("void(int64, float64[::1], int64[:, ::1], int64, int64, float64[::1], float64[::1])")
def read(form: int, carry: Any, limbs: Any, begin: int, end: int, s: Any, t: Any) -> None:
    """Sums of some rows of a tile, in s and t."""
    if form == LIMB:
        tiles.read_one(limbs[1, begin:end], carry[2], carry[3], s, t)
    else:
        tiles.read_two(limbs[0, begin:end], limbs[1, begin:end], int(carry[2]), carry[3], s, t)


@loop("void(int64, float64[::1], int64[:, ::1], float64, float64, float64[::1])")
def read_means(form: int, carry: Any, limbs: Any, inverse: float, rest: float, out: Any) -> None:
    """Means of the rows of a tile of full windows, in one pass."""
    size = out.shape[0]
    if form == LIMB:
        tiles.read_one_means(limbs[1, :size], carry[2], inverse * carry[3], rest * carry[3], out)
    else:
        tiles.read_two_means(
            limbs[0, :size], limbs[1, :size], int(carry[2]), inverse * carry[3], rest * carry[3], out
        )


@loop("int64(float64[::1], int64, int64, int64, int64[::1], float64[::1], int64[:, ::1], float64[:, ::1])")
def advance(x: Any, begin: int, end: int, window: int, whole: Any, carry: Any, limbs: Any, reals: Any) -> int:
    """Sums of the windows that end in ``x[begin:end]``; tells in which form (`OFFSET`, …) it left them.

    ``limbs`` gets the coarse and fine limb and the counts, ``reals`` the rests of short windows in its third
    and fourth row, ``carry`` the sum of the last row and then the offset or the ratio, and the step.
    """
    size = end - begin
    full = begin >= window
    entering = x[begin:end]
    leaving = x[begin - window : end - window] if full else reals[4, :size]
    if not full:
        for i in range(size):
            leaving[i] = 0.0
    survey(entering, window, whole)
    tiles.fetch(x, end, end + size)

    low = min(whole[NOW + LOW], whole[BEFORE + LOW])
    high = max(whole[NOW + HIGH], whole[BEFORE + HIGH])
    one_sign = whole[NOW + SOME] | whole[BEFORE + SOME] >= 0 or whole[NOW + EVERY] & whole[BEFORE + EVERY] < 0
    missing = whole[NOW + MISSING] + whole[BEFORE + MISSING] > 0
    infinite = whole[NOW + INFINITE] + whole[BEFORE + INFINITE] > 0
    if high == 0:
        low = high = 1023 << 52

    window_bits = bit_length(window)
    lowest = (low >> 52) - 1075
    highest = (high >> 52) - 1022
    coarse_exponent = highest + window_bits - 50
    ratio = max(1, coarse_exponent - lowest)
    tame = low >> 52 > 150 and highest + window_bits < 900 and not infinite
    if not tame or ratio > min(51, 60 - window_bits):
        return WILD
    step = power(lowest)
    spread = from_bits(high) - from_bits(low) if one_sign else 2.0 * from_bits(high)
    one = full and not missing and spread <= step * 2.0**50 and highest + window_bits - lowest <= 80
    if one:
        ratio = 32

    last = size - 1
    last_s = carry[0:1]
    last_t = carry[1:2]

    coarse = limbs[0, :size]
    fine = limbs[1, :size]
    coarse_step = power(lowest + ratio)
    scaled = carry[0] * power(-lowest - ratio) + tiles.MAGIC
    rest = fma(tiles.MAGIC - scaled, coarse_step, carry[0])
    coarse_start = bits(scaled) - tiles.MAGIC_BITS
    fine_start = bits(fma(rest, power(-lowest), tiles.MAGIC)) - tiles.MAGIC_BITS
    fine_start += bits(fma(carry[1], power(-lowest), tiles.MAGIC)) - tiles.MAGIC_BITS

    if one:
        tiles.one_limb(entering, leaving, power(-lowest), fine)
        tiles.accumulate(fine, fine_start)
        carry[2] = 2.0**84 + 2.0**63 - (scaled - tiles.MAGIC) * 2.0**32
        carry[3] = step
        read(LIMB, carry, limbs, last, size, last_s, last_t)
        return LIMB

    counted = missing or not full
    if counted:
        entering_filled = reals[2, :size]
        leaving_filled = reals[3, :size]
        counts = limbs[2, :size]
        tiles.present(entering, entering_filled, coarse)
        tiles.present(leaving, leaving_filled, fine)
        if not full:
            tiles.fill(fine, 0)
        tiles.differences(coarse, fine, counts)
        whole[COUNT] = tiles.accumulate(counts, whole[COUNT])
        entering = entering_filled
        leaving = leaving_filled
    tiles.two_limbs(entering, leaving, power(-lowest - ratio), coarse_step, power(-lowest), coarse, fine)
    tiles.accumulate(coarse, coarse_start)
    tiles.accumulate(fine, fine_start)
    carry[2] = ratio
    carry[3] = step
    read(TWO, carry, limbs, last, size, last_s, last_t)
    return COUNTED if counted else TWO


@loop("int64(int64, int64, int64, int64)")
def tile_end(begin: int, rows: int, window: int, first: int) -> int:
    """Where the tile ends: no tile straddles the first full window or the first row asked for."""
    end = min(begin + TILE, rows)
    if begin < window:
        end = min(end, window)
    if begin < first:
        end = min(end, first)
    return end
