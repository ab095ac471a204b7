"""`--inspect` on exports of random forms: a config that it prints reads them, and gives the closes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.generate import FORMS, write
from mlops_task.config import Config
from mlops_task.inspection.report import Reporter
from mlops_task.settings import load
from tests import local
from tests.inspection.test_dialects import blocks

CONFIG = Config(seed=1, window=1, version="v")
PLAIN = "seed: 1\nwindow: 1\nversion: v\n"
PROSE = ("https://www.example.org", "Own words of a title", "", "A series: AAA", "Currency: USD")
ENDS = ("Own words of a footer, and a comma", "Source: example", "", "Copyright (c) own", "Total")
NAMES = (
    *("Date,Open,High,Low,Close,Volume", "<DATE>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>"),
    *("Datum,Eröffnung,Hoch,Tief,Schlusskurs,Volumen", "Data,Abertura,Máxima,Mínima,Último,Vol."),
    *("Date,Open,High,Low,Price,Vol.", "Date,Open,High,Low,Close/Last,Volume"),
)
STYLES = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", "%d %b %Y", "%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Export:
    """How a table is written."""

    names: str
    delimiter: str
    marks: tuple[str, str]
    """The decimal sign, and what stands between groups of three digits."""
    style: str
    sign: str
    preamble: Sequence[str]
    footer: Sequence[str]
    lines: int
    """How many the header has."""
    is_newest_first: bool
    encoding: str
    end: str

    def text(self, closes: Sequence[float]) -> str:
        """The file of some closes, a bar around each."""
        decimal, between = self.marks
        quote = '"' if self.delimiter in {decimal, between} else ""
        signs = str.maketrans({",": between, ".": decimal})

        def joined(fields: Sequence[str]) -> str:
            return self.delimiter.join(f"{quote}{field}{quote}" for field in fields)

        names = self.names.split(",")
        rows = []
        for day, close in enumerate(closes):
            time = datetime(2024, 1, 15) + timedelta(days=day)  # noqa: DTZ001 - as exports write it
            prices = (close - 0.25, close + 0.5, close - 0.5, close)
            shown = [self.sign + f"{price:,.2f}".translate(signs) for price in prices]
            rows.append(joined([time.strftime(self.style), *shown, str(100 + day)]))
        header = [joined(names), joined(["", *["USD"] * (len(names) - 1)])][: self.lines]
        body = rows[::-1] if self.is_newest_first else rows
        return self.end.join([*self.preamble, *header, *body, *self.footer]) + self.end


def lines(texts: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(texts), max_size=10).map(
        lambda found: found if not found or (found[0] and found[-1]) else ["Own words", *found, "Own words"]
    )


exports = st.builds(
    Export,
    names=st.sampled_from(NAMES),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    marks=st.sampled_from([(".", ""), (".", ","), (",", ""), (",", "."), (",", "\u00a0"), (",", " ")]),
    style=st.sampled_from(STYLES),
    sign=st.sampled_from(["", "", "$", "€"]),
    preamble=lines(PROSE),
    footer=lines(ENDS),
    lines=st.integers(0, 2),
    is_newest_first=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
tables = st.lists(st.integers(900_00, 1_100_00), min_size=12, max_size=60)


@settings(max_examples=60)
@given(export=exports, cents=tables)
def test_a_printed_config_reads_the_export(export: Export, cents: list[int]) -> None:
    closes = [cent / 100 for cent in cents]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "bars.csv"
        path.write_bytes(export.text(closes).encode(export.encoding))
        found = blocks("\n".join(Reporter("config.yaml", CONFIG).lines(path))) or [""]
        expected = closes[::-1] if export.is_newest_first else closes
        assert expected in [values(path, block) for block in found]
        assert len(found) == 1


def values(path: Path, block: str) -> list[float]:
    """The values of a file under a config, in the order of the file."""
    config = path.with_suffix(".yaml")
    config.write_text(PLAIN + block, encoding="utf-8")
    got, found = local.read(path, load(config, Config))
    assert found.error is None
    return got


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_generator_is_read_by_the_printed_config(form: str, tmp_path: Path) -> None:
    path, plain = tmp_path / "bars.csv", tmp_path / "plain.csv"
    write(path, rows=300, form=form)
    write(plain, rows=300)
    (block,) = blocks("\n".join(Reporter("config.yaml", CONFIG).lines(path))) or [""]
    got, expected = values(path, block), values(plain, "")
    if form == "missing":
        expected = [value if n % 100 else float("nan") for n, value in enumerate(expected, 1)]
    np.testing.assert_array_equal(got, expected)
