"""Variances where there are few values, and by both of their ways."""

import math
from fractions import Fraction

import numpy as np
import pytest

import kernels
from kernels.functions import deviation, variance
from tests.kernels.cases import nearest


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
