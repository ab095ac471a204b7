"""Which config reads a file: what refusals tell to set is tried until it is read to its end."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from mlops_task.config import Config
from mlops_task.engines.checks import check_order, check_values
from mlops_task.engines.local import ahead
from mlops_task.engines.work import Found, examined, merge, nothing
from mlops_task.errors import InputError
from mlops_task.inputs import formats
from mlops_task.inputs.closes import closes_among, is_adjusted
from mlops_task.inputs.columns import positions
from mlops_task.inputs.csv_form import DELIMITERS, CsvForm
from mlops_task.inputs.csv_structure import Structure, structure
from mlops_task.inputs.order import Ends, check_symbols, is_symbol
from mlops_task.inputs.protocol import CutError, Partition
from mlops_task.inputs.sequence import Order
from mlops_task.inputs.ways import ONE_BYTE, Way, merged, told
from mlops_task.inspection import tables
from mlops_task.inspection.texts import ends, is_utf_8

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
    is_certain: bool = True
    """Whether the column is the one that holds the closes, or was asked for."""
    is_structured: bool = False
    """Whether it was told where the rows begin and end."""

    @property
    def form(self) -> CsvForm:
        """The section `csv:`."""
        return msgspec.convert(dict(self.way.get("csv", {})), CsvForm)

    @property
    def is_possible(self) -> bool:
        """Whether what led here one after the other does not contradict itself."""
        try:
            return bool(self.form)
        except msgspec.ValidationError:
            return False

    @property
    def config(self) -> Config:
        """The config, but for what it does with the values."""
        keys = {key: self.way[key] for key in ("order", "group_by") if key in self.way}
        return Config(seed=0, window=1, version="none", column=self.column, csv=self.form, **keys)

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
    notes: tuple[str, ...] = ()
    """What the job would warn of."""
    order: Order = field(default_factory=Order)
    """How the timestamps follow each other."""
    time_name: str = ""

    def add(self, values: npt.NDArray[np.float64]) -> None:
        """Take values in that were read."""
        present = values[~np.isnan(values)]
        self.rows += len(values)
        self.missing += len(values) - len(present)
        self.first = (*self.first, *map(float, present[:MOST_SHOWN]))[:MOST_SHOWN]
        if len(present):
            self.lowest = min(self.lowest, float(present.min()))
            self.highest = max(self.highest, float(present.max()))


def outcomes(path: Path, config: Config, way: Way) -> list[Outcome]:
    """Return the trials that read a file to its end, each of other values; else those that did not.

    All of them set what `way` sets. What may mean several things is what the config says, if that reads it.
    """
    usual = CsvForm()
    own = {key: it for key, it in msgspec.to_builtins(config.csv).items() if it != getattr(usual, key)}
    search = _Search(path)
    good, bad = search.search(Trial(config.column, way))
    if not good and own:
        good, _ = search.search(Trial(config.column, merged(way, {"csv": own})))
    meant = [outcome for outcome in good if own and outcome.trial.form == config.csv]
    return meant if len(meant) == 1 else good or bad


class _Search:
    """Tries configs on one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._structures: dict[str, Structure | None] = {}

    def search(self, start: Trial) -> tuple[list[Outcome], list[Outcome]]:
        """Return the trials that read the file, each of other values, and those that led nowhere."""
        waiting, good, bad = [start], dict[bytes, Outcome](), list[Outcome]()
        tried: list[tuple[Way, str | int]] = []
        while waiting and len(tried) < MOST_TRIALS:
            trial = waiting.pop(0)
            if (trial.way, trial.column) in tried:
                continue
            tried.append((trial.way, trial.column))
            outcome = self._tried(trial)
            if outcome.error is None:
                good.setdefault(outcome.digest, outcome)
                continue
            following = [
                after
                for after in self._following(trial, outcome.error)
                if (after.way, after.column) not in tried and after.is_possible
            ]
            waiting += following
            if not following:
                bad.append(outcome)
        return list(good.values()), bad

    def _tried(self, trial: Trial) -> Outcome:
        outcome, config = Outcome(trial), trial.config
        digest = blake2b(repr(config.csv.timestamp_format).encode(), digest_size=16)
        try:
            found = nothing(config)
            for part, values in _parts(self._path, config):
                found = merge(found, part)
                outcome.add(values)
                digest.update(values.tobytes())
            outcome.order, outcome.time_name = found.order, found.time_name
            if not config.is_grouped:
                _check_symbols(found)
            notes = chain(check_values(found, config), check_order(found, config))
            outcome.notes = tuple(text for level, text in notes if level > logging.INFO)
            self._check_end(trial)
        except InputError as error:
            outcome.error = error
        outcome.digest = digest.digest()
        return outcome

    def _check_end(self, trial: Trial) -> None:
        """Raise InputError where lines behind the rows are read as if they were some."""
        structure = None if tables.schema(self._path) else self._structure(trial)
        footer = structure.form.get("footer", 0) if structure else 0
        if footer > trial.form.footer:
            way = {"csv": {"footer": footer}}
            lines = "line is no row" if footer == 1 else f"{footer} lines are no rows"
            raise InputError(f"the last {lines}, as it looks: set {told(way)}", [way])

    def _following(self, trial: Trial, error: InputError) -> Iterator[Trial]:
        """Yield what is to be tried after an error."""
        ways = [way for way in error.ways if way.get("order") != "file"]
        if ways:
            yield from (trial.taking(way, str(error)) for way in ways)
        elif not trial.is_structured:
            yield from self._structured(trial, str(error))

    def _structured(self, trial: Trial, reason: str) -> Iterator[Trial]:
        """Yield a trial as the file's own structure tells it, if it has one."""
        table = tables.schema(self._path)
        if table is not None:
            numeric = [at for at, kind in enumerate(table.types) if tables.is_number(kind)]
            yield from _named(trial, {}, table.names, closes_among(table.names, numeric), reason)
            return
        if trial.form.encoding == "utf-8" and not is_utf_8(*ends(self._path, "utf-8")):
            yield from (trial.taking(way, reason) for way in ONE_BYTE)
            return
        found = self._structure(trial)
        if found is None:
            return
        told = dict(found.form)
        is_cut = not found.is_told and found.delimiter != ","
        if is_cut and (not found.names or isinstance(trial.column, int) or found.delimiter not in DELIMITERS):
            told = {"delimiter": found.delimiter, **told}
        yield from _named(trial, {"csv": told} if told else {}, found.names, found.closes, reason)

    def _structure(self, trial: Trial) -> Structure | None:
        encoding = trial.form.encoding
        if encoding not in self._structures:
            self._structures[encoding] = structure(*ends(self._path, encoding))
        return self._structures[encoding]


