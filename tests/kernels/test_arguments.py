"""Every refusal of the public functions, with its whole sentence."""

import array
import inspect
import re
import sys
from collections.abc import Callable
from decimal import Decimal
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from kernels import rolling_mean, signal_rate, summarize
from kernels.functions import TABLE

ARRAYS = [row.function for row in TABLE]
ALL = [*ARRAYS, signal_rate, summarize]
X = np.arange(12.0)
PLANE = X.reshape(3, 4)


def refusal(error: type[Exception], function: Callable[..., Any], *args: Any, **options: Any) -> str:  # noqa: ANN401  any argument is tried
    with pytest.raises(error) as caught:
        function(*args, **options)
    return str(caught.value)


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize("window", [2.0, "3", None, True, np.array([2, 3]), np.bool_(True)])  # noqa: FBT003
def test_a_window_is_an_integer(function: Callable[..., Any], window: object) -> None:
    assert refusal(TypeError, function, X, window) == f"window must be an integer, got {window!r}"


@pytest.mark.parametrize("function", ALL)
def test_numpy_integers_are_integers(function: Callable[..., Any]) -> None:
    for integer in (np.int8(3), np.uint64(3), np.array(3)):
        np.testing.assert_equal(
            np.asarray(function(X, integer, min_count=integer)), np.asarray(function(X, 3, min_count=3))
        )


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize("window", [0, -1, 2**31])
def test_a_window_has_a_range(function: Callable[..., Any], window: int) -> None:
    expected = f"window must be between 1 and 2147483647, got {window}"
    assert refusal(ValueError, function, X, window) == expected


@pytest.mark.parametrize("function", ALL)
def test_min_count_is_an_integer_up_to_the_window(function: Callable[..., Any]) -> None:
    for wrong in (0, 6):
        expected = f"min_count must be between 1 and 5, got {wrong}"
        assert refusal(ValueError, function, X, 5, min_count=wrong) == expected
    assert refusal(TypeError, function, X, 5, min_count=1.0) == "min_count must be an integer, got 1.0"


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize("kind", ["complex128", "U3", "M8[s]", "longdouble"])
def test_values_are_numbers_that_stand_in_order(function: Callable[..., Any], kind: str) -> None:
    x = np.zeros(3, dtype=kind)
    expected = f"x must hold float64, float32, integers or booleans, got {x.dtype}"
    assert refusal(TypeError, function, x, 2) == expected


@pytest.mark.parametrize("function", ALL)
def test_a_single_number_is_no_series(function: Callable[..., Any]) -> None:
    assert refusal(ValueError, function, 3.0, 2) == "x must have at least one dimension, got none"


@pytest.mark.parametrize("function", [signal_rate, summarize])
def test_a_rate_is_that_of_one_series(function: Callable[..., Any]) -> None:
    assert refusal(ValueError, function, PLANE, 2) == "x must have one dimension, got 2"


@pytest.mark.parametrize("function", ARRAYS)
def test_an_axis_is_one_of_the_array(function: Callable[..., Any]) -> None:
    for wrong in (2, -3):
        expected = f"axis must be between -2 and 1, got {wrong}"
        assert refusal(ValueError, function, PLANE, 2, axis=wrong) == expected
    assert refusal(TypeError, function, PLANE, 2, axis=0.0) == "axis must be an integer, got 0.0"
    assert refusal(TypeError, function, X, 2, axis=None) == "axis must be an integer, got None"
    assert refusal(TypeError, function, X, 2, axis=-1.0) == "axis must be an integer, got -1.0"


@pytest.mark.parametrize("function", ARRAYS)
def test_out_has_the_shape_and_type_of_the_result(function: Callable[..., Any]) -> None:
    kind = function(X, 2).dtype
    expected = "out must have the shape (12,), got (3, 4)"
    assert refusal(ValueError, function, X, 2, out=np.empty((3, 4), kind)) == expected
    expected = f"out must hold {kind}, got uint16"
    assert refusal(TypeError, function, X, 2, out=np.empty(12, np.uint16)) == expected
    assert refusal(TypeError, function, X, 2, out=[0.0]) == "out must be an array, got [0.0]"
    frozen = np.empty(12, kind)
    frozen.flags.writeable = False
    expected = "out must be writeable, got a read-only array"
    assert refusal(ValueError, function, X, 2, out=frozen) == expected


@pytest.mark.parametrize("rows", [0, 4, 300_000])
def test_a_rate_is_a_plain_float(rows: int) -> None:
    assert type(signal_rate(np.zeros(rows), 2)) is float
    assert type(signal_rate([0.0] * min(rows, 4), 2)) is float


@pytest.mark.parametrize("function", [*ARRAYS, signal_rate])
def test_threads_are_a_positive_number(function: Callable[..., Any]) -> None:
    expected = "threads must be between 1 and 1024, got 0"
    assert refusal(ValueError, function, X, 2, threads=0) == expected
    for wrong in (1.5, 1.0, True, np.True_):
        expected = f"threads must be an integer, got {wrong!r}"
        assert refusal(TypeError, function, X, 2, threads=wrong) == expected


