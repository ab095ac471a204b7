"""What several test files share."""

import signal
from pathlib import Path

import pytest
from hypothesis import settings

# The same cases on every run, and no verdict by the clock of a busy machine.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

# A run in the background is started to ignore it, and so would be all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def real_file() -> Path:
    """Return the spreadsheet export of real prices, which is not part of the project."""
    path = Path(__file__).parents[2] / "shared/data/btc_1m_10000_quoted.csv"
    if not path.exists():
        pytest.skip(f"needs the real file {path}")
    return path
