"""Laws of the summaries: a monoid that gives the batch answer at any cuts."""

from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kernels import Summary, above_mean, merge, signal_rate, summarize
from tests.reference import Array, catalogue, prices

values = st.one_of(
    st.sampled_from([0.1, 0.2, 0.3, 0.1 + 0.2, 7.0, -0.0, np.nan, np.inf, 1e300]),
    st.integers(0, 10**6).map(lambda n: n / 100),
)
pieces = st.lists(arrays(np.float64, st.integers(0, 12), elements=values), min_size=3, max_size=6)


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


def test_integers_beyond_the_floats_merge_exactly() -> None:
    x = np.random.default_rng(0).integers(2**62, 2**62 + 5, 300)
    whole = summarize(x, 10)
    assert merge(summarize(x[:4], 10), summarize(x[4:], 10)) == whole
    assert whole.signal_rate == signal_rate(x, 10)
    mixed = np.concatenate([np.arange(50), x])
    assert merge(summarize(mixed[:50], 10), summarize(mixed[50:], 10)).ones == summarize(mixed, 10).ones


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