def test_sentences_are_whole() -> None:
    assert re.fullmatch(r"[a-z_]+ must .*, got .*", refusal(ValueError, rolling_mean, X, 0))


TAKEN = "x must be an array, a series or a list of numbers, got "
HOLD = "x must hold float64, float32, integers or booleans, got "
OBJECTS = HOLD + "object: convert Decimals and None to floats and NaN"
MASKED = "x must not be a masked array, whose mask would be lost: fill it with NaN"
MATRIX = "x must not be a matrix, whose rows are matrices: make it an array, x.A"
NULLS = "x must not hold nulls among integers of 2**53 or more, got {}: fill or drop the nulls"
NO_SERIES: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    "None": (lambda: None, TypeError, TAKEN + "NoneType"),
    "text": (lambda: "12", TypeError, TAKEN + "str"),
    "bytes": (lambda: b"12", TypeError, TAKEN + "bytes"),
    "dict": (lambda: {1.0: 2.0}, TypeError, TAKEN + "dict"),
    "set": (lambda: {1.0}, TypeError, TAKEN + "set"),
    "generator": (lambda: (v for v in [1.0]), TypeError, TAKEN + "generator"),
    "lazy frame": (lambda: pl.LazyFrame({"close": [1.0]}), TypeError, TAKEN + "polars.LazyFrame"),
    "None in a list": (lambda: [1.0, None], TypeError, OBJECTS),
    "Decimal": (lambda: [Decimal("0.1")], TypeError, OBJECTS),
    "float16": (
        lambda: np.zeros(3, np.float16),
        TypeError,
        HOLD + "float16: convert it to float32, x.astype('f4')",
    ),
    "masked array": (lambda: np.ma.array([1.0, 2.0], mask=[True, False]), TypeError, MASKED),
    "matrix": (lambda: np.ones((2, 3)).view(np.matrix), TypeError, MATRIX),
    "nulls of Arrow": (lambda: pa.array([2**60, None]), ValueError, NULLS.format("int64")),
    "nulls of a chunked array": (
        lambda: pa.chunked_array([[2**60, None]]),
        ValueError,
        NULLS.format("int64"),
    ),
    "nulls of polars": (lambda: pl.Series([2**60, None]), ValueError, NULLS.format("Int64")),
}


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize("kind", NO_SERIES)
def test_what_is_no_series_is_refused(function: Callable[..., Any], kind: str) -> None:
    make, error, message = NO_SERIES[kind]
    assert refusal(error, function, make(), 2) == message


def test_lists_of_different_lengths_are_refused() -> None:
    told = refusal(ValueError, rolling_mean, [[1.0], [1.0, 2.0]], 2)
    assert told.startswith("x must be an array, a series or a list of numbers, got list: ")


@pytest.mark.parametrize("function", ARRAYS)
def test_series_of_others_are_taken(function: Callable[..., Any]) -> None:
    values = [1.5, 2.5, 2.0, 4.0]
    wanted = function(values, 2)
    others = [
        tuple(values),
        memoryview(array.array("d", values)),
    ]
    for series in others:
        np.testing.assert_array_equal(function(series, 2), wanted)


@pytest.mark.parametrize("function", ARRAYS)
def test_out_is_a_plain_array(function: Callable[..., Any]) -> None:
    kind = function(PLANE, 2).dtype
    for axis in (0, 1):
        matrix = np.zeros((3, 4), kind).view(np.matrix)
        expected = "out must not be a matrix, whose rows are matrices: make it an array, out.A"
        assert refusal(TypeError, function, PLANE, 2, axis=axis, out=matrix) == expected
        masked = np.ma.zeros((3, 4), kind)
        expected = "out must not be a masked array, whose mask would be lost: fill it with NaN"
        assert refusal(TypeError, function, PLANE, 2, axis=axis, out=masked) == expected


@pytest.mark.parametrize("function", [*ARRAYS, signal_rate])
def test_the_name_that_pandas_has_for_it_gets_a_hint(function: Callable[..., Any]) -> None:
    told = refusal(TypeError, function, X, 5, min_periods=1)
    assert told == "min_periods is called min_count here: give min_count=1"


@pytest.mark.parametrize("function", [*ARRAYS, signal_rate])
def test_help_shows_short_types_and_no_more_than_can_be_given(function: Callable[..., Any]) -> None:
    shown = str(inspect.signature(function))
    assert "min_count: 'SupportsIndex | None' = None" in shown
    assert "min_periods" not in shown
    assert "numpy" not in shown


def test_masked_arrays_that_another_thread_is_just_importing_are_none_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "numpy.ma", ModuleType("numpy.ma"))
    assert rolling_mean([1, 2, 4], 2).tolist()[1:] == [1.5, 3.0]
