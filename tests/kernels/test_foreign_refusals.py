"""What is no number in the series and frames of other libraries: refused by its type, as they call it now."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import dask.dataframe as dd
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import xarray as xr

from kernels.functions import Function
from tests.kernels.test_arguments import refusal
from tests.kernels.test_foreign import CLOSE, INDEX, every

HOLD = " must hold float64, float32, integers or booleans, got "
NULLS_TOLD = "x must not hold nulls among integers of 2**53 or more, got {}: fill or drop the nulls"
REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "text of pandas": (lambda: pd.Series(["a"]), TypeError, f"x{HOLD}str"),
    "objects of pandas": (
        lambda: pd.Series([Decimal(1)]),
        TypeError,
        f"x{HOLD}object: convert Decimals and None to floats and NaN",
    ),
    "dates of pandas": (lambda: pd.Series(INDEX), TypeError, f"x{HOLD}datetime64[us]"),
    "dates with zone": (
        lambda: pd.Series(INDEX.tz_localize("UTC")),
        TypeError,
        f"x{HOLD}datetime64[us, UTC]",
    ),
    "categories": (lambda: pd.Series([1], dtype="category"), TypeError, f"x{HOLD}category"),
    "sparse": (lambda: pd.Series([1.0], dtype="Sparse"), TypeError, f"x{HOLD}Sparse[float64, nan]"),
    "text of Arrow in pandas": (
        lambda: pd.Series(["a"], dtype=pd.ArrowDtype(pa.string())),
        TypeError,
        f"x{HOLD}string",
    ),
    "a column of objects": (
        lambda: pd.DataFrame({"a": [1.0], "b": [Decimal(1)]}),
        TypeError,
        f"x['b']{HOLD}object: convert Decimals and None to floats and NaN",
    ),
    "columns of dates": (
        lambda: pd.DataFrame({"a": INDEX, "b": INDEX}),
        TypeError,
        f"x['a']{HOLD}datetime64[us]",
    ),
    "a column of text": (lambda: pd.DataFrame({"a": [1.0], "b": ["x"]}), TypeError, f"x['b']{HOLD}str"),
    "nulls of Int64": (
        lambda: pd.Series([2**60, None], dtype="Int64"),
        ValueError,
        NULLS_TOLD.format("Int64"),
    ),
    "nulls of int64[pyarrow]": (
        lambda: pd.Series([2**60, None], dtype="int64[pyarrow]"),
        ValueError,
        NULLS_TOLD.format("int64"),
    ),
    "text of polars": (lambda: pl.Series(["a"]), TypeError, f"x{HOLD}String"),
    "dates of polars": (
        lambda: pl.Series(INDEX),
        TypeError,
        f"x{HOLD}Datetime(time_unit='us', time_zone=None)",
    ),
    "decimals of polars": (
        lambda: pl.Series([Decimal("1.5")]),
        TypeError,
        f"x{HOLD}Decimal(precision=38, scale=1)",
    ),
    "a column of polars": (lambda: pl.DataFrame({"b": ["x"]}), TypeError, f"x['b']{HOLD}String"),
    "text of Arrow": (lambda: pa.array(["a"]), TypeError, f"x{HOLD}string"),
    "a dictionary of Arrow": (
        lambda: pa.array([1]).dictionary_encode(),
        TypeError,
        f"x{HOLD}dictionary<values=int64, indices=int32, ordered=0>",
    ),
    "nothing of Arrow": (lambda: pa.array([None]), TypeError, f"x{HOLD}null"),
    "a column of Arrow": (lambda: pa.table({"b": ["x"]}), TypeError, f"x['b']{HOLD}string"),
    "wide integers of polars": (lambda: pl.Series([1], dtype=pl.Int128), TypeError, f"x{HOLD}Int128"),
    "a frame of text of dask": (
        lambda: dd.from_pandas(pd.DataFrame({"b": ["x"]}), npartitions=1),
        TypeError,
        f"x['b']{HOLD}string",
    ),
    "an index of dask": (
        lambda: dd.from_pandas(pd.Series(CLOSE), npartitions=1).index,
        TypeError,
        "x must be a series or an array, got dask.Index: make it a series, x.to_series()",
    ),
    "a dataset": (
        lambda: xr.Dataset({"close": ("time", CLOSE)}),
        TypeError,
        "x must be a series or an array, got xarray.Dataset: take a column, x['close']",
    ),
    "dates of xarray": (lambda: xr.DataArray(INDEX.to_numpy()), TypeError, f"x{HOLD}datetime64[us]"),
}


@every
@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_number_is_refused_with_its_type(row: Function, name: str) -> None:
    make, error, message = REFUSED[name]
    assert refusal(error, row.function, make(), 1) == message
