import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model.checkpoint.hub import COMMIT, hub
from w2s.errors import ModelError
from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.checkpoint.hub import HubCheckpoint, checkpoint_at
from w2s.store import Store

NOBODY = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return tmp_path / "cache"


def at(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
    monkeypatch.setattr(
        "huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}"
    )


def test_a_checkpoint_is_resolved_to_its_commit_and_downloaded_once(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with hub(folder) as (address, requests):
        at(monkeypatch, address)
        checkpoint = HubCheckpoint("someone/model")
        checkpoint.check()
        assert checkpoint.identify(store) == {"hub": "someone/model", "commit": COMMIT}
        assert not any("safetensors" in request for request in requests), "nothing is downloaded to know what it is"
        fetched = checkpoint.fetch(store)
        assert (fetched / "model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()
        assert "downloading someone/model: 4 files" in caplog.text
        downloads = sum(request.startswith("GET") and "/resolve/" in request for request in requests)
        assert HubCheckpoint("someone/model").fetch(store) == fetched
        assert sum(request.startswith("GET") and "/resolve/" in request for request in requests) == downloads
    at(monkeypatch, NOBODY)
    offline = HubCheckpoint("someone/model")
    assert (offline.identify(store)["commit"], offline.fetch(store)) == (COMMIT, fetched)
    assert "taken from the cache" in caplog.text


def test_a_pinned_commit_needs_no_network(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, NOBODY)
    assert HubCheckpoint("someone/model", COMMIT).identify(store)["commit"] == COMMIT


@pytest.mark.parametrize("address", [NOBODY, "http://nowhere.invalid"])
def test_an_unreachable_hub_is_one_clear_line_within_seconds(
    address: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, address)
    begun = time.monotonic()
    with pytest.raises(ModelError, match=r"the hub cannot be reached[\s\S]*local copy") as raised:
        HubCheckpoint("someone/model").check()
    assert time.monotonic() - begun < 10
    assert str(raised.value).count("\n") <= 2


def test_a_hub_that_hangs_is_given_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("w2s.model.checkpoint.hub.ANSWER_SECONDS", 0.2)
    with hub(folder, hangs=True) as (address, _):
        at(monkeypatch, address)
        with pytest.raises(ModelError, match="cannot be reached"):
            HubCheckpoint("someone/model").check()


def test_a_gated_checkpoint_without_a_token_says_how_to_get_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hub(folder, gated=True) as (address, _):
        at(monkeypatch, address)
        with pytest.raises(ModelError, match=r"gated: accept its terms[\s\S]*HF_TOKEN"):
            HubCheckpoint("someone/model").check()


def test_a_name_that_nobody_has_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hub(folder) as (address, _):
        at(monkeypatch, address)
        with pytest.raises(ModelError, match="neither a folder here nor a model on the hub"):
            HubCheckpoint("nobody/nothing").check()


def test_a_repository_with_pickled_weights_alone_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "config.json").write_text('{"model_type": "gpt2"}')
    (repository / "pytorch_model.bin").write_bytes(b"pickle")
    with hub(repository) as (address, _):
        at(monkeypatch, address)
        with pytest.raises(ModelError, match="pickled weights are refused"):
            HubCheckpoint("someone/model").check()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("gpt2", HubCheckpoint),
        ("Qwen/Qwen2.5-0.5B", HubCheckpoint),
        ("/checkpoints/gpt2", FolderCheckpoint),
        ("../gpt2", FolderCheckpoint),
        ("~/gpt2", FolderCheckpoint),
        ("a/b/c", FolderCheckpoint),
    ],
)
def test_a_name_is_a_folder_or_a_hub_id(name: str, kind: type) -> None:
    assert isinstance(checkpoint_at(name, None), kind)


def test_a_folder_that_is_there_wins_over_a_hub_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gpt2").mkdir()
    monkeypatch.chdir(tmp_path)
    assert isinstance(checkpoint_at("gpt2", None), FolderCheckpoint)
