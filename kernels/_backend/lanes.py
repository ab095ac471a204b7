"""Rows by the eight or sixteen, as Numba types that live in vector registers of whatever width.

A loop works on them with the usual operators; the functions below bring them in and out.
"""

import math
import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing import templates
from numba.extending import intrinsic, lower_builtin, models, register_model

LANES = 8
INTEGER = ir.IntType(64)
DOUBLE = ir.DoubleType()
BYTE = ir.IntType(8)
SHORT = ir.IntType(32)

Base: Any = types.Type
Template: Any = templates.AbstractTemplate
Model: Any = models.PrimitiveModel
infer: Any = templates.infer_global
lower: Any = lower_builtin


class Lanes(Base):  # type: ignore[misc]  # Numba's classes have no types
    """So many numbers of one type."""

    def __init__(self, element: Any, machine_type: Any, lanes: int) -> None:
        super().__init__(f"{lanes} {element}")
        self.element = element
        self.vector = ir.VectorType(machine_type, lanes)


WHOLES = Lanes(types.int64, INTEGER, LANES)
REALS = Lanes(types.float64, DOUBLE, LANES)
WORDS = Lanes(types.int32, SHORT, 2 * LANES)


@register_model(Lanes)
class LanesModel(Model):  # type: ignore[misc]  # Numba's classes have no types
    """A vector register."""

    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, fe_type.vector)


def _operator(symbol: Any, for_wholes: str, for_reals: str) -> None:
    """Make an operator of Python an instruction on all lanes; on those types that have one."""

    class OfLanes(Template):  # type: ignore[misc]  # Numba's classes have no types
        """Both sides are lanes of one type."""

        def generic(self, args: Any, _keywords: Any) -> Any:
            name = for_reals if args[0] == REALS else for_wholes
            known = isinstance(args[0], Lanes) and args[0] == args[1] and name
            return args[0](*args) if known else None

    def generate(_context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return getattr(builder, for_reals if sig.return_type == REALS else for_wholes)(*args)

    infer(symbol)(OfLanes)
    lower(symbol, Lanes, Lanes)(generate)


for symbol, instructions in {
    operator.add: ("add", "fadd"),
    operator.iadd: ("add", "fadd"),
    operator.sub: ("sub", "fsub"),
    operator.mul: ("mul", "fmul"),
    operator.truediv: ("", "fdiv"),
    operator.and_: ("and_", ""),
    operator.or_: ("or_", ""),
    operator.ior: ("or_", ""),
    operator.xor: ("xor", ""),
    operator.rshift: ("lshr", ""),
}.items():
    _operator(symbol, *instructions)


def call(builder: Any, name: str, result: Any, *args: Any) -> Any:
    """Call an instruction that LLVM knows by name."""
    insert: Any = cgutils.get_or_insert_function
    kind = ir.FunctionType(result, [argument.type for argument in args])
    return builder.call(insert(builder.module, kind, name), args)


def address(context: Any, builder: Any, array_type: Any, array: Any, i: Any) -> Any:
    """Where ``array[i]`` lies."""
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [i])


def spread_out(builder: Any, value: Any, lanes: int) -> Any:
    """Return a vector of one value."""
    vector = builder.insert_element(
        ir.Constant(ir.VectorType(value.type, lanes), ir.Undefined), value, SHORT(0)
    )
    return shuffle(builder, vector, vector, [0] * lanes)


def shuffle(builder: Any, a: Any, b: Any, places: list[int]) -> Any:
    """Lanes of two vectors, those of the second counted on from those of the first."""
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(SHORT, len(places)), places))


def moved_up(builder: Any, before: Any, now: Any, rows: int) -> Any:
    """A vector that begins so many rows earlier."""
    first = now.type.count - rows
    return shuffle(builder, before, now, list(range(first, first + now.type.count)))


def doubled(builder: Any, changes: Any, *before: Any) -> list[Any]:
    """Sums over as many rows as there are lanes, then over one, two, four: each is two of those before."""
    sums = [changes]
    for k, earlier in enumerate(before):
        sums.append(builder.add(sums[k], moved_up(builder, earlier, sums[k], 1 << k)))
    return [sums.pop(), *sums]


def put_bytes(builder: Any, place: Any, near: Any, above: Any, vector: Any) -> Any:
    """Store a byte per lane: 2 where near, else 1 where above, else 0; return how many are 2.

    They are chosen as wide as what was compared, and every so many bytes taken of that: any instruction set
    has a short way to do so, few one for vectors of bits.
    """
    size = vector.element.width // 8
    chosen = builder.select(near, ir.Constant(vector, [2] * vector.count), builder.zext(above, vector))
    whole = builder.bitcast(chosen, ir.VectorType(BYTE, size * vector.count))
    signals = shuffle(builder, whole, whole, list(range(0, size * vector.count, size)))
    builder.store(signals, builder.bitcast(place, signals.type.as_pointer()), align=1)
    word = ir.IntType(8 * vector.count)
    twos = builder.and_(builder.bitcast(signals, word), word(int("02" * vector.count, 16)))
    counted = call(builder, f"llvm.ctpop.i{8 * vector.count}", word, twos)
    return builder.trunc(counted, INTEGER) if word.width > INTEGER.width else counted


