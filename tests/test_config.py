"""The config file: what is taken, and every refusal with its whole sentence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_task.config import Config
from mlops_task.errors import ConfigError
from mlops_task.settings import MAX_BYTES, load

ROOT = Path(__file__).parents[1]
GOOD = 'seed: 42\nwindow: 5\nversion: "v1"\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def refusal(path: Path, text: str | bytes) -> str:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        load(path, Config)
    return str(caught.value).removeprefix(f"{path}: ")


def test_required_keys_suffice(path: Path) -> None:
    path.write_text(GOOD)
    expected = Config(seed=42, window=5, version="v1", column="close", on_missing="keep")
    assert load(path, Config) == expected


def test_optional_keys_are_taken(path: Path) -> None:
    path.write_text("\ufeff" + GOOD + "column: open\non_missing: error\n", encoding="utf-8")
    expected = Config(seed=42, window=5, version="v1", column="open", on_missing="error")
    assert load(path, Config) == expected


def test_the_shipped_config_is_the_documented_one() -> None:
    assert load(ROOT / "config.yaml", Config) == Config(seed=42, window=5, version="v1")


KNOWN = "the known keys are seed, window, version, column, on_missing, order, group_by, series, csv"
SEED = "seed must be an integer from 0 to 4294967295, got "
WINDOW = "window must be an integer from 1 to 2147483647, got "
VERSION = "version must be a non-empty string of printable characters, got "
REFUSALS: dict[str, tuple[str | bytes, str | None]] = {
    "empty": ("", "expected a mapping such as 'window: 5', got nothing"),
    "comment only": ("# nothing\n", "expected a mapping such as 'window: 5', got nothing"),
    "list": ("- 1\n", "expected a mapping such as 'window: 5', got a list"),
    "scalar": ("hello\n", "expected a mapping such as 'window: 5', got a scalar"),
    "no seed": ("window: 5\nversion: v1\n", "required key 'seed' is missing; it must be " + SEED[13:-6]),
    "unknown key": (GOOD + "windw: 5\n", f"unknown key 'windw' (did you mean 'window'?); {KNOWN}"),
    "unlike any key": (GOOD + "zzz: 5\n", f"unknown key 'zzz'; {KNOWN}"),
    "merge key": ("<<: {a: 1}\n" + GOOD, "line 1: expected a key that is a name, got '<<'"),
    "key twice": (GOOD + "window: 6\n", "line 4: key 'window' stands twice"),
    "key that is no name": (GOOD + "5: 6\n", "line 4: expected a key that is a name, got '5'"),
    "key that is a list": (GOOD + "? [a]\n: 6\n", "line 4: expected a key that is a name, got a list"),
    "seed bool": (GOOD.replace("42", "true"), SEED + "True"),
    "seed negative": (GOOD.replace("42", "-1"), SEED + "-1"),
    "seed large": (GOOD.replace("42", "4294967296"), SEED + "4294967296"),
    "seed float": (GOOD.replace("42", "42.0"), SEED + "42.0"),
    "seed huge": (GOOD.replace("42", "9" * 5000), SEED + "'" + "9" * 56 + "..."),
    "window string": (GOOD.replace("5", '"5"'), WINDOW + "'5'"),
    "window zero": (GOOD.replace("5", "0"), WINDOW + "0"),
    "window null": (GOOD.replace("5", ""), WINDOW + "None"),
    "window list": (GOOD.replace("5", "[5]"), "line 2: " + WINDOW + "a list"),
    "window beyond 31 bits": (GOOD.replace("5", "2147483648"), WINDOW + "2147483648"),
    "tag that does not fit": (GOOD.replace('"v1"', "!!timestamp abc"), None),
    "another tag that does not fit": (GOOD.replace('"v1"', '!!bool ""'), None),
    "window bool": (GOOD.replace("5", "yes"), WINDOW + "True"),
    "window sexagesimal": (GOOD.replace("5", "1:30"), WINDOW + "'1:30'"),
    "window octal": (GOOD.replace("5", "010"), WINDOW + "'010'"),
    "version empty": (GOOD.replace('"v1"', '""'), VERSION + "''"),
    "version number": (GOOD.replace('"v1"', "1.0"), VERSION + "1.0"),
    "version date": (GOOD.replace('"v1"', "2024-01-01"), VERSION + "datetime.date(2024, 1, 1)"),
    "version surrogate": (GOOD.replace("v1", "\\ud800"), VERSION + "'\\ud800'"),
    "column null": (
        GOOD + "column:\n",
        "column must be a non-empty string of printable characters, or a number from 1, got None",
    ),
    "on_missing": (GOOD + "on_missing: drop\n", "on_missing must be 'keep' or 'error', got 'drop'"),
    "bad YAML": ("seed: [1\nwindow: 5\n", "line 2, column 7: bad YAML: expected ',' or ']', but got ':'"),
    "tab": ("seed:\t42\n\twindow: 5\n", None),
    "two documents": (GOOD + "---\n" + GOOD, "line 4, column 1: bad YAML: but found another document"),
    "python tag": ("seed: !!python/name:os.system\n", None),
    "impossible date": (GOOD.replace('"v1"', "2024-99-99"), "bad YAML: month must be in 1..12"),
    "control character": ("seed: \x01\n", "line 1: bad YAML: special characters are not allowed"),
    "deep": ("seed: " + "[" * 30000, None),
    "not UTF-8": (b"seed: 42\nversion: \xff\n", "line 2 is not UTF-8 (byte 0xff)"),
    "large": ("#" * (MAX_BYTES + 1), "is larger than 65536 bytes, which no config file needs"),
    "aliases": ("version: [&a [x, x], &b [*a, *a]]\n", "line 1: " + VERSION + "a list"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_every_refusal_names_the_key_the_rule_and_what_stood_there(path: Path, name: str) -> None:
    text, expected = REFUSALS[name]
    got = refusal(path, text)
    assert got == expected if expected else "bad YAML: " in got and "\n" not in got


def test_missing_file(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config.yaml: no such config file$"):
        load(path, Config)


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is a directory, expected a YAML config file$"):
        load(tmp_path, Config)


def test_the_version_of_a_bad_config_is_still_told(path: Path) -> None:
    path.write_text(GOOD.replace("5", "0"))
    with pytest.raises(ConfigError) as caught:
        load(path, Config)
    assert caught.value.version == "v1"


@given(st.one_of(st.text(), st.text("[]{}:,-&*!|>'\"%@`#?<~ \n\tseedwindow0123456789.")))
def test_no_text_ends_in_anything_but_a_config_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.mktemp("config") / "config.yaml"
    path.write_bytes(text.encode(errors="surrogatepass"))
    with pytest.raises(ConfigError):
        load(path, Config)
