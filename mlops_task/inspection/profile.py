"""What a column of a file holds, batch by batch: kinds of values, samples, extremes, what is missing."""

from __future__ import annotations

from collections import Counter, deque
from itertools import islice
from typing import Any

import numpy as np
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
_LONGEST = max(map(len, MISSING))
# `pa.array` imports pandas where it is installed.
_ENDS = np.cumsum([0, *map(len, MISSING)], dtype=np.int32)
_MISSING = pa.StringArray.from_buffers(
    len(MISSING), pa.py_buffer(_ENDS), pa.py_buffer("".join(MISSING).encode())
)


class Profile:
    """What a column holds, as far as it has been read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows = self.missing = 0
        self.is_plain: bool | None = None
        """Whether all texts so far are plain numbers; None as long as there are none."""
        self.type = ""
        """Of Arrow's types, where the file tells it."""
        self.kinds: Counter[str] = Counter()
        """Of texts: what those that were looked at are."""
        self._samples: list[str] = []
        self.lowest, self.highest = float("inf"), float("-inf")
        self.values: dict[str, None] | None = {}
        """The different texts in the order of the file, None if they are too many, or no texts."""

    def add(self, array: Any) -> None:  # noqa: ANN401 - pyarrow has no types
        """Take a batch of values in: an Arrow array, or one of floats with NaN for missing."""
        self.rows += len(array)
        if isinstance(array, np.ndarray):
            present = array[~np.isnan(array)]
            self.missing += len(array) - len(present)
            self.kinds["number"] += len(present)
            if len(present):
                self._add_extremes(float(present.min()), float(present.max()))
            return
        if pa.types.is_dictionary(array.type):
            array = pc.cast(array, array.type.value_type)
        if not pa.types.is_string(array.type) and not pa.types.is_large_string(array.type):
            self.type = str(array.type)
            self._add_typed(array)
        else:
            self._add_texts(pc.ascii_trim_whitespace(array))

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
            self._add_extremes(*_extremes(array))

    def _add_extremes(self, lowest: float, highest: float) -> None:
        self.lowest, self.highest = min(self.lowest, lowest), max(self.highest, highest)

    def _add_texts(self, texts: Any) -> None:  # noqa: ANN401 - likewise
        texts = self._without_missing(texts)
        self._sample(texts)
        if not len(texts):
            return
        looked_at = _sampled(texts)
        if (numbers := _numbers(texts, looked_at)) is not None:
            self.is_plain = self.is_plain is not False
            self.values = None
            self.kinds["number"] += len(numbers)
            self._add_extremes(*_extremes(numbers))
            return
        self.is_plain = False
        self._count(texts)
        kinds = Counter(map(kind_of, looked_at))
        if kinds["number"] == len(looked_at):  # what keeps them from being plain ones may be a word between
            odd = texts.filter(pc.invert(pc.match_substring_regex(texts, _PLAIN)))
            kinds = Counter(map(kind_of, _sampled(odd)))
            self.kinds["number"] += len(texts) - len(odd)
        self.kinds.update(kinds)

    def _without_missing(self, texts: Any) -> Any:  # noqa: ANN401 - likewise
        shortest = pc.min(pc.binary_length(texts)).as_py()
        if shortest is None or shortest > _LONGEST:
            return texts
        is_missing = pc.is_in(pc.ascii_lower(texts), _MISSING)
        count = pc.sum(is_missing).as_py()
        self.missing += count
        return texts.filter(pc.invert(is_missing)) if count else texts

    def _count(self, texts: Any) -> None:  # noqa: ANN401 - likewise
        if self.values is None:
            return
        found = texts.unique()
        if len(found) <= MOST_VALUES:
            self.values.update(dict.fromkeys(as_texts(found)))
        if max(len(found), len(self.values)) > MOST_VALUES:
            self.values = None


def _extremes(numbers: Any) -> tuple[float, float]:  # noqa: ANN401 - pyarrow has no types
    """Return the least and the greatest of some numbers."""
    found = pc.min_max(numbers)
    lowest, highest = found["min"].as_py(), found["max"].as_py()
    return (float("inf"), float("-inf")) if lowest is None else (lowest, highest)


def _sampled(texts: Any) -> list[str]:  # noqa: ANN401 - pyarrow has no types
    """Return some texts of a batch, of either end."""
    last = texts.slice(max(MOST_LOOKED_AT, len(texts) - MOST_LOOKED_AT))
    return [*as_texts(texts.slice(0, MOST_LOOKED_AT)), *as_texts(last)]


def kind_of(text: str) -> str:
    """Return what a text is that is not missing."""
    return "time" if is_time(text) else "number" if is_number(text) else "text"


def _numbers(texts: Any, looked_at: list[str]) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return texts as numbers; None where one is none."""
    try:
        deque(map(float, looked_at), maxlen=0)  # a cast that fails takes ten times as long
        return pc.cast(texts, pa.float64())
    except (ValueError, pa.ArrowInvalid):
        return None
