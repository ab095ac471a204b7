"""Laws of the summaries: a monoid that gives the batch answer at any cuts."""

from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels import Summary, above_mean, merge, summarize
from tests.kernels.cases import Array, catalogue, prices, series

pieces = st.lists(series, min_size=3, max_size=6)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Array], int, int]:
    window = draw(st.integers(1, 15))
    return draw(pieces), window, draw(st.integers(1, window))


@given(cases())
def test_merged_pieces_are_the_whole_in_any_grouping(case: tuple[list[Array], int, int]) -> None:
    parts, window, min_count = case
    whole = summarize(np.concatenate(parts), window, min_count=min_count)
    each = [summarize(part, window, min_count=min_count) for part in parts]
    assert reduce(merge, each) == whole
    assert reduce(lambda right, left: merge(left, right), reversed(each)) == whole
    assert each[0].merge(reduce(merge, each[1:])) == whole


@given(cases())
def test_a_summary_of_nothing_changes_nothing(case: tuple[list[Array], int, int]) -> None:
    parts, window, min_count = case
    nothing = summarize([], window, min_count=min_count)
    some = summarize(parts[0], window, min_count=min_count)
    assert merge(nothing, some) == some
    assert merge(some, nothing) == some


@pytest.mark.parametrize("name", catalogue())
@pytest.mark.parametrize("window", [1, 3, 20, 500])
def test_a_summary_counts_the_batch_signals(name: str, window: int) -> None:
    x = catalogue()[name]
    for min_count in (window, 1):
        got = summarize(x, window, min_count=min_count)
        assert got.rows == len(x)
        assert got.ones == above_mean(x, window, min_count=min_count).sum()
        assert got.missing == np.isnan(x).sum()
        halves = [summarize(part, window, min_count=min_count) for part in (x[:77], x[77:])]
        assert merge(*halves) == got


INTEGERS = [
    np.array([], np.float64),
    np.array([2**60, 2**60 + 1, 2**60 - 1]),
    np.array([-(2**63), 5, 2**63 - 1, 2**62]),
    np.array([2**64 - 1, 3, 2**63], np.uint64),
    np.array([7, 2**53 + 1], np.uint64),
    np.array([-1, 0, 3], np.int8),
    np.array([], np.uint64),
]


@given(st.lists(st.sampled_from(INTEGERS), max_size=6), st.integers(1, 9))
def test_pieces_of_any_integers_merge_exactly_in_any_grouping(parts: list[Array], window: int) -> None:
    whole = [value for part in parts for value in part.tolist()]
    held = [whole[max(0, i + 1 - window) : i + 1] for i in range(len(whole))]
    ones = sum(len(w) == window and window * int(w[-1]) > sum(map(int, w)) for w in held)
    each = [summarize([], window), *(summarize(part, window) for part in parts)]
    left = reduce(merge, each)
    right = reduce(lambda right, left: merge(left, right), reversed(each))
    assert (left.rows, left.ones) == (len(whole), ones)
    assert left == right
    assert hash(left) == hash(right)
    assert left.head.tolist() == whole[: window - 1]
    assert left.tail.tolist() == whole[max(0, len(whole) - window + 1) :]


@pytest.mark.parametrize("dtype", ["f4", "f8", "i1", "u8", "?"])
def test_an_empty_piece_of_any_type_is_the_identity(dtype: str) -> None:
    nothing = summarize(np.array([], dtype), 2)
    for some in (summarize([2**60], 2), summarize([0.5, 0.1], 2)):
        assert merge(nothing, some) == some == merge(some, nothing)
    parts = [summarize([2**60], 2), nothing, summarize([2**60 + 1], 2)]
    assert reduce(merge, parts).ones == 1


def test_integers_beyond_the_floats_do_not_merge_with_floats() -> None:
    whole, fractions = summarize([2**60, 1], 3), summarize([0.5], 3)
    message = r"^pieces must not hold integers beyond 2\*\*53 beside floats: convert all to one type$"
    for parts in ((whole, fractions), (fractions, whole)):
        with pytest.raises(ValueError, match=message):
            merge(*parts)
    mixed = merge(summarize([1, 2], 3), summarize([0.5, 9.0], 3))
    assert mixed.ones == summarize([1.0, 2.0, 0.5, 9.0], 3).ones


def test_float32_pieces_merge_as_the_decimals_they_print() -> None:
    x = np.round(prices(500, 2, 1) / 100, 2).astype(np.float32)
    whole = summarize(x, 10)
    assert whole.ones == above_mean(x, 10).sum()
    assert merge(summarize(x[:100], 10), summarize(x[100:], 10)) == whole


def test_the_ends_do_not_keep_the_piece_alive() -> None:
    x = prices(100_000, 2, 2)
    summary = summarize(x, 10)
    assert len(summary.head) == len(summary.tail) == 9
    assert summary.head.base is None
    assert summary.tail.base is None


def test_summaries_of_different_windows_do_not_merge() -> None:
    with pytest.raises(
        ValueError, match=r"^summaries must have the same window and min_count, got 5, 5 and 6, 6$"
    ):
        merge(summarize([1.0], 5), summarize([1.0], 6))


def test_the_rate_of_no_rows_is_nan() -> None:
    assert np.isnan(summarize([], 5).signal_rate)


def test_equal_summaries_hash_alike_and_differ_from_others() -> None:
    one = summarize([1.0, 2.0], 2)
    assert hash(one) == hash(summarize([1.0, 2.0], 2))
    assert one != summarize([1.0, 3.0], 2)
    assert one != "a summary"
    assert isinstance(one, Summary)
