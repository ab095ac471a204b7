"""Signals of many series whose rows stand among each other, counted piece by piece as those of one are.

Codes from 0 on tell which of the series, its group, a row is of. Laid out group by group, the rows are one
line to a kernel: the windows that reach into the group before are those of the first ``window - 1`` rows of
a group, and these have no mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from kernels._arguments import FLOAT, Array
from kernels._drivers import groups as loops
from kernels.rolling import rolling_mean
from kernels.signals import above_mean

CODE = np.dtype(np.int32)
PLAIN: tuple[Literal["C", "A", "W"], ...] = ("C", "A", "W")  # or a loop does not take it


class Tails(NamedTuple):
    """The last ``window - 1`` rows of each group, in order within it."""

    codes: Array
    values: Array


NO_TAILS = Tails(np.empty(0, CODE), np.empty(0))


@dataclass(frozen=True, eq=False)
class GroupSummary:
    """Counts of a piece by group, and its rows that decide the windows across its seams.

    Attributes
    ----------
    rows, ones, missing
        How many rows, signals of 1 and NaN values each group has in the piece.
    codes, values
        The rows that are kept: all of them where nothing is counted yet, then the first and the last
        ``window - 1`` of each group.
    is_open
        1 for those of them that have no signal yet, for want of the rows before the piece, else 0.
    """

    rows: Array
    ones: Array
    missing: Array
    codes: Array
    values: Array
    is_open: Array

    @property
    def kept(self) -> int:
        """How many rows are kept."""
        return len(self.codes)

    def counts(self) -> "GroupSummary":
        """Return the counts alone, to which nothing is merged any more."""
        return replace(self, codes=NO_TAILS.codes, values=NO_TAILS.values, is_open=np.empty(0, np.int8))


def summarize_groups(values: Array, codes: Array, groups: int) -> GroupSummary:
    """Summary of a piece of float64 values with their codes, all below ``groups``; nothing is counted yet."""
    return GroupSummary(
        rows=np.bincount(codes, minlength=groups),
        ones=np.zeros(groups, np.int64),
        missing=np.bincount(codes[np.isnan(values)], minlength=groups),
        codes=np.require(codes, CODE, PLAIN),
        values=np.require(values, FLOAT, PLAIN),
        is_open=np.ones(len(codes), np.int8),
    )


def merge_groups(
    pieces: Sequence[GroupSummary], codes: Sequence[Array], groups: int, window: int
) -> GroupSummary:
    """Summary of consecutive pieces, with all signals counted that no rows before them can change.

    ``codes`` holds for each piece what its groups are called in the whole, of so many ``groups``.
    """
    rows, ones, missing, sizes = np.zeros((4, groups), np.int64)
    for piece, new in zip(pieces, codes, strict=True):
        rows[new] += piece.rows
        ones[new] += piece.ones
        missing[new] += piece.missing
        sizes[new] += np.bincount(piece.codes, minlength=len(new))
    ends = np.cumsum(sizes)
    values, is_open = np.empty(sizes.sum()), np.empty(sizes.sum(), np.int8)
    free = ends - sizes
    for piece, new in zip(pieces, codes, strict=True):
        loops.lay(piece.codes, new, piece.values, piece.is_open, free, values, is_open)
    kept = int(np.minimum(sizes, 2 * (window - 1)).sum())
    ends_of_groups = np.empty(kept, CODE), np.empty(kept), np.empty(kept, np.int8)
    loops.settle(ends, values, above_mean(values, window), is_open, window, ones, *ends_of_groups)
    return GroupSummary(rows, ones, missing, *ends_of_groups)


def group_windows(
    values: Array, codes: Array, groups: int, window: int, tails: Tails
) -> tuple[Array, Array, Tails]:
    """Rolling means and signals of rows within their groups, of which the ``tails`` are the rows before.

    Returns the means (NaN where a group has too few rows yet), the signals, and the tails with these rows.
    """
    is_here = np.zeros(groups, np.bool_)
    is_here[codes] = True
    before = is_here[tails.codes]
    all_codes = np.concatenate([tails.codes[before], codes])
    sizes = np.bincount(all_codes, minlength=groups)
    ends = np.cumsum(sizes)
    places = np.empty(len(all_codes), np.int64)
    loops.place(all_codes, ends - sizes, places)
    line = np.empty(len(places))
    line[places] = np.concatenate([tails.values[before], values])
    means, signals = rolling_mean(line, window), above_mean(line, window)
    rows = np.arange(len(line))
    early = rows < np.repeat(ends - sizes, sizes) + window - 1
    means[early], signals[early] = np.nan, 0
    last = rows > np.repeat(ends, sizes) - window
    rest = Tails(
        np.concatenate([tails.codes[~before], np.repeat(np.arange(groups, dtype=CODE), sizes)[last]]),
        np.concatenate([tails.values[~before], line[last]]),
    )
    mine = places[len(places) - len(values) :]
    return means[mine], signals[mine], rest
