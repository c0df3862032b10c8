"""The configuration as a person reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from w2s.cli.plain import plain
from w2s.cli.study import study_nodes

if TYPE_CHECKING:
    from omegaconf import DictConfig
    from rich.tree import Tree


def show_config(config: DictConfig, choices: Mapping[str, str]) -> None:
    """Print the resolved configuration as a tree, each group with its choice."""
    from rich.console import Console

    Console().print(config_tree(plain(config), choices))


def config_tree(values: Mapping[str, Any], choices: Mapping[str, str]) -> Tree:
    """The root's own settings, the study with everything it uses, and the tracker."""
    from rich.tree import Tree

    tree = Tree("configuration", guide_style="dim")
    used = (*study_nodes(values), "tracker")  # these hold all the others that the run uses
    for name, value in values.items():
        if name in used or not isinstance(value, Mapping):
            _grow(tree, name, value, choices)
    return tree


def _grow(tree: Tree, name: str, value: Any, choices: Mapping[str, str]) -> None:
    from rich.markup import escape

    choice = f" = [green]{escape(str(choices[name]))}[/green]" if choices.get(name) else ""
    if isinstance(value, Mapping) and value:
        branch = tree.add(f"[bold]{escape(name)}[/bold]{choice}")
        for key, inner in value.items():
            _grow(branch, str(key), inner, choices)
    else:
        tree.add(f"{escape(name)}: {escape(str(value))}")
