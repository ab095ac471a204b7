"""Results of a cluster come in any order, and leave in that of the inputs."""

import random

import pytest

from mlops_task.engines.results import Item, Read, Result, in_order
from mlops_task.engines.work import nothing
from tests.local import CONFIG


@pytest.mark.parametrize("seed", range(20))
def test_items_leave_series_by_series_however_they_came(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - nothing secret
    found = nothing(CONFIG)
    series: list[list[Item]] = [
        [*(Read(index, size) for size in range(dice.randint(0, 4))), Result(index, found)]
        for index in range(6)
    ]
    expected = [item for items in series for item in items]
    came: list[Item] = []
    waiting = [list(items) for items in series]
    while any(waiting):
        came.append(dice.choice([items for items in waiting if items]).pop(0))
    assert list(in_order(came)) == expected


def test_items_of_the_series_whose_turn_it_is_do_not_wait() -> None:
    items = in_order(iter([Read(1), Read(0, 5)]))
    assert next(items) == Read(0, 5)
