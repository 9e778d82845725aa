"""`snakemake data/results.db` runs only the missing part of the grid."""

import copy
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from scripts.experiments.cells import Cell, CellStore
from scripts.queries.query_file import Query, write_queries
from tests.support.small_corpus import comment, info, post_id
from tests.support.small_encoder import make_encoder
from tests.support.workflow import Workflow

CAT, DOG, BIRD = (post_id(number) for number in (1, 2, 3))
TEXTS = {
    CAT: ("A cat with whiskers #cat", "purr purr"),
    DOG: ("A dog with a bone", "what a cat this dog would be"),
    BIRD: ("A bird on a wire #birb", "lovely bird"),
}
GRID = {
    "queries": ["data/queries.json"],
    "sources": ["basic", "basic+comments"],
    "tokenisation": ["words", "4grams"],
    "attribution": [False],
    "term_weighting": ["binary"],
    "collection_weighting": ["idf"],
    "normalisation": ["none"],
    "expansion": ["none"],
    "dense": ["none"],
    "fusion": [{"name": "both", "method": "score-sum", "parts": ["* basic binary.*"]}],
    "systems": ["search"],
}
PARTS = 2 * 2 + 2


class Experiments(Workflow):
    """A corpus of three TikToks with dead links, and with queries."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.config["experiments"] = copy.deepcopy(GRID)
        self.add(
            [
                info(id, description=description, comments=[comment(text)])
                for id, (description, text) in TEXTS.items()
            ]
        )
        self.ask(Query("cat", CAT), Query("purr whiskers", CAT), Query("bird", BIRD))

    def ask(self, *queries: Query, name: str = "queries.json") -> None:
        write_queries(self.data / name, list(queries))

    def results(self, *arguments: str) -> tuple[int, int]:
        """How many results the run computed, and how many already existed."""
        output = self.run("data/results.db", *arguments)
        (line,) = [line for line in output.splitlines() if " computed; there before: " in line]
        computed, *_, there = line.rstrip(".").split()
        return int(computed), int(there)

    def rows(self, query: str) -> list[Any]:
        with closing(sqlite3.connect(self.data / "results.db")) as db:
            return db.execute(query).fetchall()


@pytest.fixture
def experiments(tmp_path: Path) -> Experiments:
    return Experiments(tmp_path / "corpus")


def test_only_missing_results_are_computed_again(experiments: Experiments) -> None:
    assert experiments.results() == (3 * PARTS, 0)
    first = (experiments.data / "results.db").read_bytes()
    ranks = "SELECT name, text, rank, top FROM experiments JOIN ranking_results USING "
    ranks += "(experiment_id) JOIN queries USING (query_key) WHERE text = 'cat' AND name LIKE "
    assert experiments.rows(f"{ranks} 'words basic %'") == [
        ("words basic binary.idf.none", "cat", 1, json.dumps([CAT]))
    ]
    assert experiments.rows(f"{ranks} 'words basic+comments %'")[0][2:] == (
        1,
        json.dumps([CAT, DOG]),
    )
    assert experiments.rows(f"{ranks} 'both'")[0][2] == 1
    assert experiments.rows(f"{ranks} 'search'")[0][2] == 1
    assert experiments.rows("SELECT parts FROM experiments WHERE name = 'both'") == [
        (json.dumps([f"{tokens} basic binary.idf.none" for tokens in ("words", "4grams")]),)
    ]
    assert experiments.rows("SELECT value FROM metrics WHERE metric = 'MRR' AND value > 0.9")
    assert "indexes" in json.loads((experiments.data / "experiments/timings.json").read_text())

    # Nothing changed, though it is run again: the same bytes.
    assert experiments.results("--forcerun", "run_experiments") == (0, 3 * PARTS)
    assert (experiments.data / "results.db").read_bytes() == first
    # A new query: only this query.
    known = (Query("cat", CAT), Query("purr whiskers", CAT), Query("bird", BIRD))
    experiments.ask(*known, Query("bone", DOG))
    assert experiments.results() == (PARTS, 3 * PARTS)
    # A new weighting: only this weighting, for all queries.
    experiments.config["experiments"]["term_weighting"] = ["binary", "bm25"]
    assert experiments.results() == (4 * 4, 4 * PARTS)
    # Earlier results come in the order of the new grid, and equal those of a single run.
    grown = (experiments.data / "results.db").read_bytes()
    (experiments.data / "experiments" / "cells.db").unlink()
    assert experiments.results("--forcerun", "run_experiments") == (4 * (PARTS + 4), 0)
    assert (experiments.data / "results.db").read_bytes() == grown
    # A new comment changes the systems that search comments, and the search.
    records = [
        info(id, description=description, comments=[comment(text), comment("tweet")])
        for id, (description, text) in TEXTS.items()
    ]
    experiments.add(records)
    assert experiments.results() == (4 * (4 + 1), 4 * (4 + 1))


def test_without_queries_the_error_says_how_to_get_some(experiments: Experiments) -> None:
    (experiments.data / "queries.json").unlink()
    output = experiments.run("data/results.db", "data/trec/runs", succeeds=False)
    assert "There are no queries to experiment with (data/queries.json): write some" in output
    assert "There are no queries to export, because data/queries.json doesn't exist" in output


def test_a_wrong_grid_is_refused_before_anything_starts(experiments: Experiments) -> None:
    experiments.config["experiments"]["normalisation"] = ["cosin"]
    output = experiments.run("data/results.db", succeeds=False)
    assert "Nothing was started. There is no normalisation `cosin`. Did you mean" in output
    assert not (experiments.data / "tiktoks.db").exists()


def test_collections_are_separate_and_withheld_text_finds_nothing(
    experiments: Experiments,
) -> None:
    experiments.config["experiments"]["queries"].append("data/generated.json")
    generated = [
        Query("cat", CAT, origin="hashtag", withheld="hashtags"),
        Query("birb", BIRD, origin="hashtag", withheld="hashtags"),
    ]
    experiments.ask(*generated, name="generated.json")
    output = experiments.run("data/results.db", "data/trec/runs")
    runs = sorted(file.name for file in (experiments.data / "trec" / "runs").glob("*.run"))
    assert len(runs) == PARTS and {"search.run", "both.run"} < set(runs)
    assert len((experiments.data / "trec" / "topics.tsv").read_text().splitlines()) == 3
    assert f"{3 * PARTS} results computed" in output
    assert f"{2 * (PARTS - 1)} results computed" in output  # the search sees the whole texts
    found = "SELECT collection, text, rank FROM queries JOIN ranking_results USING (query_key) "
    found += "JOIN experiments USING (experiment_id) WHERE name = 'words basic binary.idf.none'"
    assert sorted(experiments.rows(found), key=str) == [
        ("hashtag", "birb", None),
        ("hashtag", "cat", 1),
        ("human", "bird", 1),
        ("human", "cat", 1),
        ("human", "purr whiskers", 1),
    ]
    both = experiments.config["experiments"]["queries"]
    for files in (both[:1], both):
        experiments.config["experiments"]["queries"] = files
        output = experiments.run("data/results.db")
        computed = re.findall(r"([\d,]+) results? computed", output)
        assert computed and set(computed) == {"0"}, "what was asked before is still known"


def test_a_removed_tiktok_is_in_no_result_and_no_cell(experiments: Experiments) -> None:
    experiments.results()
    kept = [experiments.data / "results.db", experiments.data / "experiments" / "cells.db"]
    assert all(DOG.encode() in file.read_bytes() for file in kept)
    (experiments.data / "removed.txt").write_text(DOG)
    experiments.run("data/tiktoks.db")
    assert not any(file.exists() and DOG.encode() in file.read_bytes() for file in kept)
    experiments.ask(Query("cat", CAT), Query("bone", DOG))
    output = experiments.run("data/results.db")
    assert f"Left out, because these TikToks are not in data/tiktoks.db: {DOG}." in output
    assert not any(DOG.encode() in file.read_bytes() for file in kept)


def test_a_damaged_store_of_cells_is_computed_again(tmp_path: Path) -> None:
    file = tmp_path / "cells.db"
    file.write_bytes(b"no database" * 100)
    with CellStore(file) as store:
        assert store.ranks("anything") == {}


def test_cells_of_another_version_are_computed_again(tmp_path: Path) -> None:
    file = tmp_path / "cells.db"
    with closing(sqlite3.connect(file)) as db:
        db.executescript("PRAGMA user_version = 1; CREATE TABLE cells (experiment, query, rank);")
    for cells in ({}, {"q": 3}):  # empty at first, and kept from then on
        with CellStore(file) as store:
            assert store.ranks("x") == cells
            with store.transaction():
                store.add("x", [], {"q": Cell(3, 1.0, 1 / 3, 0.5, "[]")})


def test_a_language_model_ranks_by_meaning(experiments: Experiments, tmp_path: Path) -> None:
    model = make_encoder(tmp_path / "model")
    experiments.config["experiments"] |= {
        "dense": ["none", "embeddings"],
        "encoder": {"model": str(model), "revision": "main", "model_folder": "nowhere"},
        "fusion": [{"name": "all", "method": "score-sum", "parts": ["* basic *"]}],
    }
    experiments.ask(Query("kitten", CAT), Query("puppy", DOG))
    assert experiments.results() == (2 * (2 * 2 + 2 + 2), 0)
    ranks = "SELECT text, rank FROM experiments JOIN ranking_results USING (experiment_id) "
    ranks += "JOIN queries USING (query_key) WHERE name = '{}' ORDER BY 1"
    assert experiments.rows(ranks.format("words basic binary.idf.none")) == [
        ("kitten", None),
        ("puppy", None),
    ]
    for name in ("passages basic embeddings", "passages basic+comments embeddings", "all"):
        assert experiments.rows(ranks.format(name)) == [("kitten", 1), ("puppy", 1)]
    assert experiments.rows(
        "SELECT sources, postings FROM indexes WHERE tokenisation = 'passages' ORDER BY 1"
    ) == [("basic", 3), ("basic+comments", 6)]
