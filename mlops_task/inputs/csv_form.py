"""The section `csv:` of the config: what a CSV file does not say of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from mlops_task.settings import Section

if TYPE_CHECKING:
    from mlops_task.inputs.numerals import Numerals
    from mlops_task.inputs.timestamps import Style

DELIMITERS = (",", ";", "\t", "|")
"""Those that are found without config."""
MOST_SCANNED = 8
"""How long a number may be that stands for a missing value."""
_WORDS = Meta(
    description="a list of words in quotes, such as ['n.a.', '-999'], numbers of up to 8 characters",
)
_LINES = Meta(ge=0, le=1000, description="a number of lines from 0 to 1000")
_DELIMITER = Meta(pattern=r"^(?:[!#$%&*,/:;<=>?@^|~\t\\])$")
_TIMES = Meta(description="a column, by name or by number from 1, or a list of columns to be joined")
_STRPTIME = "YybBhaAHIkldemMSfpzZFTRD%"
_MARK = Meta(pattern=r'^[^\d.,+\-"\s]{1,8}$')  # numerals.STRIPPED, which is imported where it is needed


class CsvForm(Section, frozen=True, kw_only=True):
    """How a CSV file is written, where that is not certain."""

    delimiter: Annotated[
        Annotated[str, _DELIMITER] | None, Meta(description="one sign between fields, such as ';' or '\\t'")
    ] = None
    decimal: Annotated[Literal[".", ","] | None, Meta(description="'.' or ','")] = None
    thousands: Annotated[
        Literal[".", ",", " ", "'", "\u2019", "_", "\u00a0", "\u2009", "\u202f"] | None,
        Meta(description="'.', ',', ' ', '_' or an apostrophe, and another sign than that of decimals"),
    ] = None
    strip: Annotated[
        Annotated[str, _MARK] | None,
        Meta(description="up to 8 characters that stand before or behind a number, such as '%'"),
    ] = None
    skip_lines: Annotated[int, _LINES] = 0
    header: Annotated[Annotated[int, _LINES] | None, Meta(description="a number of lines from 0 to 1000")] = (
        None
    )
    missing: Annotated[tuple[str, ...], _WORDS] = ()
    footer: Annotated[int, _LINES] = 0
    timestamp: Annotated[
        Annotated[str, Meta(min_length=1)]
        | Annotated[int, Meta(ge=1)]
        | Annotated[tuple[str | Annotated[int, Meta(ge=1)], ...], Meta(min_length=1, max_length=8)]
        | None,
        _TIMES,
    ] = None
    unit: Annotated[
        Literal["s", "ms", "us", "ns"] | None,
        Meta(description="'s', 'ms', 'us' or 'ns', where timestamps are numbers"),
    ] = None
    timestamp_format: Annotated[
        str | None, Meta(description="words of strptime with a year at least, such as '%d/%m/%Y %H:%M'")
    ] = None
    encoding: Annotated[
        Literal["utf-8", "utf-16", "latin-1", "cp1252"],
        Meta(description="'utf-8', 'utf-16', 'latin-1' or 'cp1252'"),
    ] = "utf-8"

    def __post_init__(self) -> None:
        """Raise ValueError where two keys contradict each other, or a word cannot be what it is to be."""
        if self.thousands == (self.decimal or "."):
            raise ValueError("thousands")
        if any(len(word) > MOST_SCANNED and any(map(str.isdigit, word)) for word in self.missing):
            raise ValueError("missing")
        if self.timestamp_format is not None:
            from mlops_task.inputs.time_forms import is_format

            if not is_format(self.timestamp_format):
                raise ValueError("timestamp_format")

    @property
    def timestamps(self) -> tuple[str | int, ...]:
        """The columns that it says to have the timestamps."""
        told = self.timestamp
        return told if isinstance(told, tuple) else () if told is None else (told,)

    @property
    def style(self) -> Style:
        """What it says of the timestamps."""
        from mlops_task.inputs.timestamps import Style

        return Style(self.unit, self.timestamp_format)

    @staticmethod
    def rules() -> dict[str, Any]:
        """Return that signs differ, words of digits are short, and words of strptime are such."""

        def clash(sign: str, *decimals: str | None) -> dict[str, Any]:
            signs = {"thousands": {"const": sign}, "decimal": {"enum": list(decimals)}}
            return {"not": {"required": ["thousands"], "properties": signs}}

        comma = clash(",", ",")
        comma["not"]["required"].append("decimal")
        long = {"not": {"pattern": rf"^(?=.*\d).{{{MOST_SCANNED + 1},}}$"}}
        words = {"properties": {"missing": {"items": long}}}
        known = [{"pattern": rf"^(?:[^%]|%[{_STRPTIME}])*$"}, {"pattern": "%[YyFD]"}]
        times = {"properties": {"timestamp_format": {"allOf": known}}}
        return {"allOf": [clash(".", ".", None), comma, words, times]}

    @property
    def is_settled(self) -> bool:
        """Whether it says which sign of a number means what."""
        return bool(self.decimal or self.thousands)

    @property
    def has_plain_numbers(self) -> bool:
        """Whether no number stands for a missing value."""
        return not any(map(str.isdigit, "".join(self.missing)))

    def numerals(self, delimiter: str) -> Numerals:
        """Return how numbers are written in a file of that delimiter.

        A comma inside a field of a comma file stands in quotes, where it hardly is a decimal sign.
        """
        from mlops_task.inputs.numerals import Numerals

        thousands = self.thousands or ("," if delimiter == "," and self.decimal != "," else "")
        missing = frozenset(word.strip().lower() for word in self.missing)
        return Numerals(
            self.decimal or ".", thousands, self.strip or "", missing, self.is_settled, self.has_plain_numbers
        )
