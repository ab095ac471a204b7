"""Reading CSV: every form that real exports have, and every refusal with its whole sentence."""

import csv
import gzip
import io
import math
import os
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_task.config import Config
from mlops_task.errors import InputError
from mlops_task.inputs import protocol
from mlops_task.inputs.csv import MAX_RECORD_BYTES
from tests import local

HEADER = "timestamp,open,close,volume"
ROWS = ["2024-01-01,1,10.5,7", "2024-01-02,2,11.25,8", "2024-01-03,3,9.75,9"]
CLOSES = [10.5, 11.25, 9.75]


def read(
    path: Path,
    text: str | bytes | None = None,
    *,
    column: str = "close",
    on_missing: str = "keep",
) -> list[float]:
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    config = Config(seed=0, window=1, version="v", column=column, on_missing=on_missing)  # type: ignore[arg-type] # literal
    values, found = local.read(path, config, threads=2)
    if found.error is not None:
        raise InputError(found.error)
    assert found.summary.rows == len(values)
    return values


def refusal(path: Path, text: str | bytes, **options: str) -> str:
    with pytest.raises(InputError) as caught:
        read(path, text, **options)
    return str(caught.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bars.csv"


def lines(*rows: str, end: str = "\n") -> str:
    return end.join(rows) + end


def wrap(row: str) -> str:
    return '"' + row.replace('"', '""') + '"'


FORMS = {
    "plain": lines(HEADER, *ROWS),
    "no last newline": lines(HEADER, *ROWS)[:-1],
    "CRLF": lines(HEADER, *ROWS, end="\r\n"),
    "CRLF, no last newline": lines(HEADER, *ROWS, end="\r\n")[:-2],
    "old Mac line ends": lines(HEADER, *ROWS, end="\r"),
    "BOM": "\ufeff" + lines(HEADER, *ROWS),
    "BOM and wrapped": "\ufeff" + lines(*map(wrap, [HEADER, *ROWS])),
    "wrapped": lines(*map(wrap, [HEADER, *ROWS])),
    "wrapped, CRLF": lines(*map(wrap, [HEADER, *ROWS]), end="\r\n"),
    "wrapped, no last newline": lines(*map(wrap, [HEADER, *ROWS]))[:-1],
    "data lines wrapped": lines(HEADER, *map(wrap, ROWS)),
    "header wrapped": lines(wrap(HEADER), *ROWS),
    "some lines wrapped": lines(HEADER, ROWS[0], wrap(ROWS[1]), ROWS[2]),
    "wrapped, with quotes inside": lines(*map(wrap, [HEADER, '"a ""b"", c",1,10.5,7', *ROWS[1:]])),
    "wrapped, with a line break inside": lines(*map(wrap, [HEADER, '"a\nb",1,10.5,7', *ROWS[1:]])),
    "every field quoted": lines(*(",".join(map(wrap, row.split(","))) for row in [HEADER, *ROWS])),
    "a comma in quotes": lines(HEADER, '"a, b",1,10.5,7', *ROWS[1:]),
    "a line break in quotes": lines(HEADER, '"a\nb",1,10.5,7', *ROWS[1:]),
    "a CR in quotes": lines(HEADER, '"a\rb",1,10.5,7', *ROWS[1:]),
    "lines that look like rows in quotes": lines(HEADER, '"a\n1,2,3,4\n",1,10.5,7', *ROWS[1:]),
    "a quote inside a field": lines(HEADER, '5" pipe,1,10.5,7', *ROWS[1:]),
    "indented": lines(*("  \t" + row for row in [HEADER, *ROWS])),
    "indented and wrapped": lines(*("  " + wrap(row) for row in [HEADER, *ROWS])),
    "indented, with a comma in quotes": lines("\ta,close", '\t"a, b",10.5', "\tx,11.25", "y,9.75"),
    "padding tabs": lines(*(row + "\t\t" for row in [HEADER, *ROWS])),
    "padding tabs and wrapped": lines(*(wrap(row) + "\t\t" for row in [HEADER, *ROWS])),
    "padding tabs inside the wrapping": lines(*(wrap(row + "\t") for row in [HEADER, *ROWS])),
    "a last line of blanks": lines(HEADER, *ROWS) + "  \t ",
    "a last line of blanks, wrapped": lines(*map(wrap, [HEADER, *ROWS])) + "  \t ",
    "blanks behind quotes": lines(HEADER, '"a, b" ,1,10.5,7', *ROWS[1:]),
    "many blanks behind quotes": lines(HEADER, f'"a, b"{" " * 20},1,10.5,7', *ROWS[1:]),
    "LF, then CR": lines(HEADER, ROWS[0]) + lines(*ROWS[1:], end="\r"),
    "blank lines": "\n\n" + lines(HEADER, ROWS[0], "", ROWS[1], "", "", ROWS[2], ""),
    "another order": lines("close,a", "10.5,x", "11.25,y", "9.75,z"),
    "close last": lines("a,close", "x,10.5", "y,11.25", "z,9.75\t"),
    "the only column": lines("close", "10.5", "11.25", "9.75"),
    "the only column, quoted": lines('"close"', '"10.5"', '"11.25"', '"9.75"'),
    "the only column, blanks at the end": lines("close", "10.5", "11.25", "9.75") + " \t",
    "spaces around": lines("a, close ", "x, 10.5 ", "y,11.25", "z,\t9.75"),
    "other spellings": lines("close", "+10.5", "1125e-2", "9.750"),
    "strange extra columns": lines("é,close,*", "💶,10.5,", "1e999,11.25,nan", ",9.75,\x01"),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_reads_the_same(path: Path, form: str) -> None:
    assert read(path, FORMS[form]) == CLOSES


@pytest.mark.parametrize("form", FORMS)
def test_every_form_reads_the_same_in_small_blocks(
    path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", 40)
    assert read(path, FORMS[form]) == CLOSES


def test_a_spreadsheet_export_is_read_in_full(spreadsheet_export: Path) -> None:
    rows = spreadsheet_export.read_text().splitlines()[1:]
    assert read(spreadsheet_export) == [float(row.strip('"').split(",")[4]) for row in rows]


WORDS = ["", "NA", "NaN", "null", "nan", "NULL", "nAn", " NA ", '""', '"NA"', "\t"]
WORDS += [".", "-", "--", "N/A", "n/a", "#N/A", "None", "nil", '" - "']


@pytest.mark.parametrize("word", WORDS)
def test_missing_values_are_nan(path: Path, word: str) -> None:
    got = read(path, lines("a,close,b", "x,1.5,y", f"x,{word},y", "x,2.5,y"))
    np.testing.assert_array_equal(got, [1.5, math.nan, 2.5])


def test_an_empty_quoted_field_is_a_row_and_a_blank_line_is_none(path: Path) -> None:
    np.testing.assert_array_equal(read(path, 'close\n1\n""\n\n  \n2\n'), [1, math.nan, 2])


REFUSALS: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", "is empty, expected a CSV header line"),
    "blank lines only": ("\n \n\t\n", "is empty, expected a CSV header line"),
    "absent column": (
        "a,Closed\n1,2\n",
        "has no column 'close' (did you mean 'Closed'?); its columns are a, Closed",
    ),
    "absent column, wrapped": ('"a,b"\n"1,2"\n', "has no column 'close'; its columns are a, b"),
    "absent column, other delimiter": (
        "a;closing\n1;2\n",
        "has no column 'close' (did you mean 'closing'?); its columns are a, closing",
    ),
    "two delimiters": (
        "close,date;close\n1,2;3\n",
        "has a column 'close' whether separated by ',' and ';': set csv: delimiter: \",\" or \";\"",
    ),
    "another delimiter on the way": (
        "a,close\n1,2\n3;4\n",
        "line 3: has its fields separated by ';', the header by ',', expected one delimiter",
    ),
    "numbers only, wrapped": (
        '"11,2234"',
        (
            "has no header, its first line is '\"11,2234\"': "
            "set csv: header: 0 and column: and its number, from 1"
        ),
    ),
    "column twice": (
        "close,a,close\n1,2,3\n",
        "has 2 columns named 'close', expected one: set column: 1 or 3",
    ),
    "column twice, in other cases": (
        "Close,a,<CLOSE>\n1,2,3\n",
        "has 2 columns named 'close', expected one: set column: 1 or 3",
    ),
    "short row": ("a,close\n1,2\n3\n", "line 3: expected 2 fields as in the header, got 1: '3'"),
    "long row": ("a,close\n1,2\n3,4,5\n", "line 3: expected 2 fields as in the header, got 3: '3,4,5'"),
    "two values in the only column": (
        "close\n1,2\n",
        "line 2: expected 1 field as in the header, got 2: '1,2'",
    ),
    "text": ("a,close\n1,2\n\n3,abc\n", "line 4: close is 'abc', expected a number"),
    "decimal comma": (
        'close\n"1,0841"\n',
        """line 2: close is '1,0841', expected a number: set csv: decimal: ",\"""",
    ),
    "decimal comma or thousands": (
        "a;close\n1;1,234\n",
        (
            "line 2: close is '1,234', which may be 1.234 or 1234: "
            'set csv: decimal: "," or csv: thousands: ","'
        ),
    ),
    "thousands without a decimal point": (
        'close\n1\n"1,234"\n2\n',
        (
            "line 3: close is '1,234', which may be 1.234 or 1234: "
            'set csv: decimal: "," or csv: thousands: ","'
        ),
    ),
    "millions without a decimal point": (
        'close\n1\n"1,234,567"\n2\n',
        "line 3: close is '1,234,567', expected a number: set csv: thousands: \",\"",
    ),
    "thousands outside quotes": (
        "a;close\n1;60,309.1\n",
        "line 2: close is '60,309.1', expected a number: set csv: thousands: \",\"",
    ),
    "points for thousands": (
        "a;close\n1;60.309,1\n",
        'line 2: close is \'60.309,1\', expected a number: set csv: decimal: "," and thousands: "."',
    ),
    "blanks for thousands": (
        "a;close\n1;60\u00a0309,1\n",
        """line 2: close is '60\\xa0309,1', expected a number: set csv: decimal: "," and thousands: " \"""",
    ),
    "apostrophes for thousands": (
        "a,close\n1,60'309.1\n",
        """line 2: close is "60'309.1", expected a number: set csv: thousands: "'\"""",
    ),
    "percent": ("close\n4.25%\n", """line 2: close is '4.25%', expected a number: set csv: strip: "%\""""),
    "percent and a decimal comma": (
        'close\n"4,25%"\n',
        """line 2: close is '4,25%', expected a number: set csv: strip: "%" and decimal: ",\"""",
    ),
    "a multiple": ('close\n"4,25M"\n', "line 2: close is '4,25M', expected a number"),
    "a point beside decimal commas": (
        'a,close\n"0,26%","1.234"\n',
        (
            "close is '1.234', which may be 1.234 or 1234, for a has '0,26%': "
            'set csv: decimal: "." or csv: decimal: "," and thousands: "."'
        ),
    ),
    "a point beside decimal commas, other delimiter": (
        "a;close\n0,26;1.234\n",
        (
            "close is '1.234', which may be 1.234 or 1234, for a has '0,26': "
            'set csv: decimal: "." or csv: decimal: "," and thousands: "."'
        ),
    ),
    "underscore": ("close\n1_0\n", "line 2: close is '1_0', expected a number"),
    "other digits": ("close\n\u0661\n", "line 2: close is '\u0661', expected a number"),
    "nan with payload": ("close\nnan(7)\n", "line 2: close is 'nan(7)', expected a number"),
    "infinity": ("close\n1\ninf\n", "line 3: close is 'inf', expected a finite number"),
    "minus infinity": ("close\n-Infinity\n", "line 2: close is '-Infinity', expected a finite number"),
    "beyond double": ("close\n1e999\n", "line 2: close is '1e999', expected a finite number"),
    "text after a line break in quotes": (
        'a,close\n"x\ny",1\nz,abc\n',
        "line 4: close is 'abc', expected a number",
    ),
    "text, wrapped": ('"a,close"\n"1,abc"\n', "line 2: close is 'abc', expected a number"),
    "short row, wrapped": (
        '"a,b,close"\n"1,2,3"\n"1,2"\n',
        "line 3: expected 3 fields as in the header, got 2: '1,2'",
    ),
    "two lines in one wrapping and none in another": (
        '"a,close"\n"1,2\n3,4"\n""\n',
        "line 2: expected 2 fields as in the header, got 1: '1,2\\n3,4'",
    ),
    "BOM after the start": (
        'a,close\n\ufeff"x, y",1\n',
        "line 2: expected 2 fields as in the header, got 3: '\\ufeff\"x, y\",1'",
    ),
    "open quote inside a wrapping": (
        '"a,close"\n"1,""2"\n"3,4"\n"5,x"\n',
        "line 2: a quoted field starts here and never ends",
    ),
    "open quote inside a wrapping, short row": (
        '"a,b,close"\n"1,""2,3"\n"4"",5"\n',
        "line 2: expected 3 fields as in the header, got 2: '1,\"2,3'",
    ),
    "digits behind a closing quote": (
        'a,close\nx,"101.4"05\n',
        """line 2: text behind a closing quote: '"101.4"05', expected a comma or the line's end""",
    ),
    "digits behind a closing quote, among quotes": (
        'a,close\n"x","1"\n"y","101.4"05\n"z","2"\n',
        """line 3: text behind a closing quote: '"101.4"05', expected a comma or the line's end""",
    ),
    "text behind the quote of another column": (
        'a,close\n"x, ""y"z,1\n2,3\n',
        """line 2: text behind a closing quote: '"x, ""y"z', expected a comma or the line's end""",
    ),
    "text behind a closing quote and blanks": (
        'a,close\n"x" \ty,1\n',
        """line 2: text behind a closing quote: '"x" \\ty', expected a comma or the line's end""",
    ),
    "text behind a closing quote inside a wrapping": (
        '"a,close"\n"1,""101.4""05"\n',
        """line 2: text behind a closing quote: '"101.4"05', expected a comma or the line's end""",
    ),
    "text behind a closing quote in the header": (
        'a,"clo"se\n1,2\n',
        """line 1: text behind a closing quote: '"clo"se', expected a comma or the line's end""",
    ),
    "open quote at the end of a wrapping": (
        '"a,close"\n"1,2"\n"1,""2"\n',
        "line 3: a quoted field starts here and never ends",
    ),
    "the header again": (
        "a,close\n1,2\na,close\n3,4\n",
        "line 3: is the header again, as where two files were joined, expected a row",
    ),
    "CR": (
        b"close\r1\r2\r\xff\r",
        "line 4: is not UTF-8 text (byte 0xff): set csv: encoding: cp1252 or latin-1, if it is that",
    ),
    "two lines in one wrapping": (
        '"a,close"\n"1,2\n3,4"\n',
        "line 2: expected 2 fields as in the header, got 1: '1,2\\n3,4'",
    ),
    "open quote": ('a,close\n1,2\n"x,3\n4,5\n', "line 3: a quoted field starts here and never ends"),
    "open quote behind CR and a blank": (
        'a,close\n"x",1\r "x,2\n',
        "line 3: a quoted field starts here and never ends",
    ),
    "open quote in the header": ('a,"close\n1,2\n', "line 1: a quoted field starts here and never ends"),
    "NUL": (
        b"a,close\n1,2\n\0,3\n",
        "line 3: holds a NUL byte, expected text: if it is UTF-16, set csv: encoding: utf-16",
    ),
    "Latin-1": (
        "a,close\né,2\n".encode("latin-1"),
        "line 2: is not UTF-8 text (byte 0xe9): set csv: encoding: cp1252 or latin-1, if it is that",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_every_refusal_names_the_line_and_what_stood_there(path: Path, name: str) -> None:
    text, expected = REFUSALS[name]
    assert refusal(path, text) == expected


@pytest.mark.parametrize("block", [1, 7, 40])
@pytest.mark.parametrize("name", REFUSALS)
def test_every_refusal_is_the_same_wherever_the_cuts_fall(
    path: Path, name: str, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", block)
    text, expected = REFUSALS[name]
    assert refusal(path, text) == expected


def test_rows_that_are_not_plain_are_read_among_those_that_are(path: Path) -> None:
    odd = "x,\u00a02.5"  # a blank that is none to the scanner
    for apart in (1, 7, 40_000):
        rows = [odd if i % apart == 0 else f"y,{i}.25" for i in range(100_000)]
        expected = [2.5 if i % apart == 0 else i + 0.25 for i in range(100_000)]
        assert read(path, lines("a,close", *rows)) == expected


@pytest.mark.parametrize(
    "behind", [b"x,\0\n", b"\xff,1\n", b"x,1e999\n", b"x\n", b'"x"y,1\n', b'"x,1\n', b"a,close\n"]
)
@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (b"x,\0\n", "holds a NUL byte, expected text: if it is UTF-16, set csv: encoding: utf-16"),
        (
            b"\xff,1\n",
            "is not UTF-8 text (byte 0xff): set csv: encoding: cp1252 or latin-1, if it is that",
        ),
        (b"x,1e999\n", "close is '1e999', expected a finite number"),
        (b"x,+\n", "close is '+', expected a number"),
    ],
)
def test_the_first_fault_is_the_one_that_is_told(path: Path, fault: bytes, what: str, behind: bytes) -> None:
    text = b"a,close\n" + b"x,1.5\n" * 100 + fault + b"x,1.5\n" * 100 + behind
    assert refusal(path, text) == f"line 102: {what}"


def test_cuts_avoid_lines_inside_quotes(path: Path) -> None:
    row = '2024-01-01,1.25,"' + "line\n" * 10 + 'end"\n'
    count = (MAX_RECORD_BYTES + 2 * protocol.BLOCK_BYTES) // len(row) + 1000
    assert read(path, "a,close,note\n" + row * count) == [1.25] * count
    chunks = [list(partition.chunks()) for partition in local.cut(path)]  # none has to be joined
    assert sum(len(chunk.values) for (chunk,) in chunks) == count


def test_mutated_files_are_read_or_refused_alike_by_both_readers_and_wherever_cut(path: Path) -> None:
    from tests import fuzz

    rng = random.Random(7)  # noqa: S311 - cases, not secrets
    for _ in range(300):
        fuzz.check_csv(rng, path, fuzz.mutated(rng, fuzz.CSV_CORPUS, fuzz.TOKENS))


def test_a_refusal_far_into_a_file_names_its_line(path: Path) -> None:
    rows = ['x,"1.5"'] * 500_000
    rows[400_000] = 'x,"1.5'
    assert (
        refusal(path, lines("a,close", *rows)) == "line 400002: text behind a closing quote: "
        """'"1.5\\nx,"1.5"', expected a comma or the line's end"""
    )


def test_missing_may_be_refused(path: Path) -> None:
    got = refusal(path, "a,close\n1,2\n3,NA\n", on_missing="error")
    assert got == "line 3: close is missing ('NA'), and on_missing is 'error'"


def test_missing_file(path: Path) -> None:
    with pytest.raises(InputError, match=r"^no such input file$"):
        read(path)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^is a directory, expected a file$"):
        read(tmp_path)


def test_a_file_without_permission_is_refused(path: Path) -> None:
    path.write_text("close\n1\n")
    path.chmod(0)
    user = os.geteuid()
    if user == 0:  # may read everything: be nobody for a moment
        os.seteuid(65534)
    try:
        with pytest.raises(InputError, match=r"^cannot be read: permission denied$"):
            read(path)
    finally:
        os.seteuid(user)


def test_a_header_longer_than_a_block_is_read_whole(path: Path) -> None:
    count = protocol.BLOCK_BYTES // 10
    names = ",".join(f"column{i}" for i in range(count)).encode()
    row = b"1," * count
    text = names + b",close\n" + b"".join(row + f"{i}\n".encode() for i in range(6))
    for data in (text, gzip.compress(text, 1)):
        assert list(map(float, read(path, data))) == [0, 1, 2, 3, 4, 5]
    got = refusal(path, b"x" * (MAX_RECORD_BYTES + 2 * protocol.BLOCK_BYTES))
    assert got == "line 1: is longer than 16 MiB"


def test_a_delimiter_that_the_first_line_tells_wrongly_is_named(path: Path) -> None:
    got = refusal(path, b"sep=;\na,close\n1,2\n")
    assert got == (
        "has no column 'close' (did you mean 'a,close'?); its columns are a,close "
        "(delimited by ';', as its first line says)"
    )


def test_a_line_without_end_is_refused(path: Path) -> None:
    got = refusal(path, b"a,close\n1,2\n" + b"x" * (MAX_RECORD_BYTES + 2 * protocol.BLOCK_BYTES))
    assert got == "line 3: is longer than 16 MiB"


def test_a_few_lines_of_lf_may_be_followed_by_any_number_of_cr(path: Path) -> None:
    rows = (MAX_RECORD_BYTES + 3 * protocol.BLOCK_BYTES) // 8
    text = b"a,close\n" + b"x,1.250\n" * 3 + b"x,1.250\r" * rows
    assert len(read(path, text)) == 3 + rows
    assert len(read(path, gzip.compress(text, 1))) == 3 + rows


def test_a_quoted_field_without_end_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", 20_000)
    monkeypatch.setattr("mlops_task.inputs.csv.MAX_RECORD_BYTES", 100_000)
    got = refusal(path, b'a,close\n1,2\n"' + b"x,1\n" * 50_000)
    assert got == "line 3: a quoted field starts here and never ends"


@pytest.mark.parametrize("columns", [1, 300])
def test_memory_does_not_grow_with_length_or_width(path: Path, columns: int) -> None:
    header = ",".join(["close", *(f"c{i}" for i in range(columns - 1))])
    row = "".join(",".join([price] * columns) + "\n" for price in ("1.25", "1.50", "1.75"))
    with path.open("w") as file:
        file.write(header + "\n")
        for _ in range(60):
            file.write(row * (1_000_000 // len(row)))
    config = Config(seed=0, window=5, version="v")
    tracemalloc.start()
    found = local.found(path, 2, config)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.summary.rows == 3 * 60 * (1_000_000 // len(row))
    assert peak < 12 * protocol.BLOCK_BYTES


floats = st.floats(allow_nan=False, allow_infinity=False)
spellings = st.sampled_from([repr, "{:.2f}".format, "{:e}".format, "{:.17g}".format, "{:+}".format])
# Python 3.11 writes a lone CR unquoted, and would then read it as a line end.
cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=8)
quoting = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])


@given(
    values=st.lists(st.tuples(floats, spellings), min_size=1),
    extras=st.lists(cells, max_size=3),
    at=st.integers(0, 3),
    quoting=quoting,
    end=st.sampled_from(["\n", "\r\n"]),
    wrapped=st.booleans(),
    block=st.sampled_from([7, 100, 10**6]),
)
def test_what_python_writes_is_read_back_as_python_reads_it(
    tmp_path_factory: pytest.TempPathFactory,
    values: list[tuple[float, Callable[[float], str]]],
    extras: list[str],
    at: int,
    quoting: Literal[0, 1, 2],
    end: str,
    block: int,
    *,
    wrapped: bool,
) -> None:
    before, after = extras[:at], extras[at:]
    numbers = [spell(value) for value, spell in values]
    names = [*(f"b{i}" for i in range(len(before))), "close", *(f"a{i}" for i in range(len(after)))]
    records = [record(row, quoting, end) for row in [names, *([*before, n, *after] for n in numbers)]]
    if wrapped and extras:
        records = [wrap(text.removesuffix(end)) + end for text in records]
    path = tmp_path_factory.mktemp("csv") / "bars.csv"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protocol, "BLOCK_BYTES", block)
        got = read(path, "".join(records))
    assert [v.hex() for v in got] == [float(n).hex() for n in numbers]


def record(row: list[str], quoting: Literal[0, 1, 2], end: str) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator=end).writerow(row)
    return text.getvalue()
