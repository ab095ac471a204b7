"""What one run is asked to do, and what it must not be asked."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from mlops_task.errors import UsageError


class Job(NamedTuple):
    """The files of one run, and how to go about it."""

    inputs: tuple[str, ...] = ("data.csv",)
    """Files, globs, folders, or `-` for standard input; each file is a series."""
    config: Path = Path("config.yaml")
    needs_config: bool = True
    """Whether there must be such a file, even if the overrides have all required keys."""
    overrides: tuple[str, ...] = ()
    """`section.key=value` each: what wins over the config file."""
    output: Path = Path("metrics.json")
    log_file: Path = Path("run.log")
    log_format: str = "text"
    """`text`, or `json` for an object a line."""
    signals: Path | None = None
    breakdown: Path | None = None
    force: bool = False
    """Whether reports may replace data, and tables what is no table."""
    keep_going: bool = False
    threads: int | None = None
    """How many threads (processes of a local Dask cluster) read; one per core of this process if None."""
    engine: str = "local"
    """`local` for this process, `dask` for a cluster."""
    scheduler: str | None = None
    """The address of an existing Dask cluster; a local one is started if None."""
    show_progress: bool = True
    verbose: bool = False
    inspect: tuple[str, ...] = ()
    """Files, globs and folders to be looked at instead of a run."""
    unknown: tuple[str, ...] = ()
    """Words of the command line that mean nothing: reported, like every other error, instead of a run."""
    hint: str = ""
    """What was meant by them, perhaps."""


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
