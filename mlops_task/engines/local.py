"""The local engine: the pieces of all series through a pool of threads, their summaries merged in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from kernels.summary import Summary, summarize
from mlops_task.errors import InputError, shown
from mlops_task.inputs.csv_rules import Batch, UnfinishedError
from mlops_task.inputs.order import Ends, check_ends, is_dated
from mlops_task.inputs.pieces import MAX_RECORD_BYTES, Piece, cannot_be_read
from mlops_task.inputs.source import open_series
from mlops_task.outputs.log import log

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from mlops_task.config import Config

R = TypeVar("R")
T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """What was found in one piece."""

    summary: Summary
    piece: Piece
    read_seconds: float
    kernel_seconds: float
    batch: Batch | None = None

    @property
    def size(self) -> int:
        """How much of the input it stands for, in bytes."""
        return self.piece.size


@dataclass
class Outcome:
    """What was found in one series: a summary, and the error that ended it early, if one did."""

    name: str
    summary: Summary
    error: InputError | None = None


class Spent:
    """Seconds that the threads spent, added up."""

    def __init__(self) -> None:
        self.read = self.kernel = 0.0


def summarize_piece(piece: Piece, config: Config, *, keep: bool = False) -> Part:
    """Read one piece and summarize it; with `keep`, hand on its rows too."""
    begun = perf_counter()
    try:
        batch = piece.read(labels=keep, on_missing=config.on_missing)
        read = perf_counter()
        summary = summarize(batch.values, config.window)
    except MemoryError as error:
        raise cannot_be_read(error) from None
    return Part(summary, piece, read - begun, perf_counter() - read, batch if keep else None)


def run_local(  # noqa: PLR0913 - most calls need three
    names: list[str],
    config: Config,
    *,
    threads: int,
    spent: Spent,
    on_part: Callable[[str, Part], None] | None = None,
    keep: bool = False,
) -> Iterator[Outcome]:
    """Yield the outcome of each series, in order.

    Parameters
    ----------
    threads
        How many pieces are worked on at once.
    on_part
        Called with every part, in order, from this thread.
    keep
        Whether parts hold their rows.
    """

    def work(piece: Piece) -> Part:
        return summarize_piece(piece, config, keep=keep)

    failed: set[str] = set()
    with _Pool(threads) as pool:
        submitted = _calls(names, config, lambda piece: pool.submit(work, piece), failed)
        calls = _ahead(submitted, 2 * threads)
        for name, group in groupby(calls, key=lambda call: call.name):
            outcome = Outcome(shown(name), summarize([], config.window))
            first = last = None
            try:
                for part in _parts(group, work):
                    outcome.summary = outcome.summary.merge(part.summary)
                    spent.read += part.read_seconds
                    spent.kernel += part.kernel_seconds
                    if part.summary.rows:
                        first, last = first or part.piece, part.piece
                    if on_part is not None:
                        on_part(outcome.name, part)
                check(
                    outcome, Ends(first.first_rows(), last.last_rows()) if first and last else Ends(), config
                )
            except InputError as error:
                outcome.error = error
                failed.add(name)
            yield outcome


class _Call(NamedTuple):
    """A piece of the series `name` being worked on; without a piece, the error that ends the series."""

    name: str
    piece: Piece | None
    result: Callable[[], Part]


def _calls(
    names: list[str], config: Config, submit: Callable[[Piece], Callable[[], Part]], failed: set[str]
) -> Iterator[_Call]:
    """Open one series after the other and submit its pieces, until it is known to have failed."""
    for name in names:
        try:
            for piece in open_series(name, config.column, config.csv):
                yield _Call(name, piece, submit(piece))
                if name in failed:
                    break
        except InputError as error:
            yield _Call(name, None, _raising(error))


def _raising(error: InputError) -> Callable[[], Part]:
    def result() -> Part:
        raise error

    return result


def _parts(calls: Iterable[_Call], work: Callable[[Piece], Part]) -> Iterator[Part]:
    """Yield the results of one series, pieces that were cut inside a record joined with the next."""
    cut: Any = None
    for _, piece, result in calls:
        joined = cut.joined(piece) if cut and piece else piece
        try:
            part = work(joined) if cut and joined else result()
        except UnfinishedError:
            cut = joined
            if cut.size > MAX_RECORD_BYTES:
                break
        else:
            cut = None
            yield part
    if cut:
        raise cut.unfinished()


class _Pool:
    """Threads that start with the fifth piece: the first, often the only ones, take less time than that."""

    _ALONE = 4

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._calls = 0
        self._executor: ThreadPoolExecutor | None = None

    def submit(self, function: Callable[[T], R], argument: T) -> Callable[[], R]:
        """Return a function that gives, or waits for, the result."""
        self._calls += 1
        if self._calls <= self._ALONE or self._threads == 1:
            return partial(function, argument)
        if self._executor is None:
            from concurrent.futures import ThreadPoolExecutor

            self._executor = ThreadPoolExecutor(self._threads)
        return self._executor.submit(function, argument).result

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)


def _ahead(items: Iterator[T], count: int) -> Iterator[T]:
    """Yield `items` with `count` of them already taken from their source."""
    taken: deque[T] = deque()
    for item in items:
        taken.append(item)
        if len(taken) > count:
            yield taken.popleft()
    yield from taken


def check(outcome: Outcome, ends: Ends, config: Config) -> None:
    """Raise InputError unless the rate of a whole series makes sense; warn of what may make it wrong."""
    summary = outcome.summary
    if summary.rows == 0:
        raise InputError("has a header but no data rows")
    if summary.missing == summary.rows:
        raise InputError(f"every value of {config.column} is missing, expected numbers")
    if config.window > summary.rows:
        rows = "1 row" if summary.rows == 1 else f"{summary.rows} rows"
        raise InputError(f"has {rows}, fewer than the window of {config.window}")
    for warning in check_ends(ends, as_it_stands=config.order == "file"):
        log.warning("%s: %s", outcome.name, warning)
    if not is_dated(ends):
        log.info("%s: order not checked: no column of timestamps that are understood", outcome.name)
