"""Metrics of known-item search equal trec_eval's, have intervals, and are always the same."""

import ir_measures
import numpy as np
import pytest
import scipy.stats
from ir_measures import RR, Qrel, ScoredDoc, Success

from scripts.errors import CorpusError
from scripts.experiments.metrics import (
    COMBINED,
    MEAN_RANK,
    MEDIAN_RANK,
    METRICS,
    MRR,
    NOT_FOUND,
    SUCCESS,
    Z_SCORE,
    holm,
    interval,
    measure,
    randomisation_test,
    resamples,
    write_metrics,
)
from scripts.queries.query_file import BY_COVER_TEXT, BY_HASHTAG, HUMAN, Query
from tests.support.small_results import Results

NEVER = np.inf


DOCUMENTS = 100  # in the corpus


def values(ranks):
    """The metrics of one system."""
    ranks = np.array([ranks], float)
    found = measure(ranks, {}, np.ones((1, ranks.shape[1]), int), DOCUMENTS)
    return {metric: value.item() for metric, value in found.items()}


def queries(count, origin=HUMAN):
    return [Query(f"query {n}", str(n + 1), origin=origin) for n in range(count)]


def fill(*systems, origin=HUMAN, results=None):
    """Results of systems, each a list of ranks."""
    results = results or Results()
    asked = sorted(queries(len(systems[0]), origin), key=lambda query: query.key)
    results.add_queries(asked)
    keys = [query.key for query in asked]
    for ranks in systems:
        results.add_system(dict(zip(keys, ranks, strict=True)))
    return results


def written(results, table="metrics"):
    write_metrics(results.db, DOCUMENTS)
    return results.db.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4").fetchall()  # noqa: S608


def test_an_example_worked_by_hand():
    assert values([1, 2, 4, NEVER, 20]) == pytest.approx(
        {
            MRR: (1 + 1 / 2 + 1 / 4 + 0 + 1 / 20) / 5,
            "success@1": 1 / 5,
            "success@5": 3 / 5,
            "success@10": 3 / 5,
            MEAN_RANK: (27 + DOCUMENTS) / 5,  # a target that isn't found counts as last
            MEDIAN_RANK: 4,
            NOT_FOUND: 1 / 5,
        }
    )


def test_without_results_ranks_are_last_and_all_else_is_zero():
    found = values([NEVER, NEVER])
    assert found.pop(MEAN_RANK) == found.pop(MEDIAN_RANK) == DOCUMENTS
    assert found.pop(NOT_FOUND) == 1
    assert set(found.values()) == {0}


@pytest.mark.parametrize("depth", [1, 5, 10])
def test_the_last_rank_that_is_a_success(depth):
    name = f"success@{depth}"
    assert (values([depth])[name], values([depth + 1])[name]) == (1, 0)


def test_metrics_are_those_of_trec_eval():
    """Each rank becomes a ranked list with the target at that place, for ir_measures' trec_eval."""
    rng = np.random.default_rng(7)
    ranks = rng.integers(1, 15, 60).astype(float)
    ranks[rng.random(60) < 0.2] = NEVER
    qrels = [Qrel(str(query), "target", 1) for query in range(60)]
    run = [
        ScoredDoc(str(query), "target" if place == rank else f"other {place}", -float(place))
        for query, rank in enumerate(ranks)
        for place in range(1, 16)
    ]
    measures = {MRR: RR, **{name: Success @ depth for name, depth in SUCCESS.items()}}
    theirs = ir_measures.pytrec_eval.calc_aggregate(measures.values(), qrels, run)
    ours = values(ranks)
    assert {name: ours[name] for name in measures} == pytest.approx(
        {name: theirs[measure] for name, measure in measures.items()}
    )


def test_a_sample_counts_a_query_as_often_as_it_was_drawn():
    rng = np.random.default_rng(3)
    ranks = rng.integers(1, 40, (3, 12)).astype(float)
    ranks[rng.random(ranks.shape) < 0.3] = NEVER
    weights = rng.multinomial(12, np.full(12, 1 / 12), size=20)
    found = measure(ranks, {}, weights, DOCUMENTS)
    for way, counts in enumerate(weights):
        for system, row in enumerate(ranks):
            drawn = np.repeat(row, counts)
            placed = np.where(np.isfinite(drawn), drawn, DOCUMENTS)
            assert found[MRR][system, way] == pytest.approx(np.mean(1 / drawn))
            assert found[MEAN_RANK][system, way] == pytest.approx(np.mean(placed))
            assert found[MEDIAN_RANK][system, way] == np.median(placed)
            assert found[NOT_FOUND][system, way] == pytest.approx(np.isinf(drawn).sum() / 12)


