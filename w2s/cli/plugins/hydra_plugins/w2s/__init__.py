"""What Hydra finds by itself: the sweeper that resumes and sums up, and launchers, whose settings `conf/launcher` holds."""

from typing import Any

from hydra.core.config_store import ConfigStore

_CHOICES: dict[str, dict[str, dict[str, Any]]] = {
    "hydra/launcher": {
        "w2s_local_gpus": {"_target_": "hydra_plugins.w2s.local_gpus.LocalGpusLauncher"},
        "w2s_ray": {"_target_": "hydra_plugins.w2s.ray.RayLauncher"},
        "w2s_slurm": {"_target_": "hydra_plugins.w2s.slurm.SlurmLauncher"},
    },
    "hydra/sweeper": {
        "resuming": {"_target_": "hydra_plugins.w2s.sweeper.ResumingSweeper", "max_batch_size": None, "params": None},
    },
}

for _group, _choices in _CHOICES.items():
    for _name, _node in _choices.items():
        ConfigStore.instance().store(group=_group, name=_name, node=_node, provider="w2s")
