"""Signals of a line: block by block on the cheapest grid that holds it, in decimals where that is in doubt.

Each block first tries what did for the one before. What fails tells why, and the next grid is chosen by that.
"""

from typing import Any, NamedTuple

import numpy as np

from kernels._backend import LANES, bits, inner, loop, lower, times, upper, wide
from kernels._drivers.sliding import finite
from kernels._exact.decimals import OPEN, decide
from kernels._exact.grid import ABSOLUTE, INFINITE, MAGIC, exponent, places_of, power
from kernels._statistics.signal import (
    COUNTED,
    MARKED,
    MISSING,
    WHOLE,
    Grid,
    Seen,
    binary_counted,
    binary_marked,
    binary_whole,
    decimal_counted,
    decimal_marked,
    decimal_whole,
    first_window,
    reads_back,
    short_binary,
    short_decimal,
)

ROWS = 16  # a pass takes so many at a time
BLOCK = 8192
SAMPLE = 8  # values that tell decimal places
SHORT_DECIMAL, SHORT_BINARY, LONG_DECIMAL, LONG_BINARY, INFINITIES = range(5)  # from cheap to dear
DONE, FOREIGN, DOUBTFUL, UNREAD = range(4)  # how a pass ends
NO_PLACES = 16
A_WHILE = 16  # blocks that do without what failed
DECIMAL_WIDTH, BINARY_WIDTH, MARKED_WIDTH = 12, 8, 10  # beyond, too few bits are left to be worth a try
TENS = np.array([10.0**places for places in range(NO_PLACES)])
LARGEST_ORIGIN = 2.0**49  # of a SHORT_DECIMAL grid, in parts of steps: n and it have 15 digits
MOST_WORDS = 127  # of eight signals, whose sums a byte holds, with a sign
EVERY_OTHER = 0x00FF00FF00FF00FF
HALF = 0xFFFF
FAR = 12  # bits that a grid of their own gives to open rows, to be worth a pass


class Plan(NamedTuple):
    """How to go about a block, and the next."""

    form: int
    places: int  # decimal places of all values; NO_PLACES
    size: int  # exponent of the largest value
    gaps: int
    rest: int  # blocks until the cheap forms are tried again


@inner
def extent(x: Any) -> tuple[int, int, int]:
    """The exponent of the largest finite value; whether some are missing, some infinite."""
    high = most = 0
    for i in range(x.shape[0]):
        size = bits(x[i]) & ABSOLUTE
        most = max(most, size)
        high = max(high, size if size < INFINITE else 0)
    infinite = 0
    if most >= INFINITE:
        for i in range(x.shape[0]):
            infinite |= 1 if bits(x[i]) & ABSOLUTE == INFINITE else 0
    return (high >> 52) - 1023, 1 if most > INFINITE else 0, infinite


@inner
def decimal_places(x: Any, places: int, most: float) -> int:
    """The fewest decimal places, from so many on, that all values have in less than ``most`` units."""
    for i in range(x.shape[0]):
        value = x[i]
        while places < NO_PLACES and value == value and np.rint(value * TENS[places]) / TENS[places] != value:
            places += 1
        if places == NO_PLACES or abs(value) * TENS[places] >= most:
            return NO_PLACES
    return places


@inner
def top_of(width: int, gaps: int) -> int:
    """Values of a long grid are below ``2**top`` steps."""
    return 51 - 2 * width if gaps == MARKED else 52 - width


@inner
def grid_of(x: Any, window: int, least: int, plan: Any) -> Any:
    """The grid of a plan; a binary one leaves a bit for larger values in the blocks to come."""
    width = places_of(window)
    if plan.form == SHORT_DECIMAL:
        parts = power(width + 1)
        middle = np.rint(x[window] * TENS[plan.places]) * parts
        middle = middle if abs(middle) < LARGEST_ORIGIN else 0.0
        origin = MAGIC + (power(30 - width) * parts - middle)
        return Grid(TENS[plan.places] * parts, origin, width + 1, 0, window, least)
    if plan.form == SHORT_BINARY:
        scale = power(min(28 - width - plan.size, 1000))
        return Grid(scale, MAGIC + power(30 - width), 0, 0, window, least)
    top = top_of(width, plan.gaps)
    mark = 1 << (52 - width) if plan.gaps == MARKED else 0
    scale = TENS[plan.places] if plan.form == LONG_DECIMAL else power(min(top - 2 - plan.size, 1000))
    return Grid(scale, MAGIC + power(top), 0, mark, window, least)


