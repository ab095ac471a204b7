"""What was found in a file and what to do about it, as text of 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from textwrap import wrap

from mlops_task.config import Config
from mlops_task.errors import clipped
from mlops_task.inputs.csv_form import CsvForm
from mlops_task.inputs.timestamps import UNITS
from mlops_task.inputs.timestamps import shown as moment
from mlops_task.inputs.ways import block, shown, told
from mlops_task.inspection.findings import Findings, findings
from mlops_task.inspection.profile import MOST_VALUES, Profile
from mlops_task.inspection.trials import Outcome, Trial, outcomes
from mlops_task.outputs.log import one_line

WIDTH = 80
MOST_COLUMNS = 200
_NAME, _KIND, _SAMPLE = 24, 16, 24
_INDENT = 13
_MIDNIGHT = " 00:00:00"
THOUSANDS = {"csv": {"decimal": ",", "thousands": "."}}
SHUFFLED = 5
"""Rows are shuffled if one of so many steps is against the direction of most."""


class Reporter:
    """Tells what files are for a config."""

    def __init__(self, name: str, config: Config) -> None:
        self._name, self._config = name, config

    def lines(self, path: Path) -> Iterator[str]:
        """Yield what there is to say of a file; InputError where nothing of it can be read."""
        found = outcomes(path, self._config, {})
        looked = findings(path, found[0].trial)
        symbols = next((each.name for each in looked.symbols if len(each.values or ()) > 1), None)
        if symbols is not None and "group_by" not in found[0].trial.way and found[0].error is None:
            # The first and the last rows, at which the job looks, have one value.
            found = outcomes(path, self._config, {"group_by": symbols})
        if found[0].error is not None and not looked.profiles:
            raise found[0].error
        yield from _facts([*looked.facts, *_order(found[0]), *_groups(looked), *_values(found)])
        yield ""
        yield from _columns(looked.profiles)
        if wrong := list(_wrong(found, looked)):
            yield from ("", "  looks wrong")
            yield from listed(wrong)
        yield ""
        if found[0].error is None:
            yield from self._ways(found)
        else:
            yield from _paragraph(f"No config is known that reads it: {found[0].error}.")

    def _ways(self, found: Sequence[Outcome]) -> Iterator[str]:
        """Yield the config to set, or those to choose from."""
        first, usual = found[0].trial, self._config.csv == CsvForm()
        if len(found) == 1 and self._fits(first):
            who = "It is read" if usual else f"{self._name} reads it"
            yield from _paragraph(f"{who} as it is: column {shown(first.column)}.")
            return
        yield from _paragraph("Of the file as it is, the job says:")
        yield from listed(dict.fromkeys(reason for outcome in found for reason in outcome.trial.reasons))
        instead = self._instead(found)
        if len(found) == 1 and not first.way:
            yield from _paragraph(f"Take out what {self._name} has under csv:.")
        elif len(found) == 1 and first.is_certain:
            yield from _paragraph(f"To be set in the config{instead}:")
            yield from ("", *block(first.way).splitlines())
        else:
            what = "It is not certain" if len(found) == 1 else f"It may mean {len(found)} things"
            yield from _paragraph(f"{what}: set in the config what holds{instead}.")
            for outcome in found:
                values = ", ".join(f"{value:.12g}" for value in outcome.first)
                times = "".join(f"; {name}: {text}" for name, text in _order(outcome))
                yield ""
                yield from _paragraph(f"If column {shown(outcome.trial.column)} is {values}, ...{times}:")
                yield from ("", *block(outcome.trial.way).splitlines())

    def _fits(self, trial: Trial) -> bool:
        """Tell whether the config says all that a trial says."""
        keys = ((key, value) for key, value in trial.way.items() if key != "csv")
        return trial.form == self._config.csv and all(getattr(self._config, key) == it for key, it in keys)

    def _instead(self, found: Sequence[Outcome]) -> str:
        """Return what of the config has to go where ways are pasted."""
        usual = Config(seed=0, window=1, version="none")
        keys = dict.fromkeys(key for outcome in found for key in outcome.trial.way)
        told = [key for key in keys if getattr(self._config, key) != getattr(usual, key)]
        return f", in place of its {' and '.join(told)}" if told else ""


def _order(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Yield how the rows run in time."""
    order, name = outcome.order, outcome.time_name or "the unnamed column"
    read = list(order.read.values())
    if not read:
        if outcome.rows:
            yield "order", "not known: no column of timestamps that are understood"
        return
    steps, *others = read
    setbacks, runs = (
        steps.setbacks,
        {1: "oldest first", -1: "newest first", 0: "all of one time"}[steps.direction],
    )
    if not all(map(steps.is_like, others)):
        runs = "not certain, as days may be months and months days"
    elif setbacks.number * SHUFFLED > steps.up.number + steps.down.number:
        runs = f"shuffled, {setbacks.number} of {order.rows - 1} steps being back in time"
    elif setbacks.number:
        runs += f", but for {setbacks.number} of {order.rows - 1} steps"
    unit = f" (unix, {UNITS[order.units[0]]})" if order.units else ""
    first, last = map(moment, sorted([steps.first, steps.last]))
    if first.endswith(_MIDNIGHT) and last.endswith(_MIDNIGHT):
        first, last = first.removesuffix(_MIDNIGHT), last.removesuffix(_MIDNIGHT)
    yield "order", f"{runs}, by {name}{unit}: {first} to {last}"


