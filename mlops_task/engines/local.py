"""The local engine: the partitions of all series through a pool of threads, put together in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Self, TypeVar

from mlops_task.engines.results import Item, Read, Result
from mlops_task.engines.work import Found, conclude, examine, merge, nothing
from mlops_task.errors import InputError
from mlops_task.inputs import formats
from mlops_task.inputs.protocol import Partition

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from mlops_task.config import Config

TELLING_ROWS = 1000
T = TypeVar("T")


class Local:
    """Threads that start with the second partition: the first, often the only one, needs none."""

    def __init__(self, threads: int, *, keep: bool = False) -> None:
        self._threads, self._keep = threads, keep
        self._calls = 0
        self._executor: ThreadPoolExecutor | None = None
        self._failed: set[int] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)

    def results(self, names: list[str], config: Config) -> Iterator[Item]:
        """Yield all items of all series, in order."""
        calls = ahead(self._submitted(names, config), 2 * self._threads)
        for index, group in groupby(calls, key=lambda call: call.index):
            whole = nothing(config)
            for call in group:
                found = self._settled(call, whole, config)
                whole = merge(whole, found._replace(chunks=()))
                if found.error is not None:
                    self._failed.add(index)
                    break
                if call.partition is not None:
                    direction = _direction(whole) if config.is_timed else 1
                    yield Read(index, call.partition.size, found.summary.rows, found.chunks, direction)
            yield Result(index, conclude(whole, config))

    def _settled(self, call: _Call, before: Found, config: Config) -> Found:
        """Return what is found in a partition, that is joined with what was cut off the one before."""
        if before.rest is not None and call.partition is not None:
            return examine(call.partition, config, before.rest, keep=self._keep)
        return call.result()

    def _submitted(self, names: list[str], config: Config) -> Iterator[_Call]:
        """Open one series after the other and submit its partitions, until it is known to have failed."""
        for index, name in enumerate(names):
            try:
                for partition in formats.partitions(name, config.wanted(kept=self._keep)):
                    yield _Call(index, partition, self._submit(partition, config))
                    if index in self._failed:
                        break
            except InputError as error:
                yield _Call(index, None, partial(nothing, config, str(error)))

    def _submit(self, partition: Partition, config: Config) -> Callable[[], Found]:
        """Return a function that gives, or waits for, what is found."""
        work = partial(examine, partition, config, keep=self._keep)
        self._calls += 1
        if self._calls == 1 or self._threads == 1:
            return work
        if self._executor is None:
            from concurrent.futures import ThreadPoolExecutor

            self._executor = ThreadPoolExecutor(self._threads)
        return self._executor.submit(work).result


@dataclass(frozen=True)
class _Call:
    """A partition of a series being examined; without a partition, the error that ends the series."""

    index: int
    partition: Partition | None
    result: Callable[[], Found]


def ahead(items: Iterable[T], count: int) -> Iterator[T]:
    """Yield `items` with `count` of them already taken from their source."""
    taken: deque[T] = deque()
    for item in items:
        taken.append(item)
        if len(taken) > count:
            yield taken.popleft()
    yield from taken


def _direction(found: Found) -> int:
    """Return how rows run, 0 while they are too few to tell."""
    return found.order.direction if found.order.rows >= TELLING_ROWS else 0
