"""`python -m w2s.main`, and the console script `w2s`."""

from __future__ import annotations


def main() -> None:
    """Compose, check, run, write; see `--help` for the groups and settings."""
    from w2s.cli.command_line import run_command_line

    run_command_line()


if __name__ == "__main__":
    main()
