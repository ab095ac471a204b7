"""The section `csv:` of the config, and random tables in random dialects that it describes."""

import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.generate import write
from mlops_task.config import Config
from mlops_task.errors import ConfigError, InputError
from mlops_task.inputs import protocol
from mlops_task.settings import load
from tests import local

START = "seed: 1\nwindow: 1\nversion: v\n"
KNOWN = ", ".join(
    f"csv.{key}"
    for key in (
        *("delimiter", "decimal", "thousands", "strip", "skip_lines", "header", "missing", "footer"),
        *("timestamp", "unit", "timestamp_format", "encoding"),
    )
)
THOUSANDS = (
    "csv.thousands must be '.', ',', ' ', '_' or an apostrophe, and another sign than that of decimals"
)
TIMESTAMP = "csv.timestamp must be a column, by name or by number from 1, or a list of columns to be joined"
FORMAT = "csv.timestamp_format must be words of strptime with a year at least, such as '%d/%m/%Y %H:%M'"
BAD = {
    '{delimiter: "ab"}': r"csv.delimiter must be one sign between fields, such as ';' or '\t', got 'ab'",
    '{delimiter: "a"}': r"csv.delimiter must be one sign between fields, such as ';' or '\t', got 'a'",
    "{delimiter: '\"'}": r"""csv.delimiter must be one sign between fields, such as ';' or '\t', got '"'""",
    '{decimal: ";"}': "csv.decimal must be '.' or ',', got ';'",
    '{thousands: "x"}': f"{THOUSANDS}, got 'x'",
    '{thousands: "."}': f"{THOUSANDS}, got '.'",
    '{thousands: ",", decimal: ","}': f"{THOUSANDS}, got ','",
    '{strip: "1"}': (
        "csv.strip must be up to 8 characters that stand before or behind a number, such as '%', got '1'"
    ),
    "{skip_lines: -1}": "csv.skip_lines must be a number of lines from 0 to 1000, got -1",
    "{header: true}": "csv.header must be a number of lines from 0 to 1000, got True",
    "{footer: 1001}": "csv.footer must be a number of lines from 0 to 1000, got 1001",
    "{missing: x}": (
        "csv.missing must be a list of words in quotes, such as ['n.a.', '-999'], "
        "numbers of up to 8 characters, got 'x'"
    ),
    '{missing: ["-999999999"]}': (
        "csv.missing must be a list of words in quotes, such as ['n.a.', '-999'], "
        "numbers of up to 8 characters, got ['-999999999']"
    ),
    "{timestamp: 0}": f"{TIMESTAMP}, got 0",
    "{timestamp: []}": f"{TIMESTAMP}, got []",
    "{timestamp: [date, [time]]}": f"line 4: {TIMESTAMP}, got a list",
    "{unit: h}": "csv.unit must be 's', 'ms', 'us' or 'ns', where timestamps are numbers, got 'h'",
    "{timestamp_format: '%d/%m'}": f"{FORMAT}, got '%d/%m'",
    "{timestamp_format: '%Y %Q'}": f"{FORMAT}, got '%Y %Q'",
    "{encoding: utf-32}": ("csv.encoding must be 'utf-8', 'utf-16', 'latin-1' or 'cp1252', got 'utf-32'"),
    "{foter: 1}": f"unknown key 'csv.foter' (did you mean 'csv.footer'?); the known keys are {KNOWN}",
    "5": "csv must be a mapping, got 5",
}


@pytest.mark.parametrize("text", BAD)
def test_every_key_is_checked(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(f"{START}csv: {text}\n")
    with pytest.raises(ConfigError) as caught:
        load(path, Config)
    assert str(caught.value) == f"{path}: {BAD[text]}"


def values_of(path: Path, section: dict[str, Any], column: str | int = "close") -> list[float]:
    config = path.with_suffix(".yaml")
    config.write_text(f"{START}column: {json.dumps(column)}\ncsv: {json.dumps(section)}\n")
    values, found = local.read(path, load(config, Config))
    if found.error is not None:
        raise InputError(str(found.error))
    return values


@pytest.mark.parametrize(
    ("section", "text", "column", "expected"),
    [
        ({"skip_lines": 4}, "a\nclose\n1\n", "close", "has fewer lines than csv: skip_lines: 4"),
        ({"skip_lines": 3}, "a\nclose\n1\n", "close", "is empty, expected a CSV header line"),
        ({"header": 4}, "close\n1\n2\n", "close", "has fewer lines than csv: header: 4"),
        (
            {"header": 0},
            "1,2\n3,4\n",
            "close",
            "has no names under csv: header: 0, such as 'close': set column: to a number",
        ),
        ({"header": 0}, "1,2\n3,4\n", 3, "has no column 3: it has 2, which are 1, 2"),
        ({"header": 0}, "1,2\n3\n", 2, "line 2: expected 2 fields as in the first line, got 1: '3'"),
        (
            {"header": 0},
            "1,5;2,5\n1,5;2,5\n",
            1,
            "has a column 1 whether separated by ',' and ';': set csv: delimiter: \",\" or \";\"",
        ),
        ({"footer": 2}, "close\n1\n", "close", "has a header but no data rows"),
        ({}, "a,1\n2,3\n", 2, "has a number as the name of column 2 (1): set csv: header: 0"),
    ],
)
def test_what_contradicts_the_file_is_refused(
    tmp_path: Path, section: dict[str, Any], text: str, column: str | int, expected: str
) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        values_of(path, section, column)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("encoding", "data", "byte"),
    [("utf-16", "close\n1\n".encode("utf-16") + b"3", "0x33"), ("cp1252", b"close\n1\n\x81", "0x81")],
)
def test_text_of_another_encoding_than_configured_is_refused(
    tmp_path: Path, encoding: str, data: bytes, byte: str
) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        values_of(path, {"encoding": encoding})
    assert str(caught.value) == f"is not {encoding} text (byte {byte}), as csv: encoding says"


