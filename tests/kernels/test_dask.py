"""The kernels on dask arrays: lazily, and to the bit what they give for the array in memory."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import dask
import dask.array as da
import numpy as np
import pytest

import kernels
from kernels.functions import TABLE

ROLLING = [row.function for row in TABLE]
Values = np.ndarray[Any, Any]


@pytest.fixture(autouse=True)
def in_this_thread() -> Iterator[None]:
    with dask.config.set(scheduler="synchronous"):
        yield


def same(got: Values, expected: Values) -> bool:
    return got.dtype == expected.dtype and got.shape == expected.shape and got.tobytes() == expected.tobytes()


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_rows_run_along_any_axis(axis: int) -> None:
    x = np.random.default_rng(4).normal(100, 1, (7, 8, 9)).round(2)
    lazy = da.from_array(x, chunks=((3, 1, 3), (2, 6), (4, 5)))
    for function in ROLLING:
        got = function(lazy, 4, axis=axis, threads=2)
        assert same(got.compute(), function(x, 4, axis=axis))


def test_nothing_is_computed_before_it_is_asked_for() -> None:
    def explode(block: Values) -> Values:
        raise AssertionError(block)

    lazy = da.ones(50, chunks=7).map_blocks(explode, meta=np.empty(0))
    functions: list[Callable[..., Any]] = [*ROLLING, kernels.signal_rate]
    for function in functions:
        assert isinstance(function(lazy, 3), da.Array)


def test_a_chunk_depends_on_the_window_before_it_alone() -> None:
    blocks: list[int] = []

    def note(block: Values, block_info: Any = None) -> Values:  # noqa: ANN401 - Dask's own
        blocks.append(block_info[0]["chunk-location"][0])
        return block

    lazy: Any = kernels.rolling_mean(da.ones(1000, chunks=10).map_blocks(note, meta=np.empty(0)), 15)
    lazy.blocks[50].compute()
    assert sorted(set(blocks)) == [48, 49, 50]


def test_the_rate_of_a_dask_array_is_that_of_the_array() -> None:
    x = np.random.default_rng(3).integers(0, 9, 500) / 10
    assert float(kernels.signal_rate(da.from_array(x, chunks=70), 5)) == kernels.signal_rate(x, 5)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("kind", ["masked array", "matrix"])
def test_blocks_that_are_no_plain_arrays_are_refused(kind: str, known: bool) -> None:  # noqa: FBT001  a case
    def special(block: Values) -> Values:
        return np.ma.masked_less(block, 0.5) if kind == "masked array" else block.view(np.matrix)

    meta = special(np.empty((0, 0))) if known else np.empty((0, 0))
    lazy: Any = da.ones((9, 9), chunks=3).map_blocks(special, meta=meta)
    for function in ROLLING:
        with pytest.raises(TypeError, match=f"^x must not be a {kind}"):
            function(lazy, 4, axis=0).compute()


def test_the_end_of_a_masked_block_is_refused_to_the_next() -> None:
    def special(block: Values, block_info: Any = None) -> Values:  # noqa: ANN401 - Dask's own
        first = block_info[0]["chunk-location"] == (0,)
        return np.ma.masked_less(block, 2.0) if first else block

    lazy: Any = da.ones(9, chunks=3).map_blocks(special, meta=np.empty(0))
    for function in ROLLING:
        with pytest.raises(TypeError, match=r"^x must not be a masked array"):
            function(lazy, 2).blocks[1].compute()


def test_no_rows_have_no_rate() -> None:
    lazy = da.from_array(np.empty(0))
    assert np.isnan(float(kernels.signal_rate(lazy, 3)))
    for function in ROLLING:
        assert function(lazy, 3).compute().shape == (0,)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "window must be between 1 and 2147483647, got 0": lambda x: kernels.rolling_mean(x, 0),
    "axis must be between -1 and 0, got 1": lambda x: kernels.above_mean(x, 2, axis=1),
    "out must be None for a dask.Array, got int": lambda x: ROLLING[0](x, 2, out=3),
    "x must hold float64, float32, integers or booleans, got complex128": lambda x: kernels.rolling_sum(
        x + 1j, 2
    ),
    "x must have one dimension, got 2": lambda x: kernels.signal_rate(x[None], 2),
    "x must have chunks of known sizes, which x.compute_chunk_sizes() finds out": (
        lambda x: kernels.rolling_mean(x[x > 0], 2)
    ),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_makes_no_sense_is_refused_at_once(message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(message)}$"):
        REFUSED[message](da.ones(10, chunks=3))


def test_arrays_in_memory_need_no_dask() -> None:
    code = "import sys, kernels; kernels.rolling_mean([1.0, 2.0], 1); sys.exit('dask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
