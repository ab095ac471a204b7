"""The results of a run, added up: what the log says of each series, and the metrics of all."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from mlops_task.errors import InputError
from mlops_task.outputs.metrics import Metrics

if TYPE_CHECKING:
    from mlops_task.config import Config
    from mlops_task.engines.results import Item
    from mlops_task.engines.work import Found
    from mlops_task.job import Job

log = logging.getLogger(__name__)


class Tally:
    """A consumer of results that needs their order: that of the log."""

    def __init__(self, job: Job, names: Sequence[str]) -> None:
        self._job, self._names = job, names
        self.found: list[Found] = []

    def add(self, items: Iterable[Item]) -> None:
        """Take in all results, and say what there is to say."""
        from mlops_task.engines.results import Result

        for item in items:
            if isinstance(item, Result):
                self.found.append(item.found)
                self._tell(self._names[item.index], item.found)

    def _tell(self, name: str, found: Found) -> None:
        for level, text in found.notes:
            log.log(level, "%s: %s", name, text, extra={"file": name})
        if found.error is None or len(self._names) == 1:
            return
        keep_going = self._job.keep_going
        level = logging.WARNING if keep_going else logging.ERROR
        log.log(level, "%s: %s", name, found.error, extra={"file": name})
        if self._job.signals is not None and keep_going and found.summary.rows:
            log.warning("%s: --signals holds its first rows all the same", name, extra={"file": name})

    def kernel_share(self) -> float:
        """Return the share of the work that the kernels had."""
        read = sum(found.read_seconds for found in self.found)
        kernel = sum(found.kernel_seconds for found in self.found)
        return kernel / ((read + kernel) or 1)

    def check(self) -> None:
        """Raise InputError if a series failed, or all did where that is allowed."""
        pairs = zip(self._names, self.found, strict=True)
        bad = [(name, found.error) for name, found in pairs if found.error is not None]
        if not bad or (self._job.keep_going and len(bad) < len(self.found)):
            return
        name, error = bad[0]
        first = f"{'standard input' if name == '-' else name}: {error}"
        if len(self.found) == 1:
            told = InputError(first)
            told.file = name
            raise told
        raise InputError(f"{len(bad)} of {len(self.found)} files failed, the first being {first}")

    def metrics(self, config: Config) -> Metrics:
        """Return the metrics of the series that did not fail."""
        good = [found.summary for found in self.found if found.error is None]
        rows, ones, missing = (sum(getattr(s, key) for s in good) for key in ("rows", "ones", "missing"))
        log.info("Data loaded: %d rows%s", rows, f" from {len(good)} files" if len(self.found) > 1 else "")
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
