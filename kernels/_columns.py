"""Lines that run across memory, as those along the first axis of a table do: eight neighbours at a time."""

from collections.abc import Callable

import numpy as np

from kernels._arguments import FLOAT, Array
from kernels._loops import columns as loops
from kernels._loops.steps import LANES
from kernels._pieces import LEAST_ROWS_PER_THREAD, each, writeable

Rest = Callable[[Array, Array], None]


def are_columns(values: Array, axis: int, out: Array) -> bool:
    """Whether ``values`` and ``out`` lie in memory so that `down_columns` can take them."""
    return (
        values.dtype is FLOAT
        and axis < values.ndim - 1
        and values.flags.c_contiguous
        and out.flags.c_contiguous
        and values.size > 0
        and not np.may_share_memory(values, out)
    )


def down_columns(  # noqa: PLR0917  as its caller
    values: Array, axis: int, window: int, min_count: int, kind: int, out: Array, threads: int, rest: Rest
) -> None:
    """Put the results of all lines along ``axis`` into ``out``; ``rest`` does what the loop leaves."""
    shape = -1, values.shape[axis], int(np.prod(values.shape[axis + 1 :]))
    columns = shape[2]
    if values.size < 2 * LEAST_ROWS_PER_THREAD:
        threads = 1
    share = -(-columns // (threads * LANES)) * LANES

    def do(task: tuple[Array, Array, int]) -> None:
        table, result, place = task
        end = min(place + share, columns)
        patience = LANES
        while place < end:
            left = loops.statistics(
                table.ravel(), columns, place, end, window, min_count, kind, result.ravel()
            )
            place = min(left + patience, end)
            if left < place:
                rest(table[:, left:place], result[:, left:place])
            patience *= 2

    tables = zip(writeable(values).reshape(shape), out.reshape(shape), strict=True)
    for _ in each(threads, do, [(*pair, place) for pair in tables for place in range(0, columns, share)]):
        pass
