"""A line per series: its counts, or why it has none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from mlops_task.engines.work import Found
from mlops_task.outputs.files import replacing
from mlops_task.outputs.tables import table_writer


def write_breakdown(path: Path, names: Sequence[str], found: Sequence[Found]) -> None:
    """Write a table with a line for each of the names, with what was found in the series, to `path`."""
    whole = [one.summary if one.error is None else None for one in found]
    table = pa.table(
        {
            "file": names,
            "rows": [None if one is None else one.rows for one in whole],
            "ones": [None if one is None else one.ones for one in whole],
            "rate": [None if one is None else one.ones / one.rows for one in whole],
            "missing": [None if one is None else one.missing for one in whole],
            "status": [one.error or "success" for one in found],
        }
    )
    with replacing(path) as file:
        if path.suffix == ".json":
            import msgspec

            file.write(msgspec.json.format(msgspec.json.encode(table.to_pylist()), indent=2) + b"\n")
        else:
            with table_writer(path.suffix, file, table.schema) as writer:
                writer.write_table(table)
