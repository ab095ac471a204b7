"""Both ends of a series: whether its rows run from oldest to newest, and are of one symbol.

A look at its first and last rows, in texts by the name of the column. Time order of every row is not checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from mlops_task.errors import InputError, clipped
from mlops_task.inputs.timestamps import readings

ROWS = 100
"""How many are looked at, at each end."""
Rows = dict[str, list[str]]

_TIMES = (
    *("timestamp", "datetime", "unixtimestamp", "unixtime", "unix", "opentime", "windowstart", "tsevent"),
    *(
        "date",
        "dtyyyymmdd",
        "tradedate",
        "tradingdate",
        "time",
        "localtime",
        "gmttime",
        "opentimestamp",
        "ts",
    ),
    *("dateofdata", "datum", "fecha", "data", "day", "t", ""),
)
"""Columns of timestamps by their usual names, the best first; one without a name may be an index of times."""
_SYMBOLS = frozenset(
    {"symbol", "symbols", "ticker", "tickers", "tic", "stock", "stockcode", "tscode", "isin"}
)

_TELLING = _SYMBOLS | set(_TIMES)


@dataclass(frozen=True)
class Ends:
    """The first and the last rows of a series, those columns that tell its order."""

    first: Rows = field(default_factory=dict)
    last: Rows = field(default_factory=dict)

    def merge(self, following: Ends) -> Ends:
        """Return the ends of this part of a series and the one after it."""
        return Ends(self.first or following.first, following.last or self.last)


def telling(names: list[str]) -> tuple[str, ...]:
    """Return those of the names of columns that times or symbols usually have."""
    return tuple(dict.fromkeys(name for name in names if _plain(name) in _TELLING))


def is_time(name: str) -> bool:
    """Tell whether a column has a name that times usually have."""
    return _plain(name) in _TIMES


def check_ends(ends: Ends, *, as_it_stands: bool, grouped: bool = False) -> Iterator[str]:
    """Yield what a user should be warned of; of several symbols only where rows are not `grouped`.

    Raises
    ------
    InputError
        Where the rows run backwards, or only the first has a timestamp, unless they are to be taken
        `as_it_stands`.
    """
    for name in ends.first:
        symbols = list(dict.fromkeys([*ends.first[name], *ends.last.get(name, [])]))
        if _plain(name) in _SYMBOLS and len(symbols) > 1 and not grouped:
            shown = clipped(", ".join(symbols))
            several = f"rows are of more than one {name} ({shown}), and windows run across them"
            yield f"{several}: set group_by: {name}"
    try:
        yield from _check_order(ends)
    except InputError as error:
        if not as_it_stands:
            ways = [*error.ways, {"order": "file"}]
            raise InputError(f"{error}, or set order: file to compute as it stands", ways) from None
        yield f"{error}; order: file computes it as it stands"


def is_dated(ends: Ends) -> bool:
    """Tell whether the first row has a timestamp that is understood."""
    return any(readings(texts[0]) for _, texts in _times(ends.first))


def _check_order(ends: Ends) -> Iterator[str]:
    for name, first in _times(ends.first):
        last = dict(_times(ends.last)).get(name)
        if not last or not readings(first[0]):
            continue
        start, end = f"{clipped(first[0])!r} in the first row", f"{clipped(last[-1])!r} in the last"
        if not readings(last[-1]):
            if not last[-1][:1].isdigit():
                rows = next((n for n, text in enumerate(reversed(last)) if readings(text)), None)
                # Where a piece of the file is all footer, how much of one comes before it is not known.
                footer = "csv: footer" if rows is None else f"csv: footer: {rows}"
                what = f"{name} is {end} and {start}: set {footer} to leave out what is no row"
                raise InputError(what, [] if rows is None else [{"csv": {"footer": rows}}])
            return
        if _runs(first[0], last[-1], [*first, *last]) < 0:
            steps = [_runs(a, b, [*first, *last]) for texts in (first, last) for a, b in pairwise(texts)]
            if sum(steps) > 0:
                yield f"the last row is older than the first ({name} is {start}, {end})"
                return
            raise InputError(f"rows run from newest to oldest ({name} is {start}, {end}): reverse the file")
        return


def _times(rows: Rows) -> Iterator[tuple[str, list[str]]]:
    """Yield the columns that may be of timestamps, the best first, days and their times as one."""
    named = {_plain(name): name for name in reversed(rows) if rows[name]}
    for plain in _TIMES:
        if plain in named:
            name = named[plain]
            if plain in {"date", "dtyyyymmdd"} and "time" in named:
                clock = named["time"]
                yield f"{name} {clock}", [f"{a} {b}" for a, b in zip(rows[name], rows[clock], strict=True)]
            yield name or "the unnamed column", rows[name]


def _runs(first: str, last: str, column: list[str]) -> int:
    """Return the sign of the time from `first` to `last`, 0 where the column leaves it open."""
    a, b = readings(first), readings(last)
    forms = a.keys() & b.keys()
    if len({(a[form] < b[form]) - (a[form] > b[form]) for form in forms}) > 1:
        forms = forms.intersection(*(readings(text).keys() for text in column))
    signs = {(a[form] < b[form]) - (a[form] > b[form]) for form in forms}
    return signs.pop() if len(signs) == 1 else 0


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()
