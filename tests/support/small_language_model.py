"""Small models of the Llama family, in the form of the large ones on the Hugging Face Hub."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

WORDS = [
    *(
        "[unk]",
        "a",
        "short",
        "video",
        "few",
        "words",
        "that",
        "somebody",
        "remembers",
        "of",
        "this",
    ),
    *("cat", "dog", "piano", "bread", "knight", "pasta", "song", "flying"),
]
Weights = dict[str, np.ndarray]


def echoing_model(folder: Path) -> Path:
    """A model that expects the words of the text: its one layer computes the mean of all words."""
    size = len(WORDS) + len(WORDS) % 2
    same, nothing = np.eye(size, dtype=np.float32), np.zeros((size, size), np.float32)
    layer = {
        "input_layernorm": np.ones(size, np.float32),
        "post_attention_layernorm": np.ones(size, np.float32),
        **{f"self_attn.{part}_proj": nothing for part in "qk"},
        **{f"self_attn.{part}_proj": same for part in "vo"},
        **{f"mlp.{part}_proj": nothing for part in ("gate", "up", "down")},
    }
    weights = {
        "model.embed_tokens.weight": same / 10,
        "model.norm.weight": np.ones(size, np.float32),
        "lm_head.weight": same,
        **{f"model.layers.0.{name}.weight": values for name, values in layer.items()},
    }
    return write_model(folder, weights, _config(size, size, 1, 1, 1, size))


def random_model(folder: Path, dtype: str = "F32") -> tuple[Path, Weights, dict[str, Any]]:
    """A model with two layers and grouped heads, its weights, and its dimensions."""
    rng = np.random.default_rng(1)
    size, hidden, inner, layers, heads, pairs = len(WORDS), 32, 48, 2, 4, 2
    shapes = {"q": (hidden, hidden), "k": (16, hidden), "v": (16, hidden), "o": (hidden, hidden)}
    weights = {"model.embed_tokens.weight": rng.normal(0, 0.2, (size, hidden))}
    weights["model.norm.weight"] = rng.uniform(0.5, 1.5, hidden)
    for number in range(layers):
        name = f"model.layers.{number}"
        for norm in ("input_layernorm", "post_attention_layernorm"):
            weights[f"{name}.{norm}.weight"] = rng.uniform(0.5, 1.5, hidden)
        for part, shape in shapes.items():
            weights[f"{name}.self_attn.{part}_proj.weight"] = rng.normal(0, 0.3, shape)
        for part, shape in (
            ("gate", (inner, hidden)),
            ("up", (inner, hidden)),
            ("down", (hidden, inner)),
        ):
            weights[f"{name}.mlp.{part}_proj.weight"] = rng.normal(0, 0.3, shape)
    weights = {name: _rounded(values.astype(np.float32), dtype) for name, values in weights.items()}
    config = _config(size, hidden, layers, heads, pairs, inner)
    return write_model(folder, weights, config, dtype), weights, config


def _config(
    size: int, hidden: int, layers: int, heads: int, pairs: int, inner: int
) -> dict[str, Any]:
    return {
        "model_type": "llama",
        "vocab_size": size,
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": pairs,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10_000,
    }


def write_model(folder: Path, weights: Weights, config: dict[str, Any], dtype: str = "F32") -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    tokenizer = Tokenizer(models.WordLevel({word: id for id, word in enumerate(WORDS)}, "[unk]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    content = b""
    for name, values in weights.items():
        written = _as_type(values, dtype)
        offsets = [len(content), len(content) + len(written)]
        header[name] = {"dtype": dtype, "shape": values.shape, "data_offsets": offsets}
        content += written
    encoded = json.dumps(header).encode()
    file = folder / "model.safetensors"
    file.write_bytes(len(encoded).to_bytes(8, "little") + encoded + content)
    return folder


def _rounded(values: np.ndarray, dtype: str) -> np.ndarray:
    """The values, rounded to this type of number."""
    if dtype == "BF16":
        return (values.view(np.uint32) & 0xFFFF0000).view(np.float32)
    return values.astype({"F32": "<f4", "F16": "<f2"}[dtype]).astype(np.float32)


def _as_type(values: np.ndarray, dtype: str) -> bytes:
    if dtype == "BF16":
        return bytes((values.astype("<f4").view("<u4") >> 16).astype("<u2").tobytes())
    return bytes(values.astype({"F32": "<f4", "F16": "<f2"}[dtype]).tobytes())
