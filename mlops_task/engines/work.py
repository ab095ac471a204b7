"""What is done to one partition, and how that of consecutive ones is put together.

Everything here runs on threads of this process or on workers of a cluster, and knows of neither. Nothing
holds more than a chunk in memory, unless the rows are asked for.
"""

from __future__ import annotations

import math
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kernels import Summary, summarize
from mlops_task.engines.checks import Note, check_order, check_values
from mlops_task.errors import InputError
from mlops_task.inputs import formats
from mlops_task.inputs.groups import taken
from mlops_task.inputs.protocol import Chunk, CutError, Origin, Partition, cannot_be_read
from mlops_task.inputs.sequence import Order, order_of

if TYPE_CHECKING:
    from mlops_task.config import Config
    from mlops_task.engines.groups import Groups

BLOCKS = 32
"""How many blocks a partition of a cluster has, about: 64 MiB of text."""
_NOTHING = Chunk(np.empty(0))


class Found(NamedTuple):
    """What was found in consecutive partitions, up to the first error."""

    summary: Summary | Groups
    """Of one series, or of each of its groups."""
    backward: Summary | Groups | None = None
    """That of the rows in reverse, where it may turn out that they run from newest to oldest."""
    read_seconds: float = 0.0
    kernel_seconds: float = 0.0
    first: Origin | None = None
    """Where the first rows are."""
    last: Origin | None = None
    rest: Any = None
    """The end that was cut inside a record: a partition, and no part of the summary."""
    error: str | None = None
    chunks: tuple[Chunk, ...] = ()
    """The rows, where they are kept."""
    notes: tuple[Note, ...] = ()
    """What the log is to say of a whole series."""
    order: Order = Order()
    """How the timestamps follow each other, where they are read."""
    lowest: float = math.inf
    highest: float = -math.inf
    column: str = ""
    """The name of the column of values."""
    time_name: str = ""
    span: tuple[int, int] | None = None
    """The oldest and the newest moment of a series."""
    is_backward: bool = False
    """Whether the rows of a series, now that all is known, were reversed."""


def nothing(config: Config, error: str | None = None) -> Found:
    """Return what is found in no rows."""
    summary = _summary(_NOTHING, config)
    return Found(summary, summary if config.is_timed else None, error=error)


def _summary(chunk: Chunk, config: Config) -> Summary | Groups:
    """Return the summary of a chunk, by group if rows are grouped."""
    if not config.is_grouped:
        return summarize(chunk.values, config.window)
    from mlops_task.engines.groups import groups_in

    return groups_in(chunk, config.window)


def examine(partition: Partition, config: Config, rest: Any = None, *, keep: bool = False) -> Found:  # noqa: ANN401 - a partition
    """Return what is found in a partition that begins with the `rest` of the one before it."""
    whole: Partition = rest.joined(partition) if rest else partition
    found = nothing(config)
    begun = perf_counter()
    try:
        for chunk in whole.chunks(on_missing=config.on_missing):
            part = examined(chunk, config, begun)
            found = _merged(found, part._replace(chunks=(chunk,)) if keep else part)
            begun = perf_counter()
    except CutError as cut:
        return found._replace(rest=cut.rest)
    except InputError as error:
        return found._replace(error=str(error))
    except MemoryError as error:
        return found._replace(error=str(cannot_be_read(error)))
    return found


def examined(chunk: Chunk, config: Config, begun: float) -> Found:
    """Return what is found in a chunk that began to be read at that time."""
    values, origin = chunk.values, chunk.origin
    order = _order(chunk, config)
    lowest, highest = _range(values)
    read = perf_counter()
    summary = _summary(chunk, config)
    backward = _summary(reversed_chunk(chunk._replace(labels=None)), config) if config.is_timed else None
    done = perf_counter()
    end = origin if summary.rows else None
    return Found(
        summary,
        backward,
        read - begun,
        done - read,
        first=end,
        last=end,
        order=order,
        column=origin.column if origin else "",
        time_name=chunk.label_name,
        lowest=lowest,
        highest=highest,
    )


def reversed_chunk(chunk: Chunk) -> Chunk:
    """Return the rows of a chunk, the last first."""
    last_first = np.arange(len(chunk.values) - 1, -1, -1)
    labels, groups = (
        None if column is None else taken(column, last_first) for column in (chunk.labels, chunk.groups)
    )
    return chunk._replace(values=chunk.values[::-1], labels=labels, groups=groups)


