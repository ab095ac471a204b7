"""Integers beside the lanes of floats: sixteen modulo 2**32, one modulo 2**128, and the bits of eight floats.

`kernels._backend.integer_twins` holds the same names for plain Python.
"""

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.typing import templates
from numba.extending import intrinsic, lower_builtin, models, register_model

from kernels._backend.simd import EIGHT, LANES, Lanes, address, call, in_all, shuffle

Base: Any = types.Type
Template: Any = templates.AbstractTemplate
Model: Any = models.PrimitiveModel

BYTE, SHORT, WORD, LONG = (ir.IntType(width) for width in (8, 32, 64, 128))
WORDS = ir.VectorType(WORD, LANES)
SIXTEEN = Lanes("sixteen", SHORT, 2 * LANES)


class Wide(Base):  # type: ignore[misc]  # Numba's classes have no types
    """An integer modulo 2**128."""


WIDE = Wide("wide")


@register_model(Wide)
class WideModel(Model):  # type: ignore[misc]  # Numba's classes have no types
    """Two registers."""

    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, LONG)


def define_operator(symbol: Any, kind: Any, instruction: str) -> None:
    """Make an operator of Python work on two of a kind."""

    class OfKind(Template):  # type: ignore[misc]  # Numba's classes have no types
        """Both sides are of the kind."""

        def generic(self, args: Any, _keywords: Any) -> Any:
            return kind(kind, kind) if args == (kind, kind) else None

    def generate(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return getattr(builder, instruction)(*args)

    infer: Any = templates.infer_global
    lower: Any = lower_builtin
    infer(symbol)(OfKind)
    lower(symbol, kind, kind)(generate)


INSTRUCTIONS = {operator.add: "add", operator.iadd: "add", operator.sub: "sub", operator.isub: "sub"}
for kind in (SIXTEEN, WIDE):
    for symbol, instruction in INSTRUCTIONS.items():
        define_operator(symbol, kind, instruction)
define_operator(operator.mul, SIXTEEN, "mul")


def operation(result: Any, arguments: tuple[Any, ...], generate: Any) -> Any:
    """An intrinsic of these types that ``generate(builder, *values)`` makes."""

    def generated(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return generate(builder, *args)

    if len(arguments) == 1:
        return intrinsic(lambda _typing, _a: (result(*arguments), generated))
    if len(arguments) == 2:
        return intrinsic(lambda _typing, _a, _b: (result(*arguments), generated))
    return intrinsic(lambda _typing, _a, _b, _c: (result(*arguments), generated))


def on_bits(method: str) -> Any:
    """An intrinsic of the bits of two Eights."""

    def generate(builder: Any, a: Any, b: Any) -> Any:
        made = getattr(builder, method)(builder.bitcast(a, WORDS), builder.bitcast(b, WORDS))
        return builder.bitcast(made, EIGHT.vector)

    return operation(EIGHT, (EIGHT, EIGHT), generate)


both, either, unlike = on_bits("and_"), on_bits("or_"), on_bits("xor")
any_bits = operation(
    types.int64,
    (EIGHT,),
    lambda builder, a: call(builder, "llvm.vector.reduce.or.v8i64", WORD, builder.bitcast(a, WORDS)),
)


def back(rows: int) -> Any:
    """An intrinsic ``f(before, now)``: the sixteen that begin so many rows earlier than ``now``."""
    places = list(range(2 * LANES - rows, 4 * LANES - rows))
    return operation(
        SIXTEEN, (SIXTEEN, SIXTEEN), lambda builder, before, now: shuffle(builder, before, now, places)
    )


def low_of(builder: Any, a: Any, b: Any) -> Any:
    """The lower halves of twice eight."""
    a, b = (builder.bitcast(values, SIXTEEN.vector) for values in (a, b))
    return shuffle(builder, a, b, list(range(0, 4 * LANES, 2)))


def lesser(builder: Any, a: Any, least: Any) -> Any:
    """The lesser of a size and another, as unsigned numbers."""
    size = call(builder, "llvm.abs.v16i32", SIXTEEN.vector, a, ir.IntType(1)(0))
    return call(builder, "llvm.umin.v16i32", SIXTEEN.vector, size, least)


def least_of(builder: Any, a: Any) -> Any:
    """The least, as unsigned numbers."""
    return builder.zext(call(builder, "llvm.vector.reduce.umin.v16i32", SHORT, a), WORD)


back1, back2, back4, back8 = back(1), back(2), back(4), back(8)
sixteen = operation(
    SIXTEEN, (types.int64,), lambda builder, n: in_all(builder, builder.trunc(n, SHORT), 2 * LANES)
)
shifted_down = operation(
    SIXTEEN,
    (SIXTEEN, types.int64),
    lambda builder, a, n: builder.lshr(a, in_all(builder, builder.trunc(n, SHORT), 2 * LANES)),
)
low_halves = operation(SIXTEEN, (EIGHT, EIGHT), low_of)
least_size = operation(SIXTEEN, (SIXTEEN, SIXTEEN), lesser)
least_word = operation(types.int64, (SIXTEEN,), least_of)


def joined(builder: Any, high: Any, low: Any) -> Any:
    """A number of two halves."""
    return builder.or_(builder.shl(builder.zext(high, LONG), LONG(64)), builder.zext(low, LONG))


def to_odd(builder: Any, high: Any, low: Any, c: Any) -> Any:
    """``(high * 2**64 + low) * c >> 128``, its last bit set where anything is lost."""
    high, low, c = (builder.zext(n, LONG) for n in (high, low, c))
    product = builder.add(builder.mul(high, c), builder.lshr(builder.mul(low, c), LONG(64)))
    lost = builder.icmp_unsigned(">", builder.trunc(product, WORD), WORD(1))
    return builder.or_(builder.trunc(builder.lshr(product, LONG(64)), WORD), builder.zext(lost, WORD))


def multiplied(builder: Any, high: Any, low: Any, n: Any) -> Any:
    """``(high * 2**64 + low) * n``."""
    return builder.mul(joined(builder, high, low), builder.sext(n, LONG))


INTEGER: Any = types.int64
wide = operation(WIDE, (INTEGER, INTEGER), joined)
times = operation(WIDE, (INTEGER, INTEGER, INTEGER), multiplied)
rounded_to_odd = operation(INTEGER, (INTEGER, INTEGER, INTEGER), to_odd)
lower = operation(INTEGER, (WIDE,), lambda builder, n: builder.trunc(n, WORD))
upper = operation(INTEGER, (WIDE,), lambda builder, n: builder.trunc(builder.ashr(n, LONG(64)), WORD))


def as_bytes(builder: Any, chosen: Any) -> Any:
    """Every lane's lowest byte.

    Numbers are chosen as wide as what was compared, and every so many bytes taken of that: any instruction
    set has a short way to do so, few one for vectors of bits.
    """
    size, count = chosen.type.element.width // 8, chosen.type.count
    whole = builder.bitcast(chosen, ir.VectorType(BYTE, size * count))
    return shuffle(builder, whole, whole, list(range(0, size * count, size)))


def put_bytes(context: Any, builder: Any, sig: Any, args: Any, chosen: Any) -> Any:
    """Store a byte per lane into an array, and return them."""
    signals = as_bytes(builder, chosen)
    place = address(context, builder, sig.args[0], *args[:2])
    builder.store(signals, builder.bitcast(place, signals.type.as_pointer()), align=1)
    return signals


@intrinsic
def put_above(typing: Any, out: Any, i: Any, above: Any) -> Any:
    """Put into ``out[i:]`` a byte per lane, 1 where ``above`` is positive, else 0."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        zeros = ir.Constant(args[2].type, [0] * args[2].type.count)
        if sig.args[2] == EIGHT:
            chosen = builder.zext(builder.fcmp_ordered(">", args[2], zeros), WORDS)
        else:
            chosen = builder.zext(builder.icmp_signed(">", args[2], zeros), SIXTEEN.vector)
        put_bytes(context, builder, sig, args, chosen)
        return context.get_dummy_value()

    return types.void(out, types.int64, above), generate


@intrinsic
def put_doubts(typing: Any, out: Any, i: Any, above: Any, bound: Any) -> Any:
    """Put into ``out[i:i+8]`` 1 where ``above`` exceeds the bound, 2 where within, else 0; count the 2."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        size = call(builder, "llvm.fabs.v8f64", EIGHT.vector, args[2])
        near = builder.fcmp_ordered("<=", size, in_all(builder, args[3]))
        above = builder.fcmp_ordered(">", args[2], ir.Constant(EIGHT.vector, [0.0] * LANES))
        chosen = builder.select(near, ir.Constant(WORDS, [2] * LANES), builder.zext(above, WORDS))
        signals = builder.bitcast(put_bytes(context, builder, sig, args, chosen), WORD)
        return call(builder, "llvm.ctpop.i64", WORD, builder.and_(signals, WORD(0x0202020202020202)))

    return types.int64(out, types.int64, EIGHT, types.float64), generate
