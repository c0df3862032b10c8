"""The door: `python -m w2s.main`, and the console script `w2s`."""

from __future__ import annotations

from w2s.app import resolvers
from w2s.app.door import open_door


def main() -> None:
    """Compose, check, run, write; see `--help` for the groups and settings."""
    resolvers.register()
    open_door()


if __name__ == "__main__":
    main()
