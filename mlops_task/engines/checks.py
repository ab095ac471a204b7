"""Whether what was found in a series makes sense, and what the log is to say of it."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kernels import Summary
from mlops_task.errors import InputError, clipped
from mlops_task.inputs.order import (
    Ends,
    check_every_row,
    check_groups,
    check_symbols,
    check_times,
    oddities,
    times_of,
)
from mlops_task.inputs.time_columns import has_time

if TYPE_CHECKING:
    from mlops_task.config import Config
    from mlops_task.engines.work import Found

NO_ROWS = "has a header but no data rows"
MOST_MISSING = 0.05
PRICES = frozenset({"open", "high", "low", "close", "price"})
"""Words in the names of columns whose values are all positive, or none is."""
Note = tuple[int, str]
"""The level and the text of a line for the log."""


def check_values(found: Found, config: Config) -> Iterator[Note]:
    """Yield what a user should know of the values of a series.

    Raises
    ------
    InputError
        Where its rate makes no sense.
    """
    summary, column = found.summary, config.column
    if summary.rows == 0:
        raise InputError(NO_ROWS)
    if summary.missing == summary.rows:
        raise InputError(f"every value of {column} is missing, expected numbers")
    if not isinstance(summary, Summary):
        for warning in summary.checked(column):
            yield logging.WARNING, warning
    elif config.window > summary.rows:
        rows = "1 row" if summary.rows == 1 else f"{summary.rows} rows"
        raise InputError(f"has {rows}, fewer than the window of {config.window}")
    if summary.missing > summary.rows * MOST_MISSING:
        share = f"{100 * summary.missing / summary.rows:.1f} %"
        yield logging.WARNING, f"{share} of the values of {column} are missing ({summary.missing})"
    name = found.column
    if found.lowest <= 0 < found.highest and {*re.findall("[a-z]+", name.lower())} & PRICES:
        least = f"{found.lowest:g} is the least"
        yield logging.WARNING, f"{name} has values above 0 and not above 0, of which {least}"


def check_order(found: Found, config: Config) -> Iterator[Note]:
    """Yield what a user should know of the order of the rows of a file.

    Raises
    ------
    InputError
        Where it is not as it should be.
    """
    if found.summary.rows == 0:
        raise InputError(NO_ROWS)
    ends = Ends(found.first.first_rows(), found.last.last_rows()) if found.first and found.last else Ends()
    for warning in () if config.is_grouped else check_symbols(ends):
        yield logging.WARNING, warning
    if config.is_timed:
        for warning in check_every_row(found.order, found.time_name):
            yield logging.WARNING, warning
        if found.is_backward:
            yield logging.INFO, "rows run from newest to oldest, and are taken in reverse"
        return
    if config.is_grouped and found.order.read:
        for warning in check_groups(found.order, found.time_name, as_it_stands=config.order == "file"):
            yield logging.WARNING, warning
        return
    times = None if config.is_grouped else times_of(ends, config.csv)
    if times is None:
        yield _unchecked(ends, config)
        return
    whole = dict(oddities(found.order, times.name))
    for warning in check_times(times, whole, as_it_stands=config.order == "file"):
        yield logging.WARNING, warning


def _unchecked(ends: Ends, config: Config) -> Note:
    """Return what to say of a file whose order is not known; InputError if the config says how to."""
    keys = [key for key in ("timestamp", "unit", "timestamp_format") if getattr(config.csv, key) is not None]
    if keys:
        told = ", ".join(f"csv: {key}: {getattr(config.csv, key)}" for key in keys)
        raise InputError(f"no timestamp of its first rows is read with {told}")
    name = next((name for name in ends.first if has_time(name)), None)
    if name is None:
        return logging.INFO, "order not checked: no column of timestamps that are understood"
    stood = clipped(repr(next(iter(ends.first[name]), "")))
    way = "set csv: timestamp_format, or order: file to be told no more"
    level = logging.INFO if config.order == "file" else logging.WARNING
    return level, f"order not checked: {name} is {stood} in the first row, which is no timestamp: {way}"
