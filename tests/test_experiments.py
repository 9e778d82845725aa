"""The components of the experiments, on small collections with scores worked out by hand."""

import sqlite3
from math import log, log2, sqrt

import ir_measures
import numpy as np
import pytest
import yaml
from ir_measures import AP, RR, nDCG

from scripts.errors import ConfigError
from scripts.experiments.corpus import SOURCES, Corpus
from scripts.experiments.dense import DENSE
from scripts.experiments.expansion import EXPANSIONS, rm3, rocchio
from scripts.experiments.fusion import FUSIONS, reciprocal_rank, score_sum
from scripts.experiments.grid import Experiment, make_grid
from scripts.experiments.indexing import count_terms
from scripts.experiments.ranking import NDCG_DEPTH, TermRanker, rank_relevant
from scripts.experiments.registry import Registry
from scripts.experiments.systems import SYSTEMS
from scripts.experiments.tokenisation import TOKENISATIONS
from scripts.experiments.weighting import COLLECTION_WEIGHTINGS, NORMALISATIONS, TERM_WEIGHTINGS
from tests.support.workflow import PROJECT

CONFIG = yaml.safe_load((PROJECT / "config.yaml").read_text("utf-8"))["experiments"]
FIRST_STUDY = (
    CONFIG
    | yaml.safe_load((PROJECT / "experiments" / "first_study.yaml").read_text())["experiments"]
)

# Lengths 3, 1 and 4; cat is in one of three documents, dog in all.
CATS_AND_DOGS = ["cat cat dog", "dog", "bird dog dog fish"]
QUERY = "dog cat"


def collection(**sources: list[str]) -> Corpus:
    """Documents 1, 2, 3 …, with the text of each in every source."""
    (count,) = {len(texts) for texts in sources.values()}
    ids = [str(number) for number in range(1, count + 1)]
    return Corpus(ids, {name: [[text] for text in texts] for name, texts in sources.items()})


def scores(searched: Corpus, queries: list[str], weighting: str, **changes: object) -> np.ndarray:
    """queries x documents, for words of all sources and `term.collection.normalisation`."""
    values = {"sources": tuple(searched.texts), "tokenisation": "words", "attribution": False}
    experiment = Experiment(
        **(values | changes),
        **dict(
            zip(
                ("term_weighting", "collection_weighting", "normalisation"),
                weighting.split("."),
                strict=True,
            )
        ),
    )
    return TermRanker(count_terms(searched, experiment.tokenisation), queries).scores(experiment)


def terms(tokenisation: str, *fields: str) -> list[object]:
    return TOKENISATIONS[tokenisation]([list(fields)]).term.tolist()


def bm25(tf: float, length: float) -> float:
    """k1 = 1.2, b = 0.75; the mean length is 8/3."""
    return tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / (8 / 3)))


# ---- Weightings ----

OF_TERMS = {
    "binary": (2, 1, 1),
    "raw": (2 + 1, 1, 2),
    "log": (1 + log(2) + 1, 1, 1 + log(2)),
    "sqrt": (sqrt(2) + 1, 1, sqrt(2)),
    "bm25": (bm25(2, 3) + bm25(1, 3), bm25(1, 1), bm25(2, 4)),
    "bm25plus": (bm25(2, 3) + bm25(1, 3) + 2, bm25(1, 1) + 1, bm25(2, 4) + 1),
    # For one field, it is the same, except for the place of the length: tf' / (tf' + k1).
    "bm25f": (bm25(2, 3) + bm25(1, 3), bm25(1, 1), bm25(2, 4)),
}
OF_COLLECTION = {  # of cat, of dog
    "none": (1, 1),
    "idf": (log2(3), 0),
    "probabilistic": (log2(2), log2(0.5 / 3)),
    "robertson": (log(2.5 / 1.5), 1e-6),
    "lucene": (log(1 + 2.5 / 1.5), log(1 + 0.5 / 3.5)),
}
LENGTHS = (sqrt(2), 1, sqrt(3))  # Euclidean, of 1 for each term
OF_DOCUMENTS = {
    "none": (1, 1, 1),
    "cosine": LENGTHS,
    "pivoted": tuple(0.8 * sum(LENGTHS) / 3 + 0.2 * length for length in LENGTHS),
    "pivoted-unique": (0.8 * 2 + 0.2 * 2, 0.8 * 2 + 0.2 * 1, 0.8 * 2 + 0.2 * 3),
    "length": (3, 1, 4),
}


