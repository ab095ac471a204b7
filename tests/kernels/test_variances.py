"""Variances where there are few values, and by both of their ways."""

import math
from fractions import Fraction

import numpy as np
import pytest

import kernels
from kernels.functions import deviation, variance
from tests.kernels.cases import Array, nearest


@pytest.mark.parametrize("ddof", [0, 1, 2, 3, 7])
@pytest.mark.parametrize("missing", [False, True])
def test_windows_of_no_more_values_than_ddof_have_no_result(ddof: int, missing: bool) -> None:  # noqa: FBT001
    x = np.random.default_rng(ddof).integers(0, 1000, 60) / 8
    if missing:
        x[::3] = np.nan
    for window in (1, 2, 3, 5):
        for function, definition in ((kernels.rolling_var, variance), (kernels.rolling_std, deviation)):
            got = function(x, window, ddof=ddof, min_count=1)
            for i in range(len(x)):
                held = [Fraction(v) for v in x[max(0, i - window + 1) : i + 1].tolist() if not math.isnan(v)]
                wanted = definition(held, ddof)
                if wanted is None:
                    assert math.isnan(got[i])
                else:
                    assert abs(got[i] - nearest(wanted)) <= 4 * np.spacing(nearest(wanted))


def _far_apart(rows: int) -> dict[str, Array]:
    rng, i = np.random.default_rng(rows), np.arange(rows)
    return {
        "sine": np.sin(2 * np.pi * i / 50),
        "24 decades": 10.0 ** rng.uniform(-12, 12, rows),
        "300 decades": 10.0 ** rng.uniform(-160, 139, rows) * rng.choice([-1, 1], rows),
        "spikes": np.where(i % 997 == 0, 1e12, rng.normal(size=rows)),
        "bursts": np.where(i // 300 % 2 == 0, 1e-9, 1.0) * rng.normal(size=rows),
        "tiny flats": np.where(i // 100 % 2 == 0, 1e-30, rng.normal(size=rows)),
        "sine with gaps": np.where(rng.random(rows) < 0.1, np.nan, np.sin(2 * np.pi * i / 50)),
        "few digits": rng.random(rows, dtype=np.float32).astype(float),
    }


@pytest.mark.parametrize("kind", _far_apart(1))
def test_a_variance_is_of_its_window_alone_whatever_grid_its_block_had(kind: str) -> None:
    x = _far_apart(5000)[kind]
    for window in (2, 5, 60, 700):
        for function in (kernels.rolling_var, kernels.rolling_std):
            got = function(x, window, min_count=2)
            for end in np.random.default_rng(window).integers(window, len(x), 60):
                alone = function(x[end - window : end].copy(), window, min_count=2)
                np.testing.assert_array_equal(got[end - 1], alone[-1])


@pytest.mark.parametrize("kind", [*_far_apart(1), "infinities", "flats", "beyond the squares"])
def test_a_stream_of_any_values_has_the_bits_of_the_whole(kind: str) -> None:
    rng = np.random.default_rng(7)
    others = {
        "infinities": np.where(rng.random(1200) < 0.01, np.inf, rng.normal(size=1200)),
        "flats": np.repeat(rng.normal(size=30), 40),
        "beyond the squares": rng.normal(size=1200) * 1e300,
    }
    x = (_far_apart(1200) | others)[kind]
    for window, ddof in ((1, 0), (2, 1), (20, 1), (300, 2)):
        stream = kernels.RollingVar(window, ddof=ddof, min_count=1)
        got: list[float] = []
        while len(got) < len(x):
            rows = int(rng.choice([1, 3, 10, 200]))
            chunk = x[len(got) : len(got) + rows]
            got += (
                [stream.update(v)[0] for v in chunk.tolist()] if rows < 10 else stream.update(chunk).tolist()
            )
        wanted = kernels.rolling_var(x, window, ddof=ddof, min_count=1)
        np.testing.assert_array_equal(np.array(got), wanted)


@pytest.mark.parametrize("window", [2, 3, 5, 16, 33])
def test_neighbouring_floats_are_not_constant(window: int) -> None:
    rng = np.random.default_rng(window)
    for unit in (1.0, 46_000.0, 2.0**-300):
        x = np.where(rng.random(300) < 0.2, np.nextafter(unit, 2 * unit), unit)
        got = kernels.rolling_var(x, window)
        for i in range(window - 1, len(x)):
            wanted = nearest(
                variance([Fraction(v) for v in x[i - window + 1 : i + 1].tolist()], 1) or Fraction()
            )
            assert abs(got[i] - wanted) <= 4 * np.spacing(wanted)
