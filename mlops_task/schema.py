"""The config file as JSON Schema, by which editors complete and check it: ``python -m mlops_task.schema``."""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from mlops_task.config import Config
from mlops_task.settings import Section


def schema() -> dict[str, Any]:
    """Return what may stand in a config file, as its typed sections say."""
    found = msgspec.json.schema(Config)
    for section in Section.__subclasses__():
        found["$defs"].get(section.__name__, {}).update(section.rules())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "mlops-task", **found}


def written() -> str:
    """Return it as the file that the repository has."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(written())
