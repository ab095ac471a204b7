"""Laws of the rolling sums and means."""

import math

import bottleneck
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kernels import rolling_mean, rolling_sum
from tests.reference import Array, assert_means, assert_same, catalogue, prices, rolling

FUNCTIONS = [rolling_sum, rolling_mean]
NASTY = catalogue()
WINDOWS = [1, 2, 3, 5, 9, 10, 20, 64, 250]

anything = st.floats(width=64)
tame = st.floats(-1e6, 1e6).map(lambda v: round(v, 2))
series = st.one_of(
    arrays(np.float64, st.integers(0, 60), elements=tame),
    arrays(np.float64, st.integers(0, 60), elements=anything),
    arrays(np.float64, st.integers(0, 60), elements=st.sampled_from([0.1, 0.2, 0.3, math.nan, 1e17, -0.0])),
)
windows = st.integers(1, 20)
cuts = st.integers(0, 60)
many = settings(max_examples=700, deadline=None, derandomize=True)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Array, int, int]:
    window = draw(windows)
    return draw(series), window, draw(st.integers(1, window))


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("window", WINDOWS)
def test_sums_are_the_exact_sums_rounded_once(name: str, window: int) -> None:
    x = NASTY[name]
    for min_count in (window, 1, (window + 1) // 2):
        got = rolling_sum(x, window, min_count=min_count)
        assert_same(got, rolling(x, window, min_count, mean=False))


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("window", WINDOWS)
def test_means_are_within_two_ulp_of_the_exact_means(name: str, window: int) -> None:
    x = NASTY[name]
    for min_count in (window, 1, (window + 1) // 2):
        assert_means(rolling_mean(x, window, min_count=min_count), x, window, min_count)


@given(cases())
@many
def test_any_series_has_exact_sums_and_near_exact_means(case: tuple[Array, int, int]) -> None:
    x, window, min_count = case
    assert_same(rolling_sum(x, window, min_count=min_count), rolling(x, window, min_count, mean=False))
    assert_means(rolling_mean(x, window, min_count=min_count), x, window, min_count)


@pytest.mark.parametrize("kind", ["prices", "uniform", "returns", "some magnitudes"])
@pytest.mark.parametrize("window", [2047, 2048, 2049, 5000, 100_000])
def test_long_windows_are_exact(kind: str, window: int) -> None:
    rows = window + 3000
    x = prices(rows, 2, 9, step=1) if kind == "prices" else catalogue(rows)[kind]
    sums = rolling_sum(x, window)
    means = rolling_mean(x, window)
    assert np.isnan(means[: window - 1]).all()
    for i in [window - 1, window, window + 1, window + 2046, window + 2047, rows - 1]:
        values = x[i - window + 1 : i + 1].tolist()
        assert sums[i] == math.fsum(values)
        assert abs(means[i] - math.fsum(values) / window) <= 2 * np.spacing(np.abs(values).mean())


@pytest.mark.parametrize("value", [0.1, 1 / 3, 46321.83, -7e-5, 5e-324, 2.0**-1022 * 1.1, 1.7e308, 1e16 + 2])
@pytest.mark.parametrize("window", [1, 3, 7, 10, 49, 1000])
def test_a_constant_window_gives_the_constant(value: float, window: int) -> None:
    got = rolling_mean(np.full(3000, value), window)
    assert (got[window - 1 :] == value).all()


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("left", [1e300, -1e17, math.nan, math.inf, -math.inf, 5e-324])
@pytest.mark.parametrize("window", [2, 5, 100, 3000])
def test_what_left_the_window_leaves_no_trace(function: type, left: float, window: int) -> None:
    x = prices(8000, 2, 10)
    changed = x.copy()
    changed[1000] = left
    got = function(changed, window)
    expected = function(x, window)
    outside = np.r_[0:1000, 1000 + window : 8000]
    assert got[outside].tobytes() == expected[outside].tobytes()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_row_looks_ahead(function: type) -> None:
    x = prices(5000, 2, 11)
    changed = x.copy()
    changed[3000:] = np.random.default_rng(0).normal(0, 1e9, 2000)
    for window in (3, 50):
        assert function(changed, window)[:3000].tobytes() == function(x, window)[:3000].tobytes()


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", NASTY)
def test_a_row_is_a_function_of_its_window_alone(function: type, name: str) -> None:
    x = catalogue(5000)[name]
    for window in (1, 4, 30, 700):
        whole = function(x, window, min_count=1)
        for row in range(window - 1, len(x), 997):
            alone = function(x[row - window + 1 : row + 1], window, min_count=1)[-1:]
            assert alone.tobytes() == whole[row : row + 1].tobytes()


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", NASTY)
def test_threads_and_layouts_change_no_bit(function: type, name: str) -> None:
    x = np.resize(NASTY[name], 33_000) if len(NASTY[name]) else NASTY[name]
    for window in (3, 100):
        expected = function(x, window, min_count=2).tobytes()
        for threads in (1, 2, 3, 8):
            assert function(x, window, min_count=2, threads=threads).tobytes() == expected
        read_only = x.copy()
        read_only.flags.writeable = False
        apart = np.repeat(x, 2)
        layouts = [apart[::2], x[::-1].copy()[::-1], x.astype(">f8"), read_only, x.tolist()]
        for layout in layouts:
            assert function(layout, window, min_count=2).tobytes() == expected


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_axis_is_the_lines_along_it(function: type, axis: int, order: str) -> None:
    x = np.asarray(np.random.default_rng(0).random((7, 30, 11)), order=order)  # type: ignore[call-overload] # order is a str here
    expected = np.apply_along_axis(lambda line: function(line.copy(), 5), axis, x)
    for threads in (1, 2):
        out = np.empty_like(x)
        assert function(x, 5, axis=axis, out=out, threads=threads) is out
        assert_same(out, expected)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_result_may_replace_the_values(function: type) -> None:
    x = prices(5000, 2, 12)
    expected = function(x, 7)
    whole = x.copy()
    assert_same(function(whole, 7, out=whole), expected)
    shared = np.concatenate([x, x[:1]])
    assert_same(function(shared[:-1], 7, out=shared[1:]), expected)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_values_are_never_modified(function: type) -> None:
    for x in NASTY.values():
        before = x.tobytes()
        function(x, 5)
        assert x.tobytes() == before


@given(cases(), st.integers(-40, 40))
@many
def test_powers_of_two_and_signs_commute(case: tuple[Array, int, int], exponent: int) -> None:
    x, window, min_count = case
    x = np.where(np.isfinite(x) & (np.abs(x) < 1e280) & ((np.abs(x) > 1e-280) | (x == 0)), x, 1.5)
    for function in FUNCTIONS:
        expected = function(x, window, min_count=min_count)
        assert_same(function(-x, window, min_count=min_count), -expected)
        if (np.abs(expected[expected != 0]) > 1e-280).all():
            assert_same(function(x * 2.0**exponent, window, min_count=min_count), expected * 2.0**exponent)


def test_float32_is_summed_in_float64_and_returned_as_float32() -> None:
    x = np.random.default_rng(0).normal(100, 1, 3000).astype(np.float32)
    for function in FUNCTIONS:
        got = function(x, 50)
        assert_same(got, function(x.astype(np.float64), 50).astype(np.float32))
        assert_same(function(x.astype(">f4"), 50), got)


@pytest.mark.parametrize("dtype", ["i1", "u2", "i4", "u4", "i8", "u8", ">i4", "?"])
def test_integers_and_booleans_count_as_numbers(dtype: str) -> None:
    x = np.random.default_rng(0).integers(0, 100, 500).astype(dtype)
    for function in FUNCTIONS:
        assert_same(function(x, 7, min_count=2), function(x.astype(float), 7, min_count=2))


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_integers_beyond_the_floats_are_summed_exactly(dtype: type) -> None:
    limits = np.iinfo(dtype)
    x = np.random.default_rng(0).integers(limits.min, limits.max, 400, dtype=dtype, endpoint=True)
    for window in (1, 3, 50):
        assert_same(rolling_sum(x, window), rolling(x, window, mean=False))
        assert_means(rolling_mean(x, window, min_count=1), x, window, 1)


def test_empty_and_short_input_is_fine() -> None:
    for function in FUNCTIONS:
        assert function([], 3).shape == (0,)
        assert function(np.empty((0, 4)), 3, axis=1).shape == (0, 4)
        assert function(np.empty((4, 0)), 3).shape == (4, 0)
        assert np.isnan(function([1.0, 2.0], 3)).all()


def test_pandas_agrees_on_tame_data() -> None:
    x = prices(4000, 2, 13)
    gappy = NASTY["gappy"]
    for window in (1, 5, 100):
        np.testing.assert_allclose(rolling_mean(x, window), pd.Series(x).rolling(window).mean(), rtol=1e-12)
        np.testing.assert_allclose(rolling_sum(x, window), pd.Series(x).rolling(window).sum(), rtol=1e-12)
        expected = pd.Series(gappy).rolling(window, min_periods=1).mean()
        np.testing.assert_allclose(rolling_mean(gappy, window, min_count=1), expected, rtol=1e-12)


# What the peers' users reported: each entry is values, window, and the right last sum or mean.
REPORTS = {
    # pandas 61071: after the spike, pandas 2 gives -0.01637 for -0.000745 with the reporter's data
    "pandas 61071": ([9.7e12, 1e-3, -2e-3, -1.235e-3], 3, rolling_mean, -2.235e-3 / 3),
    # pandas 54518: a large value that left turned small ones into zeros
    "pandas 54518": ([1e16, 1.0, 2.0], 2, rolling_sum, 3.0),
    # pandas 42064: constant windows after other values were not quite constant
    "pandas 42064": ([1e10, 0.1, 0.1, 0.1], 3, rolling_mean, 0.1),
    # pandas 36031: sums of non-negative numbers came out below zero
    "pandas 36031": ([1e15 + 0.3, 0.0, 0.0], 2, rolling_sum, 0.0),
    # pandas 28244: zeros did not sum to zero
    "pandas 28244": ([0.1, 0.2, 0.3, 0.0, 0.0, 0.0], 3, rolling_sum, 0.0),
    # bottleneck 377, 164; polars 22445, 24738, 21758: residues, infinities and NaN that never leave
    "bottleneck 164": ([1e30, 1.0, 1.0], 2, rolling_mean, 1.0),
    "polars 21758": ([math.inf, 1.0, 1.0], 2, rolling_mean, 1.0),
    "polars 24738": ([math.nan, 1.0, 1.0], 2, rolling_sum, 2.0),
}


@pytest.mark.parametrize("report", REPORTS)
def test_reported_faults_of_the_peers_are_absent(report: str) -> None:
    values, window, function, expected = REPORTS[report]
    assert function(values, window)[-1] == pytest.approx(expected, rel=1e-15, abs=0.0)


def test_bottleneck_still_keeps_what_left() -> None:
    x = np.array([1e16, 1.0, 1.0, 1.0])
    assert bottleneck.move_mean(x, 2)[-1] != 1.0
    assert rolling_mean(x, 2)[-1] == 1.0
