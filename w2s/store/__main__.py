"""`python -m w2s.store list|verify|prune`: the store, for a person."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from w2s.errors import StoreError, W2SError, wants_traceback
from w2s.store.listing import fits_of, holdings
from w2s.store.maintenance import prune, verify
from w2s.store.store import Store


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 1 where something is damaged, 2 where the command is refused."""
    parser = argparse.ArgumentParser(prog="python -m w2s.store", description="Vectors of pretrained encoders, kept on disk.")
    parser.add_argument("--root", help="the store's folder; default: W2S_STORE or the cache")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="what is in it")
    commands.add_parser("verify", help="read and check every byte")
    pruning = commands.add_parser("prune", help="delete what is damaged or was left by killed processes, and the keys named")
    pruning.add_argument("keys", nargs="*", help="beginnings of keys as `list` shows them; what belongs to them goes")
    options = parser.parse_args(arguments)
    store = Store(options.root or os.environ.get("W2S_STORE"))
    try:
        store.check()
        if options.root is not None and not store.folder.exists():
            raise StoreError(f"--root {options.root}: there is no such folder. Name the store's, or leave --root out.")
        if options.command == "list":
            show(store)
            return 0
        if options.command == "verify":
            return check(store)
        deleted = prune(store, tuple(options.keys))
        say("\n".join(f"deleted {path}" for path in deleted) or "nothing to delete")
    except W2SError as error:
        if wants_traceback():
            raise
        sys.stderr.write(f"w2s: {printable(str(error))}\n")
        return 2
    return 0


def show(store: Store) -> None:
    """Print a table of the keys, whole on a terminal of 80 columns."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(printable(str(store.folder))), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("key", no_wrap=True)
    for column in ("vectors", "d", "shards", "MB"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("what made them", overflow="fold")
    for held in holdings(store):
        numbers = f"{held.vectors:,}", str(held.width), str(held.shards), f"{held.size / 1e6:,.1f}"
        made_by = Text(printable(", ".join((held.checkpoint, *held.settings))))
        table.add_row(Text(printable(held.name)), *numbers, made_by)
    for fit in fits_of(store):
        table.add_row(printable(fit.name), "fit", "", "", f"{fit.size / 1e6:,.1f}", Text(printable(fit.what)))
    Console().print(table if table.row_count else Text(printable(f"{store.folder} is empty.")))


def check(store: Store) -> int:
    """Verify the store and say what was found."""
    damaged = verify(store)
    for path, reason in damaged.items():
        say(f"damaged: {path}: {reason}")
    total = sum(held.shards for held in holdings(store))
    fits = len(fits_of(store))
    say(
        f"{total} shards{f' and {fits} fits' if fits else ''} read, {len(damaged)} damaged"
        + ("; prune deletes them, the next run computes them again" * bool(damaged))
    )
    return 1 if damaged else 0


def say(text: str) -> None:
    """Print to standard output."""
    sys.stdout.write(f"{printable(text)}\n")


def printable(text: str) -> str:
    """The text without what a terminal would obey or cannot show: names of files and keys come from anywhere."""
    return "".join(character if character.isprintable() or character == "\n" else "?" for character in text)


if __name__ == "__main__":
    sys.exit(main())
