"""A new format is a file with two functions, and a line."""

import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pytest

from mlops_task.inputs import formats
from mlops_task.inputs.arrow_columns import Columns, times_in
from mlops_task.inputs.columns import find_column
from mlops_task.inputs.order import telling_names
from mlops_task.inputs.protocol import Partition, Source, Wanted
from tests import local
from tests.test_cli import ROOT, Folder

SAMPLE = ROOT / "data.csv"


class JsonLines:
    """Objects of the same keys, one a line."""

    def detect(self, head: bytes) -> bool:
        return head.startswith(b"{")

    def partitions(self, source: Source, wanted: Wanted) -> Iterator[Partition]:
        rows = [json.loads(line) for line in source.stream().readall().splitlines()]
        table = pa.Table.from_pylist(rows)
        names = table.column_names
        column = names[find_column(names, wanted.column)]
        whole = Columns(table, column, (), telling_names(names, wanted.csv), 1, table.nbytes)
        yield replace(whole, times=times_in(whole.first_rows(), wanted))


def test_another_format_gives_the_rate_and_the_signals_of_the_csv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Folder(tmp_path)
    signals = tmp_path / "signals.csv"
    assert folder.run("--signals", signals) == 0
    expected = folder.report()["value"], signals.read_text()

    header, *lines = folder.data.read_text().splitlines()
    objects = [dict(zip(header.split(","), line.split(","), strict=True)) for line in lines]
    folder.data = tmp_path / "bars.jsonl"
    folder.data.write_text("\n".join(json.dumps(one | {"close": float(one["close"])}) for one in objects))
    monkeypatch.setattr(formats, "FORMATS", (JsonLines(), *formats.FORMATS))
    assert folder.run("--signals", signals) == 0
    assert (folder.report()["value"], signals.read_text()) == expected


def test_partitions_that_reopen_their_file_travel_and_read_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import pyarrow.parquet as pq

    monkeypatch.setattr("mlops_task.inputs.protocol.BLOCK_BYTES", 70_000)
    pq.write_table(pa.csv.read_csv(SAMPLE), tmp_path / "bars.parquet", row_group_size=900)
    for path in (SAMPLE, tmp_path / "bars.parquet"):
        partitions = list(local.cut(path))
        travelled = [pickle.loads(pickle.dumps(partition)) for partition in partitions]  # noqa: S301 - our own
        assert all(partition.reopens for partition in partitions)
        rows = [chunk.values.tolist() for partition in partitions for chunk in partition.chunks()]
        assert [chunk.values.tolist() for one in travelled for chunk in one.chunks()] == rows
        assert sum(map(len, rows)) == 10_000


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b"\xfd7zXZ\0", "is compressed with xz, {}: unpack it, or pipe `xz -dc` to --input -"),
        (b"7z\xbc\xaf\x27\x1c", "is a 7z archive, {}: unpack it, or pipe `7z x -so` to --input -"),
        (b"Rar!", "is a RAR archive, {}: unpack it"),
        (b"\x04\x22\x4d\x18", "is compressed with LZ4, {}: unpack it, or pipe `lz4 -dc` to --input -"),
        (b"\xd0\xcf\x11\xe0", "is an Excel workbook of the old kind, {}: save it as CSV"),
        (b"%PDF-1.7", "is a PDF document, {}"),
        (b"FEA1", "is of version 1 of Feather, expected version 2 (an Arrow file)"),
        (b"SQLite format 3\0", "is an SQLite database, {}"),
        (b"\x89HDF\r\n", "is an HDF5 file, {}"),
    ],
)
def test_what_is_no_table_is_named_as_what_it_is(head: bytes, told: str, tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes(head + bytes(range(256)))
    assert local.found(path).error == told.format("expected CSV, Parquet or Arrow")
