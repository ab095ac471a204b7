"""Eight float64 as one value of Numba's, with Python's operators, and the scalar primitives beside it.

Eight are one register of AVX-512 and two of AVX2: LLVM splits them as the CPU needs it. A float beside lanes
stands for itself in each. `kernels._backend.twins` holds the same names for plain Python.
"""

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing import templates
from numba.extending import intrinsic, lower_builtin, models, register_model

LANES = 8
DOUBLE, INTEGER, INDEX = ir.DoubleType(), ir.IntType(64), ir.IntType(32)

Base: Any = types.Type
Template: Any = templates.AbstractTemplate
Model: Any = models.PrimitiveModel
infer: Any = templates.infer_global
lower_to: Any = lower_builtin


class Lanes(Base):  # type: ignore[misc]  # Numba's classes have no types
    """So many numbers of one type in a vector register."""

    def __init__(self, name: str, element: Any, lanes: int) -> None:
        super().__init__(name)
        self.vector = ir.VectorType(element, lanes)


EIGHT = Lanes("eight", DOUBLE, LANES)
MASK = Lanes("mask", ir.IntType(1), LANES)


@register_model(Lanes)
class LanesModel(Model):  # type: ignore[misc]  # Numba's classes have no types
    """The register."""

    def __init__(self, dmm: Any, fe_type: Any) -> None:
        super().__init__(dmm, fe_type, fe_type.vector)


def in_all(builder: Any, value: Any, lanes: int = LANES) -> Any:
    """A vector of one value; of a vector, itself."""
    if isinstance(value.type, ir.VectorType):
        return value
    one = builder.insert_element(ir.Constant(ir.VectorType(value.type, lanes), ir.Undefined), value, INDEX(0))
    return shuffle(builder, one, one, [0] * lanes)


def shuffle(builder: Any, a: Any, b: Any, places: list[int]) -> Any:
    """Lanes of two vectors, those of the second counted on from those of the first."""
    return builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(INDEX, len(places)), places))


def call(builder: Any, name: str, result: Any, *args: Any) -> Any:
    """Call an instruction that LLVM knows by name."""
    insert: Any = cgutils.get_or_insert_function
    kind = ir.FunctionType(result, [argument.type for argument in args])
    return builder.call(insert(builder.module, kind, name), args)


def address(context: Any, builder: Any, array_type: Any, array: Any, i: Any) -> Any:
    """Where ``array[i]`` lies."""
    return builder.gep(context.make_array(array_type)(context, builder, array).data, [i])


def broadcast(args: Any) -> Any:
    """The types that an operation on these works on, if some are lanes and the others floats."""
    if EIGHT in args and all(argument in (EIGHT, types.float64) for argument in args):
        return args
    return None


def define_operator(symbol: Any, result: Any, instruct: Any) -> None:
    """Make an operator of Python work on lanes."""

    class OfLanes(Template):  # type: ignore[misc]  # Numba's classes have no types
        """Lanes, beside lanes or a float."""

        def generic(self, args: Any, _keywords: Any) -> Any:
            return result(*args) if broadcast(args) else None

    def generate(_context: Any, builder: Any, _sig: Any, args: Any) -> Any:
        return instruct(builder, *(in_all(builder, argument) for argument in args))

    infer(symbol)(OfLanes)
    for kinds in ((EIGHT, EIGHT), (EIGHT, types.float64), (types.float64, EIGHT)):
        lower_to(symbol, *kinds)(generate)


def compared(symbol: str) -> Any:
    """The comparison that is untrue of NaN, but for ``!=``."""
    if symbol == "!=":
        return lambda builder, a, b: builder.fcmp_unordered(symbol, a, b)
    return lambda builder, a, b: builder.fcmp_ordered(symbol, a, b)


define_operator(operator.add, EIGHT, lambda builder, a, b: builder.fadd(a, b))
define_operator(operator.iadd, EIGHT, lambda builder, a, b: builder.fadd(a, b))
define_operator(operator.sub, EIGHT, lambda builder, a, b: builder.fsub(a, b))
define_operator(operator.mul, EIGHT, lambda builder, a, b: builder.fmul(a, b))
define_operator(operator.truediv, EIGHT, lambda builder, a, b: builder.fdiv(a, b))
define_operator(operator.lt, MASK, compared("<"))
define_operator(operator.le, MASK, compared("<="))
define_operator(operator.gt, MASK, compared(">"))
define_operator(operator.ge, MASK, compared(">="))
define_operator(operator.eq, MASK, compared("=="))
define_operator(operator.ne, MASK, compared("!="))


@infer(operator.neg)
class Negated(Template):  # type: ignore[misc]  # Numba's classes have no types
    """Minus lanes."""

    def generic(self, args: Any, _keywords: Any) -> Any:
        """Lanes give lanes."""
        return EIGHT(*args) if args == (EIGHT,) else None


lower_to(operator.neg, EIGHT)(lambda _context, builder, _sig, args: builder.fneg(args[0]))


