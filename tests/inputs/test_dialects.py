"""Files as exchanges, brokers and sites write them: each is read as it says, or refused with the way out."""

import json
import logging
import math
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlops_task.config import Config
from mlops_task.engines.results import Read, Result
from mlops_task.engines.work import Found
from mlops_task.inputs import protocol
from mlops_task.inputs.timestamps import NONE, read_texts
from mlops_task.outputs import turned
from mlops_task.settings import load
from tests import local

FOLDER = Path(__file__).parents[1] / "data" / "dialects"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text())
READ = [name for name, entry in EXPECTED.items() if "refused" not in entry]
SECTION = ("delimiter", "decimal", "thousands", "strip", "skip_lines", "missing", "footer")

SIGN_SETS = 'set csv: decimal: "." or csv: decimal: "," and thousands: "."'
REFUSED = {
    "thousands_dot.csv": (
        f"Último is '164.021', which may be 164.021 or 164021, for Vol. has '4,76M': {SIGN_SETS}"
    ),
    "thousands_blank.csv": (
        """line 2: Close is '59\\xa0987,5', expected a number: set csv: decimal: "," and thousands: " \""""
    ),
    "semicolon_decimal_comma.csv": (
        """line 2: Close is '101,10', expected a number: set csv: decimal: ",\""""
    ),
    "semicolon_dot_thousands.csv": (
        """line 2: Schluss is '59.987,5', expected a number: set csv: decimal: "," and thousands: ".\""""
    ),
    "quoted_decimal_comma.csv": ("""line 2: Último is '1,0860', expected a number: set csv: decimal: ",\""""),
    "preamble_url.csv": (
        "has no column 'close' in its first line ('https://www.example.org'), "
        "but line 2 names it: set csv: skip_lines: 1"
    ),
    "preamble_disclaimer.csv": (
        "has no column 'AAA Close' in its first line ('Own words that stand for a disclaimer without any "
        "meanin...), but line 2 names it: set csv: skip_lines: 1"
    ),
    "preamble_blank_lines.csv": (
        "has no column 'close' in its first line ('\"A title\"'), but line 7 names it: set csv: skip_lines: 6"
    ),
    "preamble_key_values.csv": "line 2: AAA.D is 'A series of our own', expected a number",
    "sep_line_semicolon.csv": (
        """line 3: Closing price is '102,35', expected a number: set csv: decimal: ",\""""
    ),
    "headerless_kraken.csv": "has a number as the name of column 5 (101.10): set csv: header: 0",
    "headerless_binance_ms.csv": "has a number as the name of column 5 (59987.5): set csv: header: 0",
    "headerless_binance_us.csv": "has a number as the name of column 5 (59987.5): set csv: header: 0",
    "headerless_mt4.csv": "has a number as the name of column 6 (1.0841): set csv: header: 0",
    "headerless_semicolon.csv": "has a number as the name of column 5 (1.0841): set csv: header: 0",
    "footer_copyright.csv": (
        "line 14: is no row, expected 5 fields as in the header, got 2: 'Own words that stand for a "
        "copyright notice, with a comma.': if it is a footer, set csv: footer: 1"
    ),
    "footer_averages.csv": (
        "Date is 'Highest' in the last and '2024-03-04' in the first row: set csv: footer: 2 to leave out "
        "what is no row, or set order: file to compute as it stands"
    ),
    "footer_source_newest_first.csv": (
        "line 14: is no row, expected 8 fields as in the header, got 1: 'Own words that stand for: "
        "downloaded on 04-01-2024': if it is a footer, set csv: footer: 1"
    ),
    "currency_euro_behind.csv": (
        """line 2: Schlusskurs is '101,10 €', expected a number: set csv: decimal: ",\""""
    ),
    "percent.csv": """line 2: close is '4.25%', expected a number: set csv: strip: "%\"""",
    "time_three_columns.csv": """line 2: VAL is '101,10', expected a number: set csv: decimal: ",\"""",
    "warn_same_time_two_units.csv": (
        "has no column 'close' in its first line ('https://www.example.org'), "
        "but line 2 names it: set csv: skip_lines: 1"
    ),
    "bad_text_after_quote.csv": (
        "line 7: text behind a closing quote: '\"101.40\"x', expected a comma or the line's end"
    ),
    "bad_digits_after_quote.csv": (
        "line 7: text behind a closing quote: '\"101.4\"05', expected a comma or the line's end"
    ),
    "bad_text_after_other_quote.csv": (
        "line 7: text behind a closing quote: '\"AAA\"x', expected a comma or the line's end"
    ),
    "bad_unclosed_quote.csv": "line 7: a quoted field starts here and never ends",
    "bad_zip.csv": (
        "is a ZIP archive, expected CSV, Parquet or Arrow: unpack it, or pipe `unzip -p` to --input -"
    ),
    "bad_xlsx.csv": "is an Excel workbook, expected CSV, Parquet or Arrow: save it as CSV",
    "bad_xz.csv": (
        "is compressed with xz, expected CSV, Parquet or Arrow: unpack it, or pipe `xz -dc` to --input -"
    ),
    "bad_json_lines.csv": "holds JSON, expected CSV, Parquet or Arrow",
    "bad_json_error.csv": "holds JSON, expected CSV, Parquet or Arrow",
    "bad_html.csv": "holds HTML, expected CSV, Parquet or Arrow",
    "bad_utf16.csv": "is UTF-16, expected UTF-8: set csv: encoding: utf-16",
    "bad_utf16_no_bom.csv": "is UTF-16, expected UTF-8: set csv: encoding: utf-16",
    "bad_latin1.csv": (
        "line 1: is not UTF-8 text (byte 0xdf): set csv: encoding: cp1252 or latin-1, if it is that"
    ),
    "bad_mixed_delimiters.csv": (
        "line 8: has its fields separated by ';', the header by ',', expected one delimiter"
    ),
    "bad_ambiguous_comma.csv": (
        """line 2: close is '1,234', which may be 1.234 or 1234: """
        'set csv: decimal: "," or csv: thousands: ","'
    ),
    "bad_ambiguous_dot.csv": (
        f"Último is '1.234', which may be 1.234 or 1234, for Var% has '0,26%': {SIGN_SETS}"
    ),
    "bad_footer.csv": (
        "line 14: is no row, expected 2 fields as in the header, got 1: 'Own words that stand for a "
        "copyright notice.': if it is a footer, set csv: footer: 1"
    ),
    "bad_footer_averages.csv": (
        "date is 'Average' in the last and '2024-03-04' in the first row: set csv: footer: 1 to leave out "
        "what is no row, or set order: file to compute as it stands"
    ),
    "bad_header_repeated.csv": (
        "line 8: is the header again, as where two files were joined, expected a row"
    ),
    "bad_preamble.csv": (
        "has no column 'close' in its first line ('https://www.example.org'), "
        "but line 2 names it: set csv: skip_lines: 1"
    ),
    "bad_two_close_columns.csv": "has 2 columns named 'close', expected one: set column: 2 or 3",
}
"""What is refused without config, the column apart."""
WITH_ORDER_TIME = {
    "bad_dates_shuffled.csv": (
        "line 4: date goes from 2024-03-04 00:00:00 to 2024-03-13 00:00:00, but rows run from newest to "
        "oldest elsewhere: sort the file"
    ),
    "bad_two_blocks.csv": (
        "line 8: date goes from 2024-03-19 00:00:00 to 2024-03-04 00:00:00, but rows run from oldest to "
        "newest elsewhere: sort the file"
    ),
}
"""Refused under `order: time`."""
WARNED = {
    "warn_two_symbols.csv": [
        "rows are of more than one ticker (BBB, AAA), and windows run across them: set group_by: ticker",
        "timestamps repeat: date is 2024-03-04 00:00:00 again, the first of 8 times",
    ],
    "warn_duplicate_timestamps.csv": [
        "timestamps repeat: timestamp is 2024-03-06 00:00:00 again, the first of 2 times"
    ],
    "warn_same_time_two_units.csv": [
        "timestamps repeat: unix is 2024-03-04 14:00:00 again, the first of 6 times",
        "unix changes its unit from ms to s: each was read by its magnitude",
    ],
    "warn_unit_changes.csv": ["timestamp changes its unit from ms to s: each was read by its magnitude"],
}


