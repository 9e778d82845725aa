"""Estimate how likely a query is, given a text, with the small language model of `search.model`.

The model is a Llama with about a hundred million parameters. CTranslate2 runs it on the processor,
in this process. Its first use downloads it and converts it to 8-bit numbers, which takes a minute;
the result is kept next to the other models.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from scripts.characters import without_surrogates
from scripts.model_files import Model, describe_model, find_model, loading
from scripts.search.reranker import Likelihoods

# The model reads the beginning, a text, the question, and the words of the query.
BEGINNING = "A short video.\n"
QUESTION = "\nA few words that somebody remembers of this video:"
MOST_TOKENS = 110  # of the beginning and the text
MOST_QUERY_TOKENS = 64


class LanguageModel(Likelihoods):
    """The model `name`, a folder or a repository on the Hub. The first use loads it.

    folder: where all models are. threads: 0 means all cores. Every use raises ConfigError if the
    model can't be downloaded or loaded.
    """

    def __init__(self, name: str, revision: str, folder: str, threads: int = 0) -> None:
        self._threads = threads
        self._folder = folder
        self._model = Model(
            setting="search.model",
            kind="language model of the Llama family",
            name=name,
            repository=lambda: name,
            revision=revision,
            folder=folder,
            files=("config.json", "model.safetensors", "tokenizer.json"),
            optional_files=(),
            remedy="set it to none",
        )

    @cached_property
    def identity(self) -> str:
        """The name, revision and hash of the model, and the text around a query."""
        return f"{describe_model(self._model)}, {MOST_TOKENS} tokens, {BEGINNING!r}, {QUESTION!r}"

    def load(self) -> None:
        """Load the model now."""
        self._loaded  # noqa: B018

    def likelihoods(self, query: str, texts: Sequence[str]) -> np.ndarray:
        generator, tokenizer = self._loaded
        asked = _tokens(tokenizer, " " + query)[:MOST_QUERY_TOKENS]
        if not asked:
            return np.zeros(len(texts))
        question = _tokens(tokenizer, QUESTION)
        lines = [
            [*_tokens(tokenizer, BEGINNING + text)[:MOST_TOKENS], *question, *asked]
            for text in texts
        ]
        found = generator.score_batch(lines)
        return np.array([np.mean(line.log_probs[-len(asked) :]) for line in found])

    @cached_property
    def _loaded(self) -> tuple[Any, Any]:
        # Imported here, because a search without a model does not need them.
        from ctranslate2 import Generator
        from tokenizers import Tokenizer

        source = find_model(self._model)
        with loading(self._model, source):
            folder = self._converted(source)
            generator = Generator(
                str(folder), "cpu", compute_type="int8", intra_threads=self._threads
            )
            return generator, Tokenizer.from_file(str(folder / "tokenizer.json"))

    def _converted(self, source: Path) -> Path:
        """The folder of the converted model. If it doesn't exist, the model is converted."""
        from scripts.search.conversion import convert_llama

        weights = (source / "model.safetensors").stat()
        state = f"{source.resolve()} {weights.st_size} {weights.st_mtime_ns}".encode()
        name = f"{source.name}--int8-{hashlib.sha256(state).hexdigest()[:8]}"
        folder = Path(self._folder).expanduser() / name
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(dir=folder.parent, prefix=f".{name}-") as draft:
                convert_llama(source, Path(draft) / name)
                (Path(draft) / name).rename(folder)
        return folder


def _tokens(tokenizer: Any, text: str) -> list[str]:
    readable = without_surrogates(text)
    return list(tokenizer.encode(readable, add_special_tokens=False).tokens)
