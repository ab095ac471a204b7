"""One run of the job: config, inputs, results, metrics, reports; and what happens when a part fails.

This module imports next to nothing: signals must be caught before the slow imports begin.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING

from mlops_task.errors import Interrupted, JobError, OutputError, UsageError, shown, unmet_need
from mlops_task.interrupts import interruptible, signals_restored
from mlops_task.job import Job, check_engine
from mlops_task.outputs.clock import Clock
from mlops_task.outputs.log import one_line, start_logging, stop_logging
from mlops_task.outputs.refusals import LOG, STDERR, STDOUT, refusals

if TYPE_CHECKING:
    from mlops_task.config import Config
    from mlops_task.engines.results import Item
    from mlops_task.outputs.metrics import Metrics
    from mlops_task.outputs.progress import Progress
    from mlops_task.outputs.tally import Tally

UNEXPECTED = 1
log = logging.getLogger(__name__)


def run(job: Job, started: float | None = None) -> int:
    """Run `job`, write its reports, and return its exit code.

    Parameters
    ----------
    started
        `time.perf_counter()` at the moment that `latency_ms` counts from; now, if not given.
    """
    return _Run(job, Clock(perf_counter() if started is None else started)).run()


def refuse(error: JobError, words: Sequence[str]) -> int:
    """Report a command line so wrong that no file of the job is known, and return the exit code."""
    refused = refusals(None, words)
    is_json = "--log-format=json" in "=".join(words)
    start_logging(None, verbose=False, stderr=STDERR not in refused, form="json" if is_json else "text")
    log.error("%s", error)
    _report_failure(None, str(error), "unknown", refused)
    stop_logging()
    return error.exit_code


def seed_generators(seed: int) -> None:
    """Seed NumPy's global generator where something has loaded it.

    Nothing in the job draws numbers, and importing the generators only to seed them takes 9 ms.
    """
    random = sys.modules.get("numpy.random")
    if random is not None:
        random.seed(seed)


class _Run:
    """What a run knows of itself, however far it came."""

    def __init__(self, job: Job, clock: Clock) -> None:
        self._job, self._clock = job, clock
        self._version = "unknown"
        self._refused: Mapping[str, JobError] | None = None
        self._check: Callable[[], None]
        """Raises what interrupted the run, should somebody have swallowed it."""

    def run(self) -> int:
        """Do all that there is to do, and return the exit code."""
        with signals_restored():
            try:
                with interruptible() as self._check:
                    self._start()
                    metrics = self._measure()
                self._publish(metrics)
            except (JobError, Interrupted) as error:
                self._fail(str(error), file=getattr(error, "file", None))
                return error.exit_code
            except Exception as error:  # noqa: BLE001 - the last net, for what nobody foresaw
                foreseen = unmet_need(error)
                message = foreseen or f"unexpected error: {type(error).__name__}: {error}"
                self._fail(str(message), trace=foreseen is None)
                return foreseen.exit_code if foreseen else UNEXPECTED
            finally:
                with contextlib.suppress(OutputError):
                    stop_logging()
        return 0

    def _start(self) -> None:
        """Open the log, unless that is refused, and check what can be before anything is read."""
        job = self._job
        refused = self._refused = refusals(job, job.unknown)
        to_stderr = STDERR not in refused
        log_file = None if LOG in refused else job.log_file
        start_logging(log_file, verbose=job.verbose, stderr=to_stderr, form=job.log_format)
        if job.unknown:
            raise UsageError(f"unknown arguments: {' '.join(job.unknown)} ({job.hint}see --help)")
        for error in refused.values():
            raise error
        check_engine(job)
        if job.signals is not None or job.breakdown is not None:
            from mlops_task.outputs.tables import check_tables

            check_tables(job)

    def _measure(self) -> Metrics:
        log.info("Job started")
        config = self._configured()
        from mlops_task.inputs.paths import expand
        from mlops_task.outputs.progress import Progress

        with Progress(wanted=self._job.show_progress) as progress:
            progress.stage("Looking for inputs")
            names = expand(list(self._job.inputs))
            tally = self._counted(config, names, progress)
        return tally.metrics(config)

    def _configured(self) -> Config:
        from mlops_task.config import Config
        from mlops_task.errors import ConfigError
        from mlops_task.settings import load

        try:
            job = self._job
            config = load(job.config, Config, job.overrides, is_needed=job.needs_config)
        except ConfigError as error:
            self._version = error.version or self._version
            raise
        self._version = config.version
        log.info("Config loaded: seed=%d, window=%d, version=%s", config.seed, config.window, config.version)
        if job.overrides:
            log.info("Set on the command line: %s", ", ".join(job.overrides))
        seed_generators(config.seed)
        return config

    def _counted(self, config: Config, names: list[str], progress: Progress) -> Tally:
        """Run all series; return what was found, unless one that failed fails the run."""
        _tell_backend()
        from mlops_task.outputs.tally import Tally

        job, printed = self._job, _printed(names, config)
        tally = Tally(job, printed)
        with contextlib.ExitStack() as stack:
            items = self._items(config, names, progress, stack)
            tally.add(items)
            self._clock.charge("read")
            self._clock.move("read", "kernel", tally.kernel_share())
            progress.stage("Writing")
            if job.breakdown is not None:
                from mlops_task.outputs.breakdown import write_breakdown

                write_breakdown(job.breakdown, printed, tally.found, grouped=config.is_grouped)
            tally.check()
        return tally

    def _items(
        self, config: Config, names: list[str], progress: Progress, stack: contextlib.ExitStack
    ) -> Iterator[Item]:
        """Return what the engine finds, in order and on its way past the signals file if there is one."""
        from mlops_task.engines import engine_of
        from mlops_task.engines.results import in_order

        job = self._job
        signals = None
        if job.signals is not None:
            from mlops_task.outputs.signals import signals_file

            signals = stack.enter_context(signals_file(job.signals, config, keep_going=job.keep_going))
        self._clock.charge("startup")
        if job.engine == "dask":
            progress.stage(
                f"Connecting to {job.scheduler}" if job.scheduler else "Starting a local Dask cluster"
            )
        engine = stack.enter_context(engine_of(job))
        progress.reading(names)
        items = in_order(progress.watched(engine.results(names, config), self._check))
        if config.is_timed:
            items = _in_time_order(items, names, config, job)
        return items if signals is None else signals.written(items, _printed(names, config))

    def _publish(self, metrics: Metrics) -> None:
        from mlops_task.outputs.metrics import publish

        log.info("Metrics: signal_rate=%s, rows_processed=%d", metrics["value"], metrics["rows_processed"])
        metrics["latency_ms"] = self._clock.total_ms()
        publish(metrics, self._job.output)
        self._clock.charge("report")
        # The metrics are out: a disk that fills up now no longer makes the run a failure.
        with contextlib.suppress(OutputError):
            log.info("Time: %s", self._clock)
            log.info("Job completed successfully in %dms", metrics["latency_ms"])

    def _fail(self, message: str, *, file: str | None = None, trace: bool = False) -> None:
        # Whoever was interrupted this early has not decided it yet.
        refused = refusals(self._job, self._job.unknown) if self._refused is None else self._refused
        with contextlib.suppress(OutputError):  # what cannot be logged is still reported
            log.error("%s", message, exc_info=trace, extra={"file": file})
        _report_failure(self._job, message, self._version, refused)


def _printed(names: Sequence[str], config: Config) -> list[str]:
    """Return the names of the series as reports have them."""
    if not config.is_joined:
        return [shown(name) for name in names]
    from mlops_task.outputs.joined import NAME

    return [NAME]


def _in_time_order(items: Iterator[Item], names: Sequence[str], config: Config, job: Job) -> Iterator[Item]:
    """Return the items with rows from oldest to newest; those of one series, if all inputs are."""
    if config.is_joined:
        from mlops_task.outputs.joined import Joined

        joined = Joined([shown(name) for name in names], config, keep_going=job.keep_going)
        return joined.items(items, job.signals)
    if job.signals is None:
        return items
    from mlops_task.outputs.turned import in_time_order

    return in_time_order(items, job.signals)


def _tell_backend() -> None:
    from kernels import backend

    name, why = backend()
    if name == "python":
        log.warning("the kernels run as plain Python, many times slower: %s", why)


def _report_failure(job: Job | None, message: str, version: str, refused: Mapping[str, JobError]) -> None:
    from mlops_task.outputs.metrics import Failure, publish_failure

    failure = Failure(version=version, status="error", error_message=one_line(message))
    path = None if job is None or "--output" in refused else job.output
    for error in publish_failure(failure, path, stdout=STDOUT not in refused):
        if str(error) != message:
            with contextlib.suppress(OutputError):
                log.error("%s", error)
