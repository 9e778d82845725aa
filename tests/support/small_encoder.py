"""A language model that is small enough to understand: each word has one of a few meanings."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

UNKNOWN = "[UNK]"
# Words of one line mean the same. An unknown word means nothing in particular.
MEANINGS = (
    ("cat", "kitten", "whiskers", "purr"),
    ("dog", "puppy", "bone"),
    ("bird", "wire"),
    ("a", "with", "what", "this", "on", "the"),
)


def make_encoder(folder: Path) -> Path:
    """Write the model to a new folder, in the form that Sentence Transformers publishes."""
    words = [UNKNOWN, *(word for meaning in MEANINGS for word in meaning)]
    (folder / "onnx").mkdir(parents=True)
    tokenizer = Tokenizer(models.WordLevel({w: n for n, w in enumerate(words)}, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    onnx.save(_look_up(_vectors()), str(folder / "onnx" / "model.onnx"))
    return folder


def _vectors() -> np.ndarray:
    """words x (meanings + 1). Words that only connect sentences weigh little."""
    weights = (1.0, 1.0, 1.0, 0.1)
    rows = [np.full(len(MEANINGS) + 1, 0.1)]
    for number, (meaning, weight) in enumerate(zip(MEANINGS, weights, strict=True)):
        rows += [weight * np.eye(len(MEANINGS) + 1)[number]] * len(meaning)
    return np.array(rows, np.float32)


def _look_up(vectors: np.ndarray) -> onnx.ModelProto:
    """A model that gives each token its vector, and takes no `token_type_ids`."""
    texts = ["texts", "tokens"]
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["vectors", "input_ids"], ["found"]),
            # The model has to use its input for the mask.
            helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
            helper.make_node("Unsqueeze", ["mask", "last"], ["mask_of_vectors"]),
            helper.make_node("Mul", ["found", "mask_of_vectors"], ["last_hidden_state"]),
        ],
        "look_up",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, texts)
            for name in ("input_ids", "attention_mask")
        ],
        [
            helper.make_tensor_value_info(
                "last_hidden_state", TensorProto.FLOAT, [*texts, vectors.shape[1]]
            )
        ],
        [
            numpy_helper.from_array(vectors, "vectors"),
            numpy_helper.from_array(np.array([-1]), "last"),
        ],
    )
    opset = helper.make_opsetid("", 17)
    return helper.make_model(graph, opset_imports=[opset], ir_version=8)
