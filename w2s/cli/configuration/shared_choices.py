"""One file, a choice of several groups: `conf/checkpoint/minilm.yaml` is both `weak_model=minilm` and `strong_model=minilm`.

Hydra takes a choice from the folder of its group. So each group gets, in Hydra's ConfigStore, entries that hold nothing but
a defaults list with the shared file in it. Only names are read here; a file is read where it is chosen.
"""

from __future__ import annotations

from pathlib import Path

from w2s.cli.configuration.paths import conf_folder

SHARED = {"weak_model": "checkpoint", "strong_model": "checkpoint", "weak_learner": "learner"}
"""Group -> the folder whose files are choices of it, beside its own."""

FOLDERS_ONLY = frozenset(SHARED.values()) - {"learner"}
"""Shared folders that are no group of a run themselves."""


def offer_shared_choices(config_dir: Path | None = None) -> None:
    """Offer the files of the shared folders, a person's `config_dir` included, but for names that a group has itself."""
    from hydra.core.config_store import ConfigStore

    store = ConfigStore.instance()
    folders = [folder for folder in (config_dir, conf_folder()) if folder is not None]
    for group, shared in SHARED.items():
        store.repo.pop(group, None)
        own = {file.name for folder in folders for file in (folder / group).glob("*.yaml")}
        for name in sorted({file.name for folder in folders for file in (folder / shared).glob("*.yaml")} - own):
            choice = Path(name).stem
            store.store(group=group, name=choice, node={"defaults": [{f"/{shared}@_here_": choice}]})
