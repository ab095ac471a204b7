"""What a file is, and what its columns hold over all of its rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from mlops_task.errors import InputError
from mlops_task.inputs import arrow, compressed, formats, parquet
from mlops_task.inputs.csv_header import has_mark, read_layout
from mlops_task.inputs.csv_rules import BadLineError, Layout, count_lines
from mlops_task.inputs.order import is_symbol
from mlops_task.inputs.protocol import Wanted
from mlops_task.inspection import tables
from mlops_task.inspection.profile import Profile
from mlops_task.inspection.texts import ends, opened
from mlops_task.inspection.trials import Trial

_CODECS = {"bz2": "bzip2"}
_ENCODINGS = {"utf-8": "UTF-8", "utf-16": "UTF-16", "latin-1": "Latin-1"}
_LINE_ENDS = (("CRLF", b"\r\n"), ("LF", b"\n"), ("CR", b"\r"))
_DELIMITERS = {"\t": "tab", ",": "comma", ";": "semicolon"}


@dataclass
class Findings:
    """What was found."""

    facts: list[tuple[str, str]] = field(default_factory=list)
    """A name and a text each."""
    profiles: list[Profile] = field(default_factory=list)
    """Of each column."""
    may_have_thousands: bool = False
    """Whether the points in the first values may part thousands; not in files delimited by commas."""
    fault: str | None = None
    """What the rows were not read beyond."""

    @property
    def symbols(self) -> list[Profile]:
        """The columns that are named as those of symbols are."""
        return [profile for profile in self.profiles if is_symbol(profile.name)]


def findings(path: Path, trial: Trial) -> Findings:
    """Look at every column of a file as a trial reads it."""
    kind, is_text = _format(path)
    found = Findings([("format", kind)])
    names: list[str] = []
    if is_text:
        with suppress(InputError, BadLineError):
            head, _ = ends(path, trial.form.encoding)
            layout, begin = read_layout(head, trial.column, trial.form)
            names = layout.names
            found.facts += _form(head, layout, begin)
            texts = [row[layout.index] for row in layout.first_fields if "." in row[layout.index]]
            found.may_have_thousands = (
                layout.delimiter != ","
                and not layout.form.is_settled
                and bool(texts)
                and all(re.fullmatch(r"\D*\d{1,3}\.\d{3}\D*", text) for text in texts)
            )
    elif schema := tables.schema(path):
        names = schema.names
    found.profiles = [Profile(name) for name in names]
    try:
        if names:
            tables.fill(found.profiles, path, Wanted(trial.column, trial.form))
    except InputError as error:
        found.fault = str(error)
    rows = max((profile.rows for profile in found.profiles), default=0)
    footer = trial.form.footer
    found.facts.append(("rows", f"{rows:,}{f', then {_lines(footer)} of footer' if footer else ''}"))
    return found


def _format(path: Path) -> tuple[str, bool]:
    """Return what a file is, and whether that is text."""
    with opened(path) as source:
        form = formats.format_of(source.head)
        if form is compressed:
            codec = compressed.codec_of(source.head)
            kind = f"CSV in {_CODECS.get(codec, codec)}"
        else:
            kind = "Parquet" if form is parquet else "Arrow" if form is arrow else "CSV"
    return f"{kind}, {path.stat().st_size:,} bytes", form not in {parquet, arrow}


def _form(head: bytes, layout: Layout, begin: int) -> Iterator[tuple[str, str]]:
    """Yield how a text is written; its rows begin at `begin`."""
    form, before = layout.form, layout.form.skip_lines
    encoding = _ENCODINGS.get(form.encoding, form.encoding)
    yield "encoding", encoding + (" with a byte order mark" if has_mark(head) else "")
    yield "line ends", next((name for name, sign in _LINE_ENDS if sign in head), "none")
    yield "delimiter", _DELIMITERS.get(layout.delimiter, layout.delimiter)
    lines = count_lines(head[:begin]) - before
    where = f"line {before + 1}" if lines <= 1 else f"lines {before + 1} to {before + lines}"
    behind = f", behind {_lines(before)} of preamble" if before else ""
    yield "header", ("none" if form.header == 0 else where) + behind


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count} lines"