def _check_symbols(found: Found) -> None:
    """Raise InputError where the first and last rows are of more than one symbol."""
    if found.first is None or found.last is None:
        return
    ends = Ends(found.first.first_rows(), found.last.last_rows())
    names = filter(is_symbol, ends.first)
    for name, warning in zip(names, check_symbols(ends), strict=False):
        raise InputError(warning, [{"group_by": name}])


Part = tuple[Found, npt.NDArray[np.float64]]


def _parts(path: Path, config: Config) -> Iterator[Part]:
    """Yield what is found in a file piece by piece, and the values; some are read ahead."""
    rest: Any = None
    threads = len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(threads) as pool:
        partitions = formats.partitions(str(path), config.wanted(kept=True))
        calls = ((partition, pool.submit(_read, partition, config)) for partition in partitions)
        for partition, call in ahead(calls, threads):
            parts, rest = _read(rest.joined(partition), config) if rest else call.result()
            yield from parts
    if rest is not None:
        raise rest.unfinished()


def _read(partition: Partition, config: Config) -> tuple[list[Part], Any]:
    """Return what is found in a partition, and what of it is to be joined with the next."""
    parts: list[Part] = []
    try:
        chunks = partition.chunks()
        parts.extend((examined(chunk, config, perf_counter()), chunk.values) for chunk in chunks)
    except CutError as cut:
        return parts, cut.rest
    return parts, None


def _named(
    trial: Trial, way: Way, names: Sequence[str], closes: Sequence[int], reason: str
) -> Iterator[Trial]:
    """Yield a trial of the configured column, else of each that may hold the closes."""
    mine = names and positions(list(names), trial.column)
    if mine:
        yield replace(trial.taking(way, reason), is_structured=True)
    for at in closes[:MOST_CANDIDATES] if not mine else ():
        taken = trial.taking({**way, "column": _spelled(names, at)}, reason)
        yield replace(
            taken, is_structured=True, is_certain=len(closes) == 1 and not (names and is_adjusted(names[at]))
        )


def _spelled(names: Sequence[str], at: int) -> str | int:
    """Return how a config names a column: by its number where its name does not tell it."""
    name = names[at] if names else ""
    return name if name and name.isprintable() and positions(list(names), name) == [at] else at + 1
