"""What holds for every function of the table, on every back end."""

import copy
import math
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kernels
from kernels._backend.compiled import BACKEND
from kernels._kernel import Kernel
from kernels.functions import TABLE, Function
from tests.kernels.cases import (
    STRANGERS,
    Array,
    assert_by_definition,
    assert_same,
    cases,
    catalogue,
    exact,
    expected,
    long_cases,
    prices,
)

# Interpreted loops take a thousand times as long, and need no more than a look at each law.
SLOW = BACKEND == "python"
ROWS = 40 if SLOW else 200
MANY = 10 if SLOW else 300
LONG = 300 if SLOW else 8000
WINDOWS = (1, 5, 20) if SLOW else (1, 2, 5, 9, 20, 64, 150)

ALL = [variant for row in TABLE for variant in row.variants()]
every = pytest.mark.parametrize("row", ALL, ids=lambda row: row.label)
nasty = pytest.mark.parametrize("name", list(catalogue())[:: 5 if SLOW else 1])

FORKS: dict[str, Callable[[Any], Any]] = {
    "copied": lambda stream: stream.copy(),
    "copied by Python": copy.copy,
    "copied deeply": copy.deepcopy,
    "pickled": lambda stream: pickle.loads(pickle.dumps(stream)),  # noqa: S301  our own bytes
}
CHUNKS = {"whole": -1, "even": 20, "single": 1, "uneven": ((1, 0, 30, 2, 3, 0, 31),)}


def feed(row: Function, x: Array, window: int, min_count: int | None = None) -> Array:
    """What a stream gives that takes one value at a time, by other arithmetic than for arrays."""
    stream = row.stream(window, min_count=min_count)
    return np.concatenate([stream.update(value) for value in x.tolist()] or [stream.update([])])


def test_the_table_has_every_public_function_and_stream() -> None:
    listed = {row.name for row in TABLE} | {row.stream.__name__ for row in TABLE}
    assert listed | {"Summary", "__version__", "backend", "merge", "signal_rate", "summarize"} == set(
        kernels.__all__
    )
    assert all(row.function.__name__ == row.name for row in TABLE)


