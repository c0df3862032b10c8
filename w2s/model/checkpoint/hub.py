"""Checkpoints on the Hugging Face hub: resolved to a commit, downloaded only when a vector has to be computed."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from w2s.errors import ModelError, require
from w2s.model.checkpoint.config_json import CONFIG, read_config
from w2s.model.checkpoint.file_checks import PROCESSORS, WEIGHTS, WEIGHTS_INDEX, check_folder
from w2s.model.checkpoint.folder import Checkpoint, FolderCheckpoint, folder_named
from w2s.store import Store
from w2s.types import Column
from w2s.utils.hub_errors import Request, explained

log = logging.getLogger(__name__)

ANSWER_SECONDS = 3.0
"""How long the hub may take to answer before it counts as unreachable."""
COMMIT = re.compile(r"[0-9a-f]{40}")
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")
FILES = (
    "config.json",
    "model*.safetensors",
    WEIGHTS_INDEX,
    "*token*",
    "vocab*",
    "merges.txt",
    "*.model",
    "*.jinja",
    *PROCESSORS,
)
"""What is downloaded: safetensors, the tokenizer and the image processor; no pickles, no other framework's weights."""


@dataclass(frozen=True)
class HubCheckpoint:
    """A checkpoint on the hub, under `HF_ENDPOINT` or a local cache."""

    name: str
    revision: str | None = None
    """Branch, tag or commit; None is the main branch. Only a commit stays what it is."""
    reads: Column = "texts"
    """Or `images`."""

    def check(self) -> None:
        """See whether the hub or the cache can give the checkpoint."""
        if self._cached() is None:
            self._ask()

    def config(self) -> dict[str, Any] | None:
        """The configuration in the cache, if the checkpoint is there."""
        cached = self._cached()
        return None if cached is None else read_config(cached, self.name)

    def identify(self, store: Store) -> dict[str, str]:  # noqa: ARG002
        """The repository and the commit."""
        return {"hub": self.name, "commit": self.commit}

    def pinned(self, store: Store) -> HubCheckpoint:  # noqa: ARG002
        """The commit that the revision means now."""
        return HubCheckpoint(self.name, self.commit, self.reads)

    @cached_property
    def commit(self) -> str:
        """The commit that `revision` means now; where the hub cannot be reached, the one it meant in the cache.

        Raises:
            ModelError: there is no such checkpoint, or neither hub nor cache can tell.
        """
        if self.revision is not None and COMMIT.fullmatch(self.revision):
            return self.revision
        cached = self._cached()
        try:
            return str(self._ask().sha)
        except UnreachableError:
            if cached is None:
                raise
            log.warning("The hub cannot be reached: %s is taken from the cache, commit %s.", self.name, cached.name)
            return cached.name

    def fetch(self, store: Store) -> Path:  # noqa: ARG002
        """Download what is not in the cache, after saying how much that is."""
        from huggingface_hub import snapshot_download

        cached = self._cached(self.commit)
        if cached is not None:
            return cached
        with explained(self._request()):
            with no_bars():
                files = snapshot_download(self.name, revision=self.commit, allow_patterns=list(FILES), dry_run=True)
            self._refuse_pickles({file.filename for file in files})
            todo = [file.file_size or 0 for file in files if file.will_download]
            log.info("downloading %s: %d files, %.2f GB", self.name, len(todo), sum(todo) / 1e9)
            # By the revision's own name, so that the cache can say offline which commit it means.
            folder = Path(snapshot_download(self.name, revision=self.revision, allow_patterns=list(FILES)))
        if folder.name != self.commit:
            raise ModelError(
                f"checkpoint={self.name}: revision={self.revision} moved to {folder.name} meanwhile. Run it again."
            )
        check_folder(folder, self.name, self.reads)
        return folder

    def _cached(self, revision: str | None = None) -> Path | None:
        """The checkpoint's folder in the local cache, if it is complete."""
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError

        try:
            folder = Path(
                snapshot_download(
                    self.name, revision=revision or self.revision, local_files_only=True, allow_patterns=list(FILES)
                )
            )
            check_folder(folder, self.name, self.reads)
        except (LocalEntryNotFoundError, ModelError):
            return None
        return folder

    def _ask(self) -> Any:
        """What the hub says about the checkpoint."""
        from huggingface_hub import HfApi

        with explained(self._request()):
            found = HfApi().model_info(self.name, revision=self.revision, timeout=ANSWER_SECONDS)
            if found.gated:
                HfApi().auth_check(self.name)
            self._refuse_pickles({file.rfilename for file in found.siblings or []})
        return found

    def _request(self) -> Request:
        return Request(
            setting=f"checkpoint={self.name}",
            page=self.name,
            revision=self.revision,
            unknown="is neither a folder here nor a model on the hub (or it is private: set HF_TOKEN).\n"
            "Name a folder that save_pretrained wrote, or a hub id such as Qwen/Qwen2.5-0.5B.",
            unreachable="There is no such folder here, either. "
            "Name a local copy: weak_model.checkpoint=/folder strong_model.checkpoint=/folder.",
            refused=ModelError,
            unanswered=UnreachableError,
        )

    def _refuse_pickles(self, files: set[str]) -> None:
        if CONFIG not in files:
            raise ModelError(f"checkpoint={self.name}: the repository has no {CONFIG}, so it is no checkpoint.")
        if not files & {WEIGHTS, WEIGHTS_INDEX}:
            raise ModelError(
                f"checkpoint={self.name}: the repository has no {WEIGHTS}, and pickled weights are refused.\n"
                "Name a revision that has it (often refs/pr/1), or a local copy that save_pretrained wrote."
            )


class UnreachableError(ModelError):
    """The hub does not answer."""


@contextmanager
def no_bars() -> Iterator[None]:
    """No bar for a look at sizes."""
    from huggingface_hub import utils

    shown = not utils.are_progress_bars_disabled()  # type: ignore[attr-defined]
    utils.disable_progress_bars()  # type: ignore[attr-defined]
    try:
        yield
    finally:
        if shown:
            utils.enable_progress_bars()  # type: ignore[attr-defined]


def checkpoint_at(checkpoint: str, revision: str | None, reads: Column = "texts") -> Checkpoint:
    """A folder where there is one, or where the name cannot be a hub id; else a checkpoint on the hub."""
    if not os.path.lexists(folder_named(checkpoint)) and HUB_ID.fullmatch(checkpoint):
        return HubCheckpoint(checkpoint, revision, reads)
    require(revision is None, f"revision={revision} belongs to a hub id, but checkpoint={checkpoint} is a folder.")
    return FolderCheckpoint(checkpoint, reads=reads)


def weight_bytes(checkpoint: object) -> int:
    """Bytes of a checkpoint's weights; 0 where they are not known. The hub is asked, and nothing is downloaded."""
    if isinstance(checkpoint, FolderCheckpoint):
        return sum(file.stat().st_size for file in checkpoint.folder.glob("*.safetensors"))
    if not isinstance(checkpoint, HubCheckpoint):
        return 0
    from huggingface_hub import snapshot_download

    files = snapshot_download(checkpoint.name, revision=checkpoint.revision, allow_patterns=list(FILES), dry_run=True)
    return sum(file.file_size or 0 for file in files if file.filename.endswith(".safetensors"))
