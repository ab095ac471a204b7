"""How the timestamps of consecutive rows follow each other: a monoid, piece by piece, as summaries are one.

Which form the timestamps have may be known at the end only, and so may the direction of the rows: each form
that they may have is followed, and each direction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mlops_task.inputs.groups import codes_of, taken, united
from mlops_task.inputs.timestamps import NONE, Moments, Reading

if TYPE_CHECKING:
    from mlops_task.inputs.protocol import Origin

Rows = npt.NDArray[np.integer[Any]]
_HOUR = 3600 * 10**6
MOST_NEAR = 16
"""Of so many steps, the first ones against a direction, the offence among them is looked for first."""
_YEAR = 350 * 24 * _HOUR
"""How far apart clocks are set back, at least."""


class Place(NamedTuple):
    """A row of a chunk that has been read."""

    origin: Origin | None
    row: int

    def where(self) -> str:
        """Return which row of the file that is, such as `line 8: `; nothing where that is not known."""
        return "" if self.origin is None else f"{self.origin.where(self.row)}: "


NOWHERE = Place(None, 0)


class Step(NamedTuple):
    """The step to a row from the one before it."""

    place: Place
    before: int
    moment: int


class Setbacks(NamedTuple):
    """Steps against a direction."""

    number: int = 0
    first: Step | None = None
    last: Step | None = None
    offence: Step | None = None
    """The first that is no clock set back: by more than an hour, or within a year of another."""

    def merge(self, following: Setbacks, *, of_one: bool) -> Setbacks:
        """Return the setbacks of this piece and the one after it, both `of_one` series or of groups."""
        both = (
            of_one
            and self.last
            and following.first
            and abs(following.first.moment - self.last.moment) < _YEAR
        )
        return Setbacks(
            self.number + following.number,
            self.first or following.first,
            following.last or self.last,
            self.offence or (following.first if both else following.offence),
        )


class GroupEnds(NamedTuple):
    """The names of groups, a pyarrow array, and the moments of the first and the last row of each."""

    names: Any
    first: Moments
    last: Moments

    def merge(self, following: GroupEnds, start: Place) -> tuple[GroupEnds, Steps]:
        """Return the groups of these rows and the ones after them, and the steps between the two."""
        names, (mine, theirs) = united([self.names, following.names])
        first, last = np.full((2, len(names)), NONE)
        first[theirs], last[mine] = following.first, self.last
        both = np.flatnonzero((first != NONE) & (last != NONE))
        seam = _stepped(last[both], first[both], np.zeros(len(both), np.int64), both, start)
        first[mine], last[theirs] = self.first, following.last
        return GroupEnds(names, first, last), seam

    @property
    def backward(self) -> str | None:
        """The first group whose last row is older than its first, if there is one."""
        found = np.flatnonzero(self.last < self.first)
        return None if not len(found) else str(self.names[int(found[0])])

    @property
    def has_forward(self) -> bool:
        """Whether some group has a last row that is newer than its first."""
        return bool((self.last > self.first).any())


class Steps(NamedTuple):
    """The steps between the moments of rows (those of each group) in one form of their timestamps."""

    start: Place
    first: int
    last: int
    same: int = 0
    repeated: Step | None = None
    """The first row with the moment of the one before."""
    down: Setbacks = Setbacks()
    """Steps into the past."""
    up: Setbacks = Setbacks()
    """Steps into the future, which are setbacks where rows run from newest to oldest."""
    groups: GroupEnds | None = None

    @property
    def direction(self) -> int:
        """1 where rows run into the future, -1 into the past, 0 where all are of one moment."""
        if self.up.number == self.down.number:
            return (self.last > self.first) - (self.last < self.first) or min(self.up.number, 1)
        return 1 if self.up.number > self.down.number else -1

    @property
    def setbacks(self) -> Setbacks:
        """The steps against the direction."""
        return self.up if self.direction < 0 else self.down

    def merge(self, following: Steps) -> Steps:
        """Return the steps of this piece and the one after it."""
        start = following.start
        if self.groups is None or following.groups is None:
            seam = steps_of(np.array([self.last, following.first]), Place(start.origin, start.row - 1))
            return reduce(Steps._joined, (seam, following), self)
        groups, seam = self.groups.merge(following.groups, start)
        return reduce(Steps._joined, (seam, following), self)._replace(
            first=int(groups.first.min()), last=int(groups.last.max()), groups=groups
        )

    def _joined(self, following: Steps) -> Steps:
        of_one = self.groups is None
        return Steps(
            self.start,
            self.first,
            following.last,
            self.same + following.same,
            self.repeated or following.repeated,
            self.down.merge(following.down, of_one=of_one),
            self.up.merge(following.up, of_one=of_one),
            self.groups,
        )

    def is_like(self, other: Steps) -> bool:
        """Tell whether rows follow each other likewise, at the same moments."""
        return self._counts() == other._counts()

    def _counts(self) -> tuple[int, ...]:
        return (self.first, self.last, self.same, self.down.number, self.up.number)


def steps_of(moments: Moments, start: Place) -> Steps:
    """Return the steps between the moments of rows that begin at a place."""
    rows = np.arange(1, len(moments))
    found = _stepped(moments[:-1], moments[1:], rows, None, start)
    return found._replace(first=int(moments[0]), last=int(moments[-1]))


def steps_within(groups: Any, moments: Moments, start: Place) -> Steps:  # noqa: ANN401 - a pyarrow dictionary
    """Return the steps between the moments of rows of one group each, a group at a time."""
    codes = codes_of(groups)
    few = codes.astype(np.uint16) if len(groups.dictionary) <= np.iinfo(np.uint16).max else codes
    rows = few.argsort(kind="stable")  # of few by their digits, which is quicker
    codes, moments = codes[rows], moments[rows]
    is_next = codes[1:] == codes[:-1]
    found = _stepped(
        moments[:-1][is_next], moments[1:][is_next], rows[1:][is_next], codes[1:][is_next], start
    )
    is_first, is_last = np.append(True, ~is_next), np.append(~is_next, True)
    ends = GroupEnds(taken(groups.dictionary, codes[is_first]), moments[is_first], moments[is_last])
    return found._replace(first=int(ends.first.min()), last=int(ends.last.max()), groups=ends)


def _stepped(old: Moments, new: Moments, rows: Rows, groups: Rows | None, start: Place) -> Steps:
    """Return the steps from moments to others, those of rows behind a place, each of one of the groups."""

    def step(at: int) -> Step:
        place = Place(start.origin, start.row + int(rows[at]))
        return Step(place, int(old[at]), int(new[at]))

    def setbacks(is_back: npt.NDArray[np.bool_]) -> Setbacks:
        count = int(np.count_nonzero(is_back))
        if not count:
            return Setbacks()
        first, last = int(is_back.argmax()), len(is_back) - 1 - int(is_back[::-1].argmax())
        offence = None
        for end in (first + MOST_NEAR, len(is_back)):  # where there are many, the first few tell
            at = first + np.flatnonzero(is_back[first:end])
            is_wide = np.abs(new[at] - old[at]) > _HOUR
            is_same = True if groups is None else groups[at[1:]] == groups[at[:-1]]
            is_wide[1:] |= (np.abs(np.diff(new[at])) < _YEAR) & is_same
            if is_wide.any():
                offence = step(int(at[is_wide.argmax()]))
                break
        return Setbacks(count, step(first), step(last), offence)

    differences = new - old
    down, up = setbacks(differences < 0), setbacks(differences > 0)
    same = len(differences) - down.number - up.number
    repeated = step(int((differences == 0).argmax())) if same else None
    return Steps(start, 0, 0, same, repeated, down, up)


class Unread(NamedTuple):
    """The first row whose timestamp does not have a form: its number, its place and its text."""

    number: int
    place: Place
    text: str


class Change(NamedTuple):
    """The first row whose timestamp has another unit than the one before, and the places of both in UNITS."""

    place: Place
    before: int
    after: int


class Order(NamedTuple):
    """How the timestamps of rows follow each other, in each form that they may have."""

    rows: int = 0
    start: Place = NOWHERE
    text: str = ""
    """The first timestamp."""
    forms: Mapping[str, Steps | Unread] = {}
    units: tuple[int, int] | None = None
    """The first and the last, as places in UNITS."""
    change: Change | None = None

    def merge(self, following: Order) -> Order:
        """Return the order of this piece and the one after it."""
        if not self.rows or not following.rows:
            return self if self.rows else following
        forms = dict.fromkeys([*self.forms, *following.forms])
        change = self.change
        if self.units and following.units and self.units[1] != following.units[0]:
            change = change or Change(following.start, self.units[1], following.units[0])
        return Order(
            self.rows + following.rows,
            self.start,
            self.text,
            {form: self._merged(form, following) for form in forms},
            (self.units[0], following.units[1]) if self.units and following.units else None,
            change or following.change,
        )

    def _merged(self, form: str, following: Order) -> Steps | Unread:
        mine = self.forms.get(form, Unread(0, self.start, self.text))
        theirs = following.forms.get(form, Unread(0, following.start, following.text))
        if isinstance(mine, Unread):
            return mine
        if isinstance(theirs, Unread):
            return theirs._replace(number=self.rows + theirs.number)
        return mine.merge(theirs)

    @property
    def read(self) -> dict[str, Steps]:
        """The forms that all timestamps have."""
        return {form: steps for form, steps in self.forms.items() if isinstance(steps, Steps)}

    @property
    def unread(self) -> Unread:
        """The first row whose timestamp has no form that those before it have."""
        found = [unread for unread in self.forms.values() if isinstance(unread, Unread)]
        return max(found, default=Unread(0, self.start, self.text), key=lambda unread: unread.number)

    @property
    def span(self) -> tuple[int, int] | None:
        """The moments of the oldest and the newest row, None where they are not known."""
        steps = next(iter(self.read.values()), None)
        if steps is None:
            return None
        ends = (
            (steps.first, steps.last) if steps.groups is None else (*steps.groups.first, *steps.groups.last)
        )
        return int(min(ends)), int(max(ends))

    @property
    def direction(self) -> int:
        """1 where the rows so far run into the future, -1 into the past, 0 where that is not known."""
        directions = {steps.direction for steps in self.read.values()}
        return directions.pop() if len(directions) == 1 else 0


def order_of(
    reading: Reading,
    rows: int,
    text: Callable[[int], str],
    origin: Origin | None,
    groups: Any = None,  # noqa: ANN401 - a pyarrow dictionary
) -> Order:
    """Return the order of the rows of a chunk, of whose timestamps `text` gives one as it stands."""
    if not rows:
        return Order()
    start = Place(origin, 0)
    forms: dict[str, Steps | Unread] = {}
    for form, moments in reading.moments.items():
        is_none = moments == NONE
        if is_none.any():
            at = int(is_none.argmax())
            forms[form] = Unread(at, Place(origin, at), text(at))
        else:
            forms[form] = steps_of(moments, start) if groups is None else steps_within(groups, moments, start)
    units = change = None
    if reading.units is not None:
        units = int(reading.units[0]), int(reading.units[-1])
        if len(other := np.flatnonzero(np.diff(reading.units))):
            at = int(other[0])
            change = Change(Place(origin, at + 1), int(reading.units[at]), int(reading.units[at + 1]))
    return Order(rows, start, text(0), forms, units, change)
