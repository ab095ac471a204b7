"""Bottleneck's time over ours by kinds of values and windows, interleaved: whether any kind is slow.

python -m benchmarks.kinds [--rows 1000000] [--functions rolling_mean above_mean] [--hard] [--single]
python -m benchmarks.kinds --tables | --streams
"""

import argparse
import math
from collections.abc import Callable
from functools import partial
from typing import Any

import bottleneck
import numpy as np

import kernels
from benchmarks.peers import FUNCTIONS, RATES, SIGNALS, Array, Function
from benchmarks.report import feed, interleaved
from kernels.functions import TABLE

WINDOWS = (5, 20, 100, 1000)
ALL: dict[str, dict[str, Function]] = {**FUNCTIONS, "above_mean": SIGNALS, "signal_rate": RATES}


def usual(rows: int) -> dict[str, Array]:
    """What people have, and what they try first."""
    rng = np.random.default_rng(rows)
    walk = np.round(46_000 + np.cumsum(rng.normal(0, 1, rows)), 2)
    normal, gaps = rng.normal(size=rows), rng.random(rows) < 0.05
    return {
        "prices": walk,
        "rand": rng.random(rows),
        "randn": normal,
        "returns": np.diff(np.log(walk), prepend=0.0),
        "lognormal": rng.lognormal(size=rows),
        "volumes": np.round(rng.lognormal(size=rows) * 1e4, 8),
        "ints": rng.integers(-1000, 1000, rows).astype(float),
        "prices, 5 % NaN": np.where(gaps, np.nan, walk),
        "randn, 5 % NaN": np.where(gaps, np.nan, normal),
    }


def hard(rows: int) -> dict[str, Array]:
    """Near ties, and values far apart."""
    rng = np.random.default_rng(rows)
    walk = usual(rows)["prices"]
    adjusted = walk * 0.98765
    return {
        "adjusted": adjusted,
        "float32 prices": walk.astype(np.float32).astype(float),
        "p/100": walk / 100,
        "mid": (walk + np.roll(walk, 1)) / 2,
        "z-scored": (walk - walk.mean()) / walk.std(),
        "log returns": np.diff(np.log(walk), prepend=0.0),
        "differences": np.diff(walk, prepend=walk[0]),
        "i*.1 % 1": np.arange(rows) * 0.1 % 1,
        "sin": np.sin(2 * np.pi * np.arange(rows) / 50),
        "thirds": np.repeat(np.round(rng.normal(100, 1, rows // 20 + 1), 2), 20)[:rows] / 3,
        "adjusted, 10 % NaN": np.where(rng.random(rows) < 0.1, np.nan, adjusted),
    }


def cell(functions: dict[str, Function], x: Array, window: int) -> tuple[float, float]:
    """Ours in nanoseconds a row, and how many times that bottleneck takes."""
    calls: dict[str, Callable[[], Any]] = {
        name: partial(functions[name], x, window) for name in ("kernels", "bottleneck")
    }
    took = interleaved(calls, len(x))
    return took["kernels"] / len(x), took["bottleneck"] / took["kernels"]


SHAPES = ((1000, 50), (20, 50), (10_000, 100))


def tables() -> None:
    """Print nanoseconds a value and ratio of means of random tables, along either axis."""
    print("\n| rolling_mean, window 5 | axis 0 | axis 1 |")
    print("| --- | --- | --- |")
    for kind in (np.float64, np.float32):
        for shape in SHAPES:
            x = np.random.default_rng(0).random(shape).astype(kind)
            cells = []
            for axis in (0, 1):
                calls: dict[str, Callable[[], Any]] = {
                    "kernels": partial(kernels.rolling_mean, x, 5, axis=axis),
                    "bottleneck": partial(bottleneck.move_mean, x, 5, axis=axis),
                }
                took = interleaved(calls, x.size)
                cells.append(f"{took['kernels'] / x.size:.2f} ({took['bottleneck'] / took['kernels']:.2f})")
            print(f"| {kind.__name__}, {shape[0]} x {shape[1]} | {' | '.join(cells)} |", flush=True)


def streams() -> None:
    """Print nanoseconds a value of streams, one at a time and in chunks."""
    print("\n| stream | window | one value | in chunks of 10 | of 100 |")
    print("| --- | ---: | ---: | ---: | ---: |")
    x = usual(5000)["prices"]
    for row in TABLE:
        for window in (20, 1000):
            stream = row.stream(window)
            stream.update(x)
            calls: dict[str, Callable[[], Any]] = {
                "1": partial(feed, stream, 100),
                "10": partial(stream.update, x[:10].copy()),
                "100": partial(stream.update, x[:100].copy()),
            }
            took = interleaved(calls)
            shown = f"{took['1'] / 100:.0f} | {took['10'] / 10:.0f} | {took['100'] / 100:.1f}"
            print(f"| {row.stream.__name__} | {window} | {shown} |", flush=True)


def report(function: str, kinds: dict[str, Array]) -> None:
    """Print a table: nanoseconds a row and ratio by window, and the geometric mean of the ratios."""
    print(f"\n| {function} | " + " | ".join(map(str, WINDOWS)) + " | geomean |")
    print("| --- |" + " --- |" * (len(WINDOWS) + 1))
    for kind, x in kinds.items():
        cells = [cell(ALL[function], x, window) for window in WINDOWS if window < len(x)]
        mean = math.exp(sum(math.log(ratio) for _, ratio in cells) / len(cells))
        shown = " | ".join(f"{took:.2f} ({ratio:.2f})" for took, ratio in cells)
        print(f"| {kind} | {shown} | {mean:.2f} |", flush=True)


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kinds", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--functions", nargs="+", choices=ALL, default=list(ALL))
    parser.add_argument("--hard", action="store_true", help="near ties and values far apart instead")
    parser.add_argument("--single", action="store_true", help="values of float32")
    parser.add_argument("--tables", action="store_true", help="tables instead")
    parser.add_argument("--streams", action="store_true", help="streams instead")
    args = parser.parse_args()
    with np.errstate(all="ignore"):
        if args.tables:
            tables()
        if args.streams:
            streams()
        for function in () if args.tables or args.streams else args.functions:
            kinds = (hard if args.hard else usual)(args.rows)
            report(function, {kind: x.astype("f4") if args.single else x for kind, x in kinds.items()})


if __name__ == "__main__":
    main()
