"""CSV texts with every quirk that the README names, numbers in every form, and what Python reads in them."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

MISSING = {"", "na", "nan", "null"}
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class FaultyError(Exception):
    """What the next row is, or a text in place of a number."""


@dataclass
class Row:
    """A record of a text: its fields, and where it ends."""

    fields: list[str]
    end: int


def value_of(text: str) -> float:
    """The float that a field stands for, NaN where it is missing."""
    text = text.strip()
    if text.lower() in MISSING:
        return float("nan")
    if not NUMBER.fullmatch(text):
        raise FaultyError(text)
    return float(text)


def rows_of(text: str, columns: int, delimiter: str = ",") -> Iterator[Row]:
    """The records by Python's `csv`, blank lines and indentation left out, those in quotes unwrapped.

    Raises
    ------
    FaultyError
        Where a record has another number of fields, NUL, text behind a closing quote, or no end.
    """
    blanks = " \t".replace(delimiter, "")
    begin = end = asked = 0
    is_open = False

    def lines() -> Iterator[str]:
        nonlocal end, asked, is_open
        for match in LINE.finditer(text):
            end = match.end()
            asked += 1
            yield match[0].lstrip(blanks) if asked == 1 else match[0]
        is_open = asked > 0

    for found in csv.reader(lines(), delimiter=delimiter):
        fields = found
        asked = 0
        record = text[begin:end].lstrip(blanks)
        begin = end
        if not fields:
            continue
        if is_open or "\0" in record or follows_a_quote(record, delimiter):
            raise FaultyError(record)
        if len(fields) == 1 < columns and not follows_a_quote(fields[0], delimiter):
            inside = [
                row for row in csv.reader(io.StringIO(fields[0], newline=""), delimiter=delimiter) if row
            ]
            fields = inside[0] if len(inside) == 1 else fields
        if len(fields) != columns:
            raise FaultyError(record)
        yield Row(fields, end)


def follows_a_quote(record: str, delimiter: str) -> bool:
    """Whether anything but blanks follows a closing quote of a record, or a quoted field never ends."""
    without = re.sub(rf'"[ \t]+(?=[\r\n{delimiter}]|$)', '"', record)
    try:
        list(csv.reader(io.StringIO(without, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False


def random_text(rng: random.Random, delimiter: str = ",") -> tuple[str, int]:
    """A small text, most of it plain, and how many columns it should have."""
    columns = rng.randint(1, 5)
    numbers = [
        "1",
        "-2.5",
        "3e2",
        "0.1",
        "12345.678",
        " 7\t",
        "NaN",
        "",
        "1e999",
        "0." + "3" * 30,
        repr(rng.random()),
    ]
    others = ["x", "", "a b", "2024-01-01 00:00:00", "tab\t", "é", "z" * rng.randint(1, 140)]
    odd = [
        '"',
        '""',
        '"a,b"',
        '"1',
        'x"y"',
        '"a""b"',
        '""""',
        '"""1"""',
        '"l\nm"',
        '"c\r\nd"',
        '"c\rd"',
        "\r",
        "\0",
    ]
    odd += ["\x0b", "1_0", "inf", "\xa01", '" 5 "', '"6" ', ' "7"', '"8"9', ",", "\n", ";", "💶" * 20]
    wild = rng.choice([0, 0.01, 0.03, 0.1, 0.5])
    style = rng.choice(["plain", "plain", "wrapped", "quoted", "some"])
    end = rng.choice(["\n", "\n", "\r\n", "\r" if wild > 0.1 else "\n"])
    indent = rng.choice(["", "", "", " ", "\t  "])
    records = []
    for _ in range(rng.randint(0, 12)):
        fields = [
            rng.choice(odd if rng.random() < wild else numbers + others * (rng.random() < 0.2))
            for _ in range(columns)
        ]
        if rng.random() < wild / 3:
            fields = fields[1:] if rng.random() < 0.5 else [*fields, "1"]
        if style in {"quoted", "some"}:
            fields = [f'"{f}"' if style == "quoted" or rng.random() < 0.3 else f for f in fields]
        record = delimiter.join(fields)
        if style == "wrapped" and rng.random() >= wild / 4:
            record = '"%s"' % (record.replace('"', '""') if rng.random() < 0.9 else record)
        if rng.random() < wild / 3:
            record = rng.choice([" ", "\t ", "", "  " + record, record + " ", '"' + record])
        records.append(
            indent + record + (end if rng.random() > wild / 3 else rng.choice(["\n", "\r\n", "\r"]))
        )
    text = "".join(records)
    return (text[: len(text) - rng.randint(0, 2)] if rng.random() < 0.3 else text), columns


