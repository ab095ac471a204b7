"""Which columns tell the time of a row: by their names, and by what stands in the first rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from mlops_task.inputs.columns import find_column
from mlops_task.inputs.timestamps import NONE, Moments, Style, read_texts

_TIMES = (
    *("timestamp", "datetime", "unixtimestamp", "unixtime", "unix", "opentime", "windowstart", "tsevent"),
    *("opentimestamp", "snappedat", "starttime", "eventtime", "closetime", "closetimestamp", "endtime"),
    *("date", "dtyyyymmdd", "tradedate", "tradingdate", "pricedate", "observationdate", "timeperiod"),
    *("time", "localtime", "gmttime", "utctime", "ts", "dateofdata", "datum", "fecha", "data", "day"),
    *("timestampms", "bartime", "candletime", "zeitstempel", "exchangedate", "tradedt", "indexlevel0"),
    *("period", "month", "quarter", "year", "t", "", "unnamed0"),
)
"""Columns of timestamps by their usual names, the best first; one without a name may be an index of times."""
_CLOCKS = ("time", "timeofday", "tradetime", "hour", "zeit", "uhrzeit", "hora", "heure")
"""Columns of times of the day, beside those of dates."""
_PARTS = (("year", "ano", "año", "jahr"), ("month", "mes", "mês", "monat"), ("day", "dia", "día", "tag"))
_COUNTS = frozenset({"t", "", "unnamed0"})
"""Columns that may as well count rows, so that four digits are no year."""
_CLOCK = r"\s*(?:[0-2]?\d:[0-5]\d(?::[0-6]\d(?:[.,]\d+)?)?(?: ?[AP]M)?|\d{3,6})\s*"
DAY = 86_400 * 10**6
FIRST_OF_NO_NAMES = "column 1"
"""The first column is called so where there is no header."""
MOST_ROWS = 100
"""How many rows are looked at."""
Texts = Callable[[int], Sequence[str]]


def named(names: list[str]) -> list[int]:
    """Return the columns that times usually have by their names, the best first."""
    places = {plain(name): at for at, name in reversed(list(enumerate(names)))}
    return [places[name] for name in _TIMES if name in places]


def has_time(name: str) -> bool:
    """Tell whether a column has a name that hardly another than one of times has."""
    return plain(name) in _TIMES and plain(name) not in _COUNTS


def is_time(name: str) -> bool:
    """Tell whether a column has a name that times usually have."""
    return plain(name) in _TIMES


def telling(names: list[str], told: Sequence[str | int]) -> list[int]:
    """Return all columns that may tell the time: those of the config, or by name, or the first."""
    if told:
        return [find_column(names, column) for column in told]
    wanted = {*_TIMES, *_CLOCKS, *(name for part in _PARTS for name in part)}
    found = [at for at, name in enumerate(names) if plain(name) in wanted]
    return found if named(names) or _parts(names) else [*dict.fromkeys([*range(min(2, len(names))), *found])]


def time_columns(names: list[str], told: Sequence[str | int], style: Style, texts: Texts) -> tuple[int, ...]:
    """Return the columns that together tell the time of a row, none where no column does.

    Where none is understood, that which has the best name.

    Parameters
    ----------
    names
        Those of all columns.
    told
        What the config says that they are.
    texts
        A function that gives the first rows of a column.
    """
    if told:
        return tuple(find_column(names, column) for column in told)
    repeating: list[int] = []
    constant: list[int] = []
    for at in named(names):
        moments = _moments(texts(at), style, is_count=plain(names[at]) in _COUNTS)
        if moments is None:
            continue
        columns = _with_clock(at, moments, names, texts)
        steps = np.diff(moments)
        if len(columns) > 1 or steps.all():
            return columns
        # Timestamps that repeat, worse if all are one, are taken where no others are there.
        (repeating if steps.any() else constant).append(at)
    found = _parts(names) or tuple([*repeating, *constant][:1]) or _first(names, style, texts)
    return found or tuple(at for at in named(names)[:1] if plain(names[at]) not in _COUNTS)


def _moments(texts: Sequence[str], style: Style, *, is_count: bool = False) -> Moments | None:
    """Return what the texts mean in a form that the first that is not blank has; None without one."""
    filled = [text for text in texts[:MOST_ROWS] if text.strip()]
    if not filled:
        return None
    for form, moments in read_texts(filled, style).moments.items():
        if moments[0] != NONE and not (is_count and form == "years"):
            return np.compress(moments != NONE, moments)
    return None


def _with_clock(at: int, moments: Moments, names: list[str], texts: Texts) -> tuple[int, ...]:
    """Return a column with that of the time of the day beside it, if it is one of days and there is such."""
    if (moments % DAY).any():
        return (at,)
    places = {plain(name): place for place, name in reversed(list(enumerate(names)))}
    for clock in (places[name] for name in _CLOCKS if name in places and places[name] != at):
        if _is_clock(texts(clock)):
            return (at, clock)
    return (at,)


def _is_clock(texts: Sequence[str]) -> bool:
    return bool(texts) and all(re.fullmatch(_CLOCK, text, re.IGNORECASE) for text in texts[:MOST_ROWS])


def _parts(names: list[str]) -> tuple[int, ...]:
    """Return the columns of years, months and days, if they are there by name."""
    places = {plain(name): at for at, name in reversed(list(enumerate(names)))}
    found = [next((places[name] for name in part if name in places), None) for part in _PARTS]
    return tuple(at for at in found if at is not None) if None not in found else ()


def _first(names: list[str], style: Style, texts: Texts) -> tuple[int, ...]:
    """Return the first column if it certainly has dates in it, with that of their times behind it."""
    moments = _moments(texts(0), style) if names else None
    has_no_name = bool(names) and names[0] == FIRST_OF_NO_NAMES
    if moments is None or not (has_no_name or any(sign in "".join(texts(0)[:1]) for sign in "-/.: ")):
        return ()
    if len(names) > 1 and not (moments % DAY).any() and _is_clock(texts(1)):
        return (0, 1)
    return (0,)


def plain(name: str) -> str:
    """Return the letters and digits of a name, folded, but for the zone at its end."""
    bare = "".join(filter(str.isalnum, name)).casefold()
    return bare.removesuffix("utc").removesuffix("gmt") or bare


def shape(text: str) -> str:
    """Return a text with any number and any word as one of its kind."""
    return re.sub(r"[^\W\d_]+\.?", "a", re.sub(r"\d+", "9", text))
