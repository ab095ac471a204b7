"""Slow, obvious oracles in exact arithmetic, and arrays that have broken rolling code before."""

import math
from collections.abc import Iterator
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def windows(x: Array, window: int) -> Iterator[list[Any]]:
    """The values of each trailing window that are not missing."""
    for i in range(len(x)):
        yield [v for v in x[max(0, i - window + 1) : i + 1].tolist() if v == v]


def nearest(exact: Fraction) -> float:
    """The float nearest to an exact number."""
    try:
        return exact.numerator / exact.denominator
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def rolling(x: Array, window: int, min_count: int | None = None, *, mean: bool) -> Array:
    """Correctly rounded sums or means."""
    out = []
    for values in windows(x, window):
        infinite = [v for v in values if math.isinf(v)]
        if len(values) < (window if min_count is None else min_count):
            out.append(math.nan)
        elif infinite:
            out.append(sum(infinite))
        else:
            out.append(nearest(sum(map(Fraction, values), Fraction(0)) / (len(values) if mean else 1)))
    return np.array(out, dtype=float)


def above_mean(x: Array, window: int, min_count: int | None = None) -> Array:
    """Signals between the decimals that the values print as."""
    out = []
    with localcontext(prec=1500, Emax=10**6, Emin=-(10**6)):
        for close, values in zip(x.tolist(), windows(x, window), strict=True):
            enough = len(values) >= (window if min_count is None else min_count)
            infinite = [v for v in values if math.isinf(v)]
            if not enough or close != close:
                out.append(0)
            elif infinite:
                out.append(int(close > sum(infinite)))
            else:
                total = sum((Decimal(repr(v)) for v in values), Decimal(0))
                out.append(int(total < len(values) * Decimal(repr(close))))
    return np.array(out, dtype=np.int8)


def mean_bound(x: Array, window: int, min_count: int | None = None) -> Array:
    """Two ulp of the means of the magnitudes."""
    means = rolling(np.abs(x), window, min_count, mean=True)
    with np.errstate(all="ignore"):
        spacing = np.spacing(means)
    return 2 * np.where(np.isfinite(spacing), spacing, 2.0**971)


def assert_same(got: Array, expected: Array) -> None:
    """The same values, NaN where NaN, and the same type; zeros may differ in sign."""
    assert got.dtype == expected.dtype
    assert got.shape == expected.shape
    if got.dtype.kind == "f":
        np.testing.assert_array_equal(got, expected, strict=True)
    else:
        np.testing.assert_array_equal(got, expected)


def assert_means(got: Array, x: Array, window: int, min_count: int | None = None) -> None:
    """Within 2 ulp of the mean of the magnitudes, which is the mean itself where all have one sign."""
    expected = rolling(x, window, min_count, mean=True)
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(got[~finite], expected[~finite])
    error = np.abs(got[finite] - expected[finite])
    assert (error <= mean_bound(x, window, min_count)[finite]).all()


def prices(rows: int, places: int, seed: int, step: float = 30.0) -> Array:
    """A random walk of prices with so many decimals."""
    walk = 46000 + np.cumsum(np.random.default_rng(seed).normal(0, step, rows))
    return np.round(walk, places)


def catalogue(rows: int = 300) -> dict[str, Array]:
    """The nasty arrays."""
    rng = np.random.default_rng(0)
    half = rows // 2
    spiked = prices(rows, 2, 1)
    spiked[half] = 1e300
    lightly_spiked = prices(rows, 2, 2)
    lightly_spiked[half] = 1e17
    gappy = prices(rows, 2, 3)
    gappy[rng.random(rows) < 0.1] = np.nan
    infinite = prices(rows, 2, 4)
    infinite[rng.random(rows) < 0.03] = np.inf
    infinite[rng.random(rows) < 0.03] = -np.inf
    stretches = np.repeat(prices(rows // 20 + 1, 2, 5), 20)[:rows]
    return {
        "none": np.array([]),
        "one": np.array([1.5]),
        "prices": prices(rows, 2, 6),
        "eight decimals": prices(rows, 8, 7) / 1000,
        "negative prices": -prices(rows, 2, 8),
        "whole numbers": rng.integers(-3, 4, rows).astype(float),
        "large whole numbers": rng.integers(2**52, 2**53, rows).astype(float),
        "flat": np.full(rows, 46321.83),
        "flat, 17 digits": np.full(rows, 0.1 + 0.2),
        "flat stretches": stretches,
        "flat stretches, 17 digits": stretches / 3,
        "uniform": rng.random(rows),
        "returns": rng.normal(0, 1e-3, rows),
        "many magnitudes": rng.normal(0, 1, rows) * 10.0 ** rng.integers(-300, 300, rows),
        "some magnitudes": rng.normal(0, 1, rows) * 10.0 ** rng.integers(-15, 15, rows),
        "zeros": rng.choice([0.0, -0.0], rows),
        "subnormal": rng.integers(-9, 10, rows) * 5e-324,
        "near the smallest": rng.uniform(1, 2, rows) * 2.0**-1022,
        "near overflow": rng.choice([1.7e308, 1.79e308], rows),
        "near overflow, both signs": rng.choice([1.7e308, -1.7e308, 1e300], rows),
        "spiked": spiked,
        "lightly spiked": lightly_spiked,
        "gappy": gappy,
        "all missing": np.full(rows, np.nan),
        "infinite": infinite,
        "alternating": np.tile([1e16, 1.0, -1e16], rows)[:rows],
        "powers of two": 2.0 ** rng.integers(-40, 40, rows),
    }
