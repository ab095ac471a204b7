"""Both ends of a series: whether it runs backwards, and what is done about it, in every format and engine."""

import gzip
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from mlops_task.cli import main
from mlops_task.config import Config
from mlops_task.engines.work import Found, conclude, examine, merge, plan
from mlops_task.errors import InputError
from mlops_task.inputs import protocol
from mlops_task.inputs.csv_form import CsvForm
from mlops_task.inputs.order import Ends, check_symbols, check_times, times_of
from tests import local
from tests.local import CONFIG
from tests.test_cli import Folder

DIALECTS = Path(__file__).parents[1] / "data/dialects"
EXPECTED = json.loads((DIALECTS / "expected.json").read_text())
DAYS = [str(date(2024, 1, 1) + timedelta(days=n)) for n in range(500)]
BACKWARDS = (
    f"rows run from newest to oldest (date is {DAYS[-1]!r} in the first row, {DAYS[0]!r} in the last): "
    "set order: time to have it reversed, or set order: file to compute as it stands"
)


def told(ends: Ends) -> list[str]:
    times = times_of(ends, CsvForm())
    found = [] if times is None else check_times(times, {}, as_it_stands=False)
    return [*check_symbols(ends), *found]


def verdict(first: list[str], last: list[str] | None = None, *, name: str = "date") -> str | list[str]:
    ends = Ends({name: first}, {name: first if last is None else last})
    try:
        return told(ends)
    except InputError as error:
        return str(error)


@pytest.mark.parametrize("rows", [["2024-01-01", "2024-01-02"], ["2024-01-01"], ["x", "y"], ["", ""]])
def test_what_runs_forwards_or_is_not_understood_is_left_alone(rows: list[str]) -> None:
    assert verdict(rows) == []


def test_a_day_that_may_be_a_month_is_understood_by_the_other_rows() -> None:
    assert verdict(["03/01/2024", "04/01/2024", "15/01/2024", "01/02/2024"]) == []
    assert "newest to oldest" in str(verdict(["01/02/2024", "15/01/2024", "04/01/2024", "03/01/2024"]))


def test_a_day_that_may_be_a_month_in_every_row_is_not_refused() -> None:
    assert verdict(["01/02/2024", "03/01/2024"]) == []


def test_both_readings_may_agree() -> None:
    assert "newest to oldest" in str(verdict(["02/02/2024", "01/01/2024"]))


def test_blocks_that_each_run_forwards_are_warned_about() -> None:
    got = verdict(["2024-01-08", "2024-01-09"], ["2024-01-01", "2024-01-02"])
    where = "date is '2024-01-08' in the first row, '2024-01-02' in the last"
    assert got == [f"the last row is older than the first ({where})"]


@pytest.mark.parametrize("word", ["Average", "", "Total 2024"])
def test_a_last_row_without_the_date_of_the_first_is_refused(word: str) -> None:
    assert verdict(["2024-01-01", word]) == (
        f"date is {word!r} in the last and '2024-01-01' in the first row: set csv: footer: 1 to leave out "
        "what is no row, or set order: file to compute as it stands"
    )


def test_several_symbols_are_warned_about() -> None:
    got = verdict(["AAA", "BBB"], ["CCC"], name="<TICKER>")
    assert got == [
        (
            "rows are of more than one <TICKER> (AAA, BBB, CCC), and windows run across them: "
            "set group_by: <TICKER>"
        )
    ]


def test_a_day_and_its_time_are_one_moment() -> None:
    rows = {"Date": ["2024.03.04", "2024.03.04"], "Time": ["10:00", "09:00"]}
    with pytest.raises(InputError, match=r"Date Time is '2024\.03\.04 10:00' in the first row"):
        told(Ends(rows, rows))


def test_an_index_without_name_is_no_time() -> None:
    assert verdict(["11", "10"], name="") == []


@pytest.mark.parametrize("name", [name for name, entry in EXPECTED.items() if entry.get("order")])
def test_no_export_is_computed_backwards_or_refused_for_an_order_that_it_has_not(name: str) -> None:
    entry = EXPECTED[name]
    column = entry["column"] if isinstance(entry["column"], str) else "close"
    error = local.found(DIALECTS / name, config=Config(seed=0, window=3, version="v", column=column)).error
    refused = error is not None and "newest to oldest" in error
    assert not refused or entry["order"] == "newest_first"
    assert error is not None or entry["order"] == "oldest_first"


