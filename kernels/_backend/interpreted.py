"""The primitives of the loops in plain Python: of one number, and of eight as small arrays."""

import math
from typing import Any

import numpy as np

LANES = 8


def fma(x: float, y: float, z: float) -> np.float64:
    """``x * y + z``, rounded once."""
    from fractions import Fraction

    if not (math.isfinite(x) and math.isfinite(y) and math.isfinite(z)):
        return np.float64(x) * y + z
    exact = Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z))
    if exact == 0:
        return np.float64(x) * y + z  # which has the right sign
    try:
        return np.float64(exact.numerator / exact.denominator)
    except OverflowError:
        return np.float64(math.inf if exact > 0 else -math.inf)


def bits(x: float) -> int:
    """The 64 bits of a float, as an integer."""
    return int(np.float64(x).view(np.int64))


def from_bits(n: int) -> np.float64:
    """The float of 64 bits; NumPy's, which divides by zero as the processor does."""
    return np.int64(n).view(np.float64)


def prefetch(x: object, i: int) -> None:
    """Ask for nothing: this is for the processor."""


def eight(x: Any, i: int) -> Any:
    """The bits of ``x[i:i+8]``, of floats or integers."""
    return x[i : i + LANES].view(np.int64)


def put(out: Any, i: int, values: Any) -> None:
    """Put eight values into ``out[i:i+8]``."""
    out[i : i + LANES] = values


def all_of(value: float) -> Any:
    """One number eight times."""
    if isinstance(value, float):
        return np.full(LANES, value)
    return np.full(LANES, (value + 2**63) % 2**64 - 2**63)


def as_reals(n: Any) -> Any:
    """The floats of these bits."""
    return n.view(np.float64)


def as_wholes(x: Any) -> Any:
    """The bits of these floats."""
    return x.view(np.int64)


def last_eight(changes: Any, by_one: Any, by_two: Any, by_four: Any) -> tuple[Any, Any, Any, Any]:
    """What the last eight rows changed, up to each row; then what the last one, two and four did.

    Those, of the eight rows before, are the other arguments.
    """
    sums = [changes]
    for rows, before in ((1, by_one), (2, by_two), (4, by_four)):
        sums.append(sums[-1] + np.concatenate((before, sums[-1]))[LANES - rows :][:LANES])
    return sums[3], sums[0], sums[1], sums[2]


def last(n: Any) -> int:
    """The last of the eight."""
    return int(n[-1])


def any_bits(n: Any) -> int:
    """The bits that any of the eight has."""
    return int(np.bitwise_or.reduce(n))


def fused(x: Any, y: Any, z: Any) -> Any:
    """``x * y + z``, rounded once, of each lane."""
    return np.array(list(map(fma, x, y, z)))


def present(n: Any) -> Any:
    """All bits where these are the bits of a number, none where of NaN."""
    return -(~np.isnan(n.view(np.float64))).astype(np.int64)


def where_enough(counts: Any, least: Any, values: Any) -> Any:
    """The values, NaN where the count is below the least."""
    return np.where(counts >= least, values, np.nan)


def put_signals(out: Any, i: int, above: Any, bound: Any) -> int:
    """Put into ``out[i:i+8]`` 1 where ``above`` exceeds ``bound``, 0 where minus it, else 2; count those."""
    near = np.abs(above) <= bound
    out[i : i + LANES] = np.where(near, 2, above > bound)
    return int(near.sum())


def all_words(value: int) -> Any:
    """The lower half of an integer sixteen times."""
    return np.full(2 * LANES, value % 2**32, np.uint32)


def lower_halves(first: Any, second: Any) -> Any:
    """The lower halves of twice eight integers."""
    return np.concatenate((first, second)).astype(np.uint32)


def last_sixteen(
    changes: Any, by_one: Any, by_two: Any, by_four: Any, by_eight: Any
) -> tuple[Any, Any, Any, Any, Any]:
    """`last_eight` of sixteen rows."""
    sums = [changes]
    for rows, before in ((1, by_one), (2, by_two), (4, by_four), (8, by_eight)):
        sums.append(sums[-1] + np.concatenate((before, sums[-1]))[2 * LANES - rows :][: 2 * LANES])
    return sums[4], sums[0], sums[1], sums[2], sums[3]


def last_word(n: Any) -> int:
    """The last of the sixteen."""
    return int(n[-1])


def put_signs(out: Any, i: int, above: Any) -> int:
    """Put into ``out[i:i+16]`` 1 where ``above`` is positive, 0 where negative, 2 where zero; count those."""
    above = above.view(np.int32)
    out[i : i + 2 * LANES] = np.where(above == 0, 2, above > 0)
    return int((above == 0).sum())
