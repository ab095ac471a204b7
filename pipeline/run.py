"""One run of the job: config -> source -> kernels -> report, and what happens when a part fails.

This module imports next to nothing: signals must be caught before the slow imports begin.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import TYPE_CHECKING

from pipeline.errors import InputError, Interrupted, JobError, OutputError, UsageError
from pipeline.interrupts import interruptible, signals_restored
from pipeline.job import Job, check_engine, check_not_read, conflict
from pipeline.logs import log, one_line, start_logging, stop_logging

if TYPE_CHECKING:
    from pipeline.config import Config
    from pipeline.engine import Outcome
    from pipeline.report import Metrics

UNEXPECTED = 1


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

    def move(self, giver: str, taker: str, share: float) -> None:
        """Charge a share of the time of one part to another that ran inside it."""
        seconds = self.parts[giver] * share
        self.parts[giver] -= seconds
        self.parts[taker] += seconds

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
    with signals_restored():
        try:
            with interruptible() as check:
                _start(job, refusal)
                metrics = _measure(job, clock, version, check)
            _publish(metrics, job, clock)
        except (JobError, Interrupted) as error:
            _fail(job, str(error), version[0])
            return error.exit_code
        except Exception as error:  # noqa: BLE001 - the last net, for what nobody foresaw
            _fail(job, f"unexpected error: {type(error).__name__}: {error}", version[0], trace=True)
            return UNEXPECTED
        finally:
            with contextlib.suppress(OutputError):
                stop_logging()
    return 0


def refuse(error: UsageError) -> int:
    """Report a command line so wrong that no file of the job is known, and return the exit code."""
    start_logging(None, verbose=False)
    _fail(None, str(error), "unknown")
    stop_logging()
    return error.exit_code


def seed_generators(seed: int) -> None:
    """Seed NumPy's global generator where something has loaded it.

    Nothing in the job draws numbers, and importing the generators only to seed them takes 9 ms.
    """
    random = sys.modules.get("numpy.random")
    if random is not None:
        random.seed(seed)


def _measure(job: Job, clock: Clock, version: list[str], check: Callable[[], None]) -> Metrics:
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

    from pipeline.inputs import expand
    from pipeline.report import Metrics

    names = expand(list(job.inputs))
    check_not_read(job, names)
    outcomes = _outcomes(job, config, names, clock, check)
    good = [outcome.summary for outcome in outcomes if outcome.error is None]
    rows, ones, missing = (sum(getattr(s, key) for s in good) for key in ("rows", "ones", "missing"))
    log.info("Data loaded: %d rows%s", rows, f" from {len(good)} files" if len(names) > 1 else "")
    if missing:
        log.warning("%d of %d values of %s are missing", missing, rows, config.column)
    log.info("Rolling mean calculated with window=%d", config.window)
    log.info("Signals generated")
    return Metrics(
        version=config.version,
        rows_processed=rows,
        value=round(ones / rows, 4),
        latency_ms=0,
        seed=config.seed,
    )


def _outcomes(
    job: Job, config: Config, names: list[str], clock: Clock, check: Callable[[], None]
) -> list[Outcome]:
    """Run all series, calling `check` on the way; return outcomes, unless one that failed fails the run."""
    from pipeline.engine import Part, Spent, run_local
    from pipeline.progress import progress

    spent = Spent()
    threads = job.threads or len(os.sched_getaffinity(0))
    show, finish_series = progress(names, wanted=job.show_progress)

    def advance(size: int, rows: int) -> None:
        check()
        show(size, rows)

    outcomes = []
    with contextlib.ExitStack() as stack:
        append = None
        if job.signals is not None:
            from pipeline.tables import signals_file

            append = stack.enter_context(
                signals_file(
                    job.signals,
                    config.column,
                    config.window,
                    named=len(names) > 1,
                    keep_going=job.keep_going,
                )
            )

        def on_part(name: str, part: Part) -> None:
            advance(part.size, part.summary.rows)
            if append is not None and part.batch is not None:
                append(name, part.batch)

        keep = append is not None
        clock.charge("startup")
        if job.engine == "dask":
            from pipeline.dask_engine import run_dask

            found = run_dask(
                names, config, scheduler=job.scheduler, workers=threads, spent=spent, advance=advance
            )
            running: Iterator[Outcome] = stack.enter_context(contextlib.closing(found))
        else:
            running = run_local(names, config, threads=threads, spent=spent, on_part=on_part, keep=keep)
        for outcome in running:
            finish_series()
            if outcome.error is not None and len(names) > 1:
                level = logging.WARNING if job.keep_going else logging.ERROR
                log.log(level, "%s: %s", outcome.name, outcome.error)
            outcomes.append(outcome)
        clock.charge("read")
        clock.move("read", "kernel", spent.kernel / ((spent.read + spent.kernel) or 1))
        if job.breakdown is not None:
            from pipeline.tables import write_breakdown

            write_breakdown(job.breakdown, map(_line, outcomes))
        _check_outcomes(outcomes, keep_going=job.keep_going)
    return outcomes


def _check_outcomes(outcomes: list[Outcome], *, keep_going: bool) -> None:
    """Raise InputError if a series failed, or all did where that is allowed."""
    bad = [outcome for outcome in outcomes if outcome.error is not None]
    if not bad or (keep_going and len(bad) < len(outcomes)):
        return
    first = f"{_shown(bad[0].name)}: {bad[0].error}"
    if len(outcomes) == 1:
        raise InputError(first)
    raise InputError(f"{len(bad)} of {len(outcomes)} files failed, the first being {first}")


def _line(outcome: Outcome) -> dict[str, object]:
    """Return what the breakdown says of a series."""
    summary = outcome.summary
    line: dict[str, object] = {
        "file": outcome.name,
        "rows": None,
        "ones": None,
        "rate": None,
        "missing": None,
    }
    if outcome.error is None:
        line |= {"rows": summary.rows, "ones": summary.ones, "missing": summary.missing}
        line["rate"] = summary.ones / summary.rows
    return line | {"status": "success" if outcome.error is None else str(outcome.error)}


def _shown(name: str) -> str:
    return "standard input" if name == "-" else name


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


def _fail(job: Job | None, message: str, version: str, *, trace: bool = False) -> None:
    from pipeline.report import Failure, publish_failure

    # What cannot be logged is still reported.
    with contextlib.suppress(OutputError):
        log.error("%s", message, exc_info=trace)

    # A report must not replace a file that the job reads.
    path = None if job is None or conflict(job) else job.output
    for error in publish_failure(Failure(version=version, error_message=one_line(message)), path):
        if str(error) != message:
            with contextlib.suppress(OutputError):
                log.error("%s", error)


def _start(job: Job, refusal: UsageError | None) -> None:
    start_logging(None, verbose=job.verbose)
    if clash := conflict(job):
        raise UsageError(clash)
    start_logging(job.log_file, verbose=job.verbose)
    if refusal is not None:
        raise refusal
    check_engine(job)
    from pipeline.files import check_folder

    check_folder(job.output)
    if job.signals is not None or job.breakdown is not None:
        from pipeline.tables import BREAKDOWN, SIGNALS, check_suffix

        for flag, path, known in (
            ("--signals", job.signals, SIGNALS),
            ("--breakdown", job.breakdown, BREAKDOWN),
        ):
            if path is not None:
                check_suffix(flag, path, known)
                check_folder(path)
