"""Arrays of dask, lazily: every chunk together with the few values before it."""

import itertools
import math
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import dask.array as da
import numpy as np
from dask.base import tokenize
from dask.highlevelgraph import HighLevelGraph

from kernels._arguments import (
    MOST_THREADS,
    Array,
    check_axis,
    check_values,
    check_window,
    refuse_special,
    whole_number,
)
from kernels._foreign import Call
from kernels._kernel import Kernel
from kernels._wrapper import rolled as rolled_in_memory

TAKEN = (da.Array,)


def rolled(x: Any, call: Call) -> Array:  # noqa: ANN401  a dask array
    """The results as an array in the same chunks, to the bit what it is in memory."""
    call.refuse_out(x)
    call.refuse_dim()
    kernel = call.kernel
    window, min_count = check_window(call.window, call.min_count)
    refuse_special(x._meta, "x")  # noqa: SLF001  dask has no other way to tell what the blocks are
    none = check_values(np.empty((0,) * x.ndim, x.dtype))
    axis = check_axis(call.axis, x.ndim)
    threads = whole_number("threads", call.threads, MOST_THREADS)
    lengths = x.chunks[axis]
    if any(math.isnan(length) for length in lengths):
        raise ValueError("x must have chunks of known sizes, which x.compute_chunk_sizes() finds out")
    work = partial(_rolled, kernel, window, min_count, axis, threads)

    name = f"{kernel.name}-{tokenize(x, kernel, window, min_count, axis)}"
    ends = f"ends-{name}"
    graph: dict[Any, Any] = {}
    for place in itertools.product(*map(range, x.numblocks)):
        before = [
            (ends, *place[:axis], k, *place[axis + 1 :]) for k in _before(lengths, place[axis], window - 1)
        ]
        graph[ends, *place] = (_end, (x.name, *place), axis, window - 1)
        graph[name, *place] = (_continued, work, before, (x.name, *place), axis, window - 1)
    layers = HighLevelGraph.from_collections(name, graph, dependencies=[x])
    lazy = da.Array(layers, name, x.chunks, meta=work(none))
    return cast("Array", lazy)


def numbers(x: Any, name: str) -> Array:  # noqa: ANN401  likewise
    """The values, computed."""
    return check_values(x.compute(), name)


def like(_x: object, results: Array) -> Array:
    """The results of a series, which no longer is lazy."""
    return results


def share(x: Any, call: Call) -> float:  # noqa: ANN401  likewise
    """The share of ones among the signals of a one-dimensional dask array, as one of no dimension."""
    if x.ndim != 1:
        raise ValueError(f"x must have one dimension, got {x.ndim}")
    ones: Any = rolled(x, call)
    lazy = ones.sum(dtype=np.int64).map_blocks(_share, len(x), dtype=np.float64)
    return cast("float", lazy)


def _rolled(kernel: Kernel, window: int, min_count: int, axis: int, threads: int, chunk: Array) -> Any:  # noqa: ANN401  an array
    return rolled_in_memory(kernel, chunk, window, min_count, axis, None, threads)


def _before(lengths: tuple[int, ...], k: int, count: int) -> list[int]:
    """Which chunks before chunk ``k`` hold the ``count`` values before it, in order."""
    found: list[int] = []
    while count > 0 and k > 0:
        k -= 1
        count -= lengths[k]
        found.append(k)
    return found[::-1]


def _end(chunk: Array, axis: int, count: int) -> Array:
    return _from(chunk, max(0, chunk.shape[axis] - count), axis).copy()


def _continued(
    work: Callable[[Array], Array], before: list[Array], chunk: Array, axis: int, count: int
) -> Array:
    """The results for a chunk, given the ends of those before it."""
    if not before:
        return work(chunk)
    lead = _end(np.concatenate(before, axis), axis, count)
    return _from(work(np.concatenate([lead, chunk], axis)), lead.shape[axis], axis)


def _from(values: Array, start: int, axis: int) -> Array:
    return values[(slice(None),) * axis + (slice(start, None),)]


def _share(ones: Array, rows: int) -> np.float64:
    return np.float64(int(ones) / rows if rows else math.nan)
