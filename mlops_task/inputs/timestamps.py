"""Timestamps as exports write them -> moments, a whole column at once.

An export says neither which form its timestamps have nor whether the day or the month comes first. So a text
is an example: what it may mean tells where the parts of all texts of its shape stand, and those are read
together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from mlops_task.inputs.time_forms import Meaning

Moments = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
NONE = np.iinfo(np.int64).min
"""Stands where a text is no moment."""
MOST_SHAPES = 2000
"""How many shapes a column may have before the rest of it counts as not understood."""
_WORD = 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = 10**6
_UNITS = (("s", 10**11, 10**6), ("ms", 10**14, 10**3), ("us", 10**17, 1), ("ns", 2**63 - 1, 1))
"""Below what magnitude a unix time counts which unit, and how many µs that has."""
_ONLY_UNIX = ((10**8, 10**11), (10**12, 10**13), (10**15, 2**63 - 1))
"""Whole numbers within which all are unix times: others may be the digits of a date."""
UNITS = tuple(name for name, _, _ in _UNITS)
_EARLIEST, _LATEST = 10**8 * _SECOND, 41 * 10**8 * _SECOND
"""1973 to 2099: what a number whose unit nobody told may mean."""
_MONTH_STARTS = np.array([0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334], np.int64)
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)


class Reading(NamedTuple):
    """What the timestamps of consecutive rows may mean.

    `moments` has, by the form that all of them then have, microseconds since 1970 in UTC, NONE for what is
    none; a time without zone counts as of UTC. `units` has of numeric ones the place in UNITS.
    """

    moments: dict[str, Moments]
    units: npt.NDArray[np.int8] | None = None


class Style(NamedTuple):
    """What is told of the timestamps of a column: a unit of UNITS, or a format in the words of `strptime`."""

    unit: str | None = None
    strptime: str | None = None


UNTOLD = Style()


def read_texts(texts: Sequence[str], style: Style = UNTOLD) -> Reading:
    """Return what texts may mean as timestamps."""
    if style == UNTOLD and (moments := _iso(texts)) is not None:  # most are, and that costs nearly nothing
        return Reading({"ymd": moments})
    data = [text.encode("latin-1", "replace") for text in texts]
    ends = np.concatenate([[0], np.cumsum([len(text) for text in data], dtype=np.int64)])
    return _Column(np.frombuffer(b"".join(data), np.uint8), ends, style).read()


def read_column(column: Any, style: Style = UNTOLD) -> Reading:  # noqa: ANN401 - pyarrow has no types
    """Return what a pyarrow array of texts, numbers, dates or timestamps may mean as timestamps."""
    import pyarrow as pa

    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    kind = array.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return Reading({"typed": _typed(array)})
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return _numbers(array, style)
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        if not pa.types.is_string_view(kind):
            return Reading({})
        array = array.cast(pa.string())
    wide = pa.types.is_large_string(array.type)
    _, ends, data = array.buffers()
    here = slice(array.offset, array.offset + len(array) + 1)
    places = (
        np.frombuffer(ends, np.int64 if wide else np.int32)[here] if len(array) else np.zeros(1, np.int64)
    )
    texts = np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8)
    return _Column(texts, places, style).read()


def joined(columns: Sequence[Any]) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return columns of dates and times as one: as it is if there is but one, else as texts."""
    if len(columns) == 1:
        return columns[0]
    import pyarrow as pa
    import pyarrow.compute as pc

    days = [
        pc.cast(one, pa.date32(), safe=False) if pa.types.is_timestamp(one.type) else one for one in columns
    ]
    texts = [pc.utf8_trim_whitespace(pc.cast(column, pa.string())) for column in days]
    return pc.binary_join_element_wise(*texts, " ", null_handling="replace")


def shown(moment: int) -> str:
    """Return a moment as text."""
    try:
        return str((_EPOCH + timedelta(microseconds=moment)).replace(tzinfo=None))
    except OverflowError:
        return f"{moment} µs since 1970"


