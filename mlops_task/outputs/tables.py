"""What can be written besides the metrics: every row with its signal, and a line per series."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from kernels import above_mean, rolling_mean
from mlops_task.errors import InputError, UsageError
from mlops_task.inputs.csv_rules import Batch
from mlops_task.outputs.files import NewFile, replacing
from mlops_task.outputs.log import log

SIGNALS = (".parquet", ".csv", ".arrow")
BREAKDOWN = (".csv", ".json", ".parquet")
ROWS_AT_ONCE = 128 * 1024


def check_suffix(flag: str, path: Path, known: tuple[str, ...]) -> None:
    """Raise UsageError unless the name of `path` tells one of the known formats."""
    if path.suffix not in known:
        raise UsageError(f"{flag} must end in {', '.join(known[:-1])} or {known[-1]}, got {str(path)!r}")


@contextlib.contextmanager
def signals_file(
    path: Path, column: str, window: int, *, named: bool, keep_going: bool = False
) -> Iterator[Callable[[str, Batch], None]]:
    """Give a function that appends the rows of a batch to the table that `path` becomes at the end.

    Columns: `file` if the rows are to be `named` by their series, the timestamps if the input has any, the
    values, `rolling_mean` and `signal`. Memory is that of a batch and a window. A series with other columns
    than the ones before is an InputError, or left out with a warning if the run is to `keep_going`.
    """
    with replacing(path) as file, contextlib.ExitStack() as stack:
        state: dict[str, Any] = {"name": None, "tail": np.empty(0), "writer": None}

        def append(name: str, batch: Batch) -> None:
            if name != state["name"]:
                state.update(name=name, tail=np.empty(0), left_out=False)
            if state["left_out"]:
                return
            before = len(state["tail"])
            values = np.concatenate([state["tail"], batch.values])
            state["tail"] = values[max(0, len(values) - (window - 1)) :]
            columns = {"file": pa.repeat(name, len(batch.values))} if named else {}
            if batch.labels is not None:
                columns[batch.label_name] = _trimmed(batch.labels)
            columns |= {
                column: _array(batch.values, pa.float64()),
                "rolling_mean": _array(rolling_mean(values, window)[before:], pa.float64()),
                "signal": _array(above_mean(values, window)[before:], pa.int8()),
            }
            table = pa.table(columns)
            if state["writer"] is None:
                state["writer"] = stack.enter_context(_writer(path.suffix, file, table.schema))
                state["schema"] = table.schema
            elif table.schema != state["schema"]:
                differ = (
                    f"its columns for --signals are {_listed(table.schema)}, "
                    f"expected {_listed(state['schema'])} as in the files before"
                )
                if not keep_going:
                    raise InputError(differ)
                log.warning("%s: counted, but left out of --signals: %s", name, differ)
                state["left_out"] = True
                return
            for start in range(0, len(table), ROWS_AT_ONCE):
                state["writer"].write_table(table.slice(start, ROWS_AT_ONCE))

        yield append
        stack.close()


def write_breakdown(path: Path, lines: Iterable[dict[str, object]]) -> None:
    """Write a table with a line per series to `path`."""
    names = ("file", "rows", "ones", "rate", "missing", "status")
    columns = {name: [] for name in names}  # type: dict[str, list[object]]
    for line in lines:
        for name in names:
            columns[name].append(line[name])
    table = pa.table(columns)
    with replacing(path) as file:
        if path.suffix == ".json":
            import msgspec

            file.write(msgspec.json.format(msgspec.json.encode(table.to_pylist()), indent=2) + b"\n")
        else:
            with _writer(path.suffix, file, table.schema) as writer:
                writer.write_table(table)


def _listed(schema: pa.Schema) -> str:
    return ", ".join(f"{field.name} ({field.type})" for field in schema)


def _writer(suffix: str, file: NewFile, schema: pa.Schema) -> Any:  # noqa: ANN401 - pyarrow has no types
    sink = pa.PythonFile(file.file, "w")
    if suffix == ".parquet":
        import pyarrow.parquet as pq

        return pq.ParquetWriter(sink, schema)
    if suffix == ".csv":
        import pyarrow.csv as pacsv

        return pacsv.CSVWriter(sink, schema, write_options=pacsv.WriteOptions(quoting_style="needed"))
    return pa.ipc.new_file(sink, schema)


def _array(values: npt.NDArray[Any], kind: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return the values as a pyarrow array; pyarrow's own way imports pandas where it is installed."""
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])


def _trimmed(labels: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    return pc.utf8_trim_whitespace(labels) if pa.types.is_string(labels.type) else labels
