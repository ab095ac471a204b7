"""Timestamps as exports write them."""

from datetime import UTC, datetime, timedelta

import pytest

from mlops_task.inputs.timestamps import readings

NINE = datetime(2024, 3, 4, 9, tzinfo=UTC)
DAY = datetime(2024, 3, 14, tzinfo=UTC)


def moments(text: str) -> set[datetime]:
    return {datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=n) for n in readings(text).values()}


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
        "1.71E+12",
        "09:30",
        "13/13/2024",
        "2024-02-30",
        "2024-03-04x",
    ],
)
def test_what_is_no_moment_has_no_reading(text: str) -> None:
    assert readings(text) == {}
