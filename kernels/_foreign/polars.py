"""Series and frames of polars, whose nulls are missing values, and whose missing results are nulls."""

from typing import Any

import polars as pl

from kernels._arguments import Array, exact, refuse_kind
from kernels._foreign import Call

TAKEN = (pl.Series, pl.DataFrame)


def rolled(x: Any, call: Call) -> Any:  # noqa: ANN401  one of those
    """The results as a series or frame of the same names."""
    call.check(x)
    if isinstance(x, pl.Series):
        return like(x, call.lines(numbers(x, "x")))
    return x.with_columns(
        [like(column, call.lines(numbers(column, f"x[{column.name!r}]"))) for column in x.get_columns()]
    )


def numbers(x: pl.Series, name: str) -> Array:
    """The values, without a copy where there are no nulls."""
    is_known = x.dtype.is_float() or x.dtype.is_integer() or x.dtype == pl.Boolean
    if not is_known or str(x.dtype).endswith("Int128"):
        refuse_kind(str(x.dtype), name)
    # Left alone, short integers with nulls would be float32.
    values = x.cast(pl.Float64) if x.null_count() and not x.dtype.is_float() else x
    return exact(values.to_numpy(), x, name)


def like(x: pl.Series, results: Array) -> pl.Series:
    """The results of a series, missing ones as nulls: polars takes NaN for greater than any number."""
    return pl.Series(x.name, results, nan_to_null=True)
