"""Exact rolling sums, means, variances, extrema and signals: arrays in, arrays out."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from kernels._backend.compiled import backend

if TYPE_CHECKING:
    from kernels.rolling import rolling_max, rolling_mean, rolling_min, rolling_std, rolling_sum, rolling_var
    from kernels.signals import above_mean, signal_rate
    from kernels.streams import (
        AboveMean,
        RollingMax,
        RollingMean,
        RollingMin,
        RollingStd,
        RollingSum,
        RollingVar,
    )
    from kernels.summary import Summary, merge, summarize

__version__ = "0.1.0"

__all__ = [
    "AboveMean",
    "RollingMax",
    "RollingMean",
    "RollingMin",
    "RollingStd",
    "RollingSum",
    "RollingVar",
    "Summary",
    "__version__",
    "above_mean",
    "backend",
    "merge",
    "rolling_max",
    "rolling_mean",
    "rolling_min",
    "rolling_std",
    "rolling_sum",
    "rolling_var",
    "signal_rate",
    "summarize",
]


_HOMES = ("summary", "signals", "rolling", "streams")  # the least first


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Import what is used when it is used: all at once would cost a short program a tenth of its time."""
    if name in __all__:
        for home in _HOMES:
            module = import_module(f"kernels.{home}")
            if hasattr(module, name):
                return globals().setdefault(name, getattr(module, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the names that there are."""
    return sorted({*globals(), *__all__})
