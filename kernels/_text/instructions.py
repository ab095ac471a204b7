"""The primitives of the scanner as machine instructions, on bytes at any address and on 64-bit words.

All integers are int64, for Numba makes a float of int64 with uint64; what must be unsigned is a primitive.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from kernels._backend.integers import BYTE
from kernels._backend.simd import INTEGER, in_all

WIDE = ir.IntType(128)
LANES = 64


def instruction(*kinds: Any, result: Any = types.int64) -> Callable[[Callable[..., Any]], Any]:
    """Make a primitive of a function that generates its code from the builder and the arguments."""

    def made(generate: Callable[..., Any]) -> Any:
        def body(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return generate(builder, *args)

        def of_one(_typing: Any, x: Any) -> Any:
            return result(*kinds), body

        def of_two(_typing: Any, x: Any, y: Any) -> Any:
            return result(*kinds), body

        return intrinsic(of_one if len(kinds) == 1 else of_two)

    return made


def loaded(builder: Any, address: Any, kind: Any) -> Any:
    """The value of that kind at any address."""
    return builder.load(builder.inttoptr(address, kind.as_pointer()), align=1)


def stored(builder: Any, address: Any, value: Any) -> Any:
    """Put a value at any address."""
    builder.store(value, builder.inttoptr(address, value.type.as_pointer()), align=1)
    return INTEGER(0)


def marks(lanes: int, compare: Callable[..., Any]) -> Any:
    """Make a primitive: the bits of those bytes from an address on that compare with one byte."""

    def generate(builder: Any, address: Any, byte: Any) -> Any:
        text = loaded(builder, address, ir.VectorType(BYTE, lanes))
        found = compare(builder, text, in_all(builder, builder.trunc(byte, BYTE), lanes))
        bits = builder.bitcast(found, ir.IntType(lanes))
        return bits if lanes == LANES else builder.zext(bits, INTEGER)

    return instruction(types.int64, types.int64)(generate)


def is_equal(builder: Any, text: Any, byte: Any) -> Any:
    """Which bytes are that one."""
    return builder.icmp_unsigned("==", text, byte)


def is_less(builder: Any, text: Any, byte: Any) -> Any:
    """Which bytes are less, unsigned."""
    return builder.icmp_unsigned("<", text, byte)


equal = marks(LANES, is_equal)
equal_32 = marks(32, is_equal)
equal_16 = marks(16, is_equal)
below = marks(LANES, is_less)


@instruction(types.int64)
def odd(builder: Any, address: Any) -> Any:
    """Which of 64 bytes are controls, quotes or not ASCII.

    With bit 1 flipped, a quote is 0x20 and every control less; what is not ASCII is negative.
    """
    text = loaded(builder, address, ir.VectorType(BYTE, LANES))
    flipped = builder.xor(text, ir.Constant(text.type, [2] * LANES))
    found = builder.icmp_signed("<", flipped, ir.Constant(text.type, [0x21] * LANES))
    return builder.bitcast(found, INTEGER)


@instruction(types.int64)
def ones(builder: Any, x: Any) -> Any:
    """How many bits are set."""
    return builder.ctpop(x)


@instruction(types.int64)
def trailing(builder: Any, x: Any) -> Any:
    """How many bits below the lowest set one, 64 of none."""
    return builder.cttz(x, ir.IntType(1)(0))


@instruction(types.int64)
def leading(builder: Any, x: Any) -> Any:
    """How many bits above the highest set one, 64 of none."""
    return builder.ctlz(x, ir.IntType(1)(0))


@instruction(types.int64, types.int64)
def right(builder: Any, x: Any, places: Any) -> Any:
    """``x`` moved to the right by less than 64 places, zeros moving in."""
    return builder.lshr(x, places)


@instruction(types.int64, types.int64)
def less(builder: Any, x: Any, y: Any) -> Any:
    """1 where ``x < y``, unsigned, else 0."""
    return builder.zext(builder.icmp_unsigned("<", x, y), INTEGER)


@instruction(types.int64, types.int64)
def high_half(builder: Any, x: Any, y: Any) -> Any:
    """The upper 64 bits of the unsigned product."""
    product = builder.mul(builder.zext(x, WIDE), builder.zext(y, WIDE))
    return builder.trunc(builder.lshr(product, WIDE(64)), INTEGER)


@instruction(types.int64)
def byte_at(builder: Any, address: Any) -> Any:
    """The byte there."""
    return builder.zext(loaded(builder, address, BYTE), INTEGER)


@instruction(types.int64)
def word_at(builder: Any, address: Any) -> Any:
    """The eight bytes from there on, the first the lowest."""
    return loaded(builder, address, INTEGER)


@instruction(types.int64, types.int64)
def put_byte(builder: Any, address: Any, byte: Any) -> Any:
    """Put a byte there."""
    return stored(builder, address, builder.trunc(byte, BYTE))
