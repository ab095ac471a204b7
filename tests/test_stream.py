"""Laws of the streams: the batch answers, whatever the chunks."""

import pickle
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kernels import AboveMean, RollingMean, RollingSum, above_mean, rolling_mean, rolling_sum
from tests.reference import Array, assert_same, catalogue, prices

Stream = RollingSum | RollingMean | AboveMean
PAIRS: list[tuple[type[Stream], Callable[..., Array]]] = [
    (RollingSum, rolling_sum),
    (RollingMean, rolling_mean),
    (AboveMean, above_mean),
]
NASTY = catalogue()
pairs = pytest.mark.parametrize(("stream", "batch"), PAIRS)
values = st.one_of(
    st.floats(width=64),
    st.sampled_from([0.1, 0.2, 0.3, 0.1 + 0.2, 7.0, -0.0, np.nan, np.inf, 1e17, 5e-324]),
    st.integers(-(10**6), 10**6).map(lambda n: n / 100),
)


@pairs
@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("window", [1, 3, 20, 200])
def test_one_value_at_a_time_gives_the_batch_bits(
    stream: type[Stream], batch: Callable[..., Array], name: str, window: int
) -> None:
    x = NASTY[name]
    for min_count in (window, 1):
        fed = stream(window, min_count=min_count)
        got = [fed.update(value) for value in x.tolist()]
        expected = batch(x, window, min_count=min_count)
        assert b"".join(row.tobytes() for row in got) == expected.tobytes()


@pairs
@given(
    x=arrays(np.float64, st.integers(0, 60), elements=values),
    cuts=st.lists(st.integers(0, 60), max_size=6).map(sorted),
    window=st.integers(1, 12),
    data=st.data(),
)
def test_any_chunks_give_the_batch_bits(
    stream: type[Stream],
    batch: Callable[..., Array],
    x: Array,
    cuts: list[int],
    window: int,
    data: st.DataObject,
) -> None:
    min_count = data.draw(st.integers(1, window))
    fed = stream(window, min_count=min_count)
    got = np.concatenate([fed.update(chunk) for chunk in np.split(x, cuts)])
    assert_same(got, batch(x, window, min_count=min_count))


@pairs
def test_long_chunks_and_single_values_may_alternate(
    stream: type[Stream], batch: Callable[..., Array]
) -> None:
    x = prices(20_000, 2, 1, step=0.05)
    fed = stream(30)
    cuts = [5, 4000, 4001, 4002, 4100, 15_000]
    got = np.concatenate([fed.update(chunk) for chunk in np.split(x, cuts)])
    assert got.tobytes() == batch(x, 30).tobytes()


@pairs
@pytest.mark.parametrize("name", NASTY)
def test_a_peek_shows_what_would_come_and_changes_nothing(
    stream: type[Stream], batch: Callable[..., Array], name: str
) -> None:
    x = NASTY[name]
    fed = stream(5, min_count=2)
    fed.update(x[:50])
    for value in (1.5, np.nan, np.inf, 1e300, 0.1, 3):
        expected = batch([*x[:50].tolist(), value], 5, min_count=2)[-1]
        np.testing.assert_array_equal(fed.peek(value), expected)
    assert fed.update(x[50:]).tobytes() == batch(x, 5, min_count=2)[50:].tobytes()


@pairs
def test_a_copy_and_a_pickle_go_on_alone(stream: type[Stream], batch: Callable[..., Array]) -> None:
    x = prices(100, 2, 2)
    fed = stream(7)
    fed.update(x[:40])
    copied = fed.copy()
    pickled = pickle.loads(pickle.dumps(fed))  # noqa: S301  our own bytes
    fed.update([1e300] * 10)
    for other in (copied, pickled):
        assert other.update(x[40:]).tobytes() == batch(x, 7)[40:].tobytes()


@pairs
def test_float32_and_integers_are_taken_as_in_a_batch(
    stream: type[Stream], batch: Callable[..., Array]
) -> None:
    for x in (np.round(prices(100, 2, 3)).astype(int), prices(100, 2, 4).astype(np.float32)):
        assert_same(stream(5).update(x), batch(x, 5))
    assert stream(1).update(7).tolist() == batch([7], 1).tolist()


@pairs
def test_values_that_no_float_holds_are_refused(stream: type[Stream], batch: Callable[..., Array]) -> None:
    del batch
    with pytest.raises(ValueError, match=rf"^values must be within 2\*\*53 of zero, got {2**60}$"):
        stream(5).update([2**60])


@pairs
def test_arguments_are_checked_as_in_a_batch(stream: type[Stream], batch: Callable[..., Array]) -> None:
    del batch
    with pytest.raises(ValueError, match=r"^window must be between 1 and 2147483647, got 0$"):
        stream(0)
    with pytest.raises(ValueError, match=r"^min_count must be between 1 and 3, got 4$"):
        stream(3, min_count=4)
    with pytest.raises(ValueError, match=r"^x must have one dimension, got 2$"):
        stream(3).update(np.zeros((2, 2)))
