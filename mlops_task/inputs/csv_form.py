"""The section `csv:` of the config: what a CSV file does not say of itself."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from mlops_task.inputs.numerals import MOST_STRIPPED, Numerals

DELIMITERS = (",", ";", "\t", "|")
"""Those that are found without config."""
Lines = Annotated[int, Meta(ge=0, le=1000, description="a number of lines from 0 to 1000")]


class CsvForm(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How CSV is written, where that is not certain."""

    delimiter: (
        Annotated[
            str,
            Meta(
                pattern=r"^[^\w\s\x00-\x1f\"'.+\-\x80-\U0010ffff]$|^\t$",
                description='one character between fields, such as ";" or "\\t"',
            ),
        ]
        | None
    ) = None
    decimal: Annotated[Literal[".", ","] | None, Meta(description='"." or ","')] = None
    thousands: Annotated[
        Literal[".", ",", " ", "'", "\u2019", "_", "\u00a0", "\u2009", "\u202f"] | None,
        Meta(description='a sign between groups of three digits: ".", ",", " ", "\'" or "_"'),
    ] = None
    strip: (
        Annotated[
            str,
            Meta(
                pattern=rf'^[^\d.,+\-"\s]{{1,{MOST_STRIPPED}}}$',
                description=f'up to {MOST_STRIPPED} characters that stand before or behind a number, such as "%"',
            ),
        ]
        | None
    ) = None
    skip_lines: Lines = 0
    header: Lines | None = None
    missing: Annotated[tuple[str, ...], Meta(description='a list of words, such as ["n.a.", "-999"]')] = ()
    footer: Lines = 0
    encoding: Annotated[
        Literal["utf-8", "utf-16", "latin-1", "cp1252"],
        Meta(description="'utf-8', 'utf-16', 'latin-1' or 'cp1252'"),
    ] = "utf-8"

    def __post_init__(self) -> None:
        """Raise ValueError where two keys contradict each other."""
        if self.thousands == (self.decimal or "."):
            raise ValueError(f"thousands must differ from decimal, got {self.thousands!r} for both")

    def numerals(self, delimiter: str) -> Numerals:
        """Return how numbers are written in a file of that delimiter.

        A comma inside a field of a comma file stands in quotes, where it hardly is a decimal sign.
        """
        is_settled = bool(self.decimal or self.thousands)
        thousands = self.thousands or ("," if delimiter == "," and self.decimal != "," else "")
        missing = frozenset(word.strip().lower() for word in self.missing)
        return Numerals(self.decimal or ".", thousands, self.strip or "", missing, is_settled)
