"""The whole job in process, from flags to reports, beside the same job in pandas."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.generate import write
from mlops_task import cli

CONFIG = Path(__file__).parents[1] / "config.yaml"
Job = Callable[[Path, Path], dict[str, Any]]


def ours(source: Path, folder: Path) -> dict[str, Any]:
    """Run the command line without a new process."""
    output = folder / "metrics.json"
    log = folder / "run.log"
    flags = ["--input", source, "--config", CONFIG, "--output", output, "--log-file", log]
    assert cli.main([str(flag) for flag in flags]) == 0
    return dict(json.loads(output.read_bytes()))


def in_pandas(source: Path, folder: Path) -> dict[str, Any]:
    """Do what the job does, as one writes it in pandas."""
    started = time.perf_counter()
    config = yaml.safe_load(CONFIG.read_text())
    np.random.default_rng(config["seed"])
    close = pd.read_csv(source, usecols=["close"])["close"]
    signal = close > close.rolling(config["window"]).mean()
    metrics = {
        "version": config["version"],
        "rows_processed": len(close),
        "metric": "signal_rate",
        "value": round(float(signal.mean()), 4),
        "latency_ms": round(1000 * (time.perf_counter() - started)),
        "seed": config["seed"],
        "status": "success",
    }
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (folder / "run.log").write_text(f"Job completed successfully in {metrics['latency_ms']}ms\n")
    return metrics


@pytest.fixture(scope="module", params=[10_000, 1_000_000], ids="{:,} rows".format)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a file and see that both jobs say the same of it."""
    folder = tmp_path_factory.mktemp("job")
    path = folder / f"{request.param:,} rows.csv"
    write(path, rows=request.param)
    got, expected = ours(path, folder), in_pandas(path, folder)
    # Of the ties, one row in a thousand, pandas rounds some upwards.
    assert got.pop("value") == pytest.approx(expected.pop("value"), abs=5e-4)
    assert got | {"latency_ms": 0} == expected | {"latency_ms": 0}
    return path


@pytest.mark.parametrize("job", [ours, in_pandas])
def test_job(benchmark: BenchmarkFixture, job: Job, source: Path, tmp_path: Path) -> None:
    benchmark.group = source.stem
    metrics = benchmark(job, source, tmp_path)
    benchmark.extra_info["latency_ms"] = metrics["latency_ms"]
    if benchmark.stats:
        benchmark.extra_info["rows_per_second"] = round(
            metrics["rows_processed"] / benchmark.stats.stats.median
        )
