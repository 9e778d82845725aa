"""Turn texts into vectors with a small language model, in this process.

The model is a folder in the form that Sentence Transformers publishes: `onnx/model.onnx`, which
returns a vector for each token, and `tokenizer.json`. The vector of a text is the mean of the
vectors of its tokens, scaled to length 1.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from scripts.model_files import Model, describe_model, find_model, loading

MODEL, TOKENIZER = "onnx/model.onnx", "tokenizer.json"
MOST_TOKENS = 256  # of a text; these models were trained with this length
TOKENS_AT_ONCE = 8_192


class Encoder:
    """The model of `experiments.encoder` in the configuration. The first use loads it.

    Its methods raise ConfigError if the model can't be downloaded or loaded.
    """

    def __init__(self, settings: Mapping[str, str], threads: int = 1) -> None:
        self._threads = threads
        self._model = Model(
            setting="experiments.encoder.model",
            kind="sentence encoder in ONNX",
            name=settings["model"],
            repository=lambda: settings["model"],
            revision=settings["revision"],
            folder=settings["model_folder"],
            files=(MODEL, TOKENIZER),
            optional_files=(),
            remedy="remove `embeddings` from experiments.dense",
        )

    @cached_property
    def identity(self) -> str:
        """The name, revision and hash of the model, and the length to which texts are cut."""
        return f"{describe_model(self._model)}, {MOST_TOKENS} tokens"

    def load(self) -> None:
        """Load the model now."""
        self._loaded  # noqa: B018

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return the vectors of texts: texts x dimensions, each row of length 1."""
        encoded = [found.ids for found in self._tokenizer.encode_batch(list(texts))]
        # Encode texts of similar lengths together, because padding takes time, too.
        order = sorted(range(len(texts)), key=lambda place: len(encoded[place]))
        batches = _batches([encoded[place] for place in order])
        vectors = np.concatenate([self._run(batch) for batch in batches])
        placed = np.empty_like(vectors)
        placed[order] = vectors
        return placed

    def _run(self, batch: list[list[int]]) -> np.ndarray:
        lengths = np.array([len(ids) for ids in batch])
        is_token = np.arange(lengths.max()) < lengths[:, None]
        ids = np.zeros(is_token.shape, np.int64)
        ids[is_token] = np.concatenate(batch)
        inputs = {
            "input_ids": ids,
            "attention_mask": is_token.astype(np.int64),
            "token_type_ids": np.zeros_like(ids),
        }
        taken = {given.name for given in self._session.get_inputs()}
        vectors_of_tokens = self._session.run(
            None, {name: value for name, value in inputs.items() if name in taken}
        )[0]
        sums: np.ndarray = (vectors_of_tokens * is_token[:, :, None]).sum(axis=1)
        return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12))

    @property
    def _session(self) -> Any:
        return self._loaded[0]

    @property
    def _tokenizer(self) -> Any:
        return self._loaded[1]

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        # Imported here, because most experiments don't need it.
        import onnxruntime
        from tokenizers import Tokenizer

        folder = find_model(self._model)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        with loading(self._model, folder):
            session = onnxruntime.InferenceSession(
                folder / MODEL, options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        tokenizer.enable_truncation(MOST_TOKENS)
        tokenizer.no_padding()
        return session, tokenizer


def _batches(encoded: list[list[int]]) -> Iterator[list[list[int]]]:
    """Yield the texts in batches, in their order (shortest first), each as large as possible."""
    batch: list[list[int]] = []
    for ids in encoded:
        if batch and (len(batch) + 1) * len(ids) > TOKENS_AT_ONCE:
            yield batch
            batch = []
        batch.append(ids)
    yield batch
