"""Whole processes measured side by side: what a user waits for, imports included."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """Wall times in seconds, the peak resident memory in MB, and what the command printed last."""

    seconds: list[float]
    peak_mb: int
    printed: str

    @property
    def median(self) -> float:
        """The median of the wall times."""
        return statistics.median(self.seconds)


def interleaved(
    commands: dict[str, list[str]], *, rounds: int, env: dict[str, dict[str, str]] | None = None
) -> dict[str, Measured]:
    """Run every command once to warm the caches, then all in turn for `rounds` rounds."""
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    peaks: dict[str, int] = dict.fromkeys(commands, 0)
    printed: dict[str, str] = {}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            wall, peak, printed[name] = _run(command, (env or {}).get(name, {}))
            if turn:
                seconds[name].append(wall)
                peaks[name] = max(peaks[name], peak)
    return {name: Measured(seconds[name], peaks[name], printed[name]) for name in commands}


def _run(command: list[str], extra: dict[str, str]) -> tuple[float, int, str]:
    begun = time.perf_counter()
    # Bytecode is kept, as for users, whatever this environment says.
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", **extra}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1], env=env)
    assert process.stdout is not None
    printed = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}: {printed}")
    return wall, usage.ru_maxrss // 1024, printed


def table(results: dict[str, Measured], ours: str) -> str:
    """Return a Markdown table of the medians, with the ratios of `ours` to each."""
    lines = ["| program | seconds | MB | ours takes |", "| --- | ---: | ---: | ---: |"]
    for name, result in results.items():
        ratio = "" if name == ours else f"{results[ours].median / result.median:.2f} of it"
        lines.append(f"| {name} | {result.median:.3f} | {result.peak_mb} | {ratio} |")
    return "\n".join(lines)