def test_intervals_are_those_of_scipys_bootstrap():
    gains = 1 / np.random.default_rng(5).integers(1, 30, (2, 80))
    ours = np.array(interval(gains @ resamples(80).T / 80)).T
    for row, bounds in zip(gains, ours, strict=True):
        theirs = scipy.stats.bootstrap((row,), np.mean, method="percentile", rng=1)
        assert bounds == pytest.approx(theirs.confidence_interval, abs=0.012)


def test_an_interval_contains_the_true_value_in_95_of_100_worlds():
    """The samples have 60 queries from a world whose mean is known."""
    rng = np.random.default_rng(11)
    world = 1 / rng.geometric(0.4, 100_000)
    samples = rng.choice(world, (400, 60))
    low, high = interval(samples @ resamples(60).T / 60)
    assert 0.91 <= np.mean((low <= world.mean()) & (world.mean() <= high)) <= 0.98


def test_p_is_that_of_scipys_permutation_test_and_exact_where_that_can_be_counted():
    rng = np.random.default_rng(2)
    differences = rng.normal(0.15, 0.5, (4, 40))
    for row, p in zip(differences, randomisation_test(differences), strict=True):
        theirs = scipy.stats.permutation_test(
            (row, np.zeros(40)), lambda x, y: np.mean(x - y), permutation_type="samples", rng=1
        )
        assert p == pytest.approx(theirs.pvalue, abs=0.01)
    # Of the 2⁵ ways to set five equal signs, two are as far from 0.
    assert randomisation_test(np.ones((1, 5))).item() == pytest.approx(2 / 32, abs=0.003)
    assert randomisation_test(np.zeros((1, 5))).item() == 1
    # 0.1 + 0.2 - 0.3 in another order is not 0: equal sums are equal.
    assert randomisation_test(np.array([[0.1, 0.2, -0.3, 0.0]])).item() == 1


def test_holms_correction_worked_by_hand():
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.9, 0.8])) == pytest.approx([1, 1])
    assert holm(np.array([])).tolist() == []


def test_all_of_a_system_is_written():
    rows = written(fill([1, 2, None]))
    assert {(row[1], row[2], row[7]) for row in rows} == {(HUMAN, "", 3)}
    found = {metric: (value, low, high) for _, _, _, metric, value, low, high, _ in rows}
    assert found.keys() == set(METRICS)
    assert found[MRR][0] == 0.5
    assert found[MRR][1:] == (0, 1)
    assert found[MEDIAN_RANK] == (2, 1, DOCUMENTS)
    assert found[NOT_FOUND][0] == pytest.approx(1 / 3)


def test_targets_that_are_not_found_count_as_last():
    rows = written(fill([None, None]))
    assert {row[3]: row[4:7] for row in rows}[MEAN_RANK] == (DOCUMENTS, DOCUMENTS, DOCUMENTS)


def test_a_tag_counts_its_own_queries_only():
    results = Results()
    asked = [
        Query("a", "1", tags=("lyrics", "visual")),
        Query("b", "2", tags=("visual",)),
        Query("c", "3"),
    ]
    results.add_queries(asked)
    results.add_system(dict(zip((query.key for query in asked), [4, 1, 2], strict=True)))
    found = {(row[2], row[3]): (row[4], row[7]) for row in written(results)}
    assert found["lyrics", MRR] == (0.25, 1)
    assert found["visual", MRR] == (0.625, 2)
    assert found["", MRR] == (pytest.approx(0.583333333), 3)


def test_every_system_is_compared_with_the_best():
    ranks = [[2, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1], [9, 9, 9, 9, None, 9, 9, 9]]
    rows = written(fill(*ranks), "comparisons")
    assert [row[2:4] for row in rows] == [("best", 2)] * 3
    assert [row[4] for row in rows] == pytest.approx([-0.0625, 0, -(7 * 8 / 9 + 1) / 8])
    p, corrected = [row[7] for row in rows], [row[8] for row in rows]
    assert p == pytest.approx([1, 1, 2 / 2**8], abs=0.002)
    assert corrected == pytest.approx([1, 1, 4 / 2**8], abs=0.004)
    assert all(low <= difference <= high for *_, difference, low, high, _, _ in rows)


