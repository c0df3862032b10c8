"""The command line: the only place that knows Hydra and OmegaConf.

Hydra takes launchers and sweepers from the namespace `hydra_plugins` alone; ours is a part of it that lies below `plugins/`.
"""

import sys
from pathlib import Path

PLUGINS = str(Path(__file__).resolve().parent / "plugins")
if PLUGINS not in sys.path:
    sys.path.append(PLUGINS)
