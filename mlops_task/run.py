"""One run of the job: config -> source -> kernels -> report, and what happens when a part fails.

This module imports next to nothing: signals must be caught before the slow imports begin.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from mlops_task.errors import InputError, Interrupted, JobError, OutputError, UsageError, unmet_need
from mlops_task.interrupts import interruptible, signals_restored
from mlops_task.job import Job, check_engine
from mlops_task.outputs.log import log, one_line, start_logging, stop_logging
from mlops_task.outputs.refusals import LOG, STDERR, STDOUT, refusals

if TYPE_CHECKING:
    from mlops_task.config import Config
    from mlops_task.engines.local import Outcome
    from mlops_task.outputs.metrics import Metrics
    from mlops_task.outputs.progress import Progress

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


def run(job: Job, started: float | None = None) -> int:
    """Run `job`, write its reports, and return its exit code.

    Parameters
    ----------
    started
        `time.perf_counter()` at the moment that `latency_ms` counts from; now, if not given.
    """
    clock = Clock(perf_counter() if started is None else started)
    version = ["unknown"]
    refused: Mapping[str, JobError] | None = None

    def fail(message: str, *, trace: bool = False) -> None:
        # Whoever was interrupted this early has not decided it yet.
        decided = refusals(job, job.unknown) if refused is None else refused
        _fail(job, message, version[0], decided, trace=trace)

    with signals_restored():
        try:
            with interruptible() as check:
                refused = refusals(job, job.unknown)
                _start(job, refused)
                metrics = _measure(job, clock, version, check)
            _publish(metrics, job, clock)
        except (JobError, Interrupted) as error:
            fail(str(error))
            return error.exit_code
        except Exception as error:  # noqa: BLE001 - the last net, for what nobody foresaw
            foreseen = unmet_need(error)
            message = foreseen or f"unexpected error: {type(error).__name__}: {error}"
            fail(str(message), trace=foreseen is None)
            return foreseen.exit_code if foreseen else UNEXPECTED
        finally:
            with contextlib.suppress(OutputError):
                stop_logging()
    return 0


def refuse(error: UsageError, words: Sequence[str]) -> int:
    """Report a command line so wrong that no file of the job is known, and return the exit code."""
    refused = refusals(None, words)
    start_logging(None, verbose=False, stderr=STDERR not in refused)
    _fail(None, str(error), "unknown", refused)
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
    from mlops_task.config import Config
    from mlops_task.errors import ConfigError
    from mlops_task.settings import load

    try:
        config = load(job.config, Config)
    except ConfigError as error:
        version[0] = error.version or version[0]
        raise
    version[0] = config.version
    log.info("Config loaded: seed=%d, window=%d, version=%s", config.seed, config.window, config.version)
    seed_generators(config.seed)

    from mlops_task.inputs.paths import expand
    from mlops_task.outputs.metrics import Metrics
    from mlops_task.outputs.progress import Progress

    with Progress(wanted=job.show_progress) as progress:
        progress.stage("Looking for inputs")
        names = expand(list(job.inputs))
        outcomes = _outcomes(job, config, names, clock, check, progress)
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
        metric="signal_rate",
        value=round(ones / rows, 4),
        latency_ms=0,
        seed=config.seed,
        status="success",
    )


def _outcomes(  # noqa: PLR0913, PLR0917 - the job threads them through
    job: Job, config: Config, names: list[str], clock: Clock, check: Callable[[], None], progress: Progress
) -> list[Outcome]:
    """Run all series, calling `check` on the way; return outcomes, unless one that failed fails the run."""
    from kernels import backend
    from mlops_task.engines.local import Part, Spent, run_local

    name, why = backend()
    if name == "python":
        log.warning("the kernels run as plain Python, many times slower: %s", why)
    spent = Spent()
    threads = job.threads or len(os.sched_getaffinity(0))

    def advance(size: int, rows: int) -> None:
        check()
        progress.advance(size, rows)

    outcomes = []
    with contextlib.ExitStack() as stack:
        append = None
        if job.signals is not None:
            from mlops_task.outputs.tables import signals_file

            append = stack.enter_context(
                signals_file(
                    job.signals,
                    f"column {config.column}" if isinstance(config.column, int) else config.column,
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
            from mlops_task.engines.dask import run_dask

            where = f"Connecting to {job.scheduler}" if job.scheduler else "Starting a local Dask cluster"
            progress.stage(where)
            found = run_dask(
                names,
                config,
                scheduler=job.scheduler,
                workers=threads,
                spent=spent,
                ready=partial(progress.reading, names),
                advance=advance,
            )
            running: Iterator[Outcome] = stack.enter_context(contextlib.closing(found))
        else:
            progress.reading(names)
            running = run_local(names, config, threads=threads, spent=spent, on_part=on_part, keep=keep)
        for outcome in running:
            progress.finish_file()
            if outcome.error is not None and len(names) > 1:
                _tell_failure(outcome, job)
            outcomes.append(outcome)
        clock.charge("read")
        clock.move("read", "kernel", spent.kernel / ((spent.read + spent.kernel) or 1))
        progress.stage("Writing")
        if job.breakdown is not None:
            from mlops_task.outputs.tables import write_breakdown

            write_breakdown(job.breakdown, map(_line, outcomes))
        _check_outcomes(outcomes, keep_going=job.keep_going)
    return outcomes


def _tell_failure(outcome: Outcome, job: Job) -> None:
    log.log(logging.WARNING if job.keep_going else logging.ERROR, "%s: %s", outcome.name, outcome.error)
    if job.signals is not None and job.keep_going and outcome.summary.rows:
        log.warning("%s: --signals holds its first rows all the same", outcome.name)


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
    from mlops_task.outputs.metrics import publish

    log.info("Metrics: signal_rate=%s, rows_processed=%d", metrics["value"], metrics["rows_processed"])
    metrics["latency_ms"] = clock.total_ms()
    publish(metrics, job.output)
    clock.charge("report")
    # The metrics are out: a disk that fills up now no longer makes the run a failure.
    with contextlib.suppress(OutputError):
        log.info("Time: %s", clock)
        log.info("Job completed successfully in %dms", metrics["latency_ms"])


def _fail(
    job: Job | None, message: str, version: str, refused: Mapping[str, JobError], *, trace: bool = False
) -> None:
    from mlops_task.outputs.metrics import Failure, publish_failure

    # What cannot be logged is still reported.
    with contextlib.suppress(OutputError):
        log.error("%s", message, exc_info=trace)

    failure = Failure(version=version, status="error", error_message=one_line(message))
    path = None if job is None or "--output" in refused else job.output
    for error in publish_failure(failure, path, stdout=STDOUT not in refused):
        if str(error) != message:
            with contextlib.suppress(OutputError):
                log.error("%s", error)


def _start(job: Job, refused: Mapping[str, JobError]) -> None:
    """Open the log, unless that is among what was refused, and check what can be before anything is read."""
    start_logging(None if LOG in refused else job.log_file, verbose=job.verbose, stderr=STDERR not in refused)
    if job.unknown:
        raise UsageError(f"unknown arguments: {' '.join(job.unknown)} ({job.hint}see --help)")
    for error in refused.values():
        raise error
    check_engine(job)
    if job.signals is not None or job.breakdown is not None:
        from mlops_task.outputs.tables import BREAKDOWN, SIGNALS, check_suffix

        for flag, path, known in (
            ("--signals", job.signals, SIGNALS),
            ("--breakdown", job.breakdown, BREAKDOWN),
        ):
            if path is not None:
                check_suffix(flag, path, known)
