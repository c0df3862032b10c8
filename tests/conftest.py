"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

settings.register_profile("w2s", deadline=None)  # the first example pays for imports
settings.load_profile("w2s")


@pytest.fixture
def shared_data() -> Path:
    """Real data sets that lie beside some checkouts; tests that use them skip where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no shared data sets beside this checkout")
    return SHARED_DATA