def csv(days: list[str], path: Path) -> None:
    path.write_text("date,close\n" + "".join(f"{day},{n}.5\n" for n, day in enumerate(days)))


def quoted(days: list[str], path: Path) -> None:
    path.write_text(
        "date,note,close\n"
        + "".join(f'"{day}","a, ""b""\n2024-01-01,x,1",{n}\n' for n, day in enumerate(days))
    )


def stray(days: list[str], path: Path) -> None:
    path.write_text("date,note,close\n" + "".join(f'{day},5" pipe,{n}\n' for n, day in enumerate(days)))


def wrapped(days: list[str], path: Path) -> None:
    path.write_text('"date,close"\n' + "".join(f'"{day},{n}.5"\n' for n, day in enumerate(days)))


def cr(days: list[str], path: Path) -> None:
    csv(days, path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r"))


def gz(days: list[str], path: Path) -> None:
    csv(days, path)
    path.write_bytes(gzip.compress(path.read_bytes()))


def table(days: list[str]) -> pa.Table:
    return pa.table({"date": days, "close": [float(n) for n in range(len(days))]})


def parquet(days: list[str], path: Path) -> None:
    pq.write_table(table(days), path, row_group_size=150)


def feather(days: list[str], path: Path) -> None:
    pa.feather.write_feather(table(days), path, chunksize=150)


def stream(days: list[str], path: Path) -> None:
    with pa.ipc.new_stream(path, table(days).schema) as writer:
        writer.write_table(table(days), max_chunksize=150)


FORMS: list[Callable[[list[str], Path], None]] = [
    csv,
    quoted,
    stray,
    wrapped,
    cr,
    gz,
    parquet,
    feather,
    stream,
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("block", [3000, 2 * 1024 * 1024])
def test_newest_first_is_refused_in_every_format_and_however_it_is_cut(
    tmp_path: Path, form: Callable[[list[str], Path], None], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", block)
    path = tmp_path / "bars"
    form(DAYS[::-1], path)
    assert local.found(path, 2).error == BACKWARDS
    form(DAYS, path)
    assert local.found(path, 2).error is None


@pytest.mark.parametrize("form", FORMS)
def test_workers_of_a_cluster_find_the_same_ends(
    tmp_path: Path, form: Callable[[list[str], Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", 3000)
    monkeypatch.setattr("mlops_task.engines.work.BLOCKS", 2)
    path = tmp_path / "bars"
    form(DAYS[::-1], path)
    planned = plan(str(path), CONFIG)
    if not isinstance(planned, Found):
        parts = [examine(planned[0], CONFIG)]
        for partition in planned[1:]:
            parts.append(examine(partition, CONFIG, parts[-1].rest))
        planned = conclude(merge(*parts), CONFIG)
    assert planned.error == BACKWARDS


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_timestamps_of_parquet_tell_the_order(tmp_path: Path, unit: str, zone: str | None) -> None:
    path = tmp_path / "bars.parquet"
    days = pa.array(pd.to_datetime(DAYS[::-1])).cast(pa.timestamp(unit, zone))
    pq.write_table(pa.table({"time": days, "close": [1.0] * 500}), path)
    assert "newest to oldest (time is '2025-05-14 00:00:00+00:00'" in str(local.found(path).error)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    folder.config.write_text('seed: 42\nwindow: 3\nversion: "v1"\n')
    folder.data = DIALECTS / "newest_first.csv"
    return folder


def test_a_newest_first_file_is_refused_by_a_sentence_that_names_the_way_out(folder: Folder) -> None:
    assert folder.run() == 4
    assert folder.report()["error_message"] == (
        f"{folder.data}: rows run from newest to oldest (timestamp is '2024-03-19' in the first row, "
        "'2024-03-04' in the last): set order: time to have it reversed, "
        "or set order: file to compute as it stands"
    )


def test_order_file_computes_it_as_it_stands_with_a_warning(folder: Folder) -> None:
    folder.config.write_text('seed: 42\nwindow: 3\nversion: "v1"\norder: file\n')
    assert folder.run() == 0
    assert folder.report()["rows_processed"] == 12
    assert f"WARNING - {folder.data}: rows run from newest to oldest" in folder.log.read_text()
    assert "; order: file computes it as it stands" in folder.log.read_text()


@pytest.mark.parametrize(("name", "level"), [("date", "WARNING"), ("what", "INFO")])
def test_an_order_that_cannot_be_checked_is_told(name: str, level: str, folder: Folder) -> None:
    folder.data = folder.path / "bars.csv"
    folder.data.write_text(f"{name},close\nx,1\ny,2\nz,3\n")
    assert folder.run() == 0
    why = {
        "date": "date is 'x' in the first row, which is no timestamp: set csv: timestamp_format, or "
        "order: file to be told no more",
        "what": "no column of timestamps that are understood",
    }
    assert f"{level} - {folder.data}: order not checked: {why[name]}" in folder.log.read_text()


def refusal(folder: Folder, rows: list[str], *more: str) -> str:
    folder.data = folder.path / "bars.csv"
    folder.data.write_text("date,close\n" + "".join(f"{row}\n" for row in rows))
    assert folder.run("--set", "window=2", *more) == 4
    return str(folder.report()["error_message"]).removeprefix(f"{folder.data}: ")


@pytest.mark.parametrize("last", ["3 rows", "252", "2023 Average", "2023-01-03 Total"])
def test_a_footer_that_begins_with_a_number_is_refused(last: str, folder: Folder) -> None:
    rows = ["2023-01-01,1", "2023-01-02,2", "2023-01-03,3", f"{last},3"]
    told = f"date is '{last}' in the last and '2023-01-01' in the first row: set csv: footer: 1 to leave out"
    way = "or set order: file to compute as it stands"
    assert refusal(folder, rows) == f"{told} what is no row, {way}"


def test_a_month_of_another_language_is_no_footer(folder: Folder) -> None:
    rows = ["3 janv. 2023,4", "2 janv. 2023,3", "30 déc. 2022,2"]
    told = "date is '30 déc. 2022' in the last row, which is no timestamp as '3 janv. 2023' in the first is"
    assert refusal(folder, rows) == f"{told}, or set order: file to compute as it stands"


def test_files_from_newest_to_oldest_in_one_are_refused(folder: Folder) -> None:
    rows = [f"{y}-{m:02}-{d:02},1" for y in (2022, 2023) for m in range(12, 0, -1) for d in range(28, 0, -1)]
    told = "rows at both ends run from newest to oldest (date is '2022-12-28' in the first row)"
    way = "but not all of them: sort the file, or set order: file to compute as it stands"
    assert refusal(folder, rows) == f"{told}, {way}"


@pytest.mark.parametrize("told", ["unit: ms", "timestamp: close", "timestamp_format: %d/%m/%Y"])
def test_a_key_of_timestamps_that_reads_none_is_refused(told: str, folder: Folder) -> None:
    key, _, value = told.partition(": ")
    rows = [f"2024-01-{day:02},{day}" for day in range(20, 0, -1)]
    got = refusal(folder, rows, "--set", f'csv.{key}="{value}"')
    assert got == f"no timestamp of its first rows is read with csv: {told}"


def test_times_that_python_has_no_object_for_are_read(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text('seed: 1\nwindow: 2\nversion: "v1"\n')
    counts = range(1, 21)
    for times in (
        pa.array([1001 * n for n in counts], pa.time64("ns")),
        pa.array([1001 * n for n in counts], pa.duration("ns")),
        pa.array([10**7 + n for n in counts], pa.int32()).cast(pa.date32()),
        pa.array([f"2024-01-{n:02}" for n in counts], pa.string_view()),
    ):
        table = pa.table({"timestamp": times, "close": [1.0, 2.0] * 10})
        with pa.ipc.new_file(str(tmp_path / "bars.arrow"), table.schema) as file:
            file.write_table(table)
        paths = {
            "--input": "bars.arrow",
            "--config": "config.yaml",
            "--output": "m.json",
            "--log-file": "r.log",
        }
        words = [word for flag, name in paths.items() for word in (flag, str(tmp_path / name))]
        assert main([*words, "--signals", str(tmp_path / "s.csv"), "--force"]) == 0
