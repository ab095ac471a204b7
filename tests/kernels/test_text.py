"""The scanner of CSV text beside Python's `csv` and `float`."""

import ctypes
import mmap
import random
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest

from kernels._backend import BACKEND
from kernels._text import DONE, PAD, STOPPED, UNFINISHED, Scanner
from tests.kernels.csv_texts import MISSING, NUMBER, FaultyError, number_texts, random_text, rows_of, value_of

# Plain Python takes a millisecond for what machine code does in a microsecond.
NUMBERS, TEXTS = (1_000, 50) if BACKEND == "python" else (100_000, 2_000)


def padded(text: bytes) -> npt.NDArray[np.uint8]:
    """A text between bytes that look like more of it."""
    return np.frombuffer(b"7," * (PAD // 2) + text + b'8,"\n' * (PAD // 4), np.uint8)


def scanned(text: bytes, scanner: Scanner) -> tuple[int, int]:
    """How much of a text was read, and why no more."""
    buffer = padded(text)
    begin = buffer.ctypes.data + PAD
    at, state = scanner.read(begin, begin + len(text))
    return at - begin, state


def read(
    text: str, columns: int, numbers: Sequence[int] = (0,), texts: Sequence[int] = (), delimiter: str = ","
) -> tuple[list[list[float]], list[list[str]]]:
    """What a text that the scanner reads to its end holds in some columns."""
    scanner = Scanner(columns, numbers, texts, delimiter=ord(delimiter))
    buffer = padded(text.encode())
    begin = buffer.ctypes.data + PAD
    assert scanner.read(begin, begin + len(text.encode())) == (begin + len(text.encode()), DONE)
    return scanner.values().tolist(), [strings(scanner, slot) for slot in range(len(texts))]


def strings(scanner: Scanner, slot: int) -> list[str]:
    """The texts of a column, which its codes stand for too."""
    texts = apart(*scanner.texts(slot))
    codes, coded = scanner.coded(slot)
    names = apart(*coded)
    assert [names[code] for code in codes] == texts
    return texts


def apart(together: npt.NDArray[np.uint8], ends: npt.NDArray[np.int32]) -> list[str]:
    """Texts that stand one behind the other."""
    return [bytes(together[a:b]).decode() for a, b in pairwise(ends)]


def check_numbers(rng: np.random.Generator, count: int) -> int:
    """Compare about so many texts with `float`, to the bit; return how many there were."""
    texts = list(number_texts(rng, count))
    data = "".join(f"x,{text}\n" for text in texts).encode()
    buffer, scanner = padded(data), Scanner(2, [1])
    begin = at = buffer.ctypes.data + PAD
    state = STOPPED
    while state == STOPPED:
        at, state = scanner.read(at, begin + len(data))
        if state == STOPPED:
            at = begin + data.index(b"\n", at - begin) + 1
            scanner.append([float("inf")])
    for text, value in zip(texts, scanner.values()[0].tolist(), strict=True):
        try:
            expected = value_of(text)
        except FaultyError:
            expected = float("inf")
        assert repr(value) == repr(expected), text  # which tells -0.0 from 0.0
    return len(texts)


def test_every_number_is_the_one_that_python_reads() -> None:
    assert check_numbers(np.random.default_rng(1), NUMBERS) >= NUMBERS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_text_is_read_as_by_csv_up_to_the_same_row(delimiter: str) -> None:
    rng = random.Random(delimiter)  # noqa: S311  cases, not secrets
    for _ in range(TEXTS):
        text, columns = random_text(rng, delimiter)
        wanted = rng.sample(range(columns), rng.randint(1, columns))
        split = rng.randint(1, len(wanted))
        check_text(text, columns, wanted[:split], wanted[split:], delimiter)


def check_text(text: str, columns: int, numbers: list[int], texts: list[int], delimiter: str) -> None:
    """Compare all that the scanner reads with the oracle, which reads on where the scanner stops."""
    ended = text if text.endswith("\n") or not text else text + "\n"
    data = ended.encode()
    case = (text, columns, numbers, texts, delimiter)
    rows, values, faulty = [], [], False
    try:
        for row in rows_of(ended, columns, delimiter):
            values.append([value_of(row.fields[i]) for i in numbers])
            rows.append(row)
    except FaultyError:
        faulty = True
    buffer, scanner = padded(data), Scanner(columns, numbers, texts, delimiter=ord(delimiter))
    begin = at = buffer.ctypes.data + PAD
    end = begin + len(data)
    while (found := scanner.read(at, end))[1] == STOPPED and scanner.rows < len(rows):
        row = rows[scanner.rows]
        stripped = [row.fields[i].strip(" \t") for i in numbers]
        exotic = any(not NUMBER.fullmatch(t) and t.lower() not in MISSING for t in stripped)
        record = data[at - begin : len(ended[: row.end].encode())].strip()
        assert exotic or b"\n" in record or b"\r" in record, case  # lines in one pair of quotes
        scanner.append(values[scanner.rows], [row.fields[i].encode() for i in texts])
        at = begin + len(ended[: row.end].encode())
    assert (found[1] != DONE) == faulty, case
    assert repr(scanner.values().T.tolist()) == repr(values[: len(rows)]), case
    assert scanner.is_ascii or not ended.isascii(), case
    for slot, field in enumerate(texts):
        got = [text.strip(" \t") for text in strings(scanner, slot)]
        assert got == [row.fields[field].strip(" \t") for row in rows], case


def test_several_columns_of_numbers_and_texts_are_read_in_one_pass() -> None:
    text = 'a,1.5,x,2\n"b,2.5,y,3"\n"c ""d""","3.5","","4"\n5" e,NA,é,5\n'
    values, (third, first) = read(text, 4, [3, 1], [2, 0])
    np.testing.assert_array_equal(values, [[2, 3, 4, 5], [1.5, 2.5, 3.5, np.nan]])
    assert (first, third) == (["a", "b", 'c "d"', '5" e'], ["x", "y", "", "é"])


def test_texts_have_codes_in_the_order_in_which_they_come() -> None:
    rng = random.Random(5)  # noqa: S311 - cases, not secrets
    names = list(dict.fromkeys("".join(rng.choices("AAB", k=rng.randint(0, 40))) for _ in range(300)))
    column = [*names, *rng.choices(names, k=1000)]
    buffer = padded("".join(f"{name},1\n" for name in column).encode())
    begin = buffer.ctypes.data + PAD
    scanner = Scanner(2, [1], [0])
    assert scanner.read(begin, begin + len(buffer) - 2 * PAD)[1] == DONE
    codes, texts = scanner.coded(0)
    assert apart(*texts) == names
    assert [names[code] for code in codes] == column


def test_what_quotes_tell_apart_has_two_codes() -> None:
    buffer = padded(b'"a",1\na,1\n"a",1\n"b""",1\n')
    begin = buffer.ctypes.data + PAD
    scanner = Scanner(2, [1], [0])
    assert scanner.read(begin, begin + len(buffer) - 2 * PAD)[1] == DONE
    codes, texts = scanner.coded(0)
    assert (codes.tolist(), apart(*texts)) == ([0, 1, 0, 2], ["a", "a", 'b"'])


def test_there_may_be_more_rows_and_longer_ones_than_expected() -> None:
    rows = [f'"""{"x" * 1000}"",{i}"\n' for i in range(5_000 if BACKEND != "python" else 70)]
    values, (texts,) = read("".join(rows), 2, [1], [0])
    assert values == [list(range(len(rows)))]
    assert set(texts) == {"x" * 1000}
    assert read(f'"""{"x" * 200_000}"",7"\n', 2, [1])[0] == [[7]]


def test_a_row_is_left_to_the_caller_who_may_add_it() -> None:
    scanner = Scanner(2, [0], [1])
    buffer = padded(b"1,a\n\xa05,b\n3,c\n")
    begin = buffer.ctypes.data + PAD
    assert scanner.read(begin, begin + 13) == (begin + 4, STOPPED)
    scanner.append([5.0], [b"b"])
    assert scanner.read(begin + 9, begin + 13) == (begin + 13, DONE)
    assert scanner.values().tolist() == [[1, 5, 3]]
    assert strings(scanner, 0) == ["a", "b", "c"]


def test_a_quoted_field_that_never_ends_is_told_from_a_faulty_row() -> None:
    assert scanned(b'1,a\n2,"b\n3,c\n', Scanner(2, [0])) == (4, UNFINISHED)
    assert scanned(b'1,a\n2,"b"c\n', Scanner(2, [0])) == (4, STOPPED)
    assert scanned(b"1,a\n2\n", Scanner(2, [0])) == (4, STOPPED)


def test_infinite_numbers_and_bytes_beyond_ascii_are_told() -> None:
    scanner = Scanner(2, [0])
    scanned(b"1,a\n", scanner)
    assert (scanner.is_finite, scanner.is_ascii) == (True, True)
    scanned(b"1e999,a\n", scanner)
    assert (scanner.is_finite, scanner.is_ascii) == (False, True)
    scanned(b"1,\xff\n", scanner)
    assert scanner.is_ascii is False


def test_reads_stay_within_the_padding() -> None:
    page = mmap.PAGESIZE
    memory = mmap.mmap(-1, 4 * page)
    first = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    for guard in (first, first + 3 * page):
        assert protect(ctypes.c_void_p(guard), page, mmap.PROT_NONE if hasattr(mmap, "PROT_NONE") else 0) == 0
    rng = random.Random(3)  # noqa: S311  cases, not secrets
    for _ in range(TEXTS // 5):
        text, columns = random_text(rng)
        data = text.encode() + b"\n"
        size = len(data)
        for begin in (first + page + PAD, first + 3 * page - PAD - size):
            ctypes.memmove(begin, data, size)
            scanner = Scanner(columns, [rng.randrange(columns)])
            at, state = begin, STOPPED
            while state == STOPPED and at < begin + size:
                at, state = scanner.read(at, begin + size)
                at += data.find(b"\n", at - begin) + 1 - (at - begin)


DRESSED = [
    *(("1,5", 1.5), ("-1,5", -1.5), ("1.234,5", 1234.5), ("12.345.678", 12345678.0), ("$ 1,5", 1.5)),
    *(
        ("-$1,5", -1.5),
        ("1,5 $", 1.5),
        ("$-1,5", -1.5),
        ("kr1,5", 1.5),
        ("n.a.", np.nan),
        ("N.A.", np.nan),
        ("7", 7.0),
    ),
]


@pytest.mark.parametrize(("text", "value"), DRESSED)
def test_a_dressed_number_is_read(text: str, value: float) -> None:
    scanner = Scanner(2, [1], delimiter=ord(";"))
    scanner.dress(decimal=",", separators=["."], signs=["$", "kr"], missing=["n.a."])
    line = f"x;{text}\n".encode()
    assert scanned(line, scanner) == (len(line), DONE)
    np.testing.assert_array_equal(scanner.values(), [[value]])


@pytest.mark.parametrize(
    "text",
    ["1.23", "1.2345", "0.123", "1234.567", "1,5,5", "1,5.000", "-$-5", "kr", "1 5", "1.234.56", ",", "x"],
)
def test_what_is_no_dressed_number_is_left_to_the_caller(text: str) -> None:
    scanner = Scanner(2, [1], delimiter=ord(";"))
    scanner.dress(decimal=",", separators=["."], signs=["$", "kr"], missing=["n.a."])
    assert scanned(f"x;{text}\n".encode(), scanner) == (0, STOPPED)


def test_numbers_in_groups_without_a_decimal_sign_are_told() -> None:
    for text, is_certain in (("1,004.5", True), ("1004", True), ("1,004", False)):
        scanner = Scanner(2, [1], delimiter=ord(";"))
        scanner.dress(separators=[","])
        scanned(f"x;{text}\n".encode(), scanner)
        assert scanner.is_certain is is_certain


def test_a_number_may_stand_for_a_missing_value() -> None:
    scanner = Scanner(1, [0])
    scanner.dress(missing=["-999"], plain=False)
    scanned(b"-999\n-998\n", scanner)
    np.testing.assert_array_equal(scanner.values(), [[np.nan, -998.0]])
