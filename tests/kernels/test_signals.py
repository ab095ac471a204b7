"""Signals where their bounds end, and what only looks like a tie."""

import itertools
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels import above_mean, signal_rate
from kernels._backend.compiled import BACKEND
from kernels._drivers.signals import A_WHILE, BLOCK
from tests.kernels.cases import Array, assert_same, prices

SLOW = BACKEND == "python"
THIRD = 1 / 3  # a float that no short decimal is


def exact_signals(x: Array, window: int, min_count: int | None = None) -> Array:
    """Signals of finite and missing values, by whole numbers of the smallest decimal place among them."""
    least = window if min_count is None else min_count
    printed = [Decimal(0 if np.isnan(v) else repr(v)) for v in x.tolist()]
    places = min(int(v.as_tuple().exponent) for v in printed)
    whole = [int(v.scaleb(-places)) for v in printed]
    sums = [0, *itertools.accumulate(whole)]
    counts = [0, *np.cumsum(~np.isnan(x)).tolist()]
    out = np.zeros(len(x), np.int8)
    for i in np.flatnonzero(~np.isnan(x)).tolist():
        begin = max(0, i + 1 - window)
        count = counts[i + 1] - counts[begin]
        out[i] = count >= least and count * whole[i] > sums[i + 1] - sums[begin]
    return out


def assert_exact(x: Array, window: int, min_count: int | None = None) -> None:
    wanted = exact_signals(x, window, min_count)
    assert_same(above_mean(x, window, min_count=min_count), wanted)
    assert signal_rate(x, window, min_count=min_count) == wanted.sum() / len(x)


