"""How the job is built: short functions, few parameters, imports that point one way."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "mlops_task").rglob("*.py"))
MOST_LINES = 40
MOST_LINES_OF_THE_STORY = 25
MOST_PARAMETERS = 6
BELOW = {
    "kernels": set[str](),
    "errors": set[str](),
    "inputs": {"kernels", "errors", "settings"},
    "engines": {"kernels", "errors", "settings", "inputs", "config", "interrupts", "job"},
    "outputs": {"kernels", "errors", "settings", "inputs", "config", "job", "engines"},
}
"""What each part may import."""


def functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield f"{file.relative_to(ROOT)}: {node.name}", node


def body_lines(node: ast.FunctionDef) -> int:
    """The lines of a function without its docstring."""
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    return (node.end_lineno or 0) - first.lineno + 1


def test_no_function_is_longer_than_a_look() -> None:
    longest = {name: body_lines(node) for name, node in functions()}
    assert not {name: count for name, count in longest.items() if count > MOST_LINES}
    assert not {n: c for n, c in longest.items() if "/run.py" in n and c > MOST_LINES_OF_THE_STORY}


def test_no_function_has_more_parameters_than_one_remembers() -> None:
    counts = {name: len(node.args.args) + len(node.args.kwonlyargs) for name, node in functions()}
    assert not {name: count for name, count in counts.items() if count > MOST_PARAMETERS}


def imported(file: Path) -> set[str]:
    """The parts of the job, and packages, that a file imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            package, _, rest = name.partition(".")
            if package == "kernels":
                found.add("kernels")
            elif package == "mlops_task" and rest:
                found.add(rest.partition(".")[0])
    return found


@pytest.mark.parametrize("part", ["inputs", "engines", "outputs"])
def test_imports_point_one_way(part: str) -> None:
    for file in (ROOT / "mlops_task" / part).glob("*.py"):
        assert not imported(file) - BELOW[part] - {part}, file.name


def test_the_kernels_know_nothing_of_the_job() -> None:
    for file in (ROOT / "kernels").rglob("*.py"):
        assert "mlops_task" not in file.read_text(), file
