"""What a person at a terminal sees of a run that takes more than a moment."""

from __future__ import annotations

import contextlib
import math
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from mlops_task.engines.results import Item, Read

DELAY_SECONDS = 1.0
REDRAW_SECONDS = 0.2
WITHOUT_COUNT = "{desc} [{elapsed}]"


class Progress:
    """A bar that says what the run is at, shows after a second, and is gone at the end.

    A thread draws it, so that nothing which the run waits for (a cluster, a long listing, a compiler) looks
    like a run that hangs. Without a terminal there is neither.
    """

    def __init__(self, *, wanted: bool) -> None:
        self._stage = "Starting"
        self._of_files = False
        self._total: int | None = None
        self._done = self._rows = 0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        if wanted and sys.stderr is not None and sys.stderr.isatty():
            self._thread = threading.Thread(target=self._draw, daemon=True)

    def __enter__(self) -> Self:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()

    def stage(self, what: str) -> None:
        """Say what the run is at until it is at something else."""
        self._stage = what

    def reading(self, names: list[str]) -> None:
        """Count the files from now on; of a single one, the bytes."""
        self._stage, self._of_files = "Reading", len(names) > 1
        if self._of_files:
            self._total = len(names)
        elif Path(names[0]).suffix == ".csv":  # of others, what is read is larger than the file, or smaller
            with contextlib.suppress(OSError):  # whoever reads it says so
                self._total = Path(names[0]).stat().st_size

    def watched(self, items: Iterable[Item], check: Callable[[], None]) -> Iterator[Item]:
        """Yield the items, each counted, calling `check` before it."""
        for item in items:
            check()
            if isinstance(item, Read):
                self._rows += item.rows
                self._done += 0 if self._of_files else item.size
            else:
                self._done += self._of_files
            yield item

    def _draw(self) -> None:
        if self._ended.wait(DELAY_SECONDS):
            return
        from tqdm import tqdm

        bar: Any = tqdm(file=sys.stderr, leave=False, delay=math.inf)  # drawn below, and only there
        bar.start_t -= DELAY_SECONDS
        while True:
            ended = self._ended.is_set()
            bar.n, bar.total = self._done, self._total
            bar.unit, bar.unit_scale = ("file", False) if self._of_files else ("B", True)
            bar.bar_format = None if self._done else WITHOUT_COUNT
            bar.set_description_str(self._stage, refresh=False)
            if self._rows:
                speed = self._rows / bar.format_dict["elapsed"]
                bar.set_postfix_str(f"{speed:,.0f} rows/s", refresh=False)
            bar.refresh()
            if ended:
                break
            self._ended.wait(REDRAW_SECONDS)
        bar.close()
