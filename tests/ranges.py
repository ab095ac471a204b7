"""The wheel beside the oldest and the newest packages that it allows: ``python -m tests.ranges [TESTS…]``.

Each end is a virtual environment of its own with the wheel installed and a copy of what the tests need, so
that nothing of this folder is imported.
"""

import os
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
NEEDED = ("benchmarks", "tests", "cli.py", "config.yaml", "data.csv", "pyproject.toml")
TOOLS = ("hypothesis", "pytest>=9")


def oldest() -> Iterator[str]:
    """Yield the pins of the lower bounds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for requirement in (*project["dependencies"], *extras["dask"], *extras["frames"]):
        yield requirement.partition(",")[0].replace(">=", "==")


def run(*command: str | Path, cwd: Path = ROOT, **env: str) -> None:
    """Run a command, or end with what it said."""
    print("+", *command, file=sys.stderr, flush=True)
    subprocess.run(command, cwd=cwd, env=os.environ | env, check=True)


def try_end(folder: Path, wheel: Path, pins: list[str], tests: list[str]) -> None:
    """Install the wheel beside the pins, and run the tests on it."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv/bin/python"
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(pins))
    pip = (python, "-m", "pip", "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--constraint", constraints, f"{wheel}[dask,frames]", *TOOLS)
    run(*pip, "check")
    work = folder / "work"
    work.mkdir()
    for name in NEEDED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, work / name)
    run(python, "-m", "kernels", cwd=work, KERNELS_BACKEND="native")
    run(python, "-m", "pytest", *tests, cwd=work)


def main() -> None:
    """Try both ends."""
    with TemporaryDirectory() as folder:
        wheels = Path(folder, "wheels")
        run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, ROOT)
        wheel = next(wheels.iterdir())
        for name, pins in {"oldest": list(oldest()), "newest": []}.items():
            try_end(Path(folder, name), wheel, pins, sys.argv[1:])


if __name__ == "__main__":
    main()
