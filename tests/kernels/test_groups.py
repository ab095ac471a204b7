"""Laws of summaries by group: each is as if it were alone, whatever stands between its rows."""

from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from kernels import above_mean, rolling_mean, summarize
from kernels.groups import NO_TAILS, GroupSummary, group_windows, merge_groups, summarize_groups

Array = np.ndarray[Any, np.dtype[Any]]
SEEDS = range(60)


def table(rng: np.random.Generator) -> tuple[Array, Array, int]:
    """Values with gaps, codes that come in runs or at random, and how many groups there are."""
    groups = int(rng.integers(1, 9))
    rows = int(rng.integers(0, 120))
    values = np.round(rng.normal(100, 1, rows), int(rng.integers(0, 3)))
    values[rng.random(rows) < rng.choice([0, 0.1])] = np.nan
    codes = rng.integers(0, groups, rows).astype(np.int32)
    return values, np.sort(codes) if rng.random() < 0.3 else codes, groups


def cut(rng: np.random.Generator, rows: int) -> list[slice]:
    ends = [0, *sorted(rng.integers(0, rows + 1, int(rng.integers(0, 7)))), rows]
    return [slice(a, b) for a, b in pairwise(ends)]


def figures(summary: GroupSummary) -> list[tuple[int, int, int]]:
    return list(zip(summary.rows.tolist(), summary.ones.tolist(), summary.missing.tolist(), strict=True))


def each_alone(values: Array, codes: Array, groups: int, window: int) -> list[tuple[int, int, int]]:
    alone = [summarize(values[codes == code], window) for code in range(groups)]
    return [(one.rows, one.ones, one.missing) for one in alone]


@pytest.mark.parametrize("seed", SEEDS)
def test_each_group_counts_as_if_it_were_alone_whatever_the_cuts_and_the_grouping(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, codes, groups = table(rng)
    window = int(rng.integers(1, 12))
    same = np.arange(groups, dtype=np.int32)

    def merged(*parts: GroupSummary) -> GroupSummary:
        return merge_groups(parts, [same] * len(parts), groups, window)

    pieces = [summarize_groups(values[part], codes[part], groups) for part in cut(rng, len(values))]
    some_counted = [merged(piece) if rng.random() < 0.7 else piece for piece in pieces]
    expected = each_alone(values, codes, groups, window)
    for parts in (pieces, some_counted):
        left = reduce(merged, parts)
        right = reduce(lambda a, b: merged(b, a), reversed(parts))
        for whole in (merged(left), merged(right), merged(*parts), merged(merged(*parts))):
            assert figures(whole) == figures(whole.counts()) == expected
            assert whole.kept <= 2 * (window - 1) * groups


@pytest.mark.parametrize("seed", SEEDS)
def test_means_and_signals_of_rows_are_those_of_their_group(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, codes, groups = table(rng)
    window = int(rng.integers(1, 12))
    means, signals = np.empty(len(values)), np.empty(len(values), np.int8)
    tails = NO_TAILS
    for part in cut(rng, len(values)):
        means[part], signals[part], tails = group_windows(values[part], codes[part], groups, window, tails)
        assert len(tails.codes) <= (window - 1) * groups
    for code in range(groups):
        mine = codes == code
        np.testing.assert_array_equal(means[mine], rolling_mean(values[mine], window))
        np.testing.assert_array_equal(signals[mine], above_mean(values[mine], window))


def test_groups_may_be_called_otherwise_in_the_whole() -> None:
    first = summarize_groups(np.array([1.0, 5.0, 2.0]), np.array([0, 1, 0], np.int32), 2)
    second = summarize_groups(np.array([6.0, 3.0, 0.0]), np.array([1, 0, 1], np.int32), 2)
    whole = merge_groups([first, second], [np.array([0, 1], np.int32), np.array([2, 1], np.int32)], 3, 2)
    # of 0: 1, 2; of 1: 5, 6, 0; of 2: 3
    assert figures(whole) == [(2, 1, 0), (3, 1, 0), (1, 0, 0)]
