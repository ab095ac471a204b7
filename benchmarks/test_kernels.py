"""The kernels beside their peers; `python -m benchmarks.report` makes a table of the whole grid."""

from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import kernels
from benchmarks.peers import FUNCTIONS, RATES, SIGNALS, Function, prices
from kernels.functions import TABLE
from kernels.streams import Stream

ROWS = 100_000


@pytest.mark.parametrize("window", [5, 100])
@pytest.mark.parametrize(
    ("name", "peer"), [(name, peer) for name, beside in FUNCTIONS.items() for peer in beside]
)
@pytest.mark.benchmark(group="rolling functions")
def test_rolling(benchmark: BenchmarkFixture, name: str, peer: str, window: int) -> None:
    x = prices(ROWS)
    got = benchmark(FUNCTIONS[name][peer], x, window)
    np.testing.assert_allclose(got, FUNCTIONS[name]["kernels"](x, window), rtol=1e-9)


@pytest.mark.parametrize("window", [5, 100])
@pytest.mark.parametrize(
    ("task", "peer"),
    [("signals", peer) for peer in SIGNALS] + [("rate", peer) for peer in RATES],
)
@pytest.mark.benchmark(group="signals")
def test_signals(benchmark: BenchmarkFixture, task: str, peer: str, window: int) -> None:
    x = prices(ROWS)
    function: Function = {"signals": SIGNALS, "rate": RATES}[task][peer]
    got = benchmark(function, x, window)
    assert np.mean(got) == pytest.approx(kernels.signal_rate(x, window), abs=1e-3)


@pytest.mark.parametrize("stream", [row.stream for row in TABLE])
@pytest.mark.benchmark(group="one value of a stream")
def test_one_value_of_a_stream(benchmark: BenchmarkFixture, stream: type[Stream[Any]]) -> None:
    fed = stream(100)
    fed.update(prices(1000))
    benchmark(fed.update, 46_000.25)