@pytest.mark.parametrize("name", TERM_WEIGHTINGS)
def test_term_weighting_by_hand(name: str) -> None:
    found = scores(collection(basic=CATS_AND_DOGS), [QUERY], f"{name}.none.none")
    assert found[0] == pytest.approx(OF_TERMS[name], rel=1e-6)


@pytest.mark.parametrize("name", COLLECTION_WEIGHTINGS)
def test_collection_weighting_by_hand(name: str) -> None:
    cat, dog = OF_COLLECTION[name]
    found = scores(collection(basic=CATS_AND_DOGS), [QUERY], f"binary.{name}.none")
    assert found[0] == pytest.approx((cat + dog, dog, dog), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", NORMALISATIONS)
def test_normalisation_by_hand(name: str) -> None:
    found = scores(collection(basic=CATS_AND_DOGS), [QUERY], f"binary.none.{name}")
    expected = [2 / OF_DOCUMENTS[name][0], 1 / OF_DOCUMENTS[name][1], 1 / OF_DOCUMENTS[name][2]]
    assert found[0] == pytest.approx(expected, rel=1e-6)


def test_cosine_is_of_all_terms_with_their_weights() -> None:
    searched = collection(basic=["cat cat dog", "dog", "bird"])
    found = scores(searched, ["cat"], "raw.idf.cosine")
    cat, dog = 2 * log2(3), log2(3 / 2)
    assert found[0] == pytest.approx((cat / sqrt(cat**2 + dog**2), 0, 0), rel=1e-6)


def test_bm25f_counts_lengths_within_each_source() -> None:
    searched = collection(basic=["cat", "dog dog dog"], comments=["cat bird", "bird bird"])
    found = scores(searched, ["cat"], "bm25f.none.none")
    tf = 1 / (0.25 + 0.75 * 1 / 2) + 1 / (0.25 + 0.75 * 2 / 2)
    assert found[0] == pytest.approx((tf * 2.2 / (tf + 1.2), 0), rel=1e-6)


def test_bm25_is_that_of_fts5() -> None:
    """FTS5 is an independent implementation. The documents have more words than the others here."""
    generator = np.random.default_rng(7)
    words = [f"w{number}" for number in range(60)]
    weights = 1 / np.arange(1, 61)
    texts = [
        " ".join(generator.choice(words, generator.integers(1, 40), p=weights / weights.sum()))
        for _ in range(80)
    ]
    queries = [" ".join(generator.choice(words, 3, replace=False)) for _ in range(20)]
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE documents USING fts5 (text)")
    db.executemany("INSERT INTO documents VALUES (?)", [(text,) for text in texts])
    found = scores(collection(basic=texts), queries, "bm25.robertson.none")
    for query, row in zip(queries, found, strict=True):
        match = query.replace(" ", " OR ")
        expected = np.zeros(len(texts))
        ranked = "SELECT rowid, -bm25(documents) FROM documents WHERE documents MATCH ?"
        for number, score in db.execute(ranked, (match,)):
            expected[number - 1] = score
        assert row == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_a_document_without_text_is_not_found() -> None:
    for normalisation in NORMALISATIONS:
        found = scores(collection(basic=["", "cat"]), ["cat"], f"bm25.lucene.{normalisation}")
        assert found[0][0] == 0
        assert found[0][1] > 0


# ---- Sources and attribution ----


def test_sources_are_added_up() -> None:
    apart = collection(basic=["cat", "dog"], comments=["cat dog", "bird"])
    joined = collection(basic=["cat cat dog", "dog bird"])
    for weighting in ("raw.idf.cosine", "bm25.lucene.none", "log.probabilistic.pivoted"):
        assert np.array_equal(
            scores(apart, [QUERY], weighting), scores(joined, [QUERY], weighting)
        ), weighting


def test_attribution_tells_a_term_in_one_source_from_that_in_another() -> None:
    searched = collection(basic=["cat", "dog"], comments=["cat dog", "cat bird"])
    found = scores(searched, [QUERY], "raw.idf.cosine", attribution=True)
    # basic: cat 1 of 2, dog 1 of 2. comments: cat 2 of 2, dog 1 of 2, bird 1 of 2.
    assert found[0] == pytest.approx((2 / sqrt(2), 1 / sqrt(2)), rel=1e-6)
    without = scores(searched, [QUERY], "raw.none.none")
    assert without[0] == pytest.approx((3, 2))
    assert np.array_equal(scores(searched, [QUERY], "raw.none.none", attribution=True), without)


def test_withheld_text_finds_nothing() -> None:
    searched = collection(basic=["cat #cat", "dog"], cover=["bird", "bird"])
    without_cover, without_hashtags = searched.without({"cover"}), searched.without({"hashtags"})
    assert without_cover.texts == {"basic": [["cat #cat"], ["dog"]], "cover": [[""], [""]]}
    assert without_hashtags.texts["basic"] == [["cat "], ["dog"]]
    assert without_cover.digests["basic"] == searched.digests["basic"]
    assert without_hashtags.digests["basic"] != searched.digests["basic"]


# ---- Tokenisation ----


def test_words_are_runs_of_letters_and_digits() -> None:
    found = terms("words", "Don't stop—me/now #This_is @Me.now", "😂é")
    assert found == ["dont", "stop", "me", "now", "this", "is", "me", "now", "joy", "e"]


def test_stems_are_porter_stems_of_letters_and_digits() -> None:
    assert terms("stems", "Kittens don't run.Running", "#ponies") == [
        "kitten",
        "dont",
        "run",
        "run",
        "poni",
    ]


def test_ngrams_go_across_words_and_not_across_fields_or_documents() -> None:
    found = TOKENISATIONS["3grams"]([["Ab  c!", "ab"], ["", "b c"]])
    assert found.document.tolist() == [0, 0, 1]
    first, second, third = found.term.tolist()
    assert second == third != first  # "ab ", "b c"


def test_the_first_study_prepared_its_text_differently() -> None:
    found = TOKENISATIONS["first-study-words"]
    text = "@Ann's #Cat\u2014dog/bird well-known x--y Αβ 😅 né. C++"
    assert found([[text]]).term.tolist() == [
        *("@anns", "#cat", "dog", "bird", "wellknown", "x", "y"),
        *("alphabeta", "sweatsmile", "ne", "c"),
    ]
    # Across words, with the signs: "@a b" and " b c" of 4 characters each, then none across fields.
    assert len(TOKENISATIONS["first-study-4grams"]([["@a/b  c", "d e"]]).term) == 3


def test_ngrams_in_words_have_ends_and_short_words_are_kept() -> None:
    assert len(terms("4grams-in-words", "cat")) == 2  # _cat, cat_
    assert len(terms("4grams-in-words", "a bc cat")) == 1 + 1 + 2
    assert terms("4grams-in-words", "a cat") != terms("4grams-in-words", "b cat")
    assert len(set(terms("7grams-in-words", "a bc cat"))) == 3


@pytest.mark.parametrize("name", TOKENISATIONS)
def test_every_tokenisation_finds_a_text_by_itself(name: str) -> None:
    texts = ["the quick brown fox", "", "jumps över lazy dogs 日本語", "#fyp @someone_else"]
    found = scores(collection(basic=texts), texts, "binary.none.none", tokenisation=name)
    assert found.argmax(axis=1).tolist() == [0, 0, 2, 3]
    assert not found[1].any()


# ---- Ranking ----


def test_equal_scores_rank_in_order_of_id_and_0_is_not_found() -> None:
    matrix = np.array([[1, 2, 2, 0], [0, -1, 0, -2], [0, 0, 0, 0]], np.float32)
    found = rank_relevant(matrix, [{2: 1}, {3: 1}, {0: 1}])
    assert [ranking.rank for ranking in found] == [2, 2, None]
    assert [ranking.top for ranking in found] == [(1, 2, 0), (1, 3), ()]
    assert [ranking.score for ranking in found] == [2, -2, 0]
    assert [ranking.average_precision for ranking in found] == [1 / 2, 1 / 2, 0]
    assert [ranking.ndcg for ranking in found] == pytest.approx([1 / np.log2(3)] * 2 + [0])


def test_graded_judgements_are_measured_as_by_trec_eval() -> None:
    generator = np.random.default_rng(4)
    # No two scores are equal, because trec_eval breaks ties in its own way; some are not found.
    matrix = generator.permuted(np.tile(np.arange(-20, 40), (30, 1)), axis=1).astype(np.float32)
    matrix[matrix > 30] = 0
    judged = [
        {int(number): int(generator.integers(1, 4)) for number in generator.choice(60, size, False)}
        for size in generator.integers(1, 15, len(matrix))
    ]
    qrels = {
        str(query): {str(number): grade for number, grade in grades.items()}
        for query, grades in enumerate(judged)
    }
    run = {
        # Like our order, with negative scores behind.
        str(query): {
            str(number): float(score) for number, score in enumerate(row.tolist()) if score != 0
        }
        for query, row in enumerate(matrix)
    }
    theirs = {
        (metric.query_id, str(metric.measure)): metric.value
        for metric in ir_measures.iter_calc([RR, AP, nDCG @ NDCG_DEPTH], qrels, run)
    }
    for query, found in enumerate(rank_relevant(matrix, judged)):
        of_query = {name: value for (number, name), value in theirs.items() if number == str(query)}
        assert of_query == pytest.approx(
            {"RR": 1 / (found.rank or np.inf), "AP": found.average_precision, "nDCG@10": found.ndcg}
        )


def test_top_agrees_with_sorting() -> None:
    generator = np.random.default_rng(3)
    matrix = generator.integers(-2, 6, (50, 40)).astype(np.float32)
    for row, ranking in zip(matrix, rank_relevant(matrix, [{0: 1}] * 50), strict=True):
        found = [number for number in np.argsort(-row, kind="stable") if row[number] != 0]
        assert list(ranking.top) == found[:10]


# ---- Expansion, fusion, vectors ----


def test_expansion_adds_terms_of_the_best_documents() -> None:
    texts = ["cat whiskers", "cat whiskers purr", "dog bone", "whiskers"]
    for expansion in EXPANSIONS:
        found = scores(collection(basic=texts), ["cat"], "raw.none.none", expansion=expansion)
        assert found[0][3] > 0 == found[0][2], expansion
        assert found[0][3] < found[0][0], expansion


def test_expansions_by_hand() -> None:
    counts = count_terms(collection(basic=["cat whiskers", "dog"]), "words")
    first = np.array([[2.0, 0.0]], np.float32)
    queries, block = counts.queries(["cat"]), counts.matrix(["basic"])
    half = rm3(queries, first, block).toarray()[0]
    assert half == pytest.approx((0.5 + 0.5 * 0.5, 0.5 * 0.5, 0))
    added = rocchio(queries, first, block).toarray()[0]
    assert added == pytest.approx((1 + 0.75 / sqrt(2), 0.75 / sqrt(2), 0))


def test_fusions_by_hand() -> None:
    parts = [np.array([[4.0, 2.0, 0.0]]), np.array([[0.0, 5.0, 1.0]])]
    assert reciprocal_rank(parts)[0] == pytest.approx((1 / 61, 1 / 62 + 1 / 61, 1 / 62))
    assert score_sum(parts)[0] == pytest.approx((1, 0.5 + 1, 0.2))


def test_lsi_finds_documents_that_share_no_word_with_the_query() -> None:
    texts = ["cat whiskers", "whiskers purr", "dog bone", "bone bark"]
    found = scores(collection(basic=texts), ["cat"], "raw.none.none", dense="lsi")
    assert found.shape == (1, 4)
    assert found[0][1] > found[0][2]
    assert np.array_equal(
        found, scores(collection(basic=texts), ["cat"], "raw.none.none", dense="lsi")
    )


# ---- The grid ----


def changed(**settings: object) -> dict[str, object]:
    return CONFIG | {"fusion": []} | settings


@pytest.mark.parametrize(
    ("settings", "explanation"),
    [
        (
            {"term_weighting": ["bm52"]},
            "no term weighting `bm52`. Did you mean `bm25`? Choose from",
        ),
        ({"tokenisation": ["8grams"]}, "no tokenisation `8grams`"),
        ({"collection_weighting": ["tf"]}, "Choose from: none, idf, probabilistic, robertson"),
        ({"sources": ["basic+sound"]}, "no source `sound` in `basic+sound`"),
        ({"sources": ["basic+basic"]}, "a source occurs twice"),
        ({"baseline": "words basic"}, "the grid has no such experiment. One that it has is"),
        ({"systems": ["google"]}, "Choose from: search"),
        ({"fusion": [{"name": "f", "method": "sum", "parts": ["*"]}]}, "no fusion `sum`"),
        ({"fusion": [{"name": "f", "method": "score-sum", "parts": ["x*"]}]}, "a part `x*`"),
    ],
)
def test_a_wrong_grid_is_explained(settings: dict[str, object], explanation: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_grid(changed(**settings))
    assert explanation in str(caught.value)


def test_the_grid_is_every_combination_once() -> None:
    grid = make_grid(
        changed(
            sources=["comments+basic"],
            tokenisation=["words", "4grams"],
            attribution=[False, True],
            term_weighting=["bm25"],
            normalisation=["none", "cosine"],
            dense=["none", "lsi"],
            fusion=[{"name": "all words", "method": "score-sum", "parts": ["words *none"]}],
        )
    )
    names = [experiment.name for experiment in grid.experiments]
    # 8 of terms; of vectors, which have no normalisation, 4.
    assert len(names) == len(set(names)) == 12
    assert "4grams basic+comments by field bm25.lucene.cosine" in names
    assert [part.name for part in grid.fusions[0].experiments] == [
        "words basic+comments bm25.lucene.none",
        "words basic+comments by field bm25.lucene.none",
    ]


def test_the_first_study_has_80_indexes_with_12_weightings() -> None:
    grid = make_grid(FIRST_STUDY)
    assert len(grid.experiments) == 960
    assert len({experiment.index for experiment in grid.experiments}) == 80
    assert not grid.fusions
    assert not grid.systems


@pytest.mark.parametrize(
    ("setting", "registry"),
    [
        ("sources", SOURCES),
        ("term_weighting", TERM_WEIGHTINGS),
        ("collection_weighting", COLLECTION_WEIGHTINGS),
        ("normalisation", NORMALISATIONS),
        ("expansion", EXPANSIONS),
        ("dense", DENSE),
        ("fusion", FUSIONS),
        ("systems", SYSTEMS),
    ],
)
def test_every_component_is_in_the_documentation(setting: str, registry: Registry) -> None:
    page = (PROJECT / "docs" / "experiments.md").read_text("utf-8")
    schema = (PROJECT / "docs" / "configuration.md").read_text("utf-8")
    (line,) = (row for row in schema.splitlines() if row.startswith(f"| `experiments.{setting}`"))
    for name in registry:
        assert f"`{name}`" in page, name
        assert f"`{name}`" in line, name
