"""What all tests share."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

# What `datasets` and the hub's client keep is read when they are imported, and is not the user's here.
os.environ["HF_HOME"] = tempfile.mkdtemp(prefix="w2s-hf-home-")
atexit.register(shutil.rmtree, os.environ["HF_HOME"], ignore_errors=True)

# In the background or under nohup these are ignored, and a program that a test starts would inherit that.
for each in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(each) is signal.SIG_IGN:
        signal.signal(each, signal.SIG_DFL)

settings.register_profile("w2s", deadline=None)  # the first example pays for imports
settings.load_profile("w2s")


@pytest.fixture
def shared_data() -> Path:
    """Real data sets that lie beside some checkouts; tests that use them skip where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no shared data sets beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session", autouse=True)
def _compositions_are_shared() -> Iterator[None]:
    """A choice of the project's own files is composed once in a process; a folder of a test's own is read each time."""
    from w2s.cli.configuration.compose import Loader

    kept: defaultdict[Path, dict[Any, Any]] = defaultdict(dict)
    begin = Loader.__init__

    def sharing(self: Any, search_path: Any) -> None:
        begin(self, search_path)
        if not any(element.provider == "command-line" for element in search_path.get_path()):
            self._bases = kept[Path.cwd()]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Loader, "__init__", sharing)
        yield
