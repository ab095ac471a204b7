"""Rows in time order, whatever the order of the file, and files that are one series."""

import csv
import gzip
from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_task.config import Config
from mlops_task.engines.work import Found, conclude, examine, merge, plan
from mlops_task.inputs import protocol
from tests import local
from tests.inputs.test_order import DAYS, FORMS
from tests.test_cli import Folder

TIMED = Config(seed=1, window=5, version="v", order="time")
START = 'seed: 1\nwindow: 3\nversion: "v"\norder: time\n'


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = Folder(tmp_path)
    folder.config.write_text(START)
    return folder


def written(path: Path) -> list[list[str]]:
    """The rows of a CSV file, without header."""
    return list(csv.reader(path.read_text().splitlines()))[1:]


def signals(closes: list[str], window: int) -> list[str]:
    values = [Fraction(close) for close in closes]
    windows = [values[max(0, at + 1 - window) : at + 1] for at in range(len(values))]
    return [str(int(len(seen) == window and seen[-1] * window > sum(seen))) for seen in windows]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("block", [700, 2 * 1024 * 1024])
def test_newest_first_is_reversed_in_every_format_and_however_it_is_cut(
    tmp_path: Path, form: Callable[[list[str], Path], None], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", block)
    path = tmp_path / "bars"
    form(DAYS[::-1], path)
    found = local.found(path, 2, TIMED)
    assert (found.error, found.is_backward) == (None, True)
    assert (found.summary.rows, found.summary.ones) == (500, 0)  # the closes fall from day to day
    form(DAYS, path)
    found = local.found(path, 2, TIMED)
    assert (found.error, found.is_backward, found.summary.ones) == (None, False, 496)


@pytest.mark.parametrize("form", FORMS)
def test_workers_of_a_cluster_reverse_it_too(
    tmp_path: Path, form: Callable[[list[str], Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", 700)
    monkeypatch.setattr("mlops_task.engines.work.BLOCKS", 2)
    path = tmp_path / "bars"
    form(DAYS[::-1], path)
    planned = plan(str(path), TIMED)
    if not isinstance(planned, Found):
        parts = [examine(planned[0], TIMED)]
        for partition in planned[1:]:
            parts.append(examine(partition, TIMED, parts[-1].rest))
        planned = conclude(merge(*parts), TIMED)
    assert (planned.error, planned.is_backward, planned.summary.ones) == (None, True, 0)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("block", [700, 2 * 1024 * 1024])
def test_signals_are_written_from_oldest_to_newest(
    folder: Folder, form: Callable[[list[str], Path], None], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "BLOCK_BYTES", block)
    form(DAYS[::-1], folder.data)
    assert folder.run("--signals", folder.path / "s.csv") == 0
    rows = written(folder.path / "s.csv")
    assert [row[0] for row in rows] == DAYS
    closes = [row[1] for row in rows]
    assert [float(close) // 1 for close in closes] == list(range(499, -1, -1))
    assert [row[3] for row in rows] == signals(closes, 3)
    assert (
        "INFO - " + str(folder.data) + ": rows run from newest to oldest, and are taken in reverse"
        in folder.log.read_text()
    )


FORMATS = [
    "%Y-%m-%d %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%Y%m%d%H%M%S",
    "%d %b %Y %H:%M:%S",
    "%s",
]


@given(data=st.data())
def test_random_tables_in_either_order_and_any_form_give_the_signals_of_the_sorted_table(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rows = data.draw(st.integers(5, 60))
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    time, times = datetime(2024, 1, 1), []  # noqa: DTZ001 - written without zone
    for _ in range(rows):
        time += timedelta(seconds=int(rng.choice([1, 60, 3600, 86_400, 30 * 86_400])))
        times.append(time)
    times[-1] = times[-2] + timedelta(days=40)  # so that some day is beyond the twelfth
    times.append(times[-1].replace(day=28) + timedelta(days=31))
    times.append(times[-1].replace(month=12, day=31, year=times[-1].year + 1))
    closes = [f"{rng.integers(100, 110)}.{rng.integers(0, 99):02}" for _ in times]
    form = data.draw(st.sampled_from(FORMATS))
    apart = form == FORMATS[0] and data.draw(st.booleans())
    texts = [
        str(int((time - datetime(1970, 1, 1)).total_seconds())) if form == "%s" else time.strftime(form)  # noqa: DTZ001
        for time in times
    ]
    lines = [
        f"{text.replace(' ', ',') if apart else text},{close}"
        for text, close in zip(texts, closes, strict=True)
    ]
    if data.draw(st.booleans()):
        lines.reverse()
    path = tmp_path_factory.mktemp("bars") / "bars.csv"
    path.write_text("\n".join(["Date,Time,close" if apart else "date,close", *lines]) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(protocol, "BLOCK_BYTES", data.draw(st.sampled_from([40, 300, 2**21])))
        found = local.found(path, 2, Config(seed=1, window=3, version="v", order="time"))
    assert found.error is None
    assert found.summary.ones == signals(closes, 3).count("1")


def error(folder: Folder, text: str) -> str:
    """What is said of a CSV file that is refused."""
    folder.data.write_text(text)
    assert folder.run() == 4
    return str(folder.report()["error_message"]).removeprefix(f"{folder.data}: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "close\n1\n2\n3\n",
            (
                "has no column of timestamps, which time order needs: "
                "set csv: timestamp to its name, or to a list of columns"
            ),
        ),
        (
            "date,close\nx,1\ny,2\nz,3\n",
            "line 2: date is 'x', expected a timestamp: set csv: timestamp_format, or csv: unit of numbers",
        ),
        (
            "date,close\n2024-01-01,1\n,2\n2024-01-03,3\n",
            "line 3: date is '', expected a timestamp as in the first row ('2024-01-01')",
        ),
        (
            "date,close\n01/02/2024,1\n02/02/2024,2\n03/02/2024,3\n",
            (
                "date is '01/02/2024' in the first row, and all rows may have the day or the month first: "
                'set csv: timestamp_format: "%d/%m/%Y" or "%m/%d/%Y"'
            ),
        ),
        (
            "date,close\n2024-01-01,1\n2024-01-01,2\n2024-01-01,3\n",
            "all timestamps are one (date is '2024-01-01'), so that the order of rows is not known",
        ),
        (
            "date,close\n2024-01-01,1\n2024-01-03,2\n2024-01-02,3\n2024-01-04,3\n",
            (
                "line 4: date goes from 2024-01-03 00:00:00 to 2024-01-02 00:00:00, "
                "but rows run from oldest to newest elsewhere: sort the file"
            ),
        ),
        (
            "date,close\n2024-01-04,1\n2024-01-02,2\n2024-01-03,3\n2024-01-01,3\n",
            (
                "line 4: date goes from 2024-01-02 00:00:00 to 2024-01-03 00:00:00, "
                "but rows run from newest to oldest elsewhere: sort the file"
            ),
        ),
    ],
)
def test_what_has_no_time_order_is_refused(folder: Folder, text: str, expected: str) -> None:
    assert error(folder, text) == expected


def test_a_way_out_leads_out(folder: Folder) -> None:
    folder.data.write_text("date,close\n03/02/2024,1\n02/02/2024,2\n01/02/2024,3\n")
    folder.config.write_text(START + 'csv: {timestamp_format: "%d/%m/%Y"}\n')
    assert folder.run("--signals", folder.path / "s.csv") == 0
    assert [row[0] for row in written(folder.path / "s.csv")] == ["01/02/2024", "02/02/2024", "03/02/2024"]


@pytest.mark.parametrize("is_backward", [False, True])
def test_clocks_set_back_once_a_year_are_warned_about(folder: Folder, *, is_backward: bool) -> None:
    rows = ["2023-10-29 01:30", "2023-10-29 02:30", "2023-10-29 02:00", "2023-10-29 03:00"]
    rows += ["2024-10-27 02:30", "2024-10-27 02:00", "2024-10-27 03:00"]
    lines = [f"{row},{at}" for at, row in enumerate(rows)]
    folder.data.write_text("\n".join(["time,close", *(lines[::-1] if is_backward else lines)]) + "\n")
    assert folder.run() == 0
    before, after = (
        ("2024-10-27 02:00:00", "2024-10-27 02:30:00")
        if is_backward
        else ("2023-10-29 02:30:00", "2023-10-29 02:00:00")
    )
    warning = (
        f"line 4: timestamps jump back: time goes from {before} to {after}, the first of 2 times, "
        "as where clocks are set back"
    )
    assert f"WARNING - {folder.data}: {warning}\n" in folder.log.read_text()


def test_clocks_are_not_set_back_twice_a_year(folder: Folder) -> None:
    rows = [
        "2023-10-29 02:30",
        "2023-10-29 02:00",
        "2023-10-29 03:00",
        "2023-10-30 02:30",
        "2023-10-30 02:00",
    ]
    text = "time,close\n" + "".join(f"{row},1\n" for row in rows)
    assert error(folder, text + "2023-11-01 00:00,1\n2023-12-01 00:00,1\n") == (
        "line 6: time goes from 2023-10-30 02:30:00 to 2023-10-30 02:00:00, "
        "but rows run from oldest to newest elsewhere: sort the file"
    )


def test_every_row_is_looked_at_where_signals_are_written(folder: Folder) -> None:
    folder.config.write_text(START.replace("order: time\n", ""))
    days = [*DAYS[:250], DAYS[100], *DAYS[250:], DAYS[-1]]
    folder.data.write_text("date,close\n" + "".join(f"{day},1\n" for day in days))
    assert folder.run("--signals", folder.path / "s.csv") == 0
    log = folder.log.read_text()
    assert (
        f"WARNING - {folder.data}: line 252: timestamps jump back: date goes from {DAYS[249]} 00:00:00 "
        in log
    )
    assert f"WARNING - {folder.data}: line 503: timestamps repeat: date is {DAYS[-1]} 00:00:00 again\n" in log
    assert folder.run() == 0
    assert "line 252" not in folder.log.read_text().removeprefix(log)


def test_a_first_blank_timestamp_does_not_silence_the_check(folder: Folder) -> None:
    folder.config.write_text(START.replace("order: time\n", ""))
    assert error(folder, "date,close\n,1\n2024-01-03,1\n2024-01-02,2\n2024-01-01,3\n") == (
        "rows run from newest to oldest (date is '2024-01-03' in the first row, '2024-01-01' in the last): "
        "set order: time to have it reversed, or set order: file to compute as it stands"
    )


@pytest.mark.parametrize(
    "days", [["2024-05", "2024-04", "2024-03"], ["May-24", "Apr-24", "Mar-24"], ["2024", "2023", "2022"]]
)
def test_months_and_years_are_not_computed_backwards(folder: Folder, days: list[str]) -> None:
    folder.config.write_text(START.replace("order: time\n", ""))
    text = "date,close\n" + "".join(f"{day},{at}\n" for at, day in enumerate(days))
    assert error(folder, text).startswith("rows run from newest to oldest")


def test_prices_of_both_signs_and_many_missing_are_warned_about(folder: Folder) -> None:
    folder.data.write_text("date,close\n2024-01-01,1\n2024-01-02,-2\n2024-01-03,\n2024-01-04,3\n")
    assert folder.run() == 0
    log = folder.log.read_text()
    assert f"WARNING - {folder.data}: 25.0 % of the values of close are missing (1)\n" in log
    assert (
        f"WARNING - {folder.data}: close has values above 0 and not above 0, of which -2 is the least\n"
        in log
    )


def test_a_date_does_not_lose_to_a_time_of_day(folder: Folder) -> None:
    folder.config.write_text(START.replace("order: time\n", ""))
    folder.data.write_text("date,time,close\n2024.03.04,09:00,1\n2024.03.04,10:00,2\n2024.03.05,09:00,3\n")
    assert folder.run("--signals", folder.path / "s.csv") == 0
    assert (folder.path / "s.csv").read_text().splitlines()[:2] == [
        '"date time","close","rolling_mean","signal"',
        '"2024.03.04 09:00",1,nan,0',
    ]


def test_dates_and_times_of_parquet_are_joined(folder: Folder) -> None:
    days = pa.array([datetime(2024, 3, 5).date(), datetime(2024, 3, 4).date(), datetime(2024, 3, 4).date()])  # noqa: DTZ001
    clocks = pa.array([9 * 3600, 10 * 3600, 9 * 3600], pa.int32()).cast(pa.time32("s"))
    folder.data = folder.path / "bars.parquet"
    pq.write_table(pa.table({"date": days, "time": clocks, "close": [3.0, 2.0, 1.0]}), folder.data)
    assert folder.run("--signals", folder.path / "s.csv") == 0
    assert [row[:2] for row in written(folder.path / "s.csv")] == [
        ["2024-03-04 09:00:00.000", "1"],
        ["2024-03-04 10:00:00.000", "2"],
        ["2024-03-05 09:00:00.000", "3"],
    ]


JOINED = START.replace("order: time", "series: joined")


@pytest.fixture
def months(folder: Folder) -> Folder:
    """Three files of days that are one series, named in no order; the last runs from newest to oldest."""
    folder.config.write_text(JOINED)
    folder.data = folder.path / "in"
    folder.data.mkdir()
    for name, days in {"b.csv": DAYS[:31], "c.csv": DAYS[31:60]}.items():
        (folder.data / name).write_text("date,close\n" + "".join(f"{day},{day[-2:]}.5\n" for day in days))
    lines = "".join(f"{day},{day[-2:]}.5\n" for day in DAYS[60:91][::-1])
    (folder.data / "a.csv.gz").write_bytes(gzip.compress(f"date,close\n{lines}".encode()))
    return folder


def test_files_that_are_one_series_are_put_in_order(months: Folder) -> None:
    breakdown, table = months.path / "b.csv", months.path / "s.csv"
    assert months.run("--signals", table, "--breakdown", breakdown) == 0
    rows = written(table)
    assert [row[0] for row in rows] == DAYS[:91]
    expected = signals([f"{day[-2:]}.5" for day in DAYS[:91]], 3)
    assert [row[3] for row in rows] == expected
    ones = expected.count("1")
    assert months.report()["value"] == round(ones / 91, 4)
    assert [row[:3] for row in written(breakdown)] == [["joined series", "91", str(ones)]]


def test_a_window_may_be_longer_than_a_file_of_a_joined_series(months: Folder) -> None:
    months.config.write_text(JOINED.replace("window: 3", "window: 60"))
    assert months.run() == 0
    months.config.write_text(JOINED.replace("window: 3", "window: 92"))
    assert months.run() == 4
    assert months.report()["error_message"] == "joined series: has 91 rows, fewer than the window of 92"


def test_a_gap_between_files_is_warned_about(months: Folder) -> None:
    (months.data / "c.csv").unlink()
    assert months.run() == 0
    where = (
        f"{months.data}/b.csv ends at 2024-01-31 00:00:00, and {months.data}/a.csv.gz starts at 2024-03-01"
    )
    assert f"WARNING - joined series: a gap between files: {where} 00:00:00\n" in months.log.read_text()


def test_files_that_overlap_are_refused(months: Folder) -> None:
    (months.data / "d.csv").write_text("date,close\n2024-01-31,1\n2024-02-01,2\n")
    assert months.run() == 4
    assert months.report()["error_message"] == (
        f"joined series: files overlap: {months.data}/b.csv ends at 2024-01-31 00:00:00, and "
        f"{months.data}/d.csv starts at 2024-01-31 00:00:00: leave one out, or cut what both have"
    )


def test_a_file_that_fails_fails_the_joined_series_or_is_left_out(months: Folder) -> None:
    (months.data / "c.csv").write_text("date,close\nx,1\n")
    what = f"{months.data}/c.csv: line 2: date is 'x', expected a timestamp: "
    assert months.run() == 4
    assert str(months.report()["error_message"]).startswith(f"joined series: {what}")
    assert months.run("--keep-going") == 0
    assert months.report()["rows_processed"] == 62
    left_out = f"{months.data}/c.csv: left out: line 2: date is 'x', expected a timestamp: "
    assert f"WARNING - joined series: {left_out}" in months.log.read_text()


def test_joined_files_cannot_stay_in_the_order_of_the_file(months: Folder) -> None:
    months.config.write_text(JOINED + "order: file\n")
    assert months.run() == 3
    assert months.report()["error_message"] == (
        f"{months.config}: series must be 'file', or 'joined', which puts rows in time order and does "
        "without order: file, got 'joined'"
    )


def test_rows_that_step_up_before_they_run_backwards_are_written_in_time_order(folder: Folder) -> None:
    times = ["2024-11-03 01:00", "2024-11-03 01:30", "2024-11-03 01:15"]
    times += [f"2024-11-02 {hour:02}:00" for hour in range(23, -1, -1)]
    table = pa.table({"timestamp": times, "close": [float(row + 1) for row in range(len(times))]})
    folder.data = folder.path / "a.arrows"
    with pa.ipc.new_stream(folder.data, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    signals = folder.path / "signals.csv"
    assert folder.run("--set", "order=time", "--set", "window=2", "--signals", signals) == 0
    assert signals.read_text().splitlines()[1].startswith('"2024-11-02 00:00",27')


def test_texts_by_a_dictionary_of_each_file_are_written(folder: Folder) -> None:
    folder.data = folder.path / "in"
    folder.data.mkdir()
    for month in (1, 2):
        days = pa.array([f"2024-{month:02}-{day:02}" for day in range(1, 20)]).dictionary_encode()
        table = pa.table({"timestamp": days, "close": [float(day + 1) for day in range(19)]})
        pq.write_table(table, folder.data / f"{month}.parquet")
    signals = folder.path / "signals.csv"
    assert folder.run("--set", "series=joined", "--set", "window=2", "--signals", signals) == 0
    assert signals.read_text().count("\n") == 39


def test_rows_that_turn_back_after_many_of_one_moment_are_not_written_in_a_wrong_order(
    folder: Folder,
) -> None:
    times = ["2024-01-02 01:00"] * 1000 + ["2024-01-02 01:30"] * 200
    times += [str(np.datetime64("2024-01-01T23:59") - row).replace("T", " ") for row in range(300)]
    table = pa.table({"timestamp": times, "close": [float(row + 1) for row in range(len(times))]})
    folder.data = folder.path / "a.arrows"
    with pa.ipc.new_stream(folder.data, table.schema) as writer:
        writer.write_table(table, max_chunksize=1200)
    signals = folder.path / "signals.csv"
    assert folder.run("--set", "order=time", "--signals", signals) == 4
    told = "the first rows run from oldest to newest, and most of the others from newest to oldest"
    assert folder.report()["error_message"] == f"{folder.data}: {told}: sort the file"
    assert not signals.exists()
    assert folder.run("--set", "order=time") == 0
