"""One run of the job: config -> source -> kernels -> report, and what happens when a part fails.

This module imports next to nothing: signals must be caught before the slow imports begin.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NoReturn

from pipeline.errors import InputError, Interrupted, JobError, OutputError, UsageError
from pipeline.logs import log, one_line, start_logging, stop_logging

if TYPE_CHECKING:
    import numpy as np

    from pipeline.report import Metrics

UNEXPECTED = 1


@dataclass(frozen=True, kw_only=True)
class Job:
    """The files of one run."""

    input: Path = Path("data.csv")
    config: Path = Path("config.yaml")
    output: Path = Path("metrics.json")
    log_file: Path = Path("run.log")
    verbose: bool = False


class Clock:
    """Where the time of a run went, in seconds since `started`."""

    def __init__(self, started: float) -> None:
        self.started = self._lap = started
        self.parts = {"startup": 0.0, "read": 0.0, "kernel": 0.0, "report": 0.0}

    def charge(self, part: str) -> None:
        """Add the time since the last call to `part`."""
        now = perf_counter()
        self.parts[part] += now - self._lap
        self._lap = now

    def total_ms(self) -> int:
        """Return the whole milliseconds since the start."""
        return round((perf_counter() - self.started) * 1000)

    def __str__(self) -> str:
        return ", ".join(f"{part}={seconds * 1000:.0f}ms" for part, seconds in self.parts.items())


def run(job: Job, started: float | None = None, *, refusal: UsageError | None = None) -> int:
    """Run `job`, write its reports, and return its exit code.

    Parameters
    ----------
    started
        `time.perf_counter()` at the moment that `latency_ms` counts from; now, if not given.
    refusal
        What is wrong with the command line: reported like every other error, instead of a run.
    """
    clock = Clock(perf_counter() if started is None else started)
    version = ["unknown"]
    with _signals_restored():
        try:
            with _interruptible():
                _start(job, refusal)
                metrics = _measure(job, clock, version)
            _publish(metrics, job, clock)
        except JobError as error:
            log.error("%s", error)
            _fail(job, str(error), version[0])
            return error.exit_code
        except Interrupted as error:
            log.error("%s", error)
            _fail(job, str(error), version[0])
            return error.exit_code
        except Exception as error:  # noqa: BLE001 - the last net, for what nobody foresaw
            message = f"unexpected error: {type(error).__name__}: {error}"
            log.exception("%s", message)
            _fail(job, message, version[0])
            return UNEXPECTED
        finally:
            with contextlib.suppress(OutputError):
                stop_logging()
    return 0


def refuse(error: UsageError) -> int:
    """Report a command line so wrong that no file of the job is known, and return the exit code."""
    start_logging(None, verbose=False)
    log.error("%s", error)
    _fail(None, str(error), "unknown")
    stop_logging()
    return error.exit_code


def seed_generators(seed: int) -> np.random.Generator:
    """Seed NumPy's global generator, and return a new one for whatever draws numbers itself."""
    import numpy as np

    np.random.seed(seed)  # noqa: NPY002 - code that draws from the global generator must repeat too
    return np.random.default_rng(seed)


def _measure(job: Job, clock: Clock, version: list[str]) -> Metrics:
    log.info("Job started")
    from pipeline.config import load_config
    from pipeline.errors import ConfigError

    try:
        config = load_config(job.config)
    except ConfigError as error:
        version[0] = error.version or version[0]
        raise
    version[0] = config.version
    log.info("Config loaded: seed=%d, window=%d, version=%s", config.seed, config.window, config.version)
    seed_generators(config.seed)

    from kernels import summarize
    from pipeline.report import Metrics
    from pipeline.source import read_batches

    summary = summarize([], config.window)
    clock.charge("startup")
    for values in read_batches(job.input, config.column, on_missing=config.on_missing):
        clock.charge("read")
        summary = summary.merge(summarize(values, config.window))
        clock.charge("kernel")
    clock.charge("read")

    rows, missing = summary.rows, summary.missing
    if rows == 0:
        raise InputError(f"{job.input}: has a header but no data rows")
    log.info("Data loaded: %d rows", rows)
    if missing == rows:
        raise InputError(f"{job.input}: every value of {config.column} is missing, expected numbers")
    if config.window > rows:
        raise InputError(f"{job.input}: has {rows} rows, fewer than the window of {config.window}")
    if missing:
        log.warning("%s: %d of %d values of %s are missing", job.input, missing, rows, config.column)
    log.info("Rolling mean calculated with window=%d", config.window)
    log.info("Signals generated")
    return Metrics(
        version=config.version,
        rows_processed=rows,
        value=round(summary.ones / rows, 4),
        latency_ms=0,
        seed=config.seed,
    )


def _publish(metrics: Metrics, job: Job, clock: Clock) -> None:
    from pipeline.report import publish

    log.info("Metrics: signal_rate=%s, rows_processed=%d", metrics.value, metrics.rows_processed)
    metrics.latency_ms = clock.total_ms()
    publish(metrics, job.output)
    clock.charge("report")
    # The metrics are out: a disk that fills up now no longer makes the run a failure.
    with contextlib.suppress(OutputError):
        log.info("Time: %s", clock)
        log.info("Job completed successfully in %dms", metrics.latency_ms)


def _fail(job: Job | None, message: str, version: str) -> None:
    from pipeline.report import Failure, publish_failure

    # A report must not replace a file that the job reads.
    path = None if job is None or _conflict(job) else job.output
    for error in publish_failure(Failure(version=version, error_message=one_line(message)), path):
        if str(error) != message:
            log.error("%s", error)


def _start(job: Job, refusal: UsageError | None) -> None:
    start_logging(None, verbose=job.verbose)
    if conflict := _conflict(job):
        raise UsageError(conflict)
    start_logging(job.log_file, verbose=job.verbose)
    if refusal is not None:
        raise refusal
    from pipeline.report import check_folder

    check_folder(job.output)


def _conflict(job: Job) -> str | None:
    """Return a sentence if a file that the run writes is one that it reads, or both reports are one."""
    files = {"--input": job.input, "--config": job.config, "--output": job.output, "--log-file": job.log_file}
    for written in ("--output", "--log-file"):
        for flag, path in files.items():
            if flag != written and os.path.realpath(path) == os.path.realpath(files[written]) != os.devnull:
                return f"{written} and {flag} are the same file, {path}"
    return None


@contextlib.contextmanager
def _signals_restored() -> Iterator[None]:
    """Put back, at the end, whatever handled SIGINT and SIGTERM before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Raise Interrupted on SIGINT and SIGTERM inside; ignore both afterwards, while reports are written."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) is not signal.SIG_IGN]

    def interrupt(signum: int, _frame: object) -> NoReturn:
        for number in caught:
            signal.signal(number, signal.SIG_IGN)
        raise Interrupted(signum)

    for number in caught:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in caught:
            signal.signal(number, signal.SIG_IGN)
