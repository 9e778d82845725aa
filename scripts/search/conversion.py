"""Convert a Llama from the Hugging Face Hub's format to CTranslate2's, in 8-bit numbers.

In: a folder with `config.json`, `model.safetensors` and `tokenizer.json`. CTranslate2's own
converter would need PyTorch and Transformers, which take 2 GB to install.
"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.converters.utils import fuse_linear
from ctranslate2.specs import TransformerDecoderModelSpec
from ctranslate2.specs.common_spec import Activation, LinearSpec

CONFIG, WEIGHTS, TOKENIZER = "config.json", "model.safetensors", "tokenizer.json"
# NumPy doesn't know BF16. It is the upper half of a 32-bit number.
_TYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
}

Weights = Mapping[str, np.ndarray]


def convert_llama(source: Path, target: Path) -> None:
    """Write the model and its tokenizer to the new folder `target`.

    Raises the same errors as `read_llama`.
    """
    spec = read_llama(source)
    spec.optimize(quantization="int8")
    target.mkdir()
    spec.save(str(target))
    (target / TOKENIZER).write_bytes((source / TOKENIZER).read_bytes())


def read_llama(source: Path) -> TransformerDecoderModelSpec:
    """The model in a folder, in 32-bit numbers.

    Raises KeyError, ValueError or OSError if the files are not such a model.
    """
    config = json.loads((source / CONFIG).read_bytes())
    if config.get("model_type") != "llama" or config.get("rope_scaling"):
        raise ValueError("config.json does not describe a Llama without scaled positions")
    spec = TransformerDecoderModelSpec.from_config(
        config["num_hidden_layers"],
        config["num_attention_heads"],
        activation=Activation.SWISH,
        ffn_glu=True,
        rms_norm=True,
        rotary_dim=0,
        rotary_interleave=False,
        rotary_base=config.get("rope_theta", 10_000),
        num_heads_kv=config.get("num_key_value_heads", config["num_attention_heads"]),
    )
    _fill(spec.decoder, _read_safetensors(source / WEIGHTS))
    spec.config.layer_norm_epsilon = config["rms_norm_eps"]
    tokens = _vocabulary(source / TOKENIZER, config["vocab_size"])
    spec.config.unk_token = spec.config.bos_token = spec.config.eos_token = tokens[0]
    spec.register_vocabulary(tokens)
    spec.validate()
    return spec


def _fill(decoder: Any, weights: Weights) -> None:
    decoder.scale_embeddings = False
    decoder.embeddings.weight = weights["model.embed_tokens.weight"]
    decoder.layer_norm.gamma = weights["model.norm.weight"]
    # Small models use the same matrix for input and output.
    decoder.projection.weight = weights.get("lm_head.weight", weights["model.embed_tokens.weight"])
    for number, layer in enumerate(decoder.layer):
        name = f"model.layers.{number}"
        attention, ffn = layer.self_attention, layer.ffn
        attention.layer_norm.gamma = weights[f"{name}.input_layernorm.weight"]
        parts = [_linear(weights, f"{name}.self_attn.{part}_proj") for part in "qkv"]
        fuse_linear(attention.linear[0], parts)
        attention.linear[1].weight = weights[f"{name}.self_attn.o_proj.weight"]
        ffn.layer_norm.gamma = weights[f"{name}.post_attention_layernorm.weight"]
        ffn.linear_0.weight = weights[f"{name}.mlp.gate_proj.weight"]
        ffn.linear_0_noact.weight = weights[f"{name}.mlp.up_proj.weight"]
        ffn.linear_1.weight = weights[f"{name}.mlp.down_proj.weight"]


def _linear(weights: Weights, name: str) -> LinearSpec:
    linear = LinearSpec()
    linear.weight = weights[f"{name}.weight"]
    return linear


def _read_safetensors(file: Path) -> dict[str, np.ndarray]:
    """The tensors of a file as 32-bit numbers."""
    content = np.memmap(file, np.uint8, "r")
    start = 8 + int.from_bytes(content[:8].tobytes(), "little")
    header = json.loads(content[8:start].tobytes())
    header.pop("__metadata__", None)
    tensors = {}
    for name, tensor in header.items():
        first, last = tensor["data_offsets"]
        kind, shape = _TYPES[tensor["dtype"]], tensor["shape"]
        if last - first != kind.itemsize * math.prod(shape):
            raise ValueError(f"the size of {name} does not match its shape")
        values = np.frombuffer(content[start + first : start + last].tobytes(), kind)
        if tensor["dtype"] == "BF16":
            values = (values.astype(np.uint32) << 16).view(np.float32)
        tensors[name] = values.reshape(shape).astype(np.float32)
    return tensors


def _vocabulary(file: Path, size: int) -> list[str]:
    """The tokens by number, filled up to `size`: the model may have room for more."""
    from tokenizers import Tokenizer

    ids = Tokenizer.from_file(str(file)).get_vocab()
    tokens = [f"<unused {number}>" for number in range(size)]
    for token, number in ids.items():
        if number < size:
            tokens[number] = token
    return tokens
