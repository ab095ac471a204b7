"""Signals of many series whose rows stand among each other, counted piece by piece as those of one are.

Codes from 0 on tell which of the series, its group, a row is of. Laid out group by group, the rows are one
line to a kernel: the windows that reach into the group before are those of the first ``window - 1`` rows of
a group, and these have no mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from kernels._arguments import Array
from kernels.rolling import rolling_mean
from kernels.signals import above_mean

DIGIT = 1 << 16  # codes below it are sorted in one go
CODE = np.dtype(np.int32)


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
        The rows that are kept: all of them before the piece is `counted`, then the first and the last
        ``window - 1`` of each group.
    is_open
        Which of these have no signal yet, for want of the rows before the piece.
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

    def counted(self, window: int) -> "GroupSummary":
        """Return the same with all signals counted that no rows before it can change."""
        at = _laid_out(self.codes, len(self.rows))
        values = self.values[at.order]
        is_full = at.place >= window - 1
        is_one = above_mean(values, window).view(np.bool_) & is_full & self.is_open[at.order]
        kept = np.flatnonzero((at.left < window) | ~is_full)
        codes = at.codes
        return replace(
            self,
            ones=self.ones + np.bincount(codes[is_one], minlength=len(self.rows)),
            codes=codes[kept],
            values=values[kept],
            is_open=~is_full[kept],
        )

    def counts(self) -> "GroupSummary":
        """Return the counts alone, to which nothing is merged any more."""
        return replace(self, codes=NO_TAILS.codes, values=NO_TAILS.values, is_open=np.empty(0, np.bool_))


def summarize_groups(values: Array, codes: Array, groups: int) -> GroupSummary:
    """Summary of a piece of float64 values with their codes, all below ``groups``; nothing is counted yet."""
    missing = np.isnan(values)
    return GroupSummary(
        rows=np.bincount(codes, minlength=groups),
        ones=np.zeros(groups, np.int64),
        missing=np.bincount(codes[missing], minlength=groups),
        codes=codes,
        values=values,
        is_open=np.ones(len(codes), np.bool_),
    )


def join(pieces: Sequence[GroupSummary], codes: Sequence[Array], groups: int) -> GroupSummary:
    """Summary of consecutive pieces; ``codes`` holds for each what its groups are called in the whole."""
    rows, ones, missing = np.zeros((3, groups), np.int64)
    for piece, new in zip(pieces, codes, strict=True):
        rows[new] += piece.rows
        ones[new] += piece.ones
        missing[new] += piece.missing
    return GroupSummary(
        rows=rows,
        ones=ones,
        missing=missing,
        codes=np.concatenate([new[piece.codes] for piece, new in zip(pieces, codes, strict=True)]),
        values=np.concatenate([piece.values for piece in pieces]),
        is_open=np.concatenate([piece.is_open for piece in pieces]),
    )


def group_windows(
    values: Array, codes: Array, groups: int, window: int, tails: Tails
) -> tuple[Array, Array, Tails]:
    """Rolling means and signals of rows within their groups, of which the ``tails`` are the rows before.

    Returns the means (NaN where a group has too few rows yet), the signals, and the tails with these rows.
    """
    is_here = np.zeros(groups, np.bool_)
    is_here[codes] = True
    before = is_here[tails.codes]
    at = _laid_out(np.concatenate([tails.codes[before], codes]), groups)
    line = np.concatenate([tails.values[before], values])[at.order]
    is_full = at.place >= window - 1
    means, signals = np.empty(len(line)), np.empty(len(line), np.int8)
    means[at.order] = np.where(is_full, rolling_mean(line, window), np.nan)
    signals[at.order] = above_mean(line, window) & is_full
    last = at.left < window
    rest = Tails(
        np.concatenate([tails.codes[~before], at.codes[last]]),
        np.concatenate([tails.values[~before], line[last]]),
    )
    first = len(line) - len(values)
    return means[first:], signals[first:], rest


class _Order(NamedTuple):
    """Rows group by group: which stands where, its code, its place in its group, how many are left in it."""

    order: Array
    codes: Array
    place: Array
    left: Array


def _laid_out(codes: Array, groups: int) -> _Order:
    order = _sorted(codes, groups)
    sizes = np.bincount(codes, minlength=groups)
    ends = np.cumsum(sizes)
    rows = np.arange(len(codes))
    return _Order(order, codes[order], rows - np.repeat(ends - sizes, sizes), np.repeat(ends, sizes) - rows)


def _sorted(codes: Array, groups: int) -> Array:
    """Which row stands where in the order of the codes, those of one code as they are."""
    # Integers of 16 bits are what NumPy sorts by their digits, in a time that no order changes.
    low = np.argsort(codes.astype(np.uint16), kind="stable")
    if groups <= DIGIT:
        return low
    high = (codes[low] >> DIGIT.bit_length() - 1).astype(np.uint16)
    return low[np.argsort(high, kind="stable")]
