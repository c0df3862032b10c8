"""The JSON files of a checkpoint: what they may say, seen before anything is loaded."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from w2s.errors import ModelError
from w2s.utils.files import read_json
from w2s.utils.reading import reading

CONFIG = "config.json"
TOKENIZER_CONFIG = "tokenizer_config.json"
SAVE_AGAIN = "Save the checkpoint again with save_pretrained."
SHORTEST = 16
"""Tokens that a network and its tokenizer must be able to read; what reads fewer gives texts the same vector."""
TIMM = "pretrained_cfg"
"""A configuration with this key is one of timm's, which transformers reads with that library, image processor included."""
NUMBERS = {
    ("num_hidden_layers", "n_layer"): (1, 1_000),
    ("hidden_size", "n_embd", "d_model"): (1, 1_000_000),
    ("max_position_embeddings", "n_positions"): (SHORTEST, 10**9),
}
"""Numbers of a configuration, by all their names, and the least and the greatest that can be read."""


def read_config(folder: Path, name: str) -> dict[str, Any]:
    """The checkpoint's config.json.

    Args:
        folder: where it lies.
        name: what the user calls the checkpoint.

    Raises:
        ModelError: it is no JSON object, names no architecture, one of its numbers is out of range, it is an
            encoder-decoder, or it sends the reader to other files.
    """
    config = read_object(folder / CONFIG, name)
    if TIMM in config:
        config.setdefault("model_type", "timm_wrapper")
    if not isinstance(config.get("model_type"), str) or not config["model_type"]:
        raise ModelError(f"checkpoint={name}: its {CONFIG} names no model_type, so its architecture is unknown.")
    if config.get("is_encoder_decoder"):
        raise ModelError(
            f"checkpoint={name}: {config['model_type']!r} is an encoder-decoder.\n"
            "Name a decoder-only or an encoder-only model, such as Qwen/Qwen2.5-0.5B."
        )
    if "transformers_weights" in config:
        raise ModelError(
            f"checkpoint={name}: its {CONFIG} sends the reader to other weights (transformers_weights); refused.\n"
            "Load it where you trust it, and save_pretrained it."
        )
    for names, (least, greatest) in NUMBERS.items():
        for key in names:
            check_number(config.get(key), key, CONFIG, name, least=least, greatest=greatest)
    return config


def width_of(config: dict[str, Any]) -> int:
    """Numbers of a hidden state, of the last stage where stages differ; 0 where the configuration does not say."""
    config = config.get("vision_config", config)
    names = ("hidden_size", "n_embd", "d_model", "hidden_sizes", "num_features")
    found = next((config[name] for name in names if name in config), 0)
    return int(found[-1] if isinstance(found, list) else found)


def check_tokenizer_config(folder: Path, name: str) -> None:
    """Refuse a tokenizer that says of itself that it reads next to nothing.

    Raises:
        ModelError: or its configuration is no JSON object.
    """
    if (folder / TOKENIZER_CONFIG).exists():
        length = read_object(folder / TOKENIZER_CONFIG, name).get("model_max_length")
        check_number(length, "model_max_length", TOKENIZER_CONFIG, name, least=SHORTEST, greatest=math.inf)


def check_number(value: Any, key: str, file: str, name: str, *, least: int, greatest: float) -> None:
    """Refuse a value that is neither left out nor a number in the range.

    Raises:
        ModelError: naming the range.
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not (number and least <= value <= greatest):
        bounds = f"of at least {least}" if greatest == math.inf else f"from {least} to {greatest:,}"
        raise ModelError(
            f"checkpoint={name}: its {file} says {key}={repr(value)[:40]}.\n"
            f"A number {bounds} belongs there; save the checkpoint again with save_pretrained."
        )


def read_object(path: Path, name: str) -> dict[str, Any]:
    """A JSON object of a checkpoint.

    Raises:
        ModelError: it is none.
    """
    with reading(f"checkpoint={name}: {path.name} cannot be read as JSON", ModelError, SAVE_AGAIN):
        value = read_json(path)
    if not isinstance(value, dict):
        raise ModelError(f"checkpoint={name}: {path.name} is no JSON object.")
    return value
