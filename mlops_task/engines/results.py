"""What every engine gives: an iterator of what was read, and of a result per series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mlops_task.config import Config
    from mlops_task.engines.work import Found
    from mlops_task.inputs.protocol import Chunk


@dataclass(frozen=True)
class Read:
    """Some of a series has been read: `size` bytes of its input, `rows` rows."""

    index: int
    """Which of the inputs it is of."""
    size: int = 0
    rows: int = 0
    chunks: tuple[Chunk, ...] = ()
    """The rows, where the engine keeps them."""
    direction: int = 1
    """1 where the rows of the series so far run into the future, -1 into the past, 0 where that is open."""


@dataclass(frozen=True)
class Result:
    """A series is done: what was found in it, and the error that ended it early, if one did."""

    index: int
    found: Found


Item = Read | Result


class Engine(Protocol):
    """Where the work runs."""

    def results(self, names: list[str], config: Config) -> Iterator[Item]:
        """Yield all items of all series: those of one in order, the series in any."""


def in_order(items: Iterable[Item]) -> Iterator[Item]:
    """Yield the items series by series, in the order of the inputs, holding back those that came early."""
    turn = 0
    early: dict[int, list[Item]] = {}
    for item in items:
        early.setdefault(item.index, []).append(item)
        while turn in early:
            ready = early.pop(turn)
            yield from ready
            if not isinstance(ready[-1], Result):
                break
            turn += 1
