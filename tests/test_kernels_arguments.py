"""Every refusal of the public functions, with its whole sentence."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kernels import above_mean, rolling_mean, rolling_sum, signal_rate, summarize

ARRAYS: list[Callable[..., Any]] = [rolling_sum, rolling_mean, above_mean]
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
@pytest.mark.parametrize("kind", ["complex128", "object", "U3", "M8[s]", "float16"])
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


@pytest.mark.parametrize("function", ARRAYS)
def test_out_may_have_any_layout(function: Callable[..., Any]) -> None:
    expected = function(X, 3)
    for out in (np.empty(24, expected.dtype)[::2], np.empty(12, expected.dtype)[::-1]):
        assert function(X, 3, out=out) is out
        np.testing.assert_array_equal(out, expected)


def test_sentences_are_whole() -> None:
    assert re.fullmatch(r"[a-z_]+ must .*, got .*", refusal(ValueError, rolling_mean, X, 0))