def _groups(looked: Findings) -> Iterator[tuple[str, str]]:
    """Yield the columns of symbols, and how many there are."""
    for profile in looked.symbols:
        values = profile.values
        if values is None:
            yield "groups", f"{profile.name}: more than {MOST_VALUES:,} values"
        elif values:
            count = "1 value" if len(values) == 1 else f"{len(values)} values"
            yield "groups", f"{profile.name}: {count} ({clipped(', '.join(values))})"


def _values(found: Sequence[Outcome]) -> Iterator[tuple[str, str]]:
    """Yield what is known of the column that is to be read."""
    outcome = found[0]
    if len(found) == 1 and outcome.rows:
        missing = f", {_share(outcome.missing, outcome.rows)} missing" if outcome.missing else ""
        yield (
            "column",
            f"{shown(outcome.trial.column)}: {outcome.lowest:.12g} to {outcome.highest:.12g}{missing}",
        )


def _wrong(found: Sequence[Outcome], looked: Findings) -> Iterator[str]:
    """Yield what looks wrong."""
    yield from found[0].notes
    if looked.fault is not None and found[0].error is None:
        yield looked.fault
    if looked.may_have_thousands and found[0].lowest >= 1 and found[0].highest < 1000:  # noqa: PLR2004 - groups of three digits
        first = found[0].first[0]
        yield (
            f"every value has three digits behind a point: if {first:.3f} stands for {first * 1000:.0f}, "
            f"set {told(THOUSANDS)}"
        )


def _facts(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, text in pairs:
        first, *more = _wrapped(text, WIDTH - _INDENT) or [""]
        yield f"  {name:<10} {first}"
        yield from (" " * _INDENT + line for line in more)


def _columns(profiles: Sequence[Profile]) -> Iterator[str]:
    names = [one_line(profile.name) or "(no name)" for profile in profiles]
    width = min(_NAME, max(map(len, ["column", *names])))
    kinds = min(_KIND, max(map(len, ["holds", *(profile.kind for profile in profiles)])))
    yield f"  {'':>3} {'column':<{width}}  {'holds':<{kinds}}  {'missing':>7}  samples"
    for number, (name, profile) in enumerate(zip(names, profiles, strict=True), 1):
        if number > MOST_COLUMNS:
            yield f"      and {len(profiles) - MOST_COLUMNS} more"
            return
        start = f"  {number:>3} {clipped(name, width):<{width}}  {clipped(profile.kind, kinds):<{kinds}}  "
        start += f"{_share(profile.missing, profile.rows):>7}  "
        samples = ", ".join(clipped(one_line(text), _SAMPLE) for text in profile.samples)
        yield (start + clipped(samples, WIDTH - len(start))).rstrip()


def listed(texts: Iterable[str]) -> Iterator[str]:
    """Yield the lines of sentences, untrusted text in them made safe."""
    for text in texts:
        first, *more = _wrapped(text, WIDTH - 4)
        yield f"  - {first}"
        yield from (f"    {line}" for line in more)


def _paragraph(text: str) -> Iterator[str]:
    yield from _wrapped(text, WIDTH)


def _wrapped(text: str, width: int) -> list[str]:
    return wrap(one_line(text), width, break_on_hyphens=False)


def _share(part: int, whole: int) -> str:
    percent = 100 * part / (whole or 1)
    return "0" if not part else f"{percent:.1f} %" if percent >= 0.1 else "< 0.1 %"  # noqa: PLR2004 - one digit
