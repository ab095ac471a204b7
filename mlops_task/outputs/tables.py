"""Tables in the format that a file's name tells."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from mlops_task.errors import UsageError
from mlops_task.job import Job
from mlops_task.outputs.files import NewFile

SIGNALS = (".parquet", ".csv", ".arrow")
BREAKDOWN = (".csv", ".json", ".parquet")


def check_tables(job: Job) -> None:
    """Raise UsageError unless the names of the tables tell formats that are known."""
    for flag, path, known in (("--signals", job.signals, SIGNALS), ("--breakdown", job.breakdown, BREAKDOWN)):
        if path is not None and path.suffix not in known:
            raise UsageError(f"{flag} must end in {', '.join(known[:-1])} or {known[-1]}, got {str(path)!r}")


def table_writer(suffix: str, file: NewFile, schema: pa.Schema) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return what writes tables of that schema in the format of the suffix, and is closed by a `with`."""
    sink = pa.PythonFile(file.file, "w")
    if suffix == ".parquet":
        import pyarrow.parquet as pq

        return pq.ParquetWriter(sink, schema)
    if suffix == ".csv":
        import pyarrow.csv as pacsv

        return pacsv.CSVWriter(sink, schema, write_options=pacsv.WriteOptions(quoting_style="needed"))
    return pa.ipc.new_file(sink, schema)
