"""The config file: strict YAML into a typed, immutable `Config`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml

from mlops_task.errors import ConfigError, because, clipped, did_you_mean
from mlops_task.inputs.csv_form import CsvForm

MAX_BYTES = 64 * 1024


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parameters of one run, as checked by `load_config`."""

    seed: Annotated[int, msgspec.Meta(ge=0, lt=2**32)]
    window: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    version: Annotated[str, msgspec.Meta(min_length=1)]
    column: Annotated[str, msgspec.Meta(min_length=1)] | Annotated[int, msgspec.Meta(ge=1)] = "close"
    on_missing: Literal["keep", "error"] = "keep"
    order: Literal["file"] | msgspec.UnsetType = msgspec.UNSET
    csv: CsvForm = CsvForm()


RULES = {
    "seed": "an integer from 0 to 4294967295",
    "window": "an integer from 1 to 2147483647",
    "version": "a non-empty string of printable characters",
    "column": "a non-empty string of printable characters",
    "on_missing": "'keep' or 'error'",
    "order": "'file'",
}


def load_config(path: Path) -> Config:
    """Read and check the config file at `path`.

    Raises
    ------
    ConfigError
        With one sentence that names the file, the key, the rule and what stood there.
    """
    values = _parse(_read(path), path)
    try:
        return _checked(values, path)
    except ConfigError as error:
        version = values.get("version")
        error.version = version if isinstance(version, str) and version.isprintable() and version else None
        raise


def _checked(values: dict[str, Any], path: Path) -> Config:
    for key in values:
        if key not in RULES:
            hint = did_you_mean(key, list(RULES))
            raise ConfigError(f"{path}: unknown key {key!r}{hint}; the known keys are {', '.join(RULES)}")
    for field in msgspec.structs.fields(Config):
        if field.required and field.name not in values:
            raise ConfigError(
                f"{path}: required key {field.name!r} is missing; it must be {RULES[field.name]}"
            )
    for key in ("version", "column"):
        if not str(values.get(key, "")).isprintable():
            raise ConfigError(f"{path}: {key} must be {RULES[key]}, got {_shown(values[key])}")
    try:
        return msgspec.convert(values, Config)
    except msgspec.ValidationError as error:
        key = str(error).partition("$.")[2].rstrip("`")
        raise ConfigError(f"{path}: {key} must be {RULES[key]}, got {_shown(values[key])}") from None


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such config file") from None
    except IsADirectoryError:
        raise ConfigError(f"{path}: is a directory, expected a YAML config file") from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {because(error)}") from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path}: is larger than {MAX_BYTES} bytes, which no config file needs")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}: line {line} is not UTF-8 (byte 0x{data[error.start]:02x})") from None


class _Loader(yaml.SafeLoader):
    """SafeLoader that takes integers in plain decimal only: YAML 1.1 reads `1:30` as 90 and `010` as 8."""


def _plain_integer(_loader: _Loader, node: yaml.ScalarNode) -> int | str:
    return int(node.value) if re.fullmatch(r"[-+]?(0|[1-9][0-9]{0,30})", node.value) else str(node.value)


_Loader.add_constructor("tag:yaml.org,2002:int", _plain_integer)


def _parse(text: str, path: Path) -> dict[str, Any]:
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise ConfigError(f"{path}: expected a mapping such as 'window: 5', got {_kind(root)}")
        values: dict[str, Any] = {}
        for key_node, value_node in root.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != "tag:yaml.org,2002:str":
                stood = (
                    clipped(repr(key_node.value))
                    if isinstance(key_node, yaml.ScalarNode)
                    else _kind(key_node)
                )
                raise ConfigError(f"{path}: line {line}: expected a key that is a name, got {stood}")
            key = str(key_node.value)
            if key in values:
                raise ConfigError(f"{path}: line {line}: key {key!r} stands twice")
            if not isinstance(value_node, yaml.ScalarNode):
                raise ConfigError(f"{path}: line {line}: {key} must be {_rule(key)}, got {_kind(value_node)}")
            values[key] = loader.construct_object(value_node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
        raise ConfigError(f"{path}: {where}: bad YAML: {error.problem or error.context}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(f"{path}: line {line}: bad YAML: {error.reason}") from None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        # PyYAML lets these escape for impossible dates, tags that do not fit, and deep nesting.
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ConfigError(f"{path}: bad YAML: {reason}") from None
    return values


def _rule(key: str) -> str:
    return RULES.get(key, "a plain value")


def _kind(node: yaml.Node | None) -> str:
    kinds = {yaml.SequenceNode: "a list", yaml.MappingNode: "a mapping", yaml.ScalarNode: "a scalar"}
    return "nothing" if node is None else kinds[type(node)]


def _shown(value: object) -> str:
    return clipped(repr(value))
