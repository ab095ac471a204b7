"""From arrays of any layout to what the loops take: contiguous lines, a piece at a time."""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from kernels._arguments import FLOAT, Array

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

PIECE = 1 << 14  # values, which stay in a cache with their conversions and results
BROAD = 16  # lines across memory that are taken together: a cache line holds some of each
LONGEST_ROWS = 1 << 17  # of them
LEAST_ROWS_PER_THREAD = 1 << 14

T = TypeVar("T")
R = TypeVar("R")
Convert = Callable[[Array], Array]
Work = Callable[[Array, int, int, Array], object]


def run(
    values: Array, axis: int, window: int, out: Array, threads: int, convert: Convert, work: Work
) -> None:
    """Call ``work(lines, count, first, target)`` until every line along ``axis`` has its results in ``out``.

    Lines come one after the other, each with up to ``window - 1`` values before the first that a result is
    due for, so that lines can be cut anywhere: by threads, and in pieces where they must be converted, so
    that scratch stays small.
    """
    lines = np.moveaxis(values, axis, -1)
    targets = np.moveaxis(out, axis, -1)

    def do(task: tuple[Any, int, int]) -> None:
        index, begin, end = task
        before = min(begin, window - 1)
        piece = convert(lines[index][..., begin - before : end])
        target = targets[index][..., begin:end]
        scratch = target if target.flags.carray else np.empty(target.shape, target.dtype)
        work(piece.reshape(-1), len(piece) if piece.ndim > 1 else 1, before, scratch.reshape(-1))
        if scratch is not target:
            target[...] = scratch

    plain = lines.dtype is FLOAT and lines.flags.c_contiguous and lines.flags.aligned and targets.flags.carray
    tasks = _tasks(lines, window, threads, plain=plain)
    for _ in each(1 if values.size < 2 * LEAST_ROWS_PER_THREAD else threads, do, tasks):
        pass


def each(threads: int, do: Callable[[T], R], tasks: Iterable[T]) -> Iterator[R]:
    """Do every task, so many at a time, and yield the results in order."""
    if threads == 1:
        yield from map(do, tasks)
    else:
        yield from _pool(threads, os.getpid()).map(do, tasks)


@cache
def _pool(threads: int, _process: int) -> "ThreadPoolExecutor":
    """Return threads that wait for work, of this process: starting some takes as long as 100,000 rows."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(threads, "kernels")


def _tasks(lines: Array, window: int, threads: int, *, plain: bool) -> Iterator[tuple[Any, int, int]]:
    """Which lines, and which rows of them, to do at a time."""
    rows = lines.shape[-1]
    across = lines.strides[-1] != lines.itemsize and rows <= LONGEST_ROWS
    if lines.ndim > 1 and (rows * 2 <= PIECE or across):
        step = max(BROAD if across else 1, PIECE // rows, -(-lines.shape[-2] // threads) if plain else 0)
        for index in np.ndindex(lines.shape[:-2]):
            for k in range(0, lines.shape[-2], step):
                yield (*index, slice(k, k + step)), 0, rows
        return
    size = max(LEAST_ROWS_PER_THREAD, -(-rows // threads)) if plain else max(PIECE, 4 * window)
    for index in np.ndindex(lines.shape[:-1]):
        for begin in range(0, rows, size):
            yield index, begin, min(begin + size, rows)