@inner
def run(x: Any, plan: Plan, grid: Grid, out: Any) -> Seen:
    """The pass of a plan."""
    first = first_window(x, grid)
    if plan.form == SHORT_DECIMAL:
        return short_decimal(x, grid, first, out)
    if plan.form == SHORT_BINARY:
        return short_binary(x, grid, first, out)
    if plan.form == LONG_DECIMAL and plan.gaps == WHOLE:
        return decimal_whole(x, grid, first, out)
    if plan.form == LONG_DECIMAL and plan.gaps == MARKED:
        return decimal_marked(x, grid, first, out)
    if plan.form == LONG_DECIMAL:
        return decimal_counted(x, grid, first, out)
    if plan.gaps == WHOLE:
        return binary_whole(x, grid, first, out)
    if plan.gaps == MARKED:
        return binary_marked(x, grid, first, out)
    return binary_counted(x, grid, first, out)


@inner
def verdict(x: Any, plan: Any, grid: Any, seen: Any) -> int:
    """How a pass ended."""
    width = places_of(grid.window)
    is_short = plan.form <= SHORT_BINARY
    parts = (1 << grid.fraction) - 1
    allowed = (1 << (31 - width + grid.fraction if is_short else top_of(width, plan.gaps) + 1)) - 1
    if plan.gaps != WHOLE:
        allowed |= MISSING
    if seen.bits & ~allowed:
        return FOREIGN
    if seen.bits & parts or (plan.form == LONG_DECIMAL and seen.unread):
        return UNREAD
    if plan.form == SHORT_DECIMAL and seen.doubts:
        return DONE if reads_back(x, TENS[plan.places]) else UNREAD
    return DOUBTFUL if seen.doubts else DONE


@inner
def is_possible(form: int, width: int, plan: Any) -> bool:
    """Whether a form is for such values and windows."""
    if form == SHORT_DECIMAL:
        return plan.places < NO_PLACES and plan.gaps == WHOLE and width <= DECIMAL_WIDTH
    if form == SHORT_BINARY:
        return plan.gaps == WHOLE and width <= BINARY_WIDTH
    return plan.places < NO_PLACES or form == LONG_BINARY


@inner
def from_form(form: int, width: int, plan: Any) -> Any:
    """The plan with the first possible form from one on, to last for a while."""
    while not is_possible(form, width, plan):
        form += 1
    return Plan(form, plan.places, plan.size, plan.gaps, A_WHILE)


@inner
def anew(x: Any, window: int, plan: Any) -> Any:
    """The plan that starts with the cheapest form."""
    places = plan.places
    if plan.form != SHORT_DECIMAL:
        places = decimal_places(x[window : window + SAMPLE], 0, LARGEST_ORIGIN)
    return from_form(SHORT_DECIMAL, places_of(window), Plan(0, places, plan.size, plan.gaps, 0))


@inner
def after(x: Any, window: int, plan: Any, ending: int, failed: Any) -> Any:
    """The plan for a block that another failed for; this one knows the block's size and gaps."""
    width = places_of(window)
    form, places = plan.form, plan.places
    is_binary = form in (SHORT_BINARY, LONG_BINARY)
    if ending == UNREAD:
        finer = decimal_places(x, places, power(top_of(width, plan.gaps)))
        places = finer if finer > places else NO_PLACES
    elif plan.gaps == failed.gaps and ((form == SHORT_BINARY and ending == DOUBTFUL) or not is_binary):
        form += 1
    return from_form(form, width, Plan(form, places, plan.size, plan.gaps, 0))


@inner
def end_of(out: Any, begin: int, window: int) -> int:
    """Where the open rows end whose windows overlap, from one of them on."""
    last = i = begin
    while i < out.shape[0] and i <= last + window:
        if out[i] == OPEN:
            last = i
        i += 1
    return last + 1


