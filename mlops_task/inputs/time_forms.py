"""What timestamps may mean, told by an example: which of its characters are year, month, hour and so on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ZONES = {
    "est": -300,
    "edt": -240,
    "cst": -360,
    "cdt": -300,
    "mst": -420,
    "mdt": -360,
    "pst": -480,
    "pdt": -420,
}
ZONES |= {"cet": 60, "cest": 120, "eet": 120, "eest": 180, "bst": 60, "west": 60, "msk": 180, "jst": 540}
ZONES |= {"hkt": 480, "sgt": 480, "aest": 600, "aedt": 660}
"""How many minutes the zones of exchanges are ahead of UTC; what is not here counts as UTC."""
_WEEKDAY = r"(?:(?P<weekday>mon|tue|wed|thu|fri|sat|sun)(?P<rest_of_weekday>[a-z]*)\.?,? +)?"
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?P<rest_of_name>[a-z]*)\.?"
_DAYS = (
    ("ymd", r"(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[012])(?P<d>[0-3]\d)"),
    ("ymd", r"(?P<y>\d{4})(?P<by>[-./ ])(?P<m>\d\d?)(?P=by)(?P<d>\d\d?)(?!\d)"),
    ("", r"(?P<one>\d\d?)(?P<by>[-./ ])(?P<two>\d\d?)(?P=by)(?P<three>\d{4}|\d\d)(?!\d)"),
    ("named", rf"(?P<d>\d\d?)[-/. ]?{_MONTH}[-/,. ]*(?P<y>\d{{4}}|\d\d)(?!\d)"),
    ("named", rf"{_MONTH}[- ]*(?P<d>\d\d?)(?:st|nd|rd|th)?[-, ]+(?P<y>\d{{4}}|\d\d)(?!\d)"),
    ("named", rf"(?P<y>\d{{4}})[-/. ]?{_MONTH}[-/. ]?(?P<d>\d\d?)(?!\d)"),
    ("yymmdd", r"(?P<y>\d\d)(?P<m>\d\d)(?P<d>\d\d)(?!\d)"),
)
_CLOCK = (
    r"(?:(?:[T, _:]+|(?<=\d{8})(?=(?:\d\d){2,3}(?!\d)))(?P<h>\d\d?)"
    r"(?::?(?P<min>\d\d)(?::?(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?)?)?"
    r"(?:[- ]?(?P<half>[AP])\.?M\b\.?)?"
    r"(?: ?(?P<zone>[A-Z]{1,5})(?![A-Z_/]))?(?: ?(?P<sign>[-+])(?P<zh>\d\d):?(?P<zm>\d\d)?)?"
    r"(?: ?[A-Z_]+/[A-Z_/]+| ?\[[^\]]*\]| ?\([^)]*\))?)?"
)
_UNIX_DATE = rf"{_WEEKDAY}{_MONTH} +(?P<d>\d\d?) (?P<h>\d\d):(?P<min>\d\d):(?P<s>\d\d)"
_UNIX_DATE += r" (?:[A-Z]{3,5} )?(?P<y>\d{4})"
_OTHERS = (
    ("ymd", r"(?P<y>\d{4})[-./](?P<m>\d\d?)"),
    ("ymd", r"(?P<m>\d\d?)[-./](?P<y>\d{4})"),
    ("named", rf"{_MONTH}[-/,. ]*(?P<y>\d{{4}}|\d\d)"),
    ("named", rf"(?P<y>\d{{4}})[-/. ]*{_MONTH}"),
    ("yyyymm", r"(?P<y>(?:19|20)\d\d)(?P<m>\d\d)"),
    ("quarters", r"(?P<y>\d{4})[-/ ]?Q(?P<q>[1-4])"),
    ("quarters", r"Q(?P<q>[1-4])[-/ ]?(?P<y>\d{4})"),
    ("years", r"(?P<y>\d{4})"),
    ("named", _UNIX_DATE),
    ("unix", r"(?P<n>\d{9,19})(?:\.(?P<fraction>\d*))?"),
    ("unix", r"(?P<float>\d(?:\.\d*)?E\+?\d\d)"),
)
_ORDERS = {"dmy": ("three", "two", "one"), "mdy": ("three", "one", "two"), "yymmdd": ("one", "two", "three")}
"""Where the year, the month and the day stand if all are numbers."""
_WORDS = {
    **dict.fromkeys("Yy", r"(?P<y>\d{{{}}})"),
    **dict.fromkeys("bBh", _MONTH),
    **dict.fromkeys("aA", r"(?P<weekday>[a-z]{3})(?P<rest_of_weekday>[a-z]*)"),
    **dict.fromkeys("HIkl", r" ?(?P<h>\d\d?)"),
    **dict.fromkeys("de", r" ?(?P<d>\d\d?)"),
    "m": r"(?P<m>\d\d?)",
    "M": r"(?P<min>\d\d?)",
    "S": r"(?P<s>\d\d?)",
    "f": r"(?P<f>\d{1,9})",
    "p": r"(?P<half>[AP])\.?M\.?",
    "z": r"(?:(?P<zone>Z)|(?P<sign>[-+])(?P<zh>\d\d):?(?P<zm>\d\d)?)",
    "Z": r"(?P<zone>[A-Z]{1,5})",
    "%": "%",
}
"""What the words of `strptime` stand for."""
_SHORT = {"F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "D": "%m/%d/%y"}
_DIRECTIVES = {
    "m": "%m",
    "d": "%d",
    "min": "%M",
    "s": "%S",
    "f": "%f",
    "half": "%p",
    "sign": "%z",
    "zone": "%Z",
}
_DIRECTIVES |= {"name": "%b", "weekday": "%a"}


@dataclass(frozen=True)
class Meaning:
    """Where in texts of one shape the parts of a timestamp stand, as start and stop by name.

    The rest of the characters are the same in all texts of the shape.
    """

    form: str
    """One for all shapes that a column of one kind may have."""
    spans: dict[str, tuple[int, int]]
    half: str = ""
    """`a` or `p` on a clock of twelve hours."""
    zone_minutes: int = 0
    """How far the named zone is ahead of UTC."""
    sign: int = 0
    """1 where the zone that digits tell is ahead of UTC, -1 where it is behind."""


def meanings(example: str, strptime: str | None = None) -> list[Meaning]:
    """Return what the parts of a text may be; by `strptime` words, if they are told.

    Of several, each has another form.
    """
    found: dict[str, Meaning] = {}
    for form, pattern in _patterns() if strptime is None else (("told", _told(strptime)),):
        match = re.compile(rf"\s*{pattern}\s*", re.IGNORECASE).fullmatch(example)
        if match is None:
            continue
        spans = {name: match.span(name) for name, text in match.groupdict().items() if text and name != "by"}
        for name, parts in {form: spans}.items() if form else _by_order(spans, match):
            found.setdefault(name, _meaning(name, parts, match.groupdict()))
    if "ymd" in found or "yyyymm" in found:
        # Their twins of as many digits would be unlikely moments, in the same order.
        found.pop("unix", None)
    return list(found.values())


def number_spans(example: str) -> dict[str, tuple[int, int]]:
    """Return where in a text of any number its parts stand, none if it is no number."""
    if match := re.fullmatch(r"\s*(?P<n>\d{1,18})(?:\.(?P<fraction>\d*))?\s*", example, re.ASCII):
        return {name: match.span(name) for name, text in match.groupdict().items() if text}
    is_number = re.fullmatch(r"\s*[-+]?\d+\.?\d*(?:E[-+]?\d+)?\s*", example, re.ASCII | re.IGNORECASE)
    return {"number": (0, len(example))} if is_number else {}


def is_format(strptime: str) -> bool:
    """Tell whether a text has words of `strptime` for a year at least, and no other words."""
    try:
        return "(?P<y>" in _told(strptime)
    except (KeyError, re.error):
        return False


def strptime_of(example: str, form: str) -> str:
    """Return the words of `strptime` by which a text has that form."""
    meaning = next(meaning for meaning in meanings(example) if meaning.form == form)
    words, at = "", 0
    for name, (start, stop) in sorted(meaning.spans.items(), key=lambda item: item[1]):
        if start < at:
            continue  # the digits of a zone
        word = _DIRECTIVES.get(name, "")
        if name == "y":
            word = "%Y" if stop - start > 2 else "%y"  # noqa: PLR2004 - two digits
        elif name == "h":
            word = "%I" if meaning.half else "%H"
        behind = {"half": "half", "sign": "zm", "name": "rest_of_name", "weekday": "rest_of_weekday"}.get(
            name, name
        )
        end = meaning.spans.get(behind, (start, stop))[1] + (name == "half")
        words, at = words + example[at:start] + word, end
    return words + example[at:]


@lru_cache
def _patterns() -> tuple[tuple[str, str], ...]:
    return (*((form, _WEEKDAY + pattern + _CLOCK) for form, pattern in _DAYS), *_OTHERS)


def _by_order(
    spans: dict[str, tuple[int, int]], match: re.Match[str]
) -> list[tuple[str, dict[str, tuple[int, int]]]]:
    """Return which of three numbers may be the year, the month and the day, by form."""
    forms = ["dmy"]
    if match["by"] != ".":  # points are for days first
        forms.append("mdy")
    if len(match["one"]) == len(match["three"]):
        forms.append("yymmdd")
    rest = {name: span for name, span in spans.items() if name not in {"one", "two", "three"}}
    return [
        (form, rest | {part: spans[at] for part, at in zip("ymd", _ORDERS[form], strict=True)})
        for form in forms
    ]


def _meaning(form: str, spans: dict[str, tuple[int, int]], texts: dict[str, str | None]) -> Meaning:
    zone = (texts.get("zone") or "").lower()
    sign = {"+": 1, "-": -1}.get(texts.get("sign") or "", 0)
    return Meaning(form, spans, (texts.get("half") or "").lower(), ZONES.get(zone, 0), sign)


@lru_cache
def _told(strptime: str) -> str:
    """Return the expression of what words of `strptime` mean; KeyError for one that is unknown."""
    for word, longer in _SHORT.items():
        strptime = strptime.replace(f"%{word}", longer)
    text, *words = re.split(r"%(.?)", strptime)
    parts = [re.escape(text)]
    for word, text in zip(words[::2], words[1::2], strict=True):
        parts += [
            _WORDS[word].format(4 if word == "Y" else 2) if word in "Yy" else _WORDS[word],
            re.escape(text),
        ]
    pattern = "".join(parts)
    re.compile(pattern)
    return pattern