def configured(path: Path, column: str | int, section: dict[str, Any] | None, order: str | None) -> Config:
    """Write a config as a user would, and load it."""
    lines = ["seed: 1", "window: 3", "version: v", f"column: {json.dumps(column)}"]
    lines += [f"order: {order}"] if order else []
    lines += [f"csv: {json.dumps(section, ensure_ascii=False)}"] if section else []
    path.write_text("\n".join(lines) + "\n")
    return load(path, Config)


def by_hand(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the section that says what an entry says."""
    found = {key: entry[key] for key in SECTION if entry[key]}
    return found | {"header": int(entry["header"])}


def closes_as_they_stand(name: str) -> list[float] | None:
    """Return the closes in the order of the file, None where that waits for groups."""
    entry = EXPECTED[name]
    if entry["group_by"]:
        return None
    closes = [math.nan if text is None else float(text) for text in entry["closes"]]
    return closes[::-1] if entry["order"] == "newest_first" else closes


@pytest.mark.parametrize("block", [2**21, 50])
@pytest.mark.parametrize("name", READ)
def test_each_is_read_as_a_config_by_hand_says(
    name: str, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", block)
    entry = EXPECTED[name]
    got, outcome = local.read(
        FOLDER / name, configured(tmp_path / "c.yaml", entry["column"], by_hand(entry), "file"), threads=2
    )
    assert outcome.error is None
    expected = closes_as_they_stand(name)
    if expected is not None:
        np.testing.assert_array_equal(got, expected)
    if expected is not None and entry["order"] == "oldest_first":
        assert outcome.summary.ones == sum(entry["signals_window_3"])


@pytest.mark.parametrize("name", [name for name in READ if name not in REFUSED])
def test_what_is_certain_needs_no_config(name: str, tmp_path: Path) -> None:
    got, outcome = local.read(
        FOLDER / name, configured(tmp_path / "c.yaml", EXPECTED[name]["column"], None, "file"), threads=2
    )
    assert outcome.error is None
    expected = closes_as_they_stand(name)
    if expected is not None:
        np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_certain_is_refused_with_the_way_out(name: str, tmp_path: Path) -> None:
    _, outcome = local.read(
        FOLDER / name, configured(tmp_path / "c.yaml", EXPECTED[name]["column"], None, None), threads=2
    )
    assert str(outcome.error) == REFUSED[name]


def test_every_file_is_read_or_refused() -> None:
    refused = {name for name in EXPECTED if name not in READ}
    assert refused - set(REFUSED) == set(WITH_ORDER_TIME)


@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("bad_utf16.csv", {"encoding": "utf-16"}),
        ("bad_utf16_no_bom.csv", {"encoding": "utf-16"}),
        ("bad_latin1.csv", {"encoding": "latin-1"}),
        ("bad_latin1.csv", {"encoding": "cp1252"}),
        ("bad_footer.csv", {"footer": 1}),
        ("bad_footer_averages.csv", {"footer": 1}),
        ("bad_preamble.csv", {"skip_lines": 1}),
    ],
)
def test_the_way_out_leads_out(name: str, section: dict[str, Any], tmp_path: Path) -> None:
    got, outcome = local.read(
        FOLDER / name, configured(tmp_path / "c.yaml", "close", section, None), threads=2
    )
    assert outcome.error is None
    assert got[:3] == [101.1, 101.3, 101.2]
    assert got[-1] == 102.35
    assert len(got) == 12


@pytest.mark.parametrize(
    ("section", "expected"),
    [({"decimal": ","}, [1.234, 1.236]), ({"thousands": ","}, [1234.0, 1236.0])],
)
def test_either_reading_of_a_comma_can_be_chosen(
    section: dict[str, Any], expected: list[float], tmp_path: Path
) -> None:
    got, _ = local.read(
        FOLDER / "bad_ambiguous_comma.csv", configured(tmp_path / "c.yaml", "close", section, None)
    )
    assert got[:2] == expected


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("headerless_kraken.csv", "header: 0 and column: 5"),
        ("headerless_binance_ms.csv", "header: 0 and column: 5"),
        ("headerless_mt4.csv", "header: 0 and column: 6"),
        ("headerless_semicolon.csv", 'delimiter: ";", header: 0 and column: 5'),
    ],
)
def test_a_first_line_of_numbers_is_told_from_a_header(name: str, way: str, tmp_path: Path) -> None:
    first = (FOLDER / name).read_text().splitlines()[0]
    shown = repr(first) if len(first) < 58 else repr(first)[:57] + "..."
    _, outcome = local.read(FOLDER / name, configured(tmp_path / "c.yaml", "close", None, None))
    assert str(outcome.error) == f"has no header, its first line is {shown}: set csv: {way}"


def told(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the section that says what an entry says of the timestamps."""
    columns, form = entry["timestamp"]["columns"], entry["timestamp"]["format"]
    style = {} if form.startswith("unix") else {"timestamp_format": form}
    return {"timestamp": columns if len(columns) > 1 else columns[0]} | style


def in_time_order(path: Path, config: Config) -> tuple[list[float], list[int], Found]:
    """Return the values and the moments of a file in time order, and what is found in it."""
    values: list[float] = []
    texts: list[str] = []
    for item in turned.in_time_order(local.items([path], config, threads=2), path):
        for chunk in item.chunks if isinstance(item, Read) else ():
            values += chunk.values.tolist()
            texts += chunk.labels.to_pylist()
    assert isinstance(item, Result)
    forms = read_texts(texts, config.csv.style).moments.values()
    (moments,) = (moments.tolist() for moments in forms if NONE not in moments)
    return values, moments, item.found


@pytest.mark.parametrize("block", [2**21, 50])
@pytest.mark.parametrize("keys", ["by name", "by config"])
@pytest.mark.parametrize("name", [name for name in READ if not EXPECTED[name]["group_by"]])
def test_each_comes_out_in_time_order(
    name: str, block: int, keys: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", block)
    entry = EXPECTED[name]
    path = tmp_path / name
    path.write_bytes((FOLDER / name).read_bytes())
    section = by_hand(entry) | (told(entry) if keys == "by config" else {})
    values, moments, found = in_time_order(
        path, configured(tmp_path / "c.yaml", entry["column"], section, "time")
    )
    assert found.error is None
    assert found.is_backward == (entry["order"] == "newest_first")
    closes = [math.nan if text is None else float(text) for text in entry["closes"]]
    np.testing.assert_array_equal(values, closes)
    assert found.summary.ones == sum(entry["signals_window_3"])
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    times = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in entry["timestamps"]]
    assert moments == [(time - epoch) // timedelta(microseconds=1) for time in times]


@pytest.mark.parametrize("name", WITH_ORDER_TIME)
def test_what_is_not_in_time_order_is_refused_by_its_line(name: str, tmp_path: Path) -> None:
    config = configured(tmp_path / "c.yaml", "close", None, "time")
    assert local.found(FOLDER / name, config=config).error == WITH_ORDER_TIME[name]


@pytest.mark.parametrize("order", [None, "file", "time"])
@pytest.mark.parametrize("name", WARNED)
def test_what_looks_wrong_is_warned_about_once_for_each_kind(
    name: str, order: str | None, tmp_path: Path
) -> None:
    entry = EXPECTED[name]
    if entry["order"] == "newest_first" and order is None:
        return
    config = configured(tmp_path / "c.yaml", entry["column"], by_hand(entry), order)
    found = local.found(FOLDER / name, config=config)
    assert found.error is None
    notes = [text for level, text in found.notes if level >= logging.WARNING]
    assert [re.sub(r"^line \d+: ", "", note) for note in notes if "newest to oldest" not in note] == WARNED[
        name
    ]
