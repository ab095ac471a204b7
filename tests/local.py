"""The local engine, as tests ask it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from mlops_task.config import Config
from mlops_task.engines.local import Local
from mlops_task.engines.results import Item, Read, Result
from mlops_task.engines.work import Found
from mlops_task.inputs.formats import partitions
from mlops_task.inputs.protocol import Partition

CONFIG = Config(seed=42, window=5, version="v1")


def items(paths: Sequence[Path], config: Config = CONFIG, threads: int = 1) -> Iterator[Item]:
    """What the engine finds, with the rows."""
    with Local(threads, keep=True) as engine:
        yield from engine.results([str(path) for path in paths], config)


def found(path: Path, threads: int = 1, config: Config = CONFIG) -> Found:
    """What is found in one file, without its rows."""
    with Local(threads) as engine:
        (result,) = (item for item in engine.results([str(path)], config) if isinstance(item, Result))
    return result.found


def read(path: Path, config: Config, threads: int = 2) -> tuple[list[float], Found]:
    """The values of a file, and what is found in it."""
    values: list[float] = []
    for item in items([path], config, threads):
        if isinstance(item, Read):
            rows = [value for chunk in item.chunks for value in chunk.values.tolist()]
            assert len(rows) == item.rows
            values += rows
    assert isinstance(item, Result)
    return values, item.found


def cut(path: Path) -> Iterator[Partition]:
    """The partitions of a file."""
    return partitions(str(path), CONFIG.wanted())
