"""Gathers the site's pages when mkdocs builds it: what is written elsewhere, where it is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
TEXTS = ("README.md", "CHANGELOG.md", "experiments/README.md")
APART = ("cli", "main", "check")
"""Parts of the package that no one imports."""


def on_files(files: Files, config: Any) -> Files:
    """The README and the experiments with their figures at their own paths, and a page for each part of the package."""
    for path in written():
        name = path.relative_to(ROOT).as_posix()
        files.append(File.generated(config, name, abs_src_path=str(path)))
    for name, modules in parts():
        content = "\n\n".join([f"# {name}", *(f"::: {module}" for module in modules)])
        files.append(File.generated(config, f"reference/{name}.md", content=content))
    return files


def written() -> Iterator[Path]:
    """Texts and figures that exist already."""
    yield from (ROOT / name for name in TEXTS)
    for kind in ("README.md", "*.png", "*.csv"):
        yield from sorted((ROOT / "experiments").glob(f"*/{kind}"))
    yield ROOT / "LICENSE"


def parts() -> Iterator[tuple[str, list[str]]]:
    """Each part of the package with its public modules."""
    package = ROOT / "w2s"
    for path in sorted(package.iterdir()):
        name = path.stem
        if name.startswith("_") or name in APART:
            continue
        if path.suffix == ".py":
            yield name, [f"w2s.{name}"]
        elif (path / "__init__.py").is_file():
            below = sorted(file.relative_to(package) for file in path.rglob("*.py"))
            dotted = ["w2s." + ".".join(file.with_suffix("").parts) for file in below]
            yield name, [module.removesuffix(".__init__") for module in dotted if not module.endswith("__main__")]
