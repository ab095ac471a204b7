"""Ways out of a refusal: lines of the config, as its sentence tells them and as they stand in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Way = Mapping[str, Any]
"""Keys of the config and what to set them to; a section is a mapping."""

ONE_BYTE = [{"csv": {"encoding": "cp1252"}}, {"csv": {"encoding": "latin-1"}}]
UTF_16 = {"csv": {"encoding": "utf-16"}}
_LETTERS = "[A-Za-z][A-Za-z0-9_-]*"
_NO_TEXT = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def told(*ways: Way) -> str:
    """Return the ways inside of a sentence, behind the word `set`."""
    leaves = [_leaves(way) for way in ways]
    if len({found[0][0] for found in leaves}) == 1 == max(map(len, leaves)):
        return f"{leaves[0][0][0]}: {' or '.join(shown(found[0][1]) for found in leaves)}"
    return " or ".join(map(_listed, leaves))


def block(way: Way) -> str:
    """Return the lines of a config file that are a way."""
    lines = []
    for key, value in way.items():
        if isinstance(value, Mapping):
            lines += [f"{key}:", *(f"  {inner}: {shown(it)}" for inner, it in value.items())]
        else:
            lines.append(f"{key}: {shown(value)}")
    return "\n".join(lines)


def merged(first: Way, second: Way) -> dict[str, Any]:
    """Return both as one, the second where they differ."""
    both = {**first, **second}
    return {key: {**first.get(key, {}), **it} if isinstance(it, Mapping) else it for key, it in both.items()}


def shown(value: object) -> str:
    """Return a value as YAML has it in a line."""
    import json
    import re

    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, str) and re.fullmatch(_LETTERS, value) and value.lower() not in _NO_TEXT:
        return value
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


def _leaves(way: Way) -> list[tuple[str, object]]:
    """Return the values of a way, that which begins a section behind the section's name."""
    found: list[tuple[str, object]] = []
    for key, value in way.items():
        if isinstance(value, Mapping):
            first, *rest = value.items()
            found += [(f"{key}: {first[0]}", first[1]), *rest]
        else:
            found.append((key, value))
    return found


def _listed(leaves: Sequence[tuple[str, object]]) -> str:
    *before, last = [f"{key}: {shown(value)}" for key, value in leaves]
    return f"{', '.join(before)} and {last}" if before else last