@pytest.mark.parametrize("word", ["-999", "0", "n.a.", "not there at all", "é"])
def test_configured_words_are_missing(tmp_path: Path, word: str) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(f"a,close\nx,1.5\nx,{word}\nx,2.5\n", encoding="utf-8")
    np.testing.assert_array_equal(values_of(path, {"missing": [word]}), [1.5, math.nan, 2.5])


@pytest.mark.parametrize("footer", [1, 3])
@pytest.mark.parametrize("block", [7, 64, 2**21])
def test_a_footer_is_left_out_however_it_is_cut(
    tmp_path: Path, footer: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", block)
    path = tmp_path / "bars.csv"
    rows = "".join(f"{i},{i}.5\n" for i in range(50))
    path.write_text("a,close\n" + rows + 'Average, "of all"\n\n' * footer)
    assert values_of(path, {"footer": footer}) == [i + 0.5 for i in range(50)]


prices = st.decimals(min_value=Decimal(-99999999), max_value=Decimal(99999999), places=3, allow_nan=False)
signs = st.sampled_from([".", ","])


@settings(max_examples=50)
@given(
    table=st.lists(st.none() | prices, min_size=1, max_size=30),
    delimiter=st.sampled_from([",", ";", "\t", "|", "~", ":"]),
    decimal=signs,
    thousands=st.sampled_from([None, ".", ",", " ", "'", "_", "\u00a0", "\u202f"]),
    strip=st.sampled_from([None, "%", "kr", "USD", "円"]),
    currency=st.sampled_from(["", "$", "€"]),
    is_behind=st.booleans(),
    word=st.sampled_from(["", "N/A", ".", "--", "n.v.", "-999"]),
    lines=st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    is_quoted=st.booleans(),
    block=st.sampled_from([11, 2**21]),
)
def test_a_random_table_in_a_random_dialect_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    table: list[Decimal | None],
    delimiter: str,
    decimal: str,
    thousands: str | None,
    strip: str | None,
    currency: str,
    word: str,
    lines: tuple[int, int, int],
    encoding: str,
    end: str,
    block: int,
    *,
    is_behind: bool,
    is_quoted: bool,
) -> None:
    if thousands == decimal:
        thousands = None
    skipped, header, footer = lines

    def shown(price: Decimal | None) -> str:
        if price is None:
            return word
        sign, digits = ("-" if price < 0 else ""), f"{abs(price):,f}"
        text = digits.replace(",", "x").replace(".", decimal).replace("x", thousands or "")
        marks = currency + (strip or "")
        text = f"{sign}{text} {marks}" if is_behind else f"{sign}{marks}{text}"
        return f'"{text}"' if is_quoted or delimiter in text else text

    table = [*table, Decimal(1)]  # one value at least
    rows = [delimiter.join(["2024-01-01", shown(price), '"x"']) for price in table]
    names = [delimiter.join(["date", "Close", "note"]), *["a line of no names"] * (header - 1)]
    text = [*["a preamble"] * skipped, *names[:header], *rows, *["the end"] * footer]
    path = tmp_path_factory.mktemp("dialect") / "bars.csv"
    path.write_bytes(end.join([*text, ""]).encode(encoding))
    section = {
        "delimiter": delimiter,
        "decimal": decimal,
        "thousands": thousands,
        "strip": strip,
        "skip_lines": skipped,
        "header": header,
        "missing": [word],
        "footer": footer,
        "encoding": encoding.removesuffix("-sig").removesuffix("-le"),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protocol, "BLOCK_BYTES", block)
        got = values_of(path, section, "close" if header else 2)
    np.testing.assert_array_equal(got, [math.nan if price is None else float(price) for price in table])


@pytest.mark.parametrize(
    ("form", "section"),
    [
        *(
            (form, {})
            for form in ("semicolons", "tabs", "thousands", "dollars", "sep-line", "quoted", "wrapped")
        ),
        ("decimal-commas", {"decimal": ","}),
        ("points-for-thousands", {"decimal": ",", "thousands": "."}),
        ("preamble", {"skip_lines": 1}),
        ("footer", {"footer": 1}),
    ],
)
def test_each_form_of_the_generator_is_read_as_the_plain_one(
    tmp_path: Path, form: str, section: dict[str, Any]
) -> None:
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    write(plain, rows=3000, seed=3)
    write(other, rows=3000, seed=3, form=form)
    assert values_of(other, section) == values_of(plain, {})