@inner
def refine(x: Any, window: int, size: int, out: Any) -> float:
    """Decide open rows on a grid for their own windows, as fine as these allow; the scale of that."""
    rows = out.shape[0]
    signals = np.empty(-(-rows // ROWS) * ROWS, np.int8)
    near = around(x, window - 1, window, signals.shape[0])
    grid = grid_of(near, window, 1, Plan(LONG_BINARY, NO_PLACES, size, COUNTED, 0))
    binary_counted(near, grid, first_window(near, grid), signals)
    for i in range(rows):
        out[i] = signals[i] if out[i] == OPEN else out[i]
    return grid.scale


@inner
def settle(x: Any, window: int, plan: Plan, grid: Grid, out: Any) -> None:
    """Decide the open rows of a block, those together whose windows overlap."""
    scratch = np.empty((5, x.shape[0]), np.int64)
    row = refined = 0
    scale = grid.scale
    while row < out.shape[0]:
        if out[row] != OPEN:
            row += 1
            continue
        end = end_of(out[:refined] if row < refined else out, row, window)
        values, target = x[row + 1 : end + window], out[row:end]
        if row >= refined:
            size, _, _ = extent(values)
            if size + FAR < plan.size:
                scale = refine(values, window, size, target)
                refined = end
                continue
        doubt = places_of(window) + 1 - exponent(scale if row < refined else grid.scale)
        decide(values, window, doubt, scratch, target)
        row = end


@inner
def finite_block(x: Any, window: int, least: int, plan: Any, out: Any) -> Any:
    """Put the signals of the windows that end in ``x[window:]``; the plan for the next block.

    That has the form `INFINITIES`, and nothing is put, if some values are infinite.
    """
    if plan.rest == 0:
        plan = anew(x, window, plan)
    while True:
        grid = grid_of(x, window, least, plan)
        seen = run(x, plan, grid, out)
        ending = verdict(x, plan, grid, seen)
        size, missing, infinite = extent(x) if ending != DONE else (plan.size, 0, 0)
        if infinite:
            return Plan(INFINITIES, plan.places, plan.size, plan.gaps, 0)
        if ending == DOUBTFUL and plan.form == LONG_BINARY and size == plan.size:
            settle(x, window, plan, grid, out)
            ending = DONE
        if ending == DONE:
            gaps = plan.gaps if seen.bits & MISSING else WHOLE
            rest = plan.rest - 1 if gaps == plan.gaps else 0
            return Plan(plan.form, plan.places, plan.size, gaps, rest)
        gaps = WHOLE
        if missing:
            gaps = MARKED if least == window and places_of(window) <= MARKED_WIDTH else COUNTED
        plan = after(x, window, Plan(plan.form, plan.places, size, gaps, 0), ending, plan)


@inner
def at_infinities(x: Any, window: int, least: int, out: Any) -> None:
    """Signals of rows whose windows hold an infinity: a finite value is above one of minus only."""
    plus = minus = -1
    count = 0
    for i in range(x.shape[0]):
        plus = i if x[i] == np.inf else plus
        minus = i if x[i] == -np.inf else minus
        count += 1 if x[i] == x[i] else 0
        if i >= window:
            count -= 1 if x[i - window] == x[i - window] else 0
            if max(plus, minus) > i - window:
                is_above = plus <= i - window and abs(x[i]) < np.inf and count >= least
                out[i - window] = 1 if is_above else 0


@inner
def block(x: Any, window: int, least: int, plan: Any, out: Any) -> Any:
    """`finite_block` of any values."""
    following = finite_block(x, window, least, plan, out)
    if following.form == INFINITIES:
        following = finite_block(finite(x), window, least, plan, out)
        at_infinities(x, window, least, out)
    return following


@inner
def ones_of(out: Any) -> int:
    """How many are 1, of 0 and 1."""
    ones = 0
    whole = out.shape[0] // LANES * LANES
    words = out[:whole].view(np.int64)
    for begin in range(0, words.shape[0], MOST_WORDS):
        columns = 0
        for word in words[begin : begin + MOST_WORDS]:
            columns += word
        pairs = (columns & EVERY_OTHER) + (columns >> 8 & EVERY_OTHER)
        ones += (pairs & HALF) + (pairs >> 16 & HALF) + (pairs >> 32 & HALF) + (pairs >> 48)
    for i in range(whole, out.shape[0]):
        ones += out[i]
    return ones


@inner
def copy(signals: Any, out: Any) -> None:
    """Put signals, or values, where they belong."""
    for i in range(out.shape[0]):
        out[i] = signals[i]


@inner
def around(x: Any, row: int, window: int, rows: int) -> Any:
    """So many rows from one on, and the window before: NaN if that is not full, elsewhere what is nearest."""
    near = np.empty(window + rows)
    start, end = max(0, window - row), min(near.shape[0], x.shape[0] - row + window)
    copy(x[start + row - window : end + row - window], near[start:end])
    for i in range(start):
        near[i] = np.nan if row < window - 1 else x[0]
    for i in range(end, near.shape[0]):
        near[i] = x[x.shape[0] - 1]
    return near


@inner
def walk(x: Any, first: int, window: int, least: int, out: Any) -> int:
    """Put the signals of ``x[first:]``; or if there is no room for them, their number."""
    rows = x.shape[0]
    keep = out.shape[0] > 0
    window = min(window, rows)
    row = first if least < window else min(max(first, window - 1), rows)
    if window < 2 or rows < least:
        row = rows
    for i in range(row - first if keep else 0):
        out[i] = 0
    size = max(BLOCK, ROWS * window)
    scratch = np.empty(min(size, rows) + 2 * ROWS, np.int8)
    is_decimal = decimal_places(x[row : row + SAMPLE], 0, LARGEST_ORIGIN) < NO_PLACES
    plan = Plan(LONG_BINARY, NO_PLACES, 0 if is_decimal else extent(x[:BLOCK])[0], WHOLE, 0)
    ones = 0
    while row < rows:
        # a short line is one block, copied; of a long one only the first rows are
        is_whole = row >= window or (row == window - 1 and rows <= size)
        begin, end = row, min(rows, row + size if is_whole else max(window, row + ROWS))
        if row >= window and end - row >= ROWS:
            end = row + (end - row) // ROWS * ROWS
        elif row >= window + ROWS:
            begin = rows - ROWS  # the last rows, and some once more
        target = scratch[: -(-(end - begin) // ROWS) * ROWS]
        is_inside = begin >= max(window, first) and target.shape[0] == end - begin
        if is_inside and keep:
            target = out[begin - first : end - first]
        if is_inside:
            plan = block(x[begin - window : end], window, least, plan, target)
        else:
            near = around(x, begin, window, target.shape[0])
            plan = block(near, window, least, plan, target)
        if not keep:
            ones += ones_of(target[row - begin : end - begin])
        elif not is_inside:
            copy(target[row - begin : end - begin], out[row - first : end - first])
        row = end
    return ones


@inner
def line(x: Any, first: int, window: int, least: int, out: Any) -> None:
    """Put 1 where a value is above the mean of the window that ends with it, of ``x[first:]``, else 0.

    There are ``min(first, window - 1)`` values before the first row at least, and a window needs ``least``.
    """
    if first < x.shape[0]:
        walk(x, first, window, least, out)


@loop("void(float64[::1], int64, int64, int64, int64, int8[::1])")
def lines(x: Any, count: int, first: int, window: int, least: int, out: Any) -> None:
    """`line` of so many that lie one after the other."""
    rows, results = x.shape[0] // count, out.shape[0] // count
    for k in range(count):
        line(x[k * rows : (k + 1) * rows], first, window, least, out[k * results : (k + 1) * results])


@loop("int64(float64[::1], int64, int64, int64)")
def count(x: Any, first: int, window: int, least: int) -> int:
    """How many of these signals are 1."""
    return walk(x, first, window, least, np.empty(0, np.int8)) if first < x.shape[0] else 0


@inner
def whole(high: int, low: int) -> Any:
    """The integer ``high * 2**32 + low``."""
    return wide(high >> 32, (high << 32) | low)


@loop("void(int64[::1], int64[::1], int64, int64, int64, int8[::1])")
def integer_signals(highs: Any, lows: Any, first: int, window: int, least: int, out: Any) -> None:
    """As `line`, of integers ``high * 2**32 + low``."""
    total = wide(0, 0)
    for i in range(highs.shape[0]):
        value = whole(highs[i], lows[i])
        total += value
        if i >= window:
            total -= whole(highs[i - window], lows[i - window])
        if i >= first:
            count = min(i + 1, window)
            above = times(upper(value), lower(value), count) - total
            is_above = upper(above) > 0 or (upper(above) == 0 and lower(above) != 0)
            out[i - first] = 1 if is_above and count >= least else 0
