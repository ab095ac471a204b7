"""Where the rows of a CSV text begin and end, and what parts them, as told by what stands in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

from mlops_task.inputs.closes import closes_among, is_known
from mlops_task.inputs.csv_diagnosis import close_among
from mlops_task.inputs.csv_form import DELIMITERS, CsvForm
from mlops_task.inputs.csv_header import is_yfinance, start
from mlops_task.inputs.csv_rules import count_lines, unwrapped
from mlops_task.inputs.numerals import CURRENCIES, MISSING
from mlops_task.inputs.time_columns import is_time as is_time_name
from mlops_task.inputs.time_columns import shape

MOST_LINES = 400
"""How many are looked at."""
MOST_FOOTER = 20
MOST_ROWS = 100
_RARE = ("^", "~", "#", "!", "&", "*", "@", "\\")
_RARER = 4
"""How much more a rare delimiter has to make of a text than the usual ones."""
_MOSTLY, _LARGELY = 0.8, 0.6
_LINE_END = rb"\r\n?|\n"
_SIGNS = re.escape(CURRENCIES + "%")
_NUMBER = (
    rf"[-+(]?[{_SIGNS}]? ?[-+]?(?:\d[\d.,'_ \u00a0\u2009\u202f]*|[.,]\d+)(?:[eE][-+]?\d+)?"
    rf" ?(?:[{_SIGNS}KMBTkmb]|[A-Z]{{3}}|kr)?\)?"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = (
    rf"(?:\d{{1,4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,4}})?|\d{{6}}|\d{{8}}|\d{{1,2}}[- ]?{_MONTH}[-,. ]*\d{{2,4}}"
    rf"|{_MONTH}[- ]?(?:\d{{1,2}}(?:st|nd|rd|th)?[-, ]+)?\d{{2,4}}|\d{{4}}[- ]?{_MONTH}[- ]?\d{{1,2}})"
)
_CLOCK = r"\d{1,2}(?::?\d{2}){0,2}(?:[.,]\d+)?(?:[ -]?[ap]m)?"
_ZONE = r"(?: ?[a-z]{1,4})?(?: ?[-+]\d\d:?(?:\d\d)?)?"
_DAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +)?"
_TIME = rf"{_DAY}{_DATE}(?:[t, ]+{_CLOCK}{_ZONE})?|\d{{1,2}}:{_CLOCK}"

is_number = re.compile(_NUMBER).fullmatch
is_time = re.compile(_TIME, re.IGNORECASE).fullmatch
Cells = list[str]


class Structure(NamedTuple):
    """The rows of a text, and what is around them."""

    delimiter: str
    form: dict[str, Any]
    """What the section `csv:` has to say, the delimiter apart."""
    names: list[str]
    """None where there is no header."""
    rows: list[Cells]
    """The first ones."""
    is_told: bool
    """Whether a line before the header tells the delimiter."""
    hints: list[str]
    """Names as a line above the rows has them, even if it has a field less than they."""

    @property
    def closes(self) -> list[int]:
        """Where the closes may stand, from 0: the only place if that is certain."""
        numeric = [at for at in range(len(self.rows[0])) if _are(is_number, self.rows, at)]
        if not self.hints:
            close = close_among(self.rows)
            return numeric if close is None else [close - 1]
        return closes_among(self.hints, [at for at in numeric if not is_time_name(self.hints[at])])


def structure(head: bytes, tail: bytes) -> Structure | None:
    """Return what a text is, from its first and its last bytes; None without anything like rows."""
    begin, sign = start(head, CsvForm())
    lines = _lines(head[begin:])[:MOST_LINES]
    delimiter = sign or _delimiter(lines)
    cut = [_cells(line, delimiter) for line in lines]
    rows = _Rows(cut)
    first = next((at for at in range(len(cut)) if rows.begin_at(cut[at:])), None)
    if first is None:
        return None
    names, form = _header(cut[:first], rows.width)
    if any(map(_is_all_values, lines[: form.get("skip_lines", 0)])):
        return None  # rows, of another delimiter perhaps
    skipped = form.get("skip_lines", 0)
    if skipped:
        form["skip_lines"] = skipped + count_lines(head[:begin])
    if any(_is_cut_short(cells, cut[first]) for cells in cut[:first]):
        return None
    footer = rows.behind([_cells(line, delimiter) for line in _lines(tail)])
    form |= {"footer": footer} if footer else {}
    data = list(islice(filter(rows.is_row, cut[first:]), MOST_ROWS))
    short = [cells for cells in cut[:first] if len(cells) == rows.width - 1 and any(map(is_known, cells))]
    hints = [*max(short, key=_likeness), ""] if short and not names else names
    return Structure(delimiter, form, names, data, bool(sign and not skipped), hints)


def _is_cut_short(names: Cells, row: Cells) -> bool:
    """Tell whether a header has fewer fields than a row though both begin with times: commas part numbers."""
    is_header = len(names) > 1 and is_time_name(names[0]) and all(map(is_known, names))
    return is_header and len(names) < len(row) and _is_moment(row[0])


def _header(before: list[Cells], width: int) -> tuple[list[str], dict[str, Any]]:
    """Return the names that stand before the rows, none without a header, and what is to be told of them."""
    near = len(before)
    while near and len(before[near - 1]) in {0, width}:
        near -= 1
    at = max(range(near, len(before)), key=lambda at: _likeness(before[at]), default=None)
    if at is None or not _likeness(before[at])[1]:
        skipped = {"skip_lines": len(before)} if any(before) else {}
        return [], {**skipped, "header": 0}
    lines = list(filter(None, before[at:]))
    form = {"skip_lines": at} if any(before[:at]) else {}
    if len(lines) > 1 and not is_yfinance(lines):
        form["header"] = len(lines)
    return lines[0], form


def _likeness(cells: Cells) -> tuple[int, int]:
    """Return how much a line is like one of names; the first of equals is."""
    filled = len(set(filter(None, cells)))
    return sum(map(is_known, cells)), filled if filled > 1 or len(cells) <= 2 else 0  # noqa: PLR2004 - one beside an index


def _delimiter(lines: Sequence[str]) -> str:
    """Return what parts the fields of most values."""
    best, found = 0.0, ","
    for delimiter in (*DELIMITERS, *(sign for sign in _RARE if any(sign in line for line in lines))):
        cut = [_cells(line, delimiter) for line in lines]
        width = _width(cut)
        values = [_is_value(text) for cells in cut if len(cells) == width > 1 for text in cells]
        score = sum(values) ** 2 / (len(values) or 1) / (_RARER if delimiter in _RARE else 1)
        if score > best:
            best, found = score, delimiter
    return found


class _Rows:
    """What rows look like: how many fields they have, and in which of them values stand."""

    def __init__(self, cut: list[Cells]) -> None:
        self.width = _width(cut)
        whole = [cells for cells in cut if len(cells) == self.width and any(map(_is_value, cells))]
        first = whole[: len(whole) - len(whole) // 2]  # what is behind the rows is not among them
        self._values = [at for at in range(self.width) if _are(_is_value, first, at)]
        self._has_times = bool(self._values) and _are(_is_moment, first, self._values[0])
        self._shapes = {shape(cells[self._values[0]]) for cells in first} if self._has_times else set()

    def is_row(self, cells: Cells) -> bool:
        """Tell whether a line is a row: with values in most places, the first of them above all."""
        if len(cells) != self.width or not self._values:
            return False
        texts = [cells[at] for at in self._values]
        values = list(map(_is_value, texts))
        fits = [value or text.lower() in MISSING for value, text in zip(values, texts, strict=True)]
        if self._has_times and fits[0]:
            fits[0] = _is_moment(texts[0]) or not values[0]
        return any(values) and fits[0] and sum(fits) >= _LARGELY * len(fits)

    def _is_like(self, cells: Cells) -> bool:
        """Tell whether a line begins as rows do, but for a word, such as a month of another language."""
        return len(cells) == self.width and self._has_times and shape(cells[self._values[0]]) in self._shapes

    def begin_at(self, cut: list[Cells]) -> bool:
        """Tell whether rows begin with the first of these lines."""
        if not self.is_row(cut[0]):
            return False
        near = list(islice(filter(None, cut), 4))
        return 2 * sum(map(self.is_row, near)) >= len(near)

    def behind(self, cut: list[Cells]) -> int:
        """Return how many lines at the end are no rows."""
        last = [self.is_row(cells) or self._is_like(cells) for cells in cut if cells][-MOST_FOOTER:]
        return last[::-1].index(True) if any(last) else 0


def _lines(data: bytes) -> list[str]:
    return [line.decode(errors="replace") for line in re.split(_LINE_END, data)]


def _cells(line: str, delimiter: str) -> Cells:
    """Return the fields of a line, also of one that was wrapped in quotes; none of a blank one."""
    line = line.strip(" \t".replace(delimiter, ""))
    if not line:
        return []
    cells = unwrapped(line, delimiter)
    cells = unwrapped(cells[0], delimiter) if len(cells) == 1 else cells
    return [text.strip() for text in cells]


def _width(cut: list[Cells]) -> int:
    """Return how many fields most lines have, of those with a value."""
    counts = Counter(len(cells) for cells in cut if any(map(_is_value, cells)))
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _is_all_values(line: str) -> bool:
    cut = (_cells(line, delimiter) for delimiter in DELIMITERS)
    return any(len(cells) > 1 and all(map(_is_value, cells)) for cells in cut)


def _is_value(text: str) -> bool:
    return bool(is_number(text) or is_time(text))


def _is_moment(text: str) -> bool:
    return bool(is_time(text) or re.fullmatch(r"\d{9,19}(\.\d*)?", text))


def _are(kind: Any, rows: list[Cells], at: int) -> bool:  # noqa: ANN401 - whatever tells it
    """Tell whether most fields of a column that are not missing are of a kind."""
    texts = [cells[at] for cells in rows if cells[at].lower() not in MISSING]
    return bool(texts) and sum(map(bool, map(kind, texts))) >= _MOSTLY * len(texts)
