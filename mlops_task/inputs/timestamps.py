"""Timestamps as exports write them: what a text may mean.

Python's `strptime` needs one format and 3 ms to be imported; an export says neither which format it has nor
whether the day or the month comes first.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNIX = r"(\d{9,19})(\.\d*)?"
_UNITS = ((10**11, 10**6), (10**14, 10**3), (10**17, 1))
"""Below what magnitude a unix time counts seconds, milliseconds, microseconds, and how many µs one has."""
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATES = (
    r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)(?P<d>\d\d)",
    r"(?P<y>\d{4})(?P<by>[-./])(?P<m>\d\d?)(?P=by)(?P<d>\d\d?)(?!\d)",
    r"(?P<one>\d\d?)(?P<by>[-./])(?P<two>\d\d?)(?P=by)(?P<three>\d{4}|\d\d)(?!\d)",
    rf"(?P<d>\d\d?)[- ]?{_MONTH}[-,. ]*(?P<y>\d{{4}}|\d\d)(?!\d)",
    rf"{_MONTH}[- ]?(?P<d>\d\d?)(?:st|nd|rd|th)?[-, ]+(?P<y>\d{{4}}|\d\d)(?!\d)",
    rf"(?P<y>\d{{4}})[- ]?{_MONTH}[- ]?(?P<d>\d\d?)(?!\d)",
)
_CLOCK = (
    r"(?:(?:[T, ]+|(?<=\d{8}))(?P<h>\d\d?):?(?P<m>\d\d)(?::?(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AP])M)?(?: ?[A-Z]{1,4})?(?: ?(?P<sign>[-+])(?P<zh>\d\d):?(?P<zm>\d\d)?)?)?"
)


def readings(text: str) -> dict[str, int]:
    """Return the moments that `text` may mean, in microseconds, by the form it then has; none if it has none.

    A time without zone counts as of UTC: moments are for comparing those of one column.
    """
    text = text.strip()
    if text[4:5] == "-":  # most are ISO, for which no expression need be compiled
        with suppress(ValueError):
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return {"ymd": (moment - _EPOCH) // timedelta(microseconds=1)}
    text = re.sub(_WEEKDAY, "", text, count=1, flags=re.IGNORECASE)
    found = {}
    if match := re.fullmatch(_UNIX, text):
        number = int(match[1])
        found["unix"] = next((number * scale for limit, scale in _UNITS if number < limit), number // 1000)
    for pattern in _DATES:
        match = re.match(pattern, text, re.IGNORECASE)
        clock = match and re.compile(_CLOCK, re.IGNORECASE).fullmatch(text, match.end())
        if match and clock:
            seconds = _seconds(clock)
            for form, parts in _dates(match.groupdict()).items():
                try:
                    day = date(*parts).toordinal() - _EPOCH.toordinal()
                except ValueError:
                    continue
                found[form] = (day * 86_400 + seconds) * 10**6 + int((clock["f"] or "0").ljust(6, "0")[:6])
            break
    return found


def _dates(parts: dict[str, str | None]) -> dict[str, tuple[int, int, int]]:
    """Return the year, month and day that the parts of a date may be, by their order."""
    if "one" not in parts:
        name = (parts.get("name") or "")[:3].lower()
        month = _MONTHS.index(name) + 1 if name else int(parts["m"] or 0)
        return {"named" if name else "ymd": (_year(parts["y"]), month, int(parts["d"] or 0))}
    one, two, three = (parts[key] or "" for key in ("one", "two", "three"))
    orders = {"dmy": (_year(three), int(two), int(one))}
    if parts["by"] != ".":  # points are for days first
        orders["mdy"] = (_year(three), int(one), int(two))
    if len(one) == len(three):
        orders["ymd"] = (_year(one), int(two), int(three))
    return orders


def _year(text: str | None) -> int:
    year = int(text or 0)
    return year if year > 99 else year + (2000 if year < 70 else 1900)  # noqa: PLR2004 - two digits, as POSIX reads them


def _seconds(clock: re.Match[str]) -> int:
    hours, minutes, seconds, zone_hours, zone_minutes = (
        int(clock[key] or 0) for key in ("h", "m", "s", "zh", "zm")
    )
    if clock["half"]:
        hours = hours % 12 + (12 if clock["half"].upper() == "P" else 0)
    zone = zone_hours * 3600 + zone_minutes * 60
    return hours * 3600 + minutes * 60 + seconds + (zone if clock["sign"] == "-" else -zone)
