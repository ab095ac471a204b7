"""Powers of five to 128 bits, as Eisel and Lemire need them."""

import numpy as np

LEAST, MOST = -342, 308
"""The powers of ten between which a word of digits can be a float that is neither 0 nor infinite."""


def power_of_five(q: int) -> int:
    """The first 128 bits of ``5**q``: rounded down, but up where it is an inexact reciprocal."""
    n = 5 ** abs(q)
    if q < 0:
        return (1 << n.bit_length() + 127) // n + 1
    return n << 128 - n.bit_length() if n.bit_length() <= 128 else n >> n.bit_length() - 128


POWERS = [power_of_five(q) for q in range(LEAST, MOST + 1)]
HIGHS = np.array([n >> 64 for n in POWERS], np.uint64).view(np.int64)
LOWS = np.array([n % 2**64 for n in POWERS], np.uint64).view(np.int64)
