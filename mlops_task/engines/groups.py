"""What is found in the groups of a series: merged as a `Summary` is, and counts by group in the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from kernels import Summary
from kernels.groups import GroupSummary, merge_groups, summarize_groups
from mlops_task.errors import InputError, clipped
from mlops_task.inputs.groups import codes_of, united

if TYPE_CHECKING:
    from mlops_task.inputs.protocol import Chunk

ROWS_AT_ONCE = 1 << 18
PIECES_AT_ONCE = 256


class Counts(NamedTuple):
    """What a group, or a series, comes to."""

    name: str | None
    rows: int
    ones: int
    missing: int


@dataclass(frozen=True)
class Piece:
    """The names of groups, a pyarrow array, and the summary by their places in it."""

    names: Any
    summary: GroupSummary


@dataclass(frozen=True)
class Groups:
    """The groups of consecutive rows, in pieces that wait until they are worth joining.

    That costs what is kept of all rows before, so it waits for about as many.
    """

    window: int
    pieces: tuple[Piece, ...] = ()
    rows: int = 0

    def merge(self, following: Groups) -> Groups:
        """Return what was found in these rows and the ones after them."""
        pieces = self.pieces + following.pieces
        merged = Groups(self.window, pieces, self.rows + following.rows)
        waiting = sum(piece.summary.kept for piece in pieces[1:])
        is_due = waiting > ROWS_AT_ONCE and waiting > pieces[0].summary.kept
        return merged.joined() if is_due or len(pieces) > PIECES_AT_ONCE else merged

    def joined(self) -> Groups:
        """Return the same as one piece, its signals counted."""
        if not self.pieces:
            return self
        names, codes = united([piece.names for piece in self.pieces])
        summaries = [piece.summary for piece in self.pieces]
        return replace(self, pieces=(Piece(names, merge_groups(summaries, codes, len(names), self.window)),))

    def concluded(self) -> Groups:
        """Return the counts of a whole series, without what merging needs."""
        pieces = self.joined().pieces
        return replace(self, pieces=tuple(Piece(each.names, each.summary.counts()) for each in pieces))

    @property
    def ones(self) -> int:
        """How many signals of 1 there are."""
        return sum(int(piece.summary.ones.sum()) for piece in self.joined().pieces)

    @property
    def missing(self) -> int:
        """How many values are missing."""
        return sum(int(piece.summary.missing.sum()) for piece in self.pieces)

    def checked(self, column: str | int) -> Iterator[str]:
        """Yield what a user should be warned of, of a whole series.

        Raises
        ------
        InputError
            Where no group has as many rows as the window.
        """
        groups = list(self.each())
        short = [str(group.name) for group in groups if group.rows < self.window]
        if len(short) == len(groups):
            most = _count(max(group.rows for group in groups), "row")
            raise InputError(
                f"has {_count(len(groups), 'group')} of up to {most}, fewer than the window of {self.window}"
            )
        if short:
            few = f"fewer rows than the window of {self.window}, so that their signals are 0"
            yield f"{len(short)} of {len(groups)} groups have {few}: {clipped(', '.join(short))}"
        empty = [str(group.name) for group in groups if group.rows == group.missing]
        if empty:
            shown = clipped(", ".join(empty))
            yield f"every value of {column} is missing in {len(empty)} of {len(groups)} groups: {shown}"

    def each(self) -> Iterator[Counts]:
        """Yield the counts of every group, in the order in which they come."""
        for piece in self.joined().pieces:
            one = piece.summary
            columns = (one.rows.tolist(), one.ones.tolist(), one.missing.tolist())
            yield from map(Counts, piece.names.to_pylist(), *columns)


def counts(summary: Summary | Groups) -> Iterable[Counts]:
    """Return the counts of a series as a whole, or of each of its groups."""
    if isinstance(summary, Groups):
        return summary.each()
    return [Counts(None, summary.rows, summary.ones, summary.missing)]


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + "s" * (number != 1)


def groups_in(chunk: Chunk, window: int) -> Groups:
    """Return what is found in the groups of a chunk."""
    if chunk.groups is None:
        return Groups(window)
    names = chunk.groups.dictionary
    summary = summarize_groups(chunk.values, codes_of(chunk.groups), len(names))
    found = Groups(window, (Piece(names, summary),), len(chunk.values))
    # Where little is left of it, any thread may do it.
    return found.joined() if summary.kept > 4 * (window - 1) * len(names) else found