def _iso(texts: Sequence[str]) -> Moments | None:
    """Return the moments of texts that Python itself reads, None if one is none."""
    moments = []
    for text in texts:
        if text[4:5] != "-" or not text.isascii():
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moments.append((moment - _EPOCH) // timedelta(microseconds=1))
    return np.array(moments, np.int64)


def _typed(array: Any) -> Moments:  # noqa: ANN401 - pyarrow has no types
    """Return the moments of an array of dates or timestamps."""
    import pyarrow as pa

    kind = array.type
    counts = array.view(pa.int32() if kind == pa.date32() else pa.int64())
    numbers = np.frombuffer(counts.buffers()[1], np.int32 if kind == pa.date32() else np.int64)
    numbers = numbers[counts.offset : counts.offset + len(counts)].astype(np.int64)
    if pa.types.is_timestamp(kind):
        unit = UNITS.index(kind.unit)
        moments = _scaled(numbers, _UNITS[unit][2], 1000 if kind.unit == "ns" else 1)
    else:
        moments = _scaled(numbers, 86_400 * _SECOND if kind == pa.date32() else 1000, 1)
    if not counts.null_count:
        return moments
    validity = np.unpackbits(np.frombuffer(counts.buffers()[0], np.uint8), bitorder="little")
    return np.where(validity[counts.offset : counts.offset + len(counts)] == 0, NONE, moments)


def _numbers(array: Any, style: Style) -> Reading:  # noqa: ANN401 - pyarrow has no types
    """Return what an array of numbers may mean: unix times, or the digits of a date."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_floating(array.type):
        numbers = np.asarray(pc.fill_null(array.cast(pa.float64()), float("nan")))
        whole = numbers[np.isfinite(numbers)]
        if style.strptime is None and (style.unit or (len(whole) and whole.min() >= 10**8)):
            moments, units = _unix(np.nan_to_num(numbers, nan=0, posinf=0, neginf=0), style.unit)
            return Reading({"unix": np.where(np.isfinite(numbers), moments, NONE)}, units)
        texts = [f"{n:.0f}" if np.isfinite(n) else "" for n in numbers.tolist()]
        return read_texts(texts, style)
    if array.type == pa.int64() and not array.null_count and style.strptime is None and len(array):
        numbers = np.frombuffer(array.buffers()[1], np.int64)[array.offset : array.offset + len(array)]
        if style.unit or any(low <= numbers.min() and numbers.max() < high for low, high in _ONLY_UNIX):
            moments, units = _unix(numbers, style.unit)
            return Reading({"unix": moments}, units)
    return read_column(pc.fill_null(pc.cast(array, pa.string()), ""), style)


def _unix(numbers: npt.NDArray[Any], told: str | None) -> tuple[Moments, npt.NDArray[np.int8]]:
    """Return the moments of unix times, in the unit that was told or each by its magnitude, and the units."""
    units = _units(numbers) if told is None else np.full(len(numbers), UNITS.index(told), np.int8)
    lowest, highest = (int(units.min()), int(units.max())) if len(units) else (0, 0)
    moments = np.empty(len(numbers), np.int64)
    for unit in range(lowest, highest + 1):
        here = slice(None) if lowest == highest else units == unit
        moments[here] = _scaled(numbers[here], _UNITS[unit][2], 1000 if UNITS[unit] == "ns" else 1)
    if told is None and len(moments) and not _EARLIEST <= moments.min() <= moments.max() <= _LATEST:
        moments[(moments < _EARLIEST) | (moments > _LATEST)] = NONE
    return moments, units


def _units(numbers: npt.NDArray[Any]) -> npt.NDArray[np.int8]:
    """Return the places in UNITS that the magnitudes of numbers tell."""
    limits = np.array([limit for _, limit, _ in _UNITS[:-1]], np.int64)
    ends = np.array([numbers.min(), numbers.max()]) if len(numbers) else np.zeros(2)
    lowest, highest = np.searchsorted(limits, ends, side="right")
    if lowest == highest:
        return np.full(len(numbers), lowest, np.int8)
    units: npt.NDArray[np.int8] = np.searchsorted(limits, np.abs(numbers), side="right").astype(np.int8)
    return units


def _scaled(numbers: npt.NDArray[Any], scale: int, divisor: int) -> Moments:
    """Return numbers times a scale, NONE where that is no int64."""
    most = 2**62 // scale
    if len(numbers) and -most < numbers.min() and numbers.max() < most:
        scaled = numbers * scale
        return (scaled // divisor if divisor > 1 else scaled).astype(np.int64, copy=False)
    fits = np.abs(numbers) < most
    return np.where(fits, (np.where(fits, numbers, 0) * scale // divisor).astype(np.int64), NONE)


class _Column:
    """Texts one behind the other, of which `ends` tells where each ends, behind where the first begins."""

    def __init__(self, data: Bytes, ends: npt.NDArray[Any], style: Style) -> None:
        self._data, self._ends, self._style = data, ends, style
        self._lengths = np.diff(ends)
        self._moments: dict[str, Moments] = {}
        self._units: npt.NDArray[np.int8] | None = None

    def read(self) -> Reading:
        """Read the texts, those of one shape together."""
        rows = np.arange(len(self._lengths))
        for _ in range(MOST_SHAPES):
            if not len(rows):
                break
            rows = self._without_shape_of_first(rows)
        return Reading(self._moments, self._units)

    def _without_shape_of_first(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """Read the texts of the shape that the first of these rows has, and return the other rows."""
        lengths = self._lengths if len(rows) == len(self._lengths) else self._lengths[rows]
        length = int(lengths[0])
        is_long = lengths == length
        here = rows if is_long.all() else rows[is_long]
        texts = self._texts(here, length)
        found = self._meanings(texts[0].tobytes().decode("latin-1"))
        if not found:
            is_shape = (texts == texts[0]).all(axis=1)
        else:
            shape = _Shape(found, texts)
            is_shape = shape.is_shape
            for meaning in found:
                is_unix = meaning.form == "unix"
                moments = shape.unix(meaning, self._style.unit) if is_unix else shape.moments(meaning)
                self._place(meaning.form, here, is_shape, moments)
            if shape.units is not None:
                self._place_units(here, is_shape, shape.units)
        if is_shape.all() and len(here) == len(rows):
            return rows[:0]
        done = np.zeros(len(self._lengths), bool)
        done[here[is_shape]] = True
        return rows[~done[rows]]

    def _meanings(self, example: str) -> list[Meaning]:
        from mlops_task.inputs.time_forms import Meaning, meanings, number_spans

        if self._style.unit is not None:
            return [Meaning("unix", spans)] if (spans := number_spans(example)) else []
        return meanings(example, self._style.strptime)

    def _texts(self, rows: npt.NDArray[np.intp], length: int) -> Bytes:
        """Return the bytes of texts of one length, a line for each."""
        first, last = int(self._ends[rows[0]]), int(self._ends[rows[-1]])
        if last - first == (len(rows) - 1) * length:
            return self._data[first : first + len(rows) * length].reshape(len(rows), length)
        return (
            sliding_window_view(self._data, length)[self._ends[rows]]
            if length
            else np.empty((len(rows), 0), np.uint8)
        )

    def _place(
        self, form: str, rows: npt.NDArray[np.intp], mask: npt.NDArray[np.bool_], moments: Moments
    ) -> None:
        whole = len(rows) == len(self._lengths) and bool(mask.all())
        if whole:
            self._moments[form] = moments
            return
        if form not in self._moments:
            self._moments[form] = np.full(len(self._lengths), NONE)
        self._moments[form][rows[mask]] = moments[mask]

    def _place_units(
        self, rows: npt.NDArray[np.intp], mask: npt.NDArray[np.bool_], units: npt.NDArray[np.int8]
    ) -> None:
        if self._units is None:
            self._units = np.full(len(self._lengths), -1, np.int8)
        self._units[rows[mask]] = units[mask]


def _starts(texts: Bytes, begin: int, end: int) -> npt.NDArray[np.intp]:
    """Return the rows whose texts differ from those before in the places from `begin` to `end`, about."""
    length = texts.shape[1]
    if length < _WORD:
        return np.arange(len(texts))
    texts = np.ascontiguousarray(texts)
    is_other = np.zeros(len(texts) - 1, bool)
    for at in {*range(begin, end - _WORD, _WORD), max(0, end - _WORD)}:
        words = np.ndarray((len(texts),), "<u8", texts, at, (length,))
        is_other |= words[1:] != words[:-1]
    return np.concatenate([[0], np.flatnonzero(is_other) + 1])


class _Shape:
    """Texts, of which those are read that have the shape of the first.

    Where days repeat from row to row, as in minutes, each is read but once.
    """

    def __init__(self, found: Sequence[Meaning], texts: Bytes, *, is_run: bool = False) -> None:
        self._texts = texts
        self._digits: dict[int, Bytes] = {}
        self.units: npt.NDArray[np.int8] | None = None
        self._runs: _Shape | None = None
        day = found[0].day
        if not is_run and day and day != (0, texts.shape[1]):
            starts = _starts(texts, *day)
            if 2 * len(starts) <= len(texts):
                self._runs = _Shape(found, texts[starts], is_run=True)
                self._counts = np.diff(np.append(starts, len(texts)))
        self.is_shape = self._matches(found[0])

    def _matches(self, meaning: Meaning) -> npt.NDArray[np.bool_]:
        """Tell which texts have digits where the first has, and are like it elsewhere."""
        is_shape = np.ones(len(self._texts), bool)
        fixed = set(range(self._texts.shape[1]))
        if self._runs is not None and meaning.day:
            is_shape = np.repeat(self._runs.is_shape, self._counts)
            fixed -= {*range(*meaning.day)}
        for name, (start, stop) in meaning.spans.items():
            if name in {"half", "sign", "zone"}:
                continue
            here = fixed & {*range(start, stop)}
            fixed -= here
            is_word = name in {"name", "rest_of_name", "weekday", "rest_of_weekday"}
            for at in here if name not in {"number", "float"} else ():
                sign = (self._texts[:, at] | 32) - ord("a") if is_word else self._digit(at)
                is_shape &= sign < (26 if is_word else 10)
        for at in fixed:
            is_shape &= self._texts[:, at] == self._texts[0, at]
        return is_shape

    def _digit(self, at: int) -> Bytes:
        """Return one place of all texts, as a digit."""
        if at not in self._digits:
            self._digits[at] = self._texts[:, at] - ord("0")
        return self._digits[at]

    def moments(self, meaning: Meaning) -> Moments:
        """Return what the texts mean by the places of their parts."""
        spans = meaning.spans
        days, is_day = (self._runs or self).days(spans)
        days *= 86_400 * _SECOND
        if self._runs is not None:
            days, is_day = np.repeat(days, self._counts), np.repeat(is_day, self._counts)
        seconds, is_time = self._seconds(meaning)
        moments: Moments = days + seconds.astype(np.int64) * _SECOND
        if "f" in spans:
            start, stop = spans["f"]
            moments += self._number((start, min(stop, start + 6))) * 10 ** max(0, 6 - (stop - start))
        is_moment = is_day & is_time
        return moments if is_moment.all() else np.where(is_moment, moments, NONE)

    def unix(self, meaning: Meaning, told: str | None) -> Moments:
        """Return the moments of numbers, and keep their units."""
        if "n" in meaning.spans:
            numbers: npt.NDArray[Any] = self._number(meaning.spans["n"]).astype(np.int64, copy=False)
            behind = meaning.spans.get("fraction", (0, 0))
            moments, self.units = _unix(numbers, told)
            if any(self._digit(at).any() for at in range(*behind)):
                start, stop = behind[0], min(behind[1], behind[0] + 6)
                parts = self._number((start, stop)) * 10 ** (6 - (stop - start))  # millionths of a unit
                scales = np.array([scale if name != "ns" else 0 for name, _, scale in _UNITS], np.int64)
                moments = np.where(moments == NONE, NONE, moments + parts * scales[self.units] // _SECOND)
            return moments
        texts = np.ascontiguousarray(self._texts).view(f"S{self._texts.shape[1]}").ravel()
        good = self.is_shape.copy()
        values = np.zeros(len(texts))
        for row in np.flatnonzero(good).tolist():  # rare: exponents, and units that were told
            try:
                values[row] = float(texts[row])
            except ValueError:
                self.is_shape[row] = row == 0
        numbers = values if (values % 1).any() or (np.abs(values) > 2**53).any() else values.astype(np.int64)
        moments, self.units = _unix(numbers, told)
        return moments

    def _number(self, span: tuple[int, int]) -> npt.NDArray[Any]:
        """Return the number that digits are: of up to nine in 32 bits, which are quicker."""
        start, stop = span
        number: npt.NDArray[Any] = self._digit(start).astype(np.int32)
        for at in range(start + 1, min(stop, start + 9)):
            number *= 10
            number += self._digit(at)
        if stop - start > 9:  # noqa: PLR2004 - the digits of 32 bits
            number = number * np.int64(10 ** (stop - start - 9)) + self._number((start + 9, stop))
        return number

    def days(self, spans: dict[str, tuple[int, int]]) -> tuple[Moments, npt.NDArray[np.bool_]]:
        """Return the days since 1970 and whether there are such."""
        year = self._number(spans["y"]).astype(np.int64)
        if spans["y"][1] - spans["y"][0] == 2:  # noqa: PLR2004 - two digits, as POSIX reads them
            year += np.where(year < 70, 2000, 1900)  # noqa: PLR2004 - likewise
        one = np.ones(1, np.int64)
        if "q" in spans:
            month = self._number(spans["q"]) * 3 - 2
        elif "name" in spans:
            month = self._month(spans["name"])
        else:
            month = self._number(spans["m"]) if "m" in spans else one
        day = self._number(spans["d"]) if "d" in spans else one
        leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
        is_month = (month >= 1) & (month <= 12)  # noqa: PLR2004 - of a year
        month = np.where(is_month, month, 0)
        is_day = is_month & (year > 0) & (day >= 1) & (day <= _MONTH_DAYS[month] + (leap & (month == 2)))  # noqa: PLR2004
        before = year - 1
        days = before * 365 + before // 4 - before // 100 + before // 400 - 719_162
        days += _MONTH_STARTS[month] + (leap & (month > 2)) + day - 1  # noqa: PLR2004 - behind February
        return np.atleast_1d(days), np.atleast_1d(is_day)

    def _month(self, span: tuple[int, int]) -> Moments:
        from mlops_task.inputs.time_forms import MONTHS

        letters = self._texts[:, span[0] : span[0] + 3].astype(np.int64) | 32
        word = (letters[:, 0] << 16) | (letters[:, 1] << 8) | letters[:, 2]
        month = np.zeros(len(word), np.int64)
        for number, name in enumerate(MONTHS, start=1):
            month[word == int.from_bytes(name.encode(), "big")] = number
        return month

    def _seconds(self, meaning: Meaning) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
        """Return the seconds of the day, in UTC, and whether there are such."""
        spans = meaning.spans
        zero = np.zeros(1, np.int32)
        hour, minute, second, zone_hour, zone_minute = (
            self._number(spans[name]) if name in spans else zero for name in ("h", "min", "s", "zh", "zm")
        )
        is_time = (hour < 24) & (minute < 60) & (second < 61)  # noqa: PLR2004 - and a leap second
        if meaning.half:
            is_time &= (hour >= 1) & (hour <= 12)  # noqa: PLR2004 - a clock of twelve hours
            hour = hour % 12 + (12 if meaning.half == "p" else 0)
        ahead = meaning.zone_minutes * 60 + meaning.sign * (zone_hour * 3600 + zone_minute * 60)
        return hour * 3600 + minute * 60 + second - ahead, is_time
