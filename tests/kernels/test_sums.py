"""Sums and means where the bounds of grids end, against exact arithmetic."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

import kernels
from kernels._exact.grid import LEAST_UNIT, MOST
from tests.kernels.cases import Array, nearest

ROWS = 70
WINDOWS = [2, 5, 16, 17, 32, 33]


def between(most: int, width: int, sign: bool, seed: int) -> Array:  # noqa: FBT001  a case
    """Values below ``2**most`` and no more than so many bits apart, from the largest to the least."""
    rng = np.random.default_rng(seed)
    top, low = 2.0**most - 2.0 ** (most - 53), 2.0 ** (most - width + 52)
    values = np.where(rng.random(ROWS) < 0.5, top, low * (1.0 + rng.integers(0, 2**20, ROWS) * 2.0**-52))
    return values * rng.choice([-1.0, 1.0], ROWS) if sign else values


def assert_exact(x: Array, window: int, min_count: int) -> None:
    """Sums are rounded once, means the nearest float or one beside it."""
    sums = kernels.rolling_sum(x, window, min_count=min_count)
    means = kernels.rolling_mean(x, window, min_count=min_count)
    for i in range(len(x)):
        held = [Fraction(v) for v in x[max(0, i - window + 1) : i + 1].tolist() if not math.isnan(v)]
        if len(held) < min_count:
            assert math.isnan(sums[i])
            assert math.isnan(means[i])
            continue
        total = sum(held, Fraction(0))
        assert sums[i] == nearest(total)
        assert abs(Fraction(float(means[i])) - total / len(held)) <= 2 * Fraction(
            float(np.spacing(abs(means[i])))
        )


@pytest.mark.parametrize("window", WINDOWS)
@pytest.mark.parametrize("sign", [False, True])
def test_sums_are_exact_at_every_width_of_a_block(window: int, sign: bool) -> None:  # noqa: FBT001
    for width in (*range(53, 60), *range(84, 109), *range(130, 164)):
        assert_exact(between(10, width, sign, width), window, window)


@pytest.mark.parametrize("window", [3, 5, 8, 16, 17, 32])
def test_windows_full_of_the_largest_rests_are_exact(window: int) -> None:
    """All values of a window leave as much as they can below a step, of one sign after the other."""
    rng = np.random.default_rng(window)
    right = max(4, (window - 1).bit_length())
    signs = np.where(np.arange(ROWS) // window % 2, -1.0, 1.0)
    for places, form in itertools.product((right - 1, right), range(3)):  # one too few is what must not be
        half = (places - 54, 2 * places - 53, 2 * places - 108)[form]
        most = (107 - 2 * places, 106 - 3 * places, 161 - 3 * places)[form]
        for width in range(most - 1, most + 4):
            unit = 2.0**-width
            x = signs * (2.0**52 * unit + 2.0**half - rng.integers(1, 4, ROWS) * unit)
            x[0] = 1.0 - 2.0**-53  # as large as the widths are about
            assert_exact(x, window, window)
            x[2] = np.nan
            assert_exact(x, window, window)
            assert_exact(x, window, 2)


@pytest.mark.parametrize("window", [3, 5, 8, 16, 17, 32])
def test_windows_as_far_as_can_be_from_a_reference_are_exact(window: int) -> None:
    rng = np.random.default_rng(window)
    places = max(4, (window - 1).bit_length())
    signs = np.where(np.arange(ROWS) // window % 2, -1.0, 1.0)
    for distance in (2.0 ** (k - places) * (1.0 - 2.0**-20) for k in range(-1, 4)):
        x = 1.5 + signs * (min(distance, 0.4) - rng.integers(1, 4, ROWS) * 2.0**-52)
        assert_exact(x, window, window)


@pytest.mark.parametrize("window", [5, 17, 32])
def test_gaps_change_nothing_at_every_width_of_a_block(window: int) -> None:
    for width in (*range(80, 109), *range(140, 153)):
        x = between(3, width, sign=True, seed=width)
        x[np.random.default_rng(width).random(ROWS) < 0.04] = np.nan
        assert_exact(x, window, window)
        assert_exact(x, window, 2)


@pytest.mark.parametrize(
    "edge", [MOST - 1, MOST, MOST + 1, LEAST_UNIT + 60, LEAST_UNIT + 59, LEAST_UNIT + 58]
)
def test_sums_are_exact_where_the_exponents_of_grids_end(edge: int) -> None:
    for width in (55, 60):
        assert_exact(between(edge, width, sign=False, seed=0), 5, 5)


@pytest.mark.parametrize("stranger", [np.inf, -np.inf])
def test_an_infinity_of_one_sign_leaves_no_trace_among_prices(stranger: float) -> None:
    x = 46_000 + np.arange(200) % 17 * 0.01
    changed = x.copy()
    changed[90] = stranger
    outside = np.r_[0:90, 110:200]
    for function in (kernels.rolling_sum, kernels.rolling_mean, kernels.rolling_var, kernels.rolling_std):
        wanted, got = function(x, 20), function(changed, 20)
        assert got[outside].tobytes() == wanted[outside].tobytes()


def test_ties_of_three_parts_are_broken_by_the_last_one() -> None:
    for rest in (2.0**-40, -(2.0**-40), 2.0**-70, -(2.0**-70), 0.0):
        x = np.array([2.0**53, 1.0, rest, 2.0**53, 1.0, rest, 2.0**53, 3.0, rest])
        assert_exact(x, 3, 3)


def test_rows_before_a_line_are_windows_like_others() -> None:
    x = np.random.default_rng(3).normal(size=3000)
    for rows in (7, 8, 9, 15, 16, 17, 24, 25, 2048, 2049, 3000):
        for window in (1, 2, 8, 9, 20):
            whole = kernels.rolling_sum(x, window)[:rows]
            assert kernels.rolling_sum(x[:rows], window).tobytes() == whole.tobytes()


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("odd", [0.0, 2.0**-52])
def test_what_is_left_of_three_parts_breaks_a_tie(sign: float, odd: float) -> None:
    for rest in (1.0, -1.0, 0.0):
        little = 2.0**-96 * np.array([1.0, -1.0 - rest * 2.0**-52])  # which leave 2**-148 of them
        x = np.tile([sign * (1.0 + odd), sign * 2.0**-53, *little], 20)
        assert set(kernels.rolling_sum(x, 4)[3:].tolist()) == {math.fsum(x[:4])}
