"""The recipes of docs/frames.md, each run as it stands by a Python of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/frames.md").read_text()
RECIPES = dict(re.findall(r"\n([^\n]+):\n\n```python\n(.*?)```", TEXT, re.DOTALL))


def test_every_block_is_a_recipe() -> None:
    assert len(RECIPES) == TEXT.count("```python") == 6


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_does_what_it_says(name: str) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    if "KERNELS_BACKEND=jit" in name:
        environment["KERNELS_BACKEND"] = "jit"
    done = subprocess.run(
        [sys.executable, "-c", RECIPES[name]], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
