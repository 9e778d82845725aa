"""Vectors of a language model find similar texts, and are computed only once."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from scripts.errors import ConfigError
from scripts.experiments.cells import CellStore
from scripts.experiments.corpus import Corpus
from scripts.experiments.dense import embeddings
from scripts.experiments.encoder import Encoder
from scripts.experiments.grid import Experiment
from scripts.experiments.passages import Passages, PassageVectors, passage_keys, split_text
from scripts.experiments.ranking import PassageRanker
from tests.support.small_encoder import make_encoder

DOCUMENTS = [["a cat with whiskers"], ["a dog", "what a dog this is"], [], ["a bird on a wire"]]
EXPERIMENT = Experiment(("basic",), "passages", False, "none", "none", "none", "none", "embeddings")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_encoder(tmp_path_factory.mktemp("models") / "small")


def encoder(model: Path | str, folder: Path = Path("nowhere")) -> Encoder:
    return Encoder({"model": str(model), "revision": "main", "model_folder": str(folder)})


def collection(documents: list[list[str]]) -> Corpus:
    return Corpus([str(number) for number in range(len(documents))], {"basic": documents})


def test_it_finds_texts_with_the_same_meaning_and_no_shared_word(
    model: Path, tmp_path: Path
) -> None:
    with CellStore(tmp_path / "cells.db") as store:
        queries = ["kitten", "puppy bone", "BIRD!"]
        ranker = PassageRanker(collection(DOCUMENTS), queries, encoder(model), store)
        scores = ranker.scores(EXPERIMENT)
        facts = ranker.measure(EXPERIMENT)
    assert scores.argmax(axis=1).tolist() == [0, 1, 3]
    assert not scores[:, 2].any()  # a document without text isn't found
    assert scores[0, 0] > 1.9  # a cosine near 1, twice
    assert (facts.documents, facts.vocabulary, facts.postings) == (4, 5, 3)


def test_the_best_passage_and_the_mean_count() -> None:
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float32)
    found = embeddings(Passages(vectors, np.array([0, 0, 2]), 3), np.array([[1.0, 0.0]]))
    assert found[0] == pytest.approx((1 + 0.5**0.5, 0, 0.6 + 0.6), abs=1e-4)


def test_each_text_has_its_vector_whatever_its_neighbours_are(model: Path) -> None:
    texts = ["cat", "dog " * 400, "", "the bird with a bone", "unheard words", "kitten"]
    together = encoder(model).encode(texts)
    alone = np.concatenate([encoder(model).encode([text]) for text in texts])
    assert together == pytest.approx(alone, abs=1e-6)
    lengths = np.linalg.norm(together, axis=1)
    assert lengths == pytest.approx([1, 1, 0, 1, 1, 1])
    assert together[0] == pytest.approx(together[5])


@pytest.mark.parametrize(
    ("lines", "lengths"),
    [
        ([], []),
        (["", " "], []),
        (["one two", "three"], [3]),
        (["word " * 40, "word " * 24, "word"], [64, 1]),
        (["word " * 40, "word " * 25], [40, 25]),
        (["word " * 150], [64, 64, 22]),
        (["word " * 70, "word " * 58], [64, 64]),
    ],
)
def test_passages_are_short_and_hold_all_words(lines: list[str], lengths: list[int]) -> None:
    numbered = iter(range(1000))
    lines = [" ".join(f"{word}{next(numbered)}" for word in line.split()) for line in lines]
    for fields in (lines, ["\n".join(lines)]):
        passages = [passage.split() for passage in split_text(fields)]
        assert [len(passage) for passage in passages] == lengths
        assert [word for passage in passages for word in passage] == "\n".join(lines).split()


def test_a_text_is_read_once(model: Path, tmp_path: Path) -> None:
    read: list[str] = []

    def encode(texts: Sequence[str]) -> np.ndarray:
        read.extend(texts)
        return encoder(model).encode(texts)

    def vectors(documents: list[list[str]], name: str = "model") -> np.ndarray:
        read.clear()
        with CellStore(tmp_path / "cells.db") as store:
            found = PassageVectors(encode, name, store).read(collection(documents), ["basic"])
        return found.vectors

    first = vectors(DOCUMENTS)
    assert len(read) == len(first) == 3
    again = vectors([*DOCUMENTS, ["a dog"], ["a cat with whiskers"]])
    assert read == ["a dog"]
    assert np.array_equal(again[:3], first)
    assert np.array_equal(again[4], first[0])
    vectors(DOCUMENTS, "another model")
    assert len(read) == 3
    assert vectors([[], []]).shape[0] == 0


def test_vectors_of_texts_that_are_gone_are_forgotten(model: Path, tmp_path: Path) -> None:
    file = tmp_path / "cells.db"
    with CellStore(file) as store:
        vectors = PassageVectors(encoder(model).encode, "model", store)
        vectors.read(collection(DOCUMENTS), ["basic"])
        kept = store.vectors("model")
        store.keep_only([], lambda: passage_keys(collection(DOCUMENTS[1:])))
        assert len(store.vectors("model")) == 2 == len(kept) - 1
    (gone,) = set(kept) - passage_keys(collection(DOCUMENTS[1:]))
    assert kept[gone] not in file.read_bytes()
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_unavailable_model_is_reported_with_the_remedy(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ConfigError) as caught:
        encoder("owner/name", tmp_path).load()
    for part in ("'owner/name'", str(tmp_path / "owner--name"), "by hand", "onnx/model.onnx"):
        assert part in str(caught.value)
    with pytest.raises(ConfigError, match=r"folder .*nowhere .*does not exist"):
        encoder(tmp_path / "nowhere").load()
    folder = tmp_path / "broken"
    (folder / "onnx").mkdir(parents=True)
    (folder / "tokenizer.json").write_bytes((model / "tokenizer.json").read_bytes())
    with pytest.raises(ConfigError, match=r"lacks onnx/model\.onnx"):
        encoder(folder).load()
    (folder / "onnx" / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ConfigError, match=r"does not load .*remove `embeddings` from") as caught:
        encoder(folder).load()
    assert "\n" not in str(caught.value)
