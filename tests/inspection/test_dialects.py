"""`--inspect` on files as exchanges, brokers and sites write them: the config that it prints reads them."""

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from mlops_task.cli import main
from mlops_task.inputs.numerals import separators
from tests.inputs.test_dialects import EXPECTED, FOLDER, READ, REFUSED

PLAIN = 'seed: 42\nwindow: 3\nversion: "v1"\n'
NOT_READ = {
    *("bad_zip.csv", "bad_xlsx.csv", "bad_xz.csv", "bad_json_lines.csv", "bad_json_error.csv", "bad_html.csv")
}
"""What is no table at all."""
FAULTY = {
    *("bad_text_after_quote.csv", "bad_digits_after_quote.csv", "bad_text_after_other_quote.csv"),
    *("bad_unclosed_quote.csv", "bad_mixed_delimiters.csv", "bad_header_repeated.csv"),
}
"""What no config reads."""
FIRST = {
    "bad_ambiguous_comma.csv": [1.234, 1234],
    "bad_ambiguous_dot.csv": [1.234, 1234],
    "bad_dates_shuffled.csv": [100.9],
    "bad_two_blocks.csv": [101.75],
}
"""The first value that each config gives, where it is another than in most files."""

WAITING = {"bad_dates_shuffled.csv", "bad_two_blocks.csv"}
"""What is a fault only under order: time."""


def inspected(path: Path, folder: Path, capsys: pytest.CaptureFixture[str], config: str = PLAIN) -> str:
    """What `--inspect` prints of a file, and nothing is left behind."""
    settings = folder / "config.yaml"
    settings.write_text(config)
    before = sorted(folder.iterdir())
    assert main(["--inspect", str(path), "--config", str(settings)]) == 0
    assert sorted(folder.iterdir()) == before
    out, err = capsys.readouterr()
    assert not err
    return out


def blocks(text: str) -> list[str]:
    """The configs that a text prints at the beginning of lines."""
    found: list[str] = []
    inside = False
    for line in text.splitlines():
        starts = line.split(":")[0].replace("_", "").isalpha() and ":" in line and line[:1].islower()
        if starts and not inside:
            found.append("")
        inside = bool(line) and (starts or inside)
        if inside:
            found[-1] += line + "\n"
    return found


def chosen(entry: dict[str, Any], found: list[str]) -> str:
    """Which of several configs has the signs of numbers that an entry has."""

    def fits(text: str) -> bool:
        csv = yaml.safe_load(text).get("csv", {})
        return csv.get("decimal", ".") == entry["decimal"] and separators(
            csv.get("thousands", "")
        ) == separators(entry["thousands"] or "")

    (block,) = filter(fits, found) if len(found) > 1 else found or [""]
    return block


def computed(path: Path, folder: Path, block: str) -> list[dict[str, str]]:
    """The rows with their signals that the job writes under a config that was pasted, values as `value`."""
    settings, signals = folder / "pasted.yaml", folder / "signals.csv"
    settings.write_text(PLAIN + block)
    paths = {"--input": path, "--config": settings, "--signals": signals}
    paths |= {"--output": folder / "metrics.json", "--log-file": folder / "run.log"}
    assert main([word for flag, name in paths.items() for word in (flag, str(name))]) == 0
    with signals.open(newline="") as file:
        names, *rows = csv.reader(file)
    names[names.index("rolling_mean") - 1] = "value"
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.mark.parametrize("name", READ)
def test_the_config_that_is_printed_gives_the_signals(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = EXPECTED[name]
    block = chosen(entry, blocks(inspected(FOLDER / name, tmp_path, capsys)))
    group = entry["group_by"]
    if group is None:  # a config may take two symbols apart where one series is asked for
        block = "".join(line for line in block.splitlines(keepends=True) if not line.startswith("group_by"))
    rows = computed(FOLDER / name, tmp_path, block)
    for symbol, closes in (entry["closes"] if group else {"": entry["closes"]}).items():
        mine = [row for row in rows if not group or row[group] == symbol]
        expected = [math.nan if text is None else float(text) for text in closes]
        np.testing.assert_array_equal([float(row["value"] or "nan") for row in mine], expected)
        signals = entry["signals_window_3"]
        assert [int(row["signal"]) for row in mine] == (signals[symbol] if group else signals)


@pytest.mark.parametrize("name", sorted(NOT_READ))
def test_what_is_no_table_is_told_by_the_sentence_of_the_job(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.yaml").write_text(PLAIN)
    assert main(["--inspect", str(FOLDER / name), "--config", str(tmp_path / "config.yaml")]) == 4
    path, *lines = capsys.readouterr().out.splitlines()
    assert path == str(FOLDER / name)
    assert " ".join(line[4:] for line in lines) == REFUSED[name]


@pytest.mark.parametrize("name", sorted(FAULTY))
def test_a_fault_that_no_config_heals_is_told(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = inspected(FOLDER / name, tmp_path, capsys)
    assert not blocks(text)
    assert f"No config is known that reads it: {REFUSED[name]}." in " ".join(text.split())


@pytest.mark.parametrize("name", [n for n in EXPECTED if n not in {*READ, *NOT_READ, *FAULTY}])
def test_what_a_config_heals_is_read_under_the_printed_one(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = blocks(inspected(FOLDER / name, tmp_path, capsys))
    first = [float(computed(FOLDER / name, tmp_path, block)[0]["value"]) for block in found or [""]]
    assert first == FIRST.get(name, [101.1])