def of_lanes(generate: Any) -> Any:
    """An intrinsic of one Eight."""

    def of_one(typing: Any, values: Any) -> Any:
        return EIGHT(EIGHT), lambda _context, builder, _sig, args: generate(builder, *args)

    return intrinsic(of_one)


absolute = of_lanes(lambda builder, a: call(builder, "llvm.fabs.v8f64", EIGHT.vector, a))
root = of_lanes(lambda builder, a: call(builder, "llvm.sqrt.v8f64", EIGHT.vector, a))


def shifted(rows: int) -> Any:
    """An intrinsic ``f(before, now)``: the lanes that begin so many rows earlier than ``now``."""
    places = list(range(LANES - rows, 2 * LANES - rows))

    def moved(typing: Any, before: Any, now: Any) -> Any:
        return EIGHT(EIGHT, EIGHT), lambda _context, builder, _sig, args: shuffle(
            builder, args[0], args[1], places
        )

    return intrinsic(moved)


up1, up2, up4 = shifted(1), shifted(2), shifted(4)


@intrinsic
def fma(typing: Any, a: Any, b: Any, c: Any) -> Any:
    """``a * b + c``, rounded once; of lanes or floats."""
    args = a, b, c
    if not broadcast(args):
        return types.float64(
            types.float64, types.float64, types.float64
        ), lambda _context, builder, _sig, args: builder.fma(*args)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return call(builder, "llvm.fma.v8f64", EIGHT.vector, *(in_all(builder, each) for each in args))

    return EIGHT(*args), generate


@intrinsic
def where(typing: Any, mask: Any, values: Any, others: Any) -> Any:
    """Values where the mask holds, else others; either may be a float."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.select(args[0], *(in_all(builder, each) for each in args[1:]))

    return EIGHT(MASK, values, others), generate


@intrinsic
def load(typing: Any, x: Any, i: Any) -> Any:
    """``x[i:i+8]``."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = address(context, builder, sig.args[0], *args)
        return builder.load(builder.bitcast(place, EIGHT.vector.as_pointer()), align=8)

    return EIGHT(x, types.int64), generate


@intrinsic
def store(typing: Any, out: Any, i: Any, values: Any) -> Any:
    """``out[i:i+8] = values``."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = address(context, builder, sig.args[0], *args[:2])
        builder.store(args[2], builder.bitcast(place, EIGHT.vector.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(out, types.int64, EIGHT), generate


def interleaved(builder: Any, rows: list[Any], width: int) -> list[Any]:
    """Eight lanes of eight, of which each two blocks of so many lanes across the diagonal trade places."""
    low = [place + (LANES - width if place & width else 0) for place in range(LANES)]
    high = [place + width for place in low]
    turned = list(rows)
    for a in range(LANES):
        if not a & width:
            b = a + width
            turned[a], turned[b] = (shuffle(builder, rows[a], rows[b], places) for places in (low, high))
    return turned


@intrinsic
def turn(typing: Any, x: Any, i: Any, apart: Any, out: Any, j: Any, out_apart: Any) -> Any:
    """Eight by eight values turned about: ``out[j + n*out_apart + m] = x[i + m*apart + n]``."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        def place(first: int, k: int) -> Any:
            array, begin, step = args[first : first + 3]
            element = builder.add(begin, builder.mul(step, ir.Constant(INTEGER, k)))
            found = address(context, builder, sig.args[first], array, element)
            return builder.bitcast(found, EIGHT.vector.as_pointer())

        rows = [builder.load(place(0, k), align=8) for k in range(LANES)]
        for width in (1, 2, 4):
            rows = interleaved(builder, rows, width)
        for k, row in enumerate(rows):
            builder.store(row, place(3, k), align=8)
        return context.get_dummy_value()

    return types.void(x, types.int64, types.int64, out, types.int64, types.int64), generate


@intrinsic
def prefetch(typing: Any, x: Any, i: Any) -> Any:
    """Ask for the memory of ``x[i]``, which need not exist, and go on at once."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = builder.bitcast(address(context, builder, sig.args[0], *args), ir.IntType(8).as_pointer())
        call(builder, "llvm.prefetch.p0i8", ir.VoidType(), place, INDEX(0), INDEX(3), INDEX(1))
        return context.get_dummy_value()

    return types.void(x, types.int64), generate


@intrinsic
def spread(typing: Any, value: Any) -> Any:
    """One float eight times."""
    return EIGHT(types.float64), lambda _context, builder, _sig, args: in_all(builder, *args)


@intrinsic
def lane(typing: Any, values: Any, i: Any) -> Any:
    """One of the eight."""
    return types.float64(EIGHT, types.int64), lambda _context, builder, _sig, args: builder.extract_element(
        *args
    )


@intrinsic
def bits(typing: Any, x: Any) -> Any:
    """The 64 bits of a float, as an integer."""
    return types.int64(types.float64), lambda _context, builder, _sig, args: builder.bitcast(args[0], INTEGER)


@intrinsic
def from_bits(typing: Any, n: Any) -> Any:
    """The float of 64 bits."""
    return types.float64(types.int64), lambda _context, builder, _sig, args: builder.bitcast(args[0], DOUBLE)
