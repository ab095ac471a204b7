"""Where the quick pass over values of a like size begins, ends and gives up: the bits of value by value."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels import (
    AboveMean,
    RollingMean,
    RollingSum,
    above_mean,
    rolling_mean,
    rolling_sum,
    signal_rate,
)
from kernels._loops import steps
from tests import reference
from tests.reference import Array, assert_same, prices

PAIRS = [(rolling_sum, RollingSum), (rolling_mean, RollingMean), (above_mean, AboveMean)]
STRANGERS = [
    np.nan,
    np.inf,
    -np.inf,
    0.0,
    -0.0,
    -46000.0,
    5e-324,
    1e300,
    1.7e308,
    65536.0,
    1e-5,
    91000.37,
    23000.0,
]


def in_steps(stream: type, x: Array, window: int, min_count: int) -> Array:
    """What a stream gives that takes one value at a time, by other arithmetic than the batch."""
    fed = stream(window, min_count=min_count)
    return np.concatenate([fed.update(float(value)) for value in x])


def assert_batch_is_stream(x: Array, window: int, min_count: int) -> None:
    for function, stream in PAIRS:
        expected = in_steps(stream, x, window, min_count)
        assert_same(function(x, window, min_count=min_count), expected)
        if stream is AboveMean:
            assert signal_rate(x, window, min_count=min_count) == expected.mean()


@st.composite
def long_series(draw: st.DrawFn) -> tuple[Array, int, int]:
    """A walk long enough for several passes, with strangers in it."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows = draw(st.sampled_from([1, 7, 8, 9, 15, 256, 257, 2047, 2056, 2057, 2304, 4105, 5000]))
    level = 2.0 ** draw(st.integers(-60, 60)) * draw(st.sampled_from([1.0, 1.499, 1.5, 1.75, 1.999]))
    relative = draw(st.sampled_from([0.0, 1e-6, 1e-3, 2e-2, 0.2]))
    x = level * np.exp(np.cumsum(rng.normal(0, relative, rows)))
    if draw(st.booleans()):
        x = np.round(x / level * 1000, draw(st.integers(0, 4)))
    for _ in range(draw(st.integers(0, 3))):
        x[rng.integers(rows)] = draw(st.sampled_from(STRANGERS))
    if draw(st.integers(0, 3)) == 0:
        x[rng.random(rows) < draw(st.sampled_from([0.001, 0.05, 0.5]))] = np.nan
    window = draw(st.sampled_from([1, 2, 3, 5, 8, 9, 20, 100, 300, 2100]))
    return x, window, draw(st.sampled_from([1, (window + 1) // 2, window]))


@given(long_series())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_batch_is_value_by_value_to_the_bit(case: tuple[Array, int, int]) -> None:
    assert_batch_is_stream(*case)


@st.composite
def whole_numbers(draw: st.DrawFn) -> tuple[Array, int, int]:
    """Whole numbers of either sign and any size, as volumes are, with strangers among them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows = draw(st.sampled_from([1, 8, 9, 300, 2057, 4105]))
    largest = draw(st.sampled_from([0, 1, 3, 1000, 10**9, 2**51 - 1, 2**51, 2**52]))
    lowest = draw(st.sampled_from([-largest, 0, largest // 2]))
    x = rng.integers(lowest, largest, rows, endpoint=True) * draw(st.sampled_from([1.0, -1.0]))
    for _ in range(draw(st.integers(0, 3))):
        x[rng.integers(rows)] = draw(
            st.sampled_from([*STRANGERS, 0.5, -0.25, 2.0**51, -(2.0**51), 2.0**51 - 0.5, 2.0**53 + 2])
        )
    window = draw(st.sampled_from([1, 2, 3, 5, 8, 20, 100, 2100]))
    return x, window, draw(st.sampled_from([1, window]))


@given(whole_numbers())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_whole_numbers_are_as_exact(case: tuple[Array, int, int]) -> None:
    x, window, min_count = case
    assert_batch_is_stream(x, window, min_count)
    zero = rolling_mean(x, window, min_count=min_count) == 0
    assert not np.signbit(rolling_mean(x, window, min_count=min_count)[zero]).any()


def test_whole_numbers_are_in_steps_to_the_end() -> None:
    x = np.random.default_rng(0).lognormal(10, 2, 5003).round() * np.tile([1, -1], 2502)[:5003]
    out = np.empty(len(x))
    for window in (2, 20, 1000):
        assert steps.statistics(x, 0, window, window, 1, steps.STRETCH, out) == len(x)


@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("row", [0, 19, 20, 2067, 2068, 2075, 2999])
def test_a_stranger_anywhere_spoils_nothing(stranger: float, row: int) -> None:
    x = prices(3000, 2, 21, step=1.0)
    x[row] = stranger
    assert_batch_is_stream(x, 20, 20)
    assert_batch_is_stream(x, 20, 3)


@pytest.mark.parametrize("level", [1.0, 2.0**-30, 65536.0])
def test_prices_that_cross_a_power_of_two_are_as_exact(level: float) -> None:
    rng = np.random.default_rng(3)
    x = level * (1 + np.cumsum(rng.normal(0, 1e-4, 6000)))
    x[rng.integers(0, 6000, 200)] = level
    for window in (2, 7, 500):
        assert_batch_is_stream(x, window, window)


@pytest.mark.parametrize("places", range(7))
def test_long_stretches_of_ties_are_no_signals(places: int) -> None:
    rng = np.random.default_rng(places)
    x = np.repeat(46000 + rng.integers(0, 9, 40) / 10**places, 70)
    x[1500:1510] += 10.0**-places
    for window in (2, 5, 20, 64):
        assert_same(above_mean(x, window), reference.above_mean(x, window))


def test_ties_of_finer_values_later_on_are_found() -> None:
    x = np.full(9000, 100.5)
    x[3000:] = 100.25
    x[6000:] = 100.125
    x[7000:] = 0.1 + 0.2 + 100
    x[8000] = np.nextafter(x[8000], 1000)
    for window in (3, 50):
        assert_same(above_mean(x, window), reference.above_mean(x, window))


@pytest.mark.parametrize("columns", [8, 13, 40])
@pytest.mark.parametrize("volatility", [1e-4, 0.03, 0.3])
def test_columns_are_their_lines(columns: int, volatility: float) -> None:
    rng = np.random.default_rng(columns)
    table = 2.0 ** rng.uniform(-20, 20, columns) * np.exp(
        np.cumsum(rng.normal(0, volatility, (700, columns)), 0)
    )
    table[300, columns // 2] = np.nan
    table[:, 3] *= -1
    for function in (rolling_sum, rolling_mean):
        for window, min_count in ((1, 1), (5, 5), (20, 3), (650, 650)):
            expected = np.stack(
                [function(table[:, k].copy(), window, min_count=min_count) for k in range(columns)], 1
            )
            for threads in (1, 2):
                assert_same(function(table, window, min_count=min_count, axis=0, threads=threads), expected)
    stacked = np.stack([table, 3 * table])
    assert_same(rolling_mean(stacked, 5, axis=1), np.stack([rolling_mean(t, 5, axis=0) for t in stacked]))


@pytest.mark.parametrize("window", [5, 20])
def test_values_that_seldom_fit_are_not_tried_row_by_row(
    window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = {"statistics": 0, "signals": 0}
    for name in tried:
        quick = getattr(steps, name)

        def counting(*args: object, name: str = name, quick: Callable[..., object] = quick) -> object:
            tried[name] += 1
            return quick(*args)

        monkeypatch.setattr(steps, name, counting)
    x = np.cumsum(np.random.default_rng(0).normal(0, 1, 200_000))
    rolling_mean(x, window)
    above_mean(x, window)
    assert max(tried.values()) < 100


def test_open_rows_of_tiny_and_of_missing_values_are_ties_only_where_they_are() -> None:
    rng = np.random.default_rng(5)
    x = np.round(rng.integers(-3, 4, 6000) / 10, 1)
    x[rng.random(6000) < 0.1] = np.nan
    x[3000:3050] = 5e-324
    x[5000] = 1e300
    for window, min_count in ((2, 1), (5, 2), (30, 7)):
        assert_same(above_mean(x, window, min_count=min_count), reference.above_mean(x, window, min_count))
