"""Signals of decimals, which are found in whole units: where those end, and what only looks like one."""

import itertools
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels import above_mean
from kernels._loops import decimals, steps, units
from tests import reference
from tests.reference import Array, assert_same, prices


def exact_signals(x: Array, window: int) -> Array:
    """Signals of finite values, by whole numbers of the smallest decimal place among them."""
    printed = [Decimal(repr(value)) for value in x.tolist()]
    places = min(int(value.as_tuple().exponent) for value in printed)
    whole = [int(value.scaleb(-places)) for value in printed]
    sums = list(itertools.accumulate(whole, initial=0))
    rows = range(window - 1, len(x))
    out = np.zeros(len(x), np.int8)
    out[window - 1 :] = [window * whole[i] > sums[i + 1] - sums[i + 1 - window] for i in rows]
    return out


def in_units(x: Array, window: int) -> int:
    """How many rows are decided in units, of those with a window."""
    state = np.empty(decimals.STATE_SIZE, np.int64)
    decimals.start(state)
    row = units.signals(x, window - 1, window, state, np.empty(len(x) - window + 1, np.int8))
    return int(row) - window + 1


@st.composite
def nearly_decimals(draw: st.DrawFn) -> tuple[Array, int]:
    """A walk in units, with a few values that are almost but not quite so many units."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows = draw(st.sampled_from([65, 79, 80, 81, 300, 2100, 5000]))
    step = draw(st.sampled_from([0, 1, 2, 30, 1000, 100_000]))
    level = draw(st.sampled_from([0, 7, 4_600_000, -4_600_000, 2**33, 10**12]))
    unit = 10.0 ** draw(st.integers(0, 8))
    whole = level + np.cumsum(rng.integers(-step, step + 1, rows))
    x = whole / unit
    for _ in range(draw(st.integers(0, 4))):
        at = int(rng.integers(rows))
        off = 2.0 ** -draw(st.integers(1, 30))
        x[at] = draw(
            st.sampled_from(
                [
                    np.nextafter(x[at], np.inf),
                    np.nextafter(x[at], -np.inf),
                    (whole[at] + off) / unit,
                    (whole[at] - off) / unit,
                    (whole[at] + 2**21) / unit,
                    (whole[at] + 2**34) / unit,
                    -0.0,
                    1e-300,
                ]
            )
        )
    return x, min(rows, draw(st.sampled_from([1, 2, 3, 5, 16, 20, 63, 64, 250, 2000])))


@given(nearly_decimals())
@settings(max_examples=1000, deadline=None, derandomize=True)
def test_signals_are_those_of_whole_numbers(case: tuple[Array, int]) -> None:
    x, window = case
    assert_same(above_mean(x, window), exact_signals(x, window))


@pytest.mark.parametrize("places", [0, 2, 4])
@pytest.mark.parametrize("window", [3, 20, 500])
def test_prices_are_decided_in_units_to_the_last_row(places: int, window: int) -> None:
    for rows in (window + 63, window + 64, window + 2500):
        x = prices(rows, places, rows, step=10.0**-places)
        assert in_units(x, window) == rows - window + 1
        assert in_units(-x, window) == rows - window + 1
        assert_same(above_mean(x, window), exact_signals(x, window))


def test_prices_that_walk_far_are_counted_from_where_they_are() -> None:
    x = np.round(46_000 * np.exp(np.linspace(0, 1.5, 60_000)), 2)
    assert in_units(x, 1000) == len(x) - 999
    assert_same(above_mean(x, 1000), exact_signals(x, 1000))


@pytest.mark.parametrize("stranger", [np.nan, np.inf, -np.inf, 1e300, 5e-324, 46_000.123456789])
@pytest.mark.parametrize("row", [0, 20, 85, 2068, 2999])
def test_a_stranger_is_left_to_others(stranger: float, row: int) -> None:
    x = prices(3000, 2, 5, step=1.0)
    x[row] = stranger
    nearly_zero = 0 < stranger < 1
    assert nearly_zero or in_units(x, 20) <= max(0, row - 19)
    for min_count in (1, 20):
        assert_same(above_mean(x, 20, min_count=min_count), reference.above_mean(x, 20, min_count))


def test_an_infinity_is_above_no_mean_that_it_is_part_of() -> None:
    x = np.tile([1.0, np.inf, np.inf, -np.inf, np.nan, 2.0, -np.inf, 3.0, -0.0, 0.0, np.inf, 4.0], 9)
    for window, min_count in ((1, 1), (2, 1), (2, 2), (3, 2)):
        assert_same(above_mean(x, window, min_count=min_count), reference.above_mean(x, window, min_count))


@pytest.mark.parametrize("exponent", [*range(14, 44, 6), *range(44, 52)])
def test_the_largest_values_and_windows_of_units(exponent: int) -> None:
    rng = np.random.default_rng(exponent)
    for window in (2**7 - 1, 2**7, 2**10, 2**14 - 1, 2**14):
        x = (2.0**exponent + np.cumsum(rng.integers(-1, 2, window + 100))).astype(float)
        assert_same(above_mean(x, window), exact_signals(x, window))


def test_what_is_nearly_whole_is_no_tie_for_all_that() -> None:
    x = np.zeros(79)
    x[67] = 0.05
    assert_same(above_mean(x, 3), exact_signals(x, 3))


def test_a_float_beside_a_decimal_is_decided_by_the_usual_pass() -> None:
    x = prices(400, 2, 1)
    x[300] = np.nextafter(x[300], np.inf)
    row, still_open = steps.signals(x, 0, 5, 5, steps.STRETCH, np.empty(400, np.int8))
    assert (row, still_open) == (400, 0)
