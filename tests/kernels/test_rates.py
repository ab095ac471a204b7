"""Laws of the rate, and the signals of real prices."""

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from kernels import above_mean, rolling_mean, signal_rate
from tests.kernels.cases import Array, assert_same, catalogue, prices


@pytest.mark.parametrize("name", catalogue())
def test_a_rate_is_the_share_of_the_signals(name: str) -> None:
    x = np.resize(catalogue()[name], 33_000 if name == "prices" else 700)
    for same in (x, x[::-1].copy()[::-1], prices(700, 2, 1).astype(np.float32), 2**60 + np.arange(500) % 7):
        wanted = above_mean(same, 5, min_count=2).mean()
        for threads in (1, 2):
            assert signal_rate(same, 5, min_count=2, threads=threads) == wanted


@pytest.mark.parametrize("window", [5, 300_000])
def test_a_long_series_is_counted_in_segments(window: int) -> None:
    rising = np.arange(600_000.0)
    for threads in (1, 2):
        assert signal_rate(rising, window, threads=threads) == (600_000 - window + 1) / 600_000
    x = np.resize(prices(5000, 2, 1), 600_000)
    for threads in (1, 2):
        assert signal_rate(x, window, threads=threads) == above_mean(x, window).mean()


def test_no_rows_have_no_rate() -> None:
    assert math.isnan(signal_rate([], 3))
    assert signal_rate([1.0], 3) == 0.0


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
    drifting = x > np.convolve(x, np.full(window, 1 / window))[:2000]
    assert drifting[window - 1 :: window].any()


def by_cumulative_units(units: Array, window: int) -> Array:
    """Signals of whole numbers."""
    sums = np.cumsum(units)
    sums[window:] -= sums[:-window].copy()
    signals = (window * units > sums).astype(np.int8)
    signals[: window - 1] = 0
    return signals


@pytest.mark.parametrize("places", range(9))
def test_prices_of_any_decimals_compare_as_written(places: int) -> None:
    units = np.cumsum(np.random.default_rng(places).integers(-9, 10, 3000)) + 10**7
    for window in (2, 5, 20, 100):
        assert_same(above_mean(units / 10**places, window), by_cumulative_units(units, window))


@pytest.mark.parametrize("exponent", [*range(14, 44, 6), *range(44, 52)])
def test_the_largest_whole_numbers_and_windows_compare_exactly(exponent: int) -> None:
    rng = np.random.default_rng(exponent)
    for window in (2**7 - 1, 2**7, 2**10):
        units = 2**exponent + np.cumsum(rng.integers(-1, 2, window + 100))
        wanted = by_cumulative_units(units - units[0], window)
        assert_same(above_mean(units.astype(float), window), wanted)


def test_a_signal_is_one_only_above_the_mean() -> None:
    x = prices(5000, 2, 15)
    got = above_mean(x, 20)
    assert (x[got == 1] > rolling_mean(x, 20)[got == 1]).all()


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
