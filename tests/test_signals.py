"""Laws of the signals."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kernels import above_mean, rolling_mean, signal_rate
from tests import reference
from tests.reference import Array, assert_same, catalogue, prices

NASTY = catalogue()
WINDOWS = [1, 2, 3, 5, 9, 10, 20, 64, 250]

many = settings(max_examples=1000, deadline=None, derandomize=True)


@st.composite
def series(draw: st.DrawFn) -> Array:
    places = draw(st.integers(0, 8))
    elements = draw(
        st.sampled_from(
            [
                st.integers(-(10**6), 10**6).map(lambda n: n / 10**places),
                st.integers(0, 4).map(lambda n: n / 10**places),
                st.floats(width=64),
                st.sampled_from([0.1 + 0.2, 0.3, 0.1, 0.2, 1 / 3, 1e17, 5e-324, -0.0, math.nan]),
                st.integers(-(2**53), 2**53).map(float),
            ]
        )
    )
    return draw(arrays(np.float64, st.integers(0, 50), elements=elements))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Array, int, int]:
    window = draw(st.integers(1, 15))
    return draw(series()), window, draw(st.integers(1, window))


@given(cases())
@many
def test_any_series_has_exact_signals(case: tuple[Array, int, int]) -> None:
    x, window, min_count = case
    assert_same(above_mean(x, window, min_count=min_count), reference.above_mean(x, window, min_count))


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("window", WINDOWS)
def test_signals_are_exact_between_decimals(name: str, window: int) -> None:
    x = NASTY[name]
    for min_count in (window, 1, (window + 1) // 2):
        assert_same(above_mean(x, window, min_count=min_count), reference.above_mean(x, window, min_count))


@pytest.mark.parametrize("places", range(9))
def test_prices_of_any_decimals_compare_as_written(places: int) -> None:
    x = prices(3000, places, places, step=10.0 ** (1 - places))
    for window in (2, 5, 12):
        assert_same(above_mean(x, window), reference.above_mean(x, window))


@pytest.mark.parametrize("window", [3, 5, 8, 20, 100])
def test_a_tie_by_construction_is_no_signal(window: int) -> None:
    rng = np.random.default_rng(window)
    cents = rng.integers(10**6, 10**7, 2000)
    for end in range(window - 1, 2000, window):
        others = cents[end - window + 1 : end]
        others[0] += -others.sum() % (window - 1)
        cents[end] = others.sum() // (window - 1)
    x = cents / 100
    got = above_mean(x, window)
    assert not got[window - 1 :: window].any()
    assert_same(got, reference.above_mean(x, window))
    drifting = x > np.convolve(x, np.full(window, 1 / window))[:2000]
    assert drifting[window - 1 :: window].any()


@pytest.mark.parametrize("name", NASTY)
def test_threads_and_layouts_change_nothing(name: str) -> None:
    x = np.resize(NASTY[name], 33_000) if len(NASTY[name]) else NASTY[name]
    for window in (1, 3, 100):
        expected = above_mean(x, window, min_count=min(2, window))
        rate = signal_rate(x, window, min_count=min(2, window))
        assert rate == expected.mean() if len(x) else math.isnan(rate)
        for threads in (2, 3):
            assert_same(above_mean(x, window, min_count=min(2, window), threads=threads), expected)
            again = signal_rate(x, window, min_count=min(2, window), threads=threads)
            assert again == rate or math.isnan(rate)
        for layout in [np.repeat(x, 2)[::2], x[::-1].copy()[::-1], x.astype(">f8"), x.tolist()]:
            assert_same(above_mean(layout, window, min_count=min(2, window)), expected)


def test_every_axis_is_the_lines_along_it() -> None:
    x = np.random.default_rng(0).integers(0, 5, (7, 30, 11)) / 10
    for axis in (0, 1, 2, -1):
        expected = np.apply_along_axis(lambda line: above_mean(line.copy(), 5), axis, x)
        assert_same(above_mean(x, 5, axis=axis), expected)


@pytest.mark.parametrize("left", [1e300, -1e17, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("window", [2, 5, 100, 3000])
def test_what_left_the_window_leaves_no_trace(left: float, window: int) -> None:
    x = prices(8000, 2, 10)
    changed = x.copy()
    changed[1000] = left
    outside = np.r_[0:1000, 1000 + window : 8000]
    assert_same(above_mean(changed, window)[outside], above_mean(x, window)[outside])


@pytest.mark.parametrize("window", [5, 100, 3000])
def test_long_series_agree_with_the_decimals(window: int) -> None:
    x = prices(20_000, 2, 14, step=0.02)
    got = above_mean(x, window)
    cents = np.rint(x * 100).astype(np.int64)
    sums = np.cumsum(cents)
    sums[window:] -= sums[:-window].copy()
    expected = (window * cents > sums).astype(np.int8)
    expected[: window - 1] = 0
    assert_same(got, expected)


def test_float32_compares_the_decimals_that_it_prints() -> None:
    rng = np.random.default_rng(0)
    samples = [
        (rng.integers(0, 50, 2000) / 100).astype(np.float32),
        np.round(rng.normal(46000, 100, 2000), 2).astype(np.float32),
        rng.integers(0, 2**32, 1000, dtype=np.uint32).view(np.float32),
        (rng.normal(0, 1, 1000) * 10.0 ** rng.integers(-12, 12, 1000)).astype(np.float32),
    ]
    for x in samples:
        printed = np.array([float(str(v)) for v in x])
        for window in (2, 5):
            assert_same(above_mean(x, window, min_count=1), reference.above_mean(printed, window, 1))


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_integers_beyond_the_floats_compare_exactly(dtype: type) -> None:
    limits = np.iinfo(dtype)
    rng = np.random.default_rng(0)
    wide = rng.integers(limits.min, limits.max, 300, dtype=dtype, endpoint=True)
    near: Array = limits.max - rng.integers(0, 3, 300).astype(dtype)
    for x in (wide, near):
        for window in (1, 2, 5, 50):
            expected = [
                int(i + 1 >= window and sum(values) < window * values[-1])
                for i, values in enumerate(reference.windows(x, window))
            ]
            assert_same(above_mean(x, window), np.array(expected, np.int8))


def test_a_signal_is_one_only_above_the_mean() -> None:
    x = prices(5000, 2, 15)
    got = above_mean(x, 20)
    means = rolling_mean(x, 20)
    assert (x[got == 1] > means[got == 1]).all()


def test_no_rows_have_no_rate() -> None:
    assert math.isnan(signal_rate([], 3))
    assert signal_rate([1.0], 3) == 0.0


@pytest.mark.parametrize(
    ("window", "ones"), [(1, 0), (2, 5016), (5, 4967), (6, 4950), (10, 4982), (20, 4969)]
)
def test_a_spreadsheet_export_has_the_signals_of_whole_cents(
    window: int, ones: int, spreadsheet_export: Path
) -> None:
    with spreadsheet_export.open() as lines:
        rows = list(csv.DictReader(line.strip().strip('"') for line in lines))
    close = np.array([float(row["close"]) for row in rows])
    assert above_mean(close, window).sum() == ones
    assert signal_rate(close, window) == ones / 10_000


@pytest.mark.parametrize("axis", [0, 1])
def test_float32_of_more_dimensions_is_its_lines(axis: int) -> None:
    x = np.random.default_rng(0).normal(1, 0.1, (9, 7)).astype(np.float32)
    expected = np.apply_along_axis(lambda line: above_mean(line.copy(), 3), axis, x)
    assert_same(above_mean(x, 3, axis=axis), expected)


def test_a_masked_array_is_refused_rather_than_its_mask_lost() -> None:
    with pytest.raises(TypeError, match=r"^x must not be a masked array"):
        above_mean(np.ma.array([1.0, 2.0], mask=[True, False]), 1)


@pytest.mark.parametrize("window", [2, 50, 301])
def test_near_ties_of_17_digits_are_decided_together(window: int) -> None:
    x = np.tile([0.1, 0.2000000000000004, 0.3000000000000008 - 1e-16], 700)
    x[::211] = np.nan
    x[1000:1100] = np.random.default_rng(0).random(100)
    assert_same(above_mean(x, window, min_count=2), reference.above_mean(x, window, 2))
