"""Mutate files and configs that real life wrote until something ends in neither a result nor a sentence.

`python -m tests.fuzz --seconds 60` prints each failure with the bytes that caused it, and ends with 1 if any.
Every CSV text must give, whatever the cuts, threads and reader, the same values as Python's `csv` and
`float` give by the documented rules, and signals as `Decimal` gives; or be refused in one sentence. Every
config must load or be refused.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import sys
import tempfile
import time
import traceback
from decimal import Decimal
from pathlib import Path
from unittest import mock

import numpy as np

from kernels import above_mean
from kernels._text import Scanner
from mlops_task.config import Config
from mlops_task.errors import ConfigError, InputError
from mlops_task.inputs import csv_rules, csv_scan, protocol
from mlops_task.inputs.blocks import Block
from mlops_task.inputs.csv_rules import Layout
from mlops_task.settings import load
from tests import local
from tests.inputs.test_csv import FORMS, REFUSALS
from tests.kernels.csv_texts import random_text
from tests.kernels.test_text import check_numbers, check_text
from tests.test_config import GOOD
from tests.test_config import REFUSALS as BAD_CONFIGS

TOKENS = [
    *(b"\n", b"\r\n", b"\r", b",", b'"', b'""', b" ", b"\t", b"\xef\xbb\xbf", b"\0", b"\xff", "é".encode()),
    *(b"NA", b"nan", b"null", b"inf", b"-1e999", b"1e-400", b"0.1", b"+1", b"1_0", b"close", b'"close"'),
    *(b";", b"$", b"-", b"1,234", b'"1,234.5"', b'"1,234"', b"1.234", b'"0,26%"', b"%", b"sep=;\n", b"Price"),
    *(b'"a,b"', b'\n"', b'"\n', b'"1,2"', b",,", b"10.25", b"17.123456789012345", b"\n \n"),
]
YAML_TOKENS = [
    *(b":", b": ", b"\n", b"- ", b"&a ", b"*a", b"!!int ", b"!!timestamp ", b"<<: ", b"{", b"}", b"[", b"]"),
    *(b"'", b'"', b"#", b"|", b">", b"---\n", b"\t", b"~", b"1e3", b"0x1", b"yes", b"\xff", b"\0", b"%"),
]
CSV_CORPUS = [text.encode() for text in FORMS.values()]
CSV_CORPUS += [text if isinstance(text, bytes) else text.encode() for text, _ in REFUSALS.values()]
CONFIG_CORPUS = [GOOD.encode()]
CONFIG_CORPUS += [t if isinstance(t, bytes) else t.encode() for t, _ in BAD_CONFIGS.values() if len(t) < 2000]


def mutated(rng: random.Random, corpus: list[bytes], tokens: list[bytes]) -> bytes:
    """Return a text of the corpus with some pieces of it replaced, repeated, moved or left out."""
    data = rng.choice(corpus)
    for _ in range(rng.randint(0, 6)):
        start = rng.randint(0, len(data))
        stop = min(len(data), start + rng.choice([0, 0, 1, 1, 5, 40]))
        piece = rng.choice(
            [rng.choice(tokens), rng.choice(tokens), data[start:stop] * 2, b"", rng.randbytes(2)]
        )
        data = data[:start] + piece + data[stop:]
    return data if rng.random() < 0.9 else data * rng.randint(2, 30)


def read(path: Path, config: Config, threads: int) -> tuple[str, ...] | str:
    """Return the values read, as text, with the number of ones; or the refusal."""
    values, found = local.read(path, config, threads)
    return found.error or (*map(repr, values), str(found.summary.ones))


def carefully(block: Block, layout: Layout, texts: list[int], scanner: Scanner) -> None:
    """Take all rows in without the scanner."""
    for row in csv_rules.rows(block.text(), layout, texts):
        scanner.append([row.value], [text.encode() for text in row.texts])


def check_csv(rng: random.Random, path: Path, data: bytes) -> None:
    """Read `data` in several ways and compare, refusals too."""
    if data.startswith(b"\xff\xff\xff\xff"):
        return  # an Arrow stream, which one-byte blocks would not show
    path.write_bytes(data)
    config = Config(seed=0, window=rng.randint(1, 4), version="v")
    with mock.patch.object(csv_scan, "_scan", carefully):
        expected = read(path, config, 1)
    with (
        mock.patch.object(protocol, "BLOCK_BYTES", rng.choice([1, 3, 17, 100, 1000])),
        mock.patch.object(csv_scan, "MOST_STOPS", rng.choice([0, 1, 32])),
    ):
        cut = read(path, config, rng.choice([1, 3]))
    for how, got in {"cut": cut, "whole": read(path, config, 1)}.items():
        if without_hint(got) != without_hint(expected):
            raise AssertionError(f"{how}: {got!r} instead of {expected!r}")
    if isinstance(expected, tuple):
        check_signals([float(value) for value in expected[:-1]], config.window, int(expected[-1]))


def without_hint(found: tuple[str, ...] | str) -> tuple[str, ...] | str:
    """Return what was found without the length of a footer, which is told where the end is in sight."""
    if isinstance(found, tuple):
        return found
    found = re.sub(r"set csv: footer: \d+ to leave", "set csv: footer to leave", found)
    return re.sub(r"is no row, (.*): if it is a footer, set csv: footer: \d+", r"\1", found, flags=re.DOTALL)


def check_signals(values: list[float], window: int, ones: int) -> None:
    """Compare with exact decimals."""
    exact = 0
    for i in range(window - 1, len(values)):
        seen = values[i - window + 1 : i + 1]
        if not any(np.isnan(seen)):
            exact += sum(Decimal(repr(v)) for v in seen) < window * Decimal(repr(values[i]))
    if ones != exact or ones != above_mean(np.array(values), window).sum():
        raise AssertionError(f"{ones} ones instead of {exact} at window {window}")


def check_scanner(rng: random.Random) -> None:
    """Compare the scanner with Python's `csv` on a text, and now and then with `float` on numbers."""
    if rng.random() < 0.01:
        check_numbers(np.random.default_rng(rng.getrandbits(64)), 1000)
    delimiter = rng.choice(",;\t|")
    text, columns = random_text(rng, delimiter)
    wanted = rng.sample(range(columns), rng.randint(1, columns))
    split = rng.randint(1, len(wanted))
    check_text(text, columns, wanted[:split], wanted[split:], delimiter)