@every
@nasty
def test_results_are_those_of_the_definition(row: Function, name: str) -> None:
    x = catalogue(ROWS)[name]
    for window in WINDOWS:
        for min_count in {window, (window + 1) // 2}:
            got = row.function(x, window, min_count=min_count)
            assert_by_definition(row, got, x, window, min_count)


@every
@given(case=cases())
@settings(max_examples=MANY)
def test_any_short_series_follows_the_definition(row: Function, case: tuple[Array, int, int]) -> None:
    x, window, min_count = case
    assert_by_definition(row, row.function(x, window, min_count=min_count), x, window, min_count)


@every
@given(case=long_cases())
@settings(max_examples=3 if SLOW else 60)
def test_a_series_is_value_by_value_to_the_bit(row: Function, case: tuple[Array, int, int]) -> None:
    x, window, min_count = case
    x = x[:LONG]
    assert_same(row.function(x, window, min_count=min_count), feed(row, x, window, min_count))


@every
@pytest.mark.parametrize("stranger", STRANGERS)
@pytest.mark.parametrize("at", [0, 19, 85] if SLOW else [0, 19, 20, 85, 2067, 2068, 2999])
def test_a_stranger_anywhere_spoils_nothing(row: Function, stranger: float, at: int) -> None:
    x = prices(120 if SLOW else 3000, 2, 21, step=1.0)
    x[at] = stranger
    for min_count in (20, 3):
        got = row.function(x, 20, min_count=min_count)
        near = slice(max(0, at - 30), at + 30)
        assert_same(got[near], feed(row, x[: near.stop], 20, min_count)[near])


@every
@pytest.mark.parametrize("window", [60] if SLOW else [2047, 2048, 2049, 10_000])
def test_long_windows_follow_the_definition(row: Function, window: int) -> None:
    rows = window + (100 if SLOW else 3000)
    for x in (prices(rows, 2, 9, step=1.0), catalogue(rows)["uniform"], catalogue(rows)["some magnitudes"]):
        got = row.function(x, window)
        assert_same(got[: window - 1], expected(row, np.full(window - 1, np.nan), 1))
        for i in (window - 1, window, min(window + 2046, rows - 1), rows - 1):
            alone = x[i - window + 1 : i + 1]
            last = row.definition([exact(v, prints=row.kernel.prints) for v in alone.tolist()])
            magnitude = float(last) if row.is_relative else np.abs(alone).mean()
            assert abs(float(got[i]) - float(last)) <= row.within * np.spacing(magnitude)


@every
@pytest.mark.parametrize("left", [1e300, -1e17, math.nan, math.inf, -math.inf, 5e-324])
@pytest.mark.parametrize("window", [2, 5, 100, 3000])
def test_what_left_the_window_leaves_no_trace(row: Function, left: float, window: int) -> None:
    x = prices(LONG, 2, 10)
    changed = x.copy()
    changed[200] = left
    outside = np.r_[0:200, min(200 + window, LONG) : LONG]
    assert row.function(changed, window)[outside].tobytes() == row.function(x, window)[outside].tobytes()


@every
@nasty
def test_a_row_is_a_function_of_its_window_alone(row: Function, name: str) -> None:
    x = catalogue(100 if SLOW else 5000)[name]
    for window in (1, 4, 30, 300):
        whole = row.function(x, window, min_count=1)
        for i in range(window - 1, len(x), 37 if SLOW else 997):
            alone = row.function(x[i - window + 1 : i + 1], window, min_count=1)[-1:]
            assert alone.tobytes() == whole[i : i + 1].tobytes()


@every
def test_no_row_looks_ahead(row: Function) -> None:
    x = prices(LONG, 2, 11)
    changed = x.copy()
    changed[LONG // 2 :] = np.random.default_rng(0).normal(0, 1e9, LONG - LONG // 2)
    for window in (3, 50):
        got, wanted = row.function(changed, window), row.function(x, window)
        assert got[: LONG // 2].tobytes() == wanted[: LONG // 2].tobytes()


@every
@nasty
def test_threads_and_layouts_change_no_bit(row: Function, name: str) -> None:
    x = np.resize(catalogue()[name], 50 if SLOW else 33_000)
    frozen = x.copy()
    frozen.flags.writeable = False
    unaligned = np.frombuffer(b"." + x.tobytes(), np.int8)[1:].view(np.float64)
    layouts = [np.repeat(x, 2)[::2], x[::-1].copy()[::-1], x.astype(">f8"), frozen, unaligned, x.tolist()]
    for window in (3, 100):
        wanted = row.function(x, window, min_count=2)
        for threads in (2, 3):
            for same in (x, frozen):
                got = row.function(same, window, min_count=2, threads=threads)
                assert got.tobytes() == wanted.tobytes()
        for layout in layouts:
            assert row.function(layout, window, min_count=2).tobytes() == wanted.tobytes()


@every
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_axis_is_the_lines_along_it(row: Function, axis: int, order: Any) -> None:  # noqa: ANN401  a literal of NumPy's
    tenths = np.random.default_rng(0).integers(0, 50, (2, 9, 3) if SLOW else (7, 30, 11)) / 10
    for x in (tenths, tenths.astype(np.float32), tenths.astype(int) + 2**60):
        x = np.asarray(x, order=order)  # noqa: PLW2901  the same in another order
        wanted = np.apply_along_axis(lambda line: row.function(line.copy(), 5), axis, x)
        for threads in (1, 2):
            assert_same(row.function(x, 5, axis=axis, threads=threads), wanted)
            out = np.empty_like(wanted)
            assert row.function(x, 5, axis=axis, out=out, threads=threads) is out
            assert_same(out, wanted)


@every
@pytest.mark.parametrize("columns", [8] if SLOW else [8, 13, 40])
@pytest.mark.parametrize("volatility", [0.03] if SLOW else [1e-4, 0.03, 0.3])
def test_columns_are_their_lines(row: Function, columns: int, volatility: float) -> None:
    rng = np.random.default_rng(columns)
    walks = np.exp(np.cumsum(rng.normal(0, volatility, (32 if SLOW else 700, columns)), 0))
    table = 2.0 ** rng.uniform(-20, 20, columns) * walks
    table[30, columns // 2] = np.nan
    table[:, 3] *= -1
    for window, min_count in ((1, 1), (5, 5), (20, 3), (650, 650)):
        wanted = np.stack([row.function(line.copy(), window, min_count=min_count) for line in table.T], 1)
        for threads in (1, 2):
            assert_same(row.function(table, window, min_count=min_count, axis=0, threads=threads), wanted)


@every
@pytest.mark.parametrize("rows", [7, 16] if SLOW else [1, 7, 8, 9, 50, 300])
def test_many_lines_are_each_by_itself(row: Function, rows: int) -> None:
    rng = np.random.default_rng(rows)
    table = prices(rows * 19, 2, rows).reshape(19, rows)
    table[3] *= 10.0 ** rng.integers(-200, 200, rows)
    table[9, rows // 2] = np.inf
    table[12, rows // 3] = np.nan
    for x in (table, table.astype(np.float32)):
        for window, min_count in ((1, 1), (5, 5), (5, 2), (60, 60)):
            wanted = np.stack([row.function(line.copy(), window, min_count=min_count) for line in x])
            for threads in (1, 2):
                assert_same(row.function(x, window, min_count=min_count, threads=threads), wanted)
                across = row.function(x.T.copy(), window, min_count=min_count, axis=0, threads=threads)
                assert_same(across.T, wanted)


@every
def test_many_columns_are_shared_by_threads(row: Function) -> None:
    table = prices(800 if SLOW else 40_000, 2, 3).reshape(-1, 8 if SLOW else 800)
    wanted = row.function(table.T.copy(), 7).T
    assert_same(row.function(table, 7, axis=0, threads=2), wanted)
    assert_same(row.function(np.stack([table, 3 * table]), 7, axis=1, threads=2)[0], wanted)


@every
def test_the_result_may_replace_the_values(row: Function) -> None:
    kind = row.kernel.result
    x = (
        prices(LONG, 2, 12)
        if kind == np.float64
        else np.random.default_rng(2).integers(0, 9, LONG).astype(kind)
    )
    wanted = row.function(x, 7)
    whole = x.copy()
    assert_same(row.function(whole, 7, out=whole), wanted)
    shared = np.concatenate([x, x[:1]])
    assert_same(row.function(shared[:-1], 7, out=shared[1:]), wanted)


@every
def test_out_is_filled_in_any_layout_and_returned_as_it_is(row: Function, tmp_path: Path) -> None:
    x = prices(500, 2, 13)
    wanted = row.function(x, 3)
    kind = wanted.dtype
    unaligned = np.zeros(500 * kind.itemsize + 1, np.int8)[1:].view(kind)
    mapped = np.memmap(tmp_path / "out", kind, "w+", shape=500)
    for out in (np.empty(1000, kind)[::2], np.empty(500, kind)[::-1], unaligned, mapped):
        assert row.function(x, 3, out=out) is out
        np.testing.assert_array_equal(out, wanted)


@every
@nasty
def test_the_values_are_never_modified(row: Function, name: str) -> None:
    x = catalogue(ROWS)[name]
    before = x.tobytes()
    row.function(x, 5)
    assert x.tobytes() == before


@every
def test_float32_gives_float32_rounded_once(row: Function) -> None:
    rng = np.random.default_rng(0)
    samples = [
        (rng.integers(0, 50, 400) / 100).astype(np.float32),
        prices(400, 2, 1).astype(np.float32),
        (rng.normal(0, 1, 400) * 10.0 ** rng.integers(-12, 12, 400)).astype(np.float32),
        np.array([3e38, 3e38, 1.0, 2.0], np.float32),
    ]
    for x in samples:
        stands_for = np.array([float(str(v)) for v in x]) if row.kernel.prints else x.astype(np.float64)
        for window in (2, 5):
            wide = row.function(stands_for, window, min_count=1)
            with np.errstate(over="ignore"):
                wanted = wide if wide.dtype == np.int8 else wide.astype(np.float32)
            for same in (x, x.astype(">f4"), list(x)):
                assert_same(row.function(same, window, min_count=1), wanted)
                assert_same(row.stream(window, min_count=1).update(same), wanted)


@every
@pytest.mark.parametrize("dtype", ["i1", "u2", "i4", "u4", "i8", "u8", ">i4", "?"])
def test_integers_and_booleans_count_as_numbers(row: Function, dtype: str) -> None:
    x = np.random.default_rng(0).integers(0, 100, 500).astype(dtype)
    wanted = row.function(x.astype(float), 7, min_count=2)
    assert_same(row.function(x, 7, min_count=2), wanted)
    assert_same(row.stream(7, min_count=2).update(x), wanted)


@every
@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_integers_beyond_the_floats_are_exact_or_the_nearest_floats(row: Function, dtype: type) -> None:
    limits = np.iinfo(dtype)
    rng = np.random.default_rng(0)
    wide = rng.integers(limits.min, limits.max, 200, dtype=dtype, endpoint=True)
    few = rng.integers(0, 3, 200, dtype=dtype)
    for x in (wide, limits.max - few, limits.min + few):
        for window in (1, 2, 5, 50):
            meant = x if row.kernel.integers else x.astype(float)
            assert_by_definition(row, row.function(x, window), meant, window, window)


@every
def test_empty_and_short_input_is_fine(row: Function) -> None:
    warm_up = row.function(np.full(2, np.nan), 1)
    for threads in (1, 2):
        assert row.function([], 3, threads=threads).shape == (0,)
        assert row.function(np.empty((0, 4)), 3, axis=1, threads=threads).shape == (0, 4)
        assert row.function(np.empty((4, 0)), 3, threads=threads).shape == (4, 0)
        assert_same(row.function([1.0, 2.0], 3, threads=threads), warm_up)
        assert_same(row.function([1.0, 2.0], 2**31 - 1, threads=threads), warm_up)


@every
def test_a_kernel_gets_plain_arrays_only(
    row: Function, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen = []

    def watched(call: Callable[..., Any]) -> Callable[..., Any]:
        def watch(kernel: Kernel, *arguments: Any) -> Any:  # noqa: ANN401  whatever it is
            arrays = [a for a in arguments if isinstance(a, np.ndarray)]
            seen.extend(arrays)
            for array in arrays:
                assert type(array) is np.ndarray
                assert array.flags.carray
                assert array.dtype.isnative
            return call(kernel, *arguments)

        return watch

    kind = type(row.kernel)
    for method in ("lines", "integers", "columns"):
        if getattr(kind, method) is not None:
            monkeypatch.setattr(kind, method, watched(getattr(kind, method)))
    mapped = np.memmap(tmp_path / "x", np.float64, "w+", shape=(20, 30))
    mapped[:] = 1.5
    frozen = np.memmap(tmp_path / "x", np.float64, "r", shape=(20, 30))
    subclass: Array = np.ones((20, 30)).view(type("Subclass", (np.ndarray,), {}))
    swapped = np.ones((20, 30), ">f8")
    unaligned = np.ones(20 * 30 * 8 + 1, np.int8)[1:].view(np.float64).reshape(20, 30)
    integers = np.full((20, 30), 2**60)
    for x in (mapped, frozen, subclass, swapped, unaligned, integers, np.ones((20, 30), np.float32)):
        out = np.empty((20, 30), row.function(x, 2).dtype).view(type(x))
        for axis in (0, 1):
            apart = np.empty(20 * 30 * out.itemsize + 1, np.int8)[1:].view(out.dtype).reshape(20, 30)
            for target in (None, out, np.empty((30, 20), out.dtype).T, apart):
                row.function(x, 5, axis=axis, out=target)
        if x is not integers:
            stream = row.stream(5)
            stream.update(x[0])
            stream.update(x[0, :3])
            stream.peek(x[0, 0])
    assert seen


@every
@given(case=cases(), cuts=st.lists(st.integers(0, 60), max_size=6).map(sorted))
@settings(max_examples=MANY // 3)
def test_any_chunks_of_a_stream_give_the_bits_of_the_whole(
    row: Function, case: tuple[Array, int, int], cuts: list[int]
) -> None:
    x, window, min_count = case
    stream = row.stream(window, min_count=min_count)
    got = np.concatenate([stream.update(chunk) for chunk in np.split(x, cuts)])
    assert got.tobytes() == row.function(x, window, min_count=min_count).tobytes()
    assert stream.rows == len(x)


@every
@nasty
def test_long_chunks_and_single_values_of_a_stream_may_alternate(row: Function, name: str) -> None:
    x = catalogue(240 if SLOW else 600)[name]
    for window, min_count in ((1, 1), (30, 30), (30, 2)):
        stream = row.stream(window, min_count=min_count)
        cuts = [5, 80, 81, 82, 90, 230]
        got = np.concatenate([stream.update(chunk) for chunk in np.split(x, cuts)])
        assert got.tobytes() == row.function(x, window, min_count=min_count).tobytes()


@every
@nasty
@pytest.mark.parametrize("taken", [3, 50])
def test_a_peek_shows_what_would_come_and_changes_nothing(row: Function, name: str, taken: int) -> None:
    x = catalogue(80)[name]
    stream = row.stream(5, min_count=2)
    stream.update(x[:taken])
    for value in (1.5, np.nan, np.inf, 1e300, 0.1, 3, True, np.float32(0.1), np.int8(4), np.array(2.5)):
        got = stream.peek(value)
        assert type(got) in {float, int}
        np.testing.assert_array_equal(got, copy.copy(stream).update(value)[0])
    assert stream.rows == len(x[:taken])
    assert stream.update(x[taken:]).tobytes() == row.function(x, 5, min_count=2)[taken:].tobytes()


@every
@pytest.mark.parametrize("how", FORKS)
def test_a_copy_of_a_stream_goes_on_alone(row: Function, how: str) -> None:
    x = prices(100, 2, 2)
    stream = row.stream(7)
    stream.update(x[:40])
    other = FORKS[how](stream)
    stream.update([1e300] * 10)
    assert (other.window, other.min_count, other.rows) == (7, 7, 40)
    assert other.update(x[40:]).tobytes() == row.function(x, 7)[40:].tobytes()


@every
@pytest.mark.parametrize("chunks", CHUNKS)
def test_chunks_of_a_dask_array_change_no_bit(row: Function, chunks: str) -> None:
    import dask
    import dask.array as da

    wild = prices(67, 2, 3)
    wild[[5, 20, 30, 40, 61]] = [np.nan, np.inf, 1e300, np.nan, -np.inf]
    for x in (wild, prices(67, 2, 3).astype(np.float32), 2**60 + np.arange(67) % 7):
        lazy = da.from_array(x, chunks=CHUNKS[chunks])
        for window in (1, 5, 40, 90):
            wanted = row.function(x, window, min_count=1)
            got = row.function(lazy, window, min_count=1)
            assert (got.chunks, got.dtype) == (lazy.chunks, wanted.dtype)
            with dask.config.set(scheduler="synchronous"):
                assert got.compute().tobytes() == wanted.tobytes()
