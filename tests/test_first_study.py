"""The grid of the first study on half of its queries, if that collection is available."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from benchmarks import real_collection
from benchmarks.experiments import read_corpus
from scripts.experiments import corpus as corpora
from scripts.experiments.grid import make_grid
from scripts.experiments.results import write_results
from tests.support.workflow import PROJECT

STUDY = PROJECT.parent / "shared" / "retrieval"
GRID = PROJECT / "experiments" / "first_study.yaml"
BEST = "first-study-4grams basic+comments+cover+speech binary.probabilistic.none"

needs_collection = pytest.mark.skipif(not STUDY.exists(), reason="the collection isn't here")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made, _ = real_collection.build(STUDY, tmp_path_factory.mktemp("study") / "data")
    return made


@needs_collection
def test_its_best_experiment_is_among_the_best(database: Path) -> None:
    output = database.with_name("results.db")
    settings = yaml.safe_load(GRID.read_text("utf-8"))["experiments"] | {
        "queries": [str(STUDY / "queries.json")],
        # Those of its indexes among which the best one stands; all of them take half a minute.
        "sources": ["basic", "basic+comments", "basic+comments+cover+speech"],
        "tokenisation": ["first-study-words", "first-study-4grams", "first-study-6grams"],
    }
    write_results(settings, database, database.parent, output)
    with closing(sqlite3.connect(output)) as db:
        found = db.execute(
            """SELECT name, avg(coalesce(1.0 / rank, 0)) AS mrr, avg(coalesce(rank = 1, 0)),
            avg(coalesce(rank <= 10, 0)) FROM ranking_results JOIN experiments USING (experiment_id)
            GROUP BY name ORDER BY mrr DESC"""
        ).fetchall()
    assert len(found) == 3 * 2 * 3 * 12
    assert found[0][0] == BEST  # as on record
    (mrr, first, in_ten) = next(figures for name, *figures in found if name == BEST)
    # Of its 86 queries: .745, .663, .907. These are 43.
    assert mrr == pytest.approx(0.715, abs=0.001)
    assert (first, in_ten) == (27 / 43, 37 / 43)
    # As it found: counting a term more than once makes it worse.
    reciprocal = {name: figures[0] for name, *figures in found}
    assert reciprocal[BEST] > reciprocal[BEST.replace("binary", "raw")] + 0.05


def test_the_grid_is_that_of_the_study() -> None:
    grid = make_grid(
        yaml.safe_load((PROJECT / "config.yaml").read_text("utf-8"))["experiments"]
        | yaml.safe_load(GRID.read_text("utf-8"))["experiments"]
    )
    assert len(grid.experiments) == 960 and len({one.index for one in grid.experiments}) == 80
    assert {one.tokenisation.removeprefix("first-study-") for one in grid.experiments} == {
        *("words", "4grams", "5grams", "6grams", "7grams")
    }


@needs_collection
def test_the_benchmark_reads_the_same_texts_as_the_database(database: Path) -> None:
    read = corpora.read_corpus(database, ["basic", "comments", "cover", "speech"])
    made = read_corpus(STUDY)
    assert made.ids == read.ids
    for source, texts in read.texts.items():
        # Both treat an empty text like a missing one.
        assert plain(made.texts[source]) == plain(texts), source


def plain(texts: list[list[str]]) -> list[list[str]]:
    return [[field.strip() for field in fields if field.strip()] for fields in texts]
