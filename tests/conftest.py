"""What several test files share."""

import signal
from pathlib import Path

import pytest
from hypothesis import settings

from benchmarks.generate import write

# The same cases on every run, and no verdict by the clock of a busy machine.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

# A run in the background, or under nohup, is started to ignore them, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def spreadsheet_export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return 10,000 bars as spreadsheets export them: every line in quotes, no newline after the last."""
    path = tmp_path_factory.mktemp("export") / "bars.csv"
    write(path, rows=10_000, seed=11, form="wrapped")
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))
    return path
