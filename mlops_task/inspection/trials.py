"""Which config reads a file: what refusals tell to set is tried until it is read to its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from mlops_task.config import Config
from mlops_task.errors import InputError
from mlops_task.inputs import formats
from mlops_task.inputs.closes import closes_among
from mlops_task.inputs.columns import positions
from mlops_task.inputs.csv_form import DELIMITERS, CsvForm
from mlops_task.inputs.csv_structure import structure
from mlops_task.inputs.order import Ends, check_ends
from mlops_task.inputs.protocol import Chunk, CutError, Wanted
from mlops_task.inputs.ways import Way, merged
from mlops_task.inspection import tables
from mlops_task.inspection.texts import ends

MOST_TRIALS = 64
MOST_CANDIDATES = 8
MOST_SHOWN = 3
"""Of how many columns each is read that may hold the closes."""


@dataclass(frozen=True)
class Trial:
    """A config to be tried."""

    column: str | int
    way: Way = field(default_factory=dict)
    """What there is to set, the column too where it is another than configured."""
    reasons: tuple[str, ...] = ()
    """The refusals that it leads out of."""
    is_structured: bool = False
    """Whether it was told where the rows begin and end."""

    @property
    def form(self) -> CsvForm:
        """The section `csv:`."""
        return msgspec.convert(dict(self.way.get("csv", {})), CsvForm)

    def taking(self, way: Way, reason: str) -> Trial:
        """Return what a way out of a refusal leads to."""
        column = way.get("column", self.column)
        return replace(self, way=merged(self.way, way), column=column, reasons=(*self.reasons, reason))


@dataclass
class Outcome:
    """What came of a trial: what was read, up to the `error` if there is one."""

    trial: Trial
    error: InputError | None = None
    rows: int = 0
    missing: int = 0
    first: tuple[float, ...] = ()
    """The first values."""
    lowest: float = float("inf")
    highest: float = float("-inf")
    digest: bytes = b""
    """Equal for equal values."""
    warnings: tuple[str, ...] = ()

    def add(self, values: npt.NDArray[np.float64]) -> None:
        """Take values in that were read."""
        present = values[~np.isnan(values)]
        self.rows += len(values)
        self.missing += len(values) - len(present)
        self.first = (*self.first, *map(float, present[:MOST_SHOWN]))[:MOST_SHOWN]
        if len(present):
            self.lowest = min(self.lowest, float(present.min()))
            self.highest = max(self.highest, float(present.max()))


def outcomes(path: Path, config: Config) -> list[Outcome]:
    """Return the trials that read a file to its end, each of other values; else those that did not.

    What may mean several things is what the config says, if that reads it.
    """
    own = {
        key: value
        for key, value in msgspec.to_builtins(config.csv).items()
        if value != getattr(CsvForm(), key)
    }
    good, bad = _searched(path, Trial(config.column))
    if not good and own:
        good, _ = _searched(path, Trial(config.column, {"csv": own}))
    meant = [outcome for outcome in good if outcome.trial.form == config.csv]
    return meant if len(meant) == 1 else good or bad


def _searched(path: Path, start: Trial) -> tuple[list[Outcome], list[Outcome]]:
    """Return the trials that read a file to its end, each of other values, and those that led nowhere."""
    waiting = [start]
    good: dict[bytes, Outcome] = {}
    bad: list[Outcome] = []
    tried: list[tuple[Way, str | int]] = []
    while waiting and len(tried) < MOST_TRIALS:
        trial = waiting.pop(0)
        if (trial.way, trial.column) in tried:
            continue
        tried.append((trial.way, trial.column))
        outcome = _tried(path, trial)
        if outcome.error is None:
            good.setdefault(outcome.digest, outcome)
            continue
        following = [
            after
            for after in _following(path, outcome, outcome.error)
            if (after.way, after.column) not in tried
        ]
        waiting += following
        if not following:
            bad.append(outcome)
    return list(good.values()), bad


def _tried(path: Path, trial: Trial) -> Outcome:
    outcome, digest = Outcome(trial), blake2b(digest_size=16)
    first = last = None
    try:
        for chunk in _chunks(path, Wanted(trial.column, trial.form)):
            if len(chunk.values):
                first, last = first or chunk.origin, chunk.origin
                outcome.add(chunk.values)
                digest.update(chunk.values.tobytes())
        if not outcome.rows:
            raise InputError("has a header but no data rows")
        if outcome.missing == outcome.rows:
            raise InputError(f"every value of {trial.column} is missing, expected numbers")
        if first is not None and last is not None:
            outcome.warnings = _warnings(Ends(first.first_rows(), last.last_rows()))
    except InputError as error:
        outcome.error = error
    outcome.digest = digest.digest()
    return outcome


def _warnings(ends: Ends) -> tuple[str, ...]:
    try:
        return tuple(check_ends(ends, as_it_stands=False))
    except InputError as error:
        if any("csv" in way for way in error.ways):
            raise
        return (str(error),)


def _chunks(path: Path, wanted: Wanted) -> Iterator[Chunk]:
    rest: Any = None
    for partition in formats.partitions(str(path), wanted):
        whole = rest.joined(partition) if rest else partition
        rest = None
        try:
            yield from whole.chunks()
        except CutError as cut:
            rest = cut.rest
    if rest is not None:
        raise rest.unfinished()


def _following(path: Path, outcome: Outcome, error: InputError) -> Iterator[Trial]:
    """Yield what is to be tried after an error."""
    trial = outcome.trial
    ways = [way for way in error.ways if way.get("order") != "file"]
    if ways:
        yield from (trial.taking(way, str(error)) for way in ways)
    elif not trial.is_structured:
        yield from _structured(path, trial, str(error))


def _structured(path: Path, trial: Trial, reason: str) -> Iterator[Trial]:
    """Yield a trial as the file's own structure tells it, if it has one."""
    table = tables.schema(path)
    if table is not None:
        numeric = [at for at, kind in enumerate(table.types) if tables.is_number(kind)]
        yield from _named(trial, {}, table.names, closes_among(table.names, numeric), reason)
        return
    found = structure(*ends(path, trial.form.encoding))
    if found is None:
        return
    told = dict(found.form)
    is_cut = not found.is_told and found.delimiter != ","
    if is_cut and (not found.names or isinstance(trial.column, int) or found.delimiter not in DELIMITERS):
        told = {"delimiter": found.delimiter, **told}
    yield from _named(trial, {"csv": told} if told else {}, found.names, found.closes, reason)


def _named(
    trial: Trial, way: Way, names: Sequence[str], closes: Sequence[int], reason: str
) -> Iterator[Trial]:
    """Yield a trial of the configured column, else of each that may hold the closes."""
    mine = names and positions(list(names), trial.column)
    if mine:
        yield replace(trial.taking(way, reason), is_structured=True)
    for at in closes[:MOST_CANDIDATES] if not mine else ():
        column = _spelled(names, at)
        taken = trial.taking({**way, "column": column}, reason)
        yield replace(taken, is_structured=True)


def _spelled(names: Sequence[str], at: int) -> str | int:
    """Return how a config names a column: by its number where its name does not tell it."""
    name = names[at] if names else ""
    return name if name and name.isprintable() and positions(list(names), name) == [at] else at + 1
