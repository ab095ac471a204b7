"""The documented run on the sample, as a shell sees it, beside plain scripts of the same job.

`python -m benchmarks.start` prints a table of cold processes, interleaved, medians; with `--container` also
what the image takes, and its engine for doing nothing. With `--library`, how long a program that imports
`kernels` waits for its first mean, on each backend.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.processes import interleaved, table

OURS = "python cli.py"
JIT = "the same, kernels from Numba's warm cache"
TOLERANCE = 0.0005  # the peers get ties wrong
USUAL = {"PYTHONDONTWRITEBYTECODE": ""}  # bytecode is kept, as for users

SCRIPT = """
import json, logging, sys, time
started = time.perf_counter()
import numpy as np, yaml, {library}
folder = sys.argv[1]
logging.basicConfig(filename=folder + "/run.log", level=logging.INFO)
with open("config.yaml") as file:
    config = yaml.safe_load(file)
np.random.seed(config["seed"])
{compute}
metrics = dict(
    version=config["version"], rows_processed=len(close), metric="signal_rate", value=round(float(rate), 4),
    latency_ms=round((time.perf_counter() - started) * 1000), seed=config["seed"], status="success")
with open(folder + "/metrics.json", "w") as file:
    json.dump(metrics, file, indent=2)
logging.info("done: %s", metrics)
print(json.dumps(metrics, indent=2))
"""
COMPUTE = {
    "pandas": """
close = pandas.read_csv("data.csv", usecols=["close"])["close"]
rate = (close > close.rolling(config["window"]).mean()).mean()
""",
    "polars": """
close = polars.read_csv("data.csv", columns=["close"])["close"]
rate = (close > close.rolling_mean(config["window"])).fill_null(False).mean()
""",
}
FIRST_CALL = """
import time
import numpy
started = time.perf_counter()
import kernels
imported = time.perf_counter()
kernels.rolling_mean(numpy.ones(100), 5)
print(f"{(imported - started) * 1000:.1f} {(time.perf_counter() - imported) * 1000:.1f}")
"""


def jobs(rounds: int, *, container: bool) -> str:
    """Return the table of whole runs, whose results have been compared."""
    with tempfile.TemporaryDirectory() as folder:
        ours = [
            sys.executable,
            "cli.py",
            "--output",
            f"{folder}/metrics.json",
            "--log-file",
            f"{folder}/run.log",
        ]
        commands = {OURS: ours, JIT: ours}
        for library, compute in COMPUTE.items():
            script = Path(folder, f"{library}_job.py")
            script.write_text(SCRIPT.format(library=library, compute=compute))
            commands[f"plain {library}"] = [sys.executable, str(script), folder]
        if container:
            docker = ["docker", "run", "--rm"]
            commands["docker run --rm mlops-task"] = [*docker, "mlops-task"]
            commands["the engine alone"] = [*docker, "--entrypoint", "true", "mlops-task"]
        env = {name: dict(USUAL) for name in commands}
        env[OURS]["KERNELS_BACKEND"], env[JIT]["KERNELS_BACKEND"] = "native", "jit"
        results = interleaved(commands, rounds=rounds, env=env)
    reports = [json.loads(result.printed) for result in results.values() if result.printed]
    for report in reports:
        if abs(report["value"] - reports[0]["value"]) > TOLERANCE:
            raise RuntimeError(f"the programs disagree: {reports}")
    return table(results, OURS)


def library(rounds: int) -> str:
    """Return the table of the waits of a program that has NumPy already."""
    backends = {backend: USUAL | {"KERNELS_BACKEND": backend} for backend in ("native", "jit", "python")}
    lines = ["| backend | import kernels, ms | first mean, ms |", "| --- | ---: | ---: |"]
    waits: dict[str, list[tuple[float, float]]] = {backend: [] for backend in backends}
    for _ in range(rounds):
        commands = {backend: [sys.executable, "-c", FIRST_CALL] for backend in backends}
        for backend, result in interleaved(commands, rounds=1, env=backends).items():
            imported, called = map(float, result.printed.split())
            waits[backend].append((imported, called))
    for backend, found in waits.items():
        imported, called = (sorted(column)[rounds // 2] for column in zip(*found, strict=True))
        lines.append(f"| {backend} | {imported:.1f} | {called:.1f} |")
    return "\n".join(lines)


def main() -> None:
    """Print the table that the flags ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--container", action="store_true")
    parser.add_argument("--library", action="store_true")
    flags = parser.parse_args()
    print(library(flags.rounds) if flags.library else jobs(flags.rounds, container=flags.container))


if __name__ == "__main__":
    main()
