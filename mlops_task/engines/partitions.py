"""Partitions of a series: what one worker of a cluster reads at a time, and what it finds there.

Everything here runs on workers. Nothing knows of Dask, and nothing holds more than a piece in memory.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import chain
from pathlib import Path

from kernels.summary import Summary, summarize
from mlops_task.config import Config
from mlops_task.engines.local import summarize_piece
from mlops_task.errors import InputError
from mlops_task.inputs import source
from mlops_task.inputs.csv_rules import UnfinishedError
from mlops_task.inputs.order import Ends
from mlops_task.inputs.pieces import MAX_RECORD_BYTES, Piece, RowGroups, TextRange

TEXT_BYTES = 64 * 1024 * 1024
"""The text of a partition, read block by block."""
COLUMN_BYTES = 4 * 1024 * 1024
"""The compressed column of a partition of Parquet, unless one row group is larger."""


@dataclass(frozen=True)
class Partition:
    """Consecutive pieces of a series; one of text stands for all the blocks in its range."""

    pieces: tuple[Piece, ...]
    is_first: bool
    is_last: bool

    @property
    def size(self) -> int:
        """How much of the input it stands for, in bytes."""
        return sum(piece.size for piece in self.pieces)

    @property
    def may_be_cut(self) -> bool:
        """Whether its end may be inside a quoted field."""
        return isinstance(self.pieces[-1], TextRange)


@dataclass(frozen=True)
class Found:
    """What was found in consecutive partitions, up to the first error."""

    summary: Summary
    read_seconds: float = 0.0
    kernel_seconds: float = 0.0
    ends: Ends = field(default_factory=Ends)
    rest: TextRange | None = None
    """The end that was cut inside a quoted field; no part of the summary."""
    error: str | None = None


def plan(name: str, config: Config) -> Found | list[Partition]:
    """Return the partitions of the series in file `name`; what is found there, if it is not worth several."""
    try:
        _check_regular(Path(name))
        pieces = source.open_series(name, config.column, config.csv)
        first = next(pieces)
        pieces = chain([first], pieces)
        if not isinstance(first, TextRange | RowGroups):
            return _fold(pieces, config, is_first=True, is_last=True)
        partitions = _partitions(list(pieces))
    except InputError as error:
        return Found(_nothing(config), error=str(error))
    return examine(partitions[0], config) if len(partitions) == 1 else partitions


def examine(partition: Partition, config: Config, rest: TextRange | None = None) -> Found:
    """Return what is found in a partition that begins with the `rest` of the one before it."""
    pieces = chain.from_iterable(map(_blocks, partition.pieces))
    return _fold(pieces, config, rest, is_first=partition.is_first, is_last=partition.is_last)


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
        a.summary.merge(b.summary),
        a.read_seconds + b.read_seconds,
        a.kernel_seconds + b.kernel_seconds,
        a.ends.merge(b.ends),
        b.rest,
        b.error,
    )


def _fold(
    pieces: Iterable[Piece],
    config: Config,
    rest: TextRange | None = None,
    *,
    is_first: bool,
    is_last: bool,
) -> Found:
    found = Found(_nothing(config))
    first = last = None
    cut = rest
    try:
        for piece in pieces:
            joined = cut.joined(piece) if cut else piece  # type: ignore[arg-type] # only text is ever cut
            try:
                part = summarize_piece(joined, config)
            except UnfinishedError:
                cut = joined  # type: ignore[assignment] # likewise
                if joined.size > MAX_RECORD_BYTES:
                    is_last = True
                    break
            else:
                cut = None
                if part.summary.rows:
                    first, last = first or joined, joined
                found = _merged(found, Found(part.summary, part.read_seconds, part.kernel_seconds))
        if cut and is_last:
            raise cut.unfinished()
        ends = Ends(
            first.first_rows() if first and is_first else {}, last.last_rows() if last and is_last else {}
        )
    except InputError as error:
        return replace(found, error=str(error))
    return replace(found, ends=ends, rest=cut)


def _nothing(config: Config) -> Summary:
    return summarize([], config.window)


def _check_regular(path: Path) -> None:
    """Raise InputError for a pipe or device: what a lost worker has read of it is gone."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return  # opening it says what is wrong
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise InputError("is not a regular file, which is what a cluster can read")


def _partitions(pieces: list[Piece]) -> list[Partition]:
    groups: list[list[Piece]] = []
    size = 0
    for piece in pieces:
        size += piece.size
        if not groups or size > (TEXT_BYTES if isinstance(piece, TextRange) else COLUMN_BYTES):
            groups.append([])
            size = piece.size
        groups[-1].append(piece)
    return [Partition(_condensed(group), group is groups[0], group is groups[-1]) for group in groups]


def _condensed(group: list[Piece]) -> tuple[Piece, ...]:
    first, last = group[0], group[-1]
    if isinstance(first, TextRange) and isinstance(last, TextRange):
        return (first.joined(last),)
    return tuple(group)


def _blocks(piece: Piece) -> Iterator[Piece]:
    """Yield a range of text as the blocks that the local engine reads, anything else as it is."""
    if not isinstance(piece, TextRange):
        yield piece
        return
    size = source.BLOCK_BYTES
    for start in range(piece.start - piece.start % size, piece.stop, size):
        yield replace(piece, start=max(start, piece.start), stop=min(start + size, piece.stop))
