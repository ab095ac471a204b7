"""Strict settings: YAML text into typed, immutable sections, and what is wrong with it in one sentence.

A section is a class of fields. Its field's `Meta` says in `description` what a value must be, in words that
follow "must be"; a field whose type is a section is a mapping in the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec
import yaml

from mlops_task.errors import ConfigError, because, clipped, did_you_mean

MAX_BYTES = 64 * 1024


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings that belong together."""

    def __post_init__(self) -> None:
        """Refuse text that would be no line of a report."""
        for name in self.printed():
            if not str(getattr(self, name)).isprintable():
                raise ValueError(name)

    @staticmethod
    def printed() -> tuple[str, ...]:
        """Return the names of the fields whose text must be printable."""
        return ()

    @staticmethod
    def rules() -> dict[str, Any]:
        """Return, as JSON Schema, what is checked beyond the types of the fields."""
        return {}


S = TypeVar("S", bound=Section)


def load(path: Path, kind: type[S], overrides: Sequence[str] = (), *, is_needed: bool = True) -> S:
    """Read and check the settings at `path`, and those that were given beside it.

    Parameters
    ----------
    overrides
        `section.key=value` each, a value as YAML has it: they win over the file, the later over the earlier.
    is_needed
        Whether there must be a file, even if the overrides have all that is required.

    Raises
    ------
    ConfigError
        With one sentence that names the file or override, the key, the rule and what stood there.
    """
    values: dict[str, Any] = {}
    where = f"{path}:"
    try:
        changes: dict[str, Any] = {}
        for word in overrides:
            where = _named(word)
            change = _parse_override(word, kind)
            _check_names(change, kind)
            changes = _merged(changes, change)
        where = f"{path}:"
        if overrides and not is_needed and not path.exists():
            where, values = f"{path}: no such config file, and", changes
        else:
            values = _merged(_parse(_read(path), kind), changes)
        _check_names(values, kind)
        _check_required(values, kind)
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        names, rule = _broken(error, values, kind)
        told = ConfigError(f"{_origin(names, overrides) or where} {rule}")
    except ConfigError as error:
        told = ConfigError(f"{where} {error}")
    version = values.get("version")
    told.version = version if isinstance(version, str) and version.isprintable() and version else None
    raise told


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError("no such config file") from None
    except IsADirectoryError:
        raise ConfigError("is a directory, expected a YAML config file") from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {because(error)}") from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"is larger than {MAX_BYTES} bytes, which no config file needs")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"line {line} is not UTF-8 (byte 0x{data[error.start]:02x})") from None


class _Loader(yaml.SafeLoader):
    """SafeLoader that takes integers in plain decimal only: YAML 1.1 reads `1:30` as 90 and `010` as 8."""


def _plain_integer(_loader: _Loader, node: yaml.ScalarNode) -> int | str:
    return int(node.value) if re.fullmatch(r"[-+]?(0|[1-9][0-9]{0,30})", node.value) else str(node.value)


_NAME, _MAPPING = "tag:yaml.org,2002:str", "tag:yaml.org,2002:map"
_Loader.add_constructor("tag:yaml.org,2002:int", _plain_integer)


def _parse_override(word: str, kind: type[Section]) -> dict[str, Any]:
    """Return the value of a `section.key=value` in its sections.

    A single sign means itself, though YAML has other uses for many.
    """
    key, _, text = word.partition("=")
    is_sign = len(text) == 1 and not text.isdecimal()
    return _parse(msgspec.json.encode(text).decode() if is_sign else text, kind, key.split("."))


def _named(override: str) -> str:
    return f"--set {clipped(override)}:"


def _origin(names: list[str], overrides: Sequence[str]) -> str | None:
    """Return which override gave the value of those names, if one did."""
    keys = {".".join(names[:end]) for end in range(1, len(names) + 1)}
    return next((_named(word) for word in reversed(overrides) if word.partition("=")[0] in keys), None)


