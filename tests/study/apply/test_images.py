"""What a run fitted on pictures, applied to new ones."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.configured import built
from tests.pictures import picture_folder, save_resnet, save_vit
from tests.study.apply.fitted_runs import answers, applied
from w2s.dataset.images import Images
from w2s.errors import DataError
from w2s.model import LogisticProbe, Raw
from w2s.model.checkpoint.folder import FolderCheckpoint
from w2s.model.encoder.image_encoder import image_model
from w2s.model.ensemble import FittedTeachers
from w2s.model.finetuning.fitted_network import FittedNetwork, TunedImageEncoder
from w2s.model.model import FittedModel
from w2s.pool.preparation import Preparation
from w2s.results.recorder import Recorder
from w2s.store import Store
from w2s.store.fitted import save_fitted
from w2s.study import OnPool
from w2s.study.apply.models import _placed
from w2s.study.transfer import Transfer
from w2s.types import History
from w2s.utils.threads import limited


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """A folder with pictures, a store and a run on them, and its table of points."""
    root = tmp_path_factory.mktemp("pictures")
    store = Store(str(root / "store"))
    weak, strong = (
        image_model(checkpoint=str(save(root / name)), store=store, learner=LogisticProbe())
        for name, save in (("resnet", save_resnet), ("vit", save_vit))
    )
    data = Images(path=str(picture_folder(root / "old", 120)))
    recorder = Recorder(quiet=True)
    recipe = Preparation(dataset=data, weak_model=weak, strong_model=strong, detector=built("detector", "noise_matched"))
    with limited(1):
        OnPool(recipe, (Transfer(controls=False),)).run(recorder)
    for name, value in recorder.models.items():
        save_fitted(root / "run" / "fitted", name, value)
    return root, recorder.tables["points"]


def test_pictures_of_the_run_get_the_same_numbers_bit_for_bit_whatever_names_them(
    place: tuple[Path, pd.DataFrame], tmp_path: Path
) -> None:
    root, points = place
    store = Store(str(root / "store"))
    listed = sorted(file.relative_to(root / "old").as_posix() for file in (root / "old").rglob("*.*g"))
    pd.DataFrame({"id": listed, "image": [str(root / "old" / name) for name in listed]}).to_csv(tmp_path / "new.csv")
    for path, out in ((root / "old", "folder"), (tmp_path / "new.csv", "table")):
        with limited(1):
            found = applied(root / "run", path, tmp_path / out, store=store, piece=33, shards=2)
        assert found.metrics["apply/rows"] == len(listed)
        new = answers(tmp_path / out).set_index("id")
        pool = points[points["split"] == "pool"]
        for column in ("p_0", "p_1", "p_2", "confidence", "score"):
            assert np.array_equal(pool[column].to_numpy(float), new.loc[pool["id"], column].to_numpy(float), equal_nan=True)
        assert pool["region"].tolist() == new.loc[pool["id"], "region"].astype(str).tolist()


def test_a_changed_picture_is_answered_anew_and_a_broken_one_is_named(
    place: tuple[Path, pd.DataFrame], tmp_path: Path
) -> None:
    root, _ = place
    new = picture_folder(tmp_path / "new", 12)
    asked = {"store": Store(str(root / "store"))}
    assert applied(root / "run", new, tmp_path / "out", **asked).metrics["apply/computed"] == 12
    assert applied(root / "run", new, tmp_path / "out", **asked).metrics["apply/computed"] == 0
    (new / "red" / "0.png").write_bytes((new / "blue" / "2.png").read_bytes())
    assert applied(root / "run", new, tmp_path / "out", **asked).metrics["apply/computed"] == 12
    both = answers(tmp_path / "out").set_index("id").loc[["red/0.png", "blue/2.png"]]
    assert both["p_0"].nunique() == 1
    (new / "green" / "1.jpg").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"green/1\.jpg is no picture that can be read"):
        applied(root / "run", new, tmp_path / "out", **asked)


def test_every_encoder_in_what_was_fitted_reads_the_store_that_is_set(tmp_path: Path) -> None:
    network = TunedImageEncoder(
        checkpoint=FolderCheckpoint("folder", reads="images"),
        store=Store("old"),
        fit_key="key",
        pooling="first",
        lora=None,
        weights={},
    )
    tuned = FittedNetwork(network, np.zeros((2, 3)), np.zeros(2), History())
    moved = _placed(FittedModel(Raw(), FittedTeachers((tuned, tuned), np.ones(2), "mean")), Store(str(tmp_path)))
    assert {member.encoder.store.root for member in moved.fitted.members} == {str(tmp_path)}
