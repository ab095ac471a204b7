"""Ratios of the kernels to their peers over the whole grid, interleaved in one run: a table and a picture.

    python -m benchmarks.report [--rows 100000]

writes ``benchmarks/results/kernels.md`` and ``kernels.svg``.
"""

import argparse
import math
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import bottleneck
import numpy as np

import kernels
from benchmarks.peers import MEANS, RATES, ROWS, SIGNALS, WINDOWS, Function, copy, prices
from kernels._backend.compiled import BACKEND
from kernels.functions import TABLE
from kernels.streams import Stream

RESULTS = Path(__file__).parent / "results"
BUDGET = 0.2  # seconds a function may take for a cell
LEAST_ROUNDS = 9
TURN = 50_000  # nanoseconds; a shorter function is repeated in its turn, as by timeit and pytest-benchmark
SHUFFLE = np.random.default_rng(0).shuffle
SMALL = 1000
TIES = 5e-3  # the share of rows that a peer may decide otherwise: it rounds ties either way

Cell = dict[str, float]


def nanoseconds(call: Callable[[], Any], repeats: int) -> float:
    """The time of a call."""
    start = time.perf_counter_ns()
    for _ in range(repeats):
        call()
    return (time.perf_counter_ns() - start) / repeats


def interleaved(calls: Mapping[str, Callable[[], Any]], rows: int = 0, turn: float = TURN) -> Cell:
    """Nanoseconds of each call, the calls taking turns, in a new order every time.

    The median of the first; of the others, what they take beside it in the same round, in the median: the
    pace of a shared machine changes by the second, by half.

    Each finds the heap as after an output of so many rows was returned to it: pandas gives its memory back to
    the system, and whoever comes next would pay for that.
    """
    order = list(calls.items())
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    repeats = dict.fromkeys(calls, 1)
    for name, call in (*order, *order):  # twice, as a first call takes long
        repeats[name] = max(1, int(turn / nanoseconds(call, repeats[name])))
    begin = time.perf_counter()
    rounds = 0
    while rounds < LEAST_ROUNDS or (time.perf_counter() - begin < BUDGET * len(calls) and rounds < 2000):
        SHUFFLE(order)
        for name, call in order:
            np.ones(rows)
            times[name].append(nanoseconds(call, repeats[name]))
        rounds += 1
    first = np.array(times[next(iter(calls))])
    return {name: float(np.median(first) * np.median(values / first)) for name, values in times.items()}


def measure(functions: dict[str, Function], rows: int, window: int) -> Cell:
    """Nanoseconds per row of each function, its output allocated by itself."""
    x = prices(rows)
    expected = functions["kernels"](x, window)
    for name, function in functions.items():
        got = function(x, window)
        if functions is MEANS:
            np.testing.assert_allclose(got, expected, rtol=1e-9)
        elif abs(np.mean(got) - np.mean(expected)) > TIES:
            raise AssertionError(f"{name} gives other signals for {rows} rows and a window of {window}")
    calls = {name: partial(function, x, window) for name, function in functions.items()}
    return {name: time / rows for name, time in interleaved(calls, rows).items()}


def table(title: str, cells: dict[tuple[int, int], Cell]) -> Iterable[str]:
    """The lines of a table of nanoseconds per row and ratios."""
    names = list(next(iter(cells.values())))
    peers = [name for name in names if name not in {"kernels", "copy"}]
    yield f"## {title}"
    yield ""
    yield f"| rows | window | {' | '.join(names)} | {' | '.join(f'{p} / kernels' for p in peers)} |"
    yield "| " + " | ".join(["---:"] * (2 + len(names) + len(peers))) + " |"
    for (rows, window), cell in cells.items():
        values = [f"{cell[name]:.2f}" for name in names]
        ratios = [f"{cell[peer] / cell['kernels']:.2f}" for peer in peers]
        yield f"| {rows:,} | {window:,} | {' | '.join(values)} | {' | '.join(ratios)} |"
    yield ""
    for peer in peers:
        ratios_of = [cell[peer] / cell["kernels"] for (rows, _), cell in cells.items() if rows > SMALL]
        if ratios_of:
            mean = math.exp(np.log(ratios_of).mean())
            lowest = min(ratios_of)
            yield f"{peer}, above {SMALL:,} rows: geometric mean {mean:.2f}, lowest {lowest:.2f}."
    yield ""


def feed(stream: Stream[Any], count: int) -> None:
    """Give a stream so many values, one at a time."""
    for _ in range(count):
        stream.update(46_000.25)


