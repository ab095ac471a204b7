"""The sample and its generator: the same bytes for ever, plausible bars, ties that catch a running sum."""

import tracemalloc
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from benchmarks.generate import FORMS, HEADER, bars, write

SAMPLE = Path(__file__).parents[1] / "data.csv"
FIRST, SECOND = islice(bars(42), 2)


def dressed(line: str, price: str, delimiter: str = ",") -> str:
    """Return a line with its prices in groups of three digits."""
    time, *prices = line.split(",")
    return delimiter.join([time, *(price.format(f"{float(text):,.2f}") for text in prices)])


FORM_TEXTS = {
    "plain": f"{HEADER}\n{FIRST}\n{SECOND}\n",
    "bom": f"\ufeff{HEADER}\n{FIRST}\n{SECOND}\n",
    "crlf": f"{HEADER}\r\n{FIRST}\r\n{SECOND}\r\n",
    "no-last-newline": f"{HEADER}\n{FIRST}\n{SECOND}",
    "blank-last-line": f"{HEADER}\n{FIRST}\n{SECOND}\n \t \n",
    "indented": f"  {HEADER}\n  {FIRST}\n  {SECOND}\n",
    "padded": f"{HEADER}\t\t\n{FIRST}\t\t\n{SECOND}\t\t\n",
    "wrapped": f'"{HEADER}"\n"{FIRST}"\n"{SECOND}"\n',
    "wrapped-data": f'{HEADER}\n"{FIRST}"\n"{SECOND}"\n',
    "wrapped-doubled": '"""{}"""\n"""{}"""\n"""{}"""\n'.format(
        *(line.replace(",", '"",""') for line in (HEADER, FIRST, SECOND))
    ),
    "quoted": '"{}"\n"{}"\n"{}"\n'.format(*(line.replace(",", '","') for line in (HEADER, FIRST, SECOND))),
    "commas": f'{HEADER},note\n{FIRST},"1,000.00"\n{SECOND},"calm, then busy"\n',
    "newlines": f'{HEADER},note\n{FIRST},"a ""quoted""\n\nword"\n{SECOND},"two\nlines"\n',
    "extra": f"{HEADER},extra\n{FIRST},abc\n{SECOND},7\n",
    "symbols": f"{HEADER},ticker\n{FIRST},BBB\n{SECOND},CCC\n",
    "reversed": "".join(f"{','.join(line.split(',')[::-1])}\n" for line in (HEADER, FIRST, SECOND)),
    "close-only": "".join(f"{line.split(',')[4]}\n" for line in (HEADER, FIRST, SECOND)),
    "missing": f"{HEADER}\n{FIRST}\n{SECOND}\n",
    "semicolons": f"{HEADER}\n{FIRST}\n{SECOND}\n".replace(",", ";"),
    "tabs": f"{HEADER}\n{FIRST}\n{SECOND}\n".replace(",", "\t"),
    "decimal-commas": f"{HEADER}\n{FIRST}\n{SECOND}\n".replace(",", ";").replace(".", ","),
    "thousands": "{}\n{}\n{}\n".format(HEADER, dressed(FIRST, '"{}"'), dressed(SECOND, '"{}"')),
    "points-for-thousands": "{}\n{}\n{}\n".format(
        HEADER.replace(",", ";"),
        *(dressed(line, "{}", ";").translate(str.maketrans(",.", ".,")) for line in (FIRST, SECOND)),
    ),
    "dollars": "{}\n{}\n{}\n".format(HEADER, *(line.replace(",", ",$") for line in (FIRST, SECOND))),
    "preamble": f"https://www.example.org\n{HEADER}\n{FIRST}\n{SECOND}\n",
    "sep-line": "sep=;\n" + f"{HEADER}\n{FIRST}\n{SECOND}\n".replace(",", ";"),
    "footer": f'{HEADER}\n{FIRST}\n{SECOND}\n"The end, as of today"\n',
}


def columns(rows: int) -> list[np.ndarray]:
    """Return open, high, low, close in whole cents, then both volumes."""
    fields = np.array([line.split(",")[1:] for line in islice(bars(42), rows)], dtype=float)
    return [*np.rint(100 * fields[:, :4].T).astype(int), *fields[:, 4:].T]


def test_the_sample_is_written_again_byte_for_byte(tmp_path: Path) -> None:
    write(tmp_path / "again.csv", rows=10_000)
    assert (tmp_path / "again.csv").read_bytes() == SAMPLE.read_bytes()


def test_a_short_file_is_the_beginning_of_a_longer_one() -> None:
    assert list(islice(bars(7), 3000)) == list(islice(bars(7), 5000))[:3000]


def test_another_seed_gives_other_bars() -> None:
    assert list(islice(bars(1), 10)) != list(islice(bars(2), 10))


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        write(tmp_path / "big.csv", rows=rows)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(50_000) < 1.2 * peak(5_000)


def test_bars_follow_minute_by_minute() -> None:
    times = np.array([line[:19] for line in islice(bars(42), 3000)], dtype="datetime64[s]")
    assert str(times[0]) == "2024-01-01T00:00:00"
    assert set(np.diff(times).tolist()) == {np.timedelta64(1, "m").item()}


def test_bars_are_plausible() -> None:
    opened, high, low, close, btc, usd = columns(200_000)
    np.testing.assert_array_equal(opened[1:], close[:-1])
    assert (low > 0).all()
    assert (low <= np.minimum(opened, close)).all()
    assert (high >= np.maximum(opened, close)).all()
    assert (btc > 0).all()
    np.testing.assert_allclose(usd, btc * close / 100, atol=0.06)


def test_volatility_clusters_and_volume_follows_it() -> None:
    _, _, _, close, btc, _ = columns(10_000)
    moves = abs(np.diff(close))

    def correlation(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.corrcoef(a, b)[0, 1])

    assert correlation(moves[1:], moves[:-1]) > 0.3
    assert correlation(moves[60:], moves[:-60]) > 0.1
    assert correlation(moves, btc[1:]) > 0.3


def test_the_sample_holds_ties_that_a_running_sum_gets_wrong() -> None:
    cents = columns(10_000)[3].tolist()
    sums = [sum(cents[row - 4 : row + 1]) for row in range(4, len(cents))]
    exact = sum(5 * close > total for close, total in zip(cents[4:], sums, strict=True))
    ties = sum(5 * close == total for close, total in zip(cents[4:], sums, strict=True))

    close = [cent / 100 for cent in cents]
    running, total = 0, sum(close[:4])
    for row in range(4, len(close)):
        total += close[row] - (close[row - 5] if row > 4 else 0)
        running += close[row] > total / 5

    assert (exact, ties, running) == (5029, 10, 5031)


@pytest.mark.parametrize(("form", "text"), FORM_TEXTS.items())
def test_each_form_is_written_as_its_name_says(form: str, text: str, tmp_path: Path) -> None:
    write(tmp_path / "form.csv", rows=2, form=form)
    assert (tmp_path / "form.csv").read_bytes().decode() == text


def test_every_hundredth_close_is_missing_in_each_spelling(tmp_path: Path) -> None:
    write(tmp_path / "missing.csv", rows=400, form="missing")
    closes = [line.split(",")[4] for line in (tmp_path / "missing.csv").read_text().splitlines()]
    assert closes[100::100] == ["NA", "NaN", "null", ""]
    assert closes[1] == FIRST.split(",")[4]


def test_every_form_is_tested() -> None:
    assert list(FORM_TEXTS) == list(FORMS)
