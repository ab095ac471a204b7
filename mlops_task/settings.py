"""Strict settings: YAML text into typed, immutable sections, and what is wrong with it in one sentence.

A section is a class of fields. Its field's `Meta` says in `description` what a value must be, in words that
follow "must be"; a field whose type is a section is a mapping in the file.
"""

from __future__ import annotations

import re
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


S = TypeVar("S", bound=Section)


def load(path: Path, kind: type[S]) -> S:
    """Read and check the settings at `path`.

    Raises
    ------
    ConfigError
        With one sentence that names the file, the key, the rule and what stood there.
    """
    values: dict[str, Any] = {}
    try:
        values = _parse(_read(path), kind)
        _check_keys(values, kind)
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        told = ConfigError(f"{path}: {_broken(error, values, kind)}")
    except ConfigError as error:
        told = ConfigError(f"{path}: {error}")
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


_Loader.add_constructor("tag:yaml.org,2002:int", _plain_integer)


def _parse(text: str, kind: type[Section]) -> dict[str, Any]:
    """Return what stands in the text, sections as mappings."""
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
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
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != "tag:yaml.org,2002:str":
            is_scalar = isinstance(key_node, yaml.ScalarNode)
            stood = clipped(repr(key_node.value)) if is_scalar else _name(key_node)
            raise ConfigError(f"line {line}: expected a key that is a name, got {stood}")
        key = str(key_node.value)
        if key in values:
            raise ConfigError(f"line {line}: key {within + key!r} stands twice")
        type_ = fields[key].type if key in fields else None
        section = _section(type_)
        if section is not None and isinstance(value_node, yaml.MappingNode):
            values[key] = _parse_section(loader, value_node, section, f"{within}{key}.")
        elif isinstance(value_node, yaml.ScalarNode) or _takes_list(type_, value_node):
            values[key] = loader.construct_object(value_node, deep=True)
        else:
            rule = _rule(type_) if type_ else "a plain value"
            raise ConfigError(f"line {line}: {within}{key} must be {rule}, got {_name(value_node)}")
    return values


def _check_keys(values: dict[str, Any], kind: type[Section], within: str = "") -> None:
    """Raise ConfigError for the first key that is unknown or missing."""
    fields = _fields(kind)
    known = [within + name for name in fields]
    for key in values:
        if key not in fields:
            hint = did_you_mean(within + key, known)
            raise ConfigError(f"unknown key {within + key!r}{hint}; the known keys are {', '.join(known)}")
    for name, field in fields.items():
        if field.required and name not in values:
            raise ConfigError(f"required key {within + name!r} is missing; it must be {_rule(field.type)}")
        section = _section(field.type)
        if section is not None and isinstance(values.get(name), dict):
            _check_keys(values[name], section, f"{within}{name}.")


def _broken(error: msgspec.ValidationError, values: dict[str, Any], kind: type[Section]) -> str:
    """Return the rule that a value breaks, and the value."""
    keys = re.findall(r"[^.`]+", str(error).partition("`$")[2])
    keys += error.__cause__.args if error.__cause__ else ()
    type_: Any = kind
    stood: Any = values
    names = [key.partition("[")[0] for key in keys]
    for name in names:
        type_, stood = _fields(_section(type_) or kind)[name].type, stood[name]
    return f"{'.'.join(names)} must be {_rule(type_)}, got {clipped(repr(stood))}"


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