def others() -> Iterable[str]:
    """The figures outside the grid."""
    yield "## Others"
    yield ""
    yield "| what | nanoseconds per value | beside |"
    yield "| --- | ---: | --- |"
    short = prices(SMALL)
    cell = interleaved({name: partial(function, short, 20) for name, function in MEANS.items()}, SMALL, 0)
    yield (
        f"| rolling_mean, {SMALL:,} rows, the first call after a peer's | {cell['kernels'] / SMALL:.2f} "
        f"| bottleneck {cell['bottleneck'] / SMALL:.2f} |"
    )
    x = prices(10_000_000)
    out = np.empty_like(x)
    limit = interleaved({"copy": lambda: np.copyto(out, x)})["copy"] / len(x)
    for window in (20, 10_000):
        cell = interleaved(
            {
                "one": partial(kernels.rolling_mean, x, window, out=out),
                "two": partial(kernels.rolling_mean, x, window, out=out, threads=2),
            }
        )
        one = cell["one"] / len(x)
        two = cell["two"] / len(x)
        yield f"| rolling_mean, out=, window {window:,} | {one:.2f} | {one / limit:.2f} times a copy |"
        yield f"| the same, two threads | {two:.2f} | {one / two:.2f} times faster |"
    gappy = prices(1_000_000)
    gappy[np.random.default_rng(1).random(len(gappy)) < 0.05] = np.nan
    cell = interleaved(
        {
            "ours": lambda: kernels.rolling_mean(gappy, 100, min_count=1),
            "bottleneck": lambda: bottleneck.move_mean(gappy, 100, min_count=1),
        }
    )
    yield (
        f"| rolling_mean, 5 % NaN, min_count=1 | {cell['ours'] / len(gappy):.2f} "
        f"| bottleneck {cell['bottleneck'] / len(gappy):.2f} |"
    )
    plane = np.random.default_rng(2).normal(100, 1, (1000, 10_000)).round(2)
    for axis in (0, 1):
        cell = interleaved(
            {
                "ours": partial(kernels.rolling_mean, plane, 20, axis=axis),
                "bottleneck": partial(bottleneck.move_mean, plane, 20, axis=axis),
            }
        )
        ours = cell["ours"] / plane.size
        theirs = cell["bottleneck"] / plane.size
        yield f"| rolling_mean, 2-D, axis {axis} | {ours:.2f} | bottleneck {theirs:.2f} |"
    ordinary = prices(1_000_000)
    flat = np.full(1_000_000, 46321.83)
    for window in (5, 100, 10_000):
        cell = interleaved(
            {
                "flat": partial(kernels.above_mean, flat, window),
                "ordinary": partial(kernels.above_mean, ordinary, window),
            }
        )
        ratio = cell["flat"] / cell["ordinary"]
        per_row = cell["flat"] / len(flat)
        yield f"| above_mean, flat, window {window:,} | {per_row:.2f} | {ratio:.2f} times ordinary |"
    for stream in (row.stream for row in TABLE):
        fed = stream(100)
        fed.update(ordinary[:1000])
        cell = interleaved({"one": partial(feed, fed, 1000)})
        yield f"| {stream.__name__}.update of one value, through Python | {cell['one'] / 1000:.0f} | |"
    yield ""


def draw(cells: dict[tuple[int, int], Cell], path: Path) -> None:
    """A picture of the ratios of the means."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    peers = [name for name in next(iter(cells.values())) if name not in {"kernels", "copy"}]
    figure, axes = plt.subplots(1, len(peers), figsize=(3 * len(peers), 3.2), sharex=True, layout="tight")
    for axis, peer in zip(axes, peers, strict=True):
        for window in sorted({window for _, window in cells}):
            points = [
                (rows, cell[peer] / cell["kernels"]) for (rows, w), cell in cells.items() if w == window
            ]
            axis.plot(*zip(*points, strict=True), marker="o", label=f"window {window:,}")
        axis.axhline(1, color="black", linewidth=0.8)
        axis.set(xscale="log", yscale="log", title=f"times faster than {peer}", xlabel="rows")
    axes[0].legend(fontsize=6)
    figure.savefig(path)


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS, help="lengths of the series")
    chosen = parser.parse_args().rows
    grid = [(rows, window) for rows in chosen for window in WINDOWS if window < rows]
    means = {key: measure(MEANS, *key) for key in grid}
    for (rows, window), cell in means.items():
        x = prices(rows)
        cell["copy"] = interleaved({"copy": partial(copy, x, window)}, rows)["copy"] / rows
    lines = [
        "# The kernels beside their peers",
        "",
        f"Nanoseconds per row, one thread, {BACKEND} backend. The functions take turns; one that takes less",
        "than 50 microseconds is repeated for as long in its turn. Ratios are medians of those of a round.",
        "",
    ]
    lines += table("Rolling mean", means)
    lines += table("Signals", {key: measure(SIGNALS, *key) for key in grid})
    lines += table("Signal rate", {key: measure(RATES, *key) for key in grid})
    lines += others()
    RESULTS.mkdir(exist_ok=True)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "kernels.md").write_text("\n".join(lines))
    draw(means, RESULTS / "kernels.svg")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
