"""What one run is asked to do, and what it must not be asked."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class Job:
    """The files of one run, and how to go about it."""

    inputs: tuple[str, ...] = ("data.csv",)
    """Files, globs, folders, or `-` for standard input; each file is a series."""
    config: Path = Path("config.yaml")
    output: Path = Path("metrics.json")
    log_file: Path = Path("run.log")
    signals: Path | None = None
    breakdown: Path | None = None
    keep_going: bool = False
    threads: int | None = None
    """How many threads (processes of a local Dask cluster) read; one per core of this process if None."""
    engine: str = "local"
    """`local` for this process, `dask` for a cluster."""
    scheduler: str | None = None
    """The address of an existing Dask cluster; a local one is started if None."""
    show_progress: bool = True
    verbose: bool = False


def check_engine(job: Job) -> None:
    """Raise UsageError if what is asked for is not what the engine can do."""
    if job.engine == "local":
        if job.scheduler is not None:
            raise UsageError("--scheduler needs --engine dask")
        return
    if job.signals is not None:
        raise UsageError("--signals needs --engine local: a cluster returns counts, not rows")
    if "-" in job.inputs:
        raise UsageError("--engine dask needs files that every worker sees, got standard input")
    if job.scheduler is not None and job.threads is not None:
        raise UsageError("--threads is for a local cluster, and --scheduler names one that has its workers")


def _written(job: Job) -> dict[str, Path]:
    """Return the files that the run writes, by their flags."""
    files = {"--output": job.output, "--log-file": job.log_file}
    files |= {"--signals": job.signals} if job.signals else {}
    return files | ({"--breakdown": job.breakdown} if job.breakdown else {})


def conflict(job: Job) -> str | None:
    """Return a sentence if a file that the run writes is one that it reads, or writes twice."""
    written = _written(job)
    for flag, path in written.items():
        others = [("--config", job.config), *(("--input", Path(name)) for name in job.inputs)]
        others += [(other, file) for other, file in written.items() if other != flag]
        for other, file in others:
            if _same(path, file):
                return f"{flag} and {other} are the same file, {path}"
    return None


def check_not_read(job: Job, names: list[str]) -> None:
    """Raise UsageError if a file that the run writes is one that a glob or folder gave it to read."""
    inputs = {os.path.realpath(name): name for name in names}
    for flag, path in _written(job).items():
        if os.path.realpath(path) in inputs and not _same(path, Path(os.devnull)):
            raise UsageError(f"{flag} and --input are the same file, {path}")


def _same(one: Path, other: Path) -> bool:
    """Tell whether two paths lead to one regular file, by whatever links."""
    try:
        if os.path.realpath(one) == os.path.realpath(other):
            return not one.exists() or one.is_file()
        return one.is_file() and other.is_file() and one.samefile(other)
    except OSError:
        return False  # what cannot be looked at is refused where it is opened