def _order(chunk: Chunk, config: Config) -> Order:
    """Return the order of the rows of a chunk, that of none if their timestamps are not read."""
    labels = chunk.labels
    if labels is None:
        return Order()
    from mlops_task.inputs.arrow_columns import as_texts
    from mlops_task.inputs.timestamps import read_column

    def text(row: int) -> str:
        return as_texts(labels.slice(row, 1))[0]

    return order_of(read_column(labels, config.csv.style), len(labels), text, chunk.origin, chunk.groups)


def _range(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the least value, and the greatest where the least is not positive."""
    if not len(values):
        return math.inf, -math.inf
    lowest = float(values.min())
    if lowest > 0:
        return lowest, lowest
    # Among missing values.
    return float(np.fmin.reduce(values)), float(np.fmax.reduce(values))


def settle(before: Found, found: Found, partition: Partition, config: Config) -> Found:
    """Return what is found in a partition, examined again unless the one before ends where it begins."""
    return found if before.rest is None else examine(partition, config, before.rest)


def merge(*parts: Found) -> Found:
    """Return what was found in consecutive partitions as one: all up to the first error."""
    return reduce(_merged, parts)


def _merged(a: Found, b: Found) -> Found:
    if a.error is not None:
        return a
    return Found(
        a.summary.merge(b.summary),  # type: ignore[arg-type] # both are of one kind
        b.backward.merge(a.backward) if a.backward and b.backward else None,  # type: ignore[arg-type] # likewise
        a.read_seconds + b.read_seconds,
        a.kernel_seconds + b.kernel_seconds,
        a.first or b.first,
        b.last or a.last,
        b.rest,
        b.error,
        a.chunks + b.chunks,
        order=a.order.merge(b.order),
        column=a.column or b.column,
        time_name=a.time_name or b.time_name,
        lowest=min(a.lowest, b.lowest),
        highest=max(a.highest, b.highest),
    )


def conclude(found: Found, config: Config) -> Found:
    """Return what was found in a whole series, or a file of one, once it is known whether it makes sense."""
    if found.backward is not None and found.order.direction < 0:
        found = found._replace(summary=found.backward, is_backward=True)
    found = found._replace(span=found.order.span)
    if found.rest is not None and found.error is None:
        found = found._replace(error=str(found.rest.unfinished()))
    if config.is_joined:
        return _bare(_checked(found, check_order, config))
    return _bare(_checked(_checked(_counted(found), check_values, config), check_order, config))


def conclude_joined(parts: Sequence[Found], config: Config) -> Found:
    """Return what was found in files that are one series, in time order."""
    return _bare(_checked(_counted(merge(nothing(config), *parts)), check_values, config))


def _counted(found: Found) -> Found:
    if isinstance(found.summary, Summary):
        return found
    return found._replace(summary=found.summary.concluded())


def _checked(found: Found, check: Callable[[Found, Config], Iterator[Note]], config: Config) -> Found:
    """Return what was found with what a check says of it."""
    if found.error is not None:
        return found
    notes = list(found.notes)
    try:
        notes.extend(check(found, config))  # those before an error are kept
    except InputError as error:
        found = found._replace(error=str(error))
    return found._replace(notes=tuple(notes))


def _bare(found: Found) -> Found:
    """Return what was found in a whole series without what holds its partitions."""
    return found._replace(backward=None, first=None, last=None, rest=None, order=Order())


def plan(name: str, config: Config) -> Found | list[Partition]:
    """Return the partitions of the file `name`; what is found there, if it is not worth several."""
    try:
        _check_regular(Path(name))
        partitions = list(_portable(name, config))
    except InputError as error:
        return nothing(config, str(error))
    if len(partitions) > 1:
        return partitions
    found = examine(partitions[0], config) if partitions else _streamed(name, config)
    return conclude(found, config)


def _portable(name: str, config: Config) -> Iterable[Partition]:
    """Yield the partitions if other workers can read them; none otherwise."""
    for partition in formats.partitions(name, config.wanted(BLOCKS)):
        if not partition.reopens:
            return
        yield partition


def _streamed(name: str, config: Config) -> Found:
    """Return what is found in what can only be read in one go."""
    found = nothing(config)
    try:
        for partition in formats.partitions(name, config.wanted()):
            found = _merged(found, examine(partition, config, found.rest))
            if found.error is not None:
                break
    except InputError as error:
        return found if found.error is not None else found._replace(error=str(error))
    return found


def _check_regular(path: Path) -> None:
    """Raise InputError for a pipe or device: what a lost worker has read of it is gone."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return  # opening it says what is wrong
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise InputError("is not a regular file, which is what a cluster can read")
