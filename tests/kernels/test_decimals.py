"""What floats print as, and comparisons of that, by the parts that the drivers are made of."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernels._backend.compiled import BACKEND
from kernels._conversions import as_printed
from kernels._exact import decimals

OPEN = decimals.OPEN


def callable_from_python(function: Any) -> Callable[..., Any]:  # noqa: ANN401  a part of loops, compiled or not
    """A part of loops, compiled once more with a wrapper that Python can call."""
    called: Callable[..., Any] = function
    if BACKEND == "jit":
        import numba

        jit: Any = numba.njit
        called = jit(function.py_func)
    return called


shortest = callable_from_python(decimals.shortest)
decide = callable_from_python(decimals.decide)


def assert_prints(value: float) -> None:
    m, k = shortest(value)
    printed = Decimal(repr(float(value)))
    assert Decimal(int(m)).scaleb(int(k)) == printed
    assert abs(int(m)) < 10**18


@given(st.floats(allow_nan=False, allow_infinity=False).filter(bool))
@settings(max_examples=2000)
def test_any_float_is_the_decimal_that_it_prints(value: float) -> None:
    assert_prints(value)


@pytest.mark.parametrize("exponent", range(-1074, 1024, 7))
def test_floats_beside_powers_of_two_are_the_decimals_that_they_print(exponent: int) -> None:
    power = 2.0**exponent
    for value in (power, np.nextafter(power, np.inf), np.nextafter(power, 0.0), -3.0 * 2.0 ** (exponent - 2)):
        if 0 < abs(value) < np.inf:
            assert_prints(value)


def test_float32_of_any_bits_is_the_float_nearest_to_the_decimal_that_it_prints() -> None:
    patterns = np.random.default_rng(0).integers(0, 2**32, 20_000, np.uint32).view(np.float32)
    powers = np.ldexp(np.float32(1), np.arange(-149, 128))
    below, above = np.nextafter(powers, np.float32(0)), np.nextafter(powers, np.float32(np.inf))
    others = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 2**24, 123456789, 0.3, -46000.12], np.float32)
    values = np.concatenate([patterns, powers, below, above, others])
    with np.errstate(invalid="ignore"):  # of NaN that signal
        wanted = np.array([float(str(value)) for value in values])
    got = as_printed(values)
    np.testing.assert_array_equal(got, wanted)
    assert (np.signbit(got) == np.signbit(values))[~np.isnan(values)].all()


def test_floats_of_any_bits_are_the_decimals_that_they_print() -> None:
    patterns = np.random.default_rng(0).integers(0, 2**64, 3000, np.uint64).view(np.float64)
    for value in patterns[np.isfinite(patterns)].tolist():
        assert_prints(value)


def decided(x: list[float], doubt: int) -> int:
    """The signal of one window."""
    values, out = np.array(x), np.full(1, OPEN, np.int8)
    decide(values, len(x), doubt, np.empty((5, len(x)), np.int64), out)
    return int(out[0])


def is_above(x: list[float]) -> int:
    present = [Fraction(repr(v)) for v in x if v == v]  # noqa: PLR0124  not NaN
    return int(len(present) * present[-1] > sum(present))


SMALLEST = 1e-16


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("doubt", [*range(14, 30), *range(70, 77), 200, 1023])
def test_a_difference_of_many_digits_keeps_its_sign(doubt: int, sign: float) -> None:
    """The smallest value is so many 1e-32, of which 2**127 are 1.7e6: more needs more than 128 bits."""
    for share in (0.5001, 0.7, 0.8, 0.9999):
        difference = share * 2.0**doubt
        x = [SMALLEST, sign * -difference / 2, sign * difference / 4]
        assert decided(x, doubt) == is_above(x)
        again = [SMALLEST, 0.0, sign * difference / 2.5]
        assert decided(again, doubt) == is_above(again)


@given(
    st.lists(
        st.one_of(
            st.floats(allow_infinity=False),
            st.sampled_from([0.1, 0.2, 0.3, 0.1 + 0.2, 1e25, -1e25, 5e-324, 1.7e308, -1.7e308, 0.0, 1e-7]),
        ),
        min_size=1,
        max_size=6,
    ).filter(lambda x: x[-1] == x[-1])
)
@settings(max_examples=500)
def test_any_window_is_decided_by_what_it_prints(x: list[float]) -> None:
    assert decided(x, 1100) == is_above(x)


def test_a_digit_is_outweighed_by_all_that_lie_below_it() -> None:
    """The sum of digits is above the number of values, and all lower ones come to a little more."""
    count = 2000
    for above in range(count - 4, count + 12):
        x = [above * -1e27, *[9.99999999e26] * (count - 2), -4.8e24]
        assert decided(x, 1100) == is_above(x)


def test_long_windows_are_decided_together() -> None:
    rng = np.random.default_rng(1)
    for spread in (1.0, 1e30):
        x = rng.choice([0.1, 0.2, 0.3, 0.1 + 0.2, spread, -spread, np.nan], 600)
        x[0] = 0.1
        for window in (2, 7, 300):
            out = np.where(np.isnan(x[window - 1 :]), 0, OPEN).astype(np.int8)
            decide(x, window, 300, np.empty((5, 600), np.int64), out)
            values = x.tolist()
            for j in np.flatnonzero(~np.isnan(x[window - 1 :])).tolist()[:: max(1, window // 20)]:
                assert out[j] == is_above(values[j : j + window])
