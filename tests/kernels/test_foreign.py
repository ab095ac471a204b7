"""Series, frames and labelled arrays of other libraries: what comes in goes out, with all that it carries."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import dask
import dask.array as da
import dask.dataframe as dd
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import xarray as xr

import kernels
from kernels.functions import TABLE, Function
from tests.kernels.cases import Array, assert_same, prices
from tests.kernels.test_arguments import refusal

ALL = [variant for row in TABLE for variant in row.variants()]
every = pytest.mark.parametrize("row", ALL, ids=lambda row: row.label)
INDEX = pd.date_range("2026-01-05 09:30", periods=30, freq="min", name="time")
CLOSE = prices(30, 2, 4)
GAPPY = np.where(np.arange(30) % 11 == 7, np.nan, CLOSE)
WHOLE = np.arange(30) ** 2 % 17
HELD = [None if np.isnan(value) else value for value in GAPPY.tolist()]
SOME = [None if place % 11 == 7 else value for place, value in enumerate(WHOLE.tolist())]
FLAGS = [None if place % 11 == 7 else value > 8 for place, value in enumerate(WHOLE.tolist())]


def nan(values: list[Any]) -> Array:
    """The values as floats, None as NaN."""
    return np.array([np.nan if value is None else value for value in values], float)


def of_pandas(values: Any, dtype: Any = None) -> Any:  # noqa: ANN401  as pandas has it
    series = pd.Series(values, index=INDEX, name="close", dtype=dtype)
    series.attrs["unit"] = "EUR"
    return series


def of_arrow(values: Any, kind: Any = None) -> Any:  # noqa: ANN401  likewise
    return pa.chunked_array([pa.array(values[:13], kind), pa.array([], kind), pa.array(values[13:], kind)])


# What comes in, the same as an array, and what the results are of: floats, and signals.
SERIES: dict[str, tuple[Any, Array, Any, Any]] = {
    "pandas float64": (of_pandas(GAPPY), GAPPY, "float64", "int8"),
    "pandas float32": (of_pandas(CLOSE, "float32"), CLOSE.astype("f4"), "float32", "int8"),
    "pandas int64": (of_pandas(WHOLE), WHOLE, "float64", "int8"),
    "pandas bool": (of_pandas(WHOLE > 8), WHOLE > 8, "float64", "int8"),
    "pandas Float64": (of_pandas(HELD, "Float64"), GAPPY, "Float64", "Int8"),
    "pandas Float32": (of_pandas(CLOSE, "Float32"), CLOSE.astype("f4"), "Float32", "Int8"),
    "pandas Int64": (of_pandas(SOME, "Int64"), nan(SOME), "Float64", "Int8"),
    "pandas Int64 beyond floats": (of_pandas(WHOLE + 2**60, "Int64"), WHOLE + 2**60, "Float64", "Int8"),
    "pandas boolean": (of_pandas(FLAGS, "boolean"), nan(FLAGS), "Float64", "Int8"),
    "pandas double of Arrow": (of_pandas(HELD, "double[pyarrow]"), GAPPY, "double[pyarrow]", "int8[pyarrow]"),
    "pandas int64 of Arrow": (
        of_pandas(SOME, "int64[pyarrow]"),
        nan(SOME),
        "double[pyarrow]",
        "int8[pyarrow]",
    ),
    "polars Float64": (pl.Series("close", HELD), GAPPY, pl.Float64, pl.Int8),
    "polars Float32": (pl.Series("close", CLOSE.astype("f4")), CLOSE.astype("f4"), pl.Float32, pl.Int8),
    "polars Int64": (pl.Series("close", SOME), nan(SOME), pl.Float64, pl.Int8),
    "polars Int8": (pl.Series("close", SOME, pl.Int8), nan(SOME), pl.Float64, pl.Int8),
    "polars UInt64": (pl.Series("close", WHOLE + 2**60, pl.UInt64), WHOLE + 2**60, pl.Float64, pl.Int8),
    "polars Boolean": (pl.Series("close", FLAGS), nan(FLAGS), pl.Float64, pl.Int8),
    "polars NaN": (pl.Series("close", GAPPY), GAPPY, pl.Float64, pl.Int8),
    "Arrow double": (pa.array(HELD), GAPPY, pa.float64(), pa.int8()),
    "Arrow float": (pa.array(CLOSE, pa.float32()), CLOSE.astype("f4"), pa.float32(), pa.int8()),
    "Arrow int16": (pa.array(SOME, pa.int16()), nan(SOME), pa.float64(), pa.int8()),
    "Arrow uint64": (pa.array(WHOLE + 2**60, pa.uint64()), WHOLE + 2**60, pa.float64(), pa.int8()),
    "Arrow bool": (pa.array(FLAGS), nan(FLAGS), pa.float64(), pa.int8()),
    "Arrow slice": (pa.array([None, *HELD])[1:], GAPPY, pa.float64(), pa.int8()),
    "Arrow chunks": (of_arrow(HELD, pa.float64()), GAPPY, pa.float64(), pa.int8()),
    "Arrow chunks of bool": (of_arrow(FLAGS, pa.bool_()), nan(FLAGS), pa.float64(), pa.int8()),
}
foreign = pytest.mark.parametrize("name", SERIES)
NULLS = {name for name in SERIES if not name.startswith(("pandas float", "pandas int64", "pandas bool"))}
NULLS |= {"pandas boolean", "pandas int64 of Arrow"}


def values_of(x: Any) -> Array:  # noqa: ANN401  any series
    """The results of a series as an array, with NaN for nulls."""
    if isinstance(x, pa.Array | pa.ChunkedArray):
        return np.asarray(x.to_numpy(zero_copy_only=False) if isinstance(x, pa.Array) else x.to_numpy())
    if isinstance(x, pl.Series):
        return np.asarray(x.to_numpy())
    kind = x.dtype if isinstance(x.dtype, np.dtype) else x.dtype.numpy_dtype
    return np.asarray(x.to_numpy(kind, na_value=np.nan) if kind.kind == "f" else x.to_numpy(kind))


def nulls_of(x: Any) -> int:  # noqa: ANN401  likewise
    if isinstance(x, pd.Series):
        return int(x.isna().sum())
    return int(x.null_count() if isinstance(x, pl.Series) else x.null_count)


def assert_like(row: Function, name: str, got: Any, wanted: Array) -> None:  # noqa: ANN401  likewise
    """Same type, same names, and the bits of the array."""
    given, _, floats, signals = SERIES[name]
    assert isinstance(got, pa.Array if isinstance(given, pa.Array) else type(given))
    assert (got.type if isinstance(given, pa.Array | pa.ChunkedArray) else got.dtype) == (
        signals if row.kernel.result == np.int8 else floats
    )
    assert_same(values_of(got), wanted)
    if name in NULLS:
        assert nulls_of(got) == np.count_nonzero(np.isnan(wanted))
    if isinstance(given, pl.Series):
        assert got.name == "close"
    if isinstance(given, pd.Series):
        pd.testing.assert_index_equal(got.index, given.index)
        assert (got.name, got.attrs) == ("close", {"unit": "EUR"})


@every
@foreign
def test_a_series_gives_one_of_its_kind_with_the_bits_of_the_array(row: Function, name: str) -> None:
    x, values, *_ = SERIES[name]
    for min_count in (1, 3):
        assert_like(
            row, name, row.function(x, 3, min_count=min_count), row.function(values, 3, min_count=min_count)
        )


@every
@foreign
def test_a_stream_of_series_gives_series(row: Function, name: str) -> None:
    x, values, *_ = SERIES[name]
    stream, plain = row.stream(3, min_count=1), row.stream(3, min_count=1)
    if "beyond" in name or "uint64" in name.lower():
        assert "must be within 2**53" in refusal(ValueError, stream.update, x)
        return
    assert_like(row, name, stream.update(x), plain.update(values))
    part = x.iloc[:5] if isinstance(x, pd.Series) else x[:5]
    assert_same(values_of(stream.update(part)), plain.update(values[:5]))


@foreign
def test_rates_and_summaries_take_series(name: str) -> None:
    x, values, *_ = SERIES[name]
    assert kernels.signal_rate(x, 3) == kernels.signal_rate(values, 3)
    assert kernels.summarize(x, 3) == kernels.summarize(values, 3)


def test_what_is_lazy_is_computed_where_a_number_or_a_state_is_asked_for() -> None:
    series = dd.from_pandas(pd.Series(CLOSE), npartitions=2)
    with dask.config.set(scheduler="synchronous"):
        for lazy in (series, da.from_array(CLOSE, 7), xr.DataArray(CLOSE).chunk(7)):
            assert kernels.summarize(lazy, 3) == kernels.summarize(CLOSE, 3)
            assert_same(np.asarray(kernels.RollingMean(3).update(lazy)), kernels.rolling_mean(CLOSE, 3))


@every
def test_a_frame_is_taken_down_its_columns(row: Function) -> None:
    close, whole = row.function(GAPPY, 3, min_count=2), row.function(nan(SOME), 3, min_count=2)
    frame = pd.DataFrame({"close": GAPPY, "volume": CLOSE}, index=INDEX)
    frame.attrs["unit"] = "EUR"
    got = row.function(frame, 3, min_count=2)
    pd.testing.assert_index_equal(got.index, INDEX)
    assert (list(got), got.attrs) == (["close", "volume"], {"unit": "EUR"})
    assert_same(got["close"].to_numpy(), close)
    assert_same(got["volume"].to_numpy(), row.function(CLOSE, 3, min_count=2))
    mixed = pd.DataFrame({"close": GAPPY, "volume": pd.array(SOME, "Int64")}, index=INDEX)
    mixed.columns = pd.MultiIndex.from_tuples([("A", "x"), ("A", "x")], names=["symbol", "field"])
    got = row.function(mixed, 3, min_count=2)
    pd.testing.assert_index_equal(got.columns, mixed.columns)
    assert_same(got.iloc[:, 0].to_numpy(), close)
    assert_same(values_of(got.iloc[:, 1]), whole)
    polars = row.function(pl.DataFrame({"close": HELD, "volume": SOME}), 3, min_count=2)
    assert polars.columns == ["close", "volume"]
    assert_same(values_of(polars["close"]), close)
    assert_same(values_of(polars["volume"]), whole)


@every
def test_tables_of_arrow_keep_names_and_metadata(row: Function) -> None:
    fields = [pa.field("close", pa.float64(), metadata={"unit": "EUR"}), pa.field("close", pa.int64())]
    schema = pa.schema(fields, metadata={"venue": "X", "pandas": "{}"})
    for kind in (pa.Table, pa.RecordBatch):
        x = kind.from_arrays([pa.array(HELD), pa.array(SOME)], schema=schema)
        got = row.function(x, 3, min_count=2)
        assert type(got) is kind
        assert got.schema.names == ["close", "close"]
        assert (got.schema.metadata, got.schema.field(0).metadata) == ({b"venue": b"X"}, {b"unit": b"EUR"})
        assert_same(values_of(got.column(0)), row.function(GAPPY, 3, min_count=2))
        assert_same(values_of(got.column(1)), row.function(nan(SOME), 3, min_count=2))


@every
@pytest.mark.parametrize("chunks", [None, {"time": 7, "symbol": 1}])
def test_a_labelled_array_is_taken_along_its_dimension(row: Function, chunks: dict[str, int] | None) -> None:
    values = np.stack([GAPPY, CLOSE], 1)
    coords = {"time": INDEX, "symbol": ["A", "B"], "venue": ("symbol", ["X", "Y"])}
    x = xr.DataArray(values, coords, ["time", "symbol"], "close", {"unit": "EUR"})
    x.encoding["dtype"] = "int16"
    if chunks:
        x = x.chunk(chunks)
    for dim, axis in (("time", 0), ("symbol", 1)):
        got = row.function(x, 2, min_count=1, dim=dim)
        assert isinstance(got.data, da.Array if chunks else np.ndarray)
        assert (got.dims, got.name, got.attrs, got.encoding) == (x.dims, "close", {"unit": "EUR"}, {})
        xr.testing.assert_equal(got.coords.to_dataset(), x.coords.to_dataset())
        with dask.config.set(scheduler="synchronous"):
            assert_same(got.to_numpy(), row.function(values, 2, min_count=1, axis=axis))
    line = x.isel(symbol=0)
    with dask.config.set(scheduler="synchronous"):
        assert_same(row.function(line, 2).to_numpy(), row.function(GAPPY, 2))
        assert float(kernels.signal_rate(line, 2)) == kernels.signal_rate(GAPPY, 2)
    streamed = row.stream(2).update(xr.DataArray(CLOSE, {"time": INDEX}))
    assert streamed.dims == ("time",)
    assert_same(streamed.to_numpy(), row.function(CLOSE, 2))


@every
def test_columns_of_dask_stay_lazy_and_keep_their_partitions(row: Function) -> None:
    frame = pd.DataFrame({"close": GAPPY, "volume": pd.array(SOME, "Int64")}, index=INDEX)
    lazy = dd.from_pandas(frame, npartitions=7)
    gaps = dd.concat(
        [
            lazy.partitions[0],
            lazy.partitions[1].loc[lambda part: part["close"] < 0],
            *[lazy.partitions[k] for k in range(2, 7)],
        ]
    )
    with dask.config.set(scheduler="synchronous"):
        for window in (1, 3, 12):
            got = row.function(lazy["close"], window, min_count=1)
            assert (got.npartitions, got.divisions) == (7, lazy.divisions)
            pd.testing.assert_series_equal(
                got.compute(), row.function(frame["close"], window, min_count=1), check_freq=False
            )
            wanted = row.function(frame, window, min_count=1)
            pd.testing.assert_frame_equal(
                row.function(lazy, window, min_count=1).compute(), wanted, check_freq=False
            )
            short = row.function(gaps["close"], window, min_count=1).compute()
            assert_same(
                short.to_numpy(), row.function(gaps["close"].compute().to_numpy(), window, min_count=1)
            )


def test_a_column_of_dask_is_not_computed_before_it_is_asked_for() -> None:
    def explode(part: Any) -> Any:  # noqa: ANN401  a part of pandas
        raise AssertionError(part)

    frame = pd.DataFrame({"close": CLOSE}, index=INDEX)
    lazy = dd.from_pandas(frame, npartitions=3)["close"].map_partitions(explode, meta=frame["close"])
    for row in TABLE:
        assert isinstance(row.function(lazy, 3), dd.Series)
    assert not isinstance(kernels.signal_rate(lazy, 3), float)
    with dask.config.set(scheduler="synchronous"):
        rate: Any = kernels.signal_rate(dd.from_pandas(frame, npartitions=3)["close"], 3)
        assert rate.compute() == kernels.signal_rate(CLOSE, 3)


def test_values_without_nulls_are_not_copied() -> None:
    from kernels._arguments import check_values

    table = pa.table({"close": CLOSE})
    for x in (
        pa.array(CLOSE),
        table["close"],
        pl.Series(CLOSE),
        pd.Series(CLOSE),
        pd.Series(table["close"], dtype="double[pyarrow]"),
        pd.Series(CLOSE, dtype="Float64"),
    ):
        one, two = check_values(x), check_values(x)
        assert np.shares_memory(one, two)


def test_a_subclass_of_pandas_stays_one() -> None:
    class Bars(pd.DataFrame):  # type: ignore[misc] # which has no types
        _metadata = ("venue",)

        @property
        def _constructor(self) -> Any:  # noqa: ANN401  pandas' own protocol
            return Bars

    bars = Bars({"close": CLOSE})
    bars.venue = "X"
    got = kernels.rolling_mean(bars, 3)
    assert (type(got), got.venue) == (Bars, "X")


FRAMES: dict[str, Callable[[], Any]] = {
    "pandas.DataFrame": lambda: pd.DataFrame({"close": CLOSE}),
    "pandas.Series": lambda: pd.Series(CLOSE),
    "polars.DataFrame": lambda: pl.DataFrame({"close": CLOSE}),
    "pyarrow.Table": lambda: pa.table({"close": CLOSE}),
    "pyarrow.RecordBatch": lambda: pa.record_batch({"close": CLOSE}),
    "dask.Series": lambda: dd.from_pandas(pd.Series(CLOSE), npartitions=2),
}


@every
@pytest.mark.parametrize("kind", FRAMES)
def test_what_makes_no_sense_beside_a_frame_is_refused(row: Function, kind: str) -> None:
    x = FRAMES[kind]()
    message = f"axis is for arrays, got 1: a {kind} is taken down its columns"
    assert refusal(TypeError, row.function, x, 2, axis=1) == message
    out = np.empty(30)
    assert refusal(TypeError, row.function, x, 2, out=out) == f"out must be None for a {kind}, got ndarray"
    message = "dim is for DataArrays of xarray, got 'time'"
    assert refusal(TypeError, row.function, x, 2, dim="time") == message
    assert refusal(TypeError, row.function, CLOSE, 2, dim="time") == message + ": give axis="
    assert refusal(ValueError, row.function, x, 0) == "window must be between 1 and 2147483647, got 0"


@every
def test_a_labelled_array_is_told_its_dimension_by_name(row: Function) -> None:
    x = xr.DataArray(np.ones((3, 2)), dims=["time", "symbol"])
    for dim in (None, "day"):
        message = f"dim must be one of ('time', 'symbol'), got {dim!r}"
        assert refusal(ValueError, row.function, x, 2, dim=dim) == message
    message = "axis is called dim for a DataArray, got 0: give one of ('time', 'symbol')"
    assert refusal(TypeError, row.function, x, 2, axis=0) == message
    message = "out must be None for a xarray.DataArray, got ndarray"
    assert refusal(TypeError, row.function, x, 2, out=np.ones(3)) == message


@pytest.mark.parametrize(
    "kind", ["pandas.DataFrame", "polars.DataFrame", "pyarrow.Table", "pyarrow.RecordBatch"]
)
def test_a_rate_is_that_of_a_column(kind: str) -> None:
    x = FRAMES[kind]()
    message = f" must be a series or an array, got {kind}: take a column, "
    for call in (kernels.signal_rate, kernels.summarize):
        assert refusal(TypeError, call, x, 2) == f"x{message}x['close']"
    assert refusal(TypeError, kernels.RollingMean(2).update, x) == f"values{message}values['close']"


def test_arrays_and_lists_load_nothing_of_others() -> None:
    code = (
        "import sys, kernels, numpy; kernels.rolling_mean([1.0, 2.0], 1);"
        "kernels.rolling_mean(numpy.ones((2, 2)), 1);"
        "kernels.RollingMean(2).update([1]); kernels.above_mean(numpy.float32([1]), 1);"
        "others = {'dask', 'pandas', 'polars', 'pyarrow', 'xarray', 'kernels._foreign'};"
        "sys.exit(bool(others & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
