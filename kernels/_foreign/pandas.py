"""Series and frames of pandas, of NumPy's types, nullable ones and Arrow's, as the results are then."""

from typing import Any

import numpy as np
import pandas as pd

from kernels._arguments import Array, check_values, exact, refuse_kind
from kernels._foreign import Call

TAKEN = (pd.Series, pd.DataFrame)
NULLABLE = (pd.arrays.FloatingArray, pd.arrays.IntegerArray, pd.arrays.BooleanArray)


def rolled(x: Any, call: Call) -> Any:  # noqa: ANN401  one of those
    """The results as a series or frame of the same index, names, attrs and class."""
    call.check(x)
    if isinstance(x, pd.Series):
        return like(x, call.lines(numbers(x, "x")))
    kinds = set(x.dtypes)
    if len(kinds) == 1 and isinstance(kind := kinds.pop(), np.dtype) and kind.kind in "fiub":
        results = call.lines(x.to_numpy().T).T  # the columns of such a frame lie one after the other
        frame = x._constructor(results, index=x.index, columns=x.columns, copy=False)  # noqa: SLF001  pandas' way to keep a class
    else:
        columns = [x.iloc[:, place] for place in range(x.shape[1])]
        found = [like(each, call.lines(numbers(each, f"x[{each.name!r}]"))) for each in columns]
        frame = x._constructor(dict(enumerate(found)), index=x.index, copy=False)  # noqa: SLF001  likewise
        frame.columns = x.columns
    return frame.__finalize__(x)


def numbers(x: Any, name: str) -> Array:  # noqa: ANN401  a series
    """The values, without a copy where none is missing; NA is NaN."""
    if isinstance(x.dtype, np.dtype):
        return check_values(np.asarray(x.array.to_numpy()), name)  # writeable: the quicker way in
    values = x.array
    if isinstance(values, NULLABLE):
        kind = x.dtype.numpy_dtype
        if not values.isna().any():
            return np.asarray(values.to_numpy(kind))
        return exact(values.to_numpy(kind if kind.kind == "f" else np.float64, na_value=np.nan), x, name)
    if isinstance(x.dtype, pd.ArrowDtype):
        from kernels._foreign import pyarrow

        return pyarrow.numbers(values.__arrow_array__(), name)
    return refuse_kind(str(x.dtype), name)


def like(x: Any, results: Array) -> Any:  # noqa: ANN401  likewise
    """The results of a series."""
    values: Any = results
    if isinstance(x.dtype, np.dtype):
        pass
    elif isinstance(x.dtype, pd.ArrowDtype):
        from kernels._foreign import pyarrow

        values = pd.arrays.ArrowExtensionArray(pyarrow.like(None, results))
    elif isinstance(x.array, NULLABLE):
        kind = pd.arrays.FloatingArray if results.dtype.kind == "f" else pd.arrays.IntegerArray
        values = kind(results, np.isnan(results))
    return x._constructor(values, index=x.index, copy=False).__finalize__(x)  # noqa: SLF001  likewise
