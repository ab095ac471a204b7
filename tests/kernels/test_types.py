"""What type checkers know of the results; the checks are mypy's, over these files."""

import os
import subprocess
import sys
from pathlib import Path
from typing import assert_type

import numpy as np
import pytest
from numpy.typing import NDArray

import kernels


def test_types_are_those_of_the_results() -> None:
    single: NDArray[np.float32] = np.ones(3, np.float32)
    double: NDArray[np.float64] = np.ones(3)
    window = np.int64(2)
    assert assert_type(kernels.rolling_mean(single, window), NDArray[np.float32]).dtype == np.float32
    assert assert_type(kernels.rolling_sum(double, window), NDArray[np.float64]).dtype == np.float64
    assert assert_type(kernels.rolling_sum([1, 2], window), NDArray[np.float64]).dtype == np.float64
    assert assert_type(kernels.above_mean(single, window), NDArray[np.int8]).dtype == np.int8
    assert type(assert_type(kernels.signal_rate(double, window), float)) is float
    stream = kernels.RollingMean(window)
    assert assert_type(stream.update(single), NDArray[np.float32]).dtype == np.float32
    assert assert_type(stream.update(double), NDArray[np.float64]).dtype == np.float64
    assert type(assert_type(stream.peek(1.0), float)) is float
    assert assert_type(kernels.AboveMean(window).update(single), NDArray[np.int8]).dtype == np.int8


@pytest.mark.parametrize(
    "checker",
    [
        ["mypy", "--strict", "user.py"],
        ["basedpyright", "--project", "pyrightconfig.json", "--pythonpath", sys.executable],
    ],
    ids=lambda command: command[0],
)
def test_a_file_of_a_user_passes_strict_checkers(checker: list[str]) -> None:
    command = [sys.executable, "-m", *checker]
    folder = Path(__file__).parents[1] / "typed"
    environment = os.environ | {"MYPYPATH": str(folder.parents[1])}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
