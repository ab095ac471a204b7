"""All inputs as one series: put in order by their timestamps, seams and windows across them included."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_task.engines.results import Item, Read, Result
from mlops_task.engines.work import Found, conclude_joined, nothing
from mlops_task.errors import InputError
from mlops_task.inputs.timestamps import shown

if TYPE_CHECKING:
    from mlops_task.config import Config

NAME = "joined series"
WIDE_STEPS = 4
"""By how many steps, as they are on average, files are apart where rows are probably missing."""


class Joined:
    """A consumer that makes one series of those of all files."""

    def __init__(self, names: Sequence[str], config: Config, *, keep_going: bool) -> None:
        self._names, self._config, self._keep_going = names, config, keep_going
        self._found: dict[int, Found] = {}

    def items(self, items: Iterable[Item], signals: Path | None) -> Iterator[Item]:
        """Yield the items of one series; with `signals`, the rows too, which are held beside that file."""
        with ExitStack() as stack:
            held = None
            if signals is not None:
                from mlops_task.outputs.turned import Held

                held = stack.enter_context(Held(signals))
            for item in items:
                if isinstance(item, Result):
                    self._found[item.index] = item.found
                    continue
                if held is not None:
                    try:
                        held.add(item.chunks, item.index)
                    except InputError as error:
                        raise InputError(f"{self._names[item.index]}: {error}") from None
                yield replace(item, index=0, chunks=())
            order, whole = self._whole()
            if held is not None and whole.error is None:
                for index in order:
                    for chunk in held.chunks(index, backward=self._found[index].is_backward):
                        yield Read(0, chunks=(chunk,))
            yield Result(0, whole)

    def _whole(self) -> tuple[list[int], Found]:
        """Return the order of the files, and what was found in all."""
        notes = [
            (level, f"{self._names[at]}: {text}")
            for at, found in self._found.items()
            for level, text in found.notes
        ]
        bad = {at: found.error for at, found in self._found.items() if found.error is not None}
        good = {at: found for at, found in self._found.items() if at not in bad}
        order = sorted(good, key=lambda at: good[at].span or (0, 0))
        try:
            self._check(bad, all_bad=not good)
            notes += [(logging.WARNING, f"{self._names[at]}: left out: {error}") for at, error in bad.items()]
            for earlier, later in pairwise(order):
                notes += self._seam(earlier, later)
        except InputError as error:
            return order, nothing(self._config, str(error))._replace(notes=tuple(notes))
        parts = [good[at]._replace(notes=()) for at in order]
        whole = conclude_joined(parts, self._config)
        return order, whole._replace(notes=(*notes, *whole.notes))

    def _check(self, bad: dict[int, str], *, all_bad: bool) -> None:
        if not bad or (self._keep_going and not all_bad):
            return
        at, error = next(iter(bad.items()))
        several = f"{len(bad)} of {len(self._found)} files failed, the first being " if len(bad) > 1 else ""
        raise InputError(f"{several}{self._names[at]}: {error}")

    def _seam(self, earlier: int, later: int) -> Iterator[tuple[int, str]]:
        """Yield what there is to say between two files; InputError where they overlap."""
        (first, end), (start, last) = (self._found[at].span or (0, 0) for at in (earlier, later))
        where = (
            f"{self._names[earlier]} ends at {shown(end)}, and {self._names[later]} starts at {shown(start)}"
        )
        if start <= end:
            raise InputError(f"files overlap: {where}: leave one out, or cut what both have")
        steps = [
            (stop - begin) / (self._found[at].summary.rows - 1)
            for at, begin, stop in ((earlier, first, end), (later, start, last))
            if self._found[at].summary.rows > 1
        ]
        if steps and start - end > WIDE_STEPS * max(steps):
            yield logging.WARNING, f"a gap between files: {where}"
