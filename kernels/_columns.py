"""Lines that run across memory, as those along the first axis of a table do: by a kernel of columns."""

import math
from collections.abc import Callable

from kernels._arguments import FLOAT, Array
from kernels._conversions import writeable
from kernels._kernel import Kernel
from kernels._pieces import LEAST_ROWS_PER_THREAD, each

LANES = 8

Rest = Callable[[Array, Array], None]


def are_columns(kernel: Kernel, values: Array, axis: int, out: Array) -> bool:
    """Whether ``values`` and ``out`` lie in memory so that `down_columns` can take them."""
    return (
        kernel.columns is not None
        and values.dtype is FLOAT
        and out.dtype is FLOAT
        and axis < values.ndim - 1
        and values.flags.c_contiguous
        and values.flags.aligned
        and out.flags.carray
    )


def down_columns(
    kernel: Kernel,
    values: Array,
    axis: int,
    window: int,
    min_count: int,
    out: Array,
    threads: int,
    rest: Rest,
) -> None:
    """Put the results of all lines along ``axis`` into ``out``; ``rest`` does what the kernel leaves."""
    shape = -1, values.shape[axis], math.prod(values.shape[axis + 1 :])
    columns = shape[2]
    if values.size < 2 * LEAST_ROWS_PER_THREAD:
        threads = 1
    share = -(-columns // (threads * LANES)) * LANES

    def do(task: tuple[Array, Array, int]) -> None:
        table, result, place = task
        end = min(place + share, columns)
        patience = LANES
        while place < end:
            left = kernel.columns(table, place, end, window, min_count, result)
            place = min(left + patience, end)
            if left < place:
                rest(table[:, left:place], result[:, left:place])
            patience *= 2

    tables = zip(writeable(values).reshape(shape), out.reshape(shape), strict=True)
    for _ in each(threads, do, [(*pair, place) for pair in tables for place in range(0, columns, share)]):
        pass
