"""The primitives of the scanner, of the backend that was chosen."""

from typing import TYPE_CHECKING

from kernels._backend import BACKEND

if TYPE_CHECKING or BACKEND != "jit":
    from kernels._text import interpreted as chosen
else:
    from kernels._text import instructions as chosen

below = chosen.below
byte_at = chosen.byte_at
equal = chosen.equal
equal_16 = chosen.equal_16
equal_32 = chosen.equal_32
high_half = chosen.high_half
leading = chosen.leading
less = chosen.less
odd = chosen.odd
ones = chosen.ones
put_byte = chosen.put_byte
right = chosen.right
trailing = chosen.trailing
word_at = chosen.word_at
