"""The roof: the only place that knows Hydra and OmegaConf."""
