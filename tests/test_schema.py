"""The schema of the config file: it takes what the loader takes, and refuses what the loader refuses."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from mlops_task.config import Config
from mlops_task.errors import ConfigError
from mlops_task.schema import written
from mlops_task.settings import _Loader, load
from tests.inputs.test_csv_form import BAD
from tests.test_config import GOOD, REFUSALS

ROOT = Path(__file__).parents[1]
COMMITTED = ROOT / "docs/config.schema.json"
# A mapping of JSON has a key once, and 42.0 is an integer there; editors tell the first all the same.
NOT_TOLD = {"key twice", "seed float"}
TAKEN = {
    "required keys": GOOD,
    "shipped": (ROOT / "config.yaml").read_text(),
    "column by number": GOOD + "column: 4\n",
    "all keys": GOOD + "column: open\non_missing: error\norder: file\n",
    "joined": GOOD + "series: joined\norder: time\ngroup_by: 2\ncsv: {timestamp: [Date, 3], unit: ms}\n",
    "empty section": GOOD + "csv: {}\n",
    "signs": GOOD + 'csv: {delimiter: ";", decimal: ",", thousands: ".", strip: "%", header: 3}\n',
    "thousands without decimal": GOOD + 'csv: {thousands: ","}\n',
    "words": GOOD + 'csv: {missing: ["n.a.", "-999", "no such number"], encoding: latin-1}\n',
    "nulls": GOOD + "csv: {delimiter: null, decimal: null, strip: null}\n",
}
EXAMPLES = {name: text for name, (text, _) in REFUSALS.items() if isinstance(text, str)} | TAKEN
EXAMPLES["joined as it stands"] = GOOD + "series: joined\norder: file\n"
EXAMPLES |= {f"csv: {text}": f"{GOOD}csv: {text}\n" for text in BAD}


def agrees(text: str) -> bool:
    """Whether the schema allows what stands in a text; none if no reader of YAML takes it."""
    try:
        document: Any = yaml.load(text, _Loader)  # noqa: S506  a SafeLoader
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return False
    return jsonschema.Draft202012Validator(json.loads(COMMITTED.read_text())).is_valid(document)


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - NOT_TOLD))
def test_the_schema_and_the_loader_agree(tmp_path: Path, name: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(EXAMPLES[name].encode(errors="surrogatepass"))
    try:
        load(path, Config)
        taken = True
    except ConfigError:
        taken = False
    assert taken == (name in TAKEN)
    assert agrees(EXAMPLES[name]) == taken


def test_the_schema_in_the_repository_is_that_of_the_sections() -> None:
    assert COMMITTED.read_text() == written(), "make schema writes it anew"


def test_the_shipped_config_names_the_schema() -> None:
    comment = (ROOT / "config.yaml").read_text().splitlines()[0]
    assert comment == f"# yaml-language-server: $schema={COMMITTED.relative_to(ROOT)}"
