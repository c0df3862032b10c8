"""A data set of the Hugging Face hub, listed, fetched and read by `datasets`, at a commit that is known."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from w2s.dataset.columns.names import require_columns
from w2s.dataset.hub.loading import quietly, require_splits, tables
from w2s.errors import DataError, require, suggestion
from w2s.utils.hub_errors import Request, explained
from w2s.utils.reading import reason

if TYPE_CHECKING:
    import datasets
    import pyarrow as pa

log = logging.getLogger(__name__)

ANSWER_SECONDS = 5.0
"""How long the hub may take to answer before it counts as unreachable."""
CARD = "README.md"
COMMIT = re.compile(r"[0-9a-f]{40}")
TABLES = ("parquet", "csv", "json", "arrow")
"""The loaders of `datasets` that read plain tables: none runs code or opens a pickle."""


class UnreachableError(DataError):
    """The hub does not answer."""


@dataclass(frozen=True)
class Repository:
    """A data set on the hub, under `HF_ENDPOINT`, or what an earlier load left of it in the local cache (HF_HOME)."""

    id: str
    """`namespace/name`."""
    subset: str | None
    """One of the configurations that its card names; where the card names none, a folder."""
    revision: str | None
    """Commit, tag or branch; None is main."""
    splits: Sequence[str]
    """The splits that are wanted."""

    def check(self, columns: Sequence[str]) -> None:
        """See within seconds whether the cache or the hub can give every split; no data file is asked for.

        Raises:
            DataError: it cannot.
        """
        if self.remembered is not None:
            tables(self.remembered[1], self.splits, columns, self._setting)
        elif self.builder.info.features:
            require_columns(columns, list(self.builder.info.features), self._setting)

    def load(self, columns: Sequence[str]) -> dict[str, pa.Table]:
        """The `columns` of each split at `commit`, downloaded unless they are in the cache.

        Raises:
            DataError: neither hub nor cache has them, access is refused, or the files are no tables.
        """
        data = self._prepared(self.commit)
        if data is None:
            with self._explained():
                self.builder.download_and_prepare()
                data = self.builder.as_dataset()
        return tables(data, self.splits, columns, self._setting)

    def provenance(self) -> tuple[tuple[str, str], ...]:
        """The commit, which says what the data is."""
        return (("data/commit", self.commit),)

    @cached_property
    def commit(self) -> str:
        """The commit that `revision` means now; where the hub cannot be reached, what it meant when it was last loaded.

        Raises:
            DataError: there is no such data set or revision, access is refused, or neither hub nor cache can tell.
        """
        if self.remembered is not None and self.remembered[0] == self.revision:
            return self.revision
        try:
            return self._ask()
        except UnreachableError:
            if self.remembered is None:
                raise
            commit, _ = self.remembered
            log.warning("The hub cannot be reached: %s is taken from the cache, commit %s.", self.id, commit)
            return commit

    @cached_property
    def remembered(self) -> tuple[str, datasets.DatasetDict] | None:
        """The commit that `revision` meant when it was last loaded, and what the cache holds of it; None without either."""
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import LocalEntryNotFoundError

        commit = self.revision
        if commit is None or not COMMIT.fullmatch(commit):
            try:
                commit = Path(
                    snapshot_download(
                        self.id, repo_type="dataset", revision=commit, local_files_only=True, allow_patterns=CARD
                    )
                ).name
            except LocalEntryNotFoundError:
                return None
        data = self._prepared(commit)
        return None if data is None else (commit, data)

    @cached_property
    def builder(self) -> datasets.DatasetBuilder:
        """What `datasets` would download and read; nothing but the card and lists of files is fetched.

        Raises:
            DataError: the subset or a split is not there, or the files are no tables.
        """
        commit = self.commit  # what the hub refuses is answered before a library is imported for it
        from datasets import load_dataset_builder

        with self._explained():
            builder = load_dataset_builder(self._path, revision=commit, **self._subset())
        if builder.hash != commit:  # refused halfway, `datasets` falls back on whatever commit its cache holds
            raise UnreachableError(f"{self._setting}: the hub stopped answering.\nTry again, or dataset.path=FOLDER.")
        told = f"{self._setting} is published as {builder.name}; parquet, csv and jsonl files are read."
        require(builder.name in TABLES, told, DataError)
        require_splits(self.splits, list(map(str, builder.config.data_files)), self._setting)
        return builder

    @property
    def files(self) -> list[str]:
        """Paths of the files that would be downloaded, within the repository."""
        files = [file for files in self.builder.config.data_files.values() for file in files]
        return [file.removeprefix(f"{self._path}@{self.commit}/") for file in files]

    @property
    def _path(self) -> str:
        return f"hf://datasets/{self.id}"  # never a folder here that happens to have the same name

    @property
    def _setting(self) -> str:
        return f"dataset.id={self.id}"

    def _ask(self) -> str:
        """The commit of `revision` on the hub, which the cache remembers under that name."""
        from huggingface_hub import HfApi, hf_hub_download
        from huggingface_hub.errors import EntryNotFoundError

        with explained(self._request()):
            found = HfApi().dataset_info(self.id, revision=self.revision, timeout=ANSWER_SECONDS)
            if self.remembered is None or found.sha != self.remembered[0]:
                if found.gated:
                    HfApi().auth_check(self.id, repo_type="dataset")
                with suppress(EntryNotFoundError):
                    hf_hub_download(self.id, CARD, repo_type="dataset", revision=self.revision)
        return str(found.sha)

    def _prepared(self, commit: str) -> datasets.DatasetDict | None:
        """What the cache holds of this very commit: without the hub `load_dataset` would take the latest of any."""
        from datasets.packaged_modules.cache.cache import Cache

        name, subset = self.id.split("/")[1], self.subset or "default"
        with self._explained():
            found = Cache(dataset_name=name, repo_id=self.id, config_name=subset, version="0.0.0", hash=commit)
            return found.as_dataset() if Path(found.cache_dir).is_dir() else None

    def _subset(self) -> dict[str, str]:
        """How `datasets` is told the subset, and under which name its cache keeps what it read."""
        from datasets import get_dataset_config_names, get_dataset_default_config_name
        from huggingface_hub import HfApi
        from huggingface_hub.hf_api import RepoFolder

        named = get_dataset_config_names(self._path, revision=self.commit)
        if self.subset is not None and self.subset in named:
            return {"name": self.subset}
        if self.subset is None:
            one = len(named) < 2 or get_dataset_default_config_name(self._path, revision=self.commit) is not None
            told = f"{self._setting} has several subsets. Name one: dataset.subset={', '.join(named[:12])}"
            require(one, told, DataError)
            return {"config_id": "default"}
        # The hub's parquet copies (refs/convert/parquet) have a folder for each subset, and no card that names them.
        entries = HfApi().list_repo_tree(self.id, repo_type="dataset", revision=self.commit)
        there = named if named != ["default"] else [entry.path for entry in entries if isinstance(entry, RepoFolder)]
        told = f"{self._setting} has no subset '{self.subset}'.{suggestion(self.subset, there)}"
        require(self.subset in there, f"{told}\nIts subsets: {', '.join(there[:12])}.", DataError)
        return {"data_dir": self.subset, "config_id": self.subset}

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Quietly, and with what `datasets` raises turned into one clear line."""
        from datasets.data_files import EmptyDatasetError
        from datasets.exceptions import DataFilesNotFoundError, DatasetsError

        with explained(self._request()), quietly():
            try:
                yield
            except (DataFilesNotFoundError, EmptyDatasetError) as error:
                of = f" of subset '{self.subset}'" if self.subset else ""
                raise DataError(f"{self._setting} holds no parquet, csv or jsonl file{of}.") from error
            except (DatasetsError, ValueError) as error:
                raise DataError(f"{self._setting} cannot be read: {reason(error)}") from error
            except RuntimeError as error:
                if "scripts" not in str(error):
                    raise
                raise DataError(
                    f"{self._setting} is a loading script, and scripts are never run.\n"
                    "Try its parquet copy: dataset.revision=refs/convert/parquet."
                ) from error

    def _request(self) -> Request:
        return Request(
            setting=self._setting,
            page=f"datasets/{self.id}",
            revision=self.revision,
            unknown="is no data set of the hub (or it is private: set HF_TOKEN).\n"
            "Name an id such as stanfordnlp/sst2, or a local copy: dataset.path=FOLDER.",
            unreachable="Name a local copy: dataset.path=FOLDER.",
            refused=DataError,
            unanswered=UnreachableError,
        )
