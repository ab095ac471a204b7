"""`--inspect` on files as exchanges, brokers and sites write them: the config that it prints reads them."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from mlops_task.cli import main
from mlops_task.config import Config
from mlops_task.inputs.numerals import separators
from mlops_task.settings import load
from tests import local
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
CLOSES = [101.1, 101.3, 101.2, 100.9, 101.45, 101.4, 101.75, 102.05, 101.9, 101.9, 101.9, 102.35]

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


def read(path: Path, folder: Path, block: str) -> tuple[list[float], Any]:
    """The values of a file under a config that was pasted."""
    settings = folder / "pasted.yaml"
    settings.write_text(PLAIN + block)
    return local.read(path, load(settings, Config))


@pytest.mark.parametrize("name", READ)
def test_the_config_that_is_printed_reads_the_file(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = EXPECTED[name]
    block = chosen(entry, blocks(inspected(FOLDER / name, tmp_path, capsys)))
    got, outcome = read(FOLDER / name, tmp_path, block + "order: file\n")
    assert outcome.error is None
    if entry["group_by"] is None:
        closes = [math.nan if text is None else float(text) for text in entry["closes"]]
        np.testing.assert_array_equal(got, closes[::-1] if entry["order"] == "newest_first" else closes)


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
    for block in found or [""]:
        got, outcome = read(FOLDER / name, tmp_path, block)
        assert outcome.error is None
        assert name in {"bad_dates_shuffled.csv", "bad_two_blocks.csv"} or got[:1] in (
            [101.1],
            [1.234],
            [1234],
        )
    assert len(found) == (
        2 if "ambiguous" in name else name not in {"bad_dates_shuffled.csv", "bad_two_blocks.csv"}
    )