def check_config(path: Path, data: bytes) -> None:
    """Load `data`; only a refusal may come of it."""
    path.write_bytes(data)
    try:
        load(path, Config)
    except ConfigError as error:
        if "\n" in str(error):
            raise AssertionError(f"two lines: {error}") from None


def main() -> int:
    """Fuzz for a while and return the exit code."""
    flags = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    flags.add_argument("--seconds", type=float, default=60)
    flags.add_argument("--seed", type=int, default=0)
    options = flags.parse_args()
    rng = random.Random(options.seed)  # noqa: S311 - cases, not secrets
    failures = cases = slowest = 0
    began = time.monotonic()
    memory = 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "input"
        while time.monotonic() - began < options.seconds and failures < 5:
            kind = rng.random()
            data = mutated(rng, *((CONFIG_CORPUS, YAML_TOKENS) if kind < 0.1 else (CSV_CORPUS, TOKENS)))
            start = time.monotonic()
            try:
                if kind < 0.1:
                    check_config(path, data)
                elif kind < 0.4:
                    check_scanner(rng)
                else:
                    check_csv(rng, path, data)
            except (Exception, InputError):  # noqa: BLE001 - whatever it is, it is what this looks for
                failures += 1
                print(f"case {cases}: {data!r}")
                traceback.print_exc(limit=-4, file=sys.stdout)
            cases += 1
            slowest = max(slowest, int((time.monotonic() - start) * 1000))
            if cases == 1000:
                memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) // 1024 if memory else 0
    print(f"{cases} cases, {failures} failures, slowest {slowest} ms, memory grew by {grown} MB")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
