"""Where the work runs: the threads of this process, or a Dask cluster."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlops_task.engines.results import Engine
    from mlops_task.job import Job


def engine_of(job: Job) -> AbstractContextManager[Engine]:
    """Return the engine that the job asks for, which starts and stops with a `with`."""
    threads = job.threads or len(os.sched_getaffinity(0))
    if job.engine == "dask":
        from mlops_task.engines.dask import dask

        return dask(job.scheduler, threads)
    from mlops_task.engines.local import Local

    return Local(threads, keep=job.signals is not None)
