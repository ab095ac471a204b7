"""Every row with its signal, as a table that is written while the rows come in."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mlops_task.config import Config
from mlops_task.engines.results import Item, Read
from mlops_task.errors import OutputError, clipped
from mlops_task.inputs.protocol import Chunk
from mlops_task.outputs.files import replacing
from mlops_task.outputs.tables import table_writer
from mlops_task.outputs.windows import Windows

ROWS_AT_ONCE = 128 * 1024
log = logging.getLogger(__name__)


@contextlib.contextmanager
def signals_file(path: Path, config: Config, *, keep_going: bool) -> Iterator[SignalsFile]:
    """Give the table that `path` becomes at the end."""
    with replacing(path) as file, contextlib.ExitStack() as stack:

        def start(schema: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
            return stack.enter_context(table_writer(path.suffix, file, schema))

        yield SignalsFile(start, config, keep_going=keep_going)
        stack.close()


class SignalsFile:
    """A consumer of results that needs their order: rows are written as they come.

    Columns: `file` if there are several, what rows are grouped by if they are, the timestamps if the input
    has any, the values, `rolling_mean` and `signal`. Memory is that of a chunk and a window of each group. A
    file with other columns than the ones before fails, or is left out with a warning if the run is to
    `keep_going`.
    """

    def __init__(self, start: Callable[[Any], Any], config: Config, *, keep_going: bool) -> None:
        self._start, self._window, self._keep_going = start, config.window, keep_going
        self._column = f"column {config.column}" if isinstance(config.column, int) else config.column
        self._writer: Any = None
        self._schema: Any = None

    def written(self, items: Iterable[Item], names: Sequence[str]) -> Iterator[Item]:
        """Yield the items after their rows are written; a series that does not fit has an error."""
        differ: str | None = None
        windows = Windows(self._window)
        for item in items:
            if isinstance(item, Read):
                for chunk in item.chunks if differ is None else ():
                    table = self._table(chunk, windows, names[item.index] if len(names) > 1 else None)
                    differ = self._write(table)
                    if differ and self._keep_going:
                        name = names[item.index]
                        message = "%s: counted, but left out of --signals: %s"
                        log.warning(message, name, differ, extra={"file": name})
                yield item
            else:
                failed = differ and not self._keep_going
                yield replace(item, found=item.found._replace(error=differ, notes=())) if failed else item
                differ, windows = None, Windows(self._window)

    def _table(self, chunk: Chunk, windows: Windows, name: str | None) -> Any:  # noqa: ANN401 - pyarrow has no types
        """Return the table of the next chunk of a file."""
        means, signals = windows.following(chunk)
        columns = [] if name is None else [("file", pa.repeat(name, len(chunk.values)))]
        if chunk.groups is not None:
            columns.append((chunk.group_name, chunk.groups.dictionary_decode()))
        if chunk.labels is not None and chunk.label_name != chunk.group_name:
            columns.append((chunk.label_name, _trimmed(chunk.labels)))
        columns += [
            (self._column, _array(chunk.values, pa.float64())),
            ("rolling_mean", _array(means, pa.float64())),
            ("signal", _array(signals, pa.int8())),
        ]
        names = [column for column, _ in columns]
        if len({*names}) < len(names):
            raise OutputError(
                f"--signals: two of its columns would have one name ({', '.join(names)}): "
                "rename that of the input"
            )
        return pa.table(dict(columns))

    def _write(self, table: Any) -> str | None:  # noqa: ANN401 - pyarrow has no types
        """Append a table, or return why it does not fit."""
        try:
            return self._append(table)
        except pa.ArrowException as error:
            what = f"{_listed(table.schema)}: {clipped(str(error), 160)}"
            raise OutputError(f"--signals: cannot hold the columns {what}") from None

    def _append(self, table: Any) -> str | None:  # noqa: ANN401 - pyarrow has no types
        if self._writer is None:
            self._schema = table.schema
            self._writer = self._start(table.schema)
        elif table.schema != self._schema:
            return (
                f"its columns for --signals are {_listed(table.schema)}, "
                f"expected {_listed(self._schema)} as in the files before"
            )
        for start in range(0, len(table), ROWS_AT_ONCE):
            self._writer.write_table(table.slice(start, ROWS_AT_ONCE))
        return None


def _listed(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} ({field.type})" for field in schema)


def _array(values: npt.NDArray[Any], kind: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return the values as a pyarrow array; pyarrow's own way imports pandas where it is installed."""
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def _trimmed(labels: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    if labels.type == pa.string_view():
        labels = pc.cast(labels, pa.string())
    return pc.utf8_trim_whitespace(labels) if pa.types.is_string(labels.type) else labels