@st.composite
def nearly_decimals(draw: st.DrawFn) -> tuple[Array, int]:
    """A walk in units, with a few values that are almost but not quite so many units."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows = draw(st.sampled_from([65, 79, 80, 81, 300] if SLOW else [65, 79, 80, 81, 300, 2100]))
    step = draw(st.sampled_from([0, 1, 2, 30, 1000, 100_000]))
    level = draw(st.sampled_from([0, 7, 4_600_000, -4_600_000, 2**33, 10**12]))
    unit = 10.0 ** draw(st.integers(0, 8))
    whole = level + np.cumsum(rng.integers(-step, step + 1, rows))
    x = whole / unit
    for _ in range(draw(st.integers(0, 4))):
        at = int(rng.integers(rows))
        off = 2.0 ** -draw(st.integers(1, 30))
        strangers = [
            np.nextafter(x[at], np.inf),
            np.nextafter(x[at], -np.inf),
            (whole[at] + off) / unit,
            (whole[at] - off) / unit,
            (whole[at] + 2**21) / unit,
            (whole[at] + 2**34) / unit,
            -0.0,
            1e-300,
            np.nan,
        ]
        x[at] = draw(st.sampled_from(strangers))
    return x, min(rows, draw(st.sampled_from([1, 2, 3, 5, 16, 17, 20, 63, 64, 250, 2000])))


@given(nearly_decimals())
@settings(max_examples=20 if SLOW else 300)
def test_signals_are_those_of_whole_numbers(case: tuple[Array, int]) -> None:
    assert_exact(*case)


@pytest.mark.parametrize("exponent", [*range(14, 44, 6), *range(44, 52)])
def test_the_largest_values_and_windows_of_units(exponent: int) -> None:
    rng = np.random.default_rng(exponent)
    for window in (2**7 - 1, 2**7) if SLOW else (2**7 - 1, 2**7, 2**10, 2**12, 2**12 + 1, 2**14):
        assert_exact((2.0**exponent + np.cumsum(rng.integers(-1, 2, window + 100))).astype(float), window)


@pytest.mark.parametrize("exponent", [26, 44] if SLOW else range(24, 50))
@pytest.mark.parametrize("window", [16, 17] if SLOW else [3, 15, 16, 17, 64, 256, 257])
def test_units_at_the_edge_of_their_grid(exponent: int, window: int) -> None:
    """Extremes alternate at random, so that some windows have nothing but the one and end with the other."""
    rng = np.random.default_rng(window)
    for reference in (0, 2**40 + 1):
        for low, high in ((-(2.0**exponent), 2.0**exponent - 1), (0.0, 3 * 2.0**exponent - 1)):
            x = reference + rng.choice([low, high], 600 + window)
            x[window : 2 * window] = reference + low
            x[2 * window] = reference + high
            x[200 + window] = reference
            assert_exact(x, window)


def with_half_steps(window: int, step: float, rows: int, seed: int) -> Array:
    """Ties, and floats next to them, whose values are halves of a step: each rounds the way that misleads."""
    rng = np.random.default_rng(seed)
    x = rng.integers(-(2**18), 2**18, rows) * step
    x[:16] = THIRD * step  # not decimals
    for end in range(16 + window, rows, window):
        whole = 2 * rng.integers(-(2**10), 2**10, window - 1)
        last = 2 * rng.integers(-(2**10), 2**10) + rng.choice([-1, 1])
        whole[0] += (window - 1) * last - whole.sum()
        others, newest = whole + 0.5, last + 0.5  # odd: away from the others, which are even but for one
        x[end - window + 1 : end] = others * step
        x[end] = newest * step
        if rng.random() < 0.5:
            x[end] = np.nextafter(x[end], rng.choice([-np.inf, np.inf]))
    return x


@pytest.mark.parametrize("exponent", [0] if SLOW else [-500, -60, 0, 18, 60, 500])
@pytest.mark.parametrize("window", [3, 16] if SLOW else [3, 4, 5, 9, 16, 100])
def test_half_steps_never_mislead(window: int, exponent: int) -> None:
    """The largest value makes a step of every form of grid, one after the other, that of the halves."""
    rows = 400 if SLOW else 900
    for top in (20, 21, 22, 23, 24, 25, 40, 41, 42, 43, 44, 45, 46, 47):
        x = with_half_steps(window, 2.0**exponent, rows, top)
        x[20] = 2.0 ** (top + exponent) * (1 + 2.0**-40)
        assert_exact(x, window)
        x[30] = np.nan
        assert_exact(x, window)
        assert_exact(x, window, 2)


@pytest.mark.parametrize("window", [3, 4, 5, 16, 17, 100, 300])
def test_the_one_row_in_doubt_of_a_block_is_found(window: int) -> None:
    """A tie whose every value rounds the way that misleads: as far from a tie in steps as a tie can be."""
    rng = np.random.default_rng(window)
    for top in range(16, 50):
        x = rng.choice([-1, 1], 700) * rng.uniform(2.0**13, 2.0**14, 700)
        x[20] = 2.0**top * (1 + 2.0**-40)
        others = 2 * rng.integers(-(2**10), 2**10, window - 1)
        last = 2 * int(rng.integers(-(2**10), 2**10)) + 1
        others[0] += (window - 1) * last - others.sum()
        x[400 : 400 + window - 1] = others + 0.5
        x[400 + window - 1] = last + 0.5
        assert_exact(x, window)


@pytest.mark.parametrize("window", [3, 5, 16, 20, 100])
def test_a_value_as_large_as_the_mark_of_a_missing_one_is_no_such_mark(window: int) -> None:
    width = max(4, (window - 1).bit_length())
    rng = np.random.default_rng(window)
    if SLOW:
        pytest.skip("long series")
    for unit in (100.0, 1.0, 3.0):
        x = rng.integers(10_000, 11_000, 2 * BLOCK + 500) / unit
        x[50 :: 4 * window] = np.nan
        for row, near in enumerate((-1, 0, 1, -(2 ** (51 - 2 * width)), 2**20)):
            at = BLOCK + 50 + 4 * window * (2 + row)
            at -= (at - 50) % (4 * window) - 2
            x[at] = (2.0 ** (52 - width) + near) / unit
        assert_same(above_mean(x, window), exact_signals(x, window))


@pytest.mark.parametrize("window", [5, 1000])
def test_blocks_of_all_kinds_follow_each_other(window: int) -> None:
    if SLOW:
        pytest.skip("many blocks")
    rng = np.random.default_rng(window)
    rows = BLOCK // 2
    walk = prices(rows, 2, window)
    kinds = [
        walk,
        walk * 0.98765,
        rng.normal(size=rows),
        rng.normal(size=rows) * 1e-9,
        np.where(rng.random(rows) < 0.05, np.nan, walk),
        np.where(rng.random(rows) < 0.05, np.nan, rng.normal(size=rows)),
        np.where(rng.random(rows) < 0.002, 1e25, walk / 7),
        np.diff(np.where(rng.random(rows) < 0.002, 1e25, walk / 7), prepend=0.0),
        np.round(rng.lognormal(size=rows) * 1e4, 8),
        np.full(rows, 0.1 + 0.2),
        np.full(rows, np.nan),
    ]
    order = rng.permutation(np.repeat(np.arange(len(kinds)), 2 + A_WHILE // 8))
    x = np.concatenate([kinds[k] for k in order])
    assert_exact(x, window)
    assert_exact(x, window, 2)


@pytest.mark.parametrize(
    "rows", [15, 16, 17, 31, 32, 33, *(() if SLOW else (BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + 21))]
)
@pytest.mark.parametrize("window", [1, 2, 15, 16, 17])
def test_no_row_is_lost_at_the_ends_of_blocks(rows: int, window: int) -> None:
    x = prices(rows + window, 2, rows, step=0.02)
    for kind in (x, x * 0.98765):
        assert_exact(kind[: rows + window], window)


@pytest.mark.parametrize("window", [3, 5, 8, 20, 100])
def test_a_tie_by_construction_is_no_signal(window: int) -> None:
    rng = np.random.default_rng(window)
    cents = rng.integers(10**6, 10**7, 2000)
    for end in range(window - 1, 2000, window):
        others = cents[end - window + 1 : end]
        others[0] += -others.sum() % (window - 1)
        cents[end] = others.sum() // (window - 1)
    x = cents / 100
    assert not above_mean(x, window)[window - 1 :: window].any()
    assert_exact(x, window)
    drifting = x > np.convolve(x, np.full(window, 1 / window))[:2000]
    assert drifting[window - 1 :: window].any()


@pytest.mark.parametrize("window", [3, 5, 8, 20, 100])
def test_what_is_beside_a_tie_of_decimals_is_no_tie(window: int) -> None:
    rng = np.random.default_rng(window)
    cents = rng.integers(10**6, 10**7, 210)
    for end in range(window - 1, 210, window):
        others = cents[end - window + 1 : end]
        others[0] += -others.sum() % (window - 1)
        cents[end] = others.sum() // (window - 1)
    for end in (window - 1, 210 // window * window - 1):
        for aside, signal in ((np.inf, 1), (-np.inf, 0)):
            x = cents / 100
            x[end] = np.nextafter(x[end], aside)
            assert above_mean(x, window)[end] == signal
            assert_exact(x, window)


@pytest.mark.parametrize("window", [5, 8, 20])
@pytest.mark.parametrize("part", [0.5, 0.25, 2.0**-5, 2.0**-9])
def test_parts_of_a_cent_count(window: int, part: float) -> None:
    """Without its part, the newest value would be the mean, or below it by the least that there is."""
    rows = 63 + window  # whole sixteens, and no other tie
    cents = np.random.default_rng(window).integers(10**6, 10**7, rows)
    others = cents[30 - window + 1 : 30]
    others[0] += -others.sum() % (window - 1)
    tie = others.sum() // (window - 1)
    for more in (0, 1):
        others[-1] += more
        x = cents / 100
        x[30] = (tie + part) / 100
        assert_exact(x, window)


def test_what_is_nearly_whole_is_no_tie_for_all_that() -> None:
    x = np.zeros(79)
    x[67] = 0.05
    assert_exact(x, 3)


def test_an_infinity_is_above_no_mean_that_it_is_part_of() -> None:
    x = np.array([1.0, -np.inf, 2.0, 3.0, np.inf, 4.0, 5.0, 6.0, -np.inf, np.inf, 7.0, 8.0, 9.0, 10.0])
    assert above_mean(x, 3).tolist() == [0, 0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize(("stranger", "beside"), [(np.inf, 0), (-np.inf, 1)])
def test_an_infinity_that_left_the_window_makes_no_signal(stranger: float, beside: int) -> None:
    x = np.array([9.0, 8.0, stranger, 7.0, 6.0, 5.0, 4.0, 3.0])
    assert above_mean(x, 3).tolist() == [0, 0, 0, beside, beside, 0, 0, 0]


@pytest.mark.parametrize("bad", [1e25, 1e9, np.inf])
def test_a_bad_tick_and_its_correction_leave_the_rows_around_them_exact(bad: float) -> None:
    rng = np.random.default_rng(3)
    rows = 600 if SLOW else 5000
    x = np.diff(np.where(rng.random(rows) < 0.01, bad, prices(rows, 2, 4) / 7))
    x = x[np.isfinite(x)]
    for window in (4, 60):
        assert_exact(x, window)
