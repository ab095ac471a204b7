"""What is done to one partition, and how that of consecutive ones is put together.

Everything here runs on threads of this process or on workers of a cluster, and knows of neither. Nothing
holds more than a chunk in memory, unless the rows are asked for.
"""

from __future__ import annotations

import logging
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from kernels import Summary, summarize
from mlops_task.errors import InputError
from mlops_task.inputs import formats
from mlops_task.inputs.order import Ends, check_ends, is_dated
from mlops_task.inputs.protocol import Chunk, CutError, Origin, Partition, cannot_be_read

if TYPE_CHECKING:
    from mlops_task.config import Config
    from mlops_task.engines.groups import Groups

BLOCKS = 32
"""How many blocks a partition of a cluster has, about: 64 MiB of text."""
_NOTHING = Chunk(np.empty(0))
Note = tuple[int, str]
"""The level and the text of a line for the log."""


@dataclass(frozen=True)
class Found:
    """What was found in consecutive partitions, up to the first error."""

    summary: Summary | Groups
    """Of one series, or of each of its groups."""
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


def nothing(config: Config, error: str | None = None) -> Found:
    """Return what is found in no rows."""
    return Found(_summary(_NOTHING, config), error=error)


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
        for chunk in whole.chunks(labels=keep, on_missing=config.on_missing):
            read = perf_counter()
            summary = _summary(chunk, config)
            done = perf_counter()
            origin = chunk.origin if summary.rows else None
            kept = (chunk,) if keep else ()
            found = _merged(
                found, Found(summary, read - begun, done - read, first=origin, last=origin, chunks=kept)
            )
            begun = done
    except CutError as cut:
        return replace(found, rest=cut.rest)
    except InputError as error:
        return replace(found, error=str(error))
    except MemoryError as error:
        return replace(found, error=str(cannot_be_read(error)))
    return found


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
        a.read_seconds + b.read_seconds,
        a.kernel_seconds + b.kernel_seconds,
        a.first or b.first,
        b.last or a.last,
        b.rest,
        b.error,
        a.chunks + b.chunks,
    )


def conclude(found: Found, config: Config) -> Found:
    """Return what was found in a whole series, once it is known whether its rate makes sense."""
    if not isinstance(found.summary, Summary):
        found = replace(found, summary=found.summary.concluded())
    if found.error is not None:
        return found
    notes: list[Note] = []
    try:
        if found.rest is not None:
            raise found.rest.unfinished()
        for level, text in _checked(found, config):
            notes.append((level, text))
    except InputError as error:
        return replace(found, error=str(error), rest=None, notes=tuple(notes))
    return replace(found, first=None, last=None, notes=tuple(notes))


def _checked(found: Found, config: Config) -> Iterable[Note]:
    ends = Ends(found.first.first_rows(), found.last.last_rows()) if found.first and found.last else Ends()
    summary = found.summary
    if summary.rows == 0:
        raise InputError("has a header but no data rows")
    if summary.missing == summary.rows:
        raise InputError(f"every value of {config.column} is missing, expected numbers")
    if not isinstance(summary, Summary):
        for warning in summary.checked(config.column):
            yield logging.WARNING, warning
    elif config.window > summary.rows:
        rows = "1 row" if summary.rows == 1 else f"{summary.rows} rows"
        raise InputError(f"has {rows}, fewer than the window of {config.window}")
    for warning in check_ends(ends, as_it_stands=config.order == "file", grouped=config.is_grouped):
        yield logging.WARNING, warning
    if not is_dated(ends):
        yield logging.INFO, "order not checked: no column of timestamps that are understood"


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
        return found if found.error is not None else replace(found, error=str(error))
    return found


def _check_regular(path: Path) -> None:
    """Raise InputError for a pipe or device: what a lost worker has read of it is gone."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return  # opening it says what is wrong
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise InputError("is not a regular file, which is what a cluster can read")
