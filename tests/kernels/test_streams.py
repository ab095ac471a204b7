"""What a stream takes, refuses and shows; that its results are those of the whole is in the laws."""

import threading
from typing import Any

import numpy as np
import pytest

import kernels
from kernels.functions import TABLE, Function
from tests.kernels.cases import prices
from tests.kernels.test_arguments import refusal

every = pytest.mark.parametrize("row", TABLE, ids=lambda row: row.label)

REFUSED: list[tuple[Any, type[Exception], str]] = [
    ([2**60], ValueError, f"values must be within 2**53 of zero, got {2**60}"),
    ([1, -(2**63)], ValueError, f"values must be within 2**53 of zero, got {-(2**63)}"),
    (np.zeros((2, 2)), ValueError, "values must have one dimension, got 2"),
    (
        np.ma.array([1.0], mask=[True]),
        TypeError,
        "values must not be a masked array, whose mask would be lost: fill it with NaN",
    ),
    ("7", TypeError, "values must be an array, a series or a list of numbers, got str"),
    (1j, TypeError, "values must hold float64, float32, integers or booleans, got complex128"),
]


@every
@pytest.mark.parametrize(("values", "error", "message"), REFUSED)
def test_what_is_refused_is_not_taken_in(
    row: Function, values: object, error: type[Exception], message: str
) -> None:
    stream = row.stream(2)
    stream.update([1.0, 2.0])
    assert refusal(error, stream.update, values) == message
    assert stream.rows == 2
    assert stream.update([4.0]).tobytes() == row.function([1.0, 2.0, 4.0], 2)[2:].tobytes()


@every
@pytest.mark.parametrize("value", [[], [1.0], [1.0, 2.0], np.zeros(3)])
def test_a_peek_is_at_one_number(row: Function, value: object) -> None:
    stream = row.stream(3)
    stream.update([1.0, 2.0])
    assert refusal(TypeError, stream.peek, value) == f"value must be a single number, got {value!r}"
    assert stream.update([4.0]).tobytes() == row.function([1.0, 2.0, 4.0], 3)[2:].tobytes()


@every
def test_a_peek_does_not_call_an_update_of_a_subclass(row: Function) -> None:
    class Counting(row.stream):  # type: ignore[misc,name-defined] # the class is known when it runs
        def update(self, values: object) -> object:
            raise AssertionError(values)

    assert np.isnan(Counting(3).peek(1.0)) or Counting(3).peek(1.0) == 0


@every
def test_float32_that_overflows_is_taken_in_once_and_in_silence(row: Function) -> None:
    x = np.full(4, 3e38, np.float32)
    stream = row.stream(2)
    assert stream.update(x[:2]).dtype == row.function(x, 2).dtype
    assert stream.peek(x[0]) == row.function(x, 2)[2]
    assert stream.rows == 2


@every
def test_a_stream_tells_what_it_is_and_keeps_it(row: Function) -> None:
    stream = row.stream(5, min_count=2)
    stream.update(np.arange(30.0))
    stream.update(1.0)
    assert repr(stream) == f"{row.stream.__name__}(5, min_count=2) after 31 rows"
    assert (stream.window, stream.min_count, stream.rows) == (5, 2, 31)
    for name in ("window", "min_count", "rows"):
        with pytest.raises(AttributeError):
            setattr(stream, name, 3)


@every
def test_a_stream_checks_its_arguments(row: Function) -> None:
    assert refusal(ValueError, row.stream, 0) == "window must be between 1 and 2147483647, got 0"
    assert refusal(ValueError, row.stream, 3, min_count=4) == "min_count must be between 1 and 3, got 4"
    message = "min_periods is called min_count here: give min_count=2"
    assert refusal(TypeError, row.stream, 3, min_periods=2) == message


@every
def test_a_stream_whose_values_change_their_size_is_still_exact(row: Function) -> None:
    rng = np.random.default_rng(3)
    sizes = np.repeat([1e-250, 0.0, 1.0, 1e8, 1e250, 3e-7, 1.0], 20)
    x = np.round(rng.normal(1, 0.2, len(sizes)), 2) * sizes
    x[rng.random(len(x)) < 0.03] = np.inf
    x[rng.random(len(x)) < 0.05] = np.nan
    for window in (1, 7, 25):
        for chunk in (1, 3, 11):
            stream = row.stream(window, min_count=1)
            got = [
                stream.update(part if chunk > 1 else float(part[0]))
                for part in np.split(x, range(chunk, len(x), chunk))
            ]
            assert np.concatenate(got).tobytes() == row.function(x, window, min_count=1).tobytes()


@every
def test_a_stream_in_several_threads_raises_or_is_right(row: Function) -> None:
    x = prices(200_000, 2, 1)
    stream = row.stream(50)
    taken: list[tuple[int, Any]] = []
    refused: list[str] = []
    begun = threading.Barrier(2)

    def work() -> None:
        begun.wait()
        for _ in range(40):
            try:
                taken.append((0, stream.update(x[:190])))
                stream.update(1.5)
                stream.peek(2.5)
            except RuntimeError as error:
                refused.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(refused) <= {"a stream is for one thread at a time, got two: give each one of its own"}
    after = [stream.update(value)[0] for value in x[:60].tolist()]
    np.testing.assert_array_equal(after[50:], row.function(x[:60], 50)[50:])


@every
def test_a_stream_that_is_at_work_refuses_another_thread(row: Function) -> None:
    stream = row.stream(3)
    stream.update([1.0, 2.0])
    message = "a stream is for one thread at a time, got two: give each one of its own"
    with stream._alone():  # noqa: SLF001  as the other thread would
        assert refusal(RuntimeError, stream.update, 1.0) == message
        assert refusal(RuntimeError, stream.update, [1.0]) == message
        assert refusal(RuntimeError, stream.peek, 1.0) == message
        assert refusal(RuntimeError, stream.copy) == message
    assert stream.rows == 2
    assert stream.update(4.0)[0] == row.function([1.0, 2.0, 4.0], 3)[2]


def test_a_refused_value_frees_the_stream() -> None:
    stream = kernels.RollingMean(1)
    refusal(TypeError, stream.update, "x")
    assert stream.update(1.0) == 1.0