def _merged(values: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the values with the changes made, section by section."""
    merged = values | changes
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(values.get(key), dict):
            merged[key] = _merged(values[key], value)
    return merged


def _parse(text: str, kind: type[Section], names: Sequence[str] = ()) -> dict[str, Any]:
    """Return what stands in the text, sections as mappings; all of it as the value of `names`, if given."""
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        for name in reversed(names):
            value = root or yaml.ScalarNode("tag:yaml.org,2002:null", "")
            root = yaml.MappingNode(_MAPPING, [(yaml.ScalarNode(_NAME, name), value)])
        if not isinstance(root, yaml.MappingNode):
            raise ConfigError(f"expected a mapping such as 'window: 5', got {_name(root)}")
        return _parse_section(loader, root, kind)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
        raise ConfigError(f"{where}: bad YAML: {error.problem or error.context}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(f"line {line}: bad YAML: {error.reason}") from None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        # PyYAML lets these escape for impossible dates, tags that do not fit, and deep nesting.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ConfigError(f"bad YAML: {reason}") from None


def _parse_section(
    loader: _Loader, node: yaml.MappingNode, kind: type[Section], within: str = ""
) -> dict[str, Any]:
    fields = _fields(kind)
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = f"line {key_node.start_mark.line + 1}: " if key_node.start_mark else ""
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != _NAME:
            is_scalar = isinstance(key_node, yaml.ScalarNode)
            stood = clipped(repr(key_node.value)) if is_scalar else _name(key_node)
            raise ConfigError(f"{line}expected a key that is a name, got {stood}")
        key = str(key_node.value)
        if key in values:
            raise ConfigError(f"{line}key {within + key!r} stands twice")
        if key not in fields:
            values[key] = None  # whatever it is, it is refused
            continue
        type_ = fields[key].type
        section = _section(type_)
        if section is not None and isinstance(value_node, yaml.MappingNode):
            values[key] = _parse_section(loader, value_node, section, f"{within}{key}.")
        elif isinstance(value_node, yaml.ScalarNode) or _takes_list(type_, value_node):
            values[key] = loader.construct_object(value_node, deep=True)
        else:
            raise ConfigError(f"{line}{within}{key} must be {_rule(type_)}, got {_name(value_node)}")
    return values


def _check_names(values: dict[str, Any], kind: type[Section], within: str = "") -> None:
    """Raise ConfigError for the first key that is unknown."""
    fields = _fields(kind)
    known = [within + name for name in fields]
    for key, value in values.items():
        if key not in fields:
            hint = did_you_mean(within + key, known)
            raise ConfigError(f"unknown key {within + key!r}{hint}; the known keys are {', '.join(known)}")
        section = _section(fields[key].type)
        if section is not None and isinstance(value, dict):
            _check_names(value, section, f"{within}{key}.")


def _check_required(values: dict[str, Any], kind: type[Section], within: str = "") -> None:
    """Raise ConfigError for the first key that is missing."""
    for name, field in _fields(kind).items():
        if field.required and name not in values:
            raise ConfigError(f"required key {within + name!r} is missing; it must be {_rule(field.type)}")
        section = _section(field.type)
        if section is not None and isinstance(values.get(name), dict):
            _check_required(values[name], section, f"{within}{name}.")


def _broken(
    error: msgspec.ValidationError, values: dict[str, Any], kind: type[Section]
) -> tuple[list[str], str]:
    """Return where a value stands, and the rule that it breaks."""
    keys = re.findall(r"[^.`]+", str(error).partition("`$")[2])
    keys += error.__cause__.args if error.__cause__ else ()
    type_: Any = kind
    stood: Any = values
    names = [key.partition("[")[0] for key in keys]
    for name in names:
        type_, stood = _fields(_section(type_) or kind)[name].type, stood[name]
    return names, f"{'.'.join(names)} must be {_rule(type_)}, got {clipped(repr(stood))}"


def _fields(kind: type[Section]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.name: field for field in msgspec.structs.fields(kind)}


def _section(type_: Any) -> type[Section] | None:  # noqa: ANN401 - any type that a field may have
    return type_ if isinstance(type_, type) and issubclass(type_, Section) else None


def _takes_list(type_: Any, node: yaml.Node) -> bool:  # noqa: ANN401 - likewise
    if not isinstance(node, yaml.SequenceNode):
        return False
    return _has_tuple(type_) and all(isinstance(item, yaml.ScalarNode) for item in node.value)


def _has_tuple(type_: Any) -> bool:  # noqa: ANN401 - likewise
    plain = get_args(type_)[0] if hasattr(type_, "__metadata__") else type_
    return get_origin(plain) is tuple or (
        get_origin(plain) in {Union, UnionType} and any(map(_has_tuple, get_args(plain)))
    )


def _rule(type_: Any) -> str:  # noqa: ANN401 - likewise
    if _section(type_):
        return "a mapping"
    return str(type_.__metadata__[0].description)


def _name(node: yaml.Node | None) -> str:
    kinds = {yaml.SequenceNode: "a list", yaml.MappingNode: "a mapping", yaml.ScalarNode: "a scalar"}
    return "nothing" if node is None else kinds[type(node)]
