"""The names of `kernels._backend.integers` in plain Python: sixteen are an array, a wide one is an int."""

from typing import Any

import numpy as np

from kernels._backend.twins import LANES, Lanes


def both(a: Any, b: Any) -> Any:
    """The bits that both have, as floats."""
    return (a.view(np.int64) & b.view(np.int64)).view(np.float64).view(Lanes)


def either(a: Any, b: Any) -> Any:
    """The bits that either has, as floats."""
    return (a.view(np.int64) | b.view(np.int64)).view(np.float64).view(Lanes)


def unlike(a: Any, b: Any) -> Any:
    """The bits that only one has, as floats."""
    return (a.view(np.int64) ^ b.view(np.int64)).view(np.float64).view(Lanes)


def any_bits(a: Any) -> int:
    """The bits that any of the eight has."""
    return int(np.bitwise_or.reduce(np.asarray(a).view(np.int64)))


def sixteen(n: int) -> Any:
    """An integer sixteen times."""
    return np.full(2 * LANES, int(n) % 2**32, np.uint32)


def shifted_down(a: Any, n: int) -> Any:
    """Each of the sixteen over ``2**n``, rounded down."""
    return a >> np.uint32(n)


def low_halves(a: Any, b: Any) -> Any:
    """The lower halves of twice eight."""
    return np.concatenate((a, b)).view(np.int64).astype(np.uint32)


def _back(before: Any, now: Any, rows: int) -> Any:
    return np.concatenate((before[2 * LANES - rows :], now[: 2 * LANES - rows]))


def back1(before: Any, now: Any) -> Any:
    """The sixteen that begin a row earlier than ``now``."""
    return _back(before, now, 1)


def back2(before: Any, now: Any) -> Any:
    """The sixteen that begin two rows earlier than ``now``."""
    return _back(before, now, 2)


def back4(before: Any, now: Any) -> Any:
    """The sixteen that begin four rows earlier than ``now``."""
    return _back(before, now, 4)


def back8(before: Any, now: Any) -> Any:
    """The sixteen that begin eight rows earlier than ``now``."""
    return _back(before, now, 8)


def least_size(a: Any, least: Any) -> Any:
    """The lesser of a size and another, as unsigned numbers."""
    return np.minimum(np.minimum(a, -a), least)


def least_word(a: Any) -> int:
    """The least of the sixteen, as unsigned numbers."""
    return int(a.min())


def wide(high: int, low: int) -> int:
    """``high * 2**64 + low``."""
    return (int(high) << 64) + int(low) % 2**64


def times(high: int, low: int, n: int) -> int:
    """``(high * 2**64 + low) * n``."""
    return wide(high, low) * int(n)


def upper(n: int) -> int:
    """The upper half, with the sign."""
    return lower(n >> 64)


def lower(n: int) -> int:
    """The lower half, as int64."""
    return (n + 2**63) % 2**64 - 2**63


def rounded_to_odd(high: int, low: int, c: int) -> int:
    """``(high * 2**64 + low) * c >> 128``, its last bit set where anything is lost."""
    product = wide(int(high) % 2**64, low) * int(c) >> 64
    return product >> 64 | (1 if product % 2**64 > 1 else 0)


def put_above(out: Any, i: int, above: Any) -> None:
    """Put into ``out[i:]`` a byte per lane, 1 where ``above`` is positive, else 0."""
    signed = above.view(np.int32) if above.dtype == np.uint32 else above
    out[i : i + len(above)] = signed > 0


def put_doubts(out: Any, i: int, above: Any, bound: float) -> int:
    """Put into ``out[i:i+8]`` 1 where ``above`` exceeds the bound, 2 where within, else 0; count the 2."""
    near = np.abs(above) <= bound
    out[i : i + LANES] = np.where(near, 2, above > bound)
    return int(near.sum())
