"""The one table of the functions, which tests, benchmarks and the README walk.

A function is a file and a row: its kernel (a subclass of `kernels._kernel.Kernel`, which is all that the
wrapper, streams, summaries and dask know of it), a public function that is a docstring and one call of the
wrapper, a stream that is a docstring, and a row here.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import kernels
from kernels._above import ABOVE_MEAN
from kernels._kernel import Kernel
from kernels._sums import MEAN, SUM


@dataclass(frozen=True)
class Function:
    """A row: what holds of a function beyond its code.

    Attributes
    ----------
    function, kernel, stream
        What users call, what it calls, and its stream.
    definition
        The result for the present and finite values of a window, in exact arithmetic: values and options in,
        a `Fraction` or a boolean out. The newest value is the last.
    infinite
        The same where values are infinite, as floats.
    within
        How many ulp of the mean magnitude a result may be from the definition, rounded once; 0 is exact.
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
    series: int = 1
    options: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    peers: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What users import."""
        return self.kernel.name

    def variants(self) -> "Iterator[Function]":
        """The row with each combination of its options bound, the defaults first."""
        for values in itertools.product(*self.options.values()):
            chosen = dict(zip(self.options, values, strict=True))
            yield replace(
                self,
                function=partial(self.function, **chosen),
                stream=partial(self.stream, **chosen),
                definition=partial(self.definition, **chosen),
            )


TABLE = (
    Function(
        kernels.rolling_sum,
        SUM,
        kernels.RollingSum,
        definition=sum,
        infinite=sum,
        peers={
            "bottleneck": "move_sum",
            "numbagg": "move_sum",
            "pandas": "sum",
            "polars": "rolling_sum",
        },
    ),
    Function(
        kernels.rolling_mean,
        MEAN,
        kernels.RollingMean,
        definition=lambda values: sum(values) / len(values),
        infinite=sum,
        within=2,
        peers={
            "bottleneck": "move_mean",
            "numbagg": "move_mean",
            "pandas": "mean",
            "polars": "rolling_mean",
        },
    ),
    Function(
        kernels.above_mean,
        ABOVE_MEAN,
        kernels.AboveMean,
        definition=lambda values: len(values) * values[-1] > sum(values),
        infinite=lambda values: values[-1] > sum(values),
    ),
)
