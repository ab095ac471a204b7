"""Beside the peers, over what their own suites vary: types, shapes, orders, axes, windows, missing values.

The table tells what a peer calls a function. Where the two differ, by what is documented:

- bottleneck and numbagg have no results for infinities; theirs and pandas' sums drift after large values.
- bottleneck refuses windows longer than the axis, and gives integers back as float64, as we do.
- pandas gives float64 for float32; we give float32.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import bottleneck
import numbagg
import numpy as np
import pandas as pd
import polars as pl
import pytest

from kernels import rolling_mean, rolling_sum
from kernels.functions import TABLE, Function
from tests.kernels.cases import Array

Peer = Callable[[str, Array, int, int], Array]


def of_bottleneck(name: str, x: Array, window: int, min_count: int) -> Array:
    """Bottleneck knows arrays of any order, and divides by the count where the others divide by one less."""
    ddof = {"ddof": 1} if name in {"move_var", "move_std"} else {}
    result: Array = getattr(bottleneck, name)(x, window, min_count, **ddof)
    return result


def of_numbagg(name: str, x: Array, window: int, min_count: int) -> Array:
    """Numbagg knows floats."""
    floats = x if x.dtype.kind == "f" else x.astype(float)
    result: Array = getattr(numbagg, name)(floats, window=window, min_count=min_count)
    return result


def of_pandas(name: str, x: Array, window: int, min_count: int) -> Array:
    """Pandas rolls down columns."""
    lines = pd.DataFrame(x.reshape(-1, x.shape[-1]).T)
    rolled = getattr(lines.rolling(window, min_periods=min_count), name)()
    return np.asarray(rolled.to_numpy().T.reshape(x.shape))


def of_polars(name: str, x: Array, window: int, min_count: int) -> Array:
    """Polars takes NaN for a number, and null for a missing one."""
    lines = [
        getattr(pl.Series(line.astype(float)).fill_nan(None), name)(window, min_samples=min_count).to_numpy()
        for line in x.reshape(-1, x.shape[-1])
    ]
    return np.stack(lines).reshape(x.shape)


PEERS: dict[str, Peer] = {
    "bottleneck": of_bottleneck,
    "numbagg": of_numbagg,
    "pandas": of_pandas,
    "polars": of_polars,
}


def arrays() -> Iterator[Array]:
    """Small numbers of every type, shape and order, with and without missing ones."""
    rng = np.random.default_rng(0)
    for dtype, shape in itertools.product(["f8", "f4", "i8"], [(1,), (10,), (2, 3, 8)]):
        x = rng.integers(-9, 10, shape).astype(dtype)
        yield x
        yield np.asfortranarray(x)
        yield x[..., ::-1]
        if x.dtype.kind == "f":
            for share in (0.3, 1.0):
                yield np.where(rng.random(shape) < share, np.nan, x).astype(dtype)


@pytest.mark.parametrize(
    ("row", "peer"), [pytest.param(row, peer, id=f"{row.name}-{peer}") for row in TABLE for peer in row.peers]
)
def test_results_are_those_of_the_peer(row: Function, peer: str) -> None:
    compared = 0
    for x in arrays():
        for axis in range(-1, x.ndim):
            for window in {1, 2, x.shape[axis]} - {x.shape[axis] + 1}:
                for min_count in {1, window}:
                    got = row.function(x, window, min_count=min_count, axis=axis)
                    lines = np.moveaxis(x, axis, -1)
                    theirs = np.moveaxis(PEERS[peer](row.peers[peer], lines, window, min_count), -1, axis)
                    np.testing.assert_allclose(got, theirs, rtol=1e-5, atol=1e-5)
                    compared += 1
    assert compared > 100


# What the peers' users reported: each entry is values, window, and the right last sum or mean.
REPORTS: dict[str, tuple[list[float], int, Callable[..., Any], float]] = {
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
    "polars 21758": ([float("inf"), 1.0, 1.0], 2, rolling_mean, 1.0),
    "polars 24738": ([float("nan"), 1.0, 1.0], 2, rolling_sum, 2.0),
}


@pytest.mark.parametrize("report", REPORTS)
def test_reported_faults_of_the_peers_are_absent(report: str) -> None:
    values, window, function, expected = REPORTS[report]
    assert function(values, window)[-1] == pytest.approx(expected, rel=1e-15, abs=0.0)


def test_bottleneck_still_keeps_what_left() -> None:
    x = np.array([1e16, 1.0, 1.0, 1.0])
    assert bottleneck.move_mean(x, 2)[-1] != 1.0
    assert rolling_mean(x, 2)[-1] == 1.0
