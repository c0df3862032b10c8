"""Data sets of the Hugging Face hub, as local folders."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from w2s.dataset.files import listing, split_files
from w2s.errors import DataError
from w2s.utils.hub import Request, explained

log = logging.getLogger(__name__)

CARD = "README.md"
ANSWER_SECONDS = 5.0
"""How long the hub may take to answer before it counts as unreachable."""


class UnreachableError(DataError):
    """The hub does not answer."""


@dataclass(frozen=True)
class Repository:
    """A data set on the hub, under `HF_ENDPOINT`, or what an earlier run left of it in the local cache."""

    id: str
    """`namespace/name`."""
    subset: str | None
    revision: str | None
    """Commit, tag or branch; None is main."""
    splits: Sequence[str]
    """The splits that are wanted."""

    def check(self) -> None:
        """See within seconds whether the cache or the hub can give every split; nothing but a list of files is asked for.

        Raises:
            DataError: it cannot.
        """
        if self.cached() is None:
            self.files()

    def fetch(self) -> Path:
        """A folder with the files of the splits, named after the commit; they are downloaded unless they are there.

        Where the hub cannot be reached, what was downloaded before is used, and a warning says so.

        Raises:
            DataError: neither hub nor cache has them, or access is refused.
        """
        from huggingface_hub import snapshot_download

        try:
            files = self.files()
        except UnreachableError:
            folder = self.cached()
            if folder is None:
                raise
            log.warning("The hub cannot be reached: %s is taken from the cache, commit %s.", self.id, folder.name)
            return folder
        with explained(self._request()):
            log.info("%s: %s", self.id, ", ".join(files))
            return Path(
                snapshot_download(self.id, repo_type="dataset", revision=self.revision, allow_patterns=[CARD, *files])
            )

    def files(self) -> list[str]:
        """Names of the files that hold the splits, as the hub lists them."""
        from huggingface_hub import HfApi, hf_hub_download

        with explained(self._request()):
            info = HfApi().dataset_info(self.id, revision=self.revision, timeout=ANSWER_SECONDS)
            names = [file.rfilename for file in info.siblings or ()]
            card = ""
            if CARD in names:
                card = Path(hf_hub_download(self.id, CARD, repo_type="dataset", revision=self.revision)).read_text("utf-8")
        return self._of_splits(names, card)

    def cached(self) -> Path | None:
        """The folder in the local cache, if it holds every split."""
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError

        try:
            folder = Path(
                snapshot_download(
                    self.id, repo_type="dataset", revision=self.revision, local_files_only=True, allow_patterns=[CARD]
                )
            )
            self._of_splits(listing(folder), card_of(folder))
        except (LocalEntryNotFoundError, DataError):
            return None
        return folder

    def _request(self) -> Request:
        return Request(
            setting=f"dataset.id={self.id}",
            page=f"datasets/{self.id}",
            revision=self.revision,
            unknown="is no data set of the hub (or it is private: set HF_TOKEN).\n"
            "Name an id such as stanfordnlp/sst2, or a local copy: dataset.path=FOLDER.",
            unreachable="Name a local copy: dataset.path=FOLDER.",
            refused=DataError,
            unanswered=UnreachableError,
        )

    def _of_splits(self, names: Sequence[str], card: str) -> list[str]:
        found = (split_files(names, split, subset=self.subset, where=self.id, card=card) for split in self.splits)
        return [name for files in found for name in files]


def card_of(folder: Path) -> str:
    """The text of a repository's card, or an empty one."""
    card = folder / CARD
    return card.read_text("utf-8") if card.is_file() else ""
