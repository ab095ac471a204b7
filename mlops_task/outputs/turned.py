"""Rows that run from newest to oldest: held in a file until all are there, and given back last first."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa

from mlops_task.engines.results import Item, Read
from mlops_task.engines.work import reversed_chunk
from mlops_task.errors import InputError, OutputError, because
from mlops_task.inputs import groups
from mlops_task.inputs.protocol import Chunk
from mlops_task.outputs.files import descriptor_of

MIXED = "the first rows run from oldest to newest, and most of the others from newest to oldest"


def in_time_order(items: Iterable[Item], signals: Path) -> Iterator[Item]:
    """Yield the items, the rows of each series from oldest to newest.

    Those of a series that runs backwards are held in a file without a name until all are read, in the folder
    of `signals`, which has room for about as much.
    """
    with contextlib.ExitStack() as stack:
        held: Held | None = None
        passed = -1
        for item in items:
            if isinstance(item, Read) and passed != item.index and (held or item.direction <= 0):
                held = held or stack.enter_context(Held(signals))
                held.add(item.chunks, item.index)
                yield replace(item, chunks=())
                continue
            if held and not isinstance(item, Read):
                if item.found.error is None:
                    for chunk in held.chunks(item.index, backward=item.found.is_backward):
                        yield Read(item.index, chunks=(chunk,))
                stack.close()
                held = None
            if isinstance(item, Read):
                passed = item.index
            elif passed == item.index and item.found.is_backward and item.found.error is None:
                item = replace(item, found=item.found._replace(error=f"{MIXED}: sort the file"))  # noqa: PLW2901 - as it is passed on
            yield item


class Held:
    """Chunks of several series, which are of one kind, in a file beside the one that they go to."""

    def __init__(self, signals: Path) -> None:
        self._folder = Path(tempfile.gettempdir()) if descriptor_of(signals) is not None else signals.parent
        self._writer: Any = None
        self._schema: Any = None
        self._reader: Any = None
        self._like = Chunk(np.empty(0))
        self._places: dict[int, list[int]] = {}
        self._count = 0

    def __enter__(self) -> Self:
        with _sentence(self._folder):
            self._file = tempfile.TemporaryFile(dir=self._folder)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, chunks: Iterable[Chunk], series: int) -> None:
        """Append some chunks of a series."""
        for chunk in chunks:
            batch = _batch(chunk)
            with _sentence(self._folder):
                if self._writer is None:
                    self._like = chunk._replace(values=np.empty(0), labels=None, groups=None)
                    self._schema = batch.schema
                    self._writer = pa.ipc.new_file(pa.PythonFile(self._file, "w"), batch.schema)
                if batch.schema != self._schema:
                    types = [", ".join(map(str, schema.types)) for schema in (batch.schema, self._schema)]
                    what = f"columns for --signals are of the types {types[0]}, expected {types[1]}"
                    raise InputError(f"{what} as in the files before")
                self._writer.write_batch(batch)
            self._places.setdefault(series, []).append(self._count)
            self._count += 1

    def chunks(self, series: int, *, backward: bool) -> Iterator[Chunk]:
        """Yield all chunks of a series; if `backward`, the last first, and so the rows of each."""
        places = self._places.get(series, [])
        for place in reversed(places) if backward else places:
            with _sentence(self._folder):
                chunk = self._chunk(self._opened().get_batch(place))
            yield reversed_chunk(chunk) if backward else chunk

    def _opened(self) -> Any:  # noqa: ANN401 - pyarrow has no types
        if self._reader is None:
            self._writer.close()
            self._file.seek(0)
            self._reader = pa.ipc.open_file(pa.PythonFile(self._file, "r"))
        return self._reader

    def _chunk(self, batch: Any) -> Chunk:  # noqa: ANN401 - pyarrow has no types
        names = batch.schema.names
        values = batch.column("values")
        numbers = np.frombuffer(values.buffers()[1], np.float64)[values.offset : values.offset + len(values)]
        labels = batch.column("labels") if "labels" in names else None
        coded = groups.encode(batch.column("groups"), self._like.group_name) if "groups" in names else None
        return self._like._replace(values=numbers, labels=labels, groups=coded)


def _batch(chunk: Chunk) -> Any:  # noqa: ANN401 - pyarrow has no types
    values = pa.Array.from_buffers(
        pa.float64(), len(chunk.values), [None, pa.py_buffer(np.ascontiguousarray(chunk.values))]
    )
    columns = {"values": values}
    if chunk.labels is not None:
        is_cut = isinstance(chunk.labels, pa.ChunkedArray)
        labels = pa.concat_arrays(chunk.labels.chunks) if is_cut else chunk.labels
        columns["labels"] = labels.dictionary_decode() if pa.types.is_dictionary(labels.type) else labels
    if chunk.groups is not None:
        columns["groups"] = chunk.groups.dictionary_decode()
    return pa.record_batch(columns)


@contextlib.contextmanager
def _sentence(folder: Path) -> Iterator[None]:
    """Turn what the system says of the file into a sentence."""
    try:
        yield
    except OSError as error:
        what = f"rows that run from newest to oldest cannot be held in {folder} on their way"
        raise OutputError(f"--signals: {what}: {because(error)}") from None
