"""The second pass of the search: a language model sorts the first results again."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import requests
import uvicorn
from ctranslate2 import Generator

from scripts.errors import ConfigError
from scripts.search import Search, open_for_search
from scripts.search.conversion import read_llama
from scripts.search.language_model import LanguageModel
from scripts.search.passages import Snippet
from scripts.search.reranker import Reranker, text_to_read
from scripts.search.settings import read_reranker
from scripts.viewer.__main__ import listen
from scripts.viewer.app import create_app
from tests.support.small_corpus import POSTED_AT, Corpus, info, post_id
from tests.support.small_language_model import WORDS, echoing_model, random_model
from tests.support.workflow import PROJECT

# The first one has the words of the query more often, but beyond what the model reads.
CAT, DOG, SONG = (post_id(number, POSTED_AT) for number in range(7, 10))
POSTS = [
    info(CAT, description="x" * 190 + " knight cat" * 3, comments=[]),
    info(DOG, description="knight cat", comments=[]),
    info(SONG, description="a song", comments=[]),
]


class Known:
    """Fixed likelihoods by words of the texts. It remembers the texts that it was asked about."""

    identity = "known"

    def __init__(self, **likelihoods: float) -> None:
        self.likelihoods_of = likelihoods
        self.asked: list[list[str]] = []

    def likelihoods(self, query: str, texts: Sequence[str]) -> np.ndarray:
        self.asked.append(list(texts))
        return np.array([self.likelihoods_of[text] for text in texts])


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return echoing_model(tmp_path_factory.mktemp("models") / "echoing")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    corpus = Corpus(tmp_path_factory.mktemp("corpus") / "data")
    corpus.add_info("a.json", POSTS)
    corpus.database()
    return corpus


@pytest.fixture
def search(corpus: Corpus) -> Iterator[Search]:
    with closing(open_for_search(corpus.folder / "tiktoks.db")) as db:
        yield Search(db)


def language_model(folder: Path | str, kept: Path) -> LanguageModel:
    return LanguageModel(str(folder), "main", str(kept), threads=1)


def likelihood(tokens: list[int], weights: dict[str, np.ndarray], config: dict) -> np.ndarray:
    """log p of each token except the first, as in the paper on Llama."""

    def norm(values: np.ndarray, name: str) -> np.ndarray:
        scale = np.sqrt((values**2).mean(-1, keepdims=True) + config["rms_norm_eps"])
        return values / scale * weights[f"{name}.weight"]

    def turned(values: np.ndarray) -> np.ndarray:
        half = values.shape[-1] // 2
        angles = np.outer(
            np.arange(len(tokens)), config["rope_theta"] ** (-np.arange(half) / half)
        )[:, None]
        one, other = values[..., :half], values[..., half:]
        return np.concatenate(
            [
                one * np.cos(angles) - other * np.sin(angles),
                other * np.cos(angles) + one * np.sin(angles),
            ],
            -1,
        )

    state = weights["model.embed_tokens.weight"][tokens]
    heads, pairs = config["num_attention_heads"], config["num_key_value_heads"]
    length = len(tokens)
    for number in range(config["num_hidden_layers"]):
        name = f"model.layers.{number}"
        given = norm(state, f"{name}.input_layernorm")
        q, k, v = (given @ weights[f"{name}.self_attn.{part}_proj.weight"].T for part in "qkv")
        q = turned(q.reshape(length, heads, -1))
        k = turned(k.reshape(length, pairs, -1)).repeat(heads // pairs, 1)
        v = v.reshape(length, pairs, -1).repeat(heads // pairs, 1)
        looks = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(q.shape[-1])
        looks = np.where(np.tri(length, dtype=bool), looks, -np.inf)
        looks = np.exp(looks - looks.max(-1, keepdims=True))
        looks /= looks.sum(-1, keepdims=True)
        seen = np.einsum("hij,jhd->ihd", looks, v).reshape(length, -1)
        state = state + seen @ weights[f"{name}.self_attn.o_proj.weight"].T
        given = norm(state, f"{name}.post_attention_layernorm")
        gate = given @ weights[f"{name}.mlp.gate_proj.weight"].T
        up = given @ weights[f"{name}.mlp.up_proj.weight"].T
        state = (
            state + (gate / (1 + np.exp(-gate)) * up) @ weights[f"{name}.mlp.down_proj.weight"].T
        )
    logits = norm(state, "model.norm") @ weights["model.embed_tokens.weight"].T
    logits -= logits.max(-1, keepdims=True)
    logits -= np.log(np.exp(logits).sum(-1, keepdims=True))
    return logits[np.arange(length - 1), tokens[1:]]


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
def test_a_converted_model_says_what_a_llama_would(tmp_path: Path, dtype: str) -> None:
    folder, weights, config = random_model(tmp_path / "random", dtype)
    spec = read_llama(folder)
    spec.optimize(quantization="float32")  # 8 bits are too coarse for so few numbers
    spec.save(str(folder))
    generator = Generator(str(folder), compute_type="float32")
    tokens = [*range(1, len(WORDS), 2), 0, *range(0, len(WORDS), 3)]
    (found,) = generator.score_batch([[WORDS[token] for token in tokens]])
    assert found.log_probs == pytest.approx(likelihood(tokens, weights, config), abs=1e-3)


def test_a_model_finds_words_likely_that_a_text_has(model: Path, tmp_path: Path) -> None:
    asked = language_model(model, tmp_path)
    both, one, none = asked.likelihoods("cat piano", ["cat piano", "dog piano", "dog bread"])
    assert both > one > none
    alone = [asked.likelihoods("cat piano", [text])[0] for text in ("cat piano", "dog piano")]
    assert alone == pytest.approx([both, one])
    assert asked.likelihoods("", ["cat"]).tolist() == [0]


@pytest.mark.parametrize("query", ["cat", "\U0001f63a", "cat " * 500, "\ud800 cat", "\0"])
def test_a_model_reads_any_text(model: Path, tmp_path: Path, query: str) -> None:
    texts = ["", "\U0001f63a", "x " * 50_000, "\ud800", " "]
    found = language_model(model, tmp_path).likelihoods(query, texts)
    assert len(found) == len(texts)
    assert np.isfinite(found).all()


def test_a_model_is_converted_once_and_again_if_it_changes(tmp_path: Path) -> None:
    folder, kept = echoing_model(tmp_path / "echoing"), tmp_path / "models"
    language_model(folder, kept).likelihoods("cat", ["cat"])
    (made,) = kept.iterdir()
    state = made.stat().st_mtime_ns
    language_model(folder, kept).likelihoods("cat", ["cat"])
    assert [path.stat().st_mtime_ns for path in kept.iterdir()] == [state]
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes() + b"\0")
    language_model(folder, kept).likelihoods("cat", ["cat"])
    assert len(list(kept.iterdir())) == 2


@pytest.mark.parametrize("damage", ["cut", "other", "scaled", "text"])
def test_a_model_that_does_not_load_is_named_with_the_remedy(tmp_path: Path, damage: str) -> None:
    folder = echoing_model(tmp_path / "echoing")
    file = folder / ("model.safetensors" if damage == "cut" else "config.json")
    config = json.loads((folder / "config.json").read_text())
    if damage == "other":
        config["model_type"] = "gpt2"
    if damage == "scaled":
        config["rope_scaling"] = {"factor": 2}
    content = {"cut": file.read_bytes()[:-9], "text": b"no JSON"}
    file.write_bytes(content.get(damage, json.dumps(config).encode()))
    with pytest.raises(ConfigError, match=r"search\.model.*does not load.*set it to none"):
        language_model(folder, tmp_path / "models").likelihoods("cat", ["cat"])
    # Nothing is left that a later run could mistake for the model.
    assert not list((tmp_path / "models").iterdir())


def test_scores_are_those_of_both_passes() -> None:
    reranker = Reranker(Known(a=-5, b=-3, c=-4), rerank=3, weight=0.2)
    scores = reranker.scores("cat", [10, 9, 8, 7.9], lambda place: "abcd"[place])
    assert scores == pytest.approx([10, 9 + 10 * 0.2 * 2, 8 + 10 * 0.2 * 1, 7.9])


def test_a_text_is_read_once_for_a_query() -> None:
    known = Known(a=-1, b=-2, c=-3)
    reranker = Reranker(known, rerank=3, weight=0.2)
    for _ in range(2):
        reranker.scores("cat", [3, 3, 3], lambda place: "aba"[place])
    reranker.scores("cat", [3, 3, 3], lambda place: "abc"[place])
    reranker.scores("dog", [3, 3], lambda place: "ab"[place])
    assert known.asked == [["a", "b"], ["c"], ["a", "b"]]


def test_nothing_is_read_if_the_first_is_far_ahead() -> None:
    known = Known(a=-9, b=-1, c=-1)
    reranker = Reranker(known, rerank=3, weight=0.2)
    assert reranker.scores("cat", [10, 2, 1], lambda place: "abc"[place]) == [10, 2, 1]
    assert reranker.scores("cat", [], lambda place: "") == []
    assert known.asked == []
    # Results after these keep their places.
    assert reranker.scores("cat", [10, 9, 1], lambda place: "abc"[place])[2] == 1
    assert known.asked == [["a", "b"]]


def test_a_model_reads_how_texts_begin_and_the_best_passages_of_others() -> None:
    texts = {"description": "d" * 500, "cover": "on\nthe cover", "speech": "s" * 900}
    passages = [
        Snippet("speech", (("…", False), ("one ", False), ("cat", True))),
        Snippet("description", (("not again", False),)),
        Snippet("comments", (("c" * 500, False),)),
    ]
    read = text_to_read(texts, passages)
    assert read.split("\n") == ["d" * 180, "on the cover", "…one cat", "c" * 120]


def test_the_order_is_that_of_both_passes(search: Search, model: Path, tmp_path: Path) -> None:
    reranker = Reranker(language_model(model, tmp_path), rerank=5, weight=2)
    first = search.find("knight cat")
    assert [hit.id for hit in first.hits] == [CAT, DOG]
    closest = search.find("knight cat", reranker=reranker)
    assert [hit.id for hit in closest.hits] == [DOG, CAT]
    assert closest.total == first.total
    assert closest.hits[0].score > closest.hits[1].score
    assert [id for id, _ in search.rank("knight cat", reranker)] == [DOG, CAT]
    # Pages follow each other in the new order, too.
    pages = [
        search.find("knight cat", 1, offset, reranker=reranker).hits[0].id for offset in (0, 1)
    ]
    assert pages == [DOG, CAT]
    nothing = search.find("", reranker=reranker)
    assert nothing.hits == ()


def command(corpus: Corpus, *options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.search", "--data", corpus.folder, *map(str, options)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )


def test_the_command_line_looks_closer(corpus: Corpus, model: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    kept = tmp_path / "models"
    config.write_text(f"search: {{model: {model}, model_folder: {kept}, weight: 2}}\n")
    asked = command(corpus, "--closer", "--config", config, "--json", "knight cat")
    assert [hit["id"] for hit in json.loads(asked.stdout)["hits"]] == [DOG, CAT]
    without = command(corpus, "--closer", "--config", tmp_path / "none.yaml", "knight")
    assert without.returncode == 2
    assert "names no model" in without.stderr


@pytest.mark.parametrize("text", ["search: [", "search: 5", "search: {rerank: many}", "- a\n- b"])
def test_a_configuration_that_cannot_be_read_is_named(tmp_path: Path, text: str) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(text)
    with pytest.raises(ConfigError, match=r"config\.yaml.*Correct"):
        read_reranker(config)


def test_without_a_model_there_is_no_second_pass(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    for text in ("", "search:\n", "search: {model: none}\n", "retry: all\n"):
        config.write_text(text)
        assert read_reranker(config) is None


class Patient:
    """A model that answers when `goes_on` is set. `was_in_time`: whether that happened."""

    identity = "patient"

    def __init__(self) -> None:
        self.is_asked, self.goes_on = threading.Event(), threading.Event()
        self.was_in_time = False

    def likelihoods(self, query: str, texts: Sequence[str]) -> np.ndarray:
        self.is_asked.set()
        self.was_in_time = self.goes_on.wait(120)
        return np.arange(len(texts), dtype=float)


def test_the_viewer_answers_others_while_the_model_reads(corpus: Corpus) -> None:
    model, listener = Patient(), listen(0)
    app = create_app(corpus.folder, Reranker(model, rerank=5, weight=2))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    answers: list[requests.Response] = []

    def look_closer() -> None:
        answers.append(requests.get(f"{address}/api/closer?q=knight+cat", timeout=300))

    threads = [
        threading.Thread(target=server.run, kwargs={"sockets": [listener]}),
        threading.Thread(target=look_closer),
    ]
    for thread in threads:
        thread.start()
    try:
        assert model.is_asked.wait(120)
        found = requests.get(f"{address}/api/search?q=knight", timeout=300).json()
        model.goes_on.set()
        threads[1].join()
    finally:
        model.goes_on.set()
        server.should_exit = True
        threads[0].join()
    assert model.was_in_time
    assert found["total"] == 2
    assert answers[0].json()["ids"] == [DOG, CAT]
