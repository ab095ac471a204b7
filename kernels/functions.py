"""The one table of the functions, which tests, benchmarks and the README walk.

A function is a file and a row: its kernel (a subclass of `kernels._kernel.Kernel`, which is all that the
wrapper, streams, summaries and dask know of it), a public function that is a docstring and one call of the
wrapper, a stream that is a docstring, and a row here.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from typing import Any

import kernels
from kernels._above import ABOVE_MEAN
from kernels._extrema import MAXIMUM, MINIMUM
from kernels._kernel import Kernel
from kernels._sums import MEAN, SUM
from kernels._variances import Variance

ROOT_PLACES = 240


@dataclass(frozen=True)
class Function:
    """A row: what holds of a function beyond its code.

    Attributes
    ----------
    function, kernel, stream
        What users call, what it calls, and its stream.
    definition
        The result for the present and finite values of a window, in exact arithmetic: values and options in,
        a `Fraction` or a boolean out, or None for NaN. The newest value is the last.
    infinite
        The same where values are infinite, as floats.
    within
        How many ulp of the mean magnitude a result may be from the definition, rounded once; 0 is exact.
    is_relative
        Whether they are ulp of the result itself.
    series
        How many series it is about.
    options
        Its further options by name, each with the values that tests try, the default first.
    peers
        What the peers call it.
    """

    function: Callable[..., Any]
    kernel: Kernel
    stream: Any
    definition: Callable[..., Any]
    infinite: Callable[..., Any]
    within: float = 0
    is_relative: bool = False
    series: int = 1
    options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    peers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What users import."""
        return self.kernel.name

    @property
    def label(self) -> str:
        """The name, and the first values of options, as a test is called."""
        return "-".join([self.name, *(f"{option}={values[0]}" for option, values in self.options.items())])

    def variants(self) -> "Iterator[Function]":
        """The row with each combination of its options bound, the defaults first."""
        for values in itertools.product(*self.options.values()):
            chosen = dict(zip(self.options, values, strict=True))
            yield replace(
                self,
                function=partial(self.function, **chosen),
                stream=partial(self.stream, **chosen),
                definition=partial(self.definition, **chosen),
                options={name: (value,) for name, value in chosen.items()},
            )


def variance(values: list[Fraction], ddof: int = 1) -> Fraction | None:
    """The sum of squared differences from the mean, over the count less ddof."""
    count = len(values)
    if count <= ddof:
        return None
    unit = math.lcm(*(value.denominator for value in values))
    wholes = [value.numerator * (unit // value.denominator) for value in values]
    squares = count * sum(whole * whole for whole in wholes) - sum(wholes) ** 2
    return Fraction(squares, count * (count - ddof) * unit * unit)


def deviation(values: list[Fraction], ddof: int = 1) -> Fraction | None:
    """The root of the variance, to twice the places that a float has."""
    square = variance(values, ddof)
    if not square:
        return square
    places = max(0, ROOT_PLACES + square.denominator.bit_length() - square.numerator.bit_length()) // 2
    return Fraction(math.isqrt((square.numerator << 2 * places) // square.denominator), 1 << places)


def _infinite_sum(values: list[float]) -> float:
    """The sum of values some of which are infinite; finite ones have no part in it, and may overflow."""
    return sum(filter(math.isinf, values))


def named(name: str, *those: str) -> dict[str, str]:
    """What the peers, or those of them, call a function that pandas calls so."""
    every = {
        "bottleneck": f"move_{name}",
        "numbagg": f"move_{name}",
        "pandas": name,
        "polars": f"rolling_{name}",
    }
    return {peer: every[peer] for peer in those or every}


TABLE = (
    Function(
        kernels.rolling_sum,
        SUM,
        kernels.RollingSum,
        definition=sum,
        infinite=_infinite_sum,
        peers=named("sum"),
    ),
    Function(
        kernels.rolling_mean,
        MEAN,
        kernels.RollingMean,
        definition=lambda values: sum(values) / len(values),
        infinite=_infinite_sum,
        within=2,
        peers=named("mean"),
    ),
    Function(
        kernels.rolling_var,
        Variance("rolling_var", 1, rooted=False),
        kernels.RollingVar,
        definition=variance,
        infinite=lambda _values: math.nan,
        within=4,
        is_relative=True,
        options={"ddof": (1, 0)},
        peers=named("var"),
    ),
    Function(
        kernels.rolling_std,
        Variance("rolling_std", 1, rooted=True),
        kernels.RollingStd,
        definition=deviation,
        infinite=lambda _values: math.nan,
        within=4,
        is_relative=True,
        options={"ddof": (1, 0)},
        peers=named("std"),
    ),
    Function(
        kernels.rolling_min,
        MINIMUM,
        kernels.RollingMin,
        definition=min,
        infinite=min,
        peers=named("min", "bottleneck", "pandas", "polars"),
    ),
    Function(
        kernels.rolling_max,
        MAXIMUM,
        kernels.RollingMax,
        definition=max,
        infinite=max,
        peers=named("max", "bottleneck", "pandas", "polars"),
    ),
    Function(
        kernels.above_mean,
        ABOVE_MEAN,
        kernels.AboveMean,
        definition=lambda values: len(values) * values[-1] > sum(values),
        infinite=lambda values: values[-1] > _infinite_sum(values),
    ),
)
