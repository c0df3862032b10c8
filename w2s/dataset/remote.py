"""Data sets of the Hugging Face hub, as local folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from w2s.dataset.files import listing, split_files
from w2s.errors import DataError

CARD = "README.md"


def fetch(id: str, *, subset: str | None, revision: str | None, splits: Sequence[str]) -> tuple[Path, str]:
    """Download what the splits need, unless it is there already.

    With HF_HUB_OFFLINE=1 nothing is asked of the hub: what was downloaded before is used.

    Args:
        id: `namespace/name`.
        subset: the hub's configuration.
        revision: commit, tag or branch; None is `main`.
        splits: names of splits.

    Returns:
        The folder, and the commit that `revision` stands for.

    Raises:
        DataError: the hub cannot be reached, or there is no such data set, revision or split, or access is refused.
    """
    import httpx
    from huggingface_hub import HfApi, constants, hf_hub_download, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        if constants.HF_HUB_OFFLINE:
            folder = Path(snapshot_download(id, repo_type="dataset", revision=revision, local_files_only=True))
            return folder, folder.name
        names = [file.rfilename for file in HfApi().dataset_info(id, revision=revision).siblings or ()]
        card = (
            Path(hf_hub_download(id, CARD, repo_type="dataset", revision=revision)).read_text("utf-8")
            if CARD in names
            else ""
        )
        needed = [name for split in splits for name in split_files(names, split, subset=subset, where=id, card=card)]
        folder = Path(snapshot_download(id, repo_type="dataset", revision=revision, allow_patterns=[CARD, *needed]))
    except LocalEntryNotFoundError as error:
        raise DataError(f"dataset.id={id}: never downloaded here, and HF_HUB_OFFLINE is set.\n{_MEND}") from error
    except HfHubHTTPError as error:
        raise DataError(f"dataset.id={id}, revision={revision or 'main'}: {_first_line(error)}\n{_REFUSED}") from error
    except (httpx.HTTPError, OSError) as error:
        raise DataError(f"dataset.id={id}: the hub cannot be reached ({_first_line(error)}).\n{_MEND}") from error
    return folder, folder.name


def card_of(folder: Path) -> str:
    """The text of the repository's card, or an empty one."""
    return (folder / CARD).read_text("utf-8") if CARD in listing(folder) else ""


_MEND = "Name a local copy: dataset.path=FOLDER. HF_HUB_OFFLINE=1 uses what was downloaded before."
_REFUSED = "Check id and revision; a gated or private data set needs a login: hf auth login."


def _first_line(error: Exception) -> str:
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return line if len(line) <= 120 else line[:117] + "..."
