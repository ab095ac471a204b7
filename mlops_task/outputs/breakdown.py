"""A line per series, a file or each of its groups: its counts, or why it has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from mlops_task.engines.groups import counts
from mlops_task.engines.work import Found
from mlops_task.outputs.files import replacing
from mlops_task.outputs.tables import table_writer

_SCHEMA = pa.schema(
    {
        "file": pa.string(),
        "group": pa.string(),
        "rows": pa.int64(),
        "ones": pa.int64(),
        "rate": pa.float64(),
        "missing": pa.int64(),
        "status": pa.string(),
    }
)


def write_breakdown(path: Path, names: Sequence[str], found: Sequence[Found], *, grouped: bool) -> None:
    """Write a table of what was found in each file, or in each of its groups, to `path`."""
    lines = [line for name, one in zip(names, found, strict=True) for line in _lines(name, one)]
    columns = [field for field in _SCHEMA if grouped or field.name != "group"]
    table = pa.Table.from_pylist(lines, pa.schema(columns))
    with replacing(path) as file:
        if path.suffix == ".json":
            import msgspec

            file.write(msgspec.json.format(msgspec.json.encode(table.to_pylist()), indent=2) + b"\n")
        else:
            with table_writer(path.suffix, file, table.schema) as writer:
                writer.write_table(table)


def _lines(name: str, found: Found) -> Iterator[dict[str, object]]:
    if found.error is not None:
        yield {"file": name, "status": found.error}
        return
    for group, rows, ones, missing in counts(found.summary):
        yield {
            "file": name,
            "group": group,
            "rows": rows,
            "ones": ones,
            "rate": ones / rows,
            "missing": missing,
            "status": "success",
        }
