"""Series and frames of dask, lazily: every partition together with the few rows before it."""

from typing import Any

import dask.dataframe as dd
import pandas as pd
from dask.delayed import delayed

from kernels._arguments import Array, check_values, check_window
from kernels._foreign import Call
from kernels._foreign import pandas as in_memory

TAKEN = (dd.Series, dd.DataFrame)


def rolled(x: Any, call: Call) -> Any:  # noqa: ANN401  one of those
    """The results in the same partitions: the rows before go from each to the next, however short."""
    call.check(x)
    if isinstance(x, dd.Index):
        raise TypeError("x must be a series or an array, got dask.Index: make it a series, x.to_series()")
    window, min_count = check_window(call.window, call.min_count)
    checked = call._replace(window=window, min_count=min_count)
    results, before = [], x._meta  # noqa: SLF001  what dask knows of the rows
    meta = _continued(before, before, checked)
    for part in x.to_delayed():
        results.append(delayed(_continued)(before, part, checked))
        before = delayed(_last)(before, part, window - 1)
    return dd.from_delayed(results, meta=meta, divisions=x.divisions, verify_meta=False)


def numbers(x: Any, name: str) -> Array:  # noqa: ANN401  a series
    """The values, computed."""
    return check_values(x.compute(), name)


def like(_x: object, results: Array) -> Array:
    """The results of a series, which no longer is lazy."""
    return results


def share(x: Any, call: Call) -> Any:  # noqa: ANN401  likewise
    """The share of ones among the signals of a series."""
    if not isinstance(x, dd.Series):
        raise TypeError("x must be a series or an array, got dask.DataFrame: take a column, x['close']")
    return rolled(x, call).mean()


def _continued(before: Any, part: Any, call: Call) -> Any:  # noqa: ANN401  series or frames of pandas
    """The results for a partition, given the rows before it."""
    rows = pd.concat([before, part]) if len(before) else part
    return in_memory.rolled(rows, call).iloc[len(before) :]


def _last(before: Any, part: Any, count: int) -> Any:  # noqa: ANN401  likewise
    """The last rows so far."""
    missing = count - len(part)
    if missing > 0 and len(before):
        return pd.concat([before.iloc[-missing:], part])
    return part.iloc[len(part) - min(count, len(part)) :]
