"""The door: `python -m w2s.main`, and the console script `w2s`."""

from __future__ import annotations

from w2s.cli import resolvers
from w2s.cli.door import run_command_line


def main() -> None:
    """Compose, check, run, write; see `--help` for the groups and settings."""
    resolvers.register()
    run_command_line()


if __name__ == "__main__":
    main()