def number_texts(rng: np.random.Generator, count: int) -> Iterator[str]:
    """About so many texts of numbers in every form, and of what is none but looks like one."""
    share = max(count // 8, 64)
    reals = rng.integers(0, 1 << 63, 2 * share).view(np.float64)
    reals = reals[np.isfinite(reals)]
    small = rng.integers(0, 1000, 2 * share).tolist()
    yield from map(repr, reals.tolist())
    yield from (f"{x:.{s % 20}e}" for x, s in zip(reals[:share].tolist(), small, strict=False))
    yield from (f"{x:+.17g}" for x in reals[share:].tolist())
    yield from _prices(rng, share, small)
    yield from _digits_anywhere(rng, share)
    yield from _halfway(rng, share // 2, small)
    yield from _long(rng, share // 8, small)
    letters = "0123456789" * 2 + "+-..eE_naNulLIif \t'/:0"
    yield from (
        "".join(letters[i] for i in row[: 1 + row[0] % 12])
        for row in rng.integers(0, len(letters), (share, 12)).tolist()
    )
    words = [
        "",
        "na",
        "nan",
        "null",
        "n",
        "nul",
        "nulll",
        "naan",
        "inf",
        "-nan",
        "NaN",
        "+",
        "-",
        ".",
        "e5",
        "1e",
        "1e+",
        "1e5.",
        "--1",
    ]
    for i, s in enumerate(small[: share // 8]):
        word = "".join(c.upper() if s >> k & 1 else c for k, c in enumerate(words[i % len(words)], 3))
        yield " " * (s % 3) + word + "\t" * (s % 5 == 0)


def _prices(rng: np.random.Generator, count: int, small: list[int]) -> Iterator[str]:
    for w, s in zip(rng.integers(0, 10**15, count).tolist(), small, strict=False):
        yield f"{w / 10 ** (s % 13):.{s % 9}f}"
        yield f"-{w >> s % 50}e{(s * 7 + w) % 700 - 360}"


def _digits_anywhere(rng: np.random.Generator, count: int) -> Iterator[str]:
    for s, t, u, v in rng.integers(0, 1 << 30, (count, 4)).tolist():
        before = str(s * 10**18 + t * 10**9 + u)[: s % 28] if s % 3 else str(s)[: s % 9]
        behind = "0" * (t % 7 * (u % 2)) + (
            str(u * 10**18 + v * 10**9 + s)[: t % 28] if t % 3 else str(t)[: t % 9]
        )
        power = ["", "", f"e{v % 60 - 30}", f"E+{v % 40:03}", f"e{v % 760 - 380}"][u % 5]
        sign = ["", "-", "+", "000"][v % 4]
        blanks = "  \t"[: v % 4] * (u % 11 == 0)
        yield blanks + sign + before + "." * (u % 4 > 0) + behind + power + " " * (s % 13 == 0)


def _halfway(rng: np.random.Generator, count: int, small: list[int]) -> Iterator[str]:
    """Decimals exactly between two floats, just beside that, and cut off."""
    wide = rng.integers(0, 2047 << 52, count).tolist()
    for s, t, bits in zip(small, rng.integers(0, 10**15, count).tolist(), wide, strict=False):
        exponent = bits >> 52
        mantissa = bits % 2**52 + 2**52 * (exponent > 0)
        if s % 3 == 0:
            exponent = 1001 + s % 80  # near whole numbers, where such decimals are short
        if s % 17 == 0:
            exponent, mantissa = 0, mantissa >> s % 53
        mantissa, exponent = 2 * mantissa + 1, max(exponent, 1) - 1076
        digits = mantissa << exponent if exponent >= 0 else mantissa * 5**-exponent
        text = str(digits + (t % 3 - 1 if t % 4 == 1 else 0))
        power = min(exponent, 0)
        if t % 4 == 2 and len(text) > 25:
            kept = 17 + t % 30
            power += len(text[kept:])
            text = text[:kept]
        if t % 5 == 0 and 0 < -power < len(text):
            yield f"{text[:power]}.{text[power:]}"
        else:
            yield f"{text}{'0' * (t % 7)}e{power - t % 7}"


def _long(rng: np.random.Generator, count: int, small: list[int]) -> Iterator[str]:
    """Up to 800 digits, and what is nearly infinite or nearly 0."""
    for s, t in zip(small, rng.integers(0, 10**15, count).tolist(), strict=False):
        yield str(t) * (s % 50) + "." * (s % 2) + str(t) * (t % 5) + f"e{t % 800 - 400 - 15 * (s % 50)}"
        yield "0." + "0" * (s % 350) + str(t) if s % 2 else f"1797693134862315{t}{s % 10}e292"
        yield "9007199254740993" + "." * (t % 2) + "0" * (s % 700) + str(t % 3) * (s % 5 == 0)
