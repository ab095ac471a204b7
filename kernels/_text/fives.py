"""Powers of five to 128 bits, as Eisel and Lemire need them."""

import numpy as np
import numpy.typing as npt

from kernels._backend import table

LEAST, MOST = -342, 308
"""The powers of ten between which a word of digits can be a float that is neither 0 nor infinite."""


def power_of_five(q: int) -> int:
    """The first 128 bits of ``5**q``: rounded down, but up where it is an inexact reciprocal."""
    n = 5 ** abs(q)
    if q < 0:
        return (1 << n.bit_length() + 127) // n + 1
    return n << 128 - n.bit_length() if n.bit_length() <= 128 else n >> n.bit_length() - 128


def _words(shift: int) -> npt.NDArray[np.int64]:
    """The 64 bits of each from the `shift`th on."""
    numbers = [(power_of_five(q) >> shift) % 2**64 for q in range(LEAST, MOST + 1)]
    return np.array(numbers, np.uint64).view(np.int64)


HIGHS = table(lambda: _words(64))
LOWS = table(lambda: _words(0))
