"""What a column of a file holds, batch by batch: kinds of values, samples, extremes, what is missing."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from mlops_task.inputs.arrow_columns import as_texts
from mlops_task.inputs.csv_structure import is_number, is_time
from mlops_task.inputs.numerals import MISSING

SAMPLES = 3
MOST_LOOKED_AT = 40
"""Of how many texts at either end of a batch the kinds are told one by one."""
MOST_VALUES = 10_000
"""Up to how many different texts of a column are counted."""
_PLAIN = r"^[-+]?[0-9.]+([eE][-+]?[0-9]+)?$"
_MISSING = pa.array(sorted(MISSING))


class Profile:
    """What a column holds, as far as it has been read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows = self.missing = 0
        self.type = ""
        """Of Arrow's types, where the file tells it."""
        self.kinds: Counter[str] = Counter()
        """Of texts: what those that were looked at are."""
        self._samples: list[str] = []
        self.lowest, self.highest = float("inf"), float("-inf")
        self.values: dict[str, None] | None = {}
        """The different texts in the order of the file, None if they are too many, or no texts."""

    def add(self, array: Any) -> None:  # noqa: ANN401 - pyarrow has no types
        """Take a batch of values in."""
        self.rows += len(array)
        if pa.types.is_dictionary(array.type):
            array = pc.cast(array, array.type.value_type)
        if not pa.types.is_string(array.type) and not pa.types.is_large_string(array.type):
            self.type = str(array.type)
            self._add_typed(array)
        elif (numbers := _numbers(array)) is not None:
            self._sample(array)
            self._add_numbers(numbers)
        else:
            self._add_texts(pc.utf8_trim_whitespace(array))

    @property
    def kind(self) -> str:
        """What the column holds, in a word or two."""
        if self.type:
            return self.type
        named = [kind for kind, _ in self.kinds.most_common(2)]
        return " and ".join(named) or "nothing"

    @property
    def samples(self) -> list[str]:
        """The first values, different ones where they are texts."""
        return list(self.values)[:SAMPLES] if self.values else self._samples

    def _sample(self, array: Any) -> None:  # noqa: ANN401 - likewise
        if len(self._samples) < SAMPLES:
            shown = map(repr, array[:SAMPLES].to_pylist()) if pa.types.is_floating(array.type) else None
            texts = shown or as_texts(array.slice(0, SAMPLES))
            self._samples += islice(filter(None, texts), SAMPLES - len(self._samples))

    def _add_typed(self, array: Any) -> None:  # noqa: ANN401 - likewise
        self.values = None
        self._sample(array.drop_null())
        self.missing += array.null_count
        if pa.types.is_floating(array.type) or pa.types.is_integer(array.type):
            if pa.types.is_floating(array.type):
                self.missing += pc.sum(pc.is_nan(array)).as_py() or 0
            self._add_extremes(array)

    def _add_numbers(self, numbers: Any) -> None:  # noqa: ANN401 - likewise
        self.values = None
        self.kinds["number"] += len(numbers)
        self._add_extremes(numbers)

    def _add_extremes(self, numbers: Any) -> None:  # noqa: ANN401 - likewise
        found = pc.min_max(numbers)
        if found["min"].is_valid:
            self.lowest = min(self.lowest, found["min"].as_py())
            self.highest = max(self.highest, found["max"].as_py())

    def _add_texts(self, texts: Any) -> None:  # noqa: ANN401 - likewise
        is_missing = pc.is_in(pc.utf8_lower(texts), _MISSING)
        count = pc.sum(is_missing).as_py() or 0
        self.missing += count
        if count:
            texts = texts.filter(pc.invert(is_missing))
        self._sample(texts)
        if not len(texts):
            return
        if (numbers := _numbers(texts)) is not None:
            self._add_numbers(numbers)
            return
        self._count(texts)
        looked_at = _sampled(texts)
        kinds = Counter(map(kind_of, looked_at))
        if kinds["number"] == len(looked_at):  # what keeps them from being plain ones may be a word between
            odd = texts.filter(pc.invert(pc.match_substring_regex(texts, _PLAIN)))
            kinds = Counter(map(kind_of, _sampled(odd)))
            self.kinds["number"] += len(texts) - len(odd)
        self.kinds.update(kinds)

    def _count(self, texts: Any) -> None:  # noqa: ANN401 - likewise
        if self.values is not None:
            self.values.update(dict.fromkeys(as_texts(texts.unique())))
            if len(self.values) > MOST_VALUES:
                self.values = None


def _sampled(texts: Any) -> list[str]:  # noqa: ANN401 - pyarrow has no types
    """Return some texts of a batch, of either end."""
    last = texts.slice(max(MOST_LOOKED_AT, len(texts) - MOST_LOOKED_AT))
    return [*as_texts(texts.slice(0, MOST_LOOKED_AT)), *as_texts(last)]


def kind_of(text: str) -> str:
    """Return what a text is that is not missing."""
    return "time" if is_time(text) else "number" if is_number(text) else "text"


def _numbers(texts: Any) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return texts as numbers; None where one is none."""
    try:
        return pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:
        return None
