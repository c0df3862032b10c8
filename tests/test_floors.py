"""Imports go down the floors only, and heavy packages are imported where they are used."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FLOOR = {
    **dict.fromkeys(("types", "errors", "seeding", "protocols", "identity"), 0),
    **dict.fromkeys(("store", "statistics", "utils", "results"), 1),
    **dict.fromkeys(("dataset", "model", "loss", "detector", "policy", "tracker"), 2),
    "pool": 3,
    "study": 4,
    "report": 5,
    **dict.fromkeys(("cli", "main", "check", "__init__"), 6),
}
"""The table of the floors; a part that is not named here has no place yet."""
GROUPS = 2
ROOF = 6
CONFIGURATION = {"hydra", "omegaconf"}
HEAVY = {"torch", "transformers", "datasets", "sklearn", "pandas", "matplotlib", "wandb", "scipy", "snorkel", "pydantic"}


def imported(tree: ast.AST, *, typing_too: bool, inside_functions: bool) -> Iterator[str]:
    """Dotted names of everything imported in `tree`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports name the whole path"
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not typing_too:
            continue
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not inside_functions:
            continue
        else:
            yield from imported(node, typing_too=typing_too, inside_functions=inside_functions)


def part_of(dotted: str) -> str | None:
    """The part of the package that a dotted name belongs to; None outside the package."""
    names = dotted.split(".")
    if names[0] != "w2s":
        return None
    return names[1] if len(names) > 1 and names[1] in FLOOR else "__init__"


def misplaced(source: str, part: str) -> list[str]:
    """Imports of a module of `part` that its floor does not allow, those for annotations included."""
    tree = ast.parse(source)
    wrong = []
    for name in imported(tree, typing_too=True, inside_functions=True):
        other = part_of(name)
        if other is None:
            if name.split(".")[0] in CONFIGURATION and FLOOR[part] < ROOF:
                wrong.append(name)
        elif part != other and (FLOOR[other] > FLOOR[part] or FLOOR[other] == FLOOR[part] == GROUPS):
            wrong.append(name)
    return wrong


def heavy_at_the_top(source: str) -> list[str]:
    """Heavy packages that importing a module would import."""
    return [
        name for name in imported(ast.parse(source), typing_too=False, inside_functions=False) if name.split(".")[0] in HEAVY
    ]


MODULES = sorted((ROOT / "w2s").rglob("*.py"))


def part_of_file(path: Path) -> str:
    return path.relative_to(ROOT / "w2s").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_imports_only_what_its_floor_allows(path: Path) -> None:
    assert part_of_file(path) in FLOOR, "a new part of the package gets its floor in this table"
    assert misplaced(path.read_text(encoding="utf-8"), part_of_file(path)) == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_heavy_packages_are_imported_where_they_are_used(path: Path) -> None:
    assert heavy_at_the_top(path.read_text(encoding="utf-8")) == []


def test_no_two_modules_import_each_other() -> None:
    known = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in MODULES}
    graph = {}
    for module, path in known.items():
        names = imported(ast.parse(path.read_text(encoding="utf-8")), typing_too=False, inside_functions=False)
        whole = {name if name in known else name.rpartition(".")[0] for name in names}
        graph[module] = (whole & known.keys()) - {module}
    order = list(TopologicalSorter(graph).static_order())
    assert order.index("w2s.types") < order.index("w2s.statistics.metrics") < order.index("w2s.pool.preparation")


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("types", "from w2s.statistics.metrics import auc"),
        ("metrics", "from w2s.pool.preparation import Preparation"),
        ("detector", "from w2s.model.probe import LogisticProbe"),
        ("model", "import w2s.dataset.digits"),
        ("study", "from w2s.cli.build import build"),
        ("study", "def f():\n    from omegaconf import DictConfig"),
        ("detector", "import hydra.utils"),
        ("types", "if TYPE_CHECKING:\n    from w2s.pool.pool import PreparedPool"),
    ],
)
def test_a_step_upwards_or_sideways_is_caught(part: str, line: str) -> None:
    assert len(misplaced(line, part)) == 1


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("study", "from w2s.statistics.metrics import auc"),
        ("detector", "from w2s.detector.two_step import TwoStepDetector"),
        ("types", "if TYPE_CHECKING:\n    from w2s.protocols import Learner"),
        ("cli", "from omegaconf import DictConfig"),
    ],
)
def test_a_step_downwards_is_allowed(part: str, line: str) -> None:
    assert misplaced(line, part) == []


@pytest.mark.parametrize(
    "line", ["import torch", "from sklearn.linear_model import LogisticRegression", "try:\n    import wandb\nfinally: ..."]
)
def test_a_heavy_import_at_the_top_is_caught(line: str) -> None:
    assert len(heavy_at_the_top(line)) == 1
    indented = "\n    ".join(line.splitlines())
    assert heavy_at_the_top(f"def f():\n    {indented}") == []
    assert heavy_at_the_top(f"if TYPE_CHECKING:\n    {indented}") == []
