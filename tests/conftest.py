"""What several test files share."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_file() -> Path:
    """Return the spreadsheet export of real prices, which is not part of the project."""
    path = Path(__file__).parents[2] / "shared/data/btc_1m_10000_quoted.csv"
    if not path.exists():
        pytest.skip(f"needs the real file {path}")
    return path
