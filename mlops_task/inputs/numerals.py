"""Numbers as exports write them: decimal signs, thousands separators, signs of currency, words for nothing.

What a text certainly says is read. What may be one number or another is refused, with the config that settles
it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from mlops_task.inputs.ways import Way, told

_PERHAPS_MISSING = frozenset(
    {
        *("n.a.", "n.a", "na.", "n.d.", "n/d", "nd", "n.v.", "k.a.", "no data", "nodata", "missing", "void"),
        *(
            "?",
            "*",
            "x",
            "\u2013",
            "\u2014",
            "---",
            "#n/a n/a",
            "#na",
            "#value!",
            "#ref!",
            "#div/0!",
            "(null)",
        ),
        *("undefined", "unknown", "not available", "closed", "holiday", "\\n"),
    }
)
"""Words that may stand for a missing value where the config says so."""
MISSING = frozenset({"", "na", "nan", "null", "n/a", "#n/a", "none", "nil", ".", "-", "--"})
BLANKS = " \u00a0\u2009\u202f"
"""The plain, no-break, thin and narrow one: each stands for all as thousands separator."""
CURRENCIES = "$€£¥₹₽₩₺฿₫₪₴₦₱₿"
MULTIPLIERS = frozenset({"k", "m", "mn", "mio", "b", "bn", "t"})
STRIPPED = r'[^\d.,+\-"\s]{1,8}'
"""What the config may say to leave out."""
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
# Compiled where they are needed, which is rare.
_DECIMAL_COMMA = r"[^\d,]{0,4}[\d.]*\d,(\d{1,2}|\d{4,})[^\d,]{0,4}"
_DRESSED = (
    r"[-+]?(?P<before>[^\d.,+-]*)[-+]?(?P<number>[\d.,](?:[\d.,' \u00a0\u2009\u202f]*\d)?)(?P<behind>\D*)"
)
_SPELLINGS = ((".", ""), (",", ""), (".", ","), (",", "."), (".", " "), (",", " "), (".", "'"), (",", "'"))


if TYPE_CHECKING:
    from kernels._text import Scanner


class NumberError(ValueError):
    """A text is no number, or not certainly one; the message goes on behind `close is '…'`."""

    def __init__(self, message: str, *ways: Way) -> None:
        super().__init__(message)
        self.ways = ways


@dataclass(frozen=True)
class Numerals:
    """How a column writes its numbers.

    Parameters
    ----------
    decimal
        The sign before the fraction.
    thousands
        What may stand between groups of three digits; a blank stands for every kind of blank.
    strip
        What may stand before or behind a number, besides signs of currency.
    missing
        Words for a missing value besides the usual ones, in lower case.
    is_settled
        Whether the config says which sign means what.
    is_plain
        Whether no number stands for a missing value.
    """

    decimal: str = "."
    thousands: str = ""
    strip: str = ""
    missing: frozenset[str] = frozenset()
    is_settled: bool = False
    is_plain: bool = True

    def value(self, text: str, *, beside_points: bool) -> float:
        """Return the number that `text` stands for, NaN for a missing one; `1,004` is one `beside_points`.

        Raises
        ------
        NumberError
            Where it is none, is not finite, or may be another.
        """
        text = text.strip()
        if self.is_missing(text):
            return float("nan")
        number = self._read(_undressed(text, self.strip))
        if number is None:
            number = float("inf") if text.lstrip("+-").lower() in {"inf", "infinity"} else number
        if number is None:
            raise self._unexpected(text)
        if abs(number) == float("inf"):
            raise NumberError(", expected a finite number")
        if not (self.is_settled or beside_points) and "," in text and "." not in text:
            raise replace(self, thousands="")._unexpected(text)  # noqa: SLF001 - its own
        return number

    def is_missing(self, text: str) -> bool:
        """Tell whether a text stands for a missing value."""
        folded = text.strip().lower()
        return folded in MISSING or folded in self.missing

    def dress(self, scanner: Scanner) -> None:
        """Have a scanner read what `value` reads."""
        scanner.dress(
            decimal=self.decimal,
            separators=list(separators(self.thousands)),
            signs=list(filter(None, (self.strip, *CURRENCIES, self.strip))),
            missing=[*MISSING, *self.missing],
            plain=self.is_plain,
        )

    def _read(self, bare: str) -> float | None:
        """Return a number without signs around it, None where it is none."""
        if self.decimal == "." and _NUMBER.fullmatch(bare):
            return float(bare)
        if not _spelling(self.decimal, self.thousands).fullmatch(bare):
            return None
        for separator in separators(self.thousands):
            bare = bare.replace(separator, "")
        return float(bare.replace(self.decimal, "."))

    def _unexpected(self, text: str) -> NumberError:
        """Return what was expected in place of `text`, and the config with which it could be read."""
        if text.lower() in _PERHAPS_MISSING:
            words = {"csv": {"missing": [*sorted(self.missing), text]}}
            return NumberError(f", expected a number: if it is missing, set {told(words)}", words)
        match = re.fullmatch(_DRESSED, text)
        marks = {match[at].strip(" " + CURRENCIES) for at in ("before", "behind")} - {""} if match else set()
        if match is None or len(marks) > 1 or any(map(_is_no_mark, marks)):
            return NumberError(", expected a number")
        found = self._ways(match["number"])
        strip = {"strip": marks.pop()} if marks - {self.strip} else {}
        if not found or (not strip and not all(found.values())):
            return NumberError(", expected a number")
        ways = [{"csv": {**strip, **lines}} for lines in found.values()]
        values = " or ".join(f"{value:.12g}" for value in found)
        what = "expected a number" if len(ways) == 1 else f"which may be {values}"
        return NumberError(f", {what}: set {told(*ways)}", *ways)

    def _ways(self, number: str) -> dict[float, dict[str, str]]:
        """Return the values that a text may have, each with the config for it."""
        ways: dict[float, dict[str, str]] = {}
        for decimal, thousands in _SPELLINGS:
            value = replace(self, decimal=decimal, thousands=thousands)._read(number)  # noqa: SLF001 - its own
            if value is not None:
                lines = {"decimal": decimal} if decimal != self.decimal else {}
                if separators(thousands) not in {"", separators(self.thousands)}:
                    lines["thousands"] = thousands
                ways[value] = min(ways.get(value, lines), lines, key=len)
        return ways


def has_decimal_comma(text: str) -> bool:
    """Tell whether a text has a comma that is certainly a decimal sign."""
    return re.fullmatch(_DECIMAL_COMMA, text.strip()) is not None


def separators(thousands: str) -> str:
    """Return the characters that may stand between groups of digits."""
    return BLANKS if thousands in BLANKS and thousands else thousands


@lru_cache
def _spelling(decimal: str, thousands: str) -> re.Pattern[str]:
    """Return the expression of a number, its whole part in groups of three digits or in none."""
    between = separators(thousands)
    grouped = rf"[1-9]\d{{0,2}}([{re.escape(between)}])\d{{3}}(?:\1\d{{3}})*|" if between else ""
    point = re.escape(decimal)
    return re.compile(rf"[-+]?(?:(?:{grouped}\d+)(?:{point}\d*)?|{point}\d+)(?:[eE][-+]?\d+)?", re.ASCII)


def _undressed(text: str, strip: str) -> str:
    """Return a number without the signs before and behind it."""
    sign, text = (text[0], text[1:].lstrip()) if text[:1] in {"-", "+"} else ("", text)
    for mark in (strip, *CURRENCIES, strip):  # $4.25% and 4.25%$
        if mark:
            text = text.removeprefix(mark).removesuffix(mark).strip()
    return sign + text


def _is_no_mark(text: str) -> bool:
    return not re.fullmatch(STRIPPED, text) or text.lower() in MULTIPLIERS or not text.isprintable()
