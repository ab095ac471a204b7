"""Arrays that have broken rolling code before, and what must come out by the definitions in the table."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kernels.functions import Function

Array = npt.NDArray[Any]


def windows(x: Array, window: int) -> Iterator[list[Any]]:
    """The values of each trailing window that are not missing."""
    for i in range(len(x)):
        yield [v for v in x[max(0, i - window + 1) : i + 1].tolist() if not math.isnan(v)]


def exact(value: float, *, prints: bool) -> Fraction:
    """What a value stands for: the decimal that it prints as, or the binary fraction that it is."""
    return Fraction(repr(value)) if prints and isinstance(value, float) else Fraction(value)


def nearest(result: Fraction) -> float:
    """The float nearest to an exact number."""
    try:
        return result.numerator / result.denominator
    except OverflowError:
        return math.inf if result > 0 else -math.inf


def expected(row: Function, x: Array, window: int, min_count: int | None = None, **options: Any) -> Array:  # noqa: ANN401  as the function's
    """The results by the definition, rounded once; x holds float64 or integers."""
    least = window if min_count is None else min_count
    is_signal = row.kernel.result == np.int8
    values = {v: exact(v, prints=row.kernel.prints) for v in x.tolist() if math.isfinite(v)}
    out = []
    for newest, held in zip(x.tolist(), windows(x, window), strict=True):
        if len(held) < least or (is_signal and math.isnan(newest)):
            out.append(0 if is_signal else math.nan)
        elif any(map(math.isinf, held)):
            out.append(row.infinite(held))
        else:
            result = row.definition([values[v] for v in held], **options)
            out.append(
                math.nan if result is None else int(result) if is_signal else nearest(Fraction(result))
            )
    return np.array(out, dtype=row.kernel.result)


def assert_by_definition(row: Function, got: Array, x: Array, window: int, min_count: int | None) -> None:
    """The results are as many ulp of the mean magnitude from the definition as the row allows."""
    wanted = expected(row, x, window, min_count)
    if not row.within:
        assert_same(got, wanted)
        return
    finite = np.isfinite(wanted)
    np.testing.assert_array_equal(got[~finite], wanted[~finite])
    magnitudes = wanted if row.is_relative else expected(row, np.abs(x.astype(float)), window, min_count)
    with np.errstate(all="ignore"):
        ulp = np.spacing(magnitudes)
        error = np.abs(got - wanted)
    assert (error[finite] <= row.within * np.where(np.isfinite(ulp), ulp, 2.0**971)[finite]).all()


def assert_same(got: Array, wanted: Array) -> None:
    """The same values, NaN where NaN, and the same type; zeros may differ in sign."""
    assert got.dtype == wanted.dtype
    assert got.shape == wanted.shape
    np.testing.assert_array_equal(got, wanted)


def prices(rows: int, places: int, seed: int, step: float = 30.0) -> Array:
    """A random walk of prices with so many decimals."""
    walk = 46000 + np.cumsum(np.random.default_rng(seed).normal(0, step, rows))
    return np.round(walk, places)


def with_strangers(x: Array, stranger: float, share: float) -> Array:
    """The values with some replaced."""
    return np.where(np.random.default_rng(1).random(len(x)) < share, stranger, x)


def catalogue(rows: int = 300) -> dict[str, Array]:
    """The nasty arrays."""
    rng = np.random.default_rng(0)
    walk = prices(rows, 2, 1)
    middle = np.arange(rows) == rows // 2
    stretches = np.repeat(prices(rows // 20 + 1, 2, 5), 20)[:rows]
    near_ties = np.tile([0.1, 0.2000000000000004, 0.3000000000000008 - 1e-16], rows)[:rows]
    fine = np.where(np.arange(rows) < rows // 3, 100.5, 100.125)
    fine[-rows // 3 :] = 0.1 + 0.2 + 100
    beside = walk.copy()
    beside[-1:] = np.nextafter(beside[-1:], np.inf)
    return {
        "one": np.array([1.5]),
        "prices": walk,
        "eight decimals": prices(rows, 8, 7) / 1000,
        "negative prices": -prices(rows, 2, 8),
        "whole numbers": rng.integers(-3, 4, rows).astype(float),
        "volumes": rng.lognormal(10, 2, rows).round(),
        "large whole numbers": rng.integers(2**52, 2**53, rows).astype(float),
        "tenths": np.round(rng.integers(-3, 4, rows) / 10, 1),
        "flat": np.full(rows, 46321.83),
        "flat, 17 digits": np.full(rows, 0.1 + 0.2),
        "flat stretches": stretches,
        "flat stretches, 17 digits": stretches / 3,
        "ties of ever finer values": fine,
        "near ties of 17 digits": near_ties,
        "a float beside a decimal": beside,
        "uniform": rng.random(rows),
        "returns": rng.normal(0, 1e-3, rows),
        "across powers of two": 65536 + np.cumsum(rng.normal(0, 1, rows)),
        "a walk in thirds": np.cumsum(rng.normal(0, 0.3, rows)) / 3,
        "many magnitudes": rng.normal(0, 1, rows) * 10.0 ** rng.integers(-300, 300, rows),
        "some magnitudes": rng.normal(0, 1, rows) * 10.0 ** rng.integers(-15, 15, rows),
        "zeros": rng.choice([0.0, -0.0], rows),
        "subnormal": rng.integers(-9, 10, rows) * 5e-324,
        "near the smallest": rng.uniform(1, 2, rows) * 2.0**-1022,
        "near overflow": rng.choice([1.7e308, 1.79e308], rows),
        "near overflow, both signs": rng.choice([1.7e308, -1.7e308, 1e300], rows),
        "spiked": np.where(middle, 1e300, walk),
        "lightly spiked": np.where(middle, 1e17, walk),
        "gappy": with_strangers(walk, np.nan, 0.1),
        "gappy thirds": with_strangers(walk / 3, np.nan, 0.1),
        "all missing": np.full(rows, np.nan),
        "infinite": with_strangers(with_strangers(walk, np.inf, 0.03), -np.inf, 0.01),
        "alternating": np.tile([1e16, 1.0, -1e16], rows)[:rows],
        "powers of two": 2.0 ** rng.integers(-40, 40, rows),
    }


STRANGERS = [np.nan, np.inf, -np.inf, 0.0, -46000.0, 5e-324, 1e300, 1e-5, 91000.37, 46_000.123456789]

values = st.one_of(
    st.floats(width=64),
    st.sampled_from([0.1, 0.2, 0.3, 0.1 + 0.2, 7.0, -0.0, math.nan, math.inf, 1e17, 5e-324, 1 / 3]),
    st.integers(-(10**6), 10**6).map(lambda n: n / 100),
)
series = st.one_of(
    arrays(np.float64, st.integers(0, 60), elements=values),
    st.integers(0, 8).flatmap(
        lambda places: arrays(
            np.float64, st.integers(0, 60), elements=st.integers(-50, 10**5).map(lambda n: n / 10**places)
        )
    ),
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Array, int, int]:
    """A short series, a window and a least count."""
    window = draw(st.integers(1, 15))
    return draw(series), window, draw(st.integers(1, window))


@st.composite
def long_cases(draw: st.DrawFn) -> tuple[Array, int, int]:
    """A walk long enough for several passes of a loop, with strangers in it."""
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
