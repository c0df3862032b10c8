"""`python -m w2s.store list|verify|prune`: the store, for a person."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from w2s.errors import W2SError
from w2s.store.care import holdings, prune, verify
from w2s.store.store import Store


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 1 where something is damaged or refused."""
    parser = argparse.ArgumentParser(prog="python -m w2s.store", description="Vectors of pretrained encoders, kept on disk.")
    parser.add_argument(
        "--root", default=os.environ.get("W2S_STORE"), help="the store's folder; default: W2S_STORE or the cache"
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="what is in it")
    commands.add_parser("verify", help="read and check every byte")
    pruning = commands.add_parser("prune", help="delete what is damaged or was left by killed processes, and the keys named")
    pruning.add_argument("keys", nargs="*", help="beginnings of keys as `list` shows them; all their vectors are deleted")
    options = parser.parse_args(arguments)
    store = Store(options.root)
    try:
        store.check()
        if options.command == "list":
            show(store)
            return 0
        if options.command == "verify":
            return check(store)
        deleted = prune(store, tuple(options.keys))
        say("\n".join(f"deleted {path}" for path in deleted) or "nothing to delete")
    except W2SError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def show(store: Store) -> None:
    """Print a table of the keys."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{store.folder}", title_justify="left")
    for column in ("key", "checkpoint", "pooling", "layers", "max_tokens", "dtype", "prompt"):
        table.add_column(column)
    for column in ("vectors", "d", "shards", "MB"):
        table.add_column(column, justify="right")
    for held in holdings(store):
        settings = [str(held.key.get(name, "?")) for name in ("pooling", "layers", "max_tokens", "dtype", "prompt")]
        numbers = f"{held.vectors:,}", str(held.width), str(held.shards), f"{held.size / 1e6:,.1f}"
        table.add_row(held.name, held.checkpoint, *settings, *numbers)
    Console().print(table if table.row_count else f"{store.folder} is empty.")


def check(store: Store) -> int:
    """Verify the store and say what was found."""
    damaged = verify(store)
    for path, reason in damaged.items():
        say(f"damaged: {path}: {reason}")
    total = sum(held.shards for held in holdings(store))
    say(
        f"{total} shards read, {len(damaged)} damaged"
        + ("; prune deletes them, the next run computes them again" * bool(damaged))
    )
    return 1 if damaged else 0


def say(text: str) -> None:
    """Print to standard output."""
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
