"""Both ends of a series: whether its rows run from oldest to newest, and are of one symbol.

A look at its first and last rows, in texts by the name of the column; where all timestamps are read, at how
every row follows the one before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from mlops_task.errors import InputError, clipped
from mlops_task.inputs.sequence import Order, Step, Unread, order_of
from mlops_task.inputs.time_columns import plain, shape, telling, time_columns
from mlops_task.inputs.timestamps import NONE, UNITS, Moments, Reading, read_texts, shown

if TYPE_CHECKING:
    from mlops_task.inputs.csv_form import CsvForm

ROWS = 100
"""How many are looked at, at each end."""
Rows = dict[str, list[str]]
LEAST_STEPS = 10
"""How many steps backwards, in sum, make rows at an end run backwards."""
REVERSE = "set order: time to have it reversed"
UNNAMED = "the unnamed column"
_SYMBOLS = frozenset(
    {"symbol", "symbols", "ticker", "tickers", "tic", "stock", "stockcode", "tscode", "isin"}
)


class Ends(NamedTuple):
    """The first and the last rows of a series, those columns that tell its order."""

    first: Mapping[str, list[str]] = {}
    last: Mapping[str, list[str]] = {}

    def merge(self, following: Ends) -> Ends:
        """Return the ends of this part of a series and the one after it."""
        return Ends(self.first or following.first, following.last or self.last)


class Times(NamedTuple):
    """The timestamps at both ends, and the moments that they mean in one form."""

    name: str
    first: list[str]
    last: list[str]
    forms: dict[str, tuple[Moments, Moments]]
    units: npt.NDArray[np.int8] | None = None


def telling_names(names: list[str], form: CsvForm) -> tuple[str, ...]:
    """Return those of the names of columns that times or symbols usually have."""
    symbols = [at for at, name in enumerate(names) if is_symbol(name)]
    return tuple(dict.fromkeys(names[at] for at in (*telling(names, form.timestamps), *symbols)))


def check_symbols(ends: Ends) -> Iterator[str]:
    """Yield a warning where the rows are of more than one symbol."""
    for name in ends.first:
        symbols = list(dict.fromkeys([*ends.first[name], *ends.last.get(name, [])]))
        if is_symbol(name) and len(symbols) > 1:
            listed = clipped(", ".join(symbols))
            several = f"rows are of more than one {name} ({listed}), and windows run across them"
            yield f"{several}: set group_by: {name}"


def times_of(ends: Ends, form: CsvForm) -> Times | None:
    """Return the timestamps of the first and last rows, if those of the first are understood."""
    columns = columns_of_times(ends, form)
    if not columns:
        return None
    first, last = (
        [" ".join(parts) for parts in zip(*(rows[name] for name in columns), strict=True)]
        for rows in (ends.first, ends.last or ends.first)
    )
    reading = read_texts([*first, *last], form.style)
    forms = {
        name: (moments[: len(first)], moments[len(first) :]) for name, moments in reading.moments.items()
    }
    start = next((at for at, text in enumerate(first) if text.strip()), 0)
    forms = {name: both for name, both in forms.items() if both[0][start] != NONE}
    name = time_name(columns) or UNNAMED
    return Times(name, first, last, forms, reading.units) if forms else None


def columns_of_times(ends: Ends, form: CsvForm) -> tuple[str, ...]:
    """Return the columns that together tell the time of a row, none where no column does."""
    names = list(ends.first)
    if not names or not ends.first[names[0]]:
        return ()
    if form.timestamps:
        return tuple(names[: len(form.timestamps)])
    return tuple(names[at] for at in time_columns(names, (), form.style, lambda at: ends.first[names[at]]))


def time_name(columns: Sequence[str]) -> str:
    """Return the name of columns of timestamps that are joined."""
    return " ".join(columns)


def is_symbol(name: str) -> bool:
    """Tell whether a column has a name that those of symbols usually have."""
    return plain(name) in _SYMBOLS


def check_times(times: Times, whole: dict[str, str], *, as_it_stands: bool) -> Iterator[str]:
    """Yield what a user should be warned of, with what is odd about the `whole` column, if that was read.

    Raises
    ------
    InputError
        Where the rows run backwards, or only the first has a timestamp, unless they are to be taken
        `as_it_stands`.
    """
    try:
        check_footer(times)
        yield from _check_direction(times)
    except InputError as error:
        if not as_it_stands:
            # Where nothing sets it right, order: file is for those who know better, not to be proposed.
            ways = [*error.ways, {"order": "file"}] if error.ways else []
            raise InputError(f"{error}, or set order: file to compute as it stands", ways) from None
        yield f"{error}; order: file computes it as it stands"
    yield from (_odd_steps(times) | whole).values()


def check_footer(times: Times) -> None:
    """Raise InputError where the last row has no timestamp."""
    is_read = [
        any(moments[at] != NONE for _, moments in times.forms.values()) for at in range(len(times.last))
    ]
    text = times.last[-1]
    if not is_read or is_read[-1]:
        return
    start = next(text for text in times.first if text.strip())
    if shape(text) == shape(start):
        stood = f"{times.name} is {clipped(repr(text))} in the last row"
        raise InputError(f"{stood}, which is no timestamp as {clipped(repr(start))} in the first is")
    rows = next((n for n, is_moment in enumerate(reversed(is_read)) if is_moment), None)
    # Where a piece of the file is all footer, how much of one comes before it is not known.
    footer = "csv: footer" if rows is None else f"csv: footer: {rows}"
    where = f"{clipped(text)!r} in the last and {clipped(start)!r} in the first row"
    what = f"{times.name} is {where}: set {footer} to leave out what is no row"
    raise InputError(what, [] if rows is None else [{"csv": {"footer": rows}}])


def _check_direction(times: Times) -> Iterator[str]:
    runs = {_run(*both) for both in times.forms.values()}
    if len(runs) > 1:
        runs = {_run(*both) for both in _whole(times).values()}
    if runs == {1}:
        _check_inside(times)
    if runs != {-1}:
        return
    start, end = (
        clipped(next(text for text in texts if text.strip())) for texts in (times.first, times.last[::-1])
    )
    where = f"({times.name} is {start!r} in the first row, {end!r} in the last)"
    forms = _whole(times) or times.forms
    if sum(int(np.sign(np.diff(part)).sum()) for both in forms.values() for part in both) > 0:
        yield f"the last row is older than the first {where}"
        return
    raise InputError(f"rows run from newest to oldest {where}: {REVERSE}", [{"order": "time"}])


def _check_inside(times: Times) -> None:
    """Raise InputError where the rows at both ends run backwards, though the last is newer than the first."""
    forms = _whole(times).values()
    steps = [[int(np.sign(np.diff(part)).sum()) for part in both] for both in forms]
    if steps and all(-sum(both) > LEAST_STEPS and max(both) < 0 for both in steps):
        newest = f"{clipped(repr(times.first[0]))} in the first row"
        what = f"rows at both ends run from newest to oldest ({times.name} is {newest}), but not all of them"
        raise InputError(f"{what}: sort the file")


def _whole(times: Times) -> dict[str, tuple[Moments, Moments]]:
    """Return the forms that all of the timestamps have: other rows settle whether the day comes first."""
    forms = times.forms.items()
    return {name: both for name, both in forms if not any((moments == NONE).any() for moments in both)}


def _run(first: Moments, last: Moments) -> int:
    """Return the sign of the time from the first to the last moment."""
    start, end = first[first != NONE], last[last != NONE]
    return int(end[-1] > start[0]) - int(end[-1] < start[0]) if len(start) and len(end) else 0


def _odd_steps(times: Times) -> dict[str, str]:
    """Return what is odd about the steps within the first and within the last rows, by kind."""
    found: dict[str, str] = {}
    for part, rows in ((0, slice(len(times.first))), (1, slice(len(times.first), None))):
        moments = {name: both[part] for name, both in _whole(times).items()}
        units = None if times.units is None else times.units[rows]
        order = order_of(Reading(moments, units), len((times.first, times.last)[part]), lambda _: "", None)
        found = dict(oddities(order, times.name)) | found
    return found


def oddities(order: Order, name: str) -> Iterator[tuple[str, str]]:
    """Yield what is odd about timestamps that are read, though it need not be wrong, by kind."""
    steps = next(iter(order.read.values()), None)
    if steps is None or len(order.read) > 1:
        return
    setbacks = steps.setbacks
    if (back := setbacks.first) and setbacks.number < steps.up.number + steps.down.number:
        where = f"from {shown(back.before)} to {shown(back.moment)}"
        yield (
            "back",
            f"{back.place.where()}timestamps jump back: {name} goes {where}{_times_of(setbacks.number)}",
        )
    if again := steps.repeated:
        what = f"is {shown(again.moment)} again"
        yield "repeated", f"{again.place.where()}timestamps repeat: {name} {what}{_times_of(steps.same)}"
    if (change := order.change) and "unix" in order.read:
        units = f"from {UNITS[change.before]} to {UNITS[change.after]}"
        yield (
            "units",
            f"{change.place.where()}{name} changes its unit {units}: each was read by its magnitude",
        )


def _times_of(count: int) -> str:
    return f", the first of {count} times" if count > 1 else ""


def check_every_row(order: Order, name: str) -> Iterator[str]:
    """Yield what a user should be warned of under `order: time`.

    Raises
    ------
    InputError
        Where the rows run neither from oldest to newest nor from newest to oldest, as far as all is known.
    """
    if not order.rows:
        what = "has no column of timestamps, which time order needs"
        raise InputError(f"{what}: set csv: timestamp to its name, or to a list of columns")
    name = name or UNNAMED
    if not order.read:
        raise _unread(order.unread, order.text, name)
    steps, *others = order.read.values()
    if not all(map(steps.is_like, others)):
        from mlops_task.inputs.time_forms import strptime_of

        formats = [strptime_of(order.text, form) for form in order.read]
        what = f"{name} is {order.text!r} in the first row, and all rows may have the day or the month first"
        told = " or ".join(f'"{one}"' for one in formats)
        ways = [{"csv": {"timestamp_format": one}} for one in formats]
        raise InputError(f"{what}: set csv: timestamp_format: {told}", ways)
    if not steps.direction and order.rows > 1:
        raise InputError(
            f"all timestamps are one ({name} is {order.text!r}), so that the order of rows is not known"
        )
    if offence := steps.setbacks.offence:
        raise _out_of_order(offence, name, backward=steps.direction < 0)
    for kind, text in oddities(order, name):
        yield f"{text}, as where clocks are set back" if kind == "back" else text


def check_groups(order: Order, name: str, *, as_it_stands: bool) -> Iterator[str]:
    """Yield what a user should be warned of, of timestamps that are read within groups.

    Raises
    ------
    InputError
        Where a group runs backwards, unless rows are to be taken `as_it_stands`.
    """
    groups = [steps.groups for steps in order.read.values() if steps.groups is not None]
    backward = [group.backward for group in groups]
    if backward and None not in backward:
        what = f"rows of {clipped(repr(backward[0]))} run from newest to oldest ({name or UNNAMED})"
        is_all = not any(group.has_forward for group in groups)
        way, ways = (REVERSE, [{"order": "time"}, {"order": "file"}]) if is_all else ("sort the file", [])
        if not as_it_stands:
            raise InputError(f"{what}: {way}, or set order: file to compute as it stands", ways)
        yield f"{what}: order: file computes it as it stands"
    yield from dict(oddities(order, name or UNNAMED)).values()


def _unread(unread: Unread, first: str, name: str) -> InputError:
    stood = f"{unread.place.where()}{name} is {clipped(repr(unread.text))}, expected a timestamp"
    if unread.number:
        return InputError(f"{stood} as in the first row ({clipped(first)!r})")
    return InputError(f"{stood}: set csv: timestamp_format, or csv: unit of numbers")


def _out_of_order(offence: Step, name: str, *, backward: bool) -> InputError:
    stood = f"{name} goes from {shown(offence.before)} to {shown(offence.moment)}"
    ends = "newest to oldest" if backward else "oldest to newest"
    return InputError(f"{offence.place.where()}{stood}, but rows run from {ends} elsewhere: sort the file")
