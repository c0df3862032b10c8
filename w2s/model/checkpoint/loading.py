"""From a checked checkpoint folder to a network in memory; whatever is odd about it is refused before memory is taken."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from w2s.errors import ConfigError, ModelError
from w2s.model.checkpoint.config_json import CONFIG, SAVE_AGAIN, read_config
from w2s.model.checkpoint.file_checks import content_files, links_to, weight_files
from w2s.utils.reading import reading

Precision = Literal["auto", "float32", "bfloat16", "float16", "int8", "nf4"]
"""Numbers that a network's weights are kept in; the last two hold the linear layers' in 8 or 4 bits, others in bfloat16."""
QUANTISED = ("int8", "nf4")
MOST_ABSENT = 2
"""A network of more than this many times the weights that are there is not the one that was saved."""
OPTIONS: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}


def load_with(
    companion: Callable[[Path], Any],
    folder: Path,
    *,
    name: str,
    device: str,
    dtype: Precision,
    layers: Sequence[int],
    unused: str | None = "pooler.",
) -> tuple[Any, Any]:
    """The network of a checked folder, and what `companion` makes of the folder: a tokenizer or an image processor.

    Args:
        companion: is given a folder of links to the checkpoint's files.
        folder: where they lie.
        name: what the user calls the checkpoint.
        device: where the network goes.
        dtype: of its weights.
        layers: that will be read.
        unused: how the names of weights begin that may be absent; None where none may.

    Raises:
        ModelError: transformers cannot build it, or a layer is asked for that it does not have.
    """
    check_layers(read_config(folder, name), layers)
    with (
        reading(f"checkpoint={name}: transformers cannot load it", ModelError, SAVE_AGAIN),
        links_to(folder, content_files(folder, name)) as place,
        quiet_transformers(),
    ):
        import torch
        from transformers import AutoModel

        config = config_in(place)
        check_size(config, place, name)
        beside = companion(place)
        kept = quantised(dtype, device) or {"dtype": "auto" if dtype == "auto" else getattr(torch, dtype)}
        options = {"use_safetensors": True, "output_loading_info": True, **kept, **OPTIONS}
        model, info = AutoModel.from_pretrained(place, config=config, **options)
        model = (model if dtype in QUANTISED else model.to(device)).eval()
    absent = sorted(key for key in info["missing_keys"] if unused is None or not key.startswith(unused))
    if absent:
        raise ModelError(f"checkpoint={name}: {len(absent)} weights are not in it, the first is {absent[0]}.")
    return model, beside


def quantised(dtype: Precision, device: str) -> dict[str, Any]:
    """What transformers is told to keep linear layers in 8 or 4 bits on a device; nothing for other numbers.

    8: "LLM.int8()" (Dettmers et al., 2022). 4: NormalFloat with quantised constants ("QLoRA", Dettmers et al., 2023).
    """
    if dtype not in QUANTISED:
        return {}
    import torch
    from transformers import BitsAndBytesConfig

    four = {"bnb_4bit_quant_type": "nf4", "bnb_4bit_use_double_quant": True, "bnb_4bit_compute_dtype": torch.bfloat16}
    settings = {"load_in_8bit": True} if dtype == "int8" else {"load_in_4bit": True, **four}
    config = BitsAndBytesConfig(**settings)  # type: ignore[no-untyped-call]
    return {"dtype": torch.bfloat16, "quantization_config": config, "device_map": {"": device}}


def check_quantised(dtype: Precision) -> None:
    """Refuse 8- and 4-bit weights without the library that computes with them.

    Raises:
        ConfigError: with the command that installs it.
    """
    missing = [name for name in ("bitsandbytes", "accelerate") if find_spec(name) is None]
    if dtype in QUANTISED and missing:
        raise ConfigError(f"{dtype} weights need {' and '.join(missing)}: pip install 'w2s[quantised]'.")


def config_in(folder: Path) -> Any:
    """The configuration as transformers reads it; one of timm's without the size of the head, which is not built."""
    from transformers import AutoConfig

    config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    (getattr(config, "model_args", None) or {}).pop("num_classes", None)
    return config


def check_size(config: Any, folder: Path, name: str) -> None:
    """Refuse a configuration of a far larger network than the weights hold, before any memory is taken for it.

    Raises:
        ModelError: naming both sizes.
    """
    import torch
    from safetensors import safe_open
    from transformers import AutoModel

    with torch.device("meta"):
        model = AutoModel.from_config(config, trust_remote_code=False)  # type: ignore[no-untyped-call]
    wanted = sum(weight.numel() for weight in model.parameters())
    held = 0
    for file in weight_files(folder, name):
        with safe_open(folder / file, framework="pt") as weights:
            held += sum(math.prod(weights.get_slice(key).get_shape()) for key in weights.keys())
    if wanted > MOST_ABSENT * held and getattr(config, "quantization_config", None) is None:
        raise ModelError(
            f"checkpoint={name}: its {CONFIG} describes {wanted:,} weights, and {held:,} are there.\n{SAVE_AGAIN}"
        )


def check_layers(config: dict[str, Any], layers: Sequence[int]) -> None:
    """Refuse layers that the network does not have.

    Raises:
        ModelError: naming the range.
    """
    depth = config.get("num_hidden_layers", config.get("n_layer"))
    for layer in layers:
        if depth is not None and not -depth - 1 <= layer <= depth:
            raise ModelError(
                f"layer={layer}: the checkpoint has {depth} layers.\n"
                f"Accepted are 0 (embeddings) to {depth}, or -1 (last) to {-depth - 1}."
            )


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """No weight-loading bar and no table of the head's unused weights on the terminal."""
    from transformers.utils import logging as transformers_logging

    verbosity, bars = transformers_logging.get_verbosity(), transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        if bars:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