@intrinsic
def eight(typing: Any, x: Any, i: Any) -> Any:
    """The bits of ``x[i:i+8]``, of floats or integers."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = address(context, builder, sig.args[0], *args)
        return builder.load(builder.bitcast(place, WHOLES.vector.as_pointer()), align=8)

    return WHOLES(x, types.int64), generate


@intrinsic
def put(typing: Any, out: Any, i: Any, values: Any) -> Any:
    """Put eight values into ``out[i:i+8]``."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = address(context, builder, sig.args[0], *args[:2])
        builder.store(args[2], builder.bitcast(place, args[2].type.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(out, types.int64, values), generate


@intrinsic
def all_of(typing: Any, value: Any) -> Any:
    """One number eight times."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return spread_out(builder, args[0], LANES)

    real = isinstance(value, types.Float)
    return (REALS(types.float64) if real else WHOLES(types.int64)), generate


@intrinsic
def as_reals(typing: Any, n: Any) -> Any:
    """The floats of these bits."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.bitcast(args[0], REALS.vector)

    return REALS(WHOLES), generate


@intrinsic
def as_wholes(typing: Any, x: Any) -> Any:
    """The bits of these floats."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.bitcast(args[0], WHOLES.vector)

    return WHOLES(REALS), generate


@intrinsic
def last_eight(typing: Any, changes: Any, by_one: Any, by_two: Any, by_four: Any) -> Any:
    """What the last eight rows changed, up to each row; then what the last one, two and four did.

    Those, of the eight rows before, are the other arguments.
    """

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return context.make_tuple(builder, sig.return_type, doubled(builder, *args))

    four: Any = types.UniTuple
    return four(WHOLES, 4)(WHOLES, WHOLES, WHOLES, WHOLES), generate


@intrinsic
def last(typing: Any, n: Any) -> Any:
    """The last of the eight."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.extract_element(args[0], SHORT(LANES - 1))

    return types.int64(WHOLES), generate


@intrinsic
def any_bits(typing: Any, n: Any) -> Any:
    """The bits that any of the eight has."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return call(builder, "llvm.vector.reduce.or.v8i64", INTEGER, *args)

    return types.int64(WHOLES), generate


@intrinsic
def fused(typing: Any, x: Any, y: Any, z: Any) -> Any:
    """``x * y + z``, rounded once, of each lane."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return call(builder, "llvm.fma.v8f64", REALS.vector, *args)

    return REALS(REALS, REALS, REALS), generate


@intrinsic
def present(typing: Any, n: Any) -> Any:
    """All bits where these are the bits of a number, none where of NaN."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        reals = builder.bitcast(args[0], REALS.vector)
        return builder.sext(builder.fcmp_ordered("ord", reals, reals), WHOLES.vector)

    return WHOLES(WHOLES), generate


@intrinsic
def where_enough(typing: Any, counts: Any, least: Any, values: Any) -> Any:
    """The values, NaN where the count is below the least."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        enough = builder.icmp_signed(">=", *args[:2])
        return builder.select(enough, args[2], ir.Constant(REALS.vector, [math.nan] * LANES))

    return REALS(WHOLES, WHOLES, REALS), generate


@intrinsic
def put_signals(typing: Any, out: Any, i: Any, above: Any, bound: Any) -> Any:
    """Put into ``out[i:i+8]`` 1 where ``above`` exceeds ``bound``, 0 where minus it, else 2; count those."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        size = call(builder, "llvm.fabs.v8f64", REALS.vector, args[2])
        near = builder.fcmp_ordered("<=", size, args[3])
        above = builder.fcmp_ordered(">", args[2], ir.Constant(REALS.vector, [0.0] * LANES))
        place = address(context, builder, sig.args[0], *args[:2])
        return put_bytes(builder, place, near, above, WHOLES.vector)

    return types.int64(out, types.int64, REALS, REALS), generate


@intrinsic
def all_words(typing: Any, value: Any) -> Any:
    """The lower half of an integer sixteen times."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return spread_out(builder, builder.trunc(args[0], SHORT), 2 * LANES)

    return WORDS(types.int64), generate


@intrinsic
def lower_halves(typing: Any, first: Any, second: Any) -> Any:
    """The lower halves of twice eight integers."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        first, second = (builder.bitcast(wholes, WORDS.vector) for wholes in args)
        return shuffle(builder, first, second, list(range(0, 4 * LANES, 2)))

    return WORDS(WHOLES, WHOLES), generate


@intrinsic
def last_sixteen(typing: Any, changes: Any, by_one: Any, by_two: Any, by_four: Any, by_eight: Any) -> Any:
    """`last_eight` of sixteen rows."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return context.make_tuple(builder, sig.return_type, doubled(builder, *args))

    five: Any = types.UniTuple
    return five(WORDS, 5)(WORDS, WORDS, WORDS, WORDS, WORDS), generate


@intrinsic
def last_word(typing: Any, n: Any) -> Any:
    """The last of the sixteen."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.zext(builder.extract_element(args[0], SHORT(2 * LANES - 1)), INTEGER)

    return types.int64(WORDS), generate


@intrinsic
def put_signs(typing: Any, out: Any, i: Any, above: Any) -> Any:
    """Put into ``out[i:i+16]`` 1 where ``above`` is positive, 0 where negative, 2 where zero; count those."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        zeros = ir.Constant(WORDS.vector, [0] * (2 * LANES))
        ties = builder.icmp_signed("==", args[2], zeros)
        above = builder.icmp_signed(">", args[2], zeros)
        place = address(context, builder, sig.args[0], *args[:2])
        return put_bytes(builder, place, ties, above, WORDS.vector)

    return types.int64(out, types.int64, WORDS), generate
