"""The device's similarities against those of the processor; torch's own CPU device stands in for an accelerator."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from w2s.detector import similarity as processor
from w2s.detector import similarity_gpu as module
from w2s.detector.similarity import similarity

KERNELS, AGGREGATES = ("cosine", "abs_cosine", "product"), ("max", "mean", "top", "soft_max")


def both(device: str, kernel: str, aggregate: str, monkeypatch: pytest.MonkeyPatch) -> tuple[np.ndarray, np.ndarray]:
    """Scores of 101 points against 333 references by the processor and on `device`."""
    draw = np.random.default_rng(0)
    points, references = (draw.normal(size=(n, 12)).astype(np.float32) for n in (101, 333))
    ours = similarity(points, references, kernel=kernel, aggregate=aggregate, k=7, sharpness=5.0)
    monkeypatch.setattr(processor, "accelerator", lambda work: device)
    return ours, similarity(points, references, kernel=kernel, aggregate=aggregate, k=7, sharpness=5.0)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_blocks_on_a_device_give_the_processors_scores(kernel: str, aggregate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_POINTS", 32)
    monkeypatch.setattr(module, "BLOCK_REFERENCES", 5)  # fewer than k, too
    ours, theirs = both("cpu", kernel, aggregate, monkeypatch)
    np.testing.assert_allclose(theirs, ours, rtol=1e-5, atol=1e-5)


@pytest.mark.gpu
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_a_gpu_gives_the_processors_scores(kernel: str, aggregate: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = both("cuda", kernel, aggregate, monkeypatch)
    np.testing.assert_allclose(theirs, ours, rtol=1e-5, atol=1e-5)


def test_small_work_stays_on_the_processor_whatever_there_is() -> None:
    assert module.accelerator(module.WORTH_IT / 2) is None


def test_large_work_stays_there_too_without_a_driver_or_a_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(module, "DRIVER", (tmp_path / "driver",))
    assert module.accelerator(module.WORTH_IT) is None
    (tmp_path / "driver").touch()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert module.accelerator(module.WORTH_IT) is None
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert module.accelerator(module.WORTH_IT) == "cuda"


def test_equal_and_few_references_are_counted_like_the_processor_does(monkeypatch: pytest.MonkeyPatch) -> None:
    points, references = np.array([[1.0, 0.0], [0.6, 0.8]]), np.array([[2.0, 0.0], [2.0, 0.0], [0.0, 0.0]])
    monkeypatch.setattr(processor, "accelerator", lambda work: "cpu")
    np.testing.assert_allclose(similarity(points, references, aggregate="top", k=2), [1.0, 0.6])
    np.testing.assert_allclose(similarity(points, references, aggregate="top", k=9), [2 / 3, 0.4])
    assert similarity(np.empty((0, 2)), references).shape == (0,)
