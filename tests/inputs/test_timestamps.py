"""Timestamps as exports write them."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_task.inputs.time_columns import time_columns
from mlops_task.inputs.time_forms import strptime_of
from mlops_task.inputs.timestamps import NONE, Style, read_column, read_texts

NINE = datetime(2024, 3, 4, 9, tzinfo=UTC)
DAY = datetime(2024, 3, 14, tzinfo=UTC)


def moments(text: str) -> set[datetime]:
    found = {int(moments[0]) for moments in read_texts([text]).moments.values()} - {NONE}
    return {datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=n) for n in found}


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-04 09:00",
        "2024-03-04T09:00:00Z",
        "2024-03-04T09:00:00.000000000Z",
        "2024-03-04 11:00:00+02:00",
        "2024.03.04 09:00:00",
        "2024/3/4 9:00",
        "20240304 090000",
        "04.03.2024 17:00:00.000 GMT+0800",
        "2024-03-04 09:00 AM",
        "4 Mar 2024 09:00:00",
        "Mar 4, 2024, 9:00 AM",
        "1709542800",
        "1709542800.0",
        "1709542800000",
        "1709542800000000",
        "1709542800000000000",
    ],
)
def test_a_time_is_read_in_every_usual_form(text: str) -> None:
    assert moments(text) == {NINE}


@pytest.mark.parametrize(
    "text",
    [
        *("2024-03-14", "2024.03.14", "2024/03/14", "20240314", "03/14/2024", "14/03/2024", "03/14/24"),
        *("14-03-2024", "14.03.2024", "14 Mar 2024", "14-Mar-24", "14 March 2024", "Mar 14, 2024"),
        *("March 14th, 2024", "Thu, 14 Mar 2024", "2024-Mar-14", " 2024-03-14 "),
    ],
)
def test_a_day_is_read_in_every_usual_form(text: str) -> None:
    assert moments(text) == {DAY}


def test_a_day_that_may_come_first_or_second_has_both_readings() -> None:
    assert moments("03/04/2024") == {datetime(2024, 3, 4, tzinfo=UTC), datetime(2024, 4, 3, tzinfo=UTC)}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "101.5",
        "Average",
        "Total 2024",
        "09:30",
        "13/13/2024",
        "2024-02-30",
        "2024-03-04x",
    ],
)
def test_what_is_no_moment_has_no_reading(text: str) -> None:
    assert moments(text) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-03-04 09-AM", NINE),
        ("20240304090000", NINE),
        ("202403040900", NINE),
        ("240304 090000", NINE),
        ("2024-03-04 04:00:00 EST", NINE),
        ("2024-03-04 09:00:00 America/New_York", NINE),
        ("2024-03-04T10:00+01:00[Europe/Berlin]", NINE),
        ("Mon Mar 04 2024 10:00:00 GMT+0100 (Central European Standard Time)", NINE),
        ("Mon Mar  4 09:00:00 UTC 2024", NINE),
        ("1.7095428E+12", NINE),
        ("1709542800.25", NINE + timedelta(microseconds=250_000)),
        ("1709542800250.5", NINE + timedelta(microseconds=250_500)),
        ("2024 3 14", DAY),
        ("2024-03", datetime(2024, 3, 1, tzinfo=UTC)),
        ("03/2024", datetime(2024, 3, 1, tzinfo=UTC)),
        ("202403", datetime(2024, 3, 1, tzinfo=UTC)),
        ("Mar-24", datetime(2024, 3, 1, tzinfo=UTC)),
        ("March 2024", datetime(2024, 3, 1, tzinfo=UTC)),
        ("2024", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024Q2", datetime(2024, 4, 1, tzinfo=UTC)),
        ("Q2 2024", datetime(2024, 4, 1, tzinfo=UTC)),
    ],
)
def test_months_zones_and_odd_clocks_are_understood(text: str, expected: datetime) -> None:
    assert expected in moments(text)


@pytest.mark.parametrize(
    ("style", "text", "expected"),
    [
        (Style(unit="s"), "86400", datetime(1970, 1, 2, tzinfo=UTC)),
        (Style(unit="s"), "-86400.5", datetime(1969, 12, 30, 23, 59, 59, 500_000, tzinfo=UTC)),
        (Style(unit="ms"), "1709542800000", NINE),
        (Style(unit="ns"), "1709542800000000000", NINE),
        (Style(strptime="%d|%m|%Y %Hh"), "4|3|2024 9h", NINE),
        (Style(strptime="%m/%d/%y %I:%M %p"), "03/04/24 09:00 AM", NINE),
        (Style(strptime="%a %d %B %Y %T %z"), "Mon 04 March 2024 10:00:00 +01:00", NINE),
        (Style(strptime="%d/%m/%Y"), "04/03/2024", NINE - timedelta(hours=9)),
    ],
)
def test_what_is_told_is_taken(style: Style, text: str, expected: datetime) -> None:
    ((moment,),) = read_texts([text], style).moments.values()
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(moment)) == expected


FORMATS = {
    "%Y-%m-%d %H:%M:%S": "ymd",
    "%Y-%m-%dT%H:%M:%S.%fZ": "ymd",
    "%Y.%m.%d %H:%M": "ymd",
    "%Y%m%d %H%M%S": "ymd",
    "%Y%m%d%H%M%S": "ymd",
    "%d/%m/%Y %H:%M": "dmy",
    "%m/%d/%Y %I:%M:%S %p": "mdy",
    "%d.%m.%Y": "dmy",
    "%d-%m-%y %H:%M": "dmy",
    "%y%m%d %H%M%S": "yymmdd",
    "%d %b %Y": "named",
    "%B %d, %Y": "named",
    "%a, %d %b %Y %H:%M:%S": "named",
    "%b-%y": "named",
    "%Y-%m": "ymd",
    "unix": "unix",
    "unix ms": "unix",
    "unix, as floats": "unix",
}
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - what is written has no zone
TIMES = st.datetimes(datetime(1975, 1, 1), datetime(2065, 1, 1))  # noqa: DTZ001 - written without zone


def written(time: datetime, form: str) -> str:
    seconds = (time - EPOCH) // timedelta(seconds=1)
    numbers = {"unix": f"{seconds}", "unix ms": f"{seconds}000", "unix, as floats": f"{seconds}.0"}
    return numbers.get(form) or time.strftime(form)


def back(text: str, form: str) -> datetime:
    if form.startswith("unix"):
        return EPOCH + timedelta(seconds=float(text) / (1000 if form == "unix ms" else 1))
    return datetime.strptime(text, form)  # noqa: DTZ007 - likewise


@pytest.mark.parametrize("form", FORMATS)
@given(times=st.lists(TIMES, min_size=1, max_size=40), data=st.data())
def test_a_column_in_any_form_is_read_as_strptime_reads_it(
    form: str, times: list[datetime], data: st.DataObject
) -> None:
    texts = [written(time, form) for time in times]
    blank = data.draw(st.sets(st.integers(0, len(texts) - 1), max_size=2))
    texts = ["" if at in blank else text for at, text in enumerate(texts)]
    for reading in (
        read_texts(texts),
        read_column(pa.array(texts)),
        read_column(pa.chunked_array([texts, []])),
    ):
        got = reading.moments.get(FORMATS[form], np.full(len(texts), NONE)).tolist()
        assert got == [
            (back(text, form) - EPOCH) // timedelta(microseconds=1) if text else NONE for text in texts
        ]


def test_numbers_are_read_by_magnitude_each_and_tell_their_unit() -> None:
    reading = read_texts(["1709542800", "1709542800000", "1709542800000000", "1709542800000000000", "x"])
    assert {*reading.moments["unix"][:4].tolist()} == {1709542800 * 10**6}
    assert reading.units is not None
    assert reading.units.tolist() == [0, 1, 2, 3, -1]


@pytest.mark.parametrize(
    "array",
    [
        pa.array([NINE, None], pa.timestamp("s", "UTC")),
        pa.array([NINE, None], pa.timestamp("ns")),
        pa.array([1709542800, None]),
        pa.array([1709542800.0, None]),
        pa.array([1709542800 * 10**9, None]),
        pa.array(["2024-03-04 09:00", None], pa.large_string()),
        pa.array(["2024-03-04 09:00", None], pa.string_view()),
        pa.array(["2024-03-04 09:00", None]).dictionary_encode(),
    ],
)
def test_columns_of_every_type_are_read(array: pa.Array) -> None:
    (got,) = read_column(array).moments.values()
    assert got.tolist() == [1709542800 * 10**6, NONE]
    (got,) = read_column(array.slice(1)).moments.values() or [np.array([NONE])]
    assert got.tolist() == [NONE]


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64()])
def test_columns_of_days_are_read(kind: pa.DataType) -> None:
    (got,) = read_column(pa.array([DAY.date(), None], kind)).moments.values()
    assert got.tolist() == [(DAY - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1), NONE]


def test_numbers_that_are_dates_are_read() -> None:
    assert (
        read_column(pa.array([20240314])).moments["ymd"].tolist()
        == read_texts(["2024-03-14"]).moments["ymd"].tolist()
    )


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("04/03/2024 09:00", "dmy", "%d/%m/%Y %H:%M"),
        ("04-03-24 9:00 PM", "mdy", "%m-%d-%y %I:%M %p"),
        ("24/03/04", "yymmdd", "%y/%m/%d"),
        ("Mon, 04 March 2024 09:00:00.5 +01:00", "named", "%a, %d %b %Y %H:%M:%S.%f %z"),
    ],
)
def test_the_words_of_strptime_for_a_text_are_told(text: str, form: str, expected: str) -> None:
    assert strptime_of(text, form) == expected
    again = read_texts([text], Style(strptime=expected)).moments["told"]
    assert again.tolist() == read_texts([text]).moments[form].tolist()


def columns(names: list[str], *rows: list[str], told: tuple[str | int, ...] = ()) -> list[str]:
    found = time_columns(names, told, Style(), lambda at: [row[at] for row in rows])
    return [names[at] for at in found]


def test_the_best_column_of_times_is_taken() -> None:
    assert columns(["date", "timestamp"], ["2024-03-04", "1709542800"]) == ["timestamp"]
    assert columns(["unix", "date"], ["1.71E+12", "04-Mar-24"], ["1.71E+12", "05-Mar-24"]) == ["date"]
    assert columns(["Date", "Time"], ["2024.03.04", "09:00"]) == ["Date", "Time"]
    assert columns(["<DATE>", "<TIME>"], ["240304", "93000"], ["240304", "94500"]) == ["<DATE>", "<TIME>"]
    assert columns(["date", "time"], ["2024-03-04", "2024-03-04 09:00"]) == ["date"]
    assert columns(["DIA", "MES", "ANO"], ["4", "3", "2024"]) == ["ANO", "MES", "DIA"]
    assert columns(["time"], ["09:00"]) == ["time"]
    assert columns(["symbol", "date", "close"], ["A", "x", "1"]) == ["date"]
    assert columns(["", "close"], ["2024-03-04", "1"]) == [""]
    assert columns(["", "close"], ["2024", "1"]) == []
    assert columns(["Price", "Close"], ["2024-03-04", "1"]) == ["Price"]
    assert columns(["id", "close"], ["1709542800", "1"]) == []
    assert columns(["column 1", "column 2"], ["1709542800", "1"]) == ["column 1"]
    assert columns(["column 1", "column 2"], ["2024.03.04", "09:00"]) == ["column 1", "column 2"]
    assert columns(["a", "b", "c"], ["x", "y", "z"], told=(3, "a")) == ["c", "a"]
