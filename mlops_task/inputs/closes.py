"""Which column holds the closes, by its name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from mlops_task.inputs.time_columns import is_time

_SURE = frozenset({"close", "closing", "closes"})
_LIKELY = frozenset(
    {
        *("last", "latest", "price", "settle", "settlement", "value", "val", "rate", "fixing"),
        *("schluss", "schlusskurs", "kurs", "ultimo", "cierre", "fechamento", "cloture", "dernier"),
        *("chiusura", "slotkoers", "zamkniecie", "收盘", "收盘价", "收盤價", "終値"),
    }
)
_ADJUSTED = frozenset({"adj", "adjusted", "adjclose"})
_OTHERS = frozenset(
    {
        *("open", "opening", "high", "highest", "low", "lowest", "volume", "vol", "bid", "ask", "average"),
        *("avg", "vwap", "min", "max", "trades", "symbol", "ticker", "turnover"),
        *("day", "month", "year", "hour", "minute", "dia", "mes", "ano", "tag", "monat", "jahr", "jour"),
        *("mois", "annee", "index", "id", "code", "interest", "count", "quantity", "qty", "amount"),
        *("prev", "previous", "change", "chg", "pct", "time", "date", "target", "strike"),
    }
)
"""What a column is that has one of these words beside those."""
_OF_OTHERS = 4


def closes_among(names: Sequence[str], numeric: Sequence[int]) -> list[int]:
    """Return which of the numeric columns, from 0, may hold the closes; none if all names are of others."""
    ranks = {at: _rank(names[at]) for at in numeric}
    best = min(ranks.values(), default=0)
    return [at for at in numeric if ranks[at] == best < _OF_OTHERS]


def is_adjusted(name: str) -> bool:
    """Tell whether a column is of adjusted closes, which must be asked for."""
    return bool(_words(name) & _ADJUSTED)


def _rank(name: str) -> int:
    """Return the less, the likelier a column of that name holds the closes."""
    words = _words(name)
    is_other = bool(words & _OTHERS) or bool(name and is_time(name))
    kinds = (is_other, words & _ADJUSTED, words & _SURE, words & _LIKELY, True)
    return (_OF_OTHERS, 2, 0, 1, 3)[list(map(bool, kinds)).index(True)]


def is_known(name: str) -> bool:
    """Tell whether a name is one that columns of bars usually have."""
    return bool(name and is_time(name)) or bool(_words(name) & (_SURE | _LIKELY | _ADJUSTED | _OTHERS))


def _words(name: str) -> set[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain).casefold()
    return set(re.findall(r"[^\W\d_]+", apart))