def test_every_system_is_compared_with_the_baseline_too():
    results = fill([1, 1, 1, 1], [2, 2, 2, 2], [4, 4, 4, 4])
    names = [name for (name,) in results.db.execute("SELECT name FROM experiments ORDER BY 1")]
    write_metrics(results.db, DOCUMENTS, names[1])
    query = "SELECT other_id, difference, p FROM comparisons WHERE role = ? ORDER BY experiment_id"
    found = results.db.execute(query, ("baseline",)).fetchall()
    assert [row[:2] for row in found] == [(2, 0.5), (2, 0), (2, -0.25)]
    assert found[1][2] == 1
    assert found[0][2] == found[2][2] == pytest.approx(2 / 2**4, abs=0.01)
    assert [row[0] for row in results.db.execute(query, ("best",))] == [1, 1, 1]
    # One that these queries weren't asked.
    write_metrics(results.db, DOCUMENTS, "nothing")
    assert results.db.execute(query, ("baseline",)).fetchall() == []


def test_a_single_system_and_a_single_query_are_enough():
    results = fill([3])
    assert written(results, "comparisons") == [(1, HUMAN, "best", 1, 0, 0, 0, 1, 1)]
    assert written(results) == written(results), "and it can be done again"


def test_collections_are_kept_apart_and_two_are_combined():
    """The z-scores of two systems are 1 and -1."""
    results = fill([1, 1, 1], [2, 4, 4], origin=HUMAN)
    for origin, systems in ((BY_HASHTAG, [[1, 1], [2, 2]]), (BY_COVER_TEXT, [[9, 9], [5, 5]])):
        asked = queries(2, origin)
        results.add_queries(asked)
        for system, ranks in enumerate(systems, 1):
            results.db.executemany(
                "INSERT INTO ranking_results VALUES (?, ?, ?, NULL, 0, 0, '[]')",
                [(system, query.key, rank) for query, rank in zip(asked, ranks, strict=True)],
            )
    rows = written(results)
    found = {(row[1], row[3], row[0]): (row[4], row[7]) for row in rows}
    assert found[HUMAN, MRR, 1] == (1, 3)
    assert found[BY_HASHTAG, MRR, 1] == (1, 2)
    assert {name for name, *_ in found} == {HUMAN, BY_HASHTAG, BY_COVER_TEXT, COMBINED}
    assert found[COMBINED, Z_SCORE, 1] == (0, 4)  # best at one, worst at the other
    assert found[COMBINED, Z_SCORE, 2] == (0, 4)


def test_collections_that_are_combined_are_resampled_by_themselves():
    """If one is the reverse of the other, the same draws for both would cancel out."""
    results = fill([1, 1, 9, 9], [3, 3, 1, 4], origin=BY_HASHTAG)
    asked = sorted(queries(4, BY_COVER_TEXT), key=lambda query: query.key)
    results.add_queries(asked)
    for system, ranks in enumerate([[3, 3, 1, 4], [1, 1, 9, 9]], 1):
        rows = [(system, query.key, rank) for query, rank in zip(asked, ranks, strict=True)]
        results.db.executemany(
            "INSERT INTO ranking_results VALUES (?, ?, ?, NULL, 0, 0, '[]')", rows
        )
    assert next(row[4:7] for row in written(results) if row[3] == Z_SCORE) == (0, -1, 1)


def test_systems_that_are_all_alike_have_no_z_score():
    results = fill([1, 2], [1, 2], origin=BY_HASHTAG)
    asked = queries(2, BY_COVER_TEXT)
    results.add_queries(asked)
    rows = [(system, query.key) for system in (1, 2) for query in asked]
    results.db.executemany("INSERT INTO ranking_results VALUES (?, ?, 1, 1, 1, 1, '[]')", rows)
    assert {row[1] for row in written(results)} == {BY_HASHTAG, BY_COVER_TEXT}


def test_systems_that_rank_alike_have_the_same_numbers():
    results = fill([2, None, 9], [1, 1, 4], [2, None, 9])
    for table in ("metrics", "comparisons"):
        by_system = {id: [] for id in (1, 2, 3)}
        for id, *row in written(results, table):
            by_system[id].append(row)
        assert by_system[1] == by_system[3] != by_system[2]


def test_results_that_are_not_complete_are_refused():
    results = fill([1, 2], [1, 2])
    results.db.execute("DELETE FROM ranking_results WHERE rowid = 1")
    with pytest.raises(CorpusError, match="in the collection `human`, some systems lack"):
        write_metrics(results.db, DOCUMENTS)


def test_without_queries_there_are_no_metrics():
    assert written(Results()) == []


def test_metrics_are_the_same_every_time():
    rng = np.random.default_rng(1)
    systems = [[int(rank) for rank in rng.integers(1, 50, 30)] for _ in range(5)]
    for table in ("metrics", "comparisons"):
        assert written(fill(*systems), table) == written(fill(*systems), table)
